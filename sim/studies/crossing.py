"""Where a difference known with an interval changes its sign, found with few evaluations.

The search is a generator: it yields the values at which the difference is wanted and is sent the intervals there. So
several searches can go on side by side, and what they want is simulated together. Nothing here knows the simulation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from sim.results.statistics import Interval

STEPS = 4
"""Evaluations after the first round: enough for a tenth of what the noise leaves open."""
CLOSE = 0.002
"""Share of the range at which a bracket is narrow enough."""
SURE = 0.02
"""A difference of less than this share of its interval's half width is as good as 0."""


@dataclass(frozen=True)
class Axis:
    """The values that a number may take: from low to high around current, all of them or those listed."""

    current: float
    low: float
    high: float
    log: bool = False
    allowed: tuple[float, ...] = ()

    def place(self, value: float) -> float:
        """0 at the low end, 1 at the high end."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def value(self, place: float) -> float:
        """The allowed value nearest to a place."""
        if self.log:
            value = self.low * (self.high / self.low) ** place
        else:
            value = self.low + (self.high - self.low) * place
        value = min(max(value, self.low), self.high)
        return min(self.allowed, key=lambda one: abs(self.place(one) - place)) if self.allowed else value


@dataclass(frozen=True)
class Crossing:
    """value: where the mean difference is 0, None where it has one sign in the whole range.

    low, high: the values around it at which the sign is not sure; None where that goes beyond the range. above: whether
    the sign is another above the value. The value nearest to the current one is given.
    """

    value: float | None
    low: float | None
    high: float | None
    above: bool | None
    evaluations: int


Search = Generator[Sequence[float], Sequence[Interval], Crossing]


def search(axis: Axis, steps: int = STEPS) -> Search:
    """Look at the current value, the ends of the range and between, then narrow the nearest change of sign."""
    here = axis.place(axis.current)
    wanted = [axis.current, *(axis.value(place) for place in (0.0, here / 2, (1 + here) / 2, 1.0))]
    known = yield from _ask(list(dict.fromkeys(wanted)))
    for _ in range(steps):
        bracket = _bracket(axis, known)
        at = None if bracket is None else _next(axis, known, *bracket)
        if at is None:
            break
        known |= yield from _ask([at])
    return _crossing(axis, known)


def solve(axis: Axis, difference: Callable[[float], Interval], steps: int = 40) -> Crossing:
    """The same for a difference that costs nothing to evaluate."""
    searching = search(axis, steps)
    wanted = next(searching)
    while True:
        try:
            wanted = searching.send([difference(value) for value in wanted])
        except StopIteration as found:
            return found.value  # type: ignore[no-any-return]


def _ask(values: list[float]) -> Generator[Sequence[float], Sequence[Interval], dict[float, Interval]]:
    intervals = yield values
    return dict(zip(values, intervals, strict=True))


def _bracket(axis: Axis, known: dict[float, Interval]) -> tuple[float, float] | None:
    """The neighbours of opposite sign that are nearest to the current value."""
    pairs = [(one, other) for one, other in pairwise(sorted(known)) if _sign(known[one]) != _sign(known[other])]
    here = axis.place(axis.current)
    return min(pairs, key=lambda pair: min(abs(axis.place(end) - here) for end in pair), default=None)


def _sign(interval: Interval) -> bool:
    return interval.mean > 0


def _next(axis: Axis, known: dict[float, Interval], left: float, right: float) -> float | None:
    """A value between: where the line through both ends is 0, kept off the ends; None where it is near enough."""
    low, high = axis.place(left), axis.place(right)
    if high - low < CLOSE or any(_is_zero(known[end]) for end in (left, right)):
        return None
    share = known[left].mean / (known[left].mean - known[right].mean)
    place = low + (high - low) * min(max(share, 0.1), 0.9)
    at = axis.value(place)
    return None if at in known else at


def _is_zero(interval: Interval) -> bool:
    width = 0.0 if interval.low is None or interval.high is None else interval.high - interval.low
    return abs(interval.mean) <= SURE * width / 2


def _crossing(axis: Axis, known: dict[float, Interval]) -> Crossing:
    bracket = _bracket(axis, known)
    if bracket is None:
        return Crossing(None, None, None, None, len(known))
    points = [(axis.place(at), one.mean, one.low, one.high) for at, one in sorted(known.items())]
    at = _zero(*((axis.place(end), known[end].mean) for end in bracket))
    low, high = _unsure(points, at)
    free = replace(axis, allowed=())
    down, up = (None if end is None else free.value(end) for end in (low, high))
    return Crossing(free.value(at), down, up, bracket[0] >= axis.current, len(known))


def _zero(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Where the line through two points (place, height) of opposite sign is 0."""
    (x, height), (x_other, height_other) = one, other
    return x if height == height_other else x + (x_other - x) * height / (height - height_other)


Point = tuple[float, float, float | None, float | None]


def _unsure(points: Sequence[Point], at: float) -> tuple[float | None, float | None]:
    """How far down and up from ``at`` both signs are possible, by lines through the bounds; None: as far as known."""
    bounds = [(place, low, high) for place, _, low, high in points if low is not None and high is not None]
    if len(bounds) < len(points):
        return None, None
    places, lows, highs = (np.array(column) for column in zip(*bounds, strict=True))
    start = (at, float(np.interp(at, places, lows)), float(np.interp(at, places, highs)))
    down, up = ([one for one in bounds if one[0] < at][::-1], [one for one in bounds if one[0] > at])
    return _edge(start, down), _edge(start, up)


def _edge(start: tuple[float, float, float], others: Sequence[tuple[float, float, float]]) -> float | None:
    before = start
    for here in others:
        place, low, high = here
        if low > 0:
            return _zero((before[0], min(before[1], 0.0)), (place, low))
        if high < 0:
            return _zero((before[0], max(before[2], 0.0)), (place, high))
        before = here
    return None
