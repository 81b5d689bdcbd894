"""What an installation rests on: each condition says what is wrong and what to do."""

from pathlib import Path

import pytest

from daybreak.settings import Settings
from daybreak.steps.surroundings import check_clock, check_disk, check_warehouse


def test_a_migrated_warehouse_is_well(warehouse: str) -> None:
    assert check_warehouse(warehouse).is_good


def test_a_warehouse_that_does_not_answer_is_told_without_its_password() -> None:
    found = check_warehouse("postgresql://somebody:hidden-part@127.0.0.1:9/none")
    assert not found.is_good
    assert "does not answer" in found.words
    assert "hidden-part" not in found.words


@pytest.mark.parametrize(("wanted", "is_good"), [(0, True), (10**12, False)])
def test_disk_is_well_while_landing_would_start(tmp_path: Path, wanted: int, is_good: bool) -> None:
    settings = Settings(home=tmp_path / "not" / "there", minimum_free_mebibytes=wanted)
    found = check_disk(settings)
    assert found.is_good is is_good
    assert ("free space" in found.words) is not is_good
    assert str(tmp_path) in found.words


@pytest.mark.parametrize(
    ("skews", "is_good", "words"),
    [
        ([0.4, -1.2], True, "1 s behind"),
        ([3.0, 400.0, -2.0], False, "400 s ahead of"),
        ([-121.0], False, "121 s behind"),
        ([120.0], True, "120 s ahead of"),
    ],
)
def test_the_worst_clock_counts(skews: list[float], is_good: bool, words: str) -> None:
    found = check_clock(skews)
    assert found is not None
    assert (found.is_good, words in found.words) == (is_good, True)
    assert ("time server" in found.words) is not is_good


def test_without_an_answer_nothing_is_said_of_the_clock() -> None:
    assert check_clock([]) is None
