"""Figures of a plan, by the field's terms: each with numerator, denominator and unit in one table.

People, impressions and orders are real people and their deeds (agents x people_per_agent); money is in the
scenario's currency; rates are fractions. Engagements, clicks, shares and conversions are expected figures (sums of
probabilities); the counts one campaign happened to see are the columns ending in ``_drawn``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.ensemble import Ensemble, PlanRun, Replicate
from sim.record import Run, Source
from sim.rules import FIXED_POINT
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE

Floats = NDArray[np.float64]
Better = Literal["higher", "lower"] | None


@dataclass(frozen=True)
class Metric:
    """A figure. A plain one is a sum; a rate is numerator ÷ denominator, both keys of ``TOTALS``."""

    key: str
    title: str
    definition: str
    unit: str
    better: Better = "higher"
    numerator: str | None = None
    denominator: str | None = None
    scale: float = 1.0

    @property
    def is_rate(self) -> bool:
        return self.denominator is not None


def _sum(key: str, title: str, definition: str, unit: str, better: Better = "higher") -> Metric:
    return Metric(key, title, definition, unit, better)


def _rate(
    key: str,
    title: str,
    definition: str,
    unit: str,
    over: tuple[str, str],
    better: Better = "higher",
    scale: float = 1.0,
) -> Metric:
    return Metric(key, title, definition, unit, better, over[0], over[1], scale)


_METRICS = (
    _sum("impressions", "Impressions", "times a post was shown to a person, by any route", "impressions"),
    _sum("reach", "Reach", "distinct people shown at least one post", "people"),
    _rate("frequency", "Frequency", "impressions ÷ reach", "impressions a person", ("impressions", "reach"), None),
    _sum("engagements", "Engagements", "likes, comments and saves, at most one a person and post (expected)",
         "engagements"),
    _rate("engagement_rate_followers", "Engagement rate by followers",
          "engagements ÷ followers summed over posts, fakes counted, as a dashboard shows it", "fraction",
          ("engagements", "followers_posted_to")),
    _rate("engagement_rate_reach", "Engagement rate by reach", "engagements ÷ reach", "fraction",
          ("engagements", "reach")),
    _sum("shares", "Shares", "reshares, at most one a person and post (expected)", "shares"),
    _sum("clicks", "Clicks", "clicks on sponsored posts, at most one a person and post (expected)", "clicks"),
    _rate("ctr", "CTR", "clicks ÷ impressions", "fraction", ("clicks", "impressions")),
    _sum("conversions", "Conversions",
         "orders in the whole market during the run, campaign or not, repeats among them (expected)", "orders"),
    _sum("incremental_conversions", "Incremental conversions",
         "conversions minus those of the plan 'none' on the same coins: orders that the plan caused (expected)",
         "orders"),
    _rate("conversion_rate", "Conversion rate", "orders after a click ÷ clicks", "fraction",
          ("clicked_conversions", "clicks")),
    _sum("revenue", "Incremental revenue", "incremental conversions x price", "currency"),
    _sum("cost", "Cost", "fees, gifts, commissions, discounts and product given away", "currency", "lower"),
    _rate("cpm", "CPM", "cost per 1,000 impressions", "currency", ("cost", "impressions"), "lower", 1000.0),
    _rate("cpe", "CPE", "cost ÷ engagements", "currency", ("cost", "engagements"), "lower"),
    _rate("cpc", "CPC", "cost ÷ clicks", "currency", ("cost", "clicks"), "lower"),
    _rate("cpa", "CPA", "cost ÷ incremental conversions", "currency", ("cost", "incremental_conversions"), "lower"),
    _rate("roas", "ROAS", "incremental revenue ÷ cost", "ratio", ("revenue", "cost")),
    _rate("roi", "ROI", "(margin x incremental revenue - cost) ÷ cost", "ratio", ("profit", "cost")),
    _rate("sentiment", "Sentiment", "mean attitude to the brand, 0..1, at the end, of the people reached", "0..1",
          ("attitude", "reach")),
    _sum("followers_gained", "Followers gained", "follows won by the creators", "follows"),
    _sum("followers_lost", "Followers lost", "follows lost by the creators", "follows", "lower"),
    _rate("overlap", "Audience overlap", "1 - distinct followers ÷ sum of the booked creators' audiences", "fraction",
          ("overlapping", "audiences"), None),
    _rate("wom_multiplier", "Word-of-mouth multiplier",
          "impressions ÷ impressions in the feed of followers and of recommended viewers", "ratio",
          ("impressions", "feed_impressions")),
    _sum("conversions_drawn", "Conversions, drawn", "orders counted in the runs", "orders"),
    _sum("engagements_drawn", "Engagements, drawn", "engagements counted in the runs", "engagements"),
    _sum("clicks_drawn", "Clicks, drawn", "clicks counted in the runs", "clicks"),
)  # fmt: skip

METRICS: Mapping[str, Metric] = {metric.key: metric for metric in _METRICS}

COST = "cost"
VERDICT_METRICS = ("reach", "engagements", "conversions", "cpa", "roi")
"""The figures whose verdicts are corrected together (Holm)."""


@dataclass(frozen=True)
class PlanTotals:
    """Every total of one plan, one value a replicate (arrays of length R)."""

    plan: str
    values: Mapping[str, Floats]

    def of(self, key: str) -> Floats:
        """The totals of a plain figure, or of a rate's numerator or denominator."""
        return self.values[key]

    def rate(self, metric: Metric) -> Floats:
        """A rate by replicate; nan where its denominator is 0, or where nothing was paid and the rate is a cost."""
        assert metric.numerator is not None
        assert metric.denominator is not None
        top, bottom = self.values[metric.numerator], self.values[metric.denominator]
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.where(bottom > 0, metric.scale * top / bottom, np.nan)
        return np.where(top > 0, rate, np.nan) if metric.numerator == COST else rate

    def by_replicate(self, metric: Metric) -> Floats:
        """The figure by replicate, rate or not."""
        return self.rate(metric) if metric.is_rate else self.values[metric.key]


def plan_totals(ensemble: Ensemble, plan: str) -> PlanTotals:
    """Totals of one plan over the replicates, in real people and money."""
    rows = [_totals(ensemble.scenario, replicate, plan) for replicate in ensemble.replicates]
    return PlanTotals(plan, {key: np.array([row[key] for row in rows], dtype=np.float64) for key in rows[0]})


def _totals(scenario: Scenario, replicate: Replicate, plan: str) -> dict[str, float]:
    """One plan in one replicate. Incremental figures are against "none" in the same replicate."""
    planned, none = replicate.plans[plan], replicate.plans[NONE]
    run, w = planned.run, planned.run.people_per_agent
    first, conversions = expected(run, "conversions"), _orders(run)
    incremental = conversions - _orders(none.run)
    revenue = incremental * scenario.product.price
    followed, recommended, reshared, word = (
        w * run.total(f"impressions_{source}") for source in ("followed", "recommended", "reshared", "word")
    )
    audiences, overlapping = _audiences(planned, replicate.overlap[plan].together)
    return {
        "impressions": followed + recommended + reshared + word,
        "feed_impressions": followed + recommended,
        "reach": w * sum(run.total(f"reached_{s}") for s in ("followed", "recommended", "reshared", "word")),
        "engagements": expected(run, "engagements"),
        "shares": expected(run, "shares"),
        "clicks": expected(run, "clicks"),
        "conversions": conversions,
        "clicked_conversions": first - expected(run, "halo"),
        "incremental_conversions": incremental,
        "revenue": revenue,
        "profit": scenario.product.margin * revenue - planned.cost,
        "cost": planned.cost,
        "attitude": w * run.attitude_sum / FIXED_POINT,
        "followers_gained": w * run.total("followers_gained"),
        "followers_lost": w * run.total("followers_lost"),
        "followers_posted_to": _followers_posted_to(scenario, run),
        "audiences": audiences,
        "overlapping": overlapping,
        **{f"{name}_drawn": w * run.total(f"{name}_drawn") for name in ("engagements", "clicks")},
        "conversions_drawn": w * (run.total("conversions_drawn") + run.total("repeats_drawn")),
    }


def _orders(run: Run) -> float:
    """Expected orders in real people's: first ones and repeats."""
    return expected(run, "conversions") + expected(run, "repeats")


def expected(run: Run, name: str) -> float:
    """A total of expected figures in real people."""
    return run.people_per_agent * run.total(f"{name}_expected") / FIXED_POINT


def _followers_posted_to(scenario: Scenario, run: Run) -> float:
    """Followers as shown on the profile, fakes counted, summed over posts."""
    return sum(
        float(posts) * scenario.creators[handle].followers
        for handle, posts in zip(run.handles, run.by_creator["posts"], strict=True)
    )


def _audiences(planned: PlanRun, overlap: float | None) -> tuple[float, float]:
    """(1, overlap), or nothing where fewer than two creators are booked."""
    return (0.0, 0.0) if overlap is None or not planned.posts else (1.0, overlap)


def daily_totals(ensemble: Ensemble, plan: str) -> dict[str, Floats]:
    """Figures by replicate and day, each (R, days), as ``_daily`` gives them for one run."""
    each = [_daily(ensemble.scenario, planned.run) for planned in ensemble.runs(plan)]
    return {name: np.array([columns[name] for columns in each]) for name in each[0]}


def _daily(scenario: Scenario, run: Run) -> dict[str, Floats]:
    """Figures by day in real people, not cumulated: the columns of a run and the sums of impressions and reach.

    conversions are all orders, and repeats those of them that are not first ones; discounts are money.
    """
    columns: dict[str, Floats] = {}
    for name, column in run.daily.items():
        factor = run.people_per_agent / (FIXED_POINT if name.endswith("_expected") else 1.0)
        columns[name.removesuffix("_expected")] = np.asarray(factor * column, dtype=np.float64)
    for name in ("conversions", "conversions_drawn"):
        columns[name] = columns[name] + columns[name.replace("conversions", "repeats")]
    columns["discounts"] = scenario.product.price * columns["discounts"]
    for name in ("impressions", "reached"):
        parts = [columns[f"{name}_{source.name.lower()}"] for source in Source]
        columns["reach" if name == "reached" else name] = np.asarray(np.sum(parts, axis=0))
    return columns


def run_by_day(scenario: Scenario, run: Run) -> list[dict[str, Any]]:
    """One row a day of a single run: day (and date), then the figures of ``daily_totals``."""
    columns, start = _daily(scenario, run), scenario.run.start_date
    return [
        {"day": day}
        | ({} if start is None else {"date": (start + timedelta(days=day)).isoformat()})
        | {name: float(column[day]) for name, column in columns.items()}
        for day in range(scenario.run.days)
    ]
