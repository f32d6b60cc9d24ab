"""Which creators of a roster to book under a budget: chosen greedily on some seeds, judged on others.

The choice adds creators one by one, each time the one that adds most, for its cost or at all, to the mean of a figure
over a few replicates that share their worlds and luck (``greedy``). A set chosen on some seeds looks too good on them,
so that every figure told comes from replicates with another seed, beside sets that were booked by simple rules under
the same budget and wishes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.ensemble import Ensemble
from sim.errors import InputError
from sim.randomness import Stream, creator_address, uniforms
from sim.results.comparison import UNDECIDED, Comparison, figure, measure_plans, p_value, paired
from sim.results.measures import METRICS, PlanTotals
from sim.results.statistics import Interval, holm
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE
from sim.shown import Shown
from sim.society.audiences import FEW
from sim.society.world import check_audiences, expected_agents
from sim.studies.candidates import Asked, Candidate
from sim.studies.greedy import Known, Set, Step, in_turn, lazy_greedy
from sim.studies.select_runs import TOTALS, Floats, Trials

LEVEL = 0.05
RANDOM_SETS = 5
ALL_FIGURES = ("reach", "engagements", "clicks", "incremental_conversions", "cost", "roi")
"""What is told of a set."""
MOST_SMALL = 4
"""Small audiences that are named one by one."""
CHOSEN, THE_SAME = "chosen", "the same"
PER_COST, PLAIN = "gain per cost", "gain"

Runner = Callable[[Scenario], Ensemble]
"""Runs the plans of a scenario: the set and those beside it."""


@dataclass(frozen=True)
class Choice:
    """What was chosen on the seeds of the choice. value: the figure there; other: that of the way not taken.

    by: gain per cost or gain. engagement_rates: as expected there (or measured, where the roster says it), by handle.
    """

    path: tuple[Step, ...]
    by: str
    value: float
    other: float
    overlaps: tuple[float, ...]
    engagement_rates: Mapping[str, float]
    evaluated: int

    @property
    def handles(self) -> tuple[str, ...]:
        return tuple(step.name for step in self.path)


@dataclass(frozen=True)
class Member:
    """A creator of the set. gain: what it adds to those before it, on fresh seeds; seen: on those of the choice.

    plan: this creator and those before it. overlap: share of its followers who follow one of those before it.
    """

    candidate: Candidate
    plan: str
    spent: float
    gain: Interval | None
    seen: float
    overlap: float
    required: bool


@dataclass(frozen=True)
class Rival:
    """A set booked by a simple rule; of random ones the mean. difference: the chosen set minus it.

    verdict: "chosen", the rule's name, "undecided", or "the same" where the set is.
    """

    name: str
    sets: tuple[tuple[str, ...], ...]
    cost: float
    figures: Mapping[str, Interval | None]
    difference: Interval | None
    verdict: str


@dataclass(frozen=True, repr=False)
class Selection(Shown):
    """The whole answer. gain_metric: the figure in which gains are told: of a return, the orders."""

    question: Asked
    comparison: Comparison
    choice: Choice
    members: tuple[Member, ...]
    rivals: tuple[Rival, ...]
    notes: tuple[str, ...]

    @property
    def metric(self) -> str:
        return self.question.metric

    @property
    def gain_metric(self) -> str:
        return gain_metric(self.metric)

    @property
    def handles(self) -> tuple[str, ...]:
        return self.choice.handles

    @property
    def cost(self) -> float:
        """Money for all fees, in the scenario's currency."""
        return self.question.cost(self.handles)

    @property
    def left_over(self) -> float:
        return max(0.0, self.question.budget - self.cost)

    @property
    def figures(self) -> Mapping[str, Interval | None]:
        """Of the chosen set, by figure."""
        return self.comparison.figures[self.members[-1].plan]


def gain_metric(metric: str) -> str:
    """A return is chosen by the orders that creators add."""
    return "incremental_conversions" if metric == "roi" else metric


# --- choosing ----------------------------------------------------------------------------------------------


def choose(question: Asked, trials: Trials) -> Choice:
    """The better of the greedy paths by gain per cost and by gain, on the seeds of the trials."""
    column = TOTALS.index(gain_metric(question.metric))

    def ask(sets: Sequence[Set]) -> list[float]:
        return [float(totals[:, column].mean()) for totals in trials.totals(sets)]

    oracle, items = Known(ask), [one.item for one in question.candidates]
    found = []
    for by in (PER_COST, PLAIN):
        path = lazy_greedy(items, oracle, question.limits, question.wishes.require, per_cost=by == PER_COST)
        if question.metric == "roi":
            path = best_return(path, trials.known, len(question.wishes.require))
        found.append((by, path, _value(question.metric, path, oracle, trials.known)))
    (by, path, value), other = max(found, key=lambda one: one[2]), min(one[2] for one in found)
    overlaps = trials.overlaps([step.name for step in path])
    rates = {one.handle: float(rate)
             for one, rate in zip(question.candidates, trials.engagement_rates(), strict=True)}  # fmt: skip
    return Choice(path, by, value, other, tuple(overlaps.tolist()), rates, len(oracle.values))


def best_return(path: Sequence[Step], totals: Mapping[Set, Floats], least: int) -> tuple[Step, ...]:
    """The beginning of a path with the highest return, ``least`` steps or more; the shorter one of equals."""
    lengths = range(max(1, least), len(path) + 1)
    best = max(lengths, key=lambda count: _return(path[:count], totals), default=0)
    return tuple(path[:best])


def _return(path: Sequence[Step], totals: Mapping[Set, Floats]) -> float:
    sums = totals[frozenset(step.name for step in path)].sum(axis=0)
    cost, profit = sums[TOTALS.index("cost")], sums[TOTALS.index("profit")]
    return float(profit / cost) if cost > 0 else (float("inf") if profit > 0 else 0.0)


def _value(metric: str, path: Sequence[Step], oracle: Known, totals: Mapping[Set, Floats]) -> float:
    if metric == "roi":
        return _return(path, totals) if path else float("-inf")
    return path[-1].value if path else oracle([frozenset()])[0]


# --- what simple rules book --------------------------------------------------------------------------------


def rules(question: Asked, rates: Mapping[str, float]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Sets under the same budget and wishes, by the name of the rule; several of the random one."""
    everyone = question.candidates

    def booked(ordered: Sequence[Candidate]) -> tuple[str, ...]:
        return in_turn([one.item for one in ordered], question.limits, [one.item for one in question.required])

    return {
        "most followers": (booked(sorted(everyone, key=lambda one: -one.spec.followers)),),
        "highest engagement rate": (booked(sorted(everyone, key=lambda one: -rates[one.handle])),),
        "cheapest per follower": (booked(sorted(everyone, key=lambda one: one.cost / one.spec.followers)),),
        "random": tuple(booked(order) for order in random_orders(question)),
    }


def random_orders(question: Asked) -> list[list[Candidate]]:
    """Candidates in orders drawn by handle: another creator in the roster leaves the order of the others."""
    addresses = np.array([creator_address(one.handle) for one in question.candidates])
    seed = question.scenario.run.seed
    drawn = [uniforms(seed, 0, Stream.SELECTION, person=addresses, post=k)[0] for k in range(RANDOM_SETS)]
    return [[question.candidates[place] for place in np.argsort(u, kind="stable")] for u in drawn]


# --- judging -----------------------------------------------------------------------------------------------


def select(question: Asked, trials: Trials, run: Runner) -> Selection:
    """Choose on the trials' seeds, judge on the question's own."""
    with trials:
        choice = choose(question, trials)
    return judge(question, choice, run)


def judge(question: Asked, choice: Choice, run: Runner) -> Selection:
    """Run the set, its beginnings and the rules' sets. InputError where nobody was chosen."""
    if not choice.path:
        raise InputError("no creator adds anything to this figure", key="--metric", value=question.metric,
                         expected="a figure that somebody adds to")  # fmt: skip
    sets = rules(question, choice.engagement_rates)
    plans: dict[Set, str] = {frozenset(): NONE}
    for count in range(1, len(choice.path) + 1):
        plans[frozenset(choice.handles[:count])] = CHOSEN if count == len(choice.path) else f"first {count}"
    booked = {plans[one]: list(choice.handles[: len(one)]) for one in plans if one}
    for name, some in sets.items():
        for number, one in enumerate(some, 1):
            if frozenset(one) not in plans:
                plans[frozenset(one)] = name if len(some) == 1 else f"{name} {number}"
                booked[plans[frozenset(one)]] = list(one)
    own = [question.plan(name, handles) for name, handles in booked.items()]
    comparison = measure_plans(run(question.with_plans(question.scenario, own)))
    members = _members(question, choice, comparison, plans)
    rivals = _rivals(question, choice, comparison, plans, sets)
    return Selection(question, comparison, choice, members, rivals, notes(question, comparison))


def notes(question: Asked, comparison: Comparison) -> tuple[str, ...]:
    """What a reader must know; many small audiences in one line."""
    scenario = comparison.ensemble.scenario
    small = set() if scenario.graph is not None else set(check_audiences(scenario))
    if len(small) <= MOST_SMALL:
        return (*question.notes, *comparison.warnings)
    needed = FEW * scenario.people / min(expected_agents(one, scenario) for one in scenario.booked)
    more = f"; --people {int(needed) + 1} gives every one {FEW}" if needed < (scenario.market.population or 0) else ""
    told = (f"{len(small)} of the {len(scenario.booked)} creators in these sets have audiences of fewer than {FEW} "
            f"agents, which are noisy{more}")  # fmt: skip
    return (*question.notes, *(warning for warning in comparison.warnings if warning not in small), told)


def _members(
    question: Asked, choice: Choice, comparison: Comparison, plans: Mapping[Set, str]
) -> tuple[Member, ...]:  # fmt: skip
    clusters, metric = comparison.ensemble.worlds, METRICS[gain_metric(question.metric)]
    members, before = [], NONE
    for count, step in enumerate(choice.path, 1):
        plan = plans[frozenset(choice.handles[:count])]
        gain = paired(comparison.totals[plan], comparison.totals[before], metric, clusters)
        members.append(Member(question.by_handle[step.name], plan, step.spent, gain, step.gain,
                              choice.overlaps[count - 1], step.name in question.wishes.require))  # fmt: skip
        before = plan
    return tuple(members)


def _rivals(
    question: Asked, choice: Choice, comparison: Comparison, plans: Mapping[Set, str],
    sets: Mapping[str, tuple[tuple[str, ...], ...]],
) -> tuple[Rival, ...]:  # fmt: skip
    metric, clusters = METRICS[question.metric], comparison.ensemble.worlds
    chosen, same = comparison.totals[plans[frozenset(choice.handles)]], set()
    rivals, p_values = list[Rival](), dict[str, float | None]()
    alike = {name: repr(sorted(sorted(one) for one in some)) for name, some in sets.items()}
    for name, some in sets.items():
        totals = mean_totals(name, [comparison.totals[plans[frozenset(one)]] for one in some])
        figures = {key: figure(totals, METRICS[key], clusters) for key in ALL_FIGURES}
        difference = paired(chosen, totals, metric, clusters)
        if all(set(one) == set(choice.handles) for one in some):
            same.add(name)
        elif difference is not None:
            p_values[alike[name]] = p_value(chosen, totals, metric, difference, clusters)  # one test for one set
        cost = sum(question.cost(one) for one in some) / len(some)
        rivals.append(Rival(name, some, cost, figures, difference, UNDECIDED))
    told = holm(p_values, LEVEL)
    return tuple(replace(one, verdict=_verdict(one, told.get(alike[one.name], False), one.name in same))
                 for one in rivals)  # fmt: skip


def _verdict(rival: Rival, sure: bool, same: bool) -> str:
    if same:
        return THE_SAME
    if not sure or rival.difference is None:
        return UNDECIDED
    return CHOSEN if rival.difference.mean > 0 else rival.name


def mean_totals(name: str, several: Sequence[PlanTotals]) -> PlanTotals:
    """The mean of several plans' totals in each replicate."""
    keys = several[0].values
    return PlanTotals(name, {key: np.mean([one.of(key) for one in several], axis=0) for key in keys})
