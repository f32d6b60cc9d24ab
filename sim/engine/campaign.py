"""Campaign: one plan as posts and terms, the form in which an engine gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.errors import InputError
from sim.parameters import Rates
from sim.platforms import FORMATS, ONE_DAY, format_rate
from sim.randomness import Stream, creator_post_address, uniforms
from sim.record import Run
from sim.rules import FIXED_POINT, life_share
from sim.society.relevance import NO_NICHE
from sim.society.world import World

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SeedPost:
    """A post by an ordinary person: about the brand (word 1 good, -1 bad) or not (0)."""

    person: int
    day: int
    word: int = 0


@dataclass(frozen=True)
class Given:
    """A person who is given the product on a day, and so is no buyer any more."""

    person: int
    day: int


@dataclass(frozen=True)
class Post:
    """One post of a creator. fee: paid for it; earlier: deals with the brand before this one.

    click, persuasion: factors of its format, tag and code; discount: share of the price that its code takes off, and
    offer: what that makes of conversion.
    """

    address: int
    creator: int
    day: int
    sponsored: bool = True
    disclosed: bool = True
    fit: float = 1.0
    fee: float = 0.0
    form: str = FORMATS[0]
    click: float = 1.0
    persuasion: float = 1.0
    discount: float = 0.0
    offer: float = 1.0
    earlier: int = 0


@dataclass(frozen=True)
class Bill:
    """What a plan costs besides the fees of its posts, in the scenario's currency.

    price: the product's; gifts and commission (share of the price) by number of the creator; seeding: gifts to ordinary
    people; declined: fees and gifts that were offered and not taken, by handle.
    """

    price: float = 0.0
    gifts: Mapping[int, float] = field(default_factory=dict)
    commission: Mapping[int, float] = field(default_factory=dict)
    seeding: float = 0.0
    declined: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Campaign:
    """Posts in order of their addresses and what else a plan decides.

    seeds: posts of ordinary people; given: who is given the product when. found_out: day on which a creator's hidden
    ads become known, by number. life_gain: share of a post's life on each day of its age (days), by format.
    product_niche: number of the product's niche.
    """

    plan: str
    days: int
    posts: tuple[Post, ...]
    seeds: tuple[SeedPost, ...]
    given: tuple[Given, ...]
    found_out: Mapping[int, int]
    life_gain: Mapping[str, Floats]
    price_factor: float
    product_quality: float
    product_niche: int
    bill: Bill

    @property
    def n_posts(self) -> int:
        return len(self.posts)

    @cached_property
    def creators(self) -> list[int]:
        """Numbers of the creators at work, ascending."""
        return sorted({post.creator for post in self.posts})

    @cached_property
    def address(self) -> NDArray[np.uint32]:
        """Addresses of the posts, (P,)."""
        return np.array([post.address for post in self.posts], dtype=np.uint32)

    def today(self, day: int) -> list[int]:
        """Places of the posts of a day."""
        return [index for index, post in enumerate(self.posts) if post.day == day]

    def spending(self, run: Run) -> dict[int, float]:
        """Fees, gift, commission and discounts by number of the creator, given what came of it (expected orders)."""
        orders, discounts = (
            run.people_per_agent / FIXED_POINT * run.by_creator[name]
            for name in ("attributed_expected", "discounts_expected")
        )
        return {
            creator: sum(post.fee for post in self.posts if post.creator == creator)
            + self.bill.gifts.get(creator, 0.0)
            + self.bill.price * float(self.bill.commission.get(creator, 0.0) * orders[creator] + discounts[creator])
            for creator in self.creators
        }

    def cost(self, run: Run) -> float:
        """All that is spent on creators and on seeding."""
        return sum(self.spending(run).values()) + self.bill.seeding


def assemble_campaign(
    plan: str,
    posts: Sequence[Post],
    days: int,
    rates: Rates,
    *,
    seeds: tuple[SeedPost, ...] = (),
    given: tuple[Given, ...] = (),
    found_out: Mapping[int, int] | None = None,
    price: float = 1.0,
    product_quality: float = 1.0,
    product_niche: int = NO_NICHE,
    bill: Bill | None = None,
) -> Campaign:
    """A campaign from single posts, brought into the order of their addresses. price: the price factor."""
    posts = sorted(posts, key=lambda post: post.address)
    if len({post.address for post in posts}) < len(posts):
        raise InputError("two posts share an address (a rare clash of hashes)", key=f"plan.{plan}",
                         expected="another start day or handle for one of the creators")  # fmt: skip
    return Campaign(
        plan=plan,
        days=days,
        posts=tuple(posts),
        seeds=seeds,
        given=given,
        found_out=found_out or {},
        life_gain={form: life_gain(form, days, rates) for form in FORMATS},
        price_factor=price,
        product_quality=product_quality,
        product_niche=product_niche,
        bill=bill or Bill(),
    )


def life_gain(form: str, days: int, rates: Rates) -> Floats:
    """Share of a post's life on each day of its age; all of it on the first for formats that last a day."""
    if form in ONE_DAY:
        return np.array([1.0] + [0.0] * (days - 1))
    half_life = rates.half_life_hours * format_rate(rates, form, "life")
    return np.diff([life_share(age, half_life) for age in range(days)], prepend=0.0)


def single_post(
    world: World, creator: int, day: int, *, ordinal: int = 0, sponsored: bool = True, fit: float | None = None,
    **terms: Any,
) -> Post:  # fmt: skip
    """One post by creator number ``creator``; organic posts are not about the brand. terms: other fields of Post."""
    kind = "post" if sponsored else "organic"
    address = creator_post_address(world.handles[creator], day, ordinal, kind)
    fit = float(world.fit[creator]) if fit is None else fit
    return Post(address, creator, day, sponsored, fit=fit, **terms)


def appeals(addresses: NDArray[np.uint32], rates: Rates, seed: int, replicate: int) -> Floats:
    """Appeal of each post to sharers: lognormal of mean 1, addressed by the post."""
    u = uniforms(seed, replicate, Stream.APPEAL, post=addresses)[0]
    return np.asarray(np.exp(rates.appeal_spread * ndtri(u) - rates.appeal_spread**2 / 2))
