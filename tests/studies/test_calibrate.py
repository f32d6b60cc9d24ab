"""The inference of a calibration: on models whose posterior is known, and on simulated campaigns."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.errors import InputError, InputErrors
from sim.parameters import PARAMETERS
from sim.scenario.load import Scenario, load
from sim.scenario.observed import FIGURES, Observed, ObservedRow
from sim.studies import calibrate as study
from sim.studies.calibrate_asked import Asked, Sizes, asked, prior, summary, tail_days
from sim.studies.calibrate_fit import fitted_surface, narrowed, posterior, quadratic, wave_points, whole_box
from sim.studies.calibrate_runs import Bench, drawn_figures, simulated

SMALL = Path(__file__).parents[1] / "samples" / "small.toml"
RECOVERY = Path(__file__).parents[2] / "experiments" / "calibrate_recovery"
SLOPES, NOISE = np.array([[8.0, 0.0], [3.0, 6.0]]), np.array([0.5, 0.6])


def observed(*rows: tuple[str | None, int, dict[str, float]]) -> Observed:
    return Observed(tuple(ObservedRow(line, name, size, 2, figures) for line, (name, size, figures) in
                          enumerate(rows, 2)), ())  # fmt: skip


@pytest.fixture(scope="module")
def small() -> Scenario:
    return load(SMALL)


def draws_of_toy(truth: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws by the path of a calibration for s = slopes·u + noise, and what was observed."""
    rng, keys = np.random.default_rng(seed), ["a", "b"]

    def simulate(points: np.ndarray) -> np.ndarray:
        return np.asarray(points @ SLOPES.T + NOISE * rng.normal(size=points.shape))

    seen = simulate(truth[None])[0]
    box, points, found = whole_box(2), np.empty((0, 2)), np.empty((0, 2))
    for wave in range(3):
        new = wave_points(box, 100, keys, wave, seed)
        points, found = np.vstack([points, new]), np.vstack([found, simulate(new)])
        inside = box.holds(points)
        draws = posterior(fitted_surface(box, points[inside], found[inside]), seen, keys, seed)
        box = narrowed(box, draws)
    return draws, seen


# --- known answers -----------------------------------------------------------------------------------------


def test_a_linear_model_has_the_posterior_that_is_known() -> None:
    draws, seen = draws_of_toy(np.array([0.5, 0.45]), 5)
    covariance = np.linalg.inv(SLOPES.T @ np.diag(1 / NOISE**2) @ SLOPES)
    mean = np.linalg.solve(SLOPES, seen)
    assert draws.mean(axis=0) == pytest.approx(mean, abs=0.025)
    assert draws.std(axis=0) == pytest.approx(np.sqrt(np.diag(covariance)), rel=0.2)
    correlation = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert np.corrcoef(draws.T)[0, 1] == pytest.approx(correlation, abs=0.12)


@pytest.mark.full
def test_its_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng, held = np.random.default_rng(11), np.zeros(2)
    for seed in range(20):
        truth = rng.uniform(size=2)
        low, high = np.quantile(draws_of_toy(truth, seed)[0], [0.05, 0.95], axis=0)
        held += (low <= truth) & (truth <= high)
    assert (held >= 15).all()
    assert held.sum() < 40


def test_what_data_do_not_depend_on_keeps_its_prior() -> None:
    rng, keys = np.random.default_rng(2), ["a", "b"]
    points = wave_points(whole_box(2), 200, keys, 0, 1)
    found = 10 * points[:, :1] + rng.normal(size=(200, 1))
    draws = posterior(fitted_surface(whole_box(2), points, found), np.array([5.0]), keys, 1)
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    assert high[0] - low[0] < 0.5
    assert high[1] - low[1] == pytest.approx(0.9, abs=0.06)


def test_a_posterior_is_the_same_again_and_another_seed_gives_another_that_agrees() -> None:
    rng, keys = np.random.default_rng(3), ["a", "b"]
    points = wave_points(whole_box(2), 120, keys, 0, 1)
    found = points @ SLOPES.T + NOISE * rng.normal(size=points.shape)
    surface, seen = fitted_surface(whole_box(2), points, found), np.array([4.0, 4.0])
    first, second, other = (posterior(surface, seen, keys, seed) for seed in (1, 1, 2))
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != other.tobytes()
    assert first.mean(axis=0) == pytest.approx(other.mean(axis=0), abs=0.01)


def test_a_variance_that_changes_along_an_axis_is_found() -> None:
    rng = np.random.default_rng(4)
    points = rng.uniform(size=(600, 2))
    sd = np.exp(2.0 * points[:, 0] - 1.0)
    surface = fitted_surface(whole_box(2), points, (sd * rng.normal(size=600))[:, None])
    assert surface.log_variance[:, 0] == pytest.approx([0.0, 2.0, 0.0], abs=0.35)  # by half a width


def test_the_terms_of_a_surface() -> None:
    assert quadratic(np.array([[2.0, 3.0]])).tolist() == [[1.0, 2.0, 3.0, 4.0, 6.0, 9.0]]


# --- what is asked -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "parameters"),
    [
        (("cost",), ("price_constant",)),
        (("reach",), ("reach",)),
        (("engagements",), ("reach", "engagement_rate")),
        (("clicks", "cost"), ("price_constant", "reach", "click_rate")),
        (("orders",), ("reach", "click_rate", "conversion_rate")),
        (FIGURES, ("price_constant", "reach", "engagement_rate", "click_rate", "conversion_rate")),
    ],
)
def test_the_columns_decide_the_parameters(
    figures: tuple[str, ...], parameters: tuple[str, ...], small: Scenario
) -> None:
    question = asked(small, observed((None, 2000, dict.fromkeys(figures, 5.0))))
    assert question.names == parameters


def test_priors_are_the_parameters_own_ranges() -> None:
    for name in ("price_constant", "reach", "engagement_rate"):
        assert prior(name).range == (PARAMETERS[name].low, PARAMETERS[name].high)
    assert prior("click_rate").range == (0.0001, 1.0)


def test_campaigns_of_one_creator_are_apart_and_played_to_their_end(small: Scenario) -> None:
    handle = next(iter(small.creators))
    size = small.creators[handle].followers
    question = asked(small, observed((handle, size, {"reach": 9.0}), (handle, size, {"reach": 8.0}),
                                     (handle, size + 5, {"reach": 7.0}), (None, 1500, {"reach": 7.0})))  # fmt: skip
    assert [(one.plan, one.handle) for one in question.campaigns] == [
        ("campaigns 1", handle), ("campaigns 2", handle), ("campaigns 1", f"{handle}, row 4"),
        ("campaigns 1", "row 5")]  # fmt: skip
    assert question.runs.run.days == 1 + 7 + 1 + tail_days(small.rates)  # the second begins a day later
    assert [plan.name for plan in question.runs.plans] == ["campaigns 1", "campaigns 2"]


def test_summaries_leave_out_what_was_not_measured(small: Scenario) -> None:
    question = asked(small, observed((None, 2000, {"reach": 9.0, "cost": 0.0}), (None, 1500, {"orders": 2.0})))
    assert question.columns == ("reach", "orders")
    table = np.array([[1.0, 99.0, 1.0, 1.0, 50.0], [1.0, 1.0, 1.0, 1.0, 3.0]])
    assert question.summaries(table) == pytest.approx(np.log([99.5, 3.5]))
    assert summary("cost", np.array([1.0, np.e])) == pytest.approx(0.5)
    assert any("costs of 0" in note for note in question.notes)


def test_who_does_not_fit_the_market_is_told_with_the_row(small: Scenario) -> None:
    with pytest.raises(InputErrors) as caught:
        asked(small, observed((None, 2000, {"reach": 9.0}), (None, 900_000_000, {"reach": 9.0})))
    assert caught.value.problems[0].row == 3


def test_too_few_simulations_are_refused() -> None:
    study.check_sizes((42, 42), 5)
    with pytest.raises(InputError, match="too few"):
        study.check_sizes((128, 41), 5)


# --- simulated campaigns -----------------------------------------------------------------------------------


def test_counts_are_poisson_draws_of_real_people(small: Scenario) -> None:
    rows = [(None, 1500 + place, dict.fromkeys(FIGURES, 1.0)) for place in range(400)]
    question = asked(small, observed(*rows))
    expected = np.tile([10.0, 900.0, 40.0, 20.0, 2.0], (400, 1))
    drawn = drawn_figures(question, expected, 3)
    assert (drawn[:, :2] == expected[:, :2]).all()
    assert (drawn[:, 3] >= drawn[:, 4]).all()
    for at, mean in ((2, 40.0), (3, 20.0), (4, 2.0)):
        assert stats.poisson.cdf(drawn[:, at].sum(), 400 * mean) == pytest.approx(0.5, abs=0.4999)
        assert drawn[:, at].var() == pytest.approx(mean, rel=0.35)
    assert (drawn_figures(question, expected, 3) == drawn).all()
    assert (drawn_figures(question, expected, 4) != drawn).any()


def question_of(small: Scenario) -> Asked:
    rows = [(None, size, dict.fromkeys(FIGURES, 1.0)) for size in (1200, 1600, 2200)]
    return asked(small, observed(*rows), None, Sizes((44,), 4, 2))


def test_more_of_a_parameter_gives_more_of_its_figure(small: Scenario) -> None:
    question = question_of(small)
    middle = question.values(np.full(5, 0.75))
    base = question.summaries(simulated(question, middle, 0, "kernel"))
    for at, name in enumerate(question.names):
        more = question.summaries(simulated(question, middle | {name: 3 * middle[name]}, 0, "kernel"))
        assert more[at] > base[at] + 0.2, name


@pytest.mark.full
def test_workers_and_a_stop_change_nothing(small: Scenario, tmp_path: Path) -> None:
    question = question_of(small)

    def calibrated(workers: int, folder: Path | None) -> bytes:
        found = study.calibrate(question, Bench(question, "kernel", workers, folder), lambda _: small)
        return found.draws.tobytes() + repr((found.checks, found.predictions)).encode()

    first = calibrated(1, tmp_path)
    kept = sorted(tmp_path.rglob("*.npz"))
    assert len(kept) == 44 + 4 + 2 + 2
    for file in kept[::3]:
        file.unlink()
    assert calibrated(1, tmp_path) == first
    assert calibrated(2, None) == first


# --- the proof ---------------------------------------------------------------------------------------------


def test_the_published_recovery_meets_its_rule() -> None:
    found = pd.read_csv(RECOVERY / "results.csv")
    counts = found.groupby("parameter")["held"].agg(["sum", "count"])
    assert (counts["count"] == 20).all()
    assert (counts["sum"] >= 15).all()
    assert ((found["low"] <= found["truth"]) & (found["truth"] <= found["high"]) == found["held"]).all()
    page = (RECOVERY / "README.md").read_text(encoding="utf-8")
    for name, row in counts.iterrows():
        assert f"| `{name}` | {row['sum']} of {row['count']} |" in page
