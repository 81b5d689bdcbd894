"""What must hold for the page marts whatever stands on the pages, on small random worlds."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sql.mart_cases import build_and_publish, read_mart
from tests.sql.worlds import Row, World, insert_world, read_world

RULES, SCORES = "content_rule_result", "content_score_daily"
FIRST, LAST = date(2026, 6, 20), date(2026, 6, 30)
DAYS = [FIRST + timedelta(days=offset) for offset in range((LAST - FIRST).days + 1)]
OWN, RIVALS = ("A", "B", "C"), ("X", "Y")
WEIGHTS = {
    "title_length": 10, "title_brand": 5, "title_clean": 5, "bullet_count": 10, "bullet_length": 10, "image_count": 20,
    "main_image_zoom": 10, "a_plus": 15, "description": 5, "key_attributes": 5, "classification": 5,
}  # fmt: skip
FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

letters = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=90)
sides = st.none() | st.sampled_from([75, 499, 500, 999, 1000, 1500])
images = st.lists(
    st.fixed_dictionaries(
        {"variant": st.sampled_from(["MAIN", "PT01", "PT02", "PT03", "SWCH"]), "width": sides, "height": sides}
    ),
    max_size=5,
)
names = ("brand", "manufacturer", "part_number", "item_weight", "country_of_origin")
parts: dict[str, st.SearchStrategy[Any]] = {
    "title": st.none() | letters | letters.map(lambda text: f"Casa Sole {text}" * 3),
    "brand_name": st.none() | st.sampled_from(["", "Casa Sole", "a"]),
    "bullets": st.none() | st.lists(letters, max_size=6),
    "description": st.none() | letters.map(lambda text: f"<p>{text}</p>" * 9),
    "images": st.none() | images,
    "attributes": st.none() | st.dictionaries(st.sampled_from(names), st.none() | st.sampled_from(["", "a", {}])),
    "classification_id": st.none() | st.sampled_from(["", "1", "2"]),
    "parent_asin": st.none() | st.sampled_from(["", "P"]),
    "has_a_plus": st.none() | st.booleans(),
}
looks = st.fixed_dictionaries({"asin": st.sampled_from(OWN + RIVALS), "observed_date": st.sampled_from(DAYS), **parts})
gone = st.fixed_dictionaries(
    {
        "asin": st.sampled_from(OWN),
        "observed_date": st.sampled_from(DAYS),
        "page_status_code": st.just("not_found"),
    }
)
worlds = st.lists(looks | gone, min_size=3, max_size=14).map(
    lambda pages: {"product": [{"asin": asin} for asin in OWN], "content_snapshot": pages}
)
points = st.none() | st.integers(0, 6).map(lambda sixths: round(sixths / 6, 9))
judgements = st.fixed_dictionaries(dict.fromkeys(WEIGHTS, points))


def built(connection: psycopg.Connection, *known: World) -> tuple[list[Row], list[Row]]:
    """The rows of both marts that these worlds alone make, without instants; nothing of it is kept."""
    try:
        for world in known:
            insert_world(connection, world)
        spans = [(world.account["account_id"], FIRST, LAST) for world in known]
        for mart in (RULES, SCORES):
            build_and_publish(connection, mart, spans)
        return without_instants(read_mart(connection, RULES)), without_instants(read_mart(connection, SCORES))
    finally:
        connection.rollback()


def without_instants(rows: Sequence[Row]) -> list[Row]:
    return [{column: value for column, value in row.items() if column != "built_at"} for row in rows]


def scored(connection: psycopg.Connection, judged: Row) -> Decimal | None:
    """The score of a page with these points by rule, None for an unknown one."""
    rules = [
        {
            "asin": "A", "observed_date": LAST, "rule_code": rule, "ruleset_code": "2026.1", "weight": WEIGHTS[rule],
            "is_known": earned is not None, "points_ratio": earned,
        }
        for rule, earned in judged.items()
    ]  # fmt: skip
    looked = [{"asin": "A", "observed_date": LAST}]
    try:
        insert_world(connection, read_world({"product": [{"asin": "A"}], "content_snapshot": looked, RULES: rules}))
        build_and_publish(connection, SCORES, [("brand", LAST, LAST)])
        [row] = read_mart(connection, SCORES)
    finally:
        connection.rollback()
    score = row["score"]
    assert score is None or isinstance(score, Decimal)
    return score


@FEW
@given(words=worlds)
def test_a_score_is_what_its_published_rules_say_and_stays_on_the_scale(
    shared_connection: psycopg.Connection, words: Row
) -> None:
    rules, scores = built(shared_connection, read_world(words))
    pages = {(row["observed_date"], row["asin"]) for row in read_world(words).facts["content_snapshot"]}
    assert {(row["observed_date"], row["asin"]) for row in rules} == pages
    assert {(row["observed_date"], row["asin"]) for row in scores} == {page for page in pages if page[1] in OWN}
    for page in scores:
        of_page = [row for row in rules if (row["observed_date"], row["asin"]) == (page["observed_date"], page["asin"])]
        assert {row["rule_code"]: row["weight"] for row in of_page} == WEIGHTS
        known = [row for row in of_page if row["is_known"]]
        weight = sum(row["weight"] for row in known)
        expected = None
        if weight >= 50:
            earned = sum(row["weight"] * row["points_ratio"] for row in known)
            expected = (100 * earned / weight).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        assert (page["score"], page["known_weight"]) == (expected, weight)
        assert expected is None or 0 <= expected <= 100
    assert {row["points_ratio"] is None or 0 <= row["points_ratio"] <= 1 for row in rules} == {True}


@FEW
@given(judged=judgements, rule=st.sampled_from(sorted(WEIGHTS)), by=st.integers(1, 6))
def test_a_score_never_falls_when_a_rule_improves(
    shared_connection: psycopg.Connection, judged: Row, rule: str, by: int
) -> None:
    earned = judged[rule] or 0
    worse, better = {**judged, rule: earned}, {**judged, rule: min(1, round(earned + by / 6, 9))}
    before, after = scored(shared_connection, worse), scored(shared_connection, better)
    assert (before is None) == (after is None)
    if before is not None and after is not None:
        assert after > before if better[rule] > earned else after == before


@FEW
@given(words=worlds)
def test_a_page_that_gains_a_plus_content_never_falls(shared_connection: psycopg.Connection, words: Row) -> None:
    def with_a_plus(there: bool) -> World:
        pages = [{**page, "has_a_plus": there} if "title" in page else page for page in words["content_snapshot"]]
        return read_world({**words, "content_snapshot": pages})

    _, without = built(shared_connection, with_a_plus(False))
    _, gained = built(shared_connection, with_a_plus(True))
    pairs = [(before["score"], after["score"]) for before, after in zip(without, gained, strict=True)]
    assert [pair for pair in pairs if None not in pair and pair[1] < pair[0]] == []
    assert [pair for pair in pairs if pair[0] is not None and pair[1] is None] == []


@FEW
@given(words=worlds, seed=st.integers(0, 2**32))
def test_the_same_looks_in_any_order_make_the_same_marts(
    shared_connection: psycopg.Connection, words: Row, seed: int
) -> None:
    world, shuffled = read_world(words), read_world(words)
    for rows in shuffled.facts.values():
        random.Random(seed).shuffle(rows)
    marts = built(shared_connection, world)
    assert marts[0]
    assert marts == built(shared_connection, shuffled)


@FEW
@given(words=worlds)
def test_a_rebuild_of_the_same_pages_touches_no_row(shared_connection: psycopg.Connection, words: Row) -> None:
    try:
        insert_world(shared_connection, read_world(words))
        found: list[list[list[Row]]] = []
        for _ in range(2):
            for mart in (RULES, SCORES):
                build_and_publish(shared_connection, mart, [("brand", FIRST, LAST)])
            found.append([read_mart(shared_connection, mart) for mart in (RULES, SCORES)])
    finally:
        shared_connection.rollback()
    assert found[0] == found[1]


@FEW
@given(words=worlds)
def test_a_span_of_pages_is_built_as_its_days_are_built_one_by_one(
    shared_connection: psycopg.Connection, words: Row
) -> None:
    world = read_world(words)
    at_once = built(shared_connection, world)
    try:
        insert_world(shared_connection, world)
        for mart in (RULES, SCORES):
            for day in reversed(DAYS):
                build_and_publish(shared_connection, mart, [("brand", day, day)])
        one_by_one = tuple(without_instants(read_mart(shared_connection, mart)) for mart in (RULES, SCORES))
    finally:
        shared_connection.rollback()
    assert at_once == one_by_one


@FEW
@given(words=worlds, other_words=worlds)
def test_the_pages_of_an_account_are_judged_beside_others_as_they_are_alone(
    shared_connection: psycopg.Connection, words: Row, other_words: Row
) -> None:
    brand, other = read_world(words), read_world(other_words, "other")
    alone = [built(shared_connection, each) for each in (brand, other)]
    together = built(shared_connection, brand, other)
    assert together == (alone[0][0] + alone[1][0], alone[0][1] + alone[1][1])
