"""Amazon's answers about offers, read tolerantly: what is missing stays missing, and no price is made up."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from daybreak.landing.batch_answers import Answered, members, text_of
from daybreak.landing.rejections import RowProblem, RowRefused

_KNOWN = {
    "": "asin sku status marketplaceid itemcondition identifier summary offers",
    "Offers[].": "myoffer offertype subcondition sellerid conditionnotes sellerfeedbackrating shippingtime "
    "listingprice quantitydiscountprices points shipping shipsfrom isfulfilledbyamazon primeinformation isbuyboxwinner "
    "isfeaturedmerchant landedprice",
}
_KNOWN_NAMES = {place: frozenset(names.split()) for place, names in _KNOWN.items()}


@dataclass(frozen=True)
class Price:
    """An amount above 0 (for shipping: 0 or more) and the currency that it came with."""

    amount: Decimal
    currency_code: str | None


@dataclass(frozen=True)
class Offer:
    """One offer as Amazon listed it; what it did not say is None. ``index`` is its place in the list, from 1."""

    index: int
    seller_id: str | None
    condition_code: str | None
    landed: Price | None
    listing: Price | None
    shipping: Price | None
    is_featured: bool
    is_prime: bool | None
    is_fulfilled_by_amazon: bool | None

    @property
    def is_new(self) -> bool:
        """Only new offers are asked for: one that does not say its condition is new."""
        return self.condition_code in (None, "new")

    @property
    def landed_amount(self) -> Decimal | None:
        """What a customer pays: Amazon's landed price, else listing and shipping (none given: 0)."""
        if self.landed is not None:
            return self.landed.amount
        if self.listing is None:
            return None
        return self.listing.amount + (self.shipping.amount if self.shipping else 0)

    @property
    def currencies(self) -> set[str | None]:
        return {price.currency_code for price in (self.landed, self.listing, self.shipping) if price is not None}


@dataclass(frozen=True)
class BuyBoxPrice:
    """A price of the summary's Buy Box for consumers and new goods, with its seller where Amazon names one."""

    seller_id: str | None
    landed_amount: Decimal


@dataclass(frozen=True)
class ItemOffers:
    """What Amazon listed for one product."""

    marketplace_id: str | None
    offers: tuple[Offer, ...]
    buy_box: tuple[BuyBoxPrice, ...]
    total_count: int | None = None
    """Offers that Amazon counts; it lists at most the 20 cheapest."""
    unknown_fields: frozenset[str] = frozenset()


def read_offers(part: Answered) -> ItemOffers:
    """The offers of one product in an answer of Pricing v0.

    Raises:
        RowRefused: names the field that is not what it should be.
    """
    summary = members(part.body.get("summary"))
    listed = part.body.get("offers")
    if listed is None and (part.body.get("status") == "NoBuyableOffers" or summary.get("totaloffercount") == 0):
        listed = []
    if not isinstance(listed, list):
        raise RowRefused(RowProblem("Offers", "there is no list of offers"))
    marketplace = part.body.get("marketplaceid") or members(part.body.get("identifier")).get("marketplaceid")
    return ItemOffers(
        marketplace if isinstance(marketplace, str) else None,
        tuple(_offer(place, each) for place, each in enumerate(listed, 1) if not _is_for_business(each)),
        tuple(_buy_box(summary)),
        summary.get("totaloffercount") if isinstance(summary.get("totaloffercount"), int) else None,
        frozenset(_unknown(part, listed)),
    )


def read_featured(part: Answered, first_index: int) -> tuple[Offer, ...] | None:
    """The offers that the competitive summary says are featured for new goods; None where it does not say.

    Raises:
        RowRefused: names the field that is not what it should be.
    """
    options = part.body.get("featuredbuyingoptions")
    if not isinstance(options, list):
        return None
    segments: list[Any] = []
    for option in map(members, options):
        if str(option.get("buyingoptiontype") or "New").lower() == "new":
            segments += option.get("segmentedfeaturedoffers") or []
    return tuple(_summarised(first_index + place, members(each)) for place, each in enumerate(segments))


def _offer(index: int, raw: Any) -> Offer:
    offer = members(raw)
    where = f"Offers[{index}]"
    prime = members(offer.get("primeinformation")).get("isprime")
    return Offer(
        index=index,
        seller_id=text_of(offer.get("sellerid")),
        condition_code=_condition(offer.get("subcondition")),
        landed=_price(offer.get("landedprice"), f"{where}.LandedPrice"),
        listing=_price(offer.get("listingprice"), f"{where}.ListingPrice"),
        shipping=_price(offer.get("shipping"), f"{where}.Shipping", least=Decimal(0)),
        is_featured=offer.get("isbuyboxwinner") is True,
        is_prime=prime if isinstance(prime, bool) else None,
        is_fulfilled_by_amazon=_flag(offer.get("isfulfilledbyamazon")),
    )


def _summarised(index: int, offer: dict[str, Any]) -> Offer:
    where = f"segmentedFeaturedOffers[{index}]"
    shipping = [members(each) for each in offer.get("shippingoptions") or ()]
    default = next((each for each in shipping if each.get("shippingoptiontype") == "DEFAULT"), {})
    fulfilment = text_of(offer.get("fulfillmenttype"))
    return Offer(
        index=index,
        seller_id=text_of(offer.get("sellerid")),
        condition_code=_condition(offer.get("condition")),
        landed=None,
        listing=_price(offer.get("listingprice"), f"{where}.listingPrice"),
        shipping=_price(default.get("price"), f"{where}.shippingOptions", least=Decimal(0)),
        is_featured=True,
        is_prime=None,
        is_fulfilled_by_amazon=None if fulfilment is None else fulfilment == "AFN",
    )


def _buy_box(summary: dict[str, Any]) -> Iterator[BuyBoxPrice]:
    """Prices for companies and for quantities are other prices than the page's."""
    for raw in summary.get("buyboxprices") or ():
        price = members(raw)
        if (
            _is_for_business(raw)
            or price.get("quantitytier")
            or _condition(price.get("condition")) not in (None, "new")
        ):
            continue
        landed = _price(price.get("landedprice"), "Summary.BuyBoxPrices.LandedPrice")
        listing = _price(price.get("listingprice"), "Summary.BuyBoxPrices.ListingPrice")
        found = landed or listing
        if found is not None:
            yield BuyBoxPrice(text_of(price.get("sellerid")), found.amount)


def _price(raw: Any, where: str, least: Decimal | None = None) -> Price | None:
    """A price of 0 or less, or none, is no price; ``least`` is the smallest that counts where 0 does."""
    if raw is None:
        return None
    money = members(raw)
    amount = money.get("amount")
    if amount is None:
        return None
    if isinstance(amount, bool) or not isinstance(amount, (int, Decimal)):
        raise RowRefused(RowProblem(where, f"the amount is no number: {str(amount)[:40]!r}"))
    exact = Decimal(amount)
    if exact < least if least is not None else exact <= 0:
        return None
    return Price(exact, text_of(money.get("currencycode")))


def _unknown(part: Answered, listed: list[Any]) -> Iterator[str]:
    yield from (name for name in part.body if name not in _KNOWN_NAMES[""])
    for offer in listed:
        yield from (f"Offers[].{name}" for name in members(offer) if name not in _KNOWN_NAMES["Offers[]."])


def _is_for_business(raw: Any) -> bool:
    return members(raw).get("offertype") == "B2B"


def _flag(raw: Any) -> bool | None:
    return raw if isinstance(raw, bool) else None


def _condition(raw: Any) -> str | None:
    text = text_of(raw)
    return text.lower() if text else None
