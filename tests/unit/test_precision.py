"""``compare --precision``: when it looks, when it stops, what it says, and that all else stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

import sim
from sim import ensemble as ensembles
from sim.errors import InputError
from sim.results import precision as rules
from sim.results.answer import answer
from sim.results.comparison import LEVEL, Comparison, widths
from sim.results.measures import PlanTotals
from sim.results.precision import PRECISE_METRICS, Width, first_look, looks, question_digest
from sim.results.summary import summary, to_json
from sim.scenario.load import load
from sim.views.report.page import report_html

SMALL = str(Path(__file__).parents[1] / "samples" / "small.toml")
QUICK = ("--days", "3", "--workers", "1", "--quiet")
MOST = 16
Influence = Callable[..., Any]


@pytest.fixture(autouse=True)
def _few_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks at 4, 8 and 16 replicates, so that what is never reached ends soon."""
    monkeypatch.setattr(rules, "MOST_REPLICATES", MOST)


@lru_cache
def compared(precision: float | None, **options: int) -> Comparison:
    return sim.compare(SMALL, precision=precision, **{"days": 3, **options})


def runs_of(comparison: Comparison, plan: str) -> list[Any]:
    return [planned.run for planned in comparison.ensemble.runs(plan)]


# --- the looks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (20, [20, 40, 80, 160, 320, 640, 1280]),
        (8, [8, 16, 32, 64, 128, 256, 512, 1024]),
        (641, [641]),
        (1280, [1280]),
        (5000, [5000]),
    ],
)
def test_looks_double_up_to_the_cap(first: int, expected: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert looks(first) == expected


def test_the_levels_of_all_looks_add_up_to_five_per_cent() -> None:
    made = compared(0.7, replicates=4).precision
    assert made is not None
    assert made.most_looks == len(looks(4)) == 3
    assert made.most_looks * (1.0 - made.confidence) == pytest.approx(LEVEL)


@pytest.mark.parametrize(("replicates", "worlds", "first"), [(4, 2, 4), (1, 1, 2), (2, 5, 5), (3, 3, 3), (40, 2, 40)])
def test_the_first_look_has_two_replicates_and_one_for_each_society(replicates: int, worlds: int, first: int) -> None:
    scenario = first_look(load(SMALL, replicates=replicates, worlds=worlds))
    assert (scenario.run.replicates, scenario.worlds) == (first, worlds)
    assert not [note for note in scenario.notes if "worlds asked for" in note]
    assert first_look(scenario) == scenario


# --- when it stops -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("precision", "replicates", "expected"), [(1.0, 8, (8,)), (0.7, 4, (4, 8)), (0.001, 4, (4, 8, 16))]
)
def test_replicates_are_doubled_until_every_difference_is_known(
    precision: float, replicates: int, expected: tuple[int, ...]
) -> None:
    comparison = compared(precision, replicates=replicates)
    made = comparison.precision
    assert made is not None
    assert made.looks == expected
    assert made.looks[-1] == len(comparison.ensemble.replicates)
    assert made.reached == all(width.within(precision) for width in made.widths) == (precision > 0.01)
    for width in made.widths:
        row = comparison.difference(width.a, width.b, width.metric)
        means = [comparison.figures[plan][width.metric].mean for plan in (width.a, width.b)]  # type: ignore[union-attr]
        assert row.high is not None
        assert row.low is not None
        assert width.half_width == pytest.approx((row.high - row.low) / 2.0)
        assert width.larger_mean == pytest.approx(max(means))
    assert {width.metric for width in made.widths} == set(PRECISE_METRICS)


def test_a_look_before_would_not_have_done() -> None:
    """At the level of these looks, what stopped at 8 was too wide at 4."""
    comparison = compared(0.7, replicates=4)
    first = {plan: PlanTotals(plan, {key: values[:4] for key, values in totals.values.items()})
             for plan, totals in comparison.totals.items()}  # fmt: skip
    assert comparison.precision is not None
    level = 1.0 - comparison.precision.confidence
    assert widths(comparison.totals, comparison.ensemble.worlds, level) == comparison.precision.widths
    assert not all(width.within(0.7) for width in widths(first, comparison.ensemble.worlds[:4], level))


@pytest.mark.parametrize(
    ("half", "larger", "within", "share"),
    [(1.0, 10.0, True, 0.1), (1.01, 10.0, False, 0.101), (0.0, 0.0, True, None), (0.1, 0.0, False, None),
     (None, 10.0, False, None)],
)  # fmt: skip
def test_a_width_is_held_against_the_larger_mean(
    half: float | None, larger: float, within: bool, share: float | None
) -> None:
    width = Width("a", "b", "reach", half, larger)
    assert width.within(0.1) is within
    assert width.share == (None if share is None else pytest.approx(share))


def test_of_a_single_paid_plan_its_own_figures_are_to_be_known(tmp_path: Path) -> None:
    text = Path(SMALL).read_text()
    (tmp_path / "one.toml").write_text(text[: text.index('[[plan]]\nname = "one-big"')])
    comparison = sim.compare(tmp_path / "one.toml", precision=1.0, days=3)
    made = comparison.precision
    assert made is not None
    assert {(width.a, width.b) for width in made.widths} == {("three-small", "none")}
    own = comparison.figures["three-small"]["reach"]
    assert own is not None
    assert own.high is not None
    assert (made.widths[0].half_width, made.widths[0].larger_mean) == (pytest.approx(own.high - own.mean), own.mean)


# --- what stays the same -----------------------------------------------------------------------------------


def test_replicates_are_those_of_a_comparison_of_as_many() -> None:
    asked, plain = compared(0.7, replicates=4), compared(None, replicates=8)
    assert plain.precision is None
    assert asked.ensemble.worlds == plain.ensemble.worlds
    for plan in plain.ensemble.plan_names:
        assert all(one.same_as(other) for one, other in zip(runs_of(asked, plan), runs_of(plain, plan), strict=True))
    for plan, figures in plain.figures.items():
        assert [None if i is None else i.mean for i in asked.figures[plan].values()] == [
            None if i is None else i.mean for i in figures.values()
        ]


def test_intervals_are_wider_than_those_of_a_single_look() -> None:
    asked, plain = compared(0.7, replicates=4), compared(None, replicates=8)
    for plan in ("three-small", "one-big"):
        one, other = asked.figures[plan]["reach"], plain.figures[plan]["reach"]
        assert one is not None
        assert other is not None
        assert one.high > other.high  # type: ignore[operator]
    for row in asked.differences:
        if row.verdict != "undecided":
            assert plain.difference(row.a, row.b, row.metric).verdict == row.verdict


def test_no_replicate_is_run_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[int] = []
    whole = ensembles.run_replicate
    monkeypatch.setattr(ensembles, "run_replicate", lambda s, n, e: ran.append(n) or whole(s, n, e))  # type: ignore[func-returns-value]
    sim.compare(SMALL, precision=0.001, days=3)
    assert sorted(ran) == list(range(MOST))


# --- bad values --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "says", "nearest"),
    [
        ("0", "out of range", None),
        ("-0.1", "out of range", None),
        ("nan", "out of range", None),
        ("1.5", "out of range", "0.015"),
        ("10", "out of range", "0.1"),
        ("inf", "out of range", None),
        ("10%", "not a number", "0.1"),
        ("0,1", "not a number", "0.1"),
        ("little", "not a number", None),
    ],
)
def test_a_precision_that_is_none_ends_in_a_message(
    text: str, says: str, nearest: str | None, influence: Influence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = influence("compare", SMALL, *QUICK, "--precision", text, "--json")
    error = answer.json()["error"]
    assert answer.code == 2
    assert (error["key"], error["nearest"]) == ("--precision", nearest)
    assert says in error["message"]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("asked", [0, -1.0, float("nan"), 1.01, True, "0.1"])
def test_python_says_so_too(asked: Any) -> None:
    with pytest.raises(InputError) as caught:
        sim.compare(SMALL, precision=asked)
    assert caught.value.key == "precision"


# --- the folder --------------------------------------------------------------------------------------------


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_another_precision_is_another_question() -> None:
    scenario = load(SMALL)
    digests = [question_digest(scenario, asked) for asked in (None, 0.1, 0.2)]
    assert len(set(digests)) == 3
    assert digests[0] == scenario.digest(ensembles.model_hash())
    assert question_digest(scenario, 0.1) != question_digest(load(SMALL, replicates=8), 0.1)


def test_a_stopped_run_is_completed_by_the_same_command_and_by_no_other(
    influence: Influence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("compare", SMALL, *QUICK, "--json")
    whole, ran = ensembles.run_replicate, []

    def stop_at_six(scenario: sim.Scenario, number: int, engine: str) -> Any:
        if len(ran) == 6:
            raise KeyboardInterrupt
        ran.append(number)
        return whole(scenario, number, engine)

    monkeypatch.setattr(ensembles, "run_replicate", stop_at_six)
    answer = influence(*words, "--precision", "0.7")
    assert answer.code == 130
    assert "6 of 8 replicates are kept" in answer.json()["error"]["message"]
    (folder,) = (tmp_path / "results").iterdir()
    for other in ((), ("--precision", "0.8")):
        refused = influence(*words, *other, "--out", str(folder))
        assert refused.code == 2
        assert "another question" in refused.err
    monkeypatch.setattr(ensembles, "run_replicate", lambda s, n, e: ran.append(n) or whole(s, n, e))  # type: ignore[func-returns-value]
    completed = influence(*words, "--precision", "0.7")
    assert (completed.code, len(ran), sorted(ran)) == (0, 8, list(range(8)))
    assert completed.out == to_json(summary(compared(0.7)))


def test_what_it_leaves_can_be_reported_reproduced_and_asked_again(
    influence: Influence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert influence("compare", SMALL, *QUICK, "--precision", "0.7", "--out", "out").code == 0
    before = contents(tmp_path / "out")
    assert influence("report", "out").code == 0
    assert contents(tmp_path / "out") == before
    answer = influence("reproduce", "out", "--workers", "1", "--quiet")
    assert (answer.code, answer.out) == (0, "out: reproduced, every figure equal\n")
    resolved = load(tmp_path / "out" / "scenario.toml")
    assert question_digest(resolved, 0.7) == (tmp_path / "out" / "digest").read_text().strip()
    assert json.loads(before["summary.json"])["digest"] == question_digest(resolved, 0.7)
    check_damage_is_found(influence, tmp_path / "out" / "summary.json")


def check_damage_is_found(influence: Influence, path: Path) -> None:
    whole = json.loads(path.read_text(encoding="utf-8"))
    for broken in (3, {"asked": "much"}, {}):
        path.write_text(json.dumps({**whole, "precision": broken}))
        answer = influence("report", "out")
        assert answer.code == 2
        assert "is damaged" in answer.err


# --- what it says ------------------------------------------------------------------------------------------


def test_json_gains_one_key_and_loses_none(
    influence: Influence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plain = influence("compare", SMALL, *QUICK, "--out", "-", "--json").json()
    asked = influence("compare", SMALL, *QUICK, "--out", "-", "--json", "--precision", "0.7").json()
    assert asked.keys() - plain.keys() == {"precision"}
    assert plain.keys() <= asked.keys()
    assert asked["differences"][0].keys() == plain["differences"][0].keys()
    assert (asked["replicates"], asked["digest"] == plain["digest"]) == (8, False)
    told = asked["precision"]
    assert (told["asked"], told["reached"], told["looks"], told["most_looks"]) == (0.7, True, [4, 8], 3)
    assert told["confidence"] == pytest.approx(1.0 - 0.05 / 3.0)
    assert [width["metric"] for width in told["widths"]] == list(PRECISE_METRICS)


@pytest.mark.parametrize(
    ("precision", "says"),
    [
        (0.7, ["With 8 replicates every difference", "within 70 %", "with 4 and 8 replicates", "98.3 %"]),
        (0.001, ["With 16 replicates, the most there may be, not every difference", "0.1 %", "4, 8 and 16"]),
        (None, []),
    ],
)
def test_the_answer_says_what_was_reached_and_at_which_level(precision: float | None, says: Sequence[str]) -> None:
    comparison = compared(precision, replicates=4)
    told = " ".join(answer(comparison))
    page = report_html(comparison)
    for words in says:
        assert words in told
        assert words in page
    assert ("the most there may be" in told) is (precision == 0.001)
    assert ("Looked at with" in told) is (precision is not None)
    command = "influence compare scenario.toml" + ("" if precision is None else f" --precision {precision:g}")
    assert f"<code>{command}</code>" in page
    assert comparison.digest in page


def test_with_few_societies_more_of_them_are_proposed() -> None:
    few, many = (compared(0.001, worlds=worlds) for worlds in (3, 2))
    assert "live in 3 societies; with --worlds 20" in " ".join(answer(few))
    assert "--worlds" not in " ".join(answer(many)), "two societies make no interval by society"


def test_the_help_states_the_rule(influence: Influence) -> None:
    told = " ".join(influence("compare", "--help").out.split())
    assert all(words in told for words in ("--precision", "95 %", "larger plan's mean", "1,280"))
