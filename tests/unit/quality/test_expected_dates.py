"""Which dates a document must hold its dataset says, and how many rows it may lose its source."""

from datetime import date, timedelta

from daybreak.quality.documents import CLIENT_QUARANTINE_LIMIT, DocumentFacts, judge_document

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 1)
MONTHS = frozenset({FIRST, date(2026, 2, 1), LAST})


def failed(**changes: object) -> dict[str, str]:
    """The checks that fail, each with its severity."""
    usual = {"asked_dates": MONTHS, "delivered_dates": MONTHS, "row_count": 10, "quarantined_row_count": 0}
    results = judge_document(DocumentFacts(**(usual | changes)))  # type: ignore[arg-type]
    return {result.expectation: result.severity for result in results if not result.is_success}


def test_dates_that_the_dataset_does_not_have_are_not_missed() -> None:
    assert failed() == {}


def test_of_a_file_nothing_was_asked_and_nothing_is_missed() -> None:
    assert failed(asked_dates=frozenset()) == {}
    assert failed(asked_dates=frozenset(), delivered_dates=frozenset()) == {}


def test_a_date_that_it_has_is_missed() -> None:
    assert failed(delivered_dates=MONTHS - {date(2026, 2, 1)}) == {"window_delivered_completely": "warning"}


def test_a_date_that_was_not_asked_for_is_stray() -> None:
    assert failed(delivered_dates=MONTHS | {LAST + timedelta(days=1)}) == {"delivered_days_within_window": "critical"}


def test_a_clients_list_may_lose_half_of_its_rows_and_no_more() -> None:
    def lost(count: int, **more: object) -> set[str]:
        checks = failed(quarantined_row_count=count, **more)
        return {name for name, severity in checks.items() if severity == "critical"}

    assert lost(5) == {"quarantined_share_within_limit"}
    assert lost(5, quarantine_limit=CLIENT_QUARANTINE_LIMIT) == set()
    assert lost(6, quarantine_limit=CLIENT_QUARANTINE_LIMIT) == {"quarantined_share_within_limit"}
