"""Makes a warehouse ready: every migration, the registry of the datasets, and the contracts' words as comments."""

from psycopg import sql

from daybreak.contracts import comment_statements, read_contracts
from daybreak.warehouse.dataset_registry import sync_datasets
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.migrations import migrate_warehouse


def prepare_warehouse(dsn: str | None = None) -> list[str]:
    """Afterwards the warehouse is at the newest migration, knows the datasets and describes itself.

    Returns the revisions applied now.

    The comments are set anew each time: a contract may change its words without a migration.

    Raises:
        MigrationRefused: an applied file was edited, or the warehouse is newer than the checkout.
    """
    applied = migrate_warehouse(dsn)
    statements = [
        sql.SQL("comment on {} is {}").format(sql.SQL(described), sql.Literal(comment))
        for described, comment in comment_statements(read_contracts())
    ]
    with transaction(dsn) as connection:
        connection.execute(sql.SQL("; ").join(statements))
        sync_datasets(connection)
    return applied
