"""Engagement rates by number of followers: medians, spread and slopes, with intervals from resampled creators."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from measured_figures import Figure
from numpy.typing import NDArray

from sim.studies.validation.feed import FLAT_ABOVE, STEEP_BELOW

Floats = NDArray[np.float64]

BINS: dict[str, tuple[float, float]] = {
    "1k-10k": (1e3, 1e4),
    "10k-50k": (1e4, 5e4),
    "50k-150k": (5e4, 1.5e5),
    "150k-250k": (1.5e5, 2.5e5),
    "250k-1M": (2.5e5, 1e6),
    "above 1M": (1e6, np.inf),
}
REFERENCE = "10k-50k"
SLOPES = {"below 20k": (0.0, STEEP_BELOW), "above 50k": (FLAT_ABOVE, np.inf), "overall": (0.0, np.inf)}
RESAMPLES, SEED = 500, 2019


def within(followers: Floats, name: str) -> NDArray[np.bool_]:
    """Who belongs to a bin."""
    low, high = BINS[name]
    return (followers >= low) & (followers < high)


def by_size(of: str, followers: Floats, rate: Floats) -> Iterator[Figure]:
    """All figures of one set of creators; those without engagement are left out of logarithms only."""
    base = rate[within(followers, REFERENCE)]
    for name in BINS:
        chosen = rate[within(followers, name)]
        logs = np.log(chosen[chosen > 0])
        yield Figure("rates", of, name, "creators", len(chosen))
        for percent in (25, 50, 75):
            yield Figure("rates", of, name, f"p{percent}", float(np.percentile(chosen, percent)))
        yield Figure("rates", of, name, "median", float(np.median(chosen)), *resampled(median, chosen))
        yield Figure("rates", of, name, "relative", float(np.median(chosen) / np.median(base)),
                     *((1.0, 1.0) if name == REFERENCE else resampled(ratio_of_medians, chosen, base)))  # fmt: skip
        yield Figure("rates", of, name, "spread", float(logs.std(ddof=1)), *resampled(spread, logs))
    yield from slopes(of, followers, rate)


def slopes(of: str, followers: Floats, rate: Floats, quality: Floats | None = None) -> Iterator[Figure]:
    """Slopes of ln rate on ln followers; with ``quality``, those of creators of one quality."""
    for name, (low, high) in SLOPES.items():
        use = (followers > low) & (followers < high) & (rate > 0)
        points = np.log(np.column_stack([followers[use], *([] if quality is None else [quality[use]]), rate[use]]))
        yield Figure("slopes", of, name, "slope", float(slope(points[None])[0]), *resampled(slope, points))


def resampled(statistic: Callable[..., Floats], *groups: Floats) -> tuple[float, float]:
    """95 % interval of a statistic of groups of creators, each resampled with replacement (percentile bootstrap)."""
    rng, found = np.random.default_rng(SEED), list[float]()
    step = max(1, 2_000_000 // max(len(group) for group in groups))
    for begin in range(0, RESAMPLES, step):
        n = min(step, RESAMPLES - begin)
        drawn = [group[rng.integers(0, len(group), (n, len(group)))] for group in groups]
        found += statistic(*drawn).tolist()
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def median(samples: Floats) -> Floats:
    """Of each row."""
    return np.asarray(np.median(samples, axis=1))


def ratio_of_medians(samples: Floats, bases: Floats) -> Floats:
    """Of each row to its base."""
    return median(samples) / median(bases)


def spread(samples: Floats) -> Floats:
    """Standard deviation of each row of logarithms."""
    return np.asarray(samples.std(axis=1, ddof=1))


def slope(points: Floats) -> Floats:
    """Least squares of the last coordinate on the first, the others held, for each set of points (sets, points, k)."""
    centred = points - points.mean(axis=1, keepdims=True)
    x, y = centred[..., :-1], centred[..., -1:]
    across = x.transpose(0, 2, 1)
    return np.asarray(np.linalg.solve(across @ x, across @ y)[:, 0, 0])
