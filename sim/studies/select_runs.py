"""Many sets of creators on the same worlds: a replicate's world is built once, with all candidates, and kept.

Each process keeps the worlds of its replicates as long as it lives. A set is simulated on its replicate's world with
no others in it, which gives the same figures as a comparison in which it is a plan: draws are addressed by creator.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.ensemble import Ensemble, Overlap, PlanRun, Replicate, compile_first, run_plans
from sim.errors import Interrupted
from sim.pieces import Progress
from sim.randomness import fixed_hash
from sim.results.measures import plan_totals
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE, Plan
from sim.society.world import World, build_world
from sim.studies.candidates import Asked
from sim.studies.greedy import Set
from sim.studies.shared_worlds import society_at_hand
from sim.workers import Workers

Floats = NDArray[np.float64]
TOTALS = ("reach", "engagements", "clicks", "incremental_conversions", "profit", "cost")
"""What is kept of each run."""
AT_A_TIME = 64
"""Sets given to a process at once."""


def choosing_scenario(question: Asked) -> Scenario:
    """The scenario that the choice is made on: other seeds than the answer's, and each candidate alone as a plan."""
    seed = question.scenario.run.seed
    other = (seed + 1 + fixed_hash(f"choosing|{seed}", bits=31)) % (1 << 32)
    run = question.scenario.run.model_copy(update={"seed": other})
    plans = [question.plan(one.handle, (one.handle,)) for one in question.candidates]
    moved = replace(question.scenario, run=run).with_replicates(question.choosing)
    return question.with_plans(moved, plans)


@dataclass(frozen=True)
class Found:
    """What one replicate brought."""

    number: int
    values: Floats


@dataclass
class Bench:
    """Within one process: the candidates' scenario, and the worlds built so far with their runs of "none"."""

    question: Asked
    scenario: Scenario
    engine: str
    worlds: dict[int, tuple[World, str, PlanRun]] = field(default_factory=dict)

    def world(self, number: int) -> tuple[World, str, PlanRun]:
        if number not in self.worlds:
            society, digest = society_at_hand(self.scenario, number)
            world = build_world(self.scenario, number, society)
            none = self._run(Plan(NONE, ()), world.only(()), number, digest)
            self.worlds[number] = (world, digest, none)
        return self.worlds[number]

    def _run(self, plan: Plan, world: World, number: int, digest: str) -> PlanRun:
        alone = replace(self.scenario, plans=(plan,))
        return run_plans(alone, world, number, digest, self.engine).plans[plan.name]

    def totals(self, sets: Sequence[tuple[str, ...]], number: int) -> Found:
        """Shape (sets, TOTALS)."""
        world, digest, none = self.world(number)
        rows = []
        for handles in sets:
            plan = self.question.plan("set", handles)
            run = self._run(plan, world.only(handles), number, digest) if handles else none
            rows.append(self._row(run, none, world, number, digest))
        return Found(number, np.array(rows, dtype=np.float64).reshape(len(sets), len(TOTALS)))

    def _row(self, run: PlanRun, none: PlanRun, world: World, number: int, digest: str) -> list[float]:
        both = {NONE: none, "set": run}
        replicate = Replicate(number, 0, digest, world.n_people, both, dict.fromkeys(both, Overlap()))
        values = plan_totals(Ensemble(self.scenario, (replicate,), self.engine), "set").values
        return [float(values[name][0]) for name in TOTALS]

    def rates(self, number: int) -> Found:
        """Engagement rate expected of each candidate, in the question's order."""
        world = self.world(number)[0]
        place = {handle: at for at, handle in enumerate(world.handles)}
        return Found(number, np.array([world.engagement_rate[place[one.handle]] for one in self.question.candidates]))

    def overlaps(self, order: Sequence[str], number: int) -> Found:
        """Share of each one's followers who follow one of those before it, too."""
        world = self.world(number)[0]
        seen, shares = np.zeros(world.n_people, dtype=np.bool_), []
        for handle in order:
            audience = world.audience_of(world.index_of(handle))
            shares.append(float(seen[audience].mean()) if len(audience) else 0.0)
            seen[audience] = True
        return Found(number, np.array(shares))


_benches: dict[str, Bench] = {}
"""What this process keeps, by the name of the trials that it belongs to."""


def _remember(name: str, bench: Bench) -> None:
    _benches[name] = bench


def _asked_of(name: str, what: str, arguments: Any, number: int) -> Found:
    bench = _benches[name]
    if what == "rates":
        return bench.rates(number)
    return bench.totals(arguments, number) if what == "totals" else bench.overlaps(arguments, number)


class Trials:
    """Runs sets on the worlds of the choice, in this process or in several. A context manager.

    progress: told (sets run, sets asked for at once, seconds).
    """

    def __init__(self, question: Asked, engine: str, workers: int | None, progress: Progress | None = None) -> None:
        self.question, self.scenario, self.engine = question, choosing_scenario(question), engine
        self.progress, self.known = progress, dict[Set, Floats]()
        self.crew = Workers[Found](workers, self.scenario.run.replicates)
        self.name = f"trials {id(self)}"

    def __enter__(self) -> Trials:
        self.crew.__enter__()
        compile_first(self.crew, self.engine)
        bench = Bench(self.question, self.scenario, self.engine)
        self.crew.all_at_once([partial(_remember, self.name, bench)] * self.crew.n)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _benches.pop(self.name, None)
        self.crew.__exit__(kind, error, at)

    def totals(self, sets: Sequence[Set]) -> list[Floats]:
        """Of each set the totals by replicate, shape (replicates, TOTALS); a set is run once."""
        new, started = [one for one in dict.fromkeys(sets) if one not in self.known], time.monotonic()
        for low in range(0, len(new), AT_A_TIME):
            some = new[low : low + AT_A_TIME]
            found = self._each("totals", tuple(tuple(sorted(one)) for one in some))
            self.known.update((one, found[:, place, :]) for place, one in enumerate(some))
            if self.progress is not None and len(new) > 1:
                self.progress(low + len(some), len(new), time.monotonic() - started)
        return [self.known[one] for one in sets]

    def engagement_rates(self) -> Floats:
        """Mean over the replicates, by candidate."""
        return np.asarray(self._each("rates", ()).mean(axis=0))

    def overlaps(self, order: Sequence[str]) -> Floats:
        """Mean over the replicates, by place in the order."""
        return np.asarray(self._each("overlaps", tuple(order)).mean(axis=0))

    def _each(self, what: str, arguments: Any) -> Floats:
        numbers = range(self.scenario.run.replicates)
        work: Callable[[int], Found] = partial(_asked_of, self.name, what, arguments)
        try:
            found = {one.number: one.values for one in self.crew.each(work, numbers)}
        except KeyboardInterrupt:
            raise Interrupted("stopped while choosing; nothing of the choice is kept") from None
        return np.array([found[number] for number in numbers])
