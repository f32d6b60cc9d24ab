"""Which numbers decide a figure: designs as SALib lays them out, functions with known indices, noise, refusals.

A function stands in the simulation's place: its values come as the table that a store gives, and go the same way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from SALib.sample import sobol as salib_sample

import sim
from sim.errors import InputError, Interrupted
from sim.studies import sensitivity
from sim.studies.designs import saltelli, shifted_sobol, sobol, trajectories
from sim.studies.planned import planned
from sim.studies.sensitivity import Sensitivity, analysed, check_finished, noise_shares, terms_of
from sim.studies.store import Failure, Status
from sim.studies.study import Axis, Study, study_from_json
from sim.studies.study_file import read_study
from sim.studies.sweep import sweep
from sim.views.files import csv_bytes
from sim.views.sensitivity_words import sentences

SMALL = str(Path(__file__).parents[1] / "samples" / "small.toml")
SEED = 3
Floats = Any


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intervals that are known less well, in less time."""
    monkeypatch.setattr(sensitivity, "RESAMPLES", 150)


def study(n_axes: int = 3, **more: Any) -> Study:
    """Axes x1, x2, … from 0 to 1."""
    axes = tuple(Axis(f"x{place + 1}", low=0.0, high=1.0) for place in range(n_axes))
    usual = {"design": "sobol-indices", "of": "a", "figures": ("reach",)}
    usual |= {} if more.get("design") == "morris" else {"n_points": 1024}
    return Study("known", SMALL, more.pop("axes", axes), **{**usual, **more})


def frame_of(values: Floats, **others: Floats) -> pd.DataFrame:
    """A store's table of plan "a", and of other plans: reach at each point, or at each point and replicate."""
    tables = []
    for plan, told in {"a": values, **others}.items():
        table = np.atleast_2d(np.asarray(told, dtype=float).T).T
        point, replicate = np.indices(table.shape)
        tables.append(pd.DataFrame({"point": point.ravel(), "replicate": replicate.ravel(), "plan": plan,
                                    "reach": table.ravel()}))  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def answer(asked: Study, function: Callable[[Floats], Floats], seed: int = SEED) -> Sensitivity:
    return analysed(asked, frame_of(function(np.array(asked.points(seed)))), seed)


# --- designs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "axes"), [(16, 2), (64, 5)])
def test_rows_for_sobol_indices_lie_as_salib_lays_them(n: int, axes: int) -> None:
    problem = {"num_vars": axes, "names": [f"x{i}" for i in range(axes)], "bounds": [[0.0, 1.0]] * axes}
    theirs = salib_sample.sample(problem, n, calc_second_order=False, scramble=False)
    assert (saltelli(sobol(n, 2 * axes)) == theirs).all()


def test_shifted_sobol_points_are_as_even_as_sobol_points() -> None:
    points = shifted_sobol(64, ["a", "b", "c"], SEED)
    assert (np.sort(np.floor(points * 64), axis=0) == np.arange(64)[:, None]).all()
    pairs = np.floor(points[:, :2] * 8)
    assert len(np.unique(pairs, axis=0)) == 64  # one in each of 8 x 8 squares
    assert not (points[:, 0] == points[:, 1]).any()
    assert not (points == shifted_sobol(64, ["a", "b", "c"], SEED + 1)).any()
    assert (points[:, :2] == shifted_sobol(64, ["a", "b"], SEED)).all()


def test_a_trajectory_moves_each_axis_once_by_two_thirds() -> None:
    rows = trajectories(50, ["a", "b", "c"], SEED).reshape(50, 4, 3)
    assert set((rows * 3).round(9).ravel()) == {0.0, 1.0, 2.0, 3.0}
    steps = np.diff(rows, axis=1)
    assert (np.count_nonzero(steps, axis=1) == 1).all()
    assert (np.count_nonzero(steps, axis=2) == 1).all()
    assert np.abs(steps[steps != 0]) == pytest.approx(2 / 3)
    first = np.argmax(steps[:, 0] != 0, axis=1)
    assert set(first) == {0, 1, 2}  # any axis may move first
    assert 0 < (steps[steps != 0] > 0).mean() < 1  # up and down


# --- known answers -----------------------------------------------------------------------------------------


def ishigami(x: Floats) -> Floats:
    """Ishigami & Homma 1990, with a = 7, b = 0.1 on -pi to pi."""
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_ishigamis_indices_are_found() -> None:
    axes = tuple(Axis(f"x{place}", low=-math.pi, high=math.pi) for place in (1, 2, 3))
    found = answer(study(axes=axes, n_points=8192), ishigami).figures["reach"]
    for axis, first, total in (("x1", 0.3139, 0.5576), ("x2", 0.4424, 0.4424), ("x3", 0.0, 0.2437)):
        s1, st = found.indices[axis]["S1"], found.indices[axis]["ST"]
        assert s1.value == pytest.approx(first, abs=0.02)
        assert st.value == pytest.approx(total, abs=0.02)
        assert s1.low is not None
        assert s1.high is not None
        assert s1.low < first < s1.high
    assert list(found.indices) == ["x1", "x2", "x3"]  # by their total
    assert found.mean == pytest.approx(3.5, abs=0.05)


def test_the_g_functions_indices_are_found() -> None:
    a = np.array([0.0, 1.0, 9.0])
    found = answer(study(n_points=1024), lambda x: np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=1))
    alone = (1 / 3) / (1 + a) ** 2
    variance = np.prod(1 + alone) - 1
    for place in range(3):
        others = np.prod(1 + np.delete(alone, place))
        indices = found.figures["reach"].indices[f"x{place + 1}"]
        assert indices["S1"].value == pytest.approx(alone[place] / variance, abs=0.02)
        assert indices["ST"].value == pytest.approx(alone[place] * others / variance, abs=0.02)


def test_morris_finds_the_coefficients_of_a_linear_function() -> None:
    asked = study(design="morris", n_trajectories=6, axes=(Axis("x1", low=0, high=10), Axis("x2", low=1, high=3)))
    found = answer(asked, lambda x: 100 + 2 * x[:, 0] - 30 * x[:, 1]).figures["reach"]
    for axis, whole in (("x1", 20.0), ("x2", -60.0)):  # over the whole range
        indices = found.indices[axis]
        assert indices["mu_star"].value == pytest.approx(abs(whole))
        assert indices["mu"].value == pytest.approx(whole)
        assert indices["sigma"].value == pytest.approx(0.0, abs=1e-9)
        assert indices["mu_star"].high == pytest.approx(abs(whole))
    assert list(found.indices) == ["x2", "x1"]


def test_morris_finds_a_product_and_what_does_nothing() -> None:
    found = answer(study(design="morris", n_trajectories=400), lambda x: x[:, 0] * x[:, 1]).figures["reach"]
    assert found.indices["x1"]["sigma"].value == pytest.approx(0.37, abs=0.04)  # sd of 0, 1/3, 2/3, 1
    assert found.indices["x1"]["mu_star"].value == pytest.approx(0.5, abs=0.15)
    assert found.indices["x3"]["mu_star"].value == 0.0


def test_equal_questions_have_equal_intervals() -> None:
    for seed in (0, 7):
        one, other = (answer(study(n_points=64), lambda x: x[:, 0] + x[:, 1] ** 2, seed) for _ in range(2))
        assert csv_bytes(one.frame()) == csv_bytes(other.frame())


# --- what is looked at -------------------------------------------------------------------------------------


def test_a_difference_and_a_ratio_of_plans() -> None:
    asked = study(2, n_points=64)
    x = np.array(asked.points(SEED))
    both = frame_of(3 + x[:, 0] + x[:, 1], b=1 + x[:, 1])
    difference = analysed(replace(asked, of="a - b"), both, SEED).figures["reach"]
    assert difference.mean == pytest.approx(2.5, abs=0.05)
    assert difference.indices["x2"]["ST"].value == pytest.approx(0.0, abs=1e-12)
    ratio = analysed(replace(asked, of="a / b"), both, SEED).figures["reach"]
    assert ratio.mean == pytest.approx(float(np.mean((3 + x[:, 0] + x[:, 1]) / (1 + x[:, 1]))))


def test_a_rate_is_the_ratio_of_means_over_replicates() -> None:
    asked = study(2, n_points=16, figures=("roi",))
    x = np.array(asked.points(SEED))[:, :1]
    profit, cost = np.hstack([1 + x, 3 + x]), np.hstack([1 + 0 * x, 2 + 0 * x])
    frame = frame_of(profit).assign(profit=profit.ravel(), cost=cost.ravel())
    assert analysed(asked, frame, SEED).figures["roi"].mean == pytest.approx(float(np.mean((2 + x) / 1.5)))


@pytest.mark.parametrize(
    ("of", "terms"),
    [("a-b", ("a-b",)), ("a-b - c", ("a-b", "-", "c")), ("c / a-b", ("c", "/", "a-b")),
     ("d - e - c", ("d - e", "-", "c")), ("c - d - e", ("c", "-", "d - e"))],
)  # fmt: skip
def test_plans_are_found_in_words(of: str, terms: tuple[str, ...]) -> None:
    assert terms_of(of, ["none", "a-b", "c", "d - e"]) == terms


@pytest.mark.parametrize("of", ["x", "a-b - x", "a-b + c", "c - c"])
def test_plans_that_are_not_there_are_told(of: str) -> None:
    with pytest.raises(InputError, match="of: is not made of two plans"):
        terms_of(of, ["none", "a-b", "c"])


# --- noise -------------------------------------------------------------------------------------------------


def test_noise_is_told_from_effects() -> None:
    rng = np.random.default_rng(1)
    effect, shared, own = rng.normal(0, 1, 4000), rng.normal(0, 2, 8), rng.normal(0, 0.5, (4000, 8))
    values = effect[:, None] + shared + own
    mean = values.mean(axis=1)
    whole, unshared = noise_shares(mean, values - mean[:, None])
    assert unshared == pytest.approx((0.25 / 8) / (1 + 0.25 / 8), rel=0.1)
    assert whole == pytest.approx((shared.var(ddof=1) + 0.25) / 8 / (1 + 0.25 / 8), rel=0.1)


def test_much_noise_is_warned_of_and_little_is_not() -> None:
    asked = study(2, n_points=64)
    x, rng = np.array(asked.points(SEED)), np.random.default_rng(1)
    clean = x[:, 0] + x[:, 1]
    noisy = analysed(asked, frame_of(clean[:, None] + rng.normal(0, 0.5, (len(x), 2))), SEED)
    assert "noise of the replicates is as large as" in noisy.warnings[0]
    quiet = analysed(asked, frame_of(clean[:, None] + rng.normal(0, 0.01, (len(x), 2))), SEED)
    assert not any("noise" in text for text in quiet.warnings)
    assert quiet.figures["reach"].noise_share == pytest.approx(0.5e-4 / clean.var(), rel=0.3)
    assert "with one replicate" in analysed(asked, frame_of(clean), SEED).warnings[0]


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [study(2), study(2, design="morris", n_trajectories=8)])
def test_constant_and_undefined_figures_are_refused(asked: Study) -> None:
    with pytest.raises(InputError, match="reach of a is the same at all points: there is nothing to share out"):
        answer(asked, lambda x: 0 * x[:, 0] + 1e6)
    with pytest.raises(InputError, match=r"reach of a is undefined at 1 of .* the first being point 5"):
        answer(asked, lambda x: np.where(np.arange(len(x)) == 5, np.nan, x[:, 0]))


def test_failed_and_missing_runs_are_refused() -> None:
    failed = Status(60, 57, 3, (Failure(4, 1, "too few people"),), 0.1, None, running=False)
    with pytest.raises(InputError, match=r"3 of 60 runs failed.*point 4, replicate 1: too few people.*--retry"):
        check_finished(failed, "x.sqlite")
    with pytest.raises(InputError, match=r"2 of 60 runs are not done yet.*influence resume x.sqlite"):
        check_finished(replace(failed, done=58, failed=0), "x.sqlite")
    check_finished(replace(failed, done=60, failed=0), "x.sqlite")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"n_points": 100}, "points: is no power of two.*expected 64 or 128"),
        ({"n_points": 8}, "points: too few .*expected 16 or more"),
        ({"n_points": None}, "points: missing; expected how many, 16 or more; each is played at 5 points"),
        ({"n_points": 2**22}, "points: too many"),
        ({"n_trajectories": 4}, "trajectories: has no effect here"),
        ({"of": " "}, "of: missing; expected what is looked at"),
        ({"figures": ()}, "figures: missing"),
        ({"axes": (Axis("product.price", (40.0,)),)}, "vary.product.price: has one value and does not vary"),
        ({"design": "morris"}, "trajectories: missing; expected how many, 4 or more; each is played at 4 points"),
        ({"design": "morris", "n_trajectories": 2}, "trajectories: too few"),
        ({"design": "morris", "n_trajectories": 4, "n_points": 16}, "points: has no effect here"),
        ({"design": "sobol", "n_points": 16}, "of: has no effect here"),
        ({"design": "sobol", "of": "", "n_points": 16, "n_trajectories": 4}, "trajectories: has no effect here"),
    ],
)
def test_a_study_that_cannot_be_analysed_says_why(more: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        study(**more)


def test_another_design_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r'design: is no design of a sensitivity analysis .*"morris"'):
        sim.sensitivity(Study("x", SMALL, (Axis("product.price", (40.0, 50.0)),)), tmp_path / "x.sqlite")


# --- with the simulation -----------------------------------------------------------------------------------


def tiny(**more: Any) -> Study:
    """Two parameters of the small scenario: 12 points in two replicates."""
    axes = (Axis("click_rate"), Axis("reach"))
    return Study("tiny", SMALL, axes, design="morris", n_trajectories=4, of="three-small - one-big",
                 figures=("reach", "clicks"), **{"people": 1_000, "days": 2, "replicates": 2, **more})  # fmt: skip


def test_a_study_keeps_what_is_asked(tmp_path: Path) -> None:
    assert study_from_json(tiny().to_json()) == tiny()
    (tmp_path / "x.toml").write_text(f'scenario = "{SMALL}"\ndesign = "morris"\ntrajectories = 4\nof = "one-big"\n'
                                     'figures = ["reach"]\n[vary]\nclick_rate = {}\n')  # fmt: skip
    read = read_study(tmp_path / "x.toml")
    assert (read.design, read.n_trajectories, read.of) == ("morris", 4, "one-big")


def test_resuming_gives_the_same_bytes(tmp_path: Path) -> None:
    whole = sim.sensitivity(tiny(), tmp_path / "whole.sqlite")
    assert whole.figures["clicks"].indices["click_rate"]["mu_star"].value > 0

    def stop(finished: int, _total: int, _seconds: float) -> None:
        if finished == 7:
            raise KeyboardInterrupt

    part = tmp_path / "part.sqlite"
    with pytest.raises(Interrupted):
        sweep(planned(tiny()), part, progress=stop)
    assert csv_bytes(sim.sensitivity(tiny(), part).frame()) == csv_bytes(whole.frame())


def test_another_question_of_the_same_runs_plays_nothing_again(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    sim.sensitivity(tiny(), path)
    before = path.read_bytes()
    other = sim.sensitivity(replace(tiny(), of="one-big"), path)
    assert other.study.of == "one-big"
    assert sim.Store(path).status().done == 24
    assert len(path.read_bytes()) == len(before)


def test_the_words_follow_the_numbers() -> None:
    """x2 decides, x1 less, x3 not at all; x1 and x2 act together."""
    told = answer(study(), lambda x: 10 * x[:, 1] ** 2 + 3 * x[:, 0] * x[:, 1])
    first, *others = sentences(told, told.figures["reach"])
    assert first.startswith("x2 decides most: 0.9")
    assert any(text.startswith("Hardly matter") and text.endswith("x3.") for text in others)
    assert not any(text.startswith("Not surely less") for text in others)
    screened = answer(study(design="morris", n_trajectories=20), lambda x: 5 * x[:, 0] - 20 * x[:, 1])
    assert sentences(screened, screened.figures["reach"]) == (
        "x2 moves it most: over its whole range by 20 (20 to 20) in the mean, down.",
        "Then: x1 (5, up).",
        "Hardly matter (surely below a tenth of it): x3.",
    )


def test_the_example_is_a_study() -> None:
    found = read_study(Path(__file__).parents[2] / "experiments" / "sensitivity" / "what-matters.toml")
    assert (found.design, len(found.points(1)), found.of) == ("morris", 99, "ten-micros - celebrity")
