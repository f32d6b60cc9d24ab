"""A split of a budget for a terminal, as a table for files, as the JSON document, and its page and figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.style
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from sim.results.comparison import of_plans
from sim.results.summary import envelope, interval_columns, interval_json
from sim.studies.split import Cheapest, NextMoney, Row, Split
from sim.views.explain_words import noun
from sim.views.page import Top, bullets, command_text, picture, table, tag, whole_page
from sim.views.plots import BLUE, STYLE, VERMILION, WIDTH, pictures, png_bytes
from sim.views.report.assumptions import assumptions
from sim.views.report.page import reached_parts, show
from sim.views.report.parts import WORDS_HERE
from sim.views.report.plans import bought_parts, glance, sure_lines
from sim.views.split_words import as_good, curve_rows, heads, name_of, sentences
from sim.views.terminal import text_table
from sim.views.terms import USUAL, definitions, figure_term
from sim.views.wording import counted, figure_title, interval_text, setting_text, shown

MARKS = "** the best mean of the column, * not to be told from it"
GREY = "#bbbbbb"
READING = (
    "Every split is a plan that meets the same people and the same luck. A split is told from the best one where their "
    "paired difference is outside the noise, corrected for all splits looked at (Holm). The mean of the best of many "
    "is a little too good, since luck had a part in its choice: where several are as good, take the one that suits."
)


# --- files -------------------------------------------------------------------------------------------------


def curve_frame(split: Split) -> pd.DataFrame:
    """One row a split: shares, what they buy, each figure with its interval, and whether it is as good as the best."""
    rows = []
    for place, row in enumerate(split.rows):
        told: dict[str, Any] = {
            f"share_{group.name}": share for group, share in zip(split.groups, row.point.shares, strict=True)
        }
        deals = row.point.plan.deals
        told |= {"creators": len({deal.creator for deal in deals}), "posts": sum(deal.posts for deal in deals),
                 "cost": row.point.cost, "left_over": row.point.left_over}  # fmt: skip
        for metric in split.metrics:
            told |= interval_columns(metric, row.figures[metric])
            told[f"{metric}_as_good"] = metric in split.best and place in split.best[metric].near
        rows.append(told)
    return pd.DataFrame(rows)


def document(split: Split, digest: str) -> dict[str, Any]:
    """The whole of split.json."""
    rows = [_row(split, row) for row in split.rows]
    best = split.best.get(split.metrics[0])
    return {
        **envelope(split.comparison, "split"),
        "digest": digest,
        "answer": list(sentences(split)),
        "budget": split.budget,
        "groups": {group.name: list(group.handles) for group in split.groups},
        "metric": split.metrics[0],
        "curve": rows,
        "best": None if best is None else rows[best.place],
        "not_distinguishable_from_best": [] if best is None else [rows[place]["share"] for place in best.near],
        "best_by": {metric: {"share": rows[found.place]["share"], "shares": rows[found.place]["shares"],
                             "not_distinguishable": [rows[place]["share"] for place in found.near]}
                    for metric, found in split.best.items()},
        "next": None if split.following is None else _next(split.following),
        "target": None if split.cheapest is None else _target(split, split.cheapest),
        "warnings": [*split.notes, *split.comparison.warnings],
    }  # fmt: skip


def _row(split: Split, row: Row) -> dict[str, Any]:
    """share: of the first group; with three groups ``shares`` has them all."""
    point = row.point
    shares = {group.name: share for group, share in zip(split.groups, point.shares, strict=True)}
    deals = {deal.creator: deal.posts for deal in point.plan.deals}
    return {"share": point.shares[0], "shares": shares, "cost": point.cost, "left_over": point.left_over,
            "posts": deals, **{metric: interval_json(row.figures[metric]) for metric in split.metrics}}  # fmt: skip


def _next(following: NextMoney) -> dict[str, Any]:
    return {"extra": following.extra, "spent": following.spent,
            "posts": {deal.creator: deal.posts for deal in following.point.plan.deals},
            "per_1000": {metric: interval_json(found) for metric, found in following.per_extra.items()}}  # fmt: skip


def _target(split: Split, cheapest: Cheapest) -> dict[str, Any]:
    found = {"in_the_mean": cheapest.in_the_mean, "surely": cheapest.surely}
    return {"metric": cheapest.metric, "target": cheapest.target, "tried": cheapest.tried,
            **{key: None if row is None else {**_row(split, row), "budget": row.point.budget}
               for key, row in found.items()}}  # fmt: skip


# --- a terminal --------------------------------------------------------------------------------------------


def print_split(split: Split, folder: Path | None = None) -> None:
    """The answer on standard output."""
    Console(highlight=False).print(split_text(split, folder))


def split_text(split: Split, folder: Path | None = None) -> RenderableType:
    """Sentences, the curve, notes, and where the files are."""
    parts: list[RenderableType] = [Text(title(split), style="bold"), Text(setting_text(split.comparison), style="dim")]
    parts += [Text(), *(Padding(Text(sentence), (0, 0, 1, 0)) for sentence in sentences(split))]
    parts += [text_table(heads(split, narrow=True), curve_rows(split, narrow=True))]
    parts += [Text(f"{MARKS}; ± is half the 95 % interval", style="dim"), Text()]
    parts += [Text(f"note: {note}", style="yellow") for note in (*split.notes, *split.comparison.warnings)]
    if folder is not None:
        parts.append(Text.assemble("Page, table and figure: ", (str(folder), "bold")))
    return Group(*parts)


def title(split: Split) -> str:
    """ "launch: 50,000 USD over micro and celebrity"."""
    scenario = split.comparison.ensemble.scenario
    *others, last = (group.name for group in split.groups)
    return f"{scenario.name}: {split.budget:,.10g} {scenario.market.currency} over {', '.join(others)} and {last}"


# --- page and figure ---------------------------------------------------------------------------------------


def split_html(split: Split, command: str, digest: str, png: bytes) -> str:
    """The whole page without any outside address. command: the words that make the same again."""
    scenario, some = split.comparison.ensemble.scenario, of_plans(split.comparison, side_by_side(split))
    figures = {each.name: each for each in pictures(some)}
    members = [f"{group.name}: {', '.join(group.handles)}" for group in split.groups]
    parts = {
        "curve": ("Every split", [
            picture(png, "Figures by split, with 95 % intervals", alternative(split)),
            table(f"Shares and figures; {MARKS}", _page_heads(split), curve_rows(split)),
            tag("p", READING, "quiet")]),
        "plans": ("Some splits side by side", [
            tag("p", "The best split by each figure, and those at both ends."), glance(some),
            show(figures["comparison"]), bought_parts(some)]),
        "groups": ("Who is in which group", [bullets(members)]),
        **reached_parts(some, figures),
        "assumptions": ("What it rests on", assumptions(scenario)),
        "definitions": ("What the figures mean", [definitions((*USUAL, *WORDS_HERE))]),
        "again": ("Make it again", [command_text(command, digest)]),
    }  # fmt: skip
    setting = f"A simulation: {setting_text(split.comparison)}."
    top = Top(title(split), "How should the budget be split?", setting, sentences(split), _sure(split),
              [*split.notes, *split.comparison.warnings])  # fmt: skip
    return whole_page(top, parts)


def side_by_side(split: Split) -> list[str]:
    """Plans of the best split by each figure and of those at both ends, each once."""
    chosen = [split.rows[0], *(split.rows[best.place] for best in split.best.values()), split.rows[-1]]
    return list(dict.fromkeys(row.plan for row in chosen))


def _page_heads(split: Split) -> list[object]:
    """Those of the table of the curve, with the figures' definitions."""
    currency, said = split.comparison.ensemble.scenario.market.currency, heads(split)
    return [*said[: len(said) - len(split.metrics)], *(figure_term(metric, currency) for metric in split.metrics)]


def _sure(split: Split) -> list[str]:
    """How many splits are as good as the best, and what the intervals cover."""
    best, lines = split.best.get(split.metrics[0]), sure_lines(split.comparison)
    if best is None:
        return lines
    told = f"{len(best.near)} of {counted(len(split.rows), 'split')} cannot be told from the best one in "
    return [f"{lines[0]} {told}{noun(split.metrics[0])}.", *lines[1:]]


def alternative(split: Split) -> str:
    """The figure in words."""
    told = []
    for metric in split.metrics:
        best = split.best.get(metric)
        if best is not None:
            row = split.rows[best.place]
            told.append(f"{metric}: best with {name_of(split, row)}, {interval_text(metric, row.figures[metric])}. "
                        f"{as_good(split, metric)}")  # fmt: skip
    return " ".join(told)


def split_figure(split: Split) -> Figure:
    """The curve of each figure over the shares, with bands."""
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(WIDTH, 2.5 * ((len(split.metrics) + 1) // 2)))
        axes = figure.subplots((len(split.metrics) + 1) // 2, min(2, len(split.metrics)), squeeze=False).ravel()
        for place, metric in enumerate(split.metrics):
            _curve(axes[place], split, metric)
        for empty in axes[len(split.metrics) :]:
            empty.set_visible(False)
    return figure


def split_png(split: Split) -> bytes:
    """The same as PNG."""
    return png_bytes(split_figure(split))


def _curve(axes: Axes, split: Split, metric: str) -> None:
    """Two groups: over the first one's share. Three: splits in their order."""
    two = len(split.groups) == 2
    defined = [(place, row, interval) for place, row in enumerate(split.rows)
               if (interval := row.figures[metric]) is not None]  # fmt: skip
    at = [100 * row.point.shares[0] if two else place for place, row, _ in defined]
    best = split.best.get(metric)
    for x, (place, _, interval) in zip(at, defined, strict=True):
        colour = VERMILION if best is not None and place == best.place else BLUE
        near = best is not None and place in best.near
        if interval.low is not None and interval.high is not None:
            axes.plot([x, x], [interval.low, interval.high], color=colour, linewidth=1.5)
        axes.plot([x], [interval.mean], "o", color=colour, markerfacecolor=colour if near else "white")
    if two:
        axes.plot(at, [interval.mean for *_, interval in defined], color=GREY, linewidth=1.0, zorder=0)
        axes.set_xlabel(f"share of {split.groups[0].name} (%)")
    else:
        axes.set_xticks(at, [_short(row) for _, row, _ in defined], rotation=90, fontsize=7)
        axes.set_xlabel(" / ".join(group.name for group in split.groups) + " (%)")
    axes.set_title(figure_title(metric, split.comparison.ensemble.scenario.market.currency))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: shown(metric, value)))


def _short(row: Row) -> str:
    return "/".join(f"{100 * share:.0f}" for share in row.point.shares)
