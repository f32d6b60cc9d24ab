"""Step 6 of the day: what people keep of what they were shown."""

from __future__ import annotations

from typing import Any

from sim.engine.loops.buying import proof_of
from sim.engine.loops.meeting import catch_up
from sim.engine.records import (
    DID_JOIN,
    DID_LEAVE,
    DID_SHARE,
    N_ACTIVE,
    N_CLICKS,
    N_PEOPLE,
    P_REACH,
    ZERO,
)
from sim.rules import (
    fixed,
    from_fixed,
    moved_attitude,
)


def settle(
    known: Any, prospects: Any, today: Any, rates: Any, day: int, reached: Any, by_niche: Any, by_region: Any
) -> None:
    """Apply the day to each exposed person; reached (4), by_niche, by_region: people reached for the first time."""
    counts, record, change, sponsored, good, bad, _, clicked, _ = today
    for at in range(counts[N_PEOPLE]):
        person = known[record[at]]
        if person.reached == day + 1:
            reached[person.source] += 1
            by_niche[person.niche, P_REACH] += 1
            by_region[person.region, P_REACH] += 1
        person.attitude = moved_attitude(person.attitude, from_fixed(change[at]))
        person.exposures += sponsored[at]
        person.good += good[at]
        person.bad += bad[at]
        if clicked[at] >= 0:
            person.last_click = clicked[at]
        person.today = -1
        if person.prospect >= 0:
            keep_prospect(prospects, person, rates, good[at] + bad[at] > 0)
    counts[N_PEOPLE] = 0
    counts[N_CLICKS] = 0
    counts[N_ACTIVE] = 0


def gather(
    shown: Any, blocks: Any, posts: Any, n_people: int, sharers: Any, shared: Any, leaving: Any, joining: Any
) -> Any:
    """Who shared which post, and pairs creator·n + person who leave or join; returns how many of each."""
    people, outcomes = shown.person, shown.outcome
    n_shared, n_leaving, n_joining = ZERO, ZERO, ZERO
    for b in range(len(blocks)):
        first_pair = posts[blocks[b, 0]].creator * n_people
        for e in range(blocks[b, 2], blocks[b, 3]):
            if outcomes[e] & DID_SHARE != 0:
                sharers[n_shared] = people[e]
                shared[n_shared] = blocks[b, 0]
                n_shared += 1
            if outcomes[e] & DID_LEAVE != 0:
                leaving[n_leaving] = first_pair + people[e]
                n_leaving += 1
            if outcomes[e] & DID_JOIN != 0:
                joining[n_joining] = first_pair + people[e]
                n_joining += 1
    return n_shared, n_leaving, n_joining


def keep_prospect(prospects: Any, person: Any, rates: Any, told: bool) -> None:
    """Bring a prospect's columns up to their record; told: has seen a report today."""
    at = person.prospect
    prospects.attitude[at] = person.attitude
    prospects.last_click[at] = person.last_click
    prospects.exposed[at] = 0
    if told:
        prospects.proof[at] = proof_of(rates, person.good, person.bad)


def attitude_of_reached(known: Any, rates: Any, day: int) -> int:
    """Fixed-point sum of attitude over the people reached, at the start of ``day``."""
    total = 0
    for i in range(len(known)):
        catch_up(known[i], rates, day)
        total += fixed(known[i].attitude)
    return total
