"""A sweep: the runs of a study that a store does not have yet, over processes, each kept as it finishes.

What a run brings does not depend on the number of processes, on the order of runs or on where a sweep was stopped.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sim.engine.memory import check_fits
from sim.engine.simulate import DEFAULT_ENGINE
from sim.ensemble import Ensemble, compile_first
from sim.errors import InputError, Interrupted, WorkerDied
from sim.pieces import Progress
from sim.results.measures import METRICS, PlanTotals, plan_totals
from sim.studies.planned import Planned, Task, error_text, planned
from sim.studies.shared_worlds import play
from sim.studies.store import Store
from sim.studies.store_writing import Played, Writer, writing
from sim.workers import Workers

MOST_DEATHS = 2
"""Times that a run may take its process down before it counts as failed."""
DIED = "its process was killed twice, most often for want of memory"
MEASURED, ENOUGH_SECONDS = 3, 10.0
"""Places along a study where an estimate measures a run, unless so many seconds have passed."""


def sweep(
    plan: Planned, path: Path, *, engine: str = DEFAULT_ENGINE, workers: int | None = 1,
    progress: Progress | None = None, retry: bool = False,
) -> Store:  # fmt: skip
    """Play what is left of a study into its store, which is begun where there is none.

    workers: processes (None: one a core). retry: play failed runs again. A run that cannot be done is kept with its
    error. Raises Interrupted on Ctrl-C; every finished run is in the store then, as after a crash.
    """
    with writing(path, plan) as writer:
        if retry:
            writer.forget_failed()
        left = len(plan.tasks(writer.finished()))
        check_memory(plan, workers, engine, left)
        if left:
            writer.begin(Workers[Played](workers, left).n)
        try:
            _play_all(plan, writer, engine, workers, progress)
        except KeyboardInterrupt:
            done = Store(path).status()
            told = f"stopped; {done.done + done.failed:,} of {done.runs:,} runs are kept"
            raise Interrupted(f"{told}; `influence resume {path}` goes on") from None
    return Store(path)


def resume(
    path: Path, *, engine: str = DEFAULT_ENGINE, workers: int | None = 1, progress: Progress | None = None,
    retry: bool = False,
) -> Store:  # fmt: skip
    """Go on with the study of a store, as it was when it was begun."""
    return sweep(planned(Store(path).study), path, engine=engine, workers=workers, progress=progress, retry=retry)


def check_memory(plan: Planned, workers: int | None, engine: str, runs: int) -> None:
    """Raise InputError where some point needs more memory than is free."""
    sizes = {}
    for point in plan.points:
        if point.error is None:
            scenario = point.scenario()
            sizes[scenario.people, scenario.society.peer_ties, scenario.run.days, scenario.market.population] = scenario
    for scenario in sizes.values():
        check_fits(scenario, workers, engine, runs)


def seconds_a_run(plan: Planned, engine: str) -> float:
    """What a run takes in this process: the mean over a few places along the study, in the order of playing.

    At each place two neighbours are played and the second counts, which finds there what it would in a sweep.
    """
    tasks = [task for task in plan.tasks() if task.point.error is None]
    begun, taken = time.monotonic(), list[float]()
    for place in range(MEASURED):
        first = place * max(0, len(tasks) - 2) // (MEASURED - 1)
        neighbours = [played_task(plan.columns, engine, task) for task in tasks[first : first + 2]]
        taken += [played.seconds for played in neighbours[-1:] if played.error is None]
        if taken and time.monotonic() - begun > ENOUGH_SECONDS:
            break
    return sum(taken) / len(taken) if taken else math.nan


def _play_all(plan: Planned, writer: Writer, engine: str, workers: int | None, progress: Progress | None) -> None:
    deaths, begun = Counter[str](), time.monotonic()
    count, total = 0, len(plan.tasks(writer.finished()))

    def kept(played: Played) -> None:
        nonlocal count
        writer.add(played)
        count += 1
        if progress is not None:
            progress(count, total, time.monotonic() - begun)

    while tasks := plan.tasks(writer.finished()):
        try:
            _play(tasks, partial(played_task, plan.columns, engine), engine, workers, kept)
        except WorkerDied as death:
            task = death.piece
            assert isinstance(task, Task)
            deaths[task.run.digest] += 1
            if deaths[task.run.digest] >= MOST_DEATHS:
                kept(Played(task.run.digest, 0.0, error=DIED))


def _play(
    tasks: list[Task], work: Callable[[Task], Played], engine: str, workers: int | None, kept: Callable[[Played], None]
) -> None:
    with Workers[Played](workers, len(tasks)) as crew:
        compile_first(crew, engine)
        for played in crew.each(work, tasks, helping=True):
            kept(played)


def played_task(columns: tuple[str, ...], engine: str, task: Task) -> Played:
    """One run, whatever comes of it."""
    began = time.monotonic()
    if task.point.error is not None:
        return Played(task.run.digest, 0.0, error=task.point.error)
    rows, error = [], None
    try:
        scenario = task.point.scenario()
        replicate = play(scenario, task.run.replicate, engine, once=task.point.once)
        ensemble = Ensemble(scenario, (replicate,), engine)
        rows = [(plan, _kept(plan_totals(ensemble, plan), columns)) for plan in ensemble.plan_names]
    except InputError as problem:
        error = error_text(problem)
    except MemoryError:
        error = "not enough memory; fewer people, or fewer --workers, need less"
    except Exception as problem:  # whatever it is, the other runs go on
        error = f"{type(problem).__name__}: {problem}"
    return Played(task.run.digest, time.monotonic() - began, tuple(rows), error)


def _kept(totals: PlanTotals, columns: tuple[str, ...]) -> tuple[float | None, ...]:
    found = (totals.by_replicate(METRICS[key]) if key in METRICS else totals.of(key) for key in columns)
    numbers = (float(column[0]) for column in found)
    return tuple(number if math.isfinite(number) else None for number in numbers)
