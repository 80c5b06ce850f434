"""The units that are installed, as systemd itself judges them; no service is started for it."""
import pathlib
import re
import shutil
import subprocess

import pytest

EXPOSURE = 2.0
DEBIAN_MOSQUITTO = pathlib.Path("/lib/systemd/system/mosquitto.service")


@pytest.fixture(params=["anlan-edge", "anlan-collector", "anlan-collector-backup", "mosquitto"])
def unit(request, source, program, tmp_path):
    """A folder with the unit, its drop-ins and nothing else; its program is the one that was built."""
    name = request.param
    if name == "mosquitto":
        shutil.copy(DEBIAN_MOSQUITTO, tmp_path)
        shutil.copytree(source / "systemd" / "mosquitto.service.d", tmp_path / "mosquitto.service.d")
    else:
        text = (source / "systemd" / f"{name}.service").read_text()
        daemon = name.removesuffix("-backup")
        (tmp_path / f"{name}.service").write_text(text.replace(f"/usr/bin/{daemon}", str(program(daemon))))
    return tmp_path / f"{name}.service"


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=60)


def test_systemd_finds_nothing_wrong(unit):
    done = analyze("verify", "--man=no", unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_it_is_exposed_no_more_than_said(unit):
    text = unit.read_text()
    for part in sorted(unit.parent.glob(f"{unit.name}.d/*.conf")):  # what is analysed offline is one file
        text += "\n" + part.read_text()
    unit.write_text(text)
    done = analyze("security", "--offline=true", f"--threshold={int(EXPOSURE * 10)}", unit)
    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert level, done.stdout + done.stderr
    assert float(level[1]) <= EXPOSURE, done.stdout
    assert done.returncode == 0


def test_a_fault_in_the_configuration_is_not_restarted_and_anything_else_for_ever(source):
    for name in ("anlan-edge", "anlan-collector"):
        lines = (source / "systemd" / f"{name}.service").read_text().splitlines()
        assert {"Type=notify", "Restart=always", "RestartPreventExitStatus=2", "StartLimitIntervalSec=0", "WatchdogSec=30"} <= set(lines)


@pytest.mark.parametrize("name", ["anlan-edge", "anlan-collector"])
def test_users_and_folders_are_understood(source, tmp_path, name):
    for tool, folder in (("systemd-sysusers", "sysusers.d"), ("systemd-tmpfiles", "tmpfiles.d")):
        (tmp_path / "etc").mkdir(exist_ok=True)
        argv = [tool, f"--root={tmp_path}", *(["--create"] if tool == "systemd-tmpfiles" else []), source / "systemd" / folder / f"{name}.conf"]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
    assert re.search(rf"^{name}:", (tmp_path / "etc" / "passwd").read_text(), re.MULTILINE)
    data = tmp_path / "var" / "lib" / name
    assert data.stat().st_mode & 0o777 == 0o750
    secrets = tmp_path / "etc" / "anlan" / f"{name.removeprefix('anlan-')}.credentials"
    assert secrets.stat().st_mode & 0o777 == 0o700
