"""What the edge's figures share: slaves, a master of libmodbus, an edge daemon that reads the slaves."""
import json
import re
import subprocess

import machine
from processes import Program, free_port, wait_until

SLAVE_CORE, MASTER_CORE = 0, 1  # the same for ours and for the reference: placement alone changes a bare loop twofold


class Slave:
    """bench_tcp_slave on a core of its own."""

    def __init__(self, bench, room, endpoints=1, hung=0, deaf=0, arrivals=None):
        argv = [bench.program("bench_tcp_slave"), "--endpoints", endpoints, "--hung", hung, "--deaf", deaf]
        if arrivals:
            argv += ["--arrivals", arrivals]
        self.program = Program(machine.on_core(SLAVE_CORE, argv), room / "slave.log")
        self.ports = [int(p) for p in self.program.wait_for_line(r"^READY ([\d ]+)$").group(1).split()]

    def stop(self):
        """(requests, registers) served."""
        self.program.stop()
        return tuple(int(n) for n in re.search(r"^DONE (\d+) (\d+)$", self.program.text(), re.M).groups())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.kill()


def bare_master(bench, ports, count, seconds, period_ms=0):
    """(registers, seconds, cpu seconds) of libmodbus alone."""
    argv = [bench.program("bench_bare_master"), "--ports", ",".join(map(str, ports)), "--count", count, "--seconds", seconds, "--period-ms", period_ms]
    done = subprocess.run(machine.on_core(MASTER_CORE, argv), capture_output=True, text=True, timeout=seconds + 30, check=True)
    registers, took, cpu = done.stdout.split()
    return int(registers), float(took), float(cpu)


def profile(file, registers):
    """A profile of `registers` holding registers, one point each, without limits."""
    points = "".join(f'[[point]]\nname = "r{i}"\ntable = "holding"\naddress = {i}\ntype = "u16"\n' for i in range(registers))
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'vendor = "bench"\nmodel = "registers"\nsource = "made by scripts/bench"\n{points}')


class Edge:
    """A real edge daemon over its own folder. `uplink`: TOML lines of [uplink]; none: a broker that is not there."""

    def __init__(self, bench, room, devices, registers, uplink=None, buffer_bytes=4 << 30, site="bench"):
        self.bench, self.room = bench, room
        self.metrics_port = free_port()
        profile(room / "profiles" / "registers.toml", registers)
        self.config = room / "edge.toml"
        self.config.write_text(f"""[edge]
id = "{site}-a"
site = "{site}"
data_dir = "{room}"
profiles = "{room / 'profiles'}"
metrics_listen = "127.0.0.1:{self.metrics_port}"
[uplink]
{uplink or f'broker = "mqtt://127.0.0.1:{free_port()}"'}
[buffer]
max_bytes = {buffer_bytes}
{devices}""")
        self.program = None

    def start(self, core=MASTER_CORE):
        argv = [self.bench.program("anlan-edge"), "run", "--config", self.config]
        self.program = Program(argv if core is None else machine.on_core(core, argv), self.room / "edge.log")
        self.program.wait_for_line(r"edge: serving", 30)
        return self

    def faults(self):
        """What `anlan-edge check` says against the configuration; empty: nothing."""
        done = subprocess.run([self.bench.program("anlan-edge"), "check", "--config", self.config], capture_output=True, text=True, timeout=20)
        return "" if done.returncode == 0 else done.stderr.strip()

    def committed(self):
        """Samples that are in the buffer, on the disk."""
        done = subprocess.run([self.bench.program("anlan-edge"), "buffer", "--json", "--config", self.config], capture_output=True, text=True, timeout=20, check=True)
        return json.loads(done.stdout)["samples_committed"]

    def metrics(self):
        """{name with labels: value}"""
        import urllib.request
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line and line[0] != "#"}

    def wait_for_samples(self, timeout=20):
        wait_until(lambda: self.metrics().get("anlan_edge_samples_total", 0) > 0, timeout, "the first sample")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program:
            self.program.kill()


def device(name, port, poll_ms, unit=1, timeout_ms=500, scheme="modbus+tcp", profile_name="registers"):
    modbus = f"unit = {unit}\ntimeout_ms = {timeout_ms}\n" if unit is not None else ""
    return f"""[[device]]
name = "{name}"
profile = "{profile_name}"
connect = "{scheme}://127.0.0.1:{port}"
poll_ms = {poll_ms}
{modbus}"""
