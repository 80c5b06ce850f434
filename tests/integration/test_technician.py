"""What a technician on site does, with the real daemons: the health of the box, who answers on a line, one poll by hand."""
import os
import re
import signal
import subprocess

import pytest
from stand import Broker, Collector, Edge, Plant, wait_until
from test_daemons import tank
from test_kills import scenario


@pytest.fixture
def site(tmp_path, webhook):
    (tmp_path / "plant.toml").write_text(scenario())
    with Broker(tmp_path / "broker") as line, \
            Plant(os.path.join(os.environ["ANLAN_BIN"], "anlan-plant"), tmp_path, "--scenario", tmp_path / "plant.toml") as plant:
        collector = Collector(tmp_path / "collector", line, webhook.url).start()
        edge = Edge(tmp_path / "edge", "tj-d-a", "tj-d", "", line, tank(plant.ports["farm"]), "[box]\npoll_ms = 1000\n",
                    hello_every_ms=1000).start()
        edge.line, edge.plant, edge.collector = line, plant, collector
        collector.until_ready()
        yield edge
        edge.program.kill()
        collector.program.kill()


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


def test_a_read_shows_registers_words_and_times(site):
    code, text = site.ask("read")
    assert code == 0, text
    assert "holding 40001" in text and "0x01f4" in text, "the level's register and its word"
    assert re.search(r"asked modbus\+tcp://127.0.0.1:\d+ unit 1 for holding 40001 to 40007: \d+ ms, ", text), text
