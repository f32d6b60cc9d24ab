"""What the scripts of this study have in common: their words, and how results come into the page."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from data_sources import DataSet, locate
from measured_figures import Figures

from sim.errors import InputError
from sim.views.markdown import with_part

HERE = Path(__file__).resolve().parent
PAGE = HERE / "README.md"


def study(
    name: str,
    data: DataSet,
    question: str,
    measure: Callable[[list[Path]], Figures],
    report: Callable[[Figures], str],
    draw: Callable[[Figures, Path], None],
) -> None:
    """Measure, write ``name``.csv, .md and .png, print, and publish if asked to."""
    words = _arguments(question)
    table = words.out / f"{name}.csv"
    try:
        if not words.reuse:
            files, began = locate(words.folder, data), time.perf_counter()
            measure(files).save(table)
            print(f"measured in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        elif not table.is_file():
            sys.exit(f"{table}: nothing measured yet; run without --reuse")
    except InputError as error:
        sys.exit(str(error))
    figures = Figures.read(table)
    text = report(figures)
    (words.out / f"{name}.md").write_text(text + "\n", encoding="utf-8")
    draw(figures, words.out / f"{name}.png")
    print(text)
    if words.publish:
        publish(words.out, name)


def _arguments(question: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=question)
    parser.add_argument("folder", type=Path, nargs="?", metavar="FOLDER", help="folder of the data")
    parser.add_argument("--out", type=Path, default=Path("results/real_data"), help="folder to write to")
    parser.add_argument("--publish", action="store_true", help="write the results into the study's page, too")
    parser.add_argument("--reuse", action="store_true", help="measure nothing: take the figures of --out")
    return parser.parse_args()


def publish(folder: Path, name: str) -> None:
    """Copy figures and picture into the study's folder, and the tables into its page."""
    for suffix in ("csv", "png"):
        shutil.copy(folder / f"{name}.{suffix}", HERE / f"{name}.{suffix}")
    part = (folder / f"{name}.md").read_text(encoding="utf-8").strip()
    PAGE.write_text(with_part(PAGE.read_text(encoding="utf-8"), name, part), encoding="utf-8")


def version() -> str:
    """The program that measured."""
    return f"influence-sim {metadata.version('influence-sim')}"
