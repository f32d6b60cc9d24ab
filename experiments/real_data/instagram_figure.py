"""Engagement rate by size, measured and simulated; its shape; and ten small creators against a larger one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from instagram_tables import MEASURED, SIMULATED
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator
from measured_figures import Figures
from rates_by_size import BINS
from study_style import save, styled, with_intervals
from ten_against_one import AGAINST, DEALT_ANEW

from sim.views.plots import BLACK, BLUE, VERMILION

COLOURS = {MEASURED: BLUE, SIMULATED: VERMILION}
MARKS = {MEASURED: "o", SIMULATED: "s"}


def draw(figures: Figures, path: Path) -> None:
    """Write the figure."""
    with styled():
        picture = Picture(figsize=(13, 4.3))
        levels, shape, duels = picture.subplots(1, 3)
        for k, of in enumerate(COLOURS):
            _levels(levels, figures, of)
            _shape(shape, figures, of, k)
        levels.set_title("Engagement rate by followers")
        levels.set_ylabel("median rate (%), band: middle half of creators")
        levels.legend(loc="upper right")
        shape.axhline(1.0, color="0.6", linewidth=0.8, zorder=0)
        shape.set_title("The same, 10k-50k = 1")
        shape.set_ylabel("median rate ÷ that of 10k-50k, 95 % interval")
        for axes in (levels, shape):
            _logarithmic(axes, (0.25, 0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4, 5.6, 8))
            axes.set_xticks(range(len(BINS)), [name.replace("-", "-\n").replace(" ", "\n") for name in BINS])
            axes.set_xlabel("followers")
        _duels(duels, figures)
        save(picture, path)


def _logarithmic(axes: Any, ticks: tuple[float, ...]) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _levels(axes: Any, figures: Figures, of: str) -> None:
    low, middle, high = (
        [100 * figures("rates", of, name, percent).value for name in BINS] for percent in ("p25", "p50", "p75")
    )
    axes.fill_between(range(len(BINS)), low, high, color=COLOURS[of], alpha=0.18, linewidth=0)
    axes.plot(range(len(BINS)), middle, f"{MARKS[of]}-", color=COLOURS[of], label=of)


def _shape(axes: Any, figures: Figures, of: str, place: int) -> None:
    found = [figures("rates", of, name, "relative") for name in BINS]
    at = [k + 0.16 * (place - 0.5) for k in range(len(BINS))]
    with_intervals(axes, at, found, color=COLOURS[of], marker=MARKS[of])


def _duels(axes: Any, figures: Figures) -> None:
    """Median ratio per follower of each set of creators: filled as it is, hollow where size does not matter."""
    at, names = 0.0, dict[float, str]()
    for group in AGAINST:
        for of in (MEASURED, SIMULATED):
            for way, face in ((of, COLOURS[of]), (f"{of}, {DEALT_ANEW}", "white")):
                look = {"color": COLOURS[of], "marker": MARKS[of], "markerfacecolor": face}
                with_intervals(axes, [at], [figures("duels", way, group, "ratio")], across=True, **look)
                names[at] = of if way == of else "without size"
                at += 1.0
        axes.text(0.02, at - 4.55, f"ten of 10k-50k : one of {group}", transform=axes.get_yaxis_transform(),
                  fontsize=9, va="bottom", backgroundcolor="white")  # fmt: skip
        at += 1.2
    axes.axvline(1.0, color=BLACK, linestyle=":", linewidth=1)
    axes.set_yticks(list(names), list(names.values()))
    axes.set_ylim(at - 1.5, -1.3)
    axes.set_title("Ten small creators against one")
    axes.set_xlabel("engagement per follower, ten : one")
    axes.set_xlim(left=0.8)
