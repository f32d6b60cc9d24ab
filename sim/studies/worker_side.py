"""What a worker of a cluster is asked: which versions it has, whether a study fits into its memory, to play a run."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from sim.engine.ahead import compile_ahead
from sim.engine.compiling import is_compiled
from sim.engine.memory import check_fits
from sim.ensemble import sources_hash
from sim.errors import InputError
from sim.scenario.load import Scenario
from sim.studies.planned import Task
from sim.studies.store_writing import Played

LIBRARIES = ("numpy", "numba", "pydantic")
"""Libraries that decide what a run brings, or how a scenario travels."""
MISSING = "missing"

Versions = dict[str, str]
"""What must be the same at both ends, by name; given graphs are among it by their paths."""


@dataclass(frozen=True)
class Refused:
    """A run that a worker would not play, and why."""

    why: str


Answer = Played | Refused


def versions_here(graphs: tuple[Path, ...]) -> Versions:
    """What this process would play with: sources, Python, libraries, and the contents of the graphs that are read."""
    here = {"influence-sim": sources_hash(), "Python": ".".join(platform.python_version_tuple()[:2])}
    here |= {name: metadata.version(name) for name in LIBRARIES}
    return here | {str(graph): _contents(graph) for graph in graphs}


def difference(there: Versions, here: Versions) -> str | None:
    """What is another there than here, in words; None where nothing is."""
    unlike = [f"{name} {there.get(name, MISSING)} there, {here[name]} here" for name in here
              if there.get(name) != here[name]]  # fmt: skip
    return "; ".join(unlike) or None


def refusal(scenarios: Sequence[Scenario], engine: str, runs: int, processes: int) -> str | None:
    """Why so many processes of this machine have no room for one of these scenarios; None where they have."""
    for scenario in scenarios:
        try:
            check_fits(scenario, processes, engine, runs)
        except InputError as error:
            return error.message
    return None


def make_ready(engine: str) -> None:
    """Compile the kernel where this machine has not done so."""
    if engine == "kernel" and not is_compiled():
        compile_ahead(0, 1)


def played_there(work: Callable[[Task], Played], graphs: tuple[Path, ...], here: Versions, task: Task) -> Answer:
    """One run, unless this worker, which may have come later than the others, has not what the client has (here)."""
    why = difference(versions_here(graphs), here)
    return work(task) if why is None else Refused(why)


@lru_cache(maxsize=4)
def _contents(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    except OSError:
        return MISSING
