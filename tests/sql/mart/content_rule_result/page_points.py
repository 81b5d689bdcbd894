"""One page after another through the rules: what each rule gives a page, and with which evidence."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import psycopg

from tests.sql.mart_cases import build_and_publish, read_mart
from tests.sql.worlds import Row, insert_world, read_world

LOOKED = date(2026, 6, 30)


def judged(connection: psycopg.Connection, pages: Sequence[Mapping[str, Any]]) -> list[dict[str, Row]]:
    """The results of each page by rule, in the order of ``pages``; a page names only the parts that were delivered."""
    looks = [{**page, "asin": f"B{place:09d}", "observed_date": LOOKED} for place, page in enumerate(pages)]
    insert_world(connection, read_world({"content_snapshot": looks}))
    build_and_publish(connection, "content_rule_result", [("brand", LOOKED, LOOKED)])
    found: dict[str, dict[str, Row]] = {look["asin"]: {} for look in looks}
    for row in read_mart(connection, "content_rule_result"):
        found[row["asin"]][row["rule_code"]] = row
    return list(found.values())
