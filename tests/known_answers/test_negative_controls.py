"""Where nothing differs, nothing may show: equal sizes, shuffled audiences, equal trust."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import sim
from sim.engine.simulate import simulate
from sim.results.statistics import share_higher
from sim.society.world import build_society, build_world

TEN_AGAINST_ONE = """
schema = 1
creator = [{creators}]
[market]
population = 40_000
[society]
people = 2_000
peer_ties = 0
worlds = 1
[run]
days = 2
replicates = 1
[parameters]
{parameters}
[[plan]]
name = "ten"
deals = [{deals}]
[[plan]]
name = "one"
deals = [{{ creator = "single", fee = 1 }}]
"""


@pytest.fixture
def ten_against_one(neutral, tmp_path):
    """Eleven creators of one size: ten in one plan, one in the other; they differ by luck of quality alone."""
    handles = [f"c{i}" for i in range(10)]
    rates = dataclasses.asdict(neutral(quality_spread=0.9, reach=0.5, engagement_rate=0.02))
    text = TEN_AGAINST_ONE.format(
        creators=", ".join(f'{{ handle = "{h}", followers = 3_000, fake_share = 0.0 }}' for h in [*handles, "single"]),
        parameters="\n".join(f"{name} = {value!r}" for name, value in rates.items()),
        deals=", ".join(f'{{ creator = "{h}", fee = 1 }}' for h in handles),
    )
    (tmp_path / "ten.toml").write_text(text)
    return sim.load(tmp_path / "ten.toml")


def engagements(scenario, plan, replicate, society, engine):
    world = build_world(scenario, replicate, society)
    campaign = sim.make_campaign(scenario, scenario.plan(plan), world)
    run = simulate(world, campaign, scenario.rates, 1, replicate, engine=engine)
    return run.total("engagements_expected") / campaign.n_posts


def check_skew_alone(scenario, engine, replicates):
    """Ten against one of the same size: no difference in the mean, yet ten are ahead in about 64 % of draws."""
    society = build_society(scenario, 0)
    ten, one = (
        np.array([engagements(scenario, plan, r, society, engine) for r in range(replicates)])
        for plan in ("ten", "one")
    )
    difference = (ten - one) / ten.mean()
    assert abs(difference.mean()) < 3 * difference.std(ddof=1) / np.sqrt(replicates)
    share, low, high = share_higher(ten, one)
    assert low - 0.02 < 0.64 < high + 0.02, share
    return share, float(np.median(ten / one))


@pytest.mark.parametrize("engine", [pytest.param("agents", marks=pytest.mark.full), "kernel"])
def test_ten_of_one_size_against_one(ten_against_one, engine):
    check_skew_alone(ten_against_one, engine, 60)


@pytest.mark.full
@pytest.mark.parametrize("engine", ["kernel"])
def test_ten_of_one_size_against_one_closely(ten_against_one, engine):
    share, ratio = check_skew_alone(ten_against_one, engine, 400)
    assert share == pytest.approx(0.64, abs=0.06)
    assert ratio == pytest.approx(1.42, abs=0.15)


def shuffled(world, seed=0):
    """The same audience sizes, each audience made of anybody."""
    rng = np.random.default_rng(seed)
    audiences = [
        np.sort(rng.choice(world.n_people, len(world.audience_of(c)), replace=False)) for c in range(world.n_creators)
    ]
    return dataclasses.replace(world, audience=np.concatenate(audiences).astype(np.int32))


def clicks_per_view(scenario, world, creator, engine):
    """Expected clicks ÷ impressions of one creator's own post, trust and fit being equal."""
    world = dataclasses.replace(world, trust=np.full(world.n_creators, 0.4), fit=np.ones(world.n_creators))
    plan = next(plan for plan in scenario.plans if any(deal.creator == creator for deal in plan.deals))
    rates = dataclasses.replace(scenario.rates, peer_reach=0.0, recommended_share=0.0, reach=1.0, rank_exponent=0.0)
    runs = [simulate(world, sim.make_campaign(scenario, plan, world), rates, seed, engine=engine) for seed in range(3)]
    number = world.index_of(creator)
    clicks, views = (sum(int(run.by_creator[k][number]) for run in runs) for k in ("clicks_expected", "impressions"))
    return clicks / views


@pytest.mark.parametrize("engine", [pytest.param("agents", marks=pytest.mark.full), "kernel"])
def test_shuffled_audiences_leave_no_niche_advantage(engine, request):
    scenario = sim.load(request.config.rootpath / "tests/samples/small.toml", "society.people=10_000")
    world = build_world(scenario)
    ratio = clicks_per_view(scenario, world, "anna", engine) / clicks_per_view(scenario, world, "big", engine)
    assert ratio > 1.4  # beauty creator, beauty product: her own audience cares more
    mixed = shuffled(world)
    ratio = clicks_per_view(scenario, mixed, "anna", engine) / clicks_per_view(scenario, mixed, "big", engine)
    assert ratio == pytest.approx(1.0, abs=0.12)


@pytest.mark.parametrize("engine", [pytest.param("agents", marks=pytest.mark.full), "kernel"])
def test_equal_trust_and_no_niches_leave_no_effect_of_size(engine, neutral, make_society, make_world, make_posts):
    """Ten small creators and one large one, everything else equal, β = 1: the same engagement and orders a view."""
    n = 6000
    world = make_world(
        make_society(n, need=np.ones(n)), [*(range(i * 200, i * 200 + 200) for i in range(10)), range(2000, 4000)]
    )
    rates = neutral(reach=0.6, conversion_rate=0.2, visit_rate=0.1)
    small = make_posts(world, rates, [(c, 0) for c in range(10)], 4)
    large = make_posts(world, rates, [(10, 0)], 4)
    figures = []
    for campaign in (small, large):
        runs = [simulate(world, campaign, rates, seed, engine=engine) for seed in range(6)]
        figures.append(
            [sum(r.total(k) for r in runs) for k in ("engagements_expected", "clicks_expected", "conversions_expected")]
        )
    for ten, one in zip(*figures, strict=True):
        assert ten / one == pytest.approx(1.0, abs=0.05)
