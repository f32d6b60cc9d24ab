"""What a measurement brings: rows of (part, subject, size, quantity, value, unit, note), kept as a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """One measured figure. size: people, nodes or replicates, as the part says; value is None where there is none."""

    part: str
    subject: str
    size: int
    quantity: str
    value: float | None
    unit: str
    note: str = ""


def save(rows: Iterable[Row], path: Path) -> None:
    """Write the rows; a value that is missing is a blank cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(Row._fields)
        for row in rows:
            writer.writerow([*row[:4], "" if row.value is None else f"{row.value:.6g}", *row[5:]])


def read(path: Path) -> list[Row]:
    """The rows of a file that ``save`` wrote."""
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            Row(line["part"], line["subject"], int(line["size"]), line["quantity"],
                float(line["value"]) if line["value"] else None, line["unit"], line["note"])
            for line in csv.DictReader(stream)
        ]  # fmt: skip


def value_of(rows: Iterable[Row], part: str, subject: str, size: int, quantity: str) -> float | None:
    """The value of the row with this address, None where there is none."""
    found = (row.value for row in rows if row[:4] == (part, subject, size, quantity))
    return next(found, None)


def note_of(rows: Iterable[Row], part: str, subject: str, size: int) -> str:
    """The first remark on a subject at a size."""
    found = (row.note for row in rows if row[:3] == (part, subject, size) and row.note)
    return next(found, "")


def sizes_of(rows: Iterable[Row], part: str, subject: str, quantity: str) -> list[int]:
    """The sizes at which a quantity was found, ascending."""
    return sorted({
        row.size for row in rows
        if (row.part, row.subject, row.quantity) == (part, subject, quantity) and row.value is not None
    })  # fmt: skip
