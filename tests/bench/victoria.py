"""VictoriaMetrics from Debian as the reference of ingest and store, loaded once a run with the data set."""
import functools
import shutil
import subprocess
import urllib.request

from processes import Failed, Program, free_port, wait_until

PROGRAM = "victoria-metrics"


def bytes_below(folder):
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def ask(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return answer.read().decode()


def merges_under_way(port):
    lines = ask(port, "/metrics").splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("vm_active_merges{"))


@functools.cache
def loaded(bench, edges, seconds):
    """(samples per second taken in, bytes per sample at rest after its merge, cpu seconds of the loading program)."""
    room = bench.room("victoria")
    binary = shutil.which(PROGRAM, path="/usr/bin:/usr/local/bin")
    if binary is None:
        raise Failed("victoria-metrics is not installed; scripts/dependencies installs it")
    port = free_port()
    data = room / "data"
    with Program([binary, f"-storageDataPath={data}", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y", "-loggerLevel=ERROR"], room / "victoria.log") as database:
        wait_until(lambda: answers(port), 30, "victoria-metrics")
        argv = [bench.program("bench_influx_load"), "--port", port, "--edges", edges, "--seconds", seconds]
        done = subprocess.run(list(map(str, argv)), capture_output=True, text=True, timeout=200, check=True)
        samples, took, cpu, _ = map(float, done.stdout.split())
        ask(port, "/internal/force_flush")
        ask(port, "/internal/force_merge")
        wait_until(lambda: merges_under_way(port) == 0, 60, "its merge")
        stored = ask(port, "/api/v1/export?match[]=m_p0{edge=%22edge-0%22}").count(",") > 0
        database.stop(30)
    if not stored:
        raise Failed("victoria-metrics does not give back what it was sent")
    return samples / took, bytes_below(data) / samples, cpu


def answers(port):
    try:
        return ask(port, "/health") == "OK"
    except OSError:
        return False
