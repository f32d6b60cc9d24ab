"""What a calibration asks: which parameters the observed figures may tell, and the campaigns that are simulated.

Each parameter belongs to one stage of the funnel: money to price_constant, people reached to reach, engagements to
engagement_rate, clicks to click_rate, orders after a click to conversion_rate. What was not observed leaves its stage
out, unless a later stage needs it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError, InputErrors
from sim.parameters import PARAMETERS, Rates
from sim.scenario.load import Scenario
from sim.scenario.observed import FIGURES, Observed, ObservedRow
from sim.scenario.plans import Plan
from sim.scenario.problems import collected
from sim.scenario.roster import CreatorSpec
from sim.scenario.schema import Deal
from sim.society.creators import fake_share
from sim.society.world import check_audiences
from sim.studies.study import PARAMETER, Axis

Floats = NDArray[np.float64]

NEEDED: Mapping[str, tuple[str, ...]] = {
    "cost": ("price_constant",),
    "reach": ("reach",),
    "engagements": ("reach", "engagement_rate"),
    "clicks": ("reach", "click_rate"),
    "orders": ("reach", "click_rate", "conversion_rate"),
}
"""The parameters that a figure depends on first of all."""
STAGE: Mapping[str, str] = {names[-1]: figure for figure, names in NEEDED.items()}
"""The figure of each parameter's own stage."""
DECADES = 1e-4
"""A range that begins at 0 has no logarithm: its prior begins at this share of its high end."""
WAVES = (128, 128, 256)
"""Simulations of each wave."""
CHECKED, PLAYED = 100, 40
"""Draws of the posterior that the observed campaigns, and the scenario's plans, are simulated with."""
LEAST_PEOPLE, LEAST_AUDIENCE = 20_000, 60
"""Agents of the society, and of the smallest audience in it, where the user names no number."""
EVERY, LONGEST = 7, 56
"""Days between posts, and days over which they are spread at most."""
SEEN, AFTER = 0.99, 7
"""A run ends so many days after its last post has had this share of its impressions."""


@dataclass(frozen=True)
class Sizes:
    """How many simulations: of each wave, of the check, of the predictions."""

    waves: tuple[int, ...] = WAVES
    checked: int = CHECKED
    played: int = PLAYED


@dataclass(frozen=True)
class Campaign:
    """Where an observed row is found in a simulation: its plan, and its creator's handle there."""

    row: ObservedRow
    plan: str
    handle: str


@dataclass(frozen=True)
class Asked:
    """scenario: as the user has it; runs: the same with the observed campaigns as its plans; axes: the priors."""

    scenario: Scenario
    observed: Observed
    runs: Scenario
    campaigns: tuple[Campaign, ...]
    axes: tuple[Axis, ...]
    sizes: Sizes
    notes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters asked for."""
        return tuple(axis.key.removeprefix(PARAMETER) for axis in self.axes)

    @property
    def columns(self) -> tuple[str, ...]:
        """The figures that are used."""
        return tuple(figure for figure in FIGURES if np.isfinite(self.figures()[:, FIGURES.index(figure)]).any())

    def figures(self) -> Floats:
        """What was observed (rows, FIGURES); nan where nothing was measured. A cost of 0 says nothing of prices."""
        given = [[one.row.figures.get(name, math.nan) for name in FIGURES] for one in self.campaigns]
        table = np.array(given, dtype=np.float64).reshape(len(self.campaigns), len(FIGURES))
        table[table[:, 0] <= 0, 0] = math.nan
        return table

    def values(self, place: Floats) -> dict[str, float]:
        """The parameters at a point of the unit cube (axes,)."""
        return {name: float(axis.at(float(u))) for name, axis, u in zip(self.names, self.axes, place, strict=True)}

    def summaries(self, figures: Floats) -> Floats:
        """One number a figure used, of a table (rows, FIGURES), observed or simulated: see ``summary``."""
        there = np.isfinite(self.figures())
        return np.array([summary(name, figures[there[:, at], at]) for at, name in enumerate(FIGURES)
                         if name in self.columns])  # fmt: skip


def summary(figure: str, values: Floats) -> float:
    """Mean log over the rows, so that no single one decides; log of the sum for orders, which most rows may lack."""
    if figure == "cost":
        return float(np.log(values).mean())
    if figure == "orders":
        return float(np.log(values.sum() + 0.5))
    return float(np.log(values + 0.5).mean())


def asked(scenario: Scenario, observed: Observed, people: int | None = None, sizes: Sizes | None = None) -> Asked:
    """The question. people: agents of the campaigns' society (None: as many as the campaigns need).

    Raises InputError for a given graph, and InputErrors for campaigns that do not fit the market.
    """
    if scenario.graph is not None:
        raise InputError("a given graph cannot be calibrated to campaigns of other creators", key="society.graph",
                         expected="a scenario with a generated society")  # fmt: skip
    sizes = sizes or Sizes()
    campaigns, creators = _placed(observed, scenario)
    runs = _runs(scenario, campaigns, creators, people, sizes)
    _check_fit(runs, campaigns)
    question = Asked(scenario, observed, runs, campaigns, (), sizes, _notes(scenario, campaigns))
    needed = {name for figure in question.columns for name in NEEDED[figure]}
    if not needed:
        raise InputError("only costs of 0, which say nothing", key="cost", expected="a figure that says something")
    axes = tuple(prior(name) for name in STAGE if name in needed)
    return replace(question, axes=axes)


def prior(name: str) -> Axis:
    """Even in the logarithm over a parameter's own range."""
    own = PARAMETERS[name]
    return Axis(name, low=max(own.low, own.high * DECADES), high=own.high, log=True)


def _placed(observed: Observed, scenario: Scenario) -> tuple[tuple[Campaign, ...], dict[str, CreatorSpec]]:
    """A creator's first row is in the first plan, the second in the second: campaigns of one creator are apart."""
    creators, counts, found = dict[str, CreatorSpec](), Counter[str](), []
    for row in observed.rows:
        handle = row.creator or f"row {row.line}"
        if handle in creators and creators[handle].followers != row.followers:
            handle = f"{handle}, row {row.line}"
        known = scenario.creators.get(row.creator or "")
        spec = CreatorSpec(handle, row.followers) if known is None else known
        creators[handle] = replace(spec, handle=handle, followers=row.followers, engagement_rate=None, fee=None,
                                   reservation=None)  # fmt: skip
        counts[handle] += 1
        found.append(Campaign(row, f"campaigns {counts[handle]}", handle))
    return tuple(found), creators


def _runs(
    scenario: Scenario, campaigns: tuple[Campaign, ...], creators: Mapping[str, CreatorSpec], people: int | None,
    sizes: Sizes,
) -> Scenario:  # fmt: skip
    """The campaigns as plans of the scenario, as long as their posts need."""
    plans, last = dict[str, list[Deal]](), 0
    for one in campaigns:
        number = int(one.plan.rpartition(" ")[2]) - 1
        every = max(1, min(EVERY, LONGEST // one.row.posts))
        last = max(last, number + (one.row.posts - 1) * every)
        deal = Deal(creator=one.handle, posts=one.row.posts, start=number, every=every)
        plans.setdefault(one.plan, []).append(deal)
    runs = replace(
        scenario,
        creators=creators,
        plans=tuple(Plan(name, tuple(deals)) for name, deals in plans.items()),
        run=scenario.run.model_copy(update={"days": last + 1 + tail_days(scenario.rates)}),
        rates=replace(scenario.rates, reservation_share=0.0),
        society=scenario.society.model_copy(update={"people": people or _people(scenario, creators)}),
        notes=(),
    )
    return runs.with_replicates(sum(sizes.waves) + sizes.checked)


def tail_days(rates: Rates) -> int:
    """Days after the last post: until it has had nearly all of its impressions, and some for reshares."""
    return math.ceil(-math.log2(1.0 - SEEN) * rates.half_life_hours / 24.0) + AFTER


def _people(scenario: Scenario, creators: Mapping[str, CreatorSpec]) -> int:
    """Enough for the smallest audience, and no more than the scenario has."""
    population = float(scenario.market.population or scenario.people)
    smallest = min(spec.followers * (1.0 - fake_share(spec, scenario.rates)) for spec in creators.values())
    enough = max(LEAST_PEOPLE, math.ceil(LEAST_AUDIENCE * population / smallest))
    return min(scenario.people, enough)


def _check_fit(runs: Scenario, campaigns: tuple[Campaign, ...]) -> None:
    """Raise InputErrors that name the rows of creators who do not fit the market."""
    lines = {one.handle: one.row.line for one in reversed(campaigns)}
    problems: list[InputError] = []
    for spec in runs.creators.values():
        alone = replace(runs, plans=(Plan("alone", (Deal(creator=spec.handle),)),))
        before = len(problems)
        with collected(problems):
            check_audiences(alone)
        for problem in problems[before:]:
            problem.row = lines[spec.handle]
    if problems:
        raise InputErrors(problems)


def _notes(scenario: Scenario, campaigns: tuple[Campaign, ...]) -> tuple[str, ...]:
    notes = []
    known = [scenario.creators.get(one.row.creator or "") for one in campaigns]
    if any(spec is not None and spec.engagement_rate is not None for spec in known):
        notes.append("engagement rates of the roster are left out: the campaigns' own engagements say how well "
                     "posts did")  # fmt: skip
    if any(one.row.figures.get("cost") == 0 for one in campaigns):
        notes.append("costs of 0 are not used: they say nothing of prices")
    if len(campaigns) < FEW:
        notes.append(f"only {len(campaigns)} campaign{'' if len(campaigns) == 1 else 's'}: one creator's luck cannot "
                     "be told from the market's level, so that the intervals are wide")  # fmt: skip
    return tuple(notes)


FEW = 4
"""Fewer campaigns get a warning."""
