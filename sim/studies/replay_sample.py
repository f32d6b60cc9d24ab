"""Who is shown of a society: whole communities, half of the room by lot and half where most happened.

A lot is a hash of the society and of the community, so that the same question shows the same people and no random
number is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.randomness import fixed_hash
from sim.record import Event
from sim.society.society import Society

Ints = NDArray[np.int64]
LARGEST = 150
"""People of a neighbourhood on a given graph at most."""
COUNTED = (Event.BUY, Event.SHARE, Event.ENGAGE)
"""What makes a community busy, the first of them first; buying counts once a post was seen."""


@dataclass(frozen=True)
class Shown:
    """The people shown, ascending (s,); each one's community, numbered from 0 (s,); and by community, whether it was
    drawn by lot (else it is among the busiest).
    """

    people: Ints
    community: Ints
    by_lot: NDArray[np.bool_]

    @property
    def n_by_lot(self) -> int:
        """People in communities that were drawn by lot."""
        return int(self.by_lot[self.community].sum())


def communities(society: Society, key: str) -> Ints:
    """Community of each person (n,): the group of a generated society, a neighbourhood on a given graph.

    A neighbourhood is a person, in the order of the lots, with the followers whom no other has taken yet.
    """
    if not society.names:
        return society.group.astype(np.int64)
    of, made = np.full(society.n_people, -1, dtype=np.int64), 0
    for person in _lots(key, society.n_people).tolist():
        if of[person] < 0:
            near = society.followers_of(person)
            near = near[of[near] < 0][: LARGEST - 1]
            of[near] = of[person] = made
            made += 1
    return of


def choose(community: Ints, events: Sequence[NDArray[Any]], most: int, key: str) -> Shown:
    """At most ``most`` people of the communities, given what happened in each plan; everybody where there is room.

    The last community of each half is shown in part where the whole has no room.
    """
    n = len(community)
    if n <= most:
        return _shown(np.arange(n), community, np.ones(int(community.max()) + 1, dtype=bool))
    lots = _lots(key, int(community.max()) + 1)
    by_lot = _filled(community, lots, most - most // 2)
    drawn = np.zeros(len(lots), dtype=bool)
    drawn[community[by_lot]] = True
    place = np.empty(len(lots), dtype=np.int64)
    place[lots] = np.arange(len(lots))
    busy = np.lexsort((place, *reversed([-_actors(community, events, kind) for kind in COUNTED])))
    rest = _filled(community, busy[~drawn[busy]], most - len(by_lot))
    return _shown(np.sort(np.concatenate([by_lot, rest])), community, drawn)


def _shown(people: Ints, community: Ints, by_lot: NDArray[np.bool_]) -> Shown:
    found, numbered = np.unique(community[people], return_inverse=True)
    return Shown(people, numbered.astype(np.int64), by_lot[found])


def _lots(key: str, n: int) -> Ints:
    """0..n-1 in an order that the key decides."""
    return np.argsort([fixed_hash(f"replay|{key}|{number}", bits=62) for number in range(n)], kind="stable")


def _filled(community: Ints, order: Ints, room: int) -> Ints:
    """The first ``room`` people, community by community in this order, ascending."""
    rank = np.full(int(community.max()) + 1, len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    mine = rank[community]
    first = np.argsort(mine, kind="stable")[:room]
    return np.sort(first[mine[first] < len(order)])


def _actors(community: Ints, events: Sequence[NDArray[Any]], kind: Event) -> Ints:
    """By community, how many did this, each once a plan."""
    people = [np.empty(0, dtype=np.int64)]
    for rows in events:
        acted = rows[rows["kind"] == kind]
        if kind == Event.BUY:
            seen = rows[rows["kind"] == Event.SEE]
            first = np.full(len(community), np.iinfo(np.int64).max)
            np.minimum.at(first, seen["person"], seen["day"])
            acted = acted[first[acted["person"]] <= acted["day"]]
        people.append(np.unique(acted["person"]))
    return np.bincount(community[np.concatenate(people)], minlength=int(community.max()) + 1)
