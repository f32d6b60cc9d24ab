"""Every fact measured over many seeds, a society each: median, 5-95 % band, and whether it passes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sim.ensemble import compile_first
from sim.errors import InputError, nearest_match
from sim.pieces import Arrays, Pieces, Progress
from sim.society.world import build_world
from sim.studies.validation import attitude, cascades, feed, sign_rule, structure
from sim.studies.validation.facts import FACTS, Fact
from sim.studies.validation.market import PEOPLE_PER_AGENT, followers_of_roster, validation_scenario
from sim.workers import Workers

Values = dict[str, float]

SMALL_POPULATION, SMALL_CREATORS, SMALL_LARGEST = 200_000, 60, 100_000
"""The society at one person an agent, with creators of 1,000 to 100,000 followers, log-uniform as SF8 asks."""
LOW_BAND, HIGH_BAND = 5.0, 95.0


@dataclass(frozen=True)
class Extent:
    """How thoroughly: seeds, creators of the roster in all and at least in each tier.

    close: how many of the seeds, the first ones, also have the society at one person an agent (None: all).
    per_agent: people an agent in the large market.
    """

    seeds: int
    creators: int
    least: int
    close: int | None = None
    per_agent: float = PEOPLE_PER_AGENT

    def is_close(self, seed: int) -> bool:
        """Whether this seed has that society."""
        return self.close is None or seed <= self.close


FULL, QUICK = Extent(30, 400, 40), Extent(8, 120, 12, close=2, per_agent=35.0)


@dataclass(frozen=True)
class Finding:
    """A fact as measured: its values in order of the seeds (a single one where it is a figure of sums over seeds).

    few: from so few seeds and creators that a median close to the edge of what is accepted says little.
    """

    fact: Fact
    values: tuple[float, ...]
    few: bool = False

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

    @property
    def unsure(self) -> bool:
        """Of few seeds: the median is not accepted, but what some of the seeds say is; the full run decides."""
        low, high = min(self.values), max(self.values)
        between = low <= self.fact.high and high >= self.fact.low
        return self.few and not self.passed and bool(np.all(np.isfinite(self.values))) and low < high and between

    @property
    def failed(self) -> bool:
        return not self.passed and not self.unsure


@dataclass(frozen=True)
class Findings(Sequence[Finding]):
    """The facts as measured, and what SF10 rests on: each ratio beside the rule, none where SF10 was not asked for."""

    facts: tuple[Finding, ...]
    sign_rule: tuple[sign_rule.Point, ...] = ()

    def __getitem__(self, place: Any) -> Any:
        return self.facts[place]

    def __len__(self) -> int:
        return len(self.facts)


@dataclass(frozen=True)
class Seed:
    """What one seed tells: the values of its facts, and what SF10 only tells as sums over seeds."""

    number: int
    values: Mapping[str, float]
    sums: sign_rule.Sums


def validate(
    extent: Extent = FULL, *, only: Iterable[str] = (), parameters: Mapping[str, float] | None = None,
    workers: int | None = None, folder: Path | None = None, progress: Progress | None = None,
) -> Findings:  # fmt: skip
    """The facts asked for (default: all; SF4 means all of SF4a, SF4b …), with the default rates but for ``parameters``.

    folder: finished seeds are kept there and not measured again; another question needs another folder.
    Raises InputError for a fact that does not exist, Interrupted on Ctrl-C, with what was finished kept.
    """
    wanted, numbers = facts_named(only), _numbers(extent)
    pieces = _pieces(folder, extent, wanted)
    done = pieces.finished(numbers)
    missing = [number for number in numbers if number not in done]
    task = partial(_measured, extent=extent, groups={fact.group for fact in wanted}, parameters=dict(parameters or {}))
    with pieces.stoppable(done, len(numbers)), Workers[Seed](workers, len(missing)) as crew:
        if missing:
            compile_first(crew)
        order = sorted(missing, key=lambda number: (number % crew.n, number))  # each process gets some of the first
        pieces.complete(done, order, task, crew, progress)
    return _findings(extent, wanted, [done[number] for number in numbers])


def missing_seeds(extent: Extent, only: Iterable[str], folder: Path | None) -> int:
    """How many seeds ``validate`` would still measure."""
    return extent.seeds - len(_pieces(folder, extent, facts_named(only)).finished(_numbers(extent)))


def _findings(extent: Extent, wanted: Iterable[Fact], seeds: Sequence[Seed]) -> Findings:
    values = {fact.id: tuple(s.values[fact.id] for s in seeds if _tells(s.number, extent, fact)) for fact in wanted}
    points: tuple[sign_rule.Point, ...] = ()
    if any(fact.group == SIGN_RULE for fact in wanted):
        points = sign_rule.pooled([seed.sums for seed in seeds])
        values |= {name: (value,) for name, value in sign_rule.facts(points).items()}
    return Findings(tuple(Finding(fact, values[fact.id], extent == QUICK) for fact in wanted), points)


def facts_named(only: Iterable[str]) -> list[Fact]:
    """The facts of these names or groups; all for none."""
    names = [name.strip() for text in only for name in text.split(",")]
    known = [*FACTS, *dict.fromkeys(fact.group for fact in FACTS.values())]
    for name in names:
        if name not in known:
            raise InputError("no such fact", key="--only", value=name, expected="SF1 to SF20, or one of them like SF4a",
                             nearest=nearest_match(name, known))  # fmt: skip
    return [fact for fact in FACTS.values() if not names or fact.id in names or fact.group in names]


# --- one seed ----------------------------------------------------------------------------------------------

FEED = frozenset({"SF4", "SF5", "SF11", "SF13", "SF16", "SF18", "SF19", "SF20"})
LARGE_MARKET = frozenset({"SF1", *FEED})
"""Facts measured in a market of 20 million."""
CLOSE = frozenset({"SF2", "SF3", "SF6", "SF8"})
"""Facts measured on a society at one person an agent."""
SIGN_RULE = "SF10"


def measure_seed(
    seed: int, extent: Extent, groups: Set[str], parameters: Mapping[str, float]
) -> tuple[Values, sign_rule.Sums]:
    """Everything that one seed tells; and what is only summed over seeds."""
    found: Values = {}
    if groups & LARGE_MARKET:
        found |= _on_the_large_market(seed, extent, groups, parameters)
    if groups & CLOSE and extent.is_close(seed):
        found |= _on_the_small_market(seed, groups, parameters)
    return found, sign_rule.sums(seed, parameters) if SIGN_RULE in groups else {}


def _on_the_large_market(seed: int, extent: Extent, groups: Set[str], parameters: Mapping[str, float]) -> Values:
    followers = followers_of_roster(extent.creators, extent.least).tolist()
    scenario = validation_scenario(seed, followers, parameters, people_per_agent=extent.per_agent)
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
    if groups & {"SF2", "SF3"}:
        found |= structure.measure(world)
    if "SF6" in groups:
        found |= cascades.measure(scenario, world, seed)
    if "SF8" in groups:
        found |= cascades.predictability(scenario, world, seed)
    return found


# --- what is kept of an unfinished validation --------------------------------------------------------------


def _numbers(extent: Extent) -> range:
    return range(1, extent.seeds + 1)


def _measured(number: int, extent: Extent, groups: Set[str], parameters: Mapping[str, float]) -> Seed:
    return Seed(number, *measure_seed(number, extent, groups, parameters))


def _pieces(folder: Path | None, extent: Extent, wanted: Sequence[Fact]) -> Pieces[Seed]:
    return Pieces(folder, "seed", _arrays, partial(_seed, extent=extent, wanted=wanted))


def _arrays(seed: Seed) -> Arrays:
    values = {f"value/{name}": np.array(value) for name, value in seed.values.items()}
    return {**values, **{f"sum/{name}": column for name, column in seed.sums.items()}}


def _seed(number: int, arrays: Arrays, extent: Extent, wanted: Sequence[Fact]) -> Seed:
    """KeyError where a fact that is wanted is not there."""
    values = {fact.id: float(arrays[f"value/{fact.id}"]) for fact in wanted if _tells(number, extent, fact)}
    sums = {name.removeprefix("sum/"): column for name, column in arrays.items() if name.startswith("sum/")}
    if any(fact.group == SIGN_RULE for fact in wanted) and not sums:
        raise KeyError(SIGN_RULE)
    return Seed(number, values, sums)


def _tells(number: int, extent: Extent, fact: Fact) -> bool:
    """Whether a seed has a value of this fact."""
    return fact.group != SIGN_RULE and (fact.group not in CLOSE or extent.is_close(number))
