"""``influence run``: one plan in one replicate, day by day."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.commands import Output, about, check_engine, claim
from sim.engine.campaign import Campaign
from sim.engine.memory import check_fits
from sim.engine.simulate import simulate
from sim.engine.staging import final_campaign
from sim.ensemble import model_hash
from sim.errors import InputError
from sim.record import Run
from sim.results.measures import run_by_day
from sim.results.rounding import number
from sim.results.spending import left_over
from sim.results.summary import SCHEMA, to_json, versions
from sim.scenario.library import find
from sim.scenario.load import Scenario, load
from sim.scenario.plans import Plan
from sim.society.world import build_world
from sim.views.console import print_run


def run(
    name: str,
    plan: str,
    replicate: int,
    options: Mapping[str, int | None],
    overrides: Sequence[str],
    engine: str | None,
    output: Output,
) -> None:
    """Simulate and print; write daily.csv and summary.json where --out names a folder."""
    path, engine, folder = find(name), check_engine(engine), output.folder()
    scenario = load(path, overrides, **options)
    if replicate >= scenario.run.replicates:
        raise InputError("no such replicate", key="--replicate", value=replicate,
                         expected=f"0 to {scenario.run.replicates - 1}, as run.replicates says")  # fmt: skip
    with about(path):
        booked = scenario.plan(plan)
        check_fits(scenario, 1, engine, 1)
        world = build_world(scenario, replicate)
        campaign = final_campaign(scenario, booked, world, replicate, engine)
    if folder is not None:
        claim(folder, f"{scenario.digest(model_hash())} run {plan} {replicate}", overwrite=output.overwrite)
    result = simulate(world, campaign, scenario.rates, scenario.run.seed, replicate, engine=engine)
    document = _document(scenario, booked, replicate, engine, result, campaign, world.n_people)
    if folder is not None:
        _write(folder, document)
    if output.json:
        sys.stdout.write(to_json(document))
    else:
        for warning in (*_declines(campaign, scenario.market.currency), *world.warnings):
            output.say(f"note: {warning}")
        print_run(scenario, plan, document["run"])


def _declines(campaign: Campaign, currency: str) -> list[str]:
    """Who does not take the offer."""
    return [f"{handle} declines the offer, worth {number(money)} {currency}"
            for handle, money in campaign.bill.declined.items()]  # fmt: skip


def _document(
    scenario: Scenario, plan: Plan, replicate: int, engine: str, result: Run, campaign: Campaign, people: int
) -> dict[str, Any]:
    days = run_by_day(scenario, result)
    totals = {key: sum(row[key] for row in days) for key in days[0] if key not in ("day", "date")}
    cost = campaign.cost(result)
    about = {"plan": plan.name, "cost": cost, "posts": campaign.n_posts, "declined": dict(campaign.bill.declined),
             "budget": plan.budget, "left_over": left_over(plan.budget, [cost])}  # fmt: skip
    return {
        "schema": SCHEMA,
        "command": "run",
        "scenario": scenario.name,
        "digest": scenario.digest(model_hash()),
        "seed": scenario.run.seed,
        "replicate": replicate,
        "engine": engine,
        "people": people,
        "people_per_agent": result.people_per_agent,
        "days": scenario.run.days,
        "currency": scenario.market.currency,
        "versions": versions(),
        "run": {**about, "totals": totals, "days": days},
    }


def _write(folder: Path, document: dict[str, Any]) -> None:
    (folder / "summary.json").write_text(to_json(document), encoding="utf-8")
    rows = document["run"]["days"]
    with (folder / "daily.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
