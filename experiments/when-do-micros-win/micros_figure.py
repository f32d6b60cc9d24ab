"""Figures of the map: the ratio ten : one along each axis with its undecided zone, and over two axes at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from micros_tables import NAMES, TITLES

from sim.views.plots import BLUE, GREEN, STYLE, VERMILION, png_bytes

COLOURS = {"reach": GREEN, "engagements": BLUE, "incremental_conversions": VERMILION}
RATIOS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
GRID_FIGURES = ("reach", "engagements", "incremental_conversions")


def draw_lines(rows: Sequence[Mapping[str, str]], axes: Mapping[str, Sequence[float]], path: Path) -> None:
    """One panel an axis: ratio by value; filled where decided, hollow where undecided."""
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(11.0, 6.0))
        panels = figure.subplots(2, 4, sharey=True).ravel()
        for panel, axis in zip(panels, axes, strict=False):
            _line(panel, [row for row in rows if row["axis_1"] == axis and not row["axis_2"]], axis)
        for panel in panels[len(axes) :]:
            panel.set_axis_off()
        _legend(panels[len(axes)])
        for left in panels[::4]:
            left.set_ylabel("ten micros : one account")
    path.write_bytes(png_bytes(figure))


def _line(panel: Axes, rows: Sequence[Mapping[str, str]], axis: str) -> None:
    for figure, colour in COLOURS.items():
        at = [row for row in rows if row["figure"] == figure and row["ratio"]]
        x, y = [float(row["value_1"]) for row in at], [float(row["ratio"]) for row in at]
        panel.plot(x, y, color=colour, linewidth=1.2)
        for row, one, other in zip(at, x, y, strict=True):
            fill = colour if row["verdict"] != "undecided" else "white"
            panel.plot([one], [other], "o", color=colour, markerfacecolor=fill, markersize=5)
    panel.axhline(1.0, color="black", linewidth=0.8, linestyle=":")
    panel.set_yscale("log")
    panel.yaxis.set_major_locator(FixedLocator(RATIOS))
    panel.yaxis.set_minor_locator(NullLocator())
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    if axis in {"niches", "appetite_shape", "population"}:
        panel.set_xscale("log")
        panel.xaxis.set_major_locator(FixedLocator(sorted({float(row["value_1"]) for row in rows})))
        panel.xaxis.set_minor_locator(NullLocator())
        panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
    panel.set_title(_wrapped(NAMES[axis]), fontsize=9.5)


def _legend(panel: Axes) -> None:
    marks = [Line2D([], [], color=colour, marker="o", label=TITLES[figure]) for figure, colour in COLOURS.items()]
    marks.append(Line2D([], [], color="black", marker="o", markerfacecolor="white", linestyle="", label="undecided"))
    panel.legend(handles=marks, loc="center", fontsize=10)


def _short(value: float) -> str:
    return f"{value / 1e6:g}M" if value >= 1e6 else f"{value:g}"


def _wrapped(text: str) -> str:
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 26:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def draw_grids(rows: Sequence[Mapping[str, str]], grids: Sequence[tuple[str, str]], path: Path) -> None:
    """One panel a pair of axes and figure: colour by the ratio, hatched where undecided."""
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(11.0, 3.4 * len(grids) + 0.6))
        panels = figure.subplots(len(grids), len(GRID_FIGURES), squeeze=False)
        image = None
        for line, (first, second) in zip(panels, grids, strict=True):
            for panel, name in zip(line, GRID_FIGURES, strict=True):
                at = [row for row in rows if (row["axis_1"], row["axis_2"], row["figure"]) == (first, second, name)]
                image = _grid(panel, at, first, second) or image
                panel.set_title(TITLES[name])
        if image is not None:
            bar = figure.colorbar(image, ax=panels.ravel().tolist(), shrink=0.7)
            bar.set_ticks([math.log(ratio) for ratio in RATIOS], labels=[f"{ratio:g}" for ratio in RATIOS])
            bar.set_label("ten micros : one account (hatched: undecided)")
    path.write_bytes(png_bytes(figure))


def _grid(panel: Axes, rows: Sequence[Mapping[str, str]], first: str, second: str) -> object:
    xs = sorted({float(row["value_1"]) for row in rows})
    ys = sorted({float(row["value_2"]) for row in rows})
    if not rows:
        return None
    table = np.full((len(ys), len(xs)), np.nan)
    for row in rows:
        x, y = xs.index(float(row["value_1"])), ys.index(float(row["value_2"]))
        table[y, x] = math.log(float(row["ratio"])) if row["ratio"] else np.nan
        if row["verdict"] == "undecided":
            panel.fill_between([x - 0.5, x + 0.5], y - 0.5, y + 0.5, facecolor="none", hatch="////",
                               edgecolor="#777777", linewidth=0.0)  # fmt: skip
        if row["ratio"]:
            panel.text(x, y, f"{float(row['ratio']):.2g}", ha="center", va="center", fontsize=8,
                       bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.8})  # fmt: skip
    norm = TwoSlopeNorm(0.0, math.log(RATIOS[0]), math.log(RATIOS[-1]))
    shown = panel.imshow(table, origin="lower", aspect="auto", cmap="PuOr", norm=norm)
    panel.set_xticks(range(len(xs)), [f"{x:g}" for x in xs])
    panel.set_yticks(range(len(ys)), [_short(y) for y in ys])
    panel.set_xlabel(NAMES[first])
    panel.set_ylabel(NAMES[second])
    return shown
