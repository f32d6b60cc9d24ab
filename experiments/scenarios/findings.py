"""Run the built-in scenarios and say of each claim whether it holds, is contradicted or stays undecided.

    python experiments/scenarios/findings.py                          run all, print what came out
    python experiments/scenarios/findings.py --only disclosure        this one (may be given several times)
    python experiments/scenarios/findings.py --publish                and write it into files, tables and pages

With --publish the findings go into the comment of each scenario file, into results.csv and the table of this folder,
and into the table of the root README. With --only the rest stays as it was published.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from claims import Row, merged, read, read_claims, save
from verdicts import judged, run
from wording import counted, finding, readme_table, study_table, with_finding

from sim.errors import InputError
from sim.scenario.library import built_in, story
from sim.views.markdown import with_part

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESULTS = HERE / "results.csv"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What came out of the built-in scenarios.")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this scenario; may be repeated")
    parser.add_argument("--publish", action="store_true", help="write findings into files, results and pages")
    parser.add_argument("--reuse", action="store_true", help="run nothing: take the published results.csv")
    parser.add_argument("--workers", type=int, default=2, help="processes a scenario (default: 2)")
    words = parser.parse_args()
    if words.reuse and words.only:
        parser.error("what is reused are all published results: leave out --only")
    return words


def measured(names: Sequence[str], workers: int) -> Iterator[list[Row]]:
    """The rows of one scenario after another, printed when they are there."""
    claims = read_claims()
    for name in names:
        began = time.perf_counter()
        found = judged([claim for claim in claims if claim.scenario == name], run(name, workers))
        print(f"{name} ({time.perf_counter() - began:.0f} s)\n    {finding(found)}\n", flush=True)
        yield found


def pages(rows: Sequence[Row]) -> dict[Path, str]:
    """Every page and scenario file as it should be with these rows."""
    files = built_in()
    names = list(dict.fromkeys(row.scenario for row in rows))
    texts = {name: files[name].read_text(encoding="utf-8") for name in names}
    made = {
        files[name]: with_finding(text, finding([row for row in rows if row.scenario == name]))
        for name, text in texts.items()
    }
    questions = {name: story(text).question for name, text in texts.items()}
    for page, mark, part in (
        (HERE / "README.md", "findings", f"{counted(rows)}\n\n{study_table(rows)}"),
        (ROOT / "README.md", "scenarios", readme_table(rows, questions)),
    ):
        made[page] = with_part(page.read_text(encoding="utf-8"), mark, part)
    return made


def publish(new: Sequence[Row], order: Sequence[str]) -> None:
    """Put the new rows among the published ones and write all pages: an interrupted run loses one scenario at most."""
    save(merged(read(RESULTS), new, order), RESULTS)
    for path, text in pages(read(RESULTS)).items():
        path.write_text(text, encoding="utf-8")


def main() -> None:
    """Run, print, write."""
    words = arguments()
    try:
        order = list(dict.fromkeys(claim.scenario for claim in read_claims()))
        unknown = [name for name in words.only if name not in order]
        if unknown:
            raise InputError("no claims are written down for it", key="--only", value=unknown[0],
                             expected=f"one of {', '.join(order)}")  # fmt: skip
        for found in [[]] if words.reuse else measured(words.only or order, words.workers):
            if words.publish:
                publish(found, order)
    except InputError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
