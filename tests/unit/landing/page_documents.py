"""Documents of looks at pages, built line by line, and what becomes of them."""

import csv
import io
import json
from datetime import date
from typing import Any

from daybreak.datasets import DATASETS
from daybreak.landing.pages import decode_pages
from daybreak.landing.records import Records
from daybreak.landing.specifications import ExpectedReport
from daybreak.sources import Collection

Json = dict[str, Any]
FILE_NAME = "brand_it/content_snapshot/collection-7.jsonl.gz"
DAY = date(2026, 3, 2)
MARKETPLACE_ID = "APJ6JRA9NG5V4"
HERE = {"marketplaceId": MARKETPLACE_ID}
_MOMENTS = {"requested_at": "2026-03-02T04:15:00Z", "answered_at": "2026-03-02T04:15:01Z"}


def plan(*asins: str, competitors: tuple[str, ...] = (), day: date = DAY) -> Json:
    return {
        "operation": "plan",
        "observed_date": day.isoformat(),
        "planned_at": "2026-03-02T04:15:00Z",
        "asins": list(asins),
        "competitors": list(competitors),
    }


def search(asins: list[str], items: list[Any] | None, **more: Any) -> Json:
    """A line with Amazon's answer about ``asins``; ``items`` None: it refused."""
    line: Json = {"operation": "searchCatalogItems", "asins": asins, **_MOMENTS}
    if items is None:
        return line | {"refused": "Amazon refuses the request"} | more
    return line | {"answer": {"numberOfResults": len(items), "items": items} | more}


def documents(*keys: str, token: str | None = None, **more: Any) -> Json:
    answer = {"contentMetadataRecords": [{"contentReferenceKey": key, "contentMetadata": {}} for key in keys]}
    line = {
        "operation": "searchContentDocuments",
        **_MOMENTS,
        "answer": answer | ({"nextPageToken": token} if token else {}),
    }
    return line | more


def products(key: str, badges: dict[str, str], token: str | None = None, **more: Any) -> Json:
    """A line with the products of document ``key``, each with its badge."""
    answer = {"asinMetadataSet": [{"asin": asin, "badgeSet": [badge]} for asin, badge in badges.items()]}
    line = {
        "operation": "listContentDocumentAsinRelations",
        "content_key": key,
        **_MOMENTS,
        "answer": answer | ({"nextPageToken": token} if token else {}),
    }
    return line | more


def text(*values: str, locale: str | None = "it_IT") -> list[Json]:
    """An attribute's values in one language."""
    tag = {"language_tag": locale} if locale else {}
    return [{"value": value, "marketplace_id": MARKETPLACE_ID} | tag for value in values]


def item(asin: str, **changes: Any) -> Json:
    """A catalogue item with every section; ``changes`` are whole sections."""
    return {
        "asin": asin,
        "attributes": {
            "item_name": text("Moka per sei tazze"),
            "bullet_point": text("ROBUSTA: alluminio", "Sei tazze"),
            "product_description": text("Una moka per ogni giorno."),
            "brand": text("Torrefa"),
            "manufacturer": text("Torrefa SpA"),
            "part_number": [{"value": "TOR-1", "marketplace_id": MARKETPLACE_ID}],
            "item_weight": [{"unit": "kilograms", "value": 0.35, "marketplace_id": MARKETPLACE_ID}],
            "country_of_origin": [{"value": "IT", "marketplace_id": MARKETPLACE_ID}],
        },
        "classifications": [HERE | {"classifications": [{"displayName": "Moka", "classificationId": "731"}]}],
        "identifiers": [HERE | {"identifiers": []}],
        "images": [
            HERE
            | {
                "images": [
                    {"variant": "MAIN", "link": "a", "width": 1600, "height": 900},
                    {"variant": "MAIN", "link": "b", "width": 500, "height": 281},
                    {"variant": "PT01", "link": "c", "width": 75, "height": 75},
                    {"variant": "PT01", "link": "d", "width": 1200, "height": 1300},
                    {"variant": "SWCH", "link": "e", "width": 30, "height": 30},
                ]
            }
        ],
        "productTypes": [HERE | {"productType": "COFFEE_MAKER"}],
        "relationships": [
            HERE
            | {
                "relationships": [
                    {"type": "PACKAGE_HIERARCHY", "parentAsins": ["B00CARTON1"]},
                    {"type": "VARIATION", "parentAsins": ["B00PARENT1"], "variationTheme": {"theme": "COLOR"}},
                ]
            }
        ],
        "salesRanks": [
            HERE
            | {
                "classificationRanks": [{"classificationId": "731", "title": "Moka", "rank": 12}],
                "displayGroupRanks": [{"websiteDisplayGroup": "kitchen", "title": "Cucina", "rank": 4321}],
            }
        ],
        "summaries": [
            HERE
            | {
                "itemName": "Moka per sei tazze, alluminio",
                "brand": "Torrefa",
                "browseClassification": {"displayName": "Moka", "classificationId": "731"},
            }
        ],
        "vendorDetails": [HERE | {"brandCode": "TOR9", "replenishmentCategory": "BASIC_REPLENISHMENT"}],
    } | changes


def document(*lines: Json | bytes) -> bytes:
    return b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)


def decode(*lines: Json | bytes, asked: date | None = DAY) -> Records:
    dataset = DATASETS["content_snapshot"]
    assert isinstance(dataset, Collection)
    expected = ExpectedReport("brand_it", MARKETPLACE_ID, "EUR", "", asked, asked)
    return decode_pages(document(*lines), dataset, expected, FILE_NAME)


def staged(records: Records) -> dict[str, dict[str, Any]]:
    """The lines for COPY by ASIN, read back: JSON columns decoded, null as None."""
    rows: dict[str, dict[str, Any]] = {}
    for line in csv.reader(io.StringIO(b"".join(records.csv_chunks()).decode())):
        row: dict[str, Any] = dict(zip(records.columns, line, strict=True))
        row = {name: None if value == "null" else value for name, value in row.items()}
        for name in ("bullets", "images", "attributes"):
            row[name] = json.loads(row[name]) if row[name] is not None else None
        assert row["asin"] not in rows
        rows[row["asin"]] = row
    return rows


def page(given: Json | bytes, *more: Json) -> dict[str, Any]:
    """The one row of a look at the one product B000000001; ``more`` are further lines."""
    raw = given if isinstance(given, bytes) else json.dumps(given).encode()
    line = json.dumps(search(["B000000001"], ["@"])).encode().replace(b'"@"', raw)
    (row,) = staged(decode(plan("B000000001"), line, *more)).values()
    return row
