"""Facts that come as answers to many calls: who makes the calls of which dataset."""

from collections.abc import Mapping

from daybreak.steps.errands import Collector
from daybreak.steps.order_collecting import collect_orders
from daybreak.steps.page_collecting import collect_pages
from daybreak.steps.sweep_collecting import collect_offers

COLLECTORS: Mapping[str, Collector] = {
    "content_snapshot": collect_pages,
    "offer_snapshot": collect_offers,
    "purchase_order_line": collect_orders,
}
