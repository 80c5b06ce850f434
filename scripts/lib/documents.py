"""The documents' examples, as a test runs them. A fenced block says in its info string, after the language, what it is:

    ```sh run            the commands work (bash, stopped at the first that fails) beside a running city, see Sandbox
    ```sh run setup=X    the same, after `X` of the sandbox
    ```toml check=edge        a whole configuration that `anlan-edge check` takes
    ```toml check=collector   … that `anlan-collector check` takes
    ```toml check=profile     a whole firmware profile (or points of one) that an edge takes
    ```toml check=plant       a whole scenario that anlan-plant plays

Blocks of one document run in its order in one sandbox. Other blocks are prose."""
import dataclasses
import os
import pathlib
import re
import subprocess

from stand import ROOT, Broker, Plant, Webhook, free_port, programs, wait_until

FENCE = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Block:
    document: str
    line: int
    words: tuple
    text: str

    @property
    def runs(self):
        return "run" in self.words

    @property
    def checked_as(self):
        return next((word.removeprefix("check=") for word in self.words if word.startswith("check=")), None)

    def __str__(self):
        return f"{self.document}:{self.line}"


def documents():
    """Every page that people read, from the root of the tree."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(str(page.relative_to(ROOT)) for page in pages)


def blocks(document):
    text = (ROOT / document).read_text()
    for match in FENCE.finditer(text):
        yield Block(document, text.count("\n", 0, match.start()) + 1, tuple(match["info"].split()), match["text"])


WRAPPER = """#!/bin/bash
# {name}, with this sandbox's configuration where the caller names none
case " $* " in *" --config"*|*" --help "*|*" --version "*) exec {program} "$@" ;; esac
exec {program} "$@" --config {config}
"""

SYSTEMCTL = """#!/bin/bash
# What a document asks of systemd, for this sandbox's two daemons. They end by themselves after ten minutes, whatever
# becomes of who started them; `timeout` hands every signal on.
set -euo pipefail
verb=$1 unit=${{2%.service}}
pid={run}/$unit.pid log={run}/$unit.log
start() {{
  setsid nohup timeout 600 "{programs}/$unit" run --config "{etc}/${{unit#anlan-}}.toml" >> "$log" 2>&1 < /dev/null &
  echo $! > "$pid"
  for _ in $(seq 500); do tail -n +"$from" "$log" | grep -q ': serving' && return; sleep 0.02; done
  cat "$log" >&2; exit 1
}}
stop() {{
  [ -e "$pid" ] || return 0
  kill -TERM "$(cat "$pid")"
  for _ in $(seq 500); do kill -0 "$(cat "$pid")" 2>/dev/null || {{ rm -f "$pid"; return; }}; sleep 0.02; done
  exit 1
}}
touch "$log"
from=$(( $(wc -l < "$log") + 1 ))
case $verb in
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
  reload) kill -HUP "$(cat "$pid")" ;;
  is-active|status) kill -0 "$(cat "$pid")" ;;
  daemon-reload|enable|disable) ;;
  *) echo "systemctl $verb is not known here" >&2; exit 2 ;;
esac
"""

JOURNALCTL = """#!/bin/bash
lines=1000000 unit=
while [ $# -gt 0 ]; do
  case $1 in -u) unit=$2; shift ;; -n) lines=$2; shift ;; esac
  shift
done
tail -n "$lines" {run}/${{unit%.service}}.log
"""


class Sandbox:
    """A small city of its own (plant, broker, webhook receiver, edge, collector) with the paths and ports that the
    documents name, moved here: /etc/anlan, /var/lib, each port of 127.0.0.1; the tree's files by relative paths."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.etc, self.run_folder, self.bin = self.folder / "etc" / "anlan", self.folder / "run", self.folder / "bin"
        self.work = self.folder / "work"
        self.api, self.metrics = free_port(), free_port()
        self.ports = {"8080": self.api, "9101": self.metrics}
        self.parts = []

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        for folder in (self.etc, self.run_folder, self.bin, self.work, self.folder / "var/lib/anlan-edge", self.folder / "var/lib/anlan-collector"):
            folder.mkdir(parents=True)
        for name in ("docs", "firmware-profiles", "scripts"):
            (self.work / name).symlink_to(ROOT / name)
        hook, broker = self.add(Webhook()), self.add(Broker(self.folder / "broker"))
        (self.folder / "plant.toml").write_text(self.plant_scenario())
        plant = self.add(Plant(programs() / "anlan-plant", self.folder, "--scenario", self.folder / "plant.toml"))
        self.write_configurations(broker.url, hook.url, plant.ports["farm"])
        self.write_commands()
        for unit in ("anlan-collector", "anlan-edge"):
            self.call(f"systemctl start {unit}")
        wait_until(lambda: self.call("curl -fsS http://127.0.0.1:8080/api/v1/accounts | grep -q '\"samples\":[1-9]'", check=False) == 0, 20, "samples")

    def add(self, part):
        part.__enter__()
        self.parts.append(part)
        return part

    def __exit__(self, *_):
        for unit in ("anlan-edge", "anlan-collector"):
            self.call(f"systemctl stop {unit}", check=False)
        for part in reversed(self.parts):
            part.__exit__()

    @staticmethod
    def plant_scenario():
        from golden import SCENARIO

        return SCENARIO

    def write_configurations(self, broker, hook, port):
        (self.etc / "edge.toml").write_text(
            f'[edge]\nid = "tj-bh-017-a"\nsite = "tj-bh-017"\ndata_dir = "{self.folder}/var/lib/anlan-edge"\n'
            f'profiles = "{ROOT}/firmware-profiles"\nmetrics_listen = "127.0.0.1:{self.metrics}"\n[uplink]\nbroker = "{broker}"\n'
            f'hello_every_ms = 1000\nresend_after_ms = 2000\n[[device]]\nname = "tank-1"\nprofile = "demo-tank"\n'
            f'connect = "modbus+tcp://127.0.0.1:{port}"\nunit = 1\npoll_ms = 200\n')
        (self.etc / "collector.toml").write_text(
            f'[collector]\ndata_dir = "{self.folder}/var/lib/anlan-collector"\n[broker]\nurl = "{broker}"\n'
            f'[http]\nlisten = "127.0.0.1:{self.api}"\nopen = true\n[[webhook]]\nname = "duty-room"\nurl = "{hook}"\n')

    def write_commands(self):
        names = {"run": self.run_folder, "etc": self.etc, "programs": programs()}
        commands = {"systemctl": SYSTEMCTL.format(**names), "journalctl": JOURNALCTL.format(**names)}
        for daemon in ("edge", "collector"):
            commands[f"anlan-{daemon}"] = WRAPPER.format(name=daemon, program=programs() / f"anlan-{daemon}", config=self.etc / f"{daemon}.toml")
        for name in ("anlanctl", "anlan-plant"):
            (self.bin / name).symlink_to(programs() / name)
        for name, text in commands.items():
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)

    def moved(self, text):
        for place in ("/etc/anlan", "/var/lib/anlan"):
            text = re.sub(rf"(?<![\w.]){place}", f"{self.folder}{place}", text)
        return re.sub(r"(?<=127\.0\.0\.1:)\d{4,5}", lambda port: str(self.ports.setdefault(port[0], free_port())), text)

    def call(self, text, check=True):
        """Runs commands as a document has them; the exit code. Failed where one fails, with what it printed."""
        environment = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}:/usr/sbin", "ANLAN_URL": f"http://127.0.0.1:{self.api}", "NO_COLOR": "1"}
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", self.moved(text)], cwd=self.work, env=environment, capture_output=True, text=True, timeout=60)
        if check:
            assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
        return done.returncode
