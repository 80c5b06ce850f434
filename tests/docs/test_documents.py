"""The documents are true: their commands run, their examples are valid, their links lead somewhere (scripts/lib/documents.py
says how a block asks for it)."""
import re
import subprocess
import urllib.parse

import pytest
from documents import ROOT, Sandbox, blocks, documents
from processes import Program
from stand import programs

pages = pytest.mark.parametrize("document", documents())
CHECKS = [block for document in documents() for block in blocks(document) if block.checked_as]
RUNS = sorted({block.document for document in documents() for block in blocks(document) if block.runs})


def test_there_is_something_to_run():
    assert len(CHECKS) >= 3 and RUNS


@pytest.mark.parametrize("document", RUNS)
def test_commands_run(document, tmp_path):
    with Sandbox(tmp_path) as sandbox:
        for block in blocks(document):
            if block.runs:
                try:
                    sandbox.call(block.text)
                except AssertionError as failed:
                    pytest.fail(f"{block}: {failed}\n{block.text}", pytrace=False)


EDGE_WITH = """[edge]
id = "a"
site = "s"
data_dir = "data"
profiles = "."
[uplink]
broker = "mqtts://c.example:8883"
[[device]]
name = "d"
profile = "example"
connect = "{connect}"
poll_ms = 1000
{unit}
"""


def takes(arguments, what):
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, f"{what}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("block", CHECKS, ids=str)
def test_examples_are_valid(block, tmp_path):
    file = tmp_path / "example.toml"
    file.write_text(block.text)
    if block.checked_as in ("edge", "collector"):
        (tmp_path / "firmware-profiles").symlink_to(ROOT / "firmware-profiles")
        takes([programs() / f"anlan-{block.checked_as}", "check", "--config", file], block)
    elif block.checked_as == "profile":
        if not re.search(r"^vendor", block.text, re.MULTILINE):
            file.write_text('vendor = "v"\nmodel = "m"\nfirmware = "f"\nsource = "s"\n' + block.text)
        over_mqtt = not re.search(r"^table", block.text, re.MULTILINE)
        config = tmp_path / "edge.toml"
        config.write_text(EDGE_WITH.format(connect="mqtt://127.0.0.1:1883/site" if over_mqtt else "modbus+tcp://10.0.0.1:502", unit="" if over_mqtt else "unit = 1"))
        takes([programs() / "anlan-edge", "check", "--config", config], block)
    elif block.checked_as == "plant":
        with Program([programs() / "anlan-plant", "--scenario", file, "--control", tmp_path / "plant.sock"], tmp_path / "plant.log") as plant:
            plant.wait_for_line("^READY", 10)
    else:
        pytest.fail(f"{block}: nothing is known of check={block.checked_as}")


def anchor(heading):
    """As the page's viewers make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pages
def test_links_lead_somewhere(document):
    text = re.sub(r"^```.*?^```$", "", (ROOT / document).read_text(), flags=re.MULTILINE | re.DOTALL)
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'<img[^>]* src="([^"]+)"', text)
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        path, _, fragment = urllib.parse.unquote(target).partition("#")
        file = (ROOT / document).parent / path if path else ROOT / document
        assert file.exists(), f"{document}: {target}"
        if fragment and file.suffix == ".md":
            headings = {anchor(h) for h in re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)}
            assert fragment in headings, f"{document}: {target}"


@pages
def test_files_that_are_named_exist(document):
    """`docs/…`, `tests/…` and the like in backticks; patterns and names with a placeholder are left out."""
    if document.startswith("docs/decisions/"):
        pytest.skip("a record is of its day")
    for name in re.findall(r"`((?:docs|tests|scripts|common|edge|collector|firmware-profiles)/[^`\s]*)`", (ROOT / document).read_text()):
        if re.search(r"[*{<|…]|[A-Z]{4}", name):
            continue
        path = ROOT / name
        assert path.exists() or list(path.parent.glob(path.name + ".*")) or list(path.parent.glob(path.name + "_*")), f"{document}: {name}"


def words_of(program):
    """The subcommands that a program's --help lists, each level: {"alerts", "alerts list", …}."""
    found, waiting = set(), [[]]
    while waiting:
        path = waiting.pop()
        text = subprocess.run([programs() / program, *path, "--help"], capture_output=True, text=True, timeout=20).stdout
        if "Subcommands:" in text and not (path and text == top):
            for name in re.findall(r"^  ([a-z]+)\s{2,}", text.split("Subcommands:")[1], re.MULTILINE):
                found.add(" ".join([*path, name]))
                waiting.append([*path, name])
        if not path:
            top = text
    return found


def test_commands_that_are_named_exist():
    """`anlan-edge buffer dump`, `anlanctl alerts list` and the like in backticks: subcommands and options are real."""
    for program in ("anlan-edge", "anlan-collector", "anlanctl"):
        known = words_of(program)
        assert known
        for document in documents():
            if document.startswith("docs/decisions/"):
                continue
            for rest in re.findall(rf"`{program}((?: [^`|…]+)?)`", (ROOT / document).read_text()):
                words = rest.split()
                path = []
                while words and " ".join([*path, words[0]]) in known:
                    path.append(words.pop(0))
                deeper = any(name.startswith(" ".join([*path, ""])) for name in known) if path else False
                where = f"{document}: {program}{rest}"
                assert not words or path, where
                assert not words or not deeper or words[0].startswith("-") or words[0].isupper(), where
                for option in (word for word in words if re.fullmatch(r"--[a-z-]+", word)):
                    text = subprocess.run([programs() / program, *path, "--help"], capture_output=True, text=True, timeout=20).stdout
                    assert option in text, f"{where}: {option}"
