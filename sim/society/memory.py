"""The memory that a society and a world need, in bytes, known before they are built.

Names of a given graph, the interpreter and its libraries (about 0.3 GB) come on top.
"""

from __future__ import annotations

COLUMNS = {
    "group": 4, "niche": 2, "region": 2, "activity": 4, "expressiveness": 4, "skepticism": 4, "need": 4, "appetite": 8,
    "owner": 1, "follower_start": 8,
}  # fmt: skip
"""Bytes a person in each array of a society."""
BYTES_PER_TIE = 4


def society_bytes(n_people: int, n_ties: int) -> int:
    """What a society of ``n_people`` keeps, exactly. n_ties: ties in all, or people times ties a person."""
    return sum(COLUMNS.values()) * n_people + COLUMNS["follower_start"] + BYTES_PER_TIE * n_ties


def building_bytes(n_people: int, n_ties: int) -> int:
    """The most that is needed at once while a society is generated, the society included; n_ties: as asked for.

    An upper bound, by a tenth to two thirds above what was measured with 0.5 to 200 ties a person. It can fall short
    where nearly all ties are friendships inside small groups, since many of those are drawn twice and dropped.
    """
    return max(100 * n_people, 60 * n_people + 12 * n_ties)


def world_bytes(n_people: int, n_followers: int) -> int:
    """What a world keeps beside its society, to a few kilobytes. n_followers: followers of all creators together."""
    return 8 * n_people + BYTES_PER_TIE * n_followers


def drawing_bytes(n_people: int) -> int:
    """The most that is needed at once, for a moment, while audiences are drawn, beside what the world keeps."""
    return 20 * n_people


def describing_bytes(n_people: int, n_ties: int) -> int:
    """The most that is needed at once while a world is described, beside it: ties are gone over in pairs."""
    return 60 * n_people + 40 * n_ties
