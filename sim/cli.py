"""The command ``influence``: parse, call, print. Heavy imports wait until a command needs them."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sim import cli_runs, cli_studies, commands
from sim.commands.options import (
    Days,
    Engine,
    Json,
    Out,
    Overwrite,
    People,
    Precision,
    Quiet,
    Replicates,
    ScenarioArgument,
    Seed,
    Set,
    Workers,
    Worlds,
    number,
    prepare,
)
from sim.commands.usage import usage_error
from sim.errors import InfluenceError
from sim.scenario import DEFAULT_SCENARIO

INTERRUPTED = 130

app = typer.Typer(
    name="influence",
    help="Do ten micro-influencers beat one celebrity, and why? Simulate it on your own scenario.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
def compare(
    scenario: ScenarioArgument = DEFAULT_SCENARIO, people: People = None, days: Days = None,
    replicates: Replicates = None, worlds: Worlds = None, seed: Seed = None, engine: Engine = None,
    workers: Workers = None, set_: Set = None, out: Out = None, json: Json = False, quiet: Quiet = False,
    overwrite: Overwrite = False, precision: Precision = None,
) -> None:  # fmt: skip
    """Run every plan of a scenario and say which serves the budget better, and how sure that is."""
    options = {"people": people, "days": days, "replicates": replicates, "worlds": worlds, "seed": seed}
    output = commands.Output(out, json, quiet, overwrite)
    prepare(workers)
    from sim.commands.compare import compare as command

    command(scenario, options, set_ or [], engine, workers, output, precision)


@app.command()
def run(
    scenario: ScenarioArgument, plan: Annotated[str, typer.Option(help="Name of the plan.")], people: People = None,
    days: Days = None, replicate: Annotated[int, number("--replicate", "Which replicate, from 0.", low=0)] = 0,
    worlds: Worlds = None, seed: Seed = None, engine: Engine = None, set_: Set = None, out: Out = None,
    json: Json = False, quiet: Quiet = False, overwrite: Overwrite = False,
) -> None:  # fmt: skip
    """One plan, one replicate, day by day."""
    options = {"people": people, "days": days, "worlds": worlds, "seed": seed}
    output = commands.Output(out, json, quiet, overwrite)
    from sim.commands.run import run as command

    command(scenario, plan, replicate, options, set_ or [], engine, output)


@app.command()
def world(
    scenario: ScenarioArgument = DEFAULT_SCENARIO, people: People = None, worlds: Worlds = None, seed: Seed = None,
    set_: Set = None, out: Out = None, json: Json = False, quiet: Quiet = False, overwrite: Overwrite = False,
    cache: Annotated[bool, typer.Option("--cache", help="Show what is kept on disk instead.")] = False,
    clear: Annotated[bool, typer.Option("--clear", help="With --cache: delete it.")] = False,
) -> None:  # fmt: skip
    """Build a scenario's world and describe it: sizes, degrees, clustering, audiences, overlap."""
    options = {"people": people, "worlds": worlds, "seed": seed}
    output = commands.Output(out, json, quiet, overwrite)
    from sim.commands import describe

    if cache or clear:
        numbers = {f"--{option}": number is not None for option, number in options.items()}
        given = {"SCENARIO": scenario != DEFAULT_SCENARIO, **numbers, "--set": set_, "--out": out is not None,
                 "--overwrite": overwrite}  # fmt: skip
        describe.cache(cache, clear, [name for name, there in given.items() if there], output)
    else:
        describe.world(scenario, options, set_ or [], output)


@app.command()
def cascade(
    graph: Annotated[str, typer.Argument(metavar="GRAPH", help="An edge list, a GraphML file, or karate.")],
    seeds: Annotated[str, typer.Option(help="Who begins: names like 0,5, or random:K, degree:K, greedy:K.")],
    model: Annotated[str, typer.Option(help="ic (independent cascade) or lt (linear threshold).")] = "ic",
    p: Annotated[str, typer.Option("--p", help="Chance of an arc: a number, weighted, column or column:NAME.")] = (
        "weighted"
    ),
    runs: Annotated[int, number("--runs", "Cascades to run.", low=1)] = 1000,
    undirected: Annotated[bool, typer.Option("--undirected", help="Every edge carries influence both ways.")] = False,
    reverse: Annotated[bool, typer.Option("--reverse", help="Influence runs from target to source.")] = False,
    workers: Annotated[int | None, number("--workers", "Threads (default: one a core).", low=1)] = None,
    seed: Seed = None, out: Out = None, json: Json = False, quiet: Quiet = False, overwrite: Overwrite = False,
) -> None:  # fmt: skip
    """Classic cascades on any graph: how far does influence spread from these seeds?"""
    output = commands.Output(out, json, quiet, overwrite)
    from sim.commands.cascade import Question
    from sim.commands.cascade import cascade as command

    command(Question(graph, model, p, seeds, runs, 1 if seed is None else seed, undirected, reverse), workers, output)


@app.command()
def validate(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer seeds and creators, in a tenth of the time.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="FACT", help="This fact or group of facts only, like SF4a or SF4; repeatable."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Set a parameter, e.g. parameters.reach=0.5."),
    ] = None,
    workers: Workers = None, out: Out = None, json: Json = False, quiet: Quiet = False, overwrite: Overwrite = False,
) -> None:  # fmt: skip
    """Hold the simulation against published facts; the exit code is 1 where a hard one fails."""
    output = commands.Output(out, json, quiet, overwrite)
    prepare(workers)
    from sim.commands.validate import validate as command

    if not command(quick, only or [], set_ or [], workers, output):
        raise SystemExit(1)


@app.command()
def scenarios(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="WORDS", help="Only those in which each of these words occurs.")
    ] = None,
    json: Json = False,
) -> None:
    """The built-in scenarios: their questions and what was found."""
    from sim.commands.describe import scenarios as command

    command(words or [], json)


@app.command()
def show(scenario: ScenarioArgument = DEFAULT_SCENARIO, set_: Set = None, json: Json = False) -> None:
    """Every value of a scenario, its unit, and where it came from."""
    from sim.commands.describe import show as command

    command(scenario, set_ or [], json)


@app.command()
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A scenario file.")], set_: Set = None, json: Json = False
) -> None:
    """Say what is wrong with a scenario file, or what it would run and cost."""
    from sim.commands.describe import check as command

    command(file, set_ or [], json)


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="Folder to write scenario.toml and roster.csv into.")],
    overwrite: Overwrite = False, json: Json = False,
) -> None:  # fmt: skip
    """Write a scenario and a roster to edit."""
    from sim.commands.describe import new as command

    command(folder, overwrite, json)


@app.command()
def glossary(
    term: Annotated[str | None, typer.Argument(help="A figure or a parameter.")] = None, json: Json = False
) -> None:
    """What a figure or a parameter means, its unit, range and source."""
    from sim.commands.describe import glossary as command

    command(term, json)


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that compare wrote, or a store of runs.")],
    json: Json = False,
) -> None:
    """Write the report, tables and figures of a finished comparison again, or the page of a sweep's store."""
    from sim.commands.report import report as command

    command(folder, json)


@app.command()
def reproduce(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that compare wrote.")],
    workers: Workers = None, quiet: Quiet = False, json: Json = False,
) -> None:  # fmt: skip
    """Run a finished comparison again from nothing and say whether every byte is the same."""
    from sim.commands.compare import reproduce as command

    command(folder, workers, quiet, json)


@app.command("app")
def explore(
    scenario: Annotated[str | None, typer.Argument(metavar="SCENARIO", help="The built-in one to begin with.")] = None,
    port: Annotated[int | None, number("--port", "Port (default: the first free one from 8501 on).", low=1)] = None,
    host: Annotated[str, typer.Option(help="Address to listen on; any but loopback lets others in.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser", help="Open it in the browser, too.")] = False,
    json: Json = False,
) -> None:
    """A page to explore in: move parameters, upload a roster, compare (needs the extra `app`)."""
    from sim.commands.app import app as command

    command(scenario, port, host, browser, json)


@app.command()
def replay(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that compare wrote.")],
    plans: Annotated[str | None, typer.Option(metavar="A,B", help="One or two plans (default: the first two).")] = None,
    replicate: Annotated[int, number("--replicate", "Which replicate, from 0.", low=0)] = 0,
    most: Annotated[int, number("--most", "People to show, 5,000 at most (default 5,000).", low=1)] = 5000,
    gif: Annotated[bool, typer.Option("--gif", help="A film as replay.gif, too.")] = False,
    mp4: Annotated[bool, typer.Option("--mp4", help="A film as replay.mp4, too; needs ffmpeg.")] = False,
    setting: Annotated[str | None, typer.Option(help="Which [[setting]] of the scenario (default: the first).")] = None,
    engine: Engine = None, out: Out = None, json: Json = False, quiet: Quiet = False, overwrite: Overwrite = False,
) -> None:  # fmt: skip
    """A page on which a finished comparison's plans spread day by day: who saw, engaged, shared and bought."""
    output = commands.Output(out, json, quiet, overwrite)
    from sim.commands.replay import Wanted
    from sim.commands.replay import replay as command

    command(folder, Wanted(plans, replicate, most, gif, mp4, setting), engine, output)


for study in (*cli_studies.COMMANDS, *cli_runs.COMMANDS):
    app.command()(study)


def main() -> None:
    """Entry point: one clear message and an exit code, never a traceback for bad input."""
    words = sys.argv[1:]
    wants_json = "--json" in words
    try:
        if app(words or ["--help"], prog_name="influence", standalone_mode=False) == INTERRUPTED:
            raise KeyboardInterrupt  # which typer has caught
        if not words:
            raise SystemExit(2)
    except InfluenceError as error:
        _fail(error, error.exit_code, wants_json)
    except (KeyboardInterrupt, typer.Abort):
        _fail(InfluenceError("stopped"), INTERRUPTED, wants_json)
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(1) from None
    except MemoryError:
        _fail(InfluenceError("not enough memory; fewer --people, or fewer --workers, need less"), 1, wants_json)
    except OSError as error:
        _fail(InfluenceError(f"{error.filename or 'a file'}: {error.strerror or error}"), 1, wants_json)
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        _fail(usage_error(error), 2, wants_json)


def _fail(error: InfluenceError, code: int, wants_json: bool) -> None:
    if wants_json:
        import json

        print(json.dumps({"schema": 1, "error": _strict(error.details())}))
    print(f"influence: {error}", file=sys.stderr)
    raise SystemExit(code)


def _strict(value: Any) -> Any:
    """The same for strict JSON, which knows no nan and no inf."""
    if isinstance(value, dict):
        return {key: _strict(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_strict(entry) for entry in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


if __name__ == "__main__":
    main()
