"""Feed, funnel and trust: one post of every creator of the roster, organic and disclosed, on the same coins."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import linregress, spearmanr

from sim.engine.campaign import Campaign, assemble_campaign, single_post
from sim.engine.simulate import simulate
from sim.parameters import Rates
from sim.record import Run
from sim.rules import FIXED_POINT
from sim.scenario.load import Scenario
from sim.scenario.plans import expected_price
from sim.scenario.schema import TIERS
from sim.society.relevance import NO_NICHE, position
from sim.society.world import World

Floats = NDArray[np.float64]

STEEP_BELOW, FLAT_ABOVE, MEGA = 20_000, 50_000, 1_000_000
NANO_SIZE, MACRO_SIZE, PRICE_RATIO = 5_000, 300_000, 18.0
"""SF11: the sizes compared, and how many times as much the larger costs (Beichert et al. 2024)."""


@dataclass(frozen=True)
class Posted:
    """What one post of each creator brought: columns by creator, in real people."""

    run: Run
    engagements: Floats
    reach: Floats
    followers_reached: Floats
    clicks: Floats
    attributed: Floats
    lost: Floats
    impressions: Floats

    @classmethod
    def of(cls, run: Run) -> Posted:
        def column(name: str) -> Floats:
            factor = run.people_per_agent / (FIXED_POINT if name.endswith("_expected") else 1.0)
            return np.asarray(factor * run.by_creator[name], dtype=np.float64)

        names = ("engagements_expected", "reach", "impressions_followed", "clicks_expected", "attributed_expected",
                 "followers_lost", "impressions")  # fmt: skip
        return cls(run, *(column(name) for name in names))


def one_post_each(
    scenario: Scenario, world: World, rates: Rates, *, sponsored: bool, disclosed: bool = True
) -> Campaign:
    """A post of every creator on day 0."""
    posts = [single_post(world, c, 0, sponsored=sponsored, disclosed=disclosed) for c in range(world.n_creators)]
    niche = position(scenario.market.niches, scenario.product.niche)
    return assemble_campaign("each", posts, scenario.run.days, rates, product_quality=scenario.product.quality,
                             product_niche=niche)  # fmt: skip


def measure(scenario: Scenario, world: World, seed: int) -> dict[str, float]:
    """SF4, SF5, SF11, SF16, SF18, SF19 and SF20 on one world."""
    rates, level = scenario.rates, replace(scenario.rates, appeal_spread=0.0)
    organic = posted(scenario, world, rates, seed, sponsored=False)
    plain = posted(scenario, world, level, seed, sponsored=False)
    disclosed = posted(scenario, world, level, seed, sponsored=True)
    none = simulate(world, assemble_campaign("none", [], scenario.run.days, level), level, seed)
    return {
        **engagement_facts(organic, world),
        **reach_facts(organic, world),
        **sponsoring_facts(plain, disclosed, world),
        **funnel_facts(scenario, disclosed, none, world),
        **revenue_facts(disclosed, world),
        "SF18": half_life(organic.run),
        "SF20": rates.peer_trust / float(world.trust[world.followers >= MEGA].mean()),
    }


def posted(
    scenario: Scenario, world: World, rates: Rates, seed: int, *, sponsored: bool, disclosed: bool = True
) -> Posted:
    """One post of each creator, simulated."""
    campaign = one_post_each(scenario, world, rates, sponsored=sponsored, disclosed=disclosed)
    return Posted.of(simulate(world, campaign, rates, seed))


def slope(x: Floats, y: Floats, use: NDArray[np.bool_]) -> float:
    """Ordinary least squares of ln y on ln x over the creators in use with y above 0."""
    use = use & (y > 0)
    return float(linregress(np.log(x[use]), np.log(y[use])).slope) if use.sum() > 2 else float("nan")


def engagement_facts(organic: Posted, world: World) -> dict[str, float]:
    """SF4: engagement rate by followers, fakes counted, engagements from all sources."""
    size = world.followers
    rate = organic.engagements / size
    tiers = {name: (size >= low) & (size < high) for name, (low, high) in TIERS.items()}
    medians = [float(np.median(rate[chosen])) for chosen in tiers.values()]
    spread = [float(np.log(rate[chosen & (rate > 0)]).std(ddof=1)) for chosen in tiers.values()]
    return {
        "SF4a": slope(size, rate, size < STEEP_BELOW),
        "SF4b": slope(size, rate, size > FLAT_ABOVE),
        "SF4c": slope(size, rate, size > 0),
        **dict(zip(("SF4d", "SF4e", "SF4f", "SF4g", "SF4h"), medians, strict=True)),
        "SF4i": float(np.mean(spread)),
    }


def reach_facts(organic: Posted, world: World) -> dict[str, float]:
    """SF5: followers reached by one feed post ÷ followers."""
    size, rate = world.followers, organic.followers_reached / world.followers
    nano, mega = size < TIERS["nano"][1], size >= MEGA
    return {"SF5a": slope(size, rate, size > 0), "SF5b": float(np.median(rate[nano])),
            "SF5c": float(np.median(rate[mega]))}  # fmt: skip


def bookable(world: World, product: int = 0) -> NDArray[np.bool_]:
    """Creators whom a brand of that niche would book: of the niche, or general."""
    return np.asarray((world.niche == product) | (world.niche == NO_NICHE))


def sponsoring_facts(organic: Posted, disclosed: Posted, world: World) -> dict[str, float]:
    """SF16: what sponsoring the same post costs."""
    booked = bookable(world)
    lost, reached, size = disclosed.lost[booked], disclosed.reach[booked], world.followers[booked]
    seen = reached > 0
    rank = spearmanr(size[seen], lost[seen] / reached[seen]).statistic
    return {
        "SF16a": float(np.mean(lost / size)),
        "SF16b": float(rank),
        "SF16c": float(disclosed.engagements[booked].sum() / organic.engagements[booked].sum() - 1.0),
    }


def funnel_facts(scenario: Scenario, disclosed: Posted, none: Run, world: World) -> dict[str, float]:
    """SF19 over the creators whom a brand would book, at expected market prices."""
    booked = bookable(world)
    clicks, reached = disclosed.clicks[booked].sum(), disclosed.reach[booked].sum()
    extra = disclosed.run.total("conversions_expected") - none.total("conversions_expected")
    creators = [scenario.creators[world.handles[number]] for number in np.flatnonzero(booked)]
    cost = sum(expected_price(creator, scenario.rates, scenario.market.usd_rate) for creator in creators)
    return {
        "SF19a": float(clicks / reached),
        "SF19b": float(disclosed.attributed[booked].sum() / clicks),
        "SF19c": float(disclosed.run.people_per_agent * extra / FIXED_POINT / disclosed.reach.sum()),
        "SF19d": float(1000.0 * cost / disclosed.impressions[booked].sum()),
        "SF19e": float(cost / disclosed.engagements[booked].sum()),
    }


def revenue_facts(disclosed: Posted, world: World) -> dict[str, float]:
    """SF11: orders after a click for each follower, by size, and for each unit of money where macro costs 18 x nano."""
    per_follower = disclosed.attributed / world.followers
    fitted = slope(world.followers, per_follower, bookable(world))
    ratio = float(np.exp(fitted * np.log(NANO_SIZE / MACRO_SIZE)))
    return {"SF11a": ratio, "SF11b": ratio * NANO_SIZE / MACRO_SIZE * PRICE_RATIO}


def half_life(run: Run) -> float:
    """SF18: hours to half of the final impressions among followers, from the share of the first day."""
    shown = run.daily["impressions_followed"]
    return float(-24.0 / np.log2(1.0 - shown[0] / shown.sum()))
