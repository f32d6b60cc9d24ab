"""Plans in two stages: a test, then the rest of the money to the creators that worked.

Because draws are addressed, the days of the test come out the same whatever follows: the test is simulated, the second
stage is booked from what a brand would have seen by then, and the whole is simulated from the start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sim.engine.booking import Booked, accepted, book, make_campaign
from sim.engine.campaign import Campaign
from sim.engine.simulate import DEFAULT_ENGINE, simulate
from sim.record import Run
from sim.scenario.load import Scenario
from sim.scenario.plans import ROUNDING, Plan, Second
from sim.scenario.schema import Deal
from sim.society.world import World


def final_campaign(
    scenario: Scenario, plan: Plan, world: World, replicate: int = 0, engine: str = DEFAULT_ENGINE
) -> Campaign:
    """The campaign of a plan in this world; with a second stage, once its test has been simulated."""
    campaign = make_campaign(scenario, plan, world, replicate)
    if plan.second is None:
        return campaign
    test = replace(campaign, days=plan.second.start)
    run = simulate(world, test, scenario.rates, scenario.run.seed, replicate, engine=engine)
    more = second_deals(scenario, plan, world, campaign, run)
    return make_campaign(scenario, replace(plan, deals=(*plan.deals, *more)), world, replicate)


def second_deals(scenario: Scenario, plan: Plan, world: World, test: Campaign, run: Run) -> list[Deal]:
    """The rest of the budget, creator by creator from the best of the test: whole posts at the fee of the test."""
    second = plan.second
    assert second is not None
    tested = [one for one in book(scenario, plan.deals, world) if accepted(scenario, one, world)]
    money, slack = (plan.budget or 0.0) - test.cost(run), (plan.budget or 0.0) * ROUNDING
    most = len(range(second.start, scenario.run.days, second.every)[: second.posts])
    deals = []
    for one in _best_first(tested, second, test, run):
        affordable = most if one.fee <= 0 else min(most, int((money + slack) // one.fee))
        again = {"posts": affordable, "start": second.start, "every": second.every, "fee": one.fee, "gift": 0.0}
        offer = replace(one, deal=one.deal.model_copy(update=again))
        if affordable >= 1 and accepted(scenario, offer, world):
            money -= affordable * one.fee
            deals.append(offer.deal)
    return deals


def _best_first(tested: Sequence[Booked], second: Second, test: Campaign, run: Run) -> list[Booked]:
    """The first deal of each creator, those first that brought most for the money of the test; ties as listed."""
    first = {one.creator: one for one in reversed(tested)}

    def brought(one: Booked) -> float:
        spent = sum(post.fee for post in test.posts if post.creator == one.creator and post.day < second.start)
        count = int(run.by_creator[f"{second.by}_drawn"][one.creator])
        return count / spent if spent > 0 else float(count > 0) * 1e300

    order = [one for one in tested if first[one.creator] is one]
    return sorted(order, key=lambda one: -brought(one))
