"""The scores of the client's pages once more, from the results of the rules and the pages themselves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from statistics import median
from typing import Any

from tests.independent.page_rules import Page, Row, shown_variants
from tests.independent.written_figures import figure

PREFILLED_VALID_FROM = date(1970, 1, 1)
LOOK_BEFORE_DAYS = 90
PEER_DAYS = 7
NAMING_DAYS = 365
KNOWN_WEIGHT = 50
TEXT_PARTS = (("classification", "classification_id"), ("brand", "brand_name"), ("title", "title"))


@dataclass(frozen=True)
class Judgement:
    """The known rules of one page: points and weight by rule."""

    rulesets: frozenset[str]
    points: Mapping[str, Fraction]
    weights: Mapping[str, int]

    @property
    def known_weight(self) -> int:
        return sum(self.weights[rule] for rule in self.points)

    @property
    def score(self) -> Fraction | None:
        if self.known_weight < KNOWN_WEIGHT:
            return None
        return 100 * sum(self.weights[rule] * points for rule, points in self.points.items()) / self.known_weight


class Pages:
    """All looks at pages of one account, with the published results of the rules."""

    def __init__(self, looks: Iterable[Page], rules: Iterable[Row]) -> None:
        self.looks: dict[tuple[str, date], Page] = {(look["asin"], look["observed_date"]): look for look in looks}
        of_page: dict[tuple[str, date], list[Row]] = {}
        for row in rules:
            of_page.setdefault((row["asin"], row["observed_date"]), []).append(row)
        self.days: dict[str, list[date]] = {}
        for asin, day in self.looks:
            self.days.setdefault(asin, []).append(day)
        self.judgements = {key: _judgement(of_page.get(key, ())) for key in self.looks}

    def newest(self, asin: str, first: date, last: date) -> tuple[str, date] | None:
        days = [day for day in self.days[asin] if first <= day <= last]
        return (asin, max(days)) if days else None

    def peer_scores(self, node: str, day: date) -> list[Fraction]:
        """Scores of the pages whose newest look of the days to ``day`` stands under ``node``."""
        found = []
        for asin in self.days:
            key = self.newest(asin, day - timedelta(days=PEER_DAYS - 1), day)
            if key is None or self.looks[key]["classification_id"] != node:
                continue
            if (score := self.judgements[key].score) is not None:
                found.append(score)
        return found


def _judgement(rows: Sequence[Row]) -> Judgement:
    known = [row for row in rows if row["is_known"]]
    return Judgement(
        frozenset(row["ruleset_code"] for row in rows),
        {row["rule_code"]: Fraction(row["points_ratio"]) for row in known},
        {row["rule_code"]: row["weight"] for row in rows},
    )


def score_rows(
    looks: Iterable[Page],
    rules: Iterable[Row],
    products: Sequence[Row],
    forecasts: Sequence[Row],
    first: date,
    last: date,
) -> list[Row]:
    """One row per look of ``first`` … ``last`` at a page of the client's catalogue of its day."""
    pages = Pages(looks, rules)
    return [
        _row(pages, look)
        for (asin, day), look in pages.looks.items()
        if first <= day <= last and is_of_catalogue(asin, day, products, forecasts)
    ]


def is_of_catalogue(asin: str, day: date, products: Sequence[Row], forecasts: Sequence[Row]) -> bool:
    oldest = day - timedelta(days=NAMING_DAYS - 1)
    if any(row["asin"] == asin and oldest <= row["generation_date"] <= day for row in forecasts):
        return True
    return any(_holds(row, day) for row in products if row["asin"] == asin)


def _holds(product: Row, day: date) -> bool:
    if product["valid_from_date"] != PREFILLED_VALID_FROM:
        return bool(product["valid_from_date"] <= day)
    return product["first_seen_date"] is None or product["first_seen_date"] <= day


def _row(pages: Pages, look: Page) -> Row:
    asin, day = look["asin"], look["observed_date"]
    judgement = pages.judgements[asin, day]
    earlier = pages.newest(asin, day - timedelta(days=LOOK_BEFORE_DAYS), day - timedelta(days=1))
    changes = {} if earlier is None else page_changes(pages.looks[earlier], look)
    node = look["classification_id"]
    peers = pages.peer_scores(node, day) if node else []
    is_live = look["page_status_code"] == "live"
    score = judgement.score
    return {
        "account_id": look["account_id"],
        "observed_date": day,
        "asin": asin,
        "page_status_code": look["page_status_code"],
        "ruleset_code": "2026.1",
        "score": figure(score, 4),
        "known_weight": judgement.known_weight,
        "previous_observed_date": None if earlier is None else earlier[1],
        "score_change": None if earlier is None else figure(_change(pages.judgements[earlier], judgement), 4),
        "moved_rules": None if earlier is None else _moved(pages.judgements[earlier], judgement),
        "page_change_code": next(iter(changes), None),
        "page_changes": changes or None,
        "peer_median_score": figure(median(peers), 4) if peers else None,
        "peer_count": len(peers),
        "data_status_code": "missing" if is_live and score is None else "settled",
    }


def _change(before: Judgement, now: Judgement) -> Fraction | None:
    both = before.points.keys() & now.points.keys()
    weight = sum(now.weights[rule] for rule in both)
    if weight < KNOWN_WEIGHT or before.rulesets != now.rulesets:
        return None
    moved = sum((now.weights[rule] * (now.points[rule] - before.points[rule]) for rule in both), Fraction(0))
    return 100 * moved / weight


def _moved(before: Judgement, now: Judgement) -> list[Row]:
    return [
        {"rule_code": rule, "before": float(before.points[rule]), "after": float(now.points[rule])}
        for rule in sorted(before.points.keys() & now.points.keys())
        if before.points[rule] != now.points[rule]
    ]


def page_changes(before: Page, now: Page) -> dict[str, Row]:
    """What differs and is known in both looks, the gravest first."""
    if before["page_status_code"] != now["page_status_code"]:
        is_gone = now["page_status_code"] == "not_found"
        return {"not_found": _from_to(before["page_status_code"], now["page_status_code"])} if is_gone else {}
    changes: dict[str, Row] = {}
    if before["parent_asin"] and now["parent_asin"] not in (None, before["parent_asin"]):
        changes["left_parent"] = _from_to(before["parent_asin"], now["parent_asin"])
    for code, part in TEXT_PARTS:
        if _differs(before[part], now[part]):
            changes[code] = _from_to(before[part], now[part])
    if before["images"] is not None and now["images"] is not None:
        shown = image_sizes(before["images"]), image_sizes(now["images"])
        if images_differ(*shown):
            changes["images"] = _from_to(*shown)
    for code, part in (("bullets", "bullets"), ("a_plus", "has_a_plus")):
        if _differs(before[part], now[part]):
            changes[code] = _from_to(before[part], now[part])
    return changes


def image_sizes(images: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    """The largest known size of each variant that is no swatch, as width x height."""
    sizes: dict[str, str | None] = dict.fromkeys(shown_variants(images))
    for name in sizes:
        known = [
            (image["width"], image["height"])
            for image in images
            if image["variant"].upper() == name and image.get("width") is not None and image.get("height") is not None
        ]
        if known:
            width, height = max(known, key=lambda size: (max(size), size))
            sizes[name] = f"{width}x{height}"
    return sizes


def images_differ(before: Mapping[str, str | None], now: Mapping[str, str | None]) -> bool:
    sized = [name for name in before.keys() & now.keys() if before[name] is not None and now[name] is not None]
    return before.keys() != now.keys() or any(before[name] != now[name] for name in sized)


def _differs(before: Any, now: Any) -> bool:
    return before is not None and now is not None and before != now


def _from_to(before: Any, now: Any) -> Row:
    return {"before": before, "after": now}
