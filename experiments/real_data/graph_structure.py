"""How a society is knit: followers, returned ties, clustering by degree, distances. Given and generated alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from given_graph import reciprocated
from measured_figures import Figure
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, shortest_path

from sim.society.society import Society
from sim.studies.validation.structure import mutual_graph, tail_exponent

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PERCENTILES = (50, 75, 90, 95, 99, 99.9, 100)
FRIENDS = {"2-4": (2, 4), "5-9": (5, 9), "10-19": (10, 19), "20-49": (20, 49), "50-99": (50, 99),
           "100 and more": (100, 10**9)}  # fmt: skip
FEWEST = 20
"""Fewest people in a bin of friends whose mean is shown."""
AT_A_TIME, SOURCES = 256, 20


def structure(society: Society) -> dict[tuple[str, str], float]:
    """Figures by (group, name); nan where there are too few people to say."""
    followers = np.diff(society.follower_start).astype(np.float64)
    following = np.bincount(society.follower, minlength=society.n_people)
    found = {
        ("ties", "people"): float(society.n_people),
        ("ties", "ties a person"): society.n_ties / society.n_people,
        ("ties", "returned"): reciprocated(society),
        ("ties", "tail exponent of followers"): tail_exponent(followers[followers > 0]),
        **{("ties", name): value for name, value in circle(society).items()},
    }
    for name, degree in (("followers", followers), ("following", following)):
        found |= {(name, f"p{p:g}"): float(np.percentile(degree, p)) for p in PERCENTILES}
    degree, local = clustering(society)
    for name, (low, high) in FRIENDS.items():
        chosen = local[(degree >= low) & (degree <= high)]
        found["clustering", name] = float(chosen.mean()) if len(chosen) >= FEWEST else float("nan")
    return found


def circle(society: Society) -> dict[str, float]:
    """The largest set of people of whom each can reach each other along ties: its share, and the mean distance in it.

    Distances from 20 of them, evenly spaced, to all others.
    """
    shape = (society.n_people, society.n_people)
    ties = csr_array((np.ones(society.n_ties), society.follower, society.follower_start), shape=shape)
    _, label = connected_components(ties, directed=True, connection="strong")
    members = np.flatnonzero(label == np.bincount(label).argmax())
    some = members[np.unique(np.linspace(0, len(members) - 1, SOURCES).astype(np.int64))]
    distance = shortest_path(ties, directed=True, unweighted=True, indices=some)[:, members]
    alone = len(members) < 2
    return {"share in the largest circle": len(members) / society.n_people,
            "mean distance in it": float("nan") if alone else float(distance[distance > 0].mean())}  # fmt: skip


def clustering(society: Society) -> tuple[Ints, Floats]:
    """Friends of each person with two or more, and the share of pairs of them who are friends too.

    Friends are those who follow each other.
    """
    friends = mutual_graph(society)
    degree = np.diff(friends.indptr)
    people = np.flatnonzero(degree >= 2)
    links = [
        np.asarray((rows := friends[people[k : k + AT_A_TIME]]).multiply(rows @ friends).sum(axis=1)).ravel()
        for k in range(0, len(people), AT_A_TIME)
    ]
    among = degree[people].astype(np.float64)
    return degree[people].astype(np.int64), np.concatenate([*links, np.empty(0)]) / (among * (among - 1.0))


def structure_figures(of: str, societies: Sequence[Society]) -> Iterator[Figure]:
    """The mean over societies, from the lowest to the highest where there are several."""
    measured = [structure(society) for society in societies]
    for group, name in measured[0]:
        values = np.array([one[group, name] for one in measured])
        ends = (float(values.min()), float(values.max())) if len(values) > 1 else (None, None)
        if not np.isnan(values).any():
            yield Figure("structure", of, f"{group}: {name}", "mean", float(values.mean()), *ends)
