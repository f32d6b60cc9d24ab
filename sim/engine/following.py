"""Who follows which creator, day by day."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import DAY_LIMIT, Follows
from sim.society.world import World

Array = NDArray[Any]


class Following:
    """The followers of each creator, with a log of who left or joined when. Pairs are creator·n + person."""

    def __init__(self, world: World) -> None:
        self._world, self._n = world, world.n_people
        self.follows = new_follows(world)

    def of(self, creator: int) -> Array:
        """Followers at the start of the day, ascending."""
        people, n = self._world.audience_of(creator), self._n
        toggles = self.follows.toggles
        low, high = np.searchsorted(toggles, [creator * n * DAY_LIMIT, (creator + 1) * n * DAY_LIMIT])
        changed, times = np.unique(toggles[low:high] // DAY_LIMIT - creator * n, return_counts=True)
        changed = changed[times % 2 == 1].astype(np.int32)
        at = np.searchsorted(people, changed)
        leaves = np.append(people, -1)[at] == changed
        people = np.delete(people, at[leaves])
        joined = changed[~leaves]
        return np.insert(people, np.searchsorted(people, joined), joined)

    def change(self, day: int, leaving: Array, joining: Array) -> tuple[Array, Array]:
        """Those who leave, then those who join; returns the pairs lost and gained."""
        lost = leaving[self._now(leaving)]
        gained = joining[~(self._now(joining) & ~np.isin(joining, lost))]
        for pairs, following in ((lost, False), (gained, True)):
            change_bits(self.follows, pairs // self._n, pairs % self._n, following)
        if len(lost) or len(gained):
            new = np.concatenate([lost, gained]) * DAY_LIMIT + day
            self.follows = self.follows._replace(toggles=np.sort(np.concatenate([self.follows.toggles, new])))
        return lost, gained

    def _now(self, pairs: Array) -> Array:
        """Whether each pair follows at the start of the day."""
        creator, person = pairs // self._n, pairs % self._n
        return np.asarray((self.follows.following[creator, person >> 3] >> (person & 7)) & 1 == 1)


def new_follows(world: World) -> Follows:
    """Who follows whom before the campaign."""
    shape = (max(1, world.n_creators), (world.n_people + 7) // 8)
    following, people = np.zeros(shape, np.uint8), np.zeros(8 * shape[1], np.uint8)
    for number in range(world.n_creators):
        audience = world.audience_of(number)
        people[audience] = 1
        following[number] = np.packbits(people, bitorder="little")
        people[audience] = 0
    return Follows(following, np.zeros(shape, np.uint8), np.empty(0, np.int64))


def change_bits(follows: Follows, creator: Array, person: Array, following: bool) -> None:
    """Set or clear the bits of (creator, person) pairs, and note that they have changed."""
    for c, p in zip(creator.tolist(), person.tolist(), strict=True):
        bit = np.uint8(1 << (p & 7))
        before = follows.following[c, p >> 3]
        follows.following[c, p >> 3] = before | bit if following else before & ~bit
        follows.toggled[c, p >> 3] |= bit
