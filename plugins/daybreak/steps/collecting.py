"""Facts that come as answers to many calls: who makes the calls of which dataset."""

from collections.abc import Mapping

from daybreak.steps.errands import Collector
from daybreak.steps.order_collecting import collect_orders

COLLECTORS: Mapping[str, Collector] = {
    "purchase_order_line": collect_orders,
}
