"""``influence compare``, ``report`` and ``reproduce``."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from json import JSONDecodeError, loads
from pathlib import Path

from sim.commands import DIGEST_FILE, REPLICATES, Output, about, check_engine, claim
from sim.ensemble import kept_ensemble, model_hash, run_ensemble
from sim.errors import InfluenceError, InputError
from sim.results.comparison import compare_plans
from sim.results.summary import SCHEMA, summary, to_json
from sim.scenario.library import find
from sim.scenario.load import Scenario, load
from sim.society.world import check_audiences
from sim.views.console import Progress, print_comparison
from sim.views.files import write_outputs


def compare(
    name: str,
    options: Mapping[str, int | None],
    overrides: Sequence[str],
    engine: str | None,
    workers: int | None,
    output: Output,
) -> None:
    """Run, compare, write, print."""
    path, engine = find(name), check_engine(engine)
    scenario = load(path, overrides, **options)
    digest = scenario.digest(model_hash())
    folder = output.folder(Path("results") / f"{_folder_name(scenario.name)}-{digest}")
    with about(path):
        check_audiences(scenario)
    if folder is not None:
        claim(folder, digest, overwrite=output.overwrite)
    with about(path), Progress("simulating", quiet=output.quiet) as progress:
        ensemble = run_ensemble(scenario, engine=engine, workers=workers, progress=progress,
                                folder=None if folder is None else folder / REPLICATES)  # fmt: skip
    comparison = compare_plans(ensemble)
    if folder is not None:
        write_outputs(comparison, folder)
    if output.json:
        sys.stdout.write(to_json(summary(comparison)))
    else:
        print_comparison(comparison, folder)


def _folder_name(name: str) -> str:
    """A scenario's name as a part of a path."""
    return re.sub(r"[^\w. -]", "-", name)[:80].strip(". ") or "scenario"


def report(folder: Path, json: bool) -> None:
    """Write a finished comparison's files again from its kept replicates."""
    scenario = _finished(folder)
    comparison = compare_plans(kept_ensemble(scenario, folder / REPLICATES))
    paths = [str(path) for path in write_outputs(comparison, folder)]
    if json:
        sys.stdout.write(to_json({"schema": SCHEMA, "command": "report", "files": paths}))
    else:
        print("\n".join(paths))


def reproduce(folder: Path, workers: int | None, quiet: bool, json: bool) -> None:
    """Run again from nothing; raise where a figure differs from the folder's summary.json."""
    scenario, kept = _finished(folder), _figures(folder / "summary.json")
    with Progress("simulating again", quiet=quiet) as progress:
        comparison = compare_plans(run_ensemble(scenario, workers=workers, progress=progress))
    again = to_json(summary(comparison))
    if json:
        sys.stdout.write(again)
    if _without_versions(loads(again)) != kept:
        raise InfluenceError(f"{folder}: the figures of this run differ from summary.json")
    if not json:
        print(f"{folder}: reproduced, every figure equal")


def _finished(folder: Path) -> Scenario:
    """The scenario of a finished comparison; InputError where the folder is not one or the model has changed."""
    for name in ("scenario.toml", "summary.json", DIGEST_FILE):
        if not (folder / name).is_file():
            raise InputError(f"has no {name}", file=folder, expected="a folder that `influence compare` has finished")
    scenario = load(folder / "scenario.toml")
    wanted = (folder / DIGEST_FILE).read_text(encoding="utf-8", errors="replace").strip()
    digest = scenario.digest(model_hash())
    if wanted != digest:
        raise InputError("was made by another version of the model or has been edited", file=folder, value=wanted,
                         expected=f"digest {digest}; run `influence compare` again")  # fmt: skip
    return scenario


def _figures(file: Path) -> dict[str, object]:
    """The figures of a summary.json; InputError where it is damaged."""
    try:
        return _without_versions(loads(file.read_text(encoding="utf-8")))
    except (JSONDecodeError, UnicodeDecodeError, AttributeError) as error:
        raise InputError(f"is damaged: {error}", file=file, expected="JSON, as `influence compare` wrote it") from None


def _without_versions(document: dict[str, object]) -> dict[str, object]:
    """A summary without what may differ between equal runs."""
    return {key: value for key, value in document.items() if key not in ("engine", "versions")}

