"""What the benchmarks' own arithmetic promises; the figures themselves are measured, not tested."""
import json
import pathlib
import sys

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[2] / "scripts" / "lib")]

import bench  # noqa: E402
import machine  # noqa: E402
from figure import Figure, percentile, rounded, table, unmeasured  # noqa: E402
from poll_jitter import deviations  # noqa: E402


def test_a_figure_is_one_json_object_with_the_budgets_keys():
    line = json.loads(Figure("x.y", 2.0, "s", "other", 4.0, "<= 3 s", True).line())
    assert line == {"figure": "x.y", "value": 2.0, "unit": "s", "reference": "other", "reference_value": 4.0, "ratio": 0.5, "budget": "<= 3 s", "holds": True}


def test_what_cannot_be_measured_says_why():
    line = json.loads(unmeasured("x", "s", "other", "<= 3 s", "no such hardware").line())
    assert line["holds"] is None and line["why"] == "no such hardware" and line["ratio"] is None


def test_percentiles_are_by_nearest_rank():
    assert percentile(range(1, 101), 99) == 99
    assert percentile(range(1, 101), 50) == 50
    assert percentile([7], 99) == 7
    assert percentile([1, 2], 99) == 2


def test_figures_are_rounded_to_what_was_measured():
    assert rounded(0.123456) == 0.1235
    assert rounded(1234567.8) == 1234568
    assert rounded(5) == 5 and rounded(None) is None


def test_the_table_names_a_missed_budget():
    text = table([Figure("x.y", 5.0, "s", "other", 4.0, "<= 3 s", False, "slow disk")])
    assert "NO" in text and "x.y: slow disk" in text


def test_names_choose_modules_by_their_beginning():
    assert bench.chosen(["poll.jitter.tcp"]) == ["poll_jitter"]
    assert bench.chosen([]) == list(bench.MODULES)
    with pytest.raises(SystemExit):
        bench.chosen(["nonsense"])


def test_a_poll_that_is_left_out_is_no_small_jitter():
    arrivals = [(0, 1, t) for t in (0.0, 1.0, 2.1, 4.0)] + [(9, 1, 0.5)]
    found, devices = deviations(arrivals, lambda endpoint, _: endpoint < 9, 1.0, 0.0)
    assert devices == 1 and found == pytest.approx([0.0, 0.1, 0.9])


def test_the_machine_tells_of_itself(tmp_path):
    typical, slowest = machine.fsync_ms(tmp_path, 3)
    assert 0 < typical <= slowest
    assert machine.memory_mb("self") > 1 and machine.cpu_seconds("self") >= 0
    assert machine.written_bytes("self") >= 0
