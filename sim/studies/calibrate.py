"""What observed campaigns say about the model's parameters, and what the scenario's plans bring with that known.

Each simulation is one replicate of the observed campaigns at one point of the parameters, with its own luck. A
posterior is inferred from waves of them (``calibrate_fit``), draws of it are held against the observation once more
(posterior predictive check), and the scenario's plans are played with others of its draws.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import InputError
from sim.parameters import PARAMETERS
from sim.scenario.load import Scenario
from sim.scenario.observed import FIGURES
from sim.scenario.plans import NONE
from sim.studies.calibrate_asked import Asked
from sim.studies.calibrate_fit import (
    Box,
    Surface,
    fitted_surface,
    narrowed,
    posterior,
    terms_of,
    wave_points,
    whole_box,
)
from sim.studies.calibrate_runs import PREDICTED, Bench, Resolve

Floats = NDArray[np.float64]
CONFIDENCE = 0.9
ENDS = (0.5 - CONFIDENCE / 2, 0.5, 0.5 + CONFIDENCE / 2)
"""Low end, median, high end of what is shown."""
TOLD = 0.7
"""A parameter is told by the data where its interval is at most this share of the prior's."""
TOGETHER = 0.8
"""Two parameters are known only together where the logs of their draws correlate so strongly."""
LEAD = "incremental_conversions"


class Estimate(NamedTuple):
    """One parameter: the scenario's value, prior range, posterior median and 90 % interval, all in its unit.

    share: width of the interval as a share of the prior's 90 % interval, both in logarithms.
    """

    name: str
    scenario: float
    prior_low: float
    prior_high: float
    median: float
    low: float
    high: float
    share: float
    told: bool


class Pair(NamedTuple):
    """Two parameters with the correlation of their logs."""

    a: str
    b: str
    correlation: float


class Check(NamedTuple):
    """One observed figure beside what the fitted model gives for it: median and 90 % band."""

    line: int
    campaign: str
    figure: str
    observed: float
    median: float
    low: float
    high: float

    @property
    def outside(self) -> bool:
        return not self.low <= self.observed <= self.high


class Band(NamedTuple):
    """Median and 90 % interval over runs; None where a figure is undefined."""

    median: float | None
    low: float | None
    high: float | None


class Prediction(NamedTuple):
    """A figure of one plan in one campaign: with the posterior's draws, and with the scenario's own values."""

    plan: str
    figure: str
    fitted: Band
    before: Band


class Lead(NamedTuple):
    """In how many of the runs plan a brings more extra orders than plan b, fitted and before."""

    a: str
    b: str
    fitted: int
    before: int
    runs: int


@dataclass(frozen=True)
class Calibration:
    """What was found. draws: of the posterior (draws, parameters), in units; population: agents of the campaigns.

    figures: simulated campaigns of the check (draws, rows, FIGURES).
    """

    asked: Asked
    draws: Floats
    estimates: tuple[Estimate, ...]
    pairs: tuple[Pair, ...]
    checks: tuple[Check, ...]
    predictions: tuple[Prediction, ...]
    leads: tuple[Lead, ...]
    simulations: int
    notes: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """One row a draw of the posterior, one column a parameter."""
        return pd.DataFrame(self.draws, columns=list(self.asked.names))

    @property
    def fitted(self) -> dict[str, float]:
        """Medians of the parameters that the data tell, alone or together with another; the rest stays as it was."""
        together = {name for pair in self.pairs for name in (pair.a, pair.b)}
        return {one.name: one.median for one in self.estimates if one.told or one.name in together}


def inferred(asked: Asked, bench: Bench, summaries: Floats) -> Floats:
    """Draws of the posterior (draws, axes), in the unit cube, after all waves."""
    return Waves(asked, bench).posterior(summaries)


@dataclass
class Waves:
    """The simulations so far, which several observations of the same campaigns may share. begun: the first wave's."""

    asked: Asked
    bench: Bench
    begun: tuple[Floats, Floats] | None = None

    def posterior(self, observed: Floats, name: str = "wave") -> Floats:
        """Draws for these observed summaries; name: of the folders in which later waves are kept."""
        names, sizes, seed = self.asked.names, self.asked.sizes.waves, self.asked.scenario.run.seed
        check_sizes(sizes, len(names))
        box, first = whole_box(len(names)), 0
        points, found = np.empty((0, len(names))), np.empty((0, len(observed)))
        draws = np.empty((0, len(names)))
        for wave, size in enumerate(sizes):
            if wave == 0 and self.begun is not None:
                points, found = self.begun
            else:
                new = wave_points(box, size, names, wave, seed)
                figures = self.bench.figures(f"{name}-{wave + 1}", first, new)
                points = np.vstack([points, new])
                found = np.vstack([found, [self.asked.summaries(table) for table in figures]])
            if wave == 0:
                self.begun = points, found
            draws = posterior(_surface(box, points, found), observed, names, seed)
            box, first = narrowed(box, draws), first + size
        return draws


def check_sizes(sizes: Sequence[int], axes: int) -> None:
    """Raise InputError where a wave has too few simulations for its surface."""
    fewest = 2 * terms_of(axes)
    if min(sizes) < fewest:
        raise InputError("too few simulations", key="waves", value=min(sizes), expected=f"{fewest} or more a wave")


def _surface(box: Box, points: Floats, found: Floats) -> Surface:
    inside = box.holds(points)
    return fitted_surface(box, points[inside], found[inside])


def calibrate(asked: Asked, bench: Bench, resolve: Resolve) -> Calibration:
    """Infer, check, predict. resolve: the user's scenario with some parameters set."""
    with bench:
        places = inferred(asked, bench, asked.summaries(asked.figures()))
        draws = np.array([list(asked.values(place).values()) for place in places])
        checked = _spread(len(places), asked.sizes.checked)
        figures = bench.figures("check", sum(asked.sizes.waves), places[checked])
        predictions, leads, notes = _predictions(asked, bench, resolve, draws)
    runs = sum(asked.sizes.waves) + len(checked) + (2 * asked.sizes.played if predictions else 0)
    return Calibration(
        asked, draws, _estimates(asked, draws), _pairs(asked, draws), _checks(asked, figures), predictions, leads,
        runs, (*asked.observed.notes, *asked.notes, *notes),
    )  # fmt: skip


def _spread(n: int, wanted: int) -> NDArray[np.int64]:
    """``wanted`` places among n, evenly."""
    return np.floor((np.arange(wanted) + 0.5) * n / wanted).astype(np.int64)


def _estimates(asked: Asked, draws: Floats) -> tuple[Estimate, ...]:
    found = []
    for name, axis, column in zip(asked.names, asked.axes, draws.T, strict=True):
        (low, high), (least, median, most) = axis.range, np.quantile(column, ENDS)
        share = float(np.log(most / least) / (CONFIDENCE * np.log(high / low)))
        own = float(getattr(asked.scenario.rates, name))
        found.append(Estimate(name, own, low, high, float(median), float(least), float(most), share, share <= TOLD))
    return tuple(found)


def _pairs(asked: Asked, draws: Floats) -> tuple[Pair, ...]:
    table = np.corrcoef(np.log(draws).T) if len(asked.names) > 1 else np.eye(1)
    pairs = itertools.combinations(range(len(asked.names)), 2)
    return tuple(Pair(asked.names[a], asked.names[b], float(table[a, b]))
                 for a, b in pairs if abs(table[a, b]) > TOGETHER)  # fmt: skip


def _checks(asked: Asked, figures: Floats) -> tuple[Check, ...]:
    observed, found = asked.figures(), []
    for row, one in enumerate(asked.campaigns):
        for at, name in enumerate(FIGURES):
            if np.isfinite(observed[row, at]):
                low, median, high = (float(end) for end in np.quantile(figures[:, row, at], ENDS))
                value = float(observed[row, at])
                found.append(Check(one.row.line, one.row.creator or one.handle, name, value, median, low, high))
    return tuple(found)


def _predictions(
    asked: Asked, bench: Bench, resolve: Resolve, draws: Floats
) -> tuple[tuple[Prediction, ...], tuple[Lead, ...], tuple[str, ...]]:
    """The scenario's plans, one replicate a draw, and the same replicates with the scenario's own values."""
    plans = [plan.name for plan in asked.scenario.plans if plan.name != NONE]
    if not plans or not asked.sizes.played:
        return (), (), ()
    some = draws[_spread(len(draws), asked.sizes.played)]
    fitted = [_slim(resolve(dict(zip(asked.names, map(float, draw), strict=True))), len(some)) for draw in some]
    after = bench.predictions("fitted", fitted)
    before = bench.predictions("before", [_slim(asked.scenario, len(some))] * len(some))
    told = tuple(Prediction(plan, key, _band(after[:, at, place]), _band(before[:, at, place]))
                 for at, plan in enumerate(plans) for place, key in enumerate(PREDICTED))  # fmt: skip
    failed = int(np.isnan(after[:, 0, 0]).sum())
    notes = () if not failed else (
        f"{failed} of {len(some)} draws could not be played: no quality gives an engagement rate of the roster",
    )  # fmt: skip
    return told, _leads(plans, after, before), notes


def _slim(scenario: Scenario, replicates: int) -> Scenario:
    """Without the creators that no plan books."""
    booked = {spec.handle: spec for spec in scenario.booked}
    return replace(scenario, creators=booked, origins={}, question="").with_replicates(replicates)


def _band(values: Floats) -> Band:
    defined = values[np.isfinite(values)]
    if not len(defined):
        return Band(None, None, None)
    low, median, high = (float(end) for end in np.quantile(defined, ENDS))
    return Band(median, low, high)


def _leads(plans: Sequence[str], after: Floats, before: Floats) -> tuple[Lead, ...]:
    """Each two plans, in the runs that both tables have."""
    place = PREDICTED.index(LEAD)
    both = np.isfinite(after[:, :, place]).all(axis=1)
    fitted, own = after[both][:, :, place], before[both][:, :, place]
    return tuple(
        Lead(plans[a], plans[b], int((fitted[:, a] > fitted[:, b]).sum()), int((own[:, a] > own[:, b]).sum()),
             int(both.sum()))
        for a, b in itertools.combinations(range(len(plans)), 2)
    )  # fmt: skip


def unit_of(name: str) -> str:
    """A parameter's unit."""
    return PARAMETERS[name].unit
