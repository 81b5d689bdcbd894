"""The token bucket law, and what the clock's speed does and does not change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.clock import Clock
from simulator.operations import SPAPI_OPERATIONS, Operation
from simulator.quota import Quotas

from .conftest import NOW, ManualTime


@given(
    rate=st.floats(0.01, 20),
    burst=st.integers(1, 30),
    pauses=st.lists(st.floats(0, 30), min_size=1, max_size=120),
)
def test_in_any_stretch_no_more_passes_than_burst_and_refill(rate: float, burst: int, pauses: list[float]) -> None:
    manual = ManualTime()
    quotas = Quotas(Clock(NOW, 1.0, manual))
    operation = Operation("anything", rate, burst)
    passed = []
    for pause in pauses:
        manual.seconds += pause
        if quotas.take("one", operation):
            passed.append(manual.seconds)
    for earlier, begin in enumerate(passed):
        for later in range(earlier, len(passed)):
            assert later - earlier + 1 <= burst + (passed[later] - begin) * rate + 1e-6


@given(rate=st.floats(0.01, 20), burst=st.integers(1, 30))
def test_a_full_bucket_gives_its_burst_then_one_token_per_refill(rate: float, burst: int) -> None:
    manual = ManualTime()
    quotas = Quotas(Clock(NOW, 1.0, manual))
    operation = Operation("anything", rate, burst)
    assert [quotas.take("one", operation) for _ in range(burst + 1)] == [True] * burst + [False]
    manual.seconds += 0.99 / rate
    assert not quotas.take("one", operation)
    manual.seconds += 0.02 / rate
    assert quotas.take("one", operation)
    assert not quotas.take("one", operation)


def test_credentials_and_operations_have_buckets_of_their_own() -> None:
    quotas = Quotas(Clock(NOW, 1.0, ManualTime()))
    create, get = SPAPI_OPERATIONS["createReport"], SPAPI_OPERATIONS["getReport"]
    while quotas.take("one", create):
        pass
    assert quotas.take("two", create)
    assert quotas.take("one", get)


def test_speed_refills_faster_and_shows_in_the_rate() -> None:
    manual = ManualTime()
    clock = Clock(NOW, 20.0, manual)
    quotas = Quotas(clock)
    create = SPAPI_OPERATIONS["createReport"]
    while quotas.take("one", create):
        pass
    manual.seconds += 1 / (0.0167 * 20) + 0.01
    assert quotas.take("one", create)
    assert quotas.shown_rate("createReport") == "0.334"
    clock.set(speed=1.0)
    assert quotas.shown_rate("createReport") == "0.0167"
    assert quotas.shown_rate("getReport") == "2.0"


@given(speed=st.floats(0.1, 1000), seconds=st.floats(0, 1e6))
def test_world_time_runs_with_real_time_at_any_speed(speed: float, seconds: float) -> None:
    manual = ManualTime()
    clock = Clock(NOW, speed, manual)
    manual.seconds += seconds
    assert abs(clock.now() - NOW - timedelta(seconds=seconds)) < timedelta(milliseconds=1)
    assert clock.pace() == pytest.approx(seconds * speed, abs=1e-6)


def test_setting_the_clock_back_never_turns_the_pace_back() -> None:
    manual = ManualTime()
    clock = Clock(NOW, 10.0, manual)
    manual.seconds += 5
    clock.set(now=datetime(2025, 1, 1, tzinfo=UTC), speed=2.0)
    manual.seconds += 5
    assert clock.pace() == pytest.approx(60.0)
    assert clock.now() == datetime(2025, 1, 1, 0, 0, 5, tzinfo=UTC)
    assert clock.today("America/Los_Angeles").isoformat() == "2024-12-31"


def test_a_clock_without_a_date_shows_the_real_one() -> None:
    assert abs(Clock().now() - datetime.now(UTC)) < timedelta(seconds=5)
