"""Any order, repetition and interleaving of the steps of several loads, with crashes between and inside them."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from daybreak.accounts import Account
from daybreak.landing.files import store_document
from daybreak.settings import Settings
from daybreak.steps import staging
from daybreak.steps.arrivals import stage_or_reject
from daybreak.steps.gating import gate_load
from daybreak.steps.publishing import publish_one
from daybreak.steps.releasing import release_load
from daybreak.warehouse import loads
from daybreak.warehouse import publish as publish_module
from daybreak.warehouse.account_registry import register_account
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.publish import NotPublishable, publish_load
from tests.faults.load_desk import ACCOUNT, DATASET, FIRST_DAY, LAST_MART_DATE, Views, document_bytes

pytestmark = pytest.mark.long

DAYS = 3
NOON = datetime(2026, 3, 20, 12, tzinfo=UTC)
ROWS = st.dictionaries(st.sampled_from(["B000000001", "B000000002", "B000000003"]), st.integers(0, 2))
VIEWS = st.dictionaries(st.integers(0, DAYS - 1), ROWS, min_size=1)
LAST_UPDATED = st.none() | st.sampled_from([date(2026, 3, 18), date(2026, 3, 19)])
Facts = dict[tuple[int, str], int]


class Crash(BaseException):
    """Stands for the death of a process: its transaction rolls back and nothing in the code may catch it."""


@dataclass(frozen=True)
class Delivery:
    """One landed document: what it holds, and its rank among the payloads of a day."""

    load_id: int
    views: Views
    last_updated: date | None
    requested_at: datetime

    @property
    def rank(self) -> tuple[date, datetime, int]:
        return (self.last_updated or date.min, self.requested_at, self.load_id)


def newest_of_each_day(deliveries: list[Delivery]) -> Facts:
    """The plain rule, computed without the warehouse: of each day the rows of its newest payload and nothing else."""
    by_day: dict[int, Delivery] = {}
    for delivery in sorted(deliveries, key=lambda each: each.rank):
        by_day |= dict.fromkeys(delivery.views, delivery)
    return {(day, asin): views for day, newest in by_day.items() for asin, views in newest.views[day].items()}


class LoadSteps(RuleBasedStateMachine):
    """The steps of loads of one account, in whatever order hypothesis takes them."""

    deliveries = Bundle("deliveries")
    dsn: str
    home: Path
    connection: psycopg.Connection

    @initialize()
    def open_account(self) -> None:
        self.account = Account(**{**ACCOUNT.model_dump(), "account_id": f"brand_{secrets.token_hex(6)}"})
        self.settings = Settings(home=self.home, minimum_free_mebibytes=0)
        register_account(self.connection, self.account)
        self.landed: dict[int, Delivery] = {}
        self.sequences: dict[date, int] = {}
        self.seen: list[tuple[datetime, Facts]] = []

    @rule(target=deliveries, views=VIEWS, last_updated=LAST_UPDATED, hours=st.integers(0, 3))
    def land(self, views: Views, last_updated: date | None, hours: int) -> Delivery:
        requested_at = NOON + timedelta(hours=hours)
        content = document_bytes(views, last_updated)
        stored = store_document(
            self.settings.landing, self.account.account_id, DATASET.key, "report", [content],
            received_at=requested_at, minimum_free_bytes=0,
        )  # fmt: skip
        document = loads.LandedDocument(stored.path, stored.sha256, stored.size_bytes, requested_at, "file")
        with self.connection.transaction():
            load_id = loads.insert_load(
                self.connection, self.account.account_id, DATASET.key, "", document, request_id=None, window=None,
                requested_at=requested_at,
            )  # fmt: skip
        self.landed[load_id] = Delivery(load_id, views, last_updated, requested_at)
        return self.landed[load_id]

    @rule(delivery=deliveries)
    def stage(self, delivery: Delivery) -> None:
        assert stage_or_reject(self.account, self.read(delivery), self.settings, self.dsn) is None

    @rule(delivery=deliveries)
    def gate(self, delivery: Delivery) -> None:
        load = self.read(delivery)
        if load.status_code != "landed":
            gate_load(self.account, load, self.dsn, self.settings)

    @rule(delivery=deliveries)
    def publish(self, delivery: Delivery) -> None:
        with suppress(NotPublishable):
            publish_one(self.account, self.read(delivery), LAST_MART_DATE, self.settings, self.dsn)

    @rule(delivery=deliveries)
    def release(self, delivery: Delivery) -> None:
        with suppress(NotPublishable):
            release_load(delivery.load_id, "on call", "seen", lambda _: self.account, self.settings, self.dsn)

    @rule(delivery=deliveries)
    def carry_through(self, delivery: Delivery) -> None:
        """All steps of one load, as on a usual morning."""
        for step in (self.stage, self.gate, self.release, self.publish):
            step(delivery)

    @rule(delivery=deliveries, is_dropped=st.booleans())
    def lose_the_staging_table(self, delivery: Delivery, is_dropped: bool) -> None:
        table = f"staging.{DATASET.key}_{delivery.load_id}"
        row = self.connection.execute("select to_regclass(%s)", (table,)).fetchone()
        if row and row[0]:
            self.connection.execute(f"drop table {table}" if is_dropped else f"truncate {table}")

    @rule(delivery=deliveries, place=st.sampled_from(["replace_load_slices", "_quarantine", "update_load", "commit"]))
    def die_staging(self, delivery: Delivery, place: str) -> None:
        with dying_in(staging, place), suppress(Crash), transaction(self.dsn) as connection:
            staging.stage_load(connection, self.account, self.read(delivery), self.settings)
            raise Crash

    @rule(
        delivery=deliveries, place=st.sampled_from(["_merge", "_note", "update_load", "drop_staging_table", "commit"])
    )
    def die_publishing(self, delivery: Delivery, place: str) -> None:
        load = self.read(delivery)
        crashes = suppress(Crash, NotPublishable, publish_module.RestageNeeded)
        with dying_in(publish_module, place), crashes, transaction(self.dsn) as connection:
            publish_load(connection, self.account.account_id, load, last_mart_date=LAST_MART_DATE)
            raise Crash

    @invariant()
    def core_is_what_the_published_loads_say(self) -> None:
        published = self.in_state("published", "superseded")
        self.seen.append((self.now(), newest_of_each_day(published)))
        assert self.facts("core.traffic_daily") == self.seen[-1][1]

    @invariant()
    def no_slice_goes_back(self) -> None:
        query = "select business_date, published_sequence from ops.slice where account_id = %s"
        sequences = dict(self.connection.execute(query, (self.account.account_id,)).fetchall())
        assert all(sequences[day] >= known for day, known in self.sequences.items())
        self.sequences = sequences

    def teardown(self) -> None:
        if hasattr(self, "landed"):
            self.finish()
            self.core_is_what_the_published_loads_say()
            assert self.seen[-1][1] == newest_of_each_day(list(self.landed.values()))
            self.no_slice_goes_back()
            self.check_history()
            self.check_first_appearances()
            before = self.rows()
            self.finish()
            self.deliver_everything_again()
            assert self.rows() == before

    def finish(self) -> None:
        for delivery in self.landed.values():
            self.carry_through(delivery)
        assert self.in_state("published", "superseded") == list(self.landed.values())

    def deliver_everything_again(self) -> None:
        """The newest payload of each day once more, asked for later, as tomorrow's dawn run does."""
        newest: dict[int, Delivery] = {}
        for delivery in sorted(self.landed.values(), key=lambda each: each.rank):
            newest |= dict.fromkeys(delivery.views, delivery)
        for day, delivery in newest.items():
            self.carry_through(self.land({day: delivery.views[day]}, delivery.last_updated, hours=9))

    def check_history(self) -> None:
        """The versions of every instant looked at are the facts of that instant: no overlap and no hole."""
        for instant, facts in self.seen:
            assert self.facts("core.traffic_daily_as_of(%(at)s)", at=instant) == facts

    def check_first_appearances(self) -> None:
        query = "select asin, first_seen_date from core.product where account_id = %s and first_seen_date is not null"
        noted = dict(self.connection.execute(query, (self.account.account_id,)).fetchall())
        days: dict[str, date] = {}
        for day, asin in sorted(self.seen[-1][1]):
            days.setdefault(asin, FIRST_DAY + timedelta(days=day))
        assert noted == days

    def in_state(self, *status_codes: str) -> list[Delivery]:
        query = "select load_id from ops.load where account_id = %s and status_code = any(%s) order by load_id"
        rows = self.connection.execute(query, (self.account.account_id, list(status_codes)))
        return [self.landed[row[0]] for row in rows]

    def read(self, delivery: Delivery) -> loads.Load:
        load = loads.read_load(self.connection, delivery.load_id)
        assert load is not None
        return load

    def now(self) -> datetime:
        row = self.connection.execute("select clock_timestamp()").fetchone()
        assert row is not None
        return row[0]

    def facts(self, source: str, **named: Any) -> Facts:
        query = f"select business_date, asin, glance_views from {source} where account_id = %(account_id)s"
        rows = self.connection.execute(query, {"account_id": self.account.account_id, **named}).fetchall()
        facts = {((day - FIRST_DAY).days, asin): views for day, asin, views in rows}
        assert len(facts) == len(rows)
        return facts

    def rows(self) -> list[list[tuple[Any, ...]]]:
        """Every row of facts, with the transaction that wrote it."""
        tables = ("core.traffic_daily", "core.traffic_daily_history", "core.product")
        query = "select t.*, t.xmin from {} as t where account_id = %s order by t"
        return [self.connection.execute(query.format(t), (self.account.account_id,)).fetchall() for t in tables]


@contextmanager
def dying_in(module: Any, function: str) -> Iterator[None]:
    """Lets ``function`` of ``module`` do its work and then die; a ``function`` that it does not have dies nowhere."""
    original = getattr(module, function, None)

    def die(*given: Any, **named: Any) -> None:
        assert original is not None
        original(*given, **named)
        raise Crash

    with pytest.MonkeyPatch.context() as patch:
        if original is not None:
            patch.setattr(module, function, die)
        yield


def test_any_order_of_steps_and_crashes_ends_in_the_tables_of_the_plain_order(warehouse: str) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="daybreak-orders-") as folder,
        psycopg.connect(warehouse, autocommit=True, options="-c timezone=UTC") as opened,
    ):

        class Steps(LoadSteps):
            dsn = warehouse
            home = Path(folder)
            connection = opened

        run_state_machine_as_test(
            Steps,
            settings=settings(
                max_examples=12,
                stateful_step_count=16,
                deadline=None,
                phases=(Phase.explicit, Phase.generate),  # to shrink a failure takes longer than a test may
                suppress_health_check=list(HealthCheck),
            ),
        )
