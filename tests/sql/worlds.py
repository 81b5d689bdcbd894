"""A world of facts for the SQL cases and laws, read from the few words of a ``given.yml`` and put into a warehouse.

Unless the words say otherwise: account ``brand`` sells in IT, in EUR, on Europe/Rome days, its primary view is
MANUFACTURING, its thresholds are the defaults, and every fact came with load 1 and is known since 2020.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from daybreak.accounts import Thresholds
from daybreak.contracts import TableContract, read_contracts
from daybreak.datasets import DATASETS

LOAD_ID = 1
ROW_KEY = ("business_date", "asin")
Row = dict[str, Any]


@dataclass(frozen=True)
class FactTable:
    """How rows of one table are written: its key, what ``from`` … ``to`` steps through, and the usual values."""

    name: str
    key: tuple[str, ...]
    stepped: str | None = None
    step: timedelta = timedelta(days=1)
    usual: Row = field(default_factory=dict)
    has_view: bool = False
    partitioned_by: str | None = None


_HOURLY = (("hour_start_at", "asin"), "hour_start_at", timedelta(hours=1))
_LOADED: Row = {"load_id": LOAD_ID, "known_from": "2020-01-01T00:00:00Z"}
_PRICED: Row = {**_LOADED, "currency_code": "EUR"}
_OFFER: Row = {"owner_code": "none", "offer_count": 0, "is_split": False, "has_amazon_offer": False}
FACT_TABLES = {
    table.name.partition(".")[2]: table
    for table in (
        FactTable("core.sales_daily", ROW_KEY, ROW_KEY[0], usual=_PRICED, has_view=True, partitioned_by=ROW_KEY[0]),
        FactTable("core.inventory_daily", ROW_KEY, ROW_KEY[0], usual=_PRICED, has_view=True, partitioned_by=ROW_KEY[0]),
        FactTable("core.traffic_daily", ROW_KEY, ROW_KEY[0], usual=_LOADED, partitioned_by=ROW_KEY[0]),
        FactTable(
            "core.forecast_weekly",
            ("generation_date", "week_start_date", "asin"),
            "week_start_date",
            timedelta(weeks=1),
            _LOADED,
            partitioned_by="generation_date",
        ),
        FactTable(
            "core.inventory_hourly",
            ("hour_start_at", "asin"),
            "hour_start_at",
            timedelta(hours=1),
            usual=_LOADED,
            partitioned_by="hour_start_at",
        ),
        FactTable(
            "core.offer_snapshot",
            ("observed_at", "asin"),
            usual={**_PRICED, **_OFFER},
            partitioned_by="observed_at",
        ),
        FactTable(
            "core.purchase_order_line",
            ("po_number", "asin"),
            usual={**_PRICED, "po_number": "PO1", "status_code": "open"},
        ),
        FactTable(
            "core.promotion",
            ("promotion_id", "asin"),
            usual={**_PRICED, "promotion_id": "PROMOTION1", "source_code": "PLANNED", "kind_code": "price_discount"},
        ),
        FactTable(
            "core.product",
            ("asin", "valid_from_date"),
            usual={"valid_from_date": "1970-01-01", "lifecycle_code": "active", "priority_code": "B"},
        ),
        FactTable("core.margin_daily", ROW_KEY, ROW_KEY[0], usual=_LOADED, partitioned_by=ROW_KEY[0]),
        FactTable("core.featured_offer_loss_daily", ROW_KEY, ROW_KEY[0], usual=_LOADED, partitioned_by=ROW_KEY[0]),
        FactTable("core.sales_hourly", *_HOURLY, usual=_PRICED, partitioned_by="hour_start_at"),
        FactTable("core.traffic_hourly", *_HOURLY, usual=_LOADED, partitioned_by="hour_start_at"),
        FactTable(
            "core.offer",
            ("observed_at", "asin", "seller_id", "offer_index"),
            usual={**_PRICED, "offer_index": 1, "condition_code": "new", "is_featured": False},
            partitioned_by="observed_at",
        ),
        FactTable(
            "core.content_snapshot",
            ("observed_date", "asin"),
            "observed_date",
            usual={**_LOADED, "page_status_code": "live"},
            partitioned_by="observed_date",
        ),
        FactTable(
            "ops.watched_competitor",
            ("account_id", "asin", "competitor_asin"),
            usual={"account_id": "brand", "pack_units": 1},
        ),
        FactTable(
            "ops.control_action",
            ("account_id", "control_id", "acted_at", "action_code"),
            usual={"account_id": "brand", "actor_name": "manager"},
        ),
        FactTable("ops.event_calendar", ("marketplace_code", "start_date", "name"), usual={"marketplace_code": "IT"}),
    )
}


# What a row of a mart must say and a case of its readers need not.
_MART_USUAL: dict[str, Row] = {
    "stock_coverage_daily": {
        "demand_basis_code": "trailing",
        "demand_day_count": 28,
        "lead_time_days": 14,
        "stock_status_code": "healthy",
    },
    "price_gap_daily": {
        "observed_at": "2026-01-01T00:00:00Z",
        "competitor_count": 0,
        "peer_count": 0,
        "market_basis_code": "none",
        "position_code": "unknown",
        "verdict_code": "unknown",
    },
    "buy_box_incident": {
        "lost_snapshots": 2,
        "hours_open": 0,
        "hours_open_at_least": 0,
        "is_breached": False,
        "is_censored": False,
        "reopened_count": 0,
    },
    "content_score_daily": {
        "page_status_code": "live",
        "ruleset_code": "2026.1",
        "known_weight": 100,
        "peer_count": 0,
    },
    "control_cause_daily": {"severity": 2, "reopened_count": 0, "evidence": {}},
}


def _mart_table(contract: TableContract) -> FactTable:
    """A mart that another one reads: given like a fact, as if it had been built."""
    usual: Row = {"data_status_code": "settled", "built_at": "2020-01-01T00:00:00Z", "currency_code": "EUR"}
    dated = [name for name in contract.key if contract.columns[name].type in ("date", "timestamptz")]
    return FactTable(
        contract.table,
        contract.key[1:],
        dated[0] if contract.columns[dated[0]].type == "date" else None,
        usual={name: value for name, value in usual.items() if name in contract.columns}
        | _MART_USUAL.get(contract.name, {}),
        partitioned_by=dated[0],
    )


FACT_TABLES |= {
    contract.name: _mart_table(contract)
    for contract in read_contracts()
    if contract.layer == "mart" and contract.kind == "table"
}


@dataclass(frozen=True)
class World:
    """What one account knows: its settings, its published days, and rows by fact table, one per key."""

    account: Row
    slices: list[Row]
    facts: dict[str, list[Row]]


def read_world(given: Mapping[str, Any], account_id: str = "brand") -> World:
    """The world that the words of a ``given.yml`` (without ``why`` and ``build``) stand for.

    Raises:
        KeyError: ``given`` names a table that is no fact table.
    """
    account = _account(account_id, given.get("account", {}))
    view = account["primary_distributor_view_code"]
    slices = [
        _slice(account_id, dataset, view if DATASETS[dataset].has_distributor_view else "", day, status)
        for status in ("published", "no_data")
        for dataset, spans in given.get(status, {}).items()
        for first, last in spans
        for day in _days(first, last)
    ]
    facts = {
        name: _rows(FACT_TABLES[name], entries, account_id, view)
        for name, entries in given.items()
        if name not in {"account", "published", "no_data"}
    }
    return World(account, slices, facts)


def _account(account_id: str, changes: Row) -> Row:
    usual = {
        "account_id": account_id,
        "name": account_id,
        "marketplace_code": "IT",
        "marketplace_id": "APJ6JRA9NG5V4",
        "currency_code": "EUR",
        "time_zone": "Europe/Rome",
        "credential_id": account_id,
        "primary_distributor_view_code": "MANUFACTURING",
        "is_active": True,
        "vat_ratio": 0.22,
        "amazon_seller_ids": ["AMAZON"],
        "own_seller_ids": ["BRAND"],
        "synced_at": "2020-01-01T00:00:00Z",
    }
    return {**usual, **changes, "thresholds": Thresholds(**changes.get("thresholds", {})).model_dump()}


def _slice(account_id: str, dataset: str, variant: str, day: date, status: str) -> Row:
    instant = "2020-01-01T00:00:00Z"
    stamps = dict.fromkeys(("requested_at", "first_published_at", "published_at", "confirmed_at"), instant)
    key = {"account_id": account_id, "dataset_code": dataset, "variant_code": variant, "business_date": day}
    return {
        **key, **stamps, "status_code": status, "load_id": LOAD_ID, "content_hash": "", "row_count": 0,
        "published_sequence": 1,
    }  # fmt: skip


def _rows(table: FactTable, entries: Sequence[Row], account_id: str, view: str) -> list[Row]:
    usual = {**table.usual, **({"distributor_view_code": view} if table.has_view else {})}
    if not table.name.startswith("ops."):
        usual["account_id"] = account_id
    key = (*table.key, "distributor_view_code") if table.has_view else table.key
    by_key: dict[tuple[Any, ...], Row] = {}
    for entry in entries:
        for row in _expand(table, {**usual, **entry}):
            by_key[tuple(row[name] for name in key)] = row
    return list(by_key.values())


def _expand(table: FactTable, entry: Row) -> Iterator[Row]:
    if "from" not in entry:
        yield entry
        return
    if table.stepped is None:
        raise ValueError(f"{table.name}: a row of this table cannot have from and to")
    first, last = entry.pop("from"), entry.pop("to")
    for step in range((last - first) // table.step + 1):
        yield {table.stepped: first + step * table.step, **entry}


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def insert_world(connection: psycopg.Connection, world: World) -> None:
    """Adds the account, its load, its slices and its facts, in the order in which the world holds them."""
    account = {**world.account, "thresholds": Jsonb(world.account["thresholds"])}
    connection.execute(
        sql.SQL("insert into ops.account ({}) values ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, account)), sql.SQL(", ").join(map(sql.Placeholder, account))
        ),
        account,
    )
    connection.execute(
        "insert into ops.load (account_id, load_id, dataset_code, variant_code, status_code, requested_at)"
        " overriding system value values (%(a)s, %(l)s, 'sales_daily', '', 'published', '2020-01-01')",
        {"a": account["account_id"], "l": LOAD_ID},
    )
    _insert(connection, "ops.slice", world.slices)
    for name, rows in world.facts.items():
        table = FACT_TABLES[name]
        if table.partitioned_by is not None and rows:
            connection.execute(
                "select ops.make_partitions(%(t)s::regclass, min(x)::date, max(x)::date)"
                " from (select unnest(%(x)s::timestamptz[]) at time zone 'UTC' as x) as moments",
                {"t": table.name, "x": [str(row[table.partitioned_by]) for row in rows]},
            )
        _insert(connection, table.name, rows)
    _prefill_products(connection, account["account_id"])


def _prefill_products(connection: psycopg.Connection, account_id: str) -> None:
    """As publishing does: an ASIN of a report that the client has not described has a product row."""
    connection.execute(
        "insert into core.product (account_id, asin, valid_from_date, first_seen_date)"
        " select %(a)s, f.asin, '1970-01-01', min(f.business_date) from ("
        "select asin, business_date from core.sales_daily where account_id = %(a)s"
        " union all select asin, business_date from core.inventory_daily where account_id = %(a)s"
        " union all select asin, business_date from core.traffic_daily where account_id = %(a)s) as f"
        " where not exists (select from core.product as p where p.account_id = %(a)s and p.asin = f.asin)"
        " group by f.asin",
        {"a": account_id},
    )


def _insert(connection: psycopg.Connection, table: str, rows: Sequence[Row]) -> None:
    """Inserts the named columns, so that a column which the table has not is refused by Postgres."""
    if not rows:
        return
    qualified = sql.Identifier(*table.split("."))
    columns = sql.SQL(", ").join(map(sql.Identifier, dict.fromkeys(name for row in rows for name in row)))
    connection.execute(
        sql.SQL("insert into {} ({}) select {} from jsonb_populate_recordset(null::{}, %(rows)s)").format(
            qualified, columns, columns, qualified
        ),
        {"rows": Jsonb(list(rows), dumps=lambda value: json.dumps(value, default=str))},
    )
