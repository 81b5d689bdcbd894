"""Every branch of every rule, with the edges: the points that a page earns, and what stands as evidence."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.sql.mart.content_rule_result.page_points import judged

DIGITS = "1234567890"
ROBUSTA = "Casa Sole Robusta"
WHOLE = {
    "brand": "a",
    "manufacturer": "b",
    "part_number": "c",
    "item_weight": {"value": 1, "unit": "kg"},
    "country_of_origin": "IT",
}


def image(variant: str, width: int | None = None, height: int | None = None) -> dict[str, Any]:
    """An image of a page; as high as wide, or without a size."""
    return {"variant": variant, "width": width, "height": width if height is None else height}


def plain(description: str) -> dict[str, Any]:
    """A page with that description and known to be without A+ content."""
    return {"description": description, "has_a_plus": False}


POINTS: list[tuple[str, str, dict[str, Any], float | None]] = [
    # A digit is a character like another: ten of them make ten.
    ("title_length", "79 characters are half good", {"title": DIGITS * 7 + "123456789"}, 0.5),
    ("title_length", "80 are good", {"title": DIGITS * 8}, 1),
    ("title_length", "200 are good", {"title": DIGITS * 20}, 1),
    ("title_length", "201 are too many", {"title": DIGITS * 20 + "1"}, 0),
    ("title_length", "50 are half good", {"title": DIGITS * 5}, 0.5),
    ("title_length", "49 are too few", {"title": DIGITS * 4 + "123456789"}, 0),
    ("title_length", "4,000 with markup are too many", {"title": "<b>" + DIGITS * 400 + "</b>"}, 0),
    ("title_length", "none is 0", {"title": ""}, 0),
    ("title_length", "nobody knows", {"title": None}, None),
    ("title_length", "a letter and its mark are one character", {"title": "e\u0301" * 200}, 1),
    ("title_length", "a mark that no letter composes with is none", {"title": "x\u0302" * 200}, 1),
    ("title_length", "letters of any script count", {"title": "咖" * 80}, 1),
    ("title_length", "blanks around it are not read", {"title": " " + DIGITS * 20 + "\u00a0\n"}, 1),
    ("title_length", "a run of blanks is one", {"title": DIGITS * 10 + " \t\u00a0 " + DIGITS * 9 + "123456789"}, 1),
    ("title_brand", "it begins with it", {"title": ROBUSTA, "brand_name": "Casa Sole"}, 1),
    ("title_brand", "in any case", {"title": "Die SONNÉ Kanne", "brand_name": "Sonné"}, 1),
    ("title_brand", "composed or not", {"title": "Sonne\u0301 Kanne", "brand_name": "SONN\u00c9"}, 1),
    ("title_brand", "dotted or not", {"title": "ISPARTA gülü", "brand_name": "Isparta"}, 1),
    ("title_brand", "dotted capital", {"title": "İpek şal", "brand_name": "ipek"}, 1),
    ("title_brand", "with the capitals of ß", {"title": "WEISS Kanne", "brand_name": "Weiß"}, 1),
    ("title_brand", "blanks of any kind", {"title": "Casa\u00a0Sole Moka", "brand_name": " Casa  Sole"}, 1),
    ("title_brand", "letters of a pattern are letters", {"title": "A.B moka", "brand_name": "A+B"}, 0),
    ("title_brand", "within a word", {"title": "Solemoka", "brand_name": "Sole"}, 1),
    ("title_brand", "not there", {"title": "Moka per sei tazze", "brand_name": "Casa Sole"}, 0),
    ("title_brand", "no brand", {"title": ROBUSTA, "brand_name": ""}, 0),
    ("title_brand", "a brand of blanks", {"title": ROBUSTA, "brand_name": " "}, 0),
    ("title_brand", "no title", {"title": "", "brand_name": "Casa Sole"}, 0),
    ("title_brand", "brand unknown", {"title": "", "brand_name": None}, None),
    ("title_brand", "title unknown", {"title": None, "brand_name": ""}, None),
    *(("title_clean", f"no {sign}", {"title": f"Moka {sign}"}, 0) for sign in "!$?_{}^¬¦"),
    ("title_clean", "what is not unwanted", {"title": "Moka (6 tazze) \u2013 100% <b>€, #1*~|\\;:&</b>"}, 1),
    ("title_clean", "a word twice", {"title": "Moka, moka"}, 1),
    ("title_clean", "a word three times, in any case", {"title": "Moka, MOKA e moka"}, 0),
    ("title_clean", "three letters three times", {"title": "per te, per me, per noi"}, 1),
    ("title_clean", "letters with marks", {"title": "Caffè CAFFE\u0300 caffè"}, 0),
    ("title_clean", "a letter with a mark is another letter", {"title": "caffè caffé caffe"}, 1),
    ("title_clean", "ß and its capitals", {"title": "Größe GRÖSSE größe"}, 0),
    ("title_clean", "other scripts", {"title": "Кофе кофе КОФЕ"}, 0),
    ("title_clean", "digits and hyphens end a word", {"title": "moka1moka-moka"}, 0),
    ("title_clean", "a longer word is another", {"title": "moka mokas mokapot"}, 1),
    ("title_clean", "no title", {"title": ""}, 0),
    ("title_clean", "nobody knows", {"title": None}, None),
    ("bullet_count", "none", {"bullets": []}, 0),
    ("bullet_count", "one", {"bullets": ["a"]}, 0.2),
    ("bullet_count", "five", {"bullets": ["a"] * 5}, 1),
    ("bullet_count", "six are not more than enough", {"bullets": ["a"] * 6}, 1),
    ("bullet_count", "an empty one is none", {"bullets": ["a", "", " \n"]}, 0.2),
    ("bullet_count", "nobody knows", {"bullets": None}, None),
    ("bullet_length", "none", {"bullets": []}, 0),
    ("bullet_length", "49 is short", {"bullets": [DIGITS * 4 + "123456789"]}, 0),
    ("bullet_length", "50 fits", {"bullets": [DIGITS * 5]}, 1),
    ("bullet_length", "250 fits", {"bullets": [DIGITS * 25]}, 1),
    ("bullet_length", "251 is long", {"bullets": [DIGITS * 25 + "1"]}, 0),
    ("bullet_length", "one of three", {"bullets": [DIGITS * 5, "a", "b"]}, 0.333333333),
    ("bullet_length", "an empty one is none", {"bullets": [DIGITS * 5, ""]}, 1),
    ("bullet_length", "only empty ones", {"bullets": [""]}, 0),
    ("bullet_length", "nobody knows", {"bullets": None}, None),
    ("image_count", "none", {"images": []}, 0),
    ("image_count", "one in three sizes", {"images": [image("MAIN", side) for side in (75, 500, 1500)]}, 0.166666667),
    ("image_count", "six", {"images": [{"variant": v} for v in ("MAIN", "PT01", "PT02", "PT03", "PT04", "PT05")]}, 1),
    ("image_count", "seven", {"images": [{"variant": f"PT0{n}"} for n in range(7)]}, 1),
    ("image_count", "swatches are none", {"images": [image(each) for each in ("MAIN", "SWCH", "swch01")]}, 0.166666667),
    ("image_count", "names in any case", {"images": [{"variant": "MAIN"}, {"variant": "main"}]}, 0.166666667),
    ("image_count", "nobody knows", {"images": None}, None),
    ("main_image_zoom", "1000 high", {"images": [{"variant": "MAIN", "width": 400, "height": 1000}]}, 1),
    ("main_image_zoom", "999 wide", {"images": [{"variant": "MAIN", "width": 999, "height": 400}]}, 0.5),
    ("main_image_zoom", "500", {"images": [{"variant": "MAIN", "width": 500, "height": 500}]}, 0.5),
    ("main_image_zoom", "499", {"images": [{"variant": "MAIN", "width": 499, "height": 499}]}, 0),
    ("main_image_zoom", "the largest", {"images": [image("MAIN", side, 9) for side in (75, 1500, 500)]}, 1),
    ("main_image_zoom", "no MAIN", {"images": [{"variant": "PT01", "width": 2000, "height": 2000}]}, 0),
    ("main_image_zoom", "no image", {"images": []}, 0),
    ("main_image_zoom", "no size", {"images": [{"variant": "MAIN", "width": None, "height": None}]}, None),
    ("main_image_zoom", "half a size", {"images": [{"variant": "MAIN", "width": 1500, "height": None}]}, None),
    ("main_image_zoom", "one of two sizes", {"images": [image("MAIN"), image("MAIN", 600, 1)]}, 0.5),
    ("main_image_zoom", "nobody knows", {"images": None}, None),
    ("a_plus", "published", {"has_a_plus": True}, 1),
    ("a_plus", "not published", {"has_a_plus": False}, 0),
    ("a_plus", "no access", {"has_a_plus": None}, None),
    ("description", "500", {"description": DIGITS * 50, "has_a_plus": False}, 1),
    ("description", "499", {"description": DIGITS * 49 + "123456789", "has_a_plus": False}, 0.5),
    ("description", "200", {"description": DIGITS * 20, "has_a_plus": False}, 0.5),
    ("description", "199", {"description": DIGITS * 19 + "123456789", "has_a_plus": False}, 0),
    ("description", "none", {"description": "", "has_a_plus": False}, 0),
    ("description", "A+ instead of it", {"description": "", "has_a_plus": True}, 1),
    ("description", "A+, whatever it says", {"description": None, "has_a_plus": True}, 1),
    ("description", "500 without access to A+", {"description": DIGITS * 50, "has_a_plus": None}, 1),
    ("description", "499 without access to A+", {"description": DIGITS * 49, "has_a_plus": None}, None),
    ("description", "nobody knows", {"description": None, "has_a_plus": False}, None),
    ("description", "tags are no text", plain("<p class='a'>" + DIGITS * 19 + "</p><br/>123456789"), 0),
    ("description", "comments are none", plain("<!-- a > b\n" + DIGITS * 50 + " -->"), 0),
    ("description", "a sign is no tag", plain("1 < 2 and 3 > 2 " + DIGITS * 19), 0.5),
    ("description", "a reference is one character", plain("&amp;&#8364;&#x20AC;" * 66 + "&eacute;"), 0),
    ("description", "blanks as one", plain(DIGITS * 19 + "&nbsp; &#160;\n123456789"), 0.5),
    ("description", "blanks at the ends", plain("&nbsp;" + DIGITS * 19 + "123456789<br>&#xA0;"), 0),
    ("key_attributes", "none", {"attributes": {}}, 0),
    ("key_attributes", "all", {"attributes": WHOLE}, 1),
    ("key_attributes", "others do not count", {"attributes": {"brand": "a", "colour": "red"}}, 0.2),
    ("key_attributes", "there in another language", {"attributes": {"brand": None}}, 0.2),
    ("key_attributes", "empty ones", {"attributes": {"brand": "", "item_weight": {}, "manufacturer": []}}, 0),
    ("key_attributes", "nobody knows", {"attributes": None}, None),
    ("classification", "listed", {"classification_id": "602473031"}, 1),
    ("classification", "not listed", {"classification_id": ""}, 0),
    ("classification", "nobody knows", {"classification_id": None}, None),
]  # fmt: skip

EVIDENCE: list[tuple[str, dict[str, Any], Any]] = [
    ("title_length", {"title": " Moka "}, {"length": 4}),
    ("title_brand", {"title": "", "brand_name": "Casa Sole"}, {"brand_name": "Casa Sole"}),
    ("title_clean", {"title": "Moka! moka? MOKA!"}, {"characters": ["!", "?"], "words": ["moka"]}),
    ("bullet_count", {"bullets": ["a", ""]}, {"bullets": 1}),
    ("bullet_length", {"bullets": ["abc", "a", ""]}, {"lengths": [1, 3]}),
    ("image_count", {"images": [image(each) for each in ("PT01", "MAIN", "SWCH")]}, {"variants": ["MAIN", "PT01"]}),
    ("main_image_zoom", {"images": [{"variant": "MAIN", "width": 600, "height": 800}]}, {"longest_side_pixels": 800}),
    ("main_image_zoom", {"images": []}, {"longest_side_pixels": None}),
    ("a_plus", {"has_a_plus": False}, {"has_a_plus": False}),
    ("description", {"description": "<b>ab</b>", "has_a_plus": False}, {"length": 2, "has_a_plus": False}),
    ("key_attributes", {"attributes": {"brand": "a", "part_number": None, "item_weight": {}}},
        {"missing": ["country_of_origin", "item_weight", "manufacturer"]}),
    ("classification", {"classification_id": "602473031"}, {"classification_id": "602473031"}),
    ("title_length", {"title": None}, None),
    ("description", {"description": "short", "has_a_plus": None}, None),
]  # fmt: skip


def test_a_rule_gives_the_points_that_its_page_earns(empty_warehouse: psycopg.Connection) -> None:
    results = judged(empty_warehouse, [page for _, _, page, _ in POINTS])
    wrong = [
        f"{rule}, {says}: expected {expected}, got {result[rule]['points_ratio']}"
        for (rule, says, _, expected), result in zip(POINTS, results, strict=True)
        if result[rule]["points_ratio"] != (None if expected is None else Decimal(str(expected)))
    ]
    assert wrong == []


def test_the_points_of_a_rule_come_with_the_figures_that_prove_them(empty_warehouse: psycopg.Connection) -> None:
    results = judged(empty_warehouse, [page for _, page, _ in EVIDENCE])
    found = [result[rule]["evidence"] for (rule, _, _), result in zip(EVIDENCE, results, strict=True)]
    assert found == [expected for _, _, expected in EVIDENCE]


def test_every_rule_gives_everything_something_and_nothing_somewhere() -> None:
    given = {rule: {points for each, _, _, points in POINTS if each == rule} for rule, _, _, _ in POINTS}
    assert len(given) == 11
    assert [rule for rule, points in given.items() if not {0, 1, None} <= points] == []


@pytest.mark.parametrize("status", ["live", "not_found"])
def test_what_was_not_delivered_is_unknown_and_weighs_what_it_always_does(
    empty_warehouse: psycopg.Connection, status: str
) -> None:
    [result] = judged(empty_warehouse, [{"page_status_code": status}])
    assert len(result) == 11
    assert sum(row["weight"] for row in result.values()) == 100
    assert {(row["is_known"], row["points_ratio"], row["evidence"]) for row in result.values()} == {(False, None, None)}
    assert {row["data_status_code"] for row in result.values()} == {"missing" if status == "live" else "settled"}
