"""What a post earns at the trust its viewers have: ads, hidden ads found out, word on the creator, overload, burnout.

Unless said otherwise everybody in an audience is shown a post on its first day, so sums are exact.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from sim.engine.booking import book
from sim.engine.campaign import assemble_campaign, single_post
from sim.engine.simulate import simulate
from sim.parameters import Rates
from sim.record import Event
from sim.rules import FIXED_POINT, overloaded_trust, trust_in_creator
from sim.scenario.load import load
from sim.scenario.roster import CreatorSpec
from sim.scenario.schema import SegmentTable
from sim.society.creators import AudienceProfile, standing
from sim.society.segments import segments_of
from sim.society.world import build_world

AT_ONCE = {"half_life_hours": 0.1, "engagement_rate": 0.2}
"""The whole life of a post falls on its first day."""

EXACT = 1e-8
"""Relative: expected figures are sums of whole numbers of 2^-32."""


def engaged(run, day=slice(None)):
    """Expected engagements of some days."""
    return float(run.daily["engagements_expected"][day].sum()) / FIXED_POINT


def days_before(first, second, day):
    """Whether every daily figure of two runs is the same to the bit before a day."""
    return all(np.array_equal(first.daily[name][:day], second.daily[name][:day]) for name in first.daily)


# --- ads ---------------------------------------------------------------------------------------------------


@pytest.fixture
def sceptics(make_society, make_world):
    """150 people of every skepticism from 0 to 1, all of them followers of the one creator."""
    skepticism = np.linspace(0, 1, 150).astype(np.float32)
    return make_world(make_society(150, skepticism=skepticism), [range(150)]), skepticism.astype(np.float64)


AVERSE = {"ad_aversion": 0.8, "recognition": 0.3, "misfit": 0.5}
ADS = [
    ({"sponsored": False}, 0.0),
    ({"disclosed": True, "fit": 0.2}, 1.0),
    ({"disclosed": False, "fit": 1.0}, 0.3),
    ({"disclosed": False, "fit": 0.2}, 0.3 + 0.7 * 0.8 * 0.5),
    ({"disclosed": True, "earlier": 2}, 1 - 2 * 0.15),
    ({"disclosed": False, "fit": 0.0, "earlier": 4}, (0.3 + 0.7 * 0.5) * (1 - 4 * 0.15)),
    ({"disclosed": True, "earlier": 9}, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("post", "ad"), ADS)
def test_skeptics_engage_less_with_what_they_see_to_be_an_ad(engine, neutral, sceptics, make_posts, post, ad):
    """base·(1 - ad_aversion·skepticism·ad); each earlier deal takes ``familiarity`` of it away, never more than all."""
    world, skepticism = sceptics
    rates = neutral(**AT_ONCE, **AVERSE, familiarity=0.15)
    run = simulate(world, make_posts(world, rates, [(0, 0)], 2, **post), rates, 1, engine=engine)
    assert engaged(run) == pytest.approx((0.2 * (1 - 0.8 * skepticism * ad)).sum(), rel=EXACT)


def test_earlier_deals_are_counted_by_their_starts(tmp_path, request):
    """A creator's deals in the plan follow those of before it: 3 before, so 3 and 4, whatever the order in the file."""
    text = (request.config.rootpath / "tests/samples/small.toml").read_text()
    late = '{ creator = "anna", start = 4, fee = 9, earlier = 3 }, { creator = "anna", fee = 20, earlier = 3 },'
    (tmp_path / "twice.toml").write_text(text.replace('{ creator = "anna", posts = 2, every = 3, fee = 20 },', late))
    scenario = load(tmp_path / "twice.toml")
    booked = book(scenario, scenario.plan("three-small").deals, build_world(scenario))
    assert [(one.fee, one.earlier) for one in booked if one.deal.creator == "anna"] == [(9, 4), (20, 3)]


# --- found out ---------------------------------------------------------------------------------------------


@pytest.fixture
def found_out(engine, neutral, make_society, make_world, make_posts):
    """Runs of two creators' hidden ads, the first creator found out on a day or never; each post reaches about half."""
    n, rates = 300, neutral(half_life_hours=24.0, engagement_rate=0.2, betrayal=0.4, ad_aversion=0.6)
    world = make_world(make_society(n, skepticism=np.full(n, 0.5)), [range(n), range(n)])

    def run(day=None, **more):
        days = {} if day is None else {0: day}
        mine = dataclasses.replace(rates, **more)
        posts = [(0, 0), (1, 0), (0, 5), (1, 5)]
        campaign = make_posts(world, mine, posts, 7, found_out=days, disclosed=False, fit=1.0)
        return simulate(world, campaign, mine, 3, record=range(n), engine=engine), campaign

    return run


def seen_on(run, campaign, creator, days):
    """(person, day, trust) of each time a post of a creator was shown to a follower on some days."""
    addresses = [post.address for post in campaign.posts if post.creator == creator]
    events = run.events[(run.events["kind"] == Event.SEE) & np.isin(run.events["post"], addresses)]
    return [(int(e["person"]), int(e["day"]), float(e["value"])) for e in events if e["day"] in days]


def test_those_who_saw_a_hidden_ad_trust_less_once_it_is_found_out(found_out):
    """From day 3 on a viewer of days 0 to 2 trusts (1 - betrayal) times as much; other viewers as before."""
    run, campaign = found_out(3, reach=0.5)
    betrayed = {person for person, _, _ in seen_on(run, campaign, 0, range(3))}
    later = [(person, trust) for person, _, trust in seen_on(run, campaign, 0, range(3, 7))]
    assert 20 < sum(person in betrayed for person, _ in later) < len(later) - 20
    assert all(trust == 0.4 * (0.6 if person in betrayed else 1.0) for person, trust in later)
    assert {trust for _, _, trust in seen_on(run, campaign, 0, range(3))} == {0.4}
    assert {trust for _, _, trust in seen_on(run, campaign, 1, range(7))} == {0.4}
    base = 0.2 * (1 - 0.6 * 0.5)  # everybody knows it to be an ad
    expected = sum(base * (0.6 if person in betrayed else 1.0) for person, _ in later)
    others = 0.2 * len(seen_on(run, campaign, 1, range(3, 7)))  # never found out: nobody takes it for an ad
    assert engaged(run, slice(3, None)) == pytest.approx(expected + others, rel=EXACT)


def test_a_hidden_post_counts_as_an_ad_from_the_day_it_is_found_out(found_out):
    """Those who are shown the post of day 0 on day 2 or later know; nobody is betrayed here."""
    run, campaign = found_out(2, betrayal=0.0)
    shown = seen_on(run, campaign, 0, range(7))
    expected = sum(0.2 * (1 - 0.6 * 0.5 if day >= 2 else 1.0) for _, day, _ in shown)
    assert {day for _, day, _ in shown} >= {0, 1, 2, 3, 5}
    assert run.by_creator["engagements_expected"][0] / FIXED_POINT == pytest.approx(expected, rel=EXACT)


@pytest.mark.parametrize("day", [2, 5, 6])
def test_nothing_differs_before_a_hidden_ad_is_found_out(found_out, day):
    hidden, found = found_out(None)[0], found_out(day)[0]
    assert days_before(hidden, found, day)
    assert engaged(found, day) < engaged(hidden, day)
    assert hidden.events[hidden.events["day"] < day].tobytes() == found.events[found.events["day"] < day].tobytes()


# --- word on the creator -----------------------------------------------------------------------------------


@pytest.fixture
def talkative(engine, neutral, make_society, make_world, make_posts):
    """A run of 40 people: 0 and 1 buy through creator 0 on day 0 and tell their followers (2..11, 7..16) on day 1.

    The creators post again on day 2, each for everybody; creator 1 also has an audience of all.
    """
    arcs = [(0, k) for k in range(2, 12)] + [(1, k) for k in range(7, 17)]
    need = np.zeros(40)
    need[:2] = 1.0
    world = make_world(make_society(40, arcs, need=need), [range(40), range(2, 40)])

    def run(quality, word, **more):
        certain = dict.fromkeys(("talk_rate", "click_rate", "conversion_rate", "peer_reach"), 1.0)
        rates = neutral(**{**AT_ONCE, **certain, "word_on_creator": word, **more})
        campaign = make_posts(world, rates, [(0, 0), (0, 2), (1, 2)], 3, product_quality=quality)
        return simulate(world, campaign, rates, 1, engine=engine)

    return run


def regarded(trust, word):
    """Expected engagements of creator 0's second post: 15 people heard one report or two."""
    reports = np.zeros(40)
    reports[2:12] += 1
    reports[7:17] += 1
    return (0.2 * np.clip(trust + word * reports, 0, 1) / 0.4).clip(max=1).sum()


@pytest.mark.parametrize("word", [0.05, 0.15, 0.3, 1.0])
@pytest.mark.parametrize(("quality", "sign"), [(0.0, -1), (1.0, 1)])
def test_what_buyers_say_moves_trust_in_the_creator(talkative, quality, sign, word):
    """Trust of each who heard it: word_on_creator less or more a report, within 0 and 1; others trust as before."""
    run = talkative(quality, word)
    assert run.total("conversions_drawn") == 2
    assert run.total("good_reports" if sign > 0 else "bad_reports") == 2
    first, other = 40 * 0.2, 38 * 0.2
    second = run.by_creator["engagements_expected"][0] / FIXED_POINT - first
    assert second == pytest.approx(regarded(0.4, sign * word), rel=EXACT)
    assert run.by_creator["engagements_expected"][1] / FIXED_POINT == pytest.approx(other, rel=EXACT)


@pytest.mark.parametrize("quality", [0.0, 1.0])
def test_without_word_on_the_creator_talk_moves_no_trust(talkative, quality):
    """To the bit: what creators' posts earn is what it is when nobody talks."""
    silent, heard = talkative(quality, 0.0, talk_rate=0.0), talkative(quality, 0.0)
    assert heard.total("impressions_word") == 20
    for name in ("engagements_expected", "engagements_drawn", "clicks_expected", "impressions"):
        assert np.array_equal(silent.by_creator[name], heard.by_creator[name]), name


def test_a_buyer_who_came_through_nobody_moves_no_trust(talkative):
    """Without clicks all orders are the halo's: what is said is not about the creator."""
    run = talkative(0.0, 0.3, click_rate=0.0, base_visit=1.0)
    assert run.total("bad_reports") == 2
    assert run.by_creator["engagements_expected"][0] / FIXED_POINT == pytest.approx(2 * 40 * 0.2, rel=EXACT)


# --- overload and burnout ----------------------------------------------------------------------------------


@pytest.fixture
def crowded(engine, neutral, make_society, make_world):
    """Expected engagements a day of one creator's posts, given as (day, sponsored), before an audience of 50."""

    def run(posts, columns, **values):
        rates = neutral(**AT_ONCE, **values)
        world = make_world(make_society(50), [range(50)], **{k: np.array([v]) for k, v in columns.items()})
        ordinals = [sum(day == other for other, _ in posts[:k]) for k, (day, _) in enumerate(posts)]
        made = [
            single_post(world, 0, day, ordinal=ordinal, sponsored=sponsored)
            for (day, sponsored), ordinal in zip(posts, ordinals, strict=True)
        ]
        campaign = assemble_campaign("many", made, 10, rates)
        daily = simulate(world, campaign, rates, 1, engine=engine).daily
        return daily["engagements_expected"] / FIXED_POINT

    return run


SPONSORED = [(day, True) for day in (0, 1, 2, 5, 9)]


@pytest.mark.parametrize("overload", [0.2, 0.9])
@pytest.mark.parametrize(("usual", "habit"), [(0.0, 1.0), (0.1, 1.0), (0.3, 0.5), (0.0, 3.0)])
def test_sponsored_posts_of_late_cost_trust(crowded, overload, usual, habit):
    """t - overload·(min(1, usual + k/(posts a day·days)) - usual), at least 0; k: posts of the last 4 days."""
    found = crowded(SPONSORED, {"sponsored_share": usual, "posts_a_day": habit}, overload=overload, overload_days=4.0)
    for day, k in ((0, 1), (1, 2), (2, 3), (5, 2), (9, 1)):
        share = min(1.0, usual + k / max(habit * 4, k))
        assert found[day] == pytest.approx(50 * 0.2 * max(0.0, 0.4 - overload * (share - usual)) / 0.4, rel=EXACT), day


def test_a_creator_is_never_trusted_less_than_not_at_all():
    """So that somebody whose own trust lies above the mean still trusts a little."""
    assert overloaded_trust(0.4, 0.9, 0.8) == 0.0 < trust_in_creator(overloaded_trust(0.4, 0.9, 0.8), 0.8, 0.1, 1, 0, 0)


def test_organic_posts_are_no_overload(crowded):
    columns = {"sponsored_share": 0.0, "posts_a_day": 1.0}
    organic = [(day, False) for day in (0, 1, 2)]
    found = crowded([*organic, (3, True)], columns, overload=0.3, overload_days=10.0)
    assert found[:3] == pytest.approx([50 * 0.2] * 3, rel=EXACT)
    assert found[3] == pytest.approx(50 * 0.2 * (0.4 - 0.3 / 10) / 0.4, rel=EXACT)


def test_a_roster_gives_a_creators_sponsored_share(request):
    path = request.config.rootpath / "tests/samples/small.toml"
    world = build_world(load(path, ["creator.anna.sponsored_share=0.4", "parameters.sponsored_share=0.03"]))
    shares = dict(zip(world.handles, world.sponsored_share.tolist(), strict=True))
    assert shares == {"anna": 0.4, "ben": 0.03, "big": 0.03, "cleo": 0.03}


def test_more_posts_than_the_habit_tire(crowded):
    """Quality falls by exp(-tiredness): memory·yesterday's + burnout·(posts a day of the last 7 days - habit)."""
    counts = [2, 3, 0, 0, 4, 0, 0, 0, 1, 2]
    posts = [(day, day < 9) for day, count in enumerate(counts) for _ in range(count)]
    found = crowded(posts, {"posts_a_day": 0.4}, burnout=0.25, tiredness_memory=0.6)
    tired = 0.0
    for day, count in enumerate(counts):
        of_late = sum(counts[max(0, day - 6) : day + 1]) / 7
        tired = 0.6 * tired + 0.25 * max(0, of_late - 0.4)
        assert found[day] == pytest.approx(count * 50 * 0.2 * math.exp(-tired), rel=EXACT), day
    assert tired > 0.1


@pytest.mark.parametrize(("days", "habit"), [((0, 0, 1, 3, 3), 2.0), ((0, 7), 0.05), ((0, 3, 7), 2 / 7)])
def test_posting_within_the_habit_costs_nothing(crowded, days, habit):
    """Nor does one post a week, whatever the habit."""
    daily = crowded([(day, True) for day in days], {"posts_a_day": habit}, burnout=0.9)
    for day in set(days):
        assert daily[day] == pytest.approx(10 * days.count(day), rel=EXACT)


def test_a_measured_rate_holds_at_the_usual_share_of_sponsored_posts():
    """Quality is solved with the trust of a usual day, so the share is not counted twice."""
    rates, one, eleven = Rates(), np.ones(1), np.ones(11)
    profile = AudienceProfile(30_000.0, 20_000.0, one, one, 1.0, eleven, eleven)
    few, many = (
        standing(CreatorSpec("anna", 30_000, engagement_rate=0.03, sponsored_share=share), 1.0, profile, rates)
        for share in (0.0, 0.4)
    )
    assert few.engagement_rate == pytest.approx(many.engagement_rate, rel=1e-6) == pytest.approx(0.03, rel=1e-6)
    assert many.trust < few.trust
    assert many.quality > few.quality


# --- segments ----------------------------------------------------------------------------------------------


YOUNG_AND_OLD = [
    SegmentTable(name="young", share=0.25, activity=2.0, skepticism=0.5, trust=0.5),
    SegmentTable(name="grown", share=0.5, activity=1.0, skepticism=1.0, trust=1.0),
    SegmentTable(name="old", share=0.25, activity=0.5, skepticism=2.5, trust=1.9),
]
SHARES = np.array([0.25, 0.5, 0.25])


def test_people_are_in_segments_by_their_shares(make_society):
    of = segments_of(make_society(8000), YOUNG_AND_OLD, 5).of
    counts = np.bincount(of, minlength=3)
    assert np.all(np.abs(counts - 8000 * SHARES) < 3.5 * np.sqrt(8000 * SHARES * (1 - SHARES)))


def test_segments_move_differences_and_no_levels(make_society):
    society = make_society(3000, activity=np.exp(np.linspace(-1, 1, 3000)), skepticism=np.full(3000, 0.3))
    segments = segments_of(society, YOUNG_AND_OLD, 5)
    assert segments.activity.mean(dtype=np.float64) == pytest.approx(1.0, abs=1e-6)
    assert segments.trust @ SHARES == pytest.approx(1.0, rel=1e-12)
    assert segments.trust / segments.trust[1] == pytest.approx([0.5, 1.0, 1.9], rel=1e-12)
    levels = [(segments.activity / society.activity)[segments.of == k] for k in range(3)]
    assert [level.mean() / levels[1].mean() for level in levels] == pytest.approx([2.0, 1.0, 0.5], rel=1e-5)
    skepticism = 0.3 * np.array([0.5, 1.0, 2.5]) / 1.25
    assert segments.skepticism == pytest.approx(skepticism[segments.of], rel=1e-6)


def test_engagement_is_the_sum_over_segments(engine, neutral, make_society, make_world, make_posts):
    """e·(trust factor)·(1 - ad_aversion·skepticism of the segment), each times its people; trust is cut at 1."""
    n, trust = 600, 0.7
    rates = neutral(**AT_ONCE, ad_aversion=0.6)
    tables = [table.model_copy(update={"activity": 1.0}) for table in YOUNG_AND_OLD]
    society = make_society(n, skepticism=np.full(n, 0.3))
    world = make_world(society, [range(n)], segment_tables=tables, trust=np.array([trust]))
    run = simulate(world, make_posts(world, rates, [(0, 0)], 2), rates, 1, engine=engine)
    factors, aversion = np.array([0.5, 1.0, 1.9]) / 1.1, np.array([0.5, 1.0, 2.5]) / 1.25
    each = 0.2 * np.minimum(1.0, trust * factors) / 0.4 * (1 - 0.6 * 0.3 * aversion)
    people = np.bincount(world.segments.of, minlength=3)
    assert trust * factors[2] > 1 > trust * factors[1]
    assert engaged(run) == pytest.approx(people @ each, rel=1e-7)  # skepticism is kept in 32 bits


def test_segments_reach_by_their_activity(engine, neutral, make_society, make_world, make_posts):
    """Of each segment the share activity·reach is shown a post, on the mean of seeds."""
    n, rates = 1200, neutral(reach=0.3, half_life_hours=0.1)
    world = make_world(make_society(n), [range(n)], segment_tables=YOUNG_AND_OLD)
    campaign, of = make_posts(world, rates, [(0, 0)], 1), world.segments.of
    runs = [simulate(world, campaign, rates, seed, record=range(n), engine=engine) for seed in range(10)]
    seen = np.concatenate([of[run.events["person"][run.events["kind"] == Event.SEE]] for run in runs])
    people = 10 * np.bincount(of)
    chance = 0.3 * np.array([2.0, 1.0, 0.5]) * n / (np.bincount(of) @ np.array([2.0, 1.0, 0.5]))
    assert np.all(np.abs(np.bincount(seen) - people * chance) < 3.5 * np.sqrt(people * chance * (1 - chance)))


@pytest.mark.parametrize("traits", [{}, {"activity": 0.7, "skepticism": 1.3, "trust": 0.9}])
@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.1, 0.2, 0.3, 0.4], [1 / 3] * 3])
def test_equal_segments_change_nothing(engine, make_society, neutral, make_world, make_posts, shares, traits):
    """To the bit, and whatever their common level."""
    tables = [SegmentTable(name=f"s{k}", share=share, **traits) for k, share in enumerate(shares)]
    rng = np.random.default_rng(1)
    activity, skepticism = (x.astype(np.float32) for x in (np.exp(rng.normal(0, 0.6, 300)), rng.random(300)))
    activity /= activity.mean()
    society = make_society(300, activity=activity, skepticism=skepticism)
    rates = neutral(reach=0.4, ad_aversion=0.5, trust_noise=0.2, half_life_hours=20.0)
    runs = []
    for segments in ((), tables):
        world = make_world(society, [range(300)], segment_tables=segments)
        runs.append(simulate(world, make_posts(world, rates, [(0, 0)], 3), rates, 1, engine=engine))
    assert runs[0].same_as(runs[1])
