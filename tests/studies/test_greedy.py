"""The greedy choice on functions whose values are known: coverage by made-up sets, with costs, groups, wishes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pytest

from sim.studies.greedy import Basket, Item, Known, Limits, Set, Step, in_turn, lazy_greedy, worth

BOUND = (1.0 - 1.0 / math.e) / 2.0
Cover = Mapping[str, Set]


def coverage(cover: Cover) -> Known:
    """The number of elements that a set of items covers together: monotone and submodular."""
    return Known(lambda sets: [float(len(frozenset().union(*(cover[name] for name in one)))) for one in sets])


def asking_for_all(
    items: Sequence[Item], value: Known, limits: Limits, required: Sequence[str], per_cost: bool
) -> list[str]:
    """Greedy without laziness: in each round every item that fits."""
    basket, by_name = Basket(limits), {item.name: item for item in items}
    for name in required:
        basket.take(by_name[name])
    while True:
        now = value([frozenset(basket.names)])[0]
        open_ = [item for item in items if item.name not in basket.names and basket.fits(item)]
        gains = [value([basket.with_item(item)])[0] - now for item in open_]
        best = max(range(len(open_)), key=lambda k: worth(gains[k], open_[k], per_cost), default=None)
        if best is None or gains[best] <= 0:
            return basket.names
        basket.take(open_[best])


def made_up(seed: int) -> tuple[list[Item], Cover]:
    """Nine items at 1 to 6, in three groups or none, each covering some of 40 elements."""
    rng = np.random.default_rng(seed)
    names = [f"i{k}" for k in range(9)]
    cover = {
        name: frozenset(f"e{e}" for e in np.flatnonzero(rng.random(40) < rng.uniform(0.05, 0.5))) for name in names
    }
    groups = (None, "a", "b", "c")
    return [Item(name, float(rng.integers(1, 7)), groups[int(rng.integers(4))]) for name in names], cover


def best_possible(items: Sequence[Item], value: Known, budget: float) -> float:
    sets = [some for k in range(len(items) + 1) for some in combinations(items, k)
            if sum(item.cost for item in some) <= budget]  # fmt: skip
    return max(value([frozenset(item.name for item in some) for some in sets]))


def names(path: Sequence[Step]) -> list[str]:
    return [step.name for step in path]


# --- worked out by hand ------------------------------------------------------------------------------------


def test_disjoint_sets_of_one_price_are_taken_by_size() -> None:
    cover = {"small": frozenset("a"), "large": frozenset("bcde"), "middle": frozenset("fg"), "larger": frozenset("hij")}
    items = [Item(name, 2.0) for name in cover]
    for per_cost in (True, False):
        path = lazy_greedy(items, coverage(cover), Limits(6.0), per_cost=per_cost)
        assert path == (Step("large", 4, 2, 4), Step("larger", 3, 4, 7), Step("middle", 2, 6, 9))


def test_an_item_that_covers_what_is_covered_is_never_taken() -> None:
    cover = {"one": frozenset("abcd"), "twin": frozenset("abcd"), "other": frozenset("e")}
    items = [Item(name, 1.0) for name in cover]
    assert names(lazy_greedy(items, coverage(cover), Limits(10.0), per_cost=True)) == ["one", "other"]


def test_either_way_of_choosing_can_be_the_better_one() -> None:
    """By gain per cost a trifle keeps the money from the treasure; by gain one dear item from many cheap ones."""
    cover = {"trifle": frozenset("a"), "treasure": frozenset("bcdefghij")}
    items = [Item("trifle", 0.1), Item("treasure", 10.0)]
    assert names(lazy_greedy(items, coverage(cover), Limits(10.0), per_cost=True)) == ["trifle"]
    assert names(lazy_greedy(items, coverage(cover), Limits(10.0), per_cost=False)) == ["treasure"]
    cheap = {"dear": frozenset("abc"), "x": frozenset("de"), "y": frozenset("fg"), "z": frozenset("hi")}
    priced = [Item("dear", 3.0), *(Item(name, 1.0) for name in "xyz")]
    assert names(lazy_greedy(priced, coverage(cheap), Limits(3.0), per_cost=True)) == ["x", "y", "z"]
    assert names(lazy_greedy(priced, coverage(cheap), Limits(3.0), per_cost=False)) == ["dear"]


def test_required_items_come_first_and_their_cover_counts() -> None:
    cover = {"must": frozenset("ab"), "like it": frozenset("abc"), "new": frozenset("de")}
    items = [Item(name, 1.0) for name in cover]
    path = lazy_greedy(items, coverage(cover), Limits(2.0), ["must"], per_cost=True)
    assert path == (Step("must", 2, 1, 2), Step("new", 2, 2, 4))


def test_no_more_than_so_many_of_a_group_and_others_without_a_limit() -> None:
    cover = {"a1": frozenset("abcd"), "a2": frozenset("efg"), "b1": frozenset("h"), "x": frozenset("ij"),
             "y": frozenset("k")}  # fmt: skip
    items = [Item("a1", 1.0, "a"), Item("a2", 1.0, "a"), Item("b1", 1.0, "b"), Item("x", 1.0), Item("y", 1.0)]
    limits = Limits(5.0, per_group=1)
    assert names(lazy_greedy(items, coverage(cover), limits, per_cost=True)) == ["a1", "x", "b1", "y"]
    assert names(lazy_greedy(items, coverage(cover), limits, ["a2"], per_cost=True)) == ["a2", "x", "b1", "y"]
    assert in_turn(items, limits, [items[1]]) == ("a2", "b1", "x", "y")


def test_what_costs_nothing_is_taken_and_what_adds_nothing_is_not() -> None:
    cover = {"gift": frozenset("a"), "empty": frozenset(), "b": frozenset("bcd")}
    items = [Item("gift", 0.0), Item("empty", 0.0), Item("b", 1.0)]
    assert names(lazy_greedy(items, coverage(cover), Limits(1.0), per_cost=True)) == ["gift", "b"]
    assert lazy_greedy(items[1:2], coverage(cover), Limits(1.0), per_cost=True) == ()


def test_three_items_at_a_tenth_fit_into_three_tenths() -> None:
    cover = {name: frozenset(name) for name in "abcd"}
    items = [Item(name, 0.1) for name in cover]
    assert names(lazy_greedy(items, coverage(cover), Limits(0.3), per_cost=True)) == ["a", "b", "c"]
    assert in_turn(items, Limits(0.3)) == ("a", "b", "c")


def test_in_turn_passes_over_what_is_too_dear() -> None:
    items = [Item("a", 3.0), Item("b", 5.0), Item("c", 2.0)]
    assert in_turn(items, Limits(5.0)) == ("a", "c")


# --- many made-up ones -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_lazy_chooses_what_asking_for_all_chooses(seed: int) -> None:
    items, cover = made_up(seed)
    required = [item.name for item in items[:2] if item.group is None]
    for limits in (Limits(8.0), Limits(15.0, per_group=1), Limits(100.0)):
        for per_cost in (True, False):
            lazy = coverage(cover)
            path = lazy_greedy(items, lazy, limits, required, per_cost=per_cost)
            assert names(path) == asking_for_all(items, coverage(cover), limits, required, per_cost)
            assert path == () or path[-1].value == coverage(cover)([frozenset(names(path))])[0]
            assert all(step.gain > 0 for step in path[len(required) :])


@pytest.mark.parametrize("seed", range(40))
def test_the_better_of_the_two_has_the_share_of_the_best_that_is_promised(seed: int) -> None:
    items, cover = made_up(seed)
    for budget in (4.0, 8.0, 15.0):
        paths = [lazy_greedy(items, coverage(cover), Limits(budget), per_cost=per_cost) for per_cost in (True, False)]
        found = max(path[-1].value if path else 0.0 for path in paths)
        assert found >= BOUND * best_possible(items, coverage(cover), budget)
        assert all(path[-1].spent <= budget for path in paths if path)


def test_lazy_asks_for_fewer_sets() -> None:
    rng = np.random.default_rng(5)
    cover = {f"i{k}": frozenset(str(e) for e in rng.integers(0, 4000, 60)) for k in range(100)}
    items = [Item(name, 1.0) for name in cover]
    lazy, all_of_them = coverage(cover), coverage(cover)
    path = lazy_greedy(items, lazy, Limits(20.0), per_cost=True)
    assert names(path) == asking_for_all(items, all_of_them, Limits(20.0), [], per_cost=True)
    assert len(lazy.values) < len(all_of_them.values) / 4
