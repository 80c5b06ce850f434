"""What scripts/try-packages runs in the bare system that it has booted: trial.py FOLDER, with the packages in previous/ and
present/, scripts/ and tests/ beside them. Exit 0 only if every check held."""
import os
import pathlib
import shutil
import signal
import sqlite3
import sys
import tempfile

from demo import Demo
from demo_site import construction_devices, farm_alarm, farm_devices, scenario
from installed import InstalledBroker, InstalledCollector, InstalledEdge, Service, run
from stand import Broker, Edge, Failed, Plant, Webhook, wait_until
from story import Story

FOLDER = pathlib.Path(sys.argv[1])
GOLDEN = FOLDER / "tests" / "golden" / "schemas"
DATA = {name: pathlib.Path("/var/lib") / name for name in ("anlan-edge", "anlan-collector")}
DAEMONS = {name: Service(f"{name}.service") for name in DATA}


def apt(*arguments):
    return run("apt-get", "-qy", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", *arguments)


def install(which):
    return apt("install", *sorted((FOLDER / which).glob("*.deb")))


class InstalledDemo(Demo):
    """The demonstration with collector, broker and the tank farm's edge as installed services."""

    def __init__(self, folder, story):
        self.story, self.folder = story, folder
        self.line = InstalledBroker()
        self.sensors = Broker(folder / "site-broker", extra="user root\n").start()
        (folder / "plant.toml").write_text(scenario(self.sensors.url))
        self.plant = Plant("/usr/bin/anlan-plant", folder, "--scenario", folder / "plant.toml")
        self.webhook = Webhook()
        self.collector = InstalledCollector(self.line, self.webhook.url)
        self.api = self.collector.api
        self.farm = InstalledEdge("tj-bh-001-a", "tj-bh-001", "滨海油库", self.line,
                                  farm_devices(self.plant.ports["farm"]), farm_alarm(self.plant.ports["alarm-line"]))
        (FOLDER / "firmware-profiles").symlink_to("/usr/share/anlan/firmware-profiles")
        self.building = Edge(folder / "edge-building", "tj-hx-002-a", "tj-hx-002", "河西工地", self.line, construction_devices(self.sensors.url))
        self.edges = (self.farm, self.building)

    def start(self):
        for part in (self.collector, self.farm, self.building):
            part.start()


def owner(path):
    return path.owner(), oct(path.stat().st_mode & 0o777)


class Trial:
    def __init__(self, story):
        self.story = story

    def run(self):
        self.installed()
        folder = pathlib.Path(tempfile.mkdtemp(prefix="anlan-trial-"))
        self.demo = InstalledDemo(folder, self.story)
        self.configured()
        self.databases_of_the_oldest_versions()
        self.demo.start()
        self.demo.tell()
        self.watched_over()
        self.upgraded()
        self.demo.building.program.stop()
        self.removed_and_purged()

    def check(self, holds, text):
        return self.story.check(holds, text)

    def installed(self):
        self.story.chapter("A", "The previous packages are installed")
        install("previous")
        for name, service in DAEMONS.items():
            self.check("0.0.9" in run(name, "--version"), f"{name} is {run(name, '--version').strip()}")
            self.check(service.show("UnitFileState") == "enabled" and not service.running, f"{service.unit} is enabled and not started: nothing is configured")
            self.check(owner(DATA[name]) == (name, "0o750"), f"{DATA[name]} is {name}'s alone")
            self.check(pathlib.Path(f"/usr/share/man/man1/{name}.1.gz").exists(), f"{name} has a manual page")
        run("anlanctl", "--help")

    def configured(self):
        self.story.chapter("B", "Configuration and certificates")
        for name in DAEMONS:
            said = run(name, "check")
            self.check("no faults" in said, said.strip())
            key = pathlib.Path(f"/etc/anlan/{name.removeprefix('anlan-')}.credentials/broker.key")
            self.check(owner(key) == ("root", "0o600") and owner(key.parent) == ("root", "0o700"), f"{key} is root's alone")
        self.check(run("systemctl", "show", "--property", "User", "--value", "mosquitto").strip() == "mosquitto", "the broker runs without rights")

    def databases_of_the_oldest_versions(self):
        self.story.chapter("C", "Buffer and telemetry of the oldest versions")
        edge = self.demo.farm
        text = edge.config.read_text()
        edge.config.write_text(text.replace("tj-bh-001", "tj-bh-017"))  # whose buffer it is
        edge.edge = "tj-bh-017-a"
        self.demo.line.certified("edge", edge.edge)
        with sqlite3.connect(DATA["anlan-edge"] / "buffer.db") as old:
            old.executescript((GOLDEN / "buffer-1.sql").read_text())
        old.close()
        shutil.copy(GOLDEN / "telemetry-1.db", DATA["anlan-collector"] / "telemetry.db")
        for name, folder in DATA.items():
            for file in folder.iterdir():
                shutil.chown(file, name, name)
            DAEMONS[name].start()
        self.demo.collector.until_ready()
        old = next(p for p in edge.buffer()["places"] if p["epoch"] == "0123456789abcdeffedcba9876543210" and p["stream"] == "telemetry")
        self.check(old["samples"] == 6 and old["due"] == 1, "the edge goes on with the old buffer; its 6 samples wait for the centre that it belongs to")
        with sqlite3.connect(f"file:{DATA['anlan-collector']}/telemetry.db?mode=ro", uri=True) as new, sqlite3.connect(GOLDEN / "telemetry-1.db") as golden:
            versions = [db.execute("PRAGMA user_version").fetchone()[0] for db in (golden, new)]
        self.check(versions[0] < versions[1], f"the collector serves; telemetry of version {versions[0]} is of version {versions[1]} now")
        for name, folder in DATA.items():
            self.check(DAEMONS[name].stop() == 0, f"{name} stops in order")
            for file in folder.iterdir():
                shutil.rmtree(file) if file.is_dir() else file.unlink()
        self.demo.webhook.forget()  # the old buffer's red is still active: it may have rung
        edge.config.write_text(text)
        edge.edge = "tj-bh-001-a"
        self.demo.line.certified("edge", edge.edge)

    def watched_over(self):
        self.story.chapter("D", "The service manager watches")
        edge, service = self.demo.farm, DAEMONS["anlan-edge"]
        entry = service.entries("ANLAN_EDGE=tj-bh-001-a", "ANLAN_PART=edge")
        self.check(entry and entry[-1]["PRIORITY"] == "6" and entry[-1]["ANLAN_SITE"] == "tj-bh-001", "its log lines are entries of the journal with fields")
        wait_until(lambda: "; connected to mqtts://" in service.show("StatusText"), 20, "systemctl status to say that the line is there")
        self.check(True, "systemctl status says: " + service.show("StatusText"))
        self.check("credentials" not in run("find", "/var/lib", "/run/anlan-edge", check=False), "no secret lies in a folder of the service")
        run("mkdir", "-p", "/run/systemd/system/anlan-edge.service.d")
        pathlib.Path("/run/systemd/system/anlan-edge.service.d/trial.conf").write_text("[Service]\nWatchdogSec=3\n")
        run("systemctl", "daemon-reload")
        service.restart()
        before = service.pid
        os.kill(before, signal.SIGSTOP)
        wait_until(lambda: service.running and service.pid not in (0, before), 60, "a hung loop to be replaced")
        self.check(int(service.show("NRestarts")) == 1, "a loop that hangs is ended by the watchdog and started again")
        good = edge.config.read_text()
        edge.config.write_text(good + "\n[unknown]\n")
        run("systemctl", "restart", service.unit, check=False)
        wait_until(lambda: service.show("ActiveState") == "failed", 20, "it to be failed")
        self.check(service.show("ExecMainStatus") == "2" and service.show("NRestarts") == "0", "a fault in the configuration is exit code 2 and no restart")
        self.check("unknown" in service.journal(), "the fault is in the journal")
        edge.config.write_text(good)
        service.start()
        pid = service.pid
        run("systemctl", "reload", service.unit)
        self.check(service.pid == pid and service.running, "a reload goes on in the same process")

    def upgraded(self):
        self.story.chapter("E", "The present packages come over them, data in place")
        pids = {name: service.pid for name, service in DAEMONS.items()}
        hazards = self.demo.api.all("/api/v1/hazards")
        install("present")
        for name, service in DAEMONS.items():
            version = run(name, "--version").strip()
            self.check("0.0.9" not in version, f"{name} is {version}")
            wait_until(lambda service=service: service.running, 30, f"{name} to run")
            self.check(service.pid != pids[name], f"{name} runs the new program")
        self.demo.collector.until_ready()
        self.check(self.demo.api.all("/api/v1/hazards") == hazards, f"{len(hazards)} hazards are as they were")
        committed, stored, missing, _ = wait_until(self.demo._agree, 60, "the counts to agree")
        self.check(committed == stored and missing == 0, f"committed {committed}, stored {stored}, lost {missing}, twice {stored - committed}")

    def removed_and_purged(self):
        self.story.chapter("F", "Removal keeps the data, purging takes it away")
        buffer = self.demo.farm.buffer()["samples_committed"]
        apt("remove", "anlan-edge", "anlan-collector", "anlan-tools")
        for name, service in DAEMONS.items():
            self.check(not service.running and shutil.which(name) is None, f"{name} is gone and stopped")
        self.check((DATA["anlan-edge"] / "buffer.db").exists() and (DATA["anlan-collector"] / "records.db").exists(), "the data is still there")
        self.check(self.demo.farm.config.exists(), "the configuration is still there")
        install("present")
        for service in DAEMONS.values():
            wait_until(lambda service=service: service.running, 30, f"{service.unit} to run again: it is configured")
        self.check(self.demo.farm.buffer()["samples_committed"] >= buffer, "installed again, it goes on with the old buffer")
        apt("purge", "anlan-edge", "anlan-collector", "anlan-tools")
        for name, folder in DATA.items():
            self.check(not folder.exists() and not pathlib.Path(f"/etc/anlan/{name.removeprefix('anlan-')}.toml").exists(), f"{folder} and its configuration are gone")
            self.check(not DAEMONS[name].running, f"{name} does not run")
        left = run("find", "/usr", "/lib", "/etc", "-name", "*anlan*", "-not", "-path", "/etc/mosquitto/*", "-not", "-path", "/etc/systemd/system/mosquitto*").split()
        self.check(left in ([], ["/etc/anlan"]), f"nothing else is left ({left or 'nothing'})")


def main():
    story = Story()
    trial = Trial(story)
    try:
        trial.run()
    except Failed as failed:
        story.check(False, str(failed))
        for service in DAEMONS.values():
            story.tell(service.journal())
    return story.end()


if __name__ == "__main__":
    sys.exit(main())
