"""A sweep: the runs of a study that a store does not have yet, over processes or a cluster, each kept as it finishes.

What a run brings does not depend on the number of processes, on the order of runs or on where a sweep was stopped.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from sim.engine.memory import check_fits
from sim.engine.simulate import DEFAULT_ENGINE
from sim.ensemble import Ensemble, compile_first
from sim.errors import ClusterLost, InputError, Interrupted, WorkerDied
from sim.pieces import Progress
from sim.results.measures import METRICS, PlanTotals, plan_totals
from sim.scenario.load import Scenario
from sim.studies.cluster import Cluster, check_address
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
    progress: Progress | None = None, retry: bool = False, dask: str | None = None,
) -> Store:  # fmt: skip
    """Play what is left of a study into its store, which is begun where there is none.

    workers: processes (None: one a core). dask: the scheduler of a cluster that plays instead. retry: play failed runs
    again. A run that cannot be done is kept with its error. Raises Interrupted on Ctrl-C and ClusterLost where the
    cluster is; every finished run is in the store then, as after a crash.
    """
    if dask is not None:
        check_address(dask)
    with writing(path, plan) as writer:
        if retry:
            writer.forget_failed()
        left = len(plan.tasks(writer.finished()))
        try:
            with _players(plan, engine, workers, dask, left) as players:
                if left:
                    writer.begin(players.n)
                _play_all(plan, writer, players, progress)
        except KeyboardInterrupt:
            raise Interrupted(f"stopped; {_kept_so_far(path)}") from None
        except ClusterLost as lost:
            raise ClusterLost(f"{lost}; {_kept_so_far(path)}") from None
    return Store(path)


def resume(
    path: Path, *, engine: str = DEFAULT_ENGINE, workers: int | None = 1, progress: Progress | None = None,
    retry: bool = False, dask: str | None = None,
) -> Store:  # fmt: skip
    """Go on with the study of a store, as it was when it was begun; arguments as in ``sweep``."""
    plan = planned(Store(path).study)
    return sweep(plan, path, engine=engine, workers=workers, progress=progress, retry=retry, dask=dask)


def check_memory(plan: Planned, workers: int | None, engine: str, runs: int) -> None:
    """Raise InputError where some point needs more memory than is free."""
    for scenario in _sizes(plan):
        check_fits(scenario, workers, engine, runs)


def processes(plan: Planned, workers: int | None, engine: str, runs: int, dask: str | None = None) -> int:
    """How many processes would play so many runs, here or on a cluster. Raises InputError where it is not to be had."""
    with _players(plan, engine, workers, dask, runs) as players:
        return max(1, min(players.n, runs))


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


class Here:
    """Processes of this machine, or this process where n is 1."""

    def __init__(self, engine: str, workers: int | None, runs: int) -> None:
        self.engine, self.n = engine, Workers[Played](workers, runs).n

    def play(self, work: Callable[[Task], Played], tasks: Sequence[Task]) -> Generator[Played, None, None]:
        """Runs in the order in which they finish. Raises WorkerDied where one takes its process down."""
        with Workers[Played](self.n, len(tasks)) as crew:
            compile_first(crew, self.engine)
            yield from crew.each(work, tasks, helping=True)


@contextmanager
def _players(
    plan: Planned, engine: str, workers: int | None, dask: str | None, runs: int
) -> Iterator[Here | Cluster]:  # fmt: skip
    """Who plays so many runs; memory and, on other machines, versions are looked at first."""
    if dask is None or not runs:
        check_memory(plan, workers, engine, runs)
        yield Here(engine, workers, runs)
    else:
        with Cluster(dask, engine) as cluster:
            cluster.prepare(_sizes(plan), runs)
            yield cluster


def _sizes(plan: Planned) -> list[Scenario]:
    """A scenario of each size and graph that the points of a study have."""
    found = {}
    for point in plan.points:
        if point.error is None:
            one = point.scenario()
            found[one.people, one.society.peer_ties, one.run.days, one.market.population, one.graph] = one
    return list(found.values())


def _kept_so_far(path: Path) -> str:
    done = Store(path).status()
    return f"{done.done + done.failed:,} of {done.runs:,} runs are kept; `influence resume {path}` goes on"


def _play_all(plan: Planned, writer: Writer, players: Here | Cluster, progress: Progress | None) -> None:
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
            _play(tasks, partial(played_task, plan.columns, players.engine), players, kept)
        except WorkerDied as death:
            task = death.piece
            assert isinstance(task, Task)
            deaths[task.run.digest] += 1
            if deaths[task.run.digest] >= MOST_DEATHS:
                kept(Played(task.run.digest, 0.0, error=DIED))


def _play(
    tasks: list[Task], work: Callable[[Task], Played], players: Here | Cluster, kept: Callable[[Played], None]
) -> None:  # fmt: skip
    with closing(players.play(work, tasks)) as results:
        for played in results:
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
