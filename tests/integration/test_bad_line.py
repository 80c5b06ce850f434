"""An edge on a bad line: cut for a while, slow and far, standing still, cut in the middle. Nothing is lost, nothing is twice,
and an alert raised meanwhile arrives."""
import os
import re

import pytest
from impaired_line import ImpairedLine
from stand import Collector, Edge, Plant, SecureBroker, wait_until
from test_kills import devices, scenario


@pytest.fixture
def site(tmp_path, webhook):
    (tmp_path / "plant.toml").write_text(scenario())
    with SecureBroker(tmp_path / "broker") as broker, ImpairedLine(broker.port) as line, \
            Plant(os.path.join(os.environ["ANLAN_BIN"], "anlan-plant"), tmp_path, "--scenario", tmp_path / "plant.toml") as plant:
        collector = Collector(tmp_path / "collector", broker, webhook.url).start()
        edge = Edge(tmp_path / "edge", "tj-line-a", "tj-line", "", broker, devices(plant.ports["farm"]), hello_every_ms=2000)
        through_the_line = re.sub(rf":{broker.port}\b", f":{line.port}", edge.config.read_text())
        assert str(line.port) in through_the_line
        edge.config.write_text(through_the_line)
        line.cut()  # before the edge has ever been heard of
        edge.start()
        edge.line, edge.plant, edge.collector = line, plant, collector
        collector.until_ready()
        yield edge
        edge.program.kill()
        collector.program.kill()


def stored(site):
    return site.collector.accounts().get("tj-line-a", {}).get("samples", 0)


def committed(site):
    return site.buffer()["samples_committed"]


def waiting(site):
    """What the centre shows of the edge's backlog; None: unknown."""
    edges = {e["id"]: e for e in site.collector.api.all("/api/v1/edges")}
    return edges.get("tj-line-a", {}).get("waiting")


def alert(site, level):
    return next((a for a in site.collector.api.all("/api/v1/alerts") if a["level"] == level), None)


def test_everything_arrives_once_over_a_line_that_is_cut_slow_and_stands(site):
    line = site.line
    wait_until(lambda: committed(site) > 1000, 60, "a backlog")
    assert stored(site) == 0

    line.rate, line.delay = 8000, 0.3  # 64 kbit/s, 600 ms there and back
    line.restore()
    wait_until(lambda: stored(site) > 0, 60, "the first of it over the slow line")
    first = wait_until(lambda: (w := waiting(site)) and w["backlog"]["records"] > 0 and w, 30, "the centre to know how far behind the edge is")
    assert first["oldest"] < first["said_at"] and 0 < first["backlog"]["samples"] <= committed(site) and first["backlog"]["bytes"] > 0
    wait_until(lambda: waiting(site)["oldest"] > first["oldest"], 60, "the oldest that waits to move towards now")
    site.plant.tell("set tank-1/gas 30")
    wait_until(lambda: alert(site, "orange"), 60, "an alert over the slow line")

    line.stalled = True
    before, reached = committed(site), line.carried
    wait_until(lambda: committed(site) > before + 500, 60, "samples while the line stands, for longer than the resend time")
    site.plant.tell("set tank-2/gas 60")
    wait_until(lambda: any(a["level"] == "red" for a in site.status()["alerts"]), 30, "a red alert while the line stands")
    assert line.carried <= reached + 64 * 1024, "only what was under way"
    line.stalled = False
    wait_until(lambda: alert(site, "red"), 60, "the red alert after the stall")

    line.cut()
    before = committed(site)
    wait_until(lambda: committed(site) > before + 200, 30, "samples without a line")
    line.restore()
    line.rate, line.delay = None, 0.0
    site.plant.tell("fault farm hang")  # little comes in while both sides are counted
    wait_until(lambda: site.buffer()["records_due"] == 0 and stored(site) == committed(site), 60, "all of it, once")
    wait_until(lambda: (w := waiting(site)) and w["oldest"] is None and not w["live"]["records"] + w["backlog"]["records"], 30, "nothing that waits any more")
