"""summary.json: the comparison as strict JSON, the same bytes for the same question."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib import metadata
from typing import Any

from sim.results.answer import answer
from sim.results.comparison import Comparison
from sim.results.measures import METRICS
from sim.results.spending import bought
from sim.results.statistics import Interval

SCHEMA = 1


def envelope(comparison: Comparison, command: str) -> dict[str, Any]:
    """What every command's JSON begins with."""
    ensemble = comparison.ensemble
    scenario = ensemble.scenario
    first = next(iter(ensemble.replicates[0].plans.values())).run
    return {
        "schema": SCHEMA,
        "command": command,
        "scenario": scenario.name,
        "digest": comparison.digest,
        "worlds": scenario.worlds,
        "world_digests": world_digests(comparison),
        "seed": scenario.run.seed,
        "replicates": scenario.run.replicates,
        "engine": ensemble.engine,
        "people": ensemble.replicates[0].people,
        "people_per_agent": first.people_per_agent,
        "days": scenario.run.days,
        "currency": scenario.market.currency,
        "versions": versions(),
    }


def world_digests(comparison: Comparison) -> list[str]:
    """Digest of each society, in order."""
    found = {replicate.world: replicate.world_digest for replicate in comparison.ensemble.replicates}
    return [found[world] for world in sorted(found)]


def versions() -> dict[str, str]:
    """Versions that may decide bits."""
    names = ("influence-sim", "mesa", "numba", "numpy", "scipy")
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in names}}


def summary(comparison: Comparison) -> dict[str, Any]:
    """The whole of summary.json."""
    return {
        **envelope(comparison, "compare"),
        "question": comparison.ensemble.scenario.question,
        "answer": list(answer(comparison)),
        "plans": {plan: _plan(comparison, plan) for plan in comparison.figures},
        "differences": [asdict(row) for row in comparison.differences],
        "warnings": list(comparison.warnings),
        **({} if comparison.precision is None else {"precision": asdict(comparison.precision)}),
    }


def _plan(comparison: Comparison, plan: str) -> dict[str, Any]:
    booked = comparison.ensemble.scenario.plan(plan)
    told = bought(comparison.ensemble, plan)
    return {
        "deals": len(booked.deals),
        "creators": _mean(told.creators),
        "posts": _mean(told.posts),
        "declined": dict(told.declined),
        "budget": booked.budget,
        "left_over": told.left_over,
        **plan_figures(comparison, plan),
    }


def plan_figures(comparison: Comparison, plan: str) -> dict[str, dict[str, Any]]:
    """Every figure of a plan: mean, low, high, sd and unit."""
    currency = comparison.ensemble.scenario.market.currency
    return {
        key: _figure(interval, currency if METRICS[key].unit == "currency" else METRICS[key].unit)
        for key, interval in comparison.figures[plan].items()
    }


def _mean(counts: Sequence[int]) -> float | int:
    """The mean of counts; the count itself where they are all the same."""
    return counts[0] if len(set(counts)) == 1 else sum(counts) / len(counts)


def interval_json(interval: Interval | None) -> dict[str, float | None]:
    """Mean, low and high; null where undefined."""
    mean, low, high = bounds(interval)
    return {"mean": mean, "low": low, "high": high}


def interval_columns(name: str, interval: Interval | None) -> dict[str, float | None]:
    """The same as columns of a table: name, name_low, name_high."""
    return dict(zip((name, f"{name}_low", f"{name}_high"), bounds(interval), strict=True))


def bounds(interval: Interval | None) -> tuple[float | None, float | None, float | None]:
    """Mean, low and high; None where undefined."""
    return (None, None, None) if interval is None else (interval.mean, interval.low, interval.high)


def _figure(interval: Interval | None, unit: str) -> dict[str, Any]:
    if interval is None:
        return {"mean": None, "low": None, "high": None, "sd": None, "unit": unit}
    return {"mean": interval.mean, "low": interval.low, "high": interval.high, "sd": interval.sd, "unit": unit}


def to_json(document: Any) -> str:
    """Strict JSON: no NaN or infinity, undefined figures are null."""
    return json.dumps(_strict(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _strict(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strict(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(member) for member in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
