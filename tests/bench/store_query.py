"""store.query.day, .month, .years: p99 of a chart of one point out of a store of three years, while telemetry is written as fast as it can be."""
import json
import subprocess

from figure import Figure

BUDGET_MS = {"day": 20, "month": 50, "years": 50}


def run(bench):
    samples, room = bench.seconds(100_000_000, 5_000_000), bench.room("store-query")
    done = subprocess.run([bench.program("bench_store_query"), "--directory", room, "--samples", str(samples)], capture_output=True, text=True, timeout=230, check=True)
    shown = json.loads(done.stdout)
    notes = {"samples": shown["samples"], "fill_per_s": shown["fill_per_s"], "bytes_per_sample": shown["bytes_per_sample"], "written_meanwhile_per_s": shown["ingest_per_s"],
             "scale": "the budget is for 2e9 samples; docs/benchmarks.md has that run"}
    for name, key in (("day", "day"), ("month", "month"), ("years", "all")):
        value = shown[f"{key}_p99_ms"]
        yield Figure(f"store.query.{name}", value, "ms p99 of a chart", "its p50", shown[f"{key}_p50_ms"], f"<= {BUDGET_MS[name]} ms", value <= BUDGET_MS[name], notes=notes)
