"""Measure how fast the project is, beside what it could be compared with, in one run on one machine.

    python experiments/performance/measure.py --quick     two to three minutes, 10,000 and 100,000 people
    python experiments/performance/measure.py             everything, up to 10,000,000 people: about an hour
    python experiments/performance/measure.py --publish   and write the results into this folder

Writes results.csv, results.md and figures/performance.png to --out (default results/performance) and prints the
tables. Tools that are not installed are named so: pip install -r experiments/performance/requirements.txt.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from fresh_process import measured
from measured_rows import Row, read, save, sizes_of
from ratios import extrapolated, ratios
from tables import report, with_results

HERE = Path(__file__).resolve().parent
QUICK_SIZES, FULL_SIZES = (10_000, 100_000), (10_000, 100_000, 1_000_000, 10_000_000)
DAYS, TIES, TIES_OF_THE_LARGEST = 60, 40, 20
LARGEST_ORDINARY, LARGEST_MESA_ENGINE = 100_000, 20_000
CASCADE_TOOLS = ("this project", "cynetdiff", "EoN", "NDlib")
COMPILED_TOOLS = CASCADE_TOOLS[:2]
QUICK_COMPARE = ["--people", "20000", "--days", "30", "--replicates", "4"]


class Measurement(NamedTuple):
    """One process to start: the subject it measures, its time limit in seconds, and the function with its arguments."""

    part: str
    subject: str
    size: int
    seconds: float
    call: tuple[str, str]
    arguments: dict[str, Any]


def ties_of(people: int) -> int:
    """Ties a person: fewer in the largest society, which would not fit in memory otherwise."""
    return TIES if people <= 1_000_000 else TIES_OF_THE_LARGEST


def measurements(sizes: tuple[int, ...], quick: bool) -> Iterator[Measurement]:
    """What is measured, in order: things to be compared stand next to each other."""
    for people in sizes:
        yield from _plan(people, quick)
    yield Measurement("limit", "Philox", 0, 120, ("machine_limit", "philox_blocks"), {})
    yield from _cascades(sizes, quick)
    yield from _many_runs(quick)


def _plan(people: int, quick: bool) -> Iterator[Measurement]:
    ties = ties_of(people)
    common = {"people": people, "ties": ties}
    threads = list(range(1, min(os.cpu_count() or 1, 2) + 1))
    yield Measurement("limit", "1 thread", people, 300, ("machine_limit", "limit"), {**common, "threads": threads})
    repeats = 2 if people > 1_000_000 else 3 if people > 100_000 else 7
    for count in threads[: 1 if quick else None]:
        yield Measurement("plan", "kernel" if count == 1 else f"kernel, {count} threads", people, 3600,
                          ("campaign_runs", "kernel"),
                          {**common, "days": DAYS, "repeats": repeats, "threads": count})  # fmt: skip
    if people <= 1_000_000:
        yield Measurement("mechanisms", "all and none", people, 1800, ("campaign_runs", "mechanisms"),
                          {**common, "days": DAYS, "repeats": repeats})  # fmt: skip
    if people <= LARGEST_ORDINARY:
        yield Measurement("plan", "ordinary Mesa", people, 1800, ("campaign_runs", "ordinary"),
                          {**common, "days": DAYS})  # fmt: skip
    if people <= LARGEST_MESA_ENGINE:
        for size in (people,) if quick else (people, 2 * people):
            yield Measurement("plan", "Mesa engine", size, 600, ("campaign_runs", "mesa_engine"),
                              {"people": size, "ties": ties, "days": DAYS, "repeats": 1})  # fmt: skip


def _cascades(sizes: tuple[int, ...], quick: bool) -> Iterator[Measurement]:
    large = [1_000_000] if max(sizes) >= 1_000_000 and not quick else []
    for nodes in (10_000, *large):
        for name in CASCADE_TOOLS if nodes == 10_000 else COMPILED_TOOLS:
            compiled = name in COMPILED_TOOLS
            runs = (300 if compiled else 30) if nodes == 10_000 else 30
            seconds = 10.0 if quick else 60.0
            yield Measurement("cascade", name, nodes, 3 * seconds + 240, ("cascade_tools", "tool"),
                              {"name": name, "nodes": nodes, "runs": runs, "seconds": seconds})  # fmt: skip


def _many_runs(quick: bool) -> Iterator[Measurement]:
    arguments = {"people": 100_000, "ties": TIES, "days": 30, "wanted": 1000, "workers": 2}
    yield Measurement("ensemble", "1,000 replicates", 1000, 7200, ("campaign_runs", "ensemble"),
                      {**arguments, "replicates": 20 if quick else 1000})  # fmt: skip
    options = QUICK_COMPARE if quick else []
    yield Measurement("command", "compare", 0, 1200, ("campaign_runs", "command_line"),
                      {"options": options, "label": " ".join(["influence compare", *options])})  # fmt: skip


def measure(sizes: tuple[int, ...], quick: bool, kept: Path) -> list[Row]:
    """Run every measurement in a process of its own; one that fails leaves a row that says why.

    kept: the file that has the rows so far after each.
    """
    rows: list[Row] = []
    print("compiling ...", file=sys.stderr)
    measured(900, "campaign_runs", "compile_once", ties=TIES, days=DAYS)
    for one in measurements(sizes, quick):
        began = time.perf_counter()
        print(f"{one.part}: {one.subject}, {one.size:,} ...", end=" ", file=sys.stderr, flush=True)
        found, wrong = measured(one.seconds, *one.call, **one.arguments)
        print(wrong or f"{time.perf_counter() - began:.0f} s", file=sys.stderr)
        rows += found or [Row(one.part, one.subject, one.size, "run", None, "s", wrong)]
        save(rows, kept)
    return rows


def completed(rows: list[Row]) -> list[Row]:
    """The measured rows with what follows from them: extrapolations and ratios."""
    rows = [row for row in rows if row.part != "ratio" and not row.note.startswith("extrapolated")]
    rows += extrapolated(rows, sizes_of(rows, "plan", "kernel", "run CPU"))
    return rows + ratios(rows)


def circumstances(quick: bool) -> str:
    """Where and with what this was measured."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("influence-sim", "mesa", "numba", "numpy"))
    kind = "Quick run (`--quick`)" if quick else "Full run"
    cores = f"{os.cpu_count()} cores of {processor()}"
    return f"{kind} on {cores}, Python {platform.python_version()}, {versions}."


def processor() -> str:
    """The processor's name as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def publish(folder: Path) -> None:
    """Copy the results into the study's folder and its page."""
    shutil.copy(folder / "results.csv", HERE / "results.csv")
    (HERE / "figures").mkdir(exist_ok=True)
    shutil.copy(folder / "figures" / "performance.png", HERE / "figures" / "performance.png")
    page = HERE / "README.md"
    results = (folder / "results.md").read_text(encoding="utf-8").strip()
    page.write_text(with_results(page.read_text(encoding="utf-8"), results), encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the project's performance beside other tools.")
    parser.add_argument("--quick", action="store_true", help="10,000 and 100,000 people, two to three minutes")
    parser.add_argument("--sizes", help="numbers of people, comma-separated")
    parser.add_argument("--out", type=Path, default=Path("results/performance"), help="folder to write to")
    parser.add_argument("--publish", action="store_true", help="write the results into the study's page, too")
    parser.add_argument("--reuse", action="store_true", help="measure nothing: take results.csv of --out")
    return parser.parse_args()


def main() -> None:
    """Measure, print, write."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the measured process is ended, too
    words = arguments()
    quick = words.quick
    sizes = QUICK_SIZES if quick else FULL_SIZES
    if words.sizes:
        sizes = tuple(sorted(int(float(size.replace("_", ""))) for size in words.sizes.split(",")))
    if words.reuse:
        rows = read(words.out / "results.csv")
        text = (words.out / "circumstances.txt").read_text(encoding="utf-8").strip()
    else:
        text = circumstances(quick)
        words.out.mkdir(parents=True, exist_ok=True)
        (words.out / "circumstances.txt").write_text(text + "\n", encoding="utf-8")
        rows = measure(sizes, quick, words.out / "results.csv")
    rows = completed(rows)
    save(rows, words.out / "results.csv")
    results = report(rows, text)
    (words.out / "results.md").write_text(results + "\n", encoding="utf-8")
    from performance_figure import draw  # large: only after the measured processes were started

    draw(rows, words.out / "figures" / "performance.png")
    print(results)
    if words.publish:
        publish(words.out)


if __name__ == "__main__":
    main()
