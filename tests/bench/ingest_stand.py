"""A centre under load: Mosquitto, a collector, and simulated edges that speak the receipt protocol."""
import re
import subprocess
import urllib.parse

from centre_stand import Collector, broker
from processes import Failed, wait_until


class Generator:
    """bench_load_generator: made when it returns, sends from go() on."""

    def __init__(self, bench, room, port, **options):
        argv = [bench.program("bench_load_generator"), "--port", port]
        for name, value in options.items():
            argv += [f"--{name.replace('_', '-')}", value]
        self.log = room / "generator.log"
        self.log_file = self.log.open("wb")
        self.process = subprocess.Popen(list(map(str, argv)), stdin=subprocess.PIPE, stdout=self.log_file, stderr=subprocess.STDOUT)
        wait_until(lambda: self._look(r"^READY (\d+) (\d+)$"), 120, "the frames to be made")
        ready = re.search(r"^READY (\d+) (\d+)$", self.text(), re.M)
        self.samples, self.line_bytes = int(ready[1]), int(ready[2])

    def _look(self, pattern):
        if self.process.poll() not in (None, 0):
            raise Failed(f"the load generator ended:\n{self.text()[-2000:]}")
        return re.search(pattern, self.text(), re.M)

    def text(self):
        return self.log.read_text()

    def go(self):
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()
        wait_until(lambda: self._look(r"^GREETED$"), 120, "the edges to be greeted")
        return self

    def progress(self):
        """[(seconds, samples receipted)] so far."""
        return [(float(t), int(n)) for t, n in re.findall(r"^PROGRESS ([\d.]+) (\d+)$", self.text(), re.M)]

    def done(self, timeout):
        """{samples, seconds, cpu, resent, p50_ms, p99_ms, most_ms}"""
        found = wait_until(lambda: self._look(r"^DONE (.*)$"), timeout, "the receipts of all samples")
        names = ("samples", "seconds", "cpu", "resent", "p50_ms", "p99_ms", "most_ms")
        return dict(zip(names, map(float, found[1].split())))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self.process.stdin.close()
        self.log_file.close()


class Centre:
    def __init__(self, bench, room):
        self.room = room
        self.broker = broker(room)
        self.collector = Collector(bench, room / "centre", self.broker.url)

    def __enter__(self):
        self.broker.start()
        self.collector.start()
        return self

    def __exit__(self, *_):
        self.collector.__exit__()
        self.broker.__exit__()


def read_back(api, file):
    """How many of the expected samples the API does not give back as they were sent."""
    missing, connection = 0, Reader(api.port)
    expected = [line.split() for line in file.read_text().splitlines()]
    for point, at, value, quality in expected:
        found = connection.samples(point, int(at))
        missing += not any(s["value"] == float(value) and s["quality"] == quality for s in found)
    return missing, len(expected)


class Reader:
    """Telemetry over one connection that is kept."""

    def __init__(self, port):
        import http.client
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def samples(self, point, at):
        import json
        self.connection.request("GET", "/api/v1/telemetry?" + urllib.parse.urlencode({"point": point, "from": at, "to": at + 1}))
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise Failed(f"telemetry of {point}: {answer.status} {body[:200]}")
        return json.loads(body)["items"]
