"""The calibration's tables, written into its README: ``python experiments/calibration/pages.py``."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from search import SPACES, Range, facts_of

from sim.parameters import PARAMETERS
from sim.studies.validation.facts import Fact
from sim.views.markdown import table, with_part

HERE = Path(__file__).parent
PASSING = "passing trials"
Row = Mapping[str, str]


def read(name: str) -> list[Row]:
    """A CSV beside this file."""
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def numbers_table(stage: str, trials: Sequence[Row], moved: Sequence[Row]) -> str:
    """Each number searched for: where it began, what was found, what is kept, and how well the facts determine it."""
    best = min(trials, key=lambda row: float(row["loss"]))
    passing = [row for row in trials if not row["failing"]]
    rows = [
        (f"`{name}`", f"{r.start:g}", f"{r.low:g} to {r.high:g}", _number(best, name), f"{PARAMETERS[name].default:g}",
         _band([float(row[name]) for row in passing if r.moved]), *_alone(name, r, moved))
        for name, r in SPACES[stage].items()
    ]  # fmt: skip
    heads = ("number", "began at", "searched", "best trial", "default now", f"in {len(passing)} {PASSING}",
             "alone, passes from", "to", "bounded by", "determined")  # fmt: skip
    return table(heads, rows)


def _number(best: Row, name: str) -> str:
    return f"{float(best[name]):.3g}" if name in best else "stays"


def _band(values: Sequence[float]) -> str:
    if not values:
        return "-"
    low, high = np.percentile(values, [5, 95])
    return f"{low:.3g} to {high:.3g}"


def _alone(name: str, r: Range, moved: Sequence[Row]) -> tuple[str, str, str, str]:
    """How far the number may go alone, what stops it, and in words how well it is determined."""
    ends = [row for row in moved if row["parameter"] == name]
    low, high = (float(row["passes_to"]) for row in ends)
    sides = zip(ends, ("below", "above"), strict=True)
    stops = ", ".join(f"{row['then']} {where}" for row, where in sides if row["then"])
    width = r.distance(high) - r.distance(low)
    word = "well" if width < 0.25 else "loosely" if width < 0.75 else "hardly"
    return f"{low:.3g}", f"{high:.3g}", stops or "nothing searched", f"{word} ({100 * width:.0f} % of the range)"


def facts_table(stage: str, trials: Sequence[Row]) -> str:
    """The stage's facts at the start and at the best trial."""
    first, best = trials[0], min(trials, key=lambda row: float(row["loss"]))
    rows = [
        (fact.id, fact.name, f"{fact.low:.3g} to {fact.high:.3g}", _shown(fact, first), _shown(fact, best))
        for fact in facts_of(stage)
    ]  # fmt: skip
    return table(("fact", "", "accepted", "before", "best trial"), rows)


def _shown(fact: Fact, row: Row) -> str:
    value = float(row[fact.id])
    return f"{value:.3g}" + ("" if fact.passes(value) else " (fails)")


def main() -> None:
    """Write the tables anew."""
    moved, page = read("determined.csv"), HERE / "README.md"
    text = page.read_text(encoding="utf-8")
    for stage in SPACES:
        trials = read(f"trials_{stage}.csv")
        part = f"{numbers_table(stage, trials, moved)}\n\n{facts_table(stage, trials)}"
        text = with_part(text, stage, part)
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
