"""The machine that is measured on: what it is, how fast its disk syncs, which processor a program runs on, what a
process has used."""
import os
import pathlib
import resource
import time


def line():
    """Processor, cores, memory, load, kernel, for the head of a run."""
    model = next((l.split(":", 1)[1].strip() for l in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if l.startswith("model name")), "?")
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) // (1 << 20)
    return f"{model}, {len(os.sched_getaffinity(0))} cores, {memory} GB, Linux {os.uname().release}, load {load():.2f}"


def load():
    return os.getloadavg()[0]


def fsync_ms(folder, times=50):
    """Median and slowest of writing 4 KiB to a file and fsync."""
    file = pathlib.Path(folder) / "fsync"
    took = []
    with open(file, "wb", buffering=0) as out:
        for _ in range(times):
            start = time.perf_counter()
            out.write(b"x" * 4096)
            os.fsync(out.fileno())
            took.append((time.perf_counter() - start) * 1e3)
    file.unlink()
    took.sort()
    return took[len(took) // 2], took[-1]


def file_system(folder):
    """Type of the file system that `folder` is on; a tmpfs is no disk."""
    folder, best = os.path.realpath(folder), ("", "?")
    for mount in pathlib.Path("/proc/mounts").read_text().splitlines():
        _, point, kind = mount.split()[:3]
        if (folder + "/").startswith(point.rstrip("/") + "/") and len(point) > len(best[0]):
            best = (point, kind)
    return best[1]


def on_core(core, argv):
    """argv, bound to one core where there is more than one."""
    return ["taskset", "-c", str(core % os.cpu_count()), *map(str, argv)] if os.cpu_count() > 1 else list(map(str, argv))


def cpu_seconds(pid):
    """user + system of all its threads, those that have ended too."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid, what="VmRSS"):
    """VmRSS: now; VmHWM: most so far."""
    for text in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if text.startswith(what + ":"):
            return int(text.split()[1]) / 1024
    raise ValueError(f"process {pid} has no {what}")


def written_bytes(pid):
    """What it has had written to block devices: pages that it dirtied (proc(5), /proc/PID/io); a tmpfs counts nothing."""
    for text in pathlib.Path(f"/proc/{pid}/io").read_text().splitlines():
        if text.startswith("write_bytes:"):
            return int(text.split()[1])
    raise ValueError(f"process {pid} has no write_bytes")


def allow_many_files():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
