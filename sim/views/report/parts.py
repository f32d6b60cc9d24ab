"""The report's parts on who was reached through what, on which day, and by which creator."""

from __future__ import annotations

from math import nan
from typing import Any

from sim.results.comparison import Comparison
from sim.results.rounding import number
from sim.results.tables import (
    SOURCE_NAMES,
    creator_means,
    daily_figures,
    day_labels,
    day_spans,
    paid_plans,
    paired_overlaps,
    sources_table,
)
from sim.views.page import Markup, table, tag
from sim.views.terms import term
from sim.views.wording import UNDEFINED, counted, interval_text, share_text

MOST_CREATORS = 100
CREATOR_FIGURES = {
    "followers_shared": ("shared", "overlap with others"), "posts": ("posts", "posts"),
    "cost": ("creator_cost", "cost"),
    "reach": ("creator_reach", "reach"), "engagements": ("engagements", "engaged"),
    "engagement_rate_followers": ("engagement_rate_followers", "dashboard rate"),
    "engagement_rate_real": ("real_rate", "real rate"), "clicks": ("clicks", "clicks"),
    "attributed": ("attributed", "orders, last click"), "cpe": ("cpe", "cost an engagement"),
    "attributed_return": ("attributed_return", "sales ÷ cost"),
}  # fmt: skip
"""Column of ``creator_means``, or found from it -> what defines it, and its head."""
SHARES = ("followers_shared", "engagement_rate_followers", "engagement_rate_real")
MOST_SPANS = 12
DAY_FIGURES = {
    "impressions": ("impressions", "impressions"), "reach": ("first_reached", "first reached"),
    "engagements": ("engagements", "engagements"), "clicks": ("clicks", "clicks"), "shares": ("shares", "shares"),
    "incremental_conversions": ("incremental_conversions", "orders caused"),
}  # fmt: skip
WORDS_HERE = ("posts", "first_reached", "creator_reach", "creator_cost", "real_rate", "attributed", "attributed_return",
              "shared")  # fmt: skip
"""Words of ``terms`` that these parts use."""


def sources(comparison: Comparison) -> Markup:
    """Through what people were first reached."""
    people = sources_table(comparison)
    rows = [
        [plan, *(f"{number(row['people'])} ({share_text(row['share'])})" for row in rows.to_dict("records"))]
        for plan, rows in people.groupby("plan", sort=False)
    ]
    return table("Real people, by what first showed them the brand (mean)", ["plan", *SOURCE_NAMES], rows)


def days(comparison: Comparison) -> list[Markup]:
    """A table a plan, of days or spans of days."""
    labels = day_labels(comparison.ensemble.scenario)
    spans = day_spans(len(labels), MOST_SPANS)
    counting = "; days are counted from 0" if comparison.ensemble.scenario.run.start_date is None else ""
    tables = []
    for plan in paid_plans(comparison):
        columns = daily_figures(comparison, plan)
        means = {key: columns[key].mean(axis=0) for key in DAY_FIGURES}
        rows = [
            [labels[first] if first == last else f"{labels[first]} to {labels[last]}"]
            + [number(float(column[first : last + 1].sum())) for column in means.values()]
            for first, last in spans
        ]
        total = ["all days", *(number(float(column.sum())) for column in means.values())]
        caption = f"{plan}, mean over replicates{counting}"
        tables.append(
            table(caption, ["day", *(term(key, words) for key, words in DAY_FIGURES.values())], rows, foot=total)
        )
    return tables


def creators(comparison: Comparison) -> list[Markup]:
    """What each creator of each plan cost and brought, and how much its audience overlaps with the others'."""
    currency = comparison.ensemble.scenario.market.currency
    head = ["creator", "niche", "followers", *(term(key, words) for key, words in CREATOR_FIGURES.values())]
    tables: list[Markup] = []
    for plan, frame in creator_means(comparison).groupby("plan", sort=False):
        rows = [_creator_cells(comparison, row) for row in frame.head(MOST_CREATORS).to_dict("records")]
        hidden = len(frame) - MOST_CREATORS
        more = f"; {counted(hidden, 'more creator')} in creators.csv" if hidden > 0 else ""
        tables.append(table(f"{plan}, mean over replicates, money in {currency}{more}", head, rows, words=[1]))
        tables += [_overlap(comparison, str(plan)), _each_two(comparison, str(plan))]
    if not tables:
        return []
    note = "Orders go to the last click: they are attributed, not caused. A person reached by two creators counts for "
    note += "both, so that the creators' reach adds up to more than the plan's."
    return [*tables, tag("p", note, "quiet")]


def _creator_cells(comparison: Comparison, row: dict[Any, Any]) -> list[str]:
    price, cost = comparison.ensemble.scenario.product.price, row["cost"]
    row = row | {
        "cpe": cost / row["engagements"] if cost and row["engagements"] else nan,
        "attributed_return": price * row["attributed"] / cost if cost else nan,
    }
    shown = [_creator_figure(name, row[name]) for name in CREATOR_FIGURES]
    return [row["creator"], row["niche"] or "general", f"{row['followers']:,}", *shown]


def _creator_figure(name: str, value: float) -> str:
    if name in SHARES:
        return share_text(value)
    return UNDEFINED if value != value else number(value)


def _overlap(comparison: Comparison, plan: str) -> Markup:
    """The overlap of a plan's audiences in a sentence."""
    found = comparison.figures[plan]["overlap"]
    if found is None:
        return Markup()
    told = f"{plan}: {interval_text('overlap', found)} of its creators' audiences, summed, are people counted before."
    return tag("p", told)


def _each_two(comparison: Comparison, plan: str) -> Markup:
    """The overlap of each two audiences of a plan; the columns are the rows' numbers."""
    shares = paired_overlaps(comparison, plan)
    if shares.empty:
        return Markup()
    rows = [
        [f"{place}. {handle}", *(share_text(share) for share in row[: place - 1]), *[""] * (len(row) - place)]
        for place, (handle, row) in enumerate(zip(shares.index, shares.to_numpy(), strict=True), 1)
    ]
    caption = f"{plan}: of the smaller of two audiences, the share that follows both; mean over replicates"
    return table(caption, ["creator", *range(1, len(rows))], rows)
