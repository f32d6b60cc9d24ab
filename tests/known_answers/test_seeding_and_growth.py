"""Who is given the product, who buys again, who comes to follow besides, and fake followers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.stats import kstest

import sim
from sim.engine.booking import make_campaign, seeded_people
from sim.engine.campaign import Given, SeedPost
from sim.engine.simulate import simulate
from sim.parameters import Rates
from sim.randomness import Stream, creator_address, uniforms
from sim.record import Event
from sim.results.tables import creators_table
from sim.rules import FIXED_POINT, fixed, from_fixed
from sim.scenario.plans import Seeding
from sim.scenario.roster import CreatorSpec
from sim.society.creators import creator_draws


@pytest.fixture
def small(request):
    """The small scenario with some keys set."""

    def scenario(*overrides):
        return sim.load(request.config.rootpath / "tests/samples/small.toml", *overrides)

    return scenario


def same_before(first, second, day):
    """Whether every daily figure of two runs is the same to the bit before a day."""
    return all(np.array_equal(first.daily[name][:day], second.daily[name][:day]) for name in first.daily)


# --- seeding -----------------------------------------------------------------------------------------------


def chosen(world, people, k, replicate=0):
    return seeded_people(Seeding(people, k, 0, 1.0), world, 1, replicate).tolist()


@pytest.fixture
def stars(make_society, make_world):
    """1,000 people: 5 followers for most, 30 for those from 600 to 609, none for those from 200 to 299."""
    counts = np.full(1000, 5)
    counts[600:610], counts[200:300] = 30, 0
    arcs = [(a, (a + 1 + k) % 1000) for a in range(1000) for k in range(counts[a])]
    return lambda w: make_world(make_society(1000, arcs), w=w)


@pytest.mark.parametrize("people", ["random", "fringe"])
def test_the_first_to_be_given_the_product_stay_the_same(stars, people):
    """Nested in k, different in every replicate, and everybody once where k is all of them."""
    world = stars(1.0)
    few, more = (chosen(world, people, k) for k in (30, 60))
    assert (len(few), len(more)) == (30, 60)
    assert set(few) < set(more)
    assert more == sorted(more) != chosen(world, people, 60, replicate=1)
    pool = range(1000) if people == "random" else range(200, 300)
    assert chosen(world, people, len(pool)) == list(pool)


@pytest.mark.parametrize(("people", "pool"), [("top", range(600, 610)), ("fringe", range(200, 300))])
def test_top_and_fringe_are_told_by_followers(stars, people, pool):
    """The 1 % with most followers, the tenth with fewest: all of these and no others."""
    world = stars(1.0)
    assert chosen(world, people, len(pool)) == list(pool)
    assert set(chosen(world, people, 4)) < set(pool)
    with pytest.raises(sim.InputError, match="cannot be given"):
        chosen(world, people, len(pool) + 1)


@pytest.mark.parametrize(("w", "k", "agents"), [(1.0, 40, 40), (10.0, 40, 4), (10.0, 44, 4), (25.0, 5000, 200)])
def test_the_number_of_people_given_the_product_is_in_real_people(stars, w, k, agents):
    assert len(chosen(stars(w), "random", k)) == agents


def test_everybody_has_the_same_chance_of_being_given_it(stars):
    """A tenth of 1,000 people in each of 40 replicates: everybody's count is binomial."""
    world = stars(1.0)
    counts = np.bincount(np.concatenate([chosen(world, "random", 100, r) for r in range(40)]), minlength=1000)
    assert counts.sum() == 4000
    assert counts.var() == pytest.approx(40 * 0.1 * 0.9, rel=0.25)
    assert abs(counts[:500].sum() - 2000) < 3.5 * np.sqrt(40 * 100 * 0.25 * 0.9)


def test_some_of_them_post_and_as_glad_as_the_product_is_good(small):
    """The share seed_talk_rate of those given it posts; product.quality of these posts are good; k·gift is paid."""
    seeding = "plan.three-small.seeding={k=4_000, start=2, gift=1.5}"
    scenario = small(seeding, "parameters.seed_talk_rate=0.3", "product.quality=0.7")
    world = sim.build_world(scenario)
    campaigns = [make_campaign(scenario, scenario.plan("three-small"), world, replicate) for replicate in range(12)]
    seeds = [seed for campaign in campaigns for seed in campaign.seeds]
    n = sum(len(campaign.given) for campaign in campaigns)
    assert n == 12 * 400
    assert abs(len(seeds) - 0.3 * n) < 3.5 * np.sqrt(n * 0.3 * 0.7)
    assert {seed.word for seed in seeds} == {1, -1}
    good = sum(seed.word > 0 for seed in seeds)
    assert abs(good - 0.7 * len(seeds)) < 3.5 * np.sqrt(len(seeds) * 0.7 * 0.3)
    for campaign in campaigns:
        assert {seed.person for seed in campaign.seeds} < {gift.person for gift in campaign.given}
        assert {thing.day for thing in (*campaign.seeds, *campaign.given)} == {2}
        assert campaign.bill.seeding == pytest.approx(4000 * 1.5)


def test_a_gift_costs_what_the_product_costs_the_brand(engine, small):
    scenario = small("plan.three-small.seeding={k=200}", "product.price=40", "product.margin=0.7")
    world = sim.build_world(scenario)
    campaign = make_campaign(scenario, scenario.plan("three-small"), world)
    run = simulate(world, campaign, scenario.rates, 7, engine=engine)
    assert campaign.cost(run) == pytest.approx(200 * 40 * 0.3 + 4 * 20 + 2 * 18.5)


def test_those_given_the_product_buy_no_more(engine, neutral, make_society, make_world, make_posts):
    """Everybody visits and may buy every day; those given it on day 2 do so on days 0 and 1 only."""
    n, rates = 200, neutral(base_visit=0.5, conversion_rate=0.4, click_rate=0.0)
    world = make_world(make_society(n, need=np.ones(n)), [range(0, n, 2)])
    people = range(60, 120)
    campaign = make_posts(world, rates, [(0, 0)], 6, given=tuple(Given(person, 2) for person in people))
    run = simulate(world, campaign, rates, 1, record=range(n), engine=engine)
    day_of = {int(e["person"]): int(e["day"]) for e in run.events if e["kind"] == Event.BUY}
    bought = np.array([day_of.get(person, 99) for person in range(n)])
    assert {day for person, day in day_of.items() if person in people} == {0, 1}
    given = np.isin(np.arange(n), people)
    left = [((bought >= day) & ~(given & (day >= 2))).sum() for day in range(6)]
    assert run.daily["conversions_expected"] / FIXED_POINT == pytest.approx(0.2 * np.array(left), rel=1e-7)


def test_seeding_of_a_later_day_leaves_the_days_before(engine, small):
    """To the bit; from then on friends of those who post see it."""
    keys = "parameters.base_visit=0.2", "parameters.conversion_rate=0.5", "run.days=5"
    runs = []
    for seeding in ((), ("plan.three-small.seeding={k=4_000, start=3}",)):
        scenario = small(*keys, *seeding)
        world = sim.build_world(scenario)
        campaign = make_campaign(scenario, scenario.plan("three-small"), world)
        runs.append(simulate(world, campaign, scenario.rates, 7, engine=engine))
    without, seeded = runs
    assert same_before(without, seeded, 3)
    assert seeded.daily["impressions_word"][3] > 3 * without.daily["impressions_word"][3]
    assert seeded.daily["conversions_expected"][3] < without.daily["conversions_expected"][3]


def test_a_seeded_persons_friends_see_the_post_on_its_day(engine, neutral, make_society, make_world, make_posts):
    """All followers, once, good word and bad; it moves attitude by persuasion·trust in a peer."""
    world = make_world(make_society(30, [(3, k) for k in range(10, 22)] + [(4, k) for k in range(20, 25)]))
    rates = neutral(peer_reach=1.0, persuasion=0.5, peer_trust=0.8)
    seeds = (SeedPost(3, 1, 1), SeedPost(4, 2, -1))
    run = simulate(world, make_posts(world, rates, [], 4, seeds=seeds), rates, 1, engine=engine)
    assert run.daily["impressions_word"].tolist() == [0, 12, 5, 0]
    assert run.attitude_sum / FIXED_POINT == pytest.approx(10 * 0.4 + 2 * (0.4 - 0.4 * 0.4), rel=1e-7)


# --- repeat purchase ---------------------------------------------------------------------------------------


@pytest.fixture
def regulars(engine, neutral, make_society, make_world, make_posts):
    """A run of 300 people, half of whom visit the shop on a day."""
    world = make_world(make_society(300, need=np.ones(300)), [range(60)])

    def run(rate, quality, seed=1, record=()):
        rates = neutral(base_visit=0.5, conversion_rate=0.3, repeat_rate=rate)
        campaign = make_posts(world, rates, [(0, 0)], 6, product_quality=quality)
        return simulate(world, campaign, rates, seed, record=record, engine=engine)

    return run


@pytest.mark.parametrize(("rate", "quality"), [(0.1, 0.8), (0.03, 1.0), (1.0, 0.25)])
def test_repeats_are_expected_of_earlier_first_orders(regulars, rate, quality):
    run = regulars(rate, quality)
    before = np.concatenate([[0], np.cumsum(run.daily["conversions_expected"])[:-1]])
    expected = [fixed(rate * quality * from_fixed(int(orders))) for orders in before]
    assert run.daily["repeats_expected"].tolist() == expected
    assert expected[0] == 0 < expected[1]


def test_every_buyer_buys_again_on_each_later_day_where_that_is_certain(regulars):
    """At a rate of 1 and a product all are glad of: as many as have bought before, none on the day of the first."""
    run = regulars(1.0, 1.0, record=range(300))
    first = run.daily["conversions_drawn"]
    assert run.daily["repeats_drawn"].tolist() == [0, *np.cumsum(first)[:-1].tolist()]
    bought, again = (run.events[run.events["kind"] == kind] for kind in (Event.BUY, Event.BUY_AGAIN))
    day_of = np.full(300, 99)
    day_of[bought["person"]] = bought["day"]
    assert np.all(day_of[again["person"]] < again["day"])
    assert len(again) == run.total("repeats_drawn")


@pytest.mark.parametrize(("rate", "quality"), [(0.0, 1.0), (1.0, 0.0)])
def test_no_repeats_without_a_rate_or_of_a_product_nobody_is_glad_of(regulars, rate, quality):
    run = regulars(rate, quality)
    assert run.total("conversions_drawn") > 30
    assert run.total("repeats_drawn") == run.total("repeats_expected") == 0
    assert regulars(0.0, quality).daily["conversions_drawn"].tolist() == run.daily["conversions_drawn"].tolist()


def test_repeats_drawn_and_expected_have_one_mean(regulars):
    runs = [regulars(0.1, 0.6, seed) for seed in range(12)]
    drawn = np.array([run.total("repeats_drawn") for run in runs])
    found = np.array([run.total("repeats_expected") / FIXED_POINT for run in runs]) - drawn
    assert drawn.mean() > 15
    assert abs(found.mean()) < 3.5 * found.std(ddof=1) / np.sqrt(len(runs))


# --- growth ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("niche", [-1, 1])
def test_a_creator_at_work_wins_newcomers(engine, neutral, make_society, make_world, make_posts, niche):
    """floor(growth·audience·days) slots for people of the niche, or for anybody; who follows already is no newcomer.

    They see the next post. A creator without a post wins nobody.
    """
    n, days, society = 400, 6, make_society(400, n_niches=2, niche=(np.arange(400) % 2).astype(np.int16))
    world = make_world(society, [range(128), range(128)], niche=np.array([niche, niche], np.int16))
    rates = neutral(growth_rate=5 / 256, half_life_hours=0.1, in_niche=1.0)  # 2.5 slots a day
    run = simulate(world, make_posts(world, rates, [(0, 2), (0, 5)], days), rates, 9, engine=engine)
    u = uniforms(9, 0, Stream.GROWTH, person=np.arange(15), post=creator_address("c0"))[1]
    people = (u * n).astype(int) if niche < 0 else 1 + 2 * (u * n / 2).astype(int)
    by_day = [people[int(2.5 * day) : int(2.5 * (day + 1))] for day in range(days)]
    followers, gained = set(range(128)), []
    for newcomers in by_day:
        gained.append(len(set(newcomers) - followers))
        followers |= set(newcomers)
    assert run.daily["followers_gained"].tolist() == gained
    assert 0 < sum(gained) < 15
    assert run.by_creator["followers_gained"].tolist() == [sum(gained), 0]
    shown = run.daily["impressions_followed"]
    assert (shown[2], shown[5]) == (128 + sum(gained[:2]), 128 + sum(gained[:5]))


# --- fake followers ----------------------------------------------------------------------------------------


def fakes(rates, replicates, **spec):
    creator = CreatorSpec("anna", **{"followers": 10_000, **spec})
    return np.array([creator_draws(creator, rates, 3, replicate).fake_share for replicate in range(replicates)])


@pytest.mark.parametrize(("mean", "width"), [(0.3, 0.15), (0.5, 0.3)])
def test_fake_shares_are_uniform_about_their_mean(mean, width):
    rates = Rates(fake_share=mean, fake_width=width)
    drawn = fakes(rates, 600)
    assert kstest((drawn - mean + width) / (2 * width), "uniform").pvalue > 0.001
    assert np.abs(drawn - mean).max() <= width


def test_fake_shares_have_nothing_to_do_with_quality_or_price():
    creator, rates = CreatorSpec("anna", 10_000), Rates(fake_width=0.3, quality_spread=0.6, price_noise=0.6)
    draws = [creator_draws(creator, rates, 3, replicate) for replicate in range(500)]
    table = np.array([(draw.fake_share, np.log(draw.quality), np.log(draw.price_noise)) for draw in draws])
    assert np.all(np.abs(np.corrcoef(table.T)[np.triu_indices(3, 1)]) < 3.5 / np.sqrt(500))


def test_fake_shares_are_the_same_at_every_size_unless_a_slope_is_given():
    rates = Rates(fake_share=0.3, fake_width=0.1)
    small, large = (fakes(rates, 20, followers=size) for size in (1_000, 5_000_000))
    assert small.tolist() == large.tolist()
    sloping = dataclasses.replace(rates, fake_slope=0.05)
    small, large = (fakes(sloping, 20, followers=size) for size in (1_000, 100_000))
    assert large - small == pytest.approx(np.full(20, 0.1))
    assert set(fakes(rates, 20, fake_share=0.12)) == {0.12}
    assert set(fakes(dataclasses.replace(rates, fake_width=0.0), 20)) == {0.3}


def test_rates_by_followers_and_by_real_ones_differ_by_the_fakes(engine, small):
    """engagements ÷ F and ÷ F·(1 - fake): the one of a profile with half fakes is half the other."""
    scenario = small("creator.big.fake_share=0.5", "run.replicates=2", "run.days=3")
    table = creators_table(sim.compare(scenario, engine=engine))
    for row in table.itertuples():
        drawn = creator_draws(scenario.creators[row.creator], scenario.rates, 7, row.replicate).fake_share
        share = row.engagement_rate_followers / row.engagement_rate_real
        assert share == pytest.approx(1 - drawn), row.creator
        assert row.engagement_rate_followers > 0
        assert (row.creator == "big") == (drawn == 0.5)
    assert table.groupby("creator")["engagement_rate_followers"].nunique().min() == 2


def test_real_followers_are_those_without_the_fakes(small):
    scenario = small("creator.big.fake_share=0.5")
    for replicate in range(4):
        world = sim.build_world(scenario, replicate=replicate)
        drawn = [creator_draws(scenario.creators[h], scenario.rates, 7, replicate).fake_share for h in world.handles]
        assert world.real_followers == pytest.approx(world.followers * (1 - np.array(drawn)), rel=0.01)


def test_listed_people_cost_what_the_plan_says(tmp_path):
    """On a given graph that stands for more people than it has nodes, the budget and the bill count the same gifts."""
    arcs = "".join(f"{a},{(a + k) % 40}\n" for a in range(40) for k in (1, 2, 3))
    (tmp_path / "edges.csv").write_text(f"src,dst\n{arcs}")
    plan = '[[plan]]\nname = "gifts"\nbudget = 100\nseeding = {people = ["5", "6"], gift = 2}\n'
    (tmp_path / "graph.toml").write_text(f'[society]\ngraph = "edges.csv"\n[market]\npopulation = 4_000\n{plan}')
    scenario = sim.load(tmp_path / "graph.toml")
    campaign = make_campaign(scenario, scenario.plan("gifts"), sim.build_world(scenario))
    assert campaign.bill.seeding == pytest.approx(100.0 - scenario.plan("gifts").left_over)
    assert campaign.bill.seeding <= 100.0
