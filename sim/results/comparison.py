"""Comparison: every plan's figures with intervals, and the paired differences between plans with verdicts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.ensemble import Ensemble
from sim.results.measures import COST, METRICS, VERDICT_METRICS, Metric, PlanTotals, plan_totals
from sim.results.spending import plan_notes
from sim.results.statistics import (
    Interval,
    difference_of_ratios,
    holm,
    mean_interval,
    ratio_interval,
    replicates_needed,
    share_higher,
)
from sim.scenario.plans import NONE

UNDECIDED = "undecided"
LEVEL = 0.05
EQUAL = 1e-4
"""Relative difference up to which two figures are taken as equal, however sure their difference is."""


@dataclass(frozen=True)
class Difference:
    """Plan a minus plan b in one figure, paired by replicate.

    ratio: a ÷ b of the sums over replicates. probability_a_higher: share of replicates in which a is higher, with its
    Wilson interval (share_low, share_high). verdict: the plan that is higher ("a", "b") or "undecided"; better
    adds the figure's direction and is None where neither direction is better. replicates_needed: paired
    replicates that would settle an undecided difference of the size seen.
    """

    a: str
    b: str
    metric: str
    mean: float | None
    low: float | None
    high: float | None
    ratio: float | None
    probability_a_higher: float | None
    share_low: float | None
    share_high: float | None
    verdict: str
    better: str | None
    replicates_needed: int | None


@dataclass(frozen=True)
class Comparison:
    """The answer to a scenario. figures: plan -> metric -> interval (None where the figure is not defined)."""

    ensemble: Ensemble
    totals: Mapping[str, PlanTotals]
    figures: Mapping[str, Mapping[str, Interval | None]]
    differences: tuple[Difference, ...]

    def difference(self, a: str, b: str, metric: str) -> Difference:
        """The row of that pair and figure, in the order the pair stands in the table."""
        for row in self.differences:
            if (row.a, row.b, row.metric) == (a, b, metric):
                return row
        raise KeyError((a, b, metric))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know: offers declined, small audiences, ignored columns and the like, each once."""
        remarks = [w for replicate in self.ensemble.replicates for w in replicate.warnings]
        return tuple(dict.fromkeys([*plan_notes(self.ensemble), *remarks]))


def compare_plans(ensemble: Ensemble) -> Comparison:
    """Figures and paired differences of an ensemble; societies count as clusters where that widens an interval."""
    clusters = ensemble.worlds
    totals = {plan: plan_totals(ensemble, plan) for plan in ensemble.plan_names}
    figures = {
        plan: {key: figure(values, metric, clusters) for key, metric in METRICS.items()}
        for plan, values in totals.items()
    }
    paid = [plan for plan in ensemble.plan_names if plan != NONE]
    rows: list[Difference] = []
    for a, b in itertools.combinations(paid, 2):
        rows += _pair(totals[a], totals[b], clusters)
    return Comparison(ensemble, totals, figures, tuple(rows))


def figure(totals: PlanTotals, metric: Metric, clusters: Sequence[int]) -> Interval | None:
    """One figure of one plan: the mean of a sum, the ratio of sums of a rate. Where nothing is paid, no cost of one."""
    if not metric.is_rate:
        return mean_interval(totals.of(metric.key), clusters)
    if _free(totals, metric):
        return None
    top, bottom = _parts(totals, metric)
    return ratio_interval(top, bottom, clusters)


def _free(totals: PlanTotals, metric: Metric) -> bool:
    return metric.numerator == COST and not totals.of(COST).any()


def _parts(totals: PlanTotals, metric: Metric) -> tuple[np.ndarray, np.ndarray]:
    assert metric.numerator is not None
    assert metric.denominator is not None
    return metric.scale * totals.of(metric.numerator), totals.of(metric.denominator)


def paired(a: PlanTotals, b: PlanTotals, metric: Metric, clusters: Sequence[int]) -> Interval | None:
    """a minus b in one figure, paired by replicate."""
    if not metric.is_rate:
        return mean_interval(a.of(metric.key) - b.of(metric.key), clusters)
    if _free(a, metric) or _free(b, metric):
        return None
    return difference_of_ratios(*_parts(a, metric), *_parts(b, metric), clusters)


def _pair(a: PlanTotals, b: PlanTotals, clusters: Sequence[int]) -> list[Difference]:
    intervals = {key: paired(a, b, metric, clusters) for key, metric in METRICS.items()}
    p_values = {key: None if i is None else i.p_value for key, i in intervals.items()}
    sure = {key: p is not None and p < LEVEL for key, p in p_values.items()}
    sure |= holm({key: p_values[key] for key in VERDICT_METRICS})
    sure["incremental_conversions"] = sure["revenue"] = sure["conversions"]  # one difference under three names
    sure["roas"] = sure["roi"]
    return [_row(a, b, METRICS[key], interval, sure[key]) for key, interval in intervals.items()]


def _row(a: PlanTotals, b: PlanTotals, metric: Metric, interval: Interval | None, sure: bool) -> Difference:
    share, share_low, share_high = _share(a, b, metric)
    verdict = UNDECIDED
    if interval is not None and sure and not _negligible(a, b, metric):
        verdict = "a" if interval.mean > 0 else "b"
    needed = None
    if verdict == UNDECIDED and interval is not None and not metric.is_rate:
        needed = replicates_needed(a.of(metric.key) - b.of(metric.key))
    return Difference(
        a=a.plan,
        b=b.plan,
        metric=metric.key,
        mean=None if interval is None else interval.mean,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        ratio=_ratio(a, b, metric),
        probability_a_higher=share,
        share_low=share_low,
        share_high=share_high,
        verdict=verdict,
        better=_better(verdict, metric),
        replicates_needed=needed,
    )


def _share(a: PlanTotals, b: PlanTotals, metric: Metric) -> tuple[float | None, float | None, float | None]:
    first, second = a.by_replicate(metric), b.by_replicate(metric)
    both = np.isfinite(first) & np.isfinite(second)
    return share_higher(first[both], second[both]) if both.any() else (None, None, None)


def _ratio(a: PlanTotals, b: PlanTotals, metric: Metric) -> float | None:
    """a ÷ b, each the sum (or the ratio of sums) over replicates; None unless both are above 0."""
    first, second = (_overall(totals, metric) for totals in (a, b))
    if first is None or second is None or first <= 0 or second <= 0:
        return None
    return first / second


def _overall(totals: PlanTotals, metric: Metric) -> float | None:
    if not metric.is_rate:
        return float(totals.of(metric.key).sum())
    top, bottom = (float(part.sum()) for part in _parts(totals, metric))
    return top / bottom if bottom > 0 and math.isfinite(top) else None


def _negligible(a: PlanTotals, b: PlanTotals, metric: Metric) -> bool:
    """Whether two plans differ by less than any money or head count is rounded to."""
    first, second = (_overall(totals, metric) or 0.0 for totals in (a, b))
    return abs(first - second) <= EQUAL * max(abs(first), abs(second))


def _better(verdict: str, metric: Metric) -> str | None:
    if metric.better is None:
        return None
    if verdict == UNDECIDED or metric.better == "higher":
        return verdict
    return "b" if verdict == "a" else "a"
