"""What integration tests share: the built programs, and the modules in scripts/lib."""
import os
import pathlib
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(os.environ.get("ANLAN_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
sys.path.insert(0, str(SOURCE / "scripts" / "lib"))
os.environ.setdefault("ANLAN_BIN", str(pathlib.Path(os.environ.get("ANLAN_BINARY_DIR") or SOURCE / "build" / "dev") / "bin"))


@pytest.fixture
def source():
    return SOURCE


@pytest.fixture
def program():
    """program("anlan-plant") is the path of a built program."""
    folder = pathlib.Path(os.environ.get("ANLAN_BINARY_DIR") or SOURCE / "build" / "dev") / "bin"

    def find(name):
        path = folder / name
        assert path.is_file(), f"{path} is not built"
        return path

    return find


@pytest.fixture
def broker(tmp_path):
    from broker import Broker

    with Broker(tmp_path / "broker") as running:
        yield running


@pytest.fixture
def webhook():
    from webhook import Webhook

    with Webhook() as running:
        yield running


@pytest.fixture
def small_disk(tmp_path):
    """small_disk(16) is an empty file system of 16 MiB; needs root."""
    mounted = []

    def mount(mib):
        if os.geteuid() != 0:
            pytest.skip("mounting a file system needs root")
        folder = tmp_path / f"disk-{len(mounted)}"
        folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}M", "anlan-test", folder], capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield mount
    for folder in mounted:
        subprocess.run(["umount", "--lazy", folder], check=True)
