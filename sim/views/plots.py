"""Figures of a comparison, each with the same content in words.

Made through the object interface of matplotlib, without its global state, so that equal comparisons give equal
bytes. Colours are those of Okabe & Ito, told apart by every kind of colour vision.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.results.comparison import Comparison
from sim.results.measures import METRICS
from sim.results.rounding import number, percent
from sim.results.statistics import Interval, mean_interval
from sim.results.tables import SOURCE_NAMES, daily_figures, paid_plans, sources_table
from sim.views.wording import interval_text, mean_text, share_text

BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
)  # fmt: skip
PLAN_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
PLAN_LINES = ("-", "--", "-.", ":")
SOURCE_COLOURS = (SKY, ORANGE, GREEN, PURPLE)
STYLE = {
    "font.size": 10.0, "axes.titlesize": 11.0, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": False, "text.parse_math": False,
    "legend.frameon": False, "figure.constrained_layout.use": True, "figure.constrained_layout.w_pad": 0.1,
    "figure.constrained_layout.h_pad": 0.08, "figure.constrained_layout.hspace": 0.04, "figure.dpi": 150,
}  # fmt: skip
WIDTH = 8.0
"""Inches; at 800 pixels the text is about 14 pixels high."""
LONGEST_NAME = 22
MOST_POINTS = 120
"""Days at which a long run's band is worked out."""

Drawing = tuple[Figure, str]


@dataclass(frozen=True)
class Picture:
    """A figure as PNG, with its name, title and content in words."""

    name: str
    title: str
    alternative: str
    png: bytes


def comparison_figure(comparison: Comparison) -> Drawing:
    """The headline figures as dot and 95 % interval, one row a plan."""
    plans = paid_plans(comparison)
    keys = _headlines(comparison)
    with project_style():
        figure = Figure(figsize=(WIDTH, 2 * (1.15 + 0.42 * len(plans))))
        grid = figure.subplots(2, 2, squeeze=False)
        for axes, key in zip(grid.flat, keys, strict=False):
            _dots(axes, comparison, key, plans, named=axes in grid[:, 0])
        for axes in grid.flat[len(keys) :]:
            axes.set_axis_off()
        figure.supxlabel(_replicates(comparison, "Dot: mean; bar: 95 % interval"), fontsize=9)
    said = [f"{METRICS[key].title}: {_per_plan(comparison, key, plans)}." for key in keys]
    return figure, f"Mean and 95 % interval of each plan. {' '.join(said)}"


def _headlines(comparison: Comparison) -> list[str]:
    """Reach, engagements, incremental conversions, and ROI or else CPA: those that some plan has."""
    figures = [comparison.figures[plan] for plan in paid_plans(comparison)]
    money = "roi" if any(f["roi"] is not None for f in figures) else "cpa"
    keys = ("reach", "engagements", "incremental_conversions", money)
    return [key for key in keys if any(f[key] is not None for f in figures)]


def _per_plan(comparison: Comparison, key: str, plans: Sequence[str]) -> str:
    return "; ".join(f"{plan} {interval_text(key, comparison.figures[plan][key])}" for plan in plans)


def _dots(axes: Axes, comparison: Comparison, key: str, plans: Sequence[str], *, named: bool) -> None:
    for place, plan in enumerate(plans):
        interval = comparison.figures[plan][key]
        if interval is not None:
            _dot(axes, interval, place, _colour(place), mean_text(key, interval))
    axes.set_yticks(range(len(plans)), [_short(plan) for plan in plans] if named else [""] * len(plans))
    axes.set_ylim(len(plans) - 0.5, -0.7)
    axes.tick_params(axis="y", length=0)
    axes.axvline(0.0, color="0.6", linewidth=0.8, zorder=0)
    axes.margins(x=0.12)
    axes.set_title(METRICS[key].title)
    axes.set_xlabel(_unit(comparison, key))
    few_ticks(axes.xaxis, percent if key == "roi" else number, 4)


def _dot(axes: Axes, interval: Interval, place: int, colour: str, text: str) -> None:
    if interval.low is not None and interval.high is not None:
        axes.plot([interval.low, interval.high], [place, place], color=colour, linewidth=2.5, solid_capstyle="butt")
        axes.plot([interval.low, interval.high], [place, place], "|", color=colour, markersize=8)
    axes.plot([interval.mean], [place], "o", color=colour, markersize=7)
    axes.annotate(text, (interval.mean, place), (0, 7), textcoords="offset points", ha="center", fontsize=10)


def _unit(comparison: Comparison, key: str) -> str:
    currency = comparison.ensemble.scenario.market.currency
    return {
        "reach": "real people, each counted once",
        "engagements": "likes, comments and saves",
        "incremental_conversions": "orders that the plan caused",
        "roi": "profit ÷ cost; 0 % is break-even",
        "cpa": f"{currency} an order that the plan caused",
    }[key]


def daily_figure(comparison: Comparison) -> Drawing:
    """Reach and orders caused, cumulated over the days, with 95 % bands over replicates."""
    plans = paid_plans(comparison)
    panels = {"reach": ("Reach so far", "real people"),
              "incremental_conversions": ("Incremental conversions so far", "orders caused")}  # fmt: skip
    columns = {plan: daily_figures(comparison, plan) for plan in plans}
    said = []
    with project_style():
        figure = Figure(figsize=(WIDTH, 6.4))
        for axes, (key, (title, unit)) in zip(figure.subplots(2, 1, sharex=True), panels.items(), strict=True):
            bands = {plan: cumulated(comparison, columns[plan][key]) for plan in plans}
            _lines(axes, comparison, bands)
            axes.set_title(title)
            axes.set_ylabel(unit)
            said.append(f"{title}: {_at_half_and_end(key, bands)}.")
        axes.set_xlabel("date" if comparison.ensemble.scenario.run.start_date else "day")
        figure.supxlabel(_replicates(comparison, "Line: mean; band: 95 % interval"), fontsize=9)
    return figure, f"Lines by day with 95 % bands. {' '.join(said)}"


Band = dict[int, Interval]


def cumulated(comparison: Comparison, column: np.ndarray) -> Band:
    """Mean and interval of a daily column cumulated up to and with a day, at up to ``MOST_POINTS`` days."""
    sums, days = column.cumsum(axis=1), column.shape[1]
    chosen = np.unique(np.linspace(0, days - 1, min(days, MOST_POINTS)).round().astype(int)).tolist()
    return {day: mean_interval(sums[:, day], comparison.ensemble.worlds) for day in chosen}


def _at_half_and_end(key: str, bands: dict[str, Band]) -> str:
    parts = []
    for plan, band in bands.items():
        days = list(band)
        half, last = days[(len(days) - 1) // 2], days[-1]
        end = interval_text(key, band[last])
        parts.append(f"{plan} {mean_text(key, band[half])} by day {half}, {end} by day {last}")
    return "; ".join(parts)


def _lines(axes: Axes, comparison: Comparison, bands: dict[str, Band]) -> None:
    for place, (plan, band) in enumerate(bands.items()):
        days = list(band)
        colour, line = _colour(place), PLAN_LINES[place % len(PLAN_LINES)]
        axes.plot(days, [i.mean for i in band.values()], line, color=colour, linewidth=2, label=_short(plan))
        if all(i.low is not None for i in band.values()):
            low, high = ([getattr(i, bound) for i in band.values()] for bound in ("low", "high"))
            shade = (colour, 0.16 if len(bands) <= 3 else 0.06)
            axes.fill_between(days, low, high, facecolor=shade, edgecolor=(colour, 0.6), linewidth=0.6)
    axes.axhline(0.0, color="0.6", linewidth=0.8, zorder=0)
    axes.margins(x=0.01)
    few_ticks(axes.yaxis, number)
    _label_ends(axes, {plan: list(band.values())[-1].mean for plan, band in bands.items()})
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    start = comparison.ensemble.scenario.run.start_date
    if start is not None:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda day, _: (start + timedelta(days=day)).isoformat()))


def _label_ends(axes: Axes, ends: dict[str, float]) -> None:
    """Each line's name beside its end, moved apart where two would touch."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    gap, places = 0.075 * (high - low), list(ends)
    height, beside = -float("inf"), axes.get_yaxis_transform()
    for plan in sorted(ends, key=lambda plan: ends[plan]):
        height = max(ends[plan], height + gap)
        axes.text(1.005, height, "■", color=_colour(places.index(plan)), transform=beside, va="center")
        axes.text(1.03, height, _short(plan), transform=beside, va="center")


def source_figure(comparison: Comparison) -> Drawing:
    """Who was first reached through what: one stacked bar a plan, in real people."""
    plans, table = paid_plans(comparison), sources_table(comparison)
    people = [[float(count) for count in table["people"][table["plan"] == plan]] for plan in plans]
    longest = max(sum(counts) for counts in people)
    with project_style():
        figure = Figure(figsize=(WIDTH, 1.9 + 0.6 * len(plans)))
        axes = figure.subplots()
        for place, counts in enumerate(people):
            _stack(axes, place, counts, longest)
        axes.set_yticks(range(len(plans)), [_short(plan) for plan in plans])
        axes.set_ylim(len(plans) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("real people, by what first showed them the brand (mean over replicates)")
        few_ticks(axes.xaxis, number)
        handles = [Patch(color=colour) for colour in SOURCE_COLOURS]
        figure.legend(handles, list(SOURCE_NAMES), loc="outside upper left", ncols=4)
    said = [f"{row['source']} {number(row['people'])} ({share_text(row['share'])})" for row in table.to_dict("records")]
    n = len(SOURCE_NAMES)
    parts = [f"{plan}: {', '.join(said[i * n : (i + 1) * n])}" for i, plan in enumerate(plans)]
    return figure, f"People reached, by what first showed them the brand. {'. '.join(parts)}."


def _stack(axes: Axes, place: int, people: Sequence[float], longest: float) -> None:
    left = 0.0
    for count, colour in zip(people, SOURCE_COLOURS, strict=True):
        axes.barh(place, count, left=left, height=0.6, color=colour, edgecolor="white", linewidth=0.8)
        if longest and count > 0.09 * longest:
            axes.text(left + count / 2, place, number(count), ha="center", va="center")
        left += count


def _replicates(comparison: Comparison, legend: str) -> str:
    n = len(comparison.ensemble.replicates)
    return "One replicate: no intervals" if n == 1 else f"{legend} ({n:,} replicates)"


# --- common ------------------------------------------------------------------------------------------------


def project_style() -> Any:
    """The project's look, whatever the user's own settings are."""
    return matplotlib.style.context(["default", STYLE])


def _colour(place: int) -> str:
    return PLAN_COLOURS[place % len(PLAN_COLOURS)]


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def few_ticks(axis: Any, shown: Callable[[float | None], str], most: int = 5) -> None:
    axis.set_major_locator(MaxNLocator(most))
    axis.set_major_formatter(FuncFormatter(lambda value, _: shown(value)))


FIGURES: dict[str, tuple[str, Callable[[Comparison], Drawing]]] = {
    "comparison": ("The figures that decide, plan by plan, with 95 % intervals", comparison_figure),
    "sources": ("People reached, by what first showed them the brand", source_figure),
    "daily": ("Reach and orders caused, cumulated day by day, with 95 % bands", daily_figure),
}


def pictures(comparison: Comparison) -> list[Picture]:
    """Every figure as PNG; the same bytes for the same comparison."""
    made = []
    for name, (title, draw) in FIGURES.items():
        figure, alternative = draw(comparison)
        made.append(Picture(name, title, alternative, png_bytes(figure)))
    return made


def png_bytes(figure: Figure) -> bytes:
    """The figure as PNG without date and software in it."""
    stream = io.BytesIO()
    with project_style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a name in a script that the font lacks
        figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def save_figures(comparison: Comparison, folder: Path) -> list[tuple[Path, str]]:
    """Write every figure as PNG into ``folder``; the paths with the figures in words."""
    folder.mkdir(parents=True, exist_ok=True)
    saved = []
    for picture in pictures(comparison):
        path = folder / f"{picture.name}.png"
        path.write_bytes(picture.png)
        saved.append((path, picture.alternative))
    return saved
