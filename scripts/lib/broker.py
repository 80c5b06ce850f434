"""A Mosquitto of our own: on loopback, on a port of its own, keeping nothing on the disk. Stopping it is a real cut of the
line; starting it again takes the same port."""
import pathlib
import shutil

from processes import Failed, Program, free_port, port_open, wait_until


class Broker:
    def __init__(self, folder, port=None, extra=""):
        """Does not start yet. `extra`: more lines for mosquitto.conf."""
        self.folder = pathlib.Path(folder)
        self.port = port or free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self.program = None
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config = self.folder / "mosquitto.conf"
        self.config.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
                               f"log_dest stderr\nlog_type all\n{extra}")

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
        return port_open(self.port)

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
