"""The compiled engine: the numbered steps of ``model.InfluenceModel`` over arrays, with the same bits.

What happens once a post or once a day is done here in Python, by the same rules; what happens to people is done by
the loops of ``compiled``. Work is proportional to what happens: a post's audience is gone over once, then each day
only its new viewers, sharers' followers, and people who may still buy.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sim.rules
from sim.engine.arrays import Audiences, SeenTable, follow_bits, new_people, new_totals, place_of, with_room
from sim.engine.campaign import Campaign, appeals
from sim.engine.compiling import standard_kernel
from sim.engine.events import EventLog
from sim.engine.posts import BAD, GOOD, LIVE_POST_FIELDS, NO_CREATOR, ORGANIC, SEED_ORDINAL, WORD_ORDINAL, LivePost
from sim.engine.records import (
    ACTIVE,
    BOUGHT,
    DAY_LIMIT,
    DID_JOIN,
    DID_LEAVE,
    DID_SHARE,
    EXPOSURE,
    NOT_IN_MARKET,
    POST,
    QUIET,
    RATES,
)
from sim.parameters import Rates
from sim.randomness import Stream, person_post_address, uniforms
from sim.record import BY_CREATOR, BY_PLACE, DAILY, Event, Run, Source
from sim.society.creators import rank_reference
from sim.society.world import World

Array = NDArray[Any]


def simulate_compiled(
    world: World, campaign: Campaign, rates: Rates, seed: int, replicate: int, record: Sequence[int] = (), *,
    threads: int = 1, kernel: SimpleNamespace | None = None, rules: Any = sim.rules,
) -> Run:  # fmt: skip
    """One campaign on one world, compiled. threads: for step 4; any number gives the same bits."""
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
        self.kernel, self.rules, self.threads = kernel, rules, threads
        self.seed, self.replicate, self.day = int(seed), int(replicate), 0
        self.key = (np.uint64(self.seed & 0xFFFFFFFF), np.uint64(self.replicate & 0xFFFFFFFF))
        self.numbers = np.array([astuple(rates)], dtype=RATES)[0]
        self.place = place_of(world)
        self.people = new_people(world.n_people)
        self.totals = new_totals(world, campaign.days)
        self.standing = np.where(world.society.need > 0.0, QUIET, NOT_IN_MARKET).astype(np.uint8)
        self.active = np.empty(0, np.int32)
        self.quiet = np.flatnonzero(self.standing == QUIET).astype(np.int32)
        self.quiet_niche, self.quiet_region = (
            np.zeros(len(t), np.int64) for t in (self.totals.by_niche, self.totals.by_region)
        )
        self.quiet_sum = self._change_quiet(self.quiet, 1)
        self.toggles = np.empty(0, np.int64)
        self.posts: list[LivePost] = []
        self.appeal = appeals(campaign.address, rates, self.seed, self.replicate).tolist()
        self.seen = SeenTable(kernel.rehash)
        self.audiences = Audiences()
        self.events = EventLog(world.n_people, record, rates)

    def step(self) -> None:
        """One day, by the numbers of the specification."""
        self.publish()  #                1. today's posts go live
        shown = self.deliver()  #        2. who is shown what, by whom
        self.respond(shown)  #           3. engage, click, share
        buyers = self.buy(shown)  #      4. visit the shop, buy
        self.talk(buyers)  #             5. buyers post about it
        self.learn(shown)  #             6. attitudes, ranks, followers won and lost
        self.day += 1  #                 7. the day's row stands in ``totals``

    # --- 1. publish

    def publish(self) -> None:
        """Today's posts of creators and of seeded people."""
        for index in np.flatnonzero(self.campaign.day == self.day):
            self._publish_creator_post(int(index))
        for seed in self.campaign.seeds:
            if seed.day == self.day:
                word = GOOD if seed.about_brand else ORGANIC
                post = self._person_post(seed.person, SEED_ORDINAL, word, int(self.world.society.niche[seed.person]))
                post.sharers_yesterday = [seed.person]
        self.posts.sort(key=lambda post: post.address)

    def _publish_creator_post(self, index: int) -> None:
        post = LivePost.of_creator(
            self.world, self.campaign, self.rates, self.rules, index, self.day, self.appeal[index]
        )
        post.uid = len(self.posts)
        followers = self._followers(post.creator)
        keys, owners = self.audiences.room(len(followers))
        bins = self.kernel.sort_into_bins(followers, self.place.activity, post.address, self.key, owners, keys)
        post.row = self.audiences.add(bins)
        self.totals.by_creator[post.creator, BY_CREATOR.index("posts")] += 1
        self.posts.append(post)

    def _followers(self, creator: int) -> Array:
        """Followers of a creator at the start of the day, ascending, without the creator's own person."""
        people, n = self.world.audience_of(creator), self.world.n_people
        low, high = np.searchsorted(self.toggles, [creator * n * DAY_LIMIT, (creator + 1) * n * DAY_LIMIT])
        changed, times = np.unique(self.toggles[low:high] // DAY_LIMIT - creator * n, return_counts=True)
        if len(changed):
            people = np.setxor1d(people, changed[times % 2 == 1], assume_unique=True).astype(np.int32)
        node = int(self.world.node[creator])
        return people if node < 0 else people[people != node]

    def _person_post(self, person: int, ordinal: int, word: int, topic: int) -> LivePost:
        address = person_post_address(person, ordinal)
        appeal = float(appeals(np.array([address]), self.rates, self.seed, self.replicate)[0])
        post = LivePost.of_person(address, person, self.day, topic, appeal, word)
        post.uid = len(self.posts)
        self.posts.append(post)
        return post

    # --- 2. deliver

    def deliver(self) -> Array:
        """Exposures of today, those of one person linked."""
        for post in self.posts:
            if post.creator != NO_CREATOR:
                self._move_on(post)
        self.live = [post for post in self.posts if post.creator != NO_CREATOR or post.sharers_yesterday]
        self.today, sharers = self._today()
        room = self._room(sharers)
        shown = np.empty(room, dtype=EXPOSURE)
        self.seen.make_room(room)
        self.people = with_room(self.people, room)
        n, added = self.kernel.deliver(
            self.place, self.people, self.today, sharers, self.numbers, self.day, self.key, self.toggles,
            self.seen.table, self.audiences.bins, self.audiences.people, self.audiences.keys, shown,
            self.totals.daily[self.day],
        )  # fmt: skip
        self.seen.used += added
        for post, shown_now in zip(self.live, self.today["shown_now"].tolist(), strict=True):
            post.shown += shown_now
            post.shown_yesterday = shown_now
            post.slots_used += post.slots_today
        return shown[:n]

    def _move_on(self, post: LivePost) -> None:
        """Rank, coverage and recommended slots of a creator's post today."""
        post.learn_rank(self.rules, self.rates, self.world.people_per_agent, self.day, rank_reference(self.rates))
        post.slots_today = post.whole_slots(self.rules, self.rates)
        gain = float(self.campaign.life_gain[self.day - post.published])
        post.covered_before = post.covered
        post.covered = self.rules.coverage(post.covered, self.rates.reach, gain, post.rank)

    def _today(self) -> tuple[Array, Array]:
        """The live posts as records, in order of address, and yesterday's sharers post by post."""
        posts = np.zeros(len(self.live), dtype=POST)
        for name in LIVE_POST_FIELDS:
            posts[name] = [getattr(post, name) for post in self.live]
        posts["audience_at"] = [self.audiences.start[post.row] if post.row >= 0 else 0 for post in self.live]
        ends = np.cumsum([len(post.sharers_yesterday) for post in self.live], dtype=np.int64)
        posts["pairs_to"] = ends
        posts["pairs_from"][1:] = ends[:-1]
        return posts, np.array([person for post in self.live for person in post.sharers_yesterday], dtype=np.int64)

    def _room(self, sharers: Array) -> int:
        """An upper bound of today's exposures."""
        starts = self.place.follower_start
        through_peers = int((starts[sharers + 1] - starts[sharers]).sum())
        due = sum(self.audiences.at_most(post) for post in self.live if post.row >= 0)
        return through_peers + due + int(self.today["slots_today"].sum())

    # --- 3. respond

    def respond(self, shown: Array) -> None:
        """Each person shown something today decides on it, in the order of (post, shower)."""
        self.seen.make_room(len(shown))
        totals, today = self.totals, self.totals.daily[self.day]
        first, reach = DAILY.index("reached_followed"), BY_PLACE.index("reach")
        self.seen.used += self.kernel.respond(
            self.place, self.people.known, self.standing, self.today, self.numbers, self.day, self.key, self.seen.table,
            shown, today[first : first + len(Source)], totals.by_niche[:, reach], totals.by_region[:, reach],
        )  # fmt: skip
        self.kernel.tally(self.today, shown, today, totals.by_creator, totals.seen_by)
        self.events.exposures(self.day, shown, self.today["address"])

    # --- 4. buy

    def buy(self, shown: Array) -> Array:
        """Everyone in the market who has not bought; rows (person, creator or -1) of today's buyers."""
        self._sort_prospects()
        shares = [(part / self.threads, (part + 1) / self.threads) for part in range(self.threads)]
        if self.threads == 1:
            return self._sold([self._buy_part(shown, *shares[0])])
        with ThreadPoolExecutor(self.threads) as pool:
            return self._sold(list(pool.map(lambda share: self._buy_part(shown, *share), shares)))

    def _sort_prospects(self) -> None:
        """People shown their first post today leave the quiet, whose chances are the same every day."""
        awake = self.standing[self.quiet] == ACTIVE
        if awake.any():
            woken = self.quiet[awake]
            self.quiet_sum += self._change_quiet(woken, -1)
            self.active = np.concatenate([self.active, np.sort(self.people.record[woken])])
            self.quiet = self.quiet[~awake]

    def _change_quiet(self, prospects: Array, sign: int) -> int:
        return int(self.kernel.add_quiet(self.place, self.numbers, prospects, sign, self.campaign.price_factor,
                                         self.quiet_niche, self.quiet_region))  # fmt: skip

    def _buy_part(self, shown: Array, first: float, last: float) -> tuple[Array, ...]:
        """A share of the prospects, with sums of its own: (sold, [expected, halo], by creator, by niche, by region)."""
        (low, high), (quiet_low, quiet_high) = (
            (int(first * len(group)), int(last * len(group))) for group in (self.active, self.quiet)
        )
        sold, sums = np.empty((high - low + quiet_high - quiet_low, 2), np.int64), np.zeros(2, np.int64)
        tables = (self.totals.by_creator, self.totals.by_niche, self.totals.by_region)
        by_creator, by_niche, by_region = (np.zeros(len(table), np.int64) for table in tables)
        price = self.campaign.price_factor
        n = self.kernel.buy(
            self.people.known, self.standing, self.today, self.numbers, self.day, self.key, self.active, low, high,
            shown, price, sums, sold, by_creator, by_niche, by_region,
        )  # fmt: skip
        n += self.kernel.buy_quiet(self.place, self.standing, self.numbers, self.day, self.key, self.quiet, quiet_low,
                                   quiet_high, price, sold[n:])  # fmt: skip
        return sold[:n], sums, by_creator, by_niche, by_region

    def _sold(self, parts: Sequence[tuple[Array, ...]]) -> Array:
        totals, today = self.totals, self.totals.daily[self.day]
        none = np.zeros(len(totals.by_creator), np.int64)
        quiet = (np.empty((0, 2), np.int64), [self.quiet_sum] * 2, none, self.quiet_niche, self.quiet_region)
        for _, sums, by_creator, by_niche, by_region in [*parts, quiet]:
            today[DAILY.index("conversions_expected")] += sums[0]
            today[DAILY.index("halo_expected")] += sums[1]
            totals.by_creator[:, BY_CREATOR.index("attributed_expected")] += by_creator
            totals.by_niche[:, BY_PLACE.index("conversions_expected")] += by_niche
            totals.by_region[:, BY_PLACE.index("conversions_expected")] += by_region
        sold = np.concatenate([part[0] for part in parts])
        person, creator = sold[:, 0], sold[:, 1]
        today[DAILY.index("conversions_drawn")] += len(sold)
        society, drawn = self.world.society, BY_PLACE.index("conversions_drawn")
        np.add.at(totals.by_niche[:, drawn], society.niche[person], 1)
        np.add.at(totals.by_region[:, drawn], society.region[person], 1)
        np.add.at(totals.by_creator[:, BY_CREATOR.index("attributed_drawn")], creator[creator >= 0], 1)
        self.events.people(self.day, Event.BUY, person, creator)
        if len(sold):
            self._drop_buyers(person)
        return sold

    def _drop_buyers(self, sold: Array) -> None:
        bought = self.standing[self.quiet] == BOUGHT
        self.quiet_sum += self._change_quiet(self.quiet[bought], -1)
        self.quiet = self.quiet[~bought]
        self.active = self.active[~np.isin(self.active, self.people.record[sold])]

    # --- 5. talk

    def talk(self, buyers: Array) -> None:
        """Some of today's buyers post about it, glad or not: their followers may see it from tomorrow on."""
        person = buyers[:, 0]
        if not len(person):
            return
        u_talk, u_glad, _, _ = uniforms(self.seed, self.replicate, Stream.TALK, person=person)
        talking = u_talk < self.rates.talk_rate
        glad = u_glad < self.campaign.product_quality
        for who, is_glad in zip(person[talking].tolist(), glad[talking].tolist(), strict=True):
            self.totals.daily[self.day, DAILY.index("good_reports" if is_glad else "bad_reports")] += 1
            post = self._person_post(who, WORD_ORDINAL, GOOD if is_glad else BAD, self.campaign.product_niche)
            post.sharers_today = [who]
        self.events.people(self.day, Event.TALK, person[talking], np.where(glad[talking], GOOD, BAD))

    # --- 6. learn

    def learn(self, shown: Array) -> None:
        """Apply the day: attitudes and reports, followers won and lost, and who will show posts tomorrow."""
        self.kernel.settle(self.people.known, self.today, shown)
        for post, total in zip(self.live, self.today["engagement_now"].tolist(), strict=True):
            post.engagement_sum += total
        shared = shown[shown["outcome"] & DID_SHARE != 0]
        for p, person in zip(shared["post"].tolist(), shared["person"].tolist(), strict=True):
            self.live[p].sharers_today.append(person)
        for post in self.posts:
            post.sharers_yesterday, post.sharers_today = sorted(post.sharers_today), []
        self._change_followers(shown)

    def _change_followers(self, shown: Array) -> None:
        """Those who leave, then those who join; each change is one entry of the sorted log of toggles."""
        leaving, joining = (self._pairs(shown[shown["outcome"] & bit != 0]) for bit in (DID_LEAVE, DID_JOIN))
        lost = leaving[self._following(leaving)]
        gained = joining[~(self._following(joining) & ~np.isin(joining, lost))]
        for pairs, name in ((lost, "followers_lost"), (gained, "followers_gained")):
            self.totals.daily[self.day, DAILY.index(name)] += len(pairs)
            np.add.at(self.totals.by_creator[:, BY_CREATOR.index(name)], pairs // self.world.n_people, 1)
        for pairs, following in ((lost, False), (gained, True)):
            follow_bits(self.place.following, pairs // self.world.n_people, pairs % self.world.n_people, following)
        if len(lost) or len(gained):
            new = np.concatenate([lost, gained]) * DAY_LIMIT + self.day
            self.toggles = np.sort(np.concatenate([self.toggles, new]))

    def _pairs(self, shown: Array) -> Array:
        """creator·n + person of each distinct pair among these exposures."""
        return np.unique(self.today["creator"][shown["post"]] * self.world.n_people + shown["person"])

    def _following(self, pairs: Array) -> Array:
        """Whether each creator·n + person pair follows at the start of the day."""
        creator, person = pairs // self.world.n_people, pairs % self.world.n_people
        return np.asarray((self.place.following[creator, person >> 3] >> (person & 7)) & 1 == 1)

    # --- the record

    def finish(self) -> Run:
        """The record, as the agents keep it."""
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
