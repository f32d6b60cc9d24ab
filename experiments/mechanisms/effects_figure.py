"""The parameters that move the ratio of the two plans most, as bars from the low to the high end of their ranges."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from effects_rows import ratio, spread

from sim.parameters import PARAMETERS
from sim.studies.effects import AS_IT_IS, Effect

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

SHOWN = 20
LOW, HIGH = "#0072B2", "#E69F00"
"""Colours of Okabe & Ito, told apart with every kind of colour blindness."""
ORDER = (
    "at the low end of the range", "the comparison as it is", "at the high end of the range", "the plans sell alike",
    "at the default",
)  # fmt: skip
"""Of the legend, column by column."""
INK, GRID = "#333333", "#DDDDDD"


def draw(effects: Sequence[Effect], path: Path) -> None:
    """Write the figure."""
    chosen = sorted((e for e in effects if ratio(e, "default") is not None), key=spread)[-SHOWN:]
    style = {"font.size": 10, "axes.edgecolor": INK, "axes.spines.top": False, "axes.spines.right": False}
    with plt.rc_context(style):
        figure, axes = plt.subplots(figsize=(10, 1.8 + 0.36 * len(chosen)), layout="constrained")
        for row, effect in enumerate(chosen):
            _bars(axes, row, effect)
        _axes(axes, chosen, effects)
        handles, labels = axes.get_legend_handles_labels()
        named = dict(zip(labels, handles, strict=True))
        order = sorted(named, key=lambda label: ORDER.index(label.split(":")[0]))
        figure.legend([named[label] for label in order], order, loc="outside lower center", ncols=3, frameon=False)
        figure.get_layout_engine().set(w_pad=0.15, h_pad=0.1)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150, metadata={"Software": None})
        plt.close(figure)


def _bars(axes: Any, row: int, effect: Effect) -> None:
    """From the ratio at the default to that at the low end (upper half) and at the high end (lower half)."""
    usual = ratio(effect, "default")
    assert usual is not None
    for end, colour, offset in (("low", LOW, 0.19), ("high", HIGH, -0.19)):
        there = ratio(effect, end)  # type: ignore[arg-type]
        if there is not None:
            axes.barh(row + offset, there - usual, left=usual, height=0.36, color=colour,
                      label=f"at the {end} end of the range" if row == 0 else None)  # fmt: skip
    axes.plot([usual, usual], [row - 0.4, row + 0.4], color="black", linewidth=2,
              label="at the default" if row == 0 else None)  # fmt: skip


def _axes(axes: Any, chosen: Sequence[Effect], effects: Sequence[Effect]) -> None:
    axes.set_xscale("log")
    axes.axvline(1.0, color=INK, linestyle=":", linewidth=1.5, label="the plans sell alike")
    plain = next((e for e in effects if e.context == AS_IT_IS.name), None)
    if plain is not None and (usual := ratio(plain, "default")) is not None:
        axes.axvline(usual, color=INK, linestyle="--", linewidth=1, zorder=0,
                     label=f"the comparison as it is: {usual:.2g}")  # fmt: skip
    axes.set_yticks(range(len(chosen)), [_label(effect) for effect in chosen])
    axes.set_ylim(-0.7, len(chosen) - 0.3)
    axes.set_xlabel("orders caused by ten micros : orders caused by the celebrity (log scale)")
    axes.set_title("The parameters that move the answer most, each alone", fontsize=11, loc="left")
    axes.xaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(visible=True, which="major", axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def _label(effect: Effect) -> str:
    p = PARAMETERS[effect.parameter]
    context = "" if effect.context == AS_IT_IS.name else f", {effect.context}"
    return f"{p.name}  {p.low:g} to {p.high:g}{context}"
