"""Who follows whom among ordinary people: returned friendships and one-way ties to the popular."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Rates

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NEIGHBOUR_GROUPS = 3
"""Groups on each side that make up a group's neighbourhood."""


def draw_ties(
    group: NDArray[np.int32],
    sizes: Ints,
    niche: NDArray[np.int16],
    region: NDArray[np.int16],
    n_niches: int,
    n_regions: int,
    peer_ties: float,
    rates: Rates,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Arcs (followed, follower), with repeats and self-ties still in."""
    n = len(group)
    if peer_ties == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    friends = _friends_wanted(group, sizes, peer_ties * rates.returned_share, rates, rng)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    cells = Cells(niche.astype(np.int64) * n_regions + region, n_niches * n_regions)
    pairs = [
        _friends_in_group(group, sizes, starts, friends * rates.in_group_share, rng),
        _friends_nearby(group, starts, friends * rates.neighbour_share, rng),
        _friends_anywhere(cells, friends * (1 - rates.in_group_share - rates.neighbour_share), rng),
    ]
    one, other = (np.concatenate(part) for part in zip(*pairs, strict=True))
    follower, followed = _popular_ties(n, niche, n_niches, peer_ties * (1 - rates.returned_share), rates, rng)
    return np.concatenate([one, other, followed]), np.concatenate([other, one, follower])


class Cells:
    """People sorted by cell, to draw a uniform member of a cell."""

    def __init__(self, cell: Ints, n_cells: int) -> None:
        self.cell = cell
        self.members = np.argsort(cell, kind="stable")
        self.start = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=n_cells))])

    def draw(self, people: Ints, rng: np.random.Generator) -> Ints:
        """For each of ``people``, a uniform member of the same cell."""
        low, high = self.start[self.cell[people]], self.start[self.cell[people] + 1]
        return np.asarray(self.members[low + (rng.random(len(people)) * (high - low)).astype(np.int64)])


def follower_lists(followed: Ints, follower: Ints, n_people: int) -> tuple[Ints, NDArray[np.int32]]:
    """Compressed rows: for each person, the ascending list of followers; repeats and self-ties dropped."""
    keys = followed * n_people + follower
    keys = keys[followed != follower]
    keys.sort()
    if len(keys):
        keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    start = np.searchsorted(keys, np.arange(n_people + 1, dtype=np.int64) * n_people)
    return start.astype(np.int64), (keys % n_people).astype(np.int32)


def _friends_wanted(
    group: NDArray[np.int32], sizes: Ints, mean_friends: float, rates: Rates, rng: np.random.Generator
) -> Floats:
    """Number of friends each person is to have: size^γ x lognormal, with the mean asked for."""
    wanted = sizes[group] ** rates.friends_exponent * np.exp(rates.friends_spread * rng.standard_normal(len(group)))
    return np.asarray(wanted * (mean_friends / wanted.mean()))


def _whole(expected: Floats, rng: np.random.Generator) -> Ints:
    """Whole numbers with the given expectations."""
    low = np.floor(expected)
    return (low + (rng.random(len(expected)) < expected - low)).astype(np.int64)


def _friends_in_group(
    group: NDArray[np.int32], sizes: Ints, starts: Ints, friends: Floats, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Pairs inside groups; draws are raised so that after dropping repeats the number asked for is left."""
    pairs = sizes * (sizes - 1) / 2.0
    wanted = np.bincount(group, friends / 2, minlength=len(sizes))
    filled = np.minimum(wanted / np.maximum(pairs, 1.0), 0.95)
    with np.errstate(divide="ignore", invalid="ignore"):
        raised = np.log1p(-filled) / np.log1p(-1.0 / pairs) / wanted
    raised = np.where((pairs > 1) & (wanted > 0), raised, 1.0)
    one = np.repeat(np.arange(len(group)), _whole(friends / 2 * raised[group], rng))
    size = sizes[group[one]]
    step = 1 + (rng.random(len(one)) * np.maximum(size - 1, 1)).astype(np.int64)
    other = starts[group[one]] + (one - starts[group[one]] + step) % size
    return one, other


def _friends_nearby(
    group: NDArray[np.int32], starts: Ints, friends: Floats, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    one = np.repeat(np.arange(len(group)), _whole(friends / 2, rng))
    n_groups = len(starts) - 1
    low = starts[np.maximum(group[one] - NEIGHBOUR_GROUPS, 0)]
    high = starts[np.minimum(group[one] + NEIGHBOUR_GROUPS + 1, n_groups)]
    return one, low + (rng.random(len(one)) * (high - low)).astype(np.int64)


def _friends_anywhere(cells: Cells, friends: Floats, rng: np.random.Generator) -> tuple[Ints, Ints]:
    one = np.repeat(np.arange(len(friends)), _whole(np.maximum(friends, 0.0) / 2, rng))
    return one, cells.draw(one, rng)


def _popular_ties(
    n: int, niche: NDArray[np.int16], n_niches: int, mean_ties: float, rates: Rates, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """One-way ties (follower, followed): targets drawn by Pareto popularity, mostly of the own niche."""
    popularity = rng.random(n) ** (-1.0 / (rates.popularity_exponent - 1.0))
    order = np.argsort(niche, kind="stable")
    cumulative = np.concatenate([[0.0], np.cumsum(popularity[order])])
    bounds = cumulative[np.concatenate([[0], np.cumsum(np.bincount(niche, minlength=n_niches))])]
    follower = np.repeat(np.arange(n), _whole(np.full(n, mean_ties), rng))
    own = rng.random(len(follower)) < rates.niche_homophily
    low = np.where(own, bounds[niche[follower]], 0.0)
    high = np.where(own, bounds[niche[follower] + 1], cumulative[-1])
    position = np.searchsorted(cumulative, low + rng.random(len(follower)) * (high - low), side="right") - 1
    return follower, order[np.minimum(position, n - 1)]
