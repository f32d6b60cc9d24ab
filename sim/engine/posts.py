"""LivePost: a published post and everything that is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.campaign import Campaign
from sim.parameters import Rates
from sim.society.world import World

NO_CREATOR = -1
GOOD, BAD, ORGANIC = 1, -1, 0
"""What a post says about the brand."""
WORD_ORDINAL, SEED_ORDINAL = 0, 1
"""A person's posts by kind: word of mouth after buying, and seeded ones."""

FIXED_FIELDS = ("uid", "address", "creator", "person", "published", "topic", "word", "quality", "appeal", "ad", "fit",
                "sponsored", "row")  # fmt: skip
DAILY_FIELDS = ("covered_before", "covered", "slots_today", "slots_used")
"""What the compiled loops need to know of a live post: what never changes, and what does from day to day."""


@dataclass
class LivePost:
    """A post under way.

    creator: number of the author, NO_CREATOR for an ordinary person, whose number is then ``person``.
    word: +1 good or -1 bad about the brand, 0 not about it. keys: sorted viewing keys of ``audience``.
    """

    address: int
    creator: int
    person: int
    published: int
    topic: int
    quality: float
    appeal: float
    sponsored: bool
    word: int
    ad: float
    fit: float
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
        cls, world: World, campaign: Campaign, rates: Rates, rules: Any, index: int, day: int, appeal: float
    ) -> LivePost:
        """Post number ``index`` of a campaign as it goes live."""
        creator, fit = int(campaign.creator[index]), float(campaign.fit[index])
        sponsored, disclosed = bool(campaign.sponsored[index]), bool(campaign.disclosed[index])
        return cls(
            address=int(campaign.address[index]),
            creator=creator,
            person=int(world.node[creator]),
            published=day,
            topic=int(world.niche[creator]),
            quality=float(world.quality[creator]),
            appeal=appeal,
            sponsored=sponsored,
            word=GOOD if sponsored else ORGANIC,
            ad=rules.perceived_ad(sponsored, disclosed, rates.recognition, fit, rates.misfit),
            fit=fit,
            rank=float(world.rank[creator]),
        )

    @classmethod
    def of_person(cls, address: int, person: int, day: int, topic: int, appeal: float, word: int) -> LivePost:
        """A post by an ordinary person: neither ranked nor recommended, seen through peers only."""
        return cls(address=address, creator=NO_CREATOR, person=person, published=day, topic=topic, quality=1.0,
                   appeal=appeal, sponsored=False, word=word, ad=0.0, fit=1.0)  # fmt: skip

    def learn_rank(self, rules: Any, rates: Rates, people_per_agent: float, day: int, reference: float) -> None:
        """The feed's factor for today: the author's expected one on the first day, then what the post has earned."""
        if day == self.published:
            return
        earned = people_per_agent * rules.from_fixed(self.engagement_sum)
        self.rank = rules.rank_factor(earned, people_per_agent * self.shown, rates.rank_prior, reference,
                                      rates.rank_exponent, rates.rank_low, rates.rank_high)  # fmt: skip

    def whole_slots(self, rules: Any, rates: Rates) -> int:
        """Recommended slots of today, from yesterday's showings to followers; fractions are carried over."""
        self.slot_balance += rules.recommended_slots(self.shown_yesterday, rates.recommended_share, self.rank)
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
