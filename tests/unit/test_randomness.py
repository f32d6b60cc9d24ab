"""Philox against its published vectors, and what an address is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.randomness import (
    Stream,
    creator_post_address,
    fixed_hash,
    person_post_address,
    philox,
    society_generator,
    uniforms,
)

VECTORS = [  # (counter, key, output): Random123's kat_vectors for philox4x32-10
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "output"), VECTORS)
def test_philox_gives_the_published_words(counter, key, output):
    words = philox(*(np.array([part], dtype=np.uint64) for part in (*counter, *key)))
    assert tuple(int(word[0]) for word in words) == output


def test_a_draw_is_a_function_of_its_address_alone():
    one = uniforms(1, 2, Stream.RESPOND, person=[5, 6, 7], shower=3, post=9)
    other = uniforms(1, 2, Stream.RESPOND, person=[7, 5], shower=3, post=9)
    for first, second in zip(one, other, strict=True):
        assert first[[2, 0]].tolist() == second.tolist()


@pytest.mark.parametrize(
    "change",
    [{"seed": 2}, {"replicate": 3}, {"stream": Stream.BUY}, {"person": 1}, {"shower": 1}, {"post": 1}, {"day": 1}],
)
def test_every_part_of_the_address_counts(change):
    address = {"seed": 1, "replicate": 2, "stream": Stream.RESPOND, "person": 0, "shower": 0, "post": 0, "day": 0}

    def draw(seed, replicate, stream, **rest):
        return uniforms(seed, replicate, stream, **rest)[0][0]

    assert draw(**address) != draw(**{**address, **change})


def test_uniforms_are_uniform_and_never_0_or_1():
    u = np.concatenate(uniforms(3, 0, Stream.RESPOND, person=np.arange(50_000), post=7))
    assert 0 < u.min() < 1e-4
    assert 1 - 1e-4 < u.max() < 1
    assert stats.kstest(u, "uniform").pvalue > 1e-3


def test_the_four_uniforms_of_a_block_are_uncorrelated():
    columns = np.array(uniforms(3, 0, Stream.RESPOND, person=np.arange(50_000)))
    correlations = np.corrcoef(columns)[np.triu_indices(4, 1)]
    assert np.abs(correlations).max() < 4 / np.sqrt(50_000)


def test_addresses_of_posts_do_not_meet():
    creators = {creator_post_address(f"c{i}", day, n) for i in range(50) for day in range(20) for n in range(2)}
    assert len(creators) == 2000
    assert min(creators) >= 1 << 31
    assert person_post_address((1 << 24) - 1, 127) < 1 << 31


@pytest.mark.parametrize(("person", "ordinal"), [(1 << 24, 0), (0, 128), (-1, 0)])
def test_an_address_that_does_not_fit_is_refused(person, ordinal):
    with pytest.raises(ValueError, match="2\\^24"):
        person_post_address(person, ordinal)


def test_hashes_are_the_same_in_every_process():
    assert fixed_hash("post|anna|0|0|post", bits=31) == 1606831978


def test_a_society_generator_depends_on_seed_and_purpose():
    first, again, seed, purpose = (
        society_generator(*key).random(3).tolist() for key in [(1, "a"), (1, "a"), (2, "a"), (1, "b")]
    )
    assert first == again
    assert first != seed
    assert first != purpose
