"""Where this installation keeps things and which limits it works under.

Everything comes from the environment (``DAYBREAK_…``) or from the file that the local stack writes;
nothing is read at import. Secrets stay in ``SecretStr`` so that no log or traceback shows them.
"""

import json
from functools import cache
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parents[2]
SQL_DIR = CHECKOUT / "include" / "sql"


class WarehouseNotConfigured(RuntimeError):
    """No warehouse address is known; says how to give one."""


class Settings(BaseSettings):
    """Typed view of the environment. Durations are in the unit that the name ends in."""

    model_config = SettingsConfigDict(env_prefix="DAYBREAK_", extra="ignore")

    home: Path = CHECKOUT / ".daybreak"
    warehouse_url: SecretStr | None = None
    accounts_file: Path | None = None
    landing_dir: Path | None = None
    agency_time_zone: str = "Europe/Rome"
    gap_days: Annotated[int, Field(ge=15, le=1460)] = 60
    """How far back a dawn run looks in the ledger for due days that are not published."""
    restatement_days: Annotated[int, Field(ge=1, le=15)] = 15
    """Amazon restates recent figures; this many newest due days are asked for anew each morning."""
    mart_days: Annotated[int, Field(ge=1, le=400)] = 15
    """How many days a dawn run rebuilds in each mart; maintenance does the rest."""
    extract_deadline_minutes: Annotated[int, Field(ge=1, le=600)] = 45
    sweep_window_minutes: Annotated[int, Field(ge=1, le=230)] = 225
    """How long a sweep of offers asks before it lands what it has; a new one begins every four hours."""
    spapi_timeout_seconds: Annotated[float, Field(gt=0)] = 30.0
    max_document_mebibytes: Annotated[int, Field(ge=1)] = 2048
    """A document that unpacks to more than this is refused: a bomb or a mistake, never a vendor report."""
    minimum_free_mebibytes: Annotated[int, Field(ge=0)] = 512
    """Landing refuses to start with less disk than this to spare."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.agency_time_zone)

    @property
    def stack_file(self) -> Path:
        """What the local stack last started with: addresses, ports, passwords; readable by its owner only."""
        return self.home / "stack.json"

    @property
    def landing(self) -> Path:
        return self.landing_dir or self.home / "landing"

    @property
    def accounts_path(self) -> Path:
        """The operator's ``include/accounts.yml``, or the demo accounts that the local stack wrote."""
        if self.accounts_file is not None:
            return self.accounts_file
        own = CHECKOUT / "include" / "accounts.yml"
        return own if own.exists() else self.home / "accounts.yml"

    def warehouse_dsn(self) -> str:
        """The warehouse as a ``postgresql://`` URL.

        Raises:
            WarehouseNotConfigured: neither ``DAYBREAK_WAREHOUSE_URL`` nor a started local stack is there.
        """
        if self.warehouse_url is not None:
            return self.warehouse_url.get_secret_value()
        try:
            return str(json.loads(self.stack_file.read_text())["warehouse_url"])
        except (FileNotFoundError, KeyError, json.JSONDecodeError):
            raise WarehouseNotConfigured(
                "no warehouse is configured: run 'make up' for the local one, or set DAYBREAK_WAREHOUSE_URL "
                "to a Postgres 15+ database (postgresql://user:password@host:5432/name)"
            ) from None


@cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
