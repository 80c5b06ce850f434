"""Both daemons as their administrators meet them: start, stop, reload, faults in the configuration, a silent edge."""
import os
import signal
import sqlite3
import subprocess
import time
import urllib.request
from contextlib import closing

import pytest
from stand import Collector, Edge, Plant, SecureBroker, wait_until
from test_kills import scenario


def tank(port, more=""):
    return f"""
[[device]]
name = "tank-1"
profile = "demo-tank"
connect = "modbus+tcp://127.0.0.1:{port}"
unit = 1
poll_ms = 100
{more}"""


@pytest.fixture
def site(tmp_path, webhook):
    (tmp_path / "plant.toml").write_text(scenario())
    with SecureBroker(tmp_path / "broker") as line, \
            Plant(os.path.join(os.environ["ANLAN_BIN"], "anlan-plant"), tmp_path, "--scenario", tmp_path / "plant.toml") as plant:
        collector = Collector(tmp_path / "collector", line, webhook.url, silent_after_ms=4000).start()
        edge = Edge(tmp_path / "edge", "tj-d-a", "tj-d", "", line, tank(plant.ports["farm"]), hello_every_ms=1000).start()
        edge.line, edge.plant, edge.collector = line, plant, collector
        collector.until_ready()
        yield edge
        edge.program.kill()
        collector.program.kill()


def stored(edge):
    return sum(a["samples"] for a in edge.collector.api.all("/api/v1/accounts"))


def test_an_invalid_reload_leaves_the_old_configuration_running(site):
    wait_until(lambda: stored(site) > 10, 15, "samples")
    good = site.config.read_text()
    site.config.write_text(good.replace("poll_ms = 100", 'poll_ms = "often"\nunit_id = 3'))
    site.program.signal(signal.SIGHUP)
    site.program.wait_for_line("the old one stays in force")
    for fault in ("poll_ms", "unit_id"):
        site.program.wait_for_line(f"config: .*{fault}")
    before = stored(site)
    wait_until(lambda: stored(site) > before + 20, 15, "samples of the old configuration")
    site.config.write_text(good)


def test_a_valid_reload_brings_new_limits_into_force_at_once(site):
    wait_until(lambda: stored(site) > 10, 15, "samples")
    site.write(site.line, tank(site.plant.ports["farm"], "[device.limits.temperature]\nhigh.blue = 20\non_delay_ms = 200\n"), "", 1000, 2000)
    site.program.signal(signal.SIGHUP)
    alert = wait_until(lambda: next(iter(site.collector.api.all("/api/v1/alerts")), None), 15, "an alert by the new limit")
    assert (alert["source"], alert["level"], alert["evidence"]["limit"]) == ("tj-d/tank-1/temperature", "blue", 20)
    limits = site.collector.api.get("/api/v1/points/tj-d/tank-1/temperature")["limits"]
    assert limits["high"]["blue"] == 20
    wait_until(lambda: site.buffer()["records_due"] == 0, 10, "the line to be drained")
    assert len({p["epoch"] for p in site.buffer()["places"]}) == 1, "the process went on"


def test_a_configuration_that_ends_an_active_alert_needs_a_name(site):
    wait_until(lambda: stored(site) > 10, 15, "samples")
    source = "tj-d/tank-1/temperature"
    site.write(site.line, tank(site.plant.ports["farm"], "[device.limits.temperature]\nhigh.blue = 20\non_delay_ms = 200\n"), "", 1000, 2000)
    site.program.signal(signal.SIGHUP)
    active = lambda: [a["source"] for a in site.status()["alerts"]]
    wait_until(lambda: source in active(), 15, "an alert by the new limit")
    site.config.write_text(site.config.read_text().replace('name = "tank-1"', 'name = "tank-9"'))
    site.program.signal(signal.SIGHUP)
    site.program.wait_for_line(f"the old one stays in force .*it would end 1 active alert .*{source} high.*anlan-edge reload --by NAME")
    assert source in active()
    code, text = site.ask("reload", "--by", "王工")
    assert code == 0 and source in text and "ended by 王工" in text, text
    assert source not in active()
    over = wait_until(lambda: next((a for a in site.collector.api.all("/api/v1/alerts") if a["source"] == source and a["state"] in ("cleared-unacked", "over")), None),
                      15, "the centre to hear that it is over")
    assert over["source"] == source, "its history stays"
    wait_until(lambda: site.collector.api.get("/api/v1/points/tj-d/tank-9/temperature"), 15, "the renamed device's points")


def test_sigterm_ends_within_two_seconds_with_everything_committed(site):
    wait_until(lambda: stored(site) > 10, 15, "samples")
    site.plant.tell("fault farm hang")
    for program in (site.program, site.collector.program):
        begun = time.monotonic()
        assert program.stop(timeout=5) == 0
        assert time.monotonic() - begun < 2
    committed = site.buffer()["samples_committed"]
    site.plant.tell("fault farm none")
    site.collector.start()
    site.start()
    wait_until(lambda: stored(site) >= committed and site.buffer()["records_due"] == 0, 20, "what was committed to be stored")


def test_an_edge_that_falls_silent_is_an_alert_and_its_points_are_stale(site):
    api = site.collector.api
    wait_until(lambda: stored(site) > 10, 15, "samples")
    site.program.kill()
    silent = wait_until(lambda: next((a for a in api.all("/api/v1/alerts") if a["rule"] == "edge-silent"), None), 15, "edge-silent")
    assert silent["technical"] and silent["level"] == "yellow"
    points = api.all("/api/v1/points")
    assert points and all(p["stale"] for p in points), "stale, not safe"
    site.start()
    wait_until(lambda: all(a["state"] in ("cleared-unacked", "over") for a in api.all("/api/v1/alerts") if a["rule"] == "edge-silent"), 15, "it to clear")
    wait_until(lambda: not any(p["stale"] for p in api.all("/api/v1/points") if p["present"]), 15, "fresh points")


def test_a_dead_device_raises_a_technical_alert_and_clears_nothing(site):
    api = site.collector.api
    site.plant.tell("set tank-1/gas 30")
    wait_until(lambda: [a for a in api.all("/api/v1/alerts") if a["level"] == "orange"], 20, "orange")
    site.plant.tell("fault tank-1 hang")
    wait_until(lambda: [a for a in api.all("/api/v1/alerts") if a["rule"] == "comm"], 40, "the alert of the dead device")
    gas = next(a for a in api.all("/api/v1/alerts") if a["source"] == "tj-d/tank-1/gas")
    assert (gas["level"], gas["state"]) == ("orange", "active-unacked"), "missing data never clears"


def test_ten_faults_are_ten_lines_and_one_syntax_fault_is_one(source):
    edge = os.path.join(os.environ["ANLAN_BIN"], "anlan-edge")
    folder = source / "tests" / "golden" / "config"
    for name, faults in (("edge-ten-faults", 10), ("edge-syntax", 1)):
        done = subprocess.run([edge, "check", "--config", folder / f"{name}.bad.toml"], capture_output=True, text=True, timeout=10)
        assert done.returncode == 2
        lines = done.stderr.strip().splitlines()
        assert len(lines) == faults, done.stderr
        assert all(f"{name}.bad.toml:" in line for line in lines), "each names its file and line"


def test_an_independent_client_sees_the_topics(site):
    heard = subprocess.run(["mosquitto_sub", *site.line.client("observer"), "-t", "anlan/#", "-q", "1", "-F", "%t %q %r", "-C", "40", "-W", "15"],
                           capture_output=True, text=True, timeout=30)
    topics = {tuple(line.rsplit(" ", 2)) for line in heard.stdout.splitlines()}
    names = {name for name, _, _ in topics}
    assert "anlan/v1/collector/state" in names and ("anlan/v1/collector/state", "1", "1") in topics, "retained"
    assert {"anlan/v1/tj-d/tj-d-a/up/live", "anlan/v1/tj-d/tj-d-a/up/urgent", "anlan/v1/tj-d/tj-d-a/down/receipt"} <= names
    assert all(qos == "1" for _, qos, _ in topics)


def test_a_lost_telemetry_database_is_filled_again_from_what_the_edges_hold(site):
    wait_until(lambda: stored(site) > 50, 15, "samples")
    site.collector.program.stop()
    for file in site.collector.folder.glob("telemetry.db*"):
        file.unlink()
    site.collector.start()
    site.collector.program.wait_for_line("do not belong together")

    def whole():
        buffer = site.buffer()
        return buffer["records_due"] == 0 and stored(site) == buffer["samples_committed"]

    wait_until(whole, 30, "everything that the edge still holds to be stored again")


def test_changes_of_long_ago_are_forgotten_and_who_asks_for_them_is_told(site):
    wait_until(lambda: stored(site) > 10, 15, "samples")
    site.collector.program.stop()
    long_ago = int((time.time() - 8 * 86400) * 1000)
    with closing(sqlite3.connect(site.collector.folder / "records.db")) as records, records:
        records.executemany("INSERT INTO change (at_ms, kind, subject, body) VALUES (?, 'edge', 'old', '{}')", [(long_ago,)] * 12_000)
    site.collector.start()

    def events_after(seq):
        with urllib.request.urlopen(f"http://127.0.0.1:{site.collector.port}/api/v1/events?since={seq}", timeout=10) as stream:
            return next(line.decode() for line in stream if line.startswith(b"event:"))

    def forgotten():
        with closing(sqlite3.connect(f"file:{site.collector.folder}/records.db?mode=ro", uri=True)) as records:
            return records.execute("SELECT count(*) FROM change WHERE subject = 'old'").fetchone() == (0,)

    wait_until(forgotten, 20, "the housekeeping to forget them")
    assert events_after(0) == "event: reset\n"
