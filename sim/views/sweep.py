"""How far a study of many runs is, in words and as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sim.results.summary import SCHEMA, versions
from sim.studies.planned import Planned
from sim.studies.store import Status, Store
from sim.views.progress import time_left


def status_document(command: str, store: Store) -> dict[str, Any]:
    """What sweep, resume and status print with --json. rate: runs a second."""
    study, now = store.study, store.status()
    return {
        "schema": SCHEMA,
        "command": command,
        "study": study.name,
        "scenario": Path(study.scenario).stem,
        "digest": store.digest,
        "model": store.header.model,
        "store": str(store.path),
        "varies": list(study.keys),
        "figures": list(study.figures),
        "runs": now.runs,
        "done": now.done,
        "failed": now.failed,
        "left": now.left,
        "errors": [vars(failure) for failure in now.errors],
        "seconds_a_run": now.seconds_a_run,
        "rate": now.rate,
        "running": now.running,
        "versions": versions(),
    }


def status_text(store: Store) -> str:
    """A few lines: done, failed with the first errors, left, how fast."""
    now = store.status()
    lines = [f"{store.study.name}: {_counted(now.runs, 'run')}, {', '.join(store.study.keys)} varying",
             f"  done    {now.done:,}{_rate(now)}"]  # fmt: skip
    if now.failed:
        lines.append(f"  failed  {now.failed:,}")
        lines += [f"    point {one.point}, replicate {one.replicate}: {one.error}" for one in now.errors]
        if now.failed > len(now.errors):
            lines.append(f"    … and {now.failed - len(now.errors):,} more; the export has them all")
    if now.left:
        lines.append(f"  left    {now.left:,}{_left(now, store.path)}")
    return "\n".join([*lines, f"  store   {store.path}", ""])


def estimate_document(plan: Planned, path: Path, left: int, seconds: float, processes: int) -> dict[str, Any]:
    """What a dry run finds. seconds_a_run: measured; seconds: for what is left, processes on cores of their own."""
    unfit = [point.error for point in plan.points if point.error is not None]
    return {
        "schema": SCHEMA,
        "command": "sweep",
        "dry_run": True,
        "study": plan.study.name,
        "scenario": plan.base.name,
        "digest": plan.digest,
        "store": str(path),
        "varies": list(plan.study.keys),
        "points": len(plan.points),
        "replicates": plan.base.run.replicates,
        "plans": [one.name for one in plan.base.plans],
        "runs": len(plan.runs),
        "left": left,
        "unfit": len(unfit),
        "first_error": unfit[0] if unfit else None,
        "seconds_a_run": seconds,
        "workers": processes,
        "seconds": left * seconds / processes,
    }


def estimate_text(document: dict[str, Any]) -> str:
    """A dry run in words."""
    points, replicates = _counted(document["points"], "point"), _counted(document["replicates"], "replicate")
    plans, runs = document["plans"], document["runs"]
    lines = [f"{document['study']}: {points} x {replicates} = {_counted(runs, 'run')} of {len(plans)} plans "
             f"({', '.join(plans)}), {', '.join(document['varies'])} varying"]  # fmt: skip
    if document["unfit"]:
        lines.append(f"  {_counted(document['unfit'], 'point')} cannot be run: {document['first_error']}")
    if document["left"] < runs:
        lines.append(f"  {runs - document['left']:,} of them are in the store already")
    took = time_left(1, 2, document["seconds"]).removesuffix(" left")
    where = "in 1 process" if document["workers"] == 1 else f"in {document['workers']} processes on cores of their own"
    lines.append(f"  measured {document['seconds_a_run']:.2g} s a run: about {took} {where}")
    return "\n".join([*lines, f"  store   {document['store']}", ""])


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _rate(now: Status) -> str:
    return "" if now.rate is None else f" ({now.rate:.2g} a second)"


def _left(now: Status, path: Path) -> str:
    if not now.running:
        return f" (`influence resume {path}` does them)"
    return "" if now.rate is None else f" ({time_left(1, 1 + now.left, 1 / now.rate)})"
