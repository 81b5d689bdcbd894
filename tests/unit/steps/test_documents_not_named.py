"""A report or a query that Amazon calls DONE without naming a document."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from daybreak.accounts import Account
from daybreak.datasets import DATASETS, DAWN_DATASETS
from daybreak.settings import Settings
from daybreak.sources import Collection, KioskQuery
from daybreak.spapi.queries import QueryState
from daybreak.spapi.reports import ReportState
from daybreak.steps import desks
from daybreak.steps.arrivals import Arrivals
from daybreak.steps.desks import desk_for
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.report_requests import OpenRequest, insert_request, read_open_requests

ITALY = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_it")
DAY = date(2026, 11, 15)
NOW = datetime(2026, 11, 20, 5, tzinfo=UTC)
ORDERED = sorted(key for key in DAWN_DATASETS if not isinstance(DATASETS[key], Collection))


@pytest.mark.parametrize("dataset_code", ORDERED)
def test_a_query_without_a_document_is_no_data_and_a_report_without_one_has_failed_and_is_asked_for_anew(
    warehouse: str,
    connection: psycopg.Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dataset_code: str,
) -> None:
    sync_accounts(connection, [ITALY])
    variant = DATASETS[dataset_code].variants(ITALY)[0]
    insert_request(connection, "brand_it", dataset_code, variant, (DAY, DAY), "run")
    [request] = read_open_requests(connection, "brand_it")
    monkeypatch.setattr(desks, "get_query", lambda *_: QueryState("1", "q", "DONE", None, None, NOW))
    monkeypatch.setattr(
        desks, "get_report", lambda *_: ReportState("1", "T", "DONE", None, DAY, DAY, (), NOW, None, None)
    )
    session: Any = object()
    state = desk_for(DATASETS[dataset_code]).poll(session, "1")
    done: OpenRequest = replace(request, amazon_status_code=state.status, amazon_document_id=state.document_id)
    told = Arrivals(ITALY, Settings(home=tmp_path), warehouse).collect(done, session)
    slices = connection.execute("select business_date, status_code, row_count from ops.slice").fetchall()
    if isinstance(DATASETS[dataset_code], KioskQuery):
        assert told is None
        assert slices == [(DAY, "no_data", 0)]
    else:
        assert "Amazon says DONE without naming a document" in (told or "")
        assert slices == []
    assert read_open_requests(connection, "brand_it") == []
