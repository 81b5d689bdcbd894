"""The arrival of a history: computed from quotas, by hand and by laws; and which days are loaded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.datasets import DATASETS, DAWN_DATASETS
from daybreak.steps.arrival_prediction import Workload, predict_seconds
from daybreak.steps.onboarding import history_days
from daybreak.warehouse.quota import Bucket

AMAZON = 0.0167
SHARE = Bucket(3, AMAZON)
HOUR = 3600


def predicted(orders: int, documents: int | None = None, ready: int = 0, working: float = 60.0) -> float:
    return predict_seconds(Workload(orders, documents or orders, ready), SHARE, SHARE, working)


def test_294_reports_take_about_five_hours() -> None:
    # 3 at once, 291 at 0.0167 a second: 17,425.1 s; then Amazon works for a minute on the last.
    assert predicted(294) == pytest.approx(291 / 0.0167 + 60)
    assert 4.8 * HOUR < predicted(294) < 5.2 * HOUR


@pytest.mark.parametrize(
    ("work", "seconds"),
    [
        (Workload(0, 0), 0.0),
        (Workload(1, 1), 60.0),
        (Workload(3, 3), 60.0),
        (Workload(4, 4), 60 + 1 / AMAZON),
        (Workload(0, 2, ready=2), 0.0),
        (Workload(0, 5, ready=5), 2 / AMAZON),
        (Workload(0, 2), 60.0),
        (Workload(5, 25, ready=20), 22 / AMAZON),  # 25 documents drip longer than five orders and their minute
    ],
)
def test_small_workloads_agree_with_what_one_computes_by_hand(work: Workload, seconds: float) -> None:
    assert predict_seconds(work, SHARE, SHARE, 60.0) == pytest.approx(seconds)


def test_the_slower_of_the_two_drips_counts() -> None:
    slow, fast = Bucket(0, 0.01), Bucket(0, 1.0)
    assert predict_seconds(Workload(10, 10), slow, fast, 5.0) == pytest.approx(1_000 + 5)
    assert predict_seconds(Workload(10, 10), fast, slow, 5.0) == pytest.approx(5 + 1_000)


@given(st.integers(1, 500), st.integers(0, 500), st.integers(0, 15), st.floats(0.001, 10), st.floats(0, 600))
def test_more_work_never_arrives_earlier_and_a_fuller_bucket_never_later(
    orders: int, more: int, tokens: int, rate: float, working: float
) -> None:
    bucket, fuller = Bucket(tokens, rate), Bucket(tokens + 1, rate)
    alone = predict_seconds(Workload(orders, orders), bucket, bucket, working)
    assert predict_seconds(Workload(orders + more, orders + more), bucket, bucket, working) >= alone
    assert predict_seconds(Workload(orders, orders), fuller, fuller, working) <= alone
    assert alone >= working


def test_the_default_reaches_as_far_as_the_controls_and_never_further_than_amazon() -> None:
    wanted = history_days()
    assert wanted.keys() == DAWN_DATASETS
    assert (wanted["sales_daily"], wanted["inventory_daily"], wanted["sales_hourly"]) == (400, 120, 28)
    assert all(days <= DATASETS[key].lookback_days for key, days in history_days(1460).items())
    assert history_days(30)["sales_daily"] == 30
