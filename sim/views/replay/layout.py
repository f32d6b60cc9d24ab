"""Where people stand in a replay: each community a disc of points on a sunflower spiral, discs packed side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.studies.replay import Replay

Floats = NDArray[np.float64]
GOLDEN = math.pi * (3.0 - math.sqrt(5.0))
"""The angle between neighbouring seeds of a sunflower (Vogel, Mathematical Biosciences 44, 1979)."""
SMALLEST = 6
"""Communities of fewer people share one disc."""
GAP = 1.2
"""Between discs, in distances of neighbouring people."""
BESIDE = 48
"""Discs beside which a free place is looked for."""


@dataclass(frozen=True)
class Layout:
    """Places in the unit square: people (s, 2), and discs (d, 4) as x, y, radius, 1 where drawn by lot."""

    people: Floats
    discs: Floats


def layout(replay: Replay) -> Layout:
    """Those with most followers among the shown stand in the middle of their disc; the largest discs in the middle."""
    disc = _discs(replay.shown.community)
    sizes = np.bincount(disc)
    radii = np.sqrt(sizes.astype(np.float64))
    centres = packed(radii + GAP / 2)
    order = np.lexsort((-followers_shown(replay), disc))
    place = np.empty((len(disc), 2))
    rank = np.arange(len(disc)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    angle, away = rank * GOLDEN, np.sqrt(rank + 0.5)
    place[order] = centres[disc[order]] + np.column_stack([away * np.cos(angle), away * np.sin(angle)])
    low, high = (centres - radii[:, None]).min(axis=0), (centres + radii[:, None]).max(axis=0)
    scale = 1.0 / float((high - low).max())
    shift = 0.5 - scale * (low + high) / 2
    by_lot = np.zeros(len(sizes))
    by_lot[disc] = replay.shown.by_lot[replay.shown.community]
    return Layout(place * scale + shift, np.column_stack([centres * scale + shift, radii * scale, by_lot]))


def followers_shown(replay: Replay) -> NDArray[np.int64]:
    """How many of the people shown follow each of them (s,)."""
    return np.array([len(row) for row in _shown_followers(replay)])


def follows_shown(replay: Replay) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Whom each of the people shown follows among them: compressed rows (start, place among the shown)."""
    rows = _shown_followers(replay)
    followed = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    follower = np.concatenate([*rows, np.empty(0, np.int64)])
    order = np.lexsort((followed, follower))
    start = np.concatenate([[0], np.cumsum(np.bincount(follower, minlength=len(rows)))])
    return start.astype(np.int64), followed[order]


def _shown_followers(replay: Replay) -> list[NDArray[np.int64]]:
    society, people = replay.world.society, replay.shown.people
    place = np.full(society.n_people, -1, dtype=np.int64)
    place[people] = np.arange(len(people))
    starts, ends = society.follower_start[people].tolist(), society.follower_start[people + 1].tolist()
    rows = (place[society.follower[low:high]] for low, high in zip(starts, ends, strict=True))
    return [row[row >= 0] for row in rows]


def _discs(community: NDArray[np.int64]) -> NDArray[np.int64]:
    """Disc of each person, numbered from 0; small communities share the last."""
    sizes = np.bincount(community)
    disc = np.where(sizes[community] < SMALLEST, len(sizes), community)
    return np.unique(disc, return_inverse=True)[1]


def packed(radii: Floats) -> Floats:
    """Centres (d, 2) of discs that do not overlap, the largest in the middle."""
    order = np.argsort(-radii, kind="stable")
    centres = np.zeros((len(radii), 2))
    for at, disc in enumerate(order.tolist()):
        done = order[:at]
        centres[disc] = _free(centres[done], radii[done], float(radii[disc]))
    return centres


def _free(centres: Floats, radii: Floats, radius: float) -> Any:
    """The place nearest the middle that touches nothing, of some beside the last discs placed; else one outside."""
    if not len(centres):
        return np.zeros(2)
    angle = np.arange(16) * (2 * math.pi / 16)
    around = np.column_stack([np.cos(angle), np.sin(angle)])
    beside = (radii + radius)[-BESIDE:, None, None] * 1.001 * around
    spots = (centres[-BESIDE:, None, :] + beside).reshape(-1, 2)
    away = (spots**2).sum(axis=1)
    apart = away[:, None] + (centres**2).sum(axis=1) - 2.0 * (spots @ centres.T) >= (radii + radius) ** 2
    free = np.flatnonzero(apart.all(axis=1))
    if len(free):
        return spots[free[np.argmin(away[free])]]
    outside = float((np.hypot(*centres.T) + radii).max()) + radius
    return outside * around[len(centres) % len(around)]
