"""Both daemons as a service manager sees them: readiness, status, a watchdog that only a turning loop feeds, the end, and
log lines as entries of the journal. The service manager and the journal are sockets of this test."""
import contextlib
import os
import signal
import socket
import subprocess
import sys

import pytest
from stand import Broker, Collector, Edge, free_port, wait_until

WATCHDOG_US = 600_000


class Manager:
    """What NOTIFY_SOCKET leads to."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.setblocking(False)
        self.heard = []

    def listen(self):
        """Everything that was said so far."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.heard += self.socket.recv(4096).decode().splitlines()
        return self.heard

    def wait_for(self, word, timeout=15, after=0):
        wait_until(lambda: any(h.startswith(word) for h in self.listen()[after:]), timeout, f"{word} from the service")


@pytest.fixture
def manager(tmp_path, monkeypatch):
    manager = Manager(tmp_path)
    monkeypatch.setenv("NOTIFY_SOCKET", manager.path)
    monkeypatch.setenv("WATCHDOG_USEC", str(WATCHDOG_US))
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    return manager


def edge(folder):
    return Edge(folder, "tj-s-a", "tj-s", "", Broker(folder / "broker"),
                f'[[device]]\nname = "tank-1"\nprofile = "demo-tank"\nconnect = "modbus+tcp://127.0.0.1:{free_port()}"\n')


def collector(folder):
    return Collector(folder, Broker(folder / "broker"), None)


@pytest.fixture(params=[edge, collector], ids=["edge", "collector"])
def daemon(request, manager, tmp_path):
    daemon = request.param(tmp_path / "daemon").start()
    yield daemon
    daemon.program.kill()


def test_it_is_ready_then_feeds_the_watchdog_then_stops(daemon, manager):
    manager.wait_for("READY=1")
    assert manager.heard.index("READY=1") == 0, "nothing before it serves"
    for _ in range(3):
        manager.wait_for("WATCHDOG=1", after=len(manager.listen()))
    manager.wait_for("STATUS=")
    assert daemon.program.stop() == 0
    assert "STOPPING=1" in manager.listen()


def test_a_reload_begins_and_ends(daemon, manager):
    manager.wait_for("READY=1")
    before = len(manager.listen())
    daemon.program.signal(signal.SIGHUP)
    manager.wait_for("RELOADING=1", after=before)
    manager.wait_for("READY=1", after=before)
    before = len(manager.listen())
    daemon.config.write_text("not = [a configuration")
    daemon.program.signal(signal.SIGHUP)
    daemon.program.wait_for_line("the old one stays in force")
    manager.wait_for("READY=1", after=before)


def test_a_loop_that_stands_still_feeds_nothing(daemon, manager):
    manager.wait_for("WATCHDOG=1")
    daemon.program.signal(signal.SIGSTOP)
    wait_until(lambda: state_of(daemon.program.pid) == "T", 5, "it to stand still")
    before = len(manager.listen())
    with pytest.raises(AssertionError, match="in vain"):
        manager.wait_for("", timeout=2 * WATCHDOG_US / 1e6, after=before)
    daemon.program.signal(signal.SIGCONT)
    manager.wait_for("WATCHDOG=1", after=before)


def state_of(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def test_a_fault_in_the_configuration_is_exit_code_2_and_never_ready(manager, tmp_path):
    for daemon, name in ((edge(tmp_path / "edge"), "anlan-edge"), (collector(tmp_path / "collector"), "anlan-collector")):
        daemon.config.write_text(daemon.config.read_text() + "\n[unknown]\n")
        done = subprocess.run([os.path.join(os.environ["ANLAN_BIN"], name), "run", "--config", daemon.config],
                              capture_output=True, text=True, timeout=15)
        assert done.returncode == 2 and "unknown" in done.stderr
    assert manager.listen() == []


JOURNAL = """
import os, socket, subprocess, sys, time
os.makedirs("/run/systemd/journal")
journal = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
journal.bind("/run/systemd/journal/socket")
journal.settimeout(15)
stream = open(sys.argv[1], "wb")
at = os.fstat(stream.fileno())
named = at.st_ino if sys.argv[2] == "ours" else at.st_ino + 1
daemon = subprocess.Popen(sys.argv[3:], stderr=stream, env={**os.environ, "JOURNAL_STREAM": f"{at.st_dev}:{named}"})
try:
    while sys.argv[2] == "ours":
        entry = journal.recv(65536)
        if b"serving" in entry:
            sys.stdout.buffer.write(entry)
            break
    else:
        while b"serving" not in open(sys.argv[1], "rb").read() and daemon.poll() is None:
            time.sleep(0.02)
        journal.setblocking(False)
        try:
            print("entry", journal.recv(65536))
        except BlockingIOError:
            print("no entry")
finally:
    daemon.terminate()
    daemon.wait(10)
"""


def with_a_journal(tmp_path, whose, daemon):
    """The daemon in a mount namespace where /run is empty and this test is the journal."""
    argv = ["unshare", "--user", "--map-root-user", "--mount"] if os.getuid() else ["unshare", "--mount"]
    argv += ["sh", "-c", 'mount -t tmpfs tmpfs /run && exec "$@"', "sh", sys.executable, "-c", JOURNAL,
             tmp_path / "stderr", whose, os.path.join(os.environ["ANLAN_BIN"], "anlan-collector"), "run", "--config", daemon.config]
    done = subprocess.run(argv, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(), (tmp_path / "stderr").read_text()


def test_log_lines_are_entries_of_the_journal_with_fields(tmp_path):
    daemon = collector(tmp_path / "daemon")
    entry, stderr = with_a_journal(tmp_path, "ours", daemon)
    lines = entry.splitlines()
    assert "PRIORITY=6" in lines and "ANLAN_PART=collector" in lines and f"ANLAN_DATA_DIR={daemon.folder}" in lines
    assert any(line.startswith("MESSAGE=collector: serving http=") for line in lines)
    assert "SYSLOG_IDENTIFIER=anlan-collector" in lines
    assert stderr == "", "each line once"


def test_where_standard_error_is_not_the_journal_lines_stay_there(tmp_path):
    said, stderr = with_a_journal(tmp_path, "somebody's", collector(tmp_path / "daemon"))
    assert said == "no entry\n" and "collector: serving http=" in stderr
