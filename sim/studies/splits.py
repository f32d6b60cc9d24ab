"""How a budget may be shared out over groups of creators: the shares, and the whole posts that each share buys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from math import comb

from sim.errors import InputError, nearest_match
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE, Plan, buy, day_range, in_order, staggered
from sim.scenario.roster import CreatorSpec
from sim.scenario.schema import Deal, PlanTable

STEPS = {2: 0.1, 3: 0.25}
"""Step of the shares by number of groups: 11 splits between two groups, 15 between three."""
MOST_SPLITS = 300
"""Each split is a plan in every replicate: 300 take some minutes. Steps of 0.05 among three groups make 231."""


@dataclass(frozen=True)
class Group:
    """Creators that a share of the budget goes to, in the order in which they are booked."""

    name: str
    handles: tuple[str, ...]


@dataclass(frozen=True)
class Terms:
    """What every creator is booked for: so many posts, the first on day ``start``, then one every so many days."""

    posts: int = 3
    start: int = 0
    every: int = 7
    order: str = "listed"

    def table(self, name: str, budget: float, shares: Mapping[str, float]) -> PlanTable:
        """The same as a plan of a scenario file."""
        return PlanTable(name=name, budget=budget, split=dict(shares), posts=self.posts, start=self.start,
                         every=self.every, order=self.order)  # type: ignore[arg-type]  # fmt: skip


ORDERS = ("listed", "smallest", "largest")


def check_terms(scenario: Scenario, terms: Terms) -> None:
    """InputError for an order that there is not, and for a first post after the last day."""
    if terms.order not in ORDERS:
        raise InputError("no such order", key="--order", value=terms.order, expected=f"one of {', '.join(ORDERS)}",
                         nearest=nearest_match(terms.order, ORDERS))  # fmt: skip
    if terms.start >= scenario.run.days:
        raise InputError("begins after the last day", key="--start", value=terms.start,
                         expected=day_range(scenario.run.days))  # fmt: skip


@dataclass(frozen=True)
class Point:
    """A budget, its shares by group, and what they buy. cost and left_over are in the scenario's currency."""

    budget: float
    shares: tuple[float, ...]
    plan: Plan
    cost: float

    @property
    def left_over(self) -> float:
        return max(0.0, self.budget - self.cost)


# --- groups ------------------------------------------------------------------------------------------------


def groups_of(scenario: Scenario, listed: str | None) -> tuple[Group, ...]:
    """Two or three groups: the tiers that the creators are of, or those listed.

    listed: tiers and groups of creators by name, like "micro,celebrity" or "home=anna+ben,star=cleo". Raises
    InputError with the nearest name for what is not there, and for a creator who is in two groups.
    """
    entries = _own_tiers(scenario) if listed is None else [entry.strip() for entry in listed.split(",")]
    found = tuple(_group(scenario, entry) for entry in entries if entry)
    if not 2 <= len(found) <= 3:
        tiers = ", ".join(_own_tiers(scenario))
        raise InputError("a budget is split over two or three groups", key="--groups",
                         value=listed or tiers, expected=f"like micro,celebrity (there are {tiers}) or "
                         "home=anna+ben,star=cleo")  # fmt: skip
    names = [group.name for group in found]
    if len(set(names)) < len(names):
        raise InputError("a group stands twice", key="--groups", value=listed, expected="each group once")
    owner: dict[str, str] = {}
    for group in found:
        for handle in group.handles:
            if owner.setdefault(handle, group.name) != group.name:
                raise InputError(f"{handle} is in two groups, {owner[handle]} and {group.name}", key="--groups",
                                 value=listed, expected="each creator in one group")  # fmt: skip
    return found


def _own_tiers(scenario: Scenario) -> list[str]:
    """Tiers with a creator, smallest first."""
    return [tier for tier in sorted(scenario.tiers, key=lambda tier: scenario.tiers[tier])
            if _of_tier(scenario, tier)]  # fmt: skip


def _of_tier(scenario: Scenario, tier: str) -> tuple[str, ...]:
    low, high = scenario.tiers[tier]
    return tuple(one.handle for one in scenario.creators.values() if low <= one.followers < high)


def _group(scenario: Scenario, entry: str) -> Group:
    name, equals, members = (part.strip() for part in entry.partition("="))
    if equals:
        handles = tuple(dict.fromkeys(member.strip() for member in members.split("+") if member.strip()))
        for handle in handles:
            if handle not in scenario.creators:
                raise InputError("no such creator", key="--groups", value=handle, expected="a handle of the scenario",
                                 nearest=nearest_match(handle, scenario.creators))  # fmt: skip
        if not name or not handles:
            raise InputError("not a group", key="--groups", value=entry, expected="name=handle+handle")
        return Group(name, handles)
    if name not in scenario.tiers:
        raise InputError("no such tier", key="--groups", value=name, expected=f"one of {', '.join(scenario.tiers)}, or "
                         "name=handle+handle", nearest=nearest_match(name, scenario.tiers))  # fmt: skip
    if not _of_tier(scenario, name):
        raise InputError("no creator is in this tier", key="--groups", value=name,
                         expected=f"one of {', '.join(_own_tiers(scenario))}")  # fmt: skip
    return Group(name, _of_tier(scenario, name))


# --- shares ------------------------------------------------------------------------------------------------


def share_grid(groups: int, step: float | None = None) -> tuple[tuple[float, ...], ...]:
    """All shares in whole steps that add up to 1, the first group's falling. Raises InputError for a step that does
    not divide 1, and for more than MOST_SPLITS splits."""
    step = STEPS[groups] if step is None else step
    parts = round(1.0 / step) if 0.0 < step <= 1.0 else 0
    if parts < 1 or abs(parts * step - 1.0) > 1e-9:
        raise InputError("whole steps of this size do not make 1", key="--step", value=step,
                         expected="0.5, 0.25, 0.2, 0.1, 0.05 …")  # fmt: skip
    if (many := comb(parts + groups - 1, groups - 1)) > MOST_SPLITS:
        raise InputError(f"makes {many:,} splits", key="--step", value=step,
                         expected=f"a larger step: at most {MOST_SPLITS} splits")  # fmt: skip
    counts = [(*first, parts - sum(first)) for first in product(range(parts, -1, -1), repeat=groups - 1)
              if sum(first) <= parts]  # fmt: skip
    return tuple(tuple(count / parts for count in row) for row in counts)


def points(
    scenario: Scenario, groups: Sequence[Group], budget: float, terms: Terms, shares: Sequence[tuple[float, ...]]
) -> tuple[Point, ...]:
    """What each of the shares buys of the budget; shares that buy not one post are left out.

    Within a group the rule is that of a plan's split: creators in their order, each so many posts or as many whole
    ones as the money still buys, at the expected market price or the roster's fee.
    """
    made = (_point(scenario, groups, budget, terms, row) for row in shares)
    return tuple(point for point in made if point is not None)


def _point(
    scenario: Scenario, groups: Sequence[Group], budget: float, terms: Terms, shares: tuple[float, ...]
) -> Point | None:
    table = terms.table(split_name(groups, shares), budget, {g.name: s for g, s in zip(groups, shares, strict=True)})
    deals: list[Deal] = []
    for group, share in zip(groups, shares, strict=True):
        candidates = in_order([scenario.creators[handle] for handle in group.handles], terms.order, _followers)
        deals += buy(candidates, budget * share, table, scenario.rates, scenario.market.usd_rate)
    if not deals:
        return None
    begun = staggered(table, deals, scenario.creators)
    cost = sum(len(deal.post_days(scenario.run.days)) * float(deal.fee) for deal in begun)
    return Point(budget, shares, Plan(table.name, begun, budget, max(0.0, budget - cost)), cost)


def _followers(creator: CreatorSpec) -> int:
    return creator.followers


def split_name(groups: Sequence[Group], shares: Sequence[float]) -> str:
    """ "micro 70 %, celebrity 30 %"."""
    return ", ".join(f"{group.name} {100 * share:.3g} %" for group, share in zip(groups, shares, strict=True))


def with_plans(scenario: Scenario, chosen: Sequence[Point]) -> tuple[Scenario, dict[int, str]]:
    """The scenario with these points as its plans, each purchase once; place of a point -> name of its plan."""
    names: dict[tuple[tuple[object, ...], ...], str] = {}
    several = len({point.budget for point in chosen}) > 1
    plans, where = [scenario.plan(NONE)], {}
    for place, point in enumerate(chosen):
        key = tuple(tuple(deal.model_dump().items()) for deal in point.plan.deals)
        if key not in names:
            names[key] = f"{point.plan.name} of {point.budget:,.2f}" if several else point.plan.name
            plans.append(replace(point.plan, name=names[key]))
        where[place] = names[key]
    return replace(scenario, plans=tuple(plans)), where


def ranges(places: Sequence[int]) -> list[tuple[int, int]]:
    """Places in order as runs without a gap: first and last of each."""
    ordered = sorted(places)
    cuts = [k for k, (a, b) in enumerate(pairwise(ordered), 1) if b != a + 1]
    edges = [0, *cuts, len(ordered)]
    return [(ordered[a], ordered[b - 1]) for a, b in pairwise(edges)] if ordered else []
