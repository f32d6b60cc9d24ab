"""Ten creators of 10,000 to 50,000 followers against one larger one, and what chance alone would give.

Engagement is unevenly spread, and a mean of ten is above a single draw more often than not. So ten win although size
does not matter; only what is beyond that speaks for size. "Without size" is had in three ways: rates of one lognormal
law; each bin's own rates over the bin's median; and these dealt anew over both bins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from measured_figures import Figure
from numpy.typing import NDArray
from rates_by_size import REFERENCE, SEED, within

Floats = NDArray[np.float64]

N_SMALL = 10
AGAINST = ("150k-250k", "above 1M")
DRAWS, RESAMPLES = 20_000, 200
"""1,000 draws would leave the share of wins uncertain by 3 points, which is what size is about to explain."""
LOGNORMAL_SPREAD = 0.9
AS_IT_IS, EQUAL_MEDIANS, DEALT_ANEW, LOGNORMAL = "as it is", "equal medians", "dealt anew", "lognormal"


class Creators(NamedTuple):
    """Followers and engagement rate of some creators."""

    followers: Floats
    rate: Floats

    def again(self, rng: np.random.Generator) -> Creators:
        """As many creators, drawn with replacement."""
        chosen = rng.integers(0, len(self.rate), len(self.rate))
        return Creators(self.followers[chosen], self.rate[chosen])


class Outcome(NamedTuple):
    """share: of draws in which ten have more engagement per follower; ratio: the median of ten : one, per follower;
    total: the same of all their engagement."""

    share: float
    ratio: float
    total: float


def duel(small: Creators, large: Creators, rng: np.random.Generator, draws: int = DRAWS) -> Outcome:
    """Ten different small creators at random against one large one, ``draws`` times; the ten count by followers."""
    ten, one = different(len(small.rate), draws, rng), rng.integers(0, len(large.rate), draws)
    followers = small.followers[ten]
    engagement = (followers * small.rate[ten]).sum(axis=1)
    rate, other = engagement / followers.sum(axis=1), large.rate[one]
    some = other > 0
    against = (other * large.followers[one])[some]
    return Outcome(
        float(np.mean(rate > other)), float(np.median(rate[some] / other[some])),
        float(np.median(engagement[some] / against)),
    )  # fmt: skip


def different(n: int, draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Ten different numbers below n in each row; rows with a repeat are drawn anew."""
    rows = rng.integers(0, n, (draws, N_SMALL))
    while True:
        ordered = np.sort(rows, axis=1)
        repeated = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        if not repeated.any():
            return rows
        rows[repeated] = rng.integers(0, n, (int(repeated.sum()), N_SMALL))


def without_size(way: str, small: Creators, large: Creators, rng: np.random.Generator) -> tuple[Creators, Creators]:
    """The same creators with rates that do not depend on followers."""
    if way == LOGNORMAL:
        own = [np.exp(LOGNORMAL_SPREAD * rng.standard_normal(len(c.rate))) for c in (small, large)]
    else:
        own = [c.rate / np.median(c.rate) for c in (small, large)]
    if way == DEALT_ANEW:
        dealt = rng.permutation(np.concatenate(own))
        own = [dealt[: len(small.rate)], dealt[len(small.rate) :]]
    return Creators(small.followers, own[0]), Creators(large.followers, own[1])


def against_one(of: str, followers: Floats, rate: Floats, ways: Sequence[str]) -> Iterator[Figure]:
    """Duels of one set of creators as they are, and without size in these ways; intervals from resampled creators."""
    small = Creators(followers[within(followers, REFERENCE)], rate[within(followers, REFERENCE)])
    for name in AGAINST:
        large = Creators(followers[within(followers, name)], rate[within(followers, name)])
        for way in (AS_IT_IS, *ways):
            yield from _figures(of if way == AS_IT_IS else f"{of}, {way}", name, small, large, way)


def _figures(of: str, group: str, small: Creators, large: Creators, way: str) -> Iterator[Figure]:
    rng = np.random.default_rng(SEED)

    def once(a: Creators, b: Creators, draws: int) -> Outcome:
        return duel(*((a, b) if way == AS_IT_IS else without_size(way, a, b, rng)), rng, draws)

    parts = 1 if way == AS_IT_IS else RESAMPLES // 4  # one dealing of few creators is luck
    found = np.mean([once(small, large, max(DRAWS // parts, 1_000)) for _ in range(parts)], axis=0)
    again = [once(small.again(rng), large.again(rng), DRAWS // 4) for _ in range(RESAMPLES)]
    low, high = np.percentile(again, [2.5, 97.5], axis=0)
    for place, name in enumerate(Outcome._fields):
        yield Figure("duels", of, group, name, float(found[place]), float(low[place]), float(high[place]))
