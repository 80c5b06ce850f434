"""The installed programs as the story knows them: services of systemd in place of child processes."""
import json
import pathlib
import subprocess

from processes import Failed, wait_until
from stand import Api, Edge

CERTIFICATES = pathlib.Path("/root/certificates")
SHARE = pathlib.Path("/usr/share/anlan")


def run(*argv, check=True, timeout=300, **more):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=timeout, **more)
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, argv))}: {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout + done.stderr


class Service:
    """A unit; as a Program (scripts/lib/processes.py) as far as the story needs one."""

    def __init__(self, unit):
        self.unit = unit

    def show(self, name):
        return run("systemctl", "show", "--property", name, "--value", self.unit).strip()

    @property
    def running(self):
        return self.show("ActiveState") == "active"

    @property
    def pid(self):
        return int(self.show("MainPID"))

    def start(self):
        return self.tell("start")

    def restart(self):
        return self.tell("restart")

    def tell(self, verb):
        try:
            run("systemctl", verb, self.unit, timeout=60)
        except Failed as failed:
            raise Failed(f"{failed}\n{self.journal()}") from None
        return self

    def stop(self):
        """The exit code."""
        run("systemctl", "stop", self.unit, timeout=60)
        return int(self.show("ExecMainStatus"))

    def journal(self, *matches):
        return run("journalctl", "--no-pager", "--unit", self.unit, "--lines", "40", *matches)

    def entries(self, *matches):
        text = run("journalctl", "--no-pager", "--output", "json", "--unit", self.unit, *matches)
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


class InstalledBroker(Service):
    """Debian's mosquitto.service with the centre's configuration and the drop-in."""

    def __init__(self):
        super().__init__("mosquitto.service")
        self.url = "mqtts://127.0.0.1:8883"
        own = pathlib.Path("/etc/mosquitto/anlan")
        own.mkdir()
        maker = SHARE / "make-certificates"
        run(maker, CERTIFICATES, "ca")
        run(maker, CERTIFICATES, "broker", "localhost", "127.0.0.1")
        for file in ("ca.pem", "broker.pem", "broker.key"):
            run("install", "-o", "mosquitto", "-m", "400", CERTIFICATES / file, own)
        run("cp", SHARE / "mosquitto" / "centre.acl", own)
        run("cp", SHARE / "mosquitto" / "centre.conf", "/etc/mosquitto/conf.d/anlan.conf")
        run("mkdir", "-p", "/etc/systemd/system/mosquitto.service.d")
        run("cp", SHARE / "mosquitto.service.d" / "anlan.conf", "/etc/systemd/system/mosquitto.service.d")
        run("systemctl", "daemon-reload")
        self.restart()

    def certified(self, daemon, name):
        """The configuration's lines, once certificate and key are where only root reads them."""
        if not (CERTIFICATES / f"{name}.pem").exists():
            run(SHARE / "make-certificates", CERTIFICATES, "client", name)
        run("install", "-m", "644", CERTIFICATES / "ca.pem", "/etc/anlan/ca.pem")
        run("install", "-m", "644", CERTIFICATES / f"{name}.pem", f"/etc/anlan/{daemon}.pem")
        run("install", "-m", "600", CERTIFICATES / f"{name}.key", f"/etc/anlan/{daemon}.credentials/broker.key")
        return f'ca_file = "ca.pem"\ncertificate_file = "{daemon}.pem"\nkey_file = "credential:broker.key"'

    def settings(self, key, name):
        """For a daemon that is no service: as root, with the files where they were made."""
        if not (CERTIFICATES / f"{name}.pem").exists():
            run(SHARE / "make-certificates", CERTIFICATES, "client", name)
        return (f'{key} = "{self.url}"\nca_file = "{CERTIFICATES}/ca.pem"\ncertificate_file = "{CERTIFICATES}/{name}.pem"\n'
                f'key_file = "{CERTIFICATES}/{name}.key"')


class InstalledEdge(Edge):
    """/etc/anlan/edge.toml and anlan-edge.service."""

    def __init__(self, edge, site, title, broker, devices, more=""):
        self.edge, self.site, self.title = edge, site, title
        self.config = pathlib.Path("/etc/anlan/edge.toml")
        self.program = Service("anlan-edge.service")
        self.config.write_text(f"""[edge]
id = "{edge}"
site = "{site}"
title = "{title}"
data_dir = "/var/lib/anlan-edge"
[uplink]
broker = "{broker.url}"
{broker.certified("edge", edge)}
hello_every_ms = 2000
resend_after_ms = 2000
{more}
{devices}""")

    def start(self):
        self.program.start()
        return self


class InstalledCollector:
    """/etc/anlan/collector.toml and anlan-collector.service."""

    def __init__(self, broker, webhook):
        self.port = 8080
        self.api = Api(self.port)
        self.config = pathlib.Path("/etc/anlan/collector.toml")
        self.program = Service("anlan-collector.service")
        self.config.write_text(f"""[collector]
data_dir = "/var/lib/anlan-collector"
silent_after_ms = 60000
[broker]
url = "{broker.url}"
{broker.certified("collector", "collector")}
[http]
listen = "127.0.0.1:{self.port}"
open = true
[[webhook]]
name = "duty-room"
url = "{webhook}"
from = "orange"
""")

    def start(self):
        self.program.start()
        return self

    def until_ready(self, timeout=20):
        wait_until(self.api.ready, timeout, "the collector to be ready (GET /readyz)")
        return self
