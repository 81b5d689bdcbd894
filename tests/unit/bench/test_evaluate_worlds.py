"""The evaluated worlds are apart from those that thresholds are settled on, and their marts are read as lines."""

import secrets
from collections.abc import Iterator
from datetime import date

import psycopg
import pytest
from psycopg import sql

from bench.evaluate.raised import read_lines
from bench.evaluate.scoring import KindScore, Line, Score
from bench.evaluate.section import Evaluated, make_section
from bench.evaluate.worlds import HELD_OUT_SEEDS, OWN_SELLER_ID, TUNING_SEEDS, EvaluatedWorld
from daybreak.stack.postgres import EmbeddedPostgres

ASIN = "B0STOCK001"
WORLD = EvaluatedWorld(seed=2_001, days=60, asins=40, history_days=90)


def test_no_seed_is_both_tuned_on_and_reported() -> None:
    assert not set(TUNING_SEEDS) & set(HELD_OUT_SEEDS)
    assert len(TUNING_SEEDS) >= 20
    assert len(HELD_OUT_SEEDS) >= 20


def test_the_mornings_follow_each_other_and_the_simulator_starts_on_the_first() -> None:
    mornings = WORLD.mornings
    assert len(mornings) == 60
    assert (mornings[0].date(), mornings[-1].date()) == (WORLD.first_morning, WORLD.last_morning)
    told = WORLD.simulator_file()
    assert told["clock"]["now"] == mornings[0]
    assert told["seed"] == 2_001
    assert (WORLD.first_morning - told["start_date"]).days > WORLD.history_days
    assert told["accounts"][0]["seller"]["seller_id"] == OWN_SELLER_ID
    assert WORLD.simulator_file()["accounts"][0]["client_secret"] != told["accounts"][0]["client_secret"]


def test_worlds_in_turn_meet_prime_day_black_friday_and_neither() -> None:
    worlds = [EvaluatedWorld(seed, 60, 40, 90) for seed in HELD_OUT_SEEDS[:3]]
    for event, count in ((date(2025, 7, 8), 1), (date(2025, 11, 28), 1), (date(2025, 10, 7), 1)):
        assert sum(world.first_morning <= event <= world.last_morning for world in worlds) == count


@pytest.fixture
def marts(postgres: EmbeddedPostgres) -> Iterator[psycopg.Connection]:
    """A database with room for the list and nothing else."""
    name = f"lines_{secrets.token_hex(4)}"
    with psycopg.connect(postgres.url(), autocommit=True) as server:
        server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        with psycopg.connect(postgres.url(name), autocommit=True) as opened:
            opened.execute("create schema mart")
            yield opened
        server.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_the_lines_of_the_account_and_its_mornings_are_read_and_no_others(marts: psycopg.Connection) -> None:
    marts.execute(
        "create table mart.daily_control (account_id text, control_date date, control_id text, cause_code text, "
        "asins text[], opened_date date, lane_code text, is_new boolean)"
    )
    for account_id, day in (("one", 2), ("one", 9), ("another", 2)):
        marts.execute(
            "insert into mart.daily_control values (%s, %s, 'c1', 'undercut', %s, '2025-10-01', 'today', true)",
            (account_id, date(2025, 10, day), [ASIN, "B0STOCK002"]),
        )
    (line,) = read_lines(marts, "one", date(2025, 10, 2), date(2025, 10, 8))
    assert line == Line(
        date(2025, 10, 2), "c1", "undercut", frozenset({ASIN, "B0STOCK002"}), date(2025, 10, 1), "today", True
    )


def _section() -> dict[str, object]:
    score = Score()
    score.by_kind["UNDERCUT"] = KindScore(expected=4, found=3, right_cause=2, days_to_find=[0, 1, 5], raised=5, right=4)
    score.asin_days, score.today_lines, score.stretches, score.flaps = 2_000, 10, 50, 2
    score.false_alarms["FLICKER"] = 1
    section = make_section([Evaluated(WORLD, score, {"marts": 3.0})], "evaluate", 1)
    return {figure.name: figure.median for figure in section.figures} | {
        figure.name: figure.median for figure in section.details
    }


def test_the_section_tells_by_kind_what_was_found_and_what_was_false() -> None:
    told = _section()
    assert told["undercut.recall"] == 0.75
    assert told["undercut.precision"] == 0.8
    assert told["undercut.days_to_find"] == 1
    assert told["undercut.right_cause"] == pytest.approx(2 / 3)
    assert told["today_lines"] == 5
    assert told["flap_ratio"] == 0.04
    assert told["false.flicker"] == 1
    assert told["seconds.marts"] == 3
    assert "suppressed.recall" not in told
