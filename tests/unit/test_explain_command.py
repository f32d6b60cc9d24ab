"""The command explain: what it tells, what it refuses, what it leaves in a folder."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import sim
from sim.commands.explain import digest_of
from sim.results.statistics import Interval
from sim.scenario.load import load
from sim.studies import explain as study
from sim.studies.crossing import Crossing
from sim.studies.explain import Explanation, Share
from sim.studies.explain_asked import asked
from sim.studies.explain_levers import levers
from sim.views.explain import explanation_text, fees_frame, shares_frame, switch_over_frame
from sim.views.explain_page import alternative, bars, explain_html, waterfall_figure, waterfall_png
from sim.views.explain_words import sentences, signed

SMALL = str(Path(__file__).parents[1] / "samples" / "small.toml")
QUICK = ("--groups", "trust", "--replicates", "2", "--workers", "1", "--days", "3")
FILES = {"digest", "report.html", "explain.json", "shares.csv", "switch_over.csv", "fees.csv", "figures", "replicates"}
KEYS = {
    "a",
    "b",
    "metric",
    "answer",
    "difference",
    "shares",
    "remainder",
    "exact",
    "combinations",
    "switch_over",
    "fees",
}
Influence = Callable[..., Any]


@pytest.fixture(scope="module")
def plain() -> Explanation:
    """A small explanation to be made another in the tests."""
    return sim.explain(SMALL, groups=["trust", "feed"], replicates=2)


@pytest.fixture
def explain(influence: Influence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Influence:
    """The command with these words, short, and with one number only that is moved."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(study, "levers", lambda scenario: levers(scenario)[:1])

    def call(*words: str) -> Any:
        return influence("explain", SMALL, *QUICK, *words)

    return call


def interval(mean: float, half: float, p: float = 0.5) -> Interval:
    return Interval(mean, mean - half, mean + half, None, p)


def told(explanation: Explanation, **changes: Any) -> tuple[str, str]:
    return sentences(replace(explanation, **changes))


def shares(*parts: tuple[str, float, float, bool]) -> tuple[Share, ...]:
    return tuple(Share(group, interval(mean, half), 0.0, sure) for group, mean, half, sure in parts)


# --- the document and the files ----------------------------------------------------------------------------


def test_json_is_the_promised_document(explain: Influence) -> None:
    answer = explain("--out", "-", "--json", "--quiet")
    found = answer.json()
    assert (answer.code, answer.err) == (0, "")
    assert found.keys() >= KEYS | {
        "schema",
        "command",
        "scenario",
        "digest",
        "seed",
        "replicates",
        "versions",
        "warnings",
    }
    assert (found["command"], found["a"], found["b"]) == ("explain", "three-small", "one-big")
    assert found["metric"] == "incremental_conversions"
    assert list(found["shares"]) == ["trust"]
    assert found["shares"]["trust"].keys() >= {"mean", "low", "high", "sure", "off"}
    parts = found["shares"]["trust"]["mean"] + found["remainder"]["mean"]
    assert parts == pytest.approx(found["difference"]["mean"])
    assert found["switch_over"].keys() >= {"trust_gain", "price_exponent", "fee of one-big (roi)"}
    assert found["switch_over"]["trust_gain"]["range"] == [0.0, 1.0]
    assert {row["creator"] for row in found["fees"]} == {"anna", "ben", "cleo", "big"}
    assert len(found["answer"]) == 2


def test_files_hold_the_same_and_are_equal_for_equal_questions(explain: Influence, tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    assert explain("--out", str(first)).code == 0
    assert explain("--out", str(second)).code == 0
    assert {path.name for path in first.iterdir()} == FILES
    for name in [*(FILES - {"figures", "replicates"}), "figures/waterfall.png"]:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    found = json.loads((first / "explain.json").read_text())
    rows = {row["part"]: row for row in csv.DictReader(io.StringIO((first / "shares.csv").read_text()))}
    assert list(rows) == ["trust", "remainder", "difference"]
    assert float(rows["trust"]["mean"]) == found["shares"]["trust"]["mean"]
    numbers = [row["number"] for row in csv.DictReader(io.StringIO((first / "switch_over.csv").read_text()))]
    assert numbers == list(found["switch_over"])


def test_a_folder_of_another_question_is_kept_unless_told_otherwise(explain: Influence, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert explain("--out", str(folder)).code == 0
    other = explain("--out", str(folder), "--metric", "reach")
    assert other.code == 2
    assert "another question's results" in other.err
    assert explain("--out", str(folder), "--metric", "reach", "--overwrite").code == 0
    assert json.loads((folder / "explain.json").read_text())["metric"] == "reach"


def test_compare_may_take_the_folder_over_and_leaves_nothing_behind(influence: Influence, explain: Influence,
                                                                    tmp_path: Path) -> None:  # fmt: skip
    folder = tmp_path / "out"
    assert explain("--out", str(folder)).code == 0
    words = ("--replicates", "1", "--workers", "1", "--quiet", "--out", str(folder), "--overwrite")
    assert influence("compare", SMALL, *words).code == 0
    assert not (FILES - {"digest", "figures", "replicates", "report.html"}) & {path.name for path in folder.iterdir()}
    assert "influence explain" not in (folder / "report.html").read_text()
    assert not (folder / "figures" / "waterfall.png").exists()
    assert [path.name for path in (folder / "replicates").iterdir()] == ["replicate-00000.npz"]


def test_the_page_says_how_to_make_it_again(explain: Influence, tmp_path: Path) -> None:
    assert explain("--out", str(tmp_path / "one"), "--set", "product.price=50.0").code == 0
    page = (tmp_path / "one" / "report.html").read_text()
    assert not re.search(r"(src|href)=.https?:", page)
    (command,) = re.findall("<code>(influence explain .*?)</code>", page)
    words = shlex.split(unescape(command))
    assert words[2] == "small.toml"
    assert words[words.index("--groups") + 1] == "trust"
    assert words[words.index("--replicates") + 1] == "2"
    assert words[-2:] == ["--set", "product.price=50.0"]


def test_the_digest_tells_questions_apart() -> None:
    scenario = load(SMALL)
    more: list[dict[str, Any]] = [{}, {"metric": "reach"}, {"a": "one-big"}, {"groups": ["feed"]}]
    digests = [digest_of(asked(scenario, **words)) for words in more]
    digests.append(digest_of(asked(load(SMALL, seed=3))))
    assert len(set(digests)) == len(digests)
    assert digest_of(asked(load(SMALL))) == digests[0]


# --- what it refuses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--a", "one-bg"), "--a: no such plan (got 'one-bg'); expected one of three-small, one-big, none; "
                            "did you mean 'one-big'?"),
        (("--a", "none", "--b", "none"), "--b: is held against itself (got 'none')"),
        (("--metric", "orders"), "--metric: no such figure (got 'orders')"),
        (("--groups", "trust,prise"), "did you mean 'price'?"),
        (("--groups", ","), "--groups: each group once"),
        (("--metric", "roi", "--b", "none"), "--metric: is not defined for none"),
        (("--engine", "kernl"), "--engine: no such engine"),
    ],
)  # fmt: skip
def test_wrong_words_end_in_one_message(words: tuple[str, ...], says: str, explain: Influence) -> None:
    answer = explain("--out", "-", "--quiet", *words)
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.err
    assert answer.err.count("\n") == 1


# --- in words ----------------------------------------------------------------------------------------------


def test_a_sure_lead_is_told_with_its_reasons(plain: Explanation) -> None:
    parts = shares(("trust", 40.0, 10.0, True), ("feed", -15.0, 5.0, True), ("word", 5.0, 9.0, False))
    why, turn = told(plain, difference=interval(35.0, 12.0), shares=parts, remainder=interval(5.0, 1.0))
    assert why.startswith("three-small is ahead in extra orders: ")
    assert "(difference +35, +23 to +47), mostly because of trust (+40, +30 to +50)" in why
    assert "; feed (−15, −20 to −10) works against it" in why
    assert why.endswith("; with all 3 groups off the difference would be +5 (+4 to +6).")
    assert "word of mouth" not in why
    assert turn.endswith(".")


def test_told_from_the_other_side_the_signs_turn(plain: Explanation) -> None:
    parts = shares(("trust", -40.0, 10.0, True))
    why, _ = told(plain, difference=interval(-35.0, 12.0), shares=parts, remainder=interval(5.0, 1.0))
    assert why.startswith("one-big is ahead in extra orders: ")
    assert "trust (+40, +30 to +50)" in why
    assert "would be −5 (−6 to −4)" in why


def test_a_lower_cost_is_ahead(plain: Explanation) -> None:
    why, _ = told(plain, metric="cpa", difference=interval(-35.0, 12.0))
    assert why.startswith("three-small is ahead in CPA: ")


def test_inside_the_noise_nothing_is_claimed(plain: Explanation) -> None:
    parts = shares(("trust", 10.0, 12.0, False), ("feed", 3.0, 4.0, False))
    why, turn = told(plain, difference=interval(5.0, 12.0), shares=parts)
    assert why.startswith("Which plan is ahead in extra orders is undecided: three-small ")
    assert "no group of mechanisms is sure to make a difference, the largest part being that of trust (+10, " in why
    assert "ahead" not in turn or "on average" in turn.lower()


def test_turning_points_are_told_with_their_side_and_what_is_unsure(plain: Explanation) -> None:
    first = replace(plain.switches[0], current=0.6, crossing=Crossing(0.2, 0.1, None, False, 6))
    niche = replace(plain.switches[1], crossing=Crossing(0.5, None, None, True, 6))
    rest = [replace(one, crossing=Crossing(None, None, None, None, 5)) for one in plain.switches[2:5]]
    _, turn = told(plain, difference=interval(35.0, 12.0), switches=(first, niche, *rest))
    assert turn == (
        "one-big would be ahead if trust won by answering were below 0.2 (now 0.6; unsure from 0.1) or share of people "
        "in one niche were above 50 % (now 33.3 %); no value within its range of fit of three-small with the product, "
        "fit of one-big with the product or visits without a campaign changes the lead."
    )


def test_numbers_carry_their_sign() -> None:
    assert [signed("reach", value) for value in (12.34, -12.34, 0.0)] == ["+12.3", "−12.3", "0"]
    assert signed("roi", -0.125) == "−12.5 %"


# --- the figure and the tables -----------------------------------------------------------------------------


def test_the_staircase_ends_where_the_difference_does(plain: Explanation) -> None:
    rows = bars(plain)
    assert (rows[0][3], rows[-1][3]) == ("rest", "whole")
    ends = [begin + part.mean for _, begin, part, kind in rows if kind != "whole"]
    assert [begin for _, begin, _, kind in rows if kind == "share"] == pytest.approx(ends[:-1])
    assert ends[-1] == pytest.approx(plain.difference.mean)
    (axes,) = waterfall_figure(plain).axes
    assert len(axes.patches) == len(rows)
    assert waterfall_png(plain) == waterfall_png(plain)
    assert all(title in alternative(plain) for title, *_ in rows)


def test_one_replicate_is_told_without_intervals() -> None:
    alone = sim.explain(SMALL, groups=["trust"], replicates=1)
    assert sentences(alone)[0].startswith("One replicate shows no luck")
    assert waterfall_png(alone)
    page = re.sub('base64,[^"]*', "", explain_html(alone, "influence explain", "0" * 12))
    assert not re.search(r"\bnan\b|None", page)


def test_a_plan_alone_is_held_against_none() -> None:
    alone = sim.explain(SMALL, a="one-big", b="none", groups=["trust"], replicates=2)
    assert alone.difference.mean == pytest.approx(alone.comparison.figures["one-big"]["incremental_conversions"].mean)  # type: ignore[union-attr]
    assert fees_frame(alone).empty
    assert [one.key for one in alone.switches] == ["trust_gain", "niche_share", "fit of one-big", "base_visit"]
    assert alone.combinations == 2
    assert "one-big" in sentences(alone)[0]


def test_names_are_text_everywhere() -> None:
    renamed = "plan.three-small.name='<b>[red]a&b[/red]'"
    named = sim.explain(SMALL, renamed, a="<b>[red]a&b[/red]", b="one-big", groups=["trust"], replicates=2)
    page = explain_html(named, "influence explain", "0" * 12)
    assert "<b>[red]" not in page
    console = Console(record=True, width=100, file=io.StringIO())
    console.print(explanation_text(named))
    assert "[red]a&b[/red]" in console.export_text()


def test_tables_have_a_row_for_everything(plain: Explanation) -> None:
    assert list(shares_frame(plain)["part"]) == ["trust", "feed", "remainder", "difference"]
    assert len(switch_over_frame(plain)) == len(plain.switches)
    assert list(fees_frame(plain)["creator"]) == ["anna", "ben", "cleo", "big"]
    assert plain.share("feed").group == "feed"


def test_a_terminal_of_eighty_columns_shows_the_parts(plain: Explanation) -> None:
    console = Console(record=True, width=80, file=io.StringIO())
    console.print(explanation_text(plain, Path("results")))
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= 80
    assert "size, price and what is left" in text
    assert "the whole difference" in text
    priced = replace(plain, shares=shares(("price", 1.0, 1.0, False)))
    assert (plain.rest, priced.rest) == (study.REMAINDER, "size and what is left")
