"""scripts/bench: the figures of the budgets, each with its reference in the same run. docs/benchmarks.md says what each
means. On standard output one JSON line a figure, on standard error everything else.

  scripts/bench                    all of them, under 15 minutes
  scripts/bench poll.rate edge     those whose names begin so
  scripts/bench --short …          seconds instead of minutes, for trying a change: not to be quoted
  scripts/bench --list             the names
Exit: 0 where everything was measured, whatever it showed; 1 where something failed to be; 2 unusable arguments."""
import argparse
import importlib
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts" / "lib"), str(ROOT / "tests" / "bench")]

import machine  # noqa: E402
from figure import Figure, table  # noqa: E402

# Module and the names of its figures, in the order of the data's way.
MODULES = {
    "poll_rate": ["poll.rate"],
    "poll_requests": ["poll.requests", "poll.requests.scattered"],
    "edge_cost": ["edge.cost", "edge.cost.memory", "edge.cost.memory_10000", "edge.flash.bytes_per_sample"],
    "poll_jitter": ["poll.jitter.tcp", "poll.jitter.serial"],
    "first_poll": ["start.first_poll"],
    "line_bytes": ["line.bytes_per_sample.live", "line.bytes_per_sample.backlog"],
    "ingest_rate": ["ingest.rate", "ingest.kill"],
    "ingest_live": ["ingest.rate_live"],
    "store_bytes": ["store.bytes_per_sample"],
    "store_query": ["store.query.day", "store.query.month", "store.query.years"],
    "alert_latency": ["alert.latency.p50", "alert.latency.p99", "alert.latency_backlog"],
    "api_p99": ["api.p99"],
    "console_p99": ["console.p99"],
}
LIMIT_S = 240  # for one module


class Bench:
    """What a figure's module is given."""

    def __init__(self, folder, short):
        self.folder, self.short = folder, short
        self.root, self.bin = ROOT, ROOT / "build" / "release" / "bin"

    def program(self, name):
        return self.bin / name

    def seconds(self, whole, short):
        return short if self.short else whole

    def room(self, name):
        """An empty folder on the disk."""
        room = self.folder / name
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir()
        return room

    @staticmethod
    def say(text):
        print(f"  {text}", file=sys.stderr, flush=True)


class OutOfTime(Exception):
    pass


def ring(*_):
    raise OutOfTime


def measure(bench, name):
    """The figures of one module; those that it could not bring say why."""
    print(f"== {name}  (load {machine.load():.2f})", file=sys.stderr, flush=True)
    start, figures, why = time.monotonic(), [], ""
    signal.signal(signal.SIGALRM, ring)
    signal.alarm(LIMIT_S)
    try:
        for figure in importlib.import_module(name).run(bench):
            figures.append(figure)
            print(figure.line(), flush=True)
    except OutOfTime:
        why = f"not finished in {LIMIT_S} s"
    except Exception as error:
        traceback.print_exc()
        why = f"failed: {error}"
    finally:
        signal.alarm(0)
    for missing in set(MODULES[name]) - {f.figure for f in figures} if why else ():
        figures.append(Figure(missing, None, "", "", None, "", False, why))
        print(figures[-1].line(), flush=True)
    bench.say(f"{time.monotonic() - start:.0f} s")
    return figures, not why


def chosen(names):
    """Modules that have a figure whose name begins with one of `names`; all where there are none."""
    unknown = [n for n in names if not any(f.startswith(n) for figures in MODULES.values() for f in figures)]
    if unknown:
        raise SystemExit(f"scripts/bench: no figure begins with {', '.join(unknown)}; --list shows them")
    return [m for m, figures in MODULES.items() if not names or any(f.startswith(n) for n in names for f in figures)]


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="the figures' names")
    parser.add_argument("--short", action="store_true", help="seconds instead of minutes: not to be quoted")
    parser.add_argument("--data", default="/var/tmp", help="folder on the disk that is to be measured (default /var/tmp)")
    parser.add_argument("figure", nargs="*")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(f for figures in MODULES.values() for f in figures))
        return 0
    try:
        modules = chosen(arguments.figure)
    except SystemExit as unknown:
        print(unknown, file=sys.stderr)
        return 2
    machine.allow_many_files()
    started, figures, fine = time.monotonic(), [], True
    with tempfile.TemporaryDirectory(prefix="anlan-bench-", dir=arguments.data, ignore_cleanup_errors=True) as folder:
        typical, slowest = machine.fsync_ms(folder)
        print(f"{machine.line()}\nfsync of 4 KiB: median {typical:.2f} ms, slowest of 50 {slowest:.2f} ms; {machine.file_system(folder)}"
              f"{' (SHORT: not to be quoted)' if arguments.short else ''}", file=sys.stderr)
        bench = Bench(pathlib.Path(folder), arguments.short)
        for module in modules:
            measured, whole = measure(bench, module)
            figures += measured
            fine = fine and whole
    print(f"\n{table(figures)}\n\nload {machine.load():.2f}, {time.monotonic() - started:.0f} s", file=sys.stderr)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
