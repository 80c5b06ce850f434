"""ingest.rate_live: 5,000 edges of 50 points, a frame of each every second, for a minute: every frame receipted in time,
and the collector's memory flat."""
import machine
from figure import Figure
from ingest_stand import Centre, Generator
from processes import wait_until

EDGES, POINTS = 5000, 50


def run(bench):
    seconds = bench.seconds(70, 20)
    room = bench.room("ingest-live")
    with Centre(bench, room) as centre, Generator(bench, room, centre.broker.port, edges=EDGES, steps=seconds, frame_steps=1, lane="live", window=64, limit_s=seconds + 10) as load:
        load.go()
        pid = centre.collector.program.pid
        begin, end = seconds // 3, seconds - 2
        wait_until(lambda: load.progress() and load.progress()[-1][0] >= begin, 120, "the warm-up")
        memory = machine.memory_mb(pid)
        wait_until(lambda: load.progress()[-1][0] >= end, seconds + 30, "the end")
        later, cpu = machine.memory_mb(pid), machine.cpu_seconds(pid)
        result = load.done(60)
        progress = load.progress()
    steady = [(t, n) for t, n in progress if t <= seconds]
    first = next((t, n) for t, n in steady if t >= 5)
    rate = (steady[-1][1] - first[1]) / (steady[-1][0] - first[0])
    budget = EDGES * POINTS
    flat = later < 1.2 * memory + 20
    held = rate >= 0.99 * budget and result["resent"] == 0
    why = "; ".join(text for text, wrong in (("not held", not held), (f"memory grew from {memory:.0f} to {later:.0f} MB", not flat)) if wrong)
    yield Figure("ingest.rate_live", rate, "samples/s", "the load generator's own cost, cores", result["cpu"] / result["seconds"], f">= {budget:,} samples/s held, memory flat",
                 held and flat, why, {"seconds": result["seconds"], "receipt_p50_ms": result["p50_ms"], "receipt_p99_ms": result["p99_ms"], "receipt_slowest_ms": result["most_ms"],
                                      "resent": result["resent"], "memory_mb": later, "memory_mb_earlier": memory, "collector_cores": cpu / progress[-1][0]}, same_kind=False)
