"""The disk of an edge takes nothing: alarms are stored in memory and sent, the centre is told, and when the disk is good again
the buffer comes home and nothing is missing. The disk is a small file system of its own, so this needs root."""
import contextlib
import errno
import os
import pathlib
import sqlite3
import subprocess

import pytest
from stand import Collector, Edge, Plant, SecureBroker, wait_until
from test_kills import devices, scenario

DISK_MIB = 16


@pytest.fixture
def disk(small_disk):
    return small_disk(DISK_MIB)


@pytest.fixture
def site(tmp_path, webhook, disk):
    (tmp_path / "plant.toml").write_text(scenario())
    with SecureBroker(tmp_path / "broker") as line, \
            Plant(os.path.join(os.environ["ANLAN_BIN"], "anlan-plant"), tmp_path, "--scenario", tmp_path / "plant.toml") as plant:
        collector = Collector(tmp_path / "centre", line, webhook.url).start().until_ready()
        edge = Edge(tmp_path / "edge", "tj-f-a", "tj-f", "", line, devices(plant.ports["farm"]), hello_every_ms=1000)
        edge.config.write_text(edge.config.read_text().replace(f'data_dir = "{edge.folder}"', f'data_dir = "{disk}"'))
        edge.plant, edge.collector, edge.webhook = plant, collector, webhook
        edge.start()
        yield edge
        edge.program.kill()
        collector.program.kill()


def empty_log(disk):
    """The buffer's write-ahead log at no length. One that has its full length is written over, and may need no new room for hours."""
    with contextlib.closing(sqlite3.connect(disk / "buffer.db")) as file:
        wait_until(lambda: file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0, 20, "an empty write-ahead log")


def fill(disk):
    with open(disk / "other", "ab") as file:
        def full():
            room = os.statvfs(disk)
            try:
                os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, max(room.f_bavail * room.f_frsize, 4096))
            except OSError as trouble:
                assert trouble.errno == errno.ENOSPC
                return True
            return False

        wait_until(full, 10, "a full disk")


def alerts(edge):
    return {(a["rule"], a["source"]): a["state"] for a in edge.collector.api.all("/api/v1/alerts")}


def told(edge):
    return {r.json()["source"] for r in edge.webhook.accepted}


def disk_alert(edge, state):
    return lambda: alerts(edge).get(("edge-disk", "tj-f/tj-f-a"), "").startswith(state)


def log(edge):
    return pathlib.Path(edge.folder / "edge.log").read_text()


def expect_nothing_lost(edge):
    def agree():
        committed = {p["epoch"]: p["samples"] for p in edge.buffer()["places"] if p["stream"] == "telemetry"}
        accounts = edge.collector.api.all("/api/v1/accounts")
        stored = {a["epoch"]: a["samples"] for a in accounts}
        return (len(committed) > 1 and all(stored.get(epoch, 0) >= samples for epoch, samples in committed.items())
                and all(a[stream]["missing"] == 0 for a in accounts for stream in ("event", "telemetry")))

    wait_until(agree, 40, "everything to be stored")
    for account in edge.collector.api.all("/api/v1/accounts"):
        for stream in ("event", "telemetry"):
            assert account[stream]["void"] == account[stream]["lost"] == 0, account
    assert edge.collector.api.all("/api/v1/edges")[0]["losses_unknown_until"] is None


def test_a_full_disk_of_an_edge_keeps_no_alarm_from_the_centre(site, disk):
    edge = site
    wait_until(lambda: edge.collector.api.all("/api/v1/accounts"), 20, "the first samples")
    empty_log(disk)
    fill(disk)
    wait_until(lambda: "the disk takes nothing" in log(edge), 20, "the buffer to go on in memory")
    edge.plant.tell("set tank-1/temperature 90")
    wait_until(lambda: "tj-f/tank-1/temperature" in told(edge), 20, "red to be told of, without a disk")
    wait_until(disk_alert(edge, "active"), 20, "the alert of the edge's disk")

    (disk / "other").unlink()
    wait_until(disk_alert(edge, "cleared"), 60, "the buffer to come home, and the alert of the disk to end")
    assert "the disk takes what is stored again" in log(edge)
    expect_nothing_lost(edge)


@pytest.mark.parametrize("ends", ["stop", "kill"])
def test_an_edge_whose_disk_became_read_only_starts_and_rings(site, disk, ends):
    edge = site
    wait_until(lambda: edge.collector.api.all("/api/v1/accounts"), 20, "the first samples")
    getattr(edge.program, ends)()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    edge.start()
    edge.plant.tell("set tank-2/temperature 90")
    wait_until(lambda: "tj-f/tank-2/temperature" in told(edge), 20, "red to be told of, without a disk")
    with pytest.raises(OSError):
        (disk / "anything").touch()
    wait_until(disk_alert(edge, "active"), 20, "the alert of the edge's disk")

    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    wait_until(disk_alert(edge, "cleared"), 60, "the buffer to come home, and the alert of the disk to end")
    expect_nothing_lost(edge)
