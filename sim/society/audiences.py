"""Who follows which creator: one formation rule for every creator, with the audience's size solved.

Person i follows creator c with probability 1 - exp(-λ_c·a_ic·h_i·g), where a is 1 in c's niche and region and
less outside, h is i's appetite for following and g (mean 1) is how much i's group of friends likes c.
λ_c is solved so that the expected audience is F·(1 - fake share)/people_per_agent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.compiling import compile_loops
from sim.errors import InputError
from sim.parameters import Rates
from sim.randomness import Stream, stream_day
from sim.scenario.roster import CreatorSpec
from sim.society.society import Society

Floats = NDArray[np.float64]

S_AUDIENCE, S_CLUMP = stream_day(Stream.AUDIENCE), stream_day(Stream.CLUMP)
FEWEST, FEW = 20, 200
"""Fewer audience agents than FEWEST are an error, fewer than FEW a warning."""
FULLEST = 0.9
"""Largest share of all people that an audience may be."""


AT_A_TIME = 1 << 15
"""People gone through at a time: few enough for the processor's cache."""
SAMPLE = 16
"""The rate is first solved for every 16th person, unless that leaves fewer than 1,000."""


# --- loops -------------------------------------------------------------------------------------------------


def pulls(
    by_niche: Any, by_region: Any, by_group: Any, niche: Any, region: Any, group: Any, appetite: Any, pull: Any
) -> None:
    """What draws each person to the creator, into ``pull``."""
    for k in range(len(pull)):
        pull[k] = by_niche[niche[k]] * by_region[region[k]] * appetite[k] * by_group[group[k]]


def chances(pull: Any, rate: float, chance: Any) -> None:
    """1 - exp(-rate·pull) for each person into ``chance``, to 7e-16 of itself.

    Twelve terms of the series at x/128, doubled seven times by 1 - e^-2y = g(2 - g) with g = 1 - e^-y. Made of
    + - x only, so it has the same bits on every machine, and several people are computed at once.
    """
    for k in range(len(pull)):
        y = min(rate * pull[k], 40.0) * 0.0078125
        g = 1.0
        for term in range(12, 1, -1):
            g = 1.0 - y * (1.0 / term) * g
        g = y * g
        for _ in range(7):
            g = g * (2.0 - g)
        chance[k] = g


@lru_cache(maxsize=1)
def compiled_loops() -> SimpleNamespace:
    """The loops above and the draws, compiled."""
    loops: Any = (pulls, chances)
    return compile_loops("audiences", loops)


# --- audiences ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Audience:
    """followers: ascending person numbers. niche_shares: the expected audience by niche, adding up to 1."""

    followers: NDArray[np.int32]
    niche_shares: Floats
    expected_size: float


def draw_audience(
    society: Society,
    address: int,
    niche: int,
    region: int,
    target: float,
    rates: Rates,
    seed: int,
    replicate: int,
    understood: Floats | None = None,
) -> Audience:
    """The audience of one creator (niche or region -1: any).

    target: expected number of agents. understood: what is left of interest by region, given the creator's language.
    """
    key, loops = (np.uint64(seed & 0xFFFFFFFF), np.uint64(replicate & 0xFFFFFFFF)), compiled_loops()
    pull = _pull(society, address, niche, region, rates, key, understood)
    rate, shares, followers = solve_rate(pull, target), np.zeros(society.n_niches), []
    chance, u = np.empty(AT_A_TIME), np.empty(AT_A_TIME)
    for people in _slices(len(pull)):
        p, coin = chance[: people.stop - people.start], u[: people.stop - people.start]
        loops.chances(pull[people], rate, p)
        loops.draw_in_order(people.start, S_AUDIENCE, address, key, coin)
        shares += np.bincount(society.niche[people], p, minlength=society.n_niches)
        followers.append((np.flatnonzero(coin < p) + people.start).astype(np.int32))
    return Audience(np.concatenate(followers), shares / shares.sum(), target)


def _slices(n: int) -> Iterator[slice]:
    return (slice(low, min(low + AT_A_TIME, n)) for low in range(0, n, AT_A_TIME))


def _pull(
    society: Society, address: int, niche: int, region: int, rates: Rates, key: Any, understood: Floats | None
) -> Floats:
    """a·h·g for each person."""
    u, pull = np.empty(int(society.group[-1]) + 1), np.empty(society.n_people)
    compiled_loops().draw_in_order(0, S_CLUMP, address, key, u)
    liking = np.exp(rates.audience_clumping * ndtri(u) - rates.audience_clumping**2 / 2)
    by_niche = np.ones(society.n_niches)
    by_region = np.ones(society.n_regions) if understood is None else understood.copy()
    if niche >= 0:
        by_niche[np.arange(society.n_niches) != niche] = rates.audience_spill
    if region >= 0:
        by_region[np.arange(society.n_regions) != region] *= rates.region_spill
    compiled_loops().pulls(by_niche, by_region, liking, society.niche, society.region, society.group,
                           society.appetite, pull)  # fmt: skip
    return pull


def solve_rate(pull: Floats, target: float) -> float:
    """λ with Σ(1 - exp(-λ·pull)) = target, to about 1e-13 of itself.

    pull: shape (people,), ≥ 0. Raises ValueError when no λ reaches the target.
    """
    if not 0 < target < np.count_nonzero(pull > 0):
        raise ValueError("the target is not below the number of people who can follow")
    rate, some = target / float(pull.sum()), np.ascontiguousarray(pull[::SAMPLE])
    aim = target * len(some) / len(pull)
    if len(some) >= 1000 and aim < 0.95 * np.count_nonzero(some > 0):
        rate = _halley(some, aim, rate, 0.1)
    return _halley(pull, target, rate, 1e-4)


def _halley(pull: Floats, target: float, rate: float, enough: float) -> float:
    """Halley's method until a step is below ``enough`` of the rate; what is left is of the order of its cube.

    A step is Newton's, at most doubled. The sum is concave in the rate: when a step went too far, the next one is
    cautious, and a rate is never below half the one before.
    """
    for _ in range(200):
        total, slope, bend = _expected(pull, rate)
        step = (target - total) / slope
        step /= max(0.5, 1.0 - step * bend / (2.0 * slope))
        rate = max(rate + step, 0.5 * rate)
        if abs(step) <= enough * rate:
            break
    return float(rate)


def _expected(pull: Floats, rate: float) -> tuple[float, float, float]:
    """Σ(1 - exp(-rate·pull)), its first derivative by the rate and the second times -1."""
    total, slope, bend, chance = 0.0, 0.0, 0.0, np.empty(min(AT_A_TIME, len(pull)))
    for people in _slices(len(pull)):
        some, p = pull[people], chance[: people.stop - people.start]
        compiled_loops().chances(some, rate, p)
        total += float(np.add.reduce(p))
        np.subtract(1.0, p, out=p)
        p *= some
        slope += float(np.add.reduce(p))
        p *= some
        bend += float(np.add.reduce(p))
    return total, slope, bend


def check_room(creator: CreatorSpec, target: float, n_people: int, population: float) -> None:
    """InputError where the audience does not fit the market.

    target: expected audience in agents of n_people, who stand for ``population`` real people.
    """
    if target > FULLEST * n_people:
        real = target * population / n_people
        raise InputError(f"an audience of {real:,.0f} real people does not fit the market of {population:,.0f}",
                         key=f"creator.{creator.handle}.followers", value=creator.followers,
                         expected=f"market.population of at least {real / FULLEST:,.0f}")  # fmt: skip


def check_size(creator: CreatorSpec, target: float, n_people: int, population: float) -> str | None:
    """A warning where the audience is small in agents; InputError where it is too small or does not fit."""
    check_room(creator, target, n_people, population)
    key = f"creator.{creator.handle}.followers"
    real = target * population / n_people
    if target < FEWEST:
        needed = int(np.ceil(FEWEST * population / real))
        fix = f"--people {needed} or more" if needed <= population else "a larger creator, or a smaller market"
        raise InputError(f"an audience of {target:.1f} agents is too small to say anything", key=key,
                         value=creator.followers, expected=fix)  # fmt: skip
    if target < FEW:
        return (f"{creator.handle}: an audience of {target:.0f} agents is noisy; "
                f"--people {int(np.ceil(FEW * population / real))} gives {FEW}")  # fmt: skip
    return None
