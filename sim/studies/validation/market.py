"""The validation society: a market of 20 million, ten niches, 400 creators of all sizes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.scenario.load import Scenario, load
from sim.scenario.schema import TIERS

POPULATION, PEOPLE_PER_AGENT = 20_000_000, 20
NICHES = ("beauty", "fashion", "food", "fitness", "travel", "family", "home", "gaming", "pets", "finance")
N_CREATORS, LEAST_OF_A_TIER = 400, 40
SMALLEST, LARGEST, EXPONENT = 1_000.0, 3_000_000.0, 2.2
"""Followers are Pareto with this density exponent between these bounds."""
EVERY_GENERAL, GENERAL_FROM = 4, 400_000
"""Every fourth account is general, and so are all above this size, whose audience would not fit into one niche."""
DAYS = 30


def followers_of_roster(n: int = N_CREATORS, least: int = LEAST_OF_A_TIER) -> NDArray[np.int64]:
    """Followers of n creators, ascending: Pareto quantiles within each tier, with at least ``least`` in each."""
    bounds, shares = _tiers()
    rare = shares * n < least
    counts = np.where(rare, least, np.rint(shares * (n - least * rare.sum()) / shares[~rare].sum()))
    parts = [_quantiles(int(count), low, high) for count, (low, high) in zip(counts, bounds, strict=True)]
    return np.sort(np.concatenate(parts)).astype(np.int64)


def in_proportion(followers: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Creators of a roster, ascending, that leave each tier its share of the Pareto law: without those added to it."""
    bounds, shares = _tiers()
    places = [np.flatnonzero((followers >= low) & (followers < high)) for low, high in bounds]
    all_ = min(len(place) / share for place, share in zip(places, shares, strict=True))
    kept = np.zeros(len(followers), np.bool_)
    for place, share in zip(places, shares, strict=True):
        count = round(share * all_)
        kept[place[((np.arange(count) + 0.5) * len(place) / max(count, 1)).astype(np.int64)]] = True
    return kept


def _tiers() -> tuple[list[tuple[float, float]], NDArray[np.float64]]:
    """The tiers' bounds inside the law's, and the law's share of creators in each."""
    bounds = [(max(low, SMALLEST), min(high, LARGEST)) for low, high in TIERS.values()]
    return bounds, np.array([_mass(low, high) for low, high in bounds]) / _mass(SMALLEST, LARGEST)


def _mass(low: float, high: float) -> float:
    return float(low ** (1.0 - EXPONENT) - high ** (1.0 - EXPONENT))


def _quantiles(n: int, low: float, high: float) -> NDArray[np.float64]:
    """n evenly spaced quantiles of the Pareto law between two bounds."""
    u, power = (np.arange(n) + 0.5) / max(n, 1), 1.0 - EXPONENT
    return np.asarray((low**power - u * (low**power - high**power)) ** (1.0 / power))


def roster(followers: Sequence[int], all_general: bool = False) -> list[tuple[str, int, str | None]]:
    """Handle, followers and niche of each creator, in turn through the niches."""
    return [
        (f"c{number:03d}", size, None if all_general or size >= GENERAL_FROM or number % EVERY_GENERAL == 0
         else NICHES[number % len(NICHES)])
        for number, size in enumerate(followers)
    ]  # fmt: skip


def validation_scenario(
    seed: int, followers: Sequence[int], parameters: Mapping[str, float] | None = None, *,
    population: int = POPULATION, people_per_agent: float = PEOPLE_PER_AGENT, days: int = DAYS,
    platform: str = "instagram", niche: str | None = NICHES[0], all_general: bool = False,
) -> Scenario:  # fmt: skip
    """One society of the validation market, in which every creator of the roster can be booked."""
    creators = roster(followers, all_general)
    lines = [
        "schema = 1", f'name = "validation-{seed}"', "creator = [",
        *(f'{{ handle = "{handle}", followers = {size}' + (f', niche = "{topic}" }},' if topic else " },")
          for handle, size, topic in creators),
        "]",
        "[market]", f"population = {population}", f"niches = {list(NICHES)}".replace("'", '"'),
        "[society]", f"people = {round(population / people_per_agent)}", "worlds = 1",
        "[product]", *([f'niche = "{niche}"'] if niche else []),
        "[platform]", f'preset = "{platform}"',
        "[run]", f"days = {days}", "replicates = 1", f"seed = {seed}",
        "[parameters]", *(f"{name} = {float(value)!r}" for name, value in (parameters or {}).items()),
        "[[plan]]", 'name = "all"', "deals = [",
        *(f'{{ creator = "{handle}", fee = 1 }},' for handle, _, _ in creators), "]",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "validation.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return load(path)
