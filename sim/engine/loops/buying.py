"""Steps 4 and 5 of the day: people in the market visit the shop, buy or not, and some of the buyers talk.

Three groups: the quiet, never shown a post, whose chances are the same every day; active prospects not shown anything
today, gone through as columns; and those shown something today, who may have clicked.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.records import BOUGHT, N_ACTIVE, QUIET, S_BUY, S_TALK, ZERO
from sim.randomness import BATCH, draw, draw_by_one, unit
from sim.rules import (
    faded,
    fixed,
    product_of_misses,
    proof_factor,
    purchase_base,
    purchase_probability,
    trust_factor,
    visit_probability,
)


def buy_unexposed(
    prospects: Any, standing: Any, rates: Any, day: int, key: Any, high: int, price_factor: float, sums: Any, sold: Any,
    sold_fixed: Any, by_niche: Any, by_region: Any,
) -> Any:  # fmt: skip
    """Active prospects, the first ``high``, who are not shown anything today, visit and buy or not.

    Returns how many bought; ``sold`` lists (person, creator or -1). sums: [expected, halo]; sold_fixed: expected orders
    by creator, and the share of the price that codes take off them; all fixed-point.
    """
    words, visits, chances, amounts = (
        np.empty(4 * BATCH, np.uint32), np.empty(BATCH), np.empty(BATCH), np.empty(BATCH, np.int64)
    )  # fmt: skip
    person, last_click, need, exposed = prospects.person, prospects.last_click, prospects.need, prospects.exposed
    niche, region, n_sold = prospects.niche, prospects.region, ZERO
    for at in range(0, high, BATCH):
        n = min(BATCH, high - at)
        draw_by_one(person, at, n, 0, 0, S_BUY + day, key, words)
        expect_all(prospects.attitude, need, prospects.proof, rates, price_factor, at, n, visits, chances, amounts)
        for k in range(n):
            i = at + k
            if exposed[i] != 0:
                continue
            by_niche[niche[i]] += amounts[k]
            by_region[region[i]] += amounts[k]
            sums[0] += amounts[k]  # as in ``add``: handing it the arrays for each person took three times as long
            if last_click[i] >= 0:
                sold_fixed[last_click[i], 0] += amounts[k]
            else:
                sums[1] += amounts[k]
            if unit(words[k]) < visits[k] and unit(words[BATCH + k]) < chances[k]:
                n_sold = sell(person[i], last_click[i], standing, sold, n_sold)
                need[i] = 0.0
    return n_sold


def buy(
    known: Any, prospects: Any, standing: Any, today: Any, clicks: Any, rates: Any, day: int, key: Any,
    price_factor: float, sums: Any, sold: Any, sold_fixed: Any, by_niche: Any, by_region: Any,
) -> Any:  # fmt: skip
    """Active prospects who are shown something today visit and buy or not; otherwise as ``buy_unexposed``."""
    active, last, need, n_sold = today.active, today.last, prospects.need, ZERO
    for a in range(today.counts[N_ACTIVE]):
        who = known[active[a]]
        amount, bought, creator = buy_exposed(who, need[who.prospect], last[who.today], clicks, rates, day, key,
                                              price_factor, sums, sold_fixed)  # fmt: skip
        by_niche[who.niche] += amount
        by_region[who.region] += amount
        if bought:
            n_sold = sell(who.number, creator, standing, sold, n_sold)
            need[who.prospect] = 0.0
    return n_sold


def expect_all(
    attitude: Any, need: Any, proof: Any, rates: Any, price_factor: float, at: int, n: int, visits: Any, chances: Any,
    amounts: Any,
) -> None:  # fmt: skip
    """Attitudes fade over the night; chances to visit and to buy then, and their product in fixed point."""
    for k in range(n):
        attitude[at + k] = faded(attitude[at + k], rates.attitude_memory, 1)
        base = purchase_base(
            rates.conversion_rate, need[at + k], rates.attitude_effect, attitude[at + k], price_factor, proof[at + k]
        )
        visits[k] = visit_probability(rates.base_visit, rates.visit_rate, attitude[at + k])
        chances[k] = purchase_probability(base, 1.0, 1.0)
        amounts[k] = fixed(1.0 * visits[k] * chances[k])


def buy_exposed(
    person: Any, need: float, last: int, clicks: Any, rates: Any, day: int, key: Any, price_factor: float, sums: Any,
    sold_fixed: Any,
) -> Any:  # fmt: skip
    """Someone who may have clicked today: (expected orders, whether they bought, through which creator or -1)."""
    base = purchase_base(rates.conversion_rate, need, rates.attitude_effect, person.attitude, price_factor,
                         proof_of(rates, person.good, person.bad))  # fmt: skip
    expected, no_click, clicked, at_stake, offer = after_clicks(clicks, rates, last, base, sold_fixed)
    visit = visit_probability(rates.base_visit, rates.visit_rate, person.attitude)
    unclicked = purchase_probability(base, 1.0, 1.0)
    amount = fixed(no_click * visit * unclicked)
    sums[0] += expected
    add(amount, person.last_click, sums, sold_fixed)
    u = draw(person.number, 0, 0, S_BUY + day, key)
    if clicked >= 0:
        return expected + amount, u[1] < purchase_probability(base, at_stake, offer), clicked
    return expected + amount, u[0] < visit and u[1] < unclicked, person.last_click


def add(amount: int, creator: int, sums: Any, sold_fixed: Any) -> None:
    """Expected orders without a click today: of the last creator clicked, else the halo."""
    sums[0] += amount
    if creator >= 0:
        sold_fixed[creator, 0] += amount
    else:
        sums[1] += amount


def sell(person: int, creator: int, standing: Any, sold: Any, n_sold: int) -> int:
    """A person buys; returns how many have."""
    standing[person] = BOUGHT
    sold[n_sold, 0] = person
    sold[n_sold, 1] = creator
    return n_sold + 1


def after_clicks(clicks: Any, rates: Any, at: int, base: float, sold_fixed: Any) -> Any:
    """Clicks of today from last to first: (expected orders, chance of none, creator or -1, trust and code factor)."""
    expected, no_click, clicked, at_stake, offer = 0, 1.0, -1, 1.0, 1.0
    while at >= 0:
        trust = trust_factor(clicks.trust[at], rates.trust_reference, rates.trust_on_purchase)
        chance = no_click * clicks.chance[at] * purchase_probability(base, trust, clicks.offer[at])
        amount = fixed(chance)
        expected += amount
        sold_fixed[clicks.creator[at], 0] += amount
        if clicks.discount[at] > 0.0:
            sold_fixed[clicks.creator[at], 1] += fixed(chance * clicks.discount[at])
        no_click = product_of_misses(no_click, clicks.chance[at])
        if clicked < 0 and clicks.happened[at]:
            clicked, at_stake, offer = clicks.creator[at], trust, clicks.offer[at]
        at = clicks.previous[at]
    return expected, no_click, clicked, at_stake, offer


def proof_of(rates: Any, good: int, bad: int) -> float:
    """What reports seen from peers make of conversion."""
    return proof_factor(np.float64(good), np.float64(bad), rates.social_proof, rates.social_proof_half, rates.bad_word,
                        rates.bad_word_half)  # fmt: skip


# --- the quiet ---------------------------------------------------------------------------------------------


def quiet_purchase(traits: Any, rates: Any, price_factor: float) -> float:
    """A quiet person buys given a visit: attitude 0, no click, the owners they follow their only proof."""
    proof = proof_of(rates, traits.owners, 0)
    base = purchase_base(
        rates.conversion_rate, np.float64(traits.need), rates.attitude_effect, 0.0, price_factor, proof
    )
    return purchase_probability(base, 1.0, 1.0)


def add_quiet(
    traits: Any, rates: Any, people: Any, sign: int, price_factor: float, by_niche: Any, by_region: Any
) -> int:
    """Add (sign 1) or take away (-1) what these quiet people bring a day, by niche and region; returns the sum."""
    total = 0
    visit = visit_probability(rates.base_visit, rates.visit_rate, 0.0)
    for i in people:
        amount = sign * fixed(visit * quiet_purchase(traits[i], rates, price_factor))
        total += amount
        by_niche[traits[i].niche] += amount
        by_region[traits[i].region] += amount
    return total


def buy_quiet(
    traits: Any, standing: Any, rates: Any, day: int, key: Any, quiet: Any, price_factor: float, sold: Any
) -> Any:
    """Quiet prospects visit and buy or not, by the same coins; their expected orders are summed elsewhere."""
    visit = visit_probability(rates.base_visit, rates.visit_rate, 0.0)
    words, n_sold = np.empty(4 * BATCH, np.uint32), ZERO
    for at in range(0, len(quiet), BATCH):
        n = min(BATCH, len(quiet) - at)
        draw_by_one(quiet, at, n, 0, 0, S_BUY + day, key, words)
        for k in range(n):
            i = quiet[at + k]
            if unit(words[k]) >= visit or standing[i] != QUIET:
                continue
            if unit(words[BATCH + k]) < quiet_purchase(traits[i], rates, price_factor):
                n_sold = sell(i, -1, standing, sold, n_sold)
    return n_sold


def still_quiet(quiet: Any, standing: Any) -> Any:
    """Move those who are quiet still to the front; returns how many they are."""
    n = ZERO
    for i in quiet:
        if standing[i] == QUIET:
            quiet[n] = i
            n += 1
    return n


# --- 5. talk -----------------------------------------------------------------------------------------------


def talk(people: Any, talk_rate: float, quality: float, key: Any, says: Any) -> None:
    """What each of these buyers posts about the brand: 1 good, -1 bad, 0 nothing."""
    for k in range(len(people)):
        u = draw(people[k], 0, 0, S_TALK, key)
        says[k] = 0
        if u[0] < talk_rate:
            says[k] = 1 if u[1] < quality else -1
