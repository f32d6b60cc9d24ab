"""The simulations of a calibration: the observed campaigns, or the scenario's plans, at points of the parameters.

Every simulation is one replicate with its own luck: creators' qualities, audiences, coins. Of the counts that a real
campaign shows, the simulated ones are Poisson draws about the run's expected figures, in real people: an agent stands
for many people, and counts of agents would be far noisier than counts of people.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.ensemble import Ensemble, Replicate, compile_first
from sim.errors import InputError
from sim.pieces import Arrays, Pieces, Progress
from sim.randomness import Stream, fixed_hash, uniforms
from sim.results.measures import METRICS, plan_totals
from sim.rules import FIXED_POINT
from sim.scenario.load import Scenario
from sim.scenario.observed import FIGURES
from sim.scenario.plans import NONE
from sim.studies.calibrate_asked import Asked, Campaign
from sim.studies.shared_worlds import play
from sim.workers import Workers

Floats = NDArray[np.float64]
PREDICTED = ("reach", "engagements", "incremental_conversions", "roi")
"""Figures of the scenario's plans that are predicted."""
Resolve = Callable[[Mapping[str, float]], Scenario]
"""The scenario with these parameters."""


@dataclass(frozen=True)
class Found:
    """What one simulation brought: a table."""

    number: int
    table: Floats


def expected_figures(asked: Asked, replicate: Replicate) -> Floats:
    """Of each campaign (rows, FIGURES): money, people reached, and expected engagements, clicks and orders after a
    click, in real people.
    """
    rows = []
    for one in asked.campaigns:
        planned = replicate.plans[one.plan]
        run, at = planned.run, planned.run.handles.index(one.handle)
        weight = run.people_per_agent
        counts = [weight * int(run.by_creator[name][at]) / FIXED_POINT
                  for name in ("engagements_expected", "clicks_expected", "attributed_expected")]  # fmt: skip
        rows.append([planned.spent[one.handle], weight * int(run.by_creator["reach"][at]), *counts])
    return np.array(rows, dtype=np.float64)


def drawn_figures(asked: Asked, expected: Floats, number: int) -> Floats:
    """What would be observed: engagements, orders and clicks without an order are Poisson draws of real people."""
    from scipy.stats import poisson  # takes a while to import

    addresses = np.array([_address(one) for one in asked.campaigns])
    u = uniforms(asked.runs.run.seed, number, Stream.OBSERVATION, post=addresses)
    figures = expected.copy()
    engagements, clicks, orders = (FIGURES.index(name) for name in ("engagements", "clicks", "orders"))
    figures[:, engagements] = poisson.ppf(u[0], expected[:, engagements])
    figures[:, orders] = poisson.ppf(u[1], expected[:, orders])
    without = np.maximum(expected[:, clicks] - expected[:, orders], 0.0)
    figures[:, clicks] = figures[:, orders] + poisson.ppf(u[2], without)
    return figures


def _address(one: Campaign) -> int:
    return fixed_hash(f"observed|{one.handle}|{one.plan}", bits=32)


def simulated(asked: Asked, values: Mapping[str, float], number: int, engine: str) -> Floats:
    """The observed figures of one simulation (rows, FIGURES)."""
    scenario = replace(asked.runs, rates=replace(asked.runs.rates, **values))
    return drawn_figures(asked, expected_figures(asked, play(scenario, number, engine)), number)


def _at_point(asked: Asked, engine: str, first: int, points: Sequence[Mapping[str, float]], number: int) -> Found:
    return Found(number, simulated(asked, points[number - first], number, engine))


def predicted(scenario: Scenario, number: int, engine: str) -> Floats:
    """Figures of the scenario's plans in one replicate (plans, PREDICTED), without "none"; nan where undefined."""
    ensemble = Ensemble(scenario, (play(scenario, number, engine),), engine)
    plans = [plan for plan in ensemble.plan_names if plan != NONE]
    rows = [[plan_totals(ensemble, plan).by_replicate(METRICS[key])[0] for key in PREDICTED] for plan in plans]
    return np.array(rows, dtype=np.float64).reshape(len(plans), len(PREDICTED))


def _predicted(scenarios: Sequence[Scenario], engine: str, number: int) -> Found:
    try:
        return Found(number, predicted(scenarios[number], number, engine))
    except InputError:  # a roster's engagement rate that no quality gives with so little reach
        plans = len(scenarios[number].plans) - 1
        return Found(number, np.full((plans, len(PREDICTED)), math.nan))


class Bench:
    """Runs simulations in this process or in several, and keeps them. A context manager.

    folder: finished ones are kept there (None: nowhere); progress: told (done, all, seconds) of each batch.
    """

    def __init__(
        self, asked: Asked, engine: str, workers: int | None, folder: Path | None = None,
        progress: Callable[[str], Progress | None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.asked, self.engine, self.folder, self.progress = asked, engine, folder, progress
        self.crew = Workers[Found](workers, sum(asked.sizes.waves))

    def __enter__(self) -> Bench:
        self.crew.__enter__()
        compile_first(self.crew, self.engine)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.crew.__exit__(kind, error, at)

    def figures(self, name: str, first: int, points: Floats) -> Floats:
        """The observed campaigns simulated at points of the unit cube (n, axes): (n, rows, FIGURES).

        first: the replicate of the first point, those of the others follow.
        """
        values = [self.asked.values(point) for point in points]
        work = partial(_at_point, self.asked, self.engine, first, values)
        return self._all(name, range(first, first + len(points)), self.asked.runs.worlds, work)

    def predictions(self, name: str, scenarios: Sequence[Scenario]) -> Floats:
        """The plans of each scenario, in the replicate of its place: (scenarios, plans, PREDICTED)."""
        work = partial(_predicted, tuple(scenarios), self.engine)
        return self._all(name, range(len(scenarios)), scenarios[0].worlds, work)

    def _all(self, name: str, numbers: Sequence[int], worlds: int, work: Callable[[int], Found]) -> Floats:
        pieces = Pieces[Found](None if self.folder is None else self.folder / name, "replicate", _arrays, _found)
        done = pieces.finished(numbers)
        missing = sorted((n for n in numbers if n not in done), key=lambda number: (number % worlds, number))
        with pieces.stoppable(done, len(numbers)):
            pieces.complete(done, missing, work, self.crew, self.progress(name))
        return np.array([done[number].table for number in numbers])


def _arrays(found: Found) -> Arrays:
    return {"table": found.table}


def _found(number: int, arrays: Mapping[str, NDArray[Any]]) -> Found:
    return Found(number, arrays["table"])
