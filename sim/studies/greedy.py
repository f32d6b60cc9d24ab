"""The greedy choice of a set under a budget, each value asked for only where it can matter: of any set function.

Items are added one at a time, that of the largest gain, or of the largest gain per cost, as long as money is left. The
lazy form (Minoux 1978) keeps each item's last known gain as an upper bound and asks again only for the item at the top:
where gains only shrink as the set grows (a submodular function) it chooses what asking for all would choose.

For a function that is also monotone, the better of the two sets has at least (1 - 1/e)/2 of the largest value that the
budget can buy (Leskovec, Krause, Guestrin, Faloutsos, VanBriesen & Glance, "Cost-effective outbreak detection in
networks", KDD 2007: CELF). With required items this is so of the gain over them, with what they leave of the budget.
With a limit of items per group, or of a function that is not quite submodular, there is no such bound.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

ROUNDING = 1e-12
"""Relative to the budget: three items at 0.1 fit into 0.3."""

Set = frozenset[str]
Oracle = Callable[[Sequence[Set]], Sequence[float]]
"""Values of several sets at once."""


@dataclass(frozen=True)
class Item:
    """Something that can be chosen. group: None where no limit per group concerns it."""

    name: str
    cost: float
    group: str | None = None


@dataclass(frozen=True)
class Limits:
    """What may be spent in all, and how many items of one group may be taken."""

    budget: float
    per_group: int | None = None


@dataclass(frozen=True)
class Step:
    """An item taken: what it adds to those before it, the cost so far and the value so far."""

    name: str
    gain: float
    spent: float
    value: float


@dataclass
class Known:
    """An oracle that is asked for no set twice."""

    oracle: Oracle
    values: dict[Set, float] = field(default_factory=dict)

    def __call__(self, sets: Sequence[Set]) -> list[float]:
        new = list(dict.fromkeys(one for one in sets if one not in self.values))
        if new:
            self.values.update(zip(new, self.oracle(new), strict=True))
        return [self.values[one] for one in sets]


@dataclass
class Basket:
    """Items taken so far within the limits."""

    limits: Limits
    names: list[str] = field(default_factory=list)
    spent: float = 0.0
    by_group: dict[str, int] = field(default_factory=dict)

    def fits(self, item: Item) -> bool:
        """Whether there is money for it, and room in its group."""
        full = self.limits.per_group is not None and self.by_group.get(item.group or "", 0) >= self.limits.per_group
        if item.group is not None and full:
            return False
        return self.spent + item.cost <= self.limits.budget * (1.0 + ROUNDING)

    def take(self, item: Item) -> None:
        """Add an item, whether it fits or not."""
        self.names.append(item.name)
        self.spent += item.cost
        if item.group is not None:
            self.by_group[item.group] = self.by_group.get(item.group, 0) + 1

    def with_item(self, item: Item) -> Set:
        return frozenset((*self.names, item.name))


def lazy_greedy(
    items: Sequence[Item], value: Oracle, limits: Limits, required: Sequence[str] = (), *, per_cost: bool
) -> tuple[Step, ...]:
    """The items chosen, in order; those required come first, in the order given, whatever they add.

    per_cost: by gain per cost, else by gain. Of equal items the first is taken. It ends where nothing fits any more or
    nothing adds anything. Raises KeyError for a required name that there is not.
    """
    by_name: Mapping[str, Item] = {item.name: item for item in items}
    basket, ask = Basket(limits), value if isinstance(value, Known) else Known(value)
    steps = _forced([by_name[name] for name in required], ask, basket)
    reached = ask([frozenset(required)])[0]
    others = [item for item in items if item.name not in required and basket.fits(item)]
    gains = [one - reached for one in ask([basket.with_item(item) for item in others])]
    queue = [(-worth(gain, item, per_cost), place, gain, len(steps))
             for place, (item, gain) in enumerate(zip(others, gains, strict=True))]  # fmt: skip
    heapq.heapify(queue)
    while queue:
        _, place, gain, asked_at = heapq.heappop(queue)
        item = others[place]
        if not basket.fits(item):
            continue
        if asked_at < len(steps):
            gain = ask([basket.with_item(item)])[0] - reached
            heapq.heappush(queue, (-worth(gain, item, per_cost), place, gain, len(steps)))
            continue
        if gain <= 0.0:
            break
        basket.take(item)
        reached = ask([frozenset(basket.names)])[0]
        steps.append(Step(item.name, gain, basket.spent, reached))
    return tuple(steps)


def worth(gain: float, item: Item, per_cost: bool) -> float:
    """What the choice goes by; what costs nothing is worth more than anything that costs, if it adds something."""
    if not per_cost or gain <= 0.0:
        return gain
    return gain / item.cost if item.cost > 0.0 else float("inf")


def _forced(required: Sequence[Item], value: Oracle, basket: Basket) -> list[Step]:
    sets = [frozenset(item.name for item in required[:count]) for count in range(len(required) + 1)]
    values, steps = value(sets), []
    for count, item in enumerate(required, 1):
        basket.take(item)
        steps.append(Step(item.name, values[count] - values[count - 1], basket.spent, values[count]))
    return steps


def in_turn(items: Iterable[Item], limits: Limits, required: Sequence[Item] = ()) -> tuple[str, ...]:
    """What is booked without any values: the required ones, then in this order each one that still fits."""
    basket, names = Basket(limits), {item.name for item in required}
    for item in required:
        basket.take(item)
    for item in items:
        if item.name not in names and basket.fits(item):
            basket.take(item)
    return tuple(basket.names)
