"""poll.rate: registers per second through one TCP connection into the committed buffer, flat out, against libmodbus
alone on the same slave. Every register changes at each poll and every sample is kept."""
import time

from edge_stand import Edge, Slave, bare_master, device
from figure import Figure, median

REGISTERS = 10_000  # 80 requests a poll; at poll_ms = 5 a poll is never over in time: the edge polls back to back


def ours(bench, run, seconds):
    """(registers committed per second, samples lost)"""
    room = bench.room(f"poll-rate-{run}")
    with Slave(bench, room) as slave, Edge(bench, room, device("flat-out", slave.ports[0], 5), REGISTERS) as edge:
        edge.start()
        edge.wait_for_samples()
        time.sleep(1)  # warm
        begun, before = time.monotonic(), edge.committed()
        time.sleep(seconds)
        after, took = edge.committed(), time.monotonic() - begun
        lost = edge.metrics().get("anlan_edge_samples_lost_total", 0)
        return (after - before) / took, lost


def reference(bench, run, seconds):
    room = bench.room(f"poll-rate-bare-{run}")
    with Slave(bench, room) as slave:
        registers, took, _ = bare_master(bench, slave.ports, 125, seconds)
        return registers / took


def run(bench):
    values, references, lost = [], [], 0
    for i in range(bench.seconds(3, 1)):
        references.append(reference(bench, i, 3))
        value, missing = ours(bench, i, bench.seconds(6, 4))
        values.append(value)
        lost += missing
        bench.say(f"run {i + 1}: {value / 1e6:.3f} M registers/s, bare loop {references[-1] / 1e6:.3f} M, lost {missing:.0f}")
    value, bare = median(values), median(references)
    yield Figure("poll.rate", value, "registers/s", "bare libmodbus loop, 125-register blocks", bare, ">= 0.4 of the reference",
                 value >= 0.4 * bare and lost == 0, "samples were lost" if lost else "",
                 {"runs": len(values), "slowest": min(values), "fastest": max(values), "samples_lost": lost})
