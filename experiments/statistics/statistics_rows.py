"""What the study of statistics measured, as rows of a CSV file, and how sure each share is."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One measured value.

    part: of the study. source: made-up data or the simulation. societies: how many, and whether they differ.
    replicates: of one repeat. figure: what the interval, variance or verdict is of. method: how it was made.
    quantity: what ``value`` is (a share is a fraction). repeats: how many stand behind it.
    """

    part: str
    source: str
    societies: str
    replicates: int
    figure: str
    method: str
    quantity: str
    value: float
    repeats: int

    @property
    def error(self) -> float:
        """Standard error of a share: √(p(1-p)/repeats)."""
        return math.sqrt(self.value * (1.0 - self.value) / self.repeats)


def save(rows: Iterable[Row], path: Path) -> None:
    """The rows in full precision enough to draw and tabulate them again."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([field.name for field in fields(Row)])
        writer.writerows([f"{v:.6g}" if isinstance(v, float) else v for v in asdict(row).values()] for row in rows)


def read(path: Path) -> list[Row]:
    """The rows as they were saved."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            Row(**{**row, "replicates": int(row["replicates"]), "value": float(row["value"]),
                   "repeats": int(row["repeats"])})  # type: ignore[arg-type]
            for row in csv.DictReader(stream)
        ]  # fmt: skip


def chosen(rows: Sequence[Row], **wanted: object) -> list[Row]:
    """The rows whose fields have these values."""
    return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]
