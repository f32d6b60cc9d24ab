"""The small table of effects that the package carries, for the reports: sim/views/report/moves.csv, from results.csv.

python experiments/mechanisms/effects_shipped.py    write it again; effects.py --publish does so, too
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHIPPED = HERE.parents[1] / "sim" / "views" / "report" / "moves.csv"
PLANS = ("ten-micros", "celebrity")
HEADS = ("parameter", "orders_low", "orders_high", "ratio", "ratio_low", "ratio_high")


def shipped(results: Path) -> str:
    """A row a parameter that acts in the scenario as it is.

    orders_low, orders_high: orders caused, both plans together, at the ends of its range, as a multiple of those at its
    default. ratio: orders of ten micros ÷ celebrity, at the default and at the ends. Blank where an end cannot be run.
    """
    found: dict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    with results.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["context"] == "as it is" and row["figure"] == "incremental_conversions" and row["value"]:
                found[row["parameter"]][row["plan"], row["end"]] = float(row["value"])
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADS)
    for name, values in found.items():
        orders = {end: _sum(values, end) for end in ("default", "low", "high")}
        ratios = [_ratio(values, end) for end in ("default", "low", "high")]
        changes = [_divided(orders[end], orders["default"]) for end in ("low", "high")]
        writer.writerow([name, *map(_text, (*changes, *ratios))])
    return out.getvalue()


def _sum(values: dict[tuple[str, str], float], end: str) -> float | None:
    both = [values.get((plan, end)) for plan in PLANS]
    return None if None in both else sum(both)


def _ratio(values: dict[tuple[str, str], float], end: str) -> float | None:
    return _divided(*(values.get((plan, end)) for plan in PLANS))


def _divided(top: float | None, bottom: float | None) -> float | None:
    return None if top is None or not bottom or bottom < 0 else top / bottom


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


if __name__ == "__main__":
    SHIPPED.write_text(shipped(HERE / "results.csv"), encoding="utf-8")
