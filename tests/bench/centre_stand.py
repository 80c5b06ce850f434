"""A centre for the figures: Mosquitto with TLS and without log, and a real collector."""
import getpass
import re
import subprocess

import machine
from broker import Broker
from processes import Program, free_port, wait_until
from stand import Api


def make_certificates(folder):
    """A CA and a certificate for 127.0.0.1: ca.pem, server.pem, server.key."""
    folder.mkdir(parents=True, exist_ok=True)

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=30)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=bench CA")
    openssl("req", "-x509", *key, "-keyout", "server.key", "-out", "server.pem", "-subj", "/CN=bench broker",
            "-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE")
    return folder


def broker(room, tls=None):
    """Not started. The queue holds what all edges have in flight (PROTOCOL.md rule 14); 20 receipts on their way, the
    default, are too few for thousands of edges."""
    made = Broker(room / "broker")
    secure = f"cafile {tls / 'ca.pem'}\ncertfile {tls / 'server.pem'}\nkeyfile {tls / 'server.key'}\n" if tls else ""
    made.config.write_text(f"listener {made.port} 127.0.0.1\nuser {getpass.getuser()}\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\nlog_dest stderr\nlog_type error\n"
                           f"max_queued_messages 100000\nmax_inflight_messages 2000\nmax_connections -1\n{secure}")
    made.url = f"mqtt{'s' if tls else ''}://127.0.0.1:{made.port}"
    return made


class Collector:
    def __init__(self, bench, room, broker_url, tls=None, webhook=None, red_only=False):
        self.bench, self.room = bench, room
        room.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.api = Api(self.port)
        self.config = room / "collector.toml"
        ca = f'ca_file = "{tls / "ca.pem"}"\n' if tls else ""
        hook = f'[[webhook]]\nname = "bench"\nurl = "{webhook}"\nfrom = "{"red" if red_only else "orange"}"\n' if webhook else ""
        self.config.write_text(f"""[collector]
data_dir = "{room}"
silent_after_ms = 86400000
[broker]
url = "{broker_url}"
{ca}[http]
listen = "127.0.0.1:{self.port}"
open = true
[log]
notify = false
{hook}""")
        self.program = None

    def start(self, core=None):
        argv = [self.bench.program("anlan-collector"), "run", "--config", self.config]
        self.program = Program(argv if core is None else machine.on_core(core, argv), self.room / "collector.log")
        self.program.wait_for_line(r"collector: serving", 60)
        wait_until(self.api.ready, 30, "the collector to be ready")
        return self

    def samples(self):
        return sum(account["samples"] for account in self.api.all("/api/v1/accounts"))

    def faults(self):
        """Lines of its log that speak of trouble."""
        return [line for line in re.findall(r"^.*(?: error | warning ).*$", self.program.text(), re.M) if "http.open" not in line]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program:
            self.program.kill()
