"""Comparison: every plan's figures with intervals, and the paired differences between plans with verdicts."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.ensemble import Ensemble, Replicate
from sim.results.measures import COST, METRICS, VERDICT_METRICS, Metric, PlanTotals, plan_totals
from sim.results.precision import PRECISE_METRICS, Precision, Width, first_look, looks, question_digest
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
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE
from sim.shown import Shown

UNDECIDED = "undecided"
LEVEL = 0.05
EQUAL = 1e-4
"""Relative difference up to which two figures are taken as equal, however sure their difference is."""

Runner = Callable[[Scenario, Sequence[Replicate]], Ensemble]
"""Runs all replicates of a scenario, given those that are at hand already."""


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


@dataclass(frozen=True, repr=False)
class Comparison(Shown):
    """The answer to a scenario. figures: plan -> metric -> interval (None where the figure is not defined).

    precision: what came of the precision asked for; None where so many replicates were run as the scenario says.
    """

    ensemble: Ensemble
    totals: Mapping[str, PlanTotals]
    figures: Mapping[str, Mapping[str, Interval | None]]
    differences: tuple[Difference, ...]
    precision: Precision | None = None

    @property
    def question(self) -> Scenario:
        """The scenario as it was asked: with the replicates of the first look where there were several."""
        scenario = self.ensemble.scenario
        return scenario if self.precision is None else scenario.with_replicates(self.precision.looks[0])

    @property
    def digest(self) -> str:
        """The name of the question: same digest, same numbers."""
        return question_digest(self.question, None if self.precision is None else self.precision.asked)

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


def compare_plans(ensemble: Ensemble, level: float = LEVEL) -> Comparison:
    """Figures and paired differences of an ensemble, societies as clusters; level: of tests, 1 - level of intervals."""
    measured, clusters = measure_plans(ensemble, level), ensemble.worlds
    totals = measured.totals
    rows = [row for a, b in _pairs(totals) for row in pair_differences(totals[a], totals[b], clusters, level)]
    return replace(measured, differences=tuple(rows))


def measure_plans(ensemble: Ensemble, level: float = LEVEL) -> Comparison:
    """The figures of each plan alone, for studies of many plans that choose which pairs to look at."""
    totals = {plan: plan_totals(ensemble, plan) for plan in ensemble.plan_names}
    figures = {
        plan: {key: figure(values, metric, ensemble.worlds, level) for key, metric in METRICS.items()}
        for plan, values in totals.items()
    }
    return Comparison(ensemble, totals, figures, ())


def of_plans(comparison: Comparison, plans: Sequence[str]) -> Comparison:
    """The same with some of its paid plans only, in the scenario's order."""
    scenario, kept = comparison.ensemble.scenario, {NONE, *plans}
    fewer = replace(scenario, plans=tuple(plan for plan in scenario.plans if plan.name in kept))
    return replace(
        comparison,
        ensemble=replace(comparison.ensemble, scenario=fewer),
        totals={plan: totals for plan, totals in comparison.totals.items() if plan in kept},
        figures={plan: figures for plan, figures in comparison.figures.items() if plan in kept},
        differences=tuple(row for row in comparison.differences if {row.a, row.b} <= kept),
    )


def _pairs(totals: Mapping[str, PlanTotals]) -> list[tuple[str, str]]:
    """Every two paid plans."""
    return list(itertools.combinations([plan for plan in totals if plan != NONE], 2))


def compare(scenario: Scenario, run: Runner, precision: float | None = None) -> Comparison:
    """Compare a scenario's plans, on as many replicates as it says or as the precision takes."""
    return compare_plans(run(scenario, ())) if precision is None else compare_until(scenario, run, precision)


def compare_until(scenario: Scenario, run: Runner, precision: float) -> Comparison:
    """Look at more and more replicates until every difference is known to within ``precision``.

    That is, until half the interval of every two paid plans' difference in each of ``PRECISE_METRICS`` is at most this
    share of the larger of the two plans' means; of a single paid plan, its own figures. The intervals and verdicts are
    those of the look that stopped or was the last, at a level at which all looks together hold with 1 - LEVEL.
    """
    asked = first_look(scenario)
    numbers = looks(asked.run.replicates)
    level = LEVEL / len(numbers)
    at_hand: Sequence[Replicate] = ()
    for number in numbers:
        comparison = compare_plans(run(asked.with_replicates(number), at_hand), level)
        at_hand, found = comparison.ensemble.replicates, widths(comparison.totals, comparison.ensemble.worlds, level)
        reached = all(width.within(precision) for width in found)
        if reached:
            break
    made = tuple(look for look in numbers if look <= number)
    told = Precision(precision, reached, made, len(numbers), 1.0 - level, found)
    return replace(comparison, precision=told)


def widths(totals: Mapping[str, PlanTotals], clusters: Sequence[int], level: float = LEVEL) -> tuple[Width, ...]:
    """How well every two paid plans' differences are known; of a single paid plan, its own figures."""
    alone = [(plan, NONE) for plan in totals if plan != NONE]
    return tuple(
        _width(totals, a, b, METRICS[key], clusters, level) for a, b in _pairs(totals) or alone
        for key in PRECISE_METRICS
    )  # fmt: skip


def _width(
    totals: Mapping[str, PlanTotals], a: str, b: str, metric: Metric, clusters: Sequence[int], level: float
) -> Width:
    if b == NONE:
        interval = figure(totals[a], metric, clusters, level)
    else:
        interval = paired(totals[a], totals[b], metric, clusters, level)
    assert interval is not None, "a sum is always defined"
    half = None if interval.high is None else interval.high - interval.mean
    larger = max(abs(float(totals[plan].of(metric.key).mean())) for plan in (a, b) if plan != NONE)
    return Width(a, b, metric.key, half, larger)


def figure(totals: PlanTotals, metric: Metric, clusters: Sequence[int], level: float = LEVEL) -> Interval | None:
    """One figure of one plan: the mean of a sum, the ratio of sums of a rate. Where nothing is paid, no cost of one."""
    if not metric.is_rate:
        return mean_interval(totals.of(metric.key), clusters, 1.0 - level)
    if _free(totals, metric):
        return None
    top, bottom = parts(totals, metric)
    return ratio_interval(top, bottom, clusters, 1.0 - level)


def _free(totals: PlanTotals, metric: Metric) -> bool:
    return metric.numerator == COST and not totals.of(COST).any()


def parts(totals: PlanTotals, metric: Metric) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and denominator of a rate, by replicate."""
    assert metric.numerator is not None
    assert metric.denominator is not None
    return metric.scale * totals.of(metric.numerator), totals.of(metric.denominator)


def paired(
    a: PlanTotals, b: PlanTotals, metric: Metric, clusters: Sequence[int], level: float = LEVEL
) -> Interval | None:
    """a minus b in one figure, paired by replicate."""
    if not metric.is_rate:
        return mean_interval(a.of(metric.key) - b.of(metric.key), clusters, 1.0 - level)
    if _free(a, metric) or _free(b, metric):
        return None
    return difference_of_ratios(*parts(a, metric), *parts(b, metric), clusters, 1.0 - level)


def pair_differences(a: PlanTotals, b: PlanTotals, clusters: Sequence[int], level: float = LEVEL) -> list[Difference]:
    """a minus b in every figure, with verdicts at that level."""
    intervals = {key: paired(a, b, metric, clusters, level) for key, metric in METRICS.items()}
    p_values = {
        key: None if interval is None else p_value(a, b, METRICS[key], interval, clusters)
        for key, interval in intervals.items()
    }
    sure = {key: p is not None and p < level for key, p in p_values.items()}
    sure |= holm({key: p_values[key] for key in VERDICT_METRICS}, level)
    sure["incremental_conversions"] = sure["revenue"] = sure["conversions"]  # one difference under three names
    sure["roas"] = sure["roi"]
    return [_row(a, b, METRICS[key], interval, sure[key], level) for key, interval in intervals.items()]


def p_value(a: PlanTotals, b: PlanTotals, metric: Metric, interval: Interval, clusters: Sequence[int]) -> float | None:
    """p of "no difference". That of a cost of one is of what the money buys, its inverse (Fieller 1954).

    Costs hardly vary and orders do: divided by them, luck weighs more on one side, and equal plans would be called
    different too often (measured in experiments/statistics).
    """
    if metric.numerator != COST:
        return interval.p_value
    (top_a, bottom_a), (top_b, bottom_b) = parts(a, metric), parts(b, metric)
    bought = difference_of_ratios(bottom_a, top_a, bottom_b, top_b, clusters)
    return None if bought is None else bought.p_value


def _row(
    a: PlanTotals, b: PlanTotals, metric: Metric, interval: Interval | None, sure: bool, level: float
) -> Difference:
    share, share_low, share_high = _share(a, b, metric, level)
    verdict = UNDECIDED
    if interval is not None and sure and not negligible(a, b, metric):
        verdict = "a" if interval.mean > 0 else "b"
    needed = None
    if verdict == UNDECIDED and interval is not None and not metric.is_rate:
        needed = replicates_needed(a.of(metric.key) - b.of(metric.key), 1.0 - level)
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


def _share(
    a: PlanTotals, b: PlanTotals, metric: Metric, level: float
) -> tuple[float | None, float | None, float | None]:
    first, second = a.by_replicate(metric), b.by_replicate(metric)
    both = np.isfinite(first) & np.isfinite(second)
    return share_higher(first[both], second[both], 1.0 - level) if both.any() else (None, None, None)


def _ratio(a: PlanTotals, b: PlanTotals, metric: Metric) -> float | None:
    """a ÷ b, each the sum (or the ratio of sums) over replicates; None unless both are above 0."""
    first, second = (overall(totals, metric) for totals in (a, b))
    if first is None or second is None or first <= 0 or second <= 0:
        return None
    return first / second


def overall(totals: PlanTotals, metric: Metric) -> float | None:
    """The sum, or the ratio of sums, over replicates; None where it is not defined."""
    if not metric.is_rate:
        return float(totals.of(metric.key).sum())
    top, bottom = (float(part.sum()) for part in parts(totals, metric))
    return top / bottom if bottom > 0 and math.isfinite(top) else None


def negligible(a: PlanTotals, b: PlanTotals, metric: Metric) -> bool:
    """Whether two plans, or one in two settings, differ by less than any money or head count is rounded to."""
    first, second = (overall(totals, metric) or 0.0 for totals in (a, b))
    return abs(first - second) <= EQUAL * max(abs(first), abs(second))


def _better(verdict: str, metric: Metric) -> str | None:
    if metric.better is None:
        return None
    if verdict == UNDECIDED or metric.better == "higher":
        return verdict
    return "b" if verdict == "a" else "a"
