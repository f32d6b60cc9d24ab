"""What a plan's money bought: posts made, offers declined, the rest of a budget; and a plan in words before any run."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from sim.ensemble import Ensemble, PlanRun, run_ensemble
from sim.results.answer import answer, followers_power, open_costs, plan_price
from sim.results.comparison import Comparison, compare_plans
from sim.results.measures import daily_totals, run_by_day
from sim.results.spending import bought, left_over, plan_notes
from sim.results.summary import summary
from sim.results.tables import creators_table
from sim.rules import FIXED_POINT
from sim.scenario.load import Scenario, load
from sim.views.booked import market_lines, plan_line, plan_terms
from sim.views.bought import bought_table, count_text
from sim.views.console import comparison_table, run_table
from sim.views.report.page import report_html

SAMPLES = Path(__file__).parents[1] / "samples"
SMALL, EVERYTHING = SAMPLES / "small.toml", SAMPLES / "everything.toml"

Influence = Callable[..., Any]


def compared(path: Path, *overrides: str, **options: int) -> Comparison:
    return compare_plans(run_ensemble(load(path, overrides, **options), workers=1, engine="agents"))


@pytest.fixture(scope="module")
def everything() -> Comparison:
    return compared(EVERYTHING, days=8)


def with_declines(comparison: Comparison, plan: str, declined: list[dict[str, float]]) -> Ensemble:
    """The ensemble as if these offers had been declined, replicate by replicate."""

    def changed(one: PlanRun, offers: dict[str, float]) -> PlanRun:
        return replace(one, declined=offers)

    ensemble = comparison.ensemble
    pairs = zip(ensemble.replicates, declined, strict=True)
    return replace(ensemble, replicates=tuple(
        replace(one, plans={**one.plans, plan: changed(one.plans[plan], offers)}) for one, offers in pairs
    ))  # fmt: skip


def shown(comparison: Comparison, width: int = 100) -> str:
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(comparison_table(comparison))
    return console.file.getvalue()  # type: ignore[attr-defined]


# --- before any run ----------------------------------------------------------------------------------------


def terms(scenario: Scenario, plan: str) -> list[str]:
    return plan_terms(scenario, scenario.plan(plan))


def test_the_price_counts_formats_gifts_and_seeding() -> None:
    """big 2 x 58.5 + 2 x 40; anna 3 x 20; ben 3 x 20; cleo 2 x 18.5 + 12; dora 2 x 1; 400 x 20 given away."""
    scenario = load(EVERYTHING)
    assert plan_price(scenario, "all-terms") == pytest.approx(197 + 60 + 60 + 49 + 2 + 8000)
    assert open_costs(scenario.plan("all-terms")) == ["commission", "discounts"]
    assert plan_price(scenario, "two-stages") == pytest.approx(20 + 20 + 18.5 + 100)
    assert open_costs(scenario.plan("two-stages")) == []
    story = load(EVERYTHING, ["plan.two-stages.deals.cleo.format='story'", "parameters.story_price=0.3"])
    assert plan_price(story, "two-stages") == pytest.approx(20 + 20 + 0.3 * 18.5 + 100)


def test_a_plan_in_words_names_what_is_not_usual() -> None:
    scenario = load(EVERYTHING)
    assert plan_line(scenario, scenario.plan("all-terms")) == (
        "all-terms: 5 creators, 14 posts, about 8,370 USD plus commission and discounts"
    )
    assert terms(scenario, "all-terms") == [
        "big: reel, commission of 10 %",
        "big: video, commission of 10 %",
        "anna: story, code for 20 % off, product tag, 2 deals before",
        "anna: live, code for 30 % off",
        "ben: hidden ad, found out on day 5",
        "cleo: gift worth 12 USD",
        "gives the product to 400 random people on day 2, 8,000 USD",
    ]
    assert plan_line(scenario, scenario.plan("two-stages")) == (
        "two-stages: 3 creators, 3 posts, about 158 USD for the test"
    )
    assert terms(scenario, "two-stages")[1:] == [
        "gives the product to 100 of the 1 % of people with most followers on day 1, 100 USD",
        "test until day 4, then the rest of 300 USD to what worked by clicks: "
        "up to 3 posts a creator, one every 2 days",
    ]
    assert market_lines(scenario) == [
        "segments: young 40 % (activity x 1.4, skepticism x 0.7, trust x 1.2), older 60 %",
        "languages: north en, south fr, east en",
        "sold in: north, south",
    ]


def test_a_plain_plan_has_no_terms_and_equal_terms_stand_together() -> None:
    scenario = load(SMALL)
    assert [terms(scenario, plan.name) for plan in scenario.plans] == [[], [], []]
    assert market_lines(scenario) == []
    names = [f"c{number}" for number in range(30)]
    creators = ", ".join(f"{{handle='{name}', followers=1_000}}" for name in names)
    same = ", ".join(f"{{creator='{name}', tag=true}}" for name in names)
    differing = ", ".join(f"{{creator='{name}', gift={place + 1}}}" for place, name in enumerate(names))
    many = load(SMALL, [f"creator=[{creators}]",
                        f"plan=[{{name='a', deals=[{same}]}}, {{name='b', deals=[{differing}]}}]"])  # fmt: skip
    assert terms(many, "a") == ["c0, c1, c2, c3, c4, c5, c6, c7 and 22 more: product tag"]
    assert len(terms(many, "b")) == 13
    assert terms(many, "b")[-1] == "and 18 more sets of terms"


def test_show_and_check_tell_the_terms(influence: Influence) -> None:
    scenario = load(EVERYTHING)
    for command in ("show", "check"):
        text = influence(command, str(EVERYTHING)).out
        assert all(f"    {line}\n" in text for line in terms(scenario, "all-terms") + terms(scenario, "two-stages"))
    assert all(f"  {line}\n" in influence("check", str(EVERYTHING)).out for line in market_lines(scenario))
    plans = {plan["name"]: plan for plan in influence("check", str(EVERYTHING), "--json").json()["plans"]}
    assert plans["all-terms"]["plus"] == ["commission", "discounts"]
    assert plans["all-terms"]["seeding"] == {"people": "random", "k": 400, "start": 2, "gift": 20.0}
    assert plans["two-stages"]["second"] == {"start": 4, "by": "clicks", "posts": 3, "every": 2}
    shown_plans = {plan["name"]: plan for plan in influence("show", str(EVERYTHING), "--json").json()["plans"]}
    assert shown_plans["two-stages"]["budget"] == 300.0
    assert shown_plans["all-terms"]["deals"][0]["format"] == "reel"


# --- what was bought ---------------------------------------------------------------------------------------


def test_what_was_bought_is_what_the_runs_say(everything: Comparison) -> None:
    told = bought(everything.ensemble, "all-terms")
    assert (told.creators, told.posts, told.declined, told.left_over) == ((4,) * 4, (12,) * 4, {"dora": 1.0}, None)
    staged = bought(everything.ensemble, "two-stages")
    costs = [one.cost for one in everything.ensemble.runs("two-stages")]
    assert staged.left_over == pytest.approx(300 - np.mean(costs))
    assert staged.posts == tuple(one.posts for one in everything.ensemble.runs("two-stages"))
    assert bought(everything.ensemble, "none").left_over is None


def test_what_rounding_leaves_of_a_budget_is_nothing() -> None:
    assert left_over(0.3, [0.1 + 0.2]) == 0.0
    assert left_over(100.0, [90.0, 130.0]) == -10.0
    assert left_over(None, [1.0]) is None


def test_a_note_tells_who_declines_and_what_stays_unspent(everything: Comparison) -> None:
    start = "plan all-terms: dora declines the offer in"
    assert plan_notes(everything.ensemble) == [f"{start} 4 of 4 replicates; 2 USD stay unspent there"]
    assert everything.warnings[0] == plan_notes(everything.ensemble)[0]
    often = with_declines(everything, "all-terms", [{"dora": 2.0}, {}, {"dora": 2.0}, {"dora": 2.0}])
    assert plan_notes(often) == [f"{start} 3 of 4 replicates; 2 USD stay unspent there"]
    both = with_declines(everything, "all-terms", [{"dora": 2.0}, {}, {"dora": 2.0}, {"dora": 2.0, "big": 120.0}])
    assert plan_notes(both) == [
        "plan all-terms: big declines the offer in 1 of 4 replicates, dora in 3; 42 USD stay unspent there on average"
    ]
    staged = with_declines(everything, "two-stages", [{"anna": 20.0}, {}, {}, {}])
    assert "plan two-stages: anna declines the offer in 1 of 4 replicates" in plan_notes(staged)
    for_nothing = with_declines(everything, "all-terms", [{"dora": 0.0}] * 4)
    assert plan_notes(for_nothing) == [f"{start} 4 of 4 replicates"]


def test_a_note_tells_of_a_budget_that_does_not_suffice() -> None:
    plan = "plan=[{name='over', budget=60, deals=[{creator='anna', fee=20, commission=0.9}]}]"
    comparison = compared(SMALL, plan, "parameters.click_rate=0.5", "parameters.conversion_rate=0.5", days=3)
    cost = comparison.figures["over"]["cost"]
    assert cost is not None
    told = bought(comparison.ensemble, "over").left_over
    assert told == pytest.approx(60 - cost.mean)
    assert told < 0
    (note,) = plan_notes(comparison.ensemble)
    assert note.startswith("plan over: costs ")
    assert "more than its budget on average" in note


def test_the_summary_tells_what_was_declined_and_is_left(everything: Comparison) -> None:
    plans = summary(everything)["plans"]
    assert plans["all-terms"]["declined"] == {"dora": 1.0}
    assert (plans["all-terms"]["budget"], plans["all-terms"]["left_over"]) == (None, None)
    assert plans["two-stages"]["left_over"] == bought(everything.ensemble, "two-stages").left_over
    assert plans["none"]["declined"] == {}
    assert [plans[name]["posts"] for name in ("none", "all-terms")] == [0, 12]


def test_counts_that_differ_are_means() -> None:
    assert [count_text(counts) for counts in ((12, 12), (13, 14), (1_000,))] == ["12", "13.5 (mean)", "1,000"]


@pytest.mark.parametrize("width", [80, 120])
def test_console_and_report_tell_what_was_bought(everything: Comparison, width: int) -> None:
    ensemble = with_declines(everything, "all-terms", [{"dora": 2.0}, {}, {"dora": 2.0}, {"dora": 2.0}])
    comparison = compare_plans(ensemble)
    heads, rows = bought_table(comparison)
    assert heads == ["plan", "creators", "posts", "seeded", "budget", "left over", "declined by"]
    assert rows[0] == ["all-terms", "4", "12", "400", "–", "–", "dora (3 of 4)"]
    assert [rows[1][0], rows[1][3], rows[1][4], rows[1][6]] == ["two-stages", "100", "300", "–"]
    text, page = shown(comparison, width), report_html(comparison)
    assert max(map(len, text.splitlines())) <= width
    for cell in ("declined by", "dora", "(3 of 4)", "left over"):
        assert cell in text
        assert cell in page
    assert "dora declines the offer in 3 of 4 replicates" in page
    assert "<li>ben: hidden ad, found out on day 5</li>" in page


def test_a_plain_comparison_tells_creators_and_posts_alone() -> None:
    comparison = compared(SMALL, replicates=1, days=2)
    heads, rows = bought_table(comparison)
    assert heads == ["plan", "creators", "posts"]
    assert [row[0] for row in rows] == ["three-small", "one-big"]


# --- by size alone -----------------------------------------------------------------------------------------

BIG = "plan.one-big"


@pytest.mark.parametrize(
    "changes",
    [
        [f"{BIG}.seeding={{k=200}}"],
        [f"{BIG}.deals.big.format='reel'"],
        [f"{BIG}.second={{start=2}}", f"{BIG}.budget=500"],
        ["plan.three-small.deals.ben.format='story'"],
    ],
)
def test_size_alone_is_spoken_of_only_where_it_says_much(changes: list[str]) -> None:
    said = " ".join(answer(compared(SMALL, *changes, replicates=2, days=4)))
    assert "By size alone" not in said


def test_size_counts_the_posts_that_were_made() -> None:
    """Of two plans of two posts each, ben's is declined in one."""
    plans = ("plan=[{name='a', deals=[{creator='anna', fee=20}, {creator='ben', fee=1}]}, "
             "{name='b', deals=[{creator='anna', fee=20}]}]")  # fmt: skip
    comparison = compared(SMALL, plans, "creator.ben.reservation=10", replicates=2, days=4)
    assert followers_power(comparison.ensemble, "a", 1.0) == followers_power(comparison.ensemble, "b", 1.0) > 0
    assert "would be 1.00 in people reached (simulated 1.00)" in " ".join(answer(comparison))


# --- tables ------------------------------------------------------------------------------------------------


def test_orders_of_a_day_count_repeats_everywhere(everything: Comparison) -> None:
    scenario, one = everything.ensemble.scenario, everything.ensemble.replicates[1].plans["all-terms"]
    days, totals = run_by_day(scenario, one.run), daily_totals(everything.ensemble, "all-terms")
    scale = one.run.people_per_agent / FIXED_POINT
    first, again = (scale * one.run.daily[f"{name}_expected"] for name in ("conversions", "repeats"))
    assert again.sum() > 0
    assert [day["repeats"] for day in days] == pytest.approx(again)
    assert [day["conversions"] for day in days] == pytest.approx(first + again)
    assert totals["conversions"][1] == pytest.approx(first + again)
    assert sum(day["conversions_drawn"] for day in days) == one.run.people_per_agent * (
        one.run.total("conversions_drawn") + one.run.total("repeats_drawn")
    )
    console = Console(width=100, file=io.StringIO(), highlight=False)
    console.print(run_table(scenario, "all-terms", {"days": days}))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Repeats" in text
    assert "repeats among them" in text


def test_discounts_are_money(everything: Comparison) -> None:
    """What codes took off is the same by day and by creator, and a part of what the creators cost."""
    table = creators_table(everything)
    mine = table[table["plan"] == "all-terms"]
    by_creator = mine.groupby("replicate")["discounts"].sum()
    by_day = daily_totals(everything.ensemble, "all-terms")["discounts"].sum(axis=1)
    assert by_day == pytest.approx(by_creator.to_numpy())
    anna = mine[mine["creator"] == "anna"]
    assert anna["cost"].to_numpy() == pytest.approx(60 + anna["discounts"].to_numpy())
    assert (anna["discounts"] > 0).all()


def test_the_creators_of_a_report_have_both_rates(everything: Comparison) -> None:
    page = report_html(everything)
    assert all(f">{head}</a>" in page for head in ("dashboard rate", "real rate"))
    table = creators_table(everything)
    assert isinstance(table, pd.DataFrame)
    posted = table[table["posts"] > 0]
    assert (posted["engagement_rate_real"] > posted["engagement_rate_followers"]).all()
    assert table[table["posts"] == 0][["engagement_rate_real", "engagement_rate_followers"]].isna().all(axis=None)
