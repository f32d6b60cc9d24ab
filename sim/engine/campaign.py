"""Campaign: one plan as arrays, the form in which an engine gets it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.errors import InputError
from sim.parameters import Rates
from sim.randomness import Stream, creator_post_address, uniforms
from sim.rules import life_share, price_factor
from sim.scenario.load import Scenario
from sim.scenario.plans import Plan, expected_price
from sim.scenario.schema import Deal
from sim.society.world import NO_NICHE, World

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SeedPost:
    """A post by an ordinary person: about the brand or not."""

    person: int
    day: int
    about_brand: bool = False


@dataclass(frozen=True)
class Campaign:
    """Posts in order of their addresses (arrays of length P) and what else a plan decides.

    creator: number in the World; address: 32-bit address of the post; fee: paid for the post, in the currency.
    life_gain (days): share of a post's life on each day of its age. topic: number of the product's niche.
    """

    plan: str
    days: int
    creator: NDArray[np.int32]
    day: NDArray[np.int32]
    address: NDArray[np.uint32]
    sponsored: NDArray[np.bool_]
    disclosed: NDArray[np.bool_]
    fit: Floats
    fee: Floats
    seeds: tuple[SeedPost, ...]
    life_gain: Floats
    price_factor: float
    product_quality: float
    product_niche: int

    @property
    def n_posts(self) -> int:
        return len(self.address)

    @property
    def cost(self) -> float:
        """Money paid, in the scenario's currency."""
        return float(self.fee.sum())


@dataclass(frozen=True)
class Post:
    """One post of a campaign before it is laid out in arrays."""

    address: int
    creator: int
    day: int
    sponsored: bool
    disclosed: bool
    fit: float
    fee: float


def make_campaign(scenario: Scenario, plan: Plan, world: World) -> Campaign:
    """The posts and fees of a plan in this world. Posts that would fall after the last day are not paid."""
    ordinals: dict[tuple[str, int], int] = {}
    posts = [post for deal in plan.deals for post in _posts_of(deal, scenario, world, ordinals)]
    niche = scenario.product.niche
    return assemble_campaign(
        plan.name, posts, scenario.run.days, scenario.rates,
        price=price_factor(scenario.product.price, scenario.rates.price_reference * scenario.market.usd_rate,
                           scenario.rates.price_elasticity),
        product_quality=scenario.product.quality,
        product_niche=NO_NICHE if niche is None else scenario.market.niches.index(niche),
    )  # fmt: skip


def assemble_campaign(
    plan: str,
    posts: list[Post],
    days: int,
    rates: Rates,
    *,
    seeds: tuple[SeedPost, ...] = (),
    price: float = 1.0,
    product_quality: float = 1.0,
    product_niche: int = NO_NICHE,
) -> Campaign:
    """A campaign from single posts, brought into the order of their addresses."""
    posts = sorted(posts, key=lambda post: post.address)
    addresses = [post.address for post in posts]
    if len(set(addresses)) < len(addresses):
        raise InputError("two posts share an address (a rare clash of hashes)", key=f"plan.{plan}",
                         expected="another start day or handle for one of the creators")  # fmt: skip
    life = np.array([life_share(age, rates.half_life_hours) for age in range(days)])
    return Campaign(
        plan=plan,
        days=days,
        creator=np.array([p.creator for p in posts], dtype=np.int32),
        day=np.array([p.day for p in posts], dtype=np.int32),
        address=np.array(addresses, dtype=np.uint32),
        sponsored=np.array([p.sponsored for p in posts], dtype=np.bool_),
        disclosed=np.array([p.disclosed for p in posts], dtype=np.bool_),
        fit=np.array([p.fit for p in posts], dtype=np.float64),
        fee=np.array([p.fee for p in posts], dtype=np.float64),
        seeds=seeds,
        life_gain=np.diff(life, prepend=0.0),
        price_factor=price,
        product_quality=product_quality,
        product_niche=product_niche,
    )


def single_post(
    world: World, creator: int, day: int, *, ordinal: int = 0, sponsored: bool = True, disclosed: bool = True,
    fit: float | None = None, fee: float = 0.0,
) -> Post:  # fmt: skip
    """One post by creator number ``creator``; organic posts are not about the brand."""
    kind = "post" if sponsored else "organic"
    address = creator_post_address(world.handles[creator], day, ordinal, kind)
    return Post(address, creator, day, sponsored, disclosed, world.fit[creator] if fit is None else fit, fee)


def _posts_of(deal: Deal, scenario: Scenario, world: World, ordinals: dict[tuple[str, int], int]) -> list[Post]:
    creator = world.index_of(deal.creator)
    fee = _fee(deal, scenario, world, creator)
    posts = []
    for number in range(deal.posts):
        day = deal.start + number * deal.every
        if day >= scenario.run.days:
            break
        ordinal = ordinals.get((deal.creator, day), 0)
        ordinals[deal.creator, day] = ordinal + 1
        posts.append(single_post(world, creator, day, ordinal=ordinal, disclosed=deal.disclosed, fit=deal.fit, fee=fee))
    return posts


def _fee(deal: Deal, scenario: Scenario, world: World, creator: int) -> float:
    """Fee of one post: as agreed, else the creator's own price, else the market's with this replicate's noise."""
    if deal.fee != "market":
        return float(deal.fee)
    spec = scenario.creators[deal.creator]
    price = expected_price(spec, scenario.rates, scenario.market.usd_rate)
    return price if spec.fee is not None else price * float(world.price_noise[creator])


def appeals(addresses: NDArray[np.uint32], rates: Rates, seed: int, replicate: int) -> Floats:
    """Appeal of each post to sharers: lognormal of mean 1, addressed by the post."""
    u = uniforms(seed, replicate, Stream.APPEAL, post=addresses)[0]
    return np.asarray(np.exp(rates.appeal_spread * ndtri(u) - rates.appeal_spread**2 / 2))
