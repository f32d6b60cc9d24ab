"""The records and tables that the compiled loops share, and the numbers that stand for their parts."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np

from sim.parameters import Rates
from sim.randomness import Stream, stream_day
from sim.record import BY_CREATOR, BY_PLACE, DAILY, Source

N_BINS = 256
ZERO: Any = np.int64(0)
"""Where counting begins: a literal 0 would be a type of its own to numba, and double the compiling."""
DAY_LIMIT = 4096
"""Days fit below this in the log of follows and unfollows."""
ENGAGED, SHARED, CLICK_SHIFT, FLAG_BITS = 1, 2, 2, 14
"""Flags of a (post, person) pair; from CLICK_SHIFT on, the day of the click plus one."""

FOLLOWED, ADVISED, RESHARED, WORD = (int(source) for source in Source)
S_RESPOND, S_BUY, S_TALK, S_FOLLOW, S_SLOT = (
    stream_day(s) for s in (Stream.RESPOND, Stream.BUY, Stream.TALK, Stream.FOLLOW, Stream.SLOT)
)
S_TRUST, S_PEER_TRUST = stream_day(Stream.TRUST), stream_day(Stream.PEER_TRUST)
_DAY = {name: number for number, name in enumerate(DAILY)}
D_IMPRESSIONS, D_REACHED = _DAY["impressions_followed"], _DAY["reached_followed"]
D_ENGAGED, D_ENGAGED_X = _DAY["engagements_drawn"], _DAY["engagements_expected"]
D_CLICKED, D_CLICKED_X = _DAY["clicks_drawn"], _DAY["clicks_expected"]
D_SHARED, D_SHARED_X = _DAY["shares_drawn"], _DAY["shares_expected"]
D_LOST_SLOTS = _DAY["lost_slots"]
_BY = {name: number for number, name in enumerate(BY_CREATOR)}
C_IMPRESSIONS, C_FOLLOWED, C_REACH = _BY["impressions"], _BY["impressions_followed"], _BY["reach"]
C_ENGAGED, C_ENGAGED_X = _BY["engagements_drawn"], _BY["engagements_expected"]
C_CLICKED, C_CLICKED_X = _BY["clicks_drawn"], _BY["clicks_expected"]
C_SHARED, C_SHARED_X = _BY["shares_drawn"], _BY["shares_expected"]
P_REACH = BY_PLACE.index("reach")


RATES = np.dtype([(field.name, np.float64) for field in fields(Rates)])
"""One record: every number of the model."""

TRAITS = np.dtype([
    ("expressiveness", np.float32), ("skepticism", np.float32), ("need", np.float32), ("owners", np.int32),
    ("niche", np.int16), ("region", np.int16), ("segment", np.int16),
])  # fmt: skip
"""What never changes of a person; owners: how many owners of the brand they follow."""

PERSON = np.dtype([
    ("attitude", np.float64), ("exposures", np.float64), ("expressiveness", np.float32), ("skepticism", np.float32),
    ("good", np.int32), ("bad", np.int32), ("last_click", np.int32), ("number", np.int32), ("today", np.int32),
    ("prospect", np.int32), ("niche", np.int16), ("region", np.int16), ("updated", np.int16), ("reached", np.int16),
    ("source", np.int16), ("segment", np.int16),
], align=True)  # fmt: skip
"""A person who has been shown a post, within one cache line: the others have no state to keep.

number: the person's own; today: place in the list of today's exposed, or -1; prospect: place among the active
prospects, or -1; reached: day of the first exposure, plus one; source: the smallest of that day.
"""

NOT_IN_MARKET, QUIET, ACTIVE, BOUGHT = 0, 1, 2, 3
"""Standing of a person in the market: quiet ones have never been shown a post, so their chances never change."""

N_PEOPLE, N_CLICKS, N_ACTIVE, N_PROSPECTS = 0, 1, 2, 3
"""Places in ``Today.counts``; the last counts all active prospects so far."""

CREATOR = np.dtype([("trust", np.float64), ("address", np.int64), ("found", np.bool_), ("regarded", np.bool_)])
"""A creator today. found: a hidden ad was found out; regarded: buyers' words have moved somebody's trust."""

POST = np.dtype([
    ("uid", np.int64), ("address", np.int64), ("creator", np.int64), ("person", np.int64), ("published", np.int64),
    ("topic", np.int64), ("voice", np.int64), ("word", np.int64), ("quality", np.float64), ("appeal", np.float64),
    ("ad", np.float64), ("aversion", np.float64), ("fit", np.float64), ("click", np.float64),
    ("persuasion", np.float64), ("discount", np.float64), ("offer", np.float64), ("sponsored", np.bool_),
    ("covered_before", np.float64), ("covered", np.float64),
    ("slots_today", np.int64), ("slots_used", np.int64), ("row", np.int64), ("audience_at", np.int64),
    ("pairs_from", np.int64), ("pairs_to", np.int64), ("shown_now", np.int64), ("engagement_now", np.int64),
])  # fmt: skip
"""A live post today: ``pairs_from`` and ``pairs_to`` bound yesterday's sharers; the last two are what today brings."""

DID_ENGAGE, DID_SHARE, DID_CLICK, CLICK_HAPPENED, DID_LEAVE, DID_JOIN = 1, 2, 4, 8, 16, 32
MAY_ENGAGE, MAY_SHARE, MAY_CLICK = 64, 128, 256
"""Bits of an outcome: what happened, and what had not happened to the pair before, so that its chance counts."""


class Place(NamedTuple):
    """The arrays of all people and creators; but for the creators' trust they never change.

    interest, product_relevance: by voice of a post, niche and region (see ``World.interests``).
    """

    follower_start: Any
    follower: Any
    niche_start: Any
    niche_members: Any
    creators: Any
    activity: Any
    traits: Any
    interest: Any
    product_relevance: Any
    segment_trust: Any


class Regard(NamedTuple):
    """Who trusts a creator otherwise than at first. Bits (creators, people/8): betrayed by a hidden ad that was found
    out, and moved by buyers' words; the sorted pairs creator·n + person of the moved, and by how much.
    """

    betrayed: Any
    moved: Any
    pairs: Any
    shifts: Any


class Follows(NamedTuple):
    """Who follows which creator: bits (creators, people/8), today and ever changed, and the sorted log of changes."""

    following: Any
    toggled: Any
    toggles: Any


class People(NamedTuple):
    """Records (PERSON) of those shown a post so far, how many (one number), and each person's record or -1."""

    known: Any
    count: Any
    record: Any


class Shown(NamedTuple):
    """Today's exposures in the order of (post address, shower), columns with room to spare.

    outcome: bits of what came of each; chances (exposures, CHANCES): kept where people are recorded, else empty.
    """

    person: Any
    shower: Any
    record: Any
    outcome: Any
    chances: Any


TRUST, ENGAGE, SHARE, CLICK, LEAVE = range(5)
CHANCES = 5


class Today(NamedTuple):
    """Today's exposed people, each with sums of the day. counts: see N_PEOPLE.

    change: fixed-point attitude; sponsored, good, bad: numbers of exposures; last: the last of today's possible clicks
    of a prospect, or -1; clicked: creator of the last click made, or -1. active: prospects among them.
    """

    counts: Any
    record: Any
    change: Any
    sponsored: Any
    good: Any
    bad: Any
    last: Any
    clicked: Any
    active: Any


class Clicks(NamedTuple):
    """Today's possible clicks of prospects: chance, trust, terms, creator, whether it happened, one before or -1."""

    chance: Any
    trust: Any
    offer: Any
    discount: Any
    creator: Any
    happened: Any
    previous: Any


class Prospects(NamedTuple):
    """People in the market who have been shown a post. exposed: 1 today, 0 not; need: 0 once they have bought.

    attitude is that of the person's record, faded to today; proof: what reports seen make of conversion.
    """

    person: Any
    attitude: Any
    need: Any
    proof: Any
    last_click: Any
    niche: Any
    region: Any
    exposed: Any


class Totals(NamedTuple):
    """Where sums go: (days, DAILY), (creators, BY_CREATOR), (niches, BY_PLACE), (regions, BY_PLACE), bits seen by."""

    daily: Any
    by_creator: Any
    by_niche: Any
    by_region: Any
    seen_by: Any
