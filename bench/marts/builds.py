"""Every mart of one day by the steps of the dawn run, with the seconds that each step takes."""

import time
from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg import sql

from daybreak.accounts import Account
from daybreak.steps.gating import gate_build
from daybreak.warehouse import builds
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.mart_reach import build_order
from daybreak.warehouse.marts import publish_build, run_build


class NotBuilt(RuntimeError):
    """A gate blocked a build, so that nothing can be measured; holds what it said."""


@dataclass(frozen=True)
class MartSeconds:
    """Wall seconds of one mart by step, and the rows that were published."""

    build: float
    gate: float
    publish: float
    row_count: int

    @property
    def written(self) -> float:
        """Without the gate: from the facts to the published rows."""
        return self.build + self.publish


def build_day(dsn: str, account: Account, day: date) -> dict[str, MartSeconds]:
    """Builds, gates and publishes all marts of ``day``, each after those that it reads.

    Raises:
        NotBuilt: a gate blocked one.
    """
    return {mart: _build_mart(dsn, account, mart, day) for mart in build_order()}


def _build_mart(dsn: str, account: Account, mart: str, day: date) -> MartSeconds:
    marks = [time.perf_counter()]
    with transaction(dsn, role="transformer") as connection:
        (build_id,) = run_build(connection, mart, [(account.account_id, day, day)])
    marks.append(time.perf_counter())
    with transaction(dsn, role="transformer") as connection:
        build = builds.read_build(connection, account.account_id, build_id)
    blocked = gate_build(account, build, dsn)
    if blocked:
        raise NotBuilt(blocked)
    marks.append(time.perf_counter())
    with transaction(dsn, role="transformer") as connection:
        counts = publish_build(connection, account.account_id, build_id)
    marks.append(time.perf_counter())
    build_seconds, gate_seconds, publish_seconds = (marks[at + 1] - marks[at] for at in range(3))
    return MartSeconds(build_seconds, gate_seconds, publish_seconds, counts.changed_rows)


def forget_day(dsn: str, account: Account, day: date) -> None:
    """Takes the day out of every mart again, so that it is as new as before it was built."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set role daybreak_owner")
        for mart in build_order():
            row = connection.execute("select ops.span_column(%(mart)s::regclass)", {"mart": f"mart.{mart}"}).fetchone()
            if row is None:
                raise RuntimeError(f"mart.{mart} has no day of its own")
            forget = sql.SQL("delete from mart.{} where account_id = %(account_id)s and {} >= %(day)s")
            connection.execute(
                forget.format(sql.Identifier(mart), sql.Identifier(row[0])),
                {"account_id": account.account_id, "day": day},
            )
        connection.execute("vacuum analyze")
