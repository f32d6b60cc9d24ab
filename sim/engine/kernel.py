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
from sim.engine.campaign import Campaign, appeals
from sim.engine.compiled import DAY_LIMIT, N_BINS, KernelRates, Log, People, Place, Shown, Today
from sim.engine.compiling import standard_kernel
from sim.engine.posts import BAD, GOOD, NO_CREATOR, ORGANIC, SEED_ORDINAL, WORD_ORDINAL, LivePost
from sim.parameters import Rates
from sim.randomness import Stream, person_post_address, uniforms
from sim.record import BY_CREATOR, BY_PLACE, DAILY, EVENT_FIELDS, Event, Run
from sim.society.creators import rank_reference
from sim.society.world import World

Array = NDArray[Any]
EVENTS_A_EXPOSURE = 6


def simulate_compiled(
    world: World,
    campaign: Campaign,
    rates: Rates,
    seed: int,
    replicate: int,
    record: Sequence[int] = (),
    *,
    threads: int = 1,
    kernel: SimpleNamespace | None = None,
    rules: Any = sim.rules,
) -> Run:
    """One campaign on one world, compiled. threads: for the step "buy"; any number gives the same bits."""
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
        self.key = np.array([self.seed & 0xFFFFFFFF, self.replicate & 0xFFFFFFFF], dtype=np.uint64)
        self.numbers = KernelRates(*astuple(rates))
        self.place = place_of(world)
        self.people = new_people(world)
        self.prospects = np.flatnonzero(world.society.need > 0.0).astype(np.int32)
        self.toggles = np.empty(0, np.int64)
        self.posts: list[LivePost] = []
        self.appeal = appeals(campaign.address, rates, self.seed, self.replicate).tolist()
        self.seen = SeenTable()
        self.seen_by = np.zeros((max(1, world.n_creators), (world.n_people + 7) // 8), np.uint8)
        self.audiences = Audiences()
        self.recorded = np.zeros(world.n_people if len(record) else 0, np.uint8)
        self.recorded[list(record)] = 1
        self.events: list[Array] = []
        self.daily = np.zeros((campaign.days, len(DAILY)), np.int64)
        self.by_creator = np.zeros((max(1, world.n_creators), len(BY_CREATOR)), np.int64)
        self.by_niche = np.zeros((world.society.n_niches, len(BY_PLACE)), np.int64)
        self.by_region = np.zeros((world.society.n_regions, len(BY_PLACE)), np.int64)

    def step(self) -> None:
        """One day, by the numbers of the specification."""
        self.publish()  #                1. today's posts go live
        shown, n = self.deliver()  #     2. who is shown what, by whom
        self.respond(shown, n)  #        3. engage, click, share
        buyers = self.buy(shown)  #      4. visit the shop, buy
        self.talk(buyers)  #             5. buyers post about it
        self.learn(shown, n)  #          6. attitudes, ranks, followers won and lost
        self.day += 1  #                 7. the day's row stands in ``daily``

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
        post = LivePost.of_creator(self.world, self.campaign, self.rates, self.rules, index, self.day, self.appeal[index])
        post.uid = len(self.posts)
        people = self._audience(post.creator)
        keys, owners = self.audiences.room(len(people))
        bins = self.kernel.sort_into_bins(people, self.place.activity, post.address, self.key, owners, keys)
        post.row = self.audiences.add(bins)
        self.by_creator[post.creator, BY_CREATOR.index("posts")] += 1
        self.posts.append(post)

    def _audience(self, creator: int) -> Array:
        """Followers of a creator at the start of the day, ascending, without the creator's own person."""
        people, n = self.world.audience_of(creator), self.world.n_people
        low, high = np.searchsorted(self.toggles, [creator * n * DAY_LIMIT, (creator + 1) * n * DAY_LIMIT])
        changed, times = np.unique(self.toggles[low:high] // DAY_LIMIT - creator * n, return_counts=True)
        people = np.setxor1d(people, changed[times % 2 == 1], assume_unique=True).astype(np.int32)
        return people[people != self.world.node[creator]]

    def _person_post(self, person: int, ordinal: int, word: int, topic: int) -> LivePost:
        address = person_post_address(person, ordinal)
        appeal = float(appeals(np.array([address]), self.rates, self.seed, self.replicate)[0])
        post = LivePost.of_person(address, person, self.day, topic, appeal, word)
        post.uid = len(self.posts)
        self.posts.append(post)
        return post

    # --- 2. deliver

    def deliver(self) -> tuple[Shown, int]:
        """Exposures of today, linked by person, and how many there are."""
        for post in self.posts:
            if post.creator != NO_CREATOR:
                self._move_on(post)
        self.today = self._today()
        room = self._room()
        shown = new_shown(room)
        self.seen.make_room(int(self.today.n_slots.sum()) + room, self.kernel)
        n, added = self.kernel.deliver(
            self.place, self.people, self.today, self.numbers, self.day, self.key, self.toggles, self.seen.keys,
            self.seen.flags, self.audiences.bins, self.audiences.people, self.audiences.keys, shown, self.daily,
        )  # fmt: skip
        self.seen.used += added
        for post, shown_now, slots in zip(self.live, self.today.shown.tolist(), self.today.n_slots.tolist(), strict=True):
            post.shown += shown_now
            post.shown_yesterday = shown_now
            post.slots_used += slots
        return shown, n

    def _move_on(self, post: LivePost) -> None:
        """Rank, coverage and recommended slots of a creator's post today."""
        post.learn_rank(self.rules, self.rates, self.world.people_per_agent, self.day, rank_reference(self.rates))
        post.covered_before = post.covered
        gain = float(self.campaign.life_gain[self.day - post.published])
        post.covered = self.rules.coverage(post.covered, self.rates.reach, gain, post.rank)
        post.slots_today = post.whole_slots(self.rules, self.rates)

    def _today(self) -> Today:
        """The live posts as arrays, in order of address."""
        self.live = [post for post in self.posts if post.creator != NO_CREATOR or post.sharers_yesterday]
        sharers = [post.sharers_yesterday for post in self.live]
        columns: dict[str, Array] = {
            "pair_start": np.concatenate([[0], np.cumsum([len(s) for s in sharers])]).astype(np.int64),
            "sharer": np.array([person for s in sharers for person in s], dtype=np.int64),
            "audience_at": np.array([self.audiences.start[p.row] if p.row >= 0 else 0 for p in self.live], dtype=np.int64),
            "shown": np.zeros(len(self.live), np.int64),
            "engagement_sum": np.zeros(len(self.live), np.int64),
            "n_slots": np.array([post.slots_today for post in self.live], dtype=np.int64),
        }
        for name, kind in TODAY_COLUMNS.items():
            columns[name] = np.array([getattr(post, name) for post in self.live], dtype=kind)
        return Today(**columns)

    def _room(self) -> int:
        """An upper bound of today's exposures."""
        starts = self.place.follower_start
        through_peers = int((starts[self.today.sharer + 1] - starts[self.today.sharer]).sum())
        due = 0
        for post in self.live:
            if post.row >= 0:
                bins = self.audiences.bins[post.row]
                due += int(bins[min(int(post.covered * N_BINS), N_BINS - 1) + 1] - bins[int(post.covered_before * N_BINS)]
                           if post.covered_before < 1.0 else 0)  # fmt: skip
        return through_peers + due + int(self.today.n_slots.sum())

    # --- 3. respond

    def respond(self, shown: Shown, n: int) -> None:
        """Each person shown something today decides on it, in the order of (post, shower)."""
        self.log = new_log(n, self.recorded)
        self.seen.used += self.kernel.respond(
            self.place, self.people, self.today, self.numbers, self.day, self.key, self.toggles, self.seen.keys,
            self.seen.flags, shown, n, self.seen_by, self.log, self.daily, self.by_creator, self.by_niche, self.by_region,
        )  # fmt: skip
        if len(self.recorded):
            self.events.append(self.log.events[: self.log.n_events[0]])

    # --- 4. buy

    def buy(self, shown: Shown) -> Array:
        """Everyone in the market who has not bought; rows (person, creator or -1) of today's buyers."""
        bounds = np.linspace(0, len(self.prospects), self.threads + 1).astype(int).tolist()
        if self.threads == 1:
            return self._sold([self._buy_part(shown, *bounds)])
        with ThreadPoolExecutor(self.threads) as pool:
            parts = pool.map(lambda low, high: self._buy_part(shown, low, high), bounds[:-1], bounds[1:])
            return self._sold(list(parts))

    def _buy_part(self, shown: Shown, low: int, high: int) -> tuple[Array, ...]:
        sold = np.empty((high - low, 2), np.int64)
        sums = np.zeros(2, np.int64)
        by_creator = np.zeros(max(1, self.world.n_creators), np.int64)
        by_niche, by_region = np.zeros(len(self.by_niche), np.int64), np.zeros(len(self.by_region), np.int64)
        n = self.kernel.buy(
            self.place, self.people, self.today, self.numbers, self.day, self.key, self.prospects, low, high, shown,
            self.campaign.price_factor, sums, sold, by_creator, by_niche, by_region,
        )  # fmt: skip
        return sold[:n], sums, by_creator, by_niche, by_region

    def _sold(self, parts: Sequence[tuple[Array, ...]]) -> Array:
        for _, sums, by_creator, by_niche, by_region in parts:
            self.daily[self.day, DAILY.index("conversions_expected")] += sums[0]
            self.daily[self.day, DAILY.index("halo_expected")] += sums[1]
            self.by_creator[:, BY_CREATOR.index("attributed_expected")] += by_creator
            self.by_niche[:, BY_PLACE.index("conversions_expected")] += by_niche
            self.by_region[:, BY_PLACE.index("conversions_expected")] += by_region
        sold = np.concatenate([part[0] for part in parts])
        self.daily[self.day, DAILY.index("conversions_drawn")] += len(sold)
        society, person, creator = self.world.society, sold[:, 0], sold[:, 1]
        np.add.at(self.by_niche[:, BY_PLACE.index("conversions_drawn")], society.niche[person], 1)
        np.add.at(self.by_region[:, BY_PLACE.index("conversions_drawn")], society.region[person], 1)
        np.add.at(self.by_creator[:, BY_CREATOR.index("attributed_drawn")], creator[creator >= 0], 1)
        self._note_people(Event.BUY, person, creator)
        if len(sold):
            self.prospects = self.prospects[self.people.bought[self.prospects] == 0]
        return sold

    def _note_people(self, kind: Event, person: Array, value: Array) -> None:
        """Events of recorded people that have no post."""
        if not len(self.recorded) or not len(person):
            return
        kept = self.recorded[person] == 1
        rows = np.zeros((int(kept.sum()), EVENTS_A_EXPOSURE))
        rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 5] = self.day, person[kept], int(kind), value[kept]
        self.events.append(rows)

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
            self.daily[self.day, DAILY.index("good_reports" if is_glad else "bad_reports")] += 1
            post = self._person_post(who, WORD_ORDINAL, GOOD if is_glad else BAD, self.campaign.product_niche)
            post.sharers_today = [who]
        self._note_people(Event.TALK, person[talking], np.where(glad[talking], GOOD, BAD))

    # --- 6. learn

    def learn(self, shown: Shown, n: int) -> None:
        """Apply the day: attitudes and reports, followers won and lost, and who will show posts tomorrow."""
        self.kernel.settle(self.people, self.today, shown, n)
        for post, total in zip(self.live, self.today.engagement_sum.tolist(), strict=True):
            post.engagement_sum += total
        for p, person in self.log.shares[: self.log.n_shares[0]].tolist():
            self.live[p].sharers_today.append(person)
        for post in self.posts:
            post.sharers_yesterday, post.sharers_today = sorted(post.sharers_today), []
        self._change_followers()

    def _change_followers(self) -> None:
        """Those who leave, then those who join; each change is one entry of the sorted log of toggles."""
        leaving = self._pairs(self.log.leaving[: self.log.n_leaving[0]])
        joining = self._pairs(self.log.joining[: self.log.n_joining[0]])
        lost = leaving[self._following(leaving)]
        gained = joining[~(self._following(joining) & ~np.isin(joining, lost))]
        for pairs, name in ((lost, "followers_lost"), (gained, "followers_gained")):
            self.daily[self.day, DAILY.index(name)] += len(pairs)
            np.add.at(self.by_creator[:, BY_CREATOR.index(name)], pairs // self.world.n_people, 1)
        if len(lost) or len(gained):
            new = np.concatenate([lost, gained]) * DAY_LIMIT + self.day
            self.toggles = np.sort(np.concatenate([self.toggles, new]))

    def _pairs(self, rows: Array) -> Array:
        """creator·n + person of each distinct (creator, person) row."""
        return np.unique(rows[:, 0] * self.world.n_people + rows[:, 1])

    def _following(self, pairs: Array) -> Array:
        n, day = self.world.n_people, self.day
        found = [self.kernel.follows(self.place, self.toggles, int(p // n), int(p % n), day) for p in pairs]
        return np.array(found, dtype=bool)

    # --- the record

    def finish(self) -> Run:
        """The record, as the agents keep it."""
        total = int(self.kernel.attitude_of_reached(self.people, self.numbers, self.campaign.days))
        n = self.world.n_creators
        return Run(
            people_per_agent=self.world.people_per_agent,
            handles=self.world.handles,
            daily={name: self.daily[:, k].copy() for k, name in enumerate(DAILY)},
            by_creator={name: self.by_creator[:n, k].copy() for k, name in enumerate(BY_CREATOR)},
            by_niche={name: self.by_niche[:, k].copy() for k, name in enumerate(BY_PLACE)},
            by_region={name: self.by_region[:, k].copy() for k, name in enumerate(BY_PLACE)},
            attitude_sum=total,
            events=self._sorted_events(),
        )

    def _sorted_events(self) -> NDArray[np.void]:
        rows = np.concatenate([*self.events, np.empty((0, EVENTS_A_EXPOSURE))])
        events = np.empty(len(rows), dtype=EVENT_FIELDS)
        for column, (name, kind) in enumerate(EVENT_FIELDS):
            events[name] = rows[:, column].astype(kind)
        events.sort(order=["day", "person", "post", "shower", "kind"])
        return events


TODAY_COLUMNS = {
    "uid": np.int64, "address": np.int64, "creator": np.int64, "person": np.int64, "published": np.int64,
    "topic": np.int64, "quality": np.float64, "appeal": np.float64, "sponsored": np.bool_, "word": np.int64,
    "ad": np.float64, "fit": np.float64, "covered_before": np.float64, "covered": np.float64, "slots_used": np.int64,
    "row": np.int64,
}  # fmt: skip


class SeenTable:
    """Which person has seen, engaged with, shared or clicked which post: an open-addressing table."""

    def __init__(self) -> None:
        self.keys, self.flags, self.used = self._empty(1024), np.zeros(1024, np.int32), 0

    def _empty(self, size: int) -> Array:
        return np.full(size, -1, np.int64)

    def make_room(self, more: int, kernel: SimpleNamespace) -> None:
        """Let ``more`` entries be added with the table at most half full."""
        size = len(self.keys)
        while size < 2 * (self.used + more):
            size *= 2
        if size > len(self.keys):
            keys, flags = self._empty(size), np.zeros(size, np.int32)
            kernel.rehash(self.keys, self.flags, keys, flags)
            self.keys, self.flags = keys, flags


class Audiences:
    """Viewing keys of every creator's post, end to end, each post's gathered by bins."""

    def __init__(self) -> None:
        self.keys, self.people = np.empty(1024), np.empty(1024, np.int32)
        self.used = 0
        self.start: list[int] = []
        self.bins = np.zeros((0, N_BINS + 1), np.int64)

    def room(self, n: int) -> tuple[Array, Array]:
        """Space for one audience's keys and people."""
        if self.used + n > len(self.keys):
            size = max(2 * len(self.keys), self.used + n)
            keys, people = np.empty(size), np.empty(size, np.int32)
            keys[: self.used], people[: self.used] = self.keys[: self.used], self.people[: self.used]
            self.keys, self.people = keys, people
        return self.keys[self.used : self.used + n], self.people[self.used : self.used + n]

    def add(self, bins: Array) -> int:
        """Keep the bins of the audience just written; returns its row."""
        self.start.append(self.used)
        self.used += int(bins[-1])
        self.bins = np.concatenate([self.bins, bins[None, :]])
        return len(self.start) - 1


def place_of(world: World) -> Place:
    """The World's arrays as the loops want them."""
    society = world.society
    niche_start, niche_members = society.niche_members()
    return Place(
        niche=society.niche,
        region=society.region,
        activity=society.activity,
        expressiveness=society.expressiveness,
        skepticism=society.skepticism,
        need=society.need,
        follower_start=society.follower_start,
        follower=society.follower,
        niche_start=niche_start,
        niche_members=niche_members,
        audience_start=world.audience_start,
        audience=world.audience,
        interest=world.interest,
        product_relevance=world.product_relevance,
        creator_trust=world.trust,
        creator_address=world.address.astype(np.int64),
    )


def new_people(world: World) -> People:
    """Everyone at the start of day 0."""
    n = world.n_people
    return People(
        attitude=np.zeros(n),
        exposures=np.zeros(n),
        good=world.owners_followed.astype(np.int32),
        bad=np.zeros(n, np.int32),
        updated=np.zeros(n, np.int16),
        reached=np.zeros(n, np.uint8),
        bought=np.zeros(n, np.uint8),
        last_click=np.full(n, -1, np.int32),
        first=np.full(n, -1, np.int32),
        last=np.full(n, -1, np.int32),
    )


def new_shown(room: int) -> Shown:
    """Space for a day's exposures."""
    return Shown(
        person=np.empty(room, np.int32),
        post=np.empty(room, np.int32),
        shower=np.empty(room, np.int64),
        source=np.empty(room, np.int8),
        next=np.empty(room, np.int32),
        previous=np.empty(room, np.int32),
        click=np.empty(room),
        trust=np.empty(room),
        happened=np.empty(room, np.bool_),
        change=np.empty(room, np.int64),
        n_sponsored=np.empty(room, np.int32),
        n_good=np.empty(room, np.int32),
        n_bad=np.empty(room, np.int32),
    )


def new_log(n: int, recorded: Array) -> Log:
    """Space for what a day's exposures may lead to."""

    def rows() -> tuple[Array, Array]:
        return np.empty((n, 2), np.int64), np.zeros(1, np.int64)

    shares, leaving, joining = rows(), rows(), rows()
    events = np.empty((EVENTS_A_EXPOSURE * n if len(recorded) else 0, EVENTS_A_EXPOSURE))
    return Log(*shares, *leaving, *joining, recorded, events, np.zeros(1, np.int64))
