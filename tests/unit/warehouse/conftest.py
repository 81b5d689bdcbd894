"""A warehouse of two clients, with rows of both in every table of accounts' rows, and the logins of its readers."""

from collections.abc import Iterator

import pytest

from daybreak.stack.postgres import EmbeddedPostgres
from tests.unit.warehouse.secured_world import SecuredWorld, secured_world


@pytest.fixture(scope="package")
def world(postgres: EmbeddedPostgres, warehouse_template: str) -> Iterator[SecuredWorld]:
    """Read only: whatever a test changes in it, it undoes."""
    with secured_world(postgres, warehouse_template) as made:
        yield made
