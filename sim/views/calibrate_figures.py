"""The figures of a calibration: what became of the priors, and the observed campaigns within their bands."""

from __future__ import annotations

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from sim.parameters import PARAMETERS
from sim.scenario.observed import FIGURES
from sim.studies.calibrate import Calibration, Check, Estimate
from sim.views.plots import BLACK, BLUE, STYLE, VERMILION, WIDTH, png_bytes

GREY, BINS, MOST_ROWS = "#bbbbbb", 40, 60


def posterior_png(found: Calibration) -> bytes:
    """One panel a parameter: prior, draws, interval, the scenario's own value."""
    rows = (len(found.estimates) + 1) // 2
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(WIDTH, 2.4 * rows))
        axes = figure.subplots(rows, 2, squeeze=False).ravel()
        for place, one in enumerate(found.estimates):
            _density(axes[place], one, found.draws[:, place], legend=place == 0)
        for empty in axes[len(found.estimates) :]:
            empty.set_visible(False)
    return png_bytes(figure)


def _density(axes: Axes, one: Estimate, draws: np.ndarray, *, legend: bool) -> None:
    low, high = np.log10(one.prior_low), np.log10(one.prior_high)
    edges = np.linspace(low, high, BINS + 1)
    counts, _ = np.histogram(np.log10(draws), edges)
    share = counts / len(draws)
    axes.stairs(share, 10**edges, fill=True, color=BLUE, label="after")
    axes.plot([one.prior_low, one.prior_high], [1 / BINS] * 2, "--", color=BLACK, linewidth=1.2, label="before")
    top = -0.08 * float(share.max())
    axes.plot(
        [one.low, one.high],
        [top] * 2,
        color=BLUE,
        linewidth=3.0,
        solid_capstyle="butt",
        label="90 % interval",
        alpha=0.6,
    )
    axes.axvline(one.scenario, color=VERMILION, linewidth=1.5, linestyle=":", label="scenario's own")
    _log_axis(axes)
    axes.set_yticks([])
    axes.set_title(one.name + ("" if one.told else " (not told)"))
    axes.set_xlabel(PARAMETERS[one.name].unit)
    if legend:
        axes.legend(fontsize=8, loc="upper left")


def check_png(found: Calibration) -> bytes:
    """One panel a figure, one line a campaign: the fitted model's band, and what was observed, ÷ its median."""
    names = [name for name in FIGURES if any(one.figure == name for one in found.checks)]
    lines = list(dict.fromkeys(one.line for one in found.checks))[:MOST_ROWS]
    labels = {one.line: one.campaign for one in found.checks}
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(WIDTH, 1.4 + 0.24 * max(5, len(lines))))
        axes = figure.subplots(1, len(names), squeeze=False, sharey=True, sharex=True).ravel()
        for name, panel in zip(names, axes, strict=True):
            _campaigns(panel, [one for one in found.checks if one.figure == name], lines)
            panel.set_title(name)
        axes[0].set_yticks(range(len(lines)), [_short(labels[line]) for line in lines], fontsize=8)
        axes[0].invert_yaxis()
        figure.supxlabel("÷ median of the fitted model", fontsize=10)
    return png_bytes(figure)


def _campaigns(axes: Axes, checks: list[Check], lines: list[int]) -> None:
    axes.axvline(1.0, color=BLACK, linewidth=0.8)
    for one in (one for one in checks if one.line in lines):
        y, colour = lines.index(one.line), VERMILION if one.outside else BLUE
        low, high, seen = ((value + 0.5) / (one.median + 0.5) for value in (one.low, one.high, one.observed))
        axes.plot([low, high], [y, y], color=GREY, linewidth=5.0, solid_capstyle="butt", zorder=1)
        axes.plot([seen], [y], "X" if one.outside else "o", color=colour, markersize=5, zorder=3)
    _log_axis(axes)
    axes.tick_params(axis="x", labelsize=8)


def _log_axis(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(numticks=5))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _short(name: str) -> str:
    return name if len(name) <= 18 else f"{name[:17]}…"
