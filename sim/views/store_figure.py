"""The runs of a store: each figure against each number that varies, plan by plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.errors import InputError
from sim.results.measures import METRICS
from sim.results.rounding import number
from sim.scenario.plans import NONE
from sim.studies.store import Store
from sim.views.plots import PLAN_COLOURS, WIDTH, Drawing, few_ticks, project_style
from sim.views.wording import counted, listed

if TYPE_CHECKING:
    import pandas as pd

MOST_FIGURES, MOST_AXES = 3, 4
MARKERS = "os^Dv<>"


def store_figure(store: Store) -> Drawing:
    """Small panels: a row a figure, a column a number that varies; a dot is a point's mean over its replicates.

    The first figures and numbers of the study; InputError where nothing is done yet.
    """
    frame = store.frame()
    frame = frame[frame["error"].isna() & (frame["plan"] != NONE)] if len(frame) else frame
    if frame.empty:
        raise InputError("no run is done yet", file=store.path, expected="a finished run: sim.sweep(...)")
    figures = [key for key in store.study.figures if key in frame][:MOST_FIGURES]
    keys = list(store.study.keys)[:MOST_AXES]
    plans = list(dict.fromkeys(frame["plan"]))
    means = frame.groupby(["point", "plan"], sort=True).agg(
        {**dict.fromkeys(keys, "first"), **dict.fromkeys(figures, "mean")}
    )
    means = means.reset_index()
    with project_style():
        figure = Figure(figsize=(max(WIDTH, 2.4 * len(keys)), 0.6 + 2.3 * len(figures)))
        grid = figure.subplots(len(figures), len(keys), squeeze=False, sharey="row")
        for row, name in enumerate(figures):
            for column, key in enumerate(keys):
                _panel(grid[row, column], means, key, name, plans)
                grid[row, column].set_xlabel(key)
            grid[row, 0].set_ylabel(METRICS[name].title if name in METRICS else name)
        handles, names = grid[0, 0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside upper left", ncols=4)
    return figure, _words(store, means, keys, figures, plans)


def _panel(axes: Axes, means: pd.DataFrame, key: str, name: str, plans: list[str]) -> None:
    places, labels = _places(means[key])
    for nth, plan in enumerate(plans):
        of = (means["plan"] == plan).to_numpy()
        axes.plot(places[of], means[name].to_numpy()[of], MARKERS[nth % len(MARKERS)], markersize=4, alpha=0.8,
                  color=PLAN_COLOURS[nth % len(PLAN_COLOURS)], label=plan)  # fmt: skip
    if labels:
        axes.set_xticks(range(len(labels)), labels, rotation=30, ha="right", fontsize=8)
    few_ticks(axes.yaxis, number)


def _places(column: pd.Series[Any]) -> tuple[np.ndarray, list[str]]:
    """Where the values stand on the axis: numbers where they are, anything else side by side under its name."""
    if column.dtype.kind in "if":
        return column.to_numpy(dtype=np.float64), []
    words = [str(value) for value in column]
    order = list(dict.fromkeys(words))
    return np.array([order.index(word) for word in words], dtype=np.float64), order


def _words(store: Store, means: pd.DataFrame, keys: list[str], figures: list[str], plans: list[str]) -> str:
    told = []
    for name in figures:
        for plan in plans:
            values = means.loc[means["plan"] == plan, name].dropna()
            if len(values):
                told.append(f"{name} of {plan}: {number(float(values.min()))} to {number(float(values.max()))}")
    points = counted(means["point"].nunique(), "point")
    return f"{store.study.name}: {points} with {listed(keys)} varying, means over replicates. {'; '.join(told)}."
