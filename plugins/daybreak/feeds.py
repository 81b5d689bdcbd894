"""Which controls are made of which dataset, as docs/controls.md defines them: what is lost where it cannot be read."""

from collections.abc import Iterable
from typing import Final

_STOCK: Final = "stock coverage"
_BORN_TO_RUN: Final = "Born to Run"
_BUY_BOX: Final = "Buy Box"
_PAGE: Final = "page score"
_PRICE: Final = "price and margin"
_DRIVERS: Final = "sales drivers"
_ALARMS: Final = "sales alarms"

FEEDS: Final[dict[str, tuple[str, ...]]] = {
    "sales_daily": (_STOCK, _BORN_TO_RUN, _BUY_BOX, _PRICE, _DRIVERS, _ALARMS),
    "inventory_daily": (_STOCK, _BORN_TO_RUN, _BUY_BOX),
    "traffic_daily": (_DRIVERS,),
    "margin_daily": (_PRICE, _BORN_TO_RUN),
    "featured_offer_loss_daily": (_BUY_BOX, _DRIVERS),
    "forecast_weekly": (_STOCK, _BORN_TO_RUN),
    "sales_hourly": (_ALARMS,),
    "traffic_hourly": (_ALARMS,),
    "inventory_hourly": (_STOCK,),
    "promotion": (_STOCK, _PRICE, _ALARMS),
    "purchase_order_line": (_STOCK, _BORN_TO_RUN),
    "content_snapshot": (_PAGE,),
    "offer_snapshot": (_BUY_BOX, _PRICE, _BORN_TO_RUN),
    "offer": (_BUY_BOX, _PRICE),
    "product": (_PRICE, _BORN_TO_RUN),
}
"""The controls that are wrong, coarser or unknown without the dataset, the most affected first."""


def controls_fed_by(dataset_codes: Iterable[str]) -> tuple[str, ...]:
    """The controls that any of these datasets feeds, each once, in the order of their first mention."""
    return tuple(dict.fromkeys(control for code in dataset_codes for control in FEEDS.get(code, ())))
