"""What each rule finds on the pages of a day, and their scores beside the looks before and their peers."""

import json
import re
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from bench.marts.by_pandas.facts import Facts

_WEIGHTS = {
    "title_length": 10,
    "title_brand": 5,
    "title_clean": 5,
    "bullet_count": 10,
    "bullet_length": 10,
    "image_count": 20,
    "main_image_zoom": 10,
    "a_plus": 15,
    "description": 5,
    "key_attributes": 5,
    "classification": 5,
}
_UNWANTED = re.compile(r"[!$?_{}^¬¦]")
_WORD = re.compile(r"[^\W\d_]{4,}")
_TAG = re.compile(r"<[^>]*>")
_NEEDED = ("brand", "manufacturer", "part_number", "item_weight", "country_of_origin")


def content_rules(pages: pd.DataFrame, account_id: str) -> pd.DataFrame:
    """Eleven rows for each page."""
    rows: list[tuple[Any, ...]] = []
    for page in pages.itertuples():
        points = _points(page) if page.page_status_code == "live" else {}
        for code, weight in _WEIGHTS.items():
            known = code in points
            value, evidence = points.get(code, (None, None))
            rows.append((page.observed_date, page.asin, code, weight, known, value, json.dumps(evidence)))
    columns = ["observed_date", "asin", "rule_code", "weight", "is_known", "points_ratio", "evidence"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(account_id=account_id, ruleset_code="2026.1", data_status_code="settled")


def _points(page: Any) -> dict[str, tuple[float, dict[str, Any]]]:
    title, bullets, description = page.title.strip(), page.bullets, _TAG.sub("", page.description)
    length, lengths = len(title), [len(bullet.strip()) for bullet in bullets]
    unwanted = sorted(set(_UNWANTED.findall(title)))
    words = sorted(word for word, count in Counter(_WORD.findall(title.lower())).items() if count > 2)
    variants = sorted({image["variant"] for image in page.images})
    side = max((max(i["width"], i["height"]) for i in page.images if i["variant"] == "MAIN"), default=0)
    missing = [name for name in _NEEDED if name not in page.attributes]
    return {
        "title_length": (1.0 if 80 <= length <= 200 else 0.5 if 50 <= length < 80 else 0.0, {"length": length}),
        "title_brand": (float(page.brand_name.lower() in title.lower()), {"brand_name": page.brand_name}),
        "title_clean": (float(not unwanted and not words), {"characters": unwanted, "words": words}),
        "bullet_count": (min(len(bullets) / 5, 1.0), {"bullets": len(bullets)}),
        "bullet_length": (sum(50 <= each <= 250 for each in lengths) / max(len(lengths), 1), {"lengths": lengths}),
        "image_count": (min(len(variants) / 6, 1.0), {"variants": variants}),
        "main_image_zoom": (1.0 if side >= 1000 else 0.5 if side >= 500 else 0.0, {"longest_side_pixels": side}),
        "a_plus": (float(page.has_a_plus), {"has_a_plus": page.has_a_plus}),
        "description": (
            1.0 if page.has_a_plus or len(description) >= 500 else 0.5 if len(description) >= 200 else 0.0,
            {"length": len(description), "has_a_plus": page.has_a_plus},
        ),
        "key_attributes": (1 - len(missing) / len(_NEEDED), {"missing": missing}),
        "classification": (float(page.classification_id != ""), {"classification_id": page.classification_id}),
    }


def content_scores(facts: Facts, rules: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """``rules`` are those of the day, ``earlier`` the scores by product of the look before."""
    known = rules[rules["is_known"]]
    points = (known["weight"] * known["points_ratio"]).groupby(known["asin"]).sum()
    weight = known.groupby("asin")["weight"].sum()
    pages = facts.tables["page"]
    today = pages[pages["observed_date"] == facts.day].set_index("asin")
    before = pages[pages["observed_date"] < facts.day].sort_values("observed_date")
    before = before.drop_duplicates("asin", keep="last").set_index("asin").reindex(today.index)
    score = (100 * points / weight).where(weight >= 50).reindex(today.index)
    peers = score.groupby(today["classification_id"]).transform("median")
    changes = {
        "not_found": (today["page_status_code"] == "not_found") & (before["page_status_code"] == "live"),
        "title": today["title"] != before["title"],
        "images": today["images"].astype(str) != before["images"].astype(str),
        "bullets": today["bullets"].astype(str) != before["bullets"].astype(str),
        "a_plus": today["has_a_plus"] != before["has_a_plus"],
    }
    return pd.DataFrame(
        {
            "account_id": facts.account_id,
            "observed_date": facts.day,
            "asin": today.index,
            "page_status_code": today["page_status_code"].to_numpy(),
            "score": score.round(4).to_numpy(),
            "known_weight": weight.reindex(today.index, fill_value=0).to_numpy(),
            "previous_observed_date": before["observed_date"].to_numpy(),
            "score_change": (score - earlier["score"].reindex(today.index)).round(4).to_numpy(),
            "page_change_code": np.select([flags.to_numpy() for flags in changes.values()], list(changes), ""),
            "peer_median_score": peers.round(4).to_numpy(),
            "data_status_code": "settled",
        }
    )
