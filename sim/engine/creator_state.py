"""What changes about a creator from day to day, for both engines: trust, quality, and followers won besides."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.campaign import Campaign
from sim.parameters import Rates
from sim.randomness import Stream, uniforms
from sim.society.relevance import NO_NICHE
from sim.society.world import World

WEEK = 7
"""Days over which posts are counted against the habit."""


class CreatorState:
    """A creator under way: mean trust and quality of today. They change only while the creator works for the brand."""

    def __init__(self, world: World, campaign: Campaign, rates: Rates, rules: Any, number: int) -> None:
        self._rates, self._rules = rates, rules
        self.number, self.address = number, int(world.address[number])
        self._usual_trust, self._rested_quality = float(world.trust[number]), float(world.quality[number])
        self._posts_a_day, self._usual = float(world.posts_a_day[number]), float(world.sponsored_share[number])
        self._audience = len(world.audience_of(number))
        own = [post for post in campaign.posts if post.creator == number]
        self._days = [post.day for post in own]
        self._sponsored_days = [post.day for post in own if post.sponsored]
        self.trust, self.quality = self._usual_trust, self._rested_quality
        self._tired, self._won = 0.0, 0
        self._campaign_days = campaign.days
        self._to_come: NDArray[np.int64] | None = None
        self.found_out = campaign.found_out.get(number)

    def wake(self, day: int) -> None:
        """Trust and quality of today, from the posts of late and of today."""
        if not self._days:
            return
        rules, rates = self._rules, self._rates
        recent = sum(day - rates.overload_days < posted <= day for posted in self._sponsored_days)
        share = rules.recent_sponsored_share(self._usual, float(recent), self._posts_a_day, rates.overload_days)
        self.trust = rules.overloaded_trust(self._usual_trust, rates.overload, share - self._usual)
        of_late = sum(day - WEEK < posted <= day for posted in self._days) / WEEK
        self._tired = rules.tiredness(self._tired, rates.tiredness_memory, rates.burnout, of_late, self._posts_a_day)
        self.quality = rules.tired_quality(self._rested_quality, self._tired)

    def newcomers(self, day: int, seed: int, replicate: int, niche: int, world: World) -> NDArray[np.int64]:
        """People who come to follow today without having been shown a post; some may follow already."""
        a_day = self._rules.newcomers(self._audience, self._rates.growth_rate) if self._days else 0.0
        if self._to_come is None:
            self._to_come = self._all_newcomers(_whole(a_day * self._campaign_days), seed, replicate, niche, world)
        before, self._won = self._won, _whole(a_day * (day + 1))
        return self._to_come[before : self._won]

    def _all_newcomers(self, n: int, seed: int, replicate: int, niche: int, world: World) -> NDArray[np.int64]:
        """Whom the slots of the whole campaign go to, drawn at once."""
        slots = np.arange(n)
        u_niche, u_person, _, _ = uniforms(seed, replicate, Stream.GROWTH, person=slots, post=self.address)
        return slot_people(world, niche, u_niche < self._rates.in_niche, u_person)


def _whole(amount: float) -> int:
    """The whole part, forgiving what a product of floats may lack."""
    return int(amount + 1e-9)


def slot_people(
    world: World, niche: int, inside: NDArray[np.bool_], u_person: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Whom slots go to: somebody of the niche where ``inside`` says so and the niche has people, else anybody."""
    people = (u_person * world.n_people).astype(np.int64)
    start, members = world.society.niche_members()
    if niche == NO_NICHE or start[niche] == start[niche + 1]:
        return people
    size = start[niche + 1] - start[niche]
    return np.where(inside, members[start[niche] + (u_person * size).astype(np.int64)], people)
