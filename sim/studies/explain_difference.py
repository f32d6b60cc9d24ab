"""The difference between two plans in one figure, under several settings at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.results.measures import Metric
from sim.results.statistics import Interval, mean_interval, ratio_interval, smooth_interval

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """Plan a minus plan b in a figure under several settings; totals: name -> (replicates, settings, 2)."""

    metric: Metric
    totals: Mapping[str, Floats]
    clusters: list[int]

    def values(self) -> Floats:
        """The difference under each setting."""
        if not self.metric.is_rate:
            each = self.totals[self.metric.key].mean(axis=0)
        else:
            top, bottom = (part.sum(axis=0) for part in self._parts())
            each = self.metric.scale * top / bottom
        return np.asarray(each[:, 0] - each[:, 1])

    def interval(self, weights: Floats) -> Interval:
        """A weighted sum of the differences, over replicates."""
        metric = self.metric
        if not metric.is_rate:
            each = self.totals[metric.key]
            return mean_interval((each[..., 0] - each[..., 1]) @ weights, self.clusters)
        top, bottom = self._parts()
        n = len(weights)

        def weighted(sums: Floats) -> Floats:
            ratio = metric.scale * sums[..., : 2 * n] / sums[..., 2 * n :]
            return np.asarray((ratio[..., :n] - ratio[..., n:]) @ weights)

        columns = [part[..., plan] for part in (top, bottom) for plan in (0, 1)]
        return smooth_interval(np.hstack(columns), weighted, self.clusters)

    def check(self, a: str, b: str) -> None:
        """InputError where the figure may divide by 0 under one of the settings."""
        if not self.metric.is_rate:
            return
        top, bottom = self._parts()
        for place, plan in enumerate((a, b)):
            for setting in range(bottom.shape[1]):
                if ratio_interval(top[:, setting, place], bottom[:, setting, place], self.clusters) is None:
                    raise undefined(plan, self.metric, " when mechanisms are off")

    def each(self) -> list[Interval]:
        """The difference under each setting, with its interval."""
        settings = next(iter(self.totals.values())).shape[1]
        return [self.interval(row) for row in np.eye(settings)]

    def _parts(self) -> tuple[Floats, Floats]:
        """Numerator and denominator of a rate, (replicates, settings, 2)."""
        return self.totals[str(self.metric.numerator)], self.totals[str(self.metric.denominator)]


def undefined(plan: str, metric: Metric, when: str = "") -> InputError:
    """The error for a figure that may divide by 0."""
    return InputError(f"is not defined for {plan}{when}", key="--metric", value=metric.key,
                      expected="a figure that is a sum, like incremental_conversions")  # fmt: skip
