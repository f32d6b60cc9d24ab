"""The command validate: what it tells, what makes it fail, what it refuses, what it leaves in a folder."""

from __future__ import annotations

import csv
import io
import math
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from sim import pieces
from sim.commands import validate as command
from sim.errors import InputError
from sim.studies.validation import sign_rule
from sim.studies.validation import validate as study
from sim.studies.validation.facts import FACTS, Fact
from sim.studies.validation.validate import QUICK, Extent, Finding, Findings, facts_named
from sim.views.sign_rule import alternative as sign_rule_words
from sim.views.validation import accepted_text, facts_frame, facts_text, value_text
from sim.views.validation_page import alternative, axis_label, fact_figure, validation_html
from sim.workers import Workers

Influence = Callable[..., Any]
KEYS = ["schema", "command", "digest", "seeds", "extent", "parameters", "versions", "facts"]
FACT_KEYS = [
    "id", "name", "median", "low", "high", "accept", "hard", "role", "passed", "unsure", "source", "unit", "measured",
    "values",
]  # fmt: skip
FILES = ["digest", "facts.csv", "summary.json", "validation.html"]
SEEDS = [f"seeds/seed-0000{seed}.npz" for seed in range(1, 9)]
OF_THE_RULE = ["figures/sign_rule.png", "sign_rule.csv"]


def fine(fact: Fact, seeds: int) -> tuple[float, ...]:
    """Values in the accepted interval, another for each seed; one only for the facts of sums over seeds."""
    low = fact.low if math.isfinite(fact.low) else fact.high - 1.0
    n = 1 if fact.group == "SF10" else seeds
    return tuple(low + (fact.high - low) * (0.4 + 0.2 * place / n) for place in range(n))


def made_up(only: Iterable[str] = (), seeds: int = 8, **values: tuple[float, ...]) -> Findings:
    """Findings that pass, except those whose values are given."""
    points = sign_rule.pooled([made_up_sums(seed) for seed in range(1, seeds + 1)])
    found = tuple(Finding(fact, values.get(fact.id, fine(fact, seeds))) for fact in facts_named(only))
    return Findings(found, points if any(finding.fact.group == "SF10" for finding in found) else ())


def made_up_sums(seed: int) -> dict[str, Any]:
    """What a seed adds to the sign rule: the rule itself, with reach a tenth less at each step of overlap."""
    followers = np.geomspace(2e4, 1e6, 80)
    epsilon = np.array([0.9, 0.85, 0.8])
    rule = 10.0 ** (1.0 - epsilon / np.array(sign_rule.EXPONENTS)[:, None])
    fall = np.array([[0.9**step, 1.0, 1.0] for step in range(len(sign_rule.OVERLAPS))])
    some = 1.0 + 0.01 * seed
    return {"one": np.ones(3), "ten": some * rule[:, None, :] * fall, "followers": followers,
            "brought": followers ** epsilon[:, None]}  # fmt: skip


class Study:
    """In the place of measuring: made-up values, in turn where fewer are given than there are seeds; what was asked."""

    def __init__(self) -> None:
        self.values: dict[str, tuple[float, ...]] = {}
        self.asked: list[dict[str, Any]] = []
        self.stop_at: int | None = None

    def seed(
        self, seed: int, extent: Extent, groups: set[str], parameters: Mapping[str, float]
    ) -> tuple[dict[str, float], dict[str, Any]]:
        if seed == self.stop_at:
            raise KeyboardInterrupt
        if not self.asked or self.asked[-1]["seeds"][-1] >= seed:
            self.asked.append({"extent": extent, "groups": groups, "parameters": parameters, "seeds": []})
        self.asked[-1]["seeds"].append(seed)
        wanted = {name: self.values.get(name) or fine(fact, extent.seeds) for name, fact in FACTS.items()}
        values = {name: known[(seed - 1) % len(known)] for name, known in wanted.items()}
        return values, made_up_sums(seed) if "SF10" in groups else {}


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Study:
    made = Study()
    monkeypatch.setattr(study, "measure_seed", made.seed)
    begin = Workers.__init__
    monkeypatch.setattr(Workers, "__init__", lambda crew, _, most: begin(crew, 1, most))  # the patches are here only
    monkeypatch.setattr("sim.ensemble.is_compiled", lambda: True)
    monkeypatch.setattr("sim.commands.study.is_compiled", lambda: True)
    monkeypatch.chdir(tmp_path)
    return made


@pytest.fixture
def validate(influence: Influence, measured: Study) -> Influence:  # noqa: ARG001
    """The command with these words, quick and in this process, writing nothing unless --out is among them."""

    def call(*words: str) -> Any:
        out = [] if "--out" in words else ["--out", "-"]
        return influence("validate", "--quick", "--workers", "1", *words, *out)

    return call


# --- what it tells -----------------------------------------------------------------------------------------


def test_json_is_the_promised_document(validate: Influence, measured: Study) -> None:
    measured.values = {"SF4a": (-0.5, -0.3, -0.1, -0.2), "SF8b": (0.8, math.nan)}
    answer = validate("--json", "--only", "SF4a,SF8", "--only", "SF10a", "--set", "parameters.reach=0.5")
    found = answer.json()
    assert (answer.code, answer.err) == (1, "")
    assert list(found) == KEYS
    assert (found["schema"], found["command"], found["seeds"]) == (1, "validate", 8)
    assert found["extent"] == {"seeds": 8, "creators": 120, "least": 12, "close": 2, "per_agent": 35.0}
    assert found["parameters"] == {"reach": 0.5}
    facts = {row["id"]: row for row in found["facts"]}
    assert list(facts) == ["SF4a", "SF8a", "SF8b", "SF10a"]
    assert all(list(row) == FACT_KEYS for row in facts.values())
    row = facts["SF4a"]
    assert (row["median"], row["values"], row["accept"]) == (-0.25, [-0.5, -0.3, -0.1, -0.2] * 2, [-0.7, -0.2])
    assert (row["low"], row["high"]) == (-0.5, -0.1)
    assert (row["hard"], row["role"], row["passed"], row["unit"]) == (True, "C", True, "slope")
    assert facts["SF8a"]["accept"] == [None, 0.55]
    assert facts["SF8b"]["values"] == [0.8, None]
    assert facts["SF8b"]["median"] is facts["SF8b"]["low"] is facts["SF8b"]["high"] is None
    assert not facts["SF8b"]["passed"]
    assert len(facts["SF10a"]["values"]) == 1


def test_the_study_is_asked_what_the_user_asked(influence: Influence, measured: Study) -> None:
    words = ("--only", "SF20, SF2", "--workers", "1", "--set", "parameters.reach=1", "--set", "parameters.click_rate=0")
    assert influence("validate", *words, "--out", "-").code == 0
    assert influence("validate", "--quick", "--workers", "1", "--out", "-").code == 0
    first, second = measured.asked
    assert (first["extent"], first["groups"], first["seeds"]) == (study.FULL, {"SF2", "SF20"}, list(range(1, 31)))
    assert first["parameters"] == {"click_rate": 0.0, "reach": 1.0}
    assert (second["extent"], second["parameters"], second["seeds"]) == (QUICK, {}, [*range(1, 9)])
    assert second["groups"] == {fact.group for fact in FACTS.values()}


@pytest.mark.parametrize(
    ("values", "code", "says"),
    [
        ((0.0, -0.1, -0.15, -0.3), 0, "36 of 37 hard facts pass\nUnsure from so few seeds: SF4a; the full run decides"),
        ((0.0, -0.1, -0.15, -0.19), 1, "36 of 37 hard facts pass; SF4a fails\n"),
        ((0.0, -0.1, -0.15, math.inf), 1, "36 of 37 hard facts pass; SF4a fails\n"),
        ((0.0, 0.0, 0.0, 0.0), 1, "36 of 37 hard facts pass; SF4a fails\n"),
    ],
)  # fmt: skip
def test_few_seeds_some_of_which_are_accepted_decide_nothing(
    values: tuple[float, ...], code: int, says: str, validate: Influence, measured: Study
) -> None:
    """From -0.7 to -0.2 is accepted: one seed of four inside is no failure of a quick run, none is."""
    measured.values = {"SF4a": values}
    answer = validate("--quick")
    assert (answer.code, says in answer.out) == (code, True), answer.out
    row = next(fact for fact in validate("--quick", "--json").json()["facts"] if fact["id"] == "SF4a")
    assert (row["passed"], row["unsure"]) == (False, code == 0)


@pytest.mark.parametrize(
    ("values", "code", "says"),
    [
        ({}, 0, "37 of 37 hard facts pass\n"),
        ({"SF11a": (1.0,)}, 0, "37 of 37 hard facts pass\nOf the soft facts, SF11a fails"),
        ({"SF4a": (0.0, 0.1)}, 1, "36 of 37 hard facts pass; SF4a fails\n"),
        ({"SF18": (19.0, math.nan)}, 1, "36 of 37 hard facts pass; SF18 fails\n"),
        ({"SF8a": (-math.inf,)}, 1, "36 of 37 hard facts pass; SF8a fails\n"),
        ({"SF1": (3.0,), "SF2": (0.5,), "SF20": (9.0,), "SF16b": (-1.0,), "SF19e": (9.0,)}, 1,
         "34 of 37 hard facts pass; SF1, SF2 and SF20 fail\nOf the soft facts, SF16b and SF19e fail"),
    ],
)  # fmt: skip
def test_only_a_hard_fact_that_fails_makes_it_fail(
    values: Mapping[str, tuple[float, ...]], code: int, says: str, validate: Influence, measured: Study
) -> None:
    measured.values = dict(values)
    answer = validate()
    assert answer.code == code
    assert says in answer.out
    assert answer.out.count("FAIL") == len(values)
    rows = {line.split()[0]: line for line in answer.out.splitlines() if re.match(r"SF\d", line)}
    assert rows.keys() == FACTS.keys()
    assert validate("--json").code == code


def test_facts_without_a_gate_never_fail(validate: Influence, measured: Study) -> None:
    measured.values = {"SF11a": (1.0,), "SF11b": (1.0,)}
    answer = validate("--only", "SF11")
    assert answer.code == 0
    assert "No hard facts among these\nOf the soft facts, SF11a and SF11b fail" in answer.out


def test_claims_of_the_trade_stand_beside_their_facts_unless_quiet(validate: Influence) -> None:
    for words, claims in (((), 2), (("--only", "SF20"), 1), (("--only", "SF2"), 0), (("--quiet",), 0)):
        answer = validate(*words)
        assert answer.out.count("remark beside SF") == claims
        assert answer.code == 0


@pytest.mark.parametrize("width", [80, 100, 130])
def test_the_table_fits_its_console(width: int) -> None:
    values = {"SF4a": (0.0, 0.1), "SF3b": (math.nan,), "SF19c": (1.2345e-4, 2.3456e-4, 3.4567e-4)}
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(facts_text(made_up(**values), QUICK, {"reach": 0.5}, Path("results/x")))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert max(len(line.rstrip()) for line in shown.splitlines()) <= width
    assert "…" not in shown
    for part in ("reach = 0.5", "0.0235 %", "0.0135 to 0.0335 %", "0.002 to 0.1 %", "at most 0.55", "above 0 to 1",
                 "one figure", "results/x"):  # fmt: skip
        assert part in shown


def test_numbers_have_three_digits_and_fractions_are_percentages() -> None:
    assert value_text(FACTS["SF4d"], 0.0234567) == "2.35 %"
    assert value_text(FACTS["SF18"], 19.0567) == "19.1"
    assert value_text(FACTS["SF18"], math.nan) == value_text(FACTS["SF18"], math.inf) == "–"
    assert accepted_text(FACTS["SF16c"]) == "-25 to 0 %"
    assert accepted_text(FACTS["SF4a"]) == "-0.7 to -0.2"
    assert accepted_text(Fact("X", "x", "x", 2.0, math.inf, "x")) == "at least 2"


def test_progress_is_on_stderr_and_can_be_silenced(
    validate: Influence, measured: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter(range(0, 1000, 7))
    monkeypatch.setattr(pieces.time, "monotonic", lambda: next(seconds))
    told = "".join(f"measuring: {done} of 8, {left} s left\n" for done, left in ((2, 42), (4, 28), (6, 14), (8, 0)))
    assert validate("--only", "SF2").err == told
    assert validate("--only", "SF2", "--quiet").err == ""
    assert len(measured.asked) == 2


# --- what it refuses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "key", "says", "nearest"),
    [
        (["--only", "SF99"], "--only", "no such fact", "SF19"),
        (["--only", "SF2", "--only", "sf4a"], "--only", "no such fact", "SF4a"),
        (["--only", ""], "--only", "no such fact", None),
        (["--set", "product.price=3"], "--set", "only parameters can be set here", None),
        (["--set", "reach=0.5"], "--set", "only parameters can be set here", "parameters.reach"),
        (["--set", "parameter.reach=0.5"], "--set", "only parameters can be set here", "parameters.reach"),
        (["--set", "parameters.reech=0.5"], "parameters.reech", "unknown parameter", "reach"),
        (["--set", "parameters.reach=-7"], "parameters.reach", "out of range", None),
        (["--set", "parameters.reach=nan"], "parameters.reach", "not a finite number", None),
        (["--set", "parameters.reach=much"], "parameters.reach", "not a number but text", None),
        (["--set", "parameters.reach"], "--set", "not a key and a value", None),
        (["--set", "parameters.reach=1", "--set", "parameters.reach=0.5"], "parameters.reach", "set twice", None),
        (["--out", " "], "--out", "no folder named", None),
        (["--workers", "0"], "--workers", "out of range", None),
    ],
)
def test_bad_input_is_refused_before_anything_is_measured(
    words: list[str], key: str, says: str, nearest: str | None, validate: Influence, measured: Study
) -> None:
    answer = validate(*words, "--json")
    error = answer.json()["error"]
    assert (answer.code, error["key"]) == (2, key)
    assert error["message"].startswith(says)
    assert nearest is None or error["nearest"] == nearest
    assert measured.asked == []


def test_what_does_not_fit_into_memory_names_the_processes_that_do(
    validate: Influence, measured: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = ["--workers 2, which needs 3 GiB"]

    def refuse(*_: object) -> None:
        raise InputError("needs 9 GiB of memory", key="--people", value=1, expected=expected[0])

    monkeypatch.setattr(command, "check_fits", refuse)
    error = validate("--json", "--out", "kept").json()["error"]
    assert (error["key"], error["value"], error["expected"]) == ("--workers", 1, expected[0])
    expected[0] = "--people 100 or fewer"
    assert validate("--json").json()["error"]["expected"] == "a machine with more memory"
    assert not Path("kept").exists()
    assert measured.asked == []
    assert validate("--only", "SF2,SF10").code == 0  # which do without the large society


def test_many_posts_by_creators_of_all_sizes_are_counted_at_the_mean_reward(
    validate: Influence, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(command, "check_fits", lambda *words: asked.append(words))
    validate("--only", "SF4a", "--set", "parameters.reach=0.5")
    ((scenario, workers, engine, seeds),) = asked
    assert (scenario.rates.rank_high, scenario.rates.reach) == (1.0, 0.5)
    assert scenario.people == round(20_000_000 / QUICK.per_agent)
    assert (workers, engine, seeds) == (1, "kernel", 8)


@pytest.mark.parametrize("stop_at", [1, 3])
@pytest.mark.full
def test_a_stop_by_the_user_keeps_what_was_finished(stop_at: int, validate: Influence, measured: Study) -> None:
    words = ("--only", "SF2,SF10d", "--out", "kept")
    assert validate("--only", "SF2,SF10d", "--out", "whole").code == 0
    measured.stop_at = stop_at
    answer = validate(*words)
    kept = f"{stop_at - 1} of 8 seeds are kept; the same command completes them"
    assert (answer.code, answer.err) == (130, f"influence: stopped; {kept}\n")
    assert list(contents("kept")) == ["digest", *SEEDS[: stop_at - 1]]
    assert validate("--only", "SF2", "--out", "kept").code == 2  # another question
    measured.stop_at = None
    measured.asked.clear()
    assert validate(*words).code == 0
    assert [asked["seeds"] for asked in measured.asked] == [list(range(stop_at, 9))]
    assert contents("kept") == contents("whole")


# --- what it leaves ----------------------------------------------------------------------------------------


def contents(folder: str | Path) -> dict[str, bytes]:
    """Contents by path within the folder; of a kept seed only its arrays, for a zip file holds the time."""
    found = {path.relative_to(folder).as_posix(): path for path in sorted(Path(folder).rglob("*")) if path.is_file()}
    return {name: arrays_in(path) if path.suffix == ".npz" else path.read_bytes() for name, path in found.items()}


def arrays_in(path: Path) -> bytes:
    with np.load(path) as stored:
        return b"".join(name.encode() + stored[name].tobytes() for name in stored.files)


def test_the_files_stand_in_a_folder_named_by_the_question(influence: Influence, measured: Study) -> None:
    answer = influence("validate", "--quick", "--workers", "1", "--only", "SF18,SF10a")
    (folder,) = Path("results").iterdir()
    found = influence("validate", "--quick", "--workers", "1", "--only", "SF10a", "--only", "SF18", "--json").json()
    assert str(folder) in answer.out
    assert folder.name == f"validation-{found['digest']}"
    assert sorted(contents(folder)) == sorted([*FILES, *SEEDS, *OF_THE_RULE])
    assert len(measured.asked) == 1


def test_nothing_is_written_where_nothing_is_asked_for(validate: Influence) -> None:
    assert validate("--only", "SF2").code == 0
    assert list(Path().iterdir()) == []


def test_the_same_question_is_not_measured_twice_unless_asked(validate: Influence, measured: Study) -> None:
    words = ("--only", "SF2,SF4a", "--out", "kept")
    measured.values = {"SF4a": (-0.1, math.nan)}
    first = validate(*words, "--json")
    before = contents("kept")
    again = validate(*words, "--json")
    assert (first.code, again.code) == (1, 1)
    assert first.out == again.out == before["summary.json"].decode()
    assert again.err == "measured before, in kept; --overwrite measures again\n"
    table = validate(*words, "--quiet")
    assert (table.code, table.err, len(measured.asked)) == (1, "", 1)
    assert "1 of 2 hard facts pass; SF4a fails" in table.out
    assert validate(*words, "--overwrite").code == 1
    assert len(measured.asked) == 2
    assert contents("kept") == before
    measured.values = {}
    assert validate(*words, "--overwrite").code == 0
    assert contents("kept").keys() == before.keys()
    assert all(contents("kept")[name] != before[name] for name in [*FILES, SEEDS[0]] if name != "digest")
    assert list(before) == sorted([*FILES, *SEEDS])


def test_another_question_does_not_take_the_folder_unless_asked(validate: Influence, measured: Study) -> None:
    assert validate("--only", "SF2", "--out", "kept").code == 0
    Path("kept/notes.txt").write_text("mine")
    before = contents("kept")
    for words in (("--only", "SF18"), ("--only", "SF2", "--set", "parameters.reach=0.5")):
        answer = validate(*words, "--out", "kept", "--json")
        error = answer.json()["error"]
        assert (answer.code, error["message"]) == (2, "holds another question's results")
        assert "--overwrite" in error["expected"]
        assert contents("kept") == before
    assert len(measured.asked) == 1
    assert validate("--only", "SF18", "--out", "kept", "--overwrite").code == 0
    assert contents("kept").keys() == before.keys()
    assert contents("kept")["notes.txt"] == b"mine"
    assert validate("--only", "SF10", "--out", "kept", "--overwrite").code == 0
    assert contents("kept").keys() == before.keys() | set(OF_THE_RULE)
    assert validate("--only", "SF2", "--out", "kept", "--overwrite").code == 0
    assert contents("kept").keys() == before.keys()
    assert not Path("kept/figures").exists()


@pytest.mark.parametrize(
    ("harmed", "gone", "seeds"),
    [("summary.json", False, []), ("validation.html", True, []), ("figures/sign_rule.png", True, []),
     ("seeds/seed-00002.npz", False, [2])],
)  # fmt: skip
@pytest.mark.full
def test_what_is_missing_or_damaged_is_made_again(
    harmed: str, gone: bool, seeds: list[int], validate: Influence, measured: Study
) -> None:
    words = ("--only", "SF2,SF10d", "--out", "kept")
    assert validate(*words).code == 0
    before, file = contents("kept"), Path("kept", harmed)
    if gone:
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:100])
    measured.asked.clear()
    assert validate(*words).code == 0
    assert [asked["seeds"] for asked in measured.asked] == ([seeds] if seeds else [])
    assert contents("kept") == before


def test_what_decides_the_figures_decides_the_digest(
    influence: Influence, validate: Influence, measured: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def digest(*words: str) -> str:
        return str(validate(*words, "--json").json()["digest"])

    usual = digest()
    full = influence("validate", "--workers", "1", "--out", "-", "--json").json()["digest"]
    others = [full, digest("--only", "SF2"), digest("--only", "SF3"), digest("--set", "parameters.reach=0.5")]
    assert len({usual, *others}) == 5
    assert digest("--only", "SF3a,SF3") == digest("--only", "SF3b", "--only", "SF3a,SF3c,SF3d") == others[2]
    measured.values = {"SF2": (9.0,)}
    assert digest() == digest("--workers", "2", "--only", ",".join(FACTS)) == usual
    monkeypatch.setattr(command, "study_hash", lambda: "another")
    assert digest() != usual


def test_the_hash_of_the_study_is_that_of_its_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    here = command.study_hash()
    for file in Path(study.__file__).parent.glob("*.py"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(study, "__file__", str(tmp_path / "validate.py"))
    assert command.study_hash() == here
    (tmp_path / "facts.py").write_text("# other facts")
    assert command.study_hash() != here


def test_facts_csv_has_a_row_a_fact_and_seed() -> None:
    findings = made_up(["SF4a", "SF8a", "SF10a"], 3, SF4a=(-0.5, math.nan, -0.25))
    text = facts_frame(findings, Extent(3, 120, 12)).to_csv(index=False)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["id"], row["seed"]) for row in rows] == [
        *(("SF4a", str(seed)) for seed in (1, 2, 3)), *(("SF8a", str(seed)) for seed in (1, 2, 3)), ("SF10a", ""),
    ]  # fmt: skip
    assert [row["value"] for row in rows[:3]] == ["-0.5", "", "-0.25"]
    assert (rows[0]["accept_low"], rows[0]["accept_high"]) == ("-0.7", "-0.2")
    assert (rows[3]["accept_low"], rows[3]["accept_high"], rows[3]["role"], rows[3]["unit"]) == ("", "0.55", "V", "R²")


# --- the page ----------------------------------------------------------------------------------------------

ODD = {
    "SF3b": (math.nan,) * 8, "SF8a": (-math.inf, *([0.3] * 7)), "SF4a": (0.1,) * 8, "SF11a": (1.0, 2.0) * 4,
    "SF19c": (0.0, 1e-4) * 4, "SF6b": (0.0,) * 8,
}  # fmt: skip


def page_of(findings: Findings) -> str:
    return validation_html(findings, QUICK, {"reach": 0.5}, "influence validate --quick", "abc")


def test_the_page_needs_no_network_and_says_in_words_what_it_draws() -> None:
    findings = made_up(["SF2", "SF3b", "SF4a", "SF6", "SF8", "SF10a", "SF11", "SF19c"], **ODD)
    page = page_of(findings)
    plain = re.sub(r'src="data:image/png;base64,[^"]*"', "", page)
    assert "http" not in plain
    assert "src=" not in plain
    assert not re.search(r"<(script|link|iframe)|url\(|@import", plain)
    assert not re.search(r"\b(nan|inf)\b", plain)
    said = [unescape(text) for text in re.findall(r'<img alt="([^"]*)"', page)]
    assert sorted(said) == sorted([*(alternative(f) for f in findings), sign_rule_words(findings.sign_rule)])
    ids, hrefs = set(re.findall(r'id="([^"]+)"', plain)), set(re.findall(r'href="#([^"]+)"', plain))
    assert ids == hrefs >= {finding.fact.id for finding in findings}


def test_a_figure_in_words_holds_its_numbers() -> None:
    found = Finding(FACTS["SF4a"], (-0.25, -0.5, 0.75))
    assert alternative(found) == (
        "SF4a, engagement rate falls below 20k followers, slope: median -0.25, 5-95 % band -0.475 to 0.65 (3 values); "
        "accepted -0.7 to -0.2: pass."
    )
    lost = alternative(Finding(FACTS["SF18"], (19.0, math.nan)))
    assert "median –, 5-95 % band – (2 values, undefined for 1 seed); accepted 12 to 24: FAIL." in lost
    assert "median 10 % (1 value); accepted 0 to 25 %: pass." in alternative(Finding(FACTS["SF10a"], (0.1,)))


@pytest.mark.full
def test_what_fails_stands_first_the_hard_before_the_soft() -> None:
    page = page_of(made_up(["SF1", "SF4a", "SF4b", "SF11", "SF18"], SF18=(1.0,), SF4a=(0.5,), SF11a=(1.0,)))
    rows = re.findall(r'<th scope="row"><a href="#(SF\w+)"', page)
    assert rows == ["SF4a", "SF18", "SF11a", "SF1", "SF4b", "SF11b"]
    assert rows == re.findall(r'<div id="(SF\w+)"', page)
    heads = re.findall(r"<h2>(.*?)</h2>", page)
    assert heads == ["All facts", "Hard facts that fail", "Soft facts that fail", "Facts that pass", "Make it again"]
    assert "2 of 4 hard facts pass; SF4a and SF18 fail." in page
    assert "that fail</h2>" not in page_of(made_up(["SF2", "SF11"]))
    assert "The sign rule</h2>" not in page
    assert "The sign rule</h2>" in page_of(made_up(["SF2", "SF10d"]))
    assert "not a gate" not in page_of(made_up(["SF2"]))


def test_each_figure_shows_interval_values_median_and_unit() -> None:
    for finding in made_up(**ODD):
        axes = fact_figure(finding).axes[0]
        left, right = axes.get_xlim()
        known = [value for value in (finding.fact.low, finding.fact.high, *finding.values) if math.isfinite(value)]
        assert left < min(known) <= max(known) < right
        assert len(axes.patches) == 1
        assert axes.get_xlabel() == axis_label(finding)
        assert (finding.fact.unit or "fraction") in axes.get_xlabel()
        dots = next(line for line in axes.lines if line.get_marker() == "o")
        several = len(finding.values) > 1
        assert len(dots.get_xdata()) == several * sum(map(math.isfinite, finding.values))
        middle = [line.get_xdata()[0] for line in axes.lines if line.get_marker() in ("D", "X")]
        assert middle == ([finding.median] if math.isfinite(finding.median) else [])


def test_wide_intervals_are_logarithmic_unless_a_value_is_zero() -> None:
    assert axis_label(Finding(FACTS["SF19c"], (1e-4,))) == "fraction (logarithmic)"
    assert axis_label(Finding(FACTS["SF19c"], (0.0, 1e-4))) == "fraction"
    assert axis_label(Finding(FACTS["SF4d"], (0.02,))) == "fraction"


def test_equal_findings_give_equal_pages_and_others_do_not() -> None:
    only = ["SF2", "SF18"]
    assert page_of(made_up(only)) == page_of(made_up(only))
    assert page_of(made_up(only)) != page_of(made_up(only, SF18=(19.0, 20.0)))


def test_the_words_on_the_page_ask_the_same_again(validate: Influence) -> None:
    assert command.Question(study.FULL, tuple(FACTS.values()), {}).command == "influence validate"
    assert command.Question(QUICK, tuple(FACTS.values()), {}).command == "influence validate --quick"
    validate("--only", "SF4a,SF18", "--set", "parameters.reach=0.123456789", "--out", "kept")
    page = Path("kept/validation.html").read_text(encoding="utf-8")
    (asked,) = re.findall(r"<code>influence validate(.*?)</code>", page)
    digest = re.findall(r"digest ([0-9a-f]{12})", page)
    assert [validate(*shlex.split(unescape(asked)), "--json").json()["digest"]] == digest
