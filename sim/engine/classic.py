"""The classic models of diffusion on any directed graph: independent cascade and linear threshold.

Both after Kempe, Kleinberg & Tardos, "Maximizing the spread of influence through a social network", KDD 2003.
Independent cascade: who has just become active shows it once to each neighbour; arc (i ← j) succeeds if its own coin is
below its chance. Linear threshold: a person becomes active when the weights of the active neighbours who influence them
reach a threshold, uniform in (0, 1).

Draws are addressed. The coin of an arc is the one that the main engine flips when j's share of the first seed's first
post is shown to i, so with one seed, activity 1 and certain shares both give the same cascade, run by run.

First the loops, which numba compiles; then the network they run on, the runs, and the choice of seeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiling import compile_loops
from sim.engine import records
from sim.engine.records import S_RESPOND
from sim.randomness import Stream, draw, person_post_address, uniforms

FOR_THRESHOLD, FOR_SEED, FOR_ROOT, FOR_REVERSE = range(4)
S_THRESHOLD, S_ROOT, S_REVERSE = (
    (int(Stream.CASCADE) << 16) + purpose for purpose in (FOR_THRESHOLD, FOR_ROOT, FOR_REVERSE)
)
SECOND = 1 << 31
"""Number of the first reverse set that judges the seeds; those before it choose them."""
FEWEST_SETS, MOST_SETS, MOST_MEMBERS = 1 << 18, 1 << 20, 1 << 24
SLACK, DOUBT = 0.05, 0.01
"""ε of the guarantee 1 − 1/e − ε aimed at, and the probability that the guarantee stated is wrong."""


# --- loops: one run ----------------------------------------------------------------------------------------


class State(NamedTuple):
    """Arrays by node, of one run. level: generation, −1 while inactive; coin: smallest coin, or weight so far."""

    level: Any
    parent: Any
    coin: Any
    bar: Any
    touched: Any
    reached: Any
    below: Any


def show(start: Any, target: Any, chance: Any, node: int, address: int, key: Any, state: Any, count: int) -> int:
    """Independent cascade: ``node`` shows it to all it influences. Returns the number of active people.

    Of several who succeed in one generation, the one with the smallest coin is the parent.
    """
    level, parent, coin = state.level, state.parent, state.coin
    for arc in range(start[node], start[node + 1]):
        person = target[arc]
        if 0 <= level[person] <= level[node]:
            continue
        u = draw(person, node, address, S_RESPOND, key)[0]
        if u >= chance[arc]:
            continue
        if level[person] < 0:
            level[person] = level[node] + 1
            state.reached[count] = person
            count += 1
        elif u > coin[person] or (u == coin[person] and node > parent[person]):
            continue
        coin[person] = u
        parent[person] = node
    return count


def press(start: Any, target: Any, chance: Any, node: int, run: int, key: Any, state: Any, count: int) -> int:
    """Linear threshold: ``node`` adds its weight to all it influences. Returns the number of active people.

    The parent is the one whose weight reached the threshold: each newly active neighbour with a probability in
    proportion to its weight, since the threshold is uniform between the sums before and after the generation.
    """
    level, coin = state.level, state.coin
    for arc in range(start[node], start[node + 1]):
        person = target[arc]
        if level[person] >= 0:
            continue
        if state.touched[person] != run:
            state.touched[person] = run
            state.bar[person] = draw(person, 0, 0, S_THRESHOLD, key)[0]
            coin[person] = 0.0
        coin[person] += chance[arc]
        if coin[person] >= state.bar[person]:
            level[person] = level[node] + 1
            state.parent[person] = node
            state.reached[count] = person
            count += 1
    return count


def virality(state: Any, count: int) -> float:
    """Mean distance between two people of one cascade tree (Goel et al. 2016); nan where no tree has two.

    An arc of the tree with s of its N people below it lies on s(N − s) of the paths.
    """
    reached, parent, below, size = state.reached, state.parent, state.below, state.touched
    for at in range(count):
        below[reached[at]] = 1
    for at in range(count - 1, -1, -1):
        node = reached[at]
        if parent[node] >= 0:
            below[parent[node]] += below[node]
    distance, pairs = 0.0, 0.0
    for at in range(count):
        node = reached[at]
        if parent[node] < 0:
            size[node] = below[node]
            pairs += below[node] * (below[node] - 1.0) / 2.0
        else:
            size[node] = size[parent[node]]
            distance += below[node] * float(size[node] - below[node])
    return distance / pairs if pairs > 0.0 else math.nan


def many_runs(
    start: Any, target: Any, chance: Any, seeds: Any, threshold: bool, address: int, seed: Any, first: int,
    sizes: Any, depths: Any, viralities: Any, state: Any,
) -> None:  # fmt: skip
    """Runs first, first + 1, …, generation by generation, into sizes, depths and viralities."""
    level, reached = state.level, state.reached
    for r in range(len(sizes)):
        key = (seed, np.uint64(first + r))
        count = len(seeds)
        for at in range(count):
            reached[at] = seeds[at]
            level[seeds[at]] = 0
            state.parent[seeds[at]] = -1
        at = 0
        while at < count:
            if threshold:
                count = press(start, target, chance, reached[at], -2 - first - r, key, state, count)
            else:
                count = show(start, target, chance, reached[at], address, key, state, count)
            at += 1
        sizes[r] = count
        depths[r] = level[reached[count - 1]]
        viralities[r] = virality(state, count)
        for at in range(count):
            level[reached[at]] = -1


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
    loops: Any = (show, press, virality, many_runs, reverse_sets, cover)
    return compile_loops("classic", loops, (records,))


# --- the network and the runs ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Network:
    """A graph with the chance (or weight) of each arc, arcs by source: those of node j are start[j]:start[j + 1]."""

    start: NDArray[np.int64]
    target: NDArray[np.int32]
    chance: NDArray[np.float64]
    threshold: bool

    @property
    def n_nodes(self) -> int:
        return len(self.start) - 1

    def by_target(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
        """The arcs by target: start, source, chance."""
        order = np.argsort(self.target, kind="stable")
        source = np.repeat(np.arange(self.n_nodes, dtype=np.int32), np.diff(self.start))
        return starts(self.target[order], self.n_nodes), source[order], self.chance[order]


def starts(ends: NDArray[np.int32], n: int) -> NDArray[np.int64]:
    return np.searchsorted(ends, np.arange(n + 1)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Cascades:
    """Arrays by run. sizes: people active at the end, seeds counted; depths: generations after the seeds;
    viralities: structural virality, nan where nobody but seeds became active."""

    sizes: NDArray[np.int64]
    depths: NDArray[np.int64]
    viralities: NDArray[np.float64]


def cascades(
    net: Network, seeds: Sequence[int], runs: int, seed: int, first: int = 0, said: Callable[[int], None] | None = None
) -> Cascades:
    """Runs first..first + runs − 1 from these seeds (distinct nodes). said: told the runs done, about twice a second.

    Between its calls a run can be interrupted; how the runs are cut up changes nothing.
    """
    n, loops = net.n_nodes, compiled_loops()
    state = State(np.full(n, -1, np.int32), np.empty(n, np.int32), np.empty(n), np.empty(n), np.zeros(n, np.int64),
                  np.empty(n, np.int32), np.empty(n, np.int64))  # fmt: skip
    made = Cascades(np.empty(runs, np.int64), np.empty(runs, np.int64), np.empty(runs))
    address, planted = person_post_address(int(seeds[0]), 1), np.array(seeds, dtype=np.int64)
    done, step = 0, 1
    while done < runs:
        began, part = monotonic(), slice(done, min(done + step, runs))
        loops.many_runs(net.start, net.target, net.chance, planted, net.threshold, address,
                        np.uint64(seed & 0xFFFFFFFF), first + done, made.sizes[part], made.depths[part],
                        made.viralities[part], state)  # fmt: skip
        done, step = part.stop, step * 2 if monotonic() - began < 0.25 else step
        if said is not None:
            said(done)
    return made


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
