"""Who follows whom among ordinary people: returned friendships and one-way ties to the popular."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Rates
from sim.society.arcs import by_cell, chunks, compiled_loops, empty_rows, follower_lists, owners, search_guide, tidied

__all__ = ["draw_ties", "follower_lists"]

Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Floats = NDArray[np.float64]

NEIGHBOUR_GROUPS = 3
"""Groups on each side that make up a group's neighbourhood."""


class Drawn(NamedTuple):
    """Ties as drawn, person by person: counts[k] of them for person k, the other ends in ``other``."""

    counts: Ints32
    other: Ints32


class Popular(NamedTuple):
    """One-way ties as drawn, by places: who is followed stands at ``order[place]``, ``liked`` times in all."""

    drawn: Drawn
    order: Ints32
    liked: Ints32


class Places(NamedTuple):
    """Where friends come from. of: each person's place; low, span: its first member and the number to draw from.

    members: the people sorted by place; empty where places are made of consecutive people.
    """

    of: Ints32
    low: Ints
    span: Ints
    members: Ints32


def draw_ties(
    group: Ints32,
    sizes: Ints,
    niche: NDArray[np.int16],
    region: NDArray[np.int16],
    n_niches: int,
    n_regions: int,
    peer_ties: float,
    rates: Rates,
    rng: np.random.Generator,
) -> tuple[Ints, Ints32]:
    """Compressed rows (start, followers): the followers of each person, ascending, without repeats or self-ties.

    group: ascending; sizes: people by group; niche, region: by person; peer_ties: mean number of people followed.
    """
    n = len(group)
    if peer_ties == 0:
        return np.zeros(n + 1, np.int64), np.empty(0, np.int32)
    met = np.zeros(n, np.int32)
    friends = _friends_wanted(group, sizes, peer_ties * rates.returned_share, rates, rng)
    pairs = [
        _friends_in_group(group, sizes, friends * rates.in_group_share, met, rng),
        _friends_nearby(group, sizes, friends * rates.neighbour_share, met, rng),
    ]
    friends *= 1 - rates.in_group_share - rates.neighbour_share
    cell = niche.astype(np.int32) * n_regions + region
    pairs.append(_friends_anywhere(cell, n_niches * n_regions, friends, met, rng))
    del friends, cell
    popular = _popular_ties(niche, n_niches, peer_ties * (1 - rates.returned_share), rates, rng)
    return _rows(pairs, popular, met)


def _rows(pairs: list[Drawn], popular: Popular, met: Ints32) -> tuple[Ints, Ints32]:
    """The followers of each person: first the friends, in any order, then the others, who come ascending."""
    put, rows = compiled_loops().put, met.copy()
    rows[popular.order] += popular.liked
    start, arcs = empty_rows(rows)
    free = start[:-1].copy()
    while pairs:
        count, other = pairs.pop()
        for people, part in chunks(count):
            one = owners(people, count)
            put(one, other[part], free, arcs)
            put(other[part], one, free, arcs)
    free, (count, place) = free[popular.order], popular.drawn
    for people, part in chunks(count):
        put(place[part], owners(people, count), free, arcs)
    return tidied(start, met, arcs)


def _friends_wanted(group: Ints32, sizes: Ints, mean_friends: float, rates: Rates, rng: np.random.Generator) -> Floats:
    """Number of friends each person is to have: size^γ x lognormal, with the mean asked for."""
    wanted = np.exp(rates.friends_spread * rng.standard_normal(len(group)))
    wanted *= (sizes**rates.friends_exponent)[group]
    wanted *= mean_friends / wanted.mean()
    return wanted


def _whole(expected: Floats, rng: np.random.Generator) -> Ints32:
    """Whole numbers with the given expectations."""
    low = np.floor(expected)
    return low.astype(np.int32) + (rng.random(len(expected)) < expected - low)


def _friends_in_group(group: Ints32, sizes: Ints, friends: Floats, met: Ints32, rng: np.random.Generator) -> Drawn:
    """Pairs inside groups; draws are raised so that after dropping repeats the number asked for is left."""
    pairs = sizes * (sizes - 1) / 2.0
    wanted = np.bincount(group, friends / 2, minlength=len(sizes))
    filled = np.minimum(wanted / np.maximum(pairs, 1.0), 0.95)
    with np.errstate(divide="ignore", invalid="ignore"):
        raised = np.log1p(-filled) / np.log1p(-1.0 / pairs) / wanted
    raised = np.where((pairs > 1) & (wanted > 0), raised, 1.0)
    count = _whole(friends / 2 * raised[group], rng)
    return _meet(count, Places(group, np.cumsum(sizes) - sizes, sizes - 1, np.empty(0, np.int32)), True, met, rng)


def _friends_nearby(group: Ints32, sizes: Ints, friends: Floats, met: Ints32, rng: np.random.Generator) -> Drawn:
    """Pairs inside the neighbourhood of groups on both sides."""
    starts, groups = np.concatenate([[0], np.cumsum(sizes)]), np.arange(len(sizes))
    low = starts[np.maximum(groups - NEIGHBOUR_GROUPS, 0)]
    high = starts[np.minimum(groups + NEIGHBOUR_GROUPS + 1, len(sizes))]
    return _meet(_whole(friends / 2, rng), Places(group, low, high - low, np.empty(0, np.int32)), False, met, rng)


def _friends_anywhere(cell: Ints32, n_cells: int, friends: Floats, met: Ints32, rng: np.random.Generator) -> Drawn:
    """Pairs inside a cell: one niche in one region."""
    count = _whole(np.maximum(friends, 0.0) / 2, rng)
    start, members = by_cell(cell, n_cells)
    return _meet(count, Places(cell, start[:-1], np.diff(start), members), False, met, rng)


def _meet(count: Ints32, places: Places, ring: bool, met: Ints32, rng: np.random.Generator) -> Drawn:
    """Friends of each person; see ``arcs.meet``."""
    meet = compiled_loops().meet
    friend = np.empty(count.sum(dtype=np.int64), np.int32)
    for people, part in chunks(count):
        u = rng.random(part.stop - part.start)
        meet(people.start, count[people], places.of[people], places.low, places.span, places.members, ring, u,
             friend[part], met)  # fmt: skip
    return Drawn(count, friend)


def _popular_ties(
    niche: NDArray[np.int16], n_niches: int, mean_ties: float, rates: Rates, rng: np.random.Generator
) -> Popular:
    """One-way ties: those followed are drawn by Pareto popularity, mostly of the own niche."""
    n, like = len(niche), compiled_loops().like
    popularity = rng.random(n) ** (-1.0 / (rates.popularity_exponent - 1.0))
    start, order = by_cell(niche, n_niches)
    cumulative = np.zeros(n + 2)
    np.cumsum(popularity[order], out=cumulative[1:-1])
    cumulative[-1] = np.inf
    del popularity
    bounds, guide = cumulative[start], search_guide(cumulative)
    count = _whole(np.full(n, mean_ties), rng)
    own = np.empty(count.sum(dtype=np.int64), np.bool_)
    for _, part in chunks(count):
        own[part] = rng.random(part.stop - part.start) < rates.niche_homophily
    found, liked = np.empty(len(own), np.int32), np.zeros(n, np.int32)
    for people, part in chunks(count):
        u = rng.random(part.stop - part.start)
        like(count[people], niche[people], own[part], u, bounds, cumulative, guide, found[part], liked)
    return Popular(Drawn(count, found), order, liked)
