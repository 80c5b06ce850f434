"""The checker finds what it is there to find: each test plants one breach in a small tree."""
import importlib.util
import pathlib

import pytest

HERE = pathlib.Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("check", HERE / "check.py")
check = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check)

RULES = """
[folders]
common/base:
common/model: common/base
edge/buffer: common/base common/model
edge/uplink: common/** edge/buffer/buffer.hpp
edge/app: common/** edge/buffer edge/uplink
collector/store: common/**
tests/unit/edge: common/** edge/**
tests: common/** edge/** collector/**
[libraries]
boost/asio/: edge/uplink tests/**
boost/asio.hpp:
modbus/: edge/buffer/bus.cpp tests/plant
sys/: tests/**
"""
FILES = {
    "common/base/a.hpp": "#include <vector>\n",
    "common/model/m.hpp": '#include "common/base/a.hpp"\n',
    "edge/buffer/buffer.hpp": '#include "common/model/m.hpp"\n',
    "edge/buffer/rows.hpp": "",
    "edge/buffer/bus.cpp": "#include <modbus/modbus.h>\n",
    "edge/uplink/uplink.hpp": '#include "edge/buffer/buffer.hpp"\n',
    "edge/uplink/uplink.cpp": '#include "edge/uplink/uplink.hpp"\n#include <boost/asio/awaitable.hpp>\n',
    "edge/app/app.cpp": '#include "edge/uplink/uplink.hpp"\n#include "edge/buffer/rows.hpp"\n',
    "collector/store/store.hpp": "",
    "tests/unit/edge/uplink/uplink_test.cpp": '#include "edge/uplink/uplink.hpp"\n',
    "tests/crash/both.cpp": '#include "edge/uplink/uplink.hpp"\n#include "collector/store/store.hpp"\n',
}


def breaches(tmp_path, files=(), rules=RULES):
    for path, text in {**FILES, **dict(files)}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return list(check.check(tmp_path, check.Rules(rules)))


def test_a_tree_that_keeps_the_rules_has_no_breach(tmp_path):
    assert breaches(tmp_path) == []


@pytest.mark.parametrize(
    "path, text, said",
    [
        ("edge/buffer/late.cpp", '#include "edge/uplink/uplink.hpp"\n', "edge/buffer may not include edge/uplink/uplink.hpp"),
        ("edge/uplink/deep.cpp", '#include "edge/buffer/rows.hpp"\n', "edge/uplink may not include edge/buffer/rows.hpp"),
        ("edge/app/wrong.cpp", '#include "collector/store/store.hpp"\n', "edge/app may not include collector/store/store.hpp"),
        ("collector/store/wrong.cpp", '#include "edge/buffer/buffer.hpp"\n', "collector/store may not include edge/buffer/buffer.hpp"),
        ("common/base/up.hpp", '  #  include "common/model/m.hpp"\n', "common/base may not include common/model/m.hpp"),
        ("common/base/test.hpp", '#include "tests/crash/both.cpp"\n', "common/base may not include tests/crash/both.cpp"),
        ("tests/unit/edge/x.cpp", '#include "collector/store/store.hpp"\n', "may not include collector/store/store.hpp"),
        ("edge/uplink/modbus.cpp", "#include <modbus/modbus.h>\n", "<modbus/modbus.h> is not to be known here"),
        ("edge/uplink/all.cpp", "#include <boost/asio.hpp>\n", "<boost/asio.hpp> is not to be known here"),
        ("edge/uplink/quoted.cpp", '#include "modbus/modbus.h"\n', "<modbus/modbus.h> is not to be known here"),
        ("edge/uplink/new.cpp", "#include <curl/curl.h>\n", "<curl/curl.h> is of no library"),
        ("edge/buffer/gone.cpp", '#include "edge/buffer/nothing.hpp"\n', "which is no file"),
        ("edge/buffer/rows.cpp", '#include <vector>\n#include "edge/buffer/rows.hpp"\n', "first include is not its own header"),
        ("edge/score/score.hpp", "", "edge/score: this folder is not in allowed_includes.txt"),
        ("edge/buffer/deeper/x.hpp", "", "edge/buffer/deeper: this folder is not"),
    ],
)
def test_a_breach_is_found_and_named(tmp_path, path, text, said):
    found = breaches(tmp_path, [(path, text)])
    assert len(found) == 1 and said in found[0] and found[0].startswith(path.rpartition("/")[0])


@pytest.mark.parametrize(
    "line, said",
    [
        ("edge/buffer: common/base common/model edge/uplink", "in a circle"),
        ("edge/buffer: common/base common/model collector/store", "edge/buffer must not know collector/store"),
        ("edge/buffer: common/base common/model collector/**", "edge/buffer must not know collector/store"),
        ("edge/buffer common/base", "not understood"),
        ("edge/app: common/base\nedge/buffer: common/base common/model", "said twice"),
    ],
)
def test_rules_that_contradict_the_architecture_are_a_breach_themselves(tmp_path, line, said):
    rules = RULES.replace("edge/buffer: common/base common/model", line)
    assert any(said in breach for breach in breaches(tmp_path, rules=rules))


def test_a_line_for_one_file_is_for_that_file_only(tmp_path):
    rules = RULES.replace("[libraries]", "edge/uplink/deep.cpp: edge/buffer\n[libraries]")
    deep = '#include "edge/buffer/rows.hpp"\n'
    assert breaches(tmp_path, [("edge/uplink/deep.cpp", deep)], rules) == []
    assert len(breaches(tmp_path, [("edge/uplink/other.cpp", deep)], rules)) == 1


def test_common_may_not_lie_above_a_stage(tmp_path):
    rules = RULES.replace("common/model: common/base", "common/model: common/base edge/buffer")
    assert any("common/model lies below edge/buffer" in breach for breach in breaches(tmp_path, rules=rules))
