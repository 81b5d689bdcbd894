"""What an answer of the catalogue says of a page: parts that are there, that the page lacks, and that nobody knows."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daybreak.accounts import MARKETPLACES
from daybreak.landing.failures import UnreadableDocument, WrongDocument
from daybreak.landing.page_languages import locales_of, readable
from daybreak.landing.records import Records
from tests.unit.landing.page_documents import (
    DAY,
    HERE,
    MARKETPLACE_ID,
    Json,
    decode,
    documents,
    item,
    page,
    plan,
    products,
    search,
    staged,
    text,
)

A, B, C = "B000000001", "B000000002", "B000000003"
SECTIONS = (
    "attributes", "classifications", "identifiers", "images", "productTypes", "relationships", "salesRanks",
    "summaries", "vendorDetails",
)  # fmt: skip
PARTS = (
    "title", "brand_name", "bullets", "description", "images", "product_type_code", "classification_id", "parent_asin",
    "sales_rank", "attributes", "replenishment_category_code",
)  # fmt: skip


def reasons(records: Records) -> dict[str | None, str]:
    list(records.csv_chunks())
    return {row.asin: row.reason for row in records.rejected}


def with_attributes(**changes: Any) -> Json:
    return item(A, attributes=item(A)["attributes"] | changes)


def test_a_whole_page() -> None:
    row = page(item(A), documents("K1"), products("K1", {A: "CONTENT_PUBLISHED"}))
    assert row == {
        "row_number": "1",
        "business_date": "2026-03-02",
        "observed_date": "2026-03-02",
        "asin": A,
        "page_status_code": "live",
        "title": "Moka per sei tazze, alluminio",
        "brand_name": "Torrefa",
        "bullets": ["ROBUSTA: alluminio", "Sei tazze"],
        "description": "Una moka per ogni giorno.",
        "images": [
            {"variant": "MAIN", "width": 1600, "height": 900},
            {"variant": "PT01", "width": 1200, "height": 1300},
            {"variant": "SWCH", "width": 30, "height": 30},
        ],
        "product_type_code": "COFFEE_MAKER",
        "classification_id": "731",
        "parent_asin": "B00PARENT1",
        "sales_rank": "4321",
        "attributes": {
            "brand": "Torrefa",
            "manufacturer": "Torrefa SpA",
            "part_number": "TOR-1",
            "item_weight": {"unit": "kilograms", "value": 0.35},
            "country_of_origin": "IT",
        },
        "has_a_plus": "true",
        "replenishment_category_code": "BASIC_REPLENISHMENT",
        "ean": "",
    }


@pytest.mark.parametrize("how", ["null", "absent"])
def test_of_sections_that_were_not_delivered_nothing_is_known(how: str) -> None:
    bare = {"asin": A} if how == "absent" else item(A, **dict.fromkeys(SECTIONS))
    row = page(bare)
    assert row["page_status_code"] == "live"
    assert {row[part] for part in PARTS} == {None}


def test_what_a_delivered_section_lacks_is_lacking_on_the_page() -> None:
    empty = item(A, **{name: [HERE] for name in SECTIONS if name != "attributes"}, attributes={})
    row = page(empty)
    assert {name: row[name] for name in PARTS} == {
        "title": "",
        "brand_name": "",
        "bullets": [],
        "description": "",
        "images": [],
        "product_type_code": "",
        "classification_id": "",
        "parent_asin": "",
        "sales_rank": None,
        "attributes": {},
        "replenishment_category_code": "",
    }
    # A section that speaks of no marketplace at all was delivered, too: so vendor details come for a competitor's page.
    assert page(item(A, vendorDetails=[], images=[]))["replenishment_category_code"] == ""
    assert page(item(A, vendorDetails=[], images=[]))["images"] == []


@pytest.mark.parametrize(
    ("section", "part"),
    [
        ("attributes", "bullets"),
        ("attributes", "description"),
        ("attributes", "attributes"),
        ("images", "images"),
        ("productTypes", "product_type_code"),
        ("relationships", "parent_asin"),
        ("salesRanks", "sales_rank"),
        ("vendorDetails", "replenishment_category_code"),
    ],
)
def test_one_section_that_is_null_leaves_the_other_parts_known(section: str, part: str) -> None:
    row = page(item(A, **{section: None}))
    assert row[part] is None
    assert row["title"] == "Moka per sei tazze, alluminio"
    assert row["classification_id"] == "731"


def test_title_brand_and_classification_come_from_either_of_their_two_sections() -> None:
    row = page(item(A, summaries=None))
    assert (row["title"], row["brand_name"], row["classification_id"]) == ("Moka per sei tazze", "Torrefa", "731")
    row = page(item(A, attributes=None, classifications=None))
    assert (row["title"], row["classification_id"]) == ("Moka per sei tazze, alluminio", "731")
    row = page(item(A, summaries=[HERE], classifications=None, attributes=None))
    assert (row["title"], row["brand_name"], row["classification_id"]) == ("", "", "")


def test_only_the_texts_in_the_language_of_the_marketplace_count() -> None:
    both = text("Sei tazze", "Alluminio") + text("QUALITY: six cups", "In the box", locale="en_GB")
    assert page(with_attributes(bullet_point=both))["bullets"] == ["Sei tazze", "Alluminio"]
    assert page(with_attributes(bullet_point=both[::-1]))["bullets"] == ["Alluminio", "Sei tazze"]


def test_where_the_local_language_is_missing_one_other_language_stands_for_it() -> None:
    english, german = text("Six cups", locale="en_GB"), text("Sechs Tassen", "Aluminium", locale="de_DE")
    assert page(with_attributes(bullet_point=english + german))["bullets"] == ["Six cups"]
    assert page(with_attributes(bullet_point=german + english))["bullets"] == ["Sechs Tassen", "Aluminium"]
    plain = text("6", locale=None)
    assert page(with_attributes(bullet_point=german + plain))["bullets"] == ["6"]
    assert page(with_attributes(bullet_point=plain + text("Sei")))["bullets"] == ["Sei"]
    assert page(with_attributes(bullet_point=german + text("Sei", locale="it-CH")))["bullets"] == ["Sei"]


def test_texts_in_an_unknown_locale_are_no_bullets_and_no_lack_of_them() -> None:
    strange = text("???", "!!!", locale="qq_XX")
    changes = {"bullet_point": strange, "product_description": strange, "brand": strange, "item_name": strange}
    row = page(with_attributes(**changes))
    assert (row["bullets"], row["description"]) == (None, None)
    assert row["title"] == "Moka per sei tazze, alluminio"
    assert row["attributes"]["brand"] is None
    assert row["attributes"]["manufacturer"] == "Torrefa SpA"
    assert page(with_attributes(bullet_point=strange + text("Sei")))["bullets"] == ["Sei"]


def test_values_of_another_marketplace_are_passed_over() -> None:
    other = [{"value": "Six", "language_tag": "it_IT", "marketplace_id": "A1PA6795UKMFR9"}]
    assert page(with_attributes(bullet_point=other))["bullets"] == []
    assert page(with_attributes(bullet_point=other + text("Sei")))["bullets"] == ["Sei"]
    elsewhere = {"marketplaceId": "A1PA6795UKMFR9", "productType": "ANDERE"}
    assert page(item(A, productTypes=[elsewhere, HERE | {"productType": "QUI"}]))["product_type_code"] == "QUI"


TAGS = st.sampled_from(["it_IT", "it-IT", "it_CH", "en_GB", "en_US", "de_DE", "fr_BE", "nl_BE", "qq_XX", "zz", None])


@given(st.lists(st.tuples(TAGS, st.integers())), st.sampled_from(sorted(MARKETPLACES)))
def test_what_is_read_is_in_one_known_language_and_in_order(
    given_values: list[tuple[str | None, int]], code: str
) -> None:
    values = [{"value": n} | ({"language_tag": tag} if tag else {}) for tag, n in given_values]
    locales = MARKETPLACES[code].locales
    chosen = readable(values, locales)
    tags = [tag.replace("-", "_") if tag else "" for tag, _ in given_values]
    known = [tag for tag in tags if tag not in ("qq_XX", "zz")]
    if chosen is None:
        assert values
        assert known == []
        return
    assert [value for value in values if value in chosen] == list(chosen)
    taken = {str(value.get("language_tag", "")).replace("-", "_") for value in chosen}
    assert len(taken) == bool(known)
    local = [tag for tag in tags if tag in locales]
    assert taken <= set(local) if local else taken <= set(known)


def test_every_marketplace_says_in_which_language_its_pages_are() -> None:
    for marketplace in MARKETPLACES.values():
        assert locales_of(marketplace.marketplace_id) == marketplace.locales
        assert all(len(locale) == 5 and locale[2] == "_" for locale in marketplace.locales)


def test_images_without_size_are_images() -> None:
    images = [{"variant": "MAIN", "link": "a"}, {"variant": "PT01", "width": None, "height": 500}]
    row = page(item(A, images=[HERE | {"images": images}]))
    assert row["images"] == [
        {"variant": "MAIN", "width": None, "height": None},
        {"variant": "PT01", "width": None, "height": 500},
    ]
    mixed = [{"variant": "MAIN"}, {"variant": "MAIN", "width": 75, "height": 50}, {"variant": "MAIN"}]
    row = page(item(A, images=[HERE | {"images": mixed}]))
    assert row["images"] == [{"variant": "MAIN", "width": 75, "height": 50}]


def test_a_title_of_4000_characters_with_markup_is_kept_as_it_stands() -> None:
    title = ('<b onclick="alert(1)">&lt;Top&gt;</b> <script>document.title</script> \\ \n' * 80)[:4_000]
    row = page(item(A, summaries=[HERE | {"itemName": title}]))
    assert row["title"] == title
    assert len(row["title"]) == 4_000


def test_a_product_that_a_whole_answer_does_not_name_has_no_page() -> None:
    records = decode(plan(A, B), search([A, B], [item(A)]), documents())
    rows = staged(records)
    assert rows[B]["page_status_code"] == "not_found"
    assert {rows[B][part] for part in (*PARTS, "has_a_plus")} == {None}
    assert rows[A]["page_status_code"] == "live"
    assert records.row_count == 2


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([search([A, B], None)], "Amazon did not answer for it: Amazon refuses the request"),
        ([search([A, B], [item(A)], numberOfResults=2)], "gives 1 of 2 items"),
        ([search([A, B], [item(A)], numberOfResults=None)], "gives 1 of an unknown number of items"),
        ([search([A, B], [item(A), {"summaries": []}])], "that nobody can place: asin: required field is missing"),
        ([search([A, B], [item(A), item("B0';--0001")])], 'nobody can place: asin: "B0\';--0001" was not asked for'),
        ([search([A, B], [item(A)], pagination={"nextToken": "t"})] * 2, "go in a circle"),
        ([search([A, B], [item(A), 7])], "nobody can place: item: Expected object, got int"),
        ([], "nobody asked for its page before the day ended"),
    ],
)
def test_what_no_whole_answer_covers_is_unknown_and_says_why(lines: list[Json], says: str) -> None:
    records = decode(plan(A, B), *lines)
    assert B not in staged(records)
    assert says in reasons(records)[B]
    assert {row.business_date for row in records.rejected} == {DAY}


def test_answers_in_several_pages_are_one_answer() -> None:
    first = search([A, B, C], [item(A)], numberOfResults=2, pagination={"nextToken": "t"})
    rows = staged(decode(plan(A, B, C), first, search([A, B, C], [item(B)], numberOfResults=2)))
    assert {asin: row["page_status_code"] for asin, row in rows.items()} == {A: "live", B: "live", C: "not_found"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (
            {"images": [HERE | {"images": [{"variant": "MAIN", "width": "n/a", "height": 1}]}]},
            "images[0].images[0].width",
        ),
        ({"images": [HERE | {"images": [{"width": 1, "height": 1}]}]}, "images[0].images[0].variant"),
        ({"salesRanks": [HERE | {"displayGroupRanks": [{"rank": "n/a"}]}]}, "salesRanks[0].displayGroupRanks[0].rank"),
        ({"summaries": [{"marketplaceId": "A1PA6795UKMFR9", "itemName": "X"}]}, "summaries.marketplaceId"),
        ({"summaries": [HERE | {"itemName": "a\x00b"}]}, "itemName"),
        ({"summaries": {}}, "summaries"),
        ({"attributes": {"bullet_point": text("a\x00b")}}, "value"),
        ({"attributes": {"bullet_point": [{"value": 7}]}}, "attributes.bullet_point"),
        ({"attributes": {"bullet_point": [{}]}}, "attributes.bullet_point"),
        ({"attributes": {"brand": "Torrefa"}}, "attributes[...]"),
        ({"attributes": {"item_weight": [{"unit": "k\x00g", "value": 1}]}}, "unit"),
    ],
)
def test_a_page_that_cannot_be_read_costs_only_itself(changes: Json, field: str) -> None:
    records = decode(plan(A, B, C), search([A, B, C], [item(A), item(B, **changes), item(C)]))
    assert set(staged(records)) == {A, C}
    (rejected,) = records.rejected
    assert (rejected.asin, rejected.field, rejected.business_date) == (B, field, DAY)
    assert json.loads(rejected.raw_row)["asin"] == B


def test_an_item_that_stands_twice_counts_once_and_two_that_differ_are_left_to_the_gate() -> None:
    records = decode(plan(A), search([A], [item(A), item(A)]))
    assert set(staged(records)) == {A}
    assert reasons(records) == {A: "$.asin: the item stands twice, word for word"}
    records = decode(plan(A), search([A], [item(A), item(A, productTypes=None)]))
    assert b"".join(records.csv_chunks()).count(A.encode()) == 2
    assert records.rejected == []


def test_a_member_that_stands_twice_in_an_item_is_refused() -> None:
    raw = json.dumps(item(B)).encode()[:-1] + b', "images": []}'
    line = json.dumps(search([A, B], [item(A), "@"])).encode().replace(b'"@"', raw)
    records = decode(plan(A, B), line)
    assert set(staged(records)) == {A}
    assert "stands twice" in reasons(records)[B]


def test_new_members_are_told_and_cost_nothing() -> None:
    new = item(A, sustainability=[HERE | {"grade": 1}], images=[HERE | {"newMember": {}, "images": []}])
    records = decode(plan(A), search([A], [new]))
    assert staged(records)[A]["images"] == []
    assert records.unknown_fields == ("sustainability",)


def test_a_look_is_of_the_day_that_was_asked_for() -> None:
    with pytest.raises(WrongDocument, match="day: asked 2026-03-02, got 2026-03-01"):
        decode(plan(A, day=DAY - timedelta(days=1)))
    records = decode(plan(A), search([A], [item(A)]), asked=None)
    assert (records.first_date, records.last_date, list(records.slices)) == (DAY, DAY, [DAY])


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "line 1 is no plan"),
        ([b"<html>"], "line 1 is no plan"),
        ([search([A], [item(A)])], "line 1 is no plan"),
        ([plan(A), b'{"operation": "searchCatalogItems"'], "line 2 is no call"),
        ([plan(A), search([A], [item(A)]), b"\xff"], "line 3 is no call"),
    ],
)
def test_a_document_that_is_no_look_at_pages_is_refused_whole(lines: list[Json | bytes], says: str) -> None:
    with pytest.raises(UnreadableDocument, match=says):
        decode(*lines)


def test_a_look_whose_a_plus_content_changed_is_another_look() -> None:
    def hashed(*more: Json) -> str:
        return decode(plan(A), search([A], [item(A)]), *more).slices[DAY].content_hash

    published = hashed(documents("K"), products("K", {A: "CONTENT_PUBLISHED"}))
    assert len({published, hashed(documents("K"), products("K", {A: "CONTENT_NOT_PUBLISHED"})), hashed()}) == 3
    assert published == hashed(documents("K"), products("K", {A: "CONTENT_PUBLISHED", B: "CONTENT_PUBLISHED"}))


def test_the_marketplace_of_the_test_is_italian() -> None:
    assert locales_of(MARKETPLACE_ID) == ("it_IT",)
