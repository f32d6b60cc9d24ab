"""Many runs: replicates dealt over societies and over processes, kept as they finish.

A task is one replicate: its world is built once and every plan runs on it, so that plans share everything.
Results do not depend on the number of workers or on the order in which tasks finish.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.ahead import MOST_PARTS, compile_ahead
from sim.engine.compiling import is_compiled
from sim.engine.memory import check_fits
from sim.engine.simulate import DEFAULT_ENGINE, simulate
from sim.engine.staging import final_campaign
from sim.errors import InputError
from sim.pieces import Arrays, Pieces, Progress
from sim.record import Run
from sim.scenario.load import Scenario
from sim.society.overlap import audience_overlap, pair_overlaps, shared_followers
from sim.society.society import Society
from sim.society.world import World, build_world, society_and_digest
from sim.workers import Workers

MODEL_FILES = (
    "parameters.py", "platforms.py", "randomness.py", "rules.py", "record.py", "scenario", "society", "engine",
)  # fmt: skip

MOST_PAIRED = 12
"""Creators of a plan up to which the overlap of each two is kept: more make no table to read."""


@dataclass(frozen=True)
class PlanRun:
    """One plan in one replicate: what it brought and what it cost (the scenario's currency).

    spent, declined: what each creator was paid, and what was offered in vain, by handle.
    """

    run: Run
    cost: float
    posts: int
    spent: Mapping[str, float]
    declined: Mapping[str, float]


@dataclass(frozen=True)
class Overlap:
    """The overlap of the audiences of a plan's creators at work.

    together: see ``audience_overlap``. shared: by creator the share of its followers who follow another of them.
    paired: each creator with each, see ``pair_overlaps``, in the order of ``shared``; of more than MOST_PAIRED, empty.
    What was kept before one of these was counted is without it.
    """

    together: float | None = None
    shared: Mapping[str, float] = field(default_factory=dict)
    paired: Sequence[Sequence[float]] = ()


@dataclass(frozen=True)
class Replicate:
    """Every plan of a scenario on one world. overlap: by plan."""

    number: int
    world: int
    world_digest: str
    people: int
    plans: Mapping[str, PlanRun]
    overlap: Mapping[str, Overlap]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ensemble:
    """All replicates of a scenario, in order of their numbers."""

    scenario: Scenario
    replicates: tuple[Replicate, ...]
    engine: str

    @property
    def plan_names(self) -> tuple[str, ...]:
        return tuple(plan.name for plan in self.scenario.plans)

    def runs(self, plan: str) -> list[PlanRun]:
        """The runs of one plan, by replicate."""
        return [replicate.plans[plan] for replicate in self.replicates]

    @property
    def worlds(self) -> list[int]:
        """Number of the society of each replicate."""
        return [replicate.world for replicate in self.replicates]


def run_ensemble(
    scenario: Scenario,
    *,
    engine: str = DEFAULT_ENGINE,
    workers: int | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
    before: Sequence[Replicate] = (),
) -> Ensemble:
    """Run every replicate of a scenario.

    workers: processes (default: one a core; 1 stays in this process). folder: finished replicates are kept
    there and not computed again; before: replicates that are at hand already. Raises Interrupted on Ctrl-C, with what
    was finished kept.
    """
    numbers, pieces = range(scenario.run.replicates), _pieces(folder)
    done = {replicate.number: replicate for replicate in before}
    done |= pieces.finished([number for number in numbers if number not in done])
    missing = [number for number in numbers if number not in done]
    order = sorted(missing, key=lambda number: (number % scenario.worlds, number))
    check_fits(scenario, workers, engine, len(order))
    with pieces.stoppable(done, len(numbers)), Workers[Replicate](workers, len(order)) as crew:
        if order:
            compile_first(crew, engine)
        pieces.complete(done, order, partial(_numbered, scenario, engine), crew, progress)
    return Ensemble(scenario, tuple(done[number] for number in numbers), engine)


def compile_first(crew: Workers[Any], engine: str = DEFAULT_ENGINE) -> None:
    """Compile the kernel where that has not been done, in as many of the processes at once as are of use."""
    if engine == "kernel" and not is_compiled():
        crew.all_at_once([partial(compile_ahead, part, crew.n) for part in range(min(crew.n, MOST_PARTS))])


def kept_ensemble(scenario: Scenario, folder: Path, engine: str = DEFAULT_ENGINE) -> Ensemble:
    """The ensemble that ``run_ensemble`` kept in ``folder``. Raises InputError where a replicate is missing."""
    numbers = range(scenario.run.replicates)
    done = _pieces(folder).finished(numbers)
    if len(done) < len(numbers):
        raise InputError(f"{len(numbers) - len(done)} of {len(numbers)} replicates are missing", file=folder,
                         expected="a finished comparison; the same `influence compare` completes it")  # fmt: skip
    return Ensemble(scenario, tuple(done[number] for number in numbers), engine)


def run_replicate(scenario: Scenario, number: int, engine: str = DEFAULT_ENGINE) -> Replicate:
    """Every plan of the scenario on the world of one replicate."""
    index = number % scenario.worlds
    society, digest = _society(_SocietyKey(scenario, index))
    return run_plans(scenario, build_world(scenario, number, society), number, digest, engine)


def run_plans(scenario: Scenario, world: World, number: int, digest: str, engine: str = DEFAULT_ENGINE) -> Replicate:
    """Every plan of the scenario on this world. digest: that of the world's society."""
    plans, overlaps = {}, {}
    for plan in scenario.plans:
        campaign = final_campaign(scenario, plan, world, number, engine)
        run = simulate(world, campaign, scenario.rates, scenario.run.seed, number, engine=engine, threads=1)
        spent = {world.handles[creator]: money for creator, money in campaign.spending(run).items()}
        plans[plan.name] = PlanRun(run, campaign.cost(run), campaign.n_posts, spent, campaign.bill.declined)
        overlaps[plan.name] = _overlap(world, campaign.creators)
    index = number % scenario.worlds
    return Replicate(number, index, digest, world.n_people, plans, overlaps, world.warnings)


def _overlap(world: World, creators: Sequence[int]) -> Overlap:
    audiences, handles = [world.audience_of(one) for one in creators], [world.handles[one] for one in creators]
    shared = dict(zip(handles, shared_followers(audiences, world.n_people), strict=True))
    paired = pair_overlaps(audiences, world.n_people).tolist() if len(creators) <= MOST_PAIRED else []
    return Overlap(audience_overlap(audiences), shared, paired)


def model_hash() -> str:
    """A hash of the sources that decide results."""
    return sources_hash(MODEL_FILES)


@lru_cache(maxsize=2)
def sources_hash(names: tuple[str, ...] = ("",)) -> str:
    """A hash of these files and folders of the package (default: all of it)."""
    root, state = Path(__file__).parent, hashlib.sha256()
    for name in names:
        path = root / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            state.update(file.relative_to(root).as_posix().encode() + file.read_bytes())
    return state.hexdigest()[:12]


class _SocietyKey:
    """Identity of a society within one process: the settings that decide it."""

    def __init__(self, scenario: Scenario, index: int) -> None:
        self.scenario, self.index = scenario, index
        contents = scenario.contents()
        parts = {key: contents[key] for key in ("market", "society", "parameters", "graph")}
        self.key = (repr(parts), scenario.run.seed, index)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SocietyKey) and self.key == other.key


@lru_cache(maxsize=1)
def _society(key: _SocietyKey) -> tuple[Society, str]:
    return society_and_digest(key.scenario, key.index)


def _numbered(scenario: Scenario, engine: str, number: int) -> Replicate:
    return run_replicate(scenario, number, engine)


# --- what is kept of an unfinished ensemble ----------------------------------------------------------------


def _pieces(folder: Path | None) -> Pieces[Replicate]:
    return Pieces(folder, "replicate", _arrays, _replicate)


def _arrays(replicate: Replicate) -> Arrays:
    arrays: Arrays = {
        "world": np.array([replicate.world]),
        "world_digest": np.array([replicate.world_digest]),
        "people": np.array([replicate.people]),
        "plans": np.array(list(replicate.plans), dtype=np.str_),
        "warnings": np.array(list(replicate.warnings), dtype=np.str_),
        "cost": np.array([plan.cost for plan in replicate.plans.values()]),
        "posts": np.array([plan.posts for plan in replicate.plans.values()]),
        "money": np.array(
            [
                json.dumps([plan.spent, plan.declined, replicate.overlap[name].shared, replicate.overlap[name].paired])
                for name, plan in replicate.plans.items()
            ]
        ),
        "overlap": np.array([np.nan if o.together is None else o.together for o in replicate.overlap.values()]),
    }
    for position, plan in enumerate(replicate.plans.values()):
        arrays |= {f"{position}/{key}": column for key, column in plan.run.to_arrays().items()}
    return arrays


def _replicate(number: int, arrays: Arrays) -> Replicate:
    names = [str(name) for name in arrays["plans"]]
    plans, overlaps = {}, {}
    for position, name in enumerate(names):
        prefix = f"{position}/"
        columns = {key.removeprefix(prefix): column for key, column in arrays.items() if key.startswith(prefix)}
        spent, declined, *more = json.loads(str(arrays["money"][position]))
        plans[name] = PlanRun(Run.from_arrays(columns), float(arrays["cost"][position]),
                              int(arrays["posts"][position]), spent, declined)  # fmt: skip
        together = float(arrays["overlap"][position])
        overlaps[name] = Overlap(None if np.isnan(together) else together, *more)
    return Replicate(number, int(arrays["world"][0]), str(arrays["world_digest"][0]), int(arrays["people"][0]), plans,
                     overlaps, tuple(str(warning) for warning in arrays["warnings"]))  # fmt: skip
