"""What fees would have to be: money enters linearly, so the runs of a comparison say it without running again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.ensemble import PlanRun
from sim.parameters import PARAMETERS
from sim.platforms import format_rate
from sim.results.comparison import Comparison
from sim.results.statistics import Interval, difference_of_ratios, mean_interval, ratio_interval, smooth_interval
from sim.rules import FIXED_POINT, market_price
from sim.scenario.load import Scenario
from sim.scenario.plans import PREMIUM_FROM, Plan
from sim.studies.crossing import Axis, Crossing, solve

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Money:
    """A plan's money by replicate (arrays of length R; by creator (R, C)).

    earned: margin on incremental orders. fees, posts, other: fees, posts made, and gifts, commission and discounts of
    each creator. seeding: what was given away to others.
    """

    plan: str
    handles: tuple[str, ...]
    earned: Floats
    fees: Floats
    posts: Floats
    other: Floats
    orders_share: Floats
    seeding: Floats

    @property
    def cost(self) -> Floats:
        return np.asarray(self.fees.sum(axis=1) + self.other.sum(axis=1) + self.seeding)


@dataclass(frozen=True)
class CreatorFee:
    """Fees of one post by a creator, in the scenario's currency.

    fee: as paid. break_even: at which the creator's part of the plan's margin pays for it; that part goes by orders
    whose last click was on the creator's posts. tie_profit, tie_roi: at which both plans have the same profit, or
    return, all else as it is. None where there is no such fee at 0 or above.
    """

    plan: str
    creator: str
    fee: float
    break_even: Interval | None
    tie_profit: Interval | None
    tie_roi: Interval | None


def money_of(comparison: Comparison, plan: str) -> Money:
    """The money of a plan, taken apart."""
    ensemble, totals = comparison.ensemble, comparison.totals[plan]
    runs, booked, price = ensemble.runs(plan), ensemble.scenario.plan(plan), ensemble.scenario.product.price
    places = np.flatnonzero(np.sum([one.run.by_creator["posts"] for one in runs], axis=0))
    handles = tuple(runs[0].run.handles[place] for place in places)
    posts = np.array([one.run.by_creator["posts"][places] for one in runs], dtype=np.float64)
    spent = np.array([[one.spent.get(handle, 0.0) for handle in handles] for one in runs])
    other = np.array([_besides(booked, one, price)[places] for one in runs])
    orders = np.array([_expected(one, "attributed")[places] for one in runs])
    seeding = np.array([one.cost - sum(one.spent.values()) for one in runs])
    return Money(plan, handles, totals.of("profit") + totals.of("cost"), spent - other, posts, other,
                 _shares(orders), np.where(np.abs(seeding) < 1e-6, 0.0, seeding))  # fmt: skip


def _besides(plan: Plan, one: PlanRun, price: float) -> Floats:
    """Gifts, commission and discounts by creator in one run."""
    commission, gifts = np.zeros(len(one.run.handles)), np.zeros(len(one.run.handles))
    for deal in plan.deals:
        place = one.run.handles.index(deal.creator)
        commission[place] = max(commission[place], deal.commission)
        gifts[place] += 0.0 if deal.creator in one.declined else deal.gift
    paid = commission * _expected(one, "attributed") + _expected(one, "discounts")
    return np.asarray(np.where(one.run.by_creator["posts"] > 0, gifts + price * paid, 0.0))


def _expected(one: PlanRun, name: str) -> Floats:
    return np.asarray(one.run.people_per_agent * one.run.by_creator[f"{name}_expected"] / FIXED_POINT)


def _shares(orders: Floats) -> Floats:
    """Each creator's share of a replicate's orders after a click; equal where there are none."""
    total = orders.sum(axis=1, keepdims=True)
    equal = np.full_like(orders, 1.0 / max(1, orders.shape[1]))
    return np.asarray(np.divide(orders, total, out=equal, where=total > 0))


# --- fees --------------------------------------------------------------------------------------------------


def creator_fees(a: Money, b: Money, clusters: list[int]) -> list[CreatorFee]:
    """Every creator of both plans."""
    return [_creator_fee(one, place, other, clusters) for one, other in ((a, b), (b, a))
            for place in range(len(one.handles))]  # fmt: skip


def _creator_fee(one: Money, place: int, other: Money, clusters: list[int]) -> CreatorFee:
    fees, posts = one.fees[:, place], one.posts[:, place]
    part = one.earned * one.orders_share[:, place] - one.other[:, place]
    break_even = _at_least_nothing(ratio_interval(part, posts, clusters))
    return CreatorFee(one.plan, one.handles[place], float(fees.sum() / posts.sum()), break_even,
                      *ties(one, fees, posts, other, clusters))  # fmt: skip


def plan_fee(one: Money, other: Money, clusters: list[int]) -> tuple[float, Interval | None, Interval | None] | None:
    """The mean fee of a plan's posts, and that at which both plans have the same profit, and the same return."""
    if not one.posts.sum():
        return None
    fees, posts = one.fees.sum(axis=1), one.posts.sum(axis=1)
    profit, roi = ties(one, fees, posts, other, clusters)
    return float(fees.sum() / posts.sum()), profit, roi


def ties(
    one: Money, fees: Floats, posts: Floats, other: Money, clusters: list[int]
) -> tuple[Interval | None, Interval | None]:
    """The fee of these posts at which one plan has the profit, and the return, of the other."""
    rest = one.cost - fees
    if ratio_interval(fees, posts, clusters) is None:  # hardly ever a post
        return None, None
    columns = np.column_stack([one.earned, other.earned, other.cost, rest, posts])
    profit = _at_least_nothing(smooth_interval(columns, _profit_tie, clusters))
    sure = mean_interval(other.earned, clusters)
    if sure.mean <= 0 or (sure.low is not None and sure.low <= 0) or not other.cost.any():
        return profit, None
    return profit, _at_least_nothing(smooth_interval(columns, _roi_tie, clusters))


def _profit_tie(sums: Floats) -> Floats:
    """earned - rest - fee·posts = other earned - other cost."""
    earned, other_earned, other_cost, rest, posts = (sums[..., k] for k in range(5))
    return np.asarray((earned - rest - other_earned + other_cost) / posts)


def _roi_tie(sums: Floats) -> Floats:
    """earned ÷ (rest + fee·posts) = other earned ÷ other cost."""
    earned, other_earned, other_cost, rest, posts = (sums[..., k] for k in range(5))
    return np.asarray((earned * other_cost / other_earned - rest) / posts)


def _at_least_nothing(interval: Interval | None) -> Interval | None:
    return None if interval is None or interval.mean < 0 else interval


# --- the price curve ---------------------------------------------------------------------------------------


def price_curve(scenario: Scenario, a: Money, b: Money, clusters: list[int]) -> tuple[Axis, Crossing] | None:
    """The exponent at which both plans have the same return if every post is paid at the market price.

    Posts stay as they are. None where a plan has no posts, or where prices decide who posts.
    """
    plans = [scenario.plan(money.plan) for money in (a, b)]
    decides = scenario.rates.reservation_share > 0 or any(plan.second is not None for plan in plans)
    if decides or any(spec.reservation for spec in scenario.booked) or not (a.posts.sum() and b.posts.sum()):
        return None
    p = PARAMETERS["price_exponent"]
    axis = Axis(min(max(scenario.rates.price_exponent, p.low), p.high), p.low, p.high)
    cost = [_at_market(scenario, plan, money) for plan, money in zip(plans, (a, b), strict=True)]
    known = {at: difference_of_ratios(a.earned, cost[0](at), b.earned, cost[1](at), clusters) for at in (p.low, p.high)}
    if any(interval is None for interval in known.values()):
        return None

    def difference(exponent: float) -> Interval:
        found = difference_of_ratios(a.earned, cost[0](exponent), b.earned, cost[1](exponent), clusters)
        assert found is not None
        return found

    return axis, solve(axis, difference)


def _at_market(scenario: Scenario, plan: Plan, money: Money) -> Callable[[float], Floats]:
    """The plan's cost by replicate as a function of the exponent, at the expected market price of each post."""
    rates, form = scenario.rates, _format_price(scenario, plan)

    def cost(exponent: float) -> Floats:
        prices = [
            market_price(scenario.creators[handle].followers, rates.price_constant, exponent)
            * (rates.price_premium if scenario.creators[handle].followers >= PREMIUM_FROM else 1.0)
            * form[handle] * scenario.market.usd_rate
            for handle in money.handles
        ]  # fmt: skip
        return np.asarray(money.posts @ np.array(prices) + money.other.sum(axis=1) + money.seeding)

    return cost


def _format_price(scenario: Scenario, plan: Plan) -> Mapping[str, float]:
    """Mean price of a creator's posts in the plan, as a multiple of a plain post's."""
    total: dict[str, float] = {}
    posts: dict[str, int] = {}
    for deal in plan.deals:
        count = len(deal.post_days(scenario.run.days))
        price = format_rate(scenario.rates, deal.format, "price")
        total[deal.creator] = total.get(deal.creator, 0.0) + count * price
        posts[deal.creator] = posts.get(deal.creator, 0) + count
    return {handle: total[handle] / posts[handle] for handle in total if posts[handle]}
