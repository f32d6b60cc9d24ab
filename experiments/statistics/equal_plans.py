"""How often a comparison says that one of two equal plans is better.

Equal: each plan books three creators of its own, of the same size, niche and terms, about whom nothing is given. In a
replicate one plan has the luckier creators; over replicates and societies neither can be better.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from statistics_rows import Row

from sim.ensemble import run_ensemble
from sim.results.comparison import LEVEL, UNDECIDED, Comparison, compare_plans, p_value, paired
from sim.results.measures import METRICS, VERDICT_METRICS
from sim.scenario.load import load
from sim.workers import Workers

CREATORS = tuple(f"{plan}{number}" for plan in "ab" for number in (1, 2, 3))
SCENARIO = """
schema = 1
creator = [
{creators}
]
[market]
population = 200_000
niches = ["beauty", "food", "sport", "travel"]
[society]
people = 4_000
worlds = 5
[product]
niche = "beauty"
price = 40.0
[run]
days = 6
replicates = 8
[[plan]]
name = "a"
deals = [{a}]
[[plan]]
name = "b"
deals = [{b}]
"""
ANY = "any of the five"
INTERVAL, ALONE, TOGETHER = "own interval", "tested alone", "Holm"
JUDGEMENTS = (INTERVAL, ALONE, TOGETHER)
Found = dict[str, tuple[bool, bool, bool]]
"""By figure: whether its interval leaves out 0, whether it is called different alone, and as one of five."""


def scenario_text() -> str:
    """The scenario file: six creators who differ in nothing but their names."""
    creators = "\n".join(f'    {{ handle = "{h}", followers = 10_000, niche = "beauty" }},' for h in CREATORS)
    deals = {
        plan: ", ".join(f'{{ creator = "{h}", posts = 2, every = 3, fee = 100 }}' for h in CREATORS if h[0] == plan)
        for plan in "ab"
    }
    return SCENARIO.format(creators=creators, **deals)


class Judged:
    """What one repeat found; numbered, so that repeats may come in any order."""

    def __init__(self, number: int, found: Found) -> None:
        self.number, self.found = number, found


def repeat(path: Path, seed: int) -> Judged:
    """One comparison with a seed of its own: other societies, other creators, other luck."""
    return Judged(seed, judge(compare_plans(run_ensemble(load(path, seed=seed), workers=1))))


def judge(comparison: Comparison) -> Found:
    """How the first pair of plans is judged in each of the five figures."""
    a, b = (comparison.totals[plan] for plan in ("a", "b"))
    clusters, found = comparison.ensemble.worlds, {}
    for key in VERDICT_METRICS:
        interval = paired(a, b, METRICS[key], clusters)
        p = None if interval is None else p_value(a, b, METRICS[key], interval, clusters)
        outside = interval is not None and interval.low is not None and not interval.low <= 0.0 <= interval.high  # type: ignore[operator]
        decided = comparison.difference("a", "b", key).verdict != UNDECIDED
        found[key] = (outside, p is not None and p < LEVEL, decided)
    return found


def false_verdicts(repeats: int, workers: int, progress: Callable[[int, int], None]) -> Iterator[Row]:
    """Shares of the repeats in which a figure is called different, alone and within its family."""
    found: list[Found] = []
    with tempfile.TemporaryDirectory() as folder, Workers[Judged](workers, repeats) as crew:
        path = Path(folder) / "equal.toml"
        path.write_text(scenario_text())
        run = load(path).run
        for judged in crew.each(partial(repeat, path), range(1, repeats + 1)):
            found.append(judged.found)
            progress(len(found), repeats)
    for place, method in enumerate(JUDGEMENTS):
        for key in VERDICT_METRICS:
            share = sum(one[key][place] for one in found) / repeats
            yield Row("false verdicts", "simulation", "5", run.replicates, key, method, "share", share, repeats)
        share = sum(any(judged[place] for judged in one.values()) for one in found) / repeats
        yield Row("false verdicts", "simulation", "5", run.replicates, ANY, method, "share", share, repeats)
