"""Who is shown something today: their records, and whose day begins."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.loops.buying import proof_of
from sim.engine.loops.tables import first_slot
from sim.engine.records import (
    ACTIVE,
    N_ACTIVE,
    N_PEOPLE,
    N_PROSPECTS,
    QUIET,
    ZERO,
)
from sim.randomness import BATCH, PERSON_BITS
from sim.rules import (
    faded,
)


def touch(traits: Any, people: Any, uid: int, seen: Any, shown_person: Any, low: int, n: int) -> Any:
    """Read, in loops without a branch, what the next loops will need: loads that wait for nothing overlap."""
    known, records, mask, total = people.known, people.record, np.int64(len(seen) - 1), 0
    for e in range(low, low + n):
        total += records[shown_person[e]]
        total += seen[first_slot((np.int64(uid) << PERSON_BITS) | shown_person[e], mask)] & 1
    for e in range(low, low + n):
        at = records[shown_person[e]]
        total += known[max(at, 0)].today + traits[shown_person[e]].niche
    return total


def meet_all(
    place: Any, people: Any, prospects: Any, standing: Any, posts: Any, blocks: Any, rates: Any, day: int, seen: Any,
    shown: Any, today: Any,
) -> Any:  # fmt: skip
    """The records of all who are shown something today. Returns a number without meaning (see ``touch``)."""
    touched = ZERO
    for b in range(len(blocks)):
        post, source = posts[blocks[b, 0]], blocks[b, 1]
        for low in range(blocks[b, 2], blocks[b, 3], BATCH):
            n = min(BATCH, blocks[b, 3] - low)
            touched += touch(place.traits, people, post.uid, seen, shown.person, low, n)
            meet(place.traits, people, prospects, standing, today, rates, day, source, shown, low, n)
    return touched


def meet(
    traits: Any, people: Any, prospects: Any, standing: Any, today: Any, rates: Any, day: int, source: int, shown: Any,
    low: int, n: int,
) -> None:  # fmt: skip
    """Find or open the record of each person shown something, and begin the day of those not met yet today."""
    known, records, used, counts = people.known, people.record, people.count, today.counts
    shown_person, shown_record, exposed, active = shown.person, shown.record, prospects.exposed, today.active
    for e in range(low, low + n):
        i = shown_person[e]
        at = records[i]
        if at < 0:
            at = used[0]
            used[0] += 1
            records[i] = at
            open_record(known[at], traits[i], i, day, source)
            if standing[i] == QUIET:
                standing[i] = ACTIVE
                known[at].prospect = counts[N_PROSPECTS]
                join_prospects(prospects, counts[N_PROSPECTS], known[at], traits[i], rates)
                counts[N_PROSPECTS] += 1
        shown_record[e] = at
        person = known[at]
        if source < person.source and person.reached == day + 1:
            person.source = source
        if person.today < 0:
            catch_up(person, rates, day)
            person.today = counts[N_PEOPLE]
            start_day(today, counts[N_PEOPLE], at)
            counts[N_PEOPLE] += 1
            if person.prospect >= 0 and standing[i] == ACTIVE:
                exposed[person.prospect] = 1
                active[counts[N_ACTIVE]] = at
                counts[N_ACTIVE] += 1


def open_record(new: Any, traits: Any, number: int, day: int, source: int) -> None:
    """The first exposure of all opens a person's record."""
    new.attitude = 0.0
    new.exposures = 0.0
    new.expressiveness = traits.expressiveness
    new.skepticism = traits.skepticism
    new.good = traits.owners
    new.bad = 0
    new.last_click = -1
    new.number = number
    new.today = -1
    new.prospect = -1
    new.niche = traits.niche
    new.region = traits.region
    new.segment = traits.segment
    new.updated = day
    new.reached = day + 1
    new.source = source


def join_prospects(prospects: Any, at: int, person: Any, traits: Any, rates: Any) -> None:
    """A quiet person in the market has been shown a post."""
    prospects.person[at] = person.number
    prospects.attitude[at] = person.attitude
    prospects.need[at] = traits.need
    prospects.proof[at] = proof_of(rates, person.good, person.bad)
    prospects.last_click[at] = -1
    prospects.niche[at] = person.niche
    prospects.region[at] = person.region
    prospects.exposed[at] = 0


def start_day(today: Any, at: int, record: int) -> None:
    """A person's first exposure of the day: sums at 0."""
    today.record[at] = record
    today.change[at] = 0
    today.sponsored[at] = 0
    today.good[at] = 0
    today.bad[at] = 0
    today.last[at] = -1
    today.clicked[at] = -1


def catch_up(person: Any, rates: Any, day: int) -> None:
    """Fade attitude and exposure count over the nights since they were last looked at."""
    nights = day - person.updated
    if nights > 0:
        person.attitude = faded(person.attitude, rates.attitude_memory, nights)
        person.exposures = faded(person.exposures, rates.exposure_memory, nights)
        person.updated = day


def see(seen_by: Any, creator: int, people: Any, low: int, n: int) -> int:
    """Mark that these people have seen a post of the creator; returns how many had not before."""
    fresh = 0
    for e in range(low, low + n):
        at, bit = people[e] >> 3, np.uint8(1 << (people[e] & 7))
        before = seen_by[creator, at]
        fresh += 1 if before & bit == 0 else 0
        seen_by[creator, at] = before | bit
    return fresh
