"""edge.cost: what the whole edge takes of processor and memory: 100 TCP devices, 50 registers each, once a second, to the
committed buffer and over TLS to a real broker and a collector that sends receipts. All threads of anlan-edge. edge.flash: what the
same run writes to the disk."""
import pathlib
import subprocess
import sys
import time

import machine
from centre_stand import Collector, broker, make_certificates
from edge_stand import SLAVE_CORE, Edge, Slave, bare_master, device
from figure import Figure

DEVICES = 100


class Run:
    """One run of `seconds` after a warm-up: cpu seconds, registers, memory, and whether all arrived in the centre."""

    def __init__(self, bench, name, registers, seconds):
        room = bench.room(name)
        tls = make_certificates(room / "tls")
        uplink = f'ca_file = "{tls / "ca.pem"}"\nbroker = '
        with broker(room, tls) as line, Collector(bench, room / "centre", line.url, tls) as centre, Slave(bench, room, DEVICES) as slave:
            centre.start(SLAVE_CORE)
            devices = "".join(device(f"d{i}", port, 1000) for i, port in enumerate(slave.ports))
            with Edge(bench, room, devices, registers, uplink + f'"{line.url}"', 1 << 30) as edge:
                edge.start()
                edge.wait_for_samples()
                time.sleep(bench.seconds(5, 3))
                pid, counter, groups = edge.program.pid, "anlan_edge_samples_total", "anlan_edge_commit_duration_seconds_count"
                metrics = edge.metrics()
                cpu, samples, commits, written = machine.cpu_seconds(pid), metrics[counter], metrics[groups], machine.written_bytes(pid)
                time.sleep(seconds)
                self.written = machine.written_bytes(pid) - written
                self.commits = edge.metrics()[groups] - commits
                self.cpu = machine.cpu_seconds(pid) - cpu
                self.registers = edge.metrics()[counter] - samples
                self.rss, self.most = machine.memory_mb(pid), machine.memory_mb(pid, "VmHWM")
                stored, committed = centre.samples(), edge.committed()
                self.arrived = stored / committed
                self.file_bytes = edge.metrics()["anlan_edge_buffer_file_bytes"] / committed
        self.paced = self.registers / (DEVICES * registers * seconds)  # of what a poll a second gives

    def faults(self):
        found = []
        if self.arrived < 0.95:
            found.append(f"only {self.arrived:.0%} of the samples arrived in the centre")
        if abs(self.paced - 1) > 0.03:
            found.append(f"{self.paced:.0%} of the polls were made")
        return "; ".join(found)


def plain_rows(bench, samples, group):
    """(bytes written, bytes of the file) for each sample, as rows of a plain SQLite table."""
    file = bench.room("edge-flash") / "rows.db"
    program = pathlib.Path(__file__).with_name("plain_rows.py")
    done = subprocess.run([sys.executable, program, file, str(samples), str(group)], capture_output=True, text=True, timeout=120, check=True)
    return tuple(int(n) / samples for n in done.stdout.split())


def run(bench):
    seconds = bench.seconds(120, 20)
    whole = Run(bench, "edge-cost", 50, seconds)
    room = bench.room("edge-cost-bare")
    with Slave(bench, room, DEVICES) as slave:
        registers, _, cpu = bare_master(bench, slave.ports, 50, bench.seconds(30, 10), 1000)
    value, bare = whole.cpu / whole.registers * 1e6, cpu / registers * 1e6
    why = whole.faults()
    yield Figure("edge.cost", value, "CPU s per million registers", "bare libmodbus at the same pace", bare, "<= 2", value <= 2 and not why, why,
                 {"cpu_s": whole.cpu, "registers": whole.registers, "seconds": seconds, "arrived": whole.arrived, "paced": whole.paced,
                  "others_measured": "collectd 31-34, Node-RED 7.6"})
    yield Figure("edge.cost.memory", whole.most, "MB resident, most", "Node-RED (measured before)", 141, "<= 40 MB", whole.most <= 40 and not why, why,
                 {"at_the_end": whole.rss})
    written, why = whole.written / whole.registers, whole.faults() or ("" if whole.written else "the folder is on no disk")
    group = max(1, int(whole.registers / max(1, whole.commits)))
    rows, rows_file = plain_rows(bench, min(int(whole.registers), 600_000), group)
    yield Figure("edge.flash.bytes_per_sample", written, "B written to the disk per sample", "rows of a plain SQLite table, WAL, one sync a group", rows,
                 "< the reference", written < rows and not why, why,
                 {"samples_per_commit": group, "file_bytes_per_sample": whole.file_bytes, "reference_file_bytes_per_sample": rows_file, "kb_per_second": whole.written / seconds / 1e3,
                  "gb_per_year_at_this_pace": whole.written / seconds * 365 * 86400 / 1e9})
    large = Run(bench, "edge-cost-large", 100, bench.seconds(25, 12))
    why = large.faults()
    yield Figure("edge.cost.memory_10000", large.most, "MB resident, most, at 10,000 points/s", "NeuronEX (measured before)", 199, "<= 64 MB",
                 large.most <= 64 and not why, why, {"at_the_end": large.rss, "cpu_s_per_million": large.cpu / large.registers * 1e6})
