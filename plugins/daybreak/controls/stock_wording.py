"""What a stock status means for the account manager: what to do, and how soon."""

from typing import Literal

Lane = Literal["today", "watch", "weekly"]

# Order: most urgent first. People read dates of stock-out, not days of cover.
STATUS_WORDS: dict[str, tuple[Lane, str]] = {
    "out_of_stock": ("today", "Out of stock: ship open orders now, or offer a vendor-initiated order"),
    "critical": ("today", "Runs out within a week: confirm or bring forward the next delivery"),
    "low_local_stock": ("watch", "Amazon offers it without local stock: check where it ships from"),
    "low": ("today", "Runs out before a new order can arrive: ask Amazon for an order"),
    "unconfirmed": ("watch", "Stock was zero in the newest report, which is days old: check the page"),
    "overstock": ("weekly", "More stock than three months of sales: plan a promotion or expect fewer orders"),
    "dead_stock": ("weekly", "Does not sell: price, page or return to vendor"),
}


def lane_of(stock_status_code: str) -> Lane:
    """Whether a status is for today, to watch, or for the weekly round."""
    return STATUS_WORDS[stock_status_code][0]


def advice_for(stock_status_code: str) -> str:
    """One sentence that says what to do about a status."""
    return STATUS_WORDS[stock_status_code][1]
