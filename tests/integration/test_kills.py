"""SIGKILL of edge, collector and broker at random moments while data flows and alarms are raised: everything that the edge
has committed is stored, nothing twice, no alert is missing, no notification is lost and none is sent under two keys."""
import os
import random
import time

import pytest
from stand import Collector, Edge, Plant, SecureBroker, Webhook, wait_until

KILLS = int(os.environ.get("ANLAN_KILLS", "36"))
SEED = int(os.environ.get("ANLAN_KILL_SEED", "20261123"))
TANKS = 10
DANGER = {"temperature": 90, "pressure": 300, "gas": 60, "level": 98}

POINTS = """
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
  noise = 0.2
  [[device.point]]
  name = "pump"
  table = "holding"
  address = 6
  type = "u16"
  value = 1
"""


def scenario():
    tanks = "".join(f'[[device]]\nname = "tank-{n}"\nendpoint = "farm"\nunit = {n}\n{POINTS}' for n in range(1, TANKS + 1))
    return f'seed = {SEED}\n[[endpoint]]\nname = "farm"\nlisten = "127.0.0.1:0"\n{tanks}'


def devices(port):
    return "".join(f"""
[[device]]
name = "tank-{n}"
profile = "demo-tank"
connect = "modbus+tcp://127.0.0.1:{port}"
unit = {n}
poll_ms = 100
""" for n in range(1, TANKS + 1))


class Stand:
    def __init__(self, folder, webhook):
        self.webhook = webhook
        self.line = SecureBroker(folder / "broker").start()
        (folder / "plant.toml").write_text(scenario())
        self.plant = Plant(os.path.join(os.environ["ANLAN_BIN"], "anlan-plant"), folder, "--scenario", folder / "plant.toml")
        self.collector = Collector(folder / "collector", self.line, webhook.url).start()
        self.edge = Edge(folder / "edge", "tj-kill-a", "tj-kill", "", self.line, devices(self.plant.ports["farm"])).start()

    def kill(self, victim):
        target = {"edge": self.edge.program, "collector": self.collector.program, "broker": self.line}[victim]
        target.kill()

    def start(self, victim):
        {"edge": self.edge, "collector": self.collector, "broker": self.line}[victim].start()

    def books(self):
        """{(epoch, stream): (committed, samples, due)} of the edge, {(epoch, stream): (stored, samples, missing)} of the centre."""
        buffer = {(p["epoch"], p["stream"]): (p["committed"], p["samples"], p["due"]) for p in self.edge.buffer()["places"]}
        centre = {}
        for account in self.collector.api.all("/api/v1/accounts"):
            for stream in ("event", "telemetry"):
                place = account[stream]
                samples = account["samples"] if stream == "telemetry" else 0
                centre[account["epoch"], stream] = (place["stored"], samples, place["missing"] + place["void"])
        return buffer, centre

    def agree(self):
        buffer, centre = self.books()
        if any(due for _, _, due in buffer.values()):
            return None
        same = all(centre.get(place, (0, 0, 0)) == (committed, samples, 0) for place, (committed, samples, _) in buffer.items())
        return (buffer, centre) if same else None

    def stop(self):
        for program in (self.edge.program, self.collector.program, self.plant.program):
            program.stop()
        self.line.stop()


@pytest.fixture
def stand(tmp_path, webhook):
    stand = Stand(tmp_path, webhook)
    yield stand
    stand.stop()


def test_nothing_is_lost_and_nothing_comes_twice(stand):
    chance = random.Random(SEED)
    dangers = [(f"tank-{n}", point) for n in range(1, TANKS + 1) for point in DANGER]
    chance.shuffle(dangers)
    victims = [("edge", "collector", "broker")[i % 3] for i in range(KILLS)]
    chance.shuffle(victims)
    stand.collector.until_ready()
    wait_until(lambda: stand.edge.buffer()["samples_committed"] > 100, 20, "samples to flow")
    raised = set()
    alarming = set(chance.sample(range(KILLS), min(KILLS, len(dangers))))  # alarms come to the last kill, however many there are
    for kill, victim in enumerate(victims):
        if kill in alarming:
            device, point = dangers.pop()
            stand.plant.tell(f"set {device}/{point} {DANGER[point]}")  # goes red, and stays red until a person resets it
            raised.add(f"tj-kill/{device}/{point}")
        time.sleep(chance.uniform(0, 0.6))  # the moment of the kill is what is random here, nothing is waited for
        stand.kill(victim)
        time.sleep(chance.uniform(0, 0.3))
        stand.start(victim)

    def all_red():
        alerts = {a["source"] for a in stand.edge.status()["alerts"] if a["level"] == "red"}
        return alerts >= raised

    wait_until(all_red, 30, "the edge to see every danger")
    buffer, centre = wait_until(stand.agree, 60, f"the books to agree: {stand.books()}")
    assert sum(samples for _, samples, _ in buffer.values()) == sum(samples for _, samples, _ in centre.values())
    assert len({epoch for epoch, _ in buffer}) == 1 + victims.count("edge"), "each run of the edge that committed is an epoch"

    active = {a["id"]: a["source"] for a in stand.edge.status()["alerts"]}
    shown = {a["id"]: a for a in stand.collector.api.all("/api/v1/alerts", state="active-unacked")}
    assert {id: a["source"] for id, a in shown.items()} == active, "the alert book equals the edge's active set"
    assert all(a["level"] == "red" and not a["uncertain"] for a in shown.values())

    def all_rung():
        return {r.json()["alert"] for r in stand.webhook.accepted if r.json()["level"] == "red"} >= set(active)

    wait_until(all_rung, 30, "every red alert to be notified")
    red = [r.json()["alert"] for r in stand.webhook.accepted if r.json()["level"] == "red"]
    assert sorted(red) == sorted(set(red)), "one key for each alert and level"
    hazards = stand.collector.api.all("/api/v1/hazards")
    assert len(hazards) == len({(h["asset"], h["rule"]) for h in hazards}), "one hazard for each asset and rule"
    assert {h["asset"] for h in hazards} == {source.rpartition("/")[0] for source in active.values()}
