"""Which creators to book: the choice beside every possible one, its figures beside a comparison's, wishes and rules."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.errors import InputError, InputErrors
from sim.results.comparison import UNDECIDED
from sim.results.statistics import holm
from sim.scenario.load import Scenario, load, load_with
from sim.scenario.roster import read_roster
from sim.studies.candidates import Asked, Wishes, asked
from sim.studies.greedy import Set
from sim.studies.select import CHOSEN, THE_SAME, Selection, choose, random_orders
from sim.studies.select_runs import TOTALS, Trials
from sim.studies.splits import Terms
from sim.views.files import csv_bytes
from sim.views.select import chosen_frame
from sim.views.select_words import plan_toml, sentences

SMALL = Path(__file__).parents[1] / "samples" / "small.toml"
TERMS = Terms(2, every=3)
ROSTER = """handle,followers,niche,fee,engagement_rate
ada,2000,beauty,20,0.03
bea,1800,beauty,20,
cid,1500,food,20,0.05
dot,1200,food,20,
eve,1000,sport,20,0.02
fay,900,,20,
"""
ADA = "plan=[{name='ada', deals=[{creator='ada'}]}]"
THREE = 120.0
"""Buys three of the six."""


@pytest.fixture(scope="module")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("select") / "six.csv"
    path.write_text(ROSTER, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def scenario(roster: Path) -> Scenario:
    return load_with(SMALL, roster, (), {"replicates": 3})


@pytest.fixture(scope="module")
def found(roster: Path) -> Selection:
    return sim.select(SMALL, THREE, roster=roster, metric="reach", terms=TERMS, replicates=3, choose_on=2)


# --- the roster --------------------------------------------------------------------------------------------


def test_a_roster_takes_the_place_of_the_creators_and_their_plans(scenario: Scenario, roster: Path) -> None:
    assert list(scenario.creators) == ["ada", "bea", "cid", "dot", "eve", "fay"]
    assert [plan.name for plan in scenario.plans] == ["none"]
    same = load(SMALL, [f"creators.roster={str(roster)!r}", "creator=[]", ADA])
    assert scenario.creators == same.creators
    assert (scenario.rates, scenario.market) == (same.rates, same.market)


def test_a_roster_is_read_as_that_of_a_scenario(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("handle,followers,niche\nada,2000,beuty\nbea,none,food\n", encoding="utf-8")
    for given in ((SMALL, wrong, (), {}), (SMALL, None, [f"creators.roster={str(wrong)!r}", ADA], {})):
        with pytest.raises(InputErrors) as refused:
            load_with(*given)  # type: ignore[arg-type]
        assert [problem.row for problem in refused.value.problems[:2]] == [2, 3]
    with pytest.raises(InputError, match="from --roster"):
        load_with(SMALL, tmp_path / "gone.csv", (), {})


def test_without_a_roster_the_choice_is_among_the_creators_of_the_scenario() -> None:
    question = asked(load(SMALL), 1_000.0, TERMS)
    assert [one.handle for one in question.candidates] == ["big", "anna", "ben", "cleo"]
    assert question.by_handle["cleo"].cost == 37.0


# --- the choice --------------------------------------------------------------------------------------------


def values(question: Asked, sets: list[Set], metric: str) -> dict[Set, float]:
    """Of every set the mean on the seeds of the choice."""
    with Trials(question, "kernel", 1) as trials:
        return {one: float(totals[:, TOTALS.index(metric)].mean())
                for one, totals in zip(sets, trials.totals(sets), strict=True)}  # fmt: skip


def test_the_choice_is_near_the_best_of_all_sets_and_its_values_are_those_of_a_comparison(
    scenario: Scenario, roster: Path, found: Selection
) -> None:
    question = asked(scenario, THREE, TERMS, "reach", choosing=2)
    all_sets = [frozenset(some) for k in range(4) for some in combinations(scenario.creators, k)]
    value = values(question, all_sets, "reach")
    assert len(value) == 42
    assert question.limits.budget == 3 * 40.0
    nothing, best = value[frozenset()], max(value.values())
    assert found.choice.value == value[frozenset(found.handles)]
    assert found.choice.value - nothing >= (1 - 1 / math.e) / 2 * (best - nothing)
    assert found.choice.value - nothing >= 0.9 * (best - nothing)  # in fact far nearer
    with Trials(question, "kernel", 1) as trials:
        seed = trials.scenario.run.seed
    assert seed != scenario.run.seed
    there = load_with(SMALL, roster, (), {"replicates": 2, "seed": seed})
    same = sim.compare(question.with_plans(there, [question.plan("set", found.handles)]))
    assert same.totals["set"].of("reach").mean() == found.choice.value


def test_the_figures_are_those_of_the_plan_to_paste(roster: Path, found: Selection, tmp_path: Path) -> None:
    """On the scenario's own seeds, to the last bit, beside any other plans."""
    text = SMALL.read_text(encoding="utf-8")
    kept = text[: text.index("[[plan]]")].replace("creator = [", "[creators]\nroster = 'six.csv'\n[x]\ncreator = [")
    kept = kept[: kept.index("[x]")] + kept[kept.index("[market]") :]
    (tmp_path / "six.csv").write_text(roster.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "pasted.toml").write_text(f"{kept}\n{plan_toml(found)}", encoding="utf-8")
    same = sim.compare(tmp_path / "pasted.toml", replicates=3)
    for metric in ("reach", "engagements", "clicks", "incremental_conversions", "cost", "roi"):
        assert found.figures[metric] == same.figures["chosen"][metric]
    assert found.cost == same.figures["chosen"]["cost"].mean  # type: ignore[union-attr]


def test_what_each_creator_adds_makes_up_the_whole(found: Selection) -> None:
    totals = found.comparison.totals
    whole = (totals[CHOSEN].of("reach") - totals["none"].of("reach")).mean()
    assert sum(one.gain.mean for one in found.members if one.gain) == pytest.approx(whole)
    assert [one.spent for one in found.members] == [40.0, 80.0, 120.0]
    assert found.members[-1].plan == CHOSEN
    assert (found.cost, found.left_over) == (120.0, 0.0)


@pytest.mark.parametrize("metric", ["incremental_conversions", "engagements", "clicks"])
def test_another_figure_is_chosen_by_its_own_values(metric: str, scenario: Scenario) -> None:
    question = asked(scenario, THREE, TERMS, metric, choosing=2)
    with Trials(question, "kernel", 1) as trials:
        choice = choose(question, trials)
        pairs = [frozenset(choice.handles[:2]), frozenset(choice.handles)]
        totals = [float(one[:, TOTALS.index(metric)].mean()) for one in trials.totals(pairs)]
        alone = {one.handle: float(trials.known[frozenset({one.handle})][:, TOTALS.index(metric)].mean())
                 for one in question.candidates}  # fmt: skip
    assert [step.value for step in choice.path[1:]] == totals
    assert choice.path[0].name == max(alone, key=lambda handle: alone[handle])
    assert choice.value >= choice.other


def test_a_return_is_that_of_the_best_beginning_of_a_path(scenario: Scenario) -> None:
    question = asked(scenario, 240.0, TERMS, "roi", choosing=2)
    with Trials(question, "kernel", 1) as trials:
        choice = choose(question, trials)
        orders = choose(asked(scenario, 240.0, TERMS, choosing=2), trials)
        beginnings = [frozenset(orders.handles[:count]) for count in range(1, len(orders.path) + 1)]
        sums = [one.sum(axis=0) for one in trials.totals(beginnings)]
    returns = [one[TOTALS.index("profit")] / one[TOTALS.index("cost")] for one in sums]
    assert choice.value == max(returns)
    assert choice.handles == orders.handles[: int(np.argmax(returns)) + 1]


# --- overlap, on a graph whose audiences are known ---------------------------------------------------------


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stars: one and twin have the same 150 followers, half has 60 of these and 60 of its own, others their own."""
    folder = tmp_path_factory.mktemp("graph")
    half = [*range(60), *range(400, 460)]
    followers = {"one": range(150), "twin": range(150), "other": range(200, 300), "half": half,
                 "few": range(500, 540)}  # fmt: skip
    lines = ["src,dst", *(f"{name},p{person}" for name, some in followers.items() for person in some)]
    (folder / "edges.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    creators = "\n".join(f'[[creator]]\nhandle = "{name}"\nfollowers = {len(some)}\nfee = 10' for name, some in
                         followers.items())  # fmt: skip
    (folder / "stars.toml").write_text(
        f'schema = 1\n{creators}\n[society]\ngraph = "edges.csv"\n[run]\ndays = 8\nreplicates = 3\n'
        '[parameters]\nreach = 0.9\nactivity_spread = 0\nrecommended_share = 0\nfake_share = 0\nfake_width = 0\n'
        '[[plan]]\nname = "any"\ndeals = [{ creator = "one" }]\n', encoding="utf-8")  # fmt: skip
    return folder / "stars.toml"


def test_disjoint_audiences_of_one_price_are_taken_by_size(graph: Path) -> None:
    wishes = Wishes(forbid=("twin", "half"))
    answer = sim.select(graph, 30.0, metric="reach", wishes=wishes, terms=Terms(1), choose_on=2)
    assert answer.handles == ("one", "other", "few")
    assert [one.overlap for one in answer.members] == [0.0, 0.0, 0.0]


def test_who_has_the_same_audience_is_not_taken_while_there_are_new_people(graph: Path) -> None:
    answer = sim.select(graph, 30.0, metric="reach", wishes=Wishes(require=("one",)), terms=Terms(1), choose_on=2)
    assert answer.handles == ("one", "other", "half")
    assert [one.overlap for one in answer.members] == [0.0, 0.0, 0.5]
    both = sim.select(graph, 20.0, metric="reach", wishes=Wishes(require=("one", "twin")), terms=Terms(1), choose_on=1)
    assert [one.overlap for one in both.members] == [0.0, 1.0]
    assert both.members[1].gain.mean < 0.3 * both.members[0].gain.mean  # type: ignore[union-attr]


# --- wishes ------------------------------------------------------------------------------------------------


def test_wishes_are_honoured_by_the_set_and_by_every_rule(scenario: Scenario, roster: Path) -> None:
    wishes = Wishes(require=("fay",), forbid=("cid",), per_niche=1)
    answer = sim.select(SMALL, 200.0, roster=roster, metric="reach", wishes=wishes, terms=TERMS, replicates=2,
                        choose_on=1)  # fmt: skip
    for some in (answer.handles, *(one for rival in answer.rivals for one in rival.sets)):
        assert some[0] == "fay"
        assert "cid" not in some
        niches = [niche for handle in some if (niche := scenario.creators[handle].niche) is not None]
        assert len(niches) == len(set(niches))
        assert answer.question.cost(some) <= 200.0
    assert set(answer.handles) - {"ada", "bea"} == {"fay", "dot", "eve"}
    assert answer.members[0].required
    assert answer.left_over == 40.0


@pytest.mark.parametrize(
    ("words", "key", "says"),
    [
        ({"wishes": Wishes(require=("adda",))}, "--require", "did you mean 'ada'?"),
        ({"wishes": Wishes(forbid=("eva",))}, "--forbid", "did you mean 'eve'?"),
        ({"wishes": Wishes(require=("ada",), forbid=("ada",))}, "--require", "both required and forbidden"),
        ({"wishes": Wishes(require=("ada", "bea", "cid", "dot"))}, "--require", "--budget 160.00 or more"),
        ({"wishes": Wishes(require=("ada", "bea"), per_niche=1)}, "--most-per-niche", "2 creators of beauty"),
        ({"wishes": Wishes(per_niche=0)}, "--most-per-niche", "1 or more"),
        ({"wishes": Wishes(forbid=("ada", "bea", "cid", "dot", "eve", "fay"))}, "--budget", "all are forbidden"),
        ({"budget": 39.0}, "--budget", "40.00 or more"),
        ({"budget": -1.0}, "--budget", "above 0"),
        ({"metric": "reech"}, "--metric", "did you mean 'reach'?"),
        ({"metric": "cpm"}, "--metric", "one of incremental_conversions"),
        ({"terms": Terms(3, every=3)}, "--posts", "at most 2"),
        ({"terms": Terms(1, start=6)}, "--start", "after the last day"),
        ({"choosing": 0}, "--choose-on", "1 or more"),
    ],
)
def test_what_cannot_be_met_is_refused_in_one_message(
    words: dict[str, object], key: str, says: str, scenario: Scenario
) -> None:
    with pytest.raises(InputError) as refused:
        asked(scenario, **{"budget": THREE, "terms": TERMS, **words})  # type: ignore[arg-type]
    assert refused.value.key == key
    assert says in str(refused.value)


def test_who_is_too_small_or_too_dear_is_left_out_and_named(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("handle,followers,fee,reservation\nbig,3000,20,\ntiny,100,1,\nproud,2000,20,30\ndear,900,200,\n",
                    encoding="utf-8")  # fmt: skip
    scenario = load_with(SMALL, path, (), {})
    question = asked(scenario, 100.0, TERMS)
    assert [one.handle for one in question.candidates] == ["big"]
    told = " ".join(question.notes)
    assert "tiny" in told
    assert "proud" in told
    assert "1 of 2 creators cost more" in told
    for handle in ("tiny", "proud"):
        with pytest.raises(InputError) as refused:
            asked(scenario, 100.0, TERMS, wishes=Wishes(require=(handle,)))
        assert (refused.value.key, refused.value.value) == ("--require", handle)


# --- rules and files ---------------------------------------------------------------------------------------


def test_rules_book_in_their_order(found: Selection) -> None:
    sets = {one.name: one.sets for one in found.rivals}
    assert sets["most followers"] == (("ada", "bea", "cid"),)
    assert sets["cheapest per follower"] == (("ada", "bea", "cid"),)
    rates = found.choice.engagement_rates
    assert (rates["ada"], rates["cid"], rates["eve"]) == pytest.approx((0.03, 0.05, 0.02))
    assert sets["highest engagement rate"] == (tuple(sorted(rates, key=lambda handle: -rates[handle])[:3]),)
    assert len(sets["random"]) == 5
    assert len(set(sets["random"])) > 1


def test_random_orders_are_drawn_by_handle(scenario: Scenario, roster: Path) -> None:
    """Without one of the creators the others keep their order; another seed gives another."""
    everybody, fewer = (asked(scenario, 240.0, TERMS, wishes=Wishes(forbid=out)) for out in ((), ("cid",)))
    for all_, some in zip(random_orders(everybody), random_orders(fewer), strict=True):
        assert [one.handle for one in all_ if one.handle != "cid"] == [one.handle for one in some]
    other = asked(load_with(SMALL, roster, (), {"seed": 8}), 240.0, TERMS)
    assert random_orders(other) != random_orders(everybody)


def test_verdicts_are_of_paired_differences_corrected_together(found: Selection) -> None:
    totals, chosen = found.comparison.totals, found.comparison.totals[CHOSEN].of("reach")
    told = {one.name: one.difference.p_value for one in found.rivals if one.verdict != THE_SAME and one.difference}
    assert told
    rules = {one.name: frozenset(frozenset(some) for some in one.sets) for one in found.rivals}
    by_sets = {rules[name]: p for name, p in told.items()}
    sure_of = holm({str(place): p for place, p in enumerate(by_sets.values())})
    sure = {name: sure_of[str(list(by_sets).index(rules[name]))] for name in told}
    plans = found.comparison.ensemble.scenario.plans
    of_set = {frozenset(deal.creator for deal in plan.deals): plan.name for plan in plans}
    for one in found.rivals:
        assert one.difference is not None
        reached = [totals[of_set[frozenset(some)]].of("reach") for some in one.sets]
        assert one.difference.mean == pytest.approx((chosen - np.mean(reached, axis=0)).mean())
        if one.verdict == THE_SAME:
            assert all(set(some) == set(found.handles) for some in one.sets)
        elif not sure[one.name]:
            assert one.verdict == UNDECIDED
        else:
            assert one.verdict == (CHOSEN if one.difference.mean > 0 else one.name)


def test_the_roster_of_the_chosen_can_be_read_again(found: Selection, tmp_path: Path) -> None:
    path = tmp_path / "select.csv"
    path.write_bytes(csv_bytes(chosen_frame(found)))
    market = found.question.scenario.market
    again = read_roster(path, market.niches, market.regions)
    assert [one.handle for one in again.creators] == list(found.handles)
    assert again.creators == tuple(one.candidate.spec for one in found.members)


def test_nobody_is_chosen_where_nobody_adds_anything(roster: Path) -> None:
    with pytest.raises(InputError, match="no creator adds anything"):
        sim.select(SMALL, THREE, "parameters.click_rate=0", roster=roster, metric="clicks", terms=TERMS, replicates=1,
                   choose_on=1)  # fmt: skip


def test_the_sentences_name_the_money_the_set_and_the_rules(found: Selection) -> None:
    told = " ".join(sentences(found))
    assert told.startswith(f"For 120 USD book {', '.join(found.handles)}, 2 posts each: 120 USD.")
    assert "On other seeds than it was chosen on" in told
    for one in found.rivals:
        assert ("at random" if one.name == "random" else f"by {one.name}") in told


@pytest.mark.full
def test_two_processes_choose_what_one_does(roster: Path, found: Selection) -> None:
    again = sim.select(SMALL, THREE, roster=roster, metric="reach", terms=TERMS, replicates=3, choose_on=2, workers=2)
    assert again.choice == found.choice
    assert again.comparison.figures == found.comparison.figures
