"""A study of many runs as it is written down: designs with known points, files that say what is wrong, digests."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import qmc

from sim.ensemble import model_hash
from sim.errors import InputError
from sim.parameters import PARAMETERS
from sim.results.measures import METRICS
from sim.scenario.load import load
from sim.studies import planned as planning
from sim.studies.designs import latin_hypercube, sobol
from sim.studies.planned import kept_columns, planned, run_contents
from sim.studies.study import Axis, Study, study_from_json
from sim.studies.study_file import read_study

SMALL = str(Path(__file__).parents[1] / "samples" / "small.toml")
PRICE, CLICKS = "product.price", "parameters.click_rate"


def study(*axes: Axis, **more: Any) -> Study:
    return Study("small", SMALL, axes, **{"people": 1_000, "days": 2, "replicates": 2, **more})


# --- designs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_a_latin_hypercube_has_one_point_in_each_stratum_of_each_axis(n: int) -> None:
    points = latin_hypercube(n, ["a", "b", "c"], seed=3)
    assert points.shape == (n, 3)
    assert points.min() > 0.0
    assert points.max() < 1.0
    assert (np.sort(np.floor(points * n), axis=0) == np.arange(n)[:, None]).all()


def test_axes_of_a_latin_hypercube_are_drawn_by_name_and_seed() -> None:
    one, other = latin_hypercube(50, ["a", "b"], 3), latin_hypercube(50, ["b", "c", "a"], 3)
    assert (one[:, 0] == other[:, 2]).all()
    assert (one[:, 1] == other[:, 0]).all()
    assert abs(np.corrcoef(one.T)[0, 1]) < 0.35
    assert not (one == latin_hypercube(50, ["a", "b"], 4)).any()


@pytest.mark.parametrize("n", [1, 5, 8, 13])
def test_sobol_points_are_the_first_of_scipys(n: int) -> None:
    assert (sobol(n, 4) == qmc.Sobol(4, scramble=False).random_base2(4)[:n]).all()
    assert sobol(3, 2).tolist() == [[0.0, 0.0], [0.5, 0.5], [0.75, 0.25]][:3]


def test_a_grid_is_the_product_in_order() -> None:
    grid = study(Axis(PRICE, (40.0, 50.0)), Axis("platform.preset", ("instagram", "tiktok")), Axis("run.seed", (1, 2)))
    points = grid.points(1)
    assert points[:3] == [(40.0, "instagram", 1), (40.0, "instagram", 2), (40.0, "tiktok", 1)]
    assert (len(points), points[-1]) == (8, (50.0, "tiktok", 2))
    assert grid.overrides(points[2]) == ("product.price=40.0", 'platform.preset="tiktok"', "run.seed=1")


@pytest.mark.parametrize(
    ("axis", "values"),
    [
        (Axis(PRICE, low=10.0, high=20.0, steps=5), (10.0, 12.5, 15.0, 17.5, 20.0)),
        (Axis(PRICE, low=1.0, high=100.0, steps=3, log=True), (1.0, pytest.approx(10.0), 100.0)),
        (Axis("run.days", low=2, high=4, steps=9, whole=True), (2, 3, 4)),
        (Axis("trust_gain", steps=2), (PARAMETERS["trust_gain"].low, PARAMETERS["trust_gain"].high)),
    ],
)  # fmt: skip
def test_a_range_has_steps_with_both_ends(axis: Axis, values: tuple[Any, ...]) -> None:
    assert axis.grid() == values
    assert [type(value) for value in axis.grid()] == [int if axis.whole else float] * len(values)


def test_places_from_0_to_1_become_values() -> None:
    assert [Axis("run.days", low=2, high=4, whole=True).at(u) for u in (0.0, 0.34, 0.999, 1.0)] == [2, 3, 4, 4]
    assert [Axis(PRICE, ("a", "b")).at(u) for u in (0.0, 0.49, 0.5, 1.0)] == ["a", "a", "b", "b"]
    assert Axis(CLICKS, low=0.01, high=0.04, log=True).at(0.5) == pytest.approx(0.02)
    own = Axis("click_rate")
    assert (own.key, own.at(0.0), own.at(1.0)) == (CLICKS, PARAMETERS["click_rate"].low, PARAMETERS["click_rate"].high)


def test_points_of_a_list_may_leave_keys_as_they_are() -> None:
    listed = study(design="list", listed=({"click_rate": 0.05}, {PRICE: 50.0, CLICKS: 0.1}))
    assert listed.keys == (CLICKS, PRICE)
    assert listed.points(1) == [(0.05, None), (0.1, 50.0)]
    assert listed.overrides((0.05, None)) == (f"{CLICKS}=0.05",)


def test_json_keeps_a_study_whole() -> None:
    whole = study(Axis("trust_gain"), Axis("market.niches", (["beauty"], ["beauty", "food"])), design="sobol",
                  n_points=4, settings=("product.margin=0.4",), figures=("roi", "reach"), question="Öl?")  # fmt: skip
    assert study_from_json(whole.to_json()) == study_from_json(study_from_json(whole.to_json()).to_json())
    assert study_from_json(whole.to_json()).points(1) == whole.points(1)
    assert whole.figures == ("reach", "roi")
    assert kept_columns(whole) == ("reach", "roi", "profit", "cost")
    assert study(Axis(PRICE, (1.0,))).figures == tuple(METRICS)


# --- digests -----------------------------------------------------------------------------------------------


def test_digests_are_known_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A change here means that every store begins anew: wanted where what decides a run is told in another way."""
    monkeypatch.setattr(planning, "model_hash", lambda: "a model")
    monkeypatch.setattr(planning, "run_contents", lambda scenario: {"price": scenario.product.price})
    plan = planned(study(Axis(PRICE, (40.0, 50.0)), figures=("reach",)))
    assert [run.digest for run in plan.runs] == RUN_DIGESTS
    assert plan.digest == STUDY_DIGEST


RUN_DIGESTS = ["fcc89ef79f0e0622", "f444871bab216e63", "bddcc581fa8cccea", "ca1e361abc02be56"]
STUDY_DIGEST = "f10b38d2756c"


def test_the_digest_of_a_run_is_of_what_decides_it_and_nothing_else() -> None:
    def digests(overrides: tuple[str, ...] = (), **more: Any) -> list[str]:
        return [run.digest for run in planned(study(Axis(PRICE, (40.0,)), settings=overrides, **more)).runs]

    usual = digests()
    assert len(set(usual)) == 2
    assert digests(replicates=4, worlds=2)[:2] == usual
    assert digests(figures=("roi",)) == usual
    others = [digests(("product.margin=0.3",)), digests(seed=8), digests(days=3), digests(people=1_100),
              digests(("parameters.click_rate=0.04",)), digests(worlds=1)[1:]]  # fmt: skip
    assert not {digest for found in others for digest in found} & set(usual)


def test_what_decides_a_run_is_what_decides_a_comparison() -> None:
    scenario = load(SMALL)
    whole, found = scenario.contents(), run_contents(scenario)
    assert found.keys() == whole.keys()
    assert {key for key in whole if found[key] != whole[key]} == {"run", "society"}
    assert whole["run"].keys() - found["run"].keys() == {"replicates"}
    assert whole["society"].keys() - found["society"].keys() == {"worlds"}
    assert planned(study(Axis(PRICE, (40.0,)))).model == model_hash()


def test_equal_points_are_one_run() -> None:
    plan = planned(study(Axis(PRICE, (40.0, 50.0, 40.0)), replicates=1))
    assert [run.point for run in plan.runs] == [0, 1, 2]
    assert plan.runs[0].digest == plan.runs[2].digest
    assert sorted(task.run.point for task in plan.tasks()) == [0, 1]


def test_runs_of_one_world_stand_side_by_side() -> None:
    plan = planned(study(Axis(PRICE, (40.0, 50.0)), Axis("society.peer_ties", (20.0, 40.0)), replicates=3))
    order = [(plan.points[task.run.point].values[1], task.run.replicate) for task in plan.tasks()]
    assert len(order) == 12
    changes = sum(one != other for one, other in pairwise(order))
    assert changes == 5
    assert [point.once for point in plan.points] == [True, False, True, False]


# --- files -------------------------------------------------------------------------------------------------

FILE = """# Does the price decide?
scenario = "small.toml"
design = "latin-hypercube"
points = 4
replicates = 3
figures = ["reach", "roi"]
[set]
product.margin = 0.4
market.currency = "EUR"
[vary]
trust_gain = {}
parameters.click_rate = { low = 0.01, high = 0.1, log = true }
"product.price" = [40.0, 50.0]
"""


def read(folder: Path, text: str) -> Study:
    (folder / "price.toml").write_text(text, encoding="utf-8")
    return read_study(folder / "price.toml")


def test_a_file_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, FILE)
    assert (found.name, found.question, found.scenario) == (
        "price",
        "Does the price decide?",
        str(tmp_path / "small.toml"),
    )
    assert found.keys == ("parameters.trust_gain", CLICKS, PRICE)
    assert found.axes[1:] == (Axis(CLICKS, low=0.01, high=0.1, log=True), Axis(PRICE, (40.0, 50.0)))
    assert found.settings == ("product.margin=0.4", 'market.currency="EUR"')
    assert (found.n_points, found.replicates, found.people, found.figures) == (4, 3, None, ("reach", "roi"))
    named = read(tmp_path, FILE.replace("small.toml", "ten-micros-vs-one-celebrity"))
    assert named.scenario == "ten-micros-vs-one-celebrity"


def test_points_of_a_file_are_listed(tmp_path: Path) -> None:
    head = 'name = "two"\nscenario = "small.toml"\ndesign = "list"\n'
    text = f"{head}[[point]]\nproduct.price = 40.0\n[[point]]\nclick_rate = 0.1\n"
    found = read(tmp_path, text)
    assert (found.name, found.points(1)) == ("two", [(40.0, None), (None, 0.1)])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("points = 4", "pints = 4", "pints: unknown key; expected one of schema, name, scenario"),
        ("points = 4", 'points = "4"', "points: a number in quotes (got '4'); expected a whole number"),
        ("points = 4", "", "points: missing; expected how many points the latin-hypercube has"),
        ("latin-hypercube", "latin-cube", "design: no such design (got 'latin-cube'); expected one of grid, list"),
        ("latin-hypercube", "grid", "points: has no effect here (got 4); expected one of the designs latin-hypercube"),
        ('design = "latin-hypercube"\npoints = 4', "", "vary.parameters.trust_gain: has no steps; expected a list"),
        ("latin-hypercube", "list", 'design: needs [[point]] tables (got \'list\')'),
        ('"reach", "roi"', '"reach", "rio"', "figures: no such figure (got 'rio')"),
        ("trust_gain = {}", "trust_gain = { low = 3 }", "vary.parameters.trust_gain: not a range (got '3 to 1')"),
        ("trust_gain = {}", "trust_gain = { high = 3 }", "vary.parameters.trust_gain: out of range (got '0 to 3')"),
        ("trust_gain = {}", "trust_gain = 3", "vary.trust_gain: not a list of values or a range (got '3')"),
        ("trust_gain = {}", "trust_gain = { steps = 3 }", "vary.parameters.trust_gain.steps: has no effect here"),
        ("trust_gain = {}", '"product.margin" = {}', "vary.product.margin: has no range of its own"),
        ("low = 0.01,", "low = 0,", "vary.parameters.click_rate: 0 has no logarithm"),
        ("low = 0.01", 'low = "x"', "vary.parameters.click_rate.low: text where a number is expected (got 'x')"),
        ("low = 0.01, high = 0.1, log", "whole = true, low = 0.01, high = 0.1, log", "has both log and whole"),
        ('"product.price"', '"run.replicates"', "vary.run.replicates: is the same at all points"),
        ('"product.price"', '"product.margin"', "vary.product.margin: both varies and is fixed by 'set'"),
        ('"product.price"', '"click_rate"', "vary.parameters.click_rate: varies twice"),
        ("[40.0, 50.0]", "[40.0, inf]", "vary.product.price: not a value of a scenario (got 'inf')"),
        ("[40.0, 50.0]", "[]", "vary.product.price: not a list of values or a range"),
        ("scenario =", "senario =", "scenario"),
        ("[vary]", "[vary", "is not valid TOML"),
    ],
)  # fmt: skip
def test_a_wrong_file_says_what_is_wrong(old: str, new: str, says: str, tmp_path: Path) -> None:
    assert FILE.count(old) == 1
    with pytest.raises(InputError) as caught:
        read(tmp_path, FILE.replace(old, new))
    assert says in str(caught.value)
    assert str(tmp_path / "price.toml") in str(caught.value)
    assert "\n" not in str(caught.value) or "problems found" in str(caught.value)


def test_options_beside_what_varies_are_refused() -> None:
    with pytest.raises(InputError, match="both varies and is fixed by 'days'"):
        study(Axis("run.days", (1, 2)))
    with pytest.raises(InputError, match="nothing varies"):
        study()
    with pytest.raises(InputError, match="at most 10,000,000"):
        study(*(Axis(name, steps=1000) for name in ("click_rate", "trust_gain", "share_rate")))


def test_what_no_point_can_be_is_said_before_anything_runs() -> None:
    with pytest.raises(InputError, match="prise"):
        planned(study(Axis("product.prise", (40.0, 50.0))))
    with pytest.raises(InputError, match="no such scenario"):
        planned(Study("x", "no-such-scenario", (Axis(PRICE, (1.0,)),)))


def test_a_point_that_cannot_be_has_its_error_and_a_digest() -> None:
    plan = planned(study(Axis(CLICKS, (0.05, 3.0))))
    assert plan.points[0].error is None
    assert plan.points[1].error is not None
    assert plan.points[1].error.startswith("parameters.click_rate: out of range")
    assert len({run.digest for run in plan.runs}) == 4
    assert json.loads(plan.study.to_json())["axes"][0]["values"] == [0.05, 3.0]
