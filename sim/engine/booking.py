"""Booking: from a plan to its campaign in one world: who accepts, what is posted when, who is given the product."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.campaign import Bill, Campaign, Given, Post, SeedPost, assemble_campaign, single_post
from sim.engine.posts import BAD, GOOD
from sim.errors import InputError
from sim.parameters import Rates
from sim.platforms import format_rate
from sim.randomness import Stream, uniforms
from sim.rules import accepts, click_pull, code_factor, expected_orders, price_factor
from sim.scenario.load import Scenario
from sim.scenario.plans import SEEDED_ONE_IN, Plan, Seeding, expected_price
from sim.scenario.schema import Deal
from sim.society.relevance import position
from sim.society.world import World, node_named


@dataclass(frozen=True)
class Booked:
    """A deal with its creator's number, the fee of one post in this replicate, and the deals before it."""

    deal: Deal
    creator: int
    fee: float
    earlier: int

    @property
    def offer(self) -> float:
        """Money and goods offered besides a commission."""
        return self.deal.posts * self.fee + self.deal.gift


def make_campaign(scenario: Scenario, plan: Plan, world: World, replicate: int = 0) -> Campaign:
    """The posts, seeds and terms of a plan in this world. Posts that would fall after the last day are not paid."""
    booked = book(scenario, plan.deals, world)
    taken = [one for one in booked if accepted(scenario, one, world)]
    posts = _posts(scenario, taken, world)
    given, seeds, gifts = _seeded(scenario, plan.seeding, world, replicate)
    return assemble_campaign(
        plan.name, posts, scenario.run.days, scenario.rates,
        seeds=seeds,
        given=given,
        found_out={one.creator: one.deal.found_out for one in taken if one.deal.found_out is not None},
        price=general_price_factor(scenario),
        product_quality=scenario.product.quality,
        product_niche=position(scenario.market.niches, scenario.product.niche),
        bill=Bill(
            price=scenario.product.price,
            gifts=_gifts(taken),
            seeding=gifts,
            commission={one.creator: one.deal.commission for one in taken if one.deal.commission > 0},
            declined=_declined(world, [one for one in booked if one not in taken]),
        ),
    )  # fmt: skip


def general_price_factor(scenario: Scenario) -> float:
    """What the product's price leaves of conversion."""
    reference = scenario.rates.price_reference * scenario.market.usd_rate
    return price_factor(scenario.product.price, reference, scenario.rates.price_elasticity)


def _gifts(taken: Sequence[Booked]) -> dict[int, float]:
    gifts: dict[int, float] = {}
    for one in taken:
        gifts[one.creator] = gifts.get(one.creator, 0.0) + one.deal.gift
    return gifts


def _declined(world: World, refused: Sequence[Booked]) -> dict[str, float]:
    """Money and goods offered in vain, by handle."""
    offers: dict[str, float] = {}
    for one in refused:
        handle = world.handles[one.creator]
        offers[handle] = offers.get(handle, 0.0) + one.offer
    return offers


# --- deals -------------------------------------------------------------------------------------------------


def book(scenario: Scenario, deals: Sequence[Deal], world: World) -> list[Booked]:
    """Each deal with its terms in this replicate, in the plan's order."""
    order = sorted(range(len(deals)), key=lambda place: (deals[place].start, place))
    before: dict[str, int] = {}
    earlier = [0] * len(deals)
    for place in order:
        handle = deals[place].creator
        earlier[place] = deals[place].earlier + before.get(handle, 0)
        before[handle] = before.get(handle, 0) + 1
    return [
        Booked(deal, world.index_of(deal.creator), fee_of_post(scenario, deal, world), earlier[place])
        for place, deal in enumerate(deals)
    ]


def fee_of_post(scenario: Scenario, deal: Deal, world: World) -> float:
    """Fee of one post: as agreed, else the creator's own price, else the market's with this replicate's noise."""
    return float(deal.fee) if deal.fee != "market" else own_price(scenario, deal.creator, deal.format, world)


def own_price(scenario: Scenario, handle: str, form: str, world: World) -> float:
    """What a creator asks for one post in this replicate."""
    spec = scenario.creators[handle]
    price = expected_price(spec, scenario.rates, scenario.market.usd_rate, form)
    return price if spec.fee is not None else price * float(world.price_noise[world.index_of(handle)])


def accepted(scenario: Scenario, one: Booked, world: World) -> bool:
    """Whether the creator takes the offer: fees, gift and the commission to be reckoned with."""
    deal, rates = one.deal, scenario.rates
    spec = scenario.creators[deal.creator]
    least = (
        rates.reservation_share * own_price(scenario, deal.creator, deal.format, world)
        if spec.reservation is None
        else spec.reservation * format_rate(rates, deal.format, "price")
    )
    reach = rates.reach * format_rate(rates, deal.format, "reach")
    click_rate = rates.click_rate * format_rate(rates, deal.format, "click")
    orders = expected_orders(
        float(world.real_followers[one.creator]), reach, click_rate, rates.conversion_rate, rates.need_share,
        general_price_factor(scenario),
    )  # fmt: skip
    commission = deal.posts * orders * deal.commission * scenario.product.price
    return accepts(one.offer + commission, deal.posts * least)


def _posts(scenario: Scenario, taken: Sequence[Booked], world: World) -> list[Post]:
    ordinals: dict[tuple[int, int], int] = {}
    posts = []
    for one in taken:
        terms = _terms(one, scenario.rates)
        for day in one.deal.post_days(scenario.run.days):
            ordinal = ordinals.get((one.creator, day), 0)
            ordinals[one.creator, day] = ordinal + 1
            posts.append(single_post(world, one.creator, day, ordinal=ordinal, fit=one.deal.fit, **terms))
    return posts


def _terms(one: Booked, rates: Rates) -> dict[str, Any]:
    """What is the same for all posts of a deal."""
    deal = one.deal
    tag = rates.tag_click if deal.tag else 1.0
    return {
        "disclosed": deal.disclosed,
        "fee": one.fee,
        "form": deal.format,
        "click": click_pull(format_rate(rates, deal.format, "click"), tag, rates.code_click, deal.code),
        "persuasion": format_rate(rates, deal.format, "persuasion"),
        "discount": deal.code,
        "offer": code_factor(deal.code, rates.price_elasticity),
        "earlier": one.earlier,
    }


# --- seeding -----------------------------------------------------------------------------------------------


def _seeded(
    scenario: Scenario, seeding: Seeding | None, world: World, replicate: int
) -> tuple[tuple[Given, ...], tuple[SeedPost, ...], float]:
    """Who is given the product, who of them posts about it and how, and what the gifts cost."""
    if seeding is None:
        return (), (), 0.0
    seed = scenario.run.seed
    people = seeded_people(seeding, world, seed, replicate)
    talks, glad, _, _ = uniforms(seed, replicate, Stream.TALK, person=people)
    words = np.where(glad < scenario.product.quality, GOOD, BAD)
    talking = talks < scenario.rates.seed_talk_rate
    posts = tuple(
        SeedPost(person, seeding.start, word)
        for person, word in zip(people[talking].tolist(), words[talking].tolist(), strict=True)
    )
    given = tuple(Given(person, seeding.start) for person in people.tolist())
    return given, posts, seeding.cost


def seeded_people(seeding: Seeding, world: World, seed: int, replicate: int) -> NDArray[np.int64]:
    """The k people (÷ people_per_agent) with the smallest addressed uniforms in the pool: nested in k. Ascending."""
    if not isinstance(seeding.people, str):
        return np.array(sorted({node_named(name, world.society) for name in seeding.people}), dtype=np.int64)
    pool = _pool(seeding.people, world)
    wanted = int(seeding.k / world.people_per_agent + 0.5)
    if not 1 <= wanted <= len(pool):
        w = world.people_per_agent
        raise InputError(f"cannot be given to {seeding.k:,} people", key="seeding.k", value=seeding.k,
                         expected=f"{np.ceil(w / 2):.0f} to {len(pool) * w:,.0f}")  # fmt: skip
    u = uniforms(seed, replicate, Stream.SEEDING, person=pool)[0]
    return np.sort(pool[np.argsort(u, kind="stable")[:wanted]])


def _pool(people: str, world: World) -> NDArray[np.int64]:
    """Everybody, those with most followers, or those with fewest; of equals the first by number."""
    n = world.n_people
    if people == "random":
        return np.arange(n)
    followers = np.diff(world.society.follower_start)
    order = np.argsort(-followers if people == "top" else followers, kind="stable")
    return np.sort(order[: max(1, n // SEEDED_ONE_IN[people])])
