"""The loops of the kernel: steps 2 to 4 of the day over arrays, and the draws they need.

Plain Python functions here; ``kernel.compile_kernel`` compiles them together with the rules they name. They use
only what gives the same bits compiled and interpreted. No order of people, posts or threads enters a result: sums are
whole numbers, and each person's exposures are taken in the order of (post address, shower), as the agents do.
"""

from __future__ import annotations

from collections import namedtuple
from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np

from sim.parameters import Rates
from sim.randomness import BY_AUTHOR, RECOMMENDED, Stream, philox, unit
from sim.record import BY_CREATOR, DAILY, Event, Source
from sim.rules import (
    click_probability,
    engage_probability,
    faded,
    fit_factor,
    fixed,
    from_fixed,
    moved_attitude,
    peer_view_probability,
    personal_trust,
    persuasion_gain,
    product_of_misses,
    proof_factor,
    purchase_base,
    purchase_probability,
    reshared_trust,
    share_probability,
    share_pull,
    trust_factor,
    unfollow_probability,
    viewing_key,
    visit_probability,
)

KernelRates = namedtuple("KernelRates", [field.name for field in fields(Rates)])  # type: ignore[misc]

N_BINS = 256
DAY_LIMIT = 4096
"""Days fit below this in the log of follows and unfollows."""
PERSON_BITS = 24
SEEN, ENGAGED, SHARED, CLICK_SHIFT = 1, 2, 4, 3

FOLLOWED, ADVISED, RESHARED, WORD = (int(source) for source in Source)
SEE, ENGAGE, CLICK, SHARE, BUY, TALK, UNFOLLOW, FOLLOW = (int(kind) for kind in Event)
S_RESPOND, S_BUY, S_FOLLOW, S_SLOT = (int(s) << 16 for s in (Stream.RESPOND, Stream.BUY, Stream.FOLLOW, Stream.SLOT))
S_TRUST, S_PEER_TRUST = int(Stream.TRUST) << 16, int(Stream.PEER_TRUST) << 16
_DAY = {name: number for number, name in enumerate(DAILY)}
D_IMPRESSIONS, D_REACHED = _DAY["impressions_followed"], _DAY["reached_followed"]
D_ENGAGED, D_ENGAGED_X = _DAY["engagements_drawn"], _DAY["engagements_expected"]
D_CLICKED, D_CLICKED_X = _DAY["clicks_drawn"], _DAY["clicks_expected"]
D_SHARED, D_SHARED_X = _DAY["shares_drawn"], _DAY["shares_expected"]
D_BOUGHT, D_BOUGHT_X, D_HALO_X = _DAY["conversions_drawn"], _DAY["conversions_expected"], _DAY["halo_expected"]
D_LOST_SLOTS = _DAY["lost_slots"]
_BY = {name: number for number, name in enumerate(BY_CREATOR)}
C_IMPRESSIONS, C_REACH = _BY["impressions"], _BY["reach"]
C_ENGAGED, C_ENGAGED_X = _BY["engagements_drawn"], _BY["engagements_expected"]
C_CLICKED, C_CLICKED_X = _BY["clicks_drawn"], _BY["clicks_expected"]
C_SHARED, C_SHARED_X = _BY["shares_drawn"], _BY["shares_expected"]
C_SOLD, C_SOLD_X = _BY["attributed_drawn"], _BY["attributed_expected"]


class Place(NamedTuple):
    """The World's arrays."""

    niche: Any
    region: Any
    activity: Any
    expressiveness: Any
    skepticism: Any
    need: Any
    follower_start: Any
    follower: Any
    niche_start: Any
    niche_members: Any
    audience_start: Any
    audience: Any
    interest: Any
    product_relevance: Any
    creator_trust: Any
    creator_address: Any


class People(NamedTuple):
    """What changes about people; ``last`` and ``first`` link today's exposures of a person."""

    attitude: Any
    exposures: Any
    good: Any
    bad: Any
    updated: Any
    reached: Any
    bought: Any
    last_click: Any
    first: Any
    last: Any


class Today(NamedTuple):
    """Today's live posts in order of their addresses."""

    uid: Any
    address: Any
    creator: Any
    person: Any
    published: Any
    topic: Any
    quality: Any
    appeal: Any
    sponsored: Any
    word: Any
    ad: Any
    fit: Any
    covered_before: Any
    covered: Any
    n_slots: Any
    slots_used: Any
    pair_start: Any
    sharer: Any
    row: Any
    audience_at: Any
    shown: Any
    engagement_sum: Any


class Shown(NamedTuple):
    """Today's exposures; ``next`` and ``previous`` link those of one person; click is -1 where none is possible.

    change (fixed-point attitude), n_sponsored, n_good, n_bad: sums of a person's day, kept at their first exposure.
    """

    person: Any
    post: Any
    shower: Any
    source: Any
    next: Any
    previous: Any
    click: Any
    trust: Any
    happened: Any
    change: Any
    n_sponsored: Any
    n_good: Any
    n_bad: Any


class Log(NamedTuple):
    """Growing lists as (array, [length]) pairs: shares (post, person), leaving and joining (creator, person), events."""

    shares: Any
    n_shares: Any
    leaving: Any
    n_leaving: Any
    joining: Any
    n_joining: Any
    recorded: Any
    events: Any
    n_events: Any


def draw(person: int, shower: int, post: int, stream_day: int, key: Any) -> Any:
    """Four uniforms by address."""
    words = philox(
        np.uint64(person), np.uint64(shower), np.uint64(post), np.uint64(stream_day), np.uint64(key[0]), np.uint64(key[1])
    )
    return unit(words[0]), unit(words[1]), unit(words[2]), unit(words[3])


# --- small tables ------------------------------------------------------------------------------------------


def slot_of(keys: Any, key: int) -> int:
    """Where ``key`` stands, or would stand, in an open-addressing table whose size is a power of two."""
    mask = np.int64(len(keys) - 1)
    place = ((key * np.int64(-7046029254386353131)) >> np.int64(20)) & mask
    while keys[place] != -1 and keys[place] != key:
        place = (place + 1) & mask
    return place


def rehash(keys: Any, flags: Any, new_keys: Any, new_flags: Any) -> None:
    """Move every entry into a larger table."""
    for i in range(len(keys)):
        if keys[i] != -1:
            place = slot_of(new_keys, keys[i])
            new_keys[place] = keys[i]
            new_flags[place] = flags[i]


def changes_between(toggles: Any, pair: int, since: int, until: int) -> int:
    """Follows and unfollows of one (creator, person) pair on days since..until-1 (sorted log of pair·4096 + day)."""
    return first_at_least(toggles, pair * DAY_LIMIT + until) - first_at_least(toggles, pair * DAY_LIMIT + since)


def first_at_least(values: Any, wanted: int) -> int:
    """Binary search in a sorted array."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) >> 1
        if values[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


def follows(place: Any, toggles: Any, creator: int, person: int, day: int) -> bool:
    """Whether a person follows a creator at the start of a day."""
    low, high = place.audience_start[creator], place.audience_start[creator + 1]
    at = first_at_least(place.audience[low:high], person)
    base = at < high - low and place.audience[low + at] == person
    changed = changes_between(toggles, creator * len(place.niche) + person, 0, day) & 1
    return base != (changed == 1)


# --- 1. publish --------------------------------------------------------------------------------------------


def sort_into_bins(people: Any, activity: Any, address: int, key: Any, out_people: Any, out_keys: Any) -> Any:
    """Viewing keys of a post's audience, gathered by bin of width 1/N_BINS; keys of 1 and above are never due."""
    keys = np.empty(len(people))
    start = np.zeros(N_BINS + 1, np.int64)
    for i in range(len(people)):
        u = draw(people[i], BY_AUTHOR, address, S_RESPOND, key)[0]
        keys[i] = viewing_key(u, activity[people[i]])
        if keys[i] < 1.0:
            start[int(keys[i] * N_BINS) + 1] += 1
    for b in range(N_BINS):
        start[b + 1] += start[b]
    free = start[:-1].copy()
    for i in range(len(people)):
        if keys[i] < 1.0:
            b = int(keys[i] * N_BINS)
            out_people[free[b]] = people[i]
            out_keys[free[b]] = keys[i]
            free[b] += 1
    return start


# --- 2. deliver --------------------------------------------------------------------------------------------


def deliver(
    place: Any, people: Any, today: Any, rates: Any, day: int, key: Any, toggles: Any, seen_keys: Any, seen_flags: Any,
    bins: Any, bin_people: Any, bin_keys: Any, shown: Any, daily: Any,
) -> Any:  # fmt: skip
    """Fill ``shown`` post by post: peers, recommended slots, followers. Returns (exposures, table entries added)."""
    n, added = 0, 0
    for p in range(len(today.uid)):
        n = through_peers(place, people, today, rates, key, p, shown, n)
        if today.creator[p] >= 0:
            n, new = to_strangers(place, people, today, rates, key, p, toggles, seen_keys, seen_flags, shown, n, daily, day)
            added += new
            n = to_followers(people, today, p, bins, bin_people, bin_keys, shown, n)
    return n, added


def show(people: Any, shown: Any, n: int, person: int, post: int, shower: int, source: int) -> int:
    """Append one exposure to the person's list of today."""
    shown.person[n] = person
    shown.post[n] = post
    shown.shower[n] = shower
    shown.source[n] = source
    shown.next[n] = -1
    shown.previous[n] = people.last[person]
    if people.last[person] >= 0:
        shown.next[people.last[person]] = n
    else:
        people.first[person] = n
    people.last[person] = n
    return n + 1


def through_peers(
    place: Any, people: Any, today: Any, rates: Any, key: Any, p: int, shown: Any, n: int
) -> int:
    """Followers of yesterday's sharers (ascending), each by the coin of (follower, sharer, post)."""
    source = RESHARED if today.creator[p] >= 0 else WORD
    for s in range(today.pair_start[p], today.pair_start[p + 1]):
        sharer = today.sharer[s]
        for at in range(place.follower_start[sharer], place.follower_start[sharer + 1]):
            person = place.follower[at]
            if person == today.person[p]:
                continue
            u = draw(person, sharer, today.address[p], S_RESPOND, key)[0]
            if u < peer_view_probability(place.activity[person], rates.peer_reach):
                n = show(people, shown, n, person, p, sharer, source)
    return n


def to_strangers(
    place: Any, people: Any, today: Any, rates: Any, key: Any, p: int, toggles: Any, seen_keys: Any, seen_flags: Any,
    shown: Any, n: int, daily: Any, day: int,
) -> Any:  # fmt: skip
    """Today's recommended slots: followers at publication, earlier viewers and the author are lost slots."""
    added = 0
    everyone, topic = len(place.niche), today.topic[p]
    low, size = (place.niche_start[topic], place.niche_start[topic + 1] - place.niche_start[topic]) if topic >= 0 else (0, 0)
    for slot in range(today.slots_used[p], today.slots_used[p] + today.n_slots[p]):
        u = draw(slot, 0, today.address[p], S_SLOT, key)
        if u[0] < rates.in_niche and size > 0:
            person = place.niche_members[low + int(u[1] * size)]
        else:
            person = int(u[1] * everyone)
        entry = (np.int64(today.uid[p]) << PERSON_BITS) | person
        at = slot_of(seen_keys, entry)
        known = seen_keys[at] == entry
        if known or person == today.person[p] or follows(place, toggles, today.creator[p], person, today.published[p]):
            daily[day, D_LOST_SLOTS] += 1
            continue
        seen_keys[at] = entry
        seen_flags[at] = SEEN
        added += 1
        n = show(people, shown, n, person, p, RECOMMENDED, ADVISED)
    return n, added


def to_followers(
    people: Any, today: Any, p: int, bins: Any, bin_people: Any, bin_keys: Any, shown: Any, n: int
) -> int:
    """Followers whose viewing key lies in covered_before..covered."""
    before, now, base = today.covered_before[p], today.covered[p], today.audience_at[p]
    count = 0
    for b in range(int(before * N_BINS), min(int(now * N_BINS), N_BINS - 1) + 1):
        for at in range(base + bins[today.row[p], b], base + bins[today.row[p], b + 1]):
            if before <= bin_keys[at] < now:
                n = show(people, shown, n, bin_people[at], p, BY_AUTHOR, FOLLOWED)
                count += 1
    today.shown[p] = count
    return n


# --- 3. respond --------------------------------------------------------------------------------------------


def respond(
    place: Any, people: Any, today: Any, rates: Any, day: int, key: Any, toggles: Any, seen_keys: Any, seen_flags: Any,
    shown: Any, n: int, seen_by: Any, log: Any, daily: Any, by_creator: Any, by_niche: Any, by_region: Any,
) -> int:  # fmt: skip
    """Each exposed person decides on today's exposures in order. Returns the number of table entries added."""
    added = 0
    for first in range(n):
        if shown.previous[first] >= 0:
            continue
        person = shown.person[first]
        catch_up(people, rates, person, day)
        if people.reached[person] == 0:
            first_reached(place, people, shown, first, daily, day, by_niche, by_region)
        start_day(shown, first)
        e = first
        while e >= 0:
            entry = (np.int64(today.uid[shown.post[e]]) << PERSON_BITS) | person
            at = slot_of(seen_keys, entry)
            if seen_keys[at] != entry:
                seen_keys[at], seen_flags[at] = entry, 0
                added += 1
            seen_flags[at] = decide(
                place, people, today, rates, day, key, toggles, shown, first, e, seen_flags[at] | SEEN, seen_by, log, daily,
                by_creator,
            )  # fmt: skip
            e = shown.next[e]
    return added


def catch_up(people: Any, rates: Any, person: int, day: int) -> None:
    """Fade attitude and exposure count over the nights since they were last looked at."""
    nights = day - people.updated[person]
    if nights > 0:
        people.attitude[person] = faded(people.attitude[person], rates.attitude_memory, nights)
        people.exposures[person] = faded(people.exposures[person], rates.exposure_memory, nights)
        people.updated[person] = day


def first_reached(
    place: Any, people: Any, shown: Any, first: int, daily: Any, day: int, by_niche: Any, by_region: Any
) -> None:
    """Count a person reached for the first time, by the first of today's sources."""
    person, source, e = shown.person[first], shown.source[first], shown.next[first]
    while e >= 0:
        source = min(source, shown.source[e])
        e = shown.next[e]
    people.reached[person] = 1
    daily[day, D_REACHED + source] += 1
    by_niche[place.niche[person], 0] += 1
    by_region[place.region[person], 0] += 1


def start_day(shown: Any, first: int) -> None:
    """Clear the sums of a person's day."""
    shown.change[first] = 0
    shown.n_sponsored[first] = 0
    shown.n_good[first] = 0
    shown.n_bad[first] = 0


def decide(
    place: Any, people: Any, today: Any, rates: Any, day: int, key: Any, toggles: Any, shown: Any, first: int, e: int,
    flags: int, seen_by: Any, log: Any, daily: Any, by_creator: Any,
) -> int:  # fmt: skip
    """One exposure: impression, engagement, share, click, unfollow, follow, attitude. Returns the pair's flags."""
    person, p, shower, source = shown.person[e], shown.post[e], shown.shower[e], shown.source[e]
    creator, niche = today.creator[p], place.niche[person]
    trust = trust_in(place, today, rates, key, toggles, day, person, p, shower, source)
    shown.trust[e] = trust
    daily[day, D_IMPRESSIONS + source] += 1
    count_by_creator(seen_by, by_creator, creator, person)
    note(log, day, person, SEE, shower, today.address[p], trust)
    coins = draw(person, shower, today.address[p], S_RESPOND, key)
    relevance = place.interest[today.topic[p], niche]

    engaged_now = False
    chance = engage_probability(
        rates.engagement_rate, place.expressiveness[person], today.quality[p], trust, rates.trust_reference, relevance,
        rates.ad_aversion, place.skepticism[person], today.ad[p],
    )  # fmt: skip
    if source == FOLLOWED:
        today.engagement_sum[p] += fixed(chance)
    if flags & ENGAGED == 0:
        add(daily, by_creator, day, creator, D_ENGAGED_X, C_ENGAGED_X, fixed(chance))
        if coins[1] < chance:
            engaged_now = True
            flags |= ENGAGED
            add(daily, by_creator, day, creator, D_ENGAGED, C_ENGAGED, 1)
            note(log, day, person, ENGAGE, shower, today.address[p], chance)

    if flags & SHARED == 0:
        pull = share_pull(today.quality[p], today.appeal[p], source >= RESHARED and shower != today.person[p],
                          rates.share_appeal_cap)  # fmt: skip
        chance = share_probability(rates.share_rate, place.expressiveness[person], relevance, pull)
        add(daily, by_creator, day, creator, D_SHARED_X, C_SHARED_X, fixed(chance))
        if coins[3] < chance:
            flags |= SHARED
            append(log.shares, log.n_shares, p, person)
            add(daily, by_creator, day, creator, D_SHARED, C_SHARED, 1)
            note(log, day, person, SHARE, shower, today.address[p], chance)

    shown.click[e] = -1.0
    if today.sponsored[p]:
        flags = click(place, today, rates, day, shown, e, coins[2], flags, log, daily, by_creator)
        if source == FOLLOWED:
            leave(place, today, rates, day, key, shown, e, log)
    if engaged_now and source == ADVISED:
        u = draw(person, shower, today.address[p], S_FOLLOW, key)[1]
        if u < rates.follow_rate:
            append(log.joining, log.n_joining, creator, person)
            note(log, day, person, FOLLOW, shower, today.address[p], rates.follow_rate)
    if today.word[p] != 0:
        take_in(place, people, today, rates, shown, first, e)
    return flags


def trust_in(
    place: Any, today: Any, rates: Any, key: Any, toggles: Any, day: int, person: int, p: int, shower: int, source: int
) -> float:
    """Trust in one exposure: in the author, or in the better of author and peer."""
    creator = today.creator[p]
    in_author = 0.0
    if creator >= 0:
        pair = creator * len(place.niche) + person
        if source == FOLLOWED:
            member = changes_between(toggles, pair, today.published[p], day) & 1 == 0
        else:
            member = follows(place, toggles, creator, person, day)
        u = draw(person, 0, place.creator_address[creator], S_TRUST, key)[0]
        in_author = personal_trust(place.creator_trust[creator] if member else rates.trust_floor, u, rates.trust_noise)
        if source < RESHARED:
            return in_author
    u = draw(person, shower, 0, S_PEER_TRUST, key)[0]
    in_peer = personal_trust(rates.peer_trust, u, rates.trust_noise)
    if creator < 0 and shower == today.person[p]:
        return in_peer
    return reshared_trust(in_author, in_peer, rates.endorsement)


def count_by_creator(seen_by: Any, by_creator: Any, creator: int, person: int) -> None:
    """Impression and, once a person, reach of a creator (seen_by: bits, one row a creator)."""
    if creator < 0:
        return
    by_creator[creator, C_IMPRESSIONS] += 1
    bit = np.uint8(1 << (person & 7))
    if seen_by[creator, person >> 3] & bit == 0:
        seen_by[creator, person >> 3] |= bit
        by_creator[creator, C_REACH] += 1


def add(daily: Any, by_creator: Any, day: int, creator: int, column: int, creator_column: int, amount: int) -> None:
    """Add to a daily column and to the creator's total."""
    daily[day, column] += amount
    if creator >= 0:
        by_creator[creator, creator_column] += amount


def append(rows: Any, length: Any, first: int, second: int) -> None:
    """Append a pair to a log list."""
    rows[length[0], 0] = first
    rows[length[0], 1] = second
    length[0] += 1


def note(log: Any, day: int, person: int, kind: int, shower: int, post: int, value: float) -> None:
    """Keep an event of a recorded person: columns day, person, kind, shower, post, value."""
    if len(log.recorded) == 0 or log.recorded[person] == 0:
        return
    row = log.n_events[0]
    log.events[row, 0] = day
    log.events[row, 1] = person
    log.events[row, 2] = kind
    log.events[row, 3] = shower
    log.events[row, 4] = post
    log.events[row, 5] = value
    log.n_events[0] = row + 1


def click(
    place: Any, today: Any, rates: Any, day: int, shown: Any, e: int, u: float, flags: int, log: Any, daily: Any,
    by_creator: Any,
) -> int:  # fmt: skip
    """A click on a sponsored post not clicked on an earlier day; counted at most once."""
    clicked = flags >> CLICK_SHIFT
    if clicked != 0 and clicked - 1 < day:
        return flags
    person, p = shown.person[e], shown.post[e]
    chance = click_probability(
        rates.click_rate, shown.trust[e], rates.trust_reference, place.product_relevance[place.niche[person]],
        fit_factor(today.fit[p], rates.fit_floor),
    )  # fmt: skip
    shown.click[e] = chance
    shown.happened[e] = u < chance
    if clicked != 0:
        return flags
    add(daily, by_creator, day, today.creator[p], D_CLICKED_X, C_CLICKED_X, fixed(chance))
    if u < chance:
        flags |= (day + 1) << CLICK_SHIFT
        add(daily, by_creator, day, today.creator[p], D_CLICKED, C_CLICKED, 1)
        note(log, day, person, CLICK, shown.shower[e], today.address[p], chance)
    return flags


def leave(place: Any, today: Any, rates: Any, day: int, key: Any, shown: Any, e: int, log: Any) -> None:
    """A follower may leave at a sponsored post."""
    person, p = shown.person[e], shown.post[e]
    chance = unfollow_probability(rates.unfollow_rate, today.ad[p], shown.trust[e],
                                  place.product_relevance[place.niche[person]], today.fit[p],
                                  rates.unfollow_shield)  # fmt: skip
    if chance > 0.0 and draw(person, shown.shower[e], today.address[p], S_FOLLOW, key)[0] < chance:
        append(log.leaving, log.n_leaving, today.creator[p], person)
        note(log, day, person, UNFOLLOW, shown.shower[e], today.address[p], chance)


def take_in(place: Any, people: Any, today: Any, rates: Any, shown: Any, first: int, e: int) -> None:
    """Attitude moved by this exposure, and what peers were seen to say, added to the person's day."""
    person, p = shown.person[e], shown.post[e]
    earlier = people.exposures[person] if today.sponsored[p] else 0.0
    gain = persuasion_gain(
        rates.persuasion, shown.trust[e], place.product_relevance[place.niche[person]],
        fit_factor(today.fit[p], rates.fit_floor), earlier, rates.wear_peak,
    )  # fmt: skip
    shown.change[first] += fixed(gain * today.word[p])
    if today.sponsored[p]:
        shown.n_sponsored[first] += 1
    if shown.source[e] >= RESHARED:
        if today.word[p] > 0:
            shown.n_good[first] += 1
        else:
            shown.n_bad[first] += 1


# --- 4. buy ------------------------------------------------------------------------------------------------


def buy(
    place: Any, people: Any, today: Any, rates: Any, day: int, key: Any, prospects: Any, low: int, high: int, shown: Any,
    price_factor: float, sums: Any, sold: Any, sold_fixed: Any, by_niche: Any, by_region: Any,
) -> int:  # fmt: skip
    """Prospects low..high visit and buy or not. Returns how many bought; ``sold`` lists (person, creator or -1).

    sums: [expected, halo]; sold_fixed: expected orders by creator; all fixed-point. Threads have their own of each.
    """
    n_sold = 0
    for i in range(low, high):
        person = prospects[i]
        catch_up(people, rates, person, day)
        attitude = people.attitude[person]
        proof = proof_factor(float(people.good[person]), float(people.bad[person]), rates.social_proof,
                             rates.social_proof_half, rates.bad_word, rates.bad_word_half)  # fmt: skip
        base = purchase_base(rates.conversion_rate, place.need[person], rates.attitude_effect, attitude, price_factor, proof)
        expected, no_click, clicked, at_stake = after_clicks(people, today, rates, person, shown, base, sold_fixed)
        visit = visit_probability(rates.base_visit, rates.visit_rate, attitude)
        unclicked = purchase_probability(base, 1.0)
        amount = fixed(no_click * visit * unclicked)
        if people.last_click[person] >= 0:
            sold_fixed[people.last_click[person]] += amount
        else:
            sums[1] += amount
        expected += amount
        sums[0] += expected
        by_niche[place.niche[person]] += expected
        by_region[place.region[person]] += expected
        u = draw(person, 0, 0, S_BUY + day, key)
        if clicked >= 0:
            bought = u[1] < purchase_probability(base, at_stake)
        else:
            bought = u[0] < visit and u[1] < unclicked
        if bought:
            people.bought[person] = 1
            sold[n_sold, 0] = person
            sold[n_sold, 1] = clicked if clicked >= 0 else people.last_click[person]
            n_sold += 1
    return n_sold


def after_clicks(people: Any, today: Any, rates: Any, person: int, shown: Any, base: float, sold_fixed: Any) -> Any:
    """Today's clicks from last to first: (expected orders, chance of no click, creator clicked or -1, its trust factor)."""
    expected, no_click, clicked, at_stake = 0, 1.0, -1, 1.0
    e = people.last[person]
    while e >= 0:
        if shown.click[e] >= 0.0:
            creator = today.creator[shown.post[e]]
            trust = trust_factor(shown.trust[e], rates.trust_reference, rates.trust_on_purchase)
            amount = fixed(no_click * shown.click[e] * purchase_probability(base, trust))
            expected += amount
            sold_fixed[creator] += amount
            no_click = product_of_misses(no_click, shown.click[e])
            if clicked < 0 and shown.happened[e]:
                clicked, at_stake = creator, trust
        e = shown.previous[e]
    return expected, no_click, clicked, at_stake


# --- 6. learn ----------------------------------------------------------------------------------------------


def settle(people: Any, today: Any, shown: Any, n: int) -> None:
    """Apply the day to each exposed person and forget the day's lists."""
    for first in range(n):
        if shown.previous[first] >= 0:
            continue
        person = shown.person[first]
        people.attitude[person] = moved_attitude(people.attitude[person], from_fixed(shown.change[first]))
        people.exposures[person] += shown.n_sponsored[first]
        people.good[person] += shown.n_good[first]
        people.bad[person] += shown.n_bad[first]
        e = people.last[person]
        while e >= 0:
            if shown.click[e] >= 0.0 and shown.happened[e]:
                people.last_click[person] = today.creator[shown.post[e]]
                break
            e = shown.previous[e]
        people.first[person] = -1
        people.last[person] = -1


def attitude_of_reached(people: Any, rates: Any, day: int) -> int:
    """Fixed-point sum of attitude over the people reached, at the start of ``day``."""
    total = 0
    for person in range(len(people.reached)):
        if people.reached[person]:
            catch_up(people, rates, person, day)
            total += fixed(people.attitude[person])
    return total
