"""A small world is lived through as `make evaluate` does it: every morning has its documents, marts and lines."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from bench.evaluate.amazon import running_amazon
from bench.evaluate.mornings import Mornings
from bench.evaluate.raised import read_lines
from bench.evaluate.scoring import score_world
from bench.evaluate.worlds import ACCOUNT_ID, TUNING_SEEDS, EvaluatedWorld
from daybreak.datasets import DATASETS

pytestmark = pytest.mark.long

MORNINGS = 3


def test_each_morning_knows_what_was_published_by_then_and_nothing_later(warehouse: str, tmp_path: Path) -> None:
    world = EvaluatedWorld(TUNING_SEEDS[0], days=MORNINGS, asins=30, history_days=70)
    with running_amazon(world, tmp_path) as amazon:
        mornings = Mornings(world, amazon, warehouse, tmp_path)
        mornings.run(marts_every=1)
        truth = amazon.truth(world.first_morning, world.last_morning)
    assert {fact.is_incident for fact in truth} == {True, False}
    with psycopg.connect(warehouse) as connection:
        lines = read_lines(connection, ACCOUNT_ID, world.first_morning, world.last_morning)
        unpublished = connection.execute("select * from ops.load where status_code <> 'published'").fetchall()
        newest = dict(
            connection.execute(
                "select dataset_code, max(business_date) from ops.slice where status_code = 'published' group by 1"
            ).fetchall()
        )
        looks = connection.execute("select distinct observed_at::date from core.offer_snapshot order by 1").fetchall()
        built = connection.execute("select distinct business_date from mart.stock_coverage_daily order by 1").fetchall()
    assert unpublished == []
    last = world.last_morning
    assert newest.keys() == DATASETS.keys() - {"traffic_hourly"}
    assert newest["sales_daily"] == newest["margin_daily"] == last - timedelta(days=4)
    assert newest["content_snapshot"] == newest["offer_snapshot"] == last
    assert [day for (day,) in looks][-MORNINGS:] == [world.first_morning + timedelta(days=each) for each in range(3)]
    yesterdays = [world.first_morning + timedelta(days=each - 1) for each in range(MORNINGS)]
    assert [day for (day,) in built][-MORNINGS:] == yesterdays
    assert {line.control_date for line in lines} == {day + timedelta(days=1) for day in yesterdays}
    score = score_world(truth, lines, world.first_morning, world.last_morning, world.asins)
    assert score.stretches > 0
    assert {"history", "reports", "offers", "marts"} <= mornings.phases.seconds.keys()
