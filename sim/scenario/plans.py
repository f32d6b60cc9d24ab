"""Plans: who is paid for how many posts, and how a budget split becomes whole creators and whole posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.errors import InputError, nearest_match
from sim.parameters import Rates
from sim.rules import market_price
from sim.scenario.roster import CreatorSpec
from sim.scenario.schema import Deal, PlanTable

NONE = "none"
"""The plan that always runs: nothing is paid and nobody posts."""


@dataclass(frozen=True)
class Plan:
    """A named plan with whole deals. ``left_over`` is the part of a budget that bought nothing."""

    name: str
    deals: tuple[Deal, ...]
    budget: float | None = None
    left_over: float | None = None


def expected_price(creator: CreatorSpec, rates: Rates, usd_rate: float) -> float:
    """Price of one post in the scenario's currency: the creator's own fee, else the market's expectation."""
    if creator.fee is not None:
        return creator.fee
    return market_price(creator.followers, rates.price_constant, rates.price_exponent) * usd_rate


def resolve_plans(
    tables: Sequence[PlanTable],
    creators: Mapping[str, CreatorSpec],
    tiers: Mapping[str, tuple[float, float]],
    rates: Rates,
    usd_rate: float,
) -> tuple[Plan, ...]:
    """Every plan as deals, the plan "none" first. Raises InputError naming what a plan refers to in vain."""
    names = [table.name for table in tables]
    for name in names:
        if name == NONE:
            raise InputError("the plan 'none' always runs by itself", key="plan.none", expected="another name")
        if names.count(name) > 1:
            raise InputError("two plans of one name", key=f"plan.{name}", expected="names that differ")
    plans = [_plan(table, creators, tiers, rates, usd_rate) for table in tables]
    return (Plan(NONE, ()), *plans)


def _plan(
    table: PlanTable,
    creators: Mapping[str, CreatorSpec],
    tiers: Mapping[str, tuple[float, float]],
    rates: Rates,
    usd_rate: float,
) -> Plan:
    if table.deals is not None:
        deals = tuple(_known(deal, table.name, creators) for deal in table.deals)
        _check_budget(table, deals, creators, rates, usd_rate)
        return Plan(table.name, deals, table.budget, None)
    assert table.split is not None
    assert table.budget is not None
    deals_of_split: list[Deal] = []
    for tier, share in table.split.items():
        candidates = _creators_of_tier(tier, table.name, creators, tiers)
        deals_of_split += _buy(candidates, table.budget * share, table, rates, usd_rate)
    if not deals_of_split:
        raise InputError("the budget buys not one post", key=f"plan.{table.name}.budget", value=table.budget,
                         expected="the price of at least one post of a creator in each tier")  # fmt: skip
    spent = sum(deal.posts * float(deal.fee) for deal in deals_of_split)
    return Plan(table.name, tuple(deals_of_split), table.budget, max(0.0, table.budget - spent))


def _known(deal: Deal, plan: str, creators: Mapping[str, CreatorSpec]) -> Deal:
    if deal.creator not in creators:
        raise InputError("no such creator", key=f"plan.{plan}.deals.creator", value=deal.creator,
                         expected="a handle of the roster or of a [[creator]] table",
                         nearest=nearest_match(deal.creator, creators))  # fmt: skip
    return deal


def _check_budget(
    table: PlanTable, deals: Sequence[Deal], creators: Mapping[str, CreatorSpec], rates: Rates, usd_rate: float
) -> None:
    if table.budget is None:
        return
    cost = sum(
        deal.posts * (expected_price(creators[deal.creator], rates, usd_rate) if deal.fee == "market" else deal.fee)
        for deal in deals
    )
    if cost > table.budget * (1 + 1e-9):
        raise InputError("the deals cost more than the budget", key=f"plan.{table.name}.budget",
                         value=table.budget, expected=f"at least {cost:,.2f}")  # fmt: skip


def _creators_of_tier(
    tier: str, plan: str, creators: Mapping[str, CreatorSpec], tiers: Mapping[str, tuple[float, float]]
) -> list[CreatorSpec]:
    key = f"plan.{plan}.split.{tier}"
    if tier not in tiers:
        raise InputError("no such tier", key=key, expected=f"one of {', '.join(tiers)}",
                         nearest=nearest_match(tier, tiers))  # fmt: skip
    low, high = tiers[tier]
    found = [creator for creator in creators.values() if low <= creator.followers < high]
    if not found:
        raise InputError("no creator of the roster is in this tier", key=key,
                         expected=f"a creator with {low:,.0f} to {high:,.0f} followers")  # fmt: skip
    return found


def _buy(
    candidates: Sequence[CreatorSpec], money: float, table: PlanTable, rates: Rates, usd_rate: float
) -> list[Deal]:
    """The rule of a split: creators in roster order, each ``posts`` posts or as many whole ones as the money buys."""
    deals = []
    for creator in candidates:
        price = expected_price(creator, rates, usd_rate)
        affordable = table.posts if price == 0 else min(table.posts, int((money + 1e-9) // price))
        if affordable < 1:
            continue
        money -= affordable * price
        deals.append(Deal(creator=creator.handle, posts=affordable, start=table.start, every=table.every, fee=price))
    return deals
