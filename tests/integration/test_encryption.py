"""Encryption of the buffer at rest, with the real daemon: nothing of the site can be read in its files, not even while it runs; the
commands read it with the key; a change of keys loses nothing; without its key the buffer is refused by name, by `check` too."""
import re
import secrets

import pytest
from stand import Collector, Edge, Plant, Program, SecureBroker, programs, wait_until
from test_kills import devices, scenario

# What every buffer of this site is full of: names of points, words of alerts.
WORDS = [b"tank-1", b"temperature", b"tj-e/", b"pressure", b"high"]


@pytest.fixture
def site(tmp_path):
    (tmp_path / "plant.toml").write_text(scenario())
    with SecureBroker(tmp_path / "broker") as line, Plant(programs() / "anlan-plant", tmp_path, "--scenario", tmp_path / "plant.toml") as plant:
        yield Site(tmp_path, line, plant)


class Site:
    def __init__(self, folder, line, plant):
        self.folder, self.line, self.plant, self.edge = folder, line, plant, None

    def key(self, name):
        """A new key; its text."""
        text = secrets.token_hex(32)
        credentials = self.folder / "edge" / "edge.credentials"
        credentials.mkdir(parents=True, exist_ok=True)
        (credentials / name).write_text(text + "\n")
        (credentials / name).chmod(0o600)
        return text

    def configure(self, **keys):
        buffer = "[buffer]\n" + "".join(f'{setting} = "credential:{name}"\n' for setting, name in keys.items())
        self.edge = Edge(self.folder / "edge", "tj-e-a", "tj-e", "", self.line, devices(self.plant.ports["farm"]), buffer, hello_every_ms=1000)
        return self.edge

    def run_until(self, more):
        """Runs until so many more samples are committed, and an alert."""
        before = self.samples()
        self.edge.start()
        wait_until(lambda: self.samples() >= before + more, 20, "samples in the buffer")

    def stop(self):
        self.edge.program.stop()

    def samples(self):
        return self.edge.buffer()["samples_committed"] if (self.folder / "edge" / "buffer.db").exists() else 0

    def bytes(self):
        return b"".join(f.read_bytes() for f in (self.folder / "edge").glob("buffer.db*") if f.is_file())

    def refused(self):
        """What the daemon says at its start; it ends by itself, with 2."""
        program = Program([programs() / "anlan-edge", "run", "--config", self.edge.config], self.folder / "refused.log")
        assert program.wait(10) == 2, program.tail()
        return program.text()


def test_nothing_of_the_site_can_be_read_in_the_files(site):
    text = site.key("buffer.key")
    site.configure(key_file="buffer.key")
    site.plant.tell("set tank-1/temperature 90")
    site.run_until(more=100)
    wait_until(lambda: site.edge.buffer()["active_alerts"] > 0, 20, "an alert")
    assert [word for word in WORDS if word in site.bytes()] == [], "while it runs, in the write-ahead log too"
    code, dumped = site.edge.ask("buffer", "dump", "--most", "2000")
    assert code == 0 and "tj-e/tank-1/temperature" in dumped and "DAMAGED" not in dumped
    code, verified = site.edge.ask("buffer", "verify")
    assert code == 0 and ", 0 damaged" in verified
    site.edge.program.kill()
    assert [word for word in WORDS if word in site.bytes()] == [], "after kill -9"
    site.edge.start()
    site.stop()
    assert [word for word in WORDS if word in site.bytes()] == [], "after an orderly end"
    assert text not in (site.folder / "edge" / "edge.log").read_text(), "no key in a log"


def test_the_words_are_there_without_it(site):
    site.configure()
    site.plant.tell("set tank-1/temperature 90")
    site.run_until(more=100)
    wait_until(lambda: site.edge.buffer()["active_alerts"] > 0, 20, "an alert")
    assert [word for word in WORDS if word not in site.bytes()] == [], "or the test above could not fail"
    site.stop()


def test_keys_change_and_nothing_is_lost(site, tmp_path):
    """In the clear, then a key, then the next, then off again: every sample reaches the centre once."""
    site.configure()
    site.run_until(more=50)
    site.stop()
    for number, keys in enumerate([{"key_file": "one"}, {"key_file": "two", "previous_key_file": "one"}, {"previous_key_file": "two"}]):
        if "key_file" in keys:
            site.key(keys["key_file"])
        site.configure(**keys)
        if number == 2:  # what still stands under the first key would be lost: it is refused until the centre has it
            assert "previous_key_file" in site.refused()
            site.configure(key_file="two", previous_key_file="one")
        site.run_until(more=50)
        code, verified = site.edge.ask("buffer", "verify")
        assert code == 0, verified
        site.stop()
    collector = Collector(tmp_path / "collector", site.line, None).start().until_ready()
    try:
        site.edge.start()
        places = site.edge.buffer()["places"]
        committed = sum(p["samples"] for p in places if p["stream"] == "telemetry")

        def accounts():  # one for each epoch
            return collector.api.all("/api/v1/accounts")

        wait_until(lambda: sum(a["samples"] for a in accounts()) >= committed, 30, "everything to be in the centre")
        for account in accounts():
            for stream in ("telemetry", "event"):
                assert account[stream]["lost"] == account[stream]["void"] == 0, account
        site.stop()
    finally:
        collector.program.kill()


@pytest.mark.parametrize("keys", [{}, {"key_file": "other"}])
def test_without_its_key_the_buffer_is_refused_and_left_alone(site, keys):
    site.key("buffer.key")
    site.key("other")
    site.configure(key_file="buffer.key")
    site.run_until(more=50)
    site.stop()
    before = {f.name: f.read_bytes() for f in (site.folder / "edge").glob("buffer.db*")}
    site.configure(**keys)
    said = site.refused()
    code, checked = site.edge.ask("check")
    assert code == 2
    for words in (said, checked):
        assert re.search(r"buffer\.db holds records that were encrypted with key [0-9a-f]{16}", words), words
        assert "key_file or previous_key_file of [buffer]" in words
    assert {f.name: f.read_bytes() for f in (site.folder / "edge").glob("buffer.db*") if not f.name.endswith(("-shm", "-wal"))} == before
    code, _ = site.edge.ask("buffer")
    assert code == 1
    site.configure(key_file="buffer.key")
    site.run_until(more=10)
    code, verified = site.edge.ask("buffer", "verify")
    assert code == 0, verified
    site.stop()


def test_check_names_a_key_that_is_none(site):
    site.key("buffer.key")
    site.configure(key_file="buffer.key")
    (site.folder / "edge" / "edge.credentials" / "buffer.key").write_text("0123456789abcdef\n")
    code, said = site.edge.ask("check")
    assert code == 2 and "buffer.key_file is not usable" in said and "openssl rand -hex 32" in said and "0123456789abcdef" not in said
