"""The pages of an account's products and its watched competitors, as Amazon's catalogue and A+ Content tell them."""

from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import msgspec

from daybreak.landing.catalogue_items import ITEM_FIELDS
from daybreak.landing.csv_text import Value
from daybreak.landing.documents import Document
from daybreak.landing.failures import WrongDocument
from daybreak.landing.page_calls import PageCall, PagePlan, next_token, read_calls
from daybreak.landing.page_parts import PageParts
from daybreak.landing.published_content import PublishedContent
from daybreak.landing.records import Records
from daybreak.landing.rejections import RowProblem
from daybreak.landing.row_reading import ROW_ERRORS, RowReader, problem_of, refuse
from daybreak.landing.specifications import ExpectedReport
from daybreak.sources import Collection

COLUMNS = (
    "observed_date", "asin", "page_status_code", "title", "brand_name", "bullets", "description", "images",
    "product_type_code", "classification_id", "parent_asin", "sales_rank", "attributes", "has_a_plus",
    "replenishment_category_code", "ean",
)  # fmt: skip
_NOT_ASKED = RowProblem(None, "nobody asked for its page before the day ended", is_undelivered=True)


class _Items(msgspec.Struct, rename="camel"):
    items: list[msgspec.Raw]
    number_of_results: int | None = None


def decode_pages(data: Document, dataset: Collection, expected: ExpectedReport, file_name: str) -> Records:
    """The document as one row per product, of the one day on which it was looked at.

    A product that Amazon does not name in a whole answer about it has no page. Of one that no whole answer covers,
    nobody knows: it stands among the rejected, with the reason.

    Raises:
        UnreadableDocument: it is no look at pages.
        WrongDocument: it is that of another day.
    """
    plan, calls = read_calls(data, file_name)
    asked = expected.window_start
    if asked is not None and asked != plan.observed_date:
        raise WrongDocument(
            file_name, expected.account_id, dataset.key, [f"day: asked {asked}, got {plan.observed_date}"]
        )
    content = PublishedContent()
    for call in calls:
        if call.operation != "searchCatalogItems":
            content.take(call)
    records = Records(file_name, COLUMNS, plan.observed_date, plan.observed_date)
    records.deliver(plan.observed_date)
    look = _Look(plan, content, expected, records)
    searches = [call for call in calls if call.operation == "searchCatalogItems"]
    for asins, pages in groupby(searches, key=lambda call: call.asins):
        look.read_batch(asins, list(pages))
    look.finish()
    return records


@dataclass
class _Look:
    """A look at pages that is being read batch by batch."""

    plan: PagePlan
    content: PublishedContent
    expected: ExpectedReport
    records: Records
    _own: frozenset[str] = field(init=False)
    _left: dict[str, None] = field(init=False)
    _seen: dict[str, bytes] = field(default_factory=dict)
    _reader: RowReader = field(default_factory=lambda: RowReader("catalogue_item", ITEM_FIELDS))

    def __post_init__(self) -> None:
        self._own = frozenset(self.plan.asins)
        self._left = dict.fromkeys(asin for batch in self.plan.batches for asin in batch)

    def read_batch(self, asins: tuple[str, ...], pages: list[PageCall]) -> None:
        """Takes the answers about ``asins``: usually one, in any case all of its pages in order."""
        found: list[_Items] = []
        problem: RowProblem | None = None
        for page in pages:
            if page.refused is not None:
                problem = RowProblem(None, f"Amazon did not answer for it: {page.refused}", is_undelivered=True)
                continue
            try:
                found.append(msgspec.json.decode(page.answer, type=_Items))
            except ROW_ERRORS as error:
                problem = RowProblem(None, f"the answer about it cannot be read: {error}")
        flaws = [flaw for items in found for raw in items.items if (flaw := self._take(raw, asins))]
        problem = problem or self._gap(pages, found, flaws)
        for asin in asins:
            if asin in self._left:
                self._take_missing(asin, problem)

    def _gap(self, pages: list[PageCall], found: list[_Items], flaws: list[str]) -> RowProblem | None:
        """Why products that the answers do not name may have a page all the same; None where they have none."""
        if flaws:
            return RowProblem(
                None, f"Amazon's answer does not name it and holds an item that nobody can place: {flaws[0]}"
            )
        if next_token(pages[-1]) is not None:
            circle = "the pages of Amazon's answer go in a circle and do not name it"
            return RowProblem(None, circle, is_undelivered=True)
        told, given = found[0].number_of_results, sum(len(items.items) for items in found)
        if told is None or told > given:
            part = f"Amazon's answer does not name it and gives {given} of {told or 'an unknown number of'} items"
            return RowProblem(None, part, is_undelivered=True)
        return None

    def _take(self, raw: msgspec.Raw, asins: tuple[str, ...]) -> str | None:
        """Accepts or rejects one item; returns in words why nobody knows which product it is, if so."""
        content = bytes(raw)
        day = self.plan.observed_date
        try:
            item = self._reader.read(content)
            if item.asin not in asins:
                refuse("asin", f"{item.asin!r} was not asked for")
        except ROW_ERRORS as error:
            return self._reject(content, problem_of(error, self.expected.currency_code), asins)
        finally:
            self.records.unknown_names |= self._reader.unknown_names
        if self._seen.get(item.asin) == content:
            self.records.reject(content, RowProblem("asin", "the item stands twice, word for word"), day=day)
            return None
        self._seen[item.asin] = content
        try:
            values = self._values(item)
        except ROW_ERRORS as error:
            return self._reject(content, problem_of(error, self.expected.currency_code), asins)
        self._left.pop(item.asin, None)
        # A+ content is not in the item: with it the day is another one.
        self.records.accept(day, values, content + str(values[COLUMNS.index("has_a_plus")]).encode())
        return None

    def _reject(self, content: bytes, problem: RowProblem, asins: tuple[str, ...]) -> str | None:
        self.records.reject(content, problem, day=self.plan.observed_date)
        asin = _asin_of(content)
        if asin in asins:
            self._left.pop(asin, None)
            return None
        return f"{problem.field or 'item'}: {problem.what}"

    def _take_missing(self, asin: str, problem: RowProblem | None) -> None:
        del self._left[asin]
        raw = msgspec.json.encode({"asin": asin})
        day = self.plan.observed_date
        if problem is not None:
            self.records.reject(raw, problem, day=day)
            return
        nothing = (None,) * (len(COLUMNS) - 3)
        self.records.accept(day, (day.isoformat(), asin, "not_found", *nothing), raw)

    def finish(self) -> None:
        """Puts aside the products that no call was about."""
        for asin in list(self._left):
            self._take_missing(asin, _NOT_ASKED)

    def _values(self, item: Any) -> tuple[Value, ...]:
        parts = PageParts(item, self.expected.marketplace_id)
        return (
            self.plan.observed_date.isoformat(), item.asin, "live", parts.title, parts.brand_name, _json(parts.bullets),
            parts.description, _json(parts.images), parts.product_type_code, parts.classification_id, parts.parent_asin,
            parts.sales_rank, _json(parts.attributes), self._has_a_plus(item.asin), parts.replenishment_category_code,
            parts.ean,
        )  # fmt: skip

    def _has_a_plus(self, asin: str) -> bool | None:
        """Of a competitor nobody can know: a vendor sees its own documents only."""
        if asin not in self._own:
            return None
        if asin in self.content.published:
            return True
        return False if self.content.is_complete else None


def _json(value: object) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _asin_of(content: bytes) -> str | None:
    try:
        asin = msgspec.json.decode(content, type=dict[str, Any]).get("asin")
    except ROW_ERRORS:
        return None
    return asin if isinstance(asin, str) else None
