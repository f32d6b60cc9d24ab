"""What ``--precision`` promises, on made-up data: at the look that stops, intervals hold and verdicts are right.

The looks, the levels and the rule are the project's own; beside them stands the same rule without the correction, where
each look is taken as if it were the only one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from interval_coverage import CALM_ONE, MANY, ONE, Draws, Spreads, holds, normal, skewed
from numpy.typing import NDArray
from statistics_rows import Row

from sim.results.comparison import LEVEL, UNDECIDED, pair_differences, paired, widths
from sim.results.measures import METRICS, VERDICT_METRICS, PlanTotals
from sim.results.precision import PRECISE_METRICS, looks
from sim.scenario.plans import NONE

Floats = NDArray[np.float64]

FIRST, SOCIETIES = 20, 20
CORRECTED, NAIVE = "each look at its share of 5 %", "each look at 5 %"
COST, PRICE, MARGIN = 12_210.0, 48.0, 0.6
OTHERS = ("impressions", "shares", "clicks", "clicked_conversions", "attitude", "followers_gained", "followers_lost",
          "followers_posted_to", "feed_impressions", "engagements_drawn", "clicks_drawn",
          "conversions_drawn")  # fmt: skip
"""Totals that play no part here."""


@dataclass(frozen=True)
class Setting:
    """Two made-up plans, how their figures are distributed, and the precision asked for."""

    name: str
    a: Spreads
    b: Spreads
    precision: float
    lognormal: bool = True

    @property
    def equal(self) -> bool:
        return self.a == self.b


SETTINGS = (
    Setting("normal, 20 %", MANY, CALM_ONE, 0.2, lognormal=False),
    Setting("normal, 10 %", MANY, CALM_ONE, 0.1, lognormal=False),
    Setting("skewed, 20 %", MANY, ONE, 0.2),
    Setting("skewed, 10 %", MANY, ONE, 0.1),
    Setting("two equal plans, normal, 20 %", MANY, MANY, 0.2, lognormal=False),
    Setting("two equal plans, skewed, 20 %", MANY, MANY, 0.2),
)


def made_up_totals(plan: str, draws: Draws, spreads: Spreads, n: int, *, lognormal: bool) -> PlanTotals:
    """Totals of one plan with these spreads, one value a replicate."""
    draw = skewed if lognormal else normal
    orders, reach, rate = (draw(draws, *spread, n) for spread in (spreads.orders, spreads.reach, spreads.rate))
    cost, ones = np.full(n, COST), np.ones(n)
    values = {"reach": reach, "engagements": rate * reach, "incremental_conversions": orders, "conversions": orders,
              "cost": cost, "revenue": PRICE * orders, "profit": MARGIN * PRICE * orders - cost,
              "audiences": ones, "overlapping": 0.0 * ones, **dict.fromkeys(OTHERS, ones)}  # fmt: skip
    return PlanTotals(plan, values)


@dataclass
class Stop:
    """Where one repeat stopped and what stood there."""

    replicates: int
    reached: bool
    held: dict[str, bool | None]
    decided: bool


def stopped(setting: Setting, draws: Draws, level: float) -> Stop:
    """Look at more and more replicates of one repeat, as ``--precision`` does."""
    numbers = looks(FIRST)
    plans = {
        plan: made_up_totals(plan, draws, spreads, numbers[-1], lognormal=setting.lognormal)
        for plan, spreads in (("a", setting.a), ("b", setting.b))
    }
    for number in numbers:
        societies = (np.arange(number) % SOCIETIES).tolist()
        shown = {plan: _first(totals, number) for plan, totals in plans.items()}
        reached = all(w.within(setting.precision) for w in widths({NONE: shown["a"], **shown}, societies, level))
        if reached:
            break
    a, b = shown["a"], shown["b"]
    held = {
        key: holds(paired(a, b, METRICS[key], societies, level), truth) for key, truth in true_means(setting).items()
    }
    rows = pair_differences(a, b, societies, level) if setting.equal else []
    decided = any(row.verdict != UNDECIDED for row in rows if row.metric in VERDICT_METRICS)
    return Stop(number, reached, held, decided)


def _first(totals: PlanTotals, n: int) -> PlanTotals:
    return PlanTotals(totals.plan, {key: values[:n] for key, values in totals.values.items()})


def true_means(setting: Setting) -> dict[str, float]:
    """Plan a minus plan b in each figure that is to be precise."""
    a, b = setting.a, setting.b
    engagements = a.rate[0] * a.reach[0] - b.rate[0] * b.reach[0]
    truths = (a.reach[0] - b.reach[0], engagements, a.orders[0] - b.orders[0])
    return dict(zip(PRECISE_METRICS, truths, strict=True))


def promised(repeats: int, settings: tuple[Setting, ...] = SETTINGS, seed: int = 20260303) -> Iterator[Row]:
    """Coverage, false verdicts and replicates at the look that stopped, corrected and not."""
    share = LEVEL / len(looks(FIRST))
    for setting in settings:
        for method, level in ((CORRECTED, share), (NAIVE, LEVEL)):
            draws = np.random.default_rng(seed)
            stops = [stopped(setting, draws, level) for _ in range(repeats)]
            about = ("precision", setting.name, str(SOCIETIES), FIRST)
            for key in PRECISE_METRICS:
                held = float(np.mean([bool(stop.held[key]) for stop in stops]))
                yield Row(*about, key, method, "coverage", held, repeats)
            if setting.equal:
                wrong = float(np.mean([stop.decided for stop in stops]))
                yield Row(*about, "any verdict", method, "false verdicts", wrong, repeats)
            ends = [stop.replicates for stop in stops]
            yield Row(*about, "replicates", method, "median", float(np.median(ends)), repeats)
            yield Row(*about, "reached", method, "share", float(np.mean([s.reached for s in stops])), repeats)
