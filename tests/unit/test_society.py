"""Societies and audiences: sizes asked for, formation rule, errors that name the market that fits."""

from __future__ import annotations

import dataclasses
import tracemalloc

import numpy as np
import pytest
from scipy.special import ndtri

import sim
from sim.errors import InputError
from sim.parameters import Rates
from sim.randomness import Stream, uniforms
from sim.society import arcs, audiences
from sim.society.arcs import follower_lists, search_guide
from sim.society.audiences import check_size, draw_audience, solve_rate
from sim.society.creators import standing
from sim.society.describe import mutual_pairs
from sim.society.memory import building_bytes, drawing_bytes, society_bytes, world_bytes
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
    assert 2 * len(one) / society.n_people == pytest.approx(40 * Rates().returned_share, rel=0.1)


def test_follower_lists_are_sorted_without_repeats_or_self_ties(society):
    owner = np.repeat(np.arange(society.n_people), np.diff(society.follower_start))
    assert (owner != society.follower).all()
    keys = owner * society.n_people + society.follower
    assert (np.diff(keys) > 0).all()


def _plain_follower_lists(followed, follower, n):
    """The same rows by one sort of whole arcs."""
    keys = np.unique(followed[followed != follower] * n + follower[followed != follower])
    return np.searchsorted(keys, np.arange(n + 1) * n), keys % n


@pytest.mark.parametrize(
    ("n", "n_arcs"), [(1, 0), (1, 3), (3, 100), (50, 300), (500, 20_000), (4, 3_000), (9_000, 9_000)]
)
def test_follower_lists_are_those_of_a_plain_sort(n, n_arcs):
    random = np.random.default_rng(n_arcs)
    followed, follower = (random.random((2, n_arcs)) ** 3 * n).astype(np.int64)  # a few have most of the followers
    start, followers = follower_lists(followed, follower, n)
    plain_start, plain = _plain_follower_lists(followed, follower, n)
    assert np.array_equal(start, plain_start)
    assert np.array_equal(followers, plain)
    assert (start.dtype, followers.dtype) == (np.int64, np.int32)


def test_long_rows_are_sorted_too():
    """More followers than are sorted by counting, in both parts of a row."""
    random, n = np.random.default_rng(2), 5_000
    loose, rest = random.integers(0, n, 3 * arcs.FEW), np.sort(random.integers(0, n, 4_000))
    start = np.array([0, *[len(loose) + len(rest)] * n], dtype=np.int64)
    unsorted = np.zeros(n, np.int32)
    unsorted[0] = len(loose)
    start, row = arcs.tidied(start, unsorted, np.concatenate([loose, rest]).astype(np.int32))
    assert np.array_equal(row, np.setdiff1d(np.concatenate([loose, rest]), [0]))
    assert (start[1:] == len(row)).all()


def test_the_search_by_popularity_is_that_of_bisection():
    random, n, n_ties = np.random.default_rng(3), 400, 50_000
    cumulative = np.concatenate([[0.0], np.cumsum(random.random(n) ** -0.8), [np.inf]])
    bounds, niche = cumulative[[0, 150, n]], random.integers(0, 2, n).astype(np.int16)
    count = np.bincount(random.integers(0, n, n_ties), minlength=n).astype(np.int32)
    own, u = random.random(n_ties) < 0.5, random.random(n_ties)
    of = niche[np.repeat(np.arange(n), count)]
    low, high = np.where(own, bounds[of], 0.0), np.where(own, bounds[of + 1], cumulative[n])
    plain = np.searchsorted(cumulative[:-1], low + u * (high - low), side="right") - 1
    found, liked = np.empty(n_ties, np.int32), np.zeros(n, np.int32)
    arcs.compiled_loops().like(count, niche, own, u, bounds, cumulative, search_guide(cumulative), found, liked)
    assert np.array_equal(found, plain)
    assert np.array_equal(liked, np.bincount(plain, minlength=n))


def test_the_memory_of_a_society_is_known_before():
    generate_society(1000, 40, 10, 2, Rates(), 5)  # what compiling takes is not counted
    tracemalloc.start()
    try:
        made = generate_society(30_000, 40, 10, 2, Rates(), 5)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    kept = [value for field in dataclasses.fields(made) if isinstance(value := getattr(made, field.name), np.ndarray)]
    assert sum(array.nbytes for array in kept) == society_bytes(30_000, made.n_ties)
    assert 0.6 * building_bytes(30_000, 30_000 * 40) < most < building_bytes(30_000, 30_000 * 40)
    assert all(array.base is None for array in kept)  # nothing larger is kept alive


def test_the_memory_of_a_world_is_known_before():
    scenario = sim.load("ten-micros-vs-one-celebrity", people=50_000)
    society = build_world(scenario).society
    tracemalloc.start()
    try:
        world = build_world(scenario, 1, dataclasses.replace(society))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert world_bytes(50_000, len(world.audience)) == world.audience.nbytes + world.owners_followed.nbytes
    assert most < world_bytes(50_000, 2 * len(world.audience)) + drawing_bytes(50_000) + 2_000_000


def test_what_a_society_knows_of_itself_is_found_once(society):
    assert society.owners_followed() is society.owners_followed()
    followed = np.repeat(np.arange(society.n_people), np.diff(society.follower_start))
    plain = np.bincount(society.follower[society.owner[followed]], minlength=society.n_people)
    assert np.array_equal(society.owners_followed(), plain)
    assert society.owners_followed().dtype == np.int64
    at = (np.arange(501) + 0.5) / 501
    for found, column in zip(society.spread, (society.activity, society.expressiveness), strict=True):
        assert found == pytest.approx(np.quantile(column.astype(np.float64), at), rel=1e-12)


def test_a_digest_does_not_ask_where_the_arrays_are(society, tmp_path):
    np.save(tmp_path / "follower.npy", society.follower)
    mapped = dataclasses.replace(society, follower=np.load(tmp_path / "follower.npy", mmap_mode="r"))
    assert mapped.digest() == society.digest()


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
@pytest.mark.parametrize("shape", [0.1, 0.5, 50.0])
@pytest.mark.parametrize("n", [5_000, 40_000])
def test_the_formation_rate_gives_the_expected_audience(target, shape, n):
    random = np.random.default_rng(1)
    pull = random.gamma(shape, 1 / shape, n) * random.choice([1.0, 0.05], n) * np.exp(random.normal(0, 2, n))
    rate = solve_rate(pull, target)
    assert -np.expm1(-rate * pull).sum() == pytest.approx(target, rel=1e-11)


def test_a_rate_that_no_audience_can_have_is_refused():
    with pytest.raises(ValueError, match="not below"):
        solve_rate(np.array([0.0, 1.0, 2.0]), 2.0)


def test_the_chance_to_follow_is_that_of_the_mathematics_library():
    x, chance = np.concatenate([[0.0], np.logspace(-12, 3, 4000)]), np.empty(4001)
    audiences.compiled_loops().chances(x, 1.0, chance)
    assert np.allclose(chance, -np.expm1(-x), rtol=1e-15, atol=0)
    assert chance.max() <= 1.0


@pytest.mark.parametrize(("niche", "region"), [(-1, -1), (3, -1), (-1, 1), (3, 1)])
def test_an_audience_is_one_addressed_draw_a_person(society, niche, region):
    """The formula of the model by whole arrays and the interpreted draws."""
    rates, people = Rates(), np.arange(society.n_people)
    audience = draw_audience(society, 77, niche, region, 900.0, rates, 4, 2)
    u = uniforms(4, 2, Stream.CLUMP, person=np.arange(society.group[-1] + 1), post=77)[0]
    liking = np.exp(rates.audience_clumping * ndtri(u) - rates.audience_clumping**2 / 2)
    pull = society.appetite * liking[society.group]
    pull[(society.niche != niche) & (niche >= 0)] *= rates.audience_spill
    pull[(society.region != region) & (region >= 0)] *= rates.region_spill
    chance = -np.expm1(-solve_rate(pull, 900.0) * pull)
    follows = uniforms(4, 2, Stream.AUDIENCE, person=people, post=77)[0] < chance
    assert np.array_equal(audience.followers, np.flatnonzero(follows))
    assert audience.followers.dtype == np.int32
    shares = np.bincount(society.niche, chance, minlength=society.n_niches) / chance.sum()
    assert audience.niche_shares == pytest.approx(shares, rel=1e-9)


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
@pytest.mark.parametrize("engine", [pytest.param("agents", marks=pytest.mark.full), "kernel"])
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
