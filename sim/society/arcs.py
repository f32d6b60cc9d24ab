"""Loops over arcs, compiled: they draw ties from uniforms, put them into compressed rows and tidy the rows.

A society has tens of arcs a person, so its arcs are held once, as 32-bit numbers of people; whatever is larger is made
for ``PEOPLE`` people at a time. The loops take plain arrays and draw nothing themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compile_loops

Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]

PEOPLE = 1 << 12
"""People whose arcs are drawn or placed at a time: few enough for the processor's cache."""

FEW = 256
"""Longest row that is sorted by counting."""


# --- loops -------------------------------------------------------------------------------------------------


def meet(
    first: int, count: Any, place: Any, low: Any, span: Any, members: Any, ring: bool, u: Any, friend: Any, met: Any
) -> None:
    """Friends of persons first, first + 1, …, count[k] each, one uniform of ``u`` a friend, into ``friend``.

    place: each person's group or cell. low, span: first person or member of a place and how many there are. ring: one
    of the others in the place, counted on from the person, span being the others; else one of ``members``; else
    (no members) a person. met: friendships of each person, counted on both sides.
    """
    at = 0
    for k in range(len(count)):
        person, begin, width = first + k, low[place[k]], span[place[k]]
        for _ in range(count[k]):
            found = begin + int(u[at] * width)
            if ring:
                found += person - begin + 1
                if found > begin + width:
                    found -= width + 1
            elif len(members) > 0:
                found = members[found]
            friend[at] = found
            met[found] += 1
            at += 1
        met[person] += count[k]


def like(
    count: Any, niche: Any, own: Any, u: Any, bounds: Any, cumulative: Any, guide: Any, found: Any, liked: Any
) -> None:
    """Places that persons draw by popularity, count[k] each, one uniform of ``u`` each; ``liked`` counts them.

    Place p has the popularity cumulative[p + 1] - cumulative[p], those of niche k lie between bounds[k] and
    bounds[k + 1]; ``own`` says which draws stay in the own niche. guide: see ``search_guide``. ``u`` is overwritten.
    The search is cut into loops with hardly a branch that cannot be foreseen: so the processor waits for memory
    once for many draws.
    """
    at, last = 0, len(guide) - 1
    end, scale = cumulative[last], last / cumulative[last]
    for k in range(len(count)):
        own_low, own_high = bounds[niche[k]], bounds[niche[k] + 1]
        for _ in range(count[k]):
            low = own_low if own[at] else 0.0
            high = own_high if own[at] else end
            u[at] = low + u[at] * (high - low)
            found[at] = guide[min(int(u[at] * scale), last)]
            at += 1
    for at in range(len(u)):
        p = found[at]
        p += 1 if cumulative[p + 1] <= u[at] else 0
        found[at] = p + (1 if cumulative[p + 1] <= u[at] else 0)
    for at in range(len(u)):
        p = found[at]
        while cumulative[p + 1] <= u[at]:
            p += 1
        while cumulative[p] > u[at]:
            p -= 1
        found[at] = min(p, last - 1)
    for at in range(len(u)):
        liked[found[at]] += 1


def put(followed: Any, follower: Any, free: Any, arcs: Any) -> None:
    """Put each arc's follower into the next free place of the followed person's row."""
    for k in range(len(followed)):
        at = free[followed[k]]
        arcs[at] = follower[k]
        free[followed[k]] = at + 1


def tidy(start: Any, unsorted: Any, arcs: Any, row: Any, spare: Any) -> int:
    """Sort each row, drop its repeats and self-ties and close the gaps, in place. Returns the arcs left.

    The first unsorted[j] entries of row j stand in any order, those after them ascend. Few are sorted by counting for
    each how many are smaller, many by Shell's method. row, spare: room for the most unsorted and one more.
    """
    none, filled, low = np.int32(0x7FFFFFFF), 0, start[0]
    for person in range(len(unsorted)):
        high, n, last, gap = start[person + 1], unsorted[person], -1, 1
        for at in range(n):
            row[at] = arcs[low + at]
            spare[at] = -1
        if n <= FEW:
            for at in range(n):
                rank, value = 0, row[at]
                for other in range(n):
                    rank += 1 if row[other] < value else 0
                spare[rank] = value
            for at in range(n):  # repeats have one rank and leave the next ones empty
                row[at] = spare[at] if spare[at] >= 0 else row[at - 1]
            gap = 0
        while 0 < gap < n // 9:
            gap = 3 * gap + 1
        while gap > 0:
            for at in range(gap, n):
                value, to = row[at], at
                while to >= gap and row[to - gap] > value:
                    row[to] = row[to - gap]
                    to -= gap
                row[to] = value
            gap //= 3
        k, at, row[n] = 0, low + n, none
        for _ in range(high - low):
            left, right = row[k], arcs[at] if at < high else none
            value = min(left, right)
            k += 1 if left <= right else 0
            at += 0 if left <= right else 1
            arcs[filled] = value
            filled += 1 if value != last and value != person else 0
            last = value
        start[person + 1], low = filled, high
    return filled


@lru_cache(maxsize=1)
def compiled_loops() -> SimpleNamespace:
    """The loops above, compiled."""
    loops: Any = (meet, like, put, tidy)
    return compile_loops("society", loops)


# --- around them -------------------------------------------------------------------------------------------


def by_cell(cell: NDArray[Any], n_cells: int) -> tuple[Ints, Ints32]:
    """Compressed rows (start, people): the people of each cell, ascending."""
    start = np.zeros(n_cells + 1, dtype=np.int64)
    np.cumsum(np.bincount(cell, minlength=n_cells), out=start[1:])
    few = cell.astype(np.int16) if n_cells <= 1 << 15 else cell  # numpy sorts 16-bit numbers by radix
    return start, np.argsort(few, kind="stable").astype(np.int32)


def search_guide(cumulative: NDArray[np.float64]) -> Ints32:
    """Where to begin a search in ``cumulative`` (n + 1 values from 0, then infinity), for each n-th of its end."""
    n = len(cumulative) - 2
    at = np.arange(n + 1) * (cumulative[n] / n)
    return np.asarray(np.searchsorted(cumulative[:-1], at, side="right") - 1, dtype=np.int32)


def chunks(count: Ints32) -> Iterator[tuple[slice, slice]]:
    """Some people at a time and their arcs, when person k has count[k] of them."""
    end = 0
    for low in range(0, len(count), PEOPLE):
        people = slice(low, min(low + PEOPLE, len(count)))
        begin, end = end, end + int(count[people].sum(dtype=np.int64))
        yield people, slice(begin, end)


def owners(people: slice, count: Ints32) -> Ints32:
    """The person of each arc of these people."""
    return np.repeat(np.arange(people.start, people.stop, dtype=np.int32), count[people])


def empty_rows(counts: Ints32) -> tuple[Ints, Ints32]:
    """Rows of these lengths: start (n + 1) and a place for every arc."""
    start = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=start[1:])
    return start, np.empty(start[-1], dtype=np.int32)


def tidied(start: Ints, unsorted: Ints32, arcs: Ints32) -> tuple[Ints, Ints32]:
    """The rows sorted, without repeats and self-ties, in the same memory; see ``tidy``."""
    row, spare = np.empty((2, int(unsorted.max(initial=0)) + 1), dtype=np.int32)
    arcs.resize(compiled_loops().tidy(start, unsorted, arcs, row, spare), refcheck=False)
    return start, arcs


def follower_lists(followed: NDArray[Any], follower: NDArray[Any], n_people: int) -> tuple[Ints, Ints32]:
    """Compressed rows: for each person, the ascending list of followers; repeats and self-ties dropped."""
    counts = np.bincount(followed, minlength=n_people).astype(np.int32)
    start, arcs = empty_rows(counts)
    compiled_loops().put(followed.astype(np.int32), follower.astype(np.int32), start[:-1].copy(), arcs)
    return tidied(start, counts, arcs)
