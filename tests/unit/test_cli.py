"""The command line: light to start, helpful, and strict JSON on request."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer

import sim
from sim.cli import app
from sim.parameters import PARAMETERS
from sim.results.measures import METRICS

SAMPLES = Path(__file__).parents[1] / "samples"
CAMPAIGN = str(SAMPLES / "campaign.toml")
COMMANDS = sorted(command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands)
HEAVY = {"numpy", "pandas", "mesa", "numba", "matplotlib", "scipy", "networkx"}

Influence = Callable[..., Any]


def test_the_commands_are_those_that_the_design_promises() -> None:
    assert {"compare", "run", "world", "scenarios", "show", "check", "new", "glossary", "report"} <= set(COMMANDS)


# --- help --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--help"], ["compare", "--help"], ["chek"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    script = (
        "import atexit, sys\n"
        f"sys.argv = ['influence', *{words!r}]\n"
        f"atexit.register(lambda: print('LOADED', sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr))\n"
        "from sim.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    loaded = json.loads(done.stderr.rpartition("LOADED ")[2].replace("'", '"'))
    assert loaded == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, influence: Influence) -> None:
    answer = influence(command, "--help")
    assert answer.code == 0
    assert answer.out.startswith(f"Usage: influence {command}")
    assert not answer.err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_every_command_is_explained(command: str) -> None:
    parameters = typer.main.get_command(app).commands[command].params  # type: ignore[attr-defined]
    options = [param for param in parameters if param.param_type_name == "option"]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_speaks_json(command: str, influence: Influence) -> None:
    assert "--json" in influence(command, "--help").out


def test_the_version_is_not_needed_to_say_which_commands_there_are(influence: Influence) -> None:
    answer = influence("--help")
    assert answer.code == 0
    assert all(f"  {command} " in answer.out for command in COMMANDS)


# --- commands that look and tell ---------------------------------------------------------------------------


def document(influence: Influence, command: str, *words: str) -> Any:
    """What a command prints with --json, after checking that it prints just that."""
    answer = influence(command, *words, "--json")
    assert (answer.code, answer.err) == (0, "")
    found = answer.json()
    assert (found["schema"], found["command"]) == (1, command)
    return found


def test_scenarios_lists_the_built_in_ones(influence: Influence) -> None:
    found = document(influence, "scenarios")["scenarios"]
    assert "ten-micros-vs-one-celebrity" in [scenario["name"] for scenario in found]
    text = influence("scenarios").out
    plain = " ".join(text.split())
    assert all(scenario["name"] in plain and scenario["question"] in plain for scenario in found)


LIBRARY = {
    "one": "# Is one\n# enough?\n# Claim: it is,\n# they say.\n# Finding: it is not.\nschema = 1\n",
    "ten-small": "# Are ten better, and " + "much " * 30 + "better?\n# Claim: Yes.\nschema = 1\n",
}


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two built-in scenarios, of which only the first has a finding."""
    for name, text in LIBRARY.items():
        (tmp_path / f"{name}.toml").write_text(text)
    monkeypatch.setattr("sim.scenario.library.scenario_folder", lambda: tmp_path)


@pytest.mark.usefixtures("library")
def test_scenarios_are_found_by_words_in_any_of_their_parts(influence: Influence) -> None:
    one = {"name": "one", "question": "Is one enough?", "claim": "it is, they say.", "finding": "it is not."}
    both = document(influence, "scenarios")["scenarios"]
    assert both[0] == one
    assert (both[1]["name"], both[1]["claim"], both[1]["finding"]) == ("ten-small", "Yes.", None)
    found = {words: [s["name"] for s in document(influence, "scenarios", *words.split())["scenarios"]]
             for words in ("small", "ENOUGH", "they say", "not", "one is", "e")}  # fmt: skip
    assert found == {"small": ["ten-small"], "ENOUGH": ["one"], "they say": ["one"], "not": ["one"],
                     "one is": ["one"], "e": ["one", "ten-small"]}  # fmt: skip
    assert sim.scenarios("SMALL").to_dict("records") == [both[1]]
    assert list(sim.scenarios().columns) == ["name", "question", "claim", "finding"]


@pytest.mark.usefixtures("library")
def test_scenarios_are_wrapped_to_the_terminal(influence: Influence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = influence("scenarios").out.splitlines()
    assert lines[:4] == ["one", "    Is one enough?", "    Finding: it is not.", "ten-small"]
    assert 50 < max(map(len, lines)) <= 60
    assert not any("Yes." in line for line in lines)


@pytest.mark.usefixtures("library")
def test_words_that_no_scenario_has_name_the_nearest(influence: Influence) -> None:
    for words, nearest in ((["smal1"], "ten-small"), (["ten", "smll"], "ten-small"), (["not", "better"], None)):
        answer = influence("scenarios", *words)
        assert answer.code == 2
        assert "WORDS: no built-in scenario has all these words" in answer.err
        assert (f"did you mean {nearest!r}?" in answer.err) == (nearest is not None)


def test_check_says_what_would_run_and_cost(influence: Influence) -> None:
    found = document(influence, "check", CAMPAIGN)
    assert (found["scenario"], found["runs"], found["days"], found["warnings"]) == ("campaign", 12, 10, [])
    plans = {plan["name"]: plan for plan in found["plans"]}
    assert {name: plan["posts"] for name, plan in plans.items()} == {"none": 0, "small": 4, "mix": 6}
    assert plans["mix"]["cost"] + plans["mix"]["left_over"] == pytest.approx(plans["mix"]["budget"]) == 400.0
    text = influence("check", CAMPAIGN).out
    assert "12 runs (3 plans x 4 replicates) of 10,000 people over 10 days in 2 societies" in text
    assert "small: 2 creators, 4 posts, about 187 USD" in text


def test_check_notes_what_the_user_should_know(influence: Influence) -> None:
    words = ("--set", "plan.small.deals.anna.posts=9", "--set", "society.people=2000")
    warnings = document(influence, "check", CAMPAIGN, *words)["warnings"]
    assert any("fall after the last day" in warning for warning in warnings)
    assert any("noisy" in warning for warning in warnings)
    text = influence("check", CAMPAIGN, *words).out
    assert all(f"note: {warning}" in text for warning in warnings)


def test_show_tells_every_value_and_where_it_came_from(influence: Influence) -> None:
    found = document(influence, "show", CAMPAIGN, "--set", "product.margin=0.7")
    origins = {row["key"]: row["origin"] for row in found["values"]}
    assert {f"parameters.{name}" for name in PARAMETERS} <= origins.keys()
    assert origins["product.margin"] == "command line --set"
    assert origins["parameters.click_rate"] == "scenario file"
    assert [plan["name"] for plan in found["plans"]] == ["none", "small", "mix"]
    assert {creator["handle"] for creator in found["creators"]} == {"anna", "ben.cooks", "star"}
    text = influence("show", CAMPAIGN).out
    assert all(key in text for key in origins)


def test_glossary_explains_every_figure_and_parameter(influence: Influence) -> None:
    terms = {term["term"]: term for term in document(influence, "glossary")["terms"]}
    assert terms.keys() == METRICS.keys() | PARAMETERS.keys()
    assert all(term["meaning"] for term in terms.values())
    text = influence("glossary").out
    assert all(name in text for name in terms)


@pytest.mark.parametrize("term", ["click_rate", "roi"])
def test_glossary_explains_one_term(term: str, influence: Influence) -> None:
    (found,) = document(influence, "glossary", term)["terms"]
    assert found["term"] == term
    assert f"term: {term}" in influence("glossary", term).out


# --- new ---------------------------------------------------------------------------------------------------


def test_what_new_writes_passes_check(influence: Influence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert document(influence, "new", "launch")["files"] == ["launch/scenario.toml", "launch/roster.csv"]
    found = document(influence, "check", "launch/scenario.toml")
    assert found["scenario"] == "launch"
    assert not [warning for warning in found["warnings"] if "noisy" in warning]
    answer = influence("new", "second")
    assert answer.out == ("wrote second/scenario.toml and second/roster.csv; edit them, then: "
                          "influence compare second/scenario.toml\n")  # fmt: skip


def test_new_replaces_files_only_when_asked(
    influence: Influence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenario.toml").write_text("# mine")
    assert influence("new", ".").code == 2
    assert (tmp_path / "scenario.toml").read_text() == "# mine"
    assert influence("new", ".", "--overwrite").code == 0
    assert influence("check", "scenario.toml").code == 0


# --- what compare leaves -----------------------------------------------------------------------------------

QUICK = ("--replicates", "1", "--days", "4", "--workers", "1", "--quiet")
LATE = ("--set", "plan.small.deals.anna.posts=3")
"""Remarks on worlds and on posts after the last day, neither of which the resolved scenario repeats."""


@pytest.mark.parametrize("words", [(*QUICK, *LATE, "--set", "plan.mix.split.nano=0.04"), (*QUICK, "--seed", "9")])
def test_what_compare_leaves_can_be_reported_and_reproduced(
    words: tuple[str, ...], influence: Influence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert influence("compare", CAMPAIGN, *words, "--out", "out").code == 0
    before = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    assert "out/summary.json" in document(influence, "report", "out")["files"]
    assert {path: path.read_bytes() for path in before} == before
    answer = influence("reproduce", "out", "--workers", "1", "--quiet")
    assert (answer.code, answer.out) == (0, "out: reproduced, every figure equal\n")


def test_a_comparison_on_a_given_graph_can_be_reproduced(
    influence: Influence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = Path(CAMPAIGN).read_text().replace("people = 10_000\nworlds = 2", 'graph = "edges.csv"')
    (tmp_path / "graph.toml").write_text(text)
    (tmp_path / "campaign_roster.csv").write_text((SAMPLES / "campaign_roster.csv").read_text())
    hubs = ("star", "anna", "ben.cooks", "cleo")
    (tmp_path / "edges.csv").write_text("".join(f"{hub},p{number}\n" for hub in hubs for number in range(200)))
    assert influence("compare", "graph.toml", *QUICK, "--out", "out").code == 0
    assert influence("reproduce", "out", "--workers", "1", "--quiet").code == 0


# --- what can go wrong outside the input -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "stopped"),
        (MemoryError(), 1, "not enough memory"),
        (OSError(28, "No space left on device", "results/runs.csv"), 1, "results/runs.csv: No space left on device"),
    ],
)
def test_failures_of_the_machine_end_in_a_message_too(
    failure: BaseException, code: int, says: str, influence: Influence, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("sim.commands.describe.stories", fail)
    answer = influence("scenarios", "--json")
    assert answer.code == code
    assert answer.err == f"influence: {answer.json()['error']['message']}\n"
    assert says in answer.err


def test_a_bug_is_not_taken_for_bad_input(influence: Influence, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sim.commands.describe.stories", fail)
    with pytest.raises(ZeroDivisionError):
        influence("scenarios")
