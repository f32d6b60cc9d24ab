"""Does asking lazily change the choice, although reach and orders are not quite submodular?

    python experiments/select/laziness.py              # into results/select
    python experiments/select/laziness.py --publish    # and into this folder: the table of the README, laziness.csv

For several made-up rosters the lazy choice stands beside one that asks for every creator in every round.
"""

from __future__ import annotations

import argparse
import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

from select_study import HERE, SCENARIO, roster

from sim.results.rounding import percent
from sim.scenario.load import load_with
from sim.studies.candidates import Asked, asked
from sim.studies.greedy import Basket, Item, Known, Limits, Set, lazy_greedy, worth
from sim.studies.select_runs import TOTALS, Trials
from sim.studies.splits import Terms
from sim.views.markdown import table, with_part

ROSTERS, CREATORS, BUDGET, PEOPLE, DAYS = 4, 15, 6_000.0, 20_000, 30
METRICS = ("reach", "incremental_conversions")


def asking_for_all(items: Sequence[Item], value: Known, limits: Limits, per_cost: bool) -> list[str]:
    """Greedy without laziness."""
    basket = Basket(limits)
    while True:
        now = value([frozenset(basket.names)])[0]
        left = [item for item in items if item.name not in basket.names and basket.fits(item)]
        gains = [one - now for one in value([basket.with_item(item) for item in left])]
        best = max(range(len(left)), key=lambda place: worth(gains[place], left[place], per_cost), default=None)
        if best is None or gains[best] <= 0:
            return basket.names
        basket.take(left[best])


def measure(number: int, question: Asked, trials: Trials) -> list[list[str]]:
    """One row a figure and way of choosing: sets asked for and values, lazily and not; the columns of the table."""
    rows, items = [], [one.item for one in question.candidates]
    for metric in METRICS:
        column = TOTALS.index(metric)

        def ask(sets: Sequence[Set], column: int = column) -> list[float]:
            return [float(totals[:, column].mean()) for totals in trials.totals(sets)]

        for per_cost in (True, False):
            lazily, fully = Known(ask), Known(ask)
            path = lazy_greedy(items, lazily, question.limits, per_cost=per_cost)
            chosen = asking_for_all(items, fully, question.limits, per_cost)
            base, value = ask([frozenset(), frozenset(chosen)])
            same = "same set" if {step.name for step in path} == set(chosen) else "another set"
            share = percent((path[-1].value - base) / (value - base))
            way = "gain per cost" if per_cost else "gain"
            rows.append([f"{number}", metric, way, f"{len(lazily.values)}", f"{len(fully.values)}", same, share])
            print(*rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--publish", action="store_true")
    words, out, rows = parser.parse_args(), Path("results") / "select", list[list[str]]()
    for number in range(1, ROSTERS + 1):
        path = roster(CREATORS, out / f"roster-of-few-{number}.csv", number)
        question = asked(load_with(SCENARIO, path, (), {"people": PEOPLE, "days": DAYS}), BUDGET, Terms())
        with Trials(question, "kernel", 1) as trials:
            rows += measure(number, question, trials)
    heads = ["roster", "figure", "chosen by", "sets asked for", "without laziness", "outcome", "value reached"]
    with (out / "laziness.csv").open("w", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([heads, *rows])
    if words.publish:
        page = HERE / "README.md"
        page.write_text(with_part(page.read_text(encoding="utf-8"), "laziness", table(heads, rows)), encoding="utf-8")
        shutil.copy(out / "laziness.csv", HERE / "laziness.csv")


if __name__ == "__main__":
    main()
