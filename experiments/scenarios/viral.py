"""How often a post goes viral, and what it sells when it does: one replicate is one post's fate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.results.comparison import Comparison
from sim.results.statistics import Interval, difference_of_ratios, share_higher


@dataclass(frozen=True)
class Viral:
    """What became of a plan's replicates when told apart by whether they went viral.

    share: of replicates that went viral, with its Wilson interval (low, high). median, largest: people reached per
    follower. extra, extra_rest: mean extra orders of a viral replicate and of any other, None where there is none.
    difference: the first minus the second with its interval, None where too few replicates are of one kind to tell.
    of_orders: share of all extra orders that viral replicates brought, None where there are none.
    """

    replicates: int
    viral: int
    share: float
    low: float | None
    high: float | None
    median: float
    largest: float
    extra: float | None
    extra_rest: float | None
    difference: Interval | None
    of_orders: float | None


def viral(comparison: Comparison, plan: str, followers: float, times: float = 10.0) -> Viral:
    """Tell a plan's replicates apart by whether they reached more than ``times`` as many people as ``followers``."""
    totals = comparison.totals[plan]
    reach, orders = totals.of("reach"), totals.of("incremental_conversions")
    went = (reach > times * followers).astype(np.float64)
    rest = 1.0 - went
    share, low, high = share_higher(went, np.full(len(went), 0.5))
    return Viral(
        replicates=len(went),
        viral=int(went.sum()),
        share=share,
        low=low,
        high=high,
        median=float(np.median(reach)) / followers,
        largest=float(reach.max()) / followers,
        extra=_mean(orders[went > 0]),
        extra_rest=_mean(orders[rest > 0]),
        difference=difference_of_ratios(went * orders, went, rest * orders, rest, comparison.ensemble.worlds),
        of_orders=float((went * orders).sum() / orders.sum()) if orders.sum() > 0 else None,
    )


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None
