"""Programs that a script or a test runs: each has a log file, is waited for with a bound, is ended by its own process id,
and never outlives the script. Waiting is by looking again every few milliseconds, never by a fixed sleep."""
import ctypes
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1
LOOK_AGAIN_S = 0.02


class Failed(AssertionError):
    """Something that was waited for did not come; says what, and shows the end of the log."""


def wait_until(condition, timeout, what):
    """The first true value of condition(); Failed after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise Failed(f"waited {timeout} s in vain for {what}")
        time.sleep(LOOK_AGAIN_S)


def free_port():
    """A loopback port that nobody listens on; outside the range from which the kernel gives ports to connections."""
    import random

    for _ in range(200):
        port = random.SystemRandom().randint(12000, 31999)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Failed("no free port between 12000 and 31999")


def port_open(port, host="127.0.0.1"):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


class Program:
    """A running child process. Its output and errors are appended to `log`."""

    def __init__(self, argv, log, *, env=None, cwd=None):
        self.argv = [str(a) for a in argv]
        self.log = pathlib.Path(log)
        self.name = pathlib.Path(self.argv[0]).name
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.starts_at = output.tell()
            self.process = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=cwd,
                env={**os.environ, **(env or {})}, start_new_session=True, preexec_fn=self._die_with_parent)

    @staticmethod
    def _die_with_parent():
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process.poll() is None

    def text(self):
        """What this run has written so far."""
        with self.log.open("rb") as log:
            log.seek(self.starts_at)
            return log.read().decode("utf-8", "replace")

    def wait_for_line(self, pattern, timeout=15):
        """The match of a regular expression in this run's output; Failed where the program ends first, or in time."""

        def found():
            match = re.search(pattern, self.text(), re.MULTILINE)
            if match is None and not self.running and not re.search(pattern, self.text(), re.MULTILINE):
                raise Failed(f"{self.name} ended with {self.process.returncode} before it wrote /{pattern}/:\n{self.tail()}")
            return match

        try:
            return wait_until(found, timeout, f"/{pattern}/ from {self.name}")
        except Failed as failed:
            raise Failed(f"{failed}\n{self.tail()}" if "in vain" in str(failed) else str(failed)) from None

    def tail(self, lines=25):
        return "\n".join(self.text().splitlines()[-lines:])

    def wait(self, timeout=15):
        """Its exit code (128 + signal where one ended it)."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} still runs after {timeout} s\n{self.tail()}") from None
        return code if code >= 0 else 128 - code

    def stop(self, timeout=10):
        """SIGTERM; the exit code. Failed, and killed, where it does not end in time."""
        if self.running:
            self.process.terminate()
        try:
            return self.wait(timeout)
        except Failed:
            self.kill()
            raise

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """SIGKILL, and waits. Nothing where it has ended."""
        if self.running:
            self.process.kill()
        self.process.wait(10)
