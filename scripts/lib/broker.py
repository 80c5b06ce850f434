"""A Mosquitto of our own: on loopback, on a port of its own, keeping nothing on the disk. Stopping it is a real cut of the
line; starting it again takes the same port."""
import os
import pathlib
import shutil
import subprocess

from processes import Failed, Program, free_port, port_open, wait_until


class Broker:
    host = "127.0.0.1"

    def __init__(self, folder, port=None, extra=""):
        """Does not start yet. `extra`: more lines for mosquitto.conf."""
        self.folder = pathlib.Path(folder)
        self.port = port or free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.program = None
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config = self.folder / "mosquitto.conf"
        self.config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\n"
                               f"log_dest stderr\nlog_type all\n{extra}")

    def settings(self, key, name):
        """What the configuration of `name` says of this broker; its address is called `key` there."""
        return f'{key} = "{self.url}"'

    def start(self, timeout=10):
        binary = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        if binary is None:
            raise Failed("mosquitto is not installed; scripts/dependencies installs it")
        # Started as root it would give its rights up and could then not read a private folder.
        self.program = Program([binary, "-c", self.config], self.folder / "mosquitto.log")
        wait_until(lambda: self._listens(), timeout, f"mosquitto on port {self.port}")
        return self

    def _listens(self):
        if not self.program.running:
            raise Failed(f"mosquitto ended:\n{self.program.tail()}")
        return port_open(self.port, self.host)

    def stop(self):
        if self.program:
            self.program.stop()

    def kill(self):
        if self.program:
            self.program.kill()

    def __enter__(self):
        return self if self.program else self.start()

    def __exit__(self, *_):
        self.kill()


ROOT = pathlib.Path(__file__).resolve().parents[2]
OBSERVER = "\nuser observer\ntopic read anlan/#\n"  # tests look on


class SecureBroker(Broker):
    """The centre's, as it is installed: packaging/mosquitto/centre.conf and its ACL, TLS, a certificate for everybody."""

    def __init__(self, folder, port=None, configuration=ROOT / "packaging" / "mosquitto", make_certificates=ROOT / "scripts" / "make-certificates",
                 host="127.0.0.1"):
        super().__init__(folder, port)
        self.host = host
        self.url = f"mqtts://{host}:{self.port}"
        self.make_certificates = make_certificates
        self.certificates = self.folder / "certificates"
        self._make("ca")
        self._make("broker", "localhost", host)
        (self.certificates / "centre.acl").write_text((configuration / "centre.acl").read_text() + OBSERVER)
        text = (configuration / "centre.conf").read_text()
        text = text.replace("/etc/mosquitto/anlan", str(self.certificates)).replace("listener 8883", f"listener {self.port} {host}")
        # As root it would give its rights up, and could not read a private folder.
        self.config.write_text(text + "log_dest stderr\nlog_type all\n" + ("user root\n" if os.getuid() == 0 else ""))

    def _make(self, *arguments, days=None):
        option = ["--days", str(days)] if days else []
        subprocess.run([self.make_certificates, *option, self.certificates, *arguments], check=True, timeout=20)

    def files(self, name, days=None):
        """(CA, certificate, key) of a client; made when it is first asked for, or anew where `days` says how long it is valid."""
        if days or not (self.certificates / f"{name}.pem").exists():
            self._make("client", name, days=days)
        return self.certificates / "ca.pem", self.certificates / f"{name}.pem", self.certificates / f"{name}.key"

    def settings(self, key, name):
        ca, certificate, own_key = self.files(name)
        return f'{key} = "{self.url}"\nca_file = "{ca}"\ncertificate_file = "{certificate}"\nkey_file = "{own_key}"'

    def client(self, name):
        """Arguments of mosquitto_pub and mosquitto_sub for being `name`."""
        ca, certificate, key = self.files(name)
        return ["-h", "127.0.0.1", "-p", str(self.port), "-V", "mqttv5", "--cafile", str(ca), "--cert", str(certificate), "--key", str(key)]
