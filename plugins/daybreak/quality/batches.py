"""The rows to judge as a Great Expectations batch: the one module that knows the library, and its only importer.

Importing this module is cheap; the first batch of a process, or ``warm()`` in the parent that forks it, pays for the
library. There is one ephemeral context per process, because ``get_context`` sets a process-global; it writes no file.
"""

import importlib
import itertools
import logging
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Engine, make_url

from daybreak.quality.questions import StatementTuning, shortest
from daybreak.quality.suites import UNEXPECTED_ROWS, Expectation
from daybreak.quality.wording import EXAMPLES_KEPT, first_line, harmless

_SESSION = (
    "-c timezone=UTC -c jit=off -c default_transaction_read_only=on "
    "-c work_mem=64MB"  # the key check hashes every key of the batch; above the default it spills to disk
)
_HEAVY_MODULES = (
    "great_expectations",
    "great_expectations.expectations.expectation_configuration",
    "great_expectations.data_context.types.base",
    "great_expectations.expectations",
    "sqlalchemy.dialects.postgresql.psycopg",
    "psycopg",
)
_numbers = itertools.count(1)
_ROW_COUNT = Expectation("expect_table_row_count_to_be_between", {"min_value": 1}, "critical", "Nothing is said.")


class UnreadableBatchError(RuntimeError):
    """The rows to judge could not be read at all; says which table and why."""


class Answer(NamedTuple):
    """What Great Expectations says of one expectation; ``crash`` is its message when it could not tell."""

    is_success: bool
    crash: str | None = None
    observed: str | None = None
    unexpected_row_count: int | None = None
    rows: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class _Warmed:
    library: Any
    configurations: Any
    context: Any
    process_id: int = field(default_factory=os.getpid)


@cache
def _warmed() -> _Warmed:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    # What crashes comes back as a result; the library's own log would repeat it with whole tracebacks and queries, and
    # greets each import with hundreds of lines. Some of its loggers set a level of their own, hence no propagation.
    log = logging.getLogger("great_expectations")
    log.setLevel(logging.CRITICAL)
    log.propagate = False
    log.addHandler(logging.NullHandler())
    was_captured = warnings.showwarning.__module__ == "logging"
    library, configurations, settings, *_ = [importlib.import_module(name) for name in _HEAVY_MODULES]
    # The import turns every warning of the process into a log record.
    logging.captureWarnings(was_captured)
    context = library.get_context(mode="ephemeral")
    context.variables.progress_bars = settings.ProgressBarsConfig(globally=False)
    return _Warmed(library, configurations, context)


def warm() -> None:
    """Afterwards this process, and each that it forks, judges without importing anything heavy.

    Opens no connection: a socket shared by a parent and its forks corrupts both.
    """
    _warmed()


def was_preloaded() -> bool:
    """Whether a parent of this process called ``warm()`` before forking it, so that its gates import nothing heavy."""
    return bool(_warmed.cache_info().currsize) and _warmed().process_id != os.getpid()


@dataclass(frozen=True)
class OpenBatch:
    """The rows of one query, ready to be asked about; made by ``opened_batch``."""

    batch: Any
    name: str
    tuning: StatementTuning

    def row_count(self) -> int:
        """How many rows there are.

        Raises:
            UnreadableBatchError: the table is missing or the connection broke.
        """
        config = self._configured(0, _ROW_COUNT).to_domain_obj()
        answer = _answer(_ROW_COUNT, self.batch.validate(config, result_format="BASIC"))
        if answer.crash is not None or answer.observed is None:
            raise UnreadableBatchError(
                f"{self.name} could not be read: {first_line(answer.crash)}; stage or build it again"
            )
        return int(answer.observed)

    def ask(self, expectations: Mapping[int, Expectation]) -> dict[int, Answer]:
        """Whether each holds, under its key, and no more than that: the cheapest question.

        What holds is certain; what does not must be asked with its details, whose answer counts.
        """
        questions = shortest(expectations)
        with self.tuning.without_rows(questions.values()):
            return self._validate(questions, "BOOLEAN_ONLY")

    def ask_details(self, expectations: Mapping[int, Expectation]) -> dict[int, Answer]:
        """The same with counts, observed values and at most 20 failing rows each."""
        queries = {key: e for key, e in expectations.items() if e.type == UNEXPECTED_ROWS}
        others = {key: e for key, e in expectations.items() if e.type != UNEXPECTED_ROWS}
        basic = {"result_format": "BASIC", "partial_unexpected_count": EXAMPLES_KEPT, "include_unexpected_rows": True}
        # Only COMPLETE gives the rows of a query, and it stops at 200.
        return self._validate(others, basic) | self._validate(queries, "COMPLETE")

    def _validate(self, expectations: Mapping[int, Expectation], result_format: Any) -> dict[int, Answer]:
        if not expectations:
            return {}
        library = _warmed().library
        configs = [self._configured(key, expectation) for key, expectation in expectations.items()]
        try:
            suite = library.ExpectationSuite(
                name=self.name, expectations=[config.to_domain_obj() for config in configs]
            )
            outcome = self.batch.validate(suite, result_format=result_format)
        except Exception as error:  # noqa: BLE001 (whatever the library raises, the gate must answer)
            if len(expectations) > 1:
                # One entry that cannot even be built hides the others' answers.
                each = [self._validate({key: e}, result_format) for key, e in expectations.items()]
                return {key: answer for answers in each for key, answer in answers.items()}
            return dict.fromkeys(expectations, Answer(False, crash=f"{type(error).__name__}: {error}"))
        answers = {result.expectation_config.meta["key"]: result for result in outcome.results}
        return {
            key: _answer(e, answers[key]) if key in answers else Answer(False, crash="no answer")
            for key, e in expectations.items()
        }

    @staticmethod
    def _configured(key: int, expectation: Expectation) -> Any:
        return _warmed().configurations.ExpectationConfiguration(
            type=expectation.type,
            kwargs=dict(expectation.kwargs),
            severity=expectation.severity,
            description=expectation.description,
            meta={"key": key},
        )


def _answer(expectation: Expectation, result: Any) -> Answer:
    if crash := _crash(result.exception_info):
        return Answer(False, crash=crash)
    details: Mapping[str, Any] = result.result or {}
    if expectation.type == UNEXPECTED_ROWS:
        rows = details.get("details", {}).get("unexpected_rows", ())
        return Answer(bool(result.success), unexpected_row_count=details.get("observed_value"), rows=rows)
    observed = details.get("observed_value")
    return Answer(
        bool(result.success),
        observed=None if observed is None else harmless(observed),
        unexpected_row_count=details.get("unexpected_count"),
        rows=details.get("unexpected_rows") or (),
    )


def _crash(info: Mapping[str, Any] | None) -> str | None:
    """The message of an exception; the library reports one for the whole or one per metric."""
    for entry in (info, *(info or {}).values()):
        if isinstance(entry, Mapping) and entry.get("raised_exception"):
            return str(entry.get("exception_message") or "no message")
    return None


@contextmanager
def opened_batch(dsn: str, query: str, name: str, role: str) -> Iterator[OpenBatch]:
    """The rows of ``query`` as a batch; afterwards its connection is closed and the context forgets it.

    ``name`` is what messages call it, ``role`` the database role with whose rights it is read.

    Raises:
        UnreadableBatchError: the database does not answer; the message holds no password.
    """
    context = _warmed().context
    url = make_url(dsn).set(drivername="postgresql+psycopg")
    key = f"batch_{next(_numbers)}"
    try:
        source = context.data_sources.add_postgres(
            key,
            # A dollar sign would start one of the library's own substitutions.
            connection_string=url.render_as_string(hide_password=False).replace("$", "%24"),
            kwargs={
                "hide_parameters": True,
                "connect_args": {
                    "connect_timeout": 10,
                    "options": f"{_SESSION} -c role={role}",
                    "application_name": "daybreak gate",
                },
            },
        )
    except Exception as error:  # noqa: BLE001 (the library wraps what the driver raises)
        message = str(error)
        for secret in {url.password, url.render_as_string(hide_password=False)} - {None, ""}:
            message = message.replace(str(secret), "***")
        raise UnreadableBatchError(f"{name} could not be read: {first_line(message)}") from None
    engine: Engine = source.get_execution_engine().engine
    tuning = StatementTuning(query)
    tuning.listen(engine)
    try:
        asset = source.add_query_asset(key, query=query)
        yield OpenBatch(asset.add_batch_definition_whole_table(key).get_batch(), name, tuning)
    finally:
        context.data_sources.delete(key)
        engine.dispose()
        source.get_engine().dispose()  # another one, with the connection that add_postgres tried
