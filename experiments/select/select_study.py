"""How long does a choice of creators take, and is it worth it? Made-up rosters of 100 and 2,000 creators.

    python experiments/select/select_study.py 100x5 100x20 2000x5   # creators x replicates of the choice
    python experiments/select/select_study.py --publish             # what lies in results/select into this folder

Rosters are made up (see ``roster``); everything else is simulated. One process, so that seconds are those of one core.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from sim.ensemble import Ensemble, run_ensemble
from sim.results.rounding import number
from sim.scenario.load import Scenario, load_with
from sim.studies.candidates import Asked, asked
from sim.studies.select import Selection, choose, judge
from sim.studies.select_runs import Trials
from sim.studies.splits import Terms
from sim.views.files import write_whole
from sim.views.markdown import table, with_part
from sim.views.select import selection_png

HERE = Path(__file__).parent
SCENARIO = HERE.parents[1] / "scenarios" / "ten-micros-vs-one-celebrity.toml"
NICHES = ("beauty", "fashion", "food", "fitness", "travel", "family", "")
BUDGET, PEOPLE, REPLICATES = 20_000.0, 50_000, 10
METRICS = ("reach", "incremental_conversions")


@dataclass(frozen=True)
class Row:
    """One set under one figure. value: on fresh seeds; better: who is, told from noise; seconds: of the processor."""

    creators: int
    choose_on: int
    metric: str
    set: str
    booked: float
    cost: float
    value: float
    low: float | None
    high: float | None
    better: str
    on_choice_seeds: float | None = None
    sets_simulated: int | None = None
    sets_without_laziness: int | None = None
    seconds_choosing: float | None = None
    seconds_judging: float | None = None


def roster(creators: int, path: Path, seed: int = 1) -> Path:
    """Followers log-uniform from 5,000 to 300,000, seven kinds of niche in turn (one: none), half with a measured rate.

    Rates fall with size as followers^-0.2 and scatter by half a logarithm, like those of real rosters. No fees: all
    are at the market's price.
    """
    rng = np.random.default_rng(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(["handle", "followers", "niche", "engagement_rate"])
        for place in range(creators):
            followers = int(np.exp(rng.uniform(np.log(5_000), np.log(300_000))))
            rate = 0.02 * np.exp(0.5 * rng.standard_normal()) * (followers / 30_000) ** -0.2
            lines.writerow(
                [f"c{place:04d}", followers, NICHES[place % len(NICHES)], f"{rate:.4f}" if place % 2 else ""]
            )
    return path


def measure(creators: int, choose_on: int, out: Path) -> tuple[list[Row], list[Selection]]:
    """Every figure on one roster. Runs of one figure's choice serve the next one's, so the first tells the seconds."""
    path = roster(creators, out / f"roster-{creators}.csv")
    scenario = load_with(SCENARIO, path, (), {"people": PEOPLE, "replicates": REPLICATES})
    question = asked(scenario, BUDGET, Terms(), choosing=choose_on)
    rows, answers = list[Row](), list[Selection]()
    with Trials(question, "kernel", 1, _say) as trials:
        for metric in METRICS:
            started, before = time.process_time(), len(trials.known)
            answer, choosing, judging = timed(replace(question, metric=metric), trials)
            print(f"{creators} creators, {metric}: {time.process_time() - started:.0f} s, {answer.handles}", flush=True)
            answers.append(answer)
            rows += rows_of(creators, choose_on, answer, len(trials.known) - before, choosing, judging)
    return rows, answers


def timed(question: Asked, trials: Trials) -> tuple[Selection, float, float]:
    """The answer, and seconds of the processor for the choice and for the judgement."""
    at = time.process_time()
    choice = choose(question, trials)
    chosen = time.process_time()

    def run(scenario: Scenario) -> Ensemble:
        return run_ensemble(scenario, workers=1, progress=_say)

    answer = judge(question, choice, run)
    return answer, chosen - at, time.process_time() - chosen


def _say(finished: int, total: int, seconds: float) -> None:
    print(f"  {finished} of {total}, {seconds:.0f} s", flush=True)


def rows_of(
    creators: int, choose_on: int, answer: Selection, simulated: int, choosing: float, judging: float
) -> list[Row]:
    metric, found = answer.metric, answer.figures[answer.metric]
    assert found is not None
    steps = len(answer.members)
    plain = sum(2 * (creators - step) for step in range(steps + 1))
    rows = [Row(creators, choose_on, metric, "chosen", steps, answer.cost, found.mean, found.low, found.high, "",
                answer.choice.value, simulated, plain, choosing, judging)]  # fmt: skip
    for one in answer.rivals:
        figure = one.figures[metric]
        assert figure is not None
        booked = sum(len(some) for some in one.sets) / len(one.sets)
        rows.append(
            Row(
                creators,
                choose_on,
                metric,
                one.name,
                booked,
                one.cost,
                figure.mean,
                figure.low,
                figure.high,
                one.verdict,
            )
        )
    return rows


# --- files -------------------------------------------------------------------------------------------------


def tables(rows: list[dict[str, str]]) -> str:
    """The two tables of the README."""
    told, took = [], []
    for row in rows:
        which = [f"{int(row['creators']):,}", row["choose_on"], row["metric"]]
        value, low, high, cost, booked = (number(float(row[key])) for key in ("value", "low", "high", "cost", "booked"))
        seen = number(float(row["on_choice_seeds"])) if row["on_choice_seeds"] else ""
        told.append([*which, row["set"], booked, cost, f"{value} ({low} to {high})", seen, row["better"]])
        if row["seconds_choosing"]:
            counts = [f"{float(row[key]):,.0f}" for key in ("sets_simulated", "sets_without_laziness",
                                                           "seconds_choosing", "seconds_judging")]  # fmt: skip
            took.append([*which, *counts])
    which = ["creators", "choice on", "figure"]
    heads = [*which, "set", "booked", "cost (USD)", "on fresh seeds", "on those of the choice", "better"]
    times = [*which, "new sets simulated", "without laziness", "seconds choosing", "seconds judging"]
    return f"{table(heads, told)}\n\n{table(times, took)}"


def write(name: str, rows: list[Row], answers: list[Selection], out: Path) -> None:
    """The rows of one part and its figure by reach."""
    lines = [asdict(row) for row in rows]
    with (out / f"results-{name}.csv").open("w", newline="") as stream:
        sheet = csv.DictWriter(stream, list(lines[0]), lineterminator="\n")
        sheet.writeheader()
        sheet.writerows(lines)
    write_whole(out / f"select-{name}.png", selection_png(answers[0]))


def publish(out: Path) -> None:
    """All parts into this folder."""
    rows = list[dict[str, str]]()
    for path in sorted(out.glob("results-*.csv")):
        with path.open(newline="") as stream:
            rows += csv.DictReader(stream)
    rows.sort(key=lambda row: (int(row["creators"]), int(row["choose_on"])))
    with (HERE / "results.csv").open("w", newline="") as stream:
        sheet = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
        sheet.writeheader()
        sheet.writerows(rows)
    page = HERE / "README.md"
    page.write_text(with_part(page.read_text(encoding="utf-8"), "results", tables(rows)), encoding="utf-8")
    shutil.copy(out / "select-2000x5.png", HERE / "select.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="CREATORSxREPLICATES")
    parser.add_argument("--publish", action="store_true")
    words, out = parser.parse_args(), Path("results") / "select"
    for part in words.parts:
        creators, choose_on = (int(count) for count in part.split("x"))
        write(part, *measure(creators, choose_on, out), out)
    if words.publish:
        publish(out)


if __name__ == "__main__":
    main()
