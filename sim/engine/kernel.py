"""The compiled engine: the numbered steps of ``model.InfluenceModel`` over arrays, with the same bits.

What happens once a post or once a day is done here in Python, by the same rules; what happens to people is done by
the loops of ``loops``. Work is proportional to what happens: a post's audience is gone over once, then each day
only its new viewers, sharers' followers, and people who may still buy.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import astuple
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sim.rules
from sim.engine.arrays import (
    Audiences,
    DayRoom,
    PostTable,
    SeenTable,
    new_people,
    new_totals,
    place_of,
)
from sim.engine.campaign import Campaign, appeals
from sim.engine.compiling import standard_kernel
from sim.engine.creator_state import CreatorState
from sim.engine.events import EventLog
from sim.engine.following import Following
from sim.engine.posts import BAD, GOOD, NO_CREATOR, SEED_ORDINAL, WORD_ORDINAL, LivePost, find_out
from sim.engine.records import N_PROSPECTS, RATES
from sim.engine.regard import Opinions
from sim.engine.repeats import Repeats
from sim.engine.shop import Shop
from sim.parameters import Rates
from sim.randomness import person_post_address
from sim.record import BY_CREATOR, BY_PLACE, DAILY, Event, Run, Source
from sim.society.creators import rank_reference
from sim.society.world import World

Array = NDArray[Any]


def simulate_compiled(
    world: World, campaign: Campaign, rates: Rates, seed: int, replicate: int, record: Sequence[int] = (), *,
    threads: int = 1, kernel: SimpleNamespace | None = None, rules: Any = sim.rules,
) -> Run:  # fmt: skip
    """One campaign on one world, compiled. threads: 1 or 2; the bits are the same."""
    engine = KernelRun(world, campaign, rates, seed, replicate, record, kernel or standard_kernel(), rules, threads)
    for _ in range(campaign.days):
        engine.step()
    return engine.finish()


class KernelRun:
    """One simulation under way."""

    def __init__(
        self, world: World, campaign: Campaign, rates: Rates, seed: int, replicate: int, record: Sequence[int],
        kernel: SimpleNamespace, rules: Any, threads: int,
    ) -> None:  # fmt: skip
        self.world, self.campaign, self.rates = world, campaign, rates
        self.kernel, self.rules = kernel, rules
        self.pool = ThreadPoolExecutor(1) if threads > 1 else None
        self._early: Future[tuple[Array, ...]] | None = None
        self.seed, self.replicate, self.day = int(seed), int(replicate), 0
        self.key = (np.uint64(self.seed & 0xFFFFFFFF), np.uint64(self.replicate & 0xFFFFFFFF))
        self.numbers = np.array([astuple(rates)], dtype=RATES)[0]
        place, self.following = place_of(world), Following(world)
        self.place = place._replace(creators=place.creators.copy())
        self.states = [CreatorState(world, campaign, rates, rules, number) for number in range(world.n_creators)]
        self.opinions = Opinions(world.n_people, world.n_creators, self.place.creators, rates, rules)
        self.repeats = Repeats(rates, rules, campaign.product_quality, self.seed, self.replicate)
        self.people = new_people(world.n_people)
        self.totals = new_totals(world, campaign.days)
        self.shop = Shop(world, campaign, self.place, self.numbers, kernel, self.totals)
        self.room = DayRoom(len(record) > 0)
        self.posts: list[LivePost] = []
        self.table = PostTable()
        self.appeal = appeals(campaign.address, rates, self.seed, self.replicate).tolist()
        self.seen = SeenTable(kernel.rehash)
        self.audiences = Audiences(sum(len(world.audience_of(post.creator)) for post in campaign.posts))
        self.events = EventLog(world.n_people, record, rates)

    def step(self) -> None:
        """One day, by the numbers of the specification."""
        self.publish()  #                1. today's posts go live
        self.deliver()  #                2. who is shown what, by whom
        self.respond()  #                3. engage, click, share
        buyers = self.buy()  #           4. visit the shop, buy
        self.talk(buyers)  #             5. buyers post about it
        self.learn()  #                  6. attitudes, ranks, followers won and lost
        self.day += 1  #                 7. the day's row stands in ``totals``

    # --- 1. publish

    def publish(self) -> None:
        """Creators wake; today's posts of creators and of seeded people, who leave the market."""
        for state in self.states:
            self._wake(state)
        for index in self.campaign.today(self.day):
            self._publish_creator_post(index)
        for seed in self.campaign.seeds:
            if seed.day == self.day:
                topic = int(self.world.society.niche[seed.person])
                self._person_posts([seed.person], SEED_ORDINAL, [seed.word], topic)[0].sharers_yesterday = [seed.person]
        self.posts.sort(key=lambda post: post.address)
        given = np.array([gift.person for gift in self.campaign.given if gift.day == self.day], dtype=np.int64)
        if len(given):
            self.shop.leave(given, self.people.record[given], self.people.known)

    def _wake(self, state: CreatorState) -> None:
        """The day begins: how trusted and how rested a creator is; a hidden ad may be found out."""
        state.wake(self.day)
        self.place.creators["trust"][state.number] = state.trust
        if state.found_out == self.day:
            self.opinions.betray(state.number, self.totals.seen_by[state.number])
            find_out(self.posts, state.number, self.rules, self.rates)

    def _publish_creator_post(self, index: int) -> None:
        quality = self.states[self.campaign.posts[index].creator].quality
        post = LivePost.of_creator(
            self.world, self.campaign, self.rates, self.rules, index, quality, self.appeal[index]
        )
        post.uid = len(self.posts)
        followers = self._followers(post.creator)
        keys, owners = self.audiences.room(len(followers))
        bins = self.kernel.sort_into_bins(followers, self.place.activity, post.address, self.key, owners, keys)
        post.row = self.audiences.add(bins)
        self.table.add(post, self.audiences.start[post.row])
        self.totals.by_creator[post.creator, BY_CREATOR.index("posts")] += 1
        self.posts.append(post)

    def _followers(self, creator: int) -> Array:
        """Followers of a creator at the start of the day, ascending, without the creator's own person."""
        people = self.following.of(creator)
        node = int(self.world.node[creator])
        return people if node < 0 else people[people != node]

    def _person_posts(
        self, people: Sequence[int], ordinal: int, words: Sequence[int], topic: int, sellers: Sequence[int] = ()
    ) -> list[LivePost]:
        """One post by each of these people, with what it says about the brand and through whom they bought."""
        addresses = [person_post_address(person, ordinal) for person in people]
        appeal = appeals(np.array(addresses), self.rates, self.seed, self.replicate).tolist()
        sellers = sellers or [NO_CREATOR] * len(people)
        posts = [LivePost.of_person(self.world, address, person, self.day, topic, pull, word, seller)
                 for address, person, pull, word, seller
                 in zip(addresses, people, appeal, words, sellers, strict=True)]  # fmt: skip
        for uid, post in enumerate(posts, len(self.posts)):
            post.uid = uid
            self.table.add(post)
        self.posts += posts
        return posts

    # --- 2. deliver

    def deliver(self) -> None:
        """Exposures of today, in the order of (post address, shower)."""
        for post in self.posts:
            if post.creator != NO_CREATOR:
                self._move_on(post)
        self.live = [post for post in self.posts if post.creator != NO_CREATOR or post.sharers_yesterday]
        self.today, sharers = self.table.today(self.live)
        most = self._most_exposures(sharers)
        self.room.make_room(most)
        self.seen.make_room(most)
        blocks = np.empty((3 * len(self.live), 4), np.int64)
        self.n_shown, n_blocks, added = self.kernel.deliver(
            self.place, self.following.follows, self.today, sharers, self.numbers, self.day, self.key, self.seen.table,
            self.audiences.bins, self.audiences.people, self.audiences.keys, self.room.shown, blocks,
            self.totals.daily[self.day],
        )  # fmt: skip
        self.blocks = blocks[:n_blocks]
        self.seen.used += added
        self.kernel.meet_all(
            self.place, self.people, self.shop.prospects, self.shop.standing, self.today, self.blocks, self.numbers,
            self.day, self.seen.table, self.room.shown, self.room.today,
        )  # fmt: skip
        self.shop.wake(int(self.room.counts[N_PROSPECTS]))
        self._early = self.pool.submit(self.shop.buy_early, self.day, self.key) if self.pool else None
        for post, shown_now in zip(self.live, self.today["shown_now"].tolist(), strict=True):
            post.shown += shown_now
            post.shown_yesterday = shown_now
            post.slots_used += post.slots_today

    def _move_on(self, post: LivePost) -> None:
        """Rank, coverage and recommended slots of a creator's post today."""
        post.learn_rank(self.rules, self.rates, self.world.people_per_agent, self.day, rank_reference(self.rates))
        post.slots_today = post.whole_slots(self.rules, self.rates)
        gain = float(self.campaign.life_gain[post.form][self.day - post.published])
        post.covered_before = post.covered
        post.covered = self.rules.coverage(post.covered, post.reach, gain, post.rank)

    def _most_exposures(self, sharers: Array) -> int:
        """An upper bound of today's exposures."""
        starts = self.place.follower_start
        through_peers = int((starts[sharers + 1] - starts[sharers]).sum())
        due = sum(self.audiences.at_most(post) for post in self.live if post.row >= 0)
        return through_peers + due + int(self.today["slots_today"].sum())

    # --- 3. respond

    def respond(self) -> None:
        """Each person shown something today decides on it, in the order of (post, shower)."""
        self.seen.make_room(self.n_shown)
        shown, totals = self.room.shown, self.totals
        self.seen.used += self.kernel.respond(
            self.place, self.people, self.following.follows, self.opinions.regard, self.today, self.blocks,
            self.numbers, self.day, self.key, self.seen.table, totals.seen_by, shown, self.room.today, self.room.clicks,
            totals.daily[self.day], totals.by_creator,
        )  # fmt: skip
        self.events.exposures(self.day, shown, self.blocks, self.today["address"])

    # --- 4. buy

    def buy(self) -> Array:
        """Everyone in the market who has not bought; rows (person, creator or -1) of today's buyers.

        With a second thread, those who are not shown anything today decide while the others respond.
        """
        early = self._early.result() if self._early else self.shop.buy_early(self.day, self.key)
        late = self.shop.buy_late(self.people.known, self.room, self.day, self.key)
        sold = self.shop.count([early, late], self.day, self.people.record)
        self.events.people(self.day, Event.BUY, sold[:, 0], sold[:, 1])
        self._buy_again(sold[:, 0])
        return sold

    def _buy_again(self, buyers: Array) -> None:
        """Glad buyers of earlier days; today's may be among them from tomorrow on."""
        today = self.totals.daily[self.day]
        expected, again = self.repeats.today(self.day)
        today[DAILY.index("repeats_expected")] += expected
        today[DAILY.index("repeats_drawn")] += len(again)
        self.events.people(self.day, Event.BUY_AGAIN, again, np.zeros(len(again)))
        self.repeats.remember(buyers, int(today[DAILY.index("conversions_expected")]))

    # --- 5. talk

    def talk(self, buyers: Array) -> None:
        """Some of today's buyers post about it, glad or not: their followers may see it from tomorrow on."""
        if not len(buyers):
            return
        says = np.empty(len(buyers), np.int64)
        self.kernel.talk(buyers[:, 0].copy(), self.rates.talk_rate, self.campaign.product_quality, self.key, says)
        talking = np.flatnonzero(says)
        if not len(talking):
            return
        people, words, today = buyers[talking, 0], says[talking], self.totals.daily[self.day]
        sellers = buyers[talking, 1].tolist()
        today[DAILY.index("good_reports")] += int((words == GOOD).sum())
        today[DAILY.index("bad_reports")] += int((words == BAD).sum())
        topic = self.campaign.product_niche
        for post in self._person_posts(people.tolist(), WORD_ORDINAL, words.tolist(), topic, sellers):
            post.sharers_today = [post.person]
        self.events.people(self.day, Event.TALK, people, words)

    # --- 6. learn

    def learn(self) -> None:
        """Apply the day: attitudes and reports, followers won and lost, and who will show posts tomorrow."""
        totals, today = self.totals, self.totals.daily[self.day]
        first = DAILY.index("reached_followed")
        self.kernel.settle(
            self.people.known, self.shop.prospects, self.room.today, self.numbers, self.day,
            today[first : first + len(Source)], totals.by_niche, totals.by_region,
        )  # fmt: skip
        for post, total in zip(self.live, self.today["engagement_now"].tolist(), strict=True):
            post.engagement_sum += total
        self.opinions.hear(*self._reports())
        sharers, shared, leaving, joining = self._acts()
        joining = np.concatenate([joining, *self._newcomers()])
        sharing, starts = np.unique(shared, return_index=True)
        for p, (begin, end) in zip(sharing.tolist(), pairwise([*starts.tolist(), len(shared)]), strict=True):
            self.live[p].sharers_today += sharers[begin:end].tolist()
        for post in self.posts:
            post.sharers_yesterday, post.sharers_today = sorted(post.sharers_today), []
        if len(leaving) or len(joining):
            self._change_followers(np.unique(leaving), np.unique(joining))

    def _reports(self) -> tuple[Array, Array, Array]:
        """Creator, person and word (+1 or -1) of today's exposures to what buyers wrote who came through a creator."""
        found = [
            (self.live[number], self.room.shown.person[first:end].astype(np.int64))
            for number, _, first, end in self.blocks.tolist()
            if self.live[number].seller != NO_CREATOR
        ]
        sizes = [len(people) for _, people in found]
        sellers, words = (np.array(column, dtype=np.int64).repeat(sizes)
                          for column in ([p.seller for p, _ in found], [p.word for p, _ in found]))  # fmt: skip
        return sellers, np.concatenate([*(people for _, people in found), np.empty(0, np.int64)]), words

    def _newcomers(self) -> list[Array]:
        """Pairs creator·n + person of followers whom creators at work win besides."""
        pairs = []
        for state in self.states:
            number = state.number
            niche = int(self.world.niche[number])
            people = state.newcomers(self.day, self.seed, self.replicate, niche, self.world)
            pairs.append(number * self.world.n_people + people[people != self.world.node[number]])
        return pairs

    def _acts(self) -> list[Array]:
        """Sharers and the posts they shared, and pairs creator·n + person of those who leave or join."""
        sharers, shared, leaving, joining = (np.empty(self.n_shown, np.int64) for _ in range(4))
        n_shared, n_leaving, n_joining = self.kernel.gather(
            self.room.shown, self.blocks, self.today, self.world.n_people, sharers, shared, leaving, joining
        )
        return [sharers[:n_shared], shared[:n_shared], leaving[:n_leaving], joining[:n_joining]]

    def _change_followers(self, leaving: Array, joining: Array) -> None:
        for pairs, name in zip(
            self.following.change(self.day, leaving, joining), ("followers_lost", "followers_gained"), strict=True
        ):
            self.totals.daily[self.day, DAILY.index(name)] += len(pairs)
            np.add.at(self.totals.by_creator[:, BY_CREATOR.index(name)], pairs // self.world.n_people, 1)

    # --- the record

    def finish(self) -> Run:
        """The record, as the agents keep it."""
        if self.pool:
            self.pool.shutdown()
        total = int(
            self.kernel.attitude_of_reached(self.people.known[: self.people.count[0]], self.numbers, self.campaign.days)
        )
        totals, n = self.totals, self.world.n_creators
        return Run(
            people_per_agent=self.world.people_per_agent,
            handles=self.world.handles,
            daily={name: totals.daily[:, k].copy() for k, name in enumerate(DAILY)},
            by_creator={name: totals.by_creator[:n, k].copy() for k, name in enumerate(BY_CREATOR)},
            by_niche={name: totals.by_niche[:, k].copy() for k, name in enumerate(BY_PLACE)},
            by_region={name: totals.by_region[:, k].copy() for k, name in enumerate(BY_PLACE)},
            attitude_sum=total,
            events=self.events.sorted(),
        )
