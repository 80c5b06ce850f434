"""A running anlan-plant: its ports, and its control socket."""
import pathlib
import socket

from processes import Failed, Program


class Plant:
    """Plant(binary, folder, "--scenario", FILE) or (…, "--replay", FILE, …). Returns when it is ready."""

    def __init__(self, binary, folder, *arguments, timeout=10):
        self.control = pathlib.Path(folder) / "plant.sock"
        self.program = Program([binary, *arguments, "--control", self.control], pathlib.Path(folder) / "plant.log")
        ready = self.program.wait_for_line(r"^READY(.*)$", timeout).group(1)
        self.addresses = dict(word.split("=", 1) for word in ready.split())
        self.ports = {name: int(address.rpartition(":")[2]) for name, address in self.addresses.items() if ":" in address}

    def tell(self, line, timeout=5):
        """Does what the line says; what it shows, as text. Failed where it is refused."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(timeout)
            client.connect(str(self.control))
            client.sendall(line.encode() + b"\n")
            reply = b""
            while not (reply == b"ok\n" or reply.endswith(b"\nok\n") or reply.startswith(b"error: ") and reply.endswith(b"\n")):
                part = client.recv(65536)
                if not part:
                    break
                reply += part
        text = reply.decode()
        if not text.endswith("ok\n"):
            raise Failed(f"plant, asked '{line}': {text.strip() or 'no answer'}")
        return text.removesuffix("ok\n")

    def value(self, point):
        """The present value of device/point."""
        return float(self.tell(f"show {point}").split()[1])

    def stop(self):
        return self.program.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.kill()
