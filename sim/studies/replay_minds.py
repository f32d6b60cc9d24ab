"""What a run does not record of a person, worked out again from what it does: attitude, and the chance to buy.

The recorded exposures, with the trust in each, go through the same rules as in the run (steps 3, 4 and 6 of the
day), so the bits are the same: over everybody, the chances of a day add up to the run's expected orders.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import rules
from sim.engine.campaign import Campaign
from sim.engine.posts import BAD, GOOD, NO_CREATOR, SEED_ORDINAL
from sim.parameters import Rates
from sim.randomness import BY_AUTHOR, PERSON_BITS, RECOMMENDED, Stream, post_ordinal, uniforms
from sim.record import Event
from sim.society.relevance import NO_LANGUAGE
from sim.society.world import World

CREATORS_FROM = 1 << 31
"""Addresses from here on are creators' posts (see ``randomness``)."""
SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")


@dataclass(frozen=True)
class Mind:
    """One person in one run.

    attitude: (day, attitude at its end) on the days on which anything was seen. chance: (days,) the probability to buy
    on each day, in 2^-32; 0 for those not in the market, and once the product was bought or given. alone: the same on
    any day for somebody who was never shown anything.
    """

    attitude: tuple[tuple[int, float], ...]
    chance: NDArray[np.int64]
    alone: int


class Told(NamedTuple):
    """What a post says: creator (or -1) or person, word about the brand, and the terms that move people."""

    creator: int
    person: int
    word: int
    sponsored: bool
    voice: int
    fit: float = 1.0
    click: float = 1.0
    persuasion: float = 1.0
    offer: float = 1.0


def posts_told(
    world: World, campaign: Campaign, seed: int, replicate: int, addresses: Sequence[int]
) -> dict[int, Told]:
    """The posts of these addresses, by address."""
    listed = {post.address: post for post in campaign.posts}
    seeded = {one.person: one.word for one in campaign.seeds}
    told = {}
    for address in sorted(set(addresses)):
        if address >= CREATORS_FROM:
            post = listed[address]
            voice = world.voice(int(world.niche[post.creator]), int(world.language[post.creator]))
            told[address] = Told(post.creator, -1, GOOD * post.sponsored, post.sponsored, voice, post.fit, post.click,
                                 post.persuasion, post.offer)  # fmt: skip
            continue
        person = address & ((1 << PERSON_BITS) - 1)
        if post_ordinal(address) == SEED_ORDINAL:
            topic, word = int(world.society.niche[person]), seeded[person]
        else:
            glad = uniforms(seed, replicate, Stream.TALK, person=person)[1][0] < campaign.product_quality
            topic, word = campaign.product_niche, GOOD if glad else BAD
        told[address] = Told(NO_CREATOR, person, word, False, world.voice(topic, NO_LANGUAGE))
    return told


def minds(
    world: World, campaign: Campaign, rates: Rates, told: dict[int, Told], events: NDArray[Any], people: Sequence[int]
) -> list[Mind]:
    """One for each of the people, whose events these are."""
    given = {one.person: one.day for one in campaign.given}
    bought = {int(row["person"]): int(row["day"]) for row in events[events["kind"] == Event.BUY]}
    seen = events[np.isin(events["kind"], (Event.SEE, Event.CLICK))]
    seen = seen[np.argsort(seen["person"], kind="stable")]
    lows, highs = (np.searchsorted(seen["person"], people, side).tolist() for side in SIDES)
    found = []
    for person, low, high in zip(people, lows, highs, strict=True):
        last = min(given.get(person, campaign.days) - 1, bought.get(person, campaign.days))
        found.append(_Follower(world, campaign, rates, told, person).live(seen[low:high].tolist(), last))
    return found


class _Follower:
    """A person whose days are gone through once more (see ``engine.agents.Follower``)."""

    def __init__(self, world: World, campaign: Campaign, rates: Rates, told: dict[int, Told], person: int) -> None:
        society = world.society
        self._campaign, self._rates, self._told = campaign, rates, told
        interests = world.interests[1][:, society.niche[person], society.region[person]]
        self._product_relevance = interests.tolist()
        self._need = float(world.need[person])
        self._attitude = self._exposures = 0.0
        self._good, self._bad = int(world.owners_followed[person]), 0
        self._clicked: dict[int, int] = {}

    def live(self, rows: list[Any], last: int) -> Mind:
        """All days. rows: what was seen and clicked, in the run's order; last: the last day in the market."""
        attitudes, chance = [], np.zeros(self._campaign.days, np.int64)
        days = {day: list(group) for day, group in groupby(rows, key=lambda row: int(row[0]))}
        first = min(days, default=self._campaign.days)
        alone = self._chance([]) if self._need > 0.0 else 0
        chance[: min(first, last + 1)] = alone
        for day in range(first, self._campaign.days):
            if day > first:
                self._attitude = rules.faded(self._attitude, self._rates.attitude_memory, 1)
                self._exposures = rules.faded(self._exposures, self._rates.exposure_memory, 1)
            shown = days.get(day, [])
            clicks = list(self._clicks(shown)) if shown else []
            if self._need > 0.0 and day <= last:
                chance[day] = self._chance(clicks)
            if shown:
                self._settle(shown)
                attitudes.append((day, self._attitude))
        return Mind(tuple(attitudes), chance, alone)

    def _clicks(self, rows: list[Any]) -> Iterator[tuple[float, float, Told]]:
        """Chance, trust and post of each possible click of a day."""
        rates = self._rates
        for day, _, kind, _, address, trust in rows:
            post = self._told[address]
            if kind == Event.CLICK:
                self._clicked.setdefault(address, day)
            elif post.sponsored and self._clicked.get(address, day) == day:
                fit = rules.fit_factor(post.fit, rates.fit_floor)
                relevance = self._product_relevance[post.voice]
                p = rules.click_probability(
                    rates.click_rate, trust, rates.trust_reference, relevance, fit, post.click
                )  # fmt: skip
                yield p, trust, post

    def _chance(self, clicks: list[tuple[float, float, Told]]) -> int:
        """The probability to buy today: after a click, the last one counting, or on a visit without one."""
        rates = self._rates
        proof = rules.proof_factor(float(self._good), float(self._bad), rates.social_proof, rates.social_proof_half,
                                   rates.bad_word, rates.bad_word_half)  # fmt: skip
        base = rules.purchase_base(rates.conversion_rate, self._need, rates.attitude_effect, self._attitude,
                                   self._campaign.price_factor, proof)  # fmt: skip
        no_click, total = 1.0, 0
        for p, trust, post in reversed(clicks):
            factor = rules.trust_factor(trust, rates.trust_reference, rates.trust_on_purchase)
            total += rules.fixed(no_click * p * rules.purchase_probability(base, factor, post.offer))
            no_click = rules.product_of_misses(no_click, p)
        visit = rules.visit_probability(rates.base_visit, rates.visit_rate, self._attitude)
        return total + rules.fixed(no_click * visit * rules.purchase_probability(base, 1.0, 1.0))

    def _settle(self, rows: list[Any]) -> None:
        """What the day's exposures change."""
        rates, change, sponsored, good, bad = self._rates, 0, 0, 0, 0
        for _, _, kind, shower, address, trust in rows:
            post = self._told[address]
            if kind != Event.SEE or post.word == 0:
                continue
            gain = rules.persuasion_gain(
                rates.persuasion, trust, self._product_relevance[post.voice],
                rules.fit_factor(post.fit, rates.fit_floor), post.persuasion,
                self._exposures if post.sponsored else 0.0, rates.wear_peak,
            )  # fmt: skip
            change += rules.fixed(gain * post.word)
            sponsored += post.sponsored
            from_peer = shower not in (BY_AUTHOR, RECOMMENDED)
            good += from_peer and post.word > 0
            bad += from_peer and post.word < 0
        self._attitude = rules.moved_attitude(self._attitude, rules.from_fixed(change))
        self._exposures += sponsored
        self._good += good
        self._bad += bad
