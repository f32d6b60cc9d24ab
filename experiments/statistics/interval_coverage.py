"""How often 95 % intervals hold the truth, on made-up data and on blocks of replicates drawn from a large pool.

Three methods stand side by side: by replicate (Student's t over replicates, societies unknown), by society (deleting
one society at a time: what the project uses), and the wider of the two (what it used before).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special
from statistics_rows import Row

from sim.ensemble import Ensemble
from sim.results.comparison import figure, paired
from sim.results.measures import METRICS, PlanTotals, plan_totals
from sim.results.statistics import Interval, difference_of_ratios, mean_interval, ratio_interval

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Columns = Mapping[str, Floats]
Draws = np.random.Generator
Maker = Callable[[Columns, Ints | None], Interval | None]

SIZES = (8, 20, 50)
N_SOCIETIES = 5
BY_REPLICATE, BY_SOCIETY, WIDER = "by replicate", "by society", "wider of the two"
METHODS = (BY_REPLICATE, BY_SOCIETY, WIDER)
JOHNSON = "Johnson 1978"
EQUAL, DIFFER, MUCH = "5, equal", "5, a little different", "5, very different"
BETWEEN = {EQUAL: 0.0, DIFFER: 0.25, MUCH: 1.0}
"""Variance of society means as a share of the variance of replicates within a society."""
DRAWN = "5, as simulated"


@dataclass(frozen=True)
class Spreads:
    """A made-up campaign: mean and coefficient of variation of orders, and of engagements per person reached."""

    orders: tuple[float, float]
    reach: tuple[float, float]
    rate: tuple[float, float]


MANY = Spreads(orders=(150.0, 0.7), reach=(230_000.0, 0.22), rate=(0.13, 0.55))
ONE = Spreads(orders=(32.0, 2.2), reach=(265_000.0, 0.42), rate=(0.055, 2.0))
"""About the means and spreads of ten micros and of the celebrity in the pool below."""
CALM_ONE = Spreads(orders=(32.0, 0.7), reach=(265_000.0, 0.2), rate=(0.055, 0.5))
"""For normal data: a normal variable with a spread of 2.2 times its mean describes no count."""


def normal(draws: Draws, mean: float, variation: float, n: int) -> Floats:
    return draws.normal(mean, variation * mean, n)


def skewed(draws: Draws, mean: float, variation: float, n: int) -> Floats:
    """Lognormal with this mean and coefficient of variation; at 2.2 its skewness is 17."""
    variance = np.log1p(variation**2)
    return mean * np.exp(np.sqrt(variance) * draws.standard_normal(n) - variance / 2.0)


SHAPES: dict[str, tuple[Callable[[Draws, float, float, int], Floats], Spreads, Spreads]] = {
    "normal": (normal, MANY, CALM_ONE),
    "skewed": (skewed, MANY, ONE),
}


def made_up(shape: str, draws: Draws, societies: Ints, between: float) -> Columns:
    """Two plans' orders, reach and engagements, one value a replicate.

    Societies move the orders and the rate of plan a; between: their variance as a share of that of a minus b.
    """
    draw, a, b = SHAPES[shape]
    n, shift = len(societies), draws.standard_normal(societies.max() + 1)[societies] * np.sqrt(between)
    columns = {}
    for plan, spreads in (("a", a), ("b", b)):
        orders, rate = draw(draws, *spreads.orders, n), draw(draws, *spreads.rate, n)
        if plan == "a":
            orders = orders + shift * np.hypot(*(np.prod(s.orders) for s in (a, b)))
            rate = rate + shift * np.hypot(*(np.prod(s.rate) for s in (a, b)))
        reach = draw(draws, *spreads.reach, n)
        columns |= {f"{plan} orders": orders, f"{plan} reach": reach, f"{plan} engagements": rate * reach}
    return columns


def truths(shape: str) -> dict[str, float]:
    """What the intervals of ``MAKERS`` should hold; a rate does not depend on the reach it is of."""
    _, a, b = SHAPES[shape]
    return {"difference of means": a.orders[0] - b.orders[0], "ratio of means": a.rate[0],
            "difference of ratios": a.rate[0] - b.rate[0]}  # fmt: skip


MAKERS: dict[str, Maker] = {
    "difference of means": lambda c, by: mean_interval(c["a orders"] - c["b orders"], by),
    "ratio of means": lambda c, by: ratio_interval(c["a engagements"], c["a reach"], by),
    "difference of ratios": lambda c, by: difference_of_ratios(
        c["a engagements"], c["a reach"], c["b engagements"], c["b reach"], by
    ),
}


def holds(interval: Interval | None, truth: float) -> bool | None:
    """Whether the interval holds the truth; None where it is not defined."""
    if interval is None or interval.low is None or interval.high is None:
        return None
    return interval.low <= truth <= interval.high


def wider(one: Interval | None, other: Interval | None) -> Interval | None:
    """The wider of two intervals around the same estimate."""
    if one is None or other is None or one.high is None or other.high is None:
        return None
    return one if one.high >= other.high else other


def by_method(make: Callable[[Ints | None], Interval | None], societies: Ints) -> dict[str, Interval | None]:
    """The interval by each method."""
    plain, clustered = make(None), make(societies)
    return {BY_REPLICATE: plain, BY_SOCIETY: clustered, WIDER: wider(plain, clustered)}


class Tally:
    """Counts how often intervals of several figures hold their truth, by method, and how wide they are."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], list[bool | None]] = {}
        self.wide: dict[tuple[str, str], list[float]] = {}

    def add(self, name: str, truth: float, intervals: Mapping[str, Interval | None]) -> None:
        for method, interval in intervals.items():
            self.held.setdefault((name, method), []).append(holds(interval, truth))
            if interval is not None and interval.high is not None:
                self.wide.setdefault((name, method), []).append(interval.high - interval.mean)

    def tell(self, name: str, method: str, hit: bool) -> None:
        """Whether one interval held the truth, where that is all there is to know."""
        self.held.setdefault((name, method), []).append(hit)

    def rows(self, source: str, societies: str, n: int) -> Iterator[Row]:
        """Coverage among defined intervals, the share that is not defined, and the width beside that by replicate."""
        for (name, method), held in self.held.items():
            defined = [hit for hit in held if hit is not None]
            about = ("coverage", source, societies, n, name, method)
            yield Row(*about, "coverage", float(np.mean(defined)) if defined else 0.0, len(defined))
            if len(defined) < len(held):
                yield Row(*about, "undefined", 1.0 - len(defined) / len(held), len(held))
            plain = self.wide.get((name, BY_REPLICATE))
            if method in (BY_SOCIETY, WIDER) and plain:
                ratio = float(np.mean(self.wide[name, method]) / np.mean(plain))
                yield Row(*about, "width, by replicate = 1", ratio, len(defined))


def synthetic(repeats: int, sizes: tuple[int, ...] = SIZES, seed: int = 20260301) -> Iterator[Row]:
    """Coverage on made-up data."""
    for shape in SHAPES:
        true = truths(shape)
        for societies, between in BETWEEN.items():
            for n in sizes:
                draws, tally, labels = np.random.default_rng(seed), Tally(), np.arange(n) % N_SOCIETIES
                for _ in range(repeats):
                    columns = made_up(shape, draws, labels, between)
                    for name, make in MAKERS.items():
                        tally.add(name, true[name], by_method(lambda by, m=make, c=columns: m(c, by), labels))  # type: ignore[misc]
                yield from tally.rows(shape, societies, n)


# --- the simulation itself ---------------------------------------------------------------------------------

PAIRED = ("reach", "engagements", "incremental_conversions", "engagement_rate_reach", "cpe", "cpa")
OWN = ("reach", "engagements", "incremental_conversions", "engagement_rate_reach", "cpe")


@dataclass(frozen=True)
class Pool:
    """Many replicates of two plans; places[g] are those in society g, equally many in each. Its means are the truth."""

    a: PlanTotals
    b: PlanTotals
    places: Ints

    @classmethod
    def of(cls, ensemble: Ensemble) -> Pool:
        """The two paid plans of an ensemble."""
        worlds = np.array(ensemble.worlds)
        places = np.array([np.flatnonzero(worlds == world) for world in np.unique(worlds)])
        a, b = (plan_totals(ensemble, plan) for plan in ensemble.plan_names[1:])
        return cls(a, b, places)

    def block(self, draws: Draws, societies: Ints, *, as_simulated: bool) -> tuple[PlanTotals, PlanTotals]:
        """Replicates drawn with replacement: from as many societies, drawn too, or from all societies alike."""
        among, each = self.places.shape
        drawn = draws.integers(among, size=societies.max() + 1)[societies]
        if not as_simulated:
            drawn = draws.integers(among, size=len(societies))
        return self.at(self.places[drawn, draws.integers(each, size=len(societies))])

    def at(self, places: Ints) -> tuple[PlanTotals, PlanTotals]:
        """Both plans with these replicates only."""
        a, b = (PlanTotals(t.plan, {key: v[places] for key, v in t.values.items()}) for t in (self.a, self.b))
        return a, b


def intervals(a: PlanTotals, b: PlanTotals) -> dict[str, Callable[[Ints | None], Interval | None]]:
    """Makers of the interval of each difference, and of each of the plans' own figures."""
    made: dict[str, Callable[[Ints | None], Interval | None]] = {}
    for key in PAIRED:
        made[f"{a.plan} - {b.plan}: {key}"] = lambda by, k=key: paired(a, b, METRICS[k], by)  # type: ignore[misc, arg-type]
    for totals in (a, b):
        for key in OWN:
            made[f"{totals.plan}: {key}"] = lambda by, t=totals, k=key: figure(t, METRICS[k], by)  # type: ignore[misc, arg-type]
    return made


def simulated(pool: Pool, repeats: int, sizes: tuple[int, ...] = SIZES, seed: int = 20260302) -> Iterator[Row]:
    """Coverage of blocks drawn from a pool of simulated replicates."""
    everything = pool.at(pool.places.ravel())
    true = {name: make(None) for name, make in intervals(*everything).items()}
    for societies in (EQUAL, DRAWN):
        for n in sizes:
            draws, tally, labels = np.random.default_rng(seed), Tally(), np.arange(n) % N_SOCIETIES
            for _ in range(repeats):
                block = pool.block(draws, labels, as_simulated=societies == DRAWN)
                for name, make in intervals(*block).items():
                    truth = true[name]
                    assert truth is not None
                    tally.add(name, truth.mean, by_method(make, labels))
                for name, values in sums(*block).items() if societies == EQUAL else ():
                    tally.tell(name, JOHNSON, johnson_holds(values, true[name].mean))  # type: ignore[union-attr]
            yield from tally.rows("simulation", societies, n)


def sums(a: PlanTotals, b: PlanTotals) -> dict[str, Floats]:
    """The figures among ``intervals`` that are means over replicates: their values, one a replicate."""
    keys = ("reach", "engagements", "incremental_conversions")
    own = {f"{totals.plan}: {key}": totals.of(key) for totals in (a, b) for key in keys}
    return {**{f"{a.plan} - {b.plan}: {key}": a.of(key) - b.of(key) for key in keys}, **own}


def johnson_holds(values: Floats, truth: float, confidence: float = 0.95) -> bool:
    """Whether Johnson's t for skewed data holds the truth.

    t = (d + m₃/6s²n + m₃d²/3s⁴)·√n/s with d = x̄ - μ and m₃ the third central moment (Johnson 1978, formula 2.1).
    """
    n, mean, deviation = len(values), values.mean(), values.std(ddof=1)
    if deviation == 0.0:
        return bool(mean == truth)
    d, third = mean - truth, float(np.mean((values - mean) ** 3))
    t = (d + third / (6.0 * deviation**2 * n) + third * d**2 / (3.0 * deviation**4)) * np.sqrt(n) / deviation
    return bool(abs(t) <= special.stdtrit(n - 1, 0.5 + confidence / 2.0))


def shapes_of(pool: Pool) -> Iterator[Row]:
    """What the pool is like: skewness of each difference, and how much its society means differ."""
    for name, values in sums(*pool.at(pool.places.ravel())).items():
        grouped, size = values.reshape(pool.places.shape), values.size
        within = grouped.var(axis=1, ddof=1).mean()
        between = grouped.mean(axis=1).var(ddof=1) - within / grouped.shape[1]
        about = ("pool", "simulation", str(len(grouped)), size, name, "")
        yield Row(*about, "skewness", float(np.mean((values - values.mean()) ** 3) / values.std() ** 3), size)
        yield Row(*about, "variance between societies, within = 1", float(between / within), size)
        yield Row(*about, "variation", float(values.std() / abs(values.mean())), size)
