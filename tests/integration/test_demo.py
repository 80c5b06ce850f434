"""scripts/demo's story with the small recording, as a newcomer runs it."""
import os
import pathlib
import re
import shlex
import signal
import subprocess

from processes import wait_until


def test_the_story_ends_with_every_check_held(source):
    done = subprocess.run(["/usr/bin/python3", source / "scripts" / "lib" / "demo.py", "--once"], capture_output=True, text=True, timeout=240,
                          env=os.environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "checks held" in done.stdout


def test_the_city_takes_a_changed_limit_and_shows_the_alert(source):
    """As the README tells a newcomer: read what it prints, heat a tank, change one limit, see the alert."""
    city = subprocess.Popen(["/usr/bin/python3", source / "scripts" / "lib" / "demo.py", "--city"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        told = ""
        while "ends it" not in told:
            line = city.stdout.readline()
            assert line, told
            told += line
        config, pid = re.search(r"edit (\S+), then: kill -HUP (\d+)", told).groups()
        alerts = shlex.split(re.search(r"its alerts +(.+)", told)[1])
        file = pathlib.Path(config)
        file.write_text(file.read_text().replace("[device.limits.temperature]\n", "[device.limits.temperature]\nhigh.blue = 20\n", 1))
        os.kill(int(pid), signal.SIGHUP)

        def shown():
            return "tj-bh-001/tank-1/temperature" in subprocess.run(alerts, capture_output=True, text=True, timeout=10).stdout

        wait_until(shown, 20, "the alert by the new limit")
        city.stdin.write("show tank-1/temperature\n")
        city.stdin.flush()
        assert "tank-1/temperature" in city.stdout.readline()
        city.stdin.close()
        assert city.wait(20) == 0
    finally:
        city.kill()
