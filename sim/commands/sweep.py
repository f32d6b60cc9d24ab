"""``influence sweep``, ``resume``, ``status`` and ``export``."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from sim.commands import ANOTHER, Output, about, check_engine, folder_name
from sim.commands.study import say_compiling
from sim.errors import InfluenceError, InputError, nearest_match
from sim.results.summary import SCHEMA, to_json
from sim.studies import sweep as study
from sim.studies.planned import Planned, planned
from sim.studies.store import SUFFIX, Store
from sim.studies.store_writing import check_same_study, left_of
from sim.studies.study_file import read_study
from sim.views.files import csv_bytes, write_whole
from sim.views.progress import Progress
from sim.views.sweep import estimate_document, estimate_text, status_document, status_text

FORMS = ("csv", "parquet")


def sweep(
    file: Path, path: Path | None, options: Mapping[str, int | None], overrides: Sequence[str], engine: str | None,
    workers: int | None, output: Output, dask: str | None = None,
) -> None:  # fmt: skip
    """Begin or complete the store of a study."""
    engine = check_engine(engine)
    plan, path = asked(file, path, options, overrides)
    say_compiling(engine, output)
    with Progress("sweeping", quiet=output.quiet) as progress:
        store = study.sweep(plan, path, engine=engine, workers=workers, progress=progress, dask=dask)
    _finish("sweep", store, output)


def estimate(
    file: Path, path: Path | None, options: Mapping[str, int | None], overrides: Sequence[str], engine: str | None,
    workers: int | None, output: Output, dask: str | None = None,
) -> None:  # fmt: skip
    """Say how many runs a study has and how long those that are left will take; writes nothing."""
    engine = check_engine(engine)
    plan, path = asked(file, path, options, overrides)
    left = left_of(path, plan)
    study.check_memory(plan, 1 if dask else workers, engine, left)  # of what is measured here
    processes = study.processes(plan, workers, engine, left, dask)
    say_compiling(engine, output)
    document = estimate_document(plan, path, left, study.seconds_a_run(plan, engine), processes)
    sys.stdout.write(to_json(document) if output.json else estimate_text(document))


def resume(
    path: Path, retry: bool, engine: str | None, workers: int | None, output: Output, dask: str | None = None
) -> None:  # fmt: skip
    """Complete a store with the study that it was begun with."""
    engine = check_engine(engine)
    plan = planned(Store(path).study)
    say_compiling(engine, output)
    with Progress("sweeping", quiet=output.quiet) as progress:
        store = study.sweep(plan, path, engine=engine, workers=workers, progress=progress, retry=retry, dask=dask)
    _finish("resume", store, output)


def status(path: Path, json: bool) -> None:
    """Print how far a store is."""
    store = Store(path)
    sys.stdout.write(to_json(status_document("status", store)) if json else status_text(store))


def export(path: Path, form: str, out: Path | None, output: Output) -> None:
    """Write a store's table, whole or not at all."""
    if form not in FORMS:
        raise InputError("no such form", key="--to", value=form, expected=f"one of {', '.join(FORMS)}",
                         nearest=nearest_match(form, FORMS))  # fmt: skip
    if form == "parquet" and find_spec("pyarrow") is None:
        raise InputError("needs pyarrow, which is not installed", key="--to", value=form,
                         expected="`pip install pyarrow` first, or --to csv")  # fmt: skip
    store, out = Store(path), out or path.with_suffix(f".{form}")
    frame, now = store.frame(), store.status()
    if form == "csv":
        content = csv_bytes(frame)
    else:
        buffer = io.BytesIO()
        frame.to_parquet(buffer, engine="pyarrow", index=False)
        content = buffer.getvalue()
    _check_free(out, content, output)
    write_whole(out, content)
    if now.left:
        output.say(f"{now.left:,} of {now.runs:,} runs are not in it yet; `influence resume {path}` does them")
    document = {"schema": SCHEMA, "command": "export", "files": [str(out)], "rows": len(frame), "left": now.left}
    sys.stdout.write(to_json(document) if output.json else f"{out}\n")


def default_store(plan: Planned) -> Path:
    """Where the runs of a study are kept unless told otherwise."""
    return Path("results") / f"{folder_name(plan.study.name)}-{plan.digest}{SUFFIX}"


def asked(
    file: Path, path: Path | None, options: Mapping[str, int | None], overrides: Sequence[str]
) -> tuple[Planned, Path]:  # fmt: skip
    """A study with its runs, and the store that takes them; InputError where that holds another study."""
    with about(file):
        plan = planned(read_study(file).with_options(overrides, **options))
    path = path or default_store(plan)
    check_same_study(path, plan)
    return plan, path


def _finish(command: str, store: Store, output: Output) -> None:
    """Tell what came of it; raises InfluenceError where not one run went well."""
    sys.stdout.write(to_json(status_document(command, store)) if output.json else status_text(store))
    now = store.status()
    if now.failed and not now.done:
        raise InfluenceError(f"{store.path}: not one run could be done: {now.errors[0].error}")


def _check_free(out: Path, content: bytes, output: Output) -> None:
    """Raise InputError where a file would be replaced by another."""
    if out.is_dir():
        raise InputError("is a folder", key="--out", value=str(out), expected="a file to write")
    if out.exists() and not output.overwrite and out.read_bytes() != content:
        raise InputError("is there already, with other contents", key="--out", value=str(out),
                         expected=ANOTHER.replace("folder", "file"))  # fmt: skip
