"""Reach, impressions and cascades against closed forms and exact results."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from sim.engine.campaign import SeedPost, assemble_campaign
from sim.engine.simulate import simulate

KARATE_NODE_0 = 3.412650507452
"""Expected cascade from node 0 at p = 0.1, seed counted (exact, by dynamic programming)."""


def reached(run):
    return sum(run.total(f"reached_{source}") for source in ("followed", "recommended", "reshared", "word"))


def test_reach_is_the_closed_form(engine, neutral, make_society, make_world, make_posts):
    """Without resharing, ranking, recommendation and wear: reach of one post is Σ min(1, activity·C)."""
    n, days, life = 3000, 4, 19.0
    activity = np.exp(0.6 * np.linspace(-2, 2, n))
    world = make_world(make_society(n, activity=activity), [range(n)])
    rates = neutral(reach=0.3, half_life_hours=life)
    covered = 0.3 * (1 - 2 ** (-24 * np.arange(1, days + 1) / life))
    chances = np.minimum(1.0, np.outer(covered, activity))
    campaign = make_posts(world, rates, [(0, 0)], days)
    runs = [simulate(world, campaign, rates, seed, engine=engine) for seed in range(20)]
    for day in range(days):
        seen = [run.daily["impressions_followed"][: day + 1].sum() for run in runs]
        error = np.sqrt((chances[day] * (1 - chances[day])).sum() / len(runs))
        assert abs(np.mean(seen) - chances[day].sum()) < 3.5 * error
    assert all(reached(run) == run.total("impressions_followed") for run in runs)


@pytest.mark.parametrize("engine", [pytest.param("agents", marks=pytest.mark.full), "kernel"])
def test_impressions_of_several_posts_add_and_reach_is_their_union(
    engine, neutral, make_society, make_world, make_posts
):
    n, posts = 4000, 3
    world = make_world(make_society(n), [range(n)])
    rates = neutral(reach=0.4, half_life_hours=1.0)
    campaign = make_posts(world, rates, [(0, day) for day in range(posts)], posts)
    runs = [simulate(world, campaign, rates, seed, engine=engine) for seed in range(15)]
    impressions = np.mean([run.total("impressions_followed") for run in runs])
    union = np.mean([reached(run) for run in runs])
    assert impressions == pytest.approx(posts * 0.4 * n, rel=0.01)
    assert union == pytest.approx((1 - 0.6**posts) * n, rel=0.01)


def cascade_sizes(engine, runs, make_world, neutral, karate_society, p):
    """Sizes of independent cascades from node 0: activity 1, every viewer shares, peers see with probability p."""
    world = make_world(karate_society)
    rates = neutral(peer_reach=p, share_rate=1e9, share_appeal_cap=1.0)
    campaign = assemble_campaign("seed", [], 12, rates, seeds=(SeedPost(0, 0),))
    return np.array([1 + reached(simulate(world, campaign, rates, seed, engine=engine)) for seed in range(runs)])


@pytest.fixture
def karate_society(make_society):
    edges = [arc for a, b in nx.karate_club_graph().edges for arc in ((a, b), (b, a))]
    return make_society(34, edges)


def check_karate(sizes):
    error = sizes.std(ddof=1) / np.sqrt(len(sizes))
    assert abs(sizes.mean() - KARATE_NODE_0) < 3 * error
    return error


def test_karate_club_cascade(engine, make_world, neutral, karate_society):
    """One coin an arc. A coin a person would give site percolation, 2.83, far outside."""
    error = check_karate(cascade_sizes(engine, 700, make_world, neutral, karate_society, 0.1))
    assert error < (KARATE_NODE_0 - 2.83) / 4


@pytest.mark.parametrize(
    ("engine", "runs"), [pytest.param("kernel", 2_000, marks=pytest.mark.full),
                         pytest.param("kernel", 40_000, marks=pytest.mark.slow)]
)  # fmt: skip
def test_karate_club_cascade_closely(engine, runs, make_world, neutral, karate_society):
    check_karate(cascade_sizes(engine, runs, make_world, neutral, karate_society, 0.1))


def test_certain_shares_reach_everyone_connected(engine, make_world, neutral, karate_society):
    sizes = cascade_sizes(engine, 3, make_world, neutral, karate_society, 1.0)
    assert sizes.tolist() == [34, 34, 34]


def test_no_peer_reach_no_cascade(engine, make_world, neutral, karate_society):
    assert cascade_sizes(engine, 3, make_world, neutral, karate_society, 0.0).tolist() == [1, 1, 1]


def test_recommended_slots_are_the_stated_share(engine, neutral, make_society, make_world, make_posts):
    """Slots = ψ/(1-ψ) of yesterday's impressions to followers; lost slots are counted."""
    n = 20_000
    world = make_world(make_society(n), [range(n // 2)])
    rates = neutral(reach=0.5, half_life_hours=1.0, recommended_share=0.4)
    run = simulate(world, make_posts(world, rates, [(0, 0)], 5), rates, 1, engine=engine)
    slots = run.total("impressions_recommended") + run.total("lost_slots")
    assert slots == int(0.4 / 0.6 * run.total("impressions_followed"))
    assert run.total("lost_slots") / slots == pytest.approx(0.5, abs=0.06)
