"""Who begins a cascade: seeds at random, by degree, or chosen greedily on reverse-reachable sets.

First the loops, which numba compiles; then the ways to choose.
"""

from __future__ import annotations

import math
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from sim.compiling import compile_loops
from sim.engine import network
from sim.engine.network import FOR_SEED, S_REVERSE, S_ROOT, Network
from sim.randomness import Stream, draw, uniforms

SECOND = 1 << 31
"""Number of the first reverse set that judges the seeds; those before it choose them."""
FEWEST_SETS, MOST_SETS, MOST_MEMBERS = 1 << 18, 1 << 20, 1 << 24
SLACK, DOUBT = 0.05, 0.01
"""ε of the guarantee 1 − 1/e − ε aimed at, and the probability that the guarantee stated is wrong."""


# --- loops: reverse sets -----------------------------------------------------------------------------------


def reverse_sets(
    start: Any, source: Any, chance: Any, threshold: bool, seed: Any, first: int, n_sets: int, most: int
) -> Any:
    """Reverse-reachable sets: who, in one live-edge graph each, would have reached a person chosen at random.

    (start, source, chance): arcs by target. Returns (begin, members): set k is members[begin[k]:begin[k + 1]].
    Ends early once there are ``most`` members.
    """
    n = len(start) - 1
    begin, members = np.zeros(n_sets + 1, np.int64), np.empty(n + 8 * n_sets, np.int32)
    seen, filled = np.full(n, -1, np.int64), 0
    for k in range(n_sets):
        if filled > most:
            return begin[: k + 1].copy(), members[:filled].copy()
        if filled + n > len(members):
            larger = np.empty(2 * len(members) + n, np.int32)
            larger[:filled] = members[:filled]
            members = larger
        key, at = (seed, np.uint64(first + k)), filled
        members[filled] = int(draw(0, 0, 0, S_ROOT, key)[0] * n)
        seen[members[filled]] = k
        filled += 1
        while at < filled:
            node, total = members[at], 0.0
            u = draw(node, 0, 0, S_REVERSE, key)[0] if threshold else 0.0
            for arc in range(start[node], start[node + 1]):
                total += chance[arc]
                if threshold:
                    live = total > u
                else:
                    live = seen[source[arc]] != k and draw(node, source[arc] + 1, 0, S_REVERSE, key)[0] < chance[arc]
                if live and seen[source[arc]] != k:
                    seen[source[arc]] = k
                    members[filled] = source[arc]
                    filled += 1
                if live and threshold:
                    break
            at += 1
        begin[k + 1] = filled
    return begin, members[:filled].copy()


def cover(n: int, begin: Any, members: Any, k: int) -> Any:
    """Greedy choice of k nodes that together lie in most sets, ties by node order.

    Returns the nodes, the number of sets they lie in, and the sets left that each node lies in.
    """
    left = np.zeros(n, np.int64)
    for member in members:
        left[member] += 1
    place = np.zeros(n + 1, np.int64)
    place[1:] = np.cumsum(left)
    free, within = place[:-1].copy(), np.empty(len(members), np.int64)
    for s in range(len(begin) - 1):
        for at in range(begin[s], begin[s + 1]):
            within[free[members[at]]] = s
            free[members[at]] += 1
    chosen, covered, n_covered = np.empty(k, np.int64), np.zeros(len(begin), np.bool_), 0
    for pick in range(k):
        best = np.argmax(left)
        for at in range(place[best], place[best + 1]):
            s = within[at]
            if not covered[s]:
                covered[s] = True
                n_covered += 1
                for member in members[begin[s] : begin[s + 1]]:
                    left[member] -= 1
        chosen[pick] = best
        left[best] = -1
    return chosen, n_covered, left


@lru_cache(maxsize=1)
def compiled_loops() -> SimpleNamespace:
    """The loops above, compiled."""
    loops: Any = (reverse_sets, cover)
    return compile_loops("seeding", loops, (network,))


# --- choice of seeds ---------------------------------------------------------------------------------------


def random_seeds(net: Network, k: int, seed: int) -> list[int]:
    """The k nodes with the smallest addressed uniforms: fewer seeds are among more."""
    u = uniforms(seed, 0, Stream.CASCADE, person=np.arange(net.n_nodes), day=FOR_SEED)[0]
    return [int(node) for node in np.argsort(u, kind="stable")[:k]]


def degree_seeds(net: Network, k: int) -> list[int]:
    """The k nodes that influence most others, ties by node order."""
    return [int(node) for node in np.argsort(-np.diff(net.start), kind="stable")[:k]]


class Greedy(NamedTuple):
    """Seeds in the order of choice; guarantee: share of the best spread that they surely have; n_sets drawn twice."""

    seeds: list[int]
    guarantee: float
    n_sets: int


def greedy_seeds(net: Network, k: int, seed: int) -> Greedy:
    """Greedy choice of k seeds on reverse-reachable sets (Borgs et al., SODA 2014).

    The share of random reverse sets that contain a seed, times n, estimates the spread, which is submodular; so the
    greedy choice on the sets has 1 − 1/e of the best coverage. The sets are doubled from 262,144 until a second, equal
    collection proves 1 − 1/e − 0.05 of the best spread with probability 0.99 (OPIM-C: Tang et al., SIGMOD 2018), or
    until there are 1,048,576 sets or 17 million members. ``guarantee`` is what was proven, less if it ended early.
    """
    arcs, loops, key, n_sets = net.by_target(), compiled_loops(), np.uint64(seed & 0xFFFFFFFF), FEWEST_SETS
    rounds = 1 + int(math.log2(MOST_SETS // FEWEST_SETS))
    while True:
        begin, members = loops.reverse_sets(*arcs, net.threshold, key, 0, n_sets, MOST_MEMBERS)
        chosen, covered, left = loops.cover(net.n_nodes, begin, members, k)
        best = min(covered / (1.0 - 1.0 / math.e), covered + float(np.sort(left.clip(0))[-k:].sum()))
        full = len(begin) - 1
        begin, members = loops.reverse_sets(*arcs, net.threshold, key, SECOND, full, MOST_MEMBERS)
        hits, judged = np.isin(members, chosen), len(begin) - 1
        found = len(np.unique(np.repeat(np.arange(judged), np.diff(begin))[hits]))
        proven = _proven(found / judged, judged, best / full, full, math.log(2.0 * rounds / DOUBT))
        if proven >= 1.0 - 1.0 / math.e - SLACK or n_sets >= MOST_SETS or full < n_sets:
            return Greedy([int(node) for node in chosen], proven, full)
        n_sets *= 2


def _proven(found: float, judged: int, best: float, drawn: int, a: float) -> float:
    """Lower bound of the seeds' spread over the upper bound of the best (OPIM-C, eqs. 5 and 8); a = −ln(doubt)."""
    low = (math.sqrt(found * judged + 2.0 * a / 9.0) - math.sqrt(a / 2.0)) ** 2 - a / 18.0
    high = (math.sqrt(best * drawn + a / 2.0) + math.sqrt(a / 2.0)) ** 2
    return max(0.0, min(1.0, low / judged / (high / drawn)))
