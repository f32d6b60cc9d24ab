"""``influence sensitivity``: which of the things that vary in a study decide its figures."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.commands import REPORT, SENSITIVITY, Output, about, check_engine, claim, folder_name
from sim.commands.study import say_compiling, tell
from sim.commands.sweep import asked
from sim.results.summary import to_json
from sim.studies import sweep as sweeping
from sim.studies.digest import study_digest
from sim.studies.planned import Planned
from sim.studies.sensitivity import Sensitivity, analysed, check_finished, check_sensitivity
from sim.views.files import csv_bytes, write_all
from sim.views.progress import Progress
from sim.views.sensitivity import document, print_sensitivity, sensitivity_html, sensitivity_png

SOURCES = ("sensitivity", "designs")


def sensitivity(
    file: Path, path: Path | None, options: Mapping[str, int | None], overrides: Sequence[str], engine: str | None,
    workers: int | None, output: Output, dask: str | None = None,
) -> None:  # fmt: skip
    """Complete the store of a study, analyse it, write, print."""
    engine = check_engine(engine)
    plan, path = asked(file, path, options, overrides)
    with about(file):
        check_sensitivity(plan)
    say_compiling(engine, output)
    with Progress("sweeping", quiet=output.quiet) as progress:
        store = sweeping.sweep(plan, path, engine=engine, workers=workers, progress=progress, dask=dask)
    with about(file):
        check_finished(store.status(), path)
        found = analysed(plan.study, store.frame(), plan.base.run.seed)
    digest = digest_of(plan)
    folder = output.folder(Path("results") / f"{folder_name(plan.study.name)}-sensitivity-{digest}")
    text = to_json(document(found, plan, digest))
    if folder is not None:
        claim(folder, f"{digest} run sensitivity", overwrite=output.overwrite)
        _write(folder, found, plan, again_command(file, options, overrides), digest, text)
    tell(output, text, lambda: print_sensitivity(found, plan, folder, path))


def digest_of(plan: Planned) -> str:
    """Twelve hexadecimal digits: same digest, same indices."""
    return study_digest(SOURCES, [plan.digest, plan.study.design, plan.study.of])


def again_command(file: Path, options: Mapping[str, int | None], overrides: Sequence[str]) -> str:
    """The words that ask the same, where the study's file lies."""
    words = ["influence", "sensitivity", file.name]
    words += [word for option, value in options.items() if value is not None for word in (f"--{option}", str(value))]
    return shlex.join([*words, *(word for entry in overrides for word in ("--set", entry))])


def _write(folder: Path, found: Sensitivity, plan: Planned, command: str, digest: str, text: str) -> None:
    figure = sensitivity_png(found)
    contents = {
        "sensitivity.csv": csv_bytes(found.frame()),
        f"figures/{SENSITIVITY}.png": figure,
        REPORT: sensitivity_html(found, plan, command, digest, figure).encode(),
        "sensitivity.json": text.encode(),
    }
    write_all(folder, contents)
