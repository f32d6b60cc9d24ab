"""What is posted where and what is offered: formats, clicks, codes, acceptance, places of sale, the feed."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import sim
from sim.engine.booking import make_campaign
from sim.engine.campaign import Bill
from sim.engine.simulate import simulate
from sim.platforms import ONE_DAY
from sim.record import Event
from sim.results.tables import creators_table
from sim.rules import FIXED_POINT, expected_orders, rank_factor
from sim.scenario.plans import expected_price
from sim.scenario.roster import CreatorSpec
from sim.society.relevance import language_number, sold, understanding

AT_ONCE = {"half_life_hours": 0.1, "engagement_rate": 0.2}
"""The whole life of a post falls on its first day, and with reach 1 all followers are shown it."""

EXACT = 1e-7
"""Relative: expected figures are sums of whole numbers of 2^-32."""


def expected(run, name):
    return run.total(f"{name}_expected") / FIXED_POINT


@pytest.fixture
def small(request):
    """The small scenario with some keys set."""

    def scenario(*overrides):
        return sim.load(request.config.rootpath / "tests/samples/small.toml", *overrides)

    return scenario


# --- formats -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ONE_DAY)
def test_a_story_lasts_a_day(engine, neutral, make_society, make_world, make_posts, form):
    """Σ min(1, activity·reach·reach of the format) on its day, though posts live on, and nothing afterwards."""
    activity = np.exp(np.linspace(-2, 2, 600))
    world = make_world(make_society(600, activity=activity), [range(600)])
    rates = neutral(reach=0.5, half_life_hours=40.0, **{f"{form}_reach": 0.6})
    campaign = make_posts(world, rates, [(0, 1)], 4, form=form)
    runs = [simulate(world, campaign, rates, seed, engine=engine) for seed in range(10)]
    seen = np.array([run.daily["impressions_followed"] for run in runs])
    chance = np.minimum(1.0, activity * 0.5 * 0.6)
    error = np.sqrt((chance * (1 - chance)).sum() / len(seen))
    assert seen[:, [0, 2, 3]].sum() == 0
    assert abs(seen[:, 1].mean() - chance.sum()) < 3.5 * error


@pytest.mark.parametrize("form", ["reel", "video"])
def test_a_video_lives_by_its_own_half_life(engine, neutral, make_society, make_world, make_posts, form):
    """On day d: reach·reach of the format·(2^(-24·d/h) - 2^(-24·(d+1)/h)), h the half-life times the format's."""
    n, days, seeds = 600, 5, 10
    world = make_world(make_society(n), [range(n)])
    rates = neutral(reach=0.4, half_life_hours=15.0, **{f"{form}_life": 2.5, f"{form}_reach": 1.5})
    campaign = make_posts(world, rates, [(0, 0)], days, form=form)
    runs = [simulate(world, campaign, rates, seed, engine=engine) for seed in range(seeds)]
    seen = sum(run.daily["impressions_followed"] for run in runs)
    chance = -0.4 * 1.5 * np.diff(2 ** (-24 * np.arange(days + 1) / (15 * 2.5)))
    assert np.all(np.abs(seen - seeds * n * chance) < 3.5 * np.sqrt(seeds * n * chance * (1 - chance)))


def test_a_reels_recommended_slots_are_a_multiple_of_a_posts(engine, neutral, make_society, make_world, make_posts):
    """With ψ = 1/2 a post gets as many slots as followers saw it the day before; a story none. Lost ones count."""
    n, factors = 400, {"post": 1.0, "reel": 3.0, "video": 1.5, "story": 0.0, "live": 0.0}
    world = make_world(make_society(n), [range(n // 2)])
    rates = neutral(half_life_hours=20.0, recommended_share=0.5, reel_recommended=3.0, video_recommended=1.5)
    for form, factor in factors.items():
        run = simulate(world, make_posts(world, rates, [(0, 0)], 6, form=form), rates, 1, engine=engine)
        slots = run.daily["impressions_recommended"] + run.daily["lost_slots"]
        followed = np.cumsum(run.daily["impressions_followed"])
        assert followed[-1] > 190, form
        assert slots[0] == 0, form
        assert np.cumsum(slots)[1:].tolist() == np.floor(factor * followed[:-1]).tolist(), form


@pytest.mark.parametrize("spec", [{}, {"fee": 900.0}])
def test_a_formats_price_is_a_multiple_of_a_posts(neutral, spec):
    """c·(F/10,000)^β·rate·factor, or the creator's own price·factor."""
    rates = neutral(price_constant=150.0, price_exponent=0.5, story_price=0.4, video_price=1.45, live_price=2.0)
    creator = CreatorSpec("anna", 40_000, **spec)
    plain = spec.get("fee", 150 * 2 * 11.0)
    factors = {"post": 1.0, "reel": 1.0, "story": 0.4, "video": 1.45, "live": 2.0}
    assert {form: expected_price(creator, rates, 11.0, form) / plain for form in factors} == pytest.approx(factors)


def test_a_format_moves_attitude_by_its_persuasion(engine, neutral, make_society, make_world, make_posts):
    world = make_world(make_society(60), [range(60)], trust=np.array([0.3]))
    rates = neutral(**AT_ONCE, persuasion=0.2)
    run = simulate(world, make_posts(world, rates, [(0, 0)], 1, persuasion=1.3), rates, 1, engine=engine)
    assert run.attitude_sum / FIXED_POINT == pytest.approx(60 * 0.2 * 0.3 * 1.3, rel=EXACT)


def test_a_deals_terms_come_from_its_format_tag_and_code(small):
    """click = format·tag·(1 + code_click·δ); what the code makes of conversion: (1 - δ)^(-ε)."""
    deal = "plan.three-small.deals.anna"
    rates = ("code_click=0.5", "price_elasticity=2", "video_click=0.8", "tag_click=1.2", "video_persuasion=1.3")
    scenario = small(f"{deal}.format=video", f"{deal}.tag=true", f"{deal}.code=0.2", "parameters.price_reference=80",
                     *(f"parameters.{rate}" for rate in rates))  # fmt: skip
    world = sim.build_world(scenario)
    campaign = make_campaign(scenario, scenario.plan("three-small"), world)
    anna, ben = (next(p for p in campaign.posts if p.creator == world.index_of(handle)) for handle in ("anna", "ben"))
    terms = ("form", "click", "persuasion", "discount", "offer")
    assert [getattr(anna, term) for term in terms] == ["video", pytest.approx(0.8 * 1.2 * 1.1), 1.3, 0.2, 0.8**-2]
    assert [getattr(ben, term) for term in terms] == ["post", 1.0, 1.0, 0.0, 1.0]
    assert campaign.price_factor == pytest.approx((40 / 80) ** -2)


# --- clicks and codes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_click", [1.0, 2.5])
@pytest.mark.parametrize(("tag", "code"), [(False, 0.0), (True, 0.0), (False, 0.3), (True, 0.15)])
def test_clicks_are_the_sum_over_viewers(engine, neutral, small, format_click, tag, code):
    """click_rate·(trust/ref)·format·tag·(1 + code_click·discount) for each follower shown one of the posts."""
    deal = "plan.one-big.deals.big"
    scenario = small(f"{deal}.tag={str(tag).lower()}", f"{deal}.code={code}", f"{deal}.format=story")
    rates = neutral(click_rate=0.02, tag_click=1.4, code_click=2.0, story_click=format_click, trust_floor=0.3)
    scenario = dataclasses.replace(scenario, rates=rates)
    world = sim.build_world(scenario)
    run = simulate(world, make_campaign(scenario, scenario.plan("one-big"), world), rates, 7, engine=engine)
    each = 0.02 * (0.3 / 0.4) * format_click * (1.4 if tag else 1.0) * (1 + 2.0 * code)
    shown = run.total("impressions_followed")
    assert shown == 2 * len(world.audience_of(world.index_of("big"))) > 400
    assert expected(run, "clicks") == pytest.approx(shown * each, rel=1e-7)


@pytest.fixture
def shopping(engine, make_society, make_world, make_posts):
    """A run of one post by each of two creators, of 120 and 80 people, all in need, each for 5 real ones."""

    def run(rates, days=1, bill=None, **terms):
        society = make_society(200, need=np.ones(200))
        world = make_world(society, [range(120), range(120, 200)], w=5.0, trust=np.array([0.4, 0.2]))
        campaign = make_posts(world, rates, [(0, 0), (1, 0)], days, bill=bill, **terms)
        return simulate(world, campaign, rates, 3, engine=engine), campaign

    return run


@pytest.mark.parametrize("discount", [0.0, 0.2, 0.6])
@pytest.mark.parametrize("elasticity", [0.0, 0.5, 1.5])
def test_a_code_sells_more_for_less(shopping, neutral, discount, elasticity):
    """Orders after clicks: Σ p·q·(price factor)·(1 - δ)^(-ε); what is given away: δ of each."""
    rates = neutral(**AT_ONCE, click_rate=0.3, conversion_rate=0.1)
    run, _ = shopping(rates, discount=discount, offer=(1 - discount) ** -elasticity, price=1.2)
    clicks = np.array([120 * 0.3, 80 * 0.3 * 0.5])
    orders = clicks * 0.1 * 1.2 * (1 - discount) ** -elasticity
    assert run.by_creator["attributed_expected"] / FIXED_POINT == pytest.approx(orders, rel=EXACT)
    assert run.by_creator["discounts_expected"] / FIXED_POINT == pytest.approx(discount * orders, rel=EXACT)
    assert expected(run, "discounts") == pytest.approx(discount * orders.sum(), rel=EXACT)
    assert run.total("halo_expected") == 0


def test_orders_with_a_code_are_certain_at_most(shopping, neutral):
    rates = neutral(**AT_ONCE, click_rate=0.3, conversion_rate=0.8)
    run, _ = shopping(rates, discount=0.5, offer=3.0)
    assert expected(run, "conversions") == pytest.approx(120 * 0.3 + 80 * 0.15, rel=EXACT)


def test_the_bill_is_fees_gifts_commission_and_discounts(shopping, neutral):
    """Discounts of orders after a click; commission on these and on later ones of those who had clicked."""
    rates = neutral(**AT_ONCE, click_rate=0.5, conversion_rate=0.4, base_visit=0.3)
    bill = Bill(price=30.0, gifts={0: 12.5}, commission={1: 0.15}, seeding=7.0)
    run, campaign = shopping(rates, days=4, bill=bill, fee=40.0, discount=0.1)
    discounts = 0.1 * 0.4 * np.array([120 * 0.5, 80 * 0.25])
    attributed = 5 * run.by_creator["attributed_expected"] / FIXED_POINT
    assert np.all(attributed > 5 * discounts / 0.1 + 10)
    spending = campaign.spending(run)
    assert spending[0] == pytest.approx(40 + 12.5 + 30 * 5 * discounts[0], rel=EXACT)
    assert spending[1] == pytest.approx(40 + 30 * (0.15 * attributed[1] + 5 * discounts[1]), rel=EXACT)
    assert campaign.cost(run) == pytest.approx(spending[0] + spending[1] + 7.0, rel=EXACT)


# --- what a creator accepts --------------------------------------------------------------------------------


def taken(scenario, *handles, plan="three-small"):
    """Which of these creators accept, in the first replicate."""
    world = sim.build_world(scenario)
    campaign = make_campaign(scenario, scenario.plan(plan), world)
    assert all((world.handles[c] in campaign.bill.declined) != (c in campaign.creators) for c in range(2))
    return [world.index_of(handle) in campaign.creators for handle in handles]


ANNA = "plan.three-small.deals.anna"


OFFERS = [
    (["creator.anna.reservation=20"], True),
    (["creator.anna.reservation=20.01"], False),
    (["creator.anna.reservation=20", f"{ANNA}.fee=19.99"], False),
    (["creator.anna.reservation=25", f"{ANNA}.gift=9.99"], False),
    (["creator.anna.reservation=25", f"{ANNA}.gift=10"], True),
    (["creator.anna.reservation=50", f"{ANNA}.format=story"], True),
    (["creator.anna.reservation=50.03", f"{ANNA}.format=story"], False),
    (["parameters.reservation_share=0", f"{ANNA}.fee=0"], True),
    (["creator.anna.fee=20", "parameters.reservation_share=1"], True),
    (["creator.anna.fee=25", "parameters.reservation_share=0.8"], True),
    (["creator.anna.fee=25", "parameters.reservation_share=0.8", f"{ANNA}.fee=19.99"], False),
    (["creator.anna.fee=25", "parameters.reservation_share=1.5", "creator.anna.reservation=20"], True),
    ([f"{ANNA}.fee=market", "parameters.reservation_share=1"], True),
    ([f"{ANNA}.fee=market", "parameters.reservation_share=1.01"], False),
]


@pytest.mark.parametrize(("keys", "takes"), OFFERS)
def test_an_offer_is_taken_from_the_reservation_on(small, keys, takes):
    """Two posts at 20 and a gift, against twice the reservation times the format's price (a story's is 0.4)."""
    assert taken(small(*keys, "parameters.story_price=0.4"), "anna") == [takes]


def test_a_commission_counts_by_the_orders_to_be_reckoned_with(small):
    """Followers·reach·clicks·orders a click, before any trust, closes a gap of 2·1.50."""
    rates = ("reach=0.3", "conversion_rate=0.05", "need_share=0.2", "price_reference=80", "price_elasticity=0.5")
    keys = ["creator.anna.reservation=21.5", "product.price=60", *(f"parameters.{rate}" for rate in rates)]
    world = sim.build_world(small(*keys))
    followers = float(world.real_followers[world.index_of("anna")])
    orders = followers * 0.3 * 0.03 * 0.05 * 0.2 * (60 / 80) ** -0.5
    assert expected_orders(followers, 0.3, 0.03, 0.05, 0.2, (60 / 80) ** -0.5) == pytest.approx(orders)
    enough = 1.5 / (orders * 60)
    assert 0.1 < enough < 0.9
    for commission, takes in ((0.0, False), (0.999 * enough, False), (1.001 * enough, True)):
        assert taken(small(*keys, f"{ANNA}.commission={commission}"), "anna") == [takes], commission


def test_who_declines_posts_nothing_and_costs_nothing(engine, small):
    keys = "creator.anna.reservation=25", f"{ANNA}.gift=9", f"{ANNA}.commission=0.001"
    comparison = sim.compare(small(*keys, "run.replicates=2", "run.days=4"), engine=engine)
    table = creators_table(comparison)
    rows = table[table["plan"] == "three-small"].set_index("creator")
    anna, ben = rows.loc["anna"], rows.loc["ben"]
    assert (anna["declined"].tolist(), ben["declined"].tolist()) == ([1, 1], [0, 0])
    assert anna[["posts", "cost", "impressions", "clicks", "attributed"]].to_numpy().sum() == 0
    assert ben["cost"].tolist() == [40.0, 40.0]
    for replicate in comparison.ensemble.replicates:
        plan = replicate.plans["three-small"]
        assert plan.declined == {"anna": 2 * 20.0 + 9}
        assert plan.cost == pytest.approx(2 * 20 + 2 * 18.5)


# --- where the product is sold, and what is understood -----------------------------------------------------


def test_nobody_clicks_or_buys_where_the_product_is_not_sold(engine, neutral, make_society, make_world, make_posts):
    """Elsewhere everything is what it is when the product is sold everywhere."""
    region = (np.arange(300) % 3 == 0).astype(np.int16)
    society = make_society(300, need=np.ones(300), region=region)
    rates = neutral(**AT_ONCE, click_rate=0.4, conversion_rate=0.5, base_visit=0.1)
    runs = []
    for where in ([1.0, 1.0], [1.0, 0.0]):
        world = make_world(society, [range(250)], sold=np.array(where))
        campaign = make_posts(world, rates, [(0, 0), (0, 2)], 4)
        runs.append(simulate(world, campaign, rates, 2, record=range(300), engine=engine))
    everywhere, here = runs
    for name, column in here.by_region.items():
        assert column[0] == everywhere.by_region[name][0] > 0, name
    assert here.by_region["reach"][1] == everywhere.by_region["reach"][1] > 0
    for name in ("conversions_drawn", "conversions_expected"):
        assert here.by_region[name][1] == 0 < everywhere.by_region[name][1], name
    clicked, anywhere = (run.events["person"][run.events["kind"] == Event.CLICK].tolist() for run in (here, everywhere))
    assert clicked == [person for person in anywhere if region[person] == 0]
    assert here.daily["clicks_expected"][0] / FIXED_POINT == pytest.approx(0.4 * (region[:250] == 0).sum(), rel=EXACT)


@pytest.mark.parametrize(("language", "left"), [(0, [1.0, 0.3]), (1, [0.3, 1.0]), (-1, [1.0, 1.0])])
def test_a_foreign_language_leaves_part_of_the_interest(
    engine, neutral, make_society, make_world, make_posts, language, left
):
    """Of engagement, clicks and persuasion; a post without a language is understood everywhere."""
    region = (np.arange(200) < 70).astype(np.int16)
    understood = np.array([[1.0, 0.3], [0.3, 1.0], [1.0, 1.0]])
    world = make_world(make_society(200, region=region), [range(200)], understood=understood,
                       language=np.array([language], np.int16))  # fmt: skip
    rates = neutral(**AT_ONCE, click_rate=0.1, persuasion=0.2)
    run = simulate(world, make_posts(world, rates, [(0, 0)], 1), rates, 1, engine=engine)
    heard = np.array([130, 70]) @ left
    assert expected(run, "engagements") == pytest.approx(0.2 * heard, rel=EXACT)
    assert expected(run, "clicks") == pytest.approx(0.1 * heard, rel=EXACT)
    assert run.attitude_sum / FIXED_POINT == pytest.approx(0.2 * 0.4 * heard, rel=EXACT)


def test_regions_have_languages_and_places_of_sale(small):
    """A creator speaks the own language, else that of the own region, else none in particular."""
    scenario = small('market.regions=["north", "south", "east"]', 'market.languages=["en", "de", "en"]',
                     'product.sold_in=["east"]', 'creator.anna.region="south"', 'creator.ben.region="south"',
                     'creator.ben.language="en"', "parameters.foreign_language=0.2")  # fmt: skip
    assert understanding(scenario).tolist() == [[1.0, 0.2, 1.0], [0.2, 1.0, 0.2], [1.0, 1.0, 1.0]]
    assert sold(scenario).tolist() == [0.0, 0.0, 1.0]
    numbers = [language_number(scenario, scenario.creators[handle]) for handle in ("anna", "ben", "cleo")]
    assert numbers == [1, 0, -1]
    world = sim.build_world(scenario)
    assert not world.need[world.society.region < 2].any()
    assert np.array_equal(world.need > 0, (world.society.need > 0) & (world.society.region == 2))


# --- the feed ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("w", [1.0, 7.0, 50_000.0])
@pytest.mark.parametrize("shown", [0, 1, 30, 4_000_000])
def test_an_average_post_is_neither_pushed_nor_held_back(w, shown):
    for exponent in (0.3, 0.5, 1.5):
        assert rank_factor(w * shown * 0.125, w * shown, 2000.0, 0.125, exponent, 0.25, 2.5) == 1.0


@pytest.mark.parametrize("w", [1.0, 4.0, 4096.0])
def test_reach_of_an_average_post_has_no_size(engine, neutral, make_society, make_world, make_posts, w):
    """To the bit what it is without ranking, in small audiences and large ones, for few people an agent and for many;
    a better one is pushed, and the more so the more people have seen it."""
    sizes = (20, 700)
    world = make_world(make_society(720), [range(20), range(20, 720)], w=w)
    better = dataclasses.replace(world, quality=np.array([4.0, 4.0]))
    rates = neutral(reach=0.2, half_life_hours=30.0, rank_reference=1.0, engagement_rate=0.125, rank_exponent=0.5)
    flat = dataclasses.replace(rates, rank_exponent=0.0)
    campaign = make_posts(world, rates, [(0, 0), (1, 0)], 8)
    ranked, unranked, pushed = (
        simulate(place, campaign, values, 5, engine=engine)
        for place, values in ((world, rates), (world, flat), (better, rates))
    )
    assert ranked.same_as(unranked)
    assert np.all(unranked.by_creator["impressions"] < np.array(sizes) / 2)
    assert pushed.total("impressions_followed") > unranked.total("impressions_followed")


def test_a_chronological_feed_knows_no_quality(engine, neutral, small, make_society, make_world, make_posts):
    """Without ranking and recommendation a bad post is seen by the very people who would see a good one."""
    society = make_society(300, activity=np.exp(np.linspace(-1, 1, 300)))
    rates = neutral(reach=0.3, half_life_hours=20.0)
    worlds = [make_world(society, [range(300)], quality=np.array([quality])) for quality in (0.1, 6.0)]
    bad, good = (
        simulate(world, make_posts(world, rates, [(0, 0), (0, 1)], 6), rates, 4, engine=engine) for world in worlds
    )
    assert np.array_equal(bad.daily["impressions_followed"], good.daily["impressions_followed"])
    assert bad.total("impressions_recommended") == good.total("impressions_recommended") == 0
    assert 5 * expected(bad, "engagements") < expected(good, "engagements")
    ranks = sim.build_world(small("parameters.rank_exponent=0")).rank
    assert ranks.tolist() == [1.0] * len(ranks)
