"""The brokers' configurations as they are installed: who may what, by certificate, and how much waits for the collector."""
import signal
import subprocess

import pytest
from broker import SecureBroker
from processes import Program, free_port, wait_until

MINE, THEIRS = "anlan/v1/tj-a/tj-a-1", "anlan/v1/tj-b/tj-b-1"


class Listener:
    """mosquitto_sub, once it is subscribed."""

    def __init__(self, arguments, topic, log):
        self.program = Program(["stdbuf", "-oL", "mosquitto_sub", *arguments, "-d", "-q", "1", "-t", topic, "-F", "got %t %p"], log)
        self.program.wait_for_line("^Subscribed")

    def heard(self):
        return [line.removeprefix("got ") for line in self.program.text().splitlines() if line.startswith("got ")]

    def wait_for(self, line):
        wait_until(lambda: line in self.heard(), 10, f"'{line}' to be heard")


def publish(arguments, topic, text):
    """What mosquitto_pub says of it."""
    done = subprocess.run(["mosquitto_pub", *arguments, "-q", "1", "-t", topic, "-m", text], capture_output=True, text=True, timeout=15)
    return done.stdout + done.stderr


@pytest.fixture
def centre(tmp_path):
    with SecureBroker(tmp_path / "broker") as running:
        yield running


@pytest.fixture
def listen(tmp_path):
    running = []

    def listen(arguments, topic):
        running.append(Listener(arguments, topic, tmp_path / f"listener-{len(running)}.log"))
        return running[-1]

    yield listen
    for listener in running:
        listener.program.kill()


def test_an_edges_certificate_publishes_to_its_own_topics_only(centre, listen):
    observer = listen(centre.client("observer"), "anlan/#")
    edge = centre.client("tj-a-1")
    for topic in (f"{THEIRS}/up/urgent", f"{THEIRS}/state", f"{MINE}/down/receipt", f"{MINE}/down/command", "anlan/v1/collector/state", "anlan/v1/tj-a/tj-a-2/up/live"):
        assert "Not authorized" in publish(edge, topic, "forged"), topic
    for topic in (f"{MINE}/up/urgent", f"{MINE}/up/backlog", f"{MINE}/state"):
        assert publish(edge, topic, "own") == ""
        observer.wait_for(f"{topic} own")
    assert not [line for line in observer.heard() if "forged" in line]


def test_an_edges_certificate_hears_its_own_orders_and_the_collector_only(centre, listen):
    edge, other = listen(centre.client("tj-a-1"), "anlan/#"), listen(centre.client("tj-b-1"), "anlan/#")
    collector = centre.client("collector")
    assert publish(centre.client("tj-b-1"), f"{THEIRS}/up/live", "samples") == ""
    assert publish(collector, f"{THEIRS}/down/receipt", "theirs") == ""
    assert publish(collector, f"{MINE}/down/receipt", "mine") == ""
    assert publish(collector, f"{THEIRS}/down/command", "order") == ""
    assert publish(collector, "anlan/v1/collector/state", "here") == ""
    edge.wait_for("anlan/v1/collector/state here")
    other.wait_for("anlan/v1/collector/state here")
    assert edge.heard() == [f"{MINE}/down/receipt mine", "anlan/v1/collector/state here"]
    assert other.heard() == [f"{THEIRS}/down/receipt theirs", f"{THEIRS}/down/command order", "anlan/v1/collector/state here"]


def test_the_collectors_certificate_cannot_speak_for_an_edge(centre, listen):
    observer = listen(centre.client("observer"), "anlan/#")
    assert "Not authorized" in publish(centre.client("collector"), f"{MINE}/up/urgent", "forged")
    assert publish(centre.client("collector"), f"{MINE}/down/receipt", "own") == ""
    observer.wait_for(f"{MINE}/down/receipt own")
    assert len(observer.heard()) == 1


def test_nobody_comes_in_without_a_certificate_of_our_authority(centre, tmp_path):
    ca, _, _ = centre.files("tj-a-1")
    address = ["-h", "127.0.0.1", "-p", str(centre.port), "-V", "mqttv5", "--cafile", str(ca)]
    assert publish(address, f"{MINE}/state", "x") != ""
    foreign = SecureBroker(tmp_path / "foreign").files("tj-a-1")
    assert publish([*address, "--cert", str(foreign[1]), "--key", str(foreign[2])], f"{MINE}/state", "x") != ""
    assert publish(centre.client("tj-a-1"), f"{MINE}/state", "x") == ""


@pytest.mark.parametrize("version, accepted", [("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)])
def test_it_speaks_tls_1_2_and_later(centre, version, accepted):
    ca, certificate, key = centre.files("tj-a-1")
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{centre.port}", version, "-cipher", "DEFAULT:@SECLEVEL=0", "-CAfile", ca,
                           "-cert", certificate, "-key", key, "-verify_return_error"], input="", capture_output=True, text=True, timeout=15)
    assert ("Verify return code: 0 (ok)" in done.stdout and "Cipher is (NONE)" not in done.stdout) == accepted, done.stdout + done.stderr


def test_more_waits_for_a_slow_collector_than_mosquitto_holds_by_default(centre, listen):
    """At its defaults it answers for all and delivers 1,000 (PROTOCOL.md rule 14)."""
    collector = listen(centre.client("collector"), f"{MINE}/up/#")
    collector.program.signal(signal.SIGSTOP)
    sent = [f"frame-{n}" for n in range(2500)]
    subprocess.run(["mosquitto_pub", *centre.client("tj-a-1"), "-q", "1", "-t", f"{MINE}/up/backlog", "-l"], input="\n".join(sent) + "\n",
                   text=True, check=True, timeout=60)
    collector.program.signal(signal.SIGCONT)
    wait_until(lambda: len(collector.heard()) >= len(sent), 30, "everything to be delivered")
    assert collector.heard() == [f"{MINE}/up/backlog {frame}" for frame in sent]


@pytest.mark.parametrize("name", ["centre.conf", "site.conf"])
def test_no_short_message_waits_for_an_acknowledgement(source, name):
    """Nagle's algorithm and a delayed acknowledgement hold an alert back for 40 ms, behind the broker's own PUBACK of a receipt."""
    assert "set_tcp_nodelay true" in (source / "packaging" / "mosquitto" / name).read_text().splitlines()


class SiteBroker(SecureBroker):
    """packaging/mosquitto/site.conf with its two ports."""

    def __init__(self, folder, source):
        super().__init__(folder)
        configuration = source / "packaging" / "mosquitto"
        self.local_port = free_port()
        text = (configuration / "site.conf").read_text()
        for old, new in (("/etc/mosquitto/anlan", str(self.certificates)), ("listener 8883", f"listener {self.port} 127.0.0.1"),
                         ("listener 1883 ", f"listener {self.local_port} ")):
            assert old in text
            text = text.replace(old, new)
        for acl in ("site.acl", "site-local.acl"):
            (self.certificates / acl).write_text((configuration / acl).read_text())
        head = self.config.read_text().rpartition("log_dest")[2]
        self.config.write_text(f"{text}log_dest{head}")


def test_on_a_site_a_sensor_writes_below_its_own_name_and_the_edge_hears_it(tmp_path, source, listen):
    with SiteBroker(tmp_path / "broker", source) as site:
        edge = listen(["-h", "127.0.0.1", "-p", str(site.local_port), "-V", "mqttv5"], "site/#")
        sensor = site.client("dust-1")
        assert "Not authorized" in publish(sensor, "site/crane-1", "forged")
        assert publish(sensor, "site/dust-1", "42") == ""
        assert publish(sensor, "site/dust-1/pm25", "42") == ""
        edge.wait_for("site/dust-1/pm25 42")
        assert edge.heard() == ["site/dust-1 42", "site/dust-1/pm25 42"]
        ca, _, _ = site.files("dust-1")
        assert publish(["-h", "127.0.0.1", "-p", str(site.port), "--cafile", str(ca)], "site/dust-1", "1") != ""
