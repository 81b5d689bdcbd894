"""Each cause has its effect: a world in which one kind of incident is drawn, beside the same world without any."""

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache

import numpy as np
import pytest

from simulator.world.history import AccountWorld, Span
from simulator.world.incidents import Incident, Kind
from simulator.world.recipes import RECIPES
from simulator.world.supply import USUAL_DELAY_DAYS

from .conftest import MakeAccount

FIRST, LAST = date(2025, 3, 1), date(2025, 9, 30)
START = date(2025, 1, 1)
OFTEN = 60.0

WorldOf = Callable[..., AccountWorld]


@pytest.fixture(scope="module")
def world_of(make_account: MakeAccount) -> WorldOf:
    account = make_account(asins=400)

    @cache
    def make(kind: Kind | None = None) -> AccountWorld:
        rates = dict.fromkeys(RECIPES, 0.0)
        if kind is not None:
            rates[kind] = OFTEN
        return AccountWorld(account, 7, START, rates)

    return make


def struck(world: AccountWorld, kind: Kind) -> Iterator[tuple[Incident, slice]]:
    """The incidents of ``kind`` wholly between the first and last day, and the rows of a span on which they hold."""
    low, high = world.index_of(FIRST), world.index_of(LAST)
    found = [one for one in world.script.between(low, high) if one.kind is kind]
    for one in found:
        if low <= one.first_day and one.last_day <= high:
            yield one, slice(one.first_day - low, one.last_day - low + 1)


def ratio(world_of: WorldOf, kind: Kind, figure: str, of: Callable[[Incident], bool] = lambda _: True) -> float:
    """The sum of ``figure`` over the days and products struck by ``kind``, over the same sum in the quiet world."""
    quiet, moved = world_of().span(FIRST, LAST), world_of(kind).span(FIRST, LAST)
    cells = [(one, rows) for one, rows in struck(world_of(kind), kind) if of(one)]
    assert len(cells) > 20
    before = sum(float(quiet[figure][rows, one.index].astype(float).sum()) for one, rows in cells)
    after = sum(float(moved[figure][rows, one.index].astype(float).sum()) for one, rows in cells)
    assert before > 0
    return after / before


def large(one: Incident) -> bool:
    low, high = RECIPES[one.kind].size
    return low <= one.size <= high


def unmatched(one: Incident) -> bool:
    return large(one) and one.detail["follow_days"] is None and one.detail["is_fulfilled_by_amazon"]


def test_an_undercut_takes_the_buy_box_the_views_and_the_sales(world_of: WorldOf) -> None:
    assert ratio(world_of, Kind.UNDERCUT, "featured_share", unmatched) < 0.35
    assert ratio(world_of, Kind.UNDERCUT, "views", unmatched) < 0.5
    assert ratio(world_of, Kind.UNDERCUT, "ordered", unmatched) < 0.6
    assert ratio(world_of, Kind.UNDERCUT, "all_views", unmatched) > 0.8


def test_amazon_takes_the_buy_box_back_where_it_follows_the_price(world_of: WorldOf) -> None:
    world = world_of(Kind.UNDERCUT)
    span = world.span(FIRST, LAST)
    followed = 0
    for one, rows in struck(world, Kind.UNDERCUT):
        later = slice(rows.start + (one.detail["follow_days"] or 0), rows.stop)
        price, other = span["price"][later, one.index], span["other_price"][later, one.index]
        least = 1.03 * span["cost"][later, one.index] * (1 + world.vat_ratio) + 0.01
        in_stock = span["on_hand"][later, one.index] > 0
        if one.detail["follow_days"] is None or not large(one):
            continue
        matched = (price <= other) | (price <= least)
        assert matched.all(), one
        can_match = in_stock & (price <= other)
        followed += int(can_match.sum())
        assert (span["featured_share"][later, one.index][can_match][1:] >= 0.45).all(), one
    assert followed > 50


def test_without_stock_amazon_is_not_featured(world_of: WorldOf) -> None:
    world = world_of(Kind.PO_REJECTED)
    span = world.span(FIRST, LAST)
    nothing = span["on_hand"] + world.stock.backorder_allowance <= 0
    all_day = nothing[1:] & nothing[:-1] & (span["received"][1:] <= 0) & (span["resellable"][1:] == 0)
    closed = all_day & (span["cancelled"][:-1] == 0)
    assert closed.sum() > 1_000
    assert span["featured_share"][1:][closed].max() == 0
    assert span["views"][1:][closed].sum() == 0
    assert span["ordered"][1:][closed].sum() == 0


def test_goods_that_have_yet_to_arrive_lose_the_buy_box_to_sellers_who_have_them(world_of: WorldOf) -> None:
    world = world_of(Kind.PO_REJECTED)
    span = world.span(FIRST, LAST)
    at_first = span["on_hand"] + span["ordered"] - span["cancelled"]
    waiting = (at_first <= 0) & (at_first + world.stock.backorder_allowance > 0)
    waiting &= span["on_hand"] + world.stock.backorder_allowance > 0
    waiting &= np.stack([world.catalogue.listed(span.first_index + day) for day in range(span.days)])
    others = ~np.isnan(span["other_price"])
    featured = span["featured_share"].astype(float)
    assert (waiting & others).sum() > 50
    assert featured[waiting & others].max() <= 0.31
    assert featured[waiting & ~others].min() == 1


def test_refused_orders_bring_nothing_in_and_end_in_stock_outs(world_of: WorldOf) -> None:
    quiet, world = world_of(), world_of(Kind.PO_REJECTED)
    span = world.span(FIRST, LAST)
    for one, rows in struck(world, Kind.PO_REJECTED):
        assert span["confirmed"][rows, one.index].sum() == 0
        assert span["confirm_day_offset"][rows, one.index].min() >= 0
    assert sum(span["asked"][rows, one.index].sum() for one, rows in struck(world, Kind.PO_REJECTED)) > 0
    active = np.stack([world.catalogue.active(span.first_index + day) for day in range(span.days)])

    def out(figures: Span) -> float:
        return float(((figures["on_hand"] <= 0) & active).sum() / active.sum())

    assert out(span) > 1.2 * out(quiet.span(FIRST, LAST))
    assert span["received"].sum() < quiet.span(FIRST, LAST)["received"].sum()


def test_a_partial_confirmation_of_few_units_is_no_refusal(world_of: WorldOf) -> None:
    span = world_of().span(FIRST, LAST)
    asked, confirmed = span["asked"], span["confirmed"]
    assert (asked == 1).any()
    assert (confirmed[asked > 0] > 0).all()
    assert (confirmed < asked).any()
    assert (confirmed <= asked).all()


def test_orders_that_nobody_confirms_have_no_answer(world_of: WorldOf) -> None:
    world = world_of(Kind.PO_UNCONFIRMED)
    span = world.span(FIRST, LAST)
    cells = list(struck(world, Kind.PO_UNCONFIRMED))
    assert all((span["confirm_day_offset"][rows, one.index] == -1).all() for one, rows in cells)
    assert sum(span["confirmed"][rows, one.index].sum() for one, rows in cells) == 0
    assert (span["confirm_day_offset"] >= 0).mean() > 0.7


def test_overdue_orders_arrive_late_by_their_size(world_of: WorldOf) -> None:
    world = world_of(Kind.PO_OVERDUE)
    span = world.span(FIRST, LAST)
    lead = world.catalogue.lead_days
    for one, rows in struck(world, Kind.PO_OVERDUE):
        late = span["way_days"][rows, one.index] - lead[one.index]
        assert (late >= int(one.size)).all()
        assert (late <= int(one.size) + USUAL_DELAY_DAYS).all()
    usual = world_of().span(FIRST, LAST)["way_days"] - lead
    assert usual.max() == USUAL_DELAY_DAYS


@pytest.mark.parametrize("kind", [Kind.PAGE_REGRESSION, Kind.CONVERSION_LOSS])
def test_a_worse_page_and_a_loss_of_buyers_lower_conversion_by_their_size(world_of: WorldOf, kind: Kind) -> None:
    conversion = ratio(world_of, kind, "ordered", large) / ratio(world_of, kind, "all_views", large)
    sizes = [one.size for one, _ in struck(world_of(kind), kind) if large(one)]
    assert conversion == pytest.approx(1 - float(np.mean(sizes)), abs=0.15)


def test_a_loss_of_traffic_lowers_views_by_its_size(world_of: WorldOf) -> None:
    sizes = [one.size for one, _ in struck(world_of(Kind.TRAFFIC_LOSS), Kind.TRAFFIC_LOSS) if large(one)]
    left = ratio(world_of, Kind.TRAFFIC_LOSS, "all_views", large)
    assert left == pytest.approx(1 - float(np.mean(sizes)), abs=0.12)


def test_a_page_that_is_gone_is_seen_by_nobody_and_sells_nothing(world_of: WorldOf) -> None:
    for figure in ("all_views", "views", "ordered", "featured_share"):
        assert ratio(world_of, Kind.PAGE_GONE, figure) == 0, figure


def test_a_missing_offer_loses_the_buy_box_and_the_sales_but_not_the_visitors(world_of: WorldOf) -> None:
    assert ratio(world_of, Kind.OFFER_MISSING, "featured_share") == 0
    assert ratio(world_of, Kind.OFFER_MISSING, "ordered") == 0
    assert ratio(world_of, Kind.OFFER_MISSING, "all_views") > 0.6


def test_a_suppressed_buy_box_is_nobodys(world_of: WorldOf) -> None:
    assert ratio(world_of, Kind.SUPPRESSED, "featured_share", large) == 0
    assert 0 < ratio(world_of, Kind.SUPPRESSED, "ordered", large) < 0.5
    span = world_of(Kind.SUPPRESSED).span(FIRST, LAST)
    assert (span["suppressed_share"] + span["featured_share"].astype(float) <= 1.001).all()
    assert world_of().span(FIRST, LAST)["suppressed_share"].max() == 0


def test_a_price_above_the_market_drives_buyers_away(world_of: WorldOf) -> None:
    world = world_of(Kind.OVERPRICED)
    assert ratio(world_of, Kind.OVERPRICED, "price", large) > 1.1
    conversion = ratio(world_of, Kind.OVERPRICED, "ordered", large) / ratio(
        world_of, Kind.OVERPRICED, "all_views", large
    )
    assert conversion < 0.85
    span = world.span(FIRST, LAST)
    for one, rows in struck(world, Kind.OVERPRICED):
        day = one.first_day
        market = world.prices.usual(day)[one.index] * world.catalogue.market_level[one.index]
        assert span["price"][rows.start, one.index] == pytest.approx(market * (1 + one.size), rel=0.01)


def test_amazon_loses_on_a_product_whose_cost_exceeds_its_price_without_tax(world_of: WorldOf) -> None:
    world = world_of(Kind.AMAZON_MARGIN_NEGATIVE)
    span = world.span(FIRST, LAST)
    net = span["price"] / (1 + world.vat_ratio)
    loses = span["cost"] > net
    for one, rows in struck(world, Kind.AMAZON_MARGIN_NEGATIVE):
        assert loses[rows, one.index].all(), one
        loses[rows, one.index] = False
    low = world.index_of(FIRST)
    for one in world.script.between(low, world.index_of(LAST)):
        loses[max(0, one.first_day - low) : max(0, one.last_day - low + 1), one.index] = False
    assert not loses.any(), "no other product loses"


def test_the_vendor_loses_where_amazon_pays_less_than_a_unit_costs(world_of: WorldOf) -> None:
    world = world_of(Kind.VENDOR_MARGIN_LOST)
    span = world.span(FIRST, LAST)
    for one, rows in struck(world, Kind.VENDOR_MARGIN_LOST):
        unit_cost = world.catalogue.unit_cost[one.index]
        assert (span["cost"][rows, one.index] <= unit_cost).all()
        if large(one):
            assert unit_cost / span["cost"][rows, one.index] == pytest.approx(1 + one.size, rel=0.01)
    quiet = world_of().span(FIRST, LAST)
    assert (quiet["cost"] > world.catalogue.unit_cost).all()


def test_a_surge_of_demand_empties_the_stock(world_of: WorldOf) -> None:
    assert ratio(world_of, Kind.STOCK_OUT, "all_views") > 1.5
    assert ratio(world_of, Kind.STOCK_OUT, "on_hand") < 0.8


def test_overbuying_fills_the_stock(world_of: WorldOf) -> None:
    assert ratio(world_of, Kind.OVERSTOCK, "asked") > 2


def test_what_nobody_wants_any_more_stays_in_stock(world_of: WorldOf) -> None:
    assert ratio(world_of, Kind.DEAD_STOCK, "ordered") == 0
    span = world_of(Kind.DEAD_STOCK).span(FIRST, LAST)
    kept = [
        span["on_hand"][rows.stop - 1, one.index] > 0
        for one, rows in struck(world_of(Kind.DEAD_STOCK), Kind.DEAD_STOCK)
    ]
    assert np.mean(kept) > 0.8


def test_a_promotion_lifts_sales_at_a_lower_price_and_a_dip_follows(world_of: WorldOf) -> None:
    world, quiet = world_of(Kind.PROMOTION), world_of()
    assert ratio(world_of, Kind.PROMOTION, "price") < 0.95
    assert ratio(world_of, Kind.PROMOTION, "ordered") > 1.3
    moved, still = world.span(FIRST, LAST), quiet.span(FIRST, LAST)
    after = [(one, slice(rows.stop, rows.stop + 10)) for one, rows in struck(world, Kind.PROMOTION)]
    dip = sum(moved["all_views"][rows, one.index].sum() for one, rows in after)
    assert 0.65 < dip / sum(still["all_views"][rows, one.index].sum() for one, rows in after) < 0.92


def test_a_variation_split_moves_visitors_to_siblings_and_loses_none(world_of: WorldOf) -> None:
    world, quiet = world_of(Kind.VARIATION_SPLIT), world_of()
    assert ratio(world_of, Kind.VARIATION_SPLIT, "all_views") < 0.95
    moved, still = world.span(FIRST, LAST), quiet.span(FIRST, LAST)
    family = world.catalogue.family
    before = after = 0
    for one, rows in struck(world, Kind.VARIATION_SPLIT):
        members = family == family[one.index]
        before += int(still["all_views"][rows, members].sum())
        after += int(moved["all_views"][rows, members].sum())
    assert after / before == pytest.approx(1, abs=0.08)


@pytest.mark.parametrize("kind", [Kind.FLICKER, Kind.SECOND_AMAZON_SELLER, Kind.RESTATEMENT, Kind.DAY_WITHOUT_DATA])
def test_what_only_looks_like_an_incident_leaves_the_true_figures_alone(world_of: WorldOf, kind: Kind) -> None:
    quiet, moved = world_of().span(FIRST, LAST), world_of(kind).span(FIRST, LAST)
    for name, values in quiet.figures.items():
        assert np.array_equal(values, moved[name], equal_nan=name in {"lead_seen", "other_price"}), name
