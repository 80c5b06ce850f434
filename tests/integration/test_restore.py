"""Last night's backup, made while edges deliver, is put back: the edges send again what it lacks, and what nobody has any
more is accounted for, to the sample."""
import json
import os
import re
import subprocess

import pytest
from stand import Collector, Edge, Plant, SecureBroker, programs, wait_until
from test_kills import devices, scenario


def collector_command(collector, *arguments):
    done = subprocess.run([programs() / "anlan-collector", *arguments, "--config", collector.config], capture_output=True, text=True,
                          timeout=60)
    return done.returncode, done.stderr + done.stdout


@pytest.fixture
def site(tmp_path, webhook):
    (tmp_path / "plant.toml").write_text(scenario())
    with SecureBroker(tmp_path / "broker") as line, \
            Plant(os.path.join(os.environ["ANLAN_BIN"], "anlan-plant"), tmp_path, "--scenario", tmp_path / "plant.toml") as plant:
        collector = Collector(tmp_path / "collector", line, webhook.url).start().until_ready()

        def start(retain_ms):
            edge = Edge(tmp_path / "edge", "tj-r-a", "tj-r", "", line, devices(plant.ports["farm"]),
                        f"retain_received_ms = {retain_ms}\n", hello_every_ms=1000).start()
            edge.plant, edge.collector, edge.backups = plant, collector, tmp_path / "backups"
            started.append(edge)
            return edge

        started = []
        yield start
        for program in [*(edge.program for edge in started), collector.program]:
            program.kill()


def account(edge):
    """Of the newest epoch's telemetry: samples, records stored, void, missing, lost in the centre."""
    found = {"samples": 0, "stored": 0, "void": 0, "missing": 0, "lost": 0}
    for one in edge.collector.api.all("/api/v1/accounts"):
        found["samples"] += one["samples"]
        for key in ("stored", "void", "missing"):
            found[key] += one["telemetry"][key]
    return found


def committed(edge):
    return sum(place["committed"] for place in edge.buffer()["places"] if place["stream"] == "telemetry")


def backup(edge):
    code, said = collector_command(edge.collector, "backup", "--into", edge.backups)
    assert code == 0, said
    return said.strip().splitlines()[-1]


def restore(edge, folder):
    edge.collector.program.stop()
    code, said = collector_command(edge.collector, "restore", folder)
    assert code == 2 and "--yes" in said, said
    code, said = collector_command(edge.collector, "restore", folder, "--yes")
    assert code == 0, said
    edge.collector.start().until_ready()
    return re.search(r"generation ([0-9a-f]+)", said).group(1)


def settled(edge):
    """Everything that the edge has is received; the polling goes on meanwhile, so both sides are asked until they agree."""
    def agree():
        before = committed(edge)
        there = account(edge)
        return there if there["stored"] + there["void"] >= before and there["missing"] == 0 else None

    return wait_until(agree, 30, "the centre to have or to account for everything")


def test_what_the_edges_still_hold_comes_again(site):
    edge = site(3600_000)
    wait_until(lambda: account(edge)["samples"] > 300, 20, "samples")
    folder = backup(edge)
    manifest = json.loads(open(os.path.join(folder, "backup.json")).read())
    edge.plant.tell("set tank-2/temperature 90")  # red: an alert of which the backup knows nothing
    red = wait_until(lambda: next((a for a in edge.collector.api.all("/api/v1/alerts") if a["level"] == "red"), None), 20, "red")
    wait_until(lambda: account(edge)["samples"] > 900, 20, "samples after the backup")
    generation = restore(edge, folder)
    assert generation != manifest["generation"]
    again = wait_until(lambda: next((a for a in edge.collector.api.all("/api/v1/alerts") if a["level"] == "red"), None), 20, "red again")
    assert (again["id"], again["source"]) == (red["id"], red["source"])
    there = settled(edge)
    assert there["void"] == 0 and there["lost"] == 0, there
    edge.program.stop()
    samples = edge.buffer()["samples_committed"]
    wait_until(lambda: account(edge)["samples"] >= samples or edge.buffer()["records_due"] > 0, 10, "the books")
    assert account(edge)["samples"] + sum(p["samples"] for p in edge.buffer()["places"] if p["due"]) >= samples


def test_what_nobody_has_any_more_is_accounted_for(site):
    edge = site(0)
    wait_until(lambda: account(edge)["samples"] > 300, 20, "samples")
    folder = backup(edge)
    known = committed(edge)

    def freed():
        place = next(p for p in edge.buffer()["places"] if p["stream"] == "telemetry")
        return place["committed"] - place["held"] > known + 20

    wait_until(freed, 60, "the edge to free what came after the backup")
    restore(edge, folder)
    there = settled(edge)
    assert there["void"] > 0, "the edge has freed them on the receipts of the old generation"
    gone = wait_until(lambda: [one for one in edge.collector.api.all("/api/v1/losses", edge="tj-r-a") if one["reason"] == "gone"], 10,
                      "a list of what nobody has any more")
    assert sum(one["records"] for one in gone) == there["void"]


def test_a_running_collector_is_not_written_over(site):
    edge = site(0)
    wait_until(lambda: account(edge)["samples"] > 50, 20, "samples")
    folder = backup(edge)
    code, said = collector_command(edge.collector, "restore", folder, "--yes")
    assert code == 1 and "stop the collector first" in said and f"process {edge.collector.program.pid}" in said, said
    second = subprocess.run([programs() / "anlan-collector", "run", "--config", edge.collector.config], capture_output=True, text=True,
                            timeout=20)
    assert second.returncode == 1 and "in use by another process" in second.stderr, second.stderr
