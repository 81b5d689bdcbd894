"""Which decoder reads a dataset's document."""

from collections.abc import Callable, Mapping
from typing import Any

from daybreak.datasets import PERIOD_REPORTS
from daybreak.landing.analytics import decode_featured_offer_loss
from daybreak.landing.campaigns import decode_campaigns
from daybreak.landing.client_products import decode_products
from daybreak.landing.client_promotions import decode_planned
from daybreak.landing.decoded import Decoded
from daybreak.landing.documents import Document
from daybreak.landing.forecasts import decode_forecast
from daybreak.landing.offers import decode_offers, decode_snapshots
from daybreak.landing.pages import decode_pages
from daybreak.landing.purchase_orders import decode_purchase_orders
from daybreak.landing.real_time import decode_hours
from daybreak.landing.reports import decode_report
from daybreak.landing.specifications import ExpectedReport
from daybreak.sources import Dataset

# Each decoder takes its own kind of dataset; the registry's keys see to it that it gets no other.
Decoder = Callable[[Document, Any, ExpectedReport, str], Decoded]

DECODERS: Mapping[str, Decoder] = {
    **dict.fromkeys(PERIOD_REPORTS, decode_report),
    "featured_offer_loss_daily": decode_featured_offer_loss,
    "forecast_weekly": decode_forecast,
    "sales_hourly": decode_hours,
    "traffic_hourly": decode_hours,
    "inventory_hourly": decode_hours,
    "promotion": decode_campaigns,
    "offer_snapshot": decode_snapshots,
    "offer": decode_offers,
    "content_snapshot": decode_pages,
    "purchase_order_line": decode_purchase_orders,
}

SUPPLIED_DECODERS: Mapping[str, Decoder] = {
    "product": decode_products,
    "promotion": decode_planned,
}
"""For what comes in the client's own files."""


def decode_document(data: Document, dataset: Dataset, expected: ExpectedReport, file_name: str) -> Decoded:
    """The document ``data`` of ``dataset``, checked and cut into dates; ``data`` must not change meanwhile.

    Raises:
        LandingFailure: the document as a whole cannot be used; the message says why and what to do.
    """
    decoder = SUPPLIED_DECODERS if expected.variant in dataset.supplied_variants else DECODERS
    return decoder[dataset.key](data, dataset, expected, file_name)
