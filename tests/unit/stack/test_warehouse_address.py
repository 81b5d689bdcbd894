"""An address of the operator's own is checked before anything is written through it."""

import pytest

from daybreak.stack import warehouse_address
from daybreak.stack.postgres import EmbeddedPostgres, free_port
from daybreak.stack.warehouse_address import WarehouseUnusable, check_warehouse


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_a_postgres_that_is_new_enough_is_accepted_in_both_spellings(postgres: EmbeddedPostgres, scheme: str) -> None:
    check_warehouse(postgres.url().replace("postgresql", scheme, 1))


def test_a_postgres_that_is_too_old_is_refused_with_both_versions(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse_address, "LOWEST_POSTGRES", 99)
    with pytest.raises(WarehouseUnusable, match=r"is Postgres 1\d; Daybreak needs 99 or newer"):
        check_warehouse(postgres.url())


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://user:canary-secret@127.0.0.1:{nobody_listens}/name", r"does not answer"),
        ("mysql://user:canary-secret@127.0.0.1/name", r"is mysql; Daybreak needs Postgres"),
        ("canary-secret", r"is no database address"),
    ],
)
def test_a_useless_address_is_refused_without_repeating_its_password(url: str, message: str) -> None:
    with pytest.raises(WarehouseUnusable, match=message) as refusal:
        check_warehouse(url.replace("{nobody_listens}", str(free_port())))
    assert "canary-secret" not in str(refusal.value)
