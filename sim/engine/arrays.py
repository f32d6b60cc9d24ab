"""The arrays that the compiled loops work on, made from a World or growing with a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.compiled import CREATOR, N_BINS, PERSON, Place, Totals
from sim.engine.posts import LivePost
from sim.record import BY_CREATOR, BY_PLACE, DAILY
from sim.society.world import World

Array = NDArray[Any]


class SeenTable:
    """Which person has seen, engaged with, shared or clicked which post: an open-addressing table."""

    def __init__(self, rehash: Callable[[Array, Array, Array, Array], None]) -> None:
        self._rehash = rehash
        self.keys, self.flags, self.used = np.full(1024, -1, np.int64), np.zeros(1024, np.int32), 0

    def make_room(self, more: int) -> None:
        """Let ``more`` entries be added with the table at most half full."""
        size = len(self.keys)
        while size < 2 * (self.used + more):
            size *= 2
        if size > len(self.keys):
            keys, flags = np.full(size, -1, np.int64), np.zeros(size, np.int32)
            self._rehash(self.keys, self.flags, keys, flags)
            self.keys, self.flags = keys, flags


class Audiences:
    """Viewing keys of every creator's post, end to end, each post's gathered by bins."""

    def __init__(self) -> None:
        self.keys, self.people = np.empty(1024), np.empty(1024, np.int32)
        self.used = 0
        self.start: list[int] = []
        self.bins = np.zeros((0, N_BINS + 1), np.int64)

    def room(self, n: int) -> tuple[Array, Array]:
        """Space for one audience's keys and people."""
        if self.used + n > len(self.keys):
            size = max(2 * len(self.keys), self.used + n)
            keys, people = np.empty(size), np.empty(size, np.int32)
            keys[: self.used], people[: self.used] = self.keys[: self.used], self.people[: self.used]
            self.keys, self.people = keys, people
        return self.keys[self.used : self.used + n], self.people[self.used : self.used + n]

    def at_most(self, post: LivePost) -> int:
        """An upper bound of the followers whose turn comes today."""
        if post.covered_before >= 1.0:
            return 0
        bins, last = self.bins[post.row], min(int(post.covered * N_BINS), N_BINS - 1)
        return int(bins[last + 1] - bins[int(post.covered_before * N_BINS)])

    def add(self, bins: Array) -> int:
        """Keep the bins of the audience just written; returns its row."""
        self.start.append(self.used)
        self.used += int(bins[-1])
        self.bins = np.concatenate([self.bins, bins[None, :]])
        return len(self.start) - 1


def place_of(world: World) -> Place:
    """The World's arrays as the loops want them."""
    society = world.society
    niche_start, niche_members = society.niche_members()
    creators = np.zeros(max(1, world.n_creators), dtype=CREATOR)
    following = np.zeros((max(1, world.n_creators), (world.n_people + 7) // 8), np.uint8)
    for number in range(world.n_creators):
        creators[number] = (world.trust[number], int(world.address[number]))
        people = np.zeros(following.shape[1] * 8, np.uint8)
        people[world.audience_of(number)] = 1
        following[number] = np.packbits(people, bitorder="little")
    return Place(
        follower_start=society.follower_start,
        follower=society.follower,
        niche_start=niche_start,
        niche_members=niche_members,
        creators=creators,
        following=following,
        activity=society.activity,
        interest=world.interest,
        product_relevance=world.product_relevance,
    )


def follow_bits(bits: Array, creator: Array, person: Array, following: bool) -> None:
    """Set or clear the bits of (creator, person) pairs."""
    for c, p in zip(creator.tolist(), person.tolist(), strict=True):
        bit = np.uint8(1 << (p & 7))
        bits[c, p >> 3] = bits[c, p >> 3] | bit if following else bits[c, p >> 3] & ~bit


def new_people(world: World) -> Array:
    """Everyone at the start of day 0."""
    society = world.society
    people = np.zeros(world.n_people, dtype=PERSON)
    for name in ("expressiveness", "skepticism", "need", "niche", "region"):
        people[name] = getattr(society, name)
    people["good"] = world.owners_followed
    people["last_click"] = people["last"] = -1
    return people


def new_totals(world: World, days: int) -> Totals:
    """Sums at 0."""
    n, society = max(1, world.n_creators), world.society
    return Totals(
        daily=np.zeros((days, len(DAILY)), np.int64),
        by_creator=np.zeros((n, len(BY_CREATOR)), np.int64),
        by_niche=np.zeros((society.n_niches, len(BY_PLACE)), np.int64),
        by_region=np.zeros((society.n_regions, len(BY_PLACE)), np.int64),
        seen_by=np.zeros((n, (world.n_people + 7) // 8), np.uint8),
    )
