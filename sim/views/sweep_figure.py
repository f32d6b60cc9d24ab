"""A figure of a study against each thing that varies: a dot a point and plan, and a line of means."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from sim.results.measures import METRICS
from sim.studies.study import PARAMETER, Study
from sim.views.plots import PLAN_COLOURS, PLAN_LINES, STYLE, WIDTH, png_bytes
from sim.views.wording import figure_title, shown

MOST_VALUES, BINS = 10, 6
"""An axis of more distinct values has its line through means of so many equally large groups of points."""
MOST_DOTS = 1500
MARKERS = "os^Dv"
MOST_LABEL = 14


def sweep_png(means: pd.DataFrame, study: Study, figure: str, plans: Sequence[str], currency: str) -> bytes:
    """One panel for each key that varies. means: as ``point_means`` gives them."""
    keys = list(study.keys)
    rows = (len(keys) + 1) // 2
    with matplotlib.style.context(["default", STYLE]):
        made = Figure(figsize=(WIDTH, 0.5 + 2.5 * rows))
        panels = made.subplots(rows, min(2, len(keys)), squeeze=False, sharey=True).ravel()
        for axes, key in zip(panels, keys, strict=False):
            for place, plan in enumerate(plans):
                _draw(axes, means[means["plan"] == plan], key, figure, place, plan)
            axes.set_xlabel(key.removeprefix(PARAMETER))
            axes.yaxis.set_major_locator(MaxNLocator(5))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: shown(figure, value)))
        for empty in panels[len(keys) :]:
            empty.set_axis_off()
        made.suptitle(figure_title(figure, currency), x=0.01, ha="left", fontsize=11, fontweight="bold")
        made.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=min(4, len(plans)))
    return png_bytes(made)


def _draw(axes: Axes, rows: pd.DataFrame, key: str, figure: str, place: int, plan: str) -> None:
    rows = rows[rows[figure].notna() & rows[key].notna()]
    at, labels = _places(rows[key])
    colour, mark = PLAN_COLOURS[place % len(PLAN_COLOURS)], MARKERS[place % len(MARKERS)]
    some = slice(None, None, max(1, len(rows) // MOST_DOTS))
    axes.plot(at[some], rows[figure].to_numpy()[some], mark, color=colour, markersize=3, alpha=0.45, markeredgewidth=0)
    x, y = line(at, rows[figure].to_numpy(dtype=float))
    axes.plot(
        x, y, PLAN_LINES[place % len(PLAN_LINES)], color=colour, linewidth=2, label=plan, marker=mark, markersize=5
    )
    if labels:
        axes.set_xticks(range(len(labels)), [label[:MOST_LABEL] for label in labels], fontsize=8)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5))


def _places(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Where each value lies: numbers as they are; anything else by its place among the values in order, with labels."""
    if is_numeric_dtype(values) and not is_bool_dtype(values):
        return values.to_numpy(dtype=float), []
    texts = values.map(str)
    labels = sorted(set(texts))
    return texts.map({label: place for place, label in enumerate(labels)}).to_numpy(dtype=float), labels


def line(at: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means: of each value where they are few, else of equally large groups of neighbours."""
    distinct, place = np.unique(at, return_inverse=True)
    if len(distinct) <= MOST_VALUES:
        return distinct, np.array([values[place == one].mean() for one in range(len(distinct))])
    groups = np.array_split(np.argsort(at, kind="stable"), BINS)
    return np.array([at[group].mean() for group in groups]), np.array([values[group].mean() for group in groups])


def alternative(means: pd.DataFrame, study: Study, figure: str, plans: Sequence[str]) -> str:
    """The figure in words: each plan's mean at the low and at the high end of each thing that varies."""
    told = []
    for key in study.keys:
        parts = []
        for plan in plans:
            rows = means[(means["plan"] == plan) & means[figure].notna() & means[key].notna()]
            if len(rows):
                at, labels = _places(rows[key])
                x, y = line(at, rows[figure].to_numpy(dtype=float))
                low, high = ((labels[round(end)] if labels else f"{end:.3g}") for end in (x[0], x[-1]))
                parts.append(f"{plan} {shown(figure, float(y[0]))} at {low}, {shown(figure, float(y[-1]))} at {high}")
        told.append(f"{key.removeprefix(PARAMETER)}: {'; '.join(parts)}")
    return f"{METRICS[figure].title}, means over points. {'. '.join(told)}."
