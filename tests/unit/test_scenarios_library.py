"""The built-in scenarios: form, both engines, and findings that say the same everywhere."""

from __future__ import annotations

import csv
import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.errors import InputError
from sim.results.measures import METRICS
from sim.scenario import DEFAULT_SCENARIO
from sim.scenario.library import built_in, story
from sim.scenario.load import Scenario

ROOT = Path(__file__).parents[2]
STUDY = ROOT / "experiments" / "scenarios"
NAMES = list(built_in())
FEW = [DEFAULT_SCENARIO, "honest-review-8k"]
"""Whose engines are compared in the short tier, too, in one replicate."""
MOST_LINES, MOST_COLUMNS = 60, 120
FEWEST_FOLLOWERS = 40
"""Followers of the smallest creator in agents: 20 real ones are needed, whatever share is fake."""


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Modules of the study by name; its folder is on the path as when its script runs."""
    monkeypatch.syspath_prepend(str(STUDY))
    return importlib.import_module


# --- form ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_file_begins_with_question_claim_and_finding_and_is_short(name: str) -> None:
    text = built_in()[name].read_text(encoding="utf-8")
    told = story(text)
    assert "?" in told.question
    assert told.claim
    assert told.finding
    assert len(text.splitlines()) <= MOST_LINES
    assert max(map(len, text.splitlines())) <= MOST_COLUMNS


@pytest.mark.parametrize("name", NAMES)
def test_check_finds_nothing_wrong(name: str, influence: Callable[..., Any]) -> None:
    answer = influence("check", str(built_in()[name]), "--json")
    assert answer.code == 0, answer.err
    assert not [warning for warning in answer.json()["warnings"] if "noisy" in warning]


# --- both engines --------------------------------------------------------------------------------------------


def small(name: str) -> Scenario:
    """The scenario with fewer people, each standing for as many, and with as few days as its plans allow."""
    full = sim.load(name)
    population, smallest = full.market.population, min(creator.followers for creator in full.booked)
    assert population is not None
    factor = max(1, int(smallest / (population / full.people) / FEWEST_FOLLOWERS))
    days = 8 + max(
        [deal.found_out or deal.start for plan in full.plans for deal in plan.deals]
        + [plan.second.start for plan in full.plans if plan.second]
        + [plan.seeding.start for plan in full.plans if plan.seeding]
    )
    scaled = [f"creator.{creator.handle}.followers={creator.followers // factor}" for creator in full.booked]
    least = 10 * population // full.people  # ten agents are given the product
    scaled += [
        f"plan.{plan.name}.seeding.k={max(least, plan.seeding.k // factor)}" for plan in full.plans if plan.seeding
    ]
    fees = [f"creator.{c.handle}.fee={price:.2f}" for c, price in _fees(full)]  # or a budget would buy other posts
    tiers = ", ".join(f"{tier} = [{low / factor}, {high / factor}]" for tier, (low, high) in full.tiers.items())
    scaled += [f"market.population={population // factor}", f"tiers={{{tiers}}}", *fees]
    return sim.load(name, *scaled, people=full.people // factor, days=min(days, full.run.days), replicates=2, worlds=2)


def _fees(full: Scenario) -> list[tuple[Any, float]]:
    """What a budget was reckoned with: the price curve's fee of each creator without an own one."""
    c, power = full.rates.price_constant, full.rates.price_exponent
    rate = full.market.usd_rate
    return [(k, c * (k.followers / 10_000) ** power * rate) for k in full.booked if k.fee is None]


def both_engines_agree(name: str, replicates: int) -> None:
    scenario = small(name)
    for replicate in range(replicates):
        world, shown = sim.build_world(scenario, replicate=replicate), 0
        for plan in scenario.plans:
            agents, kernel = (
                sim.run(scenario, plan.name, replicate=replicate, engine=engine, world=world, record=range(200))
                for engine in ("agents", "kernel")
            )
            assert agents.differing(kernel) == [], (plan.name, replicate)
            shown += agents.total("impressions_followed")
        assert shown > 0


@pytest.mark.parametrize("name", FEW)
def test_both_engines_agree(name: str) -> None:
    both_engines_agree(name, 1)


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_both_engines_agree_in_every_scenario(name: str) -> None:
    both_engines_agree(name, 2)


# --- claims and findings -------------------------------------------------------------------------------------


def test_every_scenario_has_claims_and_every_claim_a_result(study: Any) -> None:
    claims = study("claims").read_claims()
    assert {claim.scenario for claim in claims} == set(NAMES)
    told = [(r.scenario, r.a, r.b, r.metric, r.higher, r.words) for r in study("claims").read(STUDY / "results.csv")
            if r.verdict not in study("claims").BESIDE]  # fmt: skip
    assert sorted(told) == sorted((c.scenario, c.a, c.b, c.metric, c.higher, c.words) for c in claims)


def test_what_is_published_follows_from_the_results(study: Any) -> None:
    rows = study("claims").read(STUDY / "results.csv")
    assert rows
    different = [path.name for path, text in study("findings").pages(rows).items()
                 if path.read_text(encoding="utf-8") != text]  # fmt: skip
    assert not different, f"run experiments/scenarios/findings.py --reuse --publish: {different}"


@pytest.mark.parametrize(("old", "new"), [("difference", "metric"), ("metric", "no such figure")])
def test_a_claim_on_what_does_not_exist_is_refused(old: str, new: str, study: Any, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    metric, higher = ("reach", "c") if old == "difference" else (new, "a")
    path.write_text(f"scenario,a,b,metric,higher,words\nx,p,q,{metric},{higher},it is so\n")
    with pytest.raises(InputError):
        study("claims").read_claims(path)


def row(study: Any, **values: Any) -> Any:
    usual = {"scenario": "x", "a": "small", "b": "large", "metric": "incremental_conversions", "higher": "a",
             "words": "They sell more", "unit": "", "a_value": 136.2, "b_value": 81.4, "difference": 54.8,
             "low": -60.1, "high": 170.4, "verdict": "undecided"}  # fmt: skip
    return study("claims").Row(**{**usual, **values})


def test_a_finding_in_words(study: Any) -> None:
    say = study("wording").finding
    assert say([row(study)]) == (
        "Undecided: they sell more (extra orders 136 with small, 81.4 with large; difference 54.8, -60.1 to 170)."
    )
    close = say([row(study, low=2.0)])
    assert close.endswith("difference 54.8, 2 to 170; unsure only because several figures are looked at).")
    rate = row(study, metric="ctr", unit="%", a_value=0.014, b_value=0.0058, difference=0.0082, low=0.0055,
               high=0.0109, verdict="holds")  # fmt: skip
    assert "(CTR 1.4 % with small, 0.58 % with large; difference 0.82 points, 0.55 to 1.09)" in say([rate])
    lost = row(study, metric="reach", words="", verdict="small creators lose", a_value=2.0, b_value=5.0,
               difference=-3.0, low=-4.0, high=-2.0)  # fmt: skip
    assert say([rate, lost]).endswith(
        "The smaller creators lose people reached (2 with small, 5 with large; difference -3, -4 to -2)."
    )
    unknown = row(study, a_value=None, difference=None, low=None, high=None)
    assert "(extra orders - with small, 81.4 with large; difference not known)" in say([unknown])


def test_rows_are_read_as_they_were_saved_and_merged_by_scenario(study: Any, tmp_path: Path) -> None:
    claims = study("claims")
    old = [row(study, scenario="x"), row(study, scenario="y", low=None, note="a, b")]
    claims.save(old, tmp_path / "results.csv")
    assert claims.read(tmp_path / "results.csv") == old
    new = [row(study, scenario="x", verdict="holds"), row(study, scenario="x", metric="reach")]
    assert claims.merged(old, new, ["y", "x"]) == [old[1], *new]


def test_a_finding_changes_nothing_but_the_comment(study: Any) -> None:
    text = "# Is it?\n# Claim: yes,\n# always\nschema = 1\n# Finding: below\n"
    told = study("wording").with_finding(text, "no " * 60 + "never")
    assert told.splitlines()[:2] == ["# Is it?", "# Claim: yes, always"]
    assert told.endswith("never\nschema = 1\n# Finding: below\n")
    assert study("wording").with_finding(told, "no " * 60 + "never") == told
    with pytest.raises(ValueError, match="lines"):
        study("wording").with_finding(text + "#\n" * 60, "no")


# --- verdicts ------------------------------------------------------------------------------------------------

TINY = {"people": 20_000, "days": 8, "replicates": 4, "worlds": 4}


def judged(study: Any, name: str, *claims: tuple[str, str, str, str], **size: int) -> list[Any]:
    made = [study("claims").Claim(name, a, b, metric, higher, "it is so") for a, b, metric, higher in claims]
    return list(study("verdicts").judged(made, study("verdicts").run(name, **{**TINY, **size})))


def test_verdicts_are_those_of_the_comparison_whichever_way_a_claim_is_put(study: Any) -> None:
    pair, size = ("all-real", "half-bought"), {**TINY, "people": 8_000, "days": 4, "replicates": 10, "worlds": 10}
    rows = judged(study, "fake-followers", (*pair, "reach", "a"), (*pair, "reach", "b"),
                  (*reversed(pair), "reach", "b"), ("all-real", "none", "conversions", "a"), **size)  # fmt: skip
    answer = sim.compare("fake-followers", **size).difference(*pair, "reach")
    assert [found.verdict for found in rows[:3]] == ["holds", "contradicted", "holds"]
    assert (rows[0].difference, rows[0].low, rows[0].high) == (answer.mean, answer.low, answer.high)
    assert rows[2].difference == pytest.approx(-rows[0].difference)
    assert rows[3].b_value > 0
    assert rows[3].difference > 0


def test_a_plan_in_one_setting_is_held_against_itself_in_another(study: Any) -> None:
    one, other = "chronological/ten-micros", "ranked/ten-micros"
    size = {"people": 8_000, "days": 4, "replicates": 3, "worlds": 3}
    (found,) = judged(study, "feed-ranking", (one, other, "engagements", "a"), **size)
    answer = sim.compare_settings("feed-ranking", **size).difference("chronological", "ten-micros", "engagements")
    assert (found.difference, found.low, found.high) == (answer.mean, answer.low, answer.high)
    assert found.a_value - found.b_value == pytest.approx(answer.mean)


@pytest.mark.full
def test_losses_are_told_only_of_plans_of_one_price_and_unlike_sizes(study: Any) -> None:
    def beside(name: str, *claims: tuple[str, str, str, str], **size: int) -> list[Any]:
        kinds = study("claims").BESIDE[:2]
        return [found for found in judged(study, name, *claims, **size) if found.verdict in kinds]

    pair = "ten-micros", "celebrity"
    told = beside(DEFAULT_SCENARIO, (*pair, "ctr", "a"), days=15)
    assert told
    assert {(found.a, found.b) for found in told} == {pair}
    assert all(found.metric == "" or found.a_value < found.b_value for found in told)
    told_already = [(*pair, key, "a") for key in ("reach", "engagements", "incremental_conversions", "roi")]
    unsaid = beside(DEFAULT_SCENARIO, *told_already, days=15)
    assert [found.metric for found in unsaid] == [found.metric for found in told if not found.metric]
    dear = "blogger-weekly", "celebrity-one-post"
    assert not beside("local-skincare-20k", (*dear, "ctr", "a"), people=60_000)
    assert not beside("fake-followers", ("all-real", "half-bought", "ctr", "a"))


def test_a_plan_that_does_not_exist_is_named(study: Any) -> None:
    with pytest.raises(InputError) as refused:
        judged(study, "fake-followers", ("all-rael", "half-bought", "reach", "a"))
    assert refused.value.nearest == "all-real"


def test_the_readme_of_the_study_says_which_figures_claims_are_about() -> None:
    text = (STUDY / "README.md").read_text(encoding="utf-8")
    with (STUDY / "claims.csv").open(encoding="utf-8", newline="") as stream:
        assert {line["metric"] for line in csv.DictReader(stream)} <= METRICS.keys() | {"viral"}
    assert re.search(r"written before the scenarios were run", text)
