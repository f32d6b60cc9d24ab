"""InfluenceModel: the campaign as an ordinary Mesa model. Its ``step`` is the specification of a day."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, ClassVar

import mesa
import numpy as np
from numpy.typing import NDArray

import sim.rules
from sim.engine.agents import NEVER, Creator, Follower, follower_columns
from sim.engine.campaign import Campaign, appeals
from sim.engine.delivery import Batch, deliver_through_peers, deliver_to_followers, deliver_to_strangers
from sim.engine.exposures import Exposure
from sim.engine.posts import BAD, GOOD, NO_CREATOR, SEED_ORDINAL, WORD_ORDINAL, LivePost
from sim.engine.repeats import Repeats
from sim.engine.tally import Tally
from sim.parameters import Rates
from sim.randomness import BY_AUTHOR, Stream, person_post_address, uniforms
from sim.record import Event, Run, Source
from sim.society.creators import rank_reference
from sim.society.world import World

Array = NDArray[Any]


class InfluenceModel(mesa.Model):  # type: ignore[misc]
    """One plan on one world, day by day.

    world, campaign, rates: see ``sim.build_world``, ``make_campaign`` and ``Rates``. rng: the seed, an int.
    record: numbers of people whose events are kept; it never changes a figure.
    ``day`` counts the days done; ``agents`` holds Creator and Follower agents; ``datacollector`` has one row a day.
    """

    creator_class: ClassVar[type[Creator]] = Creator
    follower_class: ClassVar[type[Follower]] = Follower
    rules: ClassVar[Any] = sim.rules

    def __init__(
        self,
        world: World,
        campaign: Campaign,
        rates: Rates,
        *,
        rng: int = 1,
        replicate: int = 0,
        record: Sequence[int] = (),
    ) -> None:
        super().__init__(rng=int(rng))
        self.world, self.campaign, self.rates = world, campaign, rates
        self.seed_number, self.replicate = int(rng), int(replicate)
        self.day = 0
        self.interest, self.product_relevance = (table.tolist() for table in world.interests)
        self.trust_of_segment = world.segments.trust.tolist()
        self.tally = Tally(campaign.days, world.n_creators, world.society.n_niches, world.society.n_regions)
        self.creators = [self.creator_class(self, number) for number in range(world.n_creators)]
        columns = follower_columns(world)
        self.followers: list[Follower] = list(self.follower_class.create_agents(self, world.n_people, **columns))
        self.prospects = [follower for follower in self.followers if follower.need > 0.0]
        self.appeal = appeals(campaign.address, rates, self.seed_number, self.replicate).tolist()
        self.posts: list[LivePost] = []
        self.reached: list[int] = []
        self.leaving: list[tuple[int, int]] = []
        self.joining: list[tuple[int, int]] = []
        self.repeats = Repeats(rates, self.rules, campaign.product_quality, self.seed_number, replicate)
        self.recorded = frozenset(record)
        self._exposed: list[Follower] = []
        self._buyers: list[Follower] = []
        self.datacollector = mesa.DataCollector(model_reporters=_reporters())

    def step(self) -> None:
        """One day. Everyone decides from the state at its start; then all changes apply."""
        self.publish()  #            1. today's posts go live
        batch = self.deliver()  #    2. who is shown what, by whom
        self.respond(batch)  #       3. engage, click, share
        self.buy()  #                4. visit the shop, buy
        self.talk()  #               5. buyers post about it
        self.learn()  #              6. attitudes, ranks, followers won and lost
        self.record_day()  #         7. the day's row

    # --- 1. publish

    def publish(self) -> None:
        """Creators wake; today's posts of creators and of seeded people, who leave the market."""
        for creator in self.creators:
            creator.wake()
        for index in self.campaign.today(self.day):
            self._publish_creator_post(index)
        for seed in self.campaign.seeds:
            if seed.day == self.day:
                topic = int(self.world.society.niche[seed.person])
                self._publish_person_post(seed.person, SEED_ORDINAL, seed.word, topic).sharers_yesterday = [seed.person]
        self.posts.sort(key=lambda post: post.address)
        given = {gift.person for gift in self.campaign.given if gift.day == self.day}
        if given:
            self.prospects = [follower for follower in self.prospects if follower.person not in given]

    def _publish_creator_post(self, index: int) -> None:
        creator = self.creators[self.campaign.posts[index].creator]
        post = LivePost.of_creator(
            self.world, self.campaign, self.rates, self.rules, index, creator.state.quality, self.appeal[index]
        )
        creator.publish(post)
        self.tally.by_creator["posts"][post.creator] += 1
        self.posts.append(post)

    def _publish_person_post(
        self, person: int, ordinal: int, word: int, topic: int, seller: int = NO_CREATOR
    ) -> LivePost:
        address = person_post_address(person, ordinal)
        appeal = float(appeals(np.array([address]), self.rates, self.seed_number, self.replicate)[0])
        post = LivePost.of_person(self.world, address, person, self.day, topic, appeal, word, seller)
        self.posts.append(post)
        return post

    def viewing_keys(self, people: Array, post: LivePost) -> Array:
        """u/activity of each follower for this post, drawn once for its life."""
        u_see = self.draw(Stream.RESPOND, person=people, shower=BY_AUTHOR, post=post.address)[0]
        return np.asarray(self.rules.viewing_key(u_see, self.world.segments.activity[people]))

    # --- 2. deliver

    def deliver(self) -> Batch:
        """Exposures of today: followers whose turn has come, recommended slots, and yesterday's sharers' followers."""
        batch = Batch()
        for number, post in enumerate(self.posts):
            if post.creator != NO_CREATOR:
                post.learn_rank(
                    self.rules, self.rates, self.world.people_per_agent, self.day, rank_reference(self.rates)
                )
                post.slots_today = post.whole_slots(self.rules, self.rates)
                deliver_to_followers(self, batch, number, post)
                deliver_to_strangers(self, batch, number, post)
            deliver_through_peers(self, batch, number, post)
        return batch

    # --- 3. respond

    def respond(self, batch: Batch) -> None:
        """Each person shown something today decides on it, in the order of (post, shower)."""
        self._exposed = []
        for person, exposures in self._by_person(batch):
            follower = self.followers[person]
            follower.respond(exposures)
            self._exposed.append(follower)

    def _by_person(self, batch: Batch) -> list[tuple[int, list[Exposure]]]:
        person, number, shower, source = batch.arrays()
        if not len(person):
            return []
        address = np.array([post.address for post in self.posts], dtype=np.int64)[number]
        order = np.lexsort((shower, address, person))
        person, number, shower, source, address = (a[order] for a in (person, number, shower, source, address))
        coins = self.draw(Stream.RESPOND, person=person, shower=shower, post=address)
        leave_or_join = self.draw(Stream.FOLLOW, person=person, shower=shower, post=address)
        trust = self._trust(person, number, shower, source)
        columns = [shower, source, trust, *coins[1:], *leave_or_join[:2]]
        exposures = [
            Exposure(self.posts[n], *values)
            for n, *values in zip(number.tolist(), *(column.tolist() for column in columns), strict=True)
        ]
        bounds = np.flatnonzero(np.diff(person, prepend=-1, append=-1)).tolist()
        return [(int(person[low]), exposures[low:high]) for low, high in pairwise(bounds)]

    def _trust(self, person: Array, number: Array, shower: Array, source: Array) -> Array:
        """Trust in each exposure: in the author for their own posts, in the better of author and peer for reshares."""
        creator = np.array([post.creator for post in self.posts], dtype=np.int64)[number]
        address = np.where(creator >= 0, self.world.address[creator], 0) if self.creators else np.zeros_like(creator)
        u_author = self.draw(Stream.TRUST, person=person, post=address)[0]
        u_peer = self.draw(Stream.PEER_TRUST, person=person, shower=shower)[0]
        columns = (person, number, shower, source, u_author, u_peer)
        return np.array([self._trust_in(*row) for row in zip(*(c.tolist() for c in columns), strict=True)])

    def _trust_in(self, person: int, number: int, shower: int, source: int, u_author: float, u_peer: float) -> float:
        post, rates, rules = self.posts[number], self.rates, self.rules
        in_author = 0.0
        if post.creator != NO_CREATOR:
            in_author = self.followers[person].trust_in(self.creators[post.creator], u_author)
        if source < Source.RESHARED:
            return float(in_author)
        in_peer = rules.personal_trust(rates.peer_trust, u_peer, rates.trust_noise)
        if post.creator == NO_CREATOR and shower == post.person:
            return float(in_peer)
        return float(rules.reshared_trust(in_author, in_peer, rates.endorsement))

    # --- 4. buy

    def buy(self) -> None:
        """Everyone in the market who has not bought: one visit a day at most. Glad buyers may buy again."""
        expected_again, again = self.repeats.today(self.day)
        self.tally.count("repeats_expected", self.day, expected_again)
        self.tally.count("repeats_drawn", self.day, len(again))
        for person in again.tolist():
            self.note(Event.BUY_AGAIN, person, None, 0.0)
        people = np.array([follower.person for follower in self.prospects], dtype=np.int64)
        u_visit, u_buy, _, _ = self.draw(Stream.BUY, person=people, day=self.day)
        self._buyers = [
            follower
            for follower, visit, buy in zip(self.prospects, u_visit.tolist(), u_buy.tolist(), strict=True)
            if follower.buy(visit, buy)
        ]
        if self._buyers:
            self.prospects = [follower for follower in self.prospects if follower.bought_day == NEVER]
        expected = int(self.tally.daily["conversions_expected"][self.day])
        self.repeats.remember([follower.person for follower in self._buyers], expected)

    # --- 5. talk

    def talk(self) -> None:
        """Some of today's buyers post about it, glad or not: their followers may see it from tomorrow on."""
        for follower in self._buyers:
            u_talk, u_glad = (float(u[0]) for u in self.draw(Stream.TALK, person=[follower.person])[:2])
            if u_talk >= self.rates.talk_rate:
                continue
            word = GOOD if u_glad < self.campaign.product_quality else BAD
            self.tally.count("good_reports" if word == GOOD else "bad_reports", self.day)
            post = self._publish_person_post(
                follower.person, WORD_ORDINAL, word, self.campaign.product_niche, follower.bought_from
            )
            post.sharers_today = [follower.person]
            self.note(Event.TALK, follower.person, None, float(word))

    # --- 6. learn

    def learn(self) -> None:
        """Apply the day: attitudes and reports, followers won and lost, and who will show posts tomorrow."""
        for follower in self._exposed:
            follower.settle()
        for creator, person in self.leaving:
            self.creators[creator].lose(person)
        for creator, person in [*self.joining, *self._newcomers()]:
            self.creators[creator].gain(person)
        self.leaving, self.joining = [], []
        for post in self.posts:
            post.sharers_yesterday, post.sharers_today = sorted(post.sharers_today), []

    def _newcomers(self) -> list[tuple[int, int]]:
        """Followers whom creators at work win besides."""
        now = self.day, self.seed_number, self.replicate
        return [
            (creator.number, person)
            for creator in self.creators
            for person in creator.state.newcomers(*now, creator.niche, self.world).tolist()
            if person != creator.node
        ]

    # --- 7. record

    def record_day(self) -> None:
        """The day's row of the DataCollector; the day is over."""
        self.datacollector.collect(self)
        self.day += 1
        self.running = self.day < self.campaign.days

    def run(self) -> Run:
        """All days that are left, and the record."""
        while self.day < self.campaign.days:
            self.step()
        return self.tally.run(self.world.people_per_agent, self.world.handles, self._attitude_sum())

    def forget(self) -> None:
        """Let go of the agents: Mesa 3.3 counts agents by model in a table that would keep every model alive."""
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    def _attitude_sum(self) -> int:
        total = 0
        for person in self.reached:
            self.followers[person].catch_up()
            total += self.rules.fixed(self.followers[person].attitude)
        return total

    def draw(self, stream: Stream, **address: Any) -> tuple[Array, Array, Array, Array]:
        """Four uniforms by address, of this run's seed and replicate."""
        return uniforms(self.seed_number, self.replicate, stream, **address)

    def note(self, kind: Event, person: int, exposure: Exposure | None, value: float) -> None:
        """Keep an event of a recorded person."""
        if person in self.recorded:
            shower, post = (exposure.shower, exposure.post.address) if exposure else (0, 0)
            self.tally.events.append((self.day, person, int(kind), shower, post, value))


def _reporters() -> dict[str, Any]:
    """Columns of the DataCollector, one row a day, in agents."""

    def today(name: str) -> Any:
        return lambda model: int(model.tally.daily[name][model.day])

    columns = {name: today(name) for name in ("engagements_drawn", "clicks_drawn", "shares_drawn", "conversions_drawn")}
    columns["reach"] = lambda model: len(model.reached)
    columns["expected_conversions"] = lambda model: sim.rules.from_fixed(
        int(model.tally.daily["conversions_expected"][model.day])
    )
    return {"day": lambda model: model.day, **columns}
