"""The terms of deals and plans: formats, order, seeding, second stages, languages, segments, and how they come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from sim.errors import InputError, InputErrors
from sim.parameters import Rates
from sim.platforms import FORMATS
from sim.rules import market_price
from sim.scenario.load import Scenario, load
from sim.scenario.plans import Second, Seeding, expected_price
from sim.scenario.roster import CreatorSpec
from sim.scenario.schema import Deal, Format, SegmentTable
from sim.views.resolved import scenario_toml, scenario_values

CAMPAIGN = Path(__file__).parents[1] / "samples/campaign.toml"
BEN = market_price(4000, 160.0, 0.85)
"""What the market asks for a post by ben.cooks, who names no fee: about 73.43."""
YOUNG_AND_OLD = "segment=[{name='young', share=0.4, activity=1.5, trust=0.8}, {name='old', share=0.6}]"
PRICES = ("parameters.reel_price=1.2", "parameters.story_price=0.4", "parameters.video_price=1.5")
HIDDEN = ("plan.small.deals.anna.disclosed=false", "plan.small.deals.anna.found_out=5")


def asked(*overrides: str, **options: Any) -> Scenario:
    """The sample campaign: anna (3,000), ben.cooks (4,000), cleo (5,000), star (20,000); 10 days."""
    return load(CAMPAIGN, overrides, **options)


def starts(scenario: Scenario, plan: str = "small") -> list[tuple[str, int]]:
    return [(deal.creator, deal.start) for deal in scenario.plan(plan).deals]


def bought(scenario: Scenario, plan: str = "mix") -> list[tuple[str, int]]:
    return [(deal.creator, deal.posts) for deal in scenario.plan(plan).deals]


# --- prices ------------------------------------------------------------------------------------------------


def test_the_formats_of_a_file_are_the_platforms() -> None:
    assert get_args(Format) == FORMATS
    assert Deal(creator="anna").format == "post"


@pytest.mark.parametrize(
    ("form", "factor"), [("post", 1.0), ("reel", 1.2), ("story", 0.4), ("video", 1.5), ("live", 0.9)]
)
def test_a_format_has_its_price_whoever_names_the_fee(form: str, factor: float) -> None:
    rates = Rates(price_constant=160.0, reel_price=1.2, story_price=0.4, video_price=1.5, live_price=0.9)
    own, market = CreatorSpec("a", 10_000, fee=50.0), CreatorSpec("b", 10_000)
    assert expected_price(own, rates, 2.0, form) == pytest.approx(50 * factor)
    assert expected_price(market, rates, 2.0, form) == pytest.approx(2 * 160 * factor)


def test_a_premium_is_for_market_prices_from_a_million_on() -> None:
    rates = Rates(price_constant=160.0, price_exponent=0.85, price_premium=2.5, reel_price=1.2)
    plain = replace(rates, price_premium=1.0)
    almost, large = CreatorSpec("a", 999_999), CreatorSpec("b", 1_000_000)
    assert expected_price(almost, rates, 1.0) == expected_price(almost, plain, 1.0)
    assert expected_price(large, rates, 1.0, "reel") == pytest.approx(2.5 * 1.2 * 160 * 100**0.85)
    assert expected_price(CreatorSpec("c", 2_000_000, fee=9.0), rates, 1.0) == 9.0


def test_deals_are_priced_by_their_formats_and_their_gifts_cost_money() -> None:
    """anna's story at her own fee of 20 costs 8; the 30 agreed with ben.cooks for a reel are for the reel."""
    deals = ("plan.small.deals=[{creator='anna', posts=2, format='story', gift=5}, "
             "{creator='ben.cooks', format='reel', fee=30}, {creator='ben.cooks', format='video'}]")  # fmt: skip
    plan = asked(*PRICES, deals, "plan.small.budget=300").plan("small")
    assert plan.left_over == pytest.approx(300 - 2 * 8 - 5 - 30 - 1.5 * BEN)


def test_a_split_buys_posts_of_its_format() -> None:
    """Stories cost 0.4 of a post: of 200, the nanos' 2 x (8 + 29.37 + 12) leave 101.26, and star's 2 x 40 leave 120."""
    scenario = asked(*PRICES, "plan.mix.format=story")
    deals = scenario.plan("mix").deals
    assert bought(scenario) == [("anna", 2), ("ben.cooks", 2), ("cleo", 2), ("star", 2)]
    assert [deal.fee for deal in deals] == pytest.approx([8, 0.4 * BEN, 12, 40])
    assert {deal.format for deal in deals} == {"story"}
    assert scenario.plan("mix").left_over == pytest.approx(400 - 2 * (8 + 0.4 * BEN + 12) - 80)


# --- order -------------------------------------------------------------------------------------------------

THREE = "plan.small.deals=[{creator='ben.cooks', start=1}, {creator='anna'}, {creator='star'}, {creator='ben.cooks'}]"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("listed", [("ben.cooks", 1), ("anna", 2), ("star", 4), ("ben.cooks", 0)]),
        ("smallest", [("anna", 0), ("ben.cooks", 3), ("ben.cooks", 2), ("star", 4)]),
        ("largest", [("star", 0), ("ben.cooks", 3), ("ben.cooks", 2), ("anna", 4)]),
    ],
)
def test_creators_begin_one_after_another(order: str, expected: list[tuple[str, int]]) -> None:
    assert starts(asked(THREE, "plan.small.stagger=2", f"plan.small.order={order}")) == expected


def test_creators_of_equal_size_stay_as_listed() -> None:
    same = "creator=[{handle='x', followers=6_000}, {handle='y', followers=6_000}, {handle='z', followers=9_000}]"
    deals = "plan.small.deals=[{creator='y'}, {creator='z'}, {creator='x'}]"
    base = ("plan.mix.split={nano=1.0}", same, deals, "plan.small.stagger=1")
    assert starts(asked(*base, "plan.small.order=smallest")) == [("y", 0), ("x", 1), ("z", 2)]
    assert starts(asked(*base, "plan.small.order=largest")) == [("z", 0), ("y", 1), ("x", 2)]


def test_without_stagger_an_order_moves_nobody() -> None:
    assert starts(asked(THREE, "plan.small.order=largest")) == [
        ("star", 0), ("ben.cooks", 1), ("ben.cooks", 0), ("anna", 0)]  # fmt: skip


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("listed", [("anna", 2), ("ben.cooks", 2), ("star", 2)]),
        ("smallest", [("anna", 2), ("ben.cooks", 2), ("star", 2)]),
        ("largest", [("star", 2), ("cleo", 2), ("ben.cooks", 1), ("anna", 2)]),
    ],
)
def test_the_order_of_a_split_decides_who_is_bought_and_who_begins(order: str, expected: list[tuple[str, int]]) -> None:
    """From the largest down, cleo's 2 x 30 leave 140 of 200, ben.cooks' one post 66.57, and anna asks 2 x 20."""
    scenario = asked(f"plan.mix.order={order}", "plan.mix.stagger=3", "plan.mix.start=0")
    assert bought(scenario) == expected
    assert starts(scenario, "mix") == [(creator, 3 * place) for place, (creator, _) in enumerate(expected)]


def test_posts_that_a_stagger_moves_beyond_the_last_day_are_noted() -> None:
    note = "plan small: 1 of 2 posts of ben.cooks fall after the last day and are neither made nor paid"
    assert asked("plan.small.stagger=7").notes == (note,)


# --- found out ---------------------------------------------------------------------------------------------


def test_a_hidden_ad_may_be_found_out_and_the_others_of_its_creator_with_it() -> None:
    deals = "plan.small.deals=[{creator='anna', disclosed=false, found_out=5}, {creator='anna', disclosed=false}]"
    assert [deal.found_out for deal in asked(deals).plan("small").deals] == [5, None]


def test_a_stagger_moves_the_first_post_and_not_the_discovery() -> None:
    hidden = "plan.small.deals=[{creator='star'}, {creator='anna', disclosed=false, found_out=5}]"
    assert asked(hidden, "plan.small.stagger=4").plan("small").deals[1].found_out == 5
    with pytest.raises(InputError, match="not after the deal's first post, on day 5"):
        asked(hidden, "plan.small.stagger=5")


def test_each_deal_that_contradicts_another_is_told() -> None:
    deals = ("plan.small.deals=[{creator='anna', commission=0.1}, {creator='anna', commission=0.2}, "
             "{creator='star', commission=0.2}, {creator='anna', commission=0.3}]")  # fmt: skip
    with pytest.raises(InputErrors) as caught:
        asked(deals)
    assert [(problem.key, problem.value) for problem in caught.value.problems] == [
        ("plan.small.deals.anna.commission", 0.2), ("plan.small.deals.anna.commission", 0.3)]  # fmt: skip


# --- seeding -----------------------------------------------------------------------------------------------


def test_a_gift_costs_what_the_product_costs_the_brand() -> None:
    """40.0 at a margin of a half."""
    assert asked("plan.small.seeding.k=100").plan("small").seeding == Seeding("random", 100, 0, 20.0)
    given = "plan.small.seeding={people='fringe', k=30, start=4, gift=12}"
    seeding = asked(given).plan("small").seeding
    assert seeding == Seeding("fringe", 30, 4, 12.0)
    assert seeding.cost == 360.0


@pytest.mark.parametrize(("people", "most"), [("random", 100_000), ("top", 1_000), ("fringe", 10_000)])
def test_a_seeding_is_an_agent_or_more_and_its_group_or_less(people: str, most: int) -> None:
    """Each of the 10,000 agents stands for 10 of the 100,000 people."""

    def with_k(k: int) -> Scenario:
        return asked(f"plan.small.seeding={{people='{people}', k={k}}}")

    assert [with_k(k).plan("small").seeding.k for k in (10, most)] == [10, most]  # type: ignore[union-attr]
    for k in (9, most + 1):
        with pytest.raises(InputError) as caught:
            with_k(k)
        assert (caught.value.key, caught.value.value) == ("plan.small.seeding.k", k)


def test_the_people_that_a_small_seeding_needs_are_enough() -> None:
    seeding = "plan.small.seeding.k=7"
    with pytest.raises(InputError, match="10 or more, or --people 14286 or more"):
        asked(seeding)
    assert asked(seeding, people=14_286).plan("small").seeding is not None
    with pytest.raises(InputError, match="--people 14286 or more"):
        asked(seeding, people=14_285)


def test_a_seeding_counts_against_the_budget_of_deals() -> None:
    cost = 2 * 20 + 2 * BEN + 15 * 20
    budget = ("plan.small.seeding.k=15", f"plan.small.budget={cost + 10}")
    assert asked(*budget).plan("small").left_over == pytest.approx(10)
    with pytest.raises(InputError, match="the deals and the seeding cost more than the budget"):
        asked(budget[0], f"plan.small.budget={cost - 0.01}")


def test_a_seeding_is_paid_before_the_rest_of_the_budget_is_split() -> None:
    """15 x 20 of 500 leave 100 a tier: anna's 2 x 20, no post of ben.cooks at 73.43, cleo's 2 x 30; one of star's."""
    scenario = asked("plan.mix.seeding.k=15", "plan.mix.budget=500")
    assert bought(scenario) == [("anna", 2), ("cleo", 2), ("star", 1)]
    assert scenario.plan("mix").left_over == 0.0


def seeded_only(folder: Path, seeding: str, *, market: str = "population = 100_000", society: str = "") -> Scenario:
    text = f'[market]\n{market}\n[society]\n{society}\n[[plan]]\nname = "gifts"\nbudget = 5_000\nseeding = {seeding}\n'
    (folder / "seeded.toml").write_text(text)
    return load(folder / "seeded.toml")


def test_a_plan_of_seeding_alone_needs_no_creators(tmp_path: Path) -> None:
    scenario = seeded_only(tmp_path, "{ people = 'top', k = 100 }")
    plan = scenario.plan("gifts")
    assert (plan.deals, plan.seeding, plan.left_over) == ((), Seeding("top", 100, 0, 41.0), 900.0)
    assert scenario.creators == {}
    assert again(scenario, tmp_path).plan("gifts").seeding == plan.seeding


def test_people_of_a_graph_are_listed_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_text("a,b\nA,b\n")
    scenario = seeded_only(tmp_path, "{ people = ['a', 'A'], gift = 0 }", market="", society='graph = "edges.csv"')
    assert scenario.plan("gifts").seeding == Seeding(("a", "A"), 2, 0, 0.0)
    assert scenario.plan("gifts").left_over == 5_000
    assert again(scenario, tmp_path).digest("m") == scenario.digest("m")


# --- the second stage --------------------------------------------------------------------------------------


def test_a_second_stage_is_what_a_run_decides() -> None:
    plan = asked("plan.small.second={start=6}", "plan.small.budget=1000").plan("small")
    assert plan.second == Second(6, "engagements", 3, 7)
    assert (plan.budget, plan.left_over) == (1000.0, None)
    assert [deal.creator for deal in plan.deals] == ["anna", "ben.cooks"]


def test_a_second_stage_can_pay_the_cheapest_post_at_least() -> None:
    test = 2 * 20 + 2 * BEN
    second = "plan.small.second={start=6, by='clicks', posts=1, every=2}"
    plan = asked(second, f"plan.small.budget={test + 20}").plan("small")
    assert plan.second == Second(6, "clicks", 1, 2)
    with pytest.raises(InputError, match="leaves not one post to the second stage"):
        asked(second, f"plan.small.budget={test + 19.99}")


def test_a_second_stage_follows_the_first_post_of_a_staggered_test() -> None:
    second = ("plan.small.second={start=3}", "plan.small.budget=1000")
    assert asked(*second, "plan.small.deals.ben.cooks.start=5").plan("small").second is not None
    later = (*second, "plan.small.deals.anna.start=3", "plan.small.stagger=1")
    assert starts(asked(*later)) == [("anna", 3), ("ben.cooks", 1)]
    with pytest.raises(InputError, match="not after the first post of the test, on day 3"):
        asked(*later, "plan.small.deals.ben.cooks.start=3")


# --- market and people -------------------------------------------------------------------------------------


def test_each_region_has_a_language_and_creators_post_in_one() -> None:
    scenario = asked("market.languages=['en', 'fr']", "creator.star.language=FR", "product.sold_in=['south']")
    assert scenario.market.languages == ["en", "fr"]
    assert scenario.creators["star"].language == "fr"
    assert scenario.product.sold_in == ["south"]
    assert (asked().market.languages, asked().product.sold_in) == (None, None)
    assert asked("market.languages=['en', 'en']").market.languages == ["en", "en"]


def test_segments_are_relative_to_all_people() -> None:
    scenario = asked(YOUNG_AND_OLD)
    assert scenario.segments == (
        SegmentTable(name="young", share=0.4, activity=1.5, skepticism=1.0, trust=0.8),
        SegmentTable(name="old", share=0.6),
    )
    assert asked().segments == ()
    assert len(asked("segment=[{name='a', share=0.3333333}, {name='b', share=0.6666667}]").segments) == 2


def test_what_is_wrong_with_a_segment_says_nothing_of_their_sum() -> None:
    with pytest.raises(InputError) as caught:
        asked("segment=[{name='a', share=0.5}, {name='b', share=1.5}]")
    assert not isinstance(caught.value, InputErrors)
    assert caught.value.key == "segment.b.share"


def test_options_that_favour_a_size_are_noted() -> None:
    assert asked("parameters.price_premium=2", "parameters.fake_slope=-0.05").notes == (
        "prices carry a premium of 2 x from 1,000,000 followers on, as asked",
        "the fake share grows by -0.05 with each tenfold of followers, as asked",
    )


# --- setting, naming, coming back --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "value"),
    [
        (["plan.small.seeding.k=1000"], lambda s: s.plan("small").seeding.k == 1000),
        (["plan.mix.seeding={k=10}", "plan.mix.seeding.gift=1"], lambda s: s.plan("mix").seeding.gift == 1.0),
        (["plan.small.second={start=6}", "plan.small.budget=1e3", "plan.small.second.by=clicks"],
         lambda s: s.plan("small").second.by == "clicks"),
        (["plan.small.deals.ben.cooks.format=story"], lambda s: s.plan("small").deals[1].format == "story"),
        (["plan.small.deals.anna.tag=true"], lambda s: s.plan("small").deals[0].tag is True),
        (["plan.small.deals.anna.earlier=2e0"], lambda s: s.plan("small").deals[0].earlier == 2),
        ([YOUNG_AND_OLD, "segment.young.trust=1.2"], lambda s: [one.trust for one in s.segments] == [1.2, 1.0]),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)  # fmt: skip
def test_every_term_can_be_set(settings: list[str], value: Callable[[Scenario], bool]) -> None:
    assert value(asked(*settings))


CHANGES = [
    ["plan.small.deals.anna.format=reel"], ["plan.small.deals.anna.gift=1"], ["plan.small.deals.anna.commission=0.1"],
    ["plan.small.deals.anna.code=0.1"], ["plan.small.deals.anna.tag=true"], ["plan.small.deals.anna.earlier=1"],
    [HIDDEN[0]], [*HIDDEN], ["plan.small.stagger=2"], ["plan.small.order=largest", "plan.small.stagger=2"],
    ["plan.mix.format=video"], ["plan.mix.order=largest"], ["plan.mix.stagger=3", "plan.mix.order=smallest"],
    ["plan.small.seeding={k=20}"], ["plan.small.seeding={k=21}"], ["plan.small.seeding={k=20, people='top'}"],
    ["plan.small.seeding={k=20, start=1}"], ["plan.small.seeding={k=20, gift=0.1}"], ["plan.mix.seeding={k=10}"],
    ["plan.small.second={start=5}", "plan.small.budget=1000"],
    ["plan.small.second={start=5}", "plan.small.budget=1000.1"],
    ["plan.small.second={start=6}", "plan.small.budget=1000"],
    ["plan.small.second={start=5, by='clicks'}", "plan.small.budget=1000"],
    ["plan.small.second={start=5, posts=4}", "plan.small.budget=1000"],
    ["plan.small.second={start=5, every=4}", "plan.small.budget=1000", "plan.small.seeding={k=30, gift=0.1}"],
    ["market.languages=['en', 'fr']"], ["market.languages=['en', 'fr']", "creator.star.language=fr"],
    ["product.sold_in=['north']"], ["creator.star.reservation=90"], ["creator.star.sponsored_share=0.1"],
    [YOUNG_AND_OLD], [YOUNG_AND_OLD, "segment.old.skepticism=1.1"], ["parameters.price_premium=2"],
]  # fmt: skip


def test_the_digest_knows_every_term() -> None:
    digests = [asked(*change).digest("m") for change in [[], *CHANGES]]
    assert len(set(digests)) == len(digests)
    assert asked("plan.small.budget=1000").digest("m") == asked().digest("m")


def again(scenario: Scenario, folder: Path) -> Scenario:
    """The scenario written out with every value resolved, and read again."""
    path = folder / "resolved.toml"
    path.write_text(scenario_toml(scenario), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("change", CHANGES, ids=" ".join)
def test_the_resolved_scenario_asks_the_same(change: list[str], tmp_path: Path) -> None:
    first = asked(*change)
    second = again(first, tmp_path)
    assert second.digest("m") == first.digest("m")
    assert second.segments == first.segments
    for plan, same in zip(first.plans, second.plans, strict=True):
        assert (same.deals, same.seeding, same.second) == (plan.deals, plan.seeding, plan.second)
        assert same.budget == plan.budget
        assert same.left_over == pytest.approx(plan.left_over, abs=1e-9)


def test_each_value_of_a_segment_says_where_it_came_from() -> None:
    rows = {row[0]: row[1:4] for row in scenario_values(asked(YOUNG_AND_OLD))}
    assert rows["segment.young.trust"] == (0.8, "x mean", "command line --set")
    assert rows["segment.old.trust"] == (1.0, "x mean", "default")
    assert rows["segment.old.share"] == (0.6, "share of people", "command line --set")
