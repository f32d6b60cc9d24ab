"""Societies and audiences: sizes asked for, formation rule, errors that name the market that fits."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import sim
from sim.errors import InputError
from sim.parameters import Rates
from sim.society.audiences import check_size, draw_audience, solve_rate
from sim.society.creators import standing
from sim.society.describe import mutual_pairs
from sim.society.society import generate_society
from sim.society.world import build_world

SMALL = "tests/samples/small.toml"


@pytest.fixture(scope="module")
def society():
    return generate_society(20_000, 40, 10, 2, Rates(), 5)


def test_a_society_is_a_function_of_settings_and_seed(society):
    assert generate_society(20_000, 40, 10, 2, Rates(), 5).digest() == society.digest()
    assert generate_society(20_000, 40, 10, 2, Rates(), 6).digest() != society.digest()


def test_ties_are_as_many_as_asked_for(society):
    assert society.n_ties / society.n_people == pytest.approx(40, rel=0.06)
    one, _ = mutual_pairs(society)
    assert 2 * len(one) / society.n_people == pytest.approx(20, rel=0.1)


def test_follower_lists_are_sorted_without_repeats_or_self_ties(society):
    owner = np.repeat(np.arange(society.n_people), np.diff(society.follower_start))
    assert (owner != society.follower).all()
    keys = owner * society.n_people + society.follower
    assert (np.diff(keys) > 0).all()


def test_attributes_have_mean_1_and_stated_ranges(society):
    assert society.activity.mean() == pytest.approx(1.0)
    assert society.expressiveness.mean() == pytest.approx(1.0, abs=0.05)
    assert society.appetite.mean() == pytest.approx(1.0, abs=0.05)
    assert (society.need > 0).mean() == pytest.approx(Rates().need_share, abs=0.01)
    assert society.need[society.need > 0].mean() == pytest.approx(1.0, abs=0.05)
    assert society.skepticism.min() >= 0
    assert society.skepticism.max() <= 1


def test_popularity_has_a_heavy_tail(society):
    followers = np.sort(np.diff(society.follower_start))
    assert followers[-1] > 50 * np.median(followers)


@pytest.mark.parametrize("target", [1.0, 300.0, 4000.0])
def test_the_formation_rate_gives_the_expected_audience(target):
    pull = np.random.default_rng(1).gamma(0.5, 2.0, 5000)
    rate = solve_rate(pull, target)
    assert (1 - np.exp(-rate * pull)).sum() == pytest.approx(target, rel=1e-9)


def test_an_audience_has_its_expected_size_and_gathers_in_its_niche(society):
    sizes, own = [], []
    for address in range(40):
        audience = draw_audience(society, address, 3, -1, 600.0, Rates(), 1, 0)
        sizes.append(len(audience.followers))
        own.append((society.niche[audience.followers] == 3).mean())
        assert audience.niche_shares.sum() == pytest.approx(1.0)
    assert np.mean(sizes) == pytest.approx(600, rel=0.02)
    assert np.mean(own) > 0.5  # a tenth of the people are in that niche


def test_appetite_makes_audiences_overlap(society):
    even = dataclasses.replace(society, appetite=np.ones(society.n_people))

    def overlap(people):
        a, b = (draw_audience(people, address, -1, -1, 2000.0, Rates(), 1, 0).followers for address in (1, 2))
        return len(np.intersect1d(a, b)) / min(len(a), len(b))

    assert overlap(society) > 1.5 * overlap(even)


def test_an_audience_that_does_not_fit_names_the_market_that_does():
    creator = sim.load().creators["celebrity"]
    with pytest.raises(InputError) as caught:
        check_size(creator, 19_000, 20_000, 400_000)
    assert "422,222" in str(caught.value)
    assert "market.population" in str(caught.value)


def test_a_small_audience_names_the_people_needed():
    creator = sim.load().creators["micro-1"]
    with pytest.raises(InputError, match="--people 4000"):
        check_size(creator, 10.0, 2_000, 2_000_000)
    warning = check_size(creator, 100.0, 2_000, 2_000_000)
    assert warning is not None
    assert "--people 4000" in warning
    assert check_size(creator, 250.0, 2_000, 2_000_000) is None


@pytest.mark.parametrize("measured", [0.008, 0.02, 0.05])
def test_a_measured_engagement_rate_is_honoured(measured, engine, request):
    """Quality is solved so that an organic post of the creator has the rate that the roster gives."""
    path = request.config.rootpath / SMALL
    scenario = sim.load(path, "society.people=8_000", f"creator.big.engagement_rate={measured}", "run.days=25",
                        "parameters.share_rate=0", "parameters.appeal_spread=0")  # fmt: skip
    found = []
    for replicate in range(4):
        world = build_world(scenario, replicate)
        number = world.index_of("big")
        assert world.engagement_rate[number] == pytest.approx(measured, rel=1e-6)
        from sim.engine.campaign import assemble_campaign, single_post

        campaign = assemble_campaign("organic", [single_post(world, number, 0, sponsored=False)], 25, scenario.rates)
        run = sim.simulate(world, campaign, scenario.rates, 1, replicate, engine=engine)
        engaged = world.people_per_agent * run.by_creator["engagements_expected"][number] / 2**32
        found.append(engaged / scenario.creators["big"].followers)
    assert np.mean(found) == pytest.approx(measured, rel=0.12)


def test_trust_falls_with_engaged_followers_and_never_names_a_tier():
    scenario = sim.load("ten-micros-vs-one-celebrity", people=20_000)
    world = build_world(scenario)
    big = world.index_of("celebrity")
    assert world.trust[big] < np.median(world.trust)
    assert standing.__doc__ is not None
