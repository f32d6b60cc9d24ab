"""What a few numbers say about a few parameters, where only simulations connect the two: pure functions of tables.

Synthetic likelihood (Wood 2010; Price, Drovandi, Lee & Nott 2018): at a point of the parameters the observed
summaries are taken for a draw of a normal distribution. Its mean and spread are read off simulations at many points,
each one draw: a quadratic surface for the mean of each summary, a loglinear one for its variance (Harvey 1976), one
correlation matrix; as the covariance is estimated, the density is a t (Sellentin & Heavens 2016). Simulations come in
waves: after each, the box in which points are drawn is cut down to where the observation is likely (history matching:
Vernon, Goldstein & Bower 2010). The prior is uniform in the unit cube, so that the cut changes nothing but the effort.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, ndtri

from sim.studies.designs import WORD, latin_hypercube, shifted_sobol

Floats = NDArray[np.float64]
DRAWS = 1000
"""Draws of the posterior, all of equal weight."""
CANDIDATES = 1 << 14
"""Points that draws are taken from."""
ROUNDS, TAILS = 5, 4.0
"""Times that points are taken, and degrees of freedom of the distribution that they are taken from."""
WIDER, LEAST_SPREAD = 1.3, 0.003
"""Its covariance beside that of the likely points, and its least spread, x width of the box."""
TAIL, MARGIN = 0.002, 0.35
"""Of the next wave's box: the share of draws outside at either end, and what is added at either end, x its width."""
NARROWEST = 0.01
"""Least width of a box, as a share of the prior's range."""
LOG_CHI = 1.2704
"""Minus the mean of ln of a squared standard normal."""
STEPS = 4
"""Times that the mean is fitted with the variance found before."""


@dataclass(frozen=True)
class Box:
    """A part of the unit cube: low and high ends, each (axes,)."""

    low: Floats
    high: Floats

    @property
    def width(self) -> Floats:
        return self.high - self.low

    def place(self, unit: Floats) -> Floats:
        """Points of the unit cube (n, axes) put into the box."""
        return np.asarray(self.low + unit * self.width)

    def centred(self, points: Floats) -> Floats:
        """Points (n, axes) measured from the middle in half widths: -1 to 1 inside."""
        return np.asarray(2.0 * (points - self.low) / self.width - 1.0)

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Which points lie inside (n,)."""
        return np.asarray(((points >= self.low) & (points <= self.high)).all(axis=1))


def whole_box(axes: int) -> Box:
    """The whole prior."""
    return Box(np.zeros(axes), np.ones(axes))


def wave_points(box: Box, n: int, keys: Sequence[str], wave: int, seed: int) -> Floats:
    """Points of a wave (n, axes): a Latin hypercube of the box."""
    return box.place(latin_hypercube(n, [f"wave {wave}|{key}" for key in keys], seed))


@dataclass(frozen=True)
class Surface:
    """How summaries follow from parameters within a box, as fitted to simulations.

    mean: (terms, summaries); log_variance: (axes + 1, summaries), variances of a single simulation about the mean;
    inverse: of the terms' weighted cross products, by summary; correlation: (summaries, summaries); freedom: degrees.
    """

    box: Box
    mean: Floats
    log_variance: Floats
    inverse: Floats
    correlation: Floats
    freedom: int

    def log_likelihood(self, points: Floats, observed: Floats) -> Floats:
        """Of the observed summaries (summaries,) at points (n, axes), but for a constant: (n,)."""
        x = self.box.centred(points)
        terms = quadratic(x)
        variance = np.exp(np.clip(linear(x) @ self.log_variance, *self._bounds))
        unsure = np.stack([((terms @ one) * terms).sum(axis=1) for one in self.inverse], axis=1)
        spread = np.sqrt(variance + unsure)
        standard = (observed - terms @ self.mean) / spread
        distance = ((standard @ np.linalg.inv(self.correlation)) * standard).sum(axis=1)
        size = len(observed)
        density = -0.5 * (self.freedom + size) * np.log1p(distance / self.freedom)
        return np.asarray(density - np.log(spread).sum(axis=1))

    @cached_property
    def _bounds(self) -> tuple[Floats, Floats]:
        """A variance is not carried beyond what it is at the corners of a half as wide box."""
        reach = 1.5 * np.abs(self.log_variance[1:]).max(axis=0)
        return self.log_variance[0] - reach, self.log_variance[0] + reach


def linear(x: Floats) -> Floats:
    """1 and each coordinate: (n, axes + 1)."""
    return np.column_stack([np.ones(len(x)), x])


def quadratic(x: Floats) -> Floats:
    """1, each coordinate, and each product of two: (n, terms)."""
    rows, columns = np.triu_indices(x.shape[1])
    return np.column_stack([linear(x), x[:, rows] * x[:, columns]])


def terms_of(axes: int) -> int:
    """Terms of a quadratic surface."""
    return 1 + axes + axes * (axes + 1) // 2


def fitted_surface(box: Box, points: Floats, summaries: Floats) -> Surface:
    """The surface through simulations at points (n, axes) with summaries (n, summaries)."""
    x = box.centred(points)
    terms, lines = quadratic(x), linear(x)
    n, freedom = len(x), len(x) - terms.shape[1]
    means, logs, inverses, residuals = [], [], [], []
    for values in summaries.T:
        variance = np.ones(n)
        for _ in range(STEPS):
            weights = 1.0 / np.sqrt(variance)
            mean = np.linalg.lstsq(terms * weights[:, None], values * weights, rcond=None)[0]
            off = values - terms @ mean
            log = _log_variance(lines, off * np.sqrt(n / freedom))
            variance = np.exp(lines @ log)
        scale = float(np.mean(off**2 / variance) * n / freedom)
        log[0] += np.log(scale)
        weighted = terms / np.sqrt(variance * scale)[:, None]
        means.append(mean)
        logs.append(log)
        inverses.append(np.linalg.pinv(weighted.T @ weighted))
        residuals.append(off / np.sqrt(variance * scale))
    correlation = np.corrcoef(np.array(residuals)) if len(residuals) > 1 else np.ones((1, 1))
    shrunk = 0.98 * correlation + 0.02 * np.eye(len(residuals))  # two equal summaries would have no inverse
    return Surface(box, np.array(means).T, np.array(logs).T, np.array(inverses), shrunk, freedom)


def _log_variance(lines: Floats, residuals: Floats) -> Floats:
    """A loglinear surface of the variance of residuals (n,): (axes + 1,)."""
    least = 1e-3 * float(np.mean(residuals**2)) + 1e-12
    return np.asarray(np.linalg.lstsq(lines, np.log(residuals**2 + least) + LOG_CHI, rcond=None)[0])


def posterior(surface: Surface, observed: Floats, keys: Sequence[str], seed: int, draws: int = DRAWS) -> Floats:
    """Draws of the posterior within the surface's box, all of equal weight (draws, axes), in the unit cube.

    Adaptive importance sampling (Cappé, Guillin, Marin & Robert 2004): points spread over the box at first, then from
    a t distribution about those that were likely, weighed by likelihood ÷ density; a systematic sample of the last.
    """
    names = [*keys, "tail"]
    box, axes = surface.box, len(keys)
    points = box.place(shifted_sobol(CANDIDATES, keys, seed))
    density = np.zeros(len(points))
    for round_ in range(ROUNDS):
        log = surface.log_likelihood(points, observed) - density
        weights = np.where(box.holds(points), np.exp(log - log.max(where=box.holds(points), initial=-np.inf)), 0.0)
        if round_ < ROUNDS - 1:
            unit = shifted_sobol(CANDIDATES, [f"round {round_}|{name}" for name in names], seed)
            points, density = _proposed(unit, *_moments(points, weights, box), axes)
    places = (np.arange(draws) + 0.5) / draws * weights.sum()
    return np.asarray(points[np.minimum(np.searchsorted(np.cumsum(weights), places), len(points) - 1)])


def _moments(points: Floats, weights: Floats, box: Box) -> tuple[Floats, Floats]:
    """Weighted mean (axes,) and covariance (axes, axes) of points, the latter wider than it is."""
    share = weights / weights.sum()
    mean = share @ points
    off = points - mean
    return mean, np.asarray(WIDER * (off.T * share) @ off + np.diag((LEAST_SPREAD * box.width) ** 2))


def _proposed(unit: Floats, mean: Floats, covariance: Floats, axes: int) -> tuple[Floats, Floats]:
    """Points of a t distribution made from points of the unit cube (n, axes + 1), and its log density (n,)."""
    inside = np.clip(unit, 0.5 / WORD, 1.0 - 0.5 / WORD)
    normal, scale = ndtri(inside[:, :axes]), np.sqrt(TAILS / chdtri(TAILS, inside[:, axes]))
    standard = normal * scale[:, None]
    density = -0.5 * (TAILS + axes) * np.log1p((standard**2).sum(axis=1) / TAILS)
    return np.asarray(mean + standard @ np.linalg.cholesky(covariance).T), np.asarray(density)


def narrowed(box: Box, draws: Floats) -> Box:
    """The box of the next wave: where the draws are, and some more, never beyond the box before."""
    low, high = np.quantile(draws, [TAIL, 1.0 - TAIL], axis=0)
    spare = MARGIN * (high - low) + 0.5 * NARROWEST
    return Box(np.maximum(low - spare, box.low), np.minimum(high + spare, box.high))
