"""Does `influence calibrate` find known values again? Campaigns simulated at 20 points of the prior, then calibrated.

    python experiments/calibrate_recovery/calibrate_recovery.py              about half an hour on one slow core
    python experiments/calibrate_recovery/calibrate_recovery.py --publish    and write the results into this folder

Each data set has values drawn from the prior and a seed of its own: other societies, creators' qualities and coins
than the simulations that it is calibrated with. The first wave is the same for all. Finished simulations are kept in
--out, so that a stopped study goes on.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from recovery_figure import draw
from recovery_table import report

from sim.scenario.library import find
from sim.scenario.load import load
from sim.scenario.observed import FIGURES, Observed, ObservedRow
from sim.studies.calibrate import ENDS, TOLD, Waves
from sim.studies.calibrate_asked import Asked, Sizes, asked
from sim.studies.calibrate_runs import Bench, simulated
from sim.views.markdown import with_part

HERE = Path(__file__).resolve().parent
SCENARIO = "ten-micros-vs-one-celebrity"
PEOPLE, MICROS, POSTS = 10_000, 6, 1
SIZES = Sizes(waves=(96, 64, 128), checked=0, played=0)
SETS, FIRST_SEED, DRAWN_WITH = 20, 1_000, 20_240
ENGINE = "kernel"


def question() -> Asked:
    """Campaigns of six micros and the celebrity, a post each, all figures observed."""
    scenario = load(find(SCENARIO), people=PEOPLE)
    handles = [f"micro-{place + 1}" for place in range(MICROS)] + ["celebrity"]
    rows = tuple(
        ObservedRow(line, handle, scenario.creators[handle].followers, POSTS, dict.fromkeys(FIGURES, 1.0))
        for line, handle in enumerate(handles, 2)
    )
    return asked(scenario, Observed(rows, ()), PEOPLE, SIZES)


def data_set(question: Asked, number: int, place: np.ndarray) -> np.ndarray:
    """Observed campaigns (rows, FIGURES) at a point of the prior, with luck of their own."""
    run = question.runs.run.model_copy(update={"seed": FIRST_SEED + number})
    return simulated(replace(question, runs=replace(question.runs, run=run)), question.values(place), 0, ENGINE)


def recovered(question: Asked, waves: Waves, number: int, place: np.ndarray) -> list[dict[str, object]]:
    """One row a parameter: the truth beside the posterior."""
    figures = data_set(question, number, place)
    draws = waves.posterior(question.summaries(figures), f"set-{number:02d}")
    truth, rows = question.values(place), []
    for at, (name, axis) in enumerate(zip(question.names, question.axes, strict=True)):
        low, median, high = np.quantile(draws[:, at], ENDS)
        share = (high - low) / (ENDS[2] - ENDS[0])
        rows.append({"set": number, "parameter": name, "truth": truth[name], "low": axis.at(low),
                     "median": axis.at(median), "high": axis.at(high), "share_of_prior": share, "told": share <= TOLD,
                     "held": bool(low <= place[at] <= high), "orders": float(figures[:, -1].sum())})  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Known values, simulated and found again.")
    parser.add_argument("--sets", type=int, default=SETS, help=f"data sets (default: {SETS})")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--out", type=Path, default=Path("results/calibrate_recovery"), help="folder to write to")
    parser.add_argument("--publish", action="store_true", help="write the results into the study's page, too")
    words = parser.parse_args()
    asked_for, rows, began = question(), [], time.perf_counter()
    places = np.random.default_rng(DRAWN_WITH).uniform(size=(SETS, len(asked_for.names)))
    with Bench(asked_for, ENGINE, words.workers, words.out / "replicates") as bench:
        waves = Waves(asked_for, bench)
        for number in range(words.sets):
            rows += recovered(asked_for, waves, number, places[number])
            held = sum(bool(row["held"]) for row in rows)
            print(f"{number + 1} sets, {held} of {len(rows)} held, {time.perf_counter() - began:.0f} s",
                  file=sys.stderr, flush=True)  # fmt: skip
    table = pd.DataFrame(rows)
    for folder in [words.out, *([HERE] if words.publish else [])]:
        folder.mkdir(parents=True, exist_ok=True)
        table.to_csv(folder / "results.csv", index=False, float_format="%.6g", lineterminator="\n")
        draw(table, folder / "recovery.png")
    text = report(table)
    print(text)
    if words.publish:
        page = HERE / "README.md"
        page.write_text(with_part(page.read_text(encoding="utf-8"), "results", text), encoding="utf-8")


if __name__ == "__main__":
    main()
