"""Looks at pages in the warehouse: which products they are about, and what publishing one look after another does."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg.rows import dict_row

from daybreak.accounts import Account
from daybreak.landing.files import store_document
from daybreak.settings import Settings
from daybreak.steps.arrivals import stage_or_reject
from daybreak.steps.gating import gate_load
from daybreak.steps.publishing import publish_one
from daybreak.warehouse import loads
from daybreak.warehouse.account_registry import sync_accounts
from daybreak.warehouse.catalogue import read_catalogue
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.publish import Published
from tests.unit.landing.page_documents import DAY, HERE, Json, document, documents, item, plan, products, search

ACCOUNT = Account(account_id="brand_it", name="Brand IT", marketplace_code="IT", vendor_connection_id="spapi_brand_it")
A, B, C = "B000000001", "B000000002", "B000000003"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Looks:
    """Looks of one day that are landed, staged, judged and published one after the other."""

    def __init__(self, dsn: str, home: Path) -> None:
        self.dsn = dsn
        self.settings = Settings(home=home, minimum_free_mebibytes=0)
        self.count = 0
        with transaction(dsn) as connection:
            sync_accounts(connection, [ACCOUNT])

    def publish(self, asins: list[str], items: list[Any], day: date = DAY, more: Sequence[Json] = ()) -> Published:
        self.count += 1
        at = NOON + timedelta(minutes=self.count)
        content = document(plan(*asins, day=day), search(asins, items), *more)
        stored = store_document(
            self.settings.landing, ACCOUNT.account_id, "content_snapshot", f"look-{self.count}", [content],
            received_at=at, minimum_free_bytes=0,
        )  # fmt: skip
        landed = loads.LandedDocument(stored.path, stored.sha256, stored.size_bytes, at, "spapi")
        with transaction(self.dsn) as connection:
            load_id = loads.insert_load(
                connection, ACCOUNT.account_id, "content_snapshot", "", landed, request_id=None, window=(day, day),
                requested_at=at,
            )  # fmt: skip
        assert stage_or_reject(ACCOUNT, self._load(load_id), self.settings, self.dsn) is None
        if gate_load(ACCOUNT, self._load(load_id), self.dsn, self.settings) is not None:
            with transaction(self.dsn) as connection:
                connection.execute("update ops.load set status_code = 'released' where load_id = %s", [load_id])
        return publish_one(ACCOUNT, self._load(load_id), date(2026, 3, 31), self.settings, self.dsn)

    def _load(self, load_id: int) -> loads.Load:
        with transaction(self.dsn) as connection:
            load = loads.read_load(connection, load_id)
        assert load is not None
        return load

    def rows(self, query: LiteralString) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query).fetchall()

    def parts(self) -> list[dict[str, Any]]:
        """Every row without what says when it came."""
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            found = connection.execute("select * from core.content_snapshot order by observed_date, asin").fetchall()
        return [{name: row[name] for name in row if name not in ("load_id", "known_from")} for row in found]

    def stands(self) -> list[tuple[Any, ...]]:
        """Every row with the transaction that wrote it."""
        return self.rows("select *, xmin from core.content_snapshot order by observed_date, asin")


@pytest.fixture
def looks(warehouse: str, tmp_path: Path) -> Looks:
    return Looks(warehouse, tmp_path)


def counts(published: Published) -> tuple[int, int, int]:
    return (published.inserted, published.updated, published.removed)


def test_a_second_look_at_the_same_day_changes_only_what_differs(looks: Looks) -> None:
    assert counts(looks.publish([A, B, C], [item(A), item(B)])) == (3, 0, 0)
    before = looks.stands()
    again = looks.publish([A, B, C], [item(A), item(B)])
    assert (counts(again), again.unchanged_days) == ((0, 0, 0), (DAY,))
    # The bytes of an answer may differ without a part of the page that does.
    same = looks.publish([A, B, C], [item(A), item(B, identifiers=[HERE])])
    assert (counts(same), same.published_days) == ((0, 0, 0), (DAY,))
    assert looks.stands() == before
    changed = looks.publish([A, B, C], [item(A), item(B, images=[HERE]), item(C)])
    assert counts(changed) == (0, 2, 0)
    assert looks.stands()[0] == before[0]
    assert [(row["page_status_code"], row["images"]) for row in looks.parts()[1:]] == [
        ("live", []),
        ("live", looks.parts()[0]["images"]),
    ]


ATTRIBUTES = item(A)["attributes"]


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"summaries": [HERE | {"itemName": "Altro", "brand": "Torrefa"}]}, "title"),
        ({"summaries": [HERE | {"itemName": "Moka per sei tazze, alluminio", "brand": "Moka"}]}, "brand_name"),
        ({"attributes": ATTRIBUTES | {"bullet_point": []}}, "bullets"),
        ({"attributes": ATTRIBUTES | {"product_description": []}}, "description"),
        ({"attributes": ATTRIBUTES | {"part_number": []}}, "attributes"),
        ({"classifications": [HERE | {"classifications": [{"classificationId": "9"}]}]}, "classification_id"),
        ({"productTypes": [HERE]}, "product_type_code"),
        ({"relationships": [HERE]}, "parent_asin"),
        ({"salesRanks": [HERE]}, "sales_rank"),
        ({"vendorDetails": [HERE | {"replenishmentCategory": "OBSOLETE"}]}, "replenishment_category_code"),
        ({"images": None}, "images"),
        ({"identifiers": [HERE | {"identifiers": [{"identifierType": "EAN", "identifier": "8000000000011"}]}]}, "ean"),
    ],
)
def test_every_part_that_changes_is_written(looks: Looks, change: dict[str, Any], part: str) -> None:
    looks.publish([A], [item(A)])
    [before] = looks.parts()
    assert counts(looks.publish([A], [item(A, **change)])) == (0, 1, 0)
    [after] = looks.parts()
    assert {name for name in before if before[name] != after[name]} == {part}


def test_a_plus_content_that_is_published_later_in_the_day_is_written(looks: Looks) -> None:
    looks.publish([A], [item(A)])
    listed = [documents("K"), products("K", {A: "CONTENT_PUBLISHED"})]
    assert counts(looks.publish([A], [item(A)], more=listed)) == (0, 1, 0)
    assert [row["has_a_plus"] for row in looks.parts()] == [True]


def test_a_product_that_is_asked_about_no_more_goes_and_one_that_nobody_could_read_stays(looks: Looks) -> None:
    looks.publish([A, B, C], [item(A), item(B), item(C)])
    unreadable = item(B, salesRanks=[HERE | {"displayGroupRanks": [{"rank": "n/a"}]}])
    before = looks.stands()
    assert counts(looks.publish([A, B], [item(A), unreadable])) == (0, 0, 1)
    assert looks.stands() == before[:2]
    assert looks.rows("select asin, business_date, field_name from ops.quarantine") == [
        (B, DAY, "salesRanks[0].displayGroupRanks[0].rank")
    ]


def test_each_day_is_a_look_of_its_own(looks: Looks) -> None:
    looks.publish([A], [item(A)])
    assert counts(looks.publish([A], [], day=DAY + timedelta(days=40))) == (1, 0, 0)
    found = looks.rows("select observed_date, page_status_code from core.content_snapshot order by 1")
    assert found == [(DAY, "live"), (DAY + timedelta(days=40), "not_found")]


def test_the_catalogue_is_what_facts_lists_and_the_newest_forecast_name(connection: psycopg.Connection) -> None:
    sync_accounts(connection, [ACCOUNT])
    connection.execute(
        """
        insert into core.product (account_id, asin, valid_from_date) values
            ('brand_it', 'B000000003', '1970-01-01'), ('brand_it', 'B000000003', '2026-01-01'),
            ('brand_it', 'b000000004', '1970-01-01'), ('brand_it', 'B0,0000005', '1970-01-01'),
            ('brand_de', 'B000000006', '1970-01-01');
        select ops.make_partitions('core.forecast_weekly', '2024-01-01', '2026-04-01');
        insert into core.forecast_weekly (account_id, generation_date, week_start_date, asin, load_id, known_from)
        select a.account_id, g.generation_date, g.generation_date + 7, g.asin, 1, now()
        from (values ('brand_it')) as a (account_id)
        cross join (
            values (date '2026-03-01', 'B000000001'), ('2026-02-22', 'B000000007'), ('2026-03-08', 'B000000008')
        ) as g (generation_date, asin)
        """
    )
    assert read_catalogue(connection, "brand_it", date(2026, 3, 2)) == ["B000000001", "B000000003"]
    assert read_catalogue(connection, "brand_it", date(2026, 2, 28)) == ["B000000003", "B000000007"]
    assert read_catalogue(connection, "brand_it", date(2027, 3, 8)) == ["B000000003"]
    assert read_catalogue(connection, "brand_fr", date(2026, 3, 2)) == []
