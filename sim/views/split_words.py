"""A split of a budget in words and rows: which shares are best, what cannot be told from them, what more money buys."""

from __future__ import annotations

from collections.abc import Sequence

from sim.results.answer import carried_by_one
from sim.results.rounding import number
from sim.studies.split import EXTRA, Cheapest, NextMoney, Row, Split
from sim.studies.splits import Group, ranges, split_name
from sim.views.explain_words import noun
from sim.views.wording import figure_title, interval_text, margin_text, mean_text


def sentences(split: Split) -> tuple[str, ...]:
    """The answer: best, as good, the next money, the cheapest way to a target, money left over."""
    row, currency = split.best_row, split.comparison.ensemble.scenario.market.currency
    metric = split.metrics[0]
    if row is None:
        return (f"No split has {noun(metric)} defined.",)
    told = [f"For {split.budget:,.10g} {currency} the best split by {noun(metric)} is {name_of(split, row)}, with "
            f"{interval_text(metric, row.figures[metric])}.", as_good(split, metric)]  # fmt: skip
    told += [other_figures(split)] if len(split.metrics) > 1 else []
    told += [left_over(split, row)] if row.point.left_over >= 0.005 * split.budget else []
    told += [next_money(split, split.following)] if split.following is not None else []
    told += [target(split, split.cheapest)] if split.cheapest is not None else []
    return (*told, *carried_by_one(split.comparison, [row.plan]))


def name_of(split: Split, row: Row) -> str:
    """ "micro 70 %, celebrity 30 %"."""
    return split_name(split.groups, row.point.shares)


def as_good(split: Split, metric: str) -> str:
    """Which splits are not told from the best one."""
    best = split.best[metric]
    near, everything = len(best.near), len(split.rows)
    if near == 1:
        return "Every other split is surely worse."
    if near == everything:
        return "No split is surely worse: the noise is larger than what the split does."
    if len(split.groups) > 2:
        return f"{near} of {everything} splits cannot be told from it."
    shares = [split.rows[place].point.shares[0] for place in range(everything)]
    told = [f"{100 * shares[last]:.3g}" + (f" to {100 * shares[first]:.3g} %" if first != last else " %")
            for first, last in ranges(best.near)]  # fmt: skip
    return f"Not to be told from it: {split.groups[0].name} {' and '.join(told)}."


def other_figures(split: Split) -> str:
    """The best split by each other figure."""
    told = []
    for metric in split.metrics[1:]:
        best = split.best.get(metric)
        if best is not None:
            sure = "" if len(best.near) == 1 else f", {len(best.near)} of {len(split.rows)} splits as good"
            told.append(f"{noun(metric)} with {name_of(split, split.rows[best.place])}{sure}")
    return f"Best by other figures: {'; '.join(told)}."


def left_over(split: Split, row: Row) -> str:
    """Money that whole posts leave."""
    currency = split.comparison.ensemble.scenario.market.currency
    return f"Of the budget {number(row.point.left_over)} {currency} buy nothing there, since posts are whole."


def next_money(split: Split, following: NextMoney) -> str:
    """What the next money brings at the best split."""
    currency, metric = split.comparison.ensemble.scenario.market.currency, split.metrics[0]
    if metric not in following.per_extra:
        metric = next((key for key in following.per_extra), metric)
    interval = following.per_extra.get(metric)
    if interval is None:
        return ""
    unsure = interval.low is not None and interval.low <= 0 <= (interval.high or 0.0)
    spent = "" if following.spent == EXTRA else f" ({number(following.spent)} spent on whole posts)"
    return (f"With the same shares the next {number(following.extra)} {currency}{spent} bring "
            f"{interval_text(metric, interval)} {noun(metric)} for each {number(EXTRA)} {currency}"
            f"{', which may be nothing' if unsure else ''}.")  # fmt: skip


def target(split: Split, cheapest: Cheapest) -> str:
    """The cheapest split that reaches a target."""
    currency, wanted = split.comparison.ensemble.scenario.market.currency, number(cheapest.target)
    if cheapest.in_the_mean is None:
        return f"None of {cheapest.tried} purchases up to the budget reaches {wanted} {noun(cheapest.metric)}."
    cost, name = number(cheapest.in_the_mean.point.cost), name_of(split, cheapest.in_the_mean)
    told = (f"The cheapest of {cheapest.tried} purchases that reaches {wanted} {noun(cheapest.metric)} in the mean "
            f"costs {cost} {currency}: {name}")  # fmt: skip
    if cheapest.surely is None:
        return f"{told}; none reaches it with the whole interval."
    return f"{told}; with the whole interval {number(cheapest.surely.point.cost)}: {name_of(split, cheapest.surely)}."


# --- rows --------------------------------------------------------------------------------------------------


def heads(split: Split, *, narrow: bool = False) -> list[str]:
    """Heads of the table of the curve. narrow: for a terminal."""
    currency = split.comparison.ensemble.scenario.market.currency
    groups = [group.name for group in _shown_groups(split, narrow)]
    return [*groups, *([] if narrow else ["creators"]), "posts", f"cost ({currency})",
            *(noun(metric) if narrow else figure_title(metric, currency) for metric in split.metrics)]  # fmt: skip


def curve_rows(split: Split, *, narrow: bool = False) -> list[list[str]]:
    """One row a split; ** marks the best and * those as good. narrow: half the interval below the mean."""
    return [_row(split, place, row, narrow) for place, row in enumerate(split.rows)]


def _shown_groups(split: Split, narrow: bool) -> Sequence[Group]:
    """Of two groups the second one's share is what the first leaves."""
    return split.groups[:1] if narrow and len(split.groups) == 2 else split.groups


def _row(split: Split, place: int, row: Row, narrow: bool) -> list[str]:
    deals, groups = row.point.plan.deals, len(_shown_groups(split, narrow))
    cells = [f"{100 * share:.3g} %" for share in row.point.shares[:groups]]
    cells += [] if narrow else [f"{len({deal.creator for deal in deals})}"]
    cells += [f"{sum(deal.posts for deal in deals)}", number(row.point.cost)]
    for metric in split.metrics:
        interval, mark = row.figures[metric], _mark(split, metric, place)
        if narrow:
            cells.append(f"{mean_text(metric, interval)}\n{margin_text(metric, interval)}{mark}")
        else:
            cells.append(f"{interval_text(metric, interval)}{mark}")
    return cells


def _mark(split: Split, metric: str, place: int) -> str:
    best = split.best.get(metric)
    if best is None or place not in best.near:
        return ""
    return " **" if place == best.place else " *"
