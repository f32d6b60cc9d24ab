"""The commands that ask more than one comparison: why a plan won, how to split a budget, whom to book."""

from __future__ import annotations

from typing import Annotated

import typer

from sim import commands
from sim.commands.options import (
    Days,
    Engine,
    Json,
    Out,
    Overwrite,
    People,
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
from sim.commands.usage import decimal
from sim.scenario import DEFAULT_SCENARIO


def explain(
    scenario: ScenarioArgument = DEFAULT_SCENARIO,
    a: Annotated[str | None, typer.Option("--a", metavar="PLAN", help="One plan (default: the first).")] = None,
    b: Annotated[str | None, typer.Option("--b", metavar="PLAN", help="The other (default: the next).")] = None,
    metric: Annotated[
        str | None, typer.Option(metavar="FIGURE", help="Which figure to explain (default: extra orders).")
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(metavar="GROUPS", help="Of trust, relevance, price, feed, word, overlap, fakes, quality: like "
                     "trust,feed (default: the six that can matter)."),
    ] = None,
    people: People = None, days: Days = None, replicates: Replicates = None, worlds: Worlds = None, seed: Seed = None,
    engine: Engine = None, workers: Workers = None, set_: Set = None, out: Out = None, json: Json = False,
    quiet: Quiet = False, overwrite: Overwrite = False,
) -> None:  # fmt: skip
    """Why one plan won: what each mechanism adds to the difference, and what would turn it."""
    options = {"people": people, "days": days, "replicates": replicates, "worlds": worlds, "seed": seed}
    output = commands.Output(out, json, quiet, overwrite)
    prepare(workers)
    from sim.commands.explain import explain as command

    command(scenario, (a, b), metric, groups, options, set_ or [], engine, workers, output)


def split(
    scenario: ScenarioArgument,
    budget: Annotated[float, typer.Option(metavar="MONEY", help="What may be spent.", parser=decimal("--budget"))],
    groups: Annotated[
        str | None,
        typer.Option(metavar="GROUPS", help="Two or three tiers or groups of creators, like micro,celebrity or "
                     "home=anna+ben,star=cleo (default: the tiers there are)."),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(metavar="FIGURES", help="Figures to show; the first one decides (default: extra orders, reach, "
                     "engagements, return)."),
    ] = None,
    posts: Annotated[int, number("--posts", "Posts of each creator booked (default 3).", low=1)] = 3,
    every: Annotated[int, number("--every", "Days between a creator's posts (default 7).", low=1)] = 7,
    start: Annotated[int, number("--start", "Day of the first post (default 0).", low=0)] = 0,
    order: Annotated[str, typer.Option(help="Who is booked first: listed, smallest or largest.")] = "listed",
    step: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Step of the shares (default 0.1; with three groups 0.25).",
                     parser=decimal("--step")),
    ] = None,
    target: Annotated[
        float | None,
        typer.Option(metavar="FIGURE", help="Also search the cheapest split that reaches so many, up to the budget.",
                     parser=decimal("--target")),
    ] = None,
    people: People = None, days: Days = None, replicates: Replicates = None, worlds: Worlds = None, seed: Seed = None,
    engine: Engine = None, workers: Workers = None, set_: Set = None, out: Out = None, json: Json = False,
    quiet: Quiet = False, overwrite: Overwrite = False,
) -> None:  # fmt: skip
    """Which split of a budget over tiers or groups is best, what is as good, and what more money would bring."""
    options = {"people": people, "days": days, "replicates": replicates, "worlds": worlds, "seed": seed}
    output = commands.Output(out, json, quiet, overwrite)
    prepare(workers)
    from sim.commands.split import split as command
    from sim.studies.splits import Terms

    terms = Terms(posts, start, every, order)
    command(scenario, budget, groups, metric, terms, step, target, options, set_ or [], engine, workers, output)


def select(
    scenario: ScenarioArgument,
    budget: Annotated[float, typer.Option(metavar="MONEY", help="What may be spent.", parser=decimal("--budget"))],
    roster: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="A roster in place of the scenario's creators (default: those)."),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(metavar="FIGURE", help="Of incremental_conversions, reach, engagements, clicks, roi (default: "
                     "extra orders)."),
    ] = None,
    require: Annotated[str | None, typer.Option(metavar="HANDLES", help="Who must be booked, like anna,ben.")] = None,
    forbid: Annotated[str | None, typer.Option(metavar="HANDLES", help="Who must not be booked.")] = None,
    most_per_niche: Annotated[
        int | None, number("--most-per-niche", "At most so many creators of one niche.", low=1)
    ] = None,
    posts: Annotated[int, number("--posts", "Posts of each creator booked (default 3).", low=1)] = 3,
    every: Annotated[int, number("--every", "Days between a creator's posts (default 7).", low=1)] = 7,
    start: Annotated[int, number("--start", "Day of the first post (default 0).", low=0)] = 0,
    choose_on: Annotated[
        int, number("--choose-on", "Replicates that the choice is made on; figures are of others (default 5).", low=1)
    ] = 5,
    people: People = None, days: Days = None, replicates: Replicates = None, worlds: Worlds = None, seed: Seed = None,
    engine: Engine = None, workers: Workers = None, set_: Set = None, out: Out = None, json: Json = False,
    quiet: Quiet = False, overwrite: Overwrite = False,
) -> None:  # fmt: skip
    """Which creators of a roster to book under a budget, overlap counted, beside what simple rules would book."""
    options = {"people": people, "days": days, "replicates": replicates, "worlds": worlds, "seed": seed}
    output = commands.Output(out, json, quiet, overwrite)
    prepare(workers)
    from sim.commands.select import select as command
    from sim.studies.candidates import Wishes
    from sim.studies.splits import Terms

    wishes = Wishes(_handles(require), _handles(forbid), most_per_niche)
    terms = Terms(posts, start, every)
    command(scenario, roster, budget, metric, wishes, terms, choose_on, options, set_ or [], engine, workers, output)


def calibrate(
    scenario: ScenarioArgument,
    observed: Annotated[
        str,
        typer.Option(metavar="FILE", help="CSV of past campaigns: creator or tier, followers, posts, cost, reach, "
                     "engagements, clicks, orders; what was not measured may be missing."),
    ],
    people: People = None, days: Days = None, replicates: Replicates = None, worlds: Worlds = None, seed: Seed = None,
    engine: Engine = None, workers: Workers = None, set_: Set = None, out: Out = None, json: Json = False,
    quiet: Quiet = False, overwrite: Overwrite = False,
) -> None:  # fmt: skip
    """What past campaigns say about the model's numbers, which they cannot tell, and what the plans bring then."""
    options = {"people": people, "days": days, "replicates": replicates, "worlds": worlds, "seed": seed}
    output = commands.Output(out, json, quiet, overwrite)
    prepare(workers)
    from sim.commands.calibrate import calibrate as command

    command(scenario, observed, options, set_ or [], engine, workers, output)


def _handles(listed: str | None) -> tuple[str, ...]:
    """Names between commas, each once."""
    return tuple(dict.fromkeys(name.strip() for name in (listed or "").split(",") if name.strip()))


COMMANDS = (explain, split, select, calibrate)
