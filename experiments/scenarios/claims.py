"""The claims as they were written down before anything was run, and what was found as rows of a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from sim.errors import InputError, nearest_match
from sim.results.measures import METRICS

HERE = Path(__file__).resolve().parent
CLAIMS = HERE / "claims.csv"
VIRAL = "viral"
"""The one claim that is no figure: extra orders of replicates that went viral against those of the rest."""

HOLDS, CONTRADICTED, UNDECIDED = "holds", "contradicted", "undecided"
LOSES, LOSES_NOTHING, LUCK = "small creators lose", "small creators lose nothing", "one replicate"
"""Kinds of rows beside claims: what the plan with the smaller creators is surely worse in, or that there is nothing;
and how much of a plan's figure (a, metric) is the luck of a single replicate (a_value, of b_value replicates)."""
BESIDE = (LOSES, LOSES_NOTHING, LUCK)


@dataclass(frozen=True)
class Claim:
    """Plan a and plan b (as ``setting/plan`` where there are settings), and which of them is said to be higher."""

    scenario: str
    a: str
    b: str
    metric: str
    higher: str
    words: str


@dataclass(frozen=True)
class Row(Claim):
    """One line of results.csv: a claim with what came out, or what is said beside claims.

    unit: "%", a currency, or "". a_value, b_value, difference (a minus b), low, high: None where not defined.
    verdict: of a claim, or one of the kinds above. note: what the figures alone do not say.
    """

    unit: str
    a_value: float | None
    b_value: float | None
    difference: float | None
    low: float | None
    high: float | None
    verdict: str
    note: str = ""


def read_claims(path: Path = CLAIMS) -> list[Claim]:
    """Every claim, in the order of the file. Raises InputError for a figure or a side that does not exist."""
    with path.open(encoding="utf-8", newline="") as stream:
        claims = [Claim(**row) for row in csv.DictReader(stream)]
    for number, claim in enumerate(claims, 2):
        if claim.metric not in METRICS and claim.metric != VIRAL:
            raise InputError("no such figure", file=path, row=number, key="metric", value=claim.metric,
                             expected="a figure of `influence glossary`",
                             nearest=nearest_match(claim.metric, METRICS))  # fmt: skip
        if claim.higher not in ("a", "b"):
            raise InputError("not a side", file=path, row=number, key="higher", value=claim.higher,
                             expected="a or b")  # fmt: skip
    return claims


def save(rows: Iterable[Row], path: Path) -> None:
    """The rows, with more digits than are ever shown."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([field.name for field in fields(Row)])
        for row in rows:
            writer.writerow(["" if v is None else f"{v:.8g}" if isinstance(v, float) else v
                             for v in asdict(row).values()])  # fmt: skip


def read(path: Path) -> list[Row]:
    """The rows as they were saved; none where there is no file."""
    if not path.exists():
        return []
    numbers = ("a_value", "b_value", "difference", "low", "high")
    with path.open(encoding="utf-8", newline="") as stream:
        return [
            Row(**{**row, **{name: float(row[name]) if row[name] else None for name in numbers}})  # type: ignore[arg-type]
            for row in csv.DictReader(stream)
        ]


def merged(old: Sequence[Row], new: Sequence[Row], order: Sequence[str]) -> list[Row]:
    """The new rows in place of the old ones of the same scenarios, scenarios in that order."""
    renewed = {row.scenario for row in new}
    rows = [*new, *(row for row in old if row.scenario not in renewed)]
    return [row for name in order for row in rows if row.scenario == name]
