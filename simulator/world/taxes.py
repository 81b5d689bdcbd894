"""Value-added tax on the price that a page shows."""

_STANDARD_RATIOS = {
    "A1PA6795UKMFR9": 0.19,
    "A13V1IB3VIYZZH": 0.20,
    "APJ6JRA9NG5V4": 0.22,
    "A1RKKUPIHCS9HS": 0.21,
    "A1F83G8C2ARO7P": 0.20,
    "A1805IZSGTT6HS": 0.21,
    "AMEN7PMS3EDWL": 0.21,
    "A1C3SOZRARQ6R3": 0.23,
    "A2NODRKZP88ZB9": 0.25,
    "A28R8C7NBKEWEA": 0.23,
    "A1VC38T7YXB528": 0.10,
    "A39IBJ37TRP1C6": 0.10,
}
"""By marketplace id; a marketplace that is not named shows prices without tax."""


def vat_ratio(marketplace_id: str) -> float:
    """The standard rate of the marketplace, 0 where pages show prices without tax."""
    return _STANDARD_RATIOS.get(marketplace_id, 0.0)
