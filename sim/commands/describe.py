"""Commands that look and tell: world, scenarios, show, check, new, glossary."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from sim.commands import Output, about, claim
from sim.errors import InputError, nearest_match
from sim.results.summary import SCHEMA, to_json
from sim.scenario.library import Story, find, stories
from sim.scenario.load import load
from sim.scenario.plans import Plan
from sim.scenario.settings import load_settings
from sim.scenario.template import write_template

WIDEST_TEXT = 120
"""Longer lines are hard to read, however wide the terminal."""


def _document(command: str, **contents: object) -> str:
    return to_json({"schema": SCHEMA, "command": command, **contents})


def world(name: str, options: Mapping[str, int | None], overrides: Sequence[str], output: Output) -> None:
    """Build the first replicate's world and describe it."""
    from sim.engine.memory import check_fits
    from sim.society.describe import describe
    from sim.society.world import build_world
    from sim.views.console import print_world

    path, folder = find(name), output.folder()
    scenario = load(path, overrides, **options)
    with about(path):
        check_fits(scenario, replicates=1)
        built = build_world(scenario)
    description = describe(scenario, built)
    text = _document("world", scenario=scenario.name, seed=scenario.run.seed, world=description,
                     warnings=list(built.warnings))  # fmt: skip
    if folder is not None:
        claim(folder, f"world {description['society']['digest']}", overwrite=output.overwrite)
        (folder / "summary.json").write_text(text, encoding="utf-8")
    if output.json:
        sys.stdout.write(text)
    else:
        for warning in built.warnings:
            output.say(f"note: {warning}")
        print_world(description)


def cache(asked: bool, clear: bool, others: Sequence[str], output: Output) -> None:
    """What is kept of societies and machine code; with ``clear`` it is deleted, and what that freed is told."""
    from sim.cache import cache_folder, forget_machine_code, machine_code, size_of
    from sim.society.kept import forget_societies, kept_societies, limit
    from sim.views.console import print_cache

    if not asked:
        raise InputError("clears nothing by itself", key="--clear", expected="influence world --cache --clear")
    if others:
        raise InputError("has no effect with --cache", key=others[0],
                         expected="--cache with nothing but --clear, --json and --quiet")  # fmt: skip
    societies = [
        {"folder": kept.folder.name, "people": kept.people, "ties": kept.ties, "bytes": kept.size,
         "last_used": kept.used}
        for kept in kept_societies()
    ]  # fmt: skip
    folders = machine_code()
    contents: dict[str, Any] = {
        "folder": str(cache_folder()), "societies": societies, "bytes": sum(one["bytes"] for one in societies),
        "limit": limit(), "machine_code": {"folders": len(folders), "bytes": sum(map(size_of, folders))},
    }  # fmt: skip
    if clear:
        forget_societies()
        forget_machine_code()
        left = sum(map(size_of, machine_code())) + sum(kept.size for kept in kept_societies())
        contents["freed"] = contents["bytes"] + contents["machine_code"]["bytes"] - left
    if output.json:
        sys.stdout.write(_document("world", cache=contents))
    else:
        print_cache(contents)


def scenarios(words: Sequence[str], json: bool) -> None:
    """List the built-in scenarios that have these words."""
    found = stories(words)
    if json:
        rows = [{"name": name, **asdict(told)} for name, told in found.items()]
        sys.stdout.write(_document("scenarios", scenarios=rows))
        return
    width = min(shutil.get_terminal_size((100, 24)).columns, WIDEST_TEXT)
    print("\n".join(line for name, told in found.items() for line in _told(name, told, width)))


def _told(name: str, told: Story, width: int) -> list[str]:
    """A scenario's name with its question and finding below it, each wrapped."""
    parts = [told.question, *([] if told.finding is None else [f"Finding: {told.finding}"])]
    wrapped = textwrap.TextWrapper(max(width, 40), initial_indent="    ", subsequent_indent="    ",
                                   break_long_words=False, break_on_hyphens=False)  # fmt: skip
    return [name, *(line for part in parts for line in wrapped.wrap(part))]


def show(name: str, overrides: Sequence[str], json: bool) -> None:
    """Every value with where it came from."""
    from sim.views.booked import described
    from sim.views.resolved import scenario_values

    scenario = load(find(name), overrides)
    columns = ("key", "value", "unit", "origin", "source")
    rows = [dict(zip(columns, row, strict=True)) for row in scenario_values(scenario)]
    for row in rows:
        row["value"] = str(row["value"]) if isinstance(row["value"], date) else row["value"]
    if json:
        plans = [_plan(plan) for plan in scenario.plans]
        creators = [asdict(creator) for creator in scenario.booked]
        sys.stdout.write(_document("show", scenario=scenario.name, values=rows, creators=creators, plans=plans))
        return
    print(f"# {scenario.name}: {scenario.question}")
    width = max(len(str(row["key"])) for row in rows)
    for row in rows:
        source = f"; {row['source']}" if row["source"] else ""
        print(f"{row['key']:<{width}}  {row['value']!s:<14} {row['unit'] or '':<20} # {row['origin']}{source}")
    print("\n".join(described(scenario, scenario.plans)))


def _plan(plan: Plan) -> dict[str, Any]:
    """A plan as it was settled."""
    return {"name": plan.name, "deals": [deal.model_dump() for deal in plan.deals], "budget": plan.budget,
            "left_over": plan.left_over, **_stages(plan)}  # fmt: skip


def _stages(plan: Plan) -> dict[str, Any]:
    """What a plan does besides its deals."""
    return {"seeding": None if plan.seeding is None else asdict(plan.seeding),
            "second": None if plan.second is None else asdict(plan.second)}  # fmt: skip


def check(file: str, overrides: Sequence[str], json: bool) -> None:
    """Load and check everything short of simulating; say what would run and what it would cost."""
    from sim.results.answer import open_costs, plan_price
    from sim.society.world import check_audiences
    from sim.views.booked import described, market_lines

    path = find(file)
    settings = load_settings(path, overrides)
    scenario, warnings = settings[0].scenario, list[str]()
    with about(path):
        for setting in settings:
            with setting.blamed():
                found = [*setting.scenario.notes, *check_audiences(setting.scenario)]
            warnings += [f"{setting.name}: {one}" if setting.changes else one for one in found if one not in warnings]
    plans = [
        {"name": plan.name, "posts": sum(len(deal.post_days(scenario.run.days)) for deal in plan.deals),
         "cost": plan_price(scenario, plan.name), "plus": open_costs(plan), "budget": plan.budget,
         "left_over": plan.left_over, **_stages(plan)}
        for plan in scenario.plans
    ]  # fmt: skip
    runs = len(scenario.plans) * scenario.run.replicates
    if json:
        several = {"settings": [setting.name for setting in settings]} if len(settings) > 1 else {}
        sys.stdout.write(_document("check", scenario=scenario.name, runs=runs, days=scenario.run.days, plans=plans,
                                   warnings=warnings, **several))  # fmt: skip
        return
    people = "the graph's people" if scenario.graph else f"{scenario.people:,} people"
    print(f"{scenario.name}: fine. {runs} runs ({len(scenario.plans)} plans x {scenario.run.replicates} replicates) "
          f"of {people} over {scenario.run.days} days in {scenario.worlds} societies.")  # fmt: skip
    if len(settings) > 1:
        print(f"  in {len(settings)} settings, {runs * len(settings)} runs in all: "
              + ", ".join(setting.name for setting in settings))  # fmt: skip
    print("\n".join([*(f"  {line}" for line in market_lines(scenario)), *described(scenario, scenario.plans)]))
    for warning in warnings:
        print(f"note: {warning}")


def new(folder: Path, overwrite: bool, json: bool) -> None:
    """Write the template files."""
    paths = write_template(folder, overwrite=overwrite)
    if json:
        sys.stdout.write(_document("new", files=[str(path) for path in paths]))
        return
    print(f"wrote {' and '.join(str(path) for path in paths)}; edit them, then: influence compare {paths[0]}")


def glossary(term: str | None, json: bool) -> None:
    """Figures and parameters, all or one."""
    entries = _entries()
    if term is not None and term not in entries:
        raise InputError("no such term", key="TERM", value=term, expected="a term that `influence glossary` lists",
                         nearest=nearest_match(term, entries))  # fmt: skip
    chosen = entries if term is None else {term: entries[term]}
    if json:
        sys.stdout.write(_document("glossary", terms=list(chosen.values())))
        return
    for name, entry in chosen.items():
        if term is None:
            print(f"{name:<28} {entry['meaning']} [{entry['unit']}]")
        else:
            print("\n".join(f"{key}: {value}" for key, value in entry.items() if value is not None))


def _entries() -> dict[str, dict[str, Any]]:
    from sim.parameters import PARAMETERS
    from sim.results.measures import METRICS

    figures = {
        metric.key: {"term": metric.key, "kind": "figure", "title": metric.title, "meaning": metric.definition,
                     "unit": metric.unit, "better": metric.better}
        for metric in METRICS.values()
    }  # fmt: skip
    numbers = {
        p.name: {"term": p.name, "kind": "parameter", "symbol": p.symbol, "meaning": p.meaning, "unit": p.unit,
                 "default": p.default, "low": p.low, "high": p.high, "neutral": p.neutral, "source": p.source}
        for p in PARAMETERS.values()
    }  # fmt: skip
    return {**figures, **numbers}
