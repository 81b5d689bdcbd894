"""Every offer on the account's products and on its competitors', at any instant."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from simulator.world.competitors import Competitors
from simulator.world.draws import Purpose, generator
from simulator.world.incidents import Incident
from simulator.world.kinds import Kind
from simulator.world.offers import DayPlan, MarketOffer, retail_offer, seller_offer, with_featured
from simulator.world.rivals import seller_ids

if TYPE_CHECKING:
    from simulator.world.history import AccountWorld, Span

_RETAIL_SELLERS = {
    "A1PA6795UKMFR9": "A3JWKAKR8XB7XF",
    "A13V1IB3VIYZZH": "A1X6FK5RDHNB96",
    "APJ6JRA9NG5V4": "A11IL2PNWYJU7H",
    "A1RKKUPIHCS9HS": "A1AT7YVPFBWXBL",
    "A1F83G8C2ARO7P": "A3P5ROKL5A1OLE",
    "ATVPDKIKX0DER": "ATVPDKIKX0DER",
    "A2EUQ1WTGCTBG2": "A3DWYIK6Y9EEQB",
    "A1AM78C64UM0Y8": "AVDBXBAVVSXLQ",
    "A2Q3Y263D00KWC": "A1ZZFT5FULY4LN",
    "A1VC38T7YXB528": "AN1VRQENFRJN5",
}
"""Amazon's own seller id by marketplace id."""
_OWN_MARKUP = 0.04
"""The brand's own offer over Amazon's usual price."""
_FLICKER_GAP = 0.01


class Market:
    """Who offers what. Everything follows from the world's day figures, its script and the seed."""

    def __init__(self, world: "AccountWorld") -> None:
        self._world = world
        self._zone = ZoneInfo(world.account.time_zone)
        self._chances: tuple[int, np.ndarray] = (-1, np.zeros(0))

    @cached_property
    def _ids(self) -> tuple[str, ...]:
        return seller_ids(self._world.key, self._world.rivals.count + 2)

    @cached_property
    def sellers(self) -> tuple[str, ...]:
        """The ids of the other sellers, by their number."""
        return self._ids[2:]

    @property
    def own_seller_id(self) -> str | None:
        """The brand's own seller account, if it has one; it offers the catalogue's ``is_self_sold`` products."""
        seller = self._world.account.seller
        return seller.seller_id if seller else None

    @property
    def retail_seller_ids(self) -> tuple[str, str]:
        """Amazon's own seller id in the marketplace, and the second one under which it sells now and then."""
        return _RETAIL_SELLERS.get(self._world.account.marketplace_id, self._ids[0]), self._ids[1]

    @cached_property
    def rivals_elsewhere(self) -> Competitors:
        return Competitors(self._world.catalogue, self._world.prices)

    @property
    def competitors(self) -> Mapping[int, tuple[str, ...]]:
        """Competing products by own ASIN number; products that are compared with none are absent."""
        return self.rivals_elsewhere.watched

    def competitor_pack(self, asin: str) -> int:
        """Units in one pack of a competing product; own products are single units."""
        return self.rivals_elsewhere.pack(asin)

    def competitor_offers_at(self, competitor_asin: str, instant: datetime) -> tuple[MarketOffer, ...]:
        """The offers on a competing product; none while it is sold out.

        Raises:
            KeyError: no product of the account is compared with it.
        """
        day, _ = self._moment(instant)
        return self.rivals_elsewhere.offers(competitor_asin, day, self.retail_seller_ids[0], self.sellers)

    def offers_at(self, index: int, instant: datetime) -> tuple[MarketOffer, ...]:
        """The offers on ASIN number ``index`` by landed price, the featured one marked; none while its page is gone.

        Over a day Amazon is featured for ``featured_share`` of it and nobody for ``suppressed_share``.
        """
        day, minute = self._moment(instant)
        script = self._world.script
        if day < 1 or index in script.drawn(Kind.PAGE_GONE, day, day).index or not self._is_listed(index, day):
            return ()
        figures = self._world.span(self._world.date_of(day - 1), self._world.date_of(day))
        plan = self._plan(index, day, figures)
        others = self._others(index, day)
        state = plan.state(minute)
        retail = None
        if minute < plan.open_share * 1_440 and index not in script.drawn(Kind.OFFER_MISSING, day, day).index:
            retail = self._retail(index, day, figures)
        flicker = self._flicker(index, day, minute, figures) if state == "retail" and retail else None
        own = self._own(index, day)
        offers = [offer for offer in (retail, flicker, *own, *others) if offer is not None]
        if state == "suppressed":
            winner = None
        elif state == "retail" and retail:
            winner = flicker or retail
        elif state == "other":
            winner = min(others, key=_rank, default=retail)
        else:
            winner = min([*own, *others], key=_rank, default=None)
        return with_featured(offers, winner)

    def _moment(self, instant: datetime) -> tuple[int, int]:
        """Day index and minute of the day of ``instant`` in the account's calendar."""
        local = instant.astimezone(self._zone)
        return self._world.index_of(local.date()), local.hour * 60 + local.minute

    def _is_listed(self, index: int, day: int) -> bool:
        return bool(self._world.catalogue.listed(day)[index])

    def _plan(self, index: int, day: int, figures: "Span") -> DayPlan:
        number = {name: float(figures[name][1, index]) for name in ("on_hand", "ordered", "cancelled")}
        allowance = float(self._world.stock.backorder_allowance[index])
        at_first = number["on_hand"] + number["ordered"] - number["cancelled"] + allowance
        at_last = number["on_hand"] + allowance
        before, today = figures["featured_share"][:, index].tolist()
        return DayPlan(
            featured=today,
            suppressed=float(figures["suppressed_share"][1, index]),
            featured_before=before,
            open_share=0.0 if at_first <= 0 else 0.5 if at_last <= 0 else 1.0,
            chance=float(self._chances_of(day)[index]),
        )

    def _chances_of(self, day: int) -> np.ndarray:
        drawn, chances = self._chances
        if drawn != day:
            chances = generator(self._world.key, Purpose.WINDOWS, day).random(self._world.catalogue.size)
            self._chances = (day, chances)
        return chances

    def _retail(self, index: int, day: int, figures: "Span") -> MarketOffer:
        second = index in self._world.script.drawn(Kind.SECOND_AMAZON_SELLER, day, day).index
        in_stock = bool(figures["on_hand"][1, index] + figures["ordered"][1, index] > 0)
        return retail_offer(self.retail_seller_ids[second], self._money(figures["price"][1, index]), in_stock)

    def _own(self, index: int, day: int) -> list[MarketOffer]:
        seller_id = self.own_seller_id
        if seller_id is None or not self._world.catalogue.is_self_sold[index]:
            return []
        price = self._money(self._world.prices.usual(day)[index] * (1 + _OWN_MARKUP))
        return [self._offer(seller_id, price, True, 1)]

    def _flicker(self, index: int, day: int, minute: int, figures: "Span") -> MarketOffer | None:
        """A seller who is there, and wins, for some minutes only."""
        for incident in self._struck(Kind.FLICKER, index, day):
            first = incident.detail["first_minute"]
            if first <= minute < first + incident.detail["minutes"]:
                price = self._money(figures["price"][1, index] * (1 - _FLICKER_GAP))
                return self._offer(self.sellers[index % len(self.sellers)], price, True, index)
        return None

    def _others(self, index: int, day: int) -> list[MarketOffer]:
        """Every other seller's offer of the day; an undercutting one stands for a standing one of the same name."""
        world, standing = self._world, self._world.rivals.standing
        usual = float(world.prices.usual(day)[index])
        found: dict[int, MarketOffer] = {}
        for place in np.flatnonzero(world.rivals.of(day).present[:, index]).tolist():
            number = int(standing.seller[place, index])
            price = self._money(usual * (1 + float(standing.markup[place, index])))
            quick = bool(standing.is_fulfilled_by_amazon[place, index])
            offer = self._offer(self.sellers[number], price, quick, number)
            if number not in found or offer.landed_price < found[number].landed_price:
                found[number] = offer
        for incident in self._struck(Kind.UNDERCUT, index, day):
            number = incident.detail["seller_number"]
            price = self._money(usual * (1 - incident.size))
            found[number] = self._offer(self.sellers[number], price, incident.detail["is_fulfilled_by_amazon"], number)
        return list(found.values())

    def _struck(self, kind: Kind, index: int, day: int) -> list[Incident]:
        return self._world.script.drawn(kind, day, day).of_asin(index).told(kind)

    def _offer(self, seller_id: str, price: float, is_fulfilled_by_amazon: bool, weight: int) -> MarketOffer:
        return seller_offer(seller_id, price, is_fulfilled_by_amazon, weight, self._world.catalogue.decimals)

    def _money(self, value: float) -> float:
        return round(float(value), self._world.catalogue.decimals)


def _rank(offer: MarketOffer) -> tuple[float, str]:
    return offer.landed_price, offer.seller_id
