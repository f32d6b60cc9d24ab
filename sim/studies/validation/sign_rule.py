"""The equal-budget sign rule: ten small creators against one large at the same fee, over the price exponent.

With a figure growing as F^ε and the price as F^β, n equal small creators give n^(1 - ε/β) times what one large gives.
ε is measured on other creators and other seeds than the comparison. Audiences are disjoint, or overlap as asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import linregress

from sim.engine.campaign import assemble_campaign, single_post
from sim.engine.simulate import simulate
from sim.randomness import Stream, uniforms
from sim.record import Run, Source
from sim.rules import FIXED_POINT
from sim.scenario.load import Scenario
from sim.society.world import World, build_world
from sim.studies.validation.market import validation_scenario

Floats = NDArray[np.float64]

N_SMALL, LARGE = 10, 1_000_000
MIDDLE = 0.85
EXPONENTS = (0.65, 0.75, 0.85, 0.95, 1.0, 1.1)
OVERLAPS = (0.0, 0.2, 0.4)
FIGURES = ("reach", "engagements", "revenue")
COLUMNS = ("reach", "engagements_expected", "attributed_expected")
PEOPLE_PER_AGENT, DAYS = 100.0, 15
"""The smallest of the ten has about 200 agents as followers; in 15 days a post and its reshares have had their life."""
N_MEASURED, OTHER_SEEDS = 110, 10_000
EQUAL = {"quality_spread": 0.0, "appeal_spread": 0.0, "fake_width": 0.0}
"""Creators differ in size only: the rule is about size."""


def size_of_small(exponent: float) -> int:
    """Followers at which one of ten costs a tenth of the large one: F·10^(-1/β)."""
    return int(LARGE * math.pow(N_SMALL, -1.0 / exponent) + 0.5)


def sums(seed: int, parameters: Mapping[str, float]) -> dict[str, Any]:
    """What one seed adds: (ten, one) by price exponent, the ten by overlap, and what many other creators bring."""
    compared = {exponent: compare(seed, parameters, exponent) for exponent in EXPONENTS}
    overlapping = [compare(seed, parameters, MIDDLE, overlap)[0] for overlap in OVERLAPS]
    followers, brought = growth(seed, parameters)
    return {"compared": compared, "overlapping": overlapping, "followers": followers, "brought": brought}


def pooled(seeds: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """SF10 from sums over seeds."""
    brought = np.array([one["brought"] for one in seeds])
    epsilon = {e: exponents(seeds[0]["followers"], brought, size_of_small(e)) for e in EXPONENTS}
    compared = {
        exponent: tuple(np.sum([one["compared"][exponent][side] for one in seeds], axis=0) for side in (0, 1))
        for exponent in EXPONENTS
    }
    overlapping = np.sum([one["overlapping"] for one in seeds], axis=0)
    return facts(compared, overlapping, epsilon)


def compare(seed: int, parameters: Mapping[str, float], exponent: float, overlap: float = 0.0) -> tuple[Floats, Floats]:
    """Reach, engagements and orders after a click of the ten and of the one, one sponsored post each."""
    small = size_of_small(exponent)
    scenario = _scenario(seed, [*([small] * N_SMALL), LARGE], parameters)
    world = with_overlap(build_world(scenario), overlap)
    ten, one = (_figures(world, scenario, seed, numbers) for numbers in (range(N_SMALL), [N_SMALL]))
    return ten, one


def growth(seed: int, parameters: Mapping[str, float]) -> tuple[Floats, Floats]:
    """Followers of creators between the sizes compared, and what a post of each brings (3, creators)."""
    sizes = np.geomspace(size_of_small(min(EXPONENTS)), LARGE, N_MEASURED).astype(np.int64)
    scenario = _scenario(OTHER_SEEDS + seed, sizes.tolist(), parameters)
    world = build_world(scenario)
    run = _run(world, scenario, OTHER_SEEDS + seed, range(N_MEASURED))
    return world.followers, np.array([_column(run, name) for name in COLUMNS])


def exponents(followers: Floats, brought: Floats, smallest: float) -> Floats:
    """ε of each figure: slope of ln(sum over seeds) on ln F, from that size up. brought: (seeds, 3, creators)."""
    use = followers >= smallest
    return np.array([
        linregress(np.log(followers[use]), np.log(column[use])).slope for column in brought.sum(axis=0)
    ])  # fmt: skip


def predicted(epsilon: Floats, exponent: float) -> Floats:
    """n^(1 - ε/β) of each figure."""
    return np.asarray(N_SMALL ** (1.0 - epsilon / exponent))


def with_overlap(world: World, overlap: float) -> World:
    """The ten small audiences made disjoint but for people whom all have in common; the large one stays.

    overlap: those in common as a share of the smallest. People are dealt anew, and each audience keeps its size.
    """
    audiences = [world.audience_of(creator) for creator in range(world.n_creators)]
    sizes = np.array([len(audience) for audience in audiences[:N_SMALL]])
    order = np.argsort(uniforms(1, 0, Stream.SEEDING, person=np.arange(world.n_people))[0], kind="stable")
    common = order[: int(overlap * sizes.min())]
    own = np.split(order[len(common) :], np.cumsum(sizes - len(common)))[:N_SMALL]
    parts = [*(np.sort(np.concatenate([common, part])) for part in own), *audiences[N_SMALL:]]
    start = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    return replace(world, audience=np.concatenate(parts).astype(np.int32), audience_start=start)


def facts(compared: Mapping[float, Any], overlapping: Floats, epsilon: Mapping[float, Floats]) -> dict[str, float]:
    """SF10 from sums over seeds: (ten, one) by price exponent, and the ten's figures by ``OVERLAPS``."""
    found = {exponent: ten / one for exponent, (ten, one) in compared.items()}
    off = np.max([np.abs(found[e] / predicted(epsilon[e], e) - 1.0) for e in found], axis=0)
    values = np.array(list(found.values()))
    crossing = ((values.min(axis=0) < 1.0) & (values.max(axis=0) > 1.0)).sum()
    return {**dict(zip(("SF10a", "SF10b", "SF10c"), off.tolist(), strict=True)),
            "SF10d": float(overlapping[-1][0] / overlapping[0][0]), "SF10e": float(crossing)}  # fmt: skip


# --- one run -----------------------------------------------------------------------------------------------


def _scenario(seed: int, followers: Sequence[int], parameters: Mapping[str, float]) -> Scenario:
    return validation_scenario(seed, followers, {**parameters, **EQUAL}, people_per_agent=PEOPLE_PER_AGENT, days=DAYS,
                               all_general=True)  # fmt: skip


def _run(world: World, scenario: Scenario, seed: int, creators: Sequence[int]) -> Run:
    posts = [single_post(world, creator, 0) for creator in creators]
    campaign = assemble_campaign("sign", posts, DAYS, scenario.rates, product_niche=0)
    return simulate(world, campaign, scenario.rates, seed)


def _figures(world: World, scenario: Scenario, seed: int, creators: Sequence[int]) -> Floats:
    """Distinct people reached, engagements and orders after a click, of a campaign with one post each."""
    run = _run(world, scenario, seed, creators)
    reach = sum(run.total(f"reached_{source.name.lower()}") for source in Source)
    return np.array([reach, *(_column(run, name).sum() for name in COLUMNS[1:])], dtype=np.float64)


def _column(run: Run, name: str) -> Floats:
    return run.by_creator[name] / (FIXED_POINT if name.endswith("_expected") else 1.0)
