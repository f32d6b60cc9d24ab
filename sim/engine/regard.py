"""Who trusts a creator otherwise than at first, for the compiled engine: betrayed, or moved by what buyers said."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import Regard
from sim.parameters import Rates

Array = NDArray[Any]


class Opinions:
    """The ``Regard`` of a run, and the creators' flags that say whether it need be looked at."""

    def __init__(self, n_people: int, n_creators: int, creators: Array, rates: Rates, rules: Any) -> None:
        self._creators, self._rates, self._rules = creators, rates, rules
        shape = (max(1, n_creators), (n_people + 7) // 8)
        self._width = 8 * shape[1]
        none = np.zeros((shape[0], 1), np.uint8)
        self._shape, self.regard = shape, Regard(none, none, np.empty(0, np.int64), np.empty(0))

    def betray(self, creator: int, seen_by: Array) -> None:
        """A hidden ad is found out: those who have seen the creator's posts. seen_by: bits of these people."""
        if not self._creators["found"].any():
            self.regard = self.regard._replace(betrayed=np.zeros(self._shape, np.uint8))
        self.regard.betrayed[creator] = seen_by
        self._creators["found"][creator] = True

    def hear(self, creator: Array, person: Array, reports: Array) -> None:
        """Reports (+1 or -1) about what creators sold, seen today by these people."""
        if not len(creator):
            return
        if not self._creators["regarded"].any():
            self.regard = self.regard._replace(moved=np.zeros(self._shape, np.uint8))
        pairs, place = np.unique(creator * self._width + person, return_inverse=True)
        net = np.bincount(place, weights=reports)
        self._move(pairs, net)
        self._creators["regarded"][np.unique(creator)] = True

    def _move(self, pairs: Array, net: Array) -> None:
        betrayed, moved, known, shifts = self.regard
        at = np.searchsorted(known, pairs)
        there = np.append(known, -1)[at] == pairs
        before = np.where(there, np.append(shifts, 0.0)[at], 0.0)
        effect, rule = self._rates.word_on_creator, self._rules.regard_after
        after = np.array([rule(b, n, effect) for b, n in zip(before.tolist(), net.tolist(), strict=True)])
        shifts[at[there]] = after[there]
        fresh, place = pairs[~there], at[~there]
        creator, person = fresh // self._width, fresh % self._width
        np.bitwise_or.at(moved, (creator, person >> 3), (1 << (person & 7)).astype(np.uint8))
        self.regard = Regard(betrayed, moved, np.insert(known, place, fresh), np.insert(shifts, place, after[~there]))
