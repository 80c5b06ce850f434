"""The log over real daemons: what people do is in it, an edge holds its signed heads, the exported file is judged without
the centre, and neither an edit of the database nor a history that the centre signed anew gets past the judge."""
import sqlite3
import subprocess

import pytest
from stand import Collector, Edge, Plant, SecureBroker, programs, wait_until
from test_kills import devices, scenario


def audit(*arguments):
    done = subprocess.run([programs() / "anlan-collector", "audit", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


class City:
    def __init__(self, folder, collector, edge):
        self.folder, self.collector, self.edge = folder, collector, edge

    def export(self):
        code, said = audit("export", "--config", self.collector.config, "--output", self.folder / "log.txt")
        assert code == 0, said
        return self.folder / "log.txt"

    def size(self):
        return self.collector.api.get("/api/v1/audit/head")["size"]

    def held(self):
        """What the edge holds, in a file; None: nothing yet."""
        code, text = self.edge.ask("audit")
        if code != 0:
            return None
        (self.folder / "held.txt").write_text(text)
        return self.folder / "held.txt"

    def entries(self, **query):
        return self.collector.api.all("/api/v1/audit/entries", **query)


@pytest.fixture
def city(tmp_path, webhook):
    (tmp_path / "plant.toml").write_text(scenario())
    with SecureBroker(tmp_path / "broker") as line, \
            Plant(programs() / "anlan-plant", tmp_path, "--scenario", tmp_path / "plant.toml") as plant:
        collector = Collector(tmp_path / "collector", line, webhook.url,
                              more=f'[audit]\nheads_file = "{tmp_path}/heads.txt"\nhead_every_ms = 200\ntell_every_ms = 200\n').start().until_ready()
        edge = Edge(tmp_path / "edge", "tj-r-a", "tj-r", "", line, devices(plant.ports["farm"]), hello_every_ms=1000).start()
        yield City(tmp_path, collector, edge)
        for program in (edge.program, collector.program):
            program.kill()


def report(city):
    before = city.size()
    status, _, text = city.collector.api.call(
        "POST", "/api/v1/hazards", {"actor": {"name": "韩梅", "role": "EM"}, "site": "tj-r", "description": "应急通道堵塞", "location": "3号库"},
        {"Idempotency-Key": f"report-{before}"})
    assert status == 201, text
    wait_until(lambda: city.size() > before, 10, "a head that covers the report")


def edge_knows(city, size):
    def knows():
        log = city.edge.status().get("centre_log")
        return log and log["size"] >= size and log["durable"] and city.held()

    wait_until(knows, 20, f"the edge to hold a head of {size} entries")


def test_the_log_is_judged_without_the_centre_and_by_what_an_edge_holds(city):
    report(city)
    entries = city.entries()
    assert [e["act"] for e in entries][:2] == ["log.began", "store.generation"]
    assert {"collector.started", "log.key", "hazard.reported"} <= {e["act"] for e in entries}
    reported = next(e for e in entries if e["act"] == "hazard.reported")
    assert reported["actor"] == {"name": "韩梅", "role": "EM"}
    edge_knows(city, city.size())
    city.edge.program.kill()  # what it holds is on its disk
    held = city.held()
    code, said = audit("verify", city.export(), "--heads", held, "--heads", city.folder / "heads.txt")
    assert code == 0 and "all as they were written" in said, said

    city.collector.program.stop()
    assert city.export().read_text().count('"act":"collector.stopped"') == 1
    database = city.collector.folder / "records.db"
    with sqlite3.connect(database) as records:
        records.execute("UPDATE audit_entry SET line = replace(line, '韩梅', '李雷') WHERE number = ?", (reported["number"],))
    code, said = audit("verify", city.export())
    assert code == 1 and f"entry {reported['number']} is altered" in said, said

    # The owner of the centre: away with the story, and whatever the collector signs of it from now on.
    with sqlite3.connect(database) as records:
        records.execute("DELETE FROM audit_entry WHERE number >= ?", (reported["number"],))
        records.execute("DELETE FROM audit_head WHERE size > ?", (reported["number"],))
    (city.folder / "heads.txt").unlink()
    city.collector.start().until_ready()
    wait_until(lambda: city.size() > reported["number"], 10, "the collector to sign another history")
    for _ in range(4):
        report(city)
    code, said = audit("verify", city.export())
    assert code == 0, "in itself it is without fault: " + said
    code, said = audit("verify", city.export(), "--heads", held)
    assert code == 1 and "CONTRADICTED" in said and "rewritten" in said, said


def test_an_edge_that_sees_the_log_shrink_says_so(city):
    for _ in range(5):
        report(city)
    edge_knows(city, city.size())
    city.collector.program.stop()
    with sqlite3.connect(city.collector.folder / "records.db") as records:
        records.execute("DELETE FROM audit_entry WHERE number >= 4")
        records.execute("DELETE FROM audit_head WHERE size > 4")
    city.collector.start().until_ready()
    wait_until(lambda: city.edge.status()["centre_log"]["contradictions"] > 0, 20, "the edge to notice")
    log = city.collector.folder / "collector.log"
    assert "the log is not the one that was signed" in log.read_text()
    assert "contradicts=" in city.held().read_text()
