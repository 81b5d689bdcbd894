"""Turns failures that Daybreak understands into one message and exit code 1."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def explained() -> Iterator[None]:
    """Within it, an understood failure prints its message to standard error and exits with 1."""
    import psycopg
    from rich.console import Console
    from sqlalchemy.exc import OperationalError

    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    try:
        yield
    except _understood() as failure:
        console.print(str(failure))
        sys.exit(1)
    except (psycopg.OperationalError, OperationalError) as failure:
        cause = str(getattr(failure, "orig", failure)).strip().splitlines()[0]
        console.print(f"the warehouse does not answer: {cause}\nRun 'make up' for the local one, or check its address.")
        sys.exit(1)


def _understood() -> tuple[type[Exception], ...]:
    """The failures whose own words tell a person what to do; imported only now, a command needs few of them."""
    from daybreak.accounts import AccountsFileError
    from daybreak.events import EventsFileError
    from daybreak.landing.failures import LandingFailure
    from daybreak.settings import WarehouseNotConfigured
    from daybreak.spapi.credentials import CredentialError
    from daybreak.stack.failures import StackFailure
    from daybreak.steps.maintenance import RetentionTooShort
    from daybreak.steps.repair_planning import RepairRefused
    from daybreak.warehouse.account_lock import AccountBusy
    from daybreak.warehouse.analysts import AccessRefused
    from daybreak.warehouse.engine import WarehouseDiskFull
    from daybreak.warehouse.migrations import MigrationRefused
    from daybreak.warehouse.publish import NotPublishable
    from daybreak.warehouse.roles import RolesMissing

    return (
        AccessRefused,
        AccountBusy,
        AccountsFileError,
        CredentialError,
        EventsFileError,
        LandingFailure,
        MigrationRefused,
        NotPublishable,
        RepairRefused,
        RetentionTooShort,
        RolesMissing,
        StackFailure,
        WarehouseDiskFull,
        WarehouseNotConfigured,
    )
