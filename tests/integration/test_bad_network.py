"""As test_bad_line.py, through the kernel's own network instead of a proxy: packets are lost in a short queue or vanish without
a word, and TCP of both ends has to find out. Skipped, and says why, where network namespaces are not permitted."""
import os
import time

import pytest
from namespace_line import CENTRE, NamespaceLine, NotPermitted
from stand import Collector, Edge, Plant, SecureBroker, wait_until
from test_kills import devices, scenario


@pytest.fixture
def line():
    try:
        with NamespaceLine() as made:
            yield made
    except NotPermitted as why:
        pytest.skip(f"no network namespaces here: {why}")


@pytest.fixture
def site(tmp_path, webhook, line):
    (tmp_path / "plant.toml").write_text(scenario())
    binary = os.path.join(os.environ["ANLAN_BIN"], "anlan-plant")
    with SecureBroker(tmp_path / "broker", host=CENTRE) as broker, \
            Plant(line.at_site[0], tmp_path, *line.at_site[1:], binary, "--scenario", tmp_path / "plant.toml") as plant:
        collector = Collector(tmp_path / "collector", broker, webhook.url).start()
        edge = Edge(tmp_path / "edge", "tj-road-a", "tj-road", "", broker, devices(plant.ports["farm"]), hello_every_ms=2000)
        edge.start(line.at_site)
        edge.line, edge.plant, edge.collector = line, plant, collector
        collector.until_ready()
        yield edge
        edge.program.kill()
        collector.program.kill()


def stored(site):
    return site.collector.accounts().get("tj-road-a", {}).get("samples", 0)


def committed(site):
    return site.buffer()["samples_committed"]


def alert(site, level):
    return next((a for a in site.collector.api.all("/api/v1/alerts") if a["level"] == level), None)


def test_everything_arrives_once_though_packets_are_lost_and_vanish(site):
    line = site.line
    wait_until(lambda: stored(site) > 500, 60, "samples over the good line")

    line.rate = 8000  # 64 kbit/s each way, through a queue of 16 KiB
    before = stored(site)
    site.plant.tell("set tank-1/gas 30")
    wait_until(lambda: alert(site, "orange"), 60, "an alert over the slow line")
    wait_until(lambda: stored(site) > before + 500, 60, "samples over the slow line")

    line.silent = True
    reached, begun = stored(site), time.monotonic()
    site.plant.tell("set tank-2/gas 60")
    wait_until(lambda: any(a["level"] == "red" for a in site.status()["alerts"]), 30, "a red alert on a site that is cut off")
    wait_until(lambda: not site.status()["uplink"]["connected"], 60, "the edge to notice that nobody answers")
    assert time.monotonic() - begun > 5, "and nothing had told it"
    assert stored(site) <= reached + 5000 and alert(site, "red") is None

    line.silent = False
    wait_until(lambda: alert(site, "red"), 60, "the red alert after the silence")
    line.rate = None
    site.plant.tell("fault farm hang")  # little comes in while both sides are counted
    wait_until(lambda: site.buffer()["records_due"] == 0 and stored(site) == committed(site), 60, "all of it, once")
