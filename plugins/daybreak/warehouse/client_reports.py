"""Which reports of a week a client was given: ``ops.client_report``, append-only."""

from dataclasses import asdict, dataclass
from datetime import date

import psycopg
from psycopg.rows import class_row

from daybreak.warehouse.statements import statement


@dataclass(frozen=True)
class KeptReport:
    """The newest edition of a week's report. Paths are relative to the reports folder.

    ``is_final``: nothing of the week was still to come when it was made.
    """

    sequence: int
    content_hash: str
    page_path: str
    workbook_path: str
    is_final: bool


def read_last_report(
    connection: psycopg.Connection, account_id: str, week_end_date: date, language_code: str
) -> KeptReport | None:
    """The newest edition of that week's report in that language; None when there is none."""
    with connection.cursor(row_factory=class_row(KeptReport)) as cursor:
        return cursor.execute(
            statement("ops/client_report/read_last_report"),
            {"account_id": account_id, "week_end_date": week_end_date, "language_code": language_code},
        ).fetchone()


def insert_report(
    connection: psycopg.Connection,
    account_id: str,
    week_end_date: date,
    language_code: str,
    report: KeptReport,
    run_id: str,
) -> None:
    """Appends one edition.

    Raises:
        psycopg.errors.UniqueViolation: another process kept this edition at the same moment.
    """
    connection.execute(
        statement("ops/client_report/insert_report"),
        {
            **asdict(report),
            "account_id": account_id,
            "week_end_date": week_end_date,
            "language_code": language_code,
            "run_id": run_id,
        },
    )
