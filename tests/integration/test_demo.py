"""scripts/demo's story with the small recording, as a newcomer runs it."""
import os
import subprocess


def test_the_story_ends_with_every_check_held(source):
    done = subprocess.run(["/usr/bin/python3", source / "scripts" / "lib" / "demo.py", "--once"], capture_output=True, text=True, timeout=240,
                          env=os.environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "checks held" in done.stdout
