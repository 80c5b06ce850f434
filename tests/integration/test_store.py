"""`anlan-collector store` beside the running collector: it agrees with what the API says while data flow, dumps what the edge
sent, verifies the real databases as whole, and finds a byte that is changed in them."""
import json
import sqlite3
import subprocess

import pytest
from stand import Collector, Edge, Plant, SecureBroker, programs, wait_until
from test_kills import devices, scenario


@pytest.fixture
def site(tmp_path, webhook):
    (tmp_path / "plant.toml").write_text(scenario())
    with SecureBroker(tmp_path / "broker") as line, Plant(programs() / "anlan-plant", tmp_path, "--scenario", tmp_path / "plant.toml") as plant:
        collector = Collector(tmp_path / "collector", line, webhook.url).start().until_ready()
        edge = Edge(tmp_path / "edge", "tj-s-a", "tj-s", "", line, devices(plant.ports["farm"]), hello_every_ms=1000).start()
        edge.plant, edge.collector = plant, collector
        yield edge
        edge.program.kill()
        collector.program.kill()


def ask(collector, *arguments):
    done = subprocess.run([programs() / "anlan-collector", "store", *arguments, "--config", collector.config], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def stored(site):
    return sum(a["samples"] for a in site.collector.api.all("/api/v1/accounts"))


def test_it_agrees_with_the_api_and_finds_the_store_whole(site):
    site.plant.tell("set tank-1/temperature 90")
    wait_until(lambda: site.collector.api.all("/api/v1/alerts") and stored(site) > 300, 30, "samples and an alert")

    code, out, err = ask(site.collector, "verify")
    assert code == 0, out + err
    assert ", 0 faults" in out and "100 %" in err, "while data flow"

    site.stop_at = site.program.stop()
    wait_until(lambda: site.buffer()["records_due"] == 0 or site.start(), 20, "everything to be received")
    code, out, err = ask(site.collector, "--json")
    assert code == 0, err
    shown = json.loads(out)
    accounts = {a["epoch"]: a for a in site.collector.api.all("/api/v1/accounts")}
    assert shown["places"] and accounts
    for place in shown["places"]:
        of_api = accounts[place["epoch"]][place["stream"]]
        assert {name: place[name] for name in of_api} == of_api
        if place["stream"] == "telemetry":
            assert place["samples"] == accounts[place["epoch"]]["samples"]
    code, out, _ = ask(site.collector)
    assert code == 0 and shown["store"] in out and "tj-s-a" in out

    code, out, err = ask(site.collector, "dump", "--edge", "tj-s-a", "--most", "500")
    assert code == 0, err
    lines = [json.loads(line) for line in out.splitlines()]
    assert any(r["stream"] == "event" and r["kind"] == "alert" and "tj-s/tank-1/temperature" in r["text"] for r in lines)
    assert {"value", "quality", "time"} <= set(next(r for r in lines if r.get("point") == "tj-s/tank-1/temperature"))

    code, out, err = ask(site.collector, "verify")
    assert code == 0 and ", 0 faults" in out, out + err


def test_it_finds_what_was_changed_in_the_files(site):
    wait_until(lambda: stored(site) > 100, 30, "samples")
    site.program.stop()
    site.collector.program.stop()
    with sqlite3.connect(site.collector.folder / "telemetry.db") as database:
        table = next(t for t in ("chunk", "segment") if database.execute(f"SELECT count(*) FROM {t}").fetchone()[0])
        key, data = database.execute(f"SELECT id, data FROM {table} ORDER BY id LIMIT 1").fetchone()
        database.execute(f"UPDATE {table} SET data = ? WHERE id = ?", (data[:10] + bytes([data[10] ^ 1]) + data[11:], key))
    with sqlite3.connect(site.collector.folder / "records.db") as database:
        database.execute("UPDATE event_record SET mono = mono + 1 WHERE sequence = 0")
    code, out, err = ask(site.collector, "verify")
    assert code == 1
    assert f"telemetry.db {table} {key} " in out and "records.db event record tj-s-a" in out, out
    assert "2 faults" in out
    assert "is not whole" in err and "restore" in err, "what to do"


def test_a_wish_that_says_nothing_is_refused(site):
    assert ask(site.collector, "dump", "--epoch", "7")[0] == 2
    assert ask(site.collector, "dump", "--sequences", "9-3")[0] == 2
    assert ask(site.collector, "dump", "--stream", "both")[0] == 2
