"""Expected figures have the mean of the drawn counts."""

from __future__ import annotations

import numpy as np
import pytest

from sim.engine.simulate import simulate
from sim.rules import FIXED_POINT

BRISK = {
    "reach": 0.8, "half_life_hours": 10.0, "peer_reach": 0.3, "share_rate": 0.1, "appeal_spread": 0.5,
    "engagement_rate": 0.3, "click_rate": 0.4, "conversion_rate": 0.3, "base_visit": 0.05, "visit_rate": 0.3,
    "persuasion": 0.4, "attitude_effect": 2.0, "trust_on_purchase": 1.0, "trust_noise": 0.2, "talk_rate": 0.5,
    "social_proof": 0.5, "bad_word": 0.5, "recommended_share": 0.3, "trust_floor": 0.3, "endorsement": 0.9,
    "attitude_memory": 0.9, "exposure_memory": 0.9, "peer_trust": 0.8,
}  # fmt: skip
"""Rates at which something happens to nearly everybody within a few days."""


@pytest.fixture
def busy(make_society, make_world, make_posts, neutral):
    """A small lively world and a campaign on it."""
    rng = np.random.default_rng(5)
    n = 60
    arcs = [(int(a), int(b)) for a, b in rng.integers(0, n, (300, 2)) if a != b]
    society = make_society(n, arcs, need=rng.random(n) * 2, activity=rng.random(n) + 0.5)
    rates = neutral(**BRISK)
    world = make_world(society, [range(40), range(20, 60)], trust=np.array([0.5, 0.35]))
    return world, make_posts(world, rates, [(0, 0), (1, 1), (0, 3)], 6, product_quality=0.7), rates


NAMES = ("conversions", "engagements", "clicks", "shares")


def check_means(engine, busy, seeds, threshold):
    """Paired by run: the mean of expected minus drawn is 0 within ``threshold`` standard errors."""
    world, campaign, rates = busy
    runs = [simulate(world, campaign, rates, seed, engine=engine) for seed in range(seeds)]
    for name in NAMES:
        expected = np.array([run.total(f"{name}_expected") / FIXED_POINT for run in runs])
        found = expected - [run.total(f"{name}_drawn") for run in runs]
        assert expected.mean() > 5, name
        assert abs(found.mean()) < threshold * found.std(ddof=1) / np.sqrt(seeds), name


@pytest.mark.parametrize("engine", [pytest.param("agents", marks=pytest.mark.full), "kernel"])
def test_expected_and_drawn_have_one_mean(engine, busy):
    check_means(engine, busy, 250, 3.5)


@pytest.mark.full
@pytest.mark.parametrize("engine", ["kernel"])
def test_expected_and_drawn_have_one_mean_over_2000_seeds(engine, busy):
    check_means(engine, busy, 2000, 3.0)


def test_expected_orders_by_creator_and_halo_add_up(engine, busy):
    world, campaign, rates = busy
    run = simulate(world, campaign, rates, 1, engine=engine)
    by_creator = int(run.by_creator["attributed_expected"].sum())
    assert by_creator + run.total("halo_expected") == run.total("conversions_expected")
    assert run.by_niche["conversions_expected"].sum() == run.total("conversions_expected")
    assert run.by_creator["attributed_drawn"].sum() <= run.total("conversions_drawn")
