"""The stand of the browser tests: broker, plant, two edges, a collector that serves the built console, and a small HTTP
interface by which a test makes things happen. Started by run.py, used by the *.test.mjs beside it."""
import http.server
import json
import pathlib
import signal
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

from demo_site import construction_devices, farm_alarm, farm_devices, scenario  # noqa: E402
from stand import Broker, Collector, Edge, Plant, Program, programs, wait_until  # noqa: E402


class ConsoleStand:
    def __init__(self, folder, console):
        self.line = Broker(folder / "broker").start()
        self.sensors = Broker(folder / "site-broker").start()
        plant_file = folder / "plant.toml"
        plant_file.write_text(scenario(self.sensors.url))
        self.plant = Plant(programs() / "anlan-plant", folder, "--scenario", plant_file)
        self.collector = Collector(folder / "collector", self.line, None, silent_after_ms=6_000, console=console).start()
        self.farm = Edge(folder / "edge-farm", "tj-bh-001-a", "tj-bh-001", "滨海油库", self.line,
                         farm_devices(self.plant.ports["farm"]), farm_alarm(self.plant.ports["alarm-line"])).start()
        self.building = Edge(folder / "edge-building", "tj-hx-002-a", "tj-hx-002", "河西工地", self.line,
                             construction_devices(self.sensors.url)).start()
        self.collector.until_ready()
        wait_until(self._all_fresh, 30, "all 14 points to have a fresh value")
        self.control = http.server.HTTPServer(("127.0.0.1", 0), self._handler())
        self.control.timeout = 0.1

    def serve(self, until):
        """Does what is asked, until `until()`. On the thread that made the stand: programs end with the thread that starts them."""
        while not until():
            self.control.handle_request()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.collector.port}"

    @property
    def control_url(self):
        return f"http://127.0.0.1:{self.control.server_address[1]}"

    def _all_fresh(self):
        points = self.collector.api.all("/api/v1/points")
        return len(points) == 14 and all(point["newest"] and not point["stale"] for point in points)

    def do(self, what):
        """plant: a command of docs/formats/plant.md. collector: pause, resume, kill, start. edge: stop, start (tj-hx-002-a)."""
        if "plant" in what:
            return self.plant.tell(what["plant"])
        if "edge" in what:
            self.building.program.stop() if what["edge"] == "stop" else self.building.start()
            return ""
        act = {"pause": lambda: self.collector.program.signal(signal.SIGSTOP), "resume": lambda: self.collector.program.signal(signal.SIGCONT),
               "kill": self.collector.program.kill, "start": lambda: self.collector.start() and self.collector.until_ready()}
        act[what["collector"]]()
        return ""

    def _handler(self):
        stand = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                try:
                    status, text = 200, stand.do(asked)
                except Exception as error:  # the test is told, and fails
                    status, text = 500, f"{type(error).__name__}: {error}"
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        return Handler

    def close(self):
        self.control.server_close()
        for program in (self.farm.program, self.building.program, self.collector.program, self.plant.program):
            program.kill()
        for broker in (self.line, self.sensors):
            broker.kill()
