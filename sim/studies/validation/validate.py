"""Every fact measured over many seeds, a society each: median, 5-95 % band, and whether it passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sim.errors import InputError, nearest_match
from sim.society.world import build_world
from sim.studies.validation import attitude, cascades, feed, sign_rule, structure
from sim.studies.validation.facts import FACTS, Fact
from sim.studies.validation.market import followers_of_roster, validation_scenario
from sim.workers import Workers

Progress = Callable[[int, int], None]
Values = dict[str, float]

SMALL_POPULATION, SMALL_CREATORS, SMALL_LARGEST = 200_000, 60, 100_000
"""The society at one person an agent, with creators of 1,000 to 100,000 followers, log-uniform as SF8 asks."""
LOW_BAND, HIGH_BAND = 5.0, 95.0


@dataclass(frozen=True)
class Extent:
    """How thoroughly: seeds, and creators of the roster in all and at least in each tier."""

    seeds: int
    creators: int
    least: int


FULL, QUICK = Extent(30, 400, 40), Extent(8, 120, 12)


@dataclass(frozen=True)
class Finding:
    """A fact as measured: its values in order of the seeds (a single one where it is a figure of sums over seeds)."""

    fact: Fact
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return float(np.median(self.values))

    @property
    def band(self) -> tuple[float, float]:
        """The 5th and the 95th percentile over seeds."""
        with np.errstate(invalid="ignore"):  # an infinite value
            low, high = np.percentile(self.values, [LOW_BAND, HIGH_BAND])
        return float(low), float(high)

    @property
    def passed(self) -> bool:
        return self.fact.passes(self.median)


def validate(
    extent: Extent = FULL, *, only: Iterable[str] = (), parameters: Mapping[str, float] | None = None,
    workers: int | None = None, progress: Progress | None = None,
) -> list[Finding]:  # fmt: skip
    """The facts asked for (default: all; SF4 means all of SF4a, SF4b …), with the default rates but for ``parameters``.

    Raises InputError for a fact that does not exist.
    """
    wanted = facts_named(only)
    groups = {fact.group for fact in wanted}
    seeds = range(1, extent.seeds + 1)
    measured: dict[int, tuple[Values, Mapping[str, Any]]] = {}
    task = partial(_numbered, extent=extent, groups=groups, parameters=dict(parameters or {}))
    with Workers[tuple[int, Values, Mapping[str, Any]]](workers, extent.seeds) as crew:
        for done, (seed, found, raw) in enumerate(crew.each(task, list(seeds)), 1):
            measured[seed] = found, raw
            if progress is not None:
                progress(done, extent.seeds)
    in_order = [measured[seed] for seed in seeds]  # they come as they finish
    values = {name: [found[name] for found, _ in in_order] for name in in_order[0][0]}
    if "SF10" in groups:
        values |= {name: [value] for name, value in sign_rule.pooled([raw["SF10"] for _, raw in in_order]).items()}
    return [Finding(fact, tuple(values[fact.id])) for fact in wanted]


def facts_named(only: Iterable[str]) -> list[Fact]:
    """The facts of these names or groups; all for none."""
    names = [name.strip() for text in only for name in text.split(",")]
    known = [*FACTS, *dict.fromkeys(fact.group for fact in FACTS.values())]
    for name in names:
        if name not in known:
            raise InputError("no such fact", key="--only", value=name, expected="SF1 to SF20, or one of them like SF4a",
                             nearest=nearest_match(name, known))  # fmt: skip
    return [fact for fact in FACTS.values() if not names or fact.id in names or fact.group in names]


def _numbered(
    seed: int, extent: Extent, groups: Set[str], parameters: Mapping[str, float]
) -> tuple[int, Values, Mapping[str, Any]]:
    return seed, *measure_seed(seed, extent, groups, parameters)


def measure_seed(
    seed: int, extent: Extent, groups: Set[str], parameters: Mapping[str, float]
) -> tuple[Values, Mapping[str, Any]]:
    """Everything that one seed tells; and what is only summed over seeds."""
    found: Values = {}
    if groups & FEED or "SF1" in groups:
        found |= _on_the_large_market(seed, extent, groups, parameters)
    if groups & {"SF2", "SF3", "SF6", "SF8"}:
        found |= _on_the_small_market(seed, groups, parameters)
    raw = {"SF10": sign_rule.sums(seed, parameters)} if "SF10" in groups else {}
    return found, raw


FEED = frozenset({"SF4", "SF5", "SF11", "SF13", "SF16", "SF18", "SF19", "SF20"})


def _on_the_large_market(seed: int, extent: Extent, groups: Set[str], parameters: Mapping[str, float]) -> Values:
    scenario = validation_scenario(seed, followers_of_roster(extent.creators, extent.least).tolist(), parameters)
    world = build_world(scenario)
    found: Values = {}
    if groups & FEED:
        found |= feed.measure(scenario, world, seed)
        found["SF13"] = attitude.best_repetition(scenario.rates, float(np.median(world.trust)))
    if "SF1" in groups:
        found["SF1"] = structure.tail_exponent(structure.followers_of_all(world))
    return found


def _on_the_small_market(seed: int, groups: Set[str], parameters: Mapping[str, float]) -> Values:
    sizes: Sequence[int] = np.geomspace(1_000, SMALL_LARGEST, SMALL_CREATORS).astype(int).tolist()
    scenario = validation_scenario(seed, sizes, parameters, population=SMALL_POPULATION, people_per_agent=1.0)
    world = build_world(scenario)
    found: Values = {}
    if {"SF2", "SF3"} & groups:
        found |= structure.measure(world)
    if "SF6" in groups:
        found |= cascades.measure(scenario, world, seed)
    if "SF8" in groups:
        found |= cascades.predictability(scenario, world, seed)
    return found
