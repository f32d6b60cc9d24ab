"""The search for defaults: what it may look at, how it judges, and that its results are the code's defaults."""

from __future__ import annotations

import ast
import csv
import importlib
import math
import re
from pathlib import Path
from typing import Any

import pytest

from sim.parameters import PARAMETERS
from sim.studies.validation.facts import FACTS, VALIDATION, Fact

STUDY = Path(__file__).parents[2] / "experiments" / "calibration"


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The study's module; its folder is on the path as when its script runs."""
    monkeypatch.syspath_prepend(str(STUDY))
    return importlib.import_module("search")


def test_no_fact_kept_for_validation_is_read(search: Any) -> None:
    """Neither by what is judged nor by name in the code."""
    judged = {fact.id for stage in search.SPACES for fact in search.facts_of(stage)}
    kept = {fact.id for fact in FACTS.values() if fact.role == VALIDATION}
    assert kept
    assert not judged & kept
    named = set()
    for path in STUDY.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named |= set(re.findall(r"SF\d+[a-z]?", node.value))
    assert not named & (kept | {"SF8", "SF10"})


def test_a_fact_kept_for_validation_does_not_change_the_loss(search: Any) -> None:
    """Worlds apart in CPM and CPE, and the same loss."""
    found = {fact.id: (fact.low + fact.high) / 2 for fact in search.facts_of("feed")}
    losses = {search.loss("feed", {**found, "SF19d": value, "SF19e": value}, {}) for value in (0.0, 20.0, 1e9)}
    assert len(losses) == 1


def test_the_place_in_an_interval(search: Any) -> None:
    """0 in the middle and ±1 at the ends; in logarithms where the ends are far apart."""
    linear, wide = Fact("SF4b", "", "", -0.2, 0.4, ""), Fact("SF19c", "", "", 1e-4, 1e-2, "")
    assert [search.place(linear, value) for value in (-0.2, 0.1, 0.4)] == pytest.approx([-1, 0, 1])
    assert [search.place(wide, value) for value in (1e-4, 1e-3, 1e-2)] == pytest.approx([-1, 0, 1])
    assert search.place(wide, 0.0) == -math.inf


def test_the_loss_by_hand(search: Any) -> None:
    """Free in the middle half, then quadratic; undefined facts cost a lot; a number away from its start a little."""
    found = {fact.id: 0.5 * (fact.low + fact.high) if search.place(fact, 0.5 * (fact.low + fact.high)) < 0.5
             else math.sqrt(fact.low * fact.high) for fact in search.facts_of("people")}  # fmt: skip
    assert search.loss("people", found, {}) == 0
    assert search.loss("people", {**found, "SF2": 0.30}, {}) == pytest.approx(0.25)
    assert search.loss("people", {**found, "SF2": math.nan}, {}) == pytest.approx(100)
    space = search.PEOPLE["returned_share"]
    assert search.loss("people", found, {"returned_share": space.high}) == pytest.approx(
        search.PULL * ((space.high - space.start) / (space.high - space.low)) ** 2
    )


def test_hard_facts_decide_what_fails(search: Any) -> None:
    """A soft fact is named only when asked for."""
    found = {fact.id: 0.5 * (fact.low + fact.high) for fact in search.facts_of("feed")} | {"SF11b": 0.0, "SF5a": 0.0}
    assert search.failing("feed", found) == ["SF5a"]
    assert search.failing("feed", found, hard=False) == ["SF5a", "SF11b"]


def test_points_are_even_in_every_other_subset(search: Any) -> None:
    """Means of any tenth and fourth of the points are near one half: quality follows neither size nor niche."""
    points = search.even_points(120)
    assert ((points > 0) & (points < 1)).all()
    assert len(set(points)) == 120
    parts = [*points.reshape(10, 12), *(points[start::10] for start in range(10)), *(points[s::4] for s in range(4))]
    assert max(abs(part.mean() - 0.5) for part in parts) < 0.11


def test_search_ranges_lie_inside_those_of_the_parameters(search: Any) -> None:
    """And hold the present default."""
    for space in search.SPACES.values():
        for name, r in space.items():
            p = PARAMETERS[name]
            assert p.low <= r.low < r.high <= p.high, name
            assert r.low <= p.default <= r.high, name


def test_defaults_are_near_the_best_trial(search: Any) -> None:
    """Rounded to two or three digits, not changed: else the published search does not lead to them."""
    for stage in search.SPACES:
        with (STUDY / f"trials_{stage}.csv").open(encoding="utf-8") as file:
            best = min(csv.DictReader(file), key=lambda row: float(row["loss"]))
        assert not best["failing"]
        for name, r in search.moved(stage).items():
            if name in search.KEPT_APART:
                continue
            found = search.Range(r.low, r.high, float(best[name]), r.log)
            assert abs(found.distance(PARAMETERS[name].default)) < 0.1, (name, best[name])
