"""A given graph and generated societies: followers, clustering, what hubs bring; and streamers in order of degree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graph_structure import FRIENDS, PERCENTILES
from matplotlib.figure import Figure as Picture
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from measured_figures import Figure, Figures
from study_style import save, styled, with_intervals

from sim.views.plots import BLUE, GREEN, ORANGE, VERMILION

COLOURS, MARKS, LINES = (BLUE, VERMILION, ORANGE), "osD", ("-", "--", "-.")
"""Of the given graph and the generated societies, in the order in which they were measured."""


def draw(figures: Figures, path: Path) -> None:
    """Write the figure."""
    ordered = bool(figures.groups("fifths"))
    with styled():
        picture = Picture(figsize=(9.5, 7.6) if ordered else (12.5, 4.2))
        panels = picture.subplots(2, 2).flat if ordered else picture.subplots(1, 3).flat
        _degrees(panels[0], figures)
        _clustering(panels[1], figures)
        _seeding(panels[2], figures)
        if ordered:
            _fifths(panels[3], figures)
        save(picture, path)


def _known(figures: Figures, of: str, groups: list[str]) -> list[tuple[int, Figure]]:
    """The figures of structure that there are, with their places."""
    found = {f.group: f for f in figures.rows if f.part == "structure" and f.of == of}
    return [(place, found[group]) for place, group in enumerate(groups) if group in found]


def _line(axes: Any, points: list[tuple[int, Figure]], place: int, label: str) -> None:
    """Values with a bar from the lowest to the highest society."""
    look: dict[str, Any] = {"color": COLOURS[place], "marker": MARKS[place], "linestyle": LINES[place], "label": label}
    with_intervals(axes, [at for at, _ in points], [f for _, f in points], **look)


def _degrees(axes: Any, figures: Figures) -> None:
    groups = [f"followers: p{p:g}" for p in PERCENTILES]
    for place, of in enumerate(figures.subjects("structure")):
        _line(axes, _known(figures, of, groups), place, of)
    _logarithmic(axes, "y")
    axes.set_xticks(range(len(groups)), [f"{p:g}" for p in PERCENTILES])
    axes.set_xlabel("% of people who have as many or fewer")
    axes.set_ylabel("followers")
    axes.set_title("Followers")
    axes.legend(loc="upper left")


def _clustering(axes: Any, figures: Figures) -> None:
    groups = [f"clustering: {name}" for name in FRIENDS]
    for place, of in enumerate(figures.subjects("structure")):
        _line(axes, _known(figures, of, groups), place, of)
    axes.set_xticks(range(len(groups)), [name.replace(" and more", "+") for name in FRIENDS])
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel("friends (those who follow each other)")
    axes.set_ylabel("share of pairs of friends who are friends")
    axes.set_title("Clustering")


def _seeding(axes: Any, figures: Figures) -> None:
    groups, subjects = figures.groups("seeding"), figures.subjects("seeding")
    ratios = {(f.of, f.group): f for f in figures.rows if f.part == "seeding" and f.name == "ratio"}
    for place, of in enumerate(subjects):
        for row, group in enumerate(groups):
            if (of, group) in ratios:
                at = row + 0.22 * (place - 0.5 * (len(subjects) - 1))
                look = {"color": COLOURS[place], "marker": MARKS[place]}
                with_intervals(axes, [at], [ratios[of, group]], across=True, **look)
    axes.axvline(1.0, color="0.6", linewidth=0.8, zorder=0)
    _logarithmic(axes, "x")
    axes.set_yticks(range(len(groups)), [group.replace(", ", ",\n").replace(" by a ", "\nby a ") for group in groups])
    axes.set_ylim(len(groups) - 0.4, -0.6)
    axes.set_xlabel("most followed ÷ people at random")
    axes.set_title("Spread from hubs as seeds")


def _fifths(axes: Any, figures: Figures) -> None:
    groups = figures.groups("fifths")
    colours = dict(zip(figures.subjects("fifths"), ("0.4", VERMILION, GREEN), strict=True))
    for place, (of, colour) in enumerate(colours.items()):
        values = [figures("fifths", of, group, "relative").value for group in groups]
        axes.plot(range(len(groups)), values, MARKS[place] + LINES[place], color=colour, label=of)
    _logarithmic(axes, "y")
    axes.set_xticks(range(len(groups)), groups)
    axes.set_xlabel("streamers by fifths of their friends")
    axes.set_ylabel("median, lowest fifth = 1")
    axes.set_title("Reach in the model and real views")
    axes.legend(loc="upper left")


def _logarithmic(axes: Any, which: str) -> None:
    getattr(axes, f"set_{which}scale")("log")
    axis = getattr(axes, f"{which}axis")
    axis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axis.set_minor_formatter(NullFormatter())
