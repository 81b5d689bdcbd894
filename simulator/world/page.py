"""A product page as it stands on one day."""

from dataclasses import dataclass

from simulator.world.page_drafts import Draft


@dataclass(frozen=True)
class Page:
    """What the catalogue knows about one ASIN on one day. Of what is None or empty the page says nothing."""

    asin: str
    draft: Draft
    manufacturer: str
    is_own: bool
    part_number: str = ""
    ean: str = ""
    list_price: float | None = None
    has_a_plus: bool = False
    parent_asin: str | None = None
    child_asins: tuple[str, ...] = ()
    is_parent: bool = False
    case_asin: str | None = None
    """The page that sells this product by the case."""
    single_asin: str | None = None
    """The product that this page sells by the case."""
    department_rank: int | None = None
    shelf_rank: int | None = None
    replenishment: str | None = None
    release_day: int | None = None
    units: int = 1
    """How many pieces one buys with one order."""
