"""The configuration file of a simulator: its clock, its secrets and its accounts."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator


class ConfigError(ValueError):
    """The configuration file cannot be used; names the file and the field."""


class ClockConfig(BaseModel):
    """Where the world's time stands at start (null: the real time) and how fast rates and lags run."""

    model_config = ConfigDict(extra="forbid")
    now: datetime | None = None
    speed: Annotated[float, Field(gt=0, le=100_000)] = 1.0

    @field_validator("now")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class AccountConfig(BaseModel):
    """One vendor account: one marketplace, one currency, one calendar. ``asins`` is the size of its catalogue."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    account_id: Annotated[str, Field(min_length=1, max_length=100)]
    marketplace_id: Annotated[str, Field(min_length=1)]
    currency_code: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    time_zone: str
    asins: Annotated[int, Field(ge=1, le=200_000)]
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr
    refresh_token: SecretStr
    seed_offset: Annotated[int, Field(ge=0)] = 0

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no IANA time zone") from error
        return value


class SimulatorConfig(BaseModel):
    """The whole file. Two accounts may share a refresh token (and then its quota) if their marketplaces differ."""

    model_config = ConfigDict(extra="forbid")
    seed: Annotated[int, Field(ge=0)] = 0
    start_date: date
    clock: ClockConfig = ClockConfig()
    public_base_url: str | None = None
    control_token: SecretStr
    accounts: Annotated[list[AccountConfig], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> "SimulatorConfig":
        names: set[str] = set()
        reach: set[tuple[str, str]] = set()
        secrets: dict[str, tuple[str, str]] = {}
        for account in self.accounts:
            token = account.refresh_token.get_secret_value()
            login = (account.client_id, account.client_secret.get_secret_value())
            if account.account_id in names:
                raise ValueError(f"account_id {account.account_id!r} stands twice")
            if (token, account.marketplace_id) in reach:
                raise ValueError(f"account {account.account_id!r} repeats a refresh token and marketplace")
            if secrets.setdefault(token, login) != login:
                raise ValueError(f"account {account.account_id!r} shares a refresh token under another client")
            names.add(account.account_id)
            reach.add((token, account.marketplace_id))
        if not self.control_token.get_secret_value():
            raise ValueError("control_token must not be empty")
        return self


def read_config(path: Path) -> SimulatorConfig:
    """The configuration in ``path``.

    Raises:
        ConfigError: the file is missing, is not YAML, or a field is wrong; values are not repeated, they may be secret.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} is missing") from None
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        raise ConfigError(f"{path} is not YAML{f' (line {place.line + 1})' if place else ''}") from None
    try:
        return SimulatorConfig.model_validate(raw)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']}" for item in error.errors())
        raise ConfigError(f"{path}: {problems}") from None
