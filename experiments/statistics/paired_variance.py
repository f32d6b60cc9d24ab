"""How much variance pairing takes out of a difference, and expected figures beside drawn counts.

Paired: a plan and ``none`` (or two plans) in the same replicate, with the same people and the same luck. Unpaired: in
replicates of their own, so that the variance of the difference is the sum of the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from statistics_rows import Row

from sim.ensemble import Ensemble
from sim.results.measures import PlanTotals, plan_totals
from sim.results.statistics import ratio_of_means
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE

Floats = NDArray[np.float64]

AS_IT_IS, GIVEN, NO_LUCK = "as it is", "creators given", "creators given, no reshares"


def settings(scenario: Scenario) -> Mapping[str, tuple[str, ...]]:
    """Overrides of three settings: the next has less luck that differs by replicate and belongs to the plan itself."""
    given = tuple(
        f"creator.{creator.handle}.{key}" for creator in scenario.booked for key in ("quality=1.0", "fake_share=0.3")
    )
    return {AS_IT_IS: (), GIVEN: given, NO_LUCK: (*given, "parameters.share_rate=0.0")}


def measured(setting: str, ensemble: Ensemble) -> Iterator[Row]:
    """Ratios of variances of orders and engagements: each plan minus none, and one plan minus the other."""
    totals = {plan: plan_totals(ensemble, plan) for plan in ensemble.plan_names}
    a, b = ensemble.plan_names[1:]
    about = (f"{len(set(ensemble.worlds))}", len(ensemble.replicates))
    for plan, other in ((a, NONE), (b, NONE), (a, b)):
        for key in ("conversions", "engagements"):
            found = ratios(totals[plan], totals[other], key)
            for quantity, interval in found.items():
                yield Row("variance", setting, *about, f"{plan} - {other}: {key}", "", quantity, interval[0],
                          len(ensemble.replicates))  # fmt: skip
                for bound, value in zip(("low", "high"), interval[1:], strict=True):
                    yield Row("variance", setting, *about, f"{plan} - {other}: {key}", bound, quantity, value,
                              len(ensemble.replicates))  # fmt: skip


BY_PAIRING, BY_EXPECTED, BY_BOTH = "unpaired : paired", "drawn : expected", "unpaired, drawn : paired, expected"


def ratios(plan: PlanTotals, other: PlanTotals, key: str) -> dict[str, tuple[float, float, float]]:
    """How many times the variance of the paired, expected difference the others have, with 95 % interval."""
    paired = _deviations(plan.of(key) - other.of(key))
    drawn = f"{key}_drawn"
    compared = {
        BY_PAIRING: _deviations(plan.of(key)) + _deviations(other.of(key)),
        BY_EXPECTED: _deviations(plan.of(drawn) - other.of(drawn)),
        BY_BOTH: _deviations(plan.of(drawn)) + _deviations(other.of(drawn)),
    }
    return {name: _ratio(values, paired) for name, values in compared.items()}


def _deviations(values: Floats) -> Floats:
    """Squares about the mean, whose mean is the variance."""
    return np.asarray((values - values.mean()) ** 2)


def _ratio(numerator: Floats, denominator: Floats) -> tuple[float, float, float]:
    found = ratio_of_means(numerator, denominator)
    if found is None or found.low is None or found.high is None:
        return float(numerator.sum() / denominator.sum()), np.nan, np.nan
    return found.mean, found.low, found.high
