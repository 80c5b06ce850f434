"""start.first_poll: from starting the edge after a kill -9 to the first request at the device, with a buffer of 1 GB that
is not in the page cache, and with an empty one."""
import os
import subprocess
import time

from edge_stand import Edge, Slave, device
from figure import Figure, median
from poll_jitter import read_arrivals
from processes import wait_until


def forget_pages(folder):
    """As after a reboot: what the kernel has of the files in memory goes."""
    for file in folder.glob("buffer.db*"):
        with open(file, "rb") as opened:
            os.fsync(opened.fileno())
            os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def first_poll(bench, room, name):
    """Seconds; the edge has been killed in the middle of its work before."""
    with Slave(bench, room, arrivals=room / "arrivals") as slave, Edge(bench, room, device("d", slave.ports[0], 200), 50) as edge:
        edge.start()
        before = edge.committed()
        wait_until(lambda: edge.committed() > before, 20, "a commit")
        edge.program.kill()
        forget_pages(room)
        begun = time.monotonic()
        edge.start()
        edge.wait_for_samples()
        edge.program.kill()
        slave.stop()
    took = next(at for _, _, at in read_arrivals(room / "arrivals") if at > begun) - begun
    bench.say(f"{name}: {took * 1e3:.0f} ms")
    return took


def run(bench):
    megabytes, runs = bench.seconds(1000, 100), bench.seconds(3, 1)
    empty = [first_poll(bench, bench.room(f"first-empty-{i}"), "empty") for i in range(runs)]
    room = bench.room("first-full")
    subprocess.run([bench.program("bench_fill_buffer"), "--file", room / "buffer.db", "--edge", "bench-a", "--megabytes", str(megabytes)], check=True, timeout=150)
    size = (room / "buffer.db").stat().st_size / 1e6
    full = [first_poll(bench, room, f"{size:.0f} MB") for _ in range(runs)]
    value = median(full)
    yield Figure("start.first_poll", value, "s", "empty buffer", median(empty), "<= 2 s", value <= 2, notes={"buffer_mb": size, "slowest": max(full), "runs": runs})
