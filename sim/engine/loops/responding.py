"""Step 3 of the day: each person shown something engages, clicks, shares, stays or leaves.

Exposures are gone through in the order of (post address, shower), one block of one post and one source after another,
so that what belongs to the post is at hand.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.loops.meeting import see
from sim.engine.loops.tables import slot_of
from sim.engine.loops.trusting import trust_all
from sim.engine.records import (
    ADVISED,
    C_CLICKED,
    C_CLICKED_X,
    C_ENGAGED,
    C_ENGAGED_X,
    C_FOLLOWED,
    C_IMPRESSIONS,
    C_REACH,
    C_SHARED,
    C_SHARED_X,
    CLICK,
    CLICK_HAPPENED,
    CLICK_SHIFT,
    D_CLICKED,
    D_CLICKED_X,
    D_ENGAGED,
    D_ENGAGED_X,
    D_IMPRESSIONS,
    D_SHARED,
    D_SHARED_X,
    DID_CLICK,
    DID_ENGAGE,
    DID_JOIN,
    DID_LEAVE,
    DID_SHARE,
    ENGAGE,
    ENGAGED,
    FLAG_BITS,
    FOLLOWED,
    LEAVE,
    MAY_CLICK,
    MAY_ENGAGE,
    MAY_SHARE,
    N_CLICKS,
    RESHARED,
    S_FOLLOW,
    S_PEER_TRUST,
    S_RESPOND,
    S_TRUST,
    SHARE,
    SHARED,
    TRUST,
)
from sim.randomness import BATCH, BY_AUTHOR, PERSON_BITS, RECOMMENDED, draw_by_many, draw_by_one, unit
from sim.rules import (
    click_probability,
    engage_probability,
    fit_factor,
    fixed,
    persuasion_gain,
    share_probability,
    share_pull,
    unfollow_probability,
)

S_ENGAGED_X, S_ENGAGED, S_SHARED_X, S_SHARED, S_CLICKED_X, S_CLICKED, S_FOLLOWED, S_REACH = range(8)
N_SUMS = 8
"""What is added up over a block: the first six go to the day and to the author as follows."""
SUM_COLUMNS = ((D_ENGAGED_X, C_ENGAGED_X), (D_ENGAGED, C_ENGAGED), (D_SHARED_X, C_SHARED_X), (D_SHARED, C_SHARED),
               (D_CLICKED_X, C_CLICKED_X), (D_CLICKED, C_CLICKED))  # fmt: skip


def respond(
    place: Any, people: Any, follows: Any, regard: Any, posts: Any, blocks: Any, rates: Any, day: int, key: Any,
    seen: Any, seen_by: Any, shown: Any, today: Any, clicks: Any, daily: Any, by_creator: Any,
) -> Any:  # fmt: skip
    """All of today's exposures. Returns the number of table entries added.

    daily: today's row (DAILY); by_creator (creators, BY_CREATOR); seen_by: bits, who has seen a post of which creator.
    """
    coins, trusts, others = (
        np.empty(4 * BATCH, np.uint32), np.empty(4 * BATCH, np.uint32), np.empty(4 * BATCH, np.uint32)
    )  # fmt: skip
    trust, engage, share, click, leave = (
        np.empty(BATCH), np.empty(BATCH), np.empty(BATCH), np.empty(BATCH), np.zeros(BATCH)
    )  # fmt: skip
    sums, added = np.zeros(N_SUMS, np.int64), 0
    for b in range(len(blocks)):
        post, source = posts[blocks[b, 0]], blocks[b, 1]
        for low in range(blocks[b, 2], blocks[b, 3], BATCH):
            n = min(BATCH, blocks[b, 3] - low)
            if post.creator >= 0:
                draw_by_one(shown.person, low, n, 0, place.creators[post.creator].address, S_TRUST, key, trusts)
                sums[S_REACH] += see(seen_by, post.creator, shown.person, low, n)
            if source >= RESHARED:
                draw_by_many(shown.person, shown.shower, low, n, 0, S_PEER_TRUST, key, others)
            trust_all(place.creators, place.segment_trust, people.known, follows.following, regard, post, source, rates,
                      shown, low, n, trusts, others, trust)  # fmt: skip
            draw_by_many(shown.person, shown.shower, low, n, post.address, S_RESPOND, key, coins)
            added += react_all(place.interest, place.product_relevance, people.known, post, source, rates, day, seen,
                               shown, low, n, coins, trust, engage, share, click)  # fmt: skip
            if post.sponsored:
                note_clicks(people.known, post, shown, low, n, trust, click, today, clicks)
            if source == FOLLOWED and post.sponsored:
                draw_by_one(shown.person, low, n, BY_AUTHOR, post.address, S_FOLLOW, key, others)
                leave_all(place.product_relevance, people.known, post, rates, shown, low, n, others, trust, leave)
            if source == ADVISED:
                draw_by_one(shown.person, low, n, RECOMMENDED, post.address, S_FOLLOW, key, others)
                join_all(rates.follow_rate, shown.outcome, low, n, others)
            if post.word != 0:
                take_in_all(place.product_relevance, people.known, post, source, rates, shown, low, n, trust, today)
            count_all(sums, shown.outcome, low, n, engage, share, click, source == FOLLOWED)
            if len(shown.chances) > 0:
                keep_chances(shown.chances, low, n, trust, engage, share, click, leave)
        add_sums(sums, post, source, blocks[b, 3] - blocks[b, 2], daily, by_creator)
    return added


def react_all(
    interest: Any, interest_in_product: Any, known: Any, post: Any, source: int, rates: Any, day: int, seen: Any,
    shown: Any, low: int, n: int, coins: Any, trust: Any, engage: Any, share: Any, click: Any,
) -> int:  # fmt: skip
    """Engage, share and click, each once for a post; chances and outcomes of a stretch. Returns new table entries.

    A follower who just saw a post needs no entry: followers at publication are never recommended it.
    """
    records, showers, outcomes = shown.record, shown.shower, shown.outcome
    added = 0
    for k in range(n):
        person = known[records[low + k]]
        pair = (np.int64(post.uid) << PERSON_BITS) | person.number
        at = slot_of(seen, pair)
        entered = seen[at] != -1
        flags = seen[at] & ((1 << FLAG_BITS) - 1) if entered else 0
        first_hand = source < RESHARED or showers[low + k] == post.person
        relevance = interest[post.voice, person.niche, person.region]
        engage[k], share[k], outcome = react(person, post, first_hand, rates, trust[k], relevance, flags,
                                             unit(coins[BATCH + k]), unit(coins[3 * BATCH + k]))  # fmt: skip
        if post.sponsored:
            of_product = interest_in_product[post.voice, person.niche, person.region]
            click[k], clicked = click_on(post, rates, day, trust[k], of_product, unit(coins[2 * BATCH + k]), flags)
            outcome |= clicked
        flags = flags_after(flags, outcome, day)
        if entered or flags != 0 or source != FOLLOWED:
            seen[at] = (pair << FLAG_BITS) | flags
            added += 0 if entered else 1
        outcomes[low + k] = outcome
    return added


def react(
    person: Any, post: Any, first_hand: bool, rates: Any, trust: float, relevance: float, flags: int, u_engage: float,
    u_share: float,
) -> Any:  # fmt: skip
    """Engage and share, each once for a post: (chance to engage, chance to share, bits of the outcome)."""
    outcome, share = 0, 0.0
    expressiveness = np.float64(person.expressiveness)
    engage = engage_probability(
        rates.engagement_rate, expressiveness, post.quality, trust, rates.trust_reference, relevance,
        rates.ad_aversion, np.float64(person.skepticism), post.aversion,
    )  # fmt: skip
    if flags & ENGAGED == 0:
        outcome |= MAY_ENGAGE
        if u_engage < engage:
            outcome |= DID_ENGAGE
    if flags & SHARED == 0:
        pull = share_pull(post.quality, post.appeal, not first_hand, rates.share_appeal_cap)
        share = share_probability(rates.share_rate, expressiveness, relevance, pull)
        outcome |= MAY_SHARE
        if u_share < share:
            outcome |= DID_SHARE
    return engage, share, outcome


def click_on(post: Any, rates: Any, day: int, trust: float, of_product: float, u: float, flags: int) -> Any:
    """A click on a sponsored post not clicked on an earlier day, counted at most once: (chance or -1, bits)."""
    clicked, outcome = flags >> CLICK_SHIFT, 0
    if clicked != 0 and clicked - 1 < day:
        return -1.0, outcome
    fit = fit_factor(post.fit, rates.fit_floor)
    chance = click_probability(rates.click_rate, trust, rates.trust_reference, of_product, fit, post.click)
    if u < chance:
        outcome |= CLICK_HAPPENED
    if clicked == 0:
        outcome |= MAY_CLICK
        if u < chance:
            outcome |= DID_CLICK
    return chance, outcome


def note_clicks(
    known: Any, post: Any, shown: Any, low: int, n: int, trust: Any, click: Any, today: Any, clicks: Any
) -> None:
    """Possible clicks of prospects, after those of each earlier in the day."""
    records, outcomes, last, clicked, counts = shown.record, shown.outcome, today.last, today.clicked, today.counts
    chances, trusts, offers, discounts, creators, happened, previous = clicks
    for k in range(n):
        person = known[records[low + k]]
        if click[k] < 0.0 or person.prospect < 0:
            continue
        at = counts[N_CLICKS]
        counts[N_CLICKS] += 1
        chances[at] = click[k]
        trusts[at] = trust[k]
        offers[at] = post.offer
        discounts[at] = post.discount
        creators[at] = post.creator
        happened[at] = outcomes[low + k] & CLICK_HAPPENED != 0
        previous[at] = last[person.today]
        last[person.today] = at
        if happened[at]:
            clicked[person.today] = post.creator


def leave_all(
    interest_in_product: Any, known: Any, post: Any, rates: Any, shown: Any, low: int, n: int, coins: Any, trust: Any,
    leave: Any,
) -> None:  # fmt: skip
    """Followers may leave at a sponsored post."""
    records, outcomes = shown.record, shown.outcome
    for k in range(n):
        person = known[records[low + k]]
        of_product = interest_in_product[post.voice, person.niche, person.region]
        leave[k] = unfollow_probability(
            rates.unfollow_rate, post.ad, trust[k], of_product, post.fit, rates.unfollow_shield
        )
        if unit(coins[k]) < leave[k]:
            outcomes[low + k] |= DID_LEAVE


def join_all(follow_rate: float, outcomes: Any, low: int, n: int, coins: Any) -> None:
    """Strangers who engaged may follow."""
    for k in range(n):
        if outcomes[low + k] & DID_ENGAGE != 0 and unit(coins[BATCH + k]) < follow_rate:
            outcomes[low + k] |= DID_JOIN


def flags_after(flags: int, outcome: int, day: int) -> int:
    """What the pair of person and post has done, after this exposure."""
    if outcome & DID_ENGAGE != 0:
        flags |= ENGAGED
    if outcome & DID_SHARE != 0:
        flags |= SHARED
    if outcome & DID_CLICK != 0:
        flags |= (day + 1) << CLICK_SHIFT
    return flags


def take_in_all(
    interest_in_product: Any, known: Any, post: Any, source: int, rates: Any, shown: Any, low: int, n: int, trust: Any,
    today: Any,
) -> None:  # fmt: skip
    """Attitude moved by these exposures, and what peers were seen to say, added to each person's day."""
    records, change, sponsored, good, bad = shown.record, today.change, today.sponsored, today.good, today.bad
    for k in range(n):
        person = known[records[low + k]]
        earlier = person.exposures if post.sponsored else 0.0
        fit = fit_factor(post.fit, rates.fit_floor)
        of_product = interest_in_product[post.voice, person.niche, person.region]
        gain = persuasion_gain(rates.persuasion, trust[k], of_product, fit, post.persuasion, earlier, rates.wear_peak)
        change[person.today] += fixed(gain * post.word)
        if post.sponsored:
            sponsored[person.today] += 1
        if source >= RESHARED:
            if post.word > 0:
                good[person.today] += 1
            else:
                bad[person.today] += 1


def count_all(sums: Any, outcomes: Any, low: int, n: int, engage: Any, share: Any, click: Any, followed: bool) -> None:
    """Add a stretch of exposures to the block's sums."""
    engaged_x, engaged, shared_x, shared, clicked_x, clicked, total = 0, 0, 0, 0, 0, 0, 0
    for k in range(n):
        did, chance = outcomes[low + k], fixed(engage[k])
        total += chance
        if did & MAY_ENGAGE != 0:
            engaged_x += chance
            engaged += 1 if did & DID_ENGAGE != 0 else 0
        if did & MAY_SHARE != 0:
            shared_x += fixed(share[k])
            shared += 1 if did & DID_SHARE != 0 else 0
        if did & MAY_CLICK != 0:
            clicked_x += fixed(click[k])
            clicked += 1 if did & DID_CLICK != 0 else 0
    sums[S_ENGAGED_X] += engaged_x
    sums[S_ENGAGED] += engaged
    sums[S_SHARED_X] += shared_x
    sums[S_SHARED] += shared
    sums[S_CLICKED_X] += clicked_x
    sums[S_CLICKED] += clicked
    sums[S_FOLLOWED] += total if followed else 0


def keep_chances(chances: Any, low: int, n: int, trust: Any, engage: Any, share: Any, click: Any, leave: Any) -> None:
    """For the events of recorded people."""
    for k in range(n):
        chances[low + k, TRUST] = trust[k]
        chances[low + k, ENGAGE] = engage[k]
        chances[low + k, SHARE] = share[k]
        chances[low + k, CLICK] = click[k]
        chances[low + k, LEAVE] = leave[k]


def add_sums(sums: Any, post: Any, source: int, n: int, daily: Any, by_creator: Any) -> None:
    """Add a block's sums to the day, to the post's author and to the post, and clear them."""
    daily[D_IMPRESSIONS + source] += n
    post.engagement_now += sums[S_FOLLOWED]
    for number in range(len(SUM_COLUMNS)):
        daily[SUM_COLUMNS[number][0]] += sums[number]
        if post.creator >= 0:
            by_creator[post.creator, SUM_COLUMNS[number][1]] += sums[number]
    if post.creator >= 0:
        by_creator[post.creator, C_IMPRESSIONS] += n
        by_creator[post.creator, C_FOLLOWED] += n if source == FOLLOWED else 0
        by_creator[post.creator, C_REACH] += sums[S_REACH]
    sums[:] = 0
