"""People at a real collector whose door is closed: the first administrator, anlanctl's log-in, and that no secret stands in a
log, in an argument or in a file that others can read."""
import json
import os
import stat
import subprocess

import pytest

PASSWORD, ANOTHER, WRONG = "correct horse battery", "entirely different words", "my wrong guess 123"


@pytest.fixture
def collector(tmp_path, broker):
    from stand import Collector

    made = Collector(tmp_path / "collector", broker, None, open=False, more='[log]\nlevel = "debug"\n')
    made.init_admin("root", PASSWORD, "staff-1")  # before the first start
    made.start().until_ready()
    yield made
    made.program.stop()


def anlanctl(collector, program, tmp_path, *arguments, given="", environment=None):
    run = {**os.environ, "ANLAN_URL": f"http://127.0.0.1:{collector.port}", "ANLAN_TOKEN_FILE": str(tmp_path / "token"), "NO_COLOR": "1", **(environment or {})}
    return subprocess.run([program("anlanctl"), *arguments], input=given, env=run, capture_output=True, text=True, timeout=30)


def test_the_first_administrator_is_made_once(collector, program):
    for name in ("root", "somebody else"):
        again = subprocess.run([program("anlan-collector"), "init-admin", "--config", collector.config, "--name", name], input=ANOTHER + "\n",
                               capture_output=True, text=True, timeout=60)
        assert again.returncode == 1 and "there are accounts already" in again.stderr
    short = subprocess.run([program("anlan-collector"), "init-admin", "--config", collector.config, "--name", "x"], input="short\n",
                           capture_output=True, text=True, timeout=60)
    assert short.returncode == 2 and "shorter than 12" in short.stderr
    assert collector.api.logged_in("root", PASSWORD).get("/api/v1/session")["capacity"] == "SA"


def test_nothing_is_told_without_a_log_in(collector, program, tmp_path):
    assert collector.api.call("GET", "/api/v1/sites")[0] == 401
    assert collector.api.call("GET", "/metrics")[0] == 401
    assert collector.api.call("GET", "/healthz")[0] == 200
    status, _, text = collector.api.call("GET", "/readyz")
    assert status == 200 and str(collector.folder) not in text, "where its data lie is nobody's business"
    refused = anlanctl(collector, program, tmp_path, "sites", "list")
    assert refused.returncode == 1 and "anlanctl login" in refused.stderr


def test_anlanctl_logs_in_and_manages_people(collector, program, tmp_path):
    def run(*arguments, given="", ok=True):
        done = anlanctl(collector, program, tmp_path, *arguments, given=given)
        assert (done.returncode == 0) == ok, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    assert "root (SA)" in run("login", "--name", "root", given=PASSWORD + "\n")
    token = tmp_path / "token"
    assert stat.S_IMODE(token.stat().st_mode) == 0o600
    run("places", "put", "tj-bh-017", "--district", "滨海", "--company", "油库")
    made = json.loads(run("--json", "users", "create", "--name", "王芳", "--role", "DA", "--district", "滨海", "--staff-number", "7"))
    run("users", "create", "--name", "王芳", "--role", "DA", "--district", "滨海", ok=False)
    assert "王芳" in run("users", "list") and "tj-bh-017" in run("places", "list")
    assert "hazards.downgrade" in run("roles")
    assert "places.manage" in run("whoami")
    program_made = json.loads(run("--json", "clients", "create", "--name", "prometheus", "--may", "system.read"))
    assert program_made["whole"] is True and program_made["secret"]
    run("clients", "off", program_made["id"])
    run("logout")
    assert not token.exists()
    assert "王芳 (DA)" in run("join", "--name", "王芳", given=f"{made['invitation']}\n{ANOTHER}\n")
    assert "people.manage" not in run("whoami")
    run("users", "list", ok=False)
    run("password", given=f"{ANOTHER}\n{PASSWORD} again\n")
    assert "王芳 (DA)" in run("whoami")
    token.chmod(0o644)
    assert "can be read by others" in run("whoami", ok=False)


def test_no_secret_is_logged_or_written_in_clear(collector, program, tmp_path):
    secrets = [PASSWORD, ANOTHER, WRONG]
    api = collector.api
    assert api.call("POST", "/api/v1/session", {"name": "root", "password": WRONG})[0] == 401
    assert api.call("POST", "/api/v1/session", {"name": WRONG, "password": WRONG})[0] == 401  # typed into the wrong field
    admin = api.logged_in("root", PASSWORD)
    _, headers, text = api.call("POST", "/api/v1/session", {"name": "root", "password": PASSWORD})
    cookie = headers["Set-Cookie"].split(";")[0].split("=", 1)[1]
    person = admin.expect(201, "POST", "/api/v1/people", {"name": "王芳", "role": "DA", "district": "滨海"})
    officer = api.joined(person["invitation"], "王芳", ANOTHER)
    seed = officer.expect(200, "POST", "/api/v1/session/second-factor", {"password": ANOTHER})["seed"]
    client = admin.expect(201, "POST", "/api/v1/clients", {"name": "p", "actions": ["system.read"], "whole": True})
    status, _, text = api.call("POST", "/api/v1/oauth/token", headers={"Content-Type": "application/json"})
    assert status == 400
    secrets += [admin.token, officer.token, cookie, person["invitation"], client["secret"]]
    collector.program.stop()
    log = collector.program.log.read_text(errors="replace")
    assert "person.created" in log and "session.opened" in log
    for secret in [*secrets, seed]:
        assert secret not in log
    for file in collector.folder.glob("records.db*"):
        content = file.read_bytes()
        for secret in secrets:  # the seed has to be kept as it is
            assert secret.encode() not in content, f"{file} holds a secret"
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, f"others can read {file}"
    collector.start()


def test_no_program_takes_a_secret_as_an_argument(program):
    for name, commands in (("anlanctl", (["login"], ["join"], ["password"], ["users", "create"])), ("anlan-collector", (["init-admin"],))):
        for command in commands:
            text = subprocess.run([program(name), *command, "--help"], capture_output=True, text=True, timeout=10).stdout
            for word in ("--password", "--token", "--secret", "--invitation", "--code"):
                assert word not in text, f"{name} {command} offers {word}"
