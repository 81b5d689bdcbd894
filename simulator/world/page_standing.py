"""Where a product stands with Amazon: its sales ranks and how Amazon means to buy it."""

from typing import TYPE_CHECKING

from simulator.world.page_days import PageDay
from simulator.world.seasons import category_season
from simulator.world.shelves import Shelf

if TYPE_CHECKING:
    from simulator.world.history import AccountWorld

LEADING_DAYS = 14
"""A page is there this long before its product is launched."""
_NEW_DAYS = 60
_SEASONAL_CATEGORIES = (1, 2)


def ranks_of(units: float, shelf: Shelf) -> tuple[int | None, int | None]:
    """Sales ranks in the department and on the shelf of ``units`` sold a day; no rank without a sale."""
    if units <= 0:
        return None, None
    department = max(1, int(90_000 / (units + 0.05) ** 0.85))
    return department, max(1, department // (30 + shelf.number))


def replenishment_of(world: "AccountWorld", index: int, day: int, today: PageDay) -> str:
    """The replenishment category of ``vendorDetails``: it follows the life cycle, the season and the supply."""
    catalogue = world.catalogue
    if day >= catalogue.end_day[index] or index in today.wrongly_obsolete:
        return "OBSOLETE"
    if day < catalogue.launch_day[index] + _NEW_DAYS:
        return "NEW_PRODUCT"
    if index in today.out_of_supply:
        return "MANUFACTURER_OUT_OF_STOCK"
    if catalogue.is_dead[index]:
        return "LIMITED_REPLENISHMENT"
    category = int(catalogue.category[index])
    if category in _SEASONAL_CATEGORIES:
        return "IN_SEASON" if category_season(world.date_of(day))[category] >= 1 else "PLANNED_REPLENISHMENT"
    return "BASIC_REPLENISHMENT"
