"""poll.jitter: how evenly healthy devices are asked while others hang, seen from the devices: when their requests arrive.
TCP: 100 endpoints read each second, 30 of them hung (20 take requests and never answer, 10 do not even accept).
Serial: 16 units on one line of 9600 baud read every 5 s, 5 of them dead."""
import collections
import time

import machine
from edge_stand import SLAVE_CORE, Edge, Slave, device
from figure import Figure, percentile, unmeasured
from processes import Program

ENDPOINTS, HUNG, DEAF = 100, 30, 10
UNITS, DEAD, SERIAL_PERIOD_S = 16, 5, 5


def deviations(arrivals, healthy, period_s, begin):
    """|interval - period| of consecutive requests to each healthy device, in seconds; none before `begin`. A poll that is
    left out counts as a whole period and more."""
    times = collections.defaultdict(list)
    for endpoint, unit, at in arrivals:
        if healthy(endpoint, unit) and at >= begin:
            times[endpoint, unit].append(at)
    found = []
    for device_times in times.values():
        found += [abs(after - before - period_s) for before, after in zip(device_times, device_times[1:])]
    return found, len(times)


def read_arrivals(file):
    return [(int(e), int(u), int(ns) / 1e9) for e, u, ns in (line.split() for line in file.read_text().splitlines())]


def tcp(bench, name, hung, deaf):
    """Deviations of the 70 endpoints that are healthy in both runs."""
    room, seconds = bench.room(name), bench.seconds(25, 10)
    with Slave(bench, room, ENDPOINTS, hung, deaf, room / "arrivals") as slave:
        devices = "".join(device(f"d{i}", port, 1000) for i, port in enumerate(slave.ports))
        with Edge(bench, room, devices, 10) as edge:
            edge.start()
            edge.wait_for_samples()
            time.sleep(3)  # the first back-offs are over
            begin = time.monotonic()
            time.sleep(seconds)
        slave.stop()
    found, devices = deviations(read_arrivals(room / "arrivals"), lambda endpoint, _: endpoint < ENDPOINTS - HUNG, 1.0, begin)
    expected = (ENDPOINTS - HUNG) * (seconds - 1)
    if devices < ENDPOINTS - HUNG or len(found) < 0.9 * expected:
        raise AssertionError(f"{len(found)} polls of {devices} devices seen, at least {expected} were due")
    return found


class NoSerialLines(Exception):
    pass


def serial(bench, name, dead):
    """Deviations of the 11 units that live in both runs."""
    room, seconds = bench.room(name), bench.seconds(35, 20)
    argv = [bench.program("bench_serial_slave"), "--units", UNITS, "--dead", dead, "--arrivals", room / "arrivals"]
    with Program(machine.on_core(SLAVE_CORE, argv), room / "line.log") as line:
        port = line.wait_for_line(r"^READY (\S+)$")[1]
        devices = "".join(f"""[[device]]
name = "u{unit}"
profile = "registers"
connect = "modbus+rtu://{port}?baud=9600&parity=E"
unit = {unit}
poll_ms = {SERIAL_PERIOD_S * 1000}
timeout_ms = 300
""" for unit in range(1, UNITS + 1))
        with Edge(bench, room, devices, 10) as edge:
            if faults := edge.faults():
                raise NoSerialLines(faults.splitlines()[0])
            edge.start()
            edge.wait_for_samples()
            time.sleep(2 * SERIAL_PERIOD_S)
            begin = time.monotonic()
            time.sleep(seconds)
        line.stop()
    found, units = deviations(read_arrivals(room / "arrivals"), lambda _, unit: unit <= UNITS - DEAD, SERIAL_PERIOD_S, begin)
    if units < UNITS - DEAD or len(found) < (UNITS - DEAD) * (seconds // SERIAL_PERIOD_S - 2):
        raise AssertionError(f"{len(found)} polls of {units} units seen")
    return found


def run(bench):
    none_hung, hung = tcp(bench, "jitter-none", 0, 0), tcp(bench, "jitter-hung", HUNG, DEAF)
    value, reference = max(hung) * 100, max(none_hung) * 100
    yield Figure("poll.jitter.tcp", value, "% of the period, worst", "none hung", reference, "< 10 %", value < 10,
                 notes={"p99": percentile(hung, 99) * 100, "reference_p99": percentile(none_hung, 99) * 100, "polls": len(hung),
                        "others_measured": "collectd loses 2.6 % of all values when 10 of 100 hang; Node-RED gaps <= 1.03 s"})
    try:
        none_dead, dead = serial(bench, "jitter-line", 0), serial(bench, "jitter-line-dead", DEAD)
    except NoSerialLines as refused:
        yield unmeasured("poll.jitter.serial", "% of the period, worst", "none dead", "< 10 %", f"this edge reads no serial lines: {refused}")
        return
    percent = 100 / SERIAL_PERIOD_S
    value, reference = max(dead) * percent, max(none_dead) * percent
    yield Figure("poll.jitter.serial", value, "% of the period, worst", "none dead", reference, "< 10 %", value < 10,
                 notes={"p99": percentile(dead, 99) * percent, "reference_p99": percentile(none_dead, 99) * percent, "polls": len(dead)})
