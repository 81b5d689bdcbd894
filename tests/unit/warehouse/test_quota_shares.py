"""A share of a burst: a backfill leaves the rest to the dawn run, and is never starved by what it leaves."""

import pytest

from daybreak.warehouse.quota import WarehouseQuota

SLOW = 1e-6


@pytest.mark.parametrize(("burst", "calls"), [(15, 3), (10, 3), (3, 3), (2, 2), (1, 1)])
def test_a_share_of_three_is_three_calls_of_a_burst_or_all_of_a_smaller_one(
    warehouse: str, burst: int, calls: int
) -> None:
    backfill = WarehouseQuota("spapi_it", warehouse, share_tokens=3)
    taken = 0
    while backfill.take("createReport", SLOW, burst) == 0:
        taken += 1
    assert taken == calls
    dawn = WarehouseQuota("spapi_it", warehouse)
    left = 0
    while dawn.take("createReport", SLOW, burst) == 0:
        left += 1
    assert left == burst - calls


def test_a_bucket_is_looked_into_without_taking_anything(warehouse: str) -> None:
    share = WarehouseQuota("spapi_it", warehouse, share_tokens=3)
    assert share.bucket("createReport", SLOW, 15).tokens == 3  # nobody has called yet
    share.take("createReport", SLOW, 15)
    share.learn("createReport", 0.5)
    seen = share.bucket("createReport", SLOW, 15)
    assert seen.rate == 0.5
    assert seen.tokens == pytest.approx(2, abs=0.5)
    assert WarehouseQuota("spapi_it", warehouse).bucket("createReport", SLOW, 15).tokens == pytest.approx(14, abs=0.5)
