"""The options that commands share."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sim.commands.usage import decimal, whole_number

ScenarioArgument = Annotated[str, typer.Argument(metavar="SCENARIO", help="A .toml file or a built-in name.")]


def number(option: str, help: str, low: int | None = None) -> Any:
    """An option that takes a whole number."""
    return typer.Option(option, metavar="N", help=help, parser=whole_number(option, low))


def prepare(workers: int | None) -> None:
    """Begin to get processes ready, where there will be several, while this one is still importing."""
    if workers != 1:
        from sim.workers import start_server

        start_server()


People = Annotated[int | None, number("--people", "Follower agents (each stands for population / people).")]
Days = Annotated[int | None, number("--days", "Days to simulate.")]
Replicates = Annotated[int | None, number("--replicates", "Paired repetitions.")]
Worlds = Annotated[int | None, number("--worlds", "Societies the replicates are dealt over.")]
Precision = Annotated[
    float | None,
    typer.Option(
        "--precision", metavar="SHARE", parser=decimal("--precision"),
        help="Double the replicates until the 95 % interval of every two plans' difference in reach, engagements and "
        "extra orders is no wider than ± this share of the larger plan's mean (0.1 is 10 %), at most 1,280 replicates.",
    ),
]  # fmt: skip
Seed = Annotated[int | None, number("--seed", "Seed; the same seed gives the same numbers.")]
Engine = Annotated[str | None, typer.Option(help="Which engine runs the rules.")]
Workers = Annotated[int | None, number("--workers", "Processes (default: one a core).", low=1)]
Dask = Annotated[
    str | None,
    typer.Option("--dask", metavar="ADDRESS", help="Run on the workers of a Dask cluster, e.g. tcp://HOST:8786."),
]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set any scenario key, e.g. product.price=49.0.")
]
Out = Annotated[str | None, typer.Option(help="Folder to write to; - writes nothing.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no remarks.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what another question left in the folder.")]
