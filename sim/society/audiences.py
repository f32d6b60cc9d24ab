"""Who follows which creator: one formation rule for every creator, with the audience's size solved.

Person i follows creator c with probability 1 - exp(-λ_c·a_ic·h_i·g), where a is 1 in c's niche and region and
less outside, h is i's appetite for following and g (mean 1) is how much i's group of friends likes c.
λ_c is solved so that the expected audience is F·(1 - fake share)/people_per_agent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.errors import InputError
from sim.parameters import Rates
from sim.randomness import Stream, uniforms
from sim.scenario.roster import CreatorSpec
from sim.society.society import Society

Floats = NDArray[np.float64]

FEWEST, FEW = 20, 200
"""Fewer audience agents than FEWEST are an error, fewer than FEW a warning."""
FULLEST = 0.9
"""Largest share of all people that an audience may be."""


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
) -> Audience:
    """The audience of one creator (niche or region -1: any). target: expected number of agents."""
    pull = _pull(society, address, niche, region, rates, seed, replicate)
    probability = -np.expm1(-solve_rate(pull, target) * pull)
    u = uniforms(seed, replicate, Stream.AUDIENCE, person=np.arange(society.n_people), post=address)[0]
    shares = np.bincount(society.niche, probability, minlength=society.n_niches)
    followers = np.flatnonzero(u < probability).astype(np.int32)
    return Audience(followers, shares / shares.sum(), target)


def _pull(society: Society, address: int, niche: int, region: int, rates: Rates, seed: int, replicate: int) -> Floats:
    """a·h·g for each person."""
    affinity = np.ones(society.n_people)
    if niche >= 0:
        affinity = np.where(society.niche == niche, affinity, affinity * rates.audience_spill)
    if region >= 0:
        affinity = np.where(society.region == region, affinity, affinity * rates.region_spill)
    groups = np.arange(int(society.group[-1]) + 1)
    u = uniforms(seed, replicate, Stream.CLUMP, person=groups, post=address)[0]
    liking = np.exp(rates.audience_clumping * ndtri(u) - rates.audience_clumping**2 / 2)
    return np.asarray(affinity * society.appetite * liking[society.group])


def solve_rate(pull: Floats, target: float) -> float:
    """λ with Σ(1 - exp(-λ·pull)) = target, by Newton's method from below (the sum is concave in λ).

    pull: shape (people,), ≥ 0. Raises ValueError when no λ reaches the target.
    """
    if not 0 < target < np.count_nonzero(pull):
        raise ValueError("the target is not below the number of people who can follow")
    rate = target / pull.sum()
    for _ in range(200):
        kept = np.exp(-rate * pull)
        step = (target - (len(pull) - kept.sum())) / (pull * kept).sum()
        rate += step
        if abs(step) <= 1e-12 * rate:
            break
    return float(rate)


def check_size(creator: CreatorSpec, target: float, n_people: int, population: float) -> str | None:
    """A warning where the audience is small in agents; InputError where it is too small or does not fit.

    target: expected audience in agents of n_people, who stand for ``population`` real people.
    """
    key = f"creator.{creator.handle}.followers"
    real = target * population / n_people
    if target > FULLEST * n_people:
        raise InputError(f"an audience of {real:,.0f} real people does not fit the market of {population:,.0f}",
                         key=key, value=creator.followers,
                         expected=f"market.population of at least {real / FULLEST:,.0f}")  # fmt: skip
    if target < FEWEST:
        needed = int(np.ceil(FEWEST * population / real))
        fix = f"--people {needed} or more" if needed <= population else "a larger creator, or a smaller market"
        raise InputError(f"an audience of {target:.1f} agents is too small to say anything", key=key,
                         value=creator.followers, expected=fix)  # fmt: skip
    if target < FEW:
        return (f"{creator.handle}: an audience of {target:.0f} agents is noisy; "
                f"--people {int(np.ceil(FEW * population / real))} gives {FEW}")  # fmt: skip
    return None
