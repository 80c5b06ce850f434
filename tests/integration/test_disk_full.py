"""The centre's disk is full: telemetry stays with the edges, alarms still reach people, it is visible at once, and when there
is room again nothing is missing. The disk is a small file system of its own, so this needs root."""
import errno
import os

import pytest
from stand import Collector, Edge, Plant, SecureBroker, wait_until
from test_kills import devices, scenario

DISK_MIB, KEEP_MIB = 300, 96


@pytest.fixture
def disk(small_disk):
    return small_disk(DISK_MIB)


@pytest.fixture
def site(tmp_path, webhook, disk):
    (tmp_path / "plant.toml").write_text(scenario())
    with SecureBroker(tmp_path / "broker") as line, \
            Plant(os.path.join(os.environ["ANLAN_BIN"], "anlan-plant"), tmp_path, "--scenario", tmp_path / "plant.toml") as plant:
        collector = Collector(disk, line, webhook.url)
        collector.config.write_text(collector.config.read_text().replace(
            "silent_after_ms", f"keep_free_bytes = {KEEP_MIB << 20}\nsilent_after_ms"))
        collector.start().until_ready()
        edge = Edge(tmp_path / "edge", "tj-f-a", "tj-f", "", line, devices(plant.ports["farm"]), hello_every_ms=1000).start()
        edge.plant, edge.collector, edge.webhook = plant, collector, webhook
        yield edge
        edge.program.kill()
        collector.program.kill()


def fill(disk, leave_mib):
    """Another program's file that takes all but `leave_mib` of the room that is left, while the collector writes too."""
    with open(disk / f"other-{leave_mib}", "ab") as file:
        def taken():
            room = os.statvfs(disk)
            size = room.f_bavail * room.f_frsize - (leave_mib << 20)
            try:
                os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, max(size, 4096))
            except OSError as full:
                assert full.errno == errno.ENOSPC
                return False
            return True

        wait_until(taken, 10, "a file that fills the disk")


def alerts(edge):
    return {(a["rule"], a["source"]): a["state"] for a in edge.collector.api.all("/api/v1/alerts")}


def told(edge):
    return {r.json()["source"] for r in edge.webhook.accepted}


def stored(edge):
    return sum(a["samples"] for a in edge.collector.api.all("/api/v1/accounts"))


def test_a_full_disk_silences_no_alarm_and_loses_no_sample(site, disk):
    edge = site
    wait_until(lambda: stored(edge) > 200, 20, "samples")
    wait_until((disk / "reserve").exists, 10, "the reserve")

    fill(disk, 64)
    wait_until(lambda: alerts(edge).get(("disk", "centre/collector"), "").startswith("active"), 15, "the alert of the disk")
    assert edge.collector.api.call("GET", "/readyz")[0] == 503
    assert "telemetry stays with the edges" in edge.collector.api.call("GET", "/readyz")[2]
    wait_until(lambda: edge.buffer()["records_due"] > 20, 20, "telemetry to stay with the edge")
    edge.plant.tell("set tank-1/temperature 90")
    wait_until(lambda: "tj-f/tank-1/temperature" in told(edge), 20, "red to be told of, without room for telemetry")

    fill(disk, 0)
    wait_until(lambda: not (disk / "reserve").exists(), 10, "the reserve to be given up")
    wait_until(lambda: ("disk-full", "centre/collector") in alerts(edge), 15, "the alert of the full disk")
    edge.plant.tell("set tank-2/temperature 90")
    wait_until(lambda: "tj-f/tank-2/temperature" in told(edge), 20, "red to be told of on a disk that was full")

    for file in disk.glob("other-*"):
        file.unlink()
    wait_until(edge.collector.api.ready, 15, "the centre to be ready again")
    wait_until(lambda: alerts(edge).get(("disk", "centre/collector"), "").startswith("cleared"), 15, "the alert of the disk to end")

    def agree():
        places = edge.buffer()["places"]
        committed = sum(p["samples"] for p in places if p["stream"] == "telemetry")
        return stored(edge) >= committed and all(a["telemetry"]["missing"] == 0 for a in edge.collector.api.all("/api/v1/accounts"))

    wait_until(agree, 40, "everything to be stored")
    assert all(a["telemetry"]["void"] == a["telemetry"]["lost"] == 0 for a in edge.collector.api.all("/api/v1/accounts"))
