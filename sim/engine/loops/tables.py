"""Small tables: what a pair of post and person has done, and who followed whom when."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.records import DAY_LIMIT, FLAG_BITS


def first_slot(pair: int, mask: Any) -> Any:
    """Where the search for a pair begins in a table whose size is mask + 1, a power of two."""
    return ((pair * np.int64(-7046029254386353131)) >> np.int64(20)) & mask


def slot_of(table: Any, pair: int) -> Any:
    """Where a pair's entry (pair·2^14 + flags) stands, or would stand, in the table."""
    mask = np.int64(len(table) - 1)
    place = first_slot(pair, mask)
    while table[place] != -1 and table[place] >> FLAG_BITS != pair:
        place = (place + 1) & mask
    return place


def rehash(table: Any, larger: Any) -> None:
    """Move every entry into a larger table."""
    for entry in table:
        if entry != -1:
            larger[slot_of(larger, entry >> FLAG_BITS)] = entry


def is_set(bits: Any, row: int, at: int) -> Any:
    """One bit of a table of bits."""
    return (bits[row, at >> 3] >> (at & 7)) & 1 == 1


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


def changes_between(toggles: Any, pair: int, since: int, until: int) -> Any:
    """Follows and unfollows of one (creator, person) pair on days since..until-1 (sorted log of pair·4096 + day)."""
    return first_at_least(toggles, pair * DAY_LIMIT + until) - first_at_least(toggles, pair * DAY_LIMIT + since)
