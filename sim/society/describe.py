"""A world in figures: sizes, degrees, reciprocity, clustering, audiences and their overlap."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.load import Scenario
from sim.society.overlap import pair_overlaps
from sim.society.relevance import NO_NICHE
from sim.society.society import Society
from sim.society.world import World

SAMPLE = 1000
"""People looked at for clustering, evenly spaced over the society."""
OVERLAP_TARGETS = {"same niche": "15-25 % (assumption)", "across niches": "about 5 % (assumption)",
                   "with a general creator": "none"}  # fmt: skip


def describe(scenario: Scenario, world: World) -> dict[str, Any]:
    """Plain data: society, ties, audiences, overlap and, on a given graph, the most followed nodes."""
    society = world.society
    description: dict[str, Any] = {
        "society": {
            "people": society.n_people,
            "people_per_agent": world.people_per_agent,
            "population": world.people_per_agent * society.n_people,
            "niches": dict(zip(scenario.market.niches, _counts(society.niche, society.n_niches), strict=True)),
            "in_the_market": int((society.need > 0).sum()),
            "owners": int(society.owner.sum()),
            "digest": society.digest(),
        },
        "ties": _ties(society),
        "audiences": [_audience(scenario, world, creator) for creator in range(world.n_creators)],
        "overlap": _overlap(world),
    }
    if society.names:
        description["most_followed"] = most_followed(society)
    return description


def _counts(values: NDArray[Any], n: int) -> list[int]:
    return [int(count) for count in np.bincount(values, minlength=n)]


def _ties(society: Society) -> dict[str, Any]:
    n = society.n_people
    followers = np.diff(society.follower_start)
    following = np.bincount(society.follower, minlength=n)
    one, other = mutual_pairs(society)
    dyads = society.n_ties - len(one)
    quantiles = (5, 50, 95, 99)
    return {
        "ties": society.n_ties,
        "following_mean": float(following.mean()),
        "following_quantiles": {f"p{q}": int(np.percentile(following, q)) for q in quantiles},
        "followers_quantiles": {f"p{q}": int(np.percentile(followers, q)) for q in quantiles},
        "followers_max": int(followers.max(initial=0)),
        "mutual_share_of_dyads": len(one) / dyads if dyads else None,
        "friends_mean": 2 * len(one) / n,
        "clustering": _clustering(one, other, n),
    }


def mutual_pairs(society: Society) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (i < j) who follow each other."""
    n = society.n_people
    followed = np.repeat(np.arange(n, dtype=np.int64), np.diff(society.follower_start))
    low, high = np.minimum(followed, society.follower), np.maximum(followed, society.follower)
    keys = np.sort(low * n + high)
    twice = keys[1:][keys[1:] == keys[:-1]]
    return twice // n, twice % n


def _clustering(one: NDArray[np.int64], other: NDArray[np.int64], n: int) -> float | None:
    """Mean local clustering of the friendship graph over people with two friends or more (a sample)."""
    followed, friend = np.concatenate([one, other]), np.concatenate([other, one])
    order = np.lexsort((friend, followed))
    friend = friend[order]
    start = np.searchsorted(followed[order], np.arange(n + 1))
    found = []
    for person in range(0, n, max(1, n // SAMPLE)):
        circle = friend[start[person] : start[person + 1]]
        if len(circle) >= 2:
            links = sum(np.isin(friend[start[f] : start[f + 1]], circle).sum() for f in circle)
            found.append(links / (len(circle) * (len(circle) - 1)))
    return float(np.mean(found)) if found else None


def _audience(scenario: Scenario, world: World, creator: int) -> dict[str, Any]:
    people = world.audience_of(creator)
    by_niche = np.bincount(world.society.niche[people], minlength=world.society.n_niches) / max(1, len(people))
    niche = int(world.niche[creator])
    return {
        "creator": world.handles[creator],
        "followers": float(world.followers[creator]),
        "niche": None if niche == NO_NICHE else scenario.market.niches[niche],
        "audience_agents": len(people),
        "share_of_people": len(people) / world.n_people,
        "share_in_own_niche": None if niche == NO_NICHE else float(by_niche[niche]),
        "trust": float(world.trust[creator]),
        "quality": float(world.quality[creator]),
        "expected_engagement_rate": float(world.engagement_rate[creator]),
    }


def _overlap(world: World) -> dict[str, Any]:
    """Mean over pairs of creators: shared followers ÷ the smaller audience, beside what is aimed at."""
    shares: dict[str, list[float]] = {kind: [] for kind in OVERLAP_TARGETS}
    audiences = [world.audience_of(creator) for creator in range(world.n_creators)]
    found = pair_overlaps(audiences, world.n_people)
    for a, b in itertools.combinations(range(world.n_creators), 2):
        if len(audiences[a]) and len(audiences[b]):
            shares[_kind_of_pair(int(world.niche[a]), int(world.niche[b]))].append(float(found[a, b]))
    return {
        kind: {
            "pairs": len(found),
            "achieved": float(np.mean(found)) if found else None,
            "target": OVERLAP_TARGETS[kind],
        }
        for kind, found in shares.items()
    }


def _kind_of_pair(one: int, other: int) -> str:
    if NO_NICHE in (one, other):
        return "with a general creator"
    return "same niche" if one == other else "across niches"


def most_followed(society: Society, top: int = 10) -> list[dict[str, Any]]:
    """The most followed nodes of a given graph and those at some percentiles, to choose creators from."""
    followers = np.diff(society.follower_start)
    order = np.lexsort((np.arange(len(followers)), -followers))
    places = {f"{place + 1}": int(order[place]) for place in range(min(top, len(order)))}
    for q in (99, 95, 90, 75, 50):
        places[f"p{q}"] = int(order[min(len(order) - 1, round((1 - q / 100) * len(order)))])
    return [
        {"place": place, "node": society.names[node], "followers": int(followers[node])}
        for place, node in places.items()
    ]
