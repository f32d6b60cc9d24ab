"""Tidy tables of a comparison as pandas DataFrames: one a kind of row (run, day, creator, source of reach).

People, impressions and orders are real people and their deeds; money is in the scenario's currency. A figure that
is not defined is nan, a blank cell in a CSV file.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.ensemble import PlanRun
from sim.record import BY_CREATOR, Source
from sim.results.comparison import Comparison
from sim.results.measures import METRICS, daily_totals
from sim.rules import FIXED_POINT
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE
from sim.society.creators import creator_draws

Floats = NDArray[np.float64]

SOURCE_NAMES = ("followed", "recommended", "reshared", "word of mouth")
"""What a person was first reached through, in the order of ``Source``."""

CREATOR_COLUMNS = [
    "plan", "replicate", "world", "creator", "followers", "niche", "region", "posts", "cost",
    *(name.removesuffix("_expected") for name in BY_CREATOR[1:]),
    "engagement_rate_followers", "engagement_rate_real", "declined", "followers_shared",
]  # fmt: skip


def paid_plans(comparison: Comparison) -> list[str]:
    """The plans that cost something to choose: all but "none"."""
    return [plan for plan in comparison.figures if plan != NONE]


def runs_table(comparison: Comparison) -> pd.DataFrame:
    """One row a plan and replicate: plan, replicate, world, then every figure of ``METRICS``."""
    numbers = [replicate.number for replicate in comparison.ensemble.replicates]
    frames = [
        pd.DataFrame(
            {
                "plan": plan,
                "replicate": numbers,
                "world": comparison.ensemble.worlds,
                **{key: totals.by_replicate(metric) for key, metric in METRICS.items()},
            }
        )
        for plan, totals in comparison.totals.items()
    ]
    return pd.concat(frames, ignore_index=True)


def day_labels(scenario: Scenario) -> list[str]:
    """Each day's date where the scenario has a start date, else its number from 0."""
    start = scenario.run.start_date
    days = range(scenario.run.days)
    return [str(day) if start is None else (start + timedelta(days=day)).isoformat() for day in days]


def daily_table(comparison: Comparison) -> pd.DataFrame:
    """One row a plan, replicate and day: that day's impressions, first reached, engagements, orders and so on."""
    ensemble = comparison.ensemble
    scenario, n = ensemble.scenario, len(ensemble.replicates)
    days = np.arange(scenario.run.days)
    dates = {} if scenario.run.start_date is None else {"date": np.tile(day_labels(scenario), n)}
    numbers = np.repeat([replicate.number for replicate in ensemble.replicates], len(days))
    frames = [
        pd.DataFrame(
            {"plan": plan, "replicate": numbers, "day": np.tile(days, n), **dates}
            | {name: column.ravel() for name, column in daily_figures(comparison, plan).items()}
        )
        for plan in ensemble.plan_names
    ]
    return pd.concat(frames, ignore_index=True)


def daily_figures(comparison: Comparison, plan: str) -> dict[str, Floats]:
    """``daily_totals`` (R, days), impressions and reach first, and the orders that the plan caused."""
    columns = daily_totals(comparison.ensemble, plan)
    caused = columns["conversions"] - daily_totals(comparison.ensemble, NONE)["conversions"]
    first = {name: columns.pop(name) for name in ("impressions", "reach")}
    return {**first, **columns, "incremental_conversions": caused}


def creators_table(comparison: Comparison) -> pd.DataFrame:
    """One row a plan, replicate and booked creator.

    cost: fees of the posts made, gift, commission and discounts, the last also alone. engagement_rate_followers:
    engagements ÷ (followers x posts), as a dashboard shows it; engagement_rate_real: the same by real followers.
    attributed: orders whose last click was on the creator's post, not the orders that the creator caused. declined: 1
    where an offer was not taken. followers_shared: share of its followers who follow another creator of the plan.
    """
    ensemble = comparison.ensemble
    rows = [
        {"plan": plan.name, "replicate": replicate.number, "world": replicate.world}
        | _creator_row(ensemble.scenario, replicate.plans[plan.name], handle, replicate.number)
        | {"followers_shared": replicate.overlap[plan.name].shared.get(handle, np.nan)}
        for plan in ensemble.scenario.plans
        for replicate in ensemble.replicates
        for handle in dict.fromkeys(deal.creator for deal in plan.deals)
    ]
    return pd.DataFrame(rows, columns=CREATOR_COLUMNS)


def _creator_row(scenario: Scenario, planned: PlanRun, handle: str, replicate: int) -> dict[str, Any]:
    run, spec = planned.run, scenario.creators[handle]
    position = run.handles.index(handle)
    row: dict[str, Any] = {"creator": handle, "followers": spec.followers, "niche": spec.niche, "region": spec.region}
    row["posts"] = int(run.by_creator["posts"][position])
    row["cost"] = planned.spent.get(handle, 0.0)
    for name in BY_CREATOR[1:]:
        factor = run.people_per_agent / (FIXED_POINT if name.endswith("_expected") else 1.0)
        row[name.removesuffix("_expected")] = factor * int(run.by_creator[name][position])
    row["discounts"] *= scenario.product.price
    shown = spec.followers * row["posts"]
    fakes = creator_draws(spec, scenario.rates, scenario.run.seed, replicate).fake_share
    row["engagement_rate_followers"] = row["engagements"] / shown if shown else np.nan
    row["engagement_rate_real"] = row["engagements"] / (shown * (1.0 - fakes)) if shown else np.nan
    row["declined"] = int(handle in planned.declined)
    return row


def creator_means(comparison: Comparison) -> pd.DataFrame:
    """One row a plan and booked creator: means over replicates, in the order of the plans and their deals."""
    table = creators_table(comparison)
    table["niche"] = table["niche"].fillna("")
    keys = ["plan", "creator", "niche", "followers"]
    figures = [name for name in table.columns if name not in (*keys, "replicate", "world", "region")]
    if table.empty:
        return table[[*keys, *figures]]
    return table.groupby(keys, sort=False)[figures].mean().reset_index()


def paired_overlaps(comparison: Comparison, plan: str) -> pd.DataFrame:
    """Shared followers ÷ the smaller audience: each creator of a plan with each, mean over replicates with both.

    NaN where two were never at work together. Empty where there are too few or too many creators, or replicates that
    were kept before this was counted.
    """
    seen: dict[tuple[str, str], list[float]] = {}
    for replicate in comparison.ensemble.replicates:
        overlap = replicate.overlap[plan]
        for handle, row in zip(overlap.shared, overlap.paired, strict=False):
            for other, share in zip(overlap.shared, row, strict=True):
                seen.setdefault((handle, other), []).append(share)
    means = pd.Series({pair: float(np.mean(shares)) for pair, shares in seen.items()}, dtype=float)
    (deals,) = (booked.deals for booked in comparison.ensemble.scenario.plans if booked.name == plan)
    handles = [handle for handle in dict.fromkeys(deal.creator for deal in deals) if (handle, handle) in seen]
    return means.unstack().reindex(index=handles, columns=handles) if len(handles) > 1 else pd.DataFrame()


def sources_table(comparison: Comparison) -> pd.DataFrame:
    """Who was first reached through what, mean over replicates: plan, source, people, share of the plan's reach."""
    rows = []
    for plan in paid_plans(comparison):
        columns = daily_totals(comparison.ensemble, plan)
        people = [float(columns[f"reached_{s.name.lower()}"].sum(axis=1).mean()) for s in Source]
        total = sum(people)
        rows += [
            {"plan": plan, "source": name, "people": count, "share": count / total if total else np.nan}
            for name, count in zip(SOURCE_NAMES, people, strict=True)
        ]
    return pd.DataFrame(rows)


def day_spans(days: int, most: int) -> list[tuple[int, int]]:
    """The days as at most ``most`` spans (first, last) of equal length, the last one perhaps shorter."""
    length = -(-days // most)
    return [(first, min(first + length, days) - 1) for first in range(0, days, length)]
