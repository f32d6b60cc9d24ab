"""The arrays that the compiled loops work on, made from a World or growing with a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.posts import LivePost
from sim.engine.records import CREATOR, N_BINS, PERSON, People, Place, Totals
from sim.record import BY_CREATOR, BY_PLACE, DAILY
from sim.society.world import World

Array = NDArray[Any]


class SeenTable:
    """Which person has seen, engaged with, shared or clicked which post: an open-addressing table."""

    def __init__(self, rehash: Callable[[Array, Array], None]) -> None:
        self._rehash = rehash
        self.table, self.used = np.full(1024, -1, np.int64), 0

    def make_room(self, more: int) -> None:
        """Let ``more`` entries be added with the table at most half full."""
        size = len(self.table)
        while size < 2 * (self.used + more):
            size *= 2
        if size > len(self.table):
            larger = np.full(size, -1, np.int64)
            self._rehash(self.table, larger)
            self.table = larger


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
        expressiveness=society.expressiveness,
        skepticism=society.skepticism,
        need=society.need,
        niche=society.niche,
        region=society.region,
        owners_followed=world.owners_followed,
        interest=world.interest,
        product_relevance=world.product_relevance,
    )


def follow_bits(bits: Array, creator: Array, person: Array, following: bool) -> None:
    """Set or clear the bits of (creator, person) pairs."""
    for c, p in zip(creator.tolist(), person.tolist(), strict=True):
        bit = np.uint8(1 << (p & 7))
        bits[c, p >> 3] = bits[c, p >> 3] | bit if following else bits[c, p >> 3] & ~bit


def new_people(n_people: int) -> People:
    """Nobody has been shown a post yet."""
    return People(np.empty(0, dtype=PERSON), np.zeros(1, np.int64), np.full(n_people, -1, np.int32))


def with_room(people: People, more: int) -> People:
    """The same records with room for ``more``, never for more than there are people."""
    used = int(people.count[0])
    needed = min(used + more, len(people.record))
    if needed <= len(people.known):
        return people
    known = np.empty(min(max(needed, 2 * len(people.known)), len(people.record)), dtype=PERSON)
    known[:used] = people.known[:used]
    return People(known, people.count, people.record)


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
