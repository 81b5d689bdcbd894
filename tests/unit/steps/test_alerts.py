"""What on-call is told of a red morning: each place with a command that the command line knows."""

from datetime import date

import pytest
import typer.main

from daybreak.cli import app
from daybreak.steps.alerts import read_alert
from daybreak.steps.verdict import SeriesState

DAY = date(2026, 3, 2)


def state(**values: object) -> SeriesState:
    base = {"account_id": "acme_it", "dataset_code": "sales_daily", "variant_code": "", "newest_due_date": DAY}
    rest = {"newest_published_date": None, "no_data_dates": (), "missing": {DAY: "FATAL: Amazon's words"}, "mute": None}
    return SeriesState(**{**base, **rest, **values})  # type: ignore[arg-type]


def test_a_missing_day_comes_with_amazons_words_and_a_command() -> None:
    (told,) = read_alert([state(), state(missing={})], [])
    assert told.sentence == "acme_it sales_daily: due and missing 2026-03-02 (FATAL: Amazon's words)"
    assert told.command == "daybreak status --account acme_it"


def test_an_account_that_is_refused_everything_is_looked_at_by_the_doctor() -> None:
    (told,) = read_alert([state(is_account_refused=True)], [])
    assert told.command == "daybreak doctor --account acme_it"


@pytest.mark.parametrize(
    ("sentence", "command"),
    [
        ("acme_it load 4711 (sales_daily 2026-03-01 to 2026-03-02) is blocked: x", "daybreak gate show 4711"),
        (
            "acme_it mart.daily_control is not built for 2026-03-02",
            "daybreak build daily_control --from 2026-03-02 --to 2026-03-02 --account acme_it",
        ),
        (
            "acme_it mart.buy_box_weekly is not built for 2026-03-01 to 2026-03-07: y is blocked: z",
            "daybreak build buy_box_weekly --from 2026-03-01 --to 2026-03-07 --account acme_it",
        ),
        ("acme_it sales_daily 2026-03-02: authorisation withdrawn", "daybreak doctor --account acme_it"),
        ("Something else entirely", "daybreak status"),
    ],
)
def test_each_refusal_has_its_command(sentence: str, command: str) -> None:
    (told,) = read_alert([], [sentence])
    assert told.command == command
    root = typer.main.get_command(app)
    _, first, *_ = command.split()
    assert first in root.commands  # type: ignore[attr-defined]
