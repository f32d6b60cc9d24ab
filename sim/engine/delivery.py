"""Step 2 of the day: the three ways in which a post comes before people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.creator_state import slot_people
from sim.engine.posts import NO_CREATOR, LivePost
from sim.randomness import BY_AUTHOR, RECOMMENDED, Stream
from sim.record import Source

if TYPE_CHECKING:
    from sim.engine.model import InfluenceModel

Array = NDArray[Any]


class Batch:
    """The exposures of one day, gathered as columns: person, post number, shower, source."""

    def __init__(self) -> None:
        self._parts: list[tuple[Array, int, Array, int]] = []

    def add(self, people: Array, post: int, shower: Array | int, source: Source) -> None:
        """These people are shown this post."""
        if len(people):
            self._parts.append((people, post, np.broadcast_to(np.asarray(shower, np.int64), people.shape), int(source)))

    def arrays(self) -> tuple[Array, Array, Array, Array]:
        """Columns over all exposures of the day."""
        if not self._parts:
            empty = np.empty(0, dtype=np.int64)
            return empty, empty, empty, empty
        people = [np.asarray(part[0], dtype=np.int64) for part in self._parts]
        sizes = [len(part) for part in people]
        return (
            np.concatenate(people),
            np.repeat([part[1] for part in self._parts], sizes),
            np.concatenate([part[2] for part in self._parts]),
            np.repeat([part[3] for part in self._parts], sizes),
        )


def deliver_to_followers(model: InfluenceModel, batch: Batch, number: int, post: LivePost) -> None:
    """Followers whose viewing key lies below the post's coverage of today."""
    age = model.day - post.published
    gain = float(model.campaign.life_gain[post.form][age])
    post.covered = model.rules.coverage(post.covered, post.reach, gain, post.rank)
    batch.add(post.due(post.covered), number, BY_AUTHOR, Source.FOLLOWED)


def deliver_to_strangers(model: InfluenceModel, batch: Batch, number: int, post: LivePost) -> None:
    """Recommended slots, whole ones: each goes to an addressed person; followers and viewers are lost slots."""
    if post.slots_today < 1:
        return
    slots = np.arange(post.slots_used, post.slots_used + post.slots_today)
    post.slots_used += post.slots_today
    u_niche, u_person, _, _ = model.draw(Stream.SLOT, person=slots, post=post.address)
    people = slot_people(model.world, post.topic, u_niche < model.rates.in_niche, u_person)
    batch.add(np.array(_not_yet_shown(model, post, people.tolist()), dtype=np.int64), number, RECOMMENDED,
              Source.RECOMMENDED)  # fmt: skip


def _not_yet_shown(model: InfluenceModel, post: LivePost, people: list[int]) -> list[int]:
    fresh: list[int] = []
    for person in people:
        if person in post.members or person in post.seen or person == post.person:
            model.tally.count("lost_slots", model.day)
        else:
            post.seen.add(person)
            fresh.append(person)
    return fresh


def deliver_through_peers(model: InfluenceModel, batch: Batch, number: int, post: LivePost) -> None:
    """Followers of yesterday's sharers, each by the coin of (follower, sharer, post)."""
    if not post.sharers_yesterday:
        return
    society = model.world.society
    parts = [society.followers_of(sharer) for sharer in post.sharers_yesterday]
    people = np.concatenate(parts).astype(np.int64)
    sharer = np.repeat(post.sharers_yesterday, [len(part) for part in parts])
    others = people != post.person
    people, sharer = people[others], sharer[others]
    u_see = model.draw(Stream.RESPOND, person=people, shower=sharer, post=post.address)[0]
    activity = model.world.segments.activity[people].tolist()
    chance = [model.rules.peer_view_probability(a, model.rates.peer_reach) for a in activity]
    shown = u_see < np.array(chance)
    source = Source.RESHARED if post.creator != NO_CREATOR else Source.WORD
    batch.add(people[shown], number, sharer[shown], source)
