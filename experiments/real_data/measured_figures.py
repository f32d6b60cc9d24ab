"""What was measured, as rows of a CSV file: aggregate figures only, never a row of the data."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Figure(NamedTuple):
    """One figure: ``name`` of ``group``, in ``part`` of the study, of the data or of a simulation; a 95 % interval."""

    part: str
    of: str
    group: str
    name: str
    value: float
    low: float | None = None
    high: float | None = None


class Figures:
    """Figures by their names, in the order in which they were found."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self.rows = list(figures)
        self._by_name = {(f.part, f.of, f.group, f.name): f for f in self.rows}

    def __call__(self, part: str, of: str, group: str, name: str) -> Figure:
        """The figure of that name. Raises KeyError."""
        return self._by_name[part, of, group, name]

    def groups(self, part: str) -> list[str]:
        """Groups of a part, each once."""
        return list(dict.fromkeys(f.group for f in self.rows if f.part == part))

    def subjects(self, part: str) -> list[str]:
        """What the figures of a part are of, each once."""
        return list(dict.fromkeys(f.of for f in self.rows if f.part == part))

    def names(self, part: str) -> list[str]:
        """Names of the figures of a part, each once."""
        return list(dict.fromkeys(f.name for f in self.rows if f.part == part))

    def save(self, path: Path) -> None:
        """One line a figure."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(Figure._fields)
            for figure in self.rows:
                numbers = ("" if number is None else f"{number:.6g}" for number in figure[4:])
                writer.writerow((*figure[:4], *numbers))

    @classmethod
    def read(cls, path: Path) -> Figures:
        """The figures as they were saved."""
        with path.open(encoding="utf-8", newline="") as stream:
            return cls(
                Figure(row["part"], row["of"], row["group"], row["name"], float(row["value"]),
                       _number(row["low"]), _number(row["high"]))
                for row in csv.DictReader(stream)
            )  # fmt: skip


def _number(cell: str) -> float | None:
    return float(cell) if cell else None


def told(figure: Figure, form: str = ".2f", scale: float = 1.0) -> str:
    """The value, with its interval where there is one that is not a point."""
    value = f"{scale * figure.value:{form}}"
    if figure.low is None or figure.high is None or figure.low == figure.high:
        return value
    return f"{value} ({scale * figure.low:{form}} to {scale * figure.high:{form}})"
