"""Measured effects as rows of a CSV file, and the ratio of two plans that the study is about."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from sim.parameters import PARAMETERS
from sim.studies.effects import AHEAD, CONVERSIONS, FIGURES, Effect, Measured

MANY, ONE = "ten-micros", "celebrity"
COLUMNS = ("parameter", "context", "plan", "figure", "end", "parameter_value", "value", "change")
Where = Literal["low", "default", "high"]


def save(effects: Sequence[Effect], path: Path) -> None:
    """One row a parameter, plan, figure (AHEAD among them) and end; no rows of an end that cannot be run."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for effect in effects:
            writer.writerows(_rows(effect))


def _rows(effect: Effect) -> Iterator[tuple[str, ...]]:
    p = PARAMETERS[effect.parameter]
    values = {"default": p.default, "low": p.low, "high": p.high}
    for plan in effect.default:
        for figure in (*FIGURES, AHEAD):
            for end, value in values.items():
                measured = getattr(effect, end)
                if measured is None:
                    continue
                change = None if end == "default" or figure == AHEAD else effect.change(end, plan, figure)
                yield (effect.parameter, effect.context, plan, figure, end, f"{value:g}",
                       f"{measured[plan][figure]:.8g}", "" if change is None else f"{change:.4g}")  # fmt: skip


def read(path: Path) -> list[Effect]:
    """The effects as they were saved."""
    found: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    contexts: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            contexts[row["parameter"]] = row["context"]
            ends = found.setdefault(row["parameter"], {})
            ends.setdefault(row["end"], {}).setdefault(row["plan"], {})[row["figure"]] = float(row["value"])
    return [
        Effect(name, contexts[name], ends["default"], ends.get("low"), ends.get("high")) for name, ends in found.items()
    ]


def ratio(effect: Effect, where: Where) -> float | None:
    """Incremental conversions of ten micros : those of the celebrity; None where one of them has none."""
    measured: Measured | None = getattr(effect, where)
    if measured is None:
        return None
    many, one = measured[MANY][CONVERSIONS], measured[ONE][CONVERSIONS]
    return many / one if many > 0 and one > 0 else None


def spread(effect: Effect) -> float:
    """How far the ratio goes between the ends and the default, on a log scale."""
    ratios = [found for where in ("low", "default", "high") if (found := ratio(effect, where)) is not None]  # type: ignore[arg-type]
    return math.log(max(ratios) / min(ratios)) if ratios else 0.0
