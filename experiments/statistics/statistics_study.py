"""Do the intervals, verdicts and pairings of a comparison hold what they promise?

    python experiments/statistics/statistics_study.py                 everything: about ten minutes of one core
    python experiments/statistics/statistics_study.py --repeats 100   a tenth of it, roughly
    python experiments/statistics/statistics_study.py --publish       and write the results into this folder

Writes results.csv and coverage.png to --out (default results/statistics) and prints the tables.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from equal_plans import false_verdicts
from interval_coverage import Pool, shapes_of, simulated, synthetic
from paired_variance import measured, settings
from statistics_figure import draw
from statistics_rows import Row, read, save
from statistics_tables import parts, with_results
from stopping import promised

from sim.ensemble import Ensemble, run_ensemble
from sim.errors import InfluenceError
from sim.scenario.library import find
from sim.scenario.load import load

HERE = Path(__file__).resolve().parent
SCENARIO = "ten-micros-vs-one-celebrity"
POOL = {"people": 4_000, "days": 25, "replicates": 2_000, "worlds": 50}
"""Of a society of 4,000 a micro creator has about 40 people as followers; the last of three posts appears on day 14."""
VARIANCE = {"people": 200_000, "days": 60, "replicates": 30, "worlds": 5}
"""The scenario's own size."""
REPEATS, FEWER = 1_000, 2
"""Repeats of coverage; false verdicts and stopping have half as many."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what intervals, verdicts and pairing hold.")
    parser.add_argument("--repeats", type=int, default=REPEATS, help=f"default: {REPEATS:,}; fewer shrink the pool too")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the simulation (default: 1)")
    parser.add_argument("--out", type=Path, default=Path("results/statistics"), help="folder to write to")
    parser.add_argument("--publish", action="store_true", help="write the results into the study's page, too")
    parser.add_argument("--reuse", action="store_true", help="measure nothing: take results.csv of --out")
    words = parser.parse_args()
    if words.repeats < 10:
        parser.error("at least 10 repeats")
    return words


def ran(words: argparse.Namespace, task: str, overrides: tuple[str, ...] = (), **options: int) -> Ensemble:
    """An ensemble of the built-in scenario, with progress."""
    scenario = load(find(SCENARIO), overrides, **options)
    return run_ensemble(scenario, workers=words.workers, progress=lambda done, of, _: say(task, done, of))


def say(task: str, done: int, of: int) -> None:
    if done % max(1, of // 20) == 0 or done == of:
        print(f"{task}: {done} of {of}", file=sys.stderr, flush=True)


def measure(words: argparse.Namespace) -> Iterator[Row]:
    """Everything, part by part; each says on stderr what processor time it took."""
    repeats = words.repeats
    yield from timed("coverage on made-up data", synthetic(repeats))
    yield from timed("precision", promised(repeats // FEWER))
    ensemble = ran(words, "pool", **scaled(POOL, repeats))
    yield from measured(f"as it is, {POOL['people']:,} people", ensemble)
    pool = Pool.of(ensemble)
    yield from shapes_of(pool)
    yield from timed("coverage on the pool", simulated(pool, repeats))
    scenario = load(find(SCENARIO), **VARIANCE)
    for setting, overrides in settings(scenario).items():
        ensemble = ran(words, f"variance, {setting}", overrides, **scaled(VARIANCE, repeats))
        yield from measured(f"{setting}, {VARIANCE['people']:,} people", ensemble)
    yield from false_verdicts(repeats // FEWER, words.workers, lambda done, of: say("equal plans", done, of))


def scaled(size: dict[str, int], repeats: int) -> dict[str, int]:
    """With fewer replicates where fewer repeats are asked for, equally many in each society and at least five."""
    each = size["replicates"] / size["worlds"] * min(1.0, repeats / REPEATS)
    return size | {"replicates": max(5, round(each)) * size["worlds"]}


def timed(task: str, rows: Iterator[Row]) -> Iterator[Row]:
    began = time.process_time()
    yield from rows
    print(f"{task}: {time.process_time() - began:.0f} s", file=sys.stderr, flush=True)


def circumstances(words: argparse.Namespace) -> str:
    """With what this was measured, and how long it took: processor time of this process and those it started."""
    used = sum(os.times()[:4]) / 60.0
    pool, variance = scaled(POOL, words.repeats), scaled(VARIANCE, words.repeats)
    return (
        f"Measured with influence-sim {metadata.version('influence-sim')}, {words.repeats:,} repeats of coverage and "
        f"{words.repeats // FEWER:,} of the rest, in {used:.1f} minutes of one core. The pool: `{SCENARIO}` with "
        f"{pool['people']:,} people and {pool['days']} days, {pool['replicates']:,} replicates in {pool['worlds']} "
        f"societies. The variances: {variance['people']:,} people, {variance['days']} days, "
        f"{variance['replicates']} replicates in {variance['worlds']} societies."
    )


def publish(folder: Path, found: dict[str, str]) -> None:
    """Copy the results into the study's folder and its page."""
    for name in ("results.csv", "coverage.png"):
        shutil.copy(folder / name, HERE / name)
    page = HERE / "README.md"
    page.write_text(with_results(page.read_text(encoding="utf-8"), found), encoding="utf-8")


def main() -> None:
    """Measure, print, write."""
    words = arguments()
    words.out.mkdir(parents=True, exist_ok=True)
    kept = words.out / "circumstances.txt"
    try:
        if not words.reuse:
            save(list(measure(words)), words.out / "results.csv")
            kept.write_text(circumstances(words) + "\n", encoding="utf-8")
        rows, text = read(words.out / "results.csv"), kept.read_text(encoding="utf-8").strip()
    except InfluenceError as error:
        sys.exit(str(error))
    found = parts(rows, text)
    draw(rows, words.out / "coverage.png")
    print("\n\n".join(found.values()))
    if words.publish:
        publish(words.out, found)


if __name__ == "__main__":
    main()
