"""Which of the things that vary decide a figure: Morris screening and Sobol indices of a study's runs, through SALib.

The design is made by ``Study.places``; what is analysed is the mean over replicates at each point. Every point has the
same seeds, so that luck which all points share shifts them together and is no effect.

Morris 1991; Campolongo, Cariboni & Saltelli 2007 (mu*). Sobol 2001; Saltelli et al. 2010 (S1, ST).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import InputError, nearest_match
from sim.results.measures import METRICS
from sim.shown import Shown
from sim.studies.designs import LEVELS, Floats
from sim.studies.planned import Planned
from sim.studies.store import Status
from sim.studies.study import INDICES, MORRIS, PARAMETER, Study

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES, FEWEST_RESAMPLES, MOST_RESAMPLED = 1_000, 100, 4_000_000
"""Of the bootstrap: fewer where there are so many points that they would fill the memory."""
MOST_NOISE = 0.1
"""Share of the variance that may be noise of the replicates before a warning."""
WIDE = 0.2
"""Half an interval of a Sobol index beyond which a warning says that more points are needed."""
CONSTANT = 1e-12
"""Share of a figure's size below which its differences are rounding."""


@dataclass(frozen=True)
class Index:
    """One index of one axis with its 95 % interval; None where the method gives none."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class FigureIndices:
    """What decides one figure. indices: axis → "S1", "ST", or "mu_star", "mu", "sigma" → index, most important first.

    mean, sd: of the figure over the points. noise_share: variance of a point's mean over replicates as a share of the
    variance over points; unshared_share: the same without luck that moves all points alike. None with one replicate.
    """

    figure: str
    indices: Mapping[str, Mapping[str, Index]]
    mean: float
    sd: float
    noise_share: float | None
    unshared_share: float | None


@dataclass(frozen=True, repr=False)
class Sensitivity(Shown):
    """The analysis of a study. points: of the whole design; seed: that of the runs."""

    study: Study
    seed: int
    replicates: int
    points: int
    figures: Mapping[str, FigureIndices]
    warnings: tuple[str, ...]

    @property
    def method(self) -> str:
        return self.study.design

    @property
    def main(self) -> str:
        """The index that ranks: total effect, or mean absolute elementary effect."""
        return "ST" if self.method == INDICES else "mu_star"

    def frame(self) -> pd.DataFrame:
        """One row a figure and axis: each index with the ends of its interval, and the noise of the figure."""
        import pandas as pd

        rows = []
        for found in self.figures.values():
            for axis, indices in found.indices.items():
                row: dict[str, Any] = {"figure": found.figure, "parameter": axis}
                for name, index in indices.items():
                    row[name] = index.value
                    if index.low is not None:
                        row |= {f"{name}_low": index.low, f"{name}_high": index.high}
                rows.append({**row, "noise_share": found.noise_share, "unshared_share": found.unshared_share})
        return pd.DataFrame(rows)


def axis_names(study: Study) -> tuple[str, ...]:
    """What varies, parameters by their own names."""
    return tuple(key.removeprefix(PARAMETER) for key in study.keys)


def check_sensitivity(plan: Planned) -> None:
    """Raise InputError for another design, where ``of`` names a plan that is not there, and for points of no use."""
    study, plans = plan.study, [one.name for one in plan.base.plans]
    if study.design not in (MORRIS, INDICES):
        raise InputError("is no design of a sensitivity analysis", key="design", value=study.design,
                         expected=f'"{MORRIS}" or "{INDICES}"; `influence sweep` plays the others')  # fmt: skip
    terms_of(study.of, plans)
    unfit = {number: point.error for number, point in enumerate(plan.points) if point.error is not None}
    if unfit:
        number, error = next(iter(unfit.items()))
        raise InputError(f"{len(unfit):,} of {len(plan.points):,} points cannot be played, and indices need every "
                         f"point; the first: point {number}: {error}", key="vary",
                         expected="ranges, or lists of values, in which every point can be played")  # fmt: skip


def terms_of(of: str, plans: Sequence[str]) -> tuple[str, ...]:
    """("a",) for a plan, ("a", "-", "b") for a difference, ("a", "/", "b") for a ratio."""
    of = of.strip()
    if of in plans:
        return (of,)
    for sign in ("-", "/"):
        parts = of.split(f" {sign} ")
        for place in range(1, len(parts)):
            sides = [f" {sign} ".join(part).strip() for part in (parts[:place], parts[place:])]
            if all(side in plans for side in sides) and sides[0] != sides[1]:
                return (sides[0], sign, sides[1])
    first = next((part for part in of.replace(" / ", " - ").split(" - ") if part.strip() not in plans), of)
    raise InputError("is not made of two plans of the scenario", key="of", value=of,
                     expected=f'one plan, "a - b" or "a / b" of {", ".join(plans)}',
                     nearest=nearest_match(first, plans))  # fmt: skip


def check_finished(now: Status, store: object) -> None:
    """Raise InputError where runs have failed or are left: an index needs every point."""
    if now.failed:
        first = now.errors[0]
        raise InputError(
            f"{now.failed:,} of {now.runs:,} runs failed, and indices need every point; the first: "
            f"point {first.point}, replicate {first.replicate}: {first.error}", key="vary",
            expected=f"ranges in which every point can be played; where it was the machine, `influence resume {store} "
            "--retry` does them again")  # fmt: skip
    if now.left:
        raise InputError(f"{now.left:,} of {now.runs:,} runs are not done yet", file=store,
                         expected=f"`influence resume {store}` first")  # fmt: skip


def analysed(study: Study, frame: pd.DataFrame, seed: int) -> Sensitivity:
    """The indices of each figure from a table as ``Store.frame`` gives it. seed: that of the study's runs.

    Raises InputError where a figure is undefined at some point, or the same at all of them.
    """
    terms = terms_of(study.of, list(frame["plan"].unique()))
    places = study.places(seed)
    replicates = int(frame["replicate"].max()) + 1
    figures = {}
    for figure in study.figures:
        mean, deviations = values_of(frame, figure, terms, len(places), replicates)
        _check_values(study, figure, mean)
        noise, unshared = noise_shares(mean, deviations)
        found = _sobol(study, mean, seed) if study.design == INDICES else _morris(study, places, mean, seed)
        main = "ST" if study.design == INDICES else "mu_star"
        ranked = dict(sorted(found.items(), key=lambda item: -item[1][main].value))
        figures[figure] = FigureIndices(figure, ranked, float(mean.mean()), float(mean.std()), noise, unshared)
    warnings = tuple(text for found in figures.values() for text in _warnings(study, found))
    return Sensitivity(study, seed, replicates, len(places), figures, warnings)


# --- what is looked at -------------------------------------------------------------------------------------


def values_of(
    frame: pd.DataFrame, figure: str, terms: Sequence[str], points: int, replicates: int
) -> tuple[Floats, Floats]:
    """The figure of what is looked at: its mean at each point (points,), and what each replicate adds to it.

    Rates and ratios are ratios of means; their replicates' parts (points, replicates) are linearised (delta method).
    """
    sides = [_plan_values(frame[frame["plan"] == plan], figure, points, replicates) for plan in terms[::2]]
    if len(sides) == 1:
        return sides[0]
    (a, of_a), (b, of_b) = sides
    if terms[1] == "-":
        return a - b, of_a - of_b
    return _ratio(a, of_a, b, of_b)


def _plan_values(rows: pd.DataFrame, figure: str, points: int, replicates: int) -> tuple[Floats, Floats]:
    def column(key: str) -> tuple[Floats, Floats]:
        values = np.full((points, replicates), np.nan)
        values[rows["point"].to_numpy(), rows["replicate"].to_numpy()] = rows[key].to_numpy(dtype=np.float64)
        mean = values.mean(axis=1)
        return mean, values - mean[:, None]

    metric = METRICS[figure]
    if metric.numerator is None or metric.denominator is None:
        return column(figure)
    mean, deviations = _ratio(*column(metric.numerator), *column(metric.denominator))
    return metric.scale * mean, metric.scale * deviations


def _ratio(top: Floats, of_top: Floats, bottom: Floats, of_bottom: Floats) -> tuple[Floats, Floats]:
    below = np.where(bottom > 0, bottom, np.nan)
    ratio = top / below
    return ratio, (of_top - ratio[:, None] * of_bottom) / below[:, None]


def noise_shares(mean: Floats, deviations: Floats) -> tuple[float | None, float | None]:
    """Variance of a point's mean as a share of the variance over points: of all luck, and of luck not shared by all.

    Luck that a replicate brings to every point alike is taken out of the second (the two-way table's remainder).
    """
    points, n = deviations.shape
    if n < 2:
        return None, None
    between = float(mean.var(ddof=1))
    unshared = deviations - deviations.mean(axis=0)
    shares = [(deviations**2).sum() / points / (n - 1) / n, (unshared**2).sum() / (points - 1) / (n - 1) / n]
    whole, rest = (float(share) / between for share in shares)
    return whole, rest


def _check_values(study: Study, figure: str, mean: Floats) -> None:
    """Raise InputError for what SALib would answer with zeros or nan."""
    undefined = np.flatnonzero(~np.isfinite(mean))
    if len(undefined):
        raise InputError(
            f"{figure} of {study.of} is undefined at {len(undefined):,} of {len(mean):,} points, the first being point "
            f"{undefined[0]}", key="figures",
            expected="figures that every point has, as reach; a plan that costs nothing has no return on money, and a "
            "ratio needs something above 0 below it")  # fmt: skip
    rows = mean
    if study.design == INDICES:
        size = len(study.axes) + 2
        rows = np.concatenate([mean[::size], mean[size - 1 :: size]])  # A and B, whose variance is shared out
    if np.ptp(rows) <= CONSTANT * np.abs(rows).max():
        raise InputError(f"{figure} of {study.of} is the same at all points: there is nothing to share out",
                         key="figures", value=float(rows[0]),
                         expected="another figure, or something in [vary] that moves it")  # fmt: skip


# --- indices -----------------------------------------------------------------------------------------------


def _problem(study: Study) -> dict[str, Any]:
    """As SALib wants it. Places are from 0 to 1, so that a Morris effect is that of an axis's whole range."""
    names = list(axis_names(study))
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _sobol(study: Study, mean: Floats, seed: int) -> dict[str, dict[str, Index]]:
    from SALib.analyze import sobol  # takes a while to import

    n = len(mean) // (len(study.axes) + 2)
    resamples = min(RESAMPLES, max(FEWEST_RESAMPLES, MOST_RESAMPLED // n))
    found = sobol.analyze(_problem(study), mean, calc_second_order=False, num_resamples=resamples,
                          seed=seed + 1)  # fmt: skip  # SALib takes 0 for no seed
    return {axis: {name: _index(found[name][place], found[f"{name}_conf"][place]) for name in ("S1", "ST")}
            for place, axis in enumerate(axis_names(study))}  # fmt: skip


def _morris(study: Study, places: Floats, mean: Floats, seed: int) -> dict[str, dict[str, Index]]:
    from SALib.analyze import morris

    found = morris.analyze(_problem(study), places, mean, num_levels=LEVELS, num_resamples=RESAMPLES, seed=seed + 1)
    return {axis: {"mu_star": _index(found["mu_star"][place], found["mu_star_conf"][place], least=0.0),
                   "mu": Index(float(found["mu"][place])), "sigma": Index(float(found["sigma"][place]))}
            for place, axis in enumerate(axis_names(study))}  # fmt: skip


def _index(value: float, half: float, least: float = -math.inf) -> Index:
    return Index(float(value), max(float(value - half), least), float(value + half))


def _warnings(study: Study, found: FigureIndices) -> list[str]:
    told = []
    if found.noise_share is None:
        told.append(
            f"{found.figure}: with one replicate, noise cannot be told from effects; replicates = 2 or more can"
        )
    elif found.noise_share > MOST_NOISE:
        assert found.unshared_share is not None
        told.append(f"{found.figure}: noise of the replicates is as large as {100 * found.noise_share:.3g} % of the "
                    f"variance over points ({100 * found.unshared_share:.3g} % without luck that all points share), "
                    "which intervals do not hold; more replicates make it less")  # fmt: skip
    if study.design == INDICES:
        half = max((one.high - one.low) / 2 for indices in found.indices.values() for one in indices.values()
                   if one.low is not None and one.high is not None)  # fmt: skip
        if half > WIDE:
            told.append(f"{found.figure}: intervals of up to ±{half:.2g}; more points make them narrower")
    return told
