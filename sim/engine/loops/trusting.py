"""Trust in what a person is shown: in the author, as it is today for this person, or in the peer who shows it."""

from __future__ import annotations

from typing import Any

from sim.engine.loops.tables import first_at_least, is_set
from sim.engine.records import RESHARED
from sim.randomness import unit
from sim.rules import personal_trust, reshared_trust, trust_in_creator


def trust_all(
    creators: Any, segment_trust: Any, known: Any, following: Any, regard: Any, post: Any, source: int, rates: Any,
    shown: Any, low: int, n: int, trusts: Any, peers: Any, trust: Any,
) -> None:  # fmt: skip
    """Trust in each exposure: in the author, or in the better of author and peer."""
    records, persons = shown.record, shown.person
    betrayed, moved, pairs, shifts = regard
    for k in range(n):
        in_author = 0.0
        if post.creator >= 0:
            author = creators[post.creator]
            person, segment = persons[low + k], segment_trust[known[records[low + k]].segment]
            mean = author.trust if is_set(following, post.creator, person) else rates.trust_floor
            liking, damage = 0.0, 0.0
            if author.regarded and is_set(moved, post.creator, person):
                liking = shifts[first_at_least(pairs, post.creator * (8 * moved.shape[1]) + person)]
            if author.found and is_set(betrayed, post.creator, person):
                damage = rates.betrayal
            in_author = trust_in_creator(mean, unit(trusts[k]), rates.trust_noise, segment, liking, damage)
        if source < RESHARED:
            trust[k] = in_author
        else:
            in_peer = personal_trust(rates.peer_trust, unit(peers[k]), rates.trust_noise)
            if post.creator < 0 and shown.shower[low + k] == post.person:
                trust[k] = in_peer
            else:
                trust[k] = reshared_trust(in_author, in_peer, rates.endorsement)
