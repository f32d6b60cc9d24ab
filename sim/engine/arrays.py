"""The arrays that the compiled loops work on, made from a World or growing with a run."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.posts import DAILY_FIELDS, FIXED_FIELDS, LivePost
from sim.engine.records import (
    CHANCES,
    CREATOR,
    N_BINS,
    PERSON,
    POST,
    TRAITS,
    Clicks,
    People,
    Place,
    Prospects,
    Shown,
    Today,
    Totals,
)
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
    """Viewing keys of every creator's post, end to end, each post's gathered by bins; room for n to begin with."""

    def __init__(self, n: int) -> None:
        self.keys, self.people = np.empty(n), np.empty(n, np.int32)
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


class PostTable:
    """Every post as a record (POST), by its number ``uid``."""

    def __init__(self) -> None:
        self._records = np.zeros(64, dtype=POST)

    def add(self, post: LivePost, audience_at: int = 0) -> None:
        """A post goes live; audience_at: where its audience begins."""
        if post.uid >= len(self._records):
            self._records = np.concatenate([self._records, np.zeros_like(self._records)])
        self._records[post.uid]["audience_at"] = audience_at
        for name in FIXED_FIELDS:
            self._records[post.uid][name] = getattr(post, name)

    def today(self, live: Sequence[LivePost]) -> tuple[Array, Array]:
        """Live posts in order of address, and yesterday's sharers post by post."""
        posts = self._records[[post.uid for post in live]]
        for name in DAILY_FIELDS:
            posts[name] = [getattr(post, name) for post in live]
        ends = np.cumsum([len(post.sharers_yesterday) for post in live], dtype=np.int64)
        posts["pairs_to"] = ends
        posts["pairs_from"][1:] = ends[:-1]
        return posts, np.array([person for post in live for person in post.sharers_yesterday], dtype=np.int64)


_places: list[tuple[weakref.ref[World], Place]] = []


def place_of(world: World) -> Place:
    """The World's arrays as the loops want them; those of the last world are kept for its next plan."""
    if not _places or _places[0][0]() is not world:
        _places[:] = [(weakref.ref(world), _place(world))]
    return _places[0][1]


def _place(world: World) -> Place:
    society = world.society
    niche_start, niche_members = society.niche_members()
    creators = np.zeros(max(1, world.n_creators), dtype=CREATOR)
    for number in range(world.n_creators):
        creators[number] = (world.trust[number], int(world.address[number]), False, False)
    traits = np.empty(world.n_people, dtype=TRAITS)
    for name in ("expressiveness", "niche", "region"):
        traits[name] = getattr(society, name)
    traits["skepticism"], traits["segment"] = world.segments.skepticism, world.segments.of
    traits["need"], traits["owners"] = world.need, world.owners_followed
    interest, product_relevance = world.interests
    return Place(
        follower_start=society.follower_start,
        follower=society.follower,
        niche_start=niche_start,
        niche_members=niche_members,
        creators=creators,
        activity=world.segments.activity,
        traits=traits,
        interest=interest,
        product_relevance=product_relevance,
        segment_trust=world.segments.trust,
    )


def new_prospects(n: int) -> Prospects:
    """Room for all people in the market; nobody of them has been shown a post."""
    return Prospects(np.empty(n, np.int32), np.empty(n), np.empty(n), np.empty(n), np.empty(n, np.int32),
                     np.empty(n, np.int16), np.empty(n, np.int16), np.empty(n, np.uint8))  # fmt: skip


class DayRoom:
    """The columns of a day's exposures, exposed people and clicks, grown where a day needs more."""

    def __init__(self, recording: bool) -> None:
        self._recording, self._room = recording, -1
        self.counts = np.zeros(4, np.int64)

    def make_room(self, n: int) -> None:
        """Let n exposures happen in a day."""
        if n <= self._room:
            return
        n = self._room = max(n, 2 * self._room, 1024)
        chances = np.empty((n if self._recording else 0, CHANCES))
        self.shown = Shown(np.empty(n, np.int32), np.empty(n, np.uint32), np.empty(n, np.int32), np.empty(n, np.int16),
                           chances)  # fmt: skip
        i32 = [np.empty(n, np.int32) for _ in range(7)]
        self.today = Today(self.counts, i32[0], np.empty(n, np.int64), *i32[1:])
        self.clicks = Clicks(np.empty(n), np.empty(n), np.empty(n), np.empty(n), np.empty(n, np.int32),
                             np.empty(n, np.bool_), np.empty(n, np.int32))  # fmt: skip


def new_people(n_people: int) -> People:
    """Nobody has been shown a post yet; memory that no record has come to is not taken from the system."""
    return People(np.empty(n_people, dtype=PERSON), np.zeros(1, np.int64), np.full(n_people, -1, np.int32))


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
