"""The mail of a morning: as large as mail programs take, in two languages, and silent about what is not known."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from daybreak.board.figures import MISSING, Figures
from daybreak.board.morning_facts import MorningFacts, compare, read_morning
from daybreak.board.morning_letter import OTHER_LANES, compose_letter
from daybreak.controls.control_words import ACTIONS, CAUSES, LANES

CUT_OFF_BYTES = 102 * 1024
"""Gmail hides what comes after."""
MORNING = date(2026, 7, 1)


def line(number: int, lane: str, stake: str | None = "100") -> dict[str, Any]:
    return {
        "control_id": f"acme_it:supply:B{number:09d}:2026-06-30",
        "lane_code": lane,
        "cause_code": sorted(CAUSES)[number % len(CAUSES)],
        "action_code": sorted(ACTIONS)[number % len(ACTIONS)],
        "asins": [f"B{number:09d}", "B1"],
        "client_sku": "SKU-" + "9" * 60,
        "name": "Caffettiera \u202e<b>" + "x" * 200,
        "symptoms": ["undercut", "page_changed"],
        "opened_date": "2026-06-20",
        "due_at": "2026-07-02 16:00:00+00:00",
        "stake_amount": stake,
        "is_new": True,
        "is_worsened": False,
    }


def morning(*lines: dict[str, Any], revenue: list[Any] | None = None) -> MorningFacts:
    return read_morning(
        {
            "account_id": "acme_it",
            "name": "Acme Italy",
            "control_date": MORNING.isoformat(),
            "business_date": "2026-06-30",
            "currency_code": "EUR",
            "time_zone": "Europe/Rome",
            "controls": list(lines),
            "revenue": revenue or [],
        }
    )


def full_morning() -> MorningFacts:
    lanes = ("today", *OTHER_LANES)
    return morning(*(line(number, lanes[number % 5]) for number in range(500)))


def test_every_lane_is_shown_and_the_largest_morning_is_not_cut_off() -> None:
    assert {"today", *OTHER_LANES} == set(LANES)
    facts = full_morning()
    letter = compose_letter(facts, "it", compare(morning(), facts))
    assert len(letter.html.encode()) < CUT_OFF_BYTES
    for _, title in LANES.values():
        assert title in letter.html or title == "Oggi"


def test_text_from_outside_is_text_and_reads_in_its_own_direction() -> None:
    letter = compose_letter(full_morning(), "en")
    assert "<b>" not in letter.html
    assert "\u202e" not in letter.html + letter.text + letter.subject


def test_styles_stand_in_the_elements_and_nothing_is_fetched() -> None:
    letter = compose_letter(full_morning(), "en")
    assert 'style="' in letter.html
    assert "@media" in letter.html, "the rules of phones are kept"
    assert "http" not in letter.html


def test_a_stake_that_is_not_known_is_a_dash_and_never_nothing() -> None:
    letter = compose_letter(morning(line(1, "today", None)), "en")
    assert MISSING in letter.html
    assert "€0" not in letter.html
    assert "at stake" not in letter.subject
    assert letter.subject.endswith("1 thing to do today")


def test_a_morning_without_lines_says_so() -> None:
    assert compose_letter(morning(), "it").subject.endswith("Niente da fare oggi")


def test_a_week_with_a_missing_day_has_no_sum_and_its_column_an_empty_place() -> None:
    days = [[(MORNING - timedelta(days=28 - n)).isoformat(), None if n == 22 else "100"] for n in range(28)]
    (chart,) = compose_letter(morning(revenue=days), "en").charts
    assert f"Last 7 days: {MISSING}; the 7 before: €700" in chart.alternative
    (axis,) = [chart.specification["encoding"]["x"]]
    assert len(axis["scale"]["domain"]) == 28
    assert chart.png()[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("language", "amount", "day"),
    [("en", "€1,234", "Wednesday 1 July 2026"), ("it", "1.234\xa0€", "mercoledì 1 luglio 2026")],
)
def test_figures_follow_the_language(language: Any, amount: str, day: str) -> None:
    figures = Figures(language)
    assert figures.money(Decimal("1234.4"), "EUR") == amount
    assert figures.weekday(MORNING) == day
    assert figures.money(None, "EUR") == figures.number(None) == figures.percent(None) == figures.day(None) == MISSING
