"""The report's part on what it rests on: the assumptions that move the figures most, the scenario, every parameter."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sim.parameters import ASSUMPTION, PARAMETERS
from sim.scenario.load import Scenario
from sim.views.page import Markup, table, tag
from sim.views.resolved import scenario_values
from sim.views.wording import UNDEFINED

MOVES = Path(__file__).with_name("moves.csv")
"""What each parameter moves in the built-in comparison; written by experiments/mechanisms."""
MOST_MOVING = 12
OPEN = (ASSUMPTION, "calibrated")
"""What the source of a number says that nobody has measured by itself."""
SMALLEST = 1e-3
"""Of orders at an end, as a multiple of those at the default, below which all count alike."""
MEASURED = (
    "Numbers that nobody has measured by themselves: assumed, or chosen so that published facts come out. How much "
    "each of them moves was measured in the built-in comparison of ten micros and one celebrity, one number at a time "
    "over its whole range; in this scenario they may weigh otherwise, and influence sensitivity finds out how."
)


@dataclass(frozen=True)
class Move:
    """What a parameter moves from one end of its range to the other; None where an end cannot be run.

    low, high: orders that both plans caused, as multiples of those at the default. turns: whether at an end the other
    plan causes more.
    """

    parameter: str
    low: float | None
    high: float | None
    turns: bool

    @property
    def size(self) -> float:
        """The larger of the two factors, up or down alike."""
        return max((abs(math.log(max(end, SMALLEST))) for end in (self.low, self.high) if end is not None), default=0.0)


@lru_cache(maxsize=1)
def moves() -> tuple[Move, ...]:
    """Of every parameter that acts in the built-in comparison, the most moving first."""
    with MOVES.open(encoding="utf-8", newline="") as lines:
        found = [_move({key: float(text) if text and key != "parameter" else text for key, text in row.items()})
                 for row in csv.DictReader(lines)]  # fmt: skip
    return tuple(sorted(found, key=lambda move: -move.size))


def _move(row: dict[str, float | str]) -> Move:
    keys = ("orders_low", "orders_high", "ratio", "ratio_low", "ratio_high")
    low, high, ratio, *ends = (value if isinstance(value := row[key], float) else None for key in keys)
    turns = any(end is not None and ratio is not None and (end > 1) != (ratio > 1) for end in ends)
    return Move(str(row["parameter"]), low, high, turns)


def is_open(name: str) -> bool:
    """Whether a parameter's source says "assumption" or "calibrated"."""
    return any(word in PARAMETERS[name].source for word in OPEN)


def moving(scenario: Scenario) -> list[Markup]:
    """The assumptions that matter most, with what the ends of their ranges would do."""
    rates = scenario.rates
    rows = [
        [f"{move.parameter} ({PARAMETERS[move.parameter].symbol})", PARAMETERS[move.parameter].meaning,
         f"{getattr(rates, move.parameter):g}",
         f"{PARAMETERS[move.parameter].low:g} to {PARAMETERS[move.parameter].high:g}", _times(move.low),
         _times(move.high), "yes" if move.turns else "no", PARAMETERS[move.parameter].source]
        for move in moves() if is_open(move.parameter) and hasattr(rates, move.parameter)
    ][:MOST_MOVING]  # fmt: skip
    head = [
        "number",
        "meaning",
        "here",
        "range",
        "orders at the low end",
        "at the high end",
        "may turn the lead",
        "source",
    ]
    made = table(
        "The assumptions that matter most; orders as multiples of those at the default", head, rows, words=[1, 7]
    )
    return [made, tag("p", MEASURED, "quiet")]


def _times(factor: float | None) -> str:
    return UNDEFINED if factor is None else f"x {factor:.2g}" if factor < 100 else f"x {factor:,.0f}"


def assumptions(scenario: Scenario) -> list[Markup]:
    """What the figures rest on: the numbers that move them most, the scenario, and every parameter."""
    settings: list[list[str]] = []
    changed: list[list[str]] = []
    kept: list[list[str]] = []
    for key, value, unit, origin, source in scenario_values(scenario):
        section_name, _, name = key.partition(".")
        if section_name != "parameters":
            settings.append([key, _setting(key, value), unit, origin])
            continue
        row = [f"{name} ({PARAMETERS[name].symbol})", f"{value:g}", unit, PARAMETERS[name].meaning, source]
        if origin == "default":
            kept.append(row)
        else:
            changed.append([*row[:-1], f"{origin}; {source}" if source else origin])
    head = ["parameter", "value", "unit", "meaning"]
    words = [2, 3, 4]
    return [
        *moving(scenario),
        table("The scenario", ["setting", "value", "unit", "set by"], settings, words=[1, 2, 3]),
        table("Parameters that this scenario changes", [*head, "set by"], changed, words=words)
        if changed
        else Markup(),
        table("Parameters left at their defaults", [*head, "source"], kept, words=words),
    ]


def _setting(key: str, value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and key != "run.seed" else str(value)
