"""``influence compare``, ``report`` and ``reproduce``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from json import loads
from pathlib import Path
from typing import Any

from sim.commands import REPLICATES, Output, about, check_engine, claim, folder_name
from sim.commands.finished import figures, finished, precision_of
from sim.commands.study import say_compiling
from sim.engine.memory import check_fits
from sim.engine.simulate import DEFAULT_ENGINE
from sim.ensemble import Ensemble, Replicate, kept_ensemble, run_ensemble
from sim.errors import InfluenceError, InputError
from sim.results.comparison import Comparison, Runner
from sim.results.comparison import compare as compare_with
from sim.results.precision import check_precision
from sim.results.settings import SettingsComparison, compare_settings, question_digest, settings_summary
from sim.results.summary import SCHEMA, summary, to_json
from sim.scenario.library import find
from sim.scenario.load import Scenario
from sim.scenario.settings import Setting, load_settings
from sim.society.world import check_audiences
from sim.views.console import print_comparison
from sim.views.files import write_outputs
from sim.views.progress import Progress
from sim.views.settings import print_settings

RunnerOf = Callable[[Setting, Path | None], Runner]
"""What runs a setting's replicates, given the folder that they are kept in."""


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
    settings = load_settings(path, overrides, **options)
    if asked is not None and len(settings) > 1:
        raise InputError("does not go with the [[setting]] tables of a scenario", key="--precision", value=asked,
                         expected="one of the two: --replicates N, or a file without settings")  # fmt: skip
    scenario, digest = settings[0].scenario, question_digest(settings, asked)
    folder = output.folder(Path("results") / f"{folder_name(scenario.name)}-{digest}")
    with about(path):
        for setting in settings:
            with setting.blamed():
                check_fits(setting.scenario, workers, engine)
                check_audiences(setting.scenario)
    if folder is not None:
        claim(folder, digest, overwrite=output.overwrite)
    say_compiling(engine, output)
    with about(path):
        kept = None if folder is None else folder / REPLICATES
        runner = _runner("simulating", engine, workers, quiet=output.quiet)
        comparison, others = _compared(settings, runner, kept, asked)
    if folder is not None:
        write_outputs(comparison, folder, others)
    if output.json:
        sys.stdout.write(to_json(_summary(comparison, others)))
    elif others is not None:
        print_settings(others, folder)
    else:
        print_comparison(comparison, folder)


def _compared(
    settings: Sequence[Setting], runner: RunnerOf, kept: Path | None, precision: float | None
) -> tuple[Comparison, SettingsComparison | None]:
    """The comparison of a scenario, in its first setting; and of all settings where there are several."""
    if len(settings) == 1:
        return compare_with(settings[0].scenario, runner(settings[0], kept), precision), None
    others = compare_settings(settings, lambda one, folder: runner(one, folder)(one.scenario, ()), kept)
    return others.first, others


def _summary(comparison: Comparison, others: SettingsComparison | None) -> dict[str, Any]:
    return summary(comparison) if others is None else settings_summary(others)


def _runner(task: str, engine: str, workers: int | None, *, quiet: bool) -> RunnerOf:
    """Runs replicates with progress on stderr."""

    def runner(setting: Setting, folder: Path | None) -> Runner:
        what = f"{task} {setting.name}" if setting.changes else task

        def run(scenario: Scenario, before: Sequence[Replicate]) -> Ensemble:
            up_to = f"{what} up to replicate {scenario.run.replicates:,}" if before else what
            with Progress(up_to, quiet=quiet) as progress:
                return run_ensemble(scenario, engine=engine, workers=workers, progress=progress, folder=folder,
                                    before=before)  # fmt: skip

        return run

    return runner


def report(folder: Path, json: bool) -> None:
    """Write a finished comparison's files again from its kept replicates."""
    settings, kept = finished(folder)
    resolved = (folder / "scenario.toml").read_bytes()

    def runner(_: Setting, replicates: Path | None) -> Runner:
        return lambda scenario, _: kept_ensemble(scenario, replicates or folder, kept["engine"])

    comparison, others = _compared(settings, runner, folder / REPLICATES, precision_of(kept))
    paths = [str(path) for path in write_outputs(comparison, folder, others)]
    (folder / "scenario.toml").write_bytes(resolved)
    if json:
        sys.stdout.write(to_json({"schema": SCHEMA, "command": "report", "files": paths}))
    else:
        print("\n".join(paths))


def reproduce(folder: Path, workers: int | None, quiet: bool, json: bool) -> None:
    """Run again from nothing; raise where a figure differs from the folder's summary.json."""
    settings, kept = finished(folder)
    runner = _runner("simulating again", DEFAULT_ENGINE, workers, quiet=quiet)
    again = to_json(_summary(*_compared(settings, runner, None, precision_of(kept))))
    if json:
        sys.stdout.write(again)
    if figures(loads(again)) != figures(kept):
        raise InfluenceError(f"{folder}: the figures of this run differ from summary.json")
    if not json:
        print(f"{folder}: reproduced, every figure equal")
