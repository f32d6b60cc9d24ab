"""Plans: who is paid for how many posts, and how a budget split becomes whole creators and whole posts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sim.errors import InputError, InputErrors, nearest_match
from sim.parameters import Rates
from sim.platforms import format_rate
from sim.rules import market_price
from sim.scenario.problems import collected
from sim.scenario.roster import CreatorSpec
from sim.scenario.schema import Deal, PlanTable, Product, ScenarioFile

NONE = "none"
"""The plan that always runs: nothing is paid and nobody posts."""

PREMIUM_FROM = 1_000_000
"""Followers from which prices carry ``price_premium``, an option that is off by default."""

ROUNDING = 1e-12
"""Relative: 0.29 of 100 buys a post at 29."""

Ordered = TypeVar("Ordered")


SEEDED_ONE_IN = {"random": 1, "top": 100, "fringe": 10}
"""Groups that people are seeded in, by followers: one in how many of all people belongs to it."""


@dataclass(frozen=True)
class Seeding:
    """The product given to ``k`` real people on day ``start``, each at a cost of ``gift``.

    people: "random", "top" (the 1 % with most followers), "fringe" (the tenth with fewest), or nodes of the graph.
    """

    people: str | tuple[str, ...]
    k: int
    start: int
    gift: float

    @property
    def cost(self) -> float:
        """Money that the brand gives away."""
        return self.k * self.gift


@dataclass(frozen=True)
class Second:
    """A second stage: on day ``start`` the rest of the budget goes to the creators that did best ``by`` a figure."""

    start: int
    by: str
    posts: int
    every: int


@dataclass(frozen=True)
class Plan:
    """A named plan with whole deals, their starts settled.

    ``left_over`` is the part of a budget that bought nothing; None where no budget is given, or a run decides it.
    """

    name: str
    deals: tuple[Deal, ...]
    budget: float | None = None
    left_over: float | None = None
    notes: tuple[str, ...] = ()
    seeding: Seeding | None = None
    second: Second | None = None


# --- prices ------------------------------------------------------------------------------------------------


def expected_price(creator: CreatorSpec, rates: Rates, usd_rate: float, form: str = "post") -> float:
    """Price of one post of a format, in the scenario's currency: the creator's own, else the market's expectation."""
    price = creator.fee
    if price is None:
        premium = rates.price_premium if creator.followers >= PREMIUM_FROM else 1.0
        market = market_price(creator.followers, rates.price_constant, rates.price_exponent)
        price = market * usd_rate * premium
    return price * format_rate(rates, form, "price")


def post_price(deal: Deal, creators: Mapping[str, CreatorSpec], rates: Rates, usd_rate: float) -> float:
    """Expected price of one post of a deal."""
    if deal.fee != "market":
        return deal.fee
    return expected_price(creators[deal.creator], rates, usd_rate, deal.format)


# --- order -------------------------------------------------------------------------------------------------


def in_order(items: Iterable[Ordered], order: str, followers: Callable[[Ordered], int]) -> list[Ordered]:
    """As listed, or by followers; equals stay as listed."""
    return list(items) if order == "listed" else sorted(items, key=followers, reverse=order == "largest")


def staggered(table: PlanTable, deals: Sequence[Deal], creators: Mapping[str, CreatorSpec]) -> tuple[Deal, ...]:
    """The deals in the plan's order, each creator's begun ``stagger`` days later than those of the one before."""
    ordered = in_order(deals, table.order, lambda deal: creators[deal.creator].followers)
    place = {handle: k for k, handle in enumerate(dict.fromkeys(deal.creator for deal in ordered))}
    return tuple(
        deal.model_copy(update={"start": deal.start + table.stagger * place[deal.creator]}) for deal in ordered
    )


def late_starts(table: PlanTable, deals: Sequence[Deal], days: int) -> list[InputError]:
    """A problem for each creator who, one after another, would begin after the last day."""
    late = {deal.creator: deal.start for deal in reversed(deals) if deal.start >= days}
    return [
        InputError(f"{creator} starts after the last day, on day {start}", key=f"plan.{table.name}.stagger",
                   value=table.stagger, expected=f"starts from {day_range(days)}")
        for creator, start in reversed(late.items())
    ]  # fmt: skip


def day_range(days: int, first: int = 0) -> str:
    """The days on which something can happen, in words."""
    if first >= days:
        return f"an earlier first post, as run.days is {days}"
    return f"day {first} to {days - 1} (the first day is 0, and run.days is {days})"


# --- tables to plans ---------------------------------------------------------------------------------------


def resolve_plans(file: ScenarioFile, creators: Mapping[str, CreatorSpec], rates: Rates) -> tuple[Plan, ...]:
    """Every plan as deals, the plan "none" first. Raises InputErrors for tiers and budgets that buy nothing."""
    problems: list[InputError] = []
    plans = [Plan(NONE, ())]
    for table in file.plan:
        with collected(problems):
            bought = _deals if table.split is None else _split
            plans.append(bought(table, file, creators, rates))
    if problems:
        raise InputErrors(problems)
    return tuple(plans)


def resolved_seeding(table: PlanTable, product: Product) -> Seeding | None:
    """Who is given the product: a gift costs what the product costs the brand, unless the plan says otherwise."""
    seeding = table.seeding
    if seeding is None:
        return None
    gift = product.price * (1.0 - product.margin) if seeding.gift is None else seeding.gift
    people = tuple(seeding.people) if isinstance(seeding.people, list) else seeding.people
    return Seeding(people, seeding.k or len(seeding.people), seeding.start, gift)


def _deals(table: PlanTable, file: ScenarioFile, creators: Mapping[str, CreatorSpec], rates: Rates) -> Plan:
    deals, seeding = staggered(table, table.deals or (), creators), resolved_seeding(table, file.product)
    prices = [post_price(deal, creators, rates, file.market.usd_rate) for deal in deals]
    cost = sum(deal.posts * price + deal.gift for deal, price in zip(deals, prices, strict=True))
    cost += 0.0 if seeding is None else seeding.cost
    if table.budget is None:
        return Plan(table.name, deals, seeding=seeding)
    if cost > table.budget * (1 + 1e-9):
        spend = "the deals and the seeding cost" if seeding else "the deals cost"
        raise InputError(f"{spend if deals else 'the seeding costs'} more than the budget",
                         key=f"plan.{table.name}.budget", value=table.budget,
                         expected=f"{cost:,.2f} or more, or fewer {'posts' if deals else 'people'}")  # fmt: skip
    left_over = max(0.0, table.budget - cost)
    if table.second is None:
        return Plan(table.name, deals, table.budget, left_over, seeding=seeding)
    if left_over + table.budget * 1e-9 < min(prices):
        raise InputError("leaves not one post to the second stage", key=f"plan.{table.name}.budget",
                         value=table.budget, expected=f"{cost + min(prices):,.2f} or more")  # fmt: skip
    second = Second(**table.second.model_dump())
    return Plan(table.name, deals, table.budget, seeding=seeding, second=second)


def _split(table: PlanTable, file: ScenarioFile, creators: Mapping[str, CreatorSpec], rates: Rates) -> Plan:
    seeding = resolved_seeding(table, file.product)
    given, budget, problems = 0.0 if seeding is None else seeding.cost, table.budget or 0.0, list[InputError]()
    deals: list[Deal] = []
    empty, cheapest = [], []
    for tier, share in (table.split or {}).items():
        with collected(problems):
            candidates = _creators_of_tier(tier, table.name, creators, file.tiers) if share > 0 else []
            candidates = in_order(candidates, table.order, lambda creator: creator.followers)
            bought = buy(candidates, max(0.0, budget - given) * share, table, rates, file.market.usd_rate)
            deals += bought
            if candidates and not bought:
                prices = (expected_price(creator, rates, file.market.usd_rate, table.format) for creator in candidates)
                empty.append(tier)
                cheapest.append(min(prices) / share)
    if problems:
        raise InputErrors(problems)
    if not deals:
        expected = f"{given + min(cheapest):,.2f} or more: a whole post from one tier's share"
        expected += "" if seeding is None else f", after {given:,.2f} for the seeding"
        raise InputError("buys not one post", key=f"plan.{table.name}.budget", value=budget, expected=expected)
    begun = staggered(table, deals, creators)
    if late := late_starts(table, begun, file.run.days):
        raise InputErrors(late)
    notes = tuple(f"plan {table.name}: the share for {tier} buys not one post" for tier in empty)
    left_over = max(0.0, budget - given - sum(deal.posts * float(deal.fee) for deal in deals))
    return Plan(table.name, begun, budget, left_over, notes, seeding)


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


def buy(candidates: Sequence[CreatorSpec], money: float, table: PlanTable, rates: Rates, usd_rate: float) -> list[Deal]:
    """The rule of a split: creators in their order, each ``posts`` posts or as many whole ones as the money buys."""
    deals = []
    slack = money * ROUNDING
    for creator in candidates:
        price = expected_price(creator, rates, usd_rate, table.format)
        enough = price * table.posts <= money + slack
        affordable = table.posts if enough else int((money + slack) // price)
        if affordable < 1:
            continue
        money = max(0.0, money - affordable * price)
        deals.append(Deal(creator=creator.handle, posts=affordable, start=table.start, every=table.every,
                          format=table.format, fee=price))  # fmt: skip
    return deals


def unseen_posts(plan: Plan, days: int) -> list[str]:
    """A note for each deal whose last posts would fall after the last day: they are neither made nor paid."""
    notes = []
    for deal in plan.deals:
        made = len(deal.post_days(days))
        if made < deal.posts:
            notes.append(f"plan {plan.name}: {deal.posts - made} of {deal.posts} posts of {deal.creator} fall after "
                         f"the last day and are neither made nor paid")  # fmt: skip
    return notes
