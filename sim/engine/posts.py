"""LivePost: a published post and everything that is remembered of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.campaign import Campaign
from sim.parameters import Rates
from sim.platforms import ONE_DAY, format_rate
from sim.society.relevance import NO_LANGUAGE
from sim.society.world import World

NO_CREATOR = -1
GOOD, BAD, ORGANIC = 1, -1, 0
"""What a post says about the brand."""
WORD_ORDINAL, SEED_ORDINAL = 0, 1
"""A person's posts by kind: word of mouth after buying, and seeded ones."""

FIXED_FIELDS = ("uid", "address", "creator", "person", "published", "topic", "voice", "word", "quality", "appeal",
                "fit", "click", "persuasion", "discount", "offer", "sponsored", "row")  # fmt: skip
DAILY_FIELDS = ("ad", "aversion", "covered_before", "covered", "slots_today", "slots_used")
"""What the compiled loops need to know of a live post: what never changes, and what does from day to day."""


@dataclass
class LivePost:
    """A post under way.

    creator: number of the author, NO_CREATOR for an ordinary person, whose number is then ``person``.
    word: +1 good or -1 bad about the brand, 0 not about it. voice: topic and language together (see ``World.voice``).
    ad: how much it is seen as an ad; aversion: how much of that puts off. seller: the creator through whom the author
    bought. reach, recommended, click, persuasion, discount, offer: see ``campaign.Post``. keys: sorted viewing keys of
    ``audience``.
    """

    address: int
    creator: int
    person: int
    published: int
    topic: int
    voice: int
    quality: float
    appeal: float
    sponsored: bool
    word: int
    ad: float = 0.0
    aversion: float = 0.0
    fit: float = 1.0
    hidden: bool = False
    earlier: int = 0
    seller: int = NO_CREATOR
    form: str = "post"
    reach: float = 1.0
    recommended: float = 1.0
    click: float = 1.0
    persuasion: float = 1.0
    discount: float = 0.0
    offer: float = 1.0
    rank: float = 1.0
    audience: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    keys: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    members: frozenset[int] = frozenset()
    covered: float = 0.0
    shown: int = 0
    shown_yesterday: int = 0
    engagement_sum: int = 0
    slot_balance: float = 0.0
    slots_used: int = 0
    slots_today: int = 0
    covered_before: float = 0.0
    uid: int = 0
    row: int = -1
    sharers_yesterday: list[int] = field(default_factory=list)
    sharers_today: list[int] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    engaged: set[int] = field(default_factory=set)
    clicked: dict[int, int] = field(default_factory=dict)
    shared: set[int] = field(default_factory=set)

    @classmethod
    def of_creator(
        cls, world: World, campaign: Campaign, rates: Rates, rules: Any, index: int, quality: float, appeal: float
    ) -> LivePost:
        """Post number ``index`` of a campaign as it goes live; quality: its author's today."""
        post = campaign.posts[index]
        creator, topic = post.creator, int(world.niche[post.creator])
        live = cls(
            address=post.address,
            creator=creator,
            person=int(world.node[creator]),
            published=post.day,
            topic=topic,
            voice=world.voice(topic, int(world.language[creator])),
            quality=quality,
            appeal=appeal,
            sponsored=post.sponsored,
            word=GOOD if post.sponsored else ORGANIC,
            fit=post.fit,
            hidden=post.sponsored and not post.disclosed,
            earlier=post.earlier,
            form=post.form,
            reach=rates.reach * format_rate(rates, post.form, "reach"),
            recommended=0.0 if post.form in ONE_DAY else format_rate(rates, post.form, "recommended"),
            click=post.click,
            persuasion=post.persuasion,
            discount=post.discount,
            offer=post.offer,
            rank=float(world.rank[creator]),
        )
        known = live.published >= campaign.found_out.get(creator, campaign.days)
        live.be_seen_as_ad(rules, rates, known=known or not live.hidden)
        return live

    @classmethod
    def of_person(
        cls, world: World, address: int, person: int, day: int, topic: int, appeal: float, word: int,
        seller: int = NO_CREATOR,
    ) -> LivePost:  # fmt: skip
        """A post by an ordinary person: neither ranked nor recommended, seen through peers only."""
        return cls(address=address, creator=NO_CREATOR, person=person, published=day, topic=topic,
                   voice=world.voice(topic, NO_LANGUAGE), quality=1.0, appeal=appeal, sponsored=False, word=word,
                   seller=seller)  # fmt: skip

    def be_seen_as_ad(self, rules: Any, rates: Rates, *, known: bool) -> None:
        """How much the post is seen as an ad from now on; known: disclosed, or found out."""
        self.ad = rules.perceived_ad(self.sponsored, known, rates.recognition, self.fit, rates.misfit)
        self.aversion = rules.familiar_ad(self.ad, rates.familiarity, float(self.earlier))

    def learn_rank(self, rules: Any, rates: Rates, people_per_agent: float, day: int, reference: float) -> None:
        """The feed's factor for today: the author's expected one on the first day, then what the post has earned."""
        if day == self.published:
            return
        earned = people_per_agent * rules.from_fixed(self.engagement_sum)
        self.rank = rules.rank_factor(earned, people_per_agent * self.shown, rates.rank_prior, reference,
                                      rates.rank_exponent, rates.rank_low, rates.rank_high)  # fmt: skip

    def whole_slots(self, rules: Any, rates: Rates) -> int:
        """Recommended slots of today, from yesterday's showings to followers; fractions are carried over."""
        self.slot_balance += rules.recommended_slots(
            self.shown_yesterday, rates.recommended_share, self.rank, self.recommended
        )
        whole = int(self.slot_balance)
        self.slot_balance -= whole
        return whole

    def clicked_before(self, person: int, day: int) -> bool:
        """Whether the person clicked this post on an earlier day."""
        return self.clicked.get(person, day) < day

    def due(self, coverage: float) -> NDArray[np.int64]:
        """Followers whose viewing key lies below the new coverage and who have not seen the post yet."""
        upto = int(np.searchsorted(self.keys, coverage, side="left"))
        people = self.audience[self.shown : upto]
        self.shown, self.shown_yesterday = max(upto, self.shown), len(people)
        return people


def find_out(posts: Iterable[LivePost], creator: int, rules: Any, rates: Rates) -> None:
    """A creator's hidden ads become known: they are seen as what they are."""
    for post in posts:
        if post.creator == creator and post.hidden:
            post.be_seen_as_ad(rules, rates, known=True)
