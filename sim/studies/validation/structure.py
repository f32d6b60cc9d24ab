"""Structure: how heavy the tail of audiences is, how many ties are returned, how clustered and how near people are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from sim.society.describe import mutual_pairs
from sim.society.society import Society
from sim.society.world import World
from sim.studies.validation.market import in_proportion

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FEWEST_IN_TAIL, FEWEST_IN_BIN = 100, 200
ABOVE = 1_000
MIDDLE, WIDE = (15, 25), (80, 120)
SOURCES, PAIRS = 20, 1_000


def tail_exponent(values: Floats) -> float:
    """Density exponent of the tail, by maximum likelihood, from the x_min with the least Kolmogorov-Smirnov distance.

    Clauset, Shalizi & Newman 2009, continuous form. nan where fewer than 100 values would be left in the tail.
    """
    ordered = np.sort(values.astype(np.float64))
    if len(ordered) < FEWEST_IN_TAIL:
        return float("nan")
    best = (np.inf, float("nan"))
    last = len(ordered) - FEWEST_IN_TAIL
    for at in np.unique(np.linspace(0, last, min(last + 1, 200)).astype(np.int64)):
        tail = ordered[at:]
        logs = np.log(tail / tail[0])
        if logs.sum() <= 0.0:
            continue
        exponent = 1.0 + len(tail) / logs.sum()
        model = 1.0 - (tail / tail[0]) ** (1.0 - exponent)
        empirical = np.arange(len(tail)) / len(tail)
        best = min(best, (float(np.abs(model - empirical).max()), float(exponent)))
    return best[1]


def followers_of_all(world: World) -> Floats:
    """Followers of creators (real people) and of ordinary people (degrees are never scaled), those above 1,000.

    The roster has more large creators than its law, so that each tier can be measured; those are left out here.
    """
    peers = np.diff(world.society.follower_start).astype(np.float64)
    everyone = np.concatenate([world.real_followers[in_proportion(world.followers)], peers])
    return everyone[everyone > ABOVE]


def reciprocity(world: World) -> float:
    """Mutual ÷ connected pairs over all follow edges; creators follow nobody back."""
    mutual = len(mutual_pairs(world.society)[0])
    connected = world.society.n_ties - mutual + len(world.audience)
    return mutual / connected


def clustering_by_degree(society: Society) -> tuple[float, float]:
    """Mean local clustering of the mutual graph at degrees 15-25 and 80-120; nan where a bin has under 200 people."""
    friends = mutual_graph(society)
    degree = np.diff(friends.indptr)
    found = []
    for low, high in (MIDDLE, WIDE):
        people = np.flatnonzero((degree >= low) & (degree <= high))
        if len(people) < FEWEST_IN_BIN:
            found.append(float("nan"))
            continue
        some = people[:: max(1, len(people) // 1000)]
        rows = friends[some]
        links = np.asarray(rows.multiply(rows @ friends).sum(axis=1)).ravel()
        found.append(float(np.mean(links / (degree[some] * (degree[some] - 1.0)))))
    return found[0], found[1]


def mutual_graph(society: Society) -> csr_array:
    """Returned friendships as a symmetric matrix of ones."""
    one, other = mutual_pairs(society)
    ends = np.concatenate([one, other]), np.concatenate([other, one])
    n = society.n_people
    return csr_array((np.ones(2 * len(one)), ends), shape=(n, n))


def mean_distance(society: Society) -> float:
    """Mean number of steps from a person to those who can be reached along ties, 1,000 pairs from 20 sources.

    Sources and targets are evenly spaced, not drawn; a source from whom nobody can be reached is passed over.
    """
    n, found = society.n_people, list[float]()
    for k in range(SOURCES):
        distance = _distances(society, k * n // SOURCES)
        reachable = np.flatnonzero(distance > 0)
        if not len(reachable):
            continue
        some = reachable[np.linspace(0, len(reachable) - 1, PAIRS // SOURCES).astype(np.int64)]
        found += distance[some].tolist()
    return float(np.mean(found)) if found else float("nan")


def _distances(society: Society, source: int) -> Ints:
    """Steps from one person to everybody, from the followed to the follower; -1 where there is no way."""
    distance = np.full(society.n_people, -1, np.int64)
    distance[source], border, steps = 0, np.array([source]), 0
    start, follower = society.follower_start, society.follower
    while len(border):
        steps += 1
        lengths = start[border + 1] - start[border]
        arcs = np.arange(lengths.sum()) + np.repeat(start[border] - np.cumsum(lengths) + lengths, lengths)
        met = np.zeros(society.n_people, np.bool_)
        met[follower[arcs]] = True
        border = np.flatnonzero(met & (distance < 0))
        distance[border] = steps
    return distance


def measure(world: World) -> dict[str, float]:
    """SF2 and SF3, at one person an agent."""
    middle, wide = clustering_by_degree(world.society)
    return {
        "SF2": reciprocity(world),
        "SF3a": middle,
        "SF3b": wide,
        "SF3c": wide / middle,
        "SF3d": mean_distance(world.society),
    }
