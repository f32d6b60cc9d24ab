"""What a study comes to: every run with its scenario resolved, and a digest of all that decides it."""

from __future__ import annotations

import hashlib
import json
import pickle
import zlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from sim.ensemble import model_hash
from sim.errors import InputError, InputErrors
from sim.results.measures import METRICS
from sim.scenario.library import find
from sim.scenario.load import Scenario, load
from sim.studies.shared_worlds import audience_key, society_key
from sim.studies.study import Study, Value


@dataclass(frozen=True)
class PlannedRun:
    """One point in one replicate, all plans. Runs of equal points have equal digests and are played once."""

    point: int
    replicate: int
    digest: str


@dataclass(frozen=True)
class Point:
    """The scenario of one point, packed, or why it cannot be run.

    once: its society is not the study's usual one. nearness: what its worlds depend on, replicate by replicate.
    """

    values: tuple[Value, ...]
    packed: bytes
    error: str | None
    once: bool = False
    nearness: tuple[tuple[int, int], ...] = ()

    def scenario(self) -> Scenario:
        """The scenario, with the booked creators only."""
        read: Scenario = pickle.loads(zlib.decompress(self.packed))
        return read


@dataclass(frozen=True)
class Task:
    """A run to be played."""

    run: PlannedRun
    point: Point


@dataclass(frozen=True)
class Planned:
    """A study with all of its points and runs, by point and replicate. base: the scenario where nothing varies."""

    study: Study
    model: str
    base: Scenario
    points: tuple[Point, ...]
    runs: tuple[PlannedRun, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """What is kept of each plan and run: the figures, and the totals that rates among them are made of."""
        return kept_columns(self.study)

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits: same digest, same rows."""
        contents = [self.study.keys, [point.values for point in self.points], self.columns, self.model,
                    [run.digest for run in self.runs]]  # fmt: skip
        return _hash(contents, 12)

    def tasks(self, finished: Collection[str] = ()) -> list[Task]:
        """The runs that are left, those of one world side by side."""
        left = {run.digest: run for run in reversed(self.runs) if run.digest not in finished}
        tasks = [Task(run, self.points[run.point]) for run in left.values()]

        def place(task: Task) -> Any:
            number, near = task.run.replicate, task.point.nearness
            society, audiences = near[number] if near else (-1, -1)
            return society, number, audiences, task.run.point

        return sorted(tasks, key=place)


def kept_columns(study: Study) -> tuple[str, ...]:
    """The study's figures, then the numerators and denominators of rates that are not among them."""
    totals = [total for key in study.figures for total in (METRICS[key].numerator, METRICS[key].denominator) if total]
    return tuple(dict.fromkeys([*study.figures, *totals]))


def planned(study: Study) -> Planned:
    """Resolve every point. A point that cannot be resolved has its error; InputError where none can be."""
    path, model = find(study.scenario), model_hash()
    base = load(path, study.settings, **study.options)
    points, runs, first = list[Point](), list[PlannedRun](), None
    for values in study.points(base.run.seed):
        try:
            scenario = load(path, study.overrides(values), **study.options)
            point, digests = _resolved(scenario, base, values), _run_digests(scenario, model)
        except InputError as error:
            first = first or error
            point = Point(values, b"", error_text(error))
            left = _hash([study.overrides(values), study.options, point.error, model], 64)
            digests = [_hash([left, number], 16) for number in range(base.run.replicates)]
        runs += [PlannedRun(len(points), number, digest) for number, digest in enumerate(digests)]
        points.append(point)
    if first is not None and all(point.error for point in points):
        raise first
    return Planned(study, model, base, tuple(points), tuple(runs))


def run_contents(scenario: Scenario) -> dict[str, Any]:
    """What decides all runs of a scenario: as for a comparison, whatever the number of replicates."""
    contents = replace(scenario, graph=None).contents()
    for table, key in (("run", "replicates"), ("society", "worlds")):
        contents[table] = {name: value for name, value in contents[table].items() if name != key}
    return {**contents, "graph": None if scenario.graph is None else _file_hash(scenario.graph)}


def error_text(error: InputError) -> str:
    """An error's words on one line, without the file, which may lie elsewhere on another machine."""
    problems = error.problems if isinstance(error, InputErrors) else [error]
    for problem in problems:
        problem.file = None
    return "; ".join(" ".join(str(problem).split()) for problem in problems)


def _run_digests(scenario: Scenario, model: str) -> list[str]:
    """The digest of each replicate: of the resolved scenario (seed included), the replicate, its world, the model."""
    contents = _hash(run_contents(scenario), 64)
    numbers = range(scenario.run.replicates)
    return [_hash([contents, number, number % scenario.worlds, model], 16) for number in numbers]


def _resolved(scenario: Scenario, base: Scenario, values: tuple[Value, ...]) -> Point:
    slim = replace(scenario, creators={spec.handle: spec for spec in scenario.booked}, origins={}, question="")
    numbers = range(scenario.run.replicates)
    audiences = _short(audience_key(scenario))
    nearness = {world: _short(society_key(scenario, world)) for world in range(scenario.worlds)}
    once = society_key(scenario, 0) != society_key(base, 0)
    return Point(values, zlib.compress(pickle.dumps(slim)), None, once,
                 tuple((nearness[number % scenario.worlds], audiences) for number in numbers))  # fmt: skip


def _short(key: object) -> int:
    return int(hashlib.sha256(repr(key).encode()).hexdigest()[:12], 16)


def _hash(contents: object, digits: int) -> str:
    return hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()[:digits]


@lru_cache(maxsize=4)
def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
