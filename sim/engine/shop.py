"""The shop: who is in the market, who has woken to the brand, and what is sold to whom each day."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.arrays import DayRoom, new_prospects
from sim.engine.campaign import Campaign
from sim.engine.records import BOUGHT, N_ACTIVE, NOT_IN_MARKET, QUIET, Place, Totals
from sim.record import BY_CREATOR, BY_PLACE, DAILY
from sim.society.world import World

Array = NDArray[Any]
Sales = tuple[Array, ...]
"""Rows (person, creator or -1) of buyers, [expected, halo], expected orders and discounts by creator (creators, 2), and
expected orders by niche and region."""


class Shop:
    """People in the market: the quiet, never shown a post, and the active prospects.

    The quiet have the same chances every day: their expected orders are one running sum, and a day costs them one draw.
    """

    def __init__(
        self, world: World, campaign: Campaign, place: Place, numbers: Any, kernel: SimpleNamespace, totals: Totals
    ) -> None:
        self._world, self._place, self._numbers, self._kernel, self._totals = world, place, numbers, kernel, totals
        self._price = campaign.price_factor
        self.standing = np.where(world.need > 0.0, QUIET, NOT_IN_MARKET).astype(np.uint8)
        self._quiet = np.flatnonzero(self.standing == QUIET).astype(np.int32)
        self.prospects, self._n_prospects, self._n_woken = new_prospects(len(self._quiet)), 0, 0
        self._quiet_niche, self._quiet_region = (
            np.zeros(len(table), np.int64) for table in (totals.by_niche, totals.by_region)
        )
        self._quiet_sum = self._change_quiet(self._quiet, 1)

    def wake(self, n_prospects: int) -> None:
        """People shown their first post today leave the quiet."""
        before, self._n_prospects = self._n_prospects, n_prospects
        if n_prospects > before:
            self._quiet_sum += self._change_quiet(self.prospects.person[before:n_prospects], -1)
            self._forget_woken(n_prospects - before)

    def buy_early(self, day: int, key: Any) -> Sales:
        """Those who are not shown anything today."""
        sold, *sums = self._open_sums(self._n_prospects + len(self._quiet))
        n = self._kernel.buy_unexposed(self.prospects, self.standing, self._numbers, day, key, self._n_prospects,
                                       self._price, sums[0], sold, *sums[1:])  # fmt: skip
        n += self._kernel.buy_quiet(self._place.traits, self.standing, self._numbers, day, key, self._quiet,
                                    self._price, sold[n:])  # fmt: skip
        return sold[:n], *sums

    def buy_late(self, known: Array, room: DayRoom, day: int, key: Any) -> Sales:
        """Active prospects who are shown something today."""
        sold, *sums = self._open_sums(int(room.counts[N_ACTIVE]))
        n = self._kernel.buy(known, self.prospects, self.standing, room.today, room.clicks, self._numbers, day, key,
                             self._price, sums[0], sold, *sums[1:])  # fmt: skip
        return sold[:n], *sums

    def count(self, parts: Sequence[Sales], day: int, record: Array) -> Array:
        """Add up what is sold today; returns the rows of buyers. record: each person's record or -1."""
        totals, today = self._totals, self._totals.daily[day]
        none = np.zeros((len(totals.by_creator), 2), np.int64)
        quiet: Any = (none, [self._quiet_sum] * 2, none, self._quiet_niche, self._quiet_region)
        for _, sums, by_creator, by_niche, by_region in [*parts, quiet]:
            today[DAILY.index("conversions_expected")] += sums[0]
            today[DAILY.index("halo_expected")] += sums[1]
            today[DAILY.index("discounts_expected")] += by_creator[:, 1].sum()
            totals.by_creator[:, BY_CREATOR.index("attributed_expected")] += by_creator[:, 0]
            totals.by_creator[:, BY_CREATOR.index("discounts_expected")] += by_creator[:, 1]
            totals.by_niche[:, BY_PLACE.index("conversions_expected")] += by_niche
            totals.by_region[:, BY_PLACE.index("conversions_expected")] += by_region
        sold = np.concatenate([part[0] for part in parts])
        if len(sold):
            self._count_buyers(sold, today, record)
        return sold

    def _count_buyers(self, sold: Array, today: Array, record: Array) -> None:
        totals, society = self._totals, self._world.society
        person, creator, drawn = sold[:, 0], sold[:, 1], BY_PLACE.index("conversions_drawn")
        today[DAILY.index("conversions_drawn")] += len(sold)
        np.add.at(totals.by_niche[:, drawn], society.niche[person], 1)
        np.add.at(totals.by_region[:, drawn], society.region[person], 1)
        np.add.at(totals.by_creator[:, BY_CREATOR.index("attributed_drawn")], creator[creator >= 0], 1)
        self._lose_quiet(person[record[person] < 0])

    def leave(self, people: Array, records: Array, known: Array) -> None:
        """These people are given the product: they are no buyers any more. records: each one's record or -1."""
        active = known["prospect"][records[records >= 0]]
        self.prospects.need[active[active >= 0]] = 0.0
        self._lose_quiet(people[self.standing[people] == QUIET])
        self.standing[people] = BOUGHT

    def _lose_quiet(self, people: Array) -> None:
        if len(people):
            self._quiet_sum += self._change_quiet(people.astype(np.int32), -1)
            self._forget_woken(len(people))

    def _change_quiet(self, people: Array, sign: int) -> int:
        return int(self._kernel.add_quiet(self._place.traits, self._numbers, people, sign, self._price,
                                          self._quiet_niche, self._quiet_region))  # fmt: skip

    def _forget_woken(self, n: int) -> None:
        """Drop from the list those who are not quiet any more, once they are an eighth of it."""
        self._n_woken += n
        if 8 * self._n_woken > len(self._quiet):
            self._quiet = self._quiet[: self._kernel.still_quiet(self._quiet, self.standing)]
            self._n_woken = 0

    def _open_sums(self, most: int) -> list[Array]:
        totals = self._totals
        return [np.empty((most, 2), np.int64), np.zeros(2, np.int64), np.zeros((len(totals.by_creator), 2), np.int64),
                *(np.zeros(len(table), np.int64) for table in (totals.by_niche, totals.by_region))]  # fmt: skip
