"""Search for defaults that meet the published facts of role C: ``python experiments/calibration/calibrate.py people``.

Then ``feed``, which begins from what ``sim/parameters.py`` holds, then ``determined`` for both: how far each number
may move alone before a hard fact fails. Needs Optuna (requirements.txt). Seeds of societies and of the search are
fixed, so the same versions give the same trials. Each writes a CSV beside this file.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from search import SPACES, Feed, People, Range, facts_of, failing, loss, moved

from sim.parameters import PARAMETERS

HERE = Path(__file__).parent
SEARCH_SEED = 1
SOCIETIES = {"people": (101,), "feed": (101,)}
"""Seeds of the societies searched on; ``influence validate`` uses 1 to 30, which the search has never seen."""
CREATORS, LEAST = 400, 12
TRIALS = {"people": 60, "feed": 55}
BY_HAND = {"answers_a_day": 50.0, "trust_floor": 0.225, "trust_gain": 0.78, "general_affinity": 0.78,
           "engagement_rate": 0.083, "rank_exponent": 0.6, "peer_trust": 0.8}  # fmt: skip
"""Where the search of the feed begins: seen beforehand to come nearer than the first version's values."""
SPREAD = 0.08
"""First spread of that search, in widths of the ranges."""
STEPS = 3
"""Points tried on either side of a default, evenly to the end of its search range."""

Row = dict[str, float | str]


def measurer(stage: str) -> People | Feed:
    """What measures a stage's facts. Posts of creators have the mean appeal: its luck has nothing to do with size."""
    seeds = SOCIETIES[stage]
    return People(seeds) if stage == "people" else Feed(seeds, CREATORS, LEAST, {"appeal_spread": 0.0})


def defaults(stage: str) -> dict[str, float]:
    """The present values of a stage's parameters."""
    return {name: PARAMETERS[name].default for name in SPACES[stage]}


def search(stage: str, trials: int) -> list[Row]:
    """One row a trial, the first version's values first."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space, measure, rows = moved(stage), measurer(stage), []

    def objective(trial: optuna.Trial) -> float:
        begun = time.perf_counter()
        numbers = {name: trial.suggest_float(name, r.low, r.high, log=r.log) for name, r in space.items()}
        found = measure.measure(numbers)
        value = loss(stage, found, numbers)
        rows.append({"trial": trial.number, "loss": value, "failing": " ".join(failing(stage, found)), **numbers,
                     **shown(stage, found)})  # fmt: skip
        took = time.perf_counter() - begun
        print(f"{trial.number:4} {value:8.3f} {took:5.1f} s  {rows[-1]['failing']}", flush=True)
        return value

    study = optuna.create_study(sampler=sampler(stage))
    study.enqueue_trial({name: r.start for name, r in space.items()})
    study.optimize(objective, n_trials=trials)
    return rows


def sampler(stage: str) -> Any:
    """TPE over the whole ranges for people; for the feed, with more numbers and a point to begin from, CMA-ES."""
    import optuna

    space = moved(stage)
    if stage == "people":
        return optuna.samplers.TPESampler(seed=SEARCH_SEED, multivariate=True, n_startup_trials=3 * len(space))
    begin = {name: BY_HAND.get(name, r.start) for name, r in space.items()}
    return optuna.samplers.CmaEsSampler(x0=begin, sigma0=SPREAD, seed=SEARCH_SEED)


def shown(stage: str, found: Mapping[str, float]) -> dict[str, float]:
    """The stage's facts."""
    return {fact.id: found[fact.id] for fact in facts_of(stage)}


def determined(stage: str) -> list[Row]:
    """Each number moved alone, from its default to the ends of its search range, while every hard fact passes."""
    measure, base = measurer(stage), defaults(stage)
    rows: list[Row] = []
    for name, r in SPACES[stage].items():
        for end in (r.low, r.high):
            last, stopped = base[name], ""
            for value in points(base[name], end, r):
                stopped = " ".join(failing(stage, measure.measure({**base, name: value})))
                if stopped:
                    break
                last = value
            rows.append({"parameter": name, "default": base[name], "toward": end, "passes_to": last, "then": stopped})
            print(rows[-1], flush=True)
    return rows


def points(value: float, end: float, r: Range) -> Iterator[float]:
    """STEPS values from ``value`` (left out) to ``end``."""
    between = np.geomspace(value, end, STEPS + 1) if r.log else np.linspace(value, end, STEPS + 1)
    yield from between[1:].tolist()


def write(name: str, rows: Sequence[Row]) -> None:
    """A CSV beside this file, numbers to five digits."""
    with (HERE / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.5g}" if isinstance(v, float) else v for k, v in row.items()})


def main() -> None:
    """Parse and run one step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("step", choices=["people", "feed", "determined"])
    parser.add_argument("--trials", type=int, help="trials of the search (default: 60 for people, 55 for feed)")
    chosen = parser.parse_args()
    begun = time.perf_counter()
    if chosen.step == "determined":
        write("determined.csv", [row for stage in SPACES for row in determined(stage)])
    else:
        rows = search(chosen.step, chosen.trials or TRIALS[chosen.step])
        write(f"trials_{chosen.step}.csv", rows)
        best = min(rows, key=lambda row: float(row["loss"]))
        print("\n".join(f"{key:18} {value}" for key, value in best.items()))
    print(f"{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
