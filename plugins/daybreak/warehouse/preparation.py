"""Makes a warehouse ready: roles, migrations, row security, the datasets, and the contracts' words as comments."""

from psycopg import sql

from daybreak.contracts import comment_statements, read_contracts
from daybreak.warehouse.dataset_registry import sync_datasets
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.migrations import migrate_warehouse
from daybreak.warehouse.statements import statement


def prepare_warehouse(dsn: str | None = None) -> list[str]:
    """Afterwards the warehouse is at the newest migration, guards its rows, knows the datasets and describes itself.

    Returns the revisions applied now. Grants, policies and comments are set anew each time: a later table is covered
    without being named, and a contract may change its words without a migration.

    Raises:
        MigrationRefused: an applied file was edited, or the warehouse is newer than the checkout.
        RolesMissing: the login may not make the roles; the message says what an administrator does.
    """
    applied = migrate_warehouse(dsn)
    statements = [
        sql.SQL("comment on {} is {}").format(sql.SQL(described), sql.Literal(comment))
        for described, comment in comment_statements(read_contracts())
    ]
    with transaction(dsn, role="owner") as connection:
        connection.execute(statement("ops/client_account/secure"))
        connection.execute(sql.SQL("; ").join(statements))
        sync_datasets(connection)
    return applied
