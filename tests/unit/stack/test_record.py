"""``stack.json`` is private, complete or absent, and carries the stack's identity from start to start."""

from base64 import urlsafe_b64decode
from pathlib import Path

import pytest

from daybreak.settings import Settings, WarehouseNotConfigured
from daybreak.stack.record import StackRecord, StackSecrets, read_record, write_private, write_record


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    record = StackRecord(warehouse_url="postgresql://w", airflow_port=4710, versions={"daybreak": "1"})
    write_record(tmp_path / "stack.json", record)
    assert read_record(tmp_path / "stack.json") == record


def test_without_a_file_there_is_a_new_record_with_secrets_of_its_own(tmp_path: Path) -> None:
    first, second = read_record(tmp_path / "none"), read_record(tmp_path / "none")
    mine, other = first.secrets.model_dump().values(), second.secrets.model_dump().values()
    assert not set(mine) & set(other)


def test_the_secrets_have_the_strength_that_airflow_asks_for() -> None:
    made = StackSecrets()
    assert len(urlsafe_b64decode(made.fernet_key)) == 32
    assert len(made.jwt_secret) >= 64
    assert len(made.api_secret_key) >= 64


def test_a_stack_that_is_down_leaves_no_warehouse_address_behind(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    write_record(settings.stack_file, StackRecord(warehouse_url="postgresql://w"))
    assert settings.warehouse_dsn() == "postgresql://w"
    write_record(settings.stack_file, StackRecord())
    with pytest.raises(WarehouseNotConfigured, match="make up"):
        settings.warehouse_dsn()


def test_a_private_file_is_its_owners_only_and_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    path.parent.mkdir()
    path.write_text("open to all")
    path.chmod(0o644)
    write_private(path, "mine")
    assert path.read_text() == "mine"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]
