"""The numbers that may change which plan leads, and at which value of each the lead changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sim.parameters import PARAMETERS
from sim.results.statistics import Interval
from sim.scenario.load import Scenario
from sim.scenario.plans import Plan
from sim.society.relevance import fit_of
from sim.studies.crossing import Axis, Crossing, search
from sim.studies.explain_runs import Setting, niches_in_use

MOST_NICHES = 50
DECADES = 1000.0
"""A number with so wide a range is looked for on a logarithmic scale, from a thousandth of what it is."""


@dataclass(frozen=True)
class Lever:
    """A number to move. setting: how it is set; as_asked: whether the current value is the scenario as it is."""

    key: str
    title: str
    unit: str
    axis: Axis
    setting: Callable[[float], Setting]
    as_asked: bool = True


@dataclass(frozen=True)
class SwitchOver:
    """At which value of a number the other plan leads in a figure, all else as it is.

    current: the value in the scenario; crossing: where the lead changes. range: the values looked at; None for fees,
    which are known for any value.
    """

    key: str
    title: str
    unit: str
    figure: str
    current: float
    range: tuple[float, float] | None
    crossing: Crossing


def levers(scenario: Scenario) -> list[Lever]:
    """The numbers that can be moved in a scenario of these plans."""
    return [
        _rate(scenario, "trust_gain", "trust won by answering"),
        *_niche_share(scenario),
        *(lever for plan in scenario.plans for lever in _fit(scenario, plan)),
        _rate(scenario, "base_visit", "visits without a campaign"),
    ]


def _rate(scenario: Scenario, name: str, title: str) -> Lever:
    p, current = PARAMETERS[name], float(getattr(scenario.rates, name))
    low = max(p.low, current / DECADES)
    log = current > 0 and p.high / current >= DECADES
    axis = Axis(current, low if log else p.low, p.high, log)
    return Lever(name, title, p.unit, axis, lambda value: Setting(rates=((name, value),)))


def _niche_share(scenario: Scenario) -> list[Lever]:
    """Share of people in one niche: one over the number of niches, which are of equal size."""
    used, now = len(niches_in_use(scenario)), len(scenario.market.niches)
    if not used or scenario.graph is not None:
        return []
    allowed = tuple(sorted({1.0 / count for count in (*range(used, MOST_NICHES + 1), now)}))
    axis = Axis(1.0 / now, allowed[0], allowed[-1], log=True, allowed=allowed)
    return [Lever("niche_share", "share of people in one niche", "share of people", axis,
                  lambda value: Setting(niches=round(1.0 / value)))]  # fmt: skip


def _fit(scenario: Scenario, plan: Plan) -> list[Lever]:
    """How well all creators of a plan fit the product."""
    posts = [len(deal.post_days(scenario.run.days)) for deal in plan.deals]
    if not sum(posts):
        return []
    fits = [fit_of(scenario, scenario.creators[d.creator]) if d.fit is None else d.fit for d in plan.deals]
    mean = sum(fit * count for fit, count in zip(fits, posts, strict=True)) / sum(posts)
    return [Lever(f"fit of {plan.name}", f"fit of {plan.name} with the product", "0..1", Axis(mean, 0.0, 1.0),
                  partial(_fit_setting, plan.name), as_asked=len(set(fits)) == 1)]  # fmt: skip


def _fit_setting(plan: str, value: float) -> Setting:
    return Setting(fit=(plan, value))


def switch_overs(
    figure: str,
    asked: Sequence[Lever],
    as_asked: Interval,
    simulated: Callable[[int, Sequence[Setting]], Sequence[Interval]],
) -> list[SwitchOver]:
    """Search along every lever at once. as_asked: the difference as it is; simulated: the differences of a round."""
    searches = {lever.key: search(lever.axis) for lever in asked}
    by_key, found = {lever.key: lever for lever in asked}, dict[str, Crossing]()
    wanted = {key: list(next(one)) for key, one in searches.items()}
    number = 0
    while wanted:
        known = {(key, at) for key, values in wanted.items() for at in values if _is_known(by_key[key], at)}
        order = [(key, at) for key, values in wanted.items() for at in values if (key, at) not in known]
        played = simulated(number, [by_key[key].setting(at) for key, at in order]) if order else []
        intervals = dict.fromkeys(known, as_asked) | dict(zip(order, played, strict=True))
        for key, values in list(wanted.items()):
            try:
                wanted[key] = list(searches[key].send([intervals[key, at] for at in values]))
            except StopIteration as done:
                found[key] = done.value
                del wanted[key]
        number += 1
    return [SwitchOver(one.key, one.title, one.unit, figure, one.axis.current, (one.axis.low, one.axis.high),
                       found[one.key]) for one in asked]  # fmt: skip


def _is_known(lever: Lever, at: float) -> bool:
    return lever.as_asked and at == lever.axis.current
