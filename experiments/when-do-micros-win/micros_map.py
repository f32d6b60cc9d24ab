"""When do ten micro-influencers beat the one account that the same money buys? A map over what markets differ in.

    python experiments/when-do-micros-win/micros_map.py               # into results/when-do-micros-win, resumable
    python experiments/when-do-micros-win/micros_map.py --publish     # and into this folder

Every point is a comparison of ten creators of 30,000 followers in the product's niche with one general account, three
posts each, at market prices: the account has the followers whose price is that of the ten. Six numbers are moved one
by one, and the price exponent together with three of them.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from micros_figure import draw_grids, draw_lines
from micros_tables import parts

import sim
from sim.errors import InfluenceError
from sim.parameters import PARAMETERS
from sim.rules import market_price
from sim.scenario import DEFAULT_SCENARIO
from sim.views.markdown import with_part

HERE = Path(__file__).resolve().parent
MICRO, N_MICROS, MICROS, LARGE = 30_000, 10, "ten-micros", "celebrity"
MARKET = 8_000_000
"""People of the market where its size is not moved: four times the built-in scenario's, so that an account of several
million fits it."""
SIZE = {"people": 100_000, "replicates": 40, "worlds": 20}
FIGURES = ("reach", "engagements", "incremental_conversions", "roi")
COLUMNS = ("figure", "axis_1", "value_1", "axis_2", "value_2", "large", "micros", "other", "ratio", "low", "high",
           "ahead", "verdict")  # fmt: skip
EXPONENT, NICHES, POPULATION = "price_exponent", "niches", "population"
AXES: dict[str, tuple[float, ...]] = {
    EXPONENT: (0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 1.05, 1.15),
    NICHES: (2, 4, 6, 10, 16, 24),
    "trust_gain": (0.0, 0.2, 0.4, 0.6, 0.82, 1.0),
    "fake_share": (0.0, 0.15, 0.3, 0.5, 0.7),
    "fake_slope": (-0.2, -0.1, 0.0, 0.1, 0.2),
    "appetite_shape": (0.3, 0.5, 1.0, 2.0, 5.0, 50.0),
    POPULATION: (1e6, 2e6, 4e6, 8e6, 16e6),
}
"""What is moved. niches: their number, so that the product's is one over it; population: real people of the market."""
GRIDS = ((EXPONENT, "trust_gain"), (EXPONENT, NICHES))
GRID_EXPONENTS, GRID_STEPS = (0.55, 0.65, 0.75, 0.85, 0.95, 1.05), 2


@dataclass(frozen=True)
class Point:
    """Values by axis; others are the built-in scenario's."""

    values: tuple[tuple[str, float], ...]


def points() -> Iterator[Point]:
    """Each axis alone, then the grids."""
    for axis, values in AXES.items():
        for value in values:
            yield Point(((axis, value),))
    for first, second in GRIDS:
        for one in GRID_EXPONENTS:
            for two in AXES[second][::GRID_STEPS]:
                yield Point(((first, one), (second, two)))


def equal_followers(exponent: float) -> int:
    """Followers of the one account whose post costs as much as a post of each of the ten: 30,000 · 10^(1/β)."""
    return round(MICRO * N_MICROS ** (1.0 / exponent))


def overrides_of(point: Point) -> tuple[str, ...]:
    """The point as overrides of the built-in scenario, fees by the price curve among them."""
    values = {POPULATION: float(MARKET), **dict(point.values)}
    exponent = values.get(EXPONENT, PARAMETERS[EXPONENT].default)
    fee = market_price(MICRO, PARAMETERS["price_constant"].default, exponent)
    words = [f"creator.{LARGE}.followers={equal_followers(exponent)}", f"plan.{LARGE}.deals.{LARGE}.fee={10 * fee!r}"]
    words += [f"plan.{MICROS}.deals.micro-{k}.fee={fee!r}" for k in range(1, N_MICROS + 1)]
    for axis, value in values.items():
        if axis == NICHES:
            names = ", ".join(['"beauty"', *(f'"n{k}"' for k in range(2, int(value) + 1))])
            words.append(f"market.niches=[{names}]")
        elif axis == POPULATION:
            words.append(f"market.population={int(value)}")
        else:
            words.append(f"parameters.{axis}={value!r}")
    return tuple(words)


def measure(point: Point, workers: int, size: dict[str, int]) -> list[dict[str, str]]:
    """One row a figure: means of both plans, ratio, paired difference, verdict."""
    comparison = sim.compare(DEFAULT_SCENARIO, *overrides_of(point), workers=workers, **size)
    (first, one), (second, two) = (*point.values, ("", ""))[:2]
    large = equal_followers(dict(point.values).get(EXPONENT, PARAMETERS[EXPONENT].default))
    rows = []
    for figure in FIGURES:
        row = comparison.difference(MICROS, LARGE, figure)
        means = [interval.mean if (interval := comparison.figures[plan][figure]) else None for plan in (MICROS, LARGE)]
        verdict = {"a": MICROS, "b": LARGE}.get(row.verdict, row.verdict)
        told = (figure, first, one, second, two, large, *means, row.ratio, row.low, row.high, row.probability_a_higher,
                verdict)  # fmt: skip
        rows.append({name: "" if value is None else _text(value) for name, value in zip(COLUMNS, told, strict=True)})
    return rows


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def key_of(row: dict[str, str]) -> tuple[str, ...]:
    """What names a point in the table."""
    return tuple(row[name] for name in ("axis_1", "value_1", "axis_2", "value_2"))


def key_of_point(point: Point) -> tuple[str, ...]:
    (first, one), (second, two) = (*point.values, ("", ""))[:2]
    return (first, _text(one), second, _text(two))


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a table, whole points only."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    counts = {key: sum(key_of(row) == key for row in rows) for key in dict.fromkeys(map(key_of, rows))}
    return [row for row in rows if counts[key_of(row)] == len(FIGURES)]


def write(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """The table, in the order of the points."""
    order = {key_of_point(point): place for place, point in enumerate(points())}
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows, key=lambda row: (order.get(key_of(row), -1), FIGURES.index(row["figure"]))))


def run(path: Path, workers: int, size: dict[str, int]) -> list[dict[str, str]]:
    """Every point that the table does not hold yet; written after each."""
    rows, begun = read(path), time.perf_counter()
    todo = [point for point in points() if key_of_point(point) not in set(map(key_of, rows))]
    for place, point in enumerate(todo, 1):
        rows += measure(point, workers, size)
        write(path, rows)
        print(
            f"{place} of {len(todo)}, {time.perf_counter() - begun:.0f} s: {point.values}", file=sys.stderr, flush=True
        )
    return read(path)


def publish(rows: Sequence[dict[str, str]], folder: Path) -> None:
    """Table, figures and the page's tables."""
    write(folder / "results.csv", rows)
    draw_lines(rows, AXES, folder / "lines.png")
    draw_grids(rows, GRIDS, folder / "map.png")
    page = folder / "README.md"
    if page.exists():
        text = page.read_text(encoding="utf-8")
        for name, lines in parts(rows, AXES).items():
            text = with_part(text, name, lines)
        page.write_text(text, encoding="utf-8")


def main() -> None:
    """Run what is missing, draw, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=Path("results/when-do-micros-win"))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--people", type=int, default=SIZE["people"])
    parser.add_argument("--replicates", type=int, default=SIZE["replicates"])
    parser.add_argument("--publish", action="store_true", help="write table, figures and tables into this folder too")
    parser.add_argument("--reuse", action="store_true", help="run nothing: take the table as published")
    chosen = parser.parse_args()
    size = SIZE | {"people": chosen.people, "replicates": chosen.replicates}
    chosen.out.mkdir(parents=True, exist_ok=True)
    try:
        rows = read(HERE / "results.csv") if chosen.reuse else run(chosen.out / "results.csv", chosen.workers, size)
    except InfluenceError as error:
        sys.exit(str(error))
    publish(rows, HERE if chosen.publish else chosen.out)
    print("\n\n".join(parts(rows, AXES).values()))


if __name__ == "__main__":
    main()
