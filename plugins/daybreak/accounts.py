"""Whose controls run: the client accounts, one marketplace and one currency each.

``include/accounts.yml`` is the operator's file; the dawn plan copies it to ``ops.account``, so that SQL and
people read one truth. Secrets are never here: an account names an Airflow connection.
"""

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

View = Literal["MANUFACTURING", "SOURCING"]
Language = Literal["en", "it"]
"""In which people are written to."""
Asin = Annotated[str, Field(pattern=r"^[A-Z0-9]{10}$")]


class AccountsFileError(ValueError):
    """The accounts file cannot be used; names the file, the account and the field."""


class Marketplace(BaseModel):
    """One Amazon store: its id in SP-API, currency and the calendar its days belong to."""

    model_config = ConfigDict(frozen=True)
    code: str
    marketplace_id: str
    currency_code: str
    time_zone: str
    vat_ratio: float
    locales: tuple[str, ...]
    """In which its pages are read, the first before the others, as ``it_IT``."""
    retail_seller_ids: tuple[str, ...] = ()
    """The seller ids under which Amazon itself sells there; empty where none is established."""


# Seller ids of Amazon retail as practitioners publish them; Amazon names them nowhere, an account may set others.
_RETAIL_SELLER_IDS = {
    "IT": ("A11IL2PNWYJU7H",),
    "DE": ("A3JWKAKR8XB7XF",),
    "FR": ("A1X6FK5RDHNB96",),
    "ES": ("A1AT7YVPFBWXBL",),
    "GB": ("A3P5ROKL5A1OLE",),
    "US": ("ATVPDKIKX0DER",),
    "CA": ("A3DWYIK6Y9EEQB",),
    "JP": ("AN1VRQENFRJN5",),
}
# Ids and locales: SP-API marketplace table. VAT: the standard rate of the country, an account may override it.
MARKETPLACES: dict[str, Marketplace] = {
    row[0]: Marketplace(
        code=row[0],
        marketplace_id=row[1],
        currency_code=row[2],
        time_zone=row[3],
        vat_ratio=row[4],
        locales=tuple(row[5].split()),
        retail_seller_ids=_RETAIL_SELLER_IDS.get(row[0], ()),
    )
    for row in (
        ("IT", "APJ6JRA9NG5V4", "EUR", "Europe/Rome", 0.22, "it_IT"),
        ("DE", "A1PA6795UKMFR9", "EUR", "Europe/Berlin", 0.19, "de_DE"),
        ("FR", "A13V1IB3VIYZZH", "EUR", "Europe/Paris", 0.20, "fr_FR"),
        ("ES", "A1RKKUPIHCS9HS", "EUR", "Europe/Madrid", 0.21, "es_ES"),
        ("NL", "A1805IZSGTT6HS", "EUR", "Europe/Amsterdam", 0.21, "nl_NL"),
        ("BE", "AMEN7PMS3EDWL", "EUR", "Europe/Brussels", 0.21, "fr_BE nl_BE"),
        ("PL", "A1C3SOZRARQ6R3", "PLN", "Europe/Warsaw", 0.23, "pl_PL"),
        ("SE", "A2NODRKZP88ZB9", "SEK", "Europe/Stockholm", 0.25, "sv_SE"),
        ("GB", "A1F83G8C2ARO7P", "GBP", "Europe/London", 0.20, "en_GB"),
        ("US", "ATVPDKIKX0DER", "USD", "America/Los_Angeles", 0.0, "en_US"),
        ("CA", "A2EUQ1WTGCTBG2", "CAD", "America/Los_Angeles", 0.0, "en_CA fr_CA"),
        ("JP", "A1VC38T7YXB528", "JPY", "Asia/Tokyo", 0.10, "ja_JP"),
    )
}


class Thresholds(BaseModel):
    """What an account may set otherwise; the defaults are those of ``docs/controls.md``."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    critical_cover_days: Annotated[float, Field(gt=0)] = 7
    low_cover_margin_days: Annotated[float, Field(ge=0)] = 7
    overstock_cover_days: Annotated[int, Field(gt=0, le=365)] = 84
    default_lead_time_days: Annotated[float, Field(gt=0)] = 14
    carrying_cost_ratio: Annotated[float, Field(ge=0, le=1)] = 0.25
    """What a year of holding stock costs, of its cost: capital, space, risk."""
    content_low_score: Annotated[float, Field(ge=0, le=100)] = 60
    """A page below it does not sell well."""
    today_line_count: Annotated[int, Field(ge=1)] = 15
    """How many lines a person can act on in a morning."""
    buy_box_good_ratio: Annotated[float, Field(gt=0, le=1)] = 0.8
    """The share of a week from which on a Buy Box counts as ours."""
    buy_box_confirming_hours: Annotated[float, Field(ge=0)] = 2
    """A Buy Box seen lost again this long after it was first seen lost is lost, and no flicker."""
    buy_box_target_hours: Annotated[float, Field(gt=0)] = 48
    """Within which it is to be won back."""
    buy_box_waiting_hours: Annotated[float, Field(ge=0)] = 24
    """How long to wait whether Amazon matches a lower price by itself."""
    below_market_index: Annotated[float, Field(gt=0, le=100)] = 95
    above_market_index: Annotated[float, Field(ge=100)] = 105
    amazon_minimum_margin_ratio: Annotated[float, Field(ge=0, lt=1)] = 0
    """What Amazon wants to keep of a price without VAT."""
    amazon_operating_cost_amount: Annotated[float, Field(ge=0)] = 0
    """What a unit costs Amazon beside its cost of goods, in the account's currency."""
    vendor_minimum_margin_ratio: Annotated[float, Field(ge=0, lt=1)] = 0
    """What the vendor wants to keep of what Amazon pays it."""
    back_margin_ratio: Annotated[float, Field(ge=0, lt=1)] = 0
    """What the vendor gives back to Amazon of the cost price, by its contract."""
    born_to_run_lead_days: Annotated[int, Field(ge=1, le=60)] = 20
    """Days from submitting the order to the first day of its window."""
    born_to_run_window_days: Annotated[int, Field(ge=7, le=180)] = 70
    born_to_run_retention_ratio: Annotated[float, Field(ge=0, le=1)] = 0.25
    """What the vendor pays, of cost, for units that did not sell and that Amazon keeps."""
    born_to_run_return_ratio: Annotated[float, Field(ge=0, le=1)] = 0.10
    """What it pays on top of cost for units that it takes back."""
    born_to_run_uncertainty_ratio: Annotated[float, Field(ge=0, le=2)] = 0.30
    """The least standard deviation of a window's demand, of its mean."""
    born_to_run_budget_amount: Annotated[float, Field(ge=0)] | None = None
    """The most that an order of one product may cost Amazon; None: no limit."""
    salvage_ratio: Annotated[float, Field(ge=0, le=1)] = 0.5
    """What of its unit cost the vendor still gets for a unit that came back."""
    drop_scales: Annotated[float, Field(gt=0)] = 3
    """How many times its usual spread a product's week must lie from what was expected to be a drop or a rise."""
    drop_minimum_amount: Annotated[float, Field(ge=0)] = 50
    """Money that a drop or a rise must be worth at least, in the account's currency."""
    drop_minimum_ratio: Annotated[float, Field(ge=0, le=1)] = 0.001
    """Share of the account's weekly revenue that it must be worth at least."""


class Account(BaseModel):
    """One vendor account of one client.

    ``vendor_connection_id`` names the Airflow connection with its LWA credentials; accounts that share a refresh
    token must share the connection, because Amazon counts their calls together. ``seller_connection_id`` names the
    connection of the client's seller account, whose Pricing role alone opens offers; without one there are none.
    ``watch_list`` names, for an ASIN of the client, its competitors and how many units each one's pack holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    account_id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    marketplace_code: str
    vendor_connection_id: str
    seller_connection_id: str | None = None
    own_seller_ids: tuple[str, ...] = ()
    """Seller accounts of the brand itself: a Buy Box that one of them holds is not lost."""
    retail_seller_ids: tuple[str, ...] = ()
    """Amazon's own seller ids where they differ from the marketplace's usual ones."""
    watch_list: dict[Asin, dict[Asin, Annotated[int, Field(ge=1)]]] = {}
    primary_distributor_view: View = "MANUFACTURING"
    distributor_views: tuple[View, ...] = ("MANUFACTURING",)
    vat_ratio: Annotated[float, Field(ge=0, lt=1)] | None = None
    """VAT on what it sells where this is not the marketplace's standard rate, as of food and books."""
    language: Language | None = None
    """In which its people read; None: Italian in Italy, English elsewhere."""
    is_active: bool = True
    thresholds: Thresholds = Thresholds()

    @model_validator(mode="after")
    def _check(self) -> "Account":
        if self.marketplace_code not in MARKETPLACES:
            raise ValueError(f"marketplace_code {self.marketplace_code!r} is none of {', '.join(MARKETPLACES)}")
        if self.primary_distributor_view not in self.distributor_views:
            raise ValueError("primary_distributor_view must be one of distributor_views")
        return self

    @property
    def marketplace(self) -> Marketplace:
        return MARKETPLACES[self.marketplace_code]

    @property
    def spoken_language(self) -> Language:
        return self.language or ("it" if self.marketplace_code == "IT" else "en")

    @property
    def own_or_standard_vat_ratio(self) -> float:
        return self.marketplace.vat_ratio if self.vat_ratio is None else self.vat_ratio

    @property
    def amazon_seller_ids(self) -> frozenset[str]:
        """The sellers that are Amazon itself for this account."""
        return frozenset(self.retail_seller_ids or self.marketplace.retail_seller_ids)


class AccountsFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    accounts: list[Account]

    @model_validator(mode="after")
    def _unique(self) -> "AccountsFile":
        seen: set[str] = set()
        for account in self.accounts:
            if account.account_id in seen:
                raise ValueError(f"account_id {account.account_id!r} stands twice")
            seen.add(account.account_id)
        return self


def read_accounts(path: Path) -> list[Account]:
    """The accounts of ``path``, in its order.

    Raises:
        AccountsFileError: the file is missing, is not YAML, or a field is wrong; the message names it.
    """
    try:
        raw = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise AccountsFileError(
            f"{path} is missing: copy include/accounts.example.yml there and name your accounts, or run 'make up'"
        ) from None
    except yaml.YAMLError as error:
        raise AccountsFileError(f"{path} is not YAML: {error}") from None
    try:
        return AccountsFile.model_validate(raw).accounts
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors())
        raise AccountsFileError(f"{path}: {problems}") from None
