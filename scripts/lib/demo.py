"""The demonstration: a sensor in danger on a site becomes a tracked hazard in the centre, and nothing on the way is lost.
Called by scripts/demo after it has built everything."""
import argparse
import datetime
import pathlib
import secrets
import shutil
import sys
import tempfile
import time

import recording
from demo_site import construction_devices, farm_alarm, farm_devices, scenario
from stand import Broker, Collector, Edge, Failed, Plant, SecureBroker, Webhook, programs, wait_until
from story import Story

POINT = "tj-bh-001/tank-1/temperature"


class Demo:
    people = {}  # name: the API as this person; empty where nobody has to log in

    def __init__(self, folder, story):
        self.story = story
        self.folder = folder
        self.line = SecureBroker(folder / "broker").start()
        self.sensors = Broker(folder / "site-broker").start()
        plant_file = folder / "plant.toml"
        plant_file.write_text(scenario(self.sensors.url))
        self.plant = Plant(programs() / "anlan-plant", folder, "--scenario", plant_file)
        self.webhook = Webhook()
        self.collector = Collector(folder / "collector", self.line, self.webhook.url, silent_after_ms=60_000, open=False).start()
        self.api, self.people = self.collector.api, {}
        self.admit_people()
        self.farm = Edge(folder / "edge-farm", "tj-bh-001-a", "tj-bh-001", "滨海油库", self.line,
                         farm_devices(self.plant.ports["farm"]), farm_alarm(self.plant.ports["alarm-line"])).start()
        self.building = Edge(folder / "edge-building", "tj-hx-002-a", "tj-hx-002", "河西工地", self.line,
                             construction_devices(self.sensors.url)).start()
        self.edges = (self.farm, self.building)

    def close(self):
        for program in (self.farm.program, self.building.program, self.collector.program, self.plant.program):
            program.stop()
        self.webhook.close()
        for broker in (self.line, self.sensors):
            broker.stop()

    def admit_people(self):
        """The first administrator by init-admin, everybody else by invitation through the API. The story reads as the
        city's regulator; who acts has logged in."""
        password = secrets.token_urlsafe(16)
        self.collector.init_admin("管理员", password)
        admin = self.collector.api.logged_in("管理员", password)
        for site, district, company in (("tj-bh-001", "滨海新区", "滨海油库"), ("tj-hx-002", "河西区", "河西建设")):
            admin.expect(200, "POST", f"/api/v1/places/{site}", {"district": district, "company": company}, {"If-Match": '"0"'})
        for person in ({"name": "周敏", "role": "CR"}, {"name": "王芳", "role": "DA", "district": "滨海新区"},
                       {"name": "李强", "role": "EP", "company": "滨海油库"}):
            invitation = admin.expect(201, "POST", "/api/v1/people", person)["invitation"]
            self.people[person["name"]] = admin.joined(invitation, person["name"], secrets.token_urlsafe(16))
        self.api = self.collector.api = self.people["周敏"]
        self.token_file = self.folder / "regulator.token"
        self.token_file.touch(mode=0o600)
        self.token_file.write_text(self.api.token + "\n")

    # -- what the centre shows --------------------------------------------------------------------------------------

    def alert(self):
        alerts = self.api.all("/api/v1/alerts", source=POINT)
        return alerts[0] if alerts else None

    def hazard(self):
        hazards = self.api.all("/api/v1/hazards", asset="tj-bh-001/tank-1")
        return hazards[0] if hazards else None

    def wait_for_level(self, level, timeout=30):
        def reached():
            alert = self.alert()
            return alert if alert and alert["level"] == level else None

        alert = wait_until(reached, timeout, f"the alert to be {level} in the centre")
        self.story.tell(f"{level:7} {POINT} {alert['evidence']['value']:.1f} {alert['evidence']['unit']} "
                        f"(limit {alert['evidence']['limit']:.0f}), score {alert['score']:.0f}", level)
        return alert

    def counts(self):
        """(samples committed by the edges, samples stored in the centre, missing, due)"""
        accounts = self.api.all("/api/v1/accounts")
        buffers = [edge.buffer() for edge in self.edges]
        return (sum(b["samples_committed"] for b in buffers), sum(a["samples"] for a in accounts),
                sum(a[stream]["missing"] + a[stream]["void"] for a in accounts for stream in ("event", "telemetry")),
                sum(b["records_due"] for b in buffers))

    # -- the story ----------------------------------------------------------------------------------------------------

    def tell(self):
        self.two_sites_report()
        self.a_tank_heats_up()
        self.the_line_is_cut()
        self.the_line_is_back()
        self.the_tank_cools()
        self.the_hazard_is_closed()
        self.nothing_was_lost()

    def two_sites_report(self):
        story = self.story
        story.chapter(1, "Two sites report: a tank farm over Modbus, a construction site over MQTT")
        self.collector.until_ready()

        def all_there():
            points = self.api.all("/api/v1/points")
            return points if len(points) == 14 and all(p["newest"] and not p["stale"] for p in points) else None

        for point in wait_until(all_there, 30, "all 14 points to have a fresh value in the centre"):
            newest = point["newest"]
            story.tell(f"{point['path']:32} {newest['value']:8.1f} {point['unit']:6} {point['name']}")
        story.check(True, "14 points of 2 sites are fresh in the centre")
        story.check(not self.api.all("/api/v1/alerts"), "no alert")
        self.first_beat = self.plant.value("siren/beat")

    def a_tank_heats_up(self):
        story = self.story
        story.chapter(2, "Tank 1 heats up")
        self.plant.tell("ramp tank-1/temperature 70 11s")
        for level in ("blue", "yellow", "orange"):
            self.wait_for_level(level)
        request = self.webhook.wait_for(lambda r: r.json()["level"] == "orange", 10, "the webhook to ring for orange")
        body = request.json()
        decided = body["decided_at"] if isinstance(body["decided_at"], (int, float)) else 1000 * _seconds(body["decided_at"])
        story.check(True, f"the webhook rang for orange {1000 * request.at - decided:.0f} ms after the edge decided")
        hazard = wait_until(self.hazard, 5, "a hazard")
        story.check(hazard["state"] == "dispatched", f"a hazard was opened and dispatched to {hazard['responsible']}: {hazard['title']}")
        story.check(self.plant.value("siren/sound") == 0, "the local alarm is quiet below red")

    def the_line_is_cut(self):
        story = self.story
        story.chapter(3, "The line is cut: the broker is stopped. Tank 1 goes red")
        self.line.stop()
        before = self.farm.buffer()
        self.plant.tell("ramp tank-1/temperature 82 3s")
        wait_until(lambda: self.plant.value("siren/sound") == 1, 20, "the local alarm to sound")
        story.check(True, "the local alarm sounds, with no line to the centre")
        wait_until(lambda: self.plant.value("siren/level") == 4, 5, "the annunciator to show red")  # written after the sound
        story.check(True, "the annunciator shows red")
        story.check(self.alert()["level"] == "orange", "the centre still knows of orange only")
        wait_until(lambda: self.farm.buffer()["records_due"] > before["records_due"] + 12, 30, "the buffer to grow")
        after = self.farm.buffer()
        story.check(after["records_due"] > before["records_due"],
                    f"the buffer grows: {after['records_due']} records wait ({after['samples_committed']} samples committed)")
        story.check(not self.farm.status()["uplink"]["connected"], "the edge says that its line is down: " + self.farm.status()["uplink"]["trouble"])

    def the_line_is_back(self):
        story = self.story
        story.chapter(4, "The line is back")
        rung = len(self.webhook.received)
        waiting = {edge.edge: edge.buffer()["records_due"] for edge in self.edges}
        self.line.start()
        begun = time.monotonic()
        red = self.webhook.wait_for(lambda r: r.json()["level"] == "red", 40, "the webhook to ring for red")
        drained = self.farm.buffer()["records_due"]
        story.tell(f"red rang {time.monotonic() - begun:.1f} s after the broker was back, at the age of {red.json()['age_s']} s", "red")
        story.check(red.json()["age_s"] >= 1, "it rang with its age")
        story.check(len(self.webhook.received) == rung + 1, "it rang once")
        self.wait_for_level("red")
        wait_until(lambda: self.counts()[3] == 0, 40, "the backlog to drain")
        story.check(True, f"the backlog of {waiting[self.farm.edge]} records has drained ({drained} were left when red rang)")
        committed, stored, missing, _ = wait_until(self._agree, 40, "the counts to agree")
        story.check(committed == stored and missing == 0, f"committed {committed}, stored {stored}, lost {missing}, twice {stored - committed}")

    def _agree(self):
        """Edges commit four times a second: some look meets them at rest, with nothing on its way."""
        counts = self.counts()
        return counts if counts[0] == counts[1] and counts[2:] == (0, 0) else None

    def the_tank_cools(self):
        story = self.story
        story.chapter(5, "The tank cools; a person resets the red alarm")
        self.plant.tell("ramp tank-1/temperature 25 4s")
        code, text = self.farm.ask("alarm", "reset", "--by", "赵工", "--source", POINT)
        story.check(code == 1, "a reset while the tank is still hot is refused: " + text.strip().removeprefix("anlan-edge: "))
        wait_until(lambda: self.alert()["state"] == "latched", 20, "the alert to latch")
        story.check(self.alert()["level"] == "red", "the value is back, red stays until a person resets it (latched)")
        code, text = self.farm.ask("alarm", "silence", "--by", "赵工")
        story.check(code == 0, "the local alarm is silenced by 赵工" if code == 0 else text)
        code, text = self.farm.ask("alarm", "reset", "--by", "赵工")
        story.check(code == 0, "reset on the site by 赵工" if code == 0 else text)
        wait_until(lambda: self.alert()["state"] in ("cleared-unacked", "over"), 15, "the alert to be over in the centre")
        story.check(self.plant.value("siren/sound") == 0, "the local alarm is quiet")

    def the_hazard_is_closed(self):
        story = self.story
        story.chapter(6, "The hazard is rectified, checked, accepted by somebody else, and closed")
        id = self.hazard()["id"]
        limit = (datetime.datetime.now().astimezone() + datetime.timedelta(days=2)).isoformat(timespec="seconds")
        self._step(id, "start", "李强", "EP", "", measures="检修冷却回路，更换循环泵密封", responsible_person="李强", funds="12000 元",
                   time_limit=limit, contingency_plan="超过 70 °C 时启动喷淋")
        self._step(id, "self_check", "李强", "EP", "冷却恢复，温度 25 °C，运行 2 小时无异常")
        status, answer = self.acting("李强").act(id, "accept", "李强", "EP", "自查合格")
        story.check(status != 200, "the rectifier may not accept his own work: " + str(answer.get("detail", "")))
        self._step(id, "accept", "王芳", "DA", "现场复核合格")
        details = self.api.get(f"/api/v1/hazards/{id}")
        story.check(details["state"] == "closed", "closed")
        story.tell("its history:")
        for event in details["history"]:
            story.tell(f"  {event['what']:13} {event['from']} → {event['to']}  {event['actor']} ({event['role']})  {event['reason']}", "dim")
        actors = {event["actor"] for event in details["history"]}
        story.check({"李强", "王芳"} <= actors, "two different people are named in it")

    def anlanctl(self):
        """How to look at the centre from a shell, as the city's regulator."""
        return f"env ANLAN_TOKEN_FILE={self.token_file} {programs() / 'anlanctl'} --url http://127.0.0.1:{self.collector.port}"

    def acting(self, name):
        """The API as this person; as nobody where the collector is open (the packages' trial)."""
        return self.people.get(name, self.api)

    def _step(self, id, action, name, role, reason, **fields):
        status, answer = self.acting(name).act(id, action, name, role, reason, **fields)
        self.story.check(status == 200, f"{action} by {name} ({role})" if status == 200 else f"{action}: {answer}")

    def nothing_was_lost(self):
        story = self.story
        story.chapter(7, "The books: edges stopped, everything counted")
        story.check(self.plant.value("siren/beat") > self.first_beat, "the heartbeat of the local alarm never stopped")
        for edge in self.edges:
            story.check(edge.program.stop() == 0, f"{edge.edge} ended in order")
        for edge in self.edges:
            edge.start()
        committed, stored, missing, _ = wait_until(self._agree, 40, "the counts to agree")
        story.check(committed == stored and missing == 0, f"committed {committed}, stored {stored}, lost {missing}, twice {stored - committed}")
        keys = [r.key for r in self.webhook.received if 200 <= r.answered < 300]
        story.check(len(keys) == len(set(keys)), f"{len(keys)} notifications, none twice")


def _seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def main():
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end when the story has completed; exit 0 only if every check held")
    parser.add_argument("--recording", metavar="FILE.csv", help="play a recording through plant, edge, broker and collector, and compare every value")
    parser.add_argument("--city", action="store_true", help="no story: the two sites and the centre run, and you make things happen")
    parser.add_argument("--keep", action="store_true", help="leave the folder with databases and logs")
    options = parser.parse_args()
    story = Story()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="anlan-demo-"))
    story.tell(f"databases and logs are in {folder}", "dim")
    code = 1
    try:
        if options.recording:
            recording.play(story, folder, pathlib.Path(options.recording))
            code = story.end()
        elif options.city:
            code = city(story, folder)
        else:
            code = tell(story, folder, options.once)
    except Failed as failed:
        story.check(False, str(failed))
        code = story.end()
    except KeyboardInterrupt:
        code = 130
    if code == 0 and not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        story.tell(f"look into {folder}")
    return code


def tell(story, folder, once):
    demo = Demo(folder, story)
    try:
        demo.tell()
        recording.play(story, folder / "recording", recording.SMALL)
        code = story.end()
        if not once:
            story.tell(f"the centre goes on; try: {demo.anlanctl()} points list")
            story.tell("Ctrl-C ends it")
            while True:
                time.sleep(3600)
        return code
    finally:
        demo.close()


def city(story, folder):
    """The same two sites, and nothing happens until the person at the terminal makes it happen. Ends with the input."""
    demo = Demo(folder, story)
    try:
        demo.collector.until_ready()
        centre = demo.anlanctl()
        farm = demo.farm
        for what, how in (("the centre", f"{centre} status"), ("its alerts", f"{centre} alerts list"), ("its points", f"{centre} points list"),
                          ("the tank farm", f"{programs() / 'anlan-edge'} status --config {farm.config}"),
                          ("change a limit", f"edit {farm.config}, then: kill -HUP {farm.program.pid}"),
                          ("the plant", "type here: ramp tank-1/temperature 60 20s, fault tank-1 hang, show (docs/formats/plant.md)")):
            story.tell(f"{what:14} {how}")
        story.tell("Ctrl-D or Ctrl-C ends it")
        for line in sys.stdin:
            if line.strip():
                try:
                    story.tell(demo.plant.tell(line.strip()).rstrip() or "ok")
                except Failed as failed:
                    story.tell(str(failed), "yellow")
        return 0
    finally:
        demo.close()


if __name__ == "__main__":
    sys.exit(main())
