"""How figures are worded wherever they are shown: numbers, intervals, verdicts, the setting of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

from sim.results.comparison import UNDECIDED, Comparison, Difference
from sim.results.measures import METRICS
from sim.results.rounding import number, percent
from sim.results.statistics import Interval
from sim.results.tables import paid_plans

UNDEFINED = "–"
KEY_FIGURES = (
    "reach", "frequency", "engagements", "engagement_rate_reach", "clicks", "ctr", "incremental_conversions",
    "revenue", "cost", "cpm", "cpe", "cpa", "roas", "roi", "sentiment", "overlap",
)  # fmt: skip
"""The figures shown to a person, in this order; the files hold them all."""


def figure_title(key: str, currency: str) -> str:
    """The figure's name, with the currency where it is money: "Reach", "CPA (USD)"."""
    metric = METRICS[key]
    return f"{metric.title} ({currency})" if metric.unit == "currency" else metric.title


def shown(key: str, value: float | None) -> str:
    """A value of a figure: rates and ROI as a percentage, the others as a number, "–" where undefined."""
    if value is None:
        return UNDEFINED
    return percent(value) if METRICS[key].unit == "fraction" or key == "roi" else number(value)


def mean_text(key: str, interval: Interval | None) -> str:
    """The estimate alone."""
    return shown(key, None if interval is None else interval.mean)


def range_text(key: str, interval: Interval | None) -> str:
    """The interval as "176,000 to 192,000"; empty where there is none or nothing varies."""
    ends = _ends(interval)
    return f"{shown(key, ends[0])} to {shown(key, ends[1])}" if ends else ""


def margin_text(key: str, interval: Interval | None) -> str:
    """Half the width of the interval (all intervals are symmetric) to two digits, as "±8,100"."""
    ends = _ends(interval)
    return f"±{shown(key, float(f'{(ends[1] - ends[0]) / 2:.2g}'))}" if ends else ""


def _ends(interval: Interval | None) -> tuple[float, float] | None:
    """Low and high; None where there is no interval, or none but the rounding of equal summands."""
    if interval is None or interval.low is None or interval.high is None:
        return None
    return None if isclose(interval.low, interval.high, rel_tol=1e-12) else (interval.low, interval.high)


def interval_text(key: str, interval: Interval | None) -> str:
    """Estimate and interval, as "184,000 (176,000 to 192,000)"."""
    span = range_text(key, interval)
    return f"{mean_text(key, interval)} ({span})" if span else mean_text(key, interval)


def share_text(share: float) -> str:
    """A share in percent, "–" for nan: a share of nothing."""
    return UNDEFINED if share != share else percent(share)


def pair_row(comparison: Comparison, a: str, b: str, key: str) -> tuple[Difference, str]:
    """The difference of two plans, and the side ("a" or "b") that the first named plan is on."""
    try:
        return comparison.difference(a, b, key), "a"
    except KeyError:
        return comparison.difference(b, a, key), "b"


def best_plan(comparison: Comparison, key: str) -> str | None:
    """The plan that is better than every other in a figure; UNDECIDED inside the noise.

    None where neither direction is better or fewer than two plans have the figure.
    """
    figures = {plan: f for plan in paid_plans(comparison) if (f := comparison.figures[plan][key]) is not None}
    direction = METRICS[key].better
    if direction is None or len(figures) < 2:
        return None
    lead = (max if direction == "higher" else min)(figures, key=lambda plan: figures[plan].mean)
    for other in figures:
        if other != lead:
            row, side = pair_row(comparison, lead, other, key)
            if row.better != side:
                return UNDECIDED
    return lead


def best_text(comparison: Comparison, key: str) -> str:
    """The cell "better": a plan's name, "equal", "undecided" or "–"."""
    best = best_plan(comparison, key)
    if best != UNDECIDED:
        return best or UNDEFINED
    intervals = [comparison.figures[plan][key] for plan in paid_plans(comparison)]
    fixed = all(i is not None and i.low == i.high for i in intervals)
    return "equal" if fixed and len({i.mean for i in intervals if i is not None}) == 1 else UNDECIDED


def verdict_text(row: Difference) -> str:
    """Who is better, or higher where neither direction is, or that it is undecided."""
    if row.mean is None:
        return UNDEFINED
    if row.verdict == UNDECIDED:
        return "equal" if row.low == row.high == 0 else UNDECIDED
    if row.better is None:
        return f"{row.a if row.verdict == 'a' else row.b} higher"
    return f"{row.a if row.better == 'a' else row.b} better"


def setting_text(comparison: Comparison) -> str:
    """One line: how often, of whom, how long, in which money."""
    ensemble = comparison.ensemble
    scenario, first = ensemble.scenario, ensemble.replicates[0]
    weight = next(iter(first.plans.values())).run.people_per_agent
    return ", ".join((
        counted(len(ensemble.replicates), "replicate"),
        counted(len(set(ensemble.worlds)), "society", "societies"),
        f"{first.people:,} agents of {number(weight)} {'person' if weight == 1 else 'people'} each",
        counted(scenario.run.days, "day"),
        f"money in {scenario.market.currency}",
    ))  # fmt: skip


def counted(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 day", "30 days"."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names in a row, cut after ``most``: "anna, ben and 3 more"."""
    hidden = len(names) - most
    return ", ".join(names[:most]) + (f" and {hidden} more" if hidden > 0 else "")
