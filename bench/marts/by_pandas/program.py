"""The whole program: facts read once, six marts of one day computed, each written to a table of its own."""

import time
from collections.abc import Callable
from datetime import date

import pandas as pd
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from bench.marts.by_pandas.facts import Facts, read_facts
from bench.marts.by_pandas.pages import content_rules, content_scores
from bench.marts.by_pandas.price import price_gap
from bench.marts.by_pandas.sales import sales_driver, sales_signal
from bench.marts.by_pandas.stock import stock_coverage

_CHUNK_ROWS = 10_000
_SCHEMA = "by_pandas"
_BY_DAY: dict[str, Callable[[Facts], pd.DataFrame]] = {
    "stock_coverage_daily": stock_coverage,
    "sales_driver_daily": sales_driver,
    "sales_signal_daily": sales_signal,
    "price_gap_daily": price_gap,
}
MARTS = (*_BY_DAY, "content_rule_result", "content_score_daily")


def build_with_pandas(dsn: str, account_id: str, day: date) -> tuple[float, dict[str, int]]:
    """Seconds from nothing to the rows of ``MARTS`` written, and how many each has."""
    engine = create_engine(make_url(dsn).set(drivername="postgresql+psycopg"), poolclass=NullPool, hide_parameters=True)
    with engine.begin() as connection:
        connection.execute(text(f"drop schema if exists {_SCHEMA} cascade"))
        connection.execute(text(f"create schema {_SCHEMA}"))
    started = time.perf_counter()
    counts: dict[str, int] = {}
    with engine.begin() as connection:
        for name, frame in _frames(read_facts(connection, account_id, day)):
            frame.to_sql(name, connection, schema=_SCHEMA, if_exists="append", index=False, chunksize=_CHUNK_ROWS)
            counts[name] = len(frame)
    return time.perf_counter() - started, counts


def _frames(facts: Facts) -> list[tuple[str, pd.DataFrame]]:
    frames = [(name, build(facts)) for name, build in _BY_DAY.items()]
    pages = facts.tables["page"]
    rules = content_rules(pages[pages["observed_date"] == facts.day], facts.account_id)
    before = pages[pages["observed_date"] < facts.day].sort_values("observed_date").drop_duplicates("asin", keep="last")
    earlier = content_rules(before, facts.account_id)
    known = earlier[earlier["is_known"]]
    points = (known["weight"] * known["points_ratio"]).groupby(known["asin"]).sum()
    scores = pd.DataFrame({"score": 100 * points / known.groupby("asin")["weight"].sum()})
    return [*frames, ("content_rule_result", rules), ("content_score_daily", content_scores(facts, rules, scores))]
