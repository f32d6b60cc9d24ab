"""One agent may stand for many real people: that changes the noise of an answer, not the answer.

The same market of real people is simulated with 1, 5 and 20 people an agent, and the figures are held to be equivalent
by two one-sided tests at 5 %: the 90 % interval of the ratio of their means has to lie within the bounds, and one too
wide to tell fails. Replicates are paired: creators, prices and the posts' appeal are the same at every scale. Societies
are not, and small ones differ more, so that a replicate is the mean over several of them. Creators' qualities are
given: where they are drawn, a few replicates decide the sum, and no affordable number of them evens that out.

Beside the tests stand scalings that are wrong on purpose, to see that they are found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.engine.booking import make_campaign
from sim.engine.simulate import simulate
from sim.record import Run, Source
from sim.results.statistics import log_ratio_interval
from sim.rules import FIXED_POINT
from sim.society.society import Society, generate_society
from sim.society.world import build_world, society_settings

PLAN = """
[[creator]]
handle = "big"
followers = {big}
quality = 1.0
[[creator]]
handle = "anna"
followers = {small}
quality = 1.0
niche = "beauty"
[[creator]]
handle = "ben"
followers = {small}
quality = 1.0
niche = "beauty"
[[creator]]
handle = "cleo"
followers = {small}
quality = 1.0
niche = "food"
[market]
population = {people}
niches = ["beauty", "food", "sport", "travel"]
[product]
niche = "beauty"
price = 40.0
[run]
days = 10
seed = 11
[[plan]]
name = "mix"
deals = [{deals}]
"""
"""A big creator and three small ones; the small ones' audiences are a quarter to a third of the big one's."""

DEALS = ", ".join(f'{{creator = "{handle}", posts = 2, every = 4}}' for handle in ("big", "anna", "ben", "cleo"))
FIGURES = ("reach", "engagements", "conversions")
PROMISED = {"reach": 0.05, "engagements": 0.05, "conversions": 0.10}
LOOSELY = {"reach": 0.075, "engagements": 0.075, "conversions": 0.15}
Samples = Mapping[str, tuple[float, ...]]


def of_run(run: Run) -> dict[str, float]:
    """The figures in real people and their deeds."""
    expected = {name: run.total(f"{name}_expected") / FIXED_POINT for name in ("engagements", "conversions")}
    reach = sum(run.total(f"reached_{source.name.lower()}") for source in Source)
    return {name: run.people_per_agent * value for name, value in {"reach": reach, **expected}.items()}


def society_of(scenario: sim.Scenario, number: int) -> Society:
    """A society that is not kept on disk."""
    return generate_society(*society_settings(scenario, number))


@lru_cache(maxsize=8)
def samples(path: Path, w: int, replicates: int, societies: int, *overrides: str) -> Samples:
    """Each figure by replicate, as the mean over so many societies; an audience has 200 agents or more."""
    population = sim.load(path).market.population
    scenario = sim.load(path, *overrides, people=population // w)
    found = np.zeros((replicates, len(FIGURES)))
    for number in range(replicates):
        for other in range(societies):
            world = build_world(scenario, number, society_of(scenario, number * societies + other))
            assert not world.warnings
            run = simulate(world, make_campaign(scenario, scenario.plan("mix"), world), scenario.rates,
                           scenario.run.seed, number)  # fmt: skip
            found[number] += [of_run(run)[name] / societies for name in FIGURES]
    return dict(zip(FIGURES, map(tuple, found.T), strict=True))


def not_shown_equal(a: Samples, b: Samples, bounds: Mapping[str, float]) -> dict[str, str]:
    """The figures whose ratio is not shown to lie within 1/(1 + bound) .. 1 + bound, with its 90 % interval."""
    failed = {}
    for name, bound in bounds.items():
        interval = log_ratio_interval(a[name], b[name], confidence=0.90)
        assert interval is not None
        low, high = (math.inf * sign if at is None else at for at, sign in ((interval.low, -1), (interval.high, 1)))
        if not (-math.log1p(bound) < low and high < math.log1p(bound)):
            failed[name] = f"{math.exp(interval.mean):.3f} [{math.exp(low):.3f}, {math.exp(high):.3f}]"
    return failed


def market(folder: Path, **sizes: int) -> Path:
    path = folder / "market.toml"
    path.write_text(PLAN.format(**sizes, deals=DEALS))
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return market(tmp_path_factory.mktemp("large"), people=120_000, big=30_000, small=9_000)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return market(tmp_path_factory.mktemp("small"), people=30_000, big=7_500, small=2_250)


# --- the promise -------------------------------------------------------------------------------------------

LARGE = {1: (40, 1), 5: (40, 4), 20: (40, 5)}
SMALL = {1: (10, 1), 5: (10, 5)}
"""People an agent -> replicates, and societies a replicate is the mean of."""


@pytest.mark.slow
def test_people_per_agent_changes_noise_not_answers(large: Path) -> None:
    one, five, twenty = (samples(large, w, *many) for w, many in LARGE.items())
    assert not not_shown_equal(five, one, PROMISED)
    assert not not_shown_equal(twenty, one, PROMISED)
    fewer_ties = samples(large, 20, 40, 2, "society.peer_ties=2")  # 40 / 20: ties are never scaled
    assert {"reach", "engagements"} <= not_shown_equal(fewer_ties, one, PROMISED).keys()


def test_people_per_agent_changes_little_at_a_glance(small: Path) -> None:
    one, five = (samples(small, w, *many) for w, many in SMALL.items())
    assert not not_shown_equal(five, one, LOOSELY)


# --- what is wrong is found --------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["parameters.engagement_rate=0.1365", "parameters.answers_a_day=20"])
@pytest.mark.full
def test_a_wrong_scaling_is_found(wrong: str, small: Path) -> None:
    """A rate three tenths higher; answers a day divided by five as if agents, not people, had to be answered."""
    one, five = samples(small, 1, *SMALL[1]), samples(small, 5, *SMALL[5], wrong)
    assert "engagements" in not_shown_equal(five, one, LOOSELY)


def alternating(n: int, spread: float) -> tuple[float, ...]:
    return tuple(100.0 * (1.0 + spread * (-1) ** k) for k in range(n))


def test_a_figure_too_noisy_to_tell_is_not_equal() -> None:
    bounds = {"reach": 0.05}
    for n, spread, passes in ((4, 0.0, True), (4, 0.1, False), (40, 0.1, True), (40, 0.5, False)):
        same_mean = {"reach": alternating(n, spread)}, {"reach": alternating(n, 0.0)}
        assert bool(not_shown_equal(*same_mean, bounds)) is not passes
    assert not_shown_equal({"reach": (105.5,) * 40}, {"reach": (100.0,) * 40}, bounds)
    assert not_shown_equal({"reach": (100.0,)}, {"reach": (100.0,)}, bounds)
