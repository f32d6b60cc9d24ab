"""Does the default answer hang on a free choice? ``python experiments/robustness/robustness.py --publish``.

Three choices: how many societies the replicates are dealt over, how many real people an agent stands for, and which of
three definitions in use of a micro-influencer (from 1,000, 5,000 or 10,000 to 100,000 followers) a budget is spent by.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import sim
from sim.results.comparison import Comparison
from sim.results.rounding import number
from sim.studies.validation.market import followers_of_roster
from sim.views.markdown import table, with_part

HERE = Path(__file__).parent
SCENARIO = "ten-micros-vs-one-celebrity"
POPULATION = 2_000_000
FIGURES = ("reach", "engagements", "incremental_conversions", "roi")
HEADS = ("societies", "people an agent", "replicates", "figure", "micros", "large", "ratio", "difference, 95 %",
         "micros ahead in", "verdict")  # fmt: skip
BUDGET, N_CREATORS, LEAST = 12_210, 300, 20
MICRO_FROM, MICRO_TO, LARGE = (1_000, 5_000, 10_000), 100_000, (300_000, 700_000)


@dataclass(frozen=True)
class Case:
    """One choice: part of the study, name, and the comparison it makes."""

    part: str
    name: str
    comparison: Comparison


def cases(replicates: int) -> Iterator[Case]:
    """All choices, the default one first in each part."""
    for worlds in (5, 1, 20):
        compared = sim.compare(SCENARIO, replicates=max(replicates, worlds), worlds=worlds)
        yield Case("societies", f"{worlds}", compared)
    for per_agent in (20, 5, 1):
        compared = sim.compare(SCENARIO, people=POPULATION // per_agent, replicates=replicates)
        yield Case("scale", f"{per_agent}", compared)
    for low in MICRO_FROM:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "definitions.toml"
            path.write_text(by_tier(low), encoding="utf-8")
            yield Case("definitions", f"{low:,} to {MICRO_TO:,}", sim.compare(path, replicates=replicates))


def by_tier(low: int) -> str:
    """A scenario that spends one budget on micros as defined, or on large general accounts, from one roster."""
    followers = followers_of_roster(N_CREATORS, LEAST)
    mixed = followers[np.argsort((np.arange(len(followers)) * (np.sqrt(5) - 1) / 2) % 1.0)]  # no order by size
    creators = [
        f'{{ handle = "c{number:03d}", followers = {size}' + (', niche = "beauty" },' if size < MICRO_TO else " },")
        for number, size in enumerate(mixed.tolist())
    ]
    return "\n".join([
        "schema = 1", 'name = "definitions"', "creator = [", *creators, "]",
        "[market]", f"population = {POPULATION}", 'niches = ["beauty", "fashion", "food", "fitness", "travel"]',
        "[society]", "people = 200_000", "worlds = 5",
        "[product]", 'niche = "beauty"', "price = 48.0", "margin = 0.6",
        "[run]", "days = 60", "replicates = 20", "seed = 1",
        "[tiers]", f"micro = [{low}, {MICRO_TO}]", f"large = [{LARGE[0]}, {LARGE[1]}]",
        "[[plan]]", 'name = "micros"', f"budget = {BUDGET}", "split = { micro = 1.0 }",
        "[[plan]]", 'name = "large"', f"budget = {BUDGET}", "split = { large = 1.0 }",
    ])  # fmt: skip


def rows_of(case: Case) -> list[dict[str, str]]:
    """One row a figure."""
    comparison = case.comparison
    ensemble = comparison.ensemble
    a, b = (plan.name for plan in ensemble.scenario.plans[1:])
    per_agent = POPULATION / ensemble.scenario.people
    return [
        {"part": case.part, "case": case.name, "societies": f"{ensemble.scenario.worlds}",
         "people_per_agent": f"{per_agent:g}", "replicates": f"{ensemble.scenario.run.replicates}", "metric": metric,
         **_figures(comparison, a, b, metric)}
        for metric in FIGURES
    ]  # fmt: skip


def _figures(comparison: Comparison, a: str, b: str, metric: str) -> dict[str, str]:
    row = comparison.difference(a, b, metric)
    means = (comparison.figures[plan][metric] for plan in (a, b))
    first, second = (interval.mean if interval else float("nan") for interval in means)
    verdict = {"a": "micros", "b": "large"}.get(row.verdict, row.verdict)
    return {"micros": f"{first:.4g}", "large": f"{second:.4g}", "ratio": _digits(row.ratio), "mean": _digits(row.mean),
            "low": _digits(row.low), "high": _digits(row.high), "ahead": _digits(row.probability_a_higher),
            "verdict": verdict}  # fmt: skip


def _digits(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def tables(rows: Sequence[dict[str, str]]) -> dict[str, str]:
    """One table a part."""
    return {part: table(("choice", *HEADS), [_line(row) for row in rows if row["part"] == part])
            for part in dict.fromkeys(row["part"] for row in rows)}  # fmt: skip


def _line(row: dict[str, str]) -> tuple[str, ...]:
    mean, low, high, micros, large = (number(float(row[key])) for key in ("mean", "low", "high", "micros", "large"))
    ahead = f"{100 * float(row['ahead']):.0f} %" if row["ahead"] else "-"
    ratio = "-" if row["metric"] == "roi" or not row["ratio"] else number(float(row["ratio"]))
    return (row["case"], row["societies"], row["people_per_agent"], row["replicates"], row["metric"], micros, large,
            ratio, f"{mean} ({low} to {high})", ahead, row["verdict"])  # fmt: skip


def read() -> list[dict[str, str]]:
    """The rows as published."""
    with (HERE / "results.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def publish(rows: Sequence[dict[str, str]]) -> None:
    """Write the rows beside this file, and the tables into its README."""
    with (HERE / "results.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    page = HERE / "README.md"
    text = page.read_text(encoding="utf-8")
    for part, lines in tables(rows).items():
        text = with_part(text, part, lines)
    page.write_text(text, encoding="utf-8")


def main() -> None:
    """Parse, run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--replicates", type=int, default=20)
    parser.add_argument("--publish", action="store_true", help="write results.csv and the tables of README.md")
    parser.add_argument("--reuse", action="store_true", help="run nothing: take results.csv as it is")
    chosen, begun, rows = parser.parse_args(), time.perf_counter(), []
    for case in () if chosen.reuse else cases(chosen.replicates):
        rows += rows_of(case)
        print(f"{time.perf_counter() - begun:6.0f} s  {case.part} {case.name}", flush=True)
    rows = rows or read()
    for lines in tables(rows).values():
        print(lines, end="\n\n")
    if chosen.publish:
        publish(rows)


if __name__ == "__main__":
    main()
