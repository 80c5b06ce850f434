"""Reloads under load, with the real daemons: the configuration changes again and again while many devices are polled hard. Every
answer of a device that does not change is a sample in the centre, and its connection is the first one to the end.

ANLAN_RELOADS says how many (50 unless said; the test labelled slow makes 1,000)."""
import csv
import io
import os
import random
import subprocess

import pytest
from counting_slave import CountingSlave
from stand import Broker, Collector, Edge, programs, wait_until

RELOADS = int(os.environ.get("ANLAN_RELOADS", "50"))
STEADY = 8  # each on a port of its own, and as many on the shared one
GUESTS = 12
SHARED, ELSEWHERE = STEADY, STEADY + 1  # ports that guests come to
PROFILE = """
vendor = "Acme"
model = "counter"
source = "made for this test"
[[point]]
name = "count"
table = "holding"
address = 0
type = "u32"
"""


class Site:
    def __init__(self, folder, slave, broker, seed):
        self.slave, self.random, self.next = slave, random.Random(seed), 0
        self.guests = {}
        for _ in range(GUESTS):
            self.add()
        profiles = folder / "edge" / "profiles"
        profiles.mkdir(parents=True)
        (profiles / "counter.toml").write_text(PROFILE)
        self.broker = broker
        self.edge = Edge(folder / "edge", "tj-r-a", "tj-r", "", broker, self.devices())

    # ---- one device of many changes

    def add(self):
        self.next += 1
        self.guests[f"guest-{self.next}"] = {"port": self.random.choice([SHARED, ELSEWHERE]), "unit": 20 + self.next % 200,
                                             "poll_ms": self.random.choice([20, 50, 100, 200])}

    def change(self):
        name = self.random.choice(list(self.guests))
        kind = self.random.choice(["add", "remove", "rename", "pace", "move", "limit"])
        if kind == "add" or len(self.guests) < GUESTS // 2:
            self.add()
        elif kind == "remove" or len(self.guests) > 2 * GUESTS:
            del self.guests[name]
        elif kind == "rename":
            self.next += 1
            self.guests[f"renamed-{self.next}"] = self.guests.pop(name)
        elif kind == "pace":
            self.guests[name]["poll_ms"] += 5
        elif kind == "move":
            self.guests[name]["port"] = SHARED + ELSEWHERE - self.guests[name]["port"]
        else:
            self.guests[name]["limit"] = self.random.randint(1_000_000_000, 2_000_000_000)
        self.edge.write(self.broker, self.devices(), "", 2000, 2000)

    def devices(self):
        """The guests stand before, between and behind the steady ones, so that indices move."""
        tables = [self.table(name, **guest) for name, guest in self.guests.items()]
        for n in range(STEADY):
            tables.insert(3 * n % len(tables), self.table(f"alone-{n}", n, 1, 50))
            tables.insert(5 * n % len(tables), self.table(f"shared-{n}", SHARED, 1 + n, 100))
        return "".join(tables)

    def table(self, name, port, unit, poll_ms, limit=None):
        limits = f"[device.limits.count]\nhigh.red = {limit}\n" if limit else ""
        return (f'[[device]]\nname = "{name}"\nprofile = "counter"\nconnect = "modbus+tcp://127.0.0.1:{self.slave.ports[port]}"\n'
                f"unit = {unit}\npoll_ms = {poll_ms}\ntimeout_ms = 5000\n{limits}")

    def steady(self):
        """{name: (port, unit)}"""
        return ({f"alone-{n}": (self.slave.ports[n], 1) for n in range(STEADY)}
                | {f"shared-{n}": (self.slave.ports[SHARED], 1 + n) for n in range(STEADY)})


@pytest.fixture
def site(tmp_path):
    slave = CountingSlave(STEADY + 2)
    with Broker(tmp_path / "broker") as line:
        collector = Collector(tmp_path / "collector", line, None, silent_after_ms=600_000).start().until_ready()
        running = Site(tmp_path, slave, line, seed=20261124)
        running.edge.start()
        running.collector = collector
        yield running
        running.edge.program.kill()
        collector.program.kill()
    slave.close()


def exported(collector, point):
    """[(value, quality)] in order of time."""
    done = subprocess.run([programs() / "anlanctl", "--url", f"http://127.0.0.1:{collector.port}", "telemetry", "export", "--point", point,
                           "--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z", "--format", "csv"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return [(int(float(row["value"])) if row["value"] else None, row["quality"]) for row in csv.DictReader(io.StringIO(done.stdout))]


def test_reloads_under_load_lose_no_sample_and_drop_no_connection_of_what_stays(site):
    slave, steady = site.slave, site.steady()
    wait_until(lambda: all(slave.reads[where] > 3 for where in steady.values()), 30, "every device to be read")
    for n in range(RELOADS):
        site.change()
        code, text = site.edge.ask("reload", "--by", "王工")
        assert code == 0 and f"points of {len(site.guests) + 2 * STEADY} devices" in text, f"reload {n}: {text}"
    before = dict(slave.reads)
    wait_until(lambda: all(slave.reads[where] > before[where] + 3 for where in steady.values()), 30, "every device to be read on")
    guests = {(slave.ports[guest["port"]], guest["unit"]) for guest in site.guests.values()}
    wait_until(lambda: all(slave.reads[where] > before.get(where, 0) + 1 for where in guests), 30, "the changed ones to be read too")

    site.edge.program.stop()
    for name, where in steady.items():
        port = where[0]
        assert slave.connections[port] == 1, f"{name}: connected {slave.connections[port]} times"
    read = {name: slave.reads[where] for name, where in steady.items()}
    site.edge.start()  # what was not received yet goes on to the centre; it reads each once more at least
    for name, answered in read.items():
        values = wait_until(lambda: (v := exported(site.collector, f"tj-r/{name}/count")) and len(v) >= answered and v, 60, f"{name} in the centre")
        counted = [value for value, quality in values if quality == "good"]
        # The answer that came while the daemon ended may have found nobody.
        assert counted[:answered - 1] == list(range(1, answered)), f"{name}: {first_gap(counted)}"
        assert all(quality == "good" for _, quality in values), name
    reads = sum(read.values())
    print(f"{RELOADS} reloads, {reads} answers of {len(steady)} devices that stayed, {sum(slave.reads.values())} in all")


def first_gap(counted):
    for n, value in enumerate(counted, start=1):
        if value != n:
            return f"{value} stands where {n} should"
    return f"only {len(counted)}"
