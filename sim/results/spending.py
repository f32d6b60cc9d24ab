"""What each plan's money bought in the runs: creators at work, posts made, offers declined, the rest of a budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.ensemble import Ensemble
from sim.results.rounding import number

CENTS = 1e-9
"""Relative: what is left of a budget by rounding alone."""
OVERSPENT = 0.01
"""Share of a budget from which spending more than it is worth a note."""
MOST_HANDLES = 5


@dataclass(frozen=True)
class Bought:
    """What one plan bought. creators, posts: those at work and made, by replicate.

    declined: in which share of the replicates a creator declines an offer, by handle. left_over: budget minus mean
    cost, below 0 where commission, discounts or drawn prices come to more than the budget; None without a budget.
    """

    creators: tuple[int, ...]
    posts: tuple[int, ...]
    declined: Mapping[str, float]
    left_over: float | None


def bought(ensemble: Ensemble, plan: str) -> Bought:
    """What a plan bought, replicate by replicate."""
    runs, booked = ensemble.runs(plan), ensemble.scenario.plan(plan)
    refusals = Counter(handle for one in runs for handle in one.declined)
    handles = dict.fromkeys(deal.creator for deal in booked.deals)
    return Bought(
        creators=tuple(int((one.run.by_creator["posts"] > 0).sum()) for one in runs),
        posts=tuple(one.posts for one in runs),
        declined={handle: refusals[handle] / len(runs) for handle in handles if refusals[handle]},
        left_over=left_over(booked.budget, [one.cost for one in runs]),
    )


def left_over(budget: float | None, costs: Sequence[float]) -> float | None:
    """Budget minus mean cost; None without a budget."""
    if budget is None:
        return None
    left = budget - float(np.mean(costs))
    return 0.0 if abs(left) <= CENTS * budget else left


def plan_notes(ensemble: Ensemble) -> list[str]:
    """What a reader must know of the plans' money: offers that are declined, budgets that do not suffice."""
    notes = []
    for plan in ensemble.plan_names:
        told = bought(ensemble, plan)
        notes += [_declined_note(ensemble, plan, told.declined)] if told.declined else []
        notes += _overspent(ensemble, plan, told.left_over)
    return notes


def _declined_note(ensemble: Ensemble, plan: str, declined: Mapping[str, float]) -> str:
    """ "plan a: dora declines the offer in 3 of 4 replicates, ben in 1; 12 USD stay unspent there"."""
    runs = ensemble.runs(plan)
    times = [(handle, round(share * len(runs))) for handle, share in declined.items()]
    (first, often), *others = times[:MOST_HANDLES]
    told = f"{first} declines the offer in {often} of {len(runs)} replicate{'' if len(runs) == 1 else 's'}"
    told = ", ".join([told, *(f"{handle} in {often}" for handle, often in others)])
    hidden = len(times) - MOST_HANDLES
    told += f", and {hidden} more creator{'' if hidden == 1 else 's'} at least once" if hidden > 0 else ""
    offers = [sum(one.declined.values()) for one in runs if one.declined]
    money = float(np.mean(offers))
    if ensemble.scenario.plan(plan).second is not None or money <= 0:
        return f"plan {plan}: {told}"  # a second stage spends it
    vary = " on average" if max(offers) - min(offers) > CENTS * max(offers) else ""
    return f"plan {plan}: {told}; {number(money)} {ensemble.scenario.market.currency} stay unspent there{vary}"


def _overspent(ensemble: Ensemble, plan: str, left: float | None) -> list[str]:
    budget, currency = ensemble.scenario.plan(plan).budget, ensemble.scenario.market.currency
    if budget is None or left is None or left >= -OVERSPENT * budget:
        return []
    return [f"plan {plan}: costs {number(-left)} {currency} more than its budget on average, as commission, "
            "discounts and drawn prices are known only afterwards"]  # fmt: skip
