"""The commands of many runs: sweep, sensitivity, resume, status, export. Imported by ``sim.cli``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim import commands
from sim.commands.options import (
    Dask,
    Days,
    Engine,
    Json,
    Out,
    Overwrite,
    People,
    Quiet,
    Replicates,
    Seed,
    Set,
    Workers,
    Worlds,
    prepare,
)
from sim.errors import InputError

StoreOption = Annotated[
    Path | None, typer.Option(metavar="PATH", help="File to keep runs in (default: results/NAME-DIGEST.sqlite).")
]
StoreArgument = Annotated[Path, typer.Argument(metavar="STORE", help="A file that `influence sweep` has begun.")]
Retry = Annotated[bool, typer.Option("--retry", help="Do failed runs again.")]


def sweep(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A study: which scenario, and what varies in it.")],
    store: StoreOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many runs there are and, from a few, how long they will take.")
    ] = False,
    people: People = None, days: Days = None, replicates: Replicates = None, worlds: Worlds = None, seed: Seed = None,
    engine: Engine = None, workers: Workers = None, dask: Dask = None, set_: Set = None, json: Json = False,
    quiet: Quiet = False,
) -> None:  # fmt: skip
    """Run a study of many runs; what is finished survives a crash, and the same command goes on."""
    options = {"people": people, "days": days, "replicates": replicates, "worlds": worlds, "seed": seed}
    here = _processes(workers, dask)
    prepare(1 if dry_run else here)
    from sim.commands.sweep import estimate
    from sim.commands.sweep import sweep as command

    output = commands.Output(None, json, quiet, overwrite=False)
    (estimate if dry_run else command)(file, store, options, set_ or [], engine, workers, output, dask)


def sensitivity(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help='A study whose design is "morris" or "sobol-indices".')
    ],
    store: StoreOption = None, people: People = None, days: Days = None, replicates: Replicates = None,
    worlds: Worlds = None, seed: Seed = None, engine: Engine = None, workers: Workers = None, dask: Dask = None,
    set_: Set = None, out: Out = None, json: Json = False, quiet: Quiet = False, overwrite: Overwrite = False,
) -> None:  # fmt: skip
    """Which numbers decide a figure: Morris screening or Sobol indices over the ranges of a study."""
    options = {"people": people, "days": days, "replicates": replicates, "worlds": worlds, "seed": seed}
    output = commands.Output(out, json, quiet, overwrite)
    prepare(_processes(workers, dask))
    from sim.commands.sensitivity import sensitivity as command

    command(file, store, options, set_ or [], engine, workers, output, dask)


def resume(
    store: StoreArgument, retry: Retry = False, engine: Engine = None, workers: Workers = None, dask: Dask = None,
    json: Json = False, quiet: Quiet = False,
) -> None:  # fmt: skip
    """Go on with an interrupted sweep, as it was begun."""
    prepare(_processes(workers, dask))
    from sim.commands.sweep import resume as command

    command(store, retry, engine, workers, commands.Output(None, json, quiet, overwrite=False), dask)


def status(store: StoreArgument, json: Json = False) -> None:
    """How far a sweep is: runs done, failed and left, the first errors, the rate."""
    from sim.commands.sweep import status as command

    command(store, json)


def export(
    store: StoreArgument,
    to: Annotated[str, typer.Option("--to", metavar="FORM", help="csv or parquet (which needs pyarrow).")] = "csv",
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File to write (default: beside the store, of its name).")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
    json: Json = False, quiet: Quiet = False,
) -> None:  # fmt: skip
    """Write the runs of a store as one table: a row a plan and run, the same bytes whatever the order of running."""
    from sim.commands.sweep import export as command

    command(store, to, out, commands.Output(None, json, quiet, overwrite))


def _processes(workers: int | None, dask: str | None) -> int | None:
    """How many processes there will be here: 1 where others play. Raises InputError where both are asked for."""
    if dask is not None and workers is not None:
        raise InputError("is for processes of this machine", key="--workers", value=workers,
                         expected="either --workers or --dask, whose workers are those of the cluster")  # fmt: skip
    return workers if dask is None else 1


COMMANDS = (sweep, sensitivity, resume, status, export)
