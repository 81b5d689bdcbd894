"""The configuration file of a simulator: its clock, its secrets and its accounts."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from simulator.world.kinds import Kind
from simulator.world.recipes import known_rates


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


VENDOR_ROLES = (
    "Brand Analytics",
    "Product Listing",
    "Inventory and Order Tracking",
    "Amazon Fulfillment",
)
"""Amazon gives a vendor's application these. The Pricing role is not among them."""
SELLER_ROLES = ("Pricing", "Product Listing", "Selling Partner Insights")


class SellerConfig(BaseModel):
    """The brand's own seller account in the same marketplace: the second credential, with the Pricing role.

    Accounts may share one; Amazon then counts their calls together.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr
    refresh_token: SecretStr
    seller_id: Annotated[str, Field(pattern=r"^A[A-Z0-9]{9,19}$")]
    roles: tuple[str, ...] = SELLER_ROLES

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _only(value, SELLER_ROLES)


class AccountConfig(BaseModel):
    """One vendor account: one marketplace, one currency, one calendar. ``asins`` is the size of its catalogue.

    ``roles`` are what the vendor's own token may do; ``seller`` is null where the brand has no seller account.
    """

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
    roles: tuple[str, ...] = VENDOR_ROLES
    seller: SellerConfig | None = None

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _only(value, VENDOR_ROLES)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no IANA time zone") from error
        return value


class WorldConfig(BaseModel):
    """How much happens: ``incident_rates`` per 1,000 ASINs and 30 days (per account and 30 days for what strikes a
    whole account), by kind; a kind that is not named has its usual rate, see ``simulator/world/recipes.py``.
    """

    model_config = ConfigDict(extra="forbid")
    incident_rates: dict[Kind, Annotated[float, Field(ge=0, le=1_000)]] = {}

    @field_validator("incident_rates")
    @classmethod
    def _drawn_kinds(cls, value: dict[Kind, float]) -> dict[Kind, float]:
        known_rates(value)
        return value


class SimulatorConfig(BaseModel):
    """The whole file. Two accounts may share a refresh token (and then its quota) if their marketplaces differ."""

    model_config = ConfigDict(extra="forbid")
    seed: Annotated[int, Field(ge=0)] = 0
    start_date: date
    clock: ClockConfig = ClockConfig()
    world: WorldConfig = WorldConfig()
    public_base_url: str | None = None
    control_token: SecretStr
    accounts: Annotated[list[AccountConfig], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> "SimulatorConfig":
        names: set[str] = set()
        for account in self.accounts:
            if account.account_id in names:
                raise ValueError(f"account_id {account.account_id!r} stands twice")
            names.add(account.account_id)
        _check_tokens(self.accounts)
        if not self.control_token.get_secret_value():
            raise ValueError("control_token must not be empty")
        return self


def _check_tokens(accounts: list[AccountConfig]) -> None:
    """A refresh token belongs to one client, one kind of selling partner and one set of roles.

    Raises:
        ValueError: two accounts disagree about a token, or use it for one marketplace.
    """
    reach: set[tuple[str, str]] = set()
    owners: dict[str, tuple[object, ...]] = {}
    for account in accounts:
        partners: list[AccountConfig | SellerConfig] = [account, *([account.seller] if account.seller else [])]
        for partner in partners:
            token = partner.refresh_token.get_secret_value()
            seller_id = partner.seller_id if isinstance(partner, SellerConfig) else None
            owner = (partner.client_id, partner.client_secret.get_secret_value(), seller_id, partner.roles)
            if (token, account.marketplace_id) in reach:
                raise ValueError(f"account {account.account_id!r} repeats a refresh token and marketplace")
            if owners.setdefault(token, owner) != owner:
                raise ValueError(f"account {account.account_id!r} shares a refresh token under other client or roles")
            reach.add((token, account.marketplace_id))


def _only(roles: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [role for role in roles if role not in known]
    if unknown:
        raise ValueError(f"no role of this kind of partner: {', '.join(unknown)} (there are {', '.join(known)})")
    return roles


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
