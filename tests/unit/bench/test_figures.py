"""Figures are medians over runs, judged against their targets, and land in a file of a known shape."""

import json
import statistics
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Figure, Section, Target

VALUES = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=9)


@given(VALUES)
def test_a_figure_is_the_median_of_its_runs_whatever_their_order(values: list[float]) -> None:
    figure = Figure("ratio", "a ratio", values)
    assert figure.median == statistics.median(values) == Figure("ratio", "a ratio", values[::-1]).median
    assert min(values) <= figure.median <= max(values)


@pytest.mark.parametrize(
    ("relation", "figure", "is_met"),
    [
        ("at least", 0.39, False),
        ("at least", 0.4, True),
        ("at least", 0.41, True),
        ("at most", 0.39, True),
        ("at most", 0.4, True),
        ("at most", 0.41, False),
    ],
)
def test_a_target_is_met_on_its_side_and_at_its_value(relation: str, figure: float, is_met: bool) -> None:
    assert Target(relation, 0.4).is_met(figure) is is_met  # type: ignore[arg-type]  # as parametrized


def test_one_slow_run_does_not_miss_a_target_and_one_fast_run_does_not_meet_it() -> None:
    target = Target("at least", 10)
    assert Figure("ratio", "m", [1.0, 11.0, 12.0], target).as_json()["is_met"] is True
    assert Figure("ratio", "m", [9.0, 9.5, 90.0], target).as_json()["is_met"] is False


def test_the_file_of_a_section_holds_figures_by_name_with_machine_and_run_count(tmp_path: Path) -> None:
    ratio = Figure("ratio_vs_copy", "rows/s ÷ COPY", [0.5, 0.3, 0.4], Target("at least", 0.4))
    seconds = Figure("copy_seconds", "rows copied", [1.0, 2.0, 3.0])
    path = Section("load", 3, [ratio], [seconds], {"rows": 200_010}).write(tmp_path / "results")
    assert path == tmp_path / "results" / "load.json"
    told = json.loads(path.read_text())
    assert told.keys() == {"section", "measured_at", "machine", "run_count", "setting", "figures", "details"}
    assert (told["section"], told["run_count"], told["setting"]) == ("load", 3, {"rows": 200_010})
    assert told["figures"] == {
        "ratio_vs_copy": {
            "median": 0.4,
            "min": 0.3,
            "max": 0.5,
            "values": [0.5, 0.3, 0.4],
            "meaning": "rows/s ÷ COPY",
            "target": {"relation": "at least", "value": 0.4},
            "is_met": True,
        }
    }
    assert told["details"]["copy_seconds"]["median"] == 2.0
    assert "is_met" not in told["details"]["copy_seconds"]
    assert told["machine"]["cores"] >= 1
    assert len(told["machine"]["load_average"]) == 3


def test_a_section_is_written_anew_and_nothing_of_the_last_one_is_left(tmp_path: Path) -> None:
    Section("load", 1, [Figure("old", "gone", [1.0])], []).write(tmp_path)
    Section("load", 1, [Figure("new", "stays", [1.0])], []).write(tmp_path)
    assert json.loads((tmp_path / "load.json").read_text())["figures"].keys() == {"new"}
