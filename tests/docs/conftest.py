"""What the tests of the documents share: where they are, and the built programs."""
import os
import pathlib
import sys

import pytest

SOURCE = pathlib.Path(os.environ.get("ANLAN_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
BUILD = pathlib.Path(os.environ.get("ANLAN_BINARY_DIR") or SOURCE / "build" / "dev")
sys.path.insert(0, str(SOURCE / "scripts" / "lib"))
os.environ.setdefault("ANLAN_BIN", str(BUILD / "bin"))


@pytest.fixture(scope="session")
def source():
    return SOURCE


@pytest.fixture(scope="session")
def programs():
    return BUILD / "bin"
