"""Cascades: how far ordinary people's posts go, and how well the success of a creator's post can be foretold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import sim.rules
from sim.engine.campaign import Campaign, SeedPost, assemble_campaign, single_post
from sim.engine.compiling import standard_kernel
from sim.engine.kernel import KernelRun
from sim.engine.posts import SEED_ORDINAL
from sim.engine.simulate import simulate
from sim.parameters import Rates
from sim.randomness import post_ordinal
from sim.record import Event
from sim.scenario.load import Scenario
from sim.society.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

N_POSTS, LARGE, DAYS = 20_000, 100, 15
"""Posts of ordinary people, adopters of a large cascade, and days: most chains of reshares end within a week."""
EARLIER, AFTER = 20, 50
POST_DAYS = 8
"""Days of a creator's post: 99.9 % of its life at a half-life of 19 hours."""


def measure(scenario: Scenario, world: World, seed: int) -> dict[str, float]:
    """SF6: organic posts of ordinary people, evenly spaced over the society. w = 1."""
    people = np.unique(np.linspace(0, world.n_people - 1, N_POSTS).astype(np.int64))
    campaign = assemble_campaign(
        "people", [], DAYS, scenario.rates, seeds=tuple(SeedPost(p, 0) for p in people.tolist())
    )
    adopters, deep = adoptions(world, campaign, scenario.rates, seed)
    total = adopters.sum() + len(people)
    return {
        "SF6a": 1.0 - len(adopters[adopters > 0]) / len(people),
        "SF6b": float((adopters >= LARGE).sum() / len(people)),
        "SF6c": float(deep / total),
    }


def adoptions(world: World, campaign: Campaign, rates: Rates, seed: int) -> tuple[Ints, int]:
    """Reshares of each post that had any, and how many of all stand two or more steps from the author."""
    everyone = range(world.n_people)
    run = KernelRun(world, campaign, rates, seed, 0, everyone, standard_kernel(), sim.rules, 1)
    for _ in range(campaign.days):
        run.step()
    events = run.finish().events
    shares = events[(events["kind"] == Event.SHARE) & (post_ordinal(events["post"]) == SEED_ORDINAL)]
    order = np.lexsort((shares["day"], shares["post"]))
    depth: dict[tuple[int, int], int] = {}
    deep = 0
    for share in shares[order]:
        post, sharer, shower = int(share["post"]), int(share["person"]), int(share["shower"])
        depth[post, sharer] = depth.get((post, shower), 0) + 1
        deep += depth[post, sharer] >= 2
    return np.unique(shares["post"], return_counts=True)[1], deep


# --- how well success can be foretold ----------------------------------------------------------------------


def predictability(scenario: Scenario, world: World, seed: int) -> dict[str, float]:
    """SF8: ln(1 + sharers) of a post on ln F and the mean of 20 earlier ones; and of means of 50 posts, by decile."""
    sizes = np.array([
        np.log1p(sharers_of_posts(scenario, world, 1000 * seed + k)) for k in range(EARLIER + 1 + AFTER)
    ])  # fmt: skip
    earlier = sizes[:EARLIER].mean(axis=0)
    after = sizes[EARLIER + 1 :].mean(axis=0)
    features = np.column_stack([np.log(world.followers), earlier])
    deciles = np.argsort(np.argsort(features @ _fit(features, sizes[EARLIER])[1:])) * 10 // world.n_creators
    means = np.array([[column[deciles == d].mean() for d in range(10)] for column in (*features.T, after)])
    return {
        "SF8a": r_squared(features, sizes[EARLIER]),
        "SF8b": r_squared(means[:2].T, means[2]),
    }


def sharers_of_posts(scenario: Scenario, world: World, seed: int) -> Floats:
    """People who reshared one organic post of each creator, directly or on."""
    posts = [single_post(world, c, 0, sponsored=False) for c in range(world.n_creators)]
    run = simulate(world, assemble_campaign("one", posts, POST_DAYS, scenario.rates), scenario.rates, seed)
    return world.people_per_agent * run.by_creator["shares_drawn"].astype(np.float64)


def _fit(features: Floats, values: Floats) -> Floats:
    design = np.column_stack([np.ones(len(values)), features])
    return np.asarray(np.linalg.lstsq(design, values, rcond=None)[0])


def r_squared(features: Floats, values: Floats) -> float:
    """Share of variance that a least-squares fit explains."""
    fitted = np.column_stack([np.ones(len(values)), features]) @ _fit(features, values)
    return float(1.0 - ((values - fitted) ** 2).sum() / ((values - values.mean()) ** 2).sum())
