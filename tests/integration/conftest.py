"""What integration tests share: the built programs, and the modules in scripts/lib."""
import os
import pathlib
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
