"""LivePost: a published post and everything that is remembered of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

NO_CREATOR = -1


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
    sharers_yesterday: list[int] = field(default_factory=list)
    sharers_today: list[int] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    engaged: set[int] = field(default_factory=set)
    clicked: dict[int, int] = field(default_factory=dict)
    shared: set[int] = field(default_factory=set)

    def clicked_before(self, person: int, day: int) -> bool:
        """Whether the person clicked this post on an earlier day."""
        return self.clicked.get(person, day) < day

    def due(self, coverage: float) -> NDArray[np.int64]:
        """Followers whose viewing key lies below the new coverage and who have not seen the post yet."""
        upto = int(np.searchsorted(self.keys, coverage, side="left"))
        people = self.audience[self.shown : upto]
        self.shown, self.shown_yesterday = max(upto, self.shown), len(people)
        return people
