"""Which split of a budget over groups of creators is best, which are not to be told from it, and what more money buys.

Every split is a plan of one ensemble, so that all meet the same people and the same luck. The best one is that with the
best mean; another split is told from it where the paired difference is outside the noise, with Holm's correction over
all others (the comparison of many with the best of them, Hsu 1996, by pairs). The mean of the best of many is a little
too good, since luck had a part in its choice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sim.ensemble import Ensemble
from sim.errors import InputError, nearest_match
from sim.results.comparison import Comparison, measure_plans, p_value, paired
from sim.results.measures import METRICS, Metric
from sim.results.statistics import Interval, holm, mean_interval
from sim.scenario.load import Scenario
from sim.shown import Shown
from sim.studies.splits import Group, Point, Terms, check_terms, points, share_grid, with_plans

DEFAULT_METRICS = ("incremental_conversions", "reach", "engagements", "roi")
EXTRA = 1_000.0
"""The next piece of money whose worth is asked for, in the scenario's currency."""
MOST_EXTRAS = 200
"""Pieces tried until a further post is bought: posts of up to 200,000 are found, dearer ones are not looked for."""
BUDGETS = 10
"""Budgets tried to reach a target: this many equal steps up to the whole budget."""
LEVEL = 0.05

Runner = Callable[[str, Scenario], Ensemble]
"""Runs a scenario under a name: of a part of this study."""


@dataclass(frozen=True)
class Row:
    """One split and its figures with 95 % intervals; None where a figure is not defined."""

    point: Point
    plan: str
    figures: Mapping[str, Interval | None]


@dataclass(frozen=True)
class Best:
    """The row with the best mean of a figure, and the rows that are not told from it, by place; itself among them."""

    place: int
    near: tuple[int, ...]


@dataclass(frozen=True)
class NextMoney:
    """What the next money brings beside the best split.

    extra: by how much the budget grows; spent: by how much the cost does, since posts are whole. per_extra: each figure
    that is a sum, in EXTRA of the money spent.
    """

    extra: float
    spent: float
    point: Point
    per_extra: Mapping[str, Interval]


@dataclass(frozen=True)
class Cheapest:
    """The cheapest splits tried that reach a target: in the mean, and with the whole interval. None where none does."""

    metric: str
    target: float
    tried: int
    in_the_mean: Row | None
    surely: Row | None


@dataclass(frozen=True, repr=False)
class Split(Shown):
    """The whole answer. best: by figure; rows in the order of the shares; metrics: the first one decides."""

    comparison: Comparison
    groups: tuple[Group, ...]
    metrics: tuple[str, ...]
    budget: float
    rows: tuple[Row, ...]
    best: Mapping[str, Best]
    following: NextMoney | None
    cheapest: Cheapest | None
    notes: tuple[str, ...]

    @property
    def best_row(self) -> Row | None:
        """The best row of the figure that decides; None where no split has it defined."""
        best = self.best.get(self.metrics[0])
        return None if best is None else self.rows[best.place]


@dataclass(frozen=True)
class Asked:
    """A question, checked before anything runs."""

    scenario: Scenario
    groups: tuple[Group, ...]
    budget: float
    terms: Terms
    metrics: tuple[str, ...]
    points: tuple[Point, ...]
    step: float | None = None
    target: float | None = None
    notes: tuple[str, ...] = ()


def asked(
    scenario: Scenario, groups: Sequence[Group], budget: float, terms: Terms, metrics: Sequence[str] | None = None,
    step: float | None = None, target: float | None = None,
) -> Asked:  # fmt: skip
    """The question with its splits; InputError for figures that there are not, and for a budget that buys nothing."""
    chosen = checked_metrics(metrics or DEFAULT_METRICS)
    if not 0 < budget <= 1e15:
        raise InputError("not an amount of money", key="--budget", value=budget, expected="a number above 0")
    if target is not None and (METRICS[chosen[0]].is_rate or METRICS[chosen[0]].better != "higher"):
        raise InputError("a target needs a figure that adds up", key="--metric", value=chosen[0],
                         expected="reach, engagements, clicks, incremental_conversions …")  # fmt: skip
    if target is not None and not 0 < target < 1e15:
        raise InputError("not a target", key="--target", value=target, expected="a number above 0")
    check_terms(scenario, terms)
    shares = share_grid(len(groups), step)
    found = points(scenario, groups, budget, terms, shares)
    if not found:
        raise InputError("buys not one post with any split", key="--budget", value=budget, expected="more money")
    notes = []
    if len(found) < len(shares):
        notes.append(f"{len(shares) - len(found)} of {len(shares)} splits buy not one post and are left out")
    return Asked(scenario, tuple(groups), budget, terms, chosen, found, step, target, tuple(notes))


def checked_metrics(metrics: Sequence[str]) -> tuple[str, ...]:
    """The figures, each once; InputError for an unknown one and for one in which neither direction is better."""
    for key in metrics:
        if key not in METRICS:
            raise InputError("no such figure", key="--metric", value=key, expected="a figure of `influence glossary`",
                             nearest=nearest_match(key, METRICS))  # fmt: skip
        if METRICS[key].better is None or key == "cost":
            raise InputError("no split is better in this figure", key="--metric", value=key,
                             expected="a figure like reach, engagements, incremental_conversions or roi")  # fmt: skip
    return tuple(dict.fromkeys(metrics))


# --- running -----------------------------------------------------------------------------------------------


def split(question: Asked, run: Runner) -> Split:
    """Run every split, then what the best one makes of more money, then, for a target, smaller budgets."""
    comparison, rows = _measured(question, "curve", question.points, run)
    best = {key: found for key in question.metrics if (found := _best(comparison, rows, METRICS[key])) is not None}
    answer = Split(comparison, question.groups, question.metrics, question.budget, rows, best, None, None,
                   question.notes)  # fmt: skip
    if answer.best_row is not None:
        answer = replace(answer, following=_following(question, answer, answer.best_row, run))
    if question.target is not None:
        answer = replace(answer, cheapest=_cheapest(question, question.target, run))
    return answer


def _measured(
    question: Asked, part: str, chosen: Sequence[Point], run: Runner
) -> tuple[Comparison, tuple[Row, ...]]:  # fmt: skip
    scenario, where = with_plans(question.scenario, chosen)
    comparison = measure_plans(run(part, scenario))
    rows = tuple(Row(point, where[place], comparison.figures[where[place]]) for place, point in enumerate(chosen))
    return comparison, rows


def _best(comparison: Comparison, rows: Sequence[Row], metric: Metric) -> Best | None:
    sign = 1.0 if metric.better == "higher" else -1.0
    means = {place: sign * interval.mean for place, row in enumerate(rows)
             if (interval := row.figures[metric.key]) is not None}  # fmt: skip
    if not means:
        return None
    top = max(means, key=lambda place: means[place])
    others = dict.fromkeys(row.plan for place, row in enumerate(rows) if place in means and row.plan != rows[top].plan)
    told = holm({plan: _p_value(comparison, rows[top].plan, plan, metric) for plan in others}, LEVEL)
    near = tuple(place for place in means if rows[place].plan == rows[top].plan or not told[rows[place].plan])
    return Best(top, near)


def _p_value(comparison: Comparison, a: str, b: str, metric: Metric) -> float | None:
    first, second, clusters = comparison.totals[a], comparison.totals[b], comparison.ensemble.worlds
    interval = paired(first, second, metric, clusters)
    return None if interval is None else p_value(first, second, metric, interval, clusters)


def _following(question: Asked, answer: Split, best: Row, run: Runner) -> NextMoney | None:
    """The best split with the least more money that buys anything, beside what it brought in the curve."""
    for pieces in range(1, MOST_EXTRAS + 1):
        more = points(question.scenario, question.groups, question.budget + pieces * EXTRA, question.terms,
                      [best.point.shares])[0]  # fmt: skip
        if more.cost > best.point.cost:
            break
    else:
        return None
    comparison, (row,) = _measured(question, "next", [more], run)
    before, after = answer.comparison.totals[best.plan], comparison.totals[row.plan]
    spent = more.cost - best.point.cost
    gained = {key: mean_interval((after.of(key) - before.of(key)) * EXTRA / spent, comparison.ensemble.worlds)
              for key in question.metrics if not METRICS[key].is_rate}  # fmt: skip
    return NextMoney(pieces * EXTRA, spent, more, gained)


def _cheapest(question: Asked, target: float, run: Runner) -> Cheapest:
    """Every split with each of some smaller budgets; no order of costs and figures is taken for granted."""
    metric, shares = question.metrics[0], share_grid(len(question.groups), question.step)
    chosen = [
        point for k in range(1, BUDGETS + 1)
        for point in points(question.scenario, question.groups, question.budget * k / BUDGETS, question.terms, shares)
    ]  # fmt: skip
    _, rows = _measured(question, "target", chosen, run)
    by_cost = sorted(rows, key=lambda row: row.point.cost)
    mean = next((row for row in by_cost if (got := row.figures[metric]) is not None and got.mean >= target), None)
    sure = next((row for row in by_cost if (got := row.figures[metric]) is not None and got.low is not None
                 and got.low >= target), None)  # fmt: skip
    return Cheapest(metric, target, len({row.plan for row in rows}), mean, sure)
