"""ingest.rate: samples per second over MQTT at full speed, from the first hello to the last receipt: decoded, durable,
queryable, counted in the newest values. Then kill -9, and random samples are read back through the API."""
import victoria
from figure import Figure
from ingest_stand import Centre, Generator, read_back

EDGES = 100  # of 50 points


def run(bench):
    seconds = bench.seconds(3600, 600)
    room = bench.room("ingest-rate")
    with Centre(bench, room) as centre, Generator(bench, room, centre.broker.port, edges=EDGES, steps=seconds, limit_s=100, expect=room / "expect") as load:
        load.go()
        result = load.done(150)
        centre.collector.program.kill()
        centre.collector.start()
        missing, expected = read_back(centre.collector.api, room / "expect")
        stored = centre.collector.samples()
    rate = result["samples"] / result["seconds"]
    bench.say(f"{result['samples'] / 1e6:.1f} M samples in {result['seconds']:.1f} s; after the kill {stored / 1e6:.1f} M stored, {missing} of {expected} not read back")
    reference, _, cpu = victoria.loaded(bench, EDGES, seconds)
    whole = result["samples"] == load.samples and missing == 0 and stored == load.samples
    yield Figure("ingest.rate", rate, "samples/s", "VictoriaMetrics, influx lines of 50 fields, values only", reference, ">= 4 M samples/s and >= 1.2 x the reference",
                 whole and rate >= 4e6 and rate >= 1.2 * reference, "" if whole else f"{missing} of {expected} not read back, {stored} of {load.samples} stored",
                 {"samples": load.samples, "line_bytes_per_sample": load.line_bytes / load.samples, "read_back": expected - missing, "resent": result["resent"],
                  "generator_cpu_s": result["cpu"], "reference_loader_cpu_s": cpu,
                  "others_measured": "the reference lost 5-9 s of load on kill -9; InfluxDB 1.2 M/s; SQLite heap 2.0 M rows/s, indexed 0.07-0.09 M"})
