"""Coverage of the intervals by each method, on made-up data and on the simulation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from interval_coverage import BY_REPLICATE, BY_SOCIETY, DRAWN, EQUAL, METHODS, SIZES, WIDER
from statistics_rows import Row, chosen
from statistics_tables import ACCEPTED

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import PercentFormatter

STYLES = {BY_SOCIETY: ("#0072B2", "o"), WIDER: ("#E69F00", "s"), BY_REPLICATE: ("#D55E00", "^")}
"""Colours of Okabe & Ito, told apart with every kind of colour blindness; shapes for print without colour."""
INK, GRID = "#333333", "#DDDDDD"
SPREAD = 0.2
"""How far the points of one number of replicates lie apart, along the axis."""
PANELS = (
    ("Made-up data, normal", "normal"), ("Made-up data, skewed", "skewed"),
    ("Simulation: differences of two plans", "paired"), ("Simulation: one plan's own figures", "own"),
)  # fmt: skip


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write the figure."""
    covered = chosen(rows, part="coverage", quantity="coverage")
    style = {"font.size": 10, "axes.edgecolor": INK, "axes.spines.top": False, "axes.spines.right": False}
    with plt.rc_context(style):
        figure, grid = plt.subplots(2, 2, figsize=(10.5, 7.5), layout="constrained", sharex=True, sharey=True)
        for axes, (title, panel) in zip(grid.flat, PANELS, strict=True):
            _panel(axes, of_panel(covered, panel))
            axes.set_title(title, loc="left", fontsize=11)
        for axes in grid[:, 0]:
            axes.set_ylabel("intervals that hold the truth")
        for axes in grid[1]:
            axes.set_xlabel("replicates")
        handles, labels = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150, metadata={"Software": None})
        plt.close(figure)


def of_panel(rows: Sequence[Row], panel: str) -> list[Row]:
    """Rows of one panel: of made-up data all, of the simulation the differences or the plans' own figures."""
    if panel in ("normal", "skewed"):
        return chosen(rows, source=panel)
    among = [row for row in chosen(rows, source="simulation") if row.societies in (DRAWN, EQUAL)]
    return [row for row in among if (" - " in row.figure) == (panel == "paired")]


def _panel(axes: Any, rows: Sequence[Row]) -> None:
    axes.axhspan(*ACCEPTED, color="#009E73", alpha=0.15, label="93 to 97 %")
    axes.axhline(0.95, color=INK, linewidth=1, linestyle=":")
    for position, method in enumerate(METHODS):
        colour, marker = STYLES[method]
        points = [
            (place + SPREAD * (position - 1) + 0.12 * (k / max(1, len(here) - 1) - 0.5), row.value)
            for place, n in enumerate(SIZES)
            for here in [chosen(rows, method=method, replicates=n)]
            for k, row in enumerate(here)
        ]
        axes.plot(*zip(*points, strict=True), marker, color=colour, markersize=4.5, alpha=0.8, label=method)
    axes.set_xticks(range(len(SIZES)), [str(n) for n in SIZES])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
