"""The main figure of each kind of result, and a Figure that shows itself in notebooks with its content in words.

Made like those of ``sim.views.plots``: through matplotlib's objects, in the project's look, told apart without colours.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from sim.engine.classic import Cascades
from sim.record import Run
from sim.results.comparison import Comparison
from sim.results.measures import METRICS
from sim.results.rounding import number, percent
from sim.results.settings import SettingsComparison
from sim.results.tables import SOURCE_NAMES, paid_plans
from sim.rules import FIXED_POINT
from sim.scenario.load import Scenario
from sim.scenario.plans import post_price
from sim.society.overlap import pair_overlaps
from sim.society.world import World
from sim.studies.explain import Explanation
from sim.studies.select import Selection
from sim.studies.sensitivity import Sensitivity
from sim.studies.split import Split
from sim.studies.store import Store
from sim.views import explain_page, select, sensitivity, sensitivity_words, split
from sim.views.lines import plans_of, run_totals
from sim.views.page import Markup, html
from sim.views.plots import (
    BLUE,
    PLAN_COLOURS,
    SOURCE_COLOURS,
    VERMILION,
    WIDTH,
    Drawing,
    comparison_figure,
    few_ticks,
    png_bytes,
    project_style,
)
from sim.views.store_figure import store_figure
from sim.views.wording import figure_title, interval_text

MARKERS = "os^Dv<>"
MOST_CREATORS = 20
"""Creators whose overlap is drawn."""


class Drawn(Figure):
    """A figure that Jupyter and marimo show by itself, its content in words (``get_label()``) as alternative text."""

    def _repr_html_(self) -> str:
        import base64

        image = f"data:image/png;base64,{base64.b64encode(png_bytes(self)).decode()}"
        return Markup(f'<img alt="{html(self.get_label())}" style="max-width: 100%" src="{image}">')

    def _mime_(self) -> tuple[str, str]:
        return "text/html", self._repr_html_()


def drawn(figure: Figure, alternative: str) -> Figure:
    """The same figure, now a ``Drawn`` one. Its class is changed because what it holds refers to it."""
    figure.__class__ = Drawn
    figure.set_label(alternative)
    return figure


def scenario_figure(scenario: Scenario) -> Drawing:
    """What each plan books: creators by followers and the price of a post, both on logarithmic scales."""
    currency, plans = scenario.market.currency, plans_of(scenario)
    with project_style():
        figure = Figure(figsize=(WIDTH, 3.8))
        axes = figure.subplots()
        said = []
        for place, name in enumerate(plans):
            booked = {(scenario.creators[deal.creator].followers,
                       post_price(deal, scenario.creators, scenario.rates, scenario.market.usd_rate))
                      for deal in scenario.plan(name).deals}  # fmt: skip
            if booked:
                followers, fees = zip(*sorted(booked), strict=True)
                axes.plot(followers, fees, MARKERS[place % len(MARKERS)], color=_colour(place), label=name,
                          fillstyle="none", markersize=7 + 2 * place, linestyle="none")  # fmt: skip
                said.append(f"{name}: {_span(followers)} followers at {_span(fees)} {currency} a post")
            else:
                said.append(f"{name}: nobody by a deal")
        free = any(fee <= 0 for line in axes.lines for fee in np.asarray(line.get_ydata()))
        axes.set(xlabel="followers", xscale="log", yscale="symlog" if free else "log",
                 ylabel=f"price of one post ({currency})", title="What each plan books")  # fmt: skip
        _log(axes.xaxis)
        if not free:
            _log(axes.yaxis)
        if axes.lines:
            axes.legend()
    return figure, f"Creators that each plan books, by followers and price of a post. {'; '.join(said)}."


def _span(values: tuple[float, ...]) -> str:
    low, high = min(values), max(values)
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def world_figure(world: World) -> Drawing:
    """How many follow the people, and how far audiences overlap."""
    followers = np.sort(np.diff(world.society.follower_start))
    share = 1.0 - np.arange(len(followers)) / len(followers)
    shown = world.handles[:MOST_CREATORS]
    overlap = pair_overlaps([world.audience_of(place) for place in range(len(shown))], world.n_people)
    with project_style():
        figure = Figure(figsize=(WIDTH, 3.8))
        left, right = figure.subplots(1, 2)
        left.plot(np.maximum(followers, 0.5), share, color=BLUE)
        left.set(xscale="log", yscale="log", xlabel="followers among the people", ylabel="share with as many or more",
                 title="Ties")  # fmt: skip
        _log(left.xaxis, (1.0,))
        _log(left.yaxis, (1.0,))
        _matrix(figure, right, overlap, shown)
    pairs = [overlap[a, b] for a, b in itertools.combinations(range(len(shown)), 2)]
    told = f"Overlap of two audiences {percent(float(np.mean(pairs)))} on average" if pairs else "No two audiences"
    return figure, (f"Left: half of the people have {followers[len(followers) // 2]:,} followers or fewer among the "
                    f"people, one has {followers[-1]:,}. Right: {told}, as a share of the smaller one.")  # fmt: skip


def _matrix(figure: Figure, axes: Axes, overlap: np.ndarray, names: tuple[str, ...]) -> None:
    axes.set_title("Overlap of audiences")
    if not names:
        axes.set_axis_off()
        return
    seen = np.where(np.eye(len(names), dtype=bool), np.nan, overlap)
    image = axes.imshow(seen, cmap="cividis_r", vmin=0.0, vmax=max(0.3, float(np.nanmax(seen, initial=0.0))))
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    figure.colorbar(image, ax=axes, label="share of the smaller audience")


def run_figure(run: Run) -> Drawing:
    """Day by day: who was first reached through what, and expected engagements and orders."""
    w, days = run.people_per_agent, np.arange(len(run.daily["engagements_expected"]))
    totals = run_totals(run)
    with project_style():
        figure = Figure(figsize=(WIDTH, 3.8))
        left, right = figure.subplots(1, 2)
        bottom = np.zeros(len(days))
        for name, words, colour in zip(("followed", "recommended", "reshared", "word"), SOURCE_NAMES, SOURCE_COLOURS,
                                       strict=True):  # fmt: skip
            new = w * run.daily[f"reached_{name}"]
            left.bar(days, new, bottom=bottom, width=0.9, color=colour, label=words)
            bottom += new
        left.set(xlabel="day", ylabel="people reached for the first time", title="Reach")
        left.legend(fontsize=8)
        few_ticks(left.yaxis, number)
        for name, words, colour, line in (
            ("engagements", "engagements", BLUE, "-"),
            ("clicks", "clicks", VERMILION, "--"),
        ):
            right.plot(days, w * run.daily[f"{name}_expected"] / FIXED_POINT, line, color=colour, label=words)
        right.set(xlabel="day", ylabel="expected on that day", title="Engagements and clicks")
        right.legend(fontsize=8)
        few_ticks(right.yaxis, number)
    told = ", ".join(f"{number(value)} {name}" for name, value in totals.items())
    return (
        figure,
        f"One run over {len(days)} days: {told}; most people were first reached on day {int(bottom.argmax())}.",
    )


def settings_figure(found: SettingsComparison) -> Drawing:
    """Reach and extra orders of each plan in each setting, as dot and 95 % interval."""
    keys, plans, names = ("reach", "incremental_conversions"), paid_plans(found.first), list(found.comparisons)
    currency, said = found.first.ensemble.scenario.market.currency, []
    with project_style():
        figure = Figure(figsize=(WIDTH, 1.6 + 0.3 * len(names) * len(plans)))
        for axes, key in zip(figure.subplots(1, 2, sharey=True), keys, strict=True):
            for place, name in enumerate(names):
                for nth, plan in enumerate(plans):
                    interval = found.comparisons[name].figures[plan][key]
                    if interval is None:
                        continue
                    at, ends = place + 0.7 * (nth + 0.5) / len(plans) - 0.35, (interval.low, interval.high)
                    axes.plot([interval.mean], [at], MARKERS[nth % len(MARKERS)], color=_colour(nth),
                              label=plan if place == 0 else None)  # fmt: skip
                    if None not in ends:
                        axes.plot(ends, [at, at], color=_colour(nth), linewidth=2)
                    said.append(f"{METRICS[key].title} of {plan} in {name}: {interval_text(key, interval)}")
            axes.set(yticks=range(len(names)), yticklabels=names, xlabel=figure_title(key, currency))
            axes.set_ylim(len(names) - 0.5, -0.5)
            few_ticks(axes.xaxis, number)
        figure.axes[-1].legend(fontsize=8)
    return figure, f"Mean and 95 % interval of each plan in each setting. {'; '.join(said)}."


def cascades_figure(made: Cascades) -> Drawing:
    """How many runs had which size: bars, or on logarithmic scales where some are large."""
    sizes, counts = np.unique(made.sizes, return_counts=True)
    large = sizes[-1] > 100
    with project_style():
        figure = Figure(figsize=(WIDTH, 3.2))
        axes = figure.subplots()
        if large:
            axes.plot(sizes, np.cumsum(counts[::-1])[::-1] / counts.sum(), "o", markersize=3, color=BLUE)
            axes.set(xscale="log", yscale="log", ylabel="share of runs of this size or larger")
            _log(axes.xaxis)
            _log(axes.yaxis)
        else:
            axes.bar(sizes, counts / counts.sum(), color=BLUE)
            axes.set(ylabel="share of runs")
        axes.axvline(float(made.sizes.mean()), color=VERMILION, linestyle="--", label="mean")
        axes.set(xlabel="people active at the end, seeds counted", title="Sizes of cascades")
        axes.legend()
    return figure, (f"Sizes of {len(made.sizes):,} cascades: mean {made.sizes.mean():,.4g}, half have at most "
                    f"{float(np.median(made.sizes)):,.0f}, the largest {int(sizes[-1]):,}.")  # fmt: skip


def _log(axis: Axis, steps: tuple[float, ...] = (1.0, 3.0)) -> None:
    """A logarithmic axis with plain numbers at these multiples of the powers of ten."""
    axis.set_major_locator(LogLocator(10.0, steps, numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axis.set_minor_formatter(NullFormatter())


def _colour(place: int) -> str:
    return PLAN_COLOURS[place % len(PLAN_COLOURS)]


def _sensitivity(found: Sensitivity) -> Drawing:
    words = sensitivity_words.alternative(found, list(found.figures.values()))
    return sensitivity.sensitivity_figure(found), words


FIGURES: Mapping[type, Callable[[Any], Drawing]] = {
    Scenario: scenario_figure, World: world_figure, Run: run_figure, Comparison: comparison_figure,
    SettingsComparison: settings_figure, Store: store_figure, Cascades: cascades_figure, Sensitivity: _sensitivity,
    Explanation: lambda one: (explain_page.waterfall_figure(one), explain_page.alternative(one)),
    Split: lambda one: (split.split_figure(one), split.alternative(one)),
    Selection: lambda one: (select.selection_figure(one), select.alternative(one)),
}  # fmt: skip
