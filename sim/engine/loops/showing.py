"""Steps 1 and 2 of the day: a post's audience when it goes live, and who is shown what, by whom."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.loops.tables import changes_between, is_set, slot_of
from sim.engine.records import (
    ADVISED,
    D_LOST_SLOTS,
    FLAG_BITS,
    FOLLOWED,
    N_BINS,
    RESHARED,
    S_RESPOND,
    S_SLOT,
    WORD,
    ZERO,
)
from sim.randomness import BATCH, BY_AUTHOR, PERSON_BITS, RECOMMENDED, draw, draw_by_one, unit
from sim.rules import peer_view_probability, viewing_key

# --- 1. publish --------------------------------------------------------------------------------------------


def sort_into_bins(followers: Any, activity: Any, address: int, key: Any, out_people: Any, out_keys: Any) -> Any:
    """Viewing keys of a post's audience, gathered by bin of width 1/N_BINS; keys of 1 and above are never due."""
    keys, words = np.empty(len(followers)), np.empty(4 * BATCH, np.uint32)
    start = np.zeros(N_BINS + 1, np.int64)
    for low in range(0, len(followers), BATCH):
        n = min(BATCH, len(followers) - low)
        draw_by_one(followers, low, n, BY_AUTHOR, address, S_RESPOND, key, words)
        for k in range(n):
            keys[low + k] = viewing_key(unit(words[k]), np.float64(activity[followers[low + k]]))
            if keys[low + k] < 1.0:
                start[int(keys[low + k] * N_BINS) + 1] += 1
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
    place: Any, follows: Any, posts: Any, sharers: Any, rates: Any, day: int, key: Any, seen: Any, bins: Any,
    bin_people: Any, bin_keys: Any, shown: Any, blocks: Any, today: Any,
) -> Any:  # fmt: skip
    """Fill ``shown`` post by post: peers, recommended slots, followers. Returns (exposures, blocks, table entries).

    Each block (post, source, first, end) is a stretch of exposures of one post and one source.
    """
    n, n_blocks, added = ZERO, ZERO, ZERO
    words = np.empty(4 * BATCH, np.uint32)
    for p in range(len(posts)):
        before = n
        n = through_peers(place, posts[p], sharers, rates.peer_reach, key, words, shown, n)
        n_blocks = close_block(blocks, n_blocks, p, RESHARED if posts[p].creator >= 0 else WORD, before, n)
        if posts[p].creator >= 0:
            before = n
            n, lost = to_strangers(place, follows, posts[p], rates.in_niche, day, key, seen, shown, n)
            n_blocks = close_block(blocks, n_blocks, p, ADVISED, before, n)
            today[D_LOST_SLOTS] += lost
            added += n - before
            before = n
            n = to_followers(posts[p], bins, bin_people, bin_keys, shown, n)
            posts[p].shown_now = n - before
            n_blocks = close_block(blocks, n_blocks, p, FOLLOWED, before, n)
    return n, n_blocks, added


def close_block(blocks: Any, n_blocks: int, post: int, source: int, first: int, end: int) -> int:
    """Note the exposures first..end-1, if any; returns how many blocks there are."""
    if end == first:
        return n_blocks
    blocks[n_blocks, 0] = post
    blocks[n_blocks, 1] = source
    blocks[n_blocks, 2] = first
    blocks[n_blocks, 3] = end
    return n_blocks + 1


def through_peers(
    place: Any, post: Any, sharers: Any, peer_reach: float, key: Any, words: Any, shown: Any, n: int
) -> int:
    """Followers of yesterday's sharers (ascending), each by the coin of (follower, sharer, post)."""
    activity, start, followers = place.activity, place.follower_start, place.follower
    for s in range(post.pairs_from, post.pairs_to):
        sharer = sharers[s]
        for low in range(start[sharer], start[sharer + 1], BATCH):
            many = min(BATCH, start[sharer + 1] - low)
            draw_by_one(followers, low, many, sharer, post.address, S_RESPOND, key, words)
            for k in range(many):
                person = followers[low + k]
                sees = peer_view_probability(np.float64(activity[person]), peer_reach)
                if unit(words[k]) < sees and person != post.person:
                    shown.person[n] = person
                    shown.shower[n] = sharer
                    n += 1
    return n


def to_strangers(
    place: Any, follows: Any, post: Any, in_niche: float, day: int, key: Any, seen: Any, shown: Any, n: int
) -> Any:
    """Today's recommended slots: followers at publication, earlier viewers and the author are lost slots, counted."""
    everyone, lost, low, size = len(place.niche_members), ZERO, ZERO, ZERO
    if post.topic >= 0:
        low = place.niche_start[post.topic]
        size = place.niche_start[post.topic + 1] - low
    for slot in range(post.slots_used, post.slots_used + post.slots_today):
        u = draw(slot, 0, post.address, S_SLOT, key)
        if u[0] < in_niche and size > 0:
            person: Any = np.int64(place.niche_members[low + int(u[1] * size)])
        else:
            person = np.int64(u[1] * everyone)
        if person == post.person or followed_at(follows, everyone, post.creator, person, post.published, day):
            lost += 1
            continue
        pair = (np.int64(post.uid) << PERSON_BITS) | person
        at = slot_of(seen, pair)
        if seen[at] != -1:
            lost += 1
            continue
        seen[at] = pair << FLAG_BITS
        shown.person[n] = person
        shown.shower[n] = RECOMMENDED
        n += 1
    return n, lost


def followed_at(follows: Any, n: int, creator: int, person: int, since: int, day: int) -> Any:
    """Whether a person followed a creator at the start of day ``since``, known from today's state and the log."""
    now = is_set(follows.following, creator, person)
    if not is_set(follows.toggled, creator, person):
        return now
    return now != (changes_between(follows.toggles, creator * n + person, since, day) & 1 == 1)


def to_followers(post: Any, bins: Any, bin_people: Any, bin_keys: Any, shown: Any, n: int) -> int:
    """Followers whose viewing key lies in covered_before..covered."""
    before, now = post.covered_before, post.covered
    for b in range(int(before * N_BINS), min(int(now * N_BINS), N_BINS - 1) + 1):
        for at in range(post.audience_at + bins[post.row, b], post.audience_at + bins[post.row, b + 1]):
            if before <= bin_keys[at] < now:
                shown.person[n] = bin_people[at]
                shown.shower[n] = BY_AUTHOR
                n += 1
    return n
