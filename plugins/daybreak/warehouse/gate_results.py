"""Keeps every judgement of a gate as a row of ``ops.gate_result``."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from daybreak.warehouse.statements import statement


class Judgement(Protocol):
    """One expectation's result, as the quality room gives it."""

    @property
    def expectation(self) -> str: ...
    @property
    def column(self) -> str | None: ...
    @property
    def severity(self) -> str: ...
    @property
    def is_success(self) -> bool: ...
    @property
    def has_crashed(self) -> bool: ...
    @property
    def unexpected_row_count(self) -> int | None: ...
    @property
    def observed(self) -> str | None: ...
    @property
    def reason(self) -> str: ...
    @property
    def examples(self) -> Sequence[Mapping[str, Any]]: ...


def read_gate_results(connection: psycopg.Connection, account_id: str, load_id: int) -> list[dict[str, Any]]:
    """What the gate said of a load: a row of ``ops.gate_result`` per expectation, failures first, the gravest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            statement("ops/gate_result/read_results"), {"account_id": account_id, "load_id": load_id}
        ).fetchall()


def replace_gate_results(
    connection: psycopg.Connection,
    account_id: str,
    subject: Literal["load", "build"],
    subject_id: int,
    table_name: str,
    results: Sequence[Judgement],
) -> None:
    """Afterwards exactly ``results`` are on record for this load or build."""
    key: dict[str, object] = {"account_id": account_id, "subject_code": subject, "subject_id": subject_id}
    connection.execute(statement("ops/gate_result/delete_results"), key)
    with connection.cursor() as cursor:
        cursor.executemany(
            statement("ops/gate_result/insert_result"),
            [
                {
                    **key,
                    "table_name": table_name,
                    "expectation_code": result.expectation,
                    "column_name": result.column,
                    "severity_code": result.severity,
                    "is_success": result.is_success,
                    "has_crashed": result.has_crashed,
                    "unexpected_row_count": result.unexpected_row_count,
                    "observed": result.observed,
                    "reason": result.reason,
                    "examples": Jsonb(list(result.examples)),
                }
                for result in results
            ],
        )
