"""Run: what one simulation brought, as plain arrays. It knows no engine and no scenario.

Counts are agents; expected figures are fixed-point sums of 2^-32 agents. Multiply by people_per_agent for real people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sim.shown import Shown

Ints = NDArray[np.int64]


class Source(IntEnum):
    """How a person was shown a post; on a tie of the first day the smaller number counts."""

    FOLLOWED = 0
    RECOMMENDED = 1
    RESHARED = 2
    WORD = 3


DAILY = (
    "impressions_followed",
    "impressions_recommended",
    "impressions_reshared",
    "impressions_word",
    "reached_followed",
    "reached_recommended",
    "reached_reshared",
    "reached_word",
    "engagements_drawn",
    "engagements_expected",
    "clicks_drawn",
    "clicks_expected",
    "shares_drawn",
    "shares_expected",
    "conversions_drawn",
    "conversions_expected",
    "halo_expected",
    "repeats_drawn",
    "repeats_expected",
    "discounts_expected",
    "followers_gained",
    "followers_lost",
    "lost_slots",
    "good_reports",
    "bad_reports",
)
"""Daily columns: agents on that day. Those ending in _expected are fixed-point sums.

conversions are first orders, repeats later ones of the same people; discounts: orders x the share of the price that
a code takes off.
"""

BY_CREATOR = (
    "posts",
    "impressions",
    "impressions_followed",
    "reach",
    "engagements_drawn",
    "engagements_expected",
    "clicks_drawn",
    "clicks_expected",
    "shares_drawn",
    "shares_expected",
    "attributed_drawn",
    "attributed_expected",
    "discounts_expected",
    "followers_gained",
    "followers_lost",
)
"""Totals by creator; reach counts each person once a creator, attribution goes to the last click."""

BY_PLACE = ("reach", "conversions_drawn", "conversions_expected")
"""Totals by niche and by region of the people."""


class Event(IntEnum):
    """What happened to a followed person on a day."""

    SEE = 0
    ENGAGE = 1
    CLICK = 2
    SHARE = 3
    BUY = 4
    TALK = 5
    UNFOLLOW = 6
    FOLLOW = 7
    BUY_AGAIN = 8


EVENT_FIELDS = [
    ("day", np.int32), ("person", np.int32), ("kind", np.int32),
    ("shower", np.uint32), ("post", np.uint32), ("value", np.float64),
]  # fmt: skip
"""One event: who showed it (see randomness), the post's address, and a value (trust, or 1 for a good report)."""


@dataclass(frozen=True, repr=False)
class Run(Shown):
    """The record of one simulation.

    daily: name -> (days,) int64; by_creator: name -> (creators,); by_niche, by_region: name -> (niches,) ...
    attitude_sum: fixed-point sum of attitude over the people reached. events: structured array, in order of
    (day, person, post, shower, kind), of the people named in ``record``.
    """

    people_per_agent: float
    handles: tuple[str, ...]
    daily: Mapping[str, Ints]
    by_creator: Mapping[str, Ints]
    by_niche: Mapping[str, Ints]
    by_region: Mapping[str, Ints]
    attitude_sum: int
    events: NDArray[np.void]

    def total(self, name: str) -> int:
        """Sum of a daily column over the days."""
        return int(self.daily[name].sum())

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything as named arrays, for a file or a comparison by bytes."""
        arrays: dict[str, NDArray[np.generic]] = {
            f"{table}.{name}": column
            for table in ("daily", "by_creator", "by_niche", "by_region")
            for name, column in getattr(self, table).items()
        }
        arrays["people_per_agent"] = np.array([self.people_per_agent])
        arrays["handles"] = np.array(self.handles, dtype=np.str_)
        arrays["attitude_sum"] = np.array([self.attitude_sum])
        arrays["events"] = self.events
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Run:
        """The inverse of ``to_arrays``."""
        tables: dict[str, dict[str, Ints]] = {t: {} for t in ("daily", "by_creator", "by_niche", "by_region")}
        for key, column in arrays.items():
            table, dot, name = key.partition(".")
            if dot:
                tables[table][name] = column.astype(np.int64)
        return cls(
            people_per_agent=float(arrays["people_per_agent"][0]),
            handles=tuple(str(handle) for handle in arrays["handles"]),
            attitude_sum=int(arrays["attitude_sum"][0]),
            events=np.asarray(arrays["events"], dtype=EVENT_FIELDS),
            **tables,
        )

    def same_as(self, other: Run) -> bool:
        """Equal to the byte in every figure and event."""
        return not self.differing(other)

    def differing(self, other: Run) -> list[str]:
        """Names of the figures that are not equal to the byte, or that only one of the two has."""
        mine, others = ({name: array.tobytes() for name, array in run.to_arrays().items()} for run in (self, other))
        return [name for name in mine | others if mine.get(name) != others.get(name)]
