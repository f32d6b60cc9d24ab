"""The same campaign as a competent user would write it from Mesa's tutorials: one agent a person, one step a day.

People and creators are Mesa agents with attributes, who follows whom is a networkx graph, every person's ``step`` runs
every day in Python, draws come from ``model.random`` and a DataCollector keeps a row a day. The rules are the functions
of ``sim.rules``: trust, engage, click, share, unfollow, follow, attitude, visit, purchase and word of mouth, each from
the state at the start of the day. It is written to be read and not to be slow on purpose: ``do`` instead of
``shuffle_do`` (the order of people decides nothing), sharers push to their followers' inboxes instead of everybody
asking forty peers every day, nobody outside the market visits the shop, and posts whose life is over are dropped.

What it leaves out: draws addressed by person and post, so two plans do not meet the same luck; sums that are exact in
any order; results by creator, niche, region and source; the events of chosen people; posts seeded with ordinary people;
creators who are people of a given graph; formats, codes, tags, segments, languages, hidden ads found out, burnout,
repeat purchase, and trust moved by buyers' words. A post reaches whoever follows at the time instead of at its
publication, and the last 1/10,000 of a post's life is cut off.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import mesa
import networkx as nx
import numpy as np

from sim import rules
from sim.society.creators import rank_reference

GOOD, BAD = 1, -1
END_OF_LIFE = 1e-4
"""Share of a post's impressions still to come at which a user stops looking at it."""


class Shown(NamedTuple):
    """A post as it lies in somebody's feed: from its author, by recommendation, or from a peer (``sharer``)."""

    post: Post
    sharer: Person | None = None
    recommended: bool = False


class Post:
    """A creator's post, or what a buyer says (then ``creator`` is None)."""

    def __init__(self, model: OrdinaryModel, creator: Creator | None, buyer: Person | None, index: int, word: int):
        rates = model.rates
        self.creator, self.buyer, self.word = creator, buyer, word
        self.published = model.day
        self.topic = creator.niche if creator else model.campaign.product_niche
        self.quality = creator.quality if creator else 1.0
        booked = model.campaign.posts[index] if creator else None
        self.sponsored = booked is not None and booked.sponsored
        self.fit = booked.fit if booked else 1.0
        disclosed = booked is not None and booked.disclosed
        self.ad = rules.perceived_ad(self.sponsored, disclosed, rates.recognition, self.fit, rates.misfit)
        self.appeal = model.random.lognormvariate(-(rates.appeal_spread**2) / 2, rates.appeal_spread)
        self.rank = creator.rank if creator else 1.0
        self.covered_before = self.covered = 0.0
        self.shown = self.shown_today = 0
        self.engagement_sum = self.slots = 0.0
        self.in_feed: set[Person] = set()
        self.seen: set[Person] = set()
        self.engaged: set[Person] = set()
        self.clicked: set[Person] = set()
        self.shared: set[Person] = set()


class Creator(mesa.Agent):
    """Publishes posts; the feed shows them to followers and recommends them to others."""

    def __init__(self, model: OrdinaryModel, number: int) -> None:
        super().__init__(model)
        world = model.world
        self.number = number
        self.niche = int(world.niche[number])
        self.quality, self.first_trust = float(world.quality[number]), float(world.trust[number])
        self.trust, self.rank = self.first_trust, float(world.rank[number])
        self.usual, self.posts_a_day = float(world.sponsored_share[number]), float(world.posts_a_day[number])
        self.schedule = {i: post.day for i, post in enumerate(model.campaign.posts) if post.creator == number}
        self.posts: list[Post] = []

    def step(self) -> None:
        """Publish today's posts; decide how far each live post gets today."""
        campaign, day = self.model.campaign, self.model.day
        self.trust = self.trust_today(day)
        today = [index for index, posted in self.schedule.items() if posted == day]
        self.posts += [Post(self.model, self, None, i, GOOD if campaign.posts[i].sponsored else 0) for i in today]
        life = np.cumsum(campaign.life_gain["post"])
        self.posts = [post for post in self.posts if post.published == day or
                      1.0 - life[day - post.published - 1] > END_OF_LIFE]  # fmt: skip
        for post in self.posts:
            self.rank_and_deliver(post, day - post.published)

    def trust_today(self, day: int) -> float:
        """Trust falls with the share of recent posts that are sponsored."""
        rates = self.model.rates
        recent = sum(day - rates.overload_days < posted <= day for posted in self.schedule.values())
        share = rules.recent_sponsored_share(self.usual, float(recent), self.posts_a_day, rates.overload_days)
        return rules.overloaded_trust(self.first_trust, rates.overload, share - self.usual)

    def rank_and_deliver(self, post: Post, age: int) -> None:
        """The feed learns from the engagement so far; recommended slots go to people who do not follow."""
        rates, per_agent = self.model.rates, self.model.world.people_per_agent
        post.shown += post.shown_today
        if age:
            post.rank = rules.rank_factor(per_agent * post.engagement_sum, per_agent * post.shown, rates.rank_prior,
                                          rank_reference(rates), rates.rank_exponent, rates.rank_low,
                                          rates.rank_high)  # fmt: skip
        post.slots += rules.recommended_slots(post.shown_today, rates.recommended_share, post.rank, 1.0)
        post.shown_today, post.covered_before = 0, post.covered
        gain = float(self.model.campaign.life_gain["post"][age])
        post.covered = rules.coverage(post.covered, rates.reach, gain, post.rank)
        while post.slots >= 1.0:
            post.slots -= 1.0
            self.recommend(post)

    def recommend(self, post: Post) -> None:
        """One slot: somebody of the niche or anybody; lost on followers and on those who have seen the post."""
        model = self.model
        inside = model.random.random() < model.rates.in_niche and self.niche >= 0
        person = model.random.choice(model.members[self.niche] if inside else model.everybody)
        if self not in person.following and person not in post.seen:
            post.seen.add(person)
            person.inbox.append(Shown(post, recommended=True))


class Person(mesa.Agent):
    """Looks at the feed every day, responds to what is there, and may visit the shop, buy and talk about it."""

    def __init__(
        self, model: OrdinaryModel, node: int, niche: int, activity: float, expressiveness: float, skepticism: float,
        need: float, good_reports: int,
    ) -> None:  # fmt: skip
        super().__init__(model)
        self.node, self.niche = node, niche
        self.activity, self.expressiveness, self.skepticism, self.need = activity, expressiveness, skepticism, need
        self.good_reports, self.bad_reports = good_reports, 0
        self.attitude = self.exposures = 0.0
        self.reached = self.bought = False
        self.following: list[Creator] = []
        self.inbox: list[Shown] = []
        self.opinions: dict[mesa.Agent, float] = {}

    def step(self) -> None:
        """One day: decide on everything from the state at its start, then take in what was seen."""
        rates = self.model.rates
        self.attitude *= rates.attitude_memory
        self.exposures *= rates.exposure_memory
        feed, self.inbox = self.inbox + self.posts_of_creators(), []
        clicks: list[tuple[float, float, bool]] = []
        change = 0.0
        for shown in feed:
            trust = self.trust_in(shown)
            self.respond(shown, trust, clicks)
            change += self.persuasion_by(shown, trust)
        if self.need > 0.0 and not self.bought:
            self.visit_shop(clicks)
        if feed:
            self.take_in(feed, change)

    def posts_of_creators(self) -> list[Shown]:
        """Today's share of the live posts of the creators I follow."""
        fresh = []
        for creator in self.following:
            for post in creator.posts:
                if self not in post.in_feed and self.random.random() < self.chance_to_see(post):
                    post.in_feed.add(self)
                    post.shown_today += 1
                    fresh.append(Shown(post))
        return fresh

    def chance_to_see(self, post: Post) -> float:
        """u/activity lies below today's coverage, given that it did not lie below yesterday's."""
        before = self.activity * post.covered_before
        return self.activity * (post.covered - post.covered_before) / (1.0 - before) if before < 1.0 else 0.0

    def opinion_of(self, other: mesa.Agent) -> float:
        """My personal difference in trust, made up once."""
        if other not in self.opinions:
            self.opinions[other] = self.random.random()
        return self.opinions[other]

    def trust_in(self, shown: Shown) -> float:
        """Trust in the author, or in the peer who shows the post."""
        rates, creator, sharer = self.model.rates, shown.post.creator, shown.sharer
        in_author = 0.0
        if creator is not None:
            mean = creator.trust if creator in self.following else rates.trust_floor
            in_author = rules.personal_trust(mean, self.opinion_of(creator), rates.trust_noise)
        if sharer is None:
            return in_author
        in_peer = rules.personal_trust(rates.peer_trust, self.opinion_of(sharer), rates.trust_noise)
        return in_peer if sharer is shown.post.buyer else rules.reshared_trust(in_author, in_peer, rates.endorsement)

    def respond(self, shown: Shown, trust: float, clicks: list[tuple[float, float, bool]]) -> None:
        """Engage, share, click, leave or follow."""
        model, post = self.model, shown.post
        model.count["impressions"] += 1
        if not self.reached:
            self.reached = True
            model.count["reach"] += 1
        post.seen.add(self)
        engaged = self.engage(shown, trust)
        self.share(shown)
        if post.sponsored:
            self.click(post, trust, clicks)
            if not shown.recommended and shown.sharer is None:
                self.stay_or_leave(post, trust)
        if engaged and shown.recommended and self.random.random() < model.rates.follow_rate:
            self.following.append(post.creator)

    def engage(self, shown: Shown, trust: float) -> bool:
        rates, post = self.model.rates, shown.post
        p = rules.engage_probability(
            rates.engagement_rate, self.expressiveness, post.quality, trust, rates.trust_reference,
            self.model.interest[post.topic][self.niche], rates.ad_aversion, self.skepticism, post.ad,
        )  # fmt: skip
        if shown.sharer is None and not shown.recommended:
            post.engagement_sum += p
        if self in post.engaged or self.random.random() >= p:
            return False
        post.engaged.add(self)
        self.model.count["engagements"] += 1
        return True

    def share(self, shown: Shown) -> None:
        rates, post = self.model.rates, shown.post
        if self in post.shared:
            return
        from_sharer = shown.sharer is not None and shown.sharer is not post.buyer
        pull = rules.share_pull(post.quality, post.appeal, from_sharer, rates.share_appeal_cap)
        relevance = self.model.interest[post.topic][self.niche]
        if self.random.random() < rules.share_probability(rates.share_rate, self.expressiveness, relevance, pull):
            post.shared.add(self)
            self.model.count["shares"] += 1
            self.model.spread_tonight.append((post, self))

    def click(self, post: Post, trust: float, clicks: list[tuple[float, float, bool]]) -> None:
        rates = self.model.rates
        if self in post.clicked:
            return
        fit = rules.fit_factor(post.fit, rates.fit_floor)
        relevance = self.model.product_relevance[self.niche]
        p = rules.click_probability(rates.click_rate, trust, rates.trust_reference, relevance, fit, 1.0)
        happened = self.random.random() < p
        clicks.append((p, trust, happened))
        if happened:
            post.clicked.add(self)
            self.model.count["clicks"] += 1

    def stay_or_leave(self, post: Post, trust: float) -> None:
        rates, relevance = self.model.rates, self.model.product_relevance[self.niche]
        p = rules.unfollow_probability(rates.unfollow_rate, post.ad, trust, relevance, post.fit, rates.unfollow_shield)
        if self.random.random() < p and post.creator in self.following:
            self.following.remove(post.creator)

    def persuasion_by(self, shown: Shown, trust: float) -> float:
        """Attitude moved by one exposure; nothing by a post that is not about the brand."""
        rates, post = self.model.rates, shown.post
        if post.word == 0:
            return 0.0
        fit = rules.fit_factor(post.fit, rates.fit_floor)
        earlier = self.exposures if post.sponsored else 0.0
        relevance = self.model.product_relevance[self.niche]
        return post.word * rules.persuasion_gain(rates.persuasion, trust, relevance, fit, 1.0, earlier, rates.wear_peak)

    def visit_shop(self, clicks: list[tuple[float, float, bool]]) -> None:
        """Visit after a click or by oneself, and buy or not; the probability is added up, since sales are rare."""
        model, rates = self.model, self.model.rates
        proof = rules.proof_factor(self.good_reports, self.bad_reports, rates.social_proof, rates.social_proof_half,
                                   rates.bad_word, rates.bad_word_half)  # fmt: skip
        base = rules.purchase_base(rates.conversion_rate, self.need, rates.attitude_effect, self.attitude,
                                   model.campaign.price_factor, proof)  # fmt: skip
        no_click, expected, chance = 1.0, 0.0, None
        for p, trust, happened in reversed(clicks):
            factor = rules.trust_factor(trust, rates.trust_reference, rates.trust_on_purchase)
            after_click = rules.purchase_probability(base, factor, 1.0)
            expected += no_click * p * after_click
            no_click *= 1.0 - p
            if happened and chance is None:
                chance = after_click
        visit = rules.visit_probability(rates.base_visit, rates.visit_rate, self.attitude)
        unclicked = visit * rules.purchase_probability(base, 1.0, 1.0)
        model.count["expected_purchases"] += expected + no_click * unclicked
        if self.random.random() < (unclicked if chance is None else chance):
            self.buy()

    def buy(self) -> None:
        """Buy, and perhaps talk about it, glad or not."""
        model = self.model
        self.bought = True
        model.count["purchases"] += 1
        if self.random.random() < model.rates.talk_rate:
            word = GOOD if self.random.random() < model.campaign.product_quality else BAD
            model.spread_tonight.append((Post(model, None, self, 0, word), self))

    def take_in(self, feed: list[Shown], change: float) -> None:
        """Attitude, the number of ads seen, and what peers were seen to say."""
        self.attitude = rules.moved_attitude(self.attitude, change)
        for shown in feed:
            self.exposures += shown.post.sponsored
            if shown.sharer is not None:
                self.good_reports += shown.post.word > 0
                self.bad_reports += shown.post.word < 0


class OrdinaryModel(mesa.Model):
    """One campaign on one world, with the attributes, ties and audiences of the project's own world."""

    def __init__(self, world: Any, campaign: Any, rates: Any, graph: nx.DiGraph, *, rng: int = 1) -> None:
        super().__init__(rng=rng)
        self.world, self.campaign, self.rates, self.graph = world, campaign, rates, graph
        self.day = 0
        self.interest = world.interest.tolist()
        self.product_relevance = world.product_relevance.tolist()
        self.count = dict.fromkeys(
            ("reach", "impressions", "engagements", "clicks", "shares", "purchases", "expected_purchases"), 0
        )
        self.spread_tonight: list[tuple[Post, Person]] = []
        self.creators = Creator.create_agents(self, world.n_creators, number=list(range(world.n_creators)))
        self.people = Person.create_agents(self, world.n_people, **_attributes(world))
        self.everybody = list(self.people)
        self.members: list[list[Person]] = [[] for _ in range(world.society.n_niches)]
        for person in self.everybody:
            self.members[person.niche].append(person)
        for creator in self.creators:
            for node in world.audience_of(creator.number).tolist():
                self.everybody[node].following.append(creator)
        self.datacollector = mesa.DataCollector({name: _counter(name) for name in self.count})

    def step(self) -> None:
        """One day."""
        self.creators.do("step")
        self.people.do("step")
        self.spread()
        self.datacollector.collect(self)
        self.day += 1

    def spread(self) -> None:
        """What was shared or said today lies in the feeds of some followers tomorrow."""
        for post, sharer in self.spread_tonight:
            for node in self.graph.successors(sharer.node):
                follower = self.everybody[node]
                if follower is not post.buyer and self.random.random() < rules.peer_view_probability(
                    follower.activity, self.rates.peer_reach
                ):
                    follower.inbox.append(Shown(post, sharer=sharer))
        self.spread_tonight = []


def follow_graph(society: Any) -> nx.DiGraph:
    """The ties of a society as a networkx graph with an edge from each person to each follower."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(society.n_people))
    followed = np.repeat(np.arange(society.n_people), np.diff(society.follower_start))
    graph.add_edges_from(zip(followed.tolist(), society.follower.tolist(), strict=True))
    return graph


def _attributes(world: Any) -> dict[str, list[Any]]:
    society = world.society
    names = ("niche", "activity", "expressiveness", "skepticism", "need")
    columns = {name: getattr(society, name).tolist() for name in names}
    return {"node": list(range(society.n_people)), **columns, "good_reports": world.owners_followed.tolist()}


def _counter(name: str) -> Any:
    return lambda model: model.count[name]
