"""The lessons: each is played from beginning to end, and what its text claims is asked of what it computed."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.parameters import PARAMETERS

LESSONS = Path(__file__).parents[2] / "docs" / "lessons"
FILES = sorted(LESSONS.glob("*.py"))
each = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
ALLOWED = {"io", "math", "itertools", "marimo", "matplotlib", "networkx", "numpy", "sim"}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def played(number: int) -> tuple[str, Mapping[str, Any]]:
    """All that a lesson shows, as HTML, and what it defined, after playing it with the predictions it begins with."""
    pytest.importorskip("marimo")
    path = next(path for path in FILES if path.name.startswith(f"{number}_"))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    outputs, defined = module.app.run()
    return "".join(getattr(output, "text", "") for output in outputs), defined


# --- what stands in the files ------------------------------------------------------------------------------


def test_there_are_six_and_the_list_names_them() -> None:
    assert [path.name[0] for path in FILES] == list("123456")
    page = (LESSONS / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\]\((\d_\w+\.py)\)", page) == [path.name for path in FILES]


@each
def test_a_lesson_uses_the_public_interface_only_and_opens_nothing(path: Path) -> None:
    """No other module of the package, no network, no file: so it can be passed on alone."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).split(".")[0] if not str(node.module).startswith("sim") else str(node.module))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sim":
            assert node.attr in sim.__all__, node.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "open"
    assert found <= ALLOWED, found


@each
def test_a_lesson_goes_predict_run_compare_and_has_a_note_for_the_teacher(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    heads = ["## What you should know", "## Predict", "mo.stop(", "## Compare", "## To take home", "For the teacher"]
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    for part in ("20 minutes", "Misconceptions", "Where the toy cannot tell"):
        assert part in text, part


@each
def test_every_figure_has_its_content_in_words(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("Figure(figsize") == len(re.findall(r"(?<!def )pictured\(", text)) >= 1


# --- what they claim ---------------------------------------------------------------------------------------

full = pytest.mark.full


@full
@pytest.mark.parametrize("number", range(1, 7))
def test_a_lesson_plays_and_describes_its_figures(number: int) -> None:
    shown, _ = played(number)
    alternatives = re.findall(r"<img[^>]*alt=[\"']([^\"']*)", shown)
    assert alternatives
    assert all(len(text) > 40 for text in alternatives)
    assert "Nothing has run" not in shown


@full
def test_reach_follows_its_closed_form_and_flattens() -> None:
    _, lesson = played(1)
    for k, expected in lesson["formula"].items():
        found = lesson["simple"].figures[f"{k} posts"]["reach"]
        assert found.low <= expected <= found.high, k
        assert expected == pytest.approx(lesson["REAL"] * (1 - 0.7**k))
    assert lesson["gains"][2] < lesson["gains"][1]
    assert lesson["strangers"] > 1
    assert not lesson["inside"]
    k, reach = lesson["enough"], lesson["REACH"]
    assert k * reach / (1 - (1 - reach) ** k) >= 3 > (k - 1) * reach / (1 - (1 - reach) ** (k - 1))


@full
def test_trust_falls_with_size_to_its_floor_and_answering_wins_clicks() -> None:
    _, lesson = played(2)
    trust, engaged = list(lesson["trust"].values()), list(lesson["engaged"].values())
    assert trust == sorted(trust, reverse=True)
    assert lesson["FLOOR"] - 0.02 < trust[-1] < lesson["FLOOR"] + 0.02
    assert engaged[-1] / engaged[0] < lesson["SIZES"][-1] / lesson["SIZES"][0]
    assert lesson["clicks"].verdict == "a"
    assert lesson["clicks"].ratio > 1.2


def test_the_karate_club_is_exact_and_viral_posts_are_rare() -> None:
    """The short one, played in every run of the tests; the others in the full tier."""
    shown, lesson = played(3)
    assert abs(lesson["mean_size"] - lesson["EXACT"]) < 2 * lesson["half"]
    assert lesson["alone"] == pytest.approx(0.9**16, abs=0.01)
    assert lesson["first_round"] == pytest.approx(2.6)
    assert lesson["viral"] <= 2
    assert lesson["low"] <= lesson["viral"] / lesson["n"] <= lesson["high"]
    assert "undecided" in shown


@full
def test_ten_niches_follow_the_sign_rule_and_one_niche_stays_below() -> None:
    _, lesson = played(4)
    rule, ratios = lesson["sign_rule"], lesson["ratios"]
    assert rule(0.9, 0.9) == 1.0
    assert rule(0.45, 0.85) == pytest.approx(10 ** (1 - 0.45 / 0.85))
    for beta in lesson["BETAS"]:
        assert ratios["ten", beta].ratio == pytest.approx(rule(0.9, beta), rel=0.15)
        assert ratios["one", beta].ratio < ratios["ten", beta].ratio
    assert ratios["ten", 0.7].verdict == "b"
    assert ratios["ten", 1.0].verdict == "a"
    assert lesson["overlap"]["ten"] < 0.12 < lesson["overlap"]["one"]
    assert lesson["clicks_ratio"] > 1 > lesson["flat"]


@full
def test_one_niche_overlaps_more_and_social_proof_cannot_be_told() -> None:
    shown, lesson = played(5)
    assert "undecided" in shown
    assert lesson["share_one"] < lesson["share_ten"] <= lesson["by_chance"] + 0.02
    assert lesson["told"] == "cannot be told from 10 replicates"
    assert lesson["factor"](0) == 1.0
    half, most = PARAMETERS["social_proof_half"].default, PARAMETERS["social_proof"].default
    assert lesson["factor"](half) == pytest.approx(1 + most / 2)
    assert sim.scenarios("social-proof")["finding"][0].startswith("Undecided")


@full
def test_a_design_is_tried_four_times_and_costs_what_it_says() -> None:
    shown, lesson = played(6)
    assert lesson["cost"] == 7 * 2 * 407 + 4070 <= lesson["BUDGET"] == 12_210
    assert len(lesson["found"]) == 4
    assert lesson["held"] + lesson["lost"] <= 4
    assert f"<strong>{lesson['held']} of 4</strong>" in shown
    designed = lesson["answers"]["as designed"].figures["mine"]["cost"].mean
    assert designed == pytest.approx(lesson["cost"])
