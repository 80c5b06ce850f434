"""Plays a recording (CSV) through the simulated plant, Modbus, an edge, a broker and the collector, and compares what is
stored with the file, value for value."""
import csv
import re
import struct
import subprocess

from stand import ROOT, Collector, Edge, Plant, SecureBroker, programs, wait_until

SMALL = ROOT / "tests" / "golden" / "recording" / "tank-small.csv"
SITE, DEVICE = "tj-rec", "recorder"


def columns(path):
    """{point name: [values]} as the plant understands the file."""
    text = path.read_text()
    separator = ";" if ";" in text.splitlines()[0] else ","
    rows = list(csv.reader(text.splitlines(), delimiter=separator))
    first = 1 if rows[0][0].lower() in ("time", "datetime", "timestamp") else 0
    return [[float(cell) for cell in column] for column in zip(*(row[first:] for row in rows[1:]))]


def stored(api, point):
    """Good values of one point, in the order in which they were taken."""
    query = {"point": point, "from": 0, "to": 4102444800000, "limit": 10000}
    items = api.all("/api/v1/telemetry", **query)
    return [item["value"] for item in items if item["quality"] == "good"]


def bits(values):
    return [struct.pack(">d", value) for value in values]


def play(story, folder, path):
    story.chapter("R", f"A recording through Modbus: {path.name}")
    folder.mkdir(parents=True, exist_ok=True)
    expected = columns(path)
    story.tell(f"{len(expected[0])} rows of {len(expected)} values, each a float64 in four registers")
    profiles = folder / "profiles"
    profiles.mkdir()
    made = subprocess.run([programs() / "anlan-plant", "--replay", path, "--print-profile"], capture_output=True, text=True, check=True, timeout=20)
    (profiles / "recording.toml").write_text(made.stdout)
    names = re.findall(r'^name\s*=\s*"([^"]+)"', made.stdout, re.MULTILINE)
    with SecureBroker(folder / "broker") as broker, Plant(programs() / "anlan-plant", folder, "--replay", path, "--listen", "127.0.0.1:0") as plant:
        collector = Collector(folder / "collector", broker, None).start()
        (folder / "edge").mkdir()
        (folder / "edge" / "profiles").symlink_to(profiles)
        port = next(iter(plant.ports.values()))
        edge = Edge(folder / "edge", "tj-rec-a", SITE, "回放", broker, f"""[[device]]
name = "{DEVICE}"
profile = "recording"
connect = "modbus+tcp://127.0.0.1:{port}"
poll_ms = 5
""").start()
        try:
            plant.program.wait_for_line(r"^DONE", 60 + len(expected[0]) / 20)
            account = wait_until(lambda: _settled(collector, edge, len(expected[0]) * len(expected)), 60, "every value to be stored")
            story.check(True, f"committed {account}, stored {account} (with what the instrument refused after the end)")
            equal = sum(bits(stored(collector.api, f"{SITE}/{DEVICE}/{name}")) == bits(values) for name, values in zip(names, expected))
            story.check(equal == len(expected), f"{equal} of {len(expected)} columns are stored equal to the file's, value for value")
        finally:
            edge.program.stop()
            collector.program.stop()


def _settled(collector, edge, least):
    accounts = collector.api.all("/api/v1/accounts")
    stored_samples = sum(a["samples"] for a in accounts)
    buffer = edge.buffer()
    agree = stored_samples == buffer["samples_committed"] and buffer["records_due"] == 0 and stored_samples >= least
    return stored_samples if agree else None
