"""The loops of one cascade of the classic models, which numba compiles: one generation at a time, then whole runs.

Memory decides the speed: in a large graph every arc leads somewhere else. So arcs are collected and gone through in
step, several people are looked up at once, and what is asked of everyone, whether active, is a bit. What a run costs
is in proportion to what it reaches.
"""

from __future__ import annotations

import math
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from sim.compiling import compile_loops, compiled_draws, jit_into
from sim.engine import network, records
from sim.engine.network import S_GAP, S_THRESHOLD
from sim.engine.records import S_RESPOND, ZERO
from sim.randomness import draw

BY_GAPS, BY_COINS, BY_THRESHOLD = range(3)
MANY = 256
"""People whose arcs are looked up together: the processor waits for memory once for all of them."""
ROOM = 1024
"""Arcs that are gone through together, for the same reason."""
NOBODY: Any = np.int64(-1)
"""No place; like ZERO a 64-bit number and not a literal."""


# --- loops: one generation ---------------------------------------------------------------------------------


class Tree(NamedTuple):
    """Who is active in one run. A place is the position in the order of becoming active.

    active, past: a bit a node, 0 before a run; past is active without the generation that is being reached. place: by
    node, valid if active. By place: reached, the node; parent, a place or −1; mark, the smallest coin or remainder.
    """

    active: Any
    past: Any
    place: Any
    reached: Any
    parent: Any
    mark: Any


class Arcs(NamedTuple):
    """Arcs under way, ROOM of them: the arc, place and node it comes from, the person it leads to and its coin.

    begin, end: where the arcs of MANY people begin and end.
    """

    arc: Any
    owner: Any
    sharer: Any
    person: Any
    coin: Any
    begin: Any
    end: Any


class Push(NamedTuple):
    """By node: the run in which somebody last pushed, the threshold and the sum of the weights so far."""

    run: Any
    bar: Any
    sum: Any


def has(bits: Any, node: int) -> bool:
    return bool((bits[node >> 6] >> np.uint64(node & 63)) & np.uint64(1))


def add(bits: Any, node: int) -> None:
    bits[node >> 6] |= np.uint64(1) << np.uint64(node & 63)


def enter(person: int, parent: int, count: int, tree: Any) -> int:
    """A person becomes active at place ``count``. Returns the number of active people."""
    add(tree.active, person)
    tree.place[person] = count
    tree.reached[count] = person
    tree.parent[count] = parent
    return count + 1


def settle(filled: int, count: int, arcs: Any, tree: Any) -> int:
    """The first ``filled`` arcs under way succeed. Returns the number of active people.

    Of several who succeed with a person in one generation the one with the smallest coin is the parent, or the smaller
    node on a tie. By gaps, the remainders after the point take the part of coins: those of exponential variates are
    independent of the whole numbers before it, and alike for all, so each is the smallest with equal chance.
    """
    owner, coin, reached, parent, mark = arcs.owner, arcs.coin, tree.reached, tree.parent, tree.mark
    for k in range(filled):
        person, u = arcs.person[k], coin[k]
        if has(tree.past, person):
            continue
        if not has(tree.active, person):
            mark[count] = u
            count = enter(person, owner[k], count, tree)
            continue
        at = tree.place[person]
        if u < mark[at] or (u == mark[at] and reached[owner[k]] < reached[parent[at]]):
            mark[at] = u
            parent[at] = owner[k]
    return count


def leap(start: Any, target: Any, scale: float, begun: int, fresh: int, key: Any, arcs: Any, tree: Any) -> int:
    """Independent cascade by gaps: all who became active last show it. Returns the number of active people.

    scale: −1/ln(1 − p). Those who became active last are at the places begun, …, fresh − 1.
    """
    begin, end, count, filled = arcs.begin, arcs.end, fresh, ZERO
    for first in range(begun, fresh, MANY):
        n = min(MANY, fresh - first)
        for k in range(n):
            node = tree.reached[first + k]
            begin[k] = start[node]
            end[k] = start[node + 1]
        for k in range(n):
            arc, stop, block = begin[k], end[k], 0
            while arc < stop:
                for u in draw(tree.reached[first + k], block, 0, S_GAP, key):
                    gap = -scale * math.log(u)
                    if gap >= stop - arc:
                        arc = stop
                        break
                    whole = int(gap)
                    arcs.arc[filled] = arc + whole
                    arcs.owner[filled] = first + k
                    arcs.coin[filled] = gap - whole
                    filled += 1
                    arc += whole + 1
                block += 1
                if filled > ROOM - 4:
                    look(target, filled, arcs)
                    count = settle(filled, count, arcs, tree)
                    filled = ZERO
    look(target, filled, arcs)
    return settle(filled, count, arcs, tree)


def look(target: Any, filled: int, arcs: Any) -> None:
    """Whom the arcs under way lead to."""
    for k in range(filled):
        arcs.person[k] = target[arcs.arc[k]]


def show(
    start: Any, target: Any, chance: Any, address: int, begun: int, fresh: int, key: Any, arcs: Any, tree: Any
) -> int:
    """Independent cascade by coins: all who became active last show it. Returns the number of active people."""
    count, filled = fresh, ZERO
    for at in range(begun, fresh):
        node = tree.reached[at]
        for arc in range(start[node], start[node + 1]):
            if filled == ROOM:
                filled = flip(target, chance, address, filled, key, arcs, tree)
                count = settle(filled, count, arcs, tree)
                filled = ZERO
            arcs.arc[filled] = arc
            arcs.owner[filled] = at
            filled += 1
    filled = flip(target, chance, address, filled, key, arcs, tree)
    return settle(filled, count, arcs, tree)


def flip(target: Any, chance: Any, address: int, filled: int, key: Any, arcs: Any, tree: Any) -> int:
    """Leave only arcs to people not active before, whose coins are below their chances. Returns their number."""
    arc, owner, sharer, person, coin = arcs.arc, arcs.owner, arcs.sharer, arcs.person, arcs.coin
    look(target, filled, arcs)
    kept: int = ZERO
    for k in range(filled):
        arc[kept] = arc[k]
        owner[kept] = owner[k]
        person[kept] = person[k]
        kept += not has(tree.past, person[k])
    for k in range(kept):
        sharer[k] = tree.reached[owner[k]]
    for k in range(kept):
        coin[k] = draw(person[k], sharer[k], address, S_RESPOND, key)[0]
    succeeded: int = ZERO
    for k in range(kept):
        owner[succeeded] = owner[k]
        person[succeeded] = person[k]
        coin[succeeded] = coin[k]
        succeeded += coin[k] < chance[arc[k]]
    return succeeded


def press(
    start: Any, target: Any, chance: Any, begun: int, fresh: int, run: int, key: Any, push: Any, tree: Any
) -> int:
    """Linear threshold: all who became active last add their weights. Returns the number of active people.

    The parent is the one whose weight reached the threshold: each newly active neighbour with a probability in
    proportion to its weight, since the threshold is uniform between the sums before and after the generation.
    """
    count = fresh
    for at in range(begun, fresh):
        node = tree.reached[at]
        for arc in range(start[node], start[node + 1]):
            person = target[arc]
            if has(tree.active, person):
                continue
            if push.run[person] != run:
                push.run[person] = run
                push.bar[person] = draw(person, 0, 0, S_THRESHOLD, key)[0]
                push.sum[person] = 0.0
            push.sum[person] += chance[arc]
            if push.sum[person] >= push.bar[person]:
                count = enter(person, at, count, tree)
    return count


# --- loops: whole runs -------------------------------------------------------------------------------------


def virality(parent: Any, count: int, below: Any, size: Any) -> float:
    """Mean distance between two people of one cascade tree (Goel et al. 2016); nan where no tree has two.

    An arc of the tree with s of its N people below it lies on s(N − s) of the paths. below and size: by place.
    """
    for at in range(count):
        below[at] = 1
    for at in range(count - 1, -1, -1):
        if parent[at] >= 0:
            below[parent[at]] += below[at]
    distance, pairs = 0.0, 0.0
    for at in range(count):
        if parent[at] < 0:
            size[at] = below[at]
            pairs += below[at] * (below[at] - 1.0) / 2.0
        else:
            size[at] = size[parent[at]]
            distance += below[at] * float(size[at] - below[at])
    return distance / pairs if pairs > 0.0 else math.nan


def many_runs(
    start: Any, target: Any, chance: Any, scale: float, seeds: Any, form: int, address: int, seed: Any, first: int,
    sizes: Any, depths: Any, viralities: Any, arcs: Any, tree: Any, push: Any, below: Any, size: Any,
) -> None:  # fmt: skip
    """Runs first, first + 1, …, generation by generation, into sizes, depths and viralities."""
    for r in range(len(sizes)):
        key, count = (seed, np.uint64(first + r)), ZERO
        for node in seeds:
            count = enter(node, NOBODY, count, tree)
        begun, depth = ZERO, -1
        while begun < count:
            fresh = count
            for at in range(begun, fresh):
                add(tree.past, tree.reached[at])
            if form == BY_GAPS:
                count = leap(start, target, scale, begun, fresh, key, arcs, tree)
            elif form == BY_COINS:
                count = show(start, target, chance, address, begun, fresh, key, arcs, tree)
            else:
                count = press(start, target, chance, begun, fresh, first + r + 1, key, push, tree)
            begun = fresh
            depth += 1
        sizes[r] = count
        depths[r] = depth
        viralities[r] = virality(tree.parent, count, below, size)
        for at in range(count):
            tree.active[tree.reached[at] >> 6] = 0
            tree.past[tree.reached[at] >> 6] = 0


def room(n: int, form: int) -> tuple[Any, ...]:
    """Room for one run at a time; memory that is not written to is not taken."""
    place, reached, parent, below, size = (np.empty(n, np.int32) for _ in range(5))
    arcs = Arcs(np.empty(ROOM, np.int64), np.empty(ROOM, np.int64), np.empty(ROOM, np.int32),
                np.empty(ROOM, np.int32), np.empty(ROOM), np.empty(MANY, np.int64),
                np.empty(MANY, np.int64))  # fmt: skip
    active, past = (np.zeros((n >> 6) + 1, np.uint64) for _ in range(2))
    tree = Tree(active, past, place, reached, parent, np.empty(n))
    pushed = n if form == BY_THRESHOLD else 0
    push = Push(np.zeros(pushed, np.int64), np.empty(pushed), np.empty(pushed))
    return arcs, tree, push, below, size


@lru_cache(maxsize=1)
def compiled_loops() -> SimpleNamespace:
    """The loops above, compiled, with the draws compiled into them, so that several are made at a time."""
    loops: Any = (has, add, enter, settle, look, leap, flip, show, press, virality, many_runs)
    return compile_loops("classic", loops, (network, records), compiled_draws(jit_into(None, forceinline=True)))
