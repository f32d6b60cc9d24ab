"""Whom a selection may book and at what price: the question of ``select``, checked before anything runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sim.errors import InputError, nearest_match
from sim.platforms import format_rate
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE, Plan, expected_price
from sim.scenario.roster import CreatorSpec
from sim.scenario.schema import Deal
from sim.society.audiences import FEWEST
from sim.society.world import expected_agents
from sim.studies.greedy import ROUNDING, Item, Limits
from sim.studies.splits import Terms, check_terms

FIGURES = ("incremental_conversions", "reach", "engagements", "clicks", "roi")
"""What a selection may be for; the first one where nothing is said."""
CHOOSING = 5
"""Replicates that the choice is made on, where nothing is said."""
SHOWN = 8


@dataclass(frozen=True)
class Wishes:
    """Who must be booked, who must not, and the most creators of one niche (general creators have none)."""

    require: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    per_niche: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A creator at a price: of one post, in the scenario's currency, and of all posts."""

    spec: CreatorSpec
    price: float
    cost: float

    @property
    def handle(self) -> str:
        return self.spec.handle

    @property
    def item(self) -> Item:
        return Item(self.spec.handle, self.cost, self.spec.niche)


@dataclass(frozen=True)
class Asked:
    """A question that can be answered. candidates: those that may be booked, the required ones among them."""

    scenario: Scenario
    budget: float
    terms: Terms
    metric: str
    wishes: Wishes
    candidates: tuple[Candidate, ...]
    choosing: int
    notes: tuple[str, ...]

    @property
    def limits(self) -> Limits:
        return Limits(self.budget, self.wishes.per_niche)

    @cached_property
    def by_handle(self) -> dict[str, Candidate]:
        return {candidate.handle: candidate for candidate in self.candidates}

    @property
    def required(self) -> tuple[Candidate, ...]:
        """In the order in which they were named."""
        return tuple(self.by_handle[handle] for handle in self.wishes.require)

    def plan(self, name: str, handles: Sequence[str]) -> Plan:
        """These creators, each booked for all the posts at the price."""
        deals = tuple(deal_of(self.by_handle[handle], self.terms) for handle in handles)
        cost = self.cost(handles)
        return Plan(name, deals, self.budget, max(0.0, self.budget - cost))

    def cost(self, handles: Sequence[str]) -> float:
        """What they cost together."""
        return sum(self.by_handle[handle].cost for handle in handles)

    def with_plans(self, scenario: Scenario, plans: Sequence[Plan]) -> Scenario:
        """A scenario with these plans for its own."""
        return replace(scenario, plans=(Plan(NONE, ()), *plans))


def deal_of(candidate: Candidate, terms: Terms) -> Deal:
    """The offer to one creator."""
    return Deal(creator=candidate.handle, posts=terms.posts, start=terms.start, every=terms.every, fee=candidate.price)


# --- the question ------------------------------------------------------------------------------------------


def asked(
    scenario: Scenario, budget: float, terms: Terms, metric: str | None = None, wishes: Wishes | None = None,
    choosing: int = CHOOSING,
) -> Asked:  # fmt: skip
    """The question with its candidates; InputError for whatever makes it one without an answer."""
    metric, wishes = metric or FIGURES[0], wishes or Wishes()
    if metric not in FIGURES:
        raise InputError("creators cannot be chosen by this figure", key="--metric", value=metric,
                         expected=f"one of {', '.join(FIGURES)}", nearest=nearest_match(metric, FIGURES))  # fmt: skip
    if not 0 < budget <= 1e15:
        raise InputError("not an amount of money", key="--budget", value=budget, expected="a number above 0")
    if choosing < 1:
        raise InputError("out of range", key="--choose-on", value=choosing, expected="a whole number, 1 or more")
    _check_posts(scenario, terms)
    _check_wishes(scenario, wishes)
    if not scenario.creators:
        raise InputError("nobody to choose from", key="--roster", expected="a roster, or creators in the scenario")
    free = [_candidate(scenario, spec, terms) for handle, spec in scenario.creators.items()
            if handle not in wishes.forbid]  # fmt: skip
    able, notes = _able(scenario, free, wishes)
    _check_required([one for one in able if one.handle in wishes.require], budget, wishes)
    left = budget - sum(one.cost for one in able if one.handle in wishes.require)
    known = [one for one in able if one.handle in wishes.require or one.cost <= left * (1 + ROUNDING)]
    if not known:
        raise InputError("books nobody", key="--budget", value=budget, expected=_cheapest(able, terms))
    if len(known) < len(able):
        notes.append(f"{len(able) - len(known)} of {len(able)} creators cost more than the money there is")
    return Asked(scenario, budget, terms, metric, wishes, tuple(known), choosing, tuple(notes))


def _candidate(scenario: Scenario, spec: CreatorSpec, terms: Terms) -> Candidate:
    price = expected_price(spec, scenario.rates, scenario.market.usd_rate)
    return Candidate(spec, price, terms.posts * price)


def _check_posts(scenario: Scenario, terms: Terms) -> None:
    """Every post must be made: a creator is booked whole."""
    check_terms(scenario, terms)
    fitting = len(range(terms.start, scenario.run.days, terms.every))
    if terms.posts > fitting:
        raise InputError("the last post would fall after the last day", key="--posts", value=terms.posts,
                         expected=f"at most {fitting}, or a smaller --every, or more --days")  # fmt: skip


def _check_wishes(scenario: Scenario, wishes: Wishes) -> None:
    for key, handles in (("--require", wishes.require), ("--forbid", wishes.forbid)):
        for handle in handles:
            if handle not in scenario.creators:
                raise InputError("no such creator", key=key, value=handle, expected="a handle of the roster",
                                 nearest=nearest_match(handle, scenario.creators))  # fmt: skip
    both = [handle for handle in wishes.require if handle in wishes.forbid]
    if both:
        raise InputError("both required and forbidden", key="--require", value=both[0], expected="one of the two")
    if wishes.per_niche is None:
        return
    if wishes.per_niche < 1:
        raise InputError("out of range", key="--most-per-niche", value=wishes.per_niche,
                         expected="a whole number, 1 or more")  # fmt: skip
    niches = [scenario.creators[handle].niche for handle in wishes.require]
    for niche in dict.fromkeys(niches):
        if niche is not None and niches.count(niche) > wishes.per_niche:
            raise InputError(f"{niches.count(niche)} creators of {niche} are required", key="--most-per-niche",
                             value=wishes.per_niche, expected=f"{niches.count(niche)} or more")  # fmt: skip


def _able(scenario: Scenario, free: Sequence[Candidate], wishes: Wishes) -> tuple[list[Candidate], list[str]]:
    """Those who can be simulated and take the price, and notes on the others; InputError for a required one."""
    notes, out = list[str](), set[str]()
    agents = {} if scenario.graph is not None else {one.handle: expected_agents(one.spec, scenario) for one in free}
    small = [one for one in free if agents.get(one.handle, FEWEST) < FEWEST]
    if small:
        needed = int(FEWEST * scenario.people / min(agents[one.handle] for one in small)) + 1
        fits = needed <= (scenario.market.population or scenario.people)
        fix = f"--people {needed} simulates them" if fits else "larger creators, or a smaller market"
        _refuse_required(small, wishes, f"has fewer than {FEWEST} agents for followers", fix)
        notes.append(f"left out, with fewer than {FEWEST} agents for followers: {_names(small)} ({fix})")
        out |= {one.handle for one in small}
    post = format_rate(scenario.rates, "post", "price")
    dear = [one for one in free if one.spec.reservation is not None and one.spec.reservation * post > one.price]
    if dear:
        _refuse_required(dear, wishes, "does not accept the price", "a fee of the reservation price or more")
        notes.append(f"left out, since they do not accept their price: {_names(dear)}")
        out |= {one.handle for one in dear}
    return [one for one in free if one.handle not in out], notes


def _names(some: Sequence[Candidate]) -> str:
    more = f" and {len(some) - SHOWN} more" if len(some) > SHOWN else ""
    return ", ".join(one.handle for one in some[:SHOWN]) + more


def _refuse_required(unable: Sequence[Candidate], wishes: Wishes, why: str, fix: str) -> None:
    for one in unable:
        if one.handle in wishes.require:
            raise InputError(why, key="--require", value=one.handle, expected=fix)


def _check_required(required: Sequence[Candidate], budget: float, wishes: Wishes) -> None:
    cost = sum(one.cost for one in required)
    if cost > budget * (1 + ROUNDING):
        raise InputError(f"the required creators cost {cost:,.2f}, more than the budget", key="--require",
                         value=",".join(wishes.require), expected=f"--budget {cost:.2f} or more")  # fmt: skip


def _cheapest(able: Sequence[Candidate], terms: Terms) -> str:
    if not able:
        return "a creator who may be booked: all are forbidden or left out"
    least = min(able, key=lambda one: one.cost)
    posts = "1 post" if terms.posts == 1 else f"{terms.posts} posts"
    return f"{least.cost:,.2f} or more, which is {least.handle} with {posts}"
