"""Plans: who is paid for how many posts, and how a budget split becomes whole creators and whole posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.errors import InputError, InputErrors, nearest_match
from sim.parameters import Rates
from sim.rules import market_price
from sim.scenario.problems import collected
from sim.scenario.roster import CreatorSpec
from sim.scenario.schema import Deal, PlanTable

NONE = "none"
"""The plan that always runs: nothing is paid and nobody posts."""

ROUNDING = 1e-12
"""Relative: 0.29 of 100 buys a post at 29."""


@dataclass(frozen=True)
class Plan:
    """A named plan with whole deals. ``left_over`` is the part of a budget that bought nothing."""

    name: str
    deals: tuple[Deal, ...]
    budget: float | None = None
    left_over: float | None = None
    notes: tuple[str, ...] = ()


def expected_price(creator: CreatorSpec, rates: Rates, usd_rate: float) -> float:
    """Price of one post in the scenario's currency: the creator's own fee, else the market's expectation."""
    if creator.fee is not None:
        return creator.fee
    return market_price(creator.followers, rates.price_constant, rates.price_exponent) * usd_rate


def check_plans(tables: Sequence[PlanTable], creators: Mapping[str, CreatorSpec] | None, days: int | None) -> None:
    """Raise InputErrors for names, creators and first days that cannot be; None for what is not known itself."""
    problems: list[InputError] = []
    if not tables:
        problems.append(InputError("no plan in the file", key="plan", expected="a [[plan]] with a name and deals"))
    seen: set[str] = set()
    for table in tables:
        key = f"plan.{table.name}"
        if table.name.casefold() == NONE:
            expected = "another name: the plan 'none' always runs by itself, as the comparison with no campaign"
            problems.append(InputError("a plan cannot be called 'none'", key=key, expected=expected))
        elif table.name in seen:
            problems.append(InputError("two plans of one name", key=key, expected="names that differ"))
        seen.add(table.name)
        problems += _check_deals(table, key, creators, days)
    if problems:
        raise InputErrors(problems)


def _check_deals(
    table: PlanTable, key: str, creators: Mapping[str, CreatorSpec] | None, days: int | None
) -> list[InputError]:
    problems = []
    starts = [(f"{key}.deals.{deal.creator}.start", deal.start) for deal in table.deals or ()]
    for path, start in [(f"{key}.start", table.start)] if table.deals is None else starts:
        if days is not None and start >= days:
            expected = f"day 0 to {days - 1} (the first day is 0, and run.days is {days})"
            problems.append(InputError("starts after the last day", key=path, value=start, expected=expected))
    unknown = [] if creators is None else [d.creator for d in table.deals or () if d.creator not in creators]
    problems += [
        InputError("no such creator", key=f"{key}.deals.{handle}.creator", value=handle,
                   expected="a handle of the roster or of a [[creator]] table",
                   nearest=nearest_match(handle, creators or ()))
        for handle in unknown
    ]  # fmt: skip
    return problems


def resolve_plans(
    tables: Sequence[PlanTable],
    creators: Mapping[str, CreatorSpec],
    tiers: Mapping[str, tuple[float, float]],
    rates: Rates,
    usd_rate: float,
) -> tuple[Plan, ...]:
    """Every plan as deals, the plan "none" first. Raises InputErrors for tiers and budgets that buy nothing."""
    problems: list[InputError] = []
    plans = [Plan(NONE, ())]
    for table in tables:
        with collected(problems):
            bought = _deals if table.split is None else _split
            plans.append(bought(table, creators, tiers, rates, usd_rate))
    if problems:
        raise InputErrors(problems)
    return tuple(plans)


def _deals(table: PlanTable, creators: Mapping[str, CreatorSpec], _: object, rates: Rates, usd_rate: float) -> Plan:
    deals = tuple(table.deals or ())
    cost = sum(
        deal.posts * (expected_price(creators[deal.creator], rates, usd_rate) if deal.fee == "market" else deal.fee)
        for deal in deals
    )
    if table.budget is not None and cost > table.budget * (1 + 1e-9):
        raise InputError("the deals cost more than the budget", key=f"plan.{table.name}.budget",
                         value=table.budget, expected=f"{cost:,.2f} or more, or fewer posts")  # fmt: skip
    return Plan(table.name, deals, table.budget, None if table.budget is None else max(0.0, table.budget - cost))


def _split(
    table: PlanTable,
    creators: Mapping[str, CreatorSpec],
    tiers: Mapping[str, tuple[float, float]],
    rates: Rates,
    usd_rate: float,
) -> Plan:
    budget, problems = table.budget or 0.0, list[InputError]()
    deals: list[Deal] = []
    empty, cheapest = [], []
    for tier, share in (table.split or {}).items():
        with collected(problems):
            candidates = _creators_of_tier(tier, table.name, creators, tiers) if share > 0 else []
            bought = _buy(candidates, budget * share, table, rates, usd_rate)
            deals += bought
            if candidates and not bought:
                empty.append(tier)
                cheapest.append(min(expected_price(creator, rates, usd_rate) for creator in candidates) / share)
    if problems:
        raise InputErrors(problems)
    if not deals:
        raise InputError("buys not one post", key=f"plan.{table.name}.budget", value=budget,
                         expected=f"{min(cheapest):,.2f} or more: a whole post from one tier's share")  # fmt: skip
    notes = tuple(f"plan {table.name}: the share for {tier} buys not one post" for tier in empty)
    spent = sum(deal.posts * float(deal.fee) for deal in deals)
    return Plan(table.name, tuple(deals), budget, max(0.0, budget - spent), notes)


def _creators_of_tier(
    tier: str, plan: str, creators: Mapping[str, CreatorSpec], tiers: Mapping[str, tuple[float, float]]
) -> list[CreatorSpec]:
    key = f"plan.{plan}.split.{tier}"
    if tier not in tiers:
        raise InputError("no such tier", key=key, value=tier, expected=f"one of {', '.join(tiers)}",
                         nearest=nearest_match(tier, tiers))  # fmt: skip
    low, high = tiers[tier]
    found = [creator for creator in creators.values() if low <= creator.followers < high]
    if not found:
        raise InputError("no creator is in this tier", key=key, value=tier,
                         expected=f"a creator with {low:,.0f} followers or more"
                         + (f", and fewer than {high:,.0f}" if high < float("inf") else ""))  # fmt: skip
    return found


def _buy(
    candidates: Sequence[CreatorSpec], money: float, table: PlanTable, rates: Rates, usd_rate: float
) -> list[Deal]:
    """The rule of a split: creators in roster order, each ``posts`` posts or as many whole ones as the money buys."""
    deals = []
    slack = money * ROUNDING
    for creator in candidates:
        price = expected_price(creator, rates, usd_rate)
        enough = price * table.posts <= money + slack
        affordable = table.posts if enough else int((money + slack) // price)
        if affordable < 1:
            continue
        money = max(0.0, money - affordable * price)
        deals.append(Deal(creator=creator.handle, posts=affordable, start=table.start, every=table.every, fee=price))
    return deals


def unseen_posts(plan: Plan, days: int) -> list[str]:
    """A note for each deal whose last posts would fall after the last day: they are neither made nor paid."""
    notes = []
    for deal in plan.deals:
        made = len(range(deal.start, days, deal.every))
        if made < deal.posts:
            notes.append(f"plan {plan.name}: {deal.posts - made} of {deal.posts} posts of {deal.creator} fall after "
                         f"the last day and are neither made nor paid")  # fmt: skip
    return notes
