"""Whether the lead of one plan over another changes from setting to setting: the difference of two differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from sim.results.comparison import EQUAL, LEVEL, UNDECIDED, Comparison, overall, parts
from sim.results.measures import COST, METRICS, Metric, PlanTotals
from sim.results.statistics import Interval, difference_of_differences, holm, mean_interval
from sim.scenario.plans import NONE

HIGHER, LOWER = "higher", "lower"

Four = tuple[PlanTotals, PlanTotals, PlanTotals, PlanTotals]
"""Plans a and b in a setting, and both in the first."""


@dataclass(frozen=True)
class LeadChange:
    """Plan a minus plan b in a setting, minus the same in the first setting, paired by replicate.

    mean, low, high: None where the figure is not defined in one of the four. verdict: "higher", "lower" or "undecided".
    """

    setting: str
    a: str
    b: str
    metric: str
    mean: float | None
    low: float | None
    high: float | None
    verdict: str


def lead_changes(first: Comparison, others: Mapping[str, Comparison], keys: Sequence[str]) -> list[LeadChange]:
    """Every two paid plans in these figures; the verdicts of each two are corrected together (Holm)."""
    plans = [plan for plan in first.totals if plan != NONE]
    return [row for a, b in combinations(plans, 2) for row in _of_pair(a, b, first, others, keys)]


def _of_pair(
    a: str, b: str, first: Comparison, others: Mapping[str, Comparison], keys: Sequence[str]
) -> list[LeadChange]:
    clusters, base = first.ensemble.worlds, (first.totals[a], first.totals[b])
    four: dict[tuple[str, str], Four] = {
        (name, key): (other.totals[a], other.totals[b], *base) for name, other in others.items() for key in keys
    }
    intervals = {case: _interval(totals, METRICS[case[1]], clusters) for case, totals in four.items()}
    sure = holm({case: _p_value(four[case], METRICS[case[1]], found, clusters) for case, found in intervals.items()},
                LEVEL)  # fmt: skip
    rows = []
    for (name, key), found in intervals.items():
        mean, low, high = (None, None, None) if found is None else (found.mean, found.low, found.high)
        verdict = UNDECIDED
        if mean is not None and sure[name, key] and not _negligible(four[name, key], METRICS[key], mean):
            verdict = HIGHER if mean > 0 else LOWER
        rows.append(LeadChange(name, a, b, key, mean, low, high, verdict))
    return rows


def _interval(totals: Four, metric: Metric, clusters: Sequence[int]) -> Interval | None:
    if metric.is_rate:
        return difference_of_differences([parts(one, metric) for one in totals], clusters, 1.0 - LEVEL)
    a, b, first_a, first_b = (one.of(metric.key) for one in totals)
    return mean_interval((a - b) - (first_a - first_b), clusters, 1.0 - LEVEL)


def _p_value(totals: Four, metric: Metric, found: Interval | None, clusters: Sequence[int]) -> float | None:
    """p of "no change". That of a cost of one is of what the money buys, as in every comparison."""
    if found is None or metric.numerator != COST:
        return None if found is None else found.p_value
    bought = difference_of_differences([parts(one, metric)[::-1] for one in totals], clusters)
    return None if bought is None else bought.p_value


def _negligible(totals: Four, metric: Metric, mean: float) -> bool:
    """Whether the change is less than any money or head count is rounded to."""
    return abs(mean) <= EQUAL * max(abs(overall(one, metric) or 0.0) for one in totals)
