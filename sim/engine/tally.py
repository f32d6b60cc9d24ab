"""Tally: the open record of a simulation under way; ``run()`` closes it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.record import BY_CREATOR, BY_PLACE, DAILY, EVENT_FIELDS, Run

Ints = NDArray[np.int64]


class Tally:
    """Counters of one simulation, with exact whole-number sums."""

    def __init__(self, days: int, n_creators: int, n_niches: int, n_regions: int) -> None:
        self.daily = {name: np.zeros(days, np.int64) for name in DAILY}
        self.by_creator = {name: np.zeros(n_creators, np.int64) for name in BY_CREATOR}
        self.by_niche = {name: np.zeros(n_niches, np.int64) for name in BY_PLACE}
        self.by_region = {name: np.zeros(n_regions, np.int64) for name in BY_PLACE}
        self.events: list[tuple[int, int, int, int, int, float]] = []

    def count(self, name: str, day: int, amount: int = 1, creator: int = -1) -> None:
        """Add to a daily column and, for a creator's post, to the creator's total of the same name."""
        self.daily[name][day] += amount
        if creator >= 0:
            self.by_creator[name][creator] += amount

    def place(self, name: str, niche: int, region: int, amount: int = 1) -> None:
        """Add to the totals of a person's niche and region."""
        self.by_niche[name][niche] += amount
        self.by_region[name][region] += amount

    def run(self, people_per_agent: float, handles: tuple[str, ...], attitude_sum: int) -> Run:
        """The finished record; events in order of (day, person, post, shower, kind)."""
        events = np.array(self.events, dtype=EVENT_FIELDS)
        events.sort(order=["day", "person", "post", "shower", "kind"])
        return Run(people_per_agent, handles, self.daily, self.by_creator, self.by_niche, self.by_region,
                   attitude_sum, events)  # fmt: skip
