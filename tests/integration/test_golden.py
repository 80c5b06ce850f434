"""Formats are for ever: the databases, configurations and profiles of every released version (tests/golden/versions, made by
scripts/golden) are read by today's programs, say what they said then, and go on."""
import json
import os
import pathlib
import shutil
import subprocess

import pytest
from golden import VERSIONS, collector_on, edge_on, said_by_buffer, said_by_collector
from stand import Broker, free_port, wait_until

SETS = sorted(VERSIONS.iterdir())
of_each_version = pytest.mark.parametrize("golden", SETS, ids=lambda folder: folder.name)


def test_there_is_a_set_to_read():
    assert SETS


def holds(now, then, where="it"):
    """Everything that was said then is said now; a later version may say more of the same thing."""
    if isinstance(then, dict):
        for key, value in then.items():
            assert key in now, f"{where}: {key} is gone"
            holds(now[key], value, f"{where}.{key}")
    elif isinstance(then, list):
        assert len(now) == len(then), where
        for number, (a, b) in enumerate(zip(now, then)):
            holds(a, b, f"{where}[{number}]")
    else:
        assert now == then, where


def known(golden):
    return json.loads((golden / "known.json").read_text())


def copy(golden, folder, *names):
    folder.mkdir(parents=True)
    for name in names:
        shutil.copy(golden / name, folder)
        (folder / name).chmod(0o600)
    return folder


@pytest.fixture
def collector_folder(golden, tmp_path):
    return copy(golden, tmp_path / "collector", "records.db", "telemetry.db")


@pytest.fixture
def edge_folder(golden, tmp_path):
    return copy(golden, tmp_path / "edge", "buffer.db")


@of_each_version
def test_the_collector_says_what_it_said_then(golden, collector_folder):
    collector = collector_on(collector_folder, Broker(collector_folder.parent / "nobody")).start()
    try:
        holds(said_by_collector(collector.api), known(golden)["collector"])
    finally:
        assert collector.program.stop() == 0


@of_each_version
def test_the_buffer_says_what_it_said_then(golden, edge_folder):
    edge = edge_on(edge_folder, Broker(edge_folder.parent / "nobody"), free_port())
    holds(said_by_buffer(edge), known(golden)["buffer"])


@of_each_version
def test_an_upgraded_edge_delivers_to_an_upgraded_collector_what_was_waiting(golden, edge_folder, collector_folder, tmp_path):
    waiting = known(golden)["buffer"]
    assert waiting["records_due"] > 0
    with Broker(tmp_path / "broker") as line:
        collector = collector_on(collector_folder, line).start().until_ready()
        edge = edge_on(edge_folder, line, free_port()).start()
        try:
            api = collector.api

            def whole():
                buffer, stored = edge.buffer(), sum(a["samples"] for a in api.all("/api/v1/accounts"))
                return buffer["records_due"] == 0 and stored == buffer["samples_committed"] >= waiting["samples_committed"]

            wait_until(whole, 30, "what was waiting to be stored")
            accounts = api.all("/api/v1/accounts")
            assert not [a for a in accounts for stream in ("event", "telemetry") if a[stream]["missing"] or a[stream]["lost"]]
            then = {alert["id"] for alert in known(golden)["collector"]["alerts"] if alert["state"] not in ("over", "cleared-unacked")}
            now = {alert["id"] for alert in api.all("/api/v1/alerts") if alert["state"] not in ("over", "cleared-unacked")}
            assert then and then <= now, "an active alert goes on over an upgrade"
        finally:
            edge.program.kill()
            collector.program.kill()


@of_each_version
def test_configurations_are_valid_still(golden):
    """The documentation's examples of then."""
    check("anlan-edge", golden / "edge.toml")
    check("anlan-collector", golden / "collector.toml")


@of_each_version
def test_every_profile_is_valid_still(golden, tmp_path):
    profiles = golden / "firmware-profiles"
    (tmp_path / "firmware-profiles").symlink_to(profiles)
    devices = ""
    for number, profile in enumerate(sorted(profiles.glob("*.toml"))):
        over_mqtt = "\ntable = " not in profile.read_text()
        connect = "mqtt://127.0.0.1:1883/plant" if over_mqtt else "modbus+tcp://10.0.0.1:502"
        unit = "" if over_mqtt else "unit = 1\n"
        devices += f'[[device]]\nname = "d{number}"\nprofile = "{profile.stem}"\nconnect = "{connect}"\n{unit}poll_ms = 1000\n'
    config = tmp_path / "edge.toml"
    config.write_text(f'[edge]\nid = "a"\nsite = "s"\ndata_dir = "data"\n[uplink]\nbroker = "mqtts://c.example:8883"\n{devices}')
    check("anlan-edge", config)


def check(program, config):
    done = subprocess.run([pathlib.Path(os.environ["ANLAN_BIN"]) / program, "check", "--config", config], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stdout + done.stderr
