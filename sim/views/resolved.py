"""A scenario with every value resolved: as a file that can be run again, and as a table."""

from __future__ import annotations

import dataclasses
import textwrap
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import tomlkit

from sim.parameters import PARAMETERS
from sim.platforms import PRESETS
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE, Plan, Seeding
from sim.scenario.schema import TIERS, SegmentTable
from sim.scenario.settings import Setting, changes_between

SECTIONS = ("market", "society", "product", "platform", "run")
GENERATED_ONLY, GRAPH_ONLY = ("people", "peer_ties", "worlds"), ("graph", "directed", "reverse")
"""Keys of [society] that a given graph leaves no room for, and those that need one."""

UNITS = {
    "market.population": "real people", "market.usd_rate": "units of the currency a dollar", "society.people": "agents",
    "society.peer_ties": "ties a person", "society.worlds": "societies", "product.margin": "share of the price",
    "product.quality": "share of buyers who are glad", "run.days": "days", "run.replicates": "replicates",
    "segment.share": "share of people", "segment.activity": "x mean", "segment.skepticism": "x mean",
    "segment.trust": "x mean",
}  # fmt: skip
"""Units of the values that are not parameters; money is in the scenario's currency."""

WIDTH = 100
UNCHANGED = "product.price"
"""What a setting that comes out like the first one sets to the value that it has: a setting must set something."""


def scenario_toml(scenario: Scenario, settings: Sequence[Setting] = ()) -> str:
    """The resolved scenario as TOML: booked creators only, each value with where it came from.

    Splits are deals, and every deal has its own start, so that order and stagger are no longer needed.
    Loading it gives the same digest. A given graph is named by its absolute path. settings: where there are several,
    each but the first sets every value that is resolved to another one in it.
    """
    if len(settings) < 2:
        return tomlkit.dumps(_document(scenario, [creator.handle for creator in scenario.booked]))
    handles = sorted({creator.handle for setting in settings for creator in setting.scenario.booked})
    document = _document(scenario, handles)
    written, tables = tomllib.loads(tomlkit.dumps(document)), tomlkit.aot()
    for place, setting in enumerate(settings):
        table = tomlkit.table()
        table.add("name", setting.name)
        if place:
            other = tomllib.loads(tomlkit.dumps(_document(setting.scenario, handles)))
            changed = tomlkit.table()
            changed.update(changes_between(written, other) or {UNCHANGED: scenario.product.price})
            table.add("set", changed)
        tables.append(table)
    document["setting"] = tables
    return tomlkit.dumps(document)


def _document(scenario: Scenario, handles: Iterable[str]) -> tomlkit.TOMLDocument:
    """The scenario with these of its creators."""
    document = tomlkit.document()
    for line in textwrap.wrap(scenario.question, WIDTH, break_long_words=False, break_on_hyphens=False):
        document.add(tomlkit.comment(line))
    document["schema"] = 1
    document["name"] = scenario.name.strip()
    document["creator"] = _rows(
        _given(dataclasses.asdict(creator)) for creator in map(scenario.creators.__getitem__, handles)
    )
    if scenario.segments:
        document["segment"] = _rows(segment.model_dump() for segment in scenario.segments)
    for section in SECTIONS:
        document[section] = _section(scenario, section)
    document["parameters"] = _parameters(scenario)
    if dict(scenario.tiers) != TIERS:
        document["tiers"] = {name: list(limits) for name, limits in scenario.tiers.items()}
    plans = tomlkit.aot()
    for plan in scenario.plans:
        if plan.name != NONE:
            plans.append(_plan(plan))
    document["plan"] = plans
    return document


def scenario_values(scenario: Scenario) -> list[tuple[str, Any, str, str, str]]:
    """(key, value, unit, origin, source) of every value: sections, segments, then every parameter."""
    rows: list[tuple[str, Any, str, str, str]] = []
    for section in SECTIONS:
        for key, value in section_values(scenario, section).items():
            dotted = f"{section}.{key}"
            unit = scenario.market.currency if dotted == "product.price" else UNITS.get(dotted, "")
            rows.append((dotted, value, unit, scenario.origins.get(dotted, "default"), ""))
    for segment in scenario.segments:
        rows += _segment_values(segment, scenario.origins)
    for name, value in dataclasses.asdict(scenario.rates).items():
        dotted = f"parameters.{name}"
        rows.append((dotted, value, PARAMETERS[name].unit, scenario.origins[dotted], _source(scenario, name)))
    return rows


def _segment_values(segment: SegmentTable, origins: Mapping[str, str]) -> list[tuple[str, Any, str, str, str]]:
    rows = []
    for key, value in segment.model_dump(exclude={"name"}).items():
        dotted = f"segment.{segment.name}.{key}"
        given = origins.get("segment", "default") if key in segment.model_fields_set else "default"
        rows.append((dotted, value, UNITS[f"segment.{key}"], origins.get(dotted, given), ""))
    return rows


def section_values(scenario: Scenario, section: str) -> dict[str, Any]:
    """A section's values, those decided by a default filled in and those without a meaning here left out."""
    values = getattr(scenario, section).model_dump()
    if section == "society":
        values |= {"people": scenario.people, "worlds": scenario.worlds}
        values["graph"] = None if scenario.graph is None else str(scenario.graph)
        left_out = GRAPH_ONLY if scenario.graph is None else GENERATED_ONLY
        values = {key: value for key, value in values.items() if key not in left_out}
    return _given(values)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _rows(rows: Iterable[Mapping[str, Any]]) -> Any:
    """A list of tables, one a line."""
    array = tomlkit.array().multiline(True)
    for row in rows:
        array.append(_inline(row))
    return array


def _inline(row: Mapping[str, Any]) -> Any:
    entry = tomlkit.inline_table()
    entry.update(row)
    return entry


def _section(scenario: Scenario, section: str) -> Any:
    table = tomlkit.table()
    for key, value in section_values(scenario, section).items():
        dotted = f"{section}.{key}"
        table.add(key, _commented(value, UNITS.get(dotted, ""), scenario.origins.get(dotted, "default")))
    return table


def _parameters(scenario: Scenario) -> Any:
    table = tomlkit.table()
    for name, value in dataclasses.asdict(scenario.rates).items():
        origin = scenario.origins[f"parameters.{name}"]
        table.add(name, _commented(value, PARAMETERS[name].unit, origin, _source(scenario, name)))
    return table


def _commented(value: Any, *remarks: str) -> Any:
    item = tomlkit.item(value)
    item.comment("; ".join(remark for remark in remarks if remark))
    return item


def _source(scenario: Scenario, name: str) -> str:
    """Where a default or a preset's number is from; a number that the user set needs no other source."""
    origin = scenario.origins[f"parameters.{name}"]
    if origin == "default":
        return PARAMETERS[name].source
    return PRESETS[scenario.platform.preset].sources.get(name, "") if origin.startswith("platform") else ""


def _plan(plan: Plan) -> Any:
    table = tomlkit.table()
    table.add("name", plan.name)
    if plan.budget is not None:
        left = "" if plan.left_over is None else f"{plan.left_over:,.2f} left over"
        table.add("budget", _commented(plan.budget, left) if left else plan.budget)
    if plan.deals:
        table.add("deals", _rows(_given(deal.model_dump()) for deal in plan.deals))
    if plan.seeding is not None:
        table.add("seeding", _inline(_seeding(plan.seeding)))
    if plan.second is not None:
        table.add("second", _inline(dataclasses.asdict(plan.second)))
    return table


def _seeding(seeding: Seeding) -> dict[str, Any]:
    """A seeding as a file has it: k goes without saying where the people are listed."""
    values = dataclasses.asdict(seeding)
    if isinstance(seeding.people, tuple):
        values |= {"people": list(seeding.people), "k": None}
    return _given(values)
