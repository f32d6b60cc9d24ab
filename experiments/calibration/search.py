"""What the calibration may move, what it is held against, and how far off a set of numbers is.

Two stages, since the first does not depend on the second: ``people`` (ties and reshares among ordinary people, one
person an agent) and ``feed`` (trust, feed and responses; one post of each creator). Only facts of role C are read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from sim.scenario.load import Scenario
from sim.society.audiences import Audience
from sim.society.society import Society, generate_society
from sim.society.world import audiences_of, build_society, build_world, society_settings
from sim.studies.validation import attitude, cascades, feed, structure
from sim.studies.validation.facts import TO_CALIBRATE, Fact
from sim.studies.validation.market import followers_of_roster, validation_scenario
from sim.studies.validation.validate import SMALL_CREATORS, SMALL_LARGEST, SMALL_POPULATION

Numbers = Mapping[str, float]

FREE = 0.5
"""A fact costs nothing while it lies in the middle half of its accepted interval."""
SOFT_WEIGHT, PULL = 0.25, 0.02
"""Weight of a soft fact, and of a parameter's distance from where it began, in widths of its search range."""
UNDEFINED = 10.0
"""What a fact costs that is not a number."""
WIDE = 3.0
"""A positive interval whose ends differ by more than this factor is measured in logarithms."""


@dataclass(frozen=True)
class Range:
    """Where a parameter is looked for. start: the value before the search, towards which it is pulled.

    moved: whether the search moves it; else it stays, and only how far it might go is measured.
    """

    low: float
    high: float
    start: float
    log: bool = False
    moved: bool = True

    def distance(self, value: float) -> float:
        """Distance from the start in widths of the range."""
        scale = math.log if self.log else float
        return (scale(value) - scale(self.start)) / (scale(self.high) - scale(self.low))


PEOPLE = {
    "group_median": Range(8.0, 24.0, 14.0, log=True),
    "group_spread": Range(0.5, 1.1, 0.9),
    "friends_exponent": Range(0.6, 1.0, 0.8),
    "in_group_share": Range(0.6, 0.85, 0.75),
    "returned_share": Range(0.3, 0.6, 0.5),
    "share_rate": Range(0.007, 0.028, 0.014, log=True),
}
FEED = {
    "answers_a_day": Range(20.0, 300.0, 100.0, log=True),
    "trust_floor": Range(0.1, 0.4, 0.25),
    "trust_gain": Range(0.4, 0.85, 0.6),
    "peer_trust": Range(0.75, 0.95, 0.85),
    "general_affinity": Range(0.4, 0.9, 0.5),
    "cross_affinity": Range(0.2, 0.6, 0.4, moved=False),
    "engagement_rate": Range(0.05, 0.2, 0.105, log=True),
    "rank_exponent": Range(0.3, 0.9, 0.5),
    "reach": Range(0.2, 0.4, 0.3, moved=False),
    "click_rate": Range(0.01, 0.04, 0.02, log=True),
    "conversion_rate": Range(0.025, 0.1, 0.05, log=True, moved=False),
    "ad_aversion": Range(0.1, 0.4, 0.25, moved=False),
    "unfollow_rate": Range(0.005, 0.02, 0.01, log=True),
}
KEPT_APART = {"friends_exponent": "at 0.60 some societies have under 200 people with 80 to 120 friends"}
"""Defaults that are not the best trial's, and why."""
GROUPS = {
    "people": ("SF2", "SF3", "SF6"),
    "feed": ("SF4", "SF5", "SF11", "SF13", "SF16", "SF18", "SF19", "SF20"),
}
"""SF1 is not searched for: its tail is that of the roster and of ``popularity_exponent``, which has a source."""
SPACES: Mapping[str, Mapping[str, Range]] = {"people": PEOPLE, "feed": FEED}


def moved(stage: str) -> dict[str, Range]:
    """The numbers that a search moves."""
    return {name: r for name, r in SPACES[stage].items() if r.moved}


def facts_of(stage: str) -> list[Fact]:
    """The facts of a stage: of role C only."""
    return [fact for fact in TO_CALIBRATE if fact.group in GROUPS[stage]]


# --- how far off -------------------------------------------------------------------------------------------


def place(fact: Fact, value: float) -> float:
    """Where a value lies in its accepted interval: 0 the middle, -1 and 1 the ends."""
    low, high = fact.low, fact.high
    if low > 0 and high / low > WIDE:
        low, high, value = math.log(low), math.log(high), math.log(value) if value > 0 else -math.inf
    return (value - (low + high) / 2) / ((high - low) / 2)


def loss(stage: str, found: Numbers, numbers: Numbers) -> float:
    """Squared distance of the stage's facts from the middle half of their intervals, and of numbers from the start."""
    total = 0.0
    for fact in facts_of(stage):
        where = abs(place(fact, found[fact.id]))
        off = min(max(0.0, where - FREE), UNDEFINED) if math.isfinite(where) else UNDEFINED
        total += (1.0 if fact.hard else SOFT_WEIGHT) * off * off
    space = SPACES[stage]
    return total + PULL * sum(space[name].distance(value) ** 2 for name, value in numbers.items())


def failing(stage: str, found: Numbers, hard: bool = True) -> list[str]:
    """The stage's facts that do not pass (hard ones only, or all)."""
    return [fact.id for fact in facts_of(stage) if (fact.hard or not hard) and not fact.passes(found[fact.id])]


# --- measuring ---------------------------------------------------------------------------------------------


class People:
    """Ties and reshares among ordinary people: a society for each set of numbers."""

    def __init__(self, seeds: Sequence[int]) -> None:
        self.seeds = seeds

    def measure(self, numbers: Numbers) -> dict[str, float]:
        """SF2, SF3 and SF6: medians over the seeds."""
        return medians([self._one(seed, numbers) for seed in self.seeds])

    def _one(self, seed: int, numbers: Numbers) -> dict[str, float]:
        sizes = np.geomspace(1_000, SMALL_LARGEST, SMALL_CREATORS).astype(int).tolist()
        scenario = validation_scenario(seed, sizes, numbers, population=SMALL_POPULATION, people_per_agent=1.0)
        world = build_world(scenario, 0, generate_society(*society_settings(scenario, 0)))
        return structure.measure(world) | cascades.measure(scenario, world, seed)


class Feed:
    """One post of each creator, on audiences that are drawn once: no number searched for decides who follows whom."""

    def __init__(self, seeds: Sequence[int], creators: int, least: int, fixed: Numbers) -> None:
        self.seeds, self.fixed = seeds, dict(fixed)
        self.followers = followers_of_roster(creators, least).tolist()

    @cached_property
    def places(self) -> dict[int, tuple[Society, dict[str, Audience]]]:
        """Society and audiences of each seed."""
        found = {}
        for seed in self.seeds:
            scenario = self.scenario(seed, {})
            society = build_society(scenario, 0)
            found[seed] = society, audiences_of(scenario, society, 0)
        return found

    def scenario(self, seed: int, numbers: Numbers) -> Scenario:
        """The validation market with creators of balanced quality."""
        return balanced(validation_scenario(seed, self.followers, {**self.fixed, **numbers}))

    def measure(self, numbers: Numbers) -> dict[str, float]:
        """The facts of the feed, the funnel and trust: medians over the seeds."""
        return medians([self._one(seed, numbers) for seed in self.seeds])

    def _one(self, seed: int, numbers: Numbers) -> dict[str, float]:
        scenario = self.scenario(seed, numbers)
        world = build_world(scenario, 0, *self.places[seed])
        found = feed.measure(scenario, world, seed)
        return found | {"SF13": attitude.best_repetition(scenario.rates, float(np.median(world.trust)))}


def balanced(scenario: Scenario) -> Scenario:
    """Qualities as quantiles of their law, spread evenly over the sizes instead of drawn.

    A few hundred drawn qualities tilt the slopes on followers by about ±0.1 of themselves; quality has nothing to do
    with size in the model, so its noise is taken out. ``influence validate`` draws them.
    """
    spread, n = scenario.rates.quality_spread, len(scenario.creators)
    quality = np.exp(spread * ndtri(even_points(n)) - spread * spread / 2)
    creators = {
        handle: replace(creator, quality=float(q))
        for (handle, creator), q in zip(scenario.creators.items(), quality, strict=True)
    }
    return replace(scenario, creators=creators)


def even_points(n: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """n points of (0, 1) in pairs u, 1 - u, which lie even in every stretch: u by the golden ratio, modulo 1."""
    u = (np.arange(1, n // 2 + 2) * (math.sqrt(5.0) - 1.0) / 2.0) % 1.0
    return np.column_stack([u, 1.0 - u]).ravel()[:n]


def medians(found: Sequence[Numbers]) -> dict[str, float]:
    """The median over seeds of each fact."""
    return {name: float(np.median([one[name] for one in found])) for name in found[0]}
