"""Addressed randomness: a draw is a function of its address, never of what was drawn before.

Philox4x32-10 (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
Key = (seed, replicate). Counter = (person, shower, post, stream·2^16 + day). Each block gives four
uniforms. This is the only file of the project that draws.

The same ``philox`` works on numpy uint64 arrays (interpreted) and on uint64 scalars (compiled by numba):
only 64-bit integer operations, so both give the same bits.
"""

from __future__ import annotations

import hashlib
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]

BY_AUTHOR = 0xFFFFFFFF
"""Shower of an exposure that the author's own post made."""
RECOMMENDED = 0xFFFFFFFE
"""Shower of an exposure made by a recommended slot."""

_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_TO_UNIT = 1.0 / 4294967296.0
CHUNK = 8192
"""Addresses drawn at a time: few enough for the processor's cache."""
BATCH = 512
"""Draws made together by compiled loops."""


class Stream(IntEnum):
    """What a draw is for. A stream's number is part of every address: never renumber one."""

    RESPOND = 0  # (person, shower, post): see, engage, click, share
    BUY = 1  # (person), day: visit, buy
    TALK = 2  # (person): talk, satisfied
    FOLLOW = 3  # (person, shower, post): unfollow, follow
    SLOT = 4  # (slot, -, post): niche or anyone, which person
    APPEAL = 5  # (-, -, post): appeal of the post
    AUDIENCE = 6  # (person, -, creator): follows or not
    CLUMP = 7  # (group, -, creator): how much a group likes a creator
    TRUST = 8  # (person, -, creator): noise of trust in a creator
    PEER_TRUST = 9  # (person, peer): noise of trust in a peer
    CREATOR = 10  # (-, -, creator): quality, price noise, fake share
    SOCIETY = 11  # (purpose): seed of the generator that builds a society
    CASCADE = 12  # (person, peer), day = purpose: threshold, seeds, gaps, reverse sets (classic models only)
    GROWTH = 13  # (slot, -, creator): niche or anyone, which person
    SEEDING = 14  # (person): who is given the product
    AGAIN = 15  # (person), day: buys once more
    SEGMENT = 16  # (person), key = world seed: segment
    PERMUTATION = 17  # (group, permutation): order in which groups of mechanisms are switched on (studies only)
    SELECTION = 18  # (creator, set): order in which a random set of creators is booked (studies only)
    DESIGN = 19  # (point, -, axis): stratum of a Latin hypercube's point, place in it; steps, shifts (studies only)
    OBSERVATION = 20  # (-, -, campaign): counts of engagements, clicks, orders that are observed (studies only)


def stream_day(stream: Stream, day: int = 0) -> int:
    """The part of an address that says what a draw is for and on which day: stream·2^16 + day."""
    return (int(stream) << 16) + day


def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> tuple[Any, Any, Any, Any]:
    """One Philox4x32-10 block: four 32-bit words, each held in a uint64 (scalar or array)."""
    for _ in range(10):
        p0 = _MULTIPLIER_0 * c0
        p1 = _MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (p1 >> _HALF) ^ c1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ c3 ^ k1, p0 & _LOW
        k0 = (k0 + _WEYL_0) & _LOW
        k1 = (k1 + _WEYL_1) & _LOW
    return c0, c1, c2, c3


def unit(word: Any) -> Any:
    """A 32-bit word as a uniform in (0, 1): (word + 1/2) / 2^32, so never 0 and never 1."""
    return (word + 0.5) * _TO_UNIT


def draw(person: int, shower: int, post: int, stream_day: int, key: Any) -> Any:
    """Four uniforms of one address, for compiled loops; key: (seed, replicate), stream_day: stream·2^16 + day."""
    words = philox(np.uint64(person), np.uint64(shower), np.uint64(post), np.uint64(stream_day), key[0], key[1])
    return unit(words[0]), unit(words[1]), unit(words[2]), unit(words[3])


def draw_by_one(people: Any, first: int, n: int, shower: int, post: int, stream_day: int, key: Any, words: Any) -> None:
    """The words of people[first], …, people[first + n - 1] with one shower, for compiled loops; n is at most BATCH.

    words: shape (4·BATCH,), word j of person k at j·BATCH + k. The masks let the compiler know that no word has more
    than 32 bits, and the one array that rows do not overlap, so that it makes several blocks at a time.
    """
    k0, k1, c1 = key[0] & _LOW, key[1] & _LOW, np.uint64(shower) & _LOW
    c2, c3 = np.uint64(post) & _LOW, np.uint64(stream_day) & _LOW
    for k in range(n):
        w0, w1, w2, w3 = philox(np.uint64(people[np.uint64(first + k)]) & _LOW, c1, c2, c3, k0, k1)
        words[k] = w0
        words[BATCH + k] = w1
        words[2 * BATCH + k] = w2
        words[3 * BATCH + k] = w3


def draw_by_many(
    people: Any, showers: Any, first: int, n: int, post: int, stream_day: int, key: Any, words: Any
) -> None:
    """The same with a shower for each of the people."""
    k0, k1 = key[0] & _LOW, key[1] & _LOW
    c2, c3 = np.uint64(post) & _LOW, np.uint64(stream_day) & _LOW
    for k in range(n):
        c0, c1 = np.uint64(people[np.uint64(first + k)]) & _LOW, np.uint64(showers[np.uint64(first + k)]) & _LOW
        w0, w1, w2, w3 = philox(c0, c1, c2, c3, k0, k1)
        words[k] = w0
        words[BATCH + k] = w1
        words[2 * BATCH + k] = w2
        words[3 * BATCH + k] = w3


def draw_in_order(first: int, stream_day: int, post: int, key: Any, u: Any) -> None:
    """A uniform of each of the people first, first + 1, … into ``u``, for compiled loops."""
    c2, c3 = np.uint64(post) & _LOW, np.uint64(stream_day) & _LOW
    k0, k1 = key[0] & _LOW, key[1] & _LOW
    for k in range(len(u)):
        u[k] = unit(philox(np.uint64(first + k) & _LOW, np.uint64(0), c2, c3, k0, k1)[0])


def uniforms(
    seed: int,
    replicate: int,
    stream: Stream,
    *,
    person: ArrayLike = 0,
    shower: ArrayLike = 0,
    post: ArrayLike = 0,
    day: int = 0,
) -> tuple[Array, Array, Array, Array]:
    """Four uniforms for each address.

    The address parts are scalars or of shape (n,). Returns four float64 arrays of shape (n,), values in (0, 1).
    """
    parts = np.broadcast_arrays(*(np.atleast_1d(np.asarray(part)) for part in (person, shower, post)))
    drawn = np.empty((4, parts[0].size))
    for low in range(0, parts[0].size, CHUNK):
        chunk = slice(low, low + CHUNK)
        words = _words(seed, replicate, stream, parts[0][chunk], parts[1][chunk], parts[2][chunk], day)
        for row, word in zip(drawn, words, strict=True):
            row[chunk] = unit(word)
    return drawn[0], drawn[1], drawn[2], drawn[3]


def _words(
    seed: int, replicate: int, stream: Stream, person: ArrayLike, shower: ArrayLike, post: ArrayLike, day: int
) -> tuple[Array, Array, Array, Array]:
    c0, c1, c2 = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(part)).astype(np.uint64) for part in (person, shower, post))
    )
    c3 = np.full(c0.shape, stream_day(stream, day), dtype=np.uint64)
    k0, k1 = (np.uint64(int(key) & 0xFFFFFFFF) for key in (seed, replicate))
    return philox(c0, c1, c2, c3, np.full(c0.shape, k0), np.full(c0.shape, k1))


def society_generator(world_seed: int, purpose: str) -> np.random.Generator:
    """A numpy Generator for building a society: a function of (world seed, purpose) only."""
    words = _words(world_seed, 0, Stream.SOCIETY, fixed_hash(purpose, bits=32), 0, 0, 0)
    return np.random.Generator(np.random.Philox(key=[int(words[0][0]), int(words[1][0])]))


def fixed_hash(text: str, *, bits: int) -> int:
    """A hash of ``text`` that is the same in every process and on every machine."""
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "little") & ((1 << bits) - 1)


def creator_address(handle: str) -> int:
    """The 32-bit address of a creator: a hash of the handle, never a position in a roster."""
    return fixed_hash(f"creator|{handle}", bits=32)


def creator_post_address(handle: str, day: int, ordinal: int, kind: str = "post") -> int:
    """The address of a creator's post: 2^31 + 31 bits of a hash of what the post is."""
    return (1 << 31) + fixed_hash(f"post|{handle}|{day}|{ordinal}|{kind}", bits=31)


PERSON_BITS = 24
"""Bits of a person's number."""


def person_post_address(person: int, ordinal: int) -> int:
    """The address of a person's post: ordinal·2^24 + author, below 2^31.

    Raises ValueError beyond 16,777,216 people or 127 posts a person.
    """
    if not (0 <= person < 1 << PERSON_BITS and 0 <= ordinal < 128):
        raise ValueError("a person's post needs person < 2^24 and ordinal < 128")
    return (ordinal << PERSON_BITS) + person


def post_ordinal(address: Any) -> Any:
    """The inverse of ``person_post_address``: which of a person's posts an address is (scalar or array)."""
    return address >> PERSON_BITS
