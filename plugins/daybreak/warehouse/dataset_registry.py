"""Copies the registry of the datasets into ``ops.dataset``, so that SQL reads the same calendars and lags."""

import psycopg

from daybreak.datasets import DATASETS
from daybreak.warehouse.statements import statement


def sync_datasets(connection: psycopg.Connection) -> None:
    """Afterwards ``ops.dataset`` holds exactly the datasets of this version."""
    with connection.cursor() as cursor:
        cursor.executemany(
            statement("ops/dataset/upsert_dataset"),
            [
                {
                    "dataset_code": dataset.key,
                    "calendar_code": dataset.calendar.code,
                    "has_distributor_view": dataset.has_distributor_view,
                    "publish_lag": dataset.calendar.lag,
                    "lookback_days": dataset.lookback_days,
                }
                for dataset in DATASETS.values()
            ],
        )
    connection.execute(statement("ops/dataset/delete_others"), {"dataset_codes": list(DATASETS)})
