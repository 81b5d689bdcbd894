"""``stack.json``: what the local stack last started with, and the secrets it made for itself. Its owner's eyes only."""

import os
import secrets
from base64 import urlsafe_b64encode
from pathlib import Path

from pydantic import BaseModel, Field


def write_private(path: Path, text: str) -> None:
    """Afterwards ``path`` holds ``text``, readable by its owner only; nobody ever sees it half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def make_secret() -> str:
    """86 characters safe in a URL, 64 random bytes: what Airflow wants at least to sign its tokens with."""
    return secrets.token_urlsafe(64)


class StackSecrets(BaseModel):
    """Made once per home. ``fernet_key`` is Airflow's own form: 32 bytes, URL-safe base64."""

    warehouse_password: str = Field(default_factory=lambda: secrets.token_urlsafe(24))
    airflow_password: str = Field(default_factory=lambda: secrets.token_urlsafe(24))
    fernet_key: str = Field(default_factory=lambda: urlsafe_b64encode(secrets.token_bytes(32)).decode())
    jwt_secret: str = Field(default_factory=make_secret)
    api_secret_key: str = Field(default_factory=make_secret)


class StackRecord(BaseModel):
    """Addresses are null while the stack is down; ports and secrets stay, so that the next start is the same stack."""

    warehouse_url: str | None = None
    airflow_url: str | None = None
    airflow_database_url: str | None = None
    simulator_url: str | None = None
    postgres_port: int = 0
    airflow_port: int = 0
    simulator_port: int = 0
    versions: dict[str, str] = {}
    secrets: StackSecrets = Field(default_factory=StackSecrets)


def read_record(path: Path) -> StackRecord:
    """The record in ``path``; a new one with new secrets when there is none."""
    try:
        return StackRecord.model_validate_json(path.read_text())
    except FileNotFoundError:
        return StackRecord()


def write_record(path: Path, record: StackRecord) -> None:
    """Afterwards ``path`` holds ``record``; an address that is null is left out."""
    write_private(path, record.model_dump_json(indent=2, exclude_none=True) + "\n")
