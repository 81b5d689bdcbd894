"""Makes a warehouse ready: roles, migrations, row security, the registries, and the contracts' words as comments."""

from collections.abc import Sequence

from psycopg import sql

from daybreak.contracts import comment_statements, read_contracts
from daybreak.events import Event, read_events
from daybreak.settings import get_settings
from daybreak.warehouse.dataset_registry import sync_datasets
from daybreak.warehouse.engine import transaction
from daybreak.warehouse.event_calendar import sync_events
from daybreak.warehouse.migrations import migrate_warehouse
from daybreak.warehouse.statements import statement


def prepare_warehouse(dsn: str | None = None, events: Sequence[Event] | None = None) -> list[str]:
    """Afterwards the warehouse is at the newest migration, guards its rows, knows its registries and describes itself.

    ``events`` None means those of the files. Returns the revisions applied now. Grants, policies and comments are set
    anew each time: a later table is covered without being named, and a contract may change its words.

    Raises:
        EventsFileError: a file of events cannot be used; nothing was done.
        MigrationRefused: an applied file was edited, or the warehouse is newer than the checkout.
        RolesMissing: the login may not make the roles; the message says what an administrator does.
    """
    held = read_events(get_settings()) if events is None else events
    applied = migrate_warehouse(dsn)
    statements = [
        sql.SQL("comment on {} is {}").format(sql.SQL(described), sql.Literal(comment))
        for described, comment in comment_statements(read_contracts())
    ]
    with transaction(dsn, role="owner") as connection:
        connection.execute(statement("ops/client_account/secure"))
        connection.execute(sql.SQL("; ").join(statements))
        sync_datasets(connection)
        sync_events(connection, held)
    return applied
