"""The bucket in memory behaves as Amazon's does, and the session obeys it."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daybreak.spapi.failures import Kind, QuotaExceeded
from daybreak.spapi.operations import OPERATIONS
from daybreak.spapi.quota import LocalQuota
from daybreak.spapi.reports import get_report
from daybreak.spapi.session import SellingPartnerSession
from tests.unit.spapi.fake_amazon import FakeAmazon, answer, as_json, report

REPORT = "/reports/2021-06-30/reports/744201019124"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class ScriptedQuota:
    """Gives the waits it was told, and writes down what it hears."""

    def __init__(self, *waits: float) -> None:
        self.waits = list(waits)
        self.taken: list[tuple[str, float, float]] = []
        self.learned: list[tuple[str, float]] = []
        self.blocked: list[tuple[str, float]] = []

    def take(self, operation: str, rate: float, burst: float) -> float:
        self.taken.append((operation, rate, burst))
        return self.waits.pop(0) if self.waits else 0.0

    def learn(self, operation: str, rate: float) -> None:
        self.learned.append((operation, rate))

    def block(self, operation: str, seconds: float) -> None:
        self.blocked.append((operation, seconds))


@settings(max_examples=200, deadline=None)
@given(
    rate=st.floats(0.01, 10),
    burst=st.integers(1, 20),
    pauses=st.lists(st.floats(0, 120), min_size=1, max_size=80),
)
def test_no_stretch_of_time_sees_more_than_the_burst_and_the_rate_allow(
    rate: float, burst: int, pauses: list[float]
) -> None:
    clock = Clock()
    quota = LocalQuota(clock)
    taken_at: list[float] = []
    for pause in pauses:
        clock.now += pause
        while quota.take("getReport", rate, burst) == 0:
            taken_at.append(clock.now)
    for first, start in enumerate(taken_at):
        for last in range(first, len(taken_at)):
            assert last - first + 1 <= burst + rate * (taken_at[last] - start) + 1e-6


@settings(max_examples=100, deadline=None)
@given(rate=st.floats(0.01, 10), burst=st.integers(1, 20))
def test_the_wait_it_names_is_enough_and_not_more_than_needed(rate: float, burst: int) -> None:
    clock = Clock()
    quota = LocalQuota(clock)
    for _ in range(burst):
        assert quota.take("getReport", rate, burst) == 0
    wait = quota.take("getReport", rate, burst)
    assert wait == pytest.approx(1 / rate)
    clock.now += wait * 0.99
    assert quota.take("getReport", rate, burst) > 0
    clock.now += wait * 0.0101
    assert quota.take("getReport", rate, burst) == 0


def test_a_learned_rate_holds_from_then_on_even_before_the_first_call() -> None:
    clock = Clock()
    quota = LocalQuota(clock)
    quota.learn("getReport", 0.5)
    assert quota.take("getReport", 2, 1) == 0
    assert quota.take("getReport", 2, 1) == pytest.approx(2.0)
    quota.learn("getReport", 0.25)
    assert quota.take("getReport", 2, 1) == pytest.approx(4.0)


def test_a_block_empties_the_bucket_and_lasts() -> None:
    clock = Clock()
    quota = LocalQuota(clock)
    assert quota.take("getReport", 1, 15) == 0
    quota.block("getReport", 60)
    assert quota.take("getReport", 1, 15) == 60
    clock.now += 60
    assert quota.take("getReport", 1, 15) == 0
    assert quota.take("createReport", 1, 15) == 0


def test_operations_have_a_bucket_each() -> None:
    quota = LocalQuota(Clock())
    assert quota.take("getReport", 1, 1) == 0
    assert quota.take("getReport", 1, 1) > 0
    assert quota.take("createReport", 1, 1) == 0


def test_a_call_takes_a_token_of_the_documented_bucket_and_learns_amazons_rate(
    amazon: FakeAmazon, make_session: Callable[..., SellingPartnerSession]
) -> None:
    quota = ScriptedQuota()
    amazon.on("GET", REPORT, as_json(200, report(), x_amzn_RateLimit_Limit="0.5"))
    get_report(make_session(quota=quota), "744201019124")
    assert quota.taken == [("getReport", 2, 15)]
    assert quota.learned == [("getReport", 0.5)]


@pytest.mark.parametrize("limit", ["", "none", "0", "-1", "nan", "inf"])
def test_a_rate_that_is_no_rate_teaches_nothing(
    amazon: FakeAmazon, make_session: Callable[..., SellingPartnerSession], limit: str
) -> None:
    quota = ScriptedQuota()
    amazon.on("GET", REPORT, as_json(200, report(), x_amzn_RateLimit_Limit=limit))
    get_report(make_session(quota=quota), "744201019124")
    assert quota.learned == []


def test_a_429_blocks_the_operation_for_the_time_of_one_token(
    amazon: FakeAmazon, make_session: Callable[..., SellingPartnerSession]
) -> None:
    quota = ScriptedQuota()
    amazon.on("GET", REPORT, answer(429))
    with pytest.raises(QuotaExceeded) as caught:
        get_report(make_session(quota=quota), "744201019124")
    assert caught.value.retry_after_seconds == 0.5
    assert quota.blocked == [("getReport", 0.5)]


def test_a_429_blocks_for_one_token_at_the_rate_that_amazon_stated_before(
    amazon: FakeAmazon, make_session: Callable[..., SellingPartnerSession]
) -> None:
    quota = ScriptedQuota()
    amazon.on("GET", REPORT, as_json(200, report(), x_amzn_RateLimit_Limit="10"), answer(429))
    session = make_session(quota=quota)
    get_report(session, "744201019124")
    with pytest.raises(QuotaExceeded) as caught:
        get_report(session, "744201019124")
    assert caught.value.retry_after_seconds == 0.1
    assert quota.blocked == [("getReport", 0.1)]


def test_a_long_wait_is_raised_at_once_and_amazon_is_not_called(
    amazon: FakeAmazon, make_session: Callable[..., SellingPartnerSession]
) -> None:
    started = time.monotonic()
    with pytest.raises(QuotaExceeded) as caught:
        get_report(make_session(quota=ScriptedQuota(59.9), patience_seconds=5.0), "744201019124")
    assert time.monotonic() - started < 2
    assert caught.value.kind is Kind.RETRY
    assert caught.value.retry_after_seconds == 59.9
    assert "60 s" in str(caught.value)
    assert amazon.calls("GET", REPORT) == []


def test_a_short_wait_is_slept_through_and_asked_about_again(
    amazon: FakeAmazon, make_session: Callable[..., SellingPartnerSession]
) -> None:
    amazon.on("GET", REPORT, as_json(200, report()))
    quota = ScriptedQuota(0.2, 0.1, 0.0)
    started = time.monotonic()
    get_report(make_session(quota=quota, patience_seconds=5.0), "744201019124")
    assert time.monotonic() - started >= 0.3
    assert len(quota.taken) == 3


def test_patience_is_for_all_the_waits_of_a_call_together(
    amazon: FakeAmazon, make_session: Callable[..., SellingPartnerSession]
) -> None:
    with pytest.raises(QuotaExceeded):
        get_report(make_session(quota=ScriptedQuota(*[0.2] * 20), patience_seconds=0.5), "744201019124")
    assert amazon.calls("GET", REPORT) == []


def test_every_operation_is_one_that_the_library_can_build() -> None:
    from daybreak.spapi.amazon_library import _builder_class

    for operation in OPERATIONS.values():
        assert callable(getattr(_builder_class(operation.api, operation.version), operation.method)), operation.name
        assert operation.rate > 0
        assert operation.burst >= 1


def test_the_small_buckets_are_those_of_amazons_usage_plans() -> None:
    small = {name: (op.rate, op.burst) for name, op in OPERATIONS.items() if op.rate < 0.03}
    assert small == {
        "createReport": (0.0167, 15),
        "getReportDocument": (0.0167, 15),
        "getReports": (0.0222, 10),
        "cancelReport": (0.0222, 10),
        "createQuery": (0.0167, 15),
        "getDocument": (0.0167, 15),
        "getQueries": (0.0222, 10),
        "cancelQuery": (0.0222, 10),
        "getMarketplaceParticipations": (0.016, 15),
        "getAccount": (0.016, 15),
    }
