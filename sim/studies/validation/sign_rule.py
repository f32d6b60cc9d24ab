"""The equal-budget sign rule: ten small creators against one large at the same fee, over the price exponent.

With a figure growing as F^ε and the price as F^β, n equal small creators give n^(1 - ε/β) times what one large gives.
ε is measured on other creators and other seeds than the comparison. All audiences are dealt alike: people of the
society in random order, disjoint or overlapping as asked. In the model's own audiences people who like to follow crowd
into the small ones, and a difference between two audiences would then stand beside the difference in size.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.stats import linregress

from sim.engine.campaign import assemble_campaign, single_post
from sim.engine.simulate import simulate
from sim.randomness import Stream, uniforms
from sim.record import Run, Source
from sim.results.statistics import ratio_of_means
from sim.rules import FIXED_POINT
from sim.scenario.load import Scenario
from sim.society.world import World, build_world
from sim.studies.validation.market import validation_scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Sums = Mapping[str, NDArray[np.float64]]

N_SMALL, LARGE = 10, 1_000_000
EXPONENTS = (0.65, 0.75, 0.85, 0.95, 1.0, 1.1)
OVERLAPS = (0.0, 0.2, 0.4)
FIGURES = ("reach", "engagements", "revenue")
COLUMNS = ("reach", "engagements_expected", "attributed_expected")
"""What of a run each figure is: people, engagements, orders after a click."""
PEOPLE_PER_AGENT, DAYS = 100.0, 10
"""The smallest of the ten has about 200 agents as followers; in 10 days a post and its reshares have had their life."""
RUNS, RUNS_OF_ONE, RUNS_OVERLAPPING = 8, 16, 2
"""Runs of a campaign on one society, each with other luck: most of the noise is luck, and a run costs little. More of
the one, with which everything is compared; fewer where audiences overlap, which is only asked for reach."""
N_MEASURED, PARTS, OTHER_SEEDS = 110, 5, 10_000
"""Creators on whom ε is measured, and the campaigns they are dealt over so that the audiences of each are disjoint."""
MOST_FOLLOWED = 0.01
"""People whom a larger share of the society follows are dealt to nobody (about 80 of 200,000): they are creators rather
than ordinary people, and when one of them reshares a post, that outweighs ten times its author's size."""
EQUAL = {"quality_spread": 0.0, "appeal_spread": 0.0, "fake_width": 0.0}
"""Creators differ in size only: the rule is about size."""


@dataclass(frozen=True)
class Point:
    """Ten small : one large in one figure. rule: n^(1 - ε/β); low, high: 95 % interval of ``simulated`` over seeds.

    exponent: β of the price; overlap: of the ten audiences; followers: of each of the ten.
    """

    figure: str
    exponent: float
    overlap: float
    followers: int
    epsilon: float
    rule: float
    simulated: float
    low: float | None
    high: float | None


# --- what a seed adds --------------------------------------------------------------------------------------


def sums(seed: int, parameters: Mapping[str, float]) -> Sums:
    """What one seed adds, in agents, means over runs.

    one (3,) and ten (exponents, overlaps, 3) by figure; followers (N,) and brought (3, N): of the creators on whom ε is
    measured.
    """
    small = [size_of_small(exponent) for exponent in EXPONENTS for _ in range(N_SMALL)]
    market = Market.of(seed, [*small, LARGE], parameters)
    tens = [range(first, first + N_SMALL) for first in range(0, len(small), N_SMALL)]
    runs = [RUNS_OVERLAPPING if overlap else RUNS for overlap in OVERLAPS]
    followers, brought = growth(seed, parameters)
    return {
        "one": market.together([len(small)], runs=RUNS_OF_ONE),
        "ten": np.array([[market.together(ten, *how) for how in zip(OVERLAPS, runs, strict=True)] for ten in tens]),
        "followers": followers,
        "brought": brought,
    }


def growth(seed: int, parameters: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Followers of creators between the sizes compared, and what a post of each brings (3, creators)."""
    sizes = np.geomspace(size_of_small(min(EXPONENTS)), LARGE, N_MEASURED).astype(np.int64)
    market = Market.of(OTHER_SEEDS + seed, sizes.tolist(), parameters)
    brought = np.empty((len(COLUMNS), N_MEASURED))
    for part in range(PARTS):
        creators = range(part, N_MEASURED, PARTS)
        brought[:, creators] = market.each(creators)
    return market.world.followers, brought


def size_of_small(exponent: float) -> int:
    """Followers at which one of ten costs a tenth of the large one: F·10^(-1/β)."""
    return int(LARGE * math.pow(N_SMALL, -1.0 / exponent) + 0.5)


# --- what comes of all seeds -------------------------------------------------------------------------------


def pooled(seeds: Sequence[Sums]) -> tuple[Point, ...]:
    """Every ratio of sums over seeds, with what the rule says of it."""
    one = np.array([seed["one"] for seed in seeds])
    ten = np.array([seed["ten"] for seed in seeds])
    brought = np.array([seed["brought"] for seed in seeds])
    epsilon = [exponents(seeds[0]["followers"], brought, size_of_small(exponent)) for exponent in EXPONENTS]
    return tuple(
        _point(figure, (EXPONENTS[e], OVERLAPS[o]), float(epsilon[e][f]), ten[:, e, o, f], one[:, f])
        for f, figure in enumerate(FIGURES)
        for e in range(len(EXPONENTS))
        for o in range(len(OVERLAPS))
    )


def _point(figure: str, at: tuple[float, float], epsilon: float, ten: Floats, one: Floats) -> Point:
    exponent, overlap = at
    interval = ratio_of_means(ten, one)
    low, high = (None, None) if interval is None else (interval.low, interval.high)
    ratio = float(ten.sum() / one.sum()) if one.sum() > 0.0 else math.nan
    return Point(figure, exponent, overlap, size_of_small(exponent), epsilon, predicted(epsilon, exponent), ratio, low,
                 high)  # fmt: skip


def exponents(followers: Floats, brought: Floats, smallest: float) -> Floats:
    """ε of each figure: slope of ln(sum over seeds) on ln F, from that size up; nan where one brought nothing.

    brought: (seeds, 3, creators).
    """
    use = followers >= smallest
    columns = brought.sum(axis=0)[:, use]
    return np.array([
        linregress(np.log(followers[use]), np.log(column)).slope if np.all(column > 0.0) else math.nan
        for column in columns
    ])  # fmt: skip


def predicted(epsilon: float, exponent: float) -> float:
    """n^(1 - ε/β)."""
    return float(N_SMALL ** (1.0 - epsilon / exponent))


def facts(points: Iterable[Point]) -> dict[str, float]:
    """SF10: how far from the rule where nothing overlaps, how reach falls with each overlap, what crosses 1."""
    found = {(point.figure, point.exponent, point.overlap): point for point in points}
    apart = {figure: [found[figure, e, 0.0] for e in EXPONENTS] for figure in FIGURES}
    off = {figure: max(abs(p.simulated / p.rule - 1.0) for p in apart[figure]) for figure in FIGURES}
    reach = [[found["reach", e, overlap].simulated for overlap in OVERLAPS] for e in EXPONENTS]
    falls = max(more / less for row in reach for less, more in pairwise(row))
    crossing = sum(min(p.simulated for p in row) < 1.0 < max(p.simulated for p in row) for row in apart.values())
    return {**dict(zip(("SF10a", "SF10b", "SF10c"), off.values(), strict=True)), "SF10d": falls,
            "SF10e": float(crossing)}  # fmt: skip


# --- campaigns whose audiences are dealt -------------------------------------------------------------------


@dataclass(frozen=True)
class Market:
    """A society and creators to be compared on it; ``people``: ordinary ones, in the order in which they are dealt."""

    seed: int
    scenario: Scenario
    world: World
    people: Ints

    @classmethod
    def of(cls, seed: int, followers: Sequence[int], parameters: Mapping[str, float]) -> Market:
        """General creators of these sizes in a market of 20 million."""
        scenario = validation_scenario(seed, followers, {**parameters, **EQUAL}, people_per_agent=PEOPLE_PER_AGENT,
                                       days=DAYS, all_general=True)  # fmt: skip
        world = build_world(scenario)
        ordinary = np.flatnonzero(np.diff(world.society.follower_start) <= MOST_FOLLOWED * world.n_people)
        u = uniforms(seed, 0, Stream.SEEDING, person=ordinary)[0]
        return cls(seed, scenario, world, ordinary[np.argsort(u, kind="stable")])

    def together(self, creators: Sequence[int], overlap: float = 0.0, runs: int = RUNS) -> Floats:
        """Distinct people reached, engagements and orders after a click by one post of each of these creators."""
        found = self._runs(creators, overlap, runs)
        reach = np.mean([sum(run.total(f"reached_{source.name.lower()}") for source in Source) for run in found])
        return np.array([reach, *(_column(found, name).sum() for name in COLUMNS[1:])])

    def each(self, creators: Sequence[int]) -> Floats:
        """The same of each of these creators: (3, creators)."""
        found = self._runs(creators, 0.0, RUNS)
        return np.array([_column(found, name)[list(creators)] for name in COLUMNS])

    def _runs(self, creators: Sequence[int], overlap: float, n: int) -> list[Run]:
        world, rates = dealt(self.world, self.people, creators, overlap), self.scenario.rates
        posts = [single_post(world, creator, 0) for creator in creators]
        campaign = assemble_campaign("sign", posts, DAYS, rates, product_niche=0)
        return [simulate(world, campaign, rates, self.seed, replicate) for replicate in range(n)]


def dealt(world: World, people: Ints, creators: Sequence[int], overlap: float = 0.0) -> World:
    """These creators get as many of ``people``, in their order, as are to be expected; the others get nobody.

    Audiences are disjoint but for those whom all have in common: ``overlap`` is their share of the smallest.
    """
    sizes = np.rint(world.real_followers[list(creators)] / world.people_per_agent).astype(np.int64)
    common = people[: int(overlap * sizes.min())]
    own = np.split(people[len(common) :], np.cumsum(sizes - len(common)))
    audiences = [np.empty(0, np.int64) for _ in range(world.n_creators)]
    for creator, part in zip(creators, own, strict=False):
        audiences[creator] = np.sort(np.concatenate([common, part]))
    start = np.concatenate([[0], np.cumsum([len(audience) for audience in audiences])]).astype(np.int64)
    return replace(world, audience=np.concatenate(audiences).astype(np.int32), audience_start=start)


def _column(runs: Sequence[Run], name: str) -> Floats:
    """A column by creator, the mean over runs."""
    factor = FIXED_POINT if name.endswith("_expected") else 1.0
    return np.asarray(np.mean([run.by_creator[name] for run in runs], axis=0) / factor)
