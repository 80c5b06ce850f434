"""ingest.rate: samples per second over MQTT at full speed, from the first hello to the last receipt: decoded, durable,
queryable, counted in the newest values. Then kill -9, and random samples are read back through the API.
ingest.kill: kill -9 in full ingest, thrice; the edges go on, and every sample is there once."""
import time

import victoria
from figure import Figure
from ingest_stand import Centre, Generator, read_back

EDGES = 100  # of 50 points


KILLS, WORK_S = 3, 0.4  # seconds of full ingest before each


def run(bench):
    yield rate(bench)
    yield kill(bench)


def kill(bench):
    seconds, room = bench.seconds(3600, 1800), bench.room("ingest-kill")
    with Centre(bench, room) as centre, Generator(bench, room, centre.broker.port, edges=EDGES, steps=seconds, limit_s=150, expect=room / "expect") as load:
        load.go()
        for _ in range(KILLS):
            time.sleep(WORK_S)
            centre.collector.program.kill()
            centre.collector.start()
        result = load.done(160)
        missing, expected = read_back(centre.collector.api, room / "expect")
        stored = centre.collector.samples()
    bench.say(f"{KILLS} kills in full ingest: {stored / 1e6:.1f} of {load.samples / 1e6:.1f} M stored, {missing} of {expected} not read back, {result['resent']:.0f} frames sent again")
    why = f"{stored} of {load.samples} stored" if stored != load.samples else "nothing was on its way when it was killed" if result["resent"] == 0 else ""
    return Figure("ingest.kill", missing, "random samples not read back", "read back", expected, "0, and as many stored as sent", missing == 0 and not why, why, {"samples": load.samples, "kills": KILLS, "resent": result["resent"]}, same_kind=False)


def rate(bench):
    seconds = bench.seconds(3600, 600)
    room = bench.room("ingest-rate")
    with Centre(bench, room) as centre, Generator(bench, room, centre.broker.port, edges=EDGES, steps=seconds, limit_s=100, expect=room / "expect") as load:
        load.go()
        result = load.done(150)
        centre.collector.program.kill()
        centre.collector.start()
        missing, expected = read_back(centre.collector.api, room / "expect")
        stored = centre.collector.samples()
    per_s = result["samples"] / result["seconds"]
    bench.say(f"{result['samples'] / 1e6:.1f} M samples in {result['seconds']:.1f} s; after the kill {stored / 1e6:.1f} M stored, {missing} of {expected} not read back")
    reference, _, cpu = victoria.loaded(bench, EDGES, seconds)
    whole = result["samples"] == load.samples and missing == 0 and stored == load.samples
    return Figure("ingest.rate", per_s, "samples/s", "VictoriaMetrics, influx lines of 50 fields, values only", reference, ">= 4 M samples/s and >= 1.2 x the reference",
                 whole and per_s >= 4e6 and per_s >= 1.2 * reference, "" if whole else f"{missing} of {expected} not read back, {stored} of {load.samples} stored",
                 {"samples": load.samples, "line_bytes_per_sample": load.line_bytes / load.samples, "read_back": expected - missing, "resent": result["resent"],
                  "generator_cpu_s": result["cpu"], "reference_loader_cpu_s": cpu,
                  "others_measured": "the reference lost 5-9 s of load on kill -9; InfluxDB 1.2 M/s; SQLite heap 2.0 M rows/s, indexed 0.07-0.09 M"})
