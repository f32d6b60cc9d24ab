"""Measure what each parameter moves in the built-in comparison, from the low to the high end of its range.

    python experiments/mechanisms/effects.py click_rate reach    these two: about half a minute
    python experiments/mechanisms/effects.py                     every parameter: about a quarter of an hour on one core
    python experiments/mechanisms/effects.py --publish           and write the results into this folder

Writes results.csv, results.md and effects.png to --out (default results/mechanisms) and prints the table.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from importlib import metadata
from pathlib import Path

from effects_figure import draw
from effects_rows import read, save
from effects_shipped import SHIPPED, shipped
from effects_table import report, with_results

from sim.errors import InputError, nearest_match
from sim.parameters import PARAMETERS
from sim.scenario.library import find
from sim.scenario.load import load
from sim.studies.effects import Effect, effects

HERE = Path(__file__).resolve().parent
SCENARIO = "ten-micros-vs-one-celebrity"
SIZE = {"people": 25_000, "replicates": 10, "worlds": 5, "days": 60}
"""Of a society of 25,000 a micro creator has 260 people as followers: enough to act as an audience, and quick."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what each parameter moves in the built-in comparison.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="parameters (default: all)")
    for name, usual in SIZE.items():
        parser.add_argument(f"--{name}", type=int, default=usual, help=f"default: {usual:,}")
    parser.add_argument("--workers", type=int, default=1, help="processes that share the work (default: 1)")
    parser.add_argument("--out", type=Path, default=Path("results/mechanisms"), help="folder to write to")
    parser.add_argument("--publish", action="store_true", help="write the results into the study's page, too")
    parser.add_argument("--reuse", action="store_true", help="measure nothing: take results.csv of --out")
    words = parser.parse_args()
    for name in words.names:
        if name not in PARAMETERS:
            near = nearest_match(name, PARAMETERS)
            parser.error(f"no parameter {name!r}" + (f"; did you mean {near}?" if near else ""))
    if words.publish and words.names:
        parser.error("what is published has every parameter: give no names")
    return words


def measure(words: argparse.Namespace) -> list[Effect]:
    """The effects of the parameters asked for, with progress on stderr."""
    began = time.perf_counter()

    def progress(done: int, all_: int) -> None:
        seconds = time.perf_counter() - began
        print(f"\r{done} of {all_} comparisons, {seconds:.0f} s", end="", file=sys.stderr, flush=True)

    found = effects(
        SCENARIO, words.names or PARAMETERS, workers=words.workers, progress=progress,
        **{name: getattr(words, name) for name in SIZE},
    )  # fmt: skip
    print(file=sys.stderr)
    return found


def circumstances(words: argparse.Namespace) -> str:
    """With what this was measured."""
    scenario = load(find(SCENARIO), **{name: getattr(words, name) for name in SIZE})
    run, version = scenario.run, metadata.version("influence-sim")
    return (
        f"`{SCENARIO}` with {scenario.people:,} people, {run.replicates} replicates in {scenario.worlds} societies, "
        f"{run.days} days, seed {run.seed}; influence-sim {version}."
    )


def publish(folder: Path) -> None:
    """Copy the results into the study's folder and its page."""
    for name in ("results.csv", "effects.png"):
        shutil.copy(folder / name, HERE / name)
    SHIPPED.write_text(shipped(HERE / "results.csv"), encoding="utf-8")
    page = HERE / "README.md"
    results = (folder / "results.md").read_text(encoding="utf-8").strip()
    page.write_text(with_results(page.read_text(encoding="utf-8"), results), encoding="utf-8")


def main() -> None:
    """Measure, print, write."""
    words = arguments()
    kept = words.out / "circumstances.txt"
    words.out.mkdir(parents=True, exist_ok=True)
    try:
        if not words.reuse:
            found, text = measure(words), circumstances(words)
            save(found, words.out / "results.csv")
            kept.write_text(text + "\n", encoding="utf-8")
        found, text = read(words.out / "results.csv"), kept.read_text(encoding="utf-8").strip()
    except InputError as error:
        sys.exit(str(error))
    if words.publish and [effect.parameter for effect in found] != list(PARAMETERS):
        sys.exit(f"{words.out} has not every parameter: measure them all, without --reuse")
    results = report(found, text)
    (words.out / "results.md").write_text(results + "\n", encoding="utf-8")
    draw(found, words.out / "effects.png")
    print(results)
    if words.publish:
        publish(words.out)


if __name__ == "__main__":
    main()
