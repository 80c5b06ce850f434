"""What both daemons really serve at /metrics: all that docs/reference/metrics.md says and nothing else, by Prometheus' own
rules, with numbers that agree, and no secret in it, in the logs or in any answer."""
import os
import re
import shutil
import subprocess
import urllib.request

import pytest
from stand import Broker, Collector, Edge, Plant, free_port, wait_until
from test_daemons import tank
from test_kills import scenario

SIREN = """
[[endpoint]]
name = "alarm-line"
listen = "127.0.0.1:0"
[[device]]
name = "siren"
endpoint = "alarm-line"
unit = 9
  [[device.point]]
  name = "sound"
  table = "coils"
  address = 0
  type = "boolean"
  value = 0
  writable = true
"""

BROKER_SECRETS = {"edge": "cRane-4711-edge-pw", "collector": "cRane-4712-centre-pw"}
WEBHOOK_SECRET = "hook-9f3b2c-signing-key"
SECRETS = [*BROKER_SECRETS.values(), WEBHOOK_SECRET]


def secret_file(folder, name, text):
    file = folder / name
    file.write_text(text + "\n")
    file.chmod(0o600)
    return file


def broker_passwords(folder):
    file = folder / "passwords"
    for number, (user, password) in enumerate(BROKER_SECRETS.items()):
        subprocess.run(["mosquitto_passwd", "-b", *(["-c"] if number == 0 else []), file, user, password], check=True)
    file.chmod(0o644)
    return file


def with_user(program, table, user, folder):
    """The daemon's configuration with a user and a password of the broker."""
    password = secret_file(folder, f"{user}.password", BROKER_SECRETS[user])
    text = program.config.read_text()
    program.config.write_text(text.replace(f"[{table}]\n", f'[{table}]\nuser = "{user}"\npassword_file = "{password}"\n', 1))


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    from webhook import Webhook

    folder = tmp_path_factory.mktemp("city")
    (folder / "plant.toml").write_text(scenario() + SIREN)
    extra = f"user root\npassword_file {broker_passwords(folder)}\n"  # root reads the private folder; as another user it is ours anyway
    plant = Plant(os.path.join(os.environ["ANLAN_BIN"], "anlan-plant"), folder, "--scenario", folder / "plant.toml")
    with Webhook() as hook, Broker(folder / "broker", extra=extra) as line, plant:
        port = free_port()
        alarm = (f'[annunciator]\nconnect = "modbus+tcp://127.0.0.1:{plant.ports["alarm-line"]}"\nunit = 9\ncoil = 0\n'
                 f'[log]\nlevel = "debug"\n')
        collector = Collector(folder / "collector", line, hook.url, silent_after_ms=4000)
        with_user(collector, "broker", "collector", folder)
        webhook_secret = secret_file(folder, "webhook.secret", WEBHOOK_SECRET)
        collector.config.write_text(collector.config.read_text().replace(
            "[[webhook]]\n", f'[[webhook]]\nsecret_file = "{webhook_secret}"\n') + '[log]\nlevel = "debug"\n')
        edge = Edge(folder / "edge", "tj-m-a", "tj-m", "", line, tank(plant.ports["farm"]), alarm, hello_every_ms=1000)
        with_user(edge, "uplink", "edge", folder)
        edge.config.write_text(edge.config.read_text().replace("[edge]\n", f'[edge]\nmetrics_listen = "127.0.0.1:{port}"\n'))
        edge.metrics_port, edge.line, edge.plant, edge.hook, edge.collector = port, line, plant, hook, collector
        collector.start().until_ready()
        edge.start()
        yield edge
        edge.program.kill()
        collector.program.kill()


def scrape(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return answer.read().decode()


def value(text, series):
    """Of one series as it stands in the text; None where it is not there."""
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else None


def pages(source):
    """{"edge": {name: (type, meaning)}, "collector": …} as the reference says."""
    text = (source / "docs" / "reference" / "metrics.md").read_text()
    edge, collector = text.split("## The collector")
    row = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*?) \| (.*) \|$", re.MULTILINE)
    return {name: {m[1]: (m[2], m[4]) for m in row.finditer(part)} for name, part in (("edge", edge), ("collector", collector))}


def served(text):
    types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    helps = dict(re.findall(r"^# HELP (\w+) (.*)$", text, re.MULTILINE))
    return {name: (types[name], helps[name]) for name in types}


def ports(city):
    return {"edge": city.metrics_port, "collector": city.collector.port}


@pytest.mark.parametrize("daemon", ["edge", "collector"])
def test_the_page_says_what_is_served_and_nothing_else(city, source, daemon):
    assert served(scrape(ports(city)[daemon])) == pages(source)[daemon]


@pytest.mark.parametrize("daemon", ["edge", "collector"])
def test_prometheus_own_checker_has_nothing_to_say(city, daemon):
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed; scripts/dependencies installs it")
    checked = subprocess.run([promtool, "check", "metrics"], input=scrape(ports(city)[daemon]), capture_output=True, text=True, timeout=30)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_the_numbers_of_both_sides_agree(city):
    def drained():
        edge, centre = scrape(city.metrics_port), scrape(city.collector.port)
        committed = sum(value(edge, f'anlan_edge_records_committed_total{{stream="{s}"}}') for s in ("event", "telemetry"))
        fresh = sum(value(centre, f'anlan_collector_{s}_records_total{{fate="fresh"}}') or 0 for s in ("event", "telemetry"))
        due = value(edge, 'anlan_edge_buffer_records_due{stream="event"}') + value(edge, 'anlan_edge_buffer_records_due{stream="telemetry"}')
        return committed == fresh > 10 and due == 0 and (edge, centre)

    edge, centre = wait_until(drained, 20, "the counts of both sides to agree")
    assert value(edge, "anlan_edge_uplink_connected") == value(edge, "anlan_edge_uplink_answered") == 1
    assert value(edge, 'anlan_edge_device_up{device="tank-1"}') == 1
    assert value(edge, "anlan_edge_commit_duration_seconds_count") > 0
    assert value(edge, "anlan_edge_annunciator_up") == 1
    assert value(centre, "anlan_collector_broker_connected") == 1
    assert value(centre, 'anlan_collector_commit_duration_seconds_count{lane="telemetry"}') > 0
    assert value(centre, "anlan_collector_samples_total") > 10
    assert value(centre, 'anlan_collector_database_bytes{database="telemetry"}') > 0
    wait_until(lambda: value(scrape(city.collector.port), 'anlan_collector_edges{state="online"}') == 1, 15, "the edge to be counted")


def test_a_danger_a_dead_line_and_a_dead_device_can_be_seen(city):
    city.plant.tell("set tank-1/gas 60")
    wait_until(lambda: value(scrape(city.metrics_port), 'anlan_edge_alerts{level="red"}') == 1, 20, "a red alert at the edge")
    wait_until(lambda: value(scrape(city.collector.port), 'anlan_collector_alerts{level="red"}') == 1, 20, "a red alert in the centre")
    wait_until(lambda: value(scrape(city.collector.port), 'anlan_collector_notifications_delivered_total{channel="duty-room"}'), 10, "its delivery")
    city.line.kill()
    wait_until(lambda: value(scrape(city.metrics_port), "anlan_edge_uplink_connected") == 0, 15, "the lost line")
    wait_until(lambda: (value(scrape(city.metrics_port), "anlan_edge_buffer_oldest_due_age_seconds") or 0) > 1, 20, "the age of what waits")
    assert value(scrape(city.collector.port), "anlan_collector_broker_connected") == 0
    city.plant.tell("fault tank-1 hang")
    wait_until(lambda: value(scrape(city.metrics_port), 'anlan_edge_device_up{device="tank-1"}') == 0, 40, "the dead device")
    city.plant.tell("fault tank-1 none")
    city.line.start()
    wait_until(lambda: value(scrape(city.metrics_port), "anlan_edge_buffer_oldest_due_age_seconds") < 1, 30, "the line to be drained")


def test_no_secret_is_in_any_log_metric_answer_or_database(city):
    city.collector.api.get("/api/v1/edges")
    wrong = city.folder / "wrong"
    wrong.mkdir()
    password = secret_file(wrong, "password", "not-the-password-0815")
    refused = Edge(wrong, "tj-m-b", "tj-m", "", city.line, tank(city.plant.ports["farm"]))
    refused.config.write_text(refused.config.read_text().replace("[uplink]\n", f'[uplink]\nuser = "edge"\npassword_file = "{password}"\n'))
    refused.start()
    refused.program.wait_for_line("no line to the centre", 20)
    refused.program.kill()
    told = [scrape(city.metrics_port), scrape(city.collector.port), str(city.status()), str(city.buffer()), city.ask("check")[1],
            str(city.collector.api.get("/readyz"))]
    files = [f for folder in (city.folder, city.collector.folder) for f in folder.rglob("*") if f.is_file() and f != password]
    assert any(f.name == "edge.log" for f in files) and any(f.name == "records.db" for f in files)
    for secret in [*SECRETS, "not-the-password-0815"]:
        assert not [text for text in told if secret in text]
        assert not [str(f) for f in files if secret.encode() in f.read_bytes()]
