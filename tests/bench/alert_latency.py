"""alert.latency: from a sensor's publishing of the confirming sample to the webhook that tells of it: sensors' broker, edge
(committed), TLS line, centre (committed), webhook. And the same for red while 50 other edges drain 72 hours of backlog and the
collector's bulk subscriber stalls for 10 s."""
import re
import signal
import subprocess
import sys
import time

import machine
from centre_stand import Collector, broker, make_certificates
from edge_stand import Edge, device
from figure import Figure, percentile
from ingest_stand import Generator
from processes import Failed, Program, wait_until

POINTS = 20  # of each sensor
ZABBIX = {"p50": 2.1, "p99": 3.9}  # seconds to the action, Zabbix 6.0, measured before
BACKLOG_EDGES, STEP_MS = 50, 10_000
BACKLOG_STEPS = 72 * 3600 * 1000 // STEP_MS
LIVE_RATE = BACKLOG_EDGES * 50  # samples per second of these edges at one a second

PROFILE = 'vendor = "bench"\nmodel = "alarms"\nsource = "made by scripts/bench"\n' + "".join(
    f'[[point]]\nname = "p{i}"\ntopic = "p{i}"\nhigh = {{ red = 50 }}\ndeadband = 1\n' for i in range(POINTS))


class Probe:
    """bench_alert_probe. with webhook_port; raise_all() begins."""

    def __init__(self, bench, room, sensors_port, alerts, every_ms, seconds):
        argv = [bench.program("bench_alert_probe"), "--sensors-port", sensors_port, "--alerts", alerts, "--every-ms", every_ms, "--seconds", seconds]
        self.file = room / "probe.log"
        self.log = self.file.open("wb")
        self.process = subprocess.Popen(list(map(str, argv)), stdin=subprocess.PIPE, stdout=self.log, stderr=subprocess.STDOUT)
        self.port = int(wait_until(lambda: re.search(r"^READY (\d+)$", self.text(), re.M), 20, "the probe")[1])

    def text(self):
        return self.file.read_text()

    def go_on(self):
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()

    def latencies(self, timeout):
        """[(second, milliseconds or None where it was lost)]"""
        wait_until(lambda: self.text().endswith("DONE\n") or self.process.poll() not in (None, 0), timeout, "all notifications")
        found = [(float(t), None if ms == "lost" else float(ms)) for t, ms in re.findall(r"^ALERT ([\d.]+) (\S+)$", self.text(), re.M)]
        if not found:
            raise Failed(f"the probe raised nothing:\n{self.text()}")
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self.process.stdin.close()
        self.log.close()


class Stand:
    """Sensors' broker → edge → TLS → broker → collector → probe. `proxied`: a proxy that can stall before the collector."""

    def __init__(self, bench, name, alerts, every_ms, seconds, proxied=False):
        self.room = room = bench.room(name)
        tls = make_certificates(room / "tls")
        self.sensors, self.line = broker(room / "sensors"), broker(room, tls)
        self.probe = Probe(bench, room, self.sensors.port, alerts, every_ms, seconds)
        if proxied:  # the line without TLS: the proxy has to see which connection is which
            self.line = broker(room)
        self.proxied = proxied
        self.bench, self.tls, self.alerts = bench, tls, alerts
        self.proxy = self.collector = self.edge = None

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def start(self):
        bench, room = self.bench, self.room
        self.sensors.start()
        self.line.start()
        url, ca = self.line.url, f'ca_file = "{self.tls / "ca.pem"}"\n'
        tls = self.tls
        if self.proxied:
            tls, ca = None, ""
            self.proxy = Program([sys.executable, "-B", bench.root / "tests/bench/stalling_proxy.py", self.line.port], room / "proxy.log")
            url = "mqtt://127.0.0.1:" + self.proxy.wait_for_line(r"^READY (\d+)$")[1]
        self.collector = Collector(bench, room / "centre", url, tls, f"http://127.0.0.1:{self.probe.port}/hook", red_only=True)
        self.collector.start()
        devices = "".join(device(f"d{i}", f"{self.sensors.port}/bench/d{i}", 3_600_000, None, None, "mqtt", "alarms") for i in range(self.alerts // POINTS))
        self.edge = Edge(bench, room, devices, 1, f'{ca}broker = "{self.line.url}"', 1 << 30, site="alarm")
        (room / "profiles" / "alarms.toml").write_text(PROFILE)
        self.edge.start(core=None)
        wait_until(lambda: self.edge.metrics().get("anlan_edge_uplink_connected") == 1, 20, "the line")
        time.sleep(1)  # until the subscriptions to the sensors stand
        self.probe.go_on()
        wait_until(lambda: self.collector.samples() >= self.alerts, 30, "the harmless values in the centre")
        return self

    def __exit__(self, *_):
        for part in (self.edge, self.collector, self.proxy, self.line, self.sensors, self.probe):
            if part:
                part.__exit__()


def shown(latencies):
    """(milliseconds of those that came, how many were lost)"""
    came = [ms for _, ms in latencies if ms is not None]
    return came, len(latencies) - len(came)


def idle(bench):
    alerts = bench.seconds(400, 100)
    with Stand(bench, "alert-idle", alerts, 50, 60) as stand:
        stand.probe.go_on()
        return shown(stand.probe.latencies(150))


class Backlog:
    """The same while a backlog is drained; what it did to memory and how fast it went."""

    def __init__(self, bench):
        limit, steps = bench.seconds(60, 20), bench.seconds(BACKLOG_STEPS, BACKLOG_STEPS // 6)
        with Stand(bench, "alert-backlog", 600, 100, limit - 5, proxied=True) as stand, \
                Generator(bench, stand.room, stand.line.port, edges=BACKLOG_EDGES, steps=steps // 60 * 60, step_ms=STEP_MS, window=64, limit_s=limit) as load:
            pid = stand.collector.program.pid
            load.go()
            wait_until(lambda: load.progress(), 30, "the drain to begin")
            stand.probe.go_on()
            begun = time.monotonic()
            time.sleep(limit / 4)
            self.before = machine.memory_mb(pid)
            stand.proxy.signal(signal.SIGUSR1)
            self.stalled_at = time.monotonic() - begun
            result = load.done(limit + 60)
            self.after, self.broker_mb = machine.memory_mb(pid), machine.memory_mb(stand.line.program.pid, "VmHWM")
            latencies = stand.probe.latencies(limit + 90)
            self.while_stalled = [ms for t, ms in latencies if ms is not None and self.stalled_at <= t <= self.stalled_at + 10]
        draining = [(t, ms) for t, ms in latencies if t <= result["seconds"]]
        self.latencies, self.lost = shown(draining)
        self.samples, self.seconds, self.whole = result["samples"], result["seconds"], load.samples


def run(bench):
    times, lost = idle(bench)
    p50, p99 = percentile(times, 50), percentile(times, 99)
    why = f"{lost} notifications did not come" if lost else ""
    note = {"alerts": len(times), "slowest": max(times), "both_ends": "synchronous=FULL", "reference": "Zabbix 6.0: not measured here, its server needs PostgreSQL or MySQL set up; measured before"}
    yield Figure("alert.latency.p50", p50, "ms", "Zabbix 6.0 action (measured before)", ZABBIX["p50"] * 1e3, "<= 10 ms over MQTT", p50 <= 10 and not lost, why, note)
    yield Figure("alert.latency.p99", p99, "ms", "Zabbix 6.0 action (measured before)", ZABBIX["p99"] * 1e3, "<= 50 ms over MQTT", p99 <= 50 and not lost, why, note)

    b = Backlog(bench)
    loaded, drain = percentile(b.latencies, 99), b.samples / b.seconds
    faults = [text for text, wrong in ((f"{b.lost} notifications did not come", b.lost), (f"memory grew from {b.before:.0f} to {b.after:.0f} MB", b.after > 1.2 * b.before + 20),
                                       (f"drains {drain / LIVE_RATE:.0f} x the live rate", drain < 20 * LIVE_RATE)) if wrong]
    yield Figure("alert.latency_backlog", loaded, "ms, p99", "idle", p99, "< 2000 ms, memory flat, drain >= 20 x live", loaded < 2000 and not faults, "; ".join(faults),
                 {"alerts": len(b.latencies), "p50": percentile(b.latencies, 50), "slowest_while_stalled": max(b.while_stalled, default=None), "drained_samples": b.samples, "of": b.whole,
                  "drain_per_s": drain, "x_live_rate": drain / LIVE_RATE, "scale": f"50 edges x 50 points x 72 h at one sample in {STEP_MS // 1000} s",
                  "memory_mb": b.after, "memory_mb_earlier": b.before, "broker_most_mb": b.broker_mb})
