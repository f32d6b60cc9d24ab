"""Why one plan won: the difference between two plans shared out among groups of mechanisms, and what would turn it.

The groups are switched off in every combination on the same seeds. A group's share is its Shapley value: the mean, over
all orders in which the groups can be switched on, of what switching it on adds to the difference. What is left with all
of them off (size, price and everything else) is shown as a part of its own, so that the parts add up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import special

from sim.ensemble import run_ensemble
from sim.errors import Interrupted
from sim.parameters import PARAMETERS
from sim.pieces import Progress
from sim.results.comparison import LEVEL, Comparison, compare_plans
from sim.results.measures import METRICS
from sim.results.statistics import Interval, holm
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE
from sim.shown import Shown
from sim.studies.crossing import Crossing
from sim.studies.explain_difference import Difference, undefined
from sim.studies.explain_levers import SwitchOver, levers, switch_overs
from sim.studies.explain_money import CreatorFee, Money, creator_fees, money_of, plan_fee, price_curve
from sim.studies.explain_runs import Measured, Question, Setting, measured
from sim.studies.shapley import Design, design
from sim.workers import Workers

REMAINDER, WITHOUT_PRICE = "size, price and what is left", "size and what is left"
AT_A_TIME = 16
"""Settings played on a world before the next one's turn: so often is progress shown and kept."""


@dataclass(frozen=True)
class Share:
    """A group's part of the difference.

    interval: over replicates, and over the drawn orders where not every combination was played, whose standard error is
    ``error`` (else 0). sure: whether it differs from 0, corrected for looking at several groups (Holm).
    """

    group: str
    interval: Interval
    error: float
    sure: bool


@dataclass(frozen=True, repr=False)
class Explanation(Shown):
    """Why plan a and plan b differ in a figure.

    difference: a minus b, the sum of the shares and of the remainder. exact: whether every combination of groups was
    played; combinations: how many were.
    """

    comparison: Comparison
    a: str
    b: str
    metric: str
    difference: Interval
    shares: tuple[Share, ...]
    remainder: Interval
    exact: bool
    combinations: int
    switches: tuple[SwitchOver, ...]
    creators: tuple[CreatorFee, ...]
    notes: tuple[str, ...] = ()

    @property
    def scenario(self) -> Scenario:
        return self.comparison.ensemble.scenario

    @property
    def rest(self) -> str:
        """What the remainder is called: price belongs to it unless it is a group."""
        return WITHOUT_PRICE if any(share.group == "price" for share in self.shares) else REMAINDER

    def share(self, group: str) -> Share:
        """The part of one group."""
        return next(share for share in self.shares if share.group == group)


# --- the answer --------------------------------------------------------------------------------------------


def explain(
    question: Question, metric: str, groups: Sequence[str], *, workers: int | None = None, folder: Path | None = None,
    progress: Progress | None = None, notes: Sequence[str] = (),
) -> Explanation:  # fmt: skip
    """Play every combination, share the difference out, and search for what would turn it.

    folder: keeps finished replicates, so that an interrupted explanation can be completed.
    """
    scenario, plan = question.scenario, design(groups, question.scenario.run.seed)
    cancels = not METRICS[metric].is_rate and NONE not in (question.a, question.b)
    question = replace(question, differences_only=cancels)
    count = _Count(progress, scenario.run.replicates * (1 + len(plan.coalitions)))
    ensemble = run_ensemble(scenario, engine=question.engine, workers=workers, folder=_in(folder, "as-asked"),
                            progress=lambda *_: count(1))  # fmt: skip
    comparison, clusters = compare_plans(ensemble), ensemble.worlds
    for name in (question.a, question.b):
        if comparison.figures[name][metric] is None:
            raise undefined(name, METRICS[metric])
    with count.stoppable(folder), Workers[Measured](workers, scenario.run.replicates) as crew:

        def differences(name: str, settings: Sequence[Setting]) -> Difference:
            totals = measured(question, settings, _in(folder, name), crew, count)
            return Difference(METRICS[metric], totals, clusters)

        settings = [Setting(off=_off(groups, coalition)) for coalition in plan.coalitions]
        played = _together(settings, differences)
        played.check(question.a, question.b)
        shares, remainder = _shares(played, plan, groups)
        whole = played.interval(np.eye(len(settings))[-1])

        def simulated(number: int, settings: Sequence[Setting]) -> list[Interval]:
            count.more(len(settings) * scenario.run.replicates)
            return differences(f"search-{number}", settings).each()

        switches = switch_overs(metric, levers(scenario), whole, simulated)
    both = NONE not in (question.a, question.b)
    money = (money_of(comparison, question.a), money_of(comparison, question.b))
    return Explanation(
        comparison=comparison, a=question.a, b=question.b, metric=metric, difference=whole, shares=shares,
        remainder=remainder, exact=plan.exact, combinations=len(settings),
        switches=(*switches, *(_money_switches(scenario, *money, clusters) if both else ())),
        creators=tuple(creator_fees(*money, clusters) if both else ()),
        notes=tuple(notes),
    )  # fmt: skip


def _together(settings: Sequence[Setting], differences: Callable[[str, Sequence[Setting]], Difference]) -> Difference:
    """The differences under many settings, some at a time: those of one society together, so that it is built once."""
    order = sorted(range(len(settings)), key=lambda place: "overlap" in settings[place].off)
    chunks = [order[first : first + AT_A_TIME] for first in range(0, len(order), AT_A_TIME)]
    parts = [differences(f"combinations-{number}", [settings[place] for place in chunk])
             for number, chunk in enumerate(chunks)]  # fmt: skip
    back = np.argsort(order)
    totals = {name: np.concatenate([part.totals[name] for part in parts], axis=1)[:, back] for name in parts[0].totals}
    return replace(parts[0], totals=totals)


def _in(folder: Path | None, name: str) -> Path | None:
    return None if folder is None else folder / name


def _off(groups: Sequence[str], coalition: int) -> frozenset[str]:
    """The groups that are off while those of the coalition are on."""
    return frozenset(group for place, group in enumerate(groups) if not coalition >> place & 1)


def _shares(played: Difference, plan: Design, groups: Sequence[str]) -> tuple[tuple[Share, ...], Interval]:
    errors = plan.errors(played.values())
    intervals = {group: _wider(played.interval(weights), float(error), plan)
                 for group, weights, error in zip(groups, plan.weights, errors, strict=True)}  # fmt: skip
    sure = holm({group: interval.p_value for group, interval in intervals.items()}, LEVEL)
    shares = tuple(Share(group, intervals[group], float(error), sure[group])
                   for group, error in zip(groups, errors, strict=True))  # fmt: skip
    return shares, played.interval(np.eye(len(plan.coalitions))[0])


def _wider(interval: Interval, error: float, plan: Design) -> Interval:
    """The interval with the error of drawn orders in it: both half widths as the sides of a right angle."""
    if plan.pairs is None or interval.low is None or interval.high is None or interval.p_value is None:
        return interval
    own = (interval.high - interval.low) / 2
    half = math.hypot(own, float(special.stdtrit(len(plan.pairs) - 1, 1 - LEVEL / 2)) * error)
    p = float(2 * special.ndtr(special.ndtri(interval.p_value / 2) * own / half)) if own > 0 else interval.p_value
    return replace(interval, low=interval.mean - half, high=interval.mean + half, p_value=p)


def _money_switches(scenario: Scenario, a: Money, b: Money, clusters: list[int]) -> list[SwitchOver]:
    """The fees at which both plans have the same return and profit, and the exponent of the price curve."""
    found = []
    for one, other in ((a, b), (b, a)):
        known = plan_fee(one, other, clusters)
        if known is None:
            continue
        current, *tied = known
        for figure, interval in zip(("profit", "roi"), tied, strict=True):
            found.append(SwitchOver(
                f"fee of {one.plan} ({figure})", f"fee of a post of {one.plan}", scenario.market.currency, figure,
                current, None, _as_crossing(interval, current)))  # fmt: skip
    curve = price_curve(scenario, a, b, clusters)
    if curve is not None:
        p, (axis, crossing) = PARAMETERS["price_exponent"], curve
        found.append(SwitchOver("price_exponent", "exponent of market prices, were every post paid at the market price",
                                p.unit, "roi", axis.current, (axis.low, axis.high), crossing))  # fmt: skip
    return found


def _as_crossing(interval: Interval | None, current: float) -> Crossing:
    if interval is None:
        return Crossing(None, None, None, None, 0)
    low = None if interval.low is None else max(0.0, interval.low)
    return Crossing(interval.mean, low, interval.high, interval.mean > current, 0)


class _Count:
    """Counts settings played in replicates, of all that are known to come."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done, self.started = progress, total, 0, time.monotonic()

    def more(self, count: int) -> None:
        self.total += count

    @contextmanager
    def stoppable(self, folder: Path | None) -> Iterator[None]:
        """A stop within says how much of the whole is kept, not how much of the part that was under way."""
        try:
            yield
        except Interrupted:
            kept = f"{self.done} of {self.total} runs are kept; the same command completes them"
            raise Interrupted(f"stopped; {'nothing was kept' if folder is None else kept}") from None

    def __call__(self, count: int) -> None:
        self.done += count
        if self.progress is not None:
            self.progress(self.done, self.total, time.monotonic() - self.started)
