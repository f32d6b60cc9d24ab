"""Run time and peak memory against the number of people, on logarithmic axes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from measured_rows import Row, note_of, sizes_of, value_of

matplotlib.use("Agg")
import matplotlib.pyplot as plt

STYLES = {
    "kernel": ("#0072B2", "o"),
    "Mesa engine": ("#E69F00", "s"),
    "ordinary Mesa": ("#D55E00", "^"),
}
"""Colours of Okabe & Ito, told apart with every kind of colour blindness; the marks differ too."""
LIMIT_COLOUR, BYTES_A_TIE = "#000000", 4
INK, GRID = "#333333", "#DDDDDD"


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write the figure."""
    style = {"font.size": 10, "axes.edgecolor": INK, "axes.spines.top": False, "axes.spines.right": False}
    with plt.rc_context(style):
        figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
        for subject, (colour, mark) in STYLES.items():
            _curve(left, rows, subject, "run CPU", colour, mark)
            _curve(right, rows, subject, "peak memory", colour, mark)
        _limits(left, right, rows)
        _axes(left, "One plan, 60 days", "CPU time of the run (s)")
        _axes(right, "The whole process, society included", "peak memory (MB)")
        handles, labels = left.get_legend_handles_labels()
        extra = [pair for pair in zip(*right.get_legend_handles_labels(), strict=True) if pair[1] not in labels]
        figure.legend([*handles, *(h for h, _ in extra)], [*labels, *(text for _, text in extra)], ncols=3,
                      loc="outside lower center", frameon=False)  # fmt: skip
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=150, metadata={"Software": None})
        plt.close(figure)


def _curve(axes: Any, rows: Sequence[Row], subject: str, quantity: str, colour: str, mark: str) -> None:
    """Measured points joined by a line; extrapolated ones hollow, on a dotted line from the last measured."""
    sizes = sizes_of(rows, "plan", subject, quantity)
    far = [size for size in sizes if note_of(rows, "plan", subject, size).startswith("extrapolated")]
    near = [size for size in sizes if size not in far]
    y = {size: value_of(rows, "plan", subject, size, quantity) for size in sizes}
    if near:
        axes.plot(near, [y[size] for size in near], color=colour, marker=mark, linewidth=2, markersize=7, label=subject)
    if near and far:
        axes.plot([near[-1], *far], [y[size] for size in (near[-1], *far)], color=colour, linestyle=":", linewidth=1.5)
        axes.plot(far, [y[size] for size in far], color=colour, marker=mark, markersize=7, markerfacecolor="white",
                  linestyle="none", label=f"{subject}, extrapolated")  # fmt: skip


def _limits(left: Any, right: Any, rows: Sequence[Row]) -> None:
    """One look at each tie at the machine's own speed; and the bytes of the ties alone."""
    sizes = sizes_of(rows, "plan", "kernel", "ties")
    ties = {size: value_of(rows, "plan", "kernel", size, "ties") or 0.0 for size in sizes}
    speed = {size: value_of(rows, "limit", "1 thread", size, "arcs per second") for size in sizes}
    seconds = {size: ties[size] / (1e6 * rate) for size, rate in speed.items() if rate}
    left.plot(list(seconds), list(seconds.values()), color=LIMIT_COLOUR, linestyle="--", linewidth=1.5,
              label="machine's limit: one look at each tie")  # fmt: skip
    right.plot(sizes, [ties[size] * BYTES_A_TIE / 1e6 for size in sizes], color=LIMIT_COLOUR, linestyle="-.",
               linewidth=1.5, label="the ties alone, 4 bytes each")  # fmt: skip


def _axes(axes: Any, title: str, y_label: str) -> None:
    axes.set(xscale="log", yscale="log", xlabel="people (agents)", ylabel=y_label)
    axes.set_title(title, fontsize=11, loc="left")
    axes.grid(visible=True, which="major", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.margins(0.08)
