"""Repeat purchase, for both engines: those who bought and were glad of it may buy again on any later day."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.parameters import Rates
from sim.randomness import Stream, uniforms


class Repeats:
    """Glad buyers of earlier days, and the first orders to be expected so far (fixed-point)."""

    def __init__(self, rates: Rates, rules: Any, quality: float, seed: int, replicate: int) -> None:
        self._rate, self._rules, self._quality = rates.repeat_rate, rules, quality
        self._seed, self._replicate = seed, replicate
        self._glad, self._orders = np.empty(0, np.int64), 0

    def today(self, day: int) -> tuple[int, NDArray[np.int64]]:
        """Expected repeat orders of today (fixed-point), and who buys again."""
        if self._rate <= 0.0:
            return 0, self._glad
        orders = self._rules.from_fixed(self._orders)
        expected = self._rules.fixed(self._rules.repeat_orders(self._rate, self._quality, orders))
        u = self._draw(Stream.AGAIN, self._glad, day)[0]
        return expected, self._glad[u < self._rate]

    def remember(self, buyers: ArrayLike, expected: int) -> None:
        """Today's first orders: who bought, and how many were to be expected."""
        if self._rate <= 0.0:
            return
        self._orders += expected
        people = np.asarray(buyers, dtype=np.int64)
        glad = people[self._draw(Stream.TALK, people)[1] < self._quality]
        self._glad = np.sort(np.concatenate([self._glad, glad]))

    def _draw(self, stream: Stream, people: NDArray[np.int64], day: int = 0) -> tuple[NDArray[np.float64], ...]:
        if not len(people):
            return np.empty(0), np.empty(0)
        return uniforms(self._seed, self._replicate, stream, person=people, day=day)
