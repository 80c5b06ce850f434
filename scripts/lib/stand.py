"""A whole Anlan on one machine: broker, plant, edges, collector, a receiver of webhooks; each a real process with its own
folder. The demonstration and the integration tests run on it."""
import http.client
import json
import os
import pathlib
import subprocess
import urllib.parse
import uuid

from broker import Broker, SecureBroker
from plant import Plant
from processes import Failed, Program, free_port, wait_until
from webhook import Webhook

ROOT = pathlib.Path(__file__).resolve().parents[2]


def programs():
    """Where the built programs are: ANLAN_BIN, or the dev preset's."""
    return pathlib.Path(os.environ.get("ANLAN_BIN", ROOT / "build" / "dev" / "bin"))


def settings(broker, key, name):
    """What the configuration of `name` says of a Broker, or of the address of one that asks for nothing."""
    return f'{key} = "{broker}"' if isinstance(broker, str) else broker.settings(key, name)


class Api:
    """The collector's HTTP API."""

    def __init__(self, port, token=None):
        self.port, self.token = port, token

    def logged_in(self, name, password, code=None):
        """The same API, as this person."""
        body = {"name": name, "password": password, "for": "program", **({"code": code} if code else {})}
        return Api(self.port, self.expect(201, "POST", "/api/v1/session", body)["token"])

    def joined(self, invitation, name, password):
        """Somebody who was invited chooses a password; the API as this person."""
        body = {"invitation": invitation, "name": name, "password": password, "for": "program"}
        return Api(self.port, self.expect(201, "POST", "/api/v1/session/invitation", body)["token"])

    def expect(self, wanted, method, path, body=None, headers=None):
        status, _, text = self.call(method, path, body, {"Idempotency-Key": str(uuid.uuid4()), **(headers or {})})
        if status != wanted:
            raise Failed(f"{method} {path}: {status} {text[:300]}")
        return json.loads(text) if text else None

    def call(self, method, path, body=None, headers=None, timeout=10):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self.token}"} if self.token else {}), **(headers or {})}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, answer.headers, text
        finally:
            connection.close()

    def get(self, path, **query):
        query = {name: value for name, value in query.items() if value is not None}
        status, _, text = self.call("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))
        if status != 200:
            raise Failed(f"GET {path}: {status} {text[:300]}")
        return json.loads(text)

    def all(self, path, **query):
        """Every item of a list, page by page."""
        items, cursor = [], None
        while True:
            page = self.get(path, cursor=cursor, **query)
            items += page["items"]
            cursor = page.get("next")
            if not cursor:
                return items

    def act(self, hazard, action, name, role, reason="", **fields):
        """One step of a hazard's closed loop, by a named person, on the version that person sees."""
        status, headers, text = self.call("GET", f"/api/v1/hazards/{hazard}")
        body = {"action": action, "reason": reason, "fields": fields}
        if self.token is None:  # nobody has logged in: the API is open
            body["actor"] = {"name": name, "role": role}
        status, _, text = self.call("POST", f"/api/v1/hazards/{hazard}/actions", body,
                                    {"If-Match": headers["ETag"], "Idempotency-Key": str(uuid.uuid4())})
        return status, json.loads(text)

    def ready(self):
        try:
            status, _, _ = self.call("GET", "/readyz", timeout=2)
        except OSError:
            return False
        return status == 200


class Edge:
    """One edge daemon. `broker`: a Broker, or an address; `devices`: TOML tables; `more`: further TOML (annunciator, …)."""

    def __init__(self, folder, edge, site, title, broker, devices, more="", hello_every_ms=2000, resend_after_ms=2000, uplink=""):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.edge, self.site, self.title = edge, site, title
        self.config = self.folder / "edge.toml"
        self.uplink = uplink  # further keys of [uplink]
        self.write(broker, devices, more, hello_every_ms, resend_after_ms)
        self.program = None

    def write(self, broker, devices, more, hello_every_ms, resend_after_ms):
        profiles = self.folder / "profiles"
        if not profiles.exists():
            profiles.symlink_to(ROOT / "firmware-profiles")
        self.config.write_text(f"""[edge]
id = "{self.edge}"
site = "{self.site}"
title = "{self.title}"
data_dir = "{self.folder}"
profiles = "{profiles}"

[uplink]
{settings(broker, "broker", self.edge)}
hello_every_ms = {hello_every_ms}
resend_after_ms = {resend_after_ms}
{self.uplink}

{more}
{devices}
""")

    def start(self, prefix=()):
        """`prefix`: words before the program, for running it elsewhere."""
        self.program = Program([*prefix, programs() / "anlan-edge", "run", "--config", self.config], self.folder / "edge.log")
        self.program.wait_for_line(r"edge: serving", 15)
        return self

    def ask(self, *arguments):
        """Runs another anlan-edge with this configuration; (exit code, output)."""
        done = subprocess.run([programs() / "anlan-edge", *arguments, "--config", self.config], capture_output=True, text=True, timeout=20)
        return done.returncode, done.stdout + done.stderr

    def buffer(self):
        code, text = self.ask("buffer", "--json")
        if code != 0:
            raise Failed(f"anlan-edge buffer: {text}")
        return json.loads(text)

    def status(self):
        code, text = self.ask("status", "--json")
        if code != 0:
            raise Failed(f"anlan-edge status: {text}")
        return json.loads(text)


class Collector:
    """`open`: nobody has to log in (docs/decisions/0087), as most tests want it."""

    def __init__(self, folder, broker, webhook, silent_after_ms=90000, port=None, more="", open=True):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.api = Api(self.port)
        self.config = self.folder / "collector.toml"
        hook = f'[[webhook]]\nname = "duty-room"\nurl = "{webhook}"\nfrom = "orange"\n' if webhook else ""
        self.config.write_text(f"""[collector]
data_dir = "{self.folder}"
silent_after_ms = {silent_after_ms}

[broker]
{settings(broker, "url", "collector")}

[http]
listen = "127.0.0.1:{self.port}"
open = {str(open).lower()}

{hook}
{more}
""")
        self.program = None

    def start(self):
        self.program = Program([programs() / "anlan-collector", "run", "--config", self.config], self.folder / "collector.log")
        self.program.wait_for_line(r"collector: serving", 15)
        return self

    def init_admin(self, name, password, staff_number=""):
        """The first account; its password goes by standard input."""
        done = subprocess.run([programs() / "anlan-collector", "init-admin", "--config", self.config, "--name", name, "--staff-number", staff_number],
                              input=password + "\n", capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise Failed(f"init-admin: {done.stdout}{done.stderr}")

    def until_ready(self, timeout=20):
        wait_until(self.api.ready, timeout, "the collector to be ready (GET /readyz)")
        return self

    def accounts(self):
        """{edge: (records stored, samples stored)}"""
        return {a["edge"]: a for a in self.api.all("/api/v1/accounts")}


__all__ = ["Api", "Broker", "Collector", "Edge", "Failed", "Plant", "Program", "ROOT", "SecureBroker", "Webhook", "free_port", "programs", "wait_until"]
