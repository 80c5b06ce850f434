"""Golden sets: a small city's databases as one version wrote them, with what its own programs said of them."""
import argparse
import datetime
import json
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing

from stand import ROOT, Broker, Collector, Edge, Plant, Webhook, free_port, programs, wait_until

VERSIONS = ROOT / "tests" / "golden" / "versions"
EDGE, SITE = "tj-g-a", "tj-g"
FOR_EVER_MS = 86_400_000
QUERY = {"from": "2000-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}

SCENARIO = """seed = 1
[[endpoint]]
name = "farm"
listen = "127.0.0.1:0"
[[device]]
name = "tank-1"
endpoint = "farm"
unit = 1
  [[device.point]]
  name = "level"
  table = "holding"
  address = 0
  type = "u16"
  scale = 0.1
  value = 50
  [[device.point]]
  name = "temperature"
  table = "holding"
  address = 1
  type = "i16"
  scale = 0.1
  value = 25
  noise = 0.5
  [[device.point]]
  name = "pressure"
  table = "holding"
  address = 2
  type = "f32"
  value = 101.3
  noise = 0.5
  [[device.point]]
  name = "gas"
  table = "holding"
  address = 4
  type = "f32"
  value = 1
  [[device.point]]
  name = "pump"
  table = "holding"
  address = 6
  type = "u16"
  value = 1
"""


def devices(port):
    return f"""
[[device]]
name = "tank-1"
title = "1 号储罐"
profile = "demo-tank"
connect = "modbus+tcp://127.0.0.1:{port}"
unit = 1
poll_ms = 200
"""


def edge_on(folder, broker, plant_port):
    return Edge(folder, EDGE, SITE, "老港", broker, devices(plant_port), hello_every_ms=1000)


def collector_on(folder, broker, webhook=None):
    return Collector(folder, broker, webhook, silent_after_ms=FOR_EVER_MS)


# ---- what is said of a set: only what must stay as it is, whatever day it is read on -------------------------------

def picked(item, *keys):
    return {key: item.get(key) for key in keys}


def said_by_collector(api):
    """A dictionary of plain values: what this collector knows."""
    alerts, hazards, telemetry = [], [], {}
    for row in api.all("/api/v1/alerts"):
        alert = api.get(f"/api/v1/alerts/{row['id']}")
        alerts.append({**picked(row, "id", "source", "rule", "name", "state", "level", "peak", "raised_at"),
                       "history": [picked(event, "what", "level", "actor") for event in alert["history"]]})
    for row in api.all("/api/v1/hazards"):
        hazard = api.get(f"/api/v1/hazards/{row['id']}")
        hazards.append({**picked(row, "id", "title", "state", "version", "grade", "site", "asset", "responsible", "reported_at"),
                        "history": [picked(event, "what", "from", "to", "actor", "reason") for event in hazard["history"]]})
    points = api.all("/api/v1/points")
    for point in points:
        samples = api.all("/api/v1/telemetry", point=point["path"], **QUERY)
        telemetry[point["path"]] = [[s["time"], s["value"], s["quality"]] for s in samples]
    accounts = [picked(a, "edge", "epoch", "ordinal", "event", "telemetry", "samples") for a in api.all("/api/v1/accounts")]
    return {"sites": [picked(s, "id", "edges", "points") for s in api.all("/api/v1/sites")],
            "edges": [picked(e, "id", "site", "version") for e in api.all("/api/v1/edges")],
            "points": [picked(p, "path", "name", "unit", "asset", "limits") for p in points],
            "accounts": accounts, "alerts": alerts, "hazards": hazards, "telemetry": telemetry}


def said_by_buffer(edge):
    """What `anlan-edge buffer` says of a buffer that nobody writes to; its records decoded."""
    told = edge.buffer()
    code, dump = edge.ask("buffer", "dump", "--most", "100000")
    assert code == 0, dump
    return {**picked(told, "places", "records_due", "samples_committed"), "records": len(re.findall(r"^\s*\S+ #?\d+", dump, re.MULTILINE))}


# ---- making one ----------------------------------------------------------------------------------------------------

def story(edge, plant, line, collector):
    """Samples, a red alert that is acknowledged, a hazard under way, and records that the centre has not got."""
    api = collector.api
    wait_until(lambda: sum(a["samples"] for a in api.all("/api/v1/accounts")) > 50, 20, "samples")
    plant.tell("set tank-1/gas 60")
    alert = wait_until(lambda: next((a for a in api.all("/api/v1/alerts") if a["level"] == "red"), None), 20, "red")
    api.call("POST", f"/api/v1/alerts/{alert['id']}/acknowledge", {"note": "已派人", "actor": {"name": "王芳", "role": "DA"}},
             {"If-Match": f'"{alert["revision"]}"', "Idempotency-Key": "golden-ack"})
    hazard = wait_until(lambda: next((h for h in api.all("/api/v1/hazards") if h["state"] == "dispatched"), None), 20, "a hazard")
    tomorrow = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)).isoformat(timespec="seconds")
    status, answer = api.act(hazard["id"], "start", "李强", "EP", "停用并通风", measures="更换阀门", responsible_person="李强", funds="2 万元",
                             time_limit=tomorrow, contingency_plan="撤离")
    assert status == 200, answer
    line.kill()
    due = lambda: edge.buffer()["records_due"]  # noqa: E731
    wait_until(lambda: due() > 10, 30, "records that wait")


def settle(database):
    """One file: what stood in the write-ahead log is in it."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    for more in ("-wal", "-shm"):
        database.with_name(database.name + more).unlink(missing_ok=True)


def make(target):
    with tempfile.TemporaryDirectory(prefix="anlan-golden-") as name:
        folder = pathlib.Path(name)
        (folder / "plant.toml").write_text(SCENARIO)
        with Webhook() as hook, Broker(folder / "broker") as line, \
                Plant(programs() / "anlan-plant", folder, "--scenario", folder / "plant.toml") as plant:
            collector = collector_on(folder / "collector", line, hook.url).start().until_ready()
            edge = edge_on(folder / "edge", line, plant.ports["farm"]).start()
            story(edge, plant, line, collector)
            assert edge.program.stop() == 0
            collector.program.stop()
            collector.start()
            known = {"collector": said_by_collector(collector.api), "buffer": said_by_buffer(edge)}
            collector.program.stop()
        target.mkdir(parents=True)
        for database in (folder / "collector" / "records.db", folder / "collector" / "telemetry.db", folder / "edge" / "buffer.db"):
            settle(database)
            shutil.copy(database, target)
        shutil.copytree(ROOT / "firmware-profiles", target / "firmware-profiles")
        for example in ("edge.toml", "collector.toml"):
            text = (ROOT / "docs" / "examples" / example).read_text()
            (target / example).write_text(text.replace('"../../firmware-profiles"', '"firmware-profiles"'))
        (target / "known.json").write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", action="store_true", help="replace the set of this version")
    again = parser.parse_args().again
    version = subprocess.run([programs() / "anlan-edge", "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    target = VERSIONS / version
    if target.exists() and not again:
        sys.exit(f"{target} exists: the set of a released version is never made again (--again before the release)")
    shutil.rmtree(target, ignore_errors=True)
    make(target)
    print(f"{target}: {sum(f.stat().st_size for f in target.rglob('*') if f.is_file()) // 1024} KiB")


if __name__ == "__main__":
    main()
