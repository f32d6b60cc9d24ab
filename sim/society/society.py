"""Society: people and their ties, a function of (society settings, world seed) only, never of creators.

Friends sit in local groups of mixed size; about half of an ordinary person's ties are returned friendships,
the others point one way to popular ordinary people. Columns are built with whole-array operations, ties in loops that
are compiled.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Rates
from sim.randomness import society_generator
from sim.society.arcs import by_cell, chunks, follower_lists
from sim.society.ties import draw_ties

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.int64]

GROUP_LOW, GROUP_HIGH = 8, 400
QUANTILES = 501
"""Points at which the distributions of activity and expressiveness are read for expectations."""


@dataclass(frozen=True)
class Society:
    """People 0..n-1 as frozen arrays of length n, and who follows whom.

    follower_start (n+1) and follower: the followers of person j, who see what j reshares, are
    ``follower[follower_start[j]:follower_start[j+1]]``, in ascending order.
    """

    group: NDArray[np.int32]
    niche: NDArray[np.int16]
    region: NDArray[np.int16]
    activity: Floats32
    expressiveness: Floats32
    skepticism: Floats32
    need: Floats32
    appetite: Floats
    owner: NDArray[np.bool_]
    follower_start: Ints
    follower: NDArray[np.int32]
    n_niches: int
    n_regions: int
    names: tuple[str, ...] = ()

    @property
    def n_people(self) -> int:
        return len(self.niche)

    @property
    def n_ties(self) -> int:
        """Number of arcs "i follows j" among people."""
        return len(self.follower)

    def followers_of(self, person: int) -> NDArray[np.int32]:
        """The people who follow ``person``, ascending."""
        return self.follower[self.follower_start[person] : self.follower_start[person + 1]]

    def niche_members(self) -> tuple[Ints, Ints]:
        """Compressed rows (start, people): the people of each niche, ascending; found once a society."""
        return self._niche_members

    @cached_property
    def _niche_members(self) -> tuple[Ints, Ints]:
        start, people = by_cell(self.niche, self.n_niches)
        return start, people.astype(np.int64)

    def owners_followed(self) -> Ints:
        """For each person, how many owners of the brand are among those they follow; counted once a society."""
        return self._owners_followed

    @cached_property
    def _owners_followed(self) -> Ints:
        followed, lengths = np.zeros(self.n_people, dtype=np.int64), np.diff(self.follower_start)
        for people, part in chunks(lengths):
            owned = np.repeat(self.owner[people], lengths[people])
            np.add.at(followed, self.follower[part][owned], 1)
        return followed

    @cached_property
    def niche_share(self) -> Floats:
        """Share of the people by niche."""
        return np.asarray(np.bincount(self.niche, minlength=self.n_niches) / self.n_people)

    @cached_property
    def spread(self) -> tuple[Floats, Floats]:
        """Activity and expressiveness at QUANTILES evenly spaced quantiles."""
        return quantiles(self.activity), quantiles(self.expressiveness)

    def digest(self) -> str:
        """Twelve hexadecimal digits over every array."""
        state = hashlib.sha256()
        for field in fields(self):
            value = getattr(self, field.name)
            state.update(field.name.encode())
            state.update(np.ascontiguousarray(value).data if isinstance(value, np.ndarray) else repr(value).encode())
        return state.hexdigest()[:12]


def quantiles(column: Floats32 | Floats) -> Floats:
    """QUANTILES quantiles, evenly spaced, between the nearest two values."""
    place = (np.arange(QUANTILES) + 0.5) / QUANTILES * (len(column) - 1)
    ascending, low = np.sort(column), place.astype(np.int64)
    high = np.minimum(low + 1, len(column) - 1)
    below, above = ascending[low].astype(np.float64), ascending[high].astype(np.float64)
    return np.asarray(below + (above - below) * (place - low))


def generate_society(
    n_people: int, peer_ties: float, n_niches: int, n_regions: int, rates: Rates, world_seed: int
) -> Society:
    """A society of ``n_people`` with about ``peer_ties`` outgoing ties each."""
    rng = society_generator(world_seed, "groups")
    group, sizes = _groups(rng, n_people, rates)
    region_of_group = (np.arange(len(sizes)) * n_regions // len(sizes)).astype(np.int16)
    niche_of_group = rng.integers(0, n_niches, len(sizes)).astype(np.int16)
    stray = rng.random(n_people) >= rates.niche_homophily
    niche = np.where(stray, rng.integers(0, n_niches, n_people), niche_of_group[group]).astype(np.int16)
    region = region_of_group[group]
    start, followers = draw_ties(group, sizes, niche, region, n_niches, n_regions, peer_ties, rates,
                                 society_generator(world_seed, "ties"))  # fmt: skip
    return _with_attributes(
        rates, society_generator(world_seed, "people"), group, niche, region, start, followers, n_niches, n_regions,
    )  # fmt: skip


def society_from_arcs(
    names: tuple[str, ...],
    sources: NDArray[np.int32],
    targets: NDArray[np.int32],
    n_niches: int,
    n_regions: int,
    rates: Rates,
    world_seed: int,
    niche: NDArray[np.int16] | None = None,
    region: NDArray[np.int16] | None = None,
) -> Society:
    """People on a given graph (targets[k] follows sources[k]).

    niche, region: (n,), −1 where unknown; those are dealt at random, and so are all if None.
    """
    n_people = len(names)
    rng = society_generator(world_seed, "places")
    niche = _dealt(rng, n_niches, n_people, niche)
    region = _dealt(rng, n_regions, n_people, region)
    start, followers = follower_lists(sources, targets, n_people)
    group = np.arange(n_people, dtype=np.int32)
    return _with_attributes(
        rates, society_generator(world_seed, "people"), group, niche, region, start, followers,
        n_niches, n_regions, names,
    )  # fmt: skip


def _dealt(
    rng: np.random.Generator, n_places: int, n_people: int, known: NDArray[np.int16] | None
) -> NDArray[np.int16]:
    """Niches or regions dealt at random to those whose own is not known."""
    dealt = rng.integers(0, n_places, n_people).astype(np.int16)
    return dealt if known is None else np.where(known < 0, dealt, known)


def _groups(rng: np.random.Generator, n_people: int, rates: Rates) -> tuple[NDArray[np.int32], Ints]:
    """Group of each person (ascending) and the size of each group."""
    mean = rates.group_median * np.exp(rates.group_spread**2 / 2)
    count = int(n_people / mean * 1.5) + 50
    sizes = np.empty(0, dtype=np.int64)
    while sizes.sum() < n_people:
        drawn = rng.lognormal(np.log(rates.group_median), rates.group_spread, count)
        sizes = np.concatenate([sizes, np.clip(np.rint(drawn), GROUP_LOW, GROUP_HIGH).astype(np.int64)])
    last = int(np.searchsorted(np.cumsum(sizes), n_people))
    sizes = sizes[: last + 1]
    sizes[-1] -= sizes.sum() - n_people
    return np.repeat(np.arange(len(sizes), dtype=np.int32), sizes), sizes


def _with_attributes(
    rates: Rates,
    rng: np.random.Generator,
    group: NDArray[np.int32],
    niche: NDArray[np.int16],
    region: NDArray[np.int16],
    follower_start: Ints,
    follower: NDArray[np.int32],
    n_niches: int,
    n_regions: int,
    names: tuple[str, ...] = (),
) -> Society:
    n = len(niche)
    activity = np.minimum(_lognormal(rng, rates.activity_spread, n), rates.activity_cap)
    skepticism = rates.skepticism_mean + rates.skepticism_width * (2 * rng.random(n) - 1)
    in_market = rng.random(n) < rates.need_share
    return Society(
        group=group,
        niche=niche,
        region=region,
        activity=(activity / activity.mean()).astype(np.float32),
        expressiveness=_lognormal(rng, rates.expressiveness_spread, n).astype(np.float32),
        skepticism=np.clip(skepticism, 0.0, 1.0).astype(np.float32),
        need=np.where(in_market, 2.0 * rng.random(n), 0.0).astype(np.float32),
        appetite=rng.gamma(rates.appetite_shape, 1.0 / rates.appetite_shape, n),
        owner=rng.random(n) < rates.owner_share,
        follower_start=follower_start,
        follower=follower,
        n_niches=n_niches,
        n_regions=n_regions,
        names=names,
    )


def _lognormal(rng: np.random.Generator, spread: float, n: int) -> Floats:
    """Lognormal values of mean 1."""
    return np.exp(spread * rng.standard_normal(n) - spread**2 / 2)
