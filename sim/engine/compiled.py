"""The loops of the kernel: steps 2 to 4 of the day over arrays, and the draws they need.

Plain Python functions here; ``kernel.compile_kernel`` compiles them together with the rules they name. They use
only what gives the same bits compiled and interpreted. No order of people, posts or threads enters a result: sums are
whole numbers, and each person's exposures are taken in the order of (post address, shower), as the agents do.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.records import (
    ACTIVE,
    ADVISED,
    BOUGHT,
    C_CLICKED,
    C_CLICKED_X,
    C_ENGAGED,
    C_ENGAGED_X,
    C_IMPRESSIONS,
    C_REACH,
    C_SHARED,
    C_SHARED_X,
    CLICK_HAPPENED,
    CLICK_SHIFT,
    D_CLICKED,
    D_CLICKED_X,
    D_ENGAGED,
    D_ENGAGED_X,
    D_IMPRESSIONS,
    D_LOST_SLOTS,
    D_SHARED,
    D_SHARED_X,
    DAY_LIMIT,
    DID_CLICK,
    DID_ENGAGE,
    DID_JOIN,
    DID_LEAVE,
    DID_SHARE,
    ENGAGED,
    FLAG_BITS,
    FOLLOWED,
    MAY_CLICK,
    MAY_ENGAGE,
    MAY_SHARE,
    N_BINS,
    PERSON_BITS,
    QUIET,
    RESHARED,
    S_BUY,
    S_FOLLOW,
    S_PEER_TRUST,
    S_RESPOND,
    S_SLOT,
    S_TRUST,
    SHARED,
    WORD,
)
from sim.randomness import BY_AUTHOR, RECOMMENDED, draw
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

# --- small tables ------------------------------------------------------------------------------------------


def slot_of(table: Any, pair: int) -> Any:
    """Where a pair's entry (pair·2^14 + flags) stands, or would stand, in a table whose size is a power of two."""
    mask = np.int64(len(table) - 1)
    place = ((pair * np.int64(-7046029254386353131)) >> np.int64(20)) & mask
    while table[place] != -1 and table[place] >> FLAG_BITS != pair:
        place = (place + 1) & mask
    return place


def rehash(table: Any, larger: Any) -> None:
    """Move every entry into a larger table."""
    for entry in table:
        if entry != -1:
            larger[slot_of(larger, entry >> FLAG_BITS)] = entry


def changes_between(toggles: Any, pair: int, since: int, until: int) -> Any:
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


def is_set(bits: Any, row: int, at: int) -> Any:
    """One bit of a table of bits."""
    return (bits[row, at >> 3] >> (at & 7)) & 1 == 1


def followed_at(place: Any, toggles: Any, n: int, creator: int, person: int, since: int, day: int) -> Any:
    """Whether a person followed a creator at the start of day ``since``, known from today's state and the log."""
    changed = changes_between(toggles, creator * n + person, since, day) & 1
    return is_set(place.following, creator, person) != (changed == 1)


# --- 1. publish --------------------------------------------------------------------------------------------


def sort_into_bins(followers: Any, activity: Any, address: int, key: Any, out_people: Any, out_keys: Any) -> Any:
    """Viewing keys of a post's audience, gathered by bin of width 1/N_BINS; keys of 1 and above are never due."""
    keys = np.empty(len(followers))
    start = np.zeros(N_BINS + 1, np.int64)
    for i in range(len(followers)):
        u = draw(followers[i], BY_AUTHOR, address, S_RESPOND, key)[0]
        keys[i] = viewing_key(u, np.float64(activity[followers[i]]))
        if keys[i] < 1.0:
            start[int(keys[i] * N_BINS) + 1] += 1
    for b in range(N_BINS):
        start[b + 1] += start[b]
    free = start[:-1].copy()
    for i in range(len(followers)):
        if keys[i] < 1.0:
            b = int(keys[i] * N_BINS)
            out_people[free[b]] = followers[i]
            out_keys[free[b]] = keys[i]
            free[b] += 1
    return start


# --- 2. deliver --------------------------------------------------------------------------------------------


def deliver(
    place: Any, people: Any, posts: Any, sharers: Any, rates: Any, day: int, key: Any, toggles: Any, seen: Any,
    bins: Any, bin_people: Any, bin_keys: Any, shown: Any, today: Any,
) -> Any:  # fmt: skip
    """Fill ``shown`` post by post: peers, recommended slots, followers. Returns (exposures, table entries added)."""
    n, added = 0, 0
    for p in range(len(posts)):
        n = through_peers(place, people, posts, sharers, rates, key, p, shown, n)
        if posts[p].creator >= 0:
            before = n
            n, lost = to_strangers(place, people, posts, rates, day, key, p, toggles, seen, shown, n)
            today[D_LOST_SLOTS] += lost
            added += n - before
            n = to_followers(place, people, posts, p, bins, bin_people, bin_keys, shown, n)
    return n, added


def open_record(place: Any, people: Any, person: int) -> Any:
    """The first exposure of all opens a person's record; returns its number."""
    at = people.count[0]
    people.count[0] += 1
    people.record[person] = at
    new = people.known[at]
    new.attitude = 0.0
    new.exposures = 0.0
    new.expressiveness = place.expressiveness[person]
    new.skepticism = place.skepticism[person]
    new.need = place.need[person]
    new.good = place.owners_followed[person]
    new.bad = 0
    new.last_click = -1
    new.last = -1
    new.number = person
    new.niche = place.niche[person]
    new.region = place.region[person]
    new.updated = 0
    new.reached = 0
    return at


def link(exposure: Any, person: Any, record: int, n: int, post: int, shower: int, source: int) -> Any:
    """Write exposure number n as the last of the person's list; returns the one before, or -1."""
    earlier = person.last
    exposure.person = person.number
    exposure.record = record
    exposure.post = post
    exposure.shower = shower
    exposure.source = source
    exposure.next = -1
    exposure.previous = earlier
    person.last = n
    return earlier


def through_peers(
    place: Any, people: Any, posts: Any, sharers: Any, rates: Any, key: Any, p: int, shown: Any, n: int
) -> Any:
    """Followers of yesterday's sharers (ascending), each by the coin of (follower, sharer, post)."""
    known, records, activity = people.known, people.record, place.activity
    start, followers = place.follower_start, place.follower
    post = posts[p]
    source = RESHARED if post.creator >= 0 else WORD
    for s in range(post.pairs_from, post.pairs_to):
        sharer = sharers[s]
        for at in range(start[sharer], start[sharer + 1]):
            person = followers[at]
            if person == post.person:
                continue
            u = draw(person, sharer, post.address, S_RESPOND, key)[0]
            if u < peer_view_probability(np.float64(activity[person]), rates.peer_reach):
                record = records[person]
                if record < 0:
                    record = open_record(place, people, person)
                earlier = link(shown[n], known[record], record, n, p, sharer, source)
                if earlier >= 0:
                    shown[earlier].next = n
                n += 1
    return n


def to_strangers(
    place: Any, people: Any, posts: Any, rates: Any, day: int, key: Any, p: int, toggles: Any, seen: Any,
    shown: Any, n: int,
) -> Any:  # fmt: skip
    """Today's recommended slots: followers at publication, earlier viewers and the author are lost slots, counted."""
    post, everyone, lost = posts[p], len(place.niche), 0
    low, size = 0, 0
    if post.topic >= 0:
        low = place.niche_start[post.topic]
        size = place.niche_start[post.topic + 1] - low
    for slot in range(post.slots_used, post.slots_used + post.slots_today):
        u = draw(slot, 0, post.address, S_SLOT, key)
        if u[0] < rates.in_niche and size > 0:
            person = place.niche_members[low + int(u[1] * size)]
        else:
            person = int(u[1] * everyone)
        if person == post.person or followed_at(place, toggles, everyone, post.creator, person, post.published, day):
            lost += 1
            continue
        pair = (np.int64(post.uid) << PERSON_BITS) | person
        at = slot_of(seen, pair)
        if seen[at] != -1:
            lost += 1
            continue
        seen[at] = pair << FLAG_BITS
        record = people.record[person]
        if record < 0:
            record = open_record(place, people, person)
        earlier = link(shown[n], people.known[record], record, n, p, RECOMMENDED, ADVISED)
        if earlier >= 0:
            shown[earlier].next = n
        n += 1
    return n, lost


def to_followers(
    place: Any, people: Any, posts: Any, p: int, bins: Any, bin_people: Any, bin_keys: Any, shown: Any, n: int
) -> Any:
    """Followers whose viewing key lies in covered_before..covered."""
    known, records = people.known, people.record
    post = posts[p]
    before, now, count = post.covered_before, post.covered, n
    for b in range(int(before * N_BINS), min(int(now * N_BINS), N_BINS - 1) + 1):
        for at in range(post.audience_at + bins[post.row, b], post.audience_at + bins[post.row, b + 1]):
            if before <= bin_keys[at] < now:
                record = records[bin_people[at]]
                if record < 0:
                    record = open_record(place, people, bin_people[at])
                earlier = link(shown[n], known[record], record, n, p, BY_AUTHOR, FOLLOWED)
                if earlier >= 0:
                    shown[earlier].next = n
                n += 1
    post.shown_now = n - count
    return n


# --- 3. respond --------------------------------------------------------------------------------------------


def respond(
    place: Any, known: Any, standing: Any, posts: Any, rates: Any, day: int, key: Any, seen: Any, shown: Any,
    reached: Any, by_niche: Any, by_region: Any,
) -> Any:  # fmt: skip
    """Each exposed person decides on today's exposures in order. Returns the number of table entries added.

    A follower who just saw a post needs no entry: followers at publication are never recommended it.
    reached (4), by_niche, by_region: people reached for the first time, by source and place.
    """
    creators, following = place.creators, place.following
    interest, interest_in_product = place.interest, place.product_relevance
    added = 0
    for first in range(len(shown)):
        sums = shown[first]
        if sums.previous >= 0:
            continue
        person = known[sums.record]
        catch_up(person, rates, day)
        start_day(sums)
        if person.reached == 0:
            person.reached = 1
            reached[first_source(shown, first)] += 1
            by_niche[person.niche] += 1
            by_region[person.region] += 1
            if standing[person.number] == QUIET:
                standing[person.number] = ACTIVE
        e = first
        while e >= 0:
            exposure = shown[e]
            post = posts[exposure.post]
            pair = (np.int64(post.uid) << PERSON_BITS) | person.number
            at = slot_of(seen, pair)
            entered = seen[at] != -1
            flags = seen[at] & ((1 << FLAG_BITS) - 1) if entered else 0
            mean, address, creator = rates.trust_floor, 0, post.creator
            if creator >= 0:
                address = creators[creator].address
                if (following[creator, person.number >> 3] >> (person.number & 7)) & 1 == 1:
                    mean = creators[creator].trust
            relevance, product_relevance = interest[post.topic, person.niche], interest_in_product[person.niche]
            flags = decide(
                person, post, rates, day, key, exposure, sums, flags, mean, address, relevance, product_relevance
            )
            if entered or flags != 0 or exposure.source != FOLLOWED:
                seen[at] = (pair << FLAG_BITS) | flags
                added += 0 if entered else 1
            e = exposure.next
    return added


def start_day(sums: Any) -> None:
    """Clear the sums of a person's day, kept at their first exposure."""
    sums.change = 0
    sums.n_sponsored = 0
    sums.n_good = 0
    sums.n_bad = 0


def catch_up(person: Any, rates: Any, day: int) -> None:
    """Fade attitude and exposure count over the nights since they were last looked at."""
    nights = day - person.updated
    if nights > 0:
        person.attitude = faded(person.attitude, rates.attitude_memory, nights)
        person.exposures = faded(person.exposures, rates.exposure_memory, nights)
        person.updated = day


def first_source(shown: Any, first: int) -> Any:
    """The smallest source among a person's exposures of today."""
    source, e = shown[first].source, shown[first].next
    while e >= 0:
        source = min(source, shown[e].source)
        e = shown[e].next
    return source


def decide(
    person: Any, post: Any, rates: Any, day: int, key: Any, exposure: Any, sums: Any, flags: int, mean_trust: float,
    author_address: int, relevance: float, product_relevance: float,
) -> int:  # fmt: skip
    """One exposure: engagement, share, click, unfollow, follow, attitude. Returns the pair's flags.

    mean_trust: what a person of this standing (follower or not) trusts the author. Sums are made by ``tally``.
    """
    exposure.trust = trust_in(post, rates, key, exposure, mean_trust, author_address)
    coins = draw(exposure.person, exposure.shower, post.address, S_RESPOND, key)
    expressiveness = np.float64(person.expressiveness)
    outcome = 0

    exposure.engage = engage_probability(
        rates.engagement_rate, expressiveness, post.quality, exposure.trust, rates.trust_reference, relevance,
        rates.ad_aversion, np.float64(person.skepticism), post.ad,
    )  # fmt: skip
    if flags & ENGAGED == 0:
        outcome |= MAY_ENGAGE
        if coins[1] < exposure.engage:
            flags |= ENGAGED
            outcome |= DID_ENGAGE

    if flags & SHARED == 0:
        from_sharer = exposure.source >= RESHARED and exposure.shower != post.person
        pull = share_pull(post.quality, post.appeal, from_sharer, rates.share_appeal_cap)
        exposure.share = share_probability(rates.share_rate, expressiveness, relevance, pull)
        outcome |= MAY_SHARE
        if coins[3] < exposure.share:
            flags |= SHARED
            outcome |= DID_SHARE

    exposure.click = -1.0
    if post.sponsored:
        outcome |= click(post, rates, day, exposure, product_relevance, coins[2], flags)
        if outcome & DID_CLICK != 0:
            flags |= (day + 1) << CLICK_SHIFT
        if exposure.source == FOLLOWED:
            outcome |= leave(post, rates, key, exposure, product_relevance)
    if outcome & DID_ENGAGE != 0 and exposure.source == ADVISED:
        u = draw(exposure.person, exposure.shower, post.address, S_FOLLOW, key)[1]
        outcome |= DID_JOIN if u < rates.follow_rate else 0
    if post.word != 0:
        take_in(person, post, rates, exposure, product_relevance, sums)
    exposure.outcome = outcome
    return flags


def trust_in(post: Any, rates: Any, key: Any, exposure: Any, mean: float, author_address: int) -> float:
    """Trust in one exposure: in the author, or in the better of author and peer."""
    in_author = 0.0
    if post.creator >= 0:
        u = draw(exposure.person, 0, author_address, S_TRUST, key)[0]
        in_author = personal_trust(mean, u, rates.trust_noise)
        if exposure.source < RESHARED:
            return in_author
    u = draw(exposure.person, exposure.shower, 0, S_PEER_TRUST, key)[0]
    in_peer = personal_trust(rates.peer_trust, u, rates.trust_noise)
    if post.creator < 0 and exposure.shower == post.person:
        return in_peer
    return reshared_trust(in_author, in_peer, rates.endorsement)


def click(post: Any, rates: Any, day: int, exposure: Any, product_relevance: float, u: float, flags: int) -> int:
    """A click on a sponsored post not clicked on an earlier day, counted at most once: bits of the outcome."""
    clicked, outcome = flags >> CLICK_SHIFT, 0
    if clicked != 0 and clicked - 1 < day:
        return outcome
    fit = fit_factor(post.fit, rates.fit_floor)
    exposure.click = click_probability(rates.click_rate, exposure.trust, rates.trust_reference, product_relevance, fit)
    happened = u < exposure.click
    if happened:
        outcome |= CLICK_HAPPENED
    if clicked == 0:
        outcome |= MAY_CLICK
        if happened:
            outcome |= DID_CLICK
    return outcome


def leave(post: Any, rates: Any, key: Any, exposure: Any, product_relevance: float) -> int:
    """A follower may leave at a sponsored post: DID_LEAVE or 0."""
    exposure.leave = unfollow_probability(
        rates.unfollow_rate, post.ad, exposure.trust, product_relevance, post.fit, rates.unfollow_shield
    )
    u = draw(exposure.person, exposure.shower, post.address, S_FOLLOW, key)[0]
    return DID_LEAVE if u < exposure.leave else 0


def take_in(person: Any, post: Any, rates: Any, exposure: Any, product_relevance: float, sums: Any) -> None:
    """Attitude moved by this exposure, and what peers were seen to say, added to the person's day."""
    earlier = person.exposures if post.sponsored else 0.0
    fit = fit_factor(post.fit, rates.fit_floor)
    gain = persuasion_gain(rates.persuasion, exposure.trust, product_relevance, fit, earlier, rates.wear_peak)
    sums.change += fixed(gain * post.word)
    if post.sponsored:
        sums.n_sponsored += 1
    if exposure.source >= RESHARED:
        if post.word > 0:
            sums.n_good += 1
        else:
            sums.n_bad += 1


def tally(posts: Any, shown: Any, today: Any, by_creator: Any, seen_by: Any) -> None:
    """Add up the day's exposures: today (DAILY), by_creator (creators, BY_CREATOR); seen_by: bits by creator."""
    unused = np.zeros(by_creator.shape[1], np.int64)
    for e in range(len(shown)):
        exposure = shown[e]
        post, did = posts[exposure.post], exposure.outcome
        today[D_IMPRESSIONS + exposure.source] += 1
        theirs = unused
        if post.creator >= 0:
            theirs = by_creator[post.creator]
            bit = np.uint8(1 << (exposure.person & 7))
            if seen_by[post.creator, exposure.person >> 3] & bit == 0:
                seen_by[post.creator, exposure.person >> 3] |= bit
                theirs[C_REACH] += 1
            if exposure.source == FOLLOWED:
                post.engagement_now += fixed(exposure.engage)
        theirs[C_IMPRESSIONS] += 1
        if did & MAY_ENGAGE != 0:
            add(today, theirs, D_ENGAGED_X, C_ENGAGED_X, fixed(exposure.engage))
            add(today, theirs, D_ENGAGED, C_ENGAGED, 1 if did & DID_ENGAGE != 0 else 0)
        if did & MAY_SHARE != 0:
            add(today, theirs, D_SHARED_X, C_SHARED_X, fixed(exposure.share))
            add(today, theirs, D_SHARED, C_SHARED, 1 if did & DID_SHARE != 0 else 0)
        if did & MAY_CLICK != 0:
            add(today, theirs, D_CLICKED_X, C_CLICKED_X, fixed(exposure.click))
            add(today, theirs, D_CLICKED, C_CLICKED, 1 if did & DID_CLICK != 0 else 0)


def add(today: Any, theirs: Any, column: int, creator_column: int, amount: int) -> None:
    """Add to the day's column and to the creator's total."""
    today[column] += amount
    theirs[creator_column] += amount


# --- 4. buy ------------------------------------------------------------------------------------------------


def buy(
    known: Any, standing: Any, posts: Any, rates: Any, day: int, key: Any, active: Any, low: int, high: int, shown: Any,
    price_factor: float, sums: Any, sold: Any, sold_fixed: Any, by_niche: Any, by_region: Any,
) -> int:  # fmt: skip
    """Active prospects low..high visit and buy or not. Returns how many bought; ``sold`` lists (person, creator or -1).

    sums: [expected, halo]; sold_fixed: expected orders by creator; all fixed-point. Threads have their own of each.
    """
    n_sold = 0
    for at in range(low, high):
        person = known[active[at]]
        catch_up(person, rates, day)
        base = purchase_base(rates.conversion_rate, np.float64(person.need), rates.attitude_effect, person.attitude,
                             price_factor, proof_of(rates, person.good, person.bad))  # fmt: skip
        expected, no_click, clicked, at_stake = 0, 1.0, -1, 1.0
        if person.last >= 0:
            expected, no_click, clicked, at_stake = after_clicks(posts, rates, person.last, shown, base, sold_fixed)
        visit = visit_probability(rates.base_visit, rates.visit_rate, person.attitude)
        unclicked = purchase_probability(base, 1.0)
        amount = fixed(no_click * visit * unclicked)
        if person.last_click >= 0:
            sold_fixed[person.last_click] += amount
        else:
            sums[1] += amount
        expected += amount
        sums[0] += expected
        by_niche[person.niche] += expected
        by_region[person.region] += expected
        u = draw(person.number, 0, 0, S_BUY + day, key)
        if clicked >= 0:
            bought = u[1] < purchase_probability(base, at_stake)
        else:
            bought = u[0] < visit and u[1] < unclicked
        if bought:
            standing[person.number] = BOUGHT
            sold[n_sold, 0] = person.number
            sold[n_sold, 1] = clicked if clicked >= 0 else person.last_click
            n_sold += 1
    return n_sold


def proof_of(rates: Any, good: int, bad: int) -> float:
    """What reports seen from peers make of conversion."""
    return proof_factor(np.float64(good), np.float64(bad), rates.social_proof, rates.social_proof_half, rates.bad_word,
                        rates.bad_word_half)  # fmt: skip


def quiet_purchase(place: Any, rates: Any, person: int, price_factor: float) -> float:
    """A quiet person buys given a visit: attitude 0, no click, the owners they follow their only proof."""
    proof = proof_of(rates, place.owners_followed[person], 0)
    base = purchase_base(
        rates.conversion_rate, np.float64(place.need[person]), rates.attitude_effect, 0.0, price_factor, proof
    )
    return purchase_probability(base, 1.0)


def add_quiet(
    place: Any, rates: Any, people: Any, sign: int, price_factor: float, by_niche: Any, by_region: Any
) -> int:
    """Add (sign 1) or take away (-1) what these quiet people bring a day, by niche and region; returns the sum."""
    total = 0
    visit = visit_probability(rates.base_visit, rates.visit_rate, 0.0)
    for i in people:
        amount = sign * fixed(visit * quiet_purchase(place, rates, i, price_factor))
        total += amount
        by_niche[place.niche[i]] += amount
        by_region[place.region[i]] += amount
    return total


def buy_quiet(
    place: Any, standing: Any, rates: Any, day: int, key: Any, quiet: Any, low: int, high: int, price_factor: float,
    sold: Any,
) -> int:  # fmt: skip
    """Quiet prospects low..high visit and buy or not, by the same coins; their expected orders are summed elsewhere."""
    visit = visit_probability(rates.base_visit, rates.visit_rate, 0.0)
    n_sold = 0
    for at in range(low, high):
        i = quiet[at]
        u = draw(i, 0, 0, S_BUY + day, key)
        if u[0] < visit and u[1] < quiet_purchase(place, rates, i, price_factor):
            standing[i] = BOUGHT
            sold[n_sold, 0] = i
            sold[n_sold, 1] = -1
            n_sold += 1
    return n_sold


def after_clicks(posts: Any, rates: Any, e: int, shown: Any, base: float, sold_fixed: Any) -> Any:
    """Clicks of today from last to first: (expected orders, chance of no click, creator or -1, trust factor)."""
    expected, no_click, clicked, at_stake = 0, 1.0, -1, 1.0
    while e >= 0:
        exposure = shown[e]
        if exposure.click >= 0.0:
            creator = posts[exposure.post].creator
            trust = trust_factor(exposure.trust, rates.trust_reference, rates.trust_on_purchase)
            amount = fixed(no_click * exposure.click * purchase_probability(base, trust))
            expected += amount
            sold_fixed[creator] += amount
            no_click = product_of_misses(no_click, exposure.click)
            if clicked < 0 and exposure.outcome & CLICK_HAPPENED != 0:
                clicked, at_stake = creator, trust
        e = exposure.previous
    return expected, no_click, clicked, at_stake


# --- 6. learn ----------------------------------------------------------------------------------------------


def settle(known: Any, posts: Any, shown: Any) -> None:
    """Apply the day to each exposed person and forget the day's lists."""
    for first in range(len(shown)):
        sums = shown[first]
        if sums.previous >= 0:
            continue
        person = known[sums.record]
        person.attitude = moved_attitude(person.attitude, from_fixed(sums.change))
        person.exposures += sums.n_sponsored
        person.good += sums.n_good
        person.bad += sums.n_bad
        e = person.last
        while e >= 0:
            if shown[e].outcome & CLICK_HAPPENED != 0:
                person.last_click = posts[shown[e].post].creator
                break
            e = shown[e].previous
        person.last = -1


def attitude_of_reached(known: Any, rates: Any, day: int) -> int:
    """Fixed-point sum of attitude over the people reached, at the start of ``day``."""
    total = 0
    for i in range(len(known)):
        catch_up(known[i], rates, day)
        total += fixed(known[i].attitude)
    return total
