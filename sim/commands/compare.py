"""``influence compare``, ``report`` and ``reproduce``."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from json import loads
from pathlib import Path

from sim.commands import REPLICATES, Output, about, check_engine, claim, folder_name
from sim.commands.finished import figures, finished, precision_of
from sim.engine.compiling import is_compiled
from sim.engine.memory import check_fits
from sim.engine.simulate import DEFAULT_ENGINE
from sim.ensemble import Ensemble, Replicate, kept_ensemble, run_ensemble
from sim.errors import InfluenceError
from sim.results.comparison import Runner
from sim.results.comparison import compare as compare_with
from sim.results.precision import check_precision, question_digest
from sim.results.summary import SCHEMA, summary, to_json
from sim.scenario.library import find
from sim.scenario.load import Scenario, load
from sim.society.world import check_audiences
from sim.views.console import print_comparison
from sim.views.files import write_outputs
from sim.views.progress import Progress


def compare(
    name: str,
    options: Mapping[str, int | None],
    overrides: Sequence[str],
    engine: str | None,
    workers: int | None,
    output: Output,
    precision: float | None = None,
) -> None:
    """Run, compare, write, print."""
    path, engine = find(name), check_engine(engine)
    asked = None if precision is None else check_precision(precision, "--precision")
    scenario = load(path, overrides, **options)
    digest = question_digest(scenario, asked)
    folder = output.folder(Path("results") / f"{folder_name(scenario.name)}-{digest}")
    with about(path):
        check_fits(scenario, workers, engine)
        check_audiences(scenario)
    if folder is not None:
        claim(folder, digest, overwrite=output.overwrite)
    if engine == "kernel" and not is_compiled():
        output.say("compiling the engine once, about half a minute…")
    with about(path):
        kept = None if folder is None else folder / REPLICATES
        comparison = compare_with(scenario, _runner("simulating", engine, workers, kept, quiet=output.quiet), asked)
    if folder is not None:
        write_outputs(comparison, folder)
    if output.json:
        sys.stdout.write(to_json(summary(comparison)))
    else:
        print_comparison(comparison, folder)


def _runner(task: str, engine: str, workers: int | None, folder: Path | None = None, *, quiet: bool) -> Runner:
    """Runs replicates with progress on stderr."""

    def run(scenario: Scenario, before: Sequence[Replicate]) -> Ensemble:
        up_to = f"{task} up to replicate {scenario.run.replicates:,}" if before else task
        with Progress(up_to, quiet=quiet) as progress:
            return run_ensemble(scenario, engine=engine, workers=workers, progress=progress, folder=folder,
                                before=before)  # fmt: skip

    return run


def report(folder: Path, json: bool) -> None:
    """Write a finished comparison's files again from its kept replicates."""
    scenario, kept = finished(folder)
    resolved = (folder / "scenario.toml").read_bytes()

    def run(scenario: Scenario, _: Sequence[Replicate]) -> Ensemble:
        return kept_ensemble(scenario, folder / REPLICATES, kept["engine"])

    comparison = compare_with(scenario, run, precision_of(kept))
    paths = [str(path) for path in write_outputs(comparison, folder)]
    (folder / "scenario.toml").write_bytes(resolved)
    if json:
        sys.stdout.write(to_json({"schema": SCHEMA, "command": "report", "files": paths}))
    else:
        print("\n".join(paths))


def reproduce(folder: Path, workers: int | None, quiet: bool, json: bool) -> None:
    """Run again from nothing; raise where a figure differs from the folder's summary.json."""
    scenario, kept = finished(folder)
    run = _runner("simulating again", DEFAULT_ENGINE, workers, quiet=quiet)
    comparison = compare_with(scenario, run, precision_of(kept))
    again = to_json(summary(comparison))
    if json:
        sys.stdout.write(again)
    if figures(loads(again)) != figures(kept):
        raise InfluenceError(f"{folder}: the figures of this run differ from summary.json")
    if not json:
        print(f"{folder}: reproduced, every figure equal")
