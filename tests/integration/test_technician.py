"""What a technician on site does, and the centre at a distance, with the real daemons: maintenance with test gas, the health
of the box, who answers on a line, the reset of a latched red by a signed order."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import uuid

import pytest
from processes import Program
from stand import ROOT, Broker, Collector, Edge, Plant, wait_until
from test_daemons import tank
from test_kills import scenario


@pytest.fixture
def site(tmp_path, webhook):
    (tmp_path / "plant.toml").write_text(scenario())
    with Broker(tmp_path / "broker") as line, \
            Plant(os.path.join(os.environ["ANLAN_BIN"], "anlan-plant"), tmp_path, "--scenario", tmp_path / "plant.toml") as plant:
        key, public = tmp_path / "command.key", tmp_path / "command.pub"
        subprocess.run([ROOT / "scripts" / "make-certificates", tmp_path, "command"], check=True)
        assert key.stat().st_mode & 0o077 == 0, "the key is its owner's alone"
        collector = Collector(tmp_path / "collector", line, webhook.url, more=f'[command]\nkey_file = "{key}"').start()
        edge = Edge(tmp_path / "edge", "tj-d-a", "tj-d", "", line, tank(plant.ports["farm"]), "[box]\npoll_ms = 1000\n",
                    hello_every_ms=1000, uplink=f'command_key_file = "{public}"').start()
        edge.line, edge.plant, edge.collector, edge.webhook = line, plant, collector, webhook
        collector.until_ready()
        yield edge
        edge.program.kill()
        collector.program.kill()


def gas_alert(site):
    return next((a for a in site.collector.api.all("/api/v1/alerts") if a["source"] == "tj-d/tank-1/gas"), None)


def history(site, alert):
    """Its transitions. A greeting (each second here) may name the alert before its record is there: "listed"."""
    events = site.collector.api.get(f"/api/v1/alerts/{alert['id']}")["history"]
    return [(e["what"], e["maintenance"]) for e in events if e["what"] != "listed"]


def maintain(site, *arguments, code=0):
    got, text = site.ask("maintenance", "tank-1", *arguments)
    assert got == code, text
    return text


def test_test_gas_calls_nobody_and_the_end_resets_what_it_did(site):
    wait_until(lambda: site.collector.api.all("/api/v1/points"), 15, "points")
    text = maintain(site, "--for", "30m", "--by", "王工", "--reason", "标定")
    assert "until" in text
    assert [w["by"] for w in site.status()["maintenance"]] == ["王工"]
    code, listed = site.ask("maintenance", "--list")
    assert code == 0 and "tj-d/tank-1" in listed and "王工" in listed, listed
    site.plant.tell("set tank-1/gas 80")
    alert = wait_until(lambda: gas_alert(site), 15, "the alert in the centre")
    assert (alert["state"], alert["level"], alert["live_level"], alert["maintenance"]) == ("out-of-service", "red", "none", True)
    window = site.collector.api.all("/api/v1/maintenance", open="true")[0]
    assert (window["device"], window["by"], window["reason"], window["ended"]) == ("tj-d/tank-1", "王工", "标定", None)
    site.plant.tell("set tank-1/gas 1")
    wait_until(lambda: gas_alert(site)["step"] == "latched", 20, "latched")
    assert "张工" in maintain(site, "--end", "--by", "张工", code=1), "whose it is not is told whose it is"
    maintain(site, "--end", "--by", "王工")
    over = wait_until(lambda: (a := gas_alert(site))["state"] == "over" and a, 15, "over")
    assert over["reset_by"] == "王工"
    assert history(site, over) == [("raised", True), ("latched", True), ("cleared", True)]
    assert site.collector.api.all("/api/v1/maintenance", open="true") == []
    assert site.collector.api.all("/api/v1/hazards") == []
    assert site.webhook.received == []


def test_a_maintenance_ends_by_itself_over_a_kill_and_what_is_there_rings_then(site):
    wait_until(lambda: site.collector.api.all("/api/v1/points"), 15, "points")
    site.line.stop()  # the box is cut off: it decides alone, and the centre hears of all of it late
    begun = time.monotonic()
    maintain(site, "--for", "8s", "--by", "王工")
    site.plant.tell("set tank-1/gas 80")
    wait_until(lambda: site.status()["alerts"], 15, "the alert on the site")
    site.program.kill()
    site.start()
    wait_until(lambda: not site.status()["maintenance"], 20, "the end of the maintenance")
    assert 8 <= time.monotonic() - begun, "the restart did not shorten it"
    (alert,) = [a for a in site.status()["alerts"] if a["source"] == "tj-d/tank-1/gas"]
    assert "maintenance" not in alert
    assert site.webhook.received == []
    site.line.start()
    wait_until(lambda: site.webhook.received, 30, "the call")
    alert = wait_until(lambda: gas_alert(site), 15, "the alert in the centre")
    assert (alert["level"], alert["maintenance"], alert["state"]) == ("red", False, "active-unacked")
    wait_until(lambda: ("raised", True) in history(site, alert), 15, "the record that it was raised under maintenance")
    assert len(site.collector.api.all("/api/v1/hazards")) == 1
    assert site.webhook.accepted[0].json()["level"] == "red"


def test_a_maintenance_that_makes_no_sense_is_refused_in_words(site):
    for arguments, code, says in [
        (("tank-9", "--for", "1m", "--by", "x"), 1, "no device"),
        (("tank-1", "--for", "25h", "--by", "x"), 1, "24 h"),
        (("tank-1", "--for", "soon", "--by", "x"), 1, "90s, 30m"),
        (("tank-1", "--by", "x"), 2, "--for"),
        (("tank-1", "--for", "1m", "--end", "--by", "x"), 2, "--end"),
        (("tank-1", "--for", "1m"), 2, "--by"),
        (("--for", "1m", "--by", "x"), 2, "DEVICE"),
        (("--list", "--by", "x"), 2, "--list"),
        (("tank-1", "--end", "--by", "x"), 1, "not under maintenance"),
    ]:
        got, text = site.ask("maintenance", *arguments)
        assert got == code and says in text, text


def test_an_alert_whose_device_went_while_the_daemon_was_away_stays_until_somebody_ends_it_by_name(site):
    source = "tj-d/tank-1/gas"
    site.plant.tell("set tank-1/gas 80")
    wait_until(lambda: gas_alert(site), 15, "the alert in the centre")
    site.program.stop()
    site.write(site.line, tank(site.plant.ports["farm"]).replace('"tank-1"', '"tank-7"').replace("unit = 1", "unit = 7"), "", 1000, 2000)
    site.start()
    site.program.wait_for_line(f"stays until somebody ends it by name.*{source}")
    code, text = site.ask("status")
    assert code == 0 and re.search(f"red raised  {source} high .*no longer configured", text), text
    site.program.signal(signal.SIGHUP)
    site.program.wait_for_line("configuration read again")
    assert [a["source"] for a in site.status()["alerts"]] == [source], "a reload neither ends it nor is refused for it"
    assert gas_alert(site)["step"] == "raised"
    code, text = site.ask("alarm", "reset", "--by", "王工", "--source", source)
    assert code == 0 and source in text, text
    over = wait_until(lambda: (a := gas_alert(site))["step"] == "cleared" and a, 15, "its end in the centre")
    assert over["reset_by"] == "王工"
    assert site.status()["alerts"] == []


def reset(site, alert, reason="现场确认安全"):
    """The order by the API; (status, body)."""
    _, headers, _ = site.collector.api.call("GET", f"/api/v1/alerts/{alert['id']}")
    status, _, text = site.collector.api.call(
        "POST", f"/api/v1/alerts/{alert['id']}/reset", {"actor": {"name": "王芳", "role": "DA"}, "reason": reason},
        {"If-Match": headers["ETag"], "Idempotency-Key": str(uuid.uuid4())})
    return status, text


def latched(site):
    wait_until(lambda: site.collector.api.all("/api/v1/points"), 15, "points")
    site.plant.tell("set tank-1/gas 80")
    wait_until(lambda: gas_alert(site), 15, "red")
    site.plant.tell("set tank-1/gas 1")
    return wait_until(lambda: (a := gas_alert(site))["state"] == "latched" and a, 20, "latched")


def test_a_latched_red_is_reset_from_the_centre_once_and_by_its_order_only(site, tmp_path):
    topic = "anlan/v1/tj-d/tj-d-a/down/command"
    heard = subprocess.Popen(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(site.line.port), "-V", "mqttv5", "-t", topic, "-N", "-C", "1",
                              "-W", "60"], stdout=(tmp_path / "order").open("wb"))
    alert = latched(site)
    status, text = reset(site, alert)
    assert status == 202, text
    over = wait_until(lambda: (a := gas_alert(site))["step"] == "cleared" and a, 15, "the edge's own word")
    assert over["reset_by"] == "王芳"
    assert ("reset-ordered", False) in history(site, over)
    assert heard.wait(10) == 0
    order = (tmp_path / "order").read_bytes()

    def send(payload):
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(site.line.port), "-V", "mqttv5", "-t", topic, "-q", "1", "-s"],
                       input=payload, check=True, timeout=10)

    send(order)
    site.program.wait_for_line("it was carried out before")
    send(order[:-1] + bytes([order[-1] ^ 1]))
    site.program.wait_for_line("its signature is not the centre's")
    site.program.kill()
    site.start()
    wait_until(lambda: site.status()["uplink"]["answered"], 20, "the line")
    send(order)
    site.program.wait_for_line("another run of this edge")


def test_an_order_that_the_edge_refuses_changes_nothing(site):
    alert = latched(site)
    site.plant.tell("fault tank-1 hang")  # no value: it cannot be known to be safe
    wait_until(lambda: [a for a in site.status()["alerts"] if a["rule"] == "comm"], 40, "the silence of the device")
    status, text = reset(site, gas_alert(site))
    assert status == 202, text
    refused = wait_until(lambda: "reset-refused" in [e[0] for e in history(site, alert)] and history(site, alert), 15, "the refusal")
    assert refused[-1] == ("reset-refused", False)
    assert gas_alert(site)["state"] == "latched"


def test_the_box_tells_how_it_is(site):
    def box():
        return {p["path"].rsplit("/", 1)[1]: p["newest"] for p in site.collector.api.all("/api/v1/points", device="box") if p["newest"]}

    newest = wait_until(lambda: (b := box()).get("buffer-age") and b, 20, "points of the box")
    assert newest["uptime"]["value"] > 0 and newest["disk-free"]["value"] > 0 and newest["memory-available"]["value"] > 0
    assert newest["clock-synced"]["value"] in (0, 1)
    assert newest["cpu-temperature"]["quality"] in ("good", "device-fault"), "a box without the sensor says so"


def test_who_answers_on_a_line_is_found_while_the_daemon_runs(site):
    address = f"modbus+tcp://127.0.0.1:{site.plant.ports['farm']}"
    edge = os.path.join(os.environ["ANLAN_BIN"], "anlan-edge")
    done = subprocess.run([edge, "scan", address, "--units", "1-12", "--timeout", "2s", "--profiles", site.folder / "profiles",
                           "--config", site.config], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert [int(n) for n in re.findall(r"^unit (\d+):", done.stdout, re.M)] == list(range(1, 11)), done.stdout
    assert done.stdout.count("profile demo-tank: 5 of 5 points") == 10
    assert "10 found, 12 of 12 units asked" in done.stdout
    code, text = site.ask("scan", "tank-1", "--units", "1")
    assert code == 0 and "unit 1:" in text, "a device's name stands for its address"


def test_an_interrupted_scan_keeps_what_it_found(site):
    site.plant.tell("fault tank-2 hang")
    edge = os.path.join(os.environ["ANLAN_BIN"], "anlan-edge")
    process = subprocess.Popen([edge, "scan", f"modbus+tcp://127.0.0.1:{site.plant.ports['farm']}", "--units", "1,2", "--timeout", "60s"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = []
    while not any(line.startswith("unit 1:") for line in lines):
        lines.append(process.stdout.readline())
        assert lines[-1], "it ended"
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=20)
    assert process.returncode == 1 and "1 found" in rest and "interrupted" in rest, rest


def test_a_scan_that_makes_no_sense_is_refused_in_words(site):
    for arguments, says in [
        (("modbus+tcp://127.0.0.1:1", "--units", "0-300"), "are no units"),
        (("modbus+tcp://127.0.0.1:1", "--timeout", "soon"), "90s, 30m"),
        (("mqtt://127.0.0.1", "--units", "1"), "no Modbus address"),
        (("tank-77",), "no device 'tank-77'"),
    ]:
        code, text = site.ask("scan", *arguments)
        assert code == 2 and says in text, text


@pytest.fixture
def line(tmp_path):
    """A serial line (a pair of pseudo terminals) with a slave of other people's making on it: units 1 to 6."""
    link = tmp_path / "tty"
    slave = Program([sys.executable, "-B", pathlib.Path(__file__).parent / "modbus" / "pymodbus_slave.py", "rtu", link], tmp_path / "slave.log")
    wait_until(link.exists, 20, "the line")
    yield f"modbus+rtu://{link}?baud=115200&parity=N"
    slave.kill()


def test_who_answers_on_a_serial_line_is_found(line, tmp_path):
    edge = os.path.join(os.environ["ANLAN_BIN"], "anlan-edge")
    done = subprocess.run([edge, "scan", line, "--units", "1-3,5,7", "--timeout", "600ms", "--profiles", ROOT / "firmware-profiles",
                           "--config", tmp_path / "none.toml"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^unit (\d+):", done.stdout, re.M) == ["1", "2", "5"], done.stdout  # 3 answers as 33, 7 is not there
    assert "unit 2: it refuses holding 40001 (illegal data address)" in done.stdout, done.stdout
    assert done.stdout.count("says that it is: Anlan, SLV, 3.0") == 3, done.stdout
    assert "3 found, 5 of 5 units asked" in done.stdout


def test_a_serial_line_that_the_daemon_has_is_left_alone(line, tmp_path):
    device = f'[[device]]\nname = "meter"\nprofile = "demo-tank"\nconnect = "{line}"\nunit = 1\n'
    edge = Edge(tmp_path / "edge", "tj-d-a", "tj-d", "", "mqtt://127.0.0.1:1", device).start()
    try:
        for command in (("scan", "meter", "--units", "1"), ("scan", line, "--units", "1"), ("read",)):
            code, text = edge.ask(*command)
            assert "line has one master" in text or "has modbus+rtu:" in text and "for itself" in text, text
        edge.program.stop()
        code, text = edge.ask("scan", "meter", "--units", "1")
        assert code == 0 and "unit 1:" in text, text
    finally:
        edge.program.kill()


def test_a_read_shows_registers_words_and_times(site):
    code, text = site.ask("read")
    assert code == 0, text
    assert "holding 40001" in text and "0x01f4" in text, "the level's register and its word"
    assert re.search(r"asked modbus\+tcp://127.0.0.1:\d+ unit 1 for holding 40001 to 40007: \d+ ms, ", text), text
