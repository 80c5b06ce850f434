"""store.bytes_per_sample: all files of the telemetry store at rest, by the samples in it, after compaction and a checkpoint;
VictoriaMetrics with the same samples (without their quality) after its merge."""
import json
import subprocess

import victoria
from figure import Figure
from ingest_rate import EDGES


def run(bench):
    seconds, room = bench.seconds(3600, 600), bench.room("store")
    done = subprocess.run([bench.program("bench_store"), room, str(EDGES * 50), str(seconds), "60"], capture_output=True, text=True, timeout=150, check=True)
    shown = {line["figure"]: line["value"] for line in map(json.loads, done.stdout.splitlines())}
    samples = EDGES * 50 * seconds
    rollups = shown["store.rollup_bytes_per_sample"]
    value = victoria.bytes_below(room) / samples - rollups
    _, reference, _ = victoria.loaded(bench, EDGES, seconds)
    yield Figure("store.bytes_per_sample", value, "B per sample at rest", "VictoriaMetrics after its merge, values only", reference, "< the reference", value < reference,
                 notes={"samples": samples, "rollup_bytes_per_sample": rollups, "write_rate_m_per_s": shown["store.write_rate"], "query_10_min_ms": shown["store.query_10_min"],
                        "others_measured": "entropy of the walk 0.20; SQLite rows 23.8; InfluxDB 4.3; Zabbix 104"})
