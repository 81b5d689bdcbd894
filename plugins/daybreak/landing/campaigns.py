"""Amazon's promotion and coupon performance reports: a row per promotion and product."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from daybreak.landing.csv_text import Value
from daybreak.landing.documents import Document, split_document
from daybreak.landing.echoes import parse_instant, read_echo
from daybreak.landing.failures import UnreadableDocument
from daybreak.landing.layouts import Asin, Units
from daybreak.landing.records import Records
from daybreak.landing.row_reading import ROW_ERRORS, RowReader, money, problem_of, refuse
from daybreak.landing.specifications import ExpectedReport
from daybreak.sources import CampaignReport

COLUMNS = (
    "promotion_id", "asin", "source_code", "kind_code", "start_at", "end_at", "funding_per_unit_amount", "units",
    "spend_amount", "currency_code",
)  # fmt: skip
_CENT_OF_A_CENT = Decimal("0.00001")


class _Product(msgspec.Struct):
    asin: Asin
    productUnitsSold: Units | None = None  # noqa: N815 - Amazon's own field names, so that errors name them
    productAmountSpent: Decimal | None = None  # noqa: N815
    productAmountSpentCurrencyCode: str | None = None  # noqa: N815


class _Discount(msgspec.Struct):
    asin: Asin
    discountType: str  # noqa: N815
    discountAmount: Decimal  # noqa: N815


class _Coupon(msgspec.Struct):
    couponId: str  # noqa: N815
    startDateTime: str  # noqa: N815
    endDateTime: str  # noqa: N815
    asins: list[_Discount]
    redemptions: Units | None = None
    budgetSpent: Decimal | None = None  # noqa: N815


_DEAL_FIELDS: list[tuple[str, Any] | tuple[str, Any, Any]] = [
    ("promotionId", str),
    ("startDateTime", str),
    ("endDateTime", str),
    ("type", str),
    ("status", str | None, None),
    ("includedProducts", list[_Product]),
]
_CAMPAIGN_FIELDS: list[tuple[str, Any] | tuple[str, Any, Any]] = [
    ("campaignId", str),
    ("currencyCode", str | None, None),
    ("coupons", list[_Coupon]),
]


def decode_campaigns(data: Document, dataset: CampaignReport, expected: ExpectedReport, file_name: str) -> Records:
    """The document as rows of promotions; the ledger's dates are the first days of the months in which they begin.

    Money that one coupon spends on several products is not split: it is null, as is what cannot be computed.

    Raises:
        UnreadableDocument, FailureDocument, WrongDocument: not the report that was asked for.
    """
    members = split_document(data, dataset.form(expected.variant), file_name)
    members.require_all(file_name)
    if expected.window_start is None or expected.window_end is None:
        raise UnreadableDocument(file_name, "the report tells its window in its options only", "Load it by its request")
    window = (expected.window_start, expected.window_end)
    options = dataset.report_options(expected.variant, expected.currency_code, window)
    echo = read_echo(members.specification, dataset, expected, options, file_name)
    records = Records(file_name, COLUMNS, *window, echo.last_updated_date)
    for month in dataset.calendar.dates(*window):
        records.deliver(month)
    is_coupon = expected.variant == "COUPON"
    reader = RowReader("campaign_row", _CAMPAIGN_FIELDS if is_coupon else _DEAL_FIELDS)
    for raw in members.rows:
        content = bytes(raw)
        try:
            row = reader.read(content)
            rows = list(_coupon_rows(row, expected) if is_coupon else _deal_rows(row, expected))
        except ROW_ERRORS as error:
            records.reject(content, problem_of(error, expected.currency_code))
            continue
        for begins, values in rows:
            records.accept(begins.date().replace(day=1), values, content)
    records.unknown_names |= set(members.unknown_fields)
    return records


def _deal_rows(row: Any, expected: ExpectedReport) -> Iterator[tuple[datetime, tuple[Value, ...]]]:
    begins, ends = _span(row.startDateTime, row.endDateTime, expected)
    for product in row.includedProducts:
        currency = product.productAmountSpentCurrencyCode
        spent = money(product.productAmountSpent, currency, expected.currency_code, "productAmountSpent")
        yield begins, _line(row.promotionId, product.asin, row.type.lower(), begins, ends, product.productUnitsSold,
                            spent, None, expected)  # fmt: skip


def _coupon_rows(row: Any, expected: ExpectedReport) -> Iterator[tuple[datetime, tuple[Value, ...]]]:
    for coupon in row.coupons:
        begins, ends = _span(coupon.startDateTime, coupon.endDateTime, expected)
        spent = money(coupon.budgetSpent, row.currencyCode, expected.currency_code, "currencyCode")
        is_single = len(coupon.asins) == 1
        for product in coupon.asins:
            agreed = product.discountAmount if product.discountType == "AMOUNT_OFF_LIST_PRICE" else None
            units = coupon.redemptions if is_single else None
            yield begins, _line(coupon.couponId, product.asin, "coupon", begins, ends, units,
                                spent if is_single else None, agreed, expected)  # fmt: skip


def _line(
    promotion_id: str,
    asin: str,
    kind: str,
    begins: datetime,
    ends: datetime,
    units: int | None,
    spent: Decimal | None,
    agreed: Decimal | None,
    expected: ExpectedReport,
) -> tuple[Value, ...]:
    """What was spent per unit, else what was agreed per unit, is what the vendor funds."""
    funding = (spent / units).quantize(_CENT_OF_A_CENT) if spent is not None and units else agreed
    return (promotion_id, asin, expected.variant, kind, begins.isoformat(), ends.isoformat(), funding, units, spent,
            expected.currency_code)  # fmt: skip


def _span(start: str, end: str, expected: ExpectedReport) -> tuple[datetime, datetime]:
    begins, ends = parse_instant(start), parse_instant(end)
    if begins is None or ends is None:
        refuse("startDateTime" if begins is None else "endDateTime", "not an instant of ISO 8601 with its zone")
    if ends < begins:
        refuse("endDateTime", f"it ends at {end}, before it begins at {start}")
    if not _month_asked(begins.date(), expected):
        refuse("startDateTime", f"it begins at {start}, outside the months that were asked for")
    return begins, ends


def _month_asked(day: date, expected: ExpectedReport) -> bool:
    month = day.replace(day=1)
    return (expected.window_start or month) <= month <= (expected.window_end or month)
