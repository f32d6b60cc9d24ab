"""Small worlds with every mechanism at its neutral value, for tests that know the answer beforehand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.engine.campaign import Campaign, Post, assemble_campaign, single_post
from sim.engine.simulate import ENGINES
from sim.parameters import PARAMETERS, Rates
from sim.randomness import creator_address
from sim.society.relevance import NO_LANGUAGE, NO_NICHE
from sim.society.segments import segments_of
from sim.society.society import Society
from sim.society.ties import follower_lists
from sim.society.world import World

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Every behaviour test runs on both engines."""
    return str(request.param)


@pytest.fixture
def neutral() -> Callable[..., Rates]:
    """Rates with every mechanism switched off, except those named."""

    def rates(**values: float) -> Rates:
        off = {name: p.neutral for name, p in PARAMETERS.items() if p.neutral is not None}
        return Rates(**{**off, **values})

    return rates


@pytest.fixture
def make_society() -> Callable[..., Society]:
    """A society of n people with the given arcs (followed, follower) and plain attributes."""

    def society(n: int, arcs: Sequence[tuple[int, int]] = (), n_niches: int = 1, **columns: Any) -> Society:
        followed, follower = (np.array([arc[k] for arc in arcs], dtype=np.int64) for k in (0, 1))
        start, followers = follower_lists(followed, follower, n)
        plain = {
            "group": np.zeros(n, np.int32),
            "niche": np.zeros(n, np.int16),
            "region": np.zeros(n, np.int16),
            "activity": np.ones(n),
            "expressiveness": np.ones(n),
            "skepticism": np.zeros(n),
            "need": np.zeros(n),
            "appetite": np.ones(n),
            "owner": np.zeros(n, bool),
        }
        plain |= columns
        for name in ("activity", "expressiveness", "skepticism", "need"):
            plain[name] = plain[name].astype(np.float32)
        n_regions = int(plain["region"].max(initial=0)) + 1
        return Society(**plain, follower_start=start, follower=followers, n_niches=n_niches, n_regions=n_regions)

    return society


@pytest.fixture
def make_world() -> Callable[..., World]:
    """A world with the given audiences: one creator an audience, trust 0.4 and quality 1 unless given."""

    def world(society: Society, audiences: Sequence[Sequence[int]] = (), w: float = 1.0, **columns: Any) -> World:
        c, k = len(audiences), society.n_niches
        people = [np.array(sorted(audience), dtype=np.int32) for audience in audiences]
        handles = tuple(f"c{number}" for number in range(c))
        interest = np.ones((k + 1, k))
        plain: dict[str, Any] = {
            "handles": handles,
            "address": np.array([creator_address(handle) for handle in handles], dtype=np.uint32),
            "followers": np.array([float(len(audience)) for audience in people]),
            "real_followers": np.array([w * len(audience) for audience in people]),
            "niche": np.full(c, NO_NICHE, np.int16),
            "language": np.full(c, NO_LANGUAGE, np.int16),
            "posts_a_day": np.ones(c),
            "sponsored_share": np.zeros(c),
            "quality": np.ones(c),
            "price_noise": np.ones(c),
            "trust": np.full(c, 0.4),
            "rank": np.ones(c),
            "engagement_rate": np.zeros(c),
            "fit": np.ones(c),
            "node": np.full(c, -1, np.int64),
            "interest": interest,
            "product_relevance": np.ones(k),
            "understood": np.ones((1, society.n_regions)),
            "sold": np.ones(society.n_regions),
            "segments": segments_of(society, columns.pop("segment_tables", ()), 1),
        }
        return World(
            society=society,
            people_per_agent=w,
            audience_start=np.concatenate([[0], np.cumsum([len(p) for p in people])]).astype(np.int64),
            audience=np.concatenate([*people, np.empty(0, np.int32)]),
            owners_followed=society.owners_followed(),
            **{**plain, **columns},
        )

    return world


@pytest.fixture
def make_posts() -> Callable[..., Campaign]:
    """A campaign of single posts: (creator, day) pairs."""

    def campaign(world: World, rates: Rates, posts: Sequence[tuple[int, int]], days: int, **options: Any) -> Campaign:
        names = {field.name for field in dataclasses.fields(Post)} & options.keys()
        kinds = {key: options.pop(key) for key in names}
        made = [single_post(world, creator, day, **kinds) for creator, day in posts]
        return assemble_campaign("test", made, days, rates, **options)

    return campaign


@pytest.fixture
def append_follower() -> Callable[[World, int], World]:
    """The same world with one more person, who follows one creator and nobody else."""

    def appended(world: World, creator: int) -> World:
        old = world.society
        columns = {}
        for field in dataclasses.fields(Society):
            value = getattr(old, field.name)
            if isinstance(value, np.ndarray) and len(value) == old.n_people:
                columns[field.name] = np.concatenate([value, value[:1]])
        columns["follower_start"] = np.concatenate([old.follower_start, old.follower_start[-1:]])
        columns.pop("follower", None)
        society = dataclasses.replace(old, **columns)
        audiences = [world.audience_of(c) for c in range(world.n_creators)]
        audiences[creator] = np.append(audiences[creator], np.int32(old.n_people))
        return dataclasses.replace(
            world,
            society=society,
            segments=segments_of(society, (), 1),
            audience_start=np.concatenate([[0], np.cumsum([len(a) for a in audiences])]).astype(np.int64),
            audience=np.concatenate(audiences).astype(np.int32),
            owners_followed=np.append(world.owners_followed, 0),
        )

    return appended
