"""Truths against intervals, one panel a parameter."""

from __future__ import annotations

from pathlib import Path

import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from sim.views.plots import BLUE, STYLE, VERMILION, png_bytes

GREY = "#999999"


def draw(found: pd.DataFrame, path: Path) -> None:
    """Log axes; a vermilion interval misses the truth, which lies on the grey line."""
    names = list(dict.fromkeys(found["parameter"]))
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(9.0, 6.0))
        axes = figure.subplots(2, 3).ravel()
        for place, name in enumerate(names):
            part = found[found["parameter"] == name]
            ends = [min(part["truth"].min(), part["low"].min()), max(part["truth"].max(), part["high"].max())]
            axes[place].plot(ends, ends, color=GREY, linewidth=1.0)
            for row in part.itertuples():
                colour = BLUE if row.held else VERMILION
                style = "-" if row.held else "--"
                axes[place].plot([row.truth] * 2, [row.low, row.high], style, color=colour, linewidth=1.6)
                axes[place].plot([row.truth], [row.median], "o", color=colour, markersize=3.5)
            axes[place].set_xscale("log")
            axes[place].set_yscale("log")
            for axis in (axes[place].xaxis, axes[place].yaxis):
                axis.set_major_locator(LogLocator(numticks=5))
                axis.set_minor_locator(NullLocator())
                axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes[place].set_title(f"{name}: {int(part['held'].sum())} of {len(part)}", fontsize=10)
            axes[place].set_xlabel("true value")
        for left in (0, 3):
            axes[left].set_ylabel("posterior: median, 90 % interval")
        for empty in axes[len(names) :]:
            empty.set_visible(False)
    path.write_bytes(png_bytes(figure))
    assert np.isfinite(found["median"]).all()
