"""The model in its own market, with defaults but for what makes large and small differ: then size makes no difference.

Each limit stands beside the same comparison at the defaults, where the difference is there.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

import sim.rules as rules
from sim.engine.campaign import assemble_campaign, single_post
from sim.engine.simulate import simulate
from sim.rules import FIXED_POINT
from sim.scenario.plans import expected_price
from sim.society.world import build_world
from sim.studies.validation.market import validation_scenario
from sim.studies.validation.sign_rule import FIGURES, LARGE, N_SMALL, Market

# --- ten small and one large ---------------------------------------------------------------------------------

LEVEL = {"share_rate": 0.0, "rank_exponent": 0.0, "recommended_share": 0.0}
"""Nothing is reshared, for that luck would take many more runs. The feed rewards nothing and shows nothing to
strangers: else small creators get about 4 % more, for it learns less of their posts and loses fewer slots on followers.
"""
EQUAL_TRUST = {**LEVEL, "trust_gain": 0.0}
"""Nobody is trusted more for answering more of their followers, so the engagement rate is flat."""
RUNS, SEEDS = 16, 4


@lru_cache(maxsize=4)
def brought(n_small: int, followers: int, equal_trust: bool) -> tuple[np.ndarray, np.ndarray]:
    """Reach, engagements and orders after a click (3,) of small creators and of one large, dealt the same people."""
    found = []
    for seed in range(1, SEEDS + 1):
        market = Market.of(seed, [*([followers] * n_small), LARGE], EQUAL_TRUST if equal_trust else LEVEL)
        small = market.together(range(n_small), runs=RUNS)
        found.append((small, market.together([n_small], runs=RUNS)))
    small, large = np.sum(found, axis=0)
    return small, large


@pytest.mark.full
@pytest.mark.parametrize(("figure", "noise"), list(zip(FIGURES, (0.02, 0.02, 0.08), strict=True)))
def test_at_a_price_in_proportion_ten_of_a_tenth_bring_what_one_brings(figure, noise):
    """Trust equal, audiences dealt at random and disjoint, engagement rate flat, β = 1. noise: four standard errors."""
    assert N_SMALL * expected_price_of(LARGE // N_SMALL, 1.0) == pytest.approx(expected_price_of(LARGE, 1.0))
    ten, one = brought(N_SMALL, LARGE // N_SMALL, True)
    assert (ten / one)[FIGURES.index(figure)] == pytest.approx(1.0, abs=noise)


def expected_price_of(followers, exponent):
    scenario = validation_scenario(1, [followers], {"price_exponent": exponent})
    return expected_price(scenario.creators["c000"], scenario.rates, 1.0)


@pytest.mark.full
def test_where_small_creators_answer_more_of_their_followers_they_bring_more():
    """The same at the usual trust: what is not built in by size comes out of closeness."""
    ten, one = brought(N_SMALL, LARGE // N_SMALL, False)
    reach, engagements, orders = ten / one
    assert reach == pytest.approx(1.0, abs=0.02)
    assert 1.1 < engagements < orders


@pytest.mark.full
def test_with_equal_trust_orders_of_those_reached_do_not_depend_on_size():
    """33 creators of 30,000 and one of a million; at the usual trust the small sell more to those they reach."""
    for equal_trust, low, high in ((True, 0.92, 1.08), (False, 1.5, 10.0)):
        small, large = brought(33, 30_000, equal_trust)
        assert low < (small[2] / small[0]) / (large[2] / large[0]) < high


# --- closed forms in a generated market ------------------------------------------------------------------------

STILL = {
    "share_rate": 0.0, "recommended_share": 0.0, "rank_exponent": 0.0, "trust_noise": 0.0, "quality_spread": 0.0,
    "fake_width": 0.0,
}  # fmt: skip
"""No reshares, no strangers, no ranking: a post goes to followers only, and to how many is known beforehand."""
SIZES, DAYS = (20_000, 60_000, 100_000), 4


def still_market(**parameters):
    scenario = validation_scenario(
        1, SIZES, {**STILL, **parameters}, population=200_000, people_per_agent=20.0, days=DAYS, all_general=True
    )
    return scenario, build_world(scenario)


def organic(scenario, world, creator, seed, engine):
    campaign = assemble_campaign("one", [single_post(world, creator, 0, sponsored=False)], DAYS, scenario.rates)
    return simulate(world, campaign, scenario.rates, seed, engine=engine)


def check_closed_form(engine, seeds, **parameters):
    """Impressions and reach are Σ min(1, a·C), engagements Σ min(1, a·C)·p, over the followers of the creator."""
    scenario, world = still_market(**parameters)
    rates, society = scenario.rates, world.society
    covered = rates.reach * rules.life_share(DAYS - 1, rates.half_life_hours)
    for creator in range(len(SIZES)):
        people = world.audience_of(creator)
        seen = np.minimum(1.0, covered * society.activity[people].astype(float))
        ready = society.expressiveness[people].astype(float) * world.quality[creator]
        interest = rates.engagement_rate * world.trust[creator] / rates.trust_reference * rates.general_affinity
        engaged = np.minimum(1.0, interest * ready)
        runs = [organic(scenario, world, creator, seed, engine) for seed in range(seeds)]
        shown = np.array([run.total("impressions_followed") for run in runs])
        found = np.array([run.total("engagements_expected") / FIXED_POINT for run in runs])
        assert abs(shown.mean() - seen.sum()) < 3.5 * np.sqrt((seen * (1 - seen)).sum() / seeds)
        error = np.sqrt((seen * (1 - seen) * engaged**2).sum() / seeds)
        assert abs(found.mean() - (seen * engaged).sum()) < 3.5 * error
        assert error < 0.05 * found.mean()
        for name in ("reach", "impressions"):
            assert [run.by_creator[name][creator] for run in runs] == shown.tolist()


@pytest.mark.parametrize("engine", [pytest.param("agents", marks=pytest.mark.full), "kernel"])
def test_without_reshares_and_strangers_reach_and_engagement_are_the_closed_form(engine):
    check_closed_form(engine, 5)


@pytest.mark.full
@pytest.mark.parametrize("parameters", [{}, {"reach": 1.0}, {"engagement_rate": 0.8}])
def test_the_closed_form_over_200_runs_also_where_chances_are_capped(parameters):
    check_closed_form("kernel", 200, **parameters)
