"""Planned promotions come out of a client's list in the account's calendar, under the months in which they begin."""

from datetime import date

import pytest

from daybreak.datasets import DATASETS
from daybreak.landing.client_promotions import HEADERS, decode_planned
from daybreak.landing.failures import UnreadableDocument
from daybreak.landing.records import Records
from daybreak.landing.specifications import ExpectedReport
from tests.unit.landing.report_documents import staged

HEAD = "promozione;asin;dal;al;contributo;tipo\n"


def decode(text: str) -> Records:
    came_on = date(2026, 3, 20)
    expected = ExpectedReport("acme_it", "APJ6JRA9NG5V4", "EUR", "PLANNED", came_on, came_on, time_zone="Europe/Rome")
    return decode_planned(text.encode(), DATASETS["promotion"], expected, "promo.csv")  # type: ignore[arg-type]


def test_a_row_comes_out_value_for_value_its_last_day_included() -> None:
    [found] = staged(decode(HEAD + "Pasqua;b000000001;01/04/2026;06/04/2026;1,50;Sconto Prime\n"))
    assert found == {
        "row_number": "1",
        "business_date": "2026-03-01",  # it begins at Rome's midnight, in UTC still in March
        "promotion_id": "Pasqua",
        "asin": "B000000001",
        "source_code": "PLANNED",
        "kind_code": "sconto_prime",
        "start_at": "2026-03-31T22:00:00+00:00",
        "end_at": "2026-04-06T22:00:00+00:00",
        "funding_per_unit_amount": "1.50",
        "units": None,
        "spend_amount": None,
        "currency_code": "EUR",
    }


@pytest.mark.parametrize(
    ("cells", "start", "end"),
    [
        ("2026-05-04 08:00;2026-05-04 20:30", "2026-05-04T06:00:00+00:00", "2026-05-04T18:30:00+00:00"),
        ("2026-05-04T08:00:00Z;", "2026-05-04T08:00:00+00:00", None),
        ("4.5.2026 8.00;4.5.2026", "2026-05-04T06:00:00+00:00", "2026-05-04T22:00:00+00:00"),
    ],
)
def test_times_are_local_unless_they_name_their_zone_and_an_open_end_is_null(
    cells: str, start: str, end: str | None
) -> None:
    [found] = staged(decode(f"promo;asin;start;end\nP1;B000000001;{cells}\n"))
    assert (found["start_at"], found["end_at"], found["kind_code"]) == (start, end, "planned")


def test_every_month_from_the_first_beginning_to_the_last_is_delivered() -> None:
    records = decode(HEAD + "A;B000000001;2026-02-10;2026-02-12;;\nB;B000000001;2026-05-10;2026-05-12;;\n")
    assert {day.month: digest.row_count for day, digest in records.slices.items()} == {2: 1, 3: 0, 4: 0, 5: 1}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A;B000000001;2026-02-10;2026-02-09;;", "column al (end_at): it ends at 2026-02-09 23:00 UTC, not after"),
        ("A;B000000001;;2026-02-09;;", "column dal (start_at): the cell is empty"),
        (";B000000001;2026-02-10;;;", "column promozione (promotion_id): the cell is empty"),
        ("A;;2026-02-10;;;", "column asin: the cell is empty"),
        ("A;B000000001;presto;;;", "column dal (start_at): not a date such as"),
        ("A;B000000001;2026-02-10 24:30;;;", "column dal (start_at): not a date such as"),
        ("A;B000000001;2026-02-10;;-1;", "column contributo (funding_per_unit_amount): an amount is 0 or more"),
        ("A;B000000001;2026-02-10;;;;x", "more cells than the first line has columns"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_column_and_the_rest_is_taken(row: str, reason: str) -> None:
    records = decode(f"{HEAD}{row}\nZ;B000000002;2026-02-10;2026-02-12;;\n")
    [refused] = records.rejected
    assert refused.reason.startswith("line 2")
    assert reason in refused.reason
    assert [each["promotion_id"] for each in staged(records)] == ["Z"]


def test_of_two_rows_for_one_product_of_one_promotion_neither_is_taken() -> None:
    twice = "A;B000000001;2026-02-10;2026-02-12;;\n"
    records = decode(HEAD + twice + twice + "A;B000000002;2026-02-10;2026-02-12;;\n")
    assert [each["asin"] for each in staged(records)] == ["B000000002"]
    assert [each.reason for each in records.rejected] == [
        f"line {line}: lines 2, 3 speak of this product of this promotion; none of them is taken" for line in (2, 3)
    ]


def test_a_file_without_a_row_that_can_be_read_says_what_is_wrong_with_its_first() -> None:
    with pytest.raises(UnreadableDocument, match="no row of it can be read: line 2, column dal"):
        decode(HEAD + "A;B000000001;presto;;;\n")
    with pytest.raises(UnreadableDocument, match="it has a header and no row"):
        decode(HEAD)


def test_no_word_of_a_header_means_two_columns() -> None:
    words = [word.casefold() for column, others in HEADERS.items() for word in (column, *others)]
    assert len(words) == len(set(words))
