"""What each plan bought in the runs, as rows for a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.results.comparison import Comparison
from sim.results.rounding import number
from sim.results.spending import bought
from sim.results.tables import paid_plans
from sim.views.wording import UNDEFINED, listed

DECLINED = "declined by"
"""Head of the one column that is not of numbers."""
MOST_DECLINES = 3


def bought_table(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    """Heads, and a row a plan: creators, posts; people seeded, budget, rest, who declined, where some plan has them."""
    ensemble, plans = comparison.ensemble, paid_plans(comparison)
    booked = {plan: ensemble.scenario.plan(plan) for plan in plans}
    told = {plan: bought(ensemble, plan) for plan in plans}
    n = len(ensemble.replicates)
    columns: dict[str, list[str]] = {
        "creators": [count_text(told[plan].creators) for plan in plans],
        "posts": [count_text(told[plan].posts) for plan in plans],
    }
    if any(booked[plan].seeding for plan in plans):
        seeded = [booked[plan].seeding for plan in plans]
        columns["seeded"] = [UNDEFINED if one is None else f"{one.k:,}" for one in seeded]
    if any(booked[plan].budget is not None for plan in plans):
        columns["budget"] = [_money(booked[plan].budget) for plan in plans]
        columns["left over"] = [_money(told[plan].left_over) for plan in plans]
    if any(told[plan].declined for plan in plans):
        columns[DECLINED] = [_declines(told[plan].declined, n) for plan in plans]
    rows = [[plan, *(column[place] for column in columns.values())] for place, plan in enumerate(plans)]
    return ["plan", *columns], rows


def count_text(counts: Sequence[int]) -> str:
    """A count by replicate: "12", or "13.5 (mean)" where the replicates differ."""
    return f"{counts[0]:,}" if len(set(counts)) == 1 else f"{number(sum(counts) / len(counts))} (mean)"


def _money(value: float | None) -> str:
    return UNDEFINED if value is None else number(value)


def _declines(declined: Mapping[str, float], n: int) -> str:
    """ "ben, dora (3 of 4)": in how many replicates, where not in all of them."""
    times = {handle: round(share * n) for handle, share in declined.items()}
    told = [handle if count == n else f"{handle} ({count} of {n})" for handle, count in times.items()]
    return listed(told, MOST_DECLINES) or UNDEFINED
