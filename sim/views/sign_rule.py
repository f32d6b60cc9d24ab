"""The sign rule as a person reads it: ten small creators beside one large at the same fee, drawn and in a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict

import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from sim.results.rounding import number as rounded
from sim.studies.validation.facts import FACTS
from sim.studies.validation.sign_rule import EXPONENTS, FIGURES, LARGE, N_SMALL, OVERLAPS, Point
from sim.views.page import Markup, picture, table, tag
from sim.views.plots import BLACK, BLUE, ORANGE, SKY, STYLE, VERMILION, WIDTH, Picture, png_bytes
from sim.views.wording import UNDEFINED

HEIGHT = 4.4
MARKS = dict(zip(OVERLAPS, (("o", BLUE), ("^", ORANGE), ("s", VERMILION)), strict=True))
"""Marker and colour by overlap."""
FACT_OF = dict(zip(FIGURES, ("SF10a", "SF10b", "SF10c"), strict=True))
BESIDE = 0.007
"""How far the marks of two overlaps stand apart, on the axis of β."""
TICKS = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)
TITLE = "Ten small : one large for the same money, simulated and by the rule n^(1-ε/β)"
TOLD = (
    f"{N_SMALL} equal small creators and one of {LARGE:,} followers cost the same where a post costs c·F^β. A figure "
    f"that grows as F^ε then comes out at n^(1-ε/β), n = {N_SMALL}: above 1 the ten bring more. The line is that rule, "
    "with ε measured on other creators and other seeds; the shade is what is accepted around it where audiences do not "
    "overlap; marks are simulated, with 95 % intervals over seeds. Overlap is the share of one small audience that all "
    "ten have in common. Revenue is orders after a click."
)


def sign_rule_frame(points: Sequence[Point]) -> pd.DataFrame:
    """One row a figure, price exponent and overlap; what is undefined is blank."""
    names = {"exponent": "price_exponent", "followers": "followers_of_each"}
    return pd.DataFrame([asdict(point) for point in points]).rename(columns=names)


def sign_rule_section(points: Sequence[Point]) -> list[Markup]:
    """What the page says of it: the rule in words, the figure, and every number."""
    shown = sign_rule_picture(points)
    head = ["figure", "β", "followers of each", "ε", "rule", *(_overlap(overlap) for overlap in OVERLAPS)]
    rows = [
        [figure, number(exponent), f"{group[0].followers:,}", number(group[0].epsilon), number(group[0].rule),
         *(_cell(point) for point in group)]
        for (figure, exponent), group in _groups(points).items()
    ]  # fmt: skip
    return [tag("p", TOLD), picture(shown.png, shown.title, shown.alternative), table("Every ratio", head, rows)]


def sign_rule_picture(points: Sequence[Point]) -> Picture:
    """The figure as PNG, with its content in words."""
    return Picture("sign_rule", TITLE, alternative(points), png_bytes(sign_rule_figure(points)))


def alternative(points: Sequence[Point]) -> str:
    """The figure in words."""
    said = []
    for figure in FIGURES:
        found = [
            f"β {number(exponent)} rule {number(group[0].rule)}, simulated {_by_overlap(group)}"
            for (name, exponent), group in _groups(points).items() if name == figure
        ]  # fmt: skip
        said.append(f"{figure.capitalize()}: {'; '.join(found)}.")
    return f"{TITLE}; simulated at an overlap of {', '.join(map(number, OVERLAPS))}. {' '.join(said)}"


def sign_rule_figure(points: Sequence[Point]) -> Figure:
    """One panel a figure: the rule as a line over β with what is accepted around it, the simulated ratios as marks."""
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(WIDTH, HEIGHT))
        panels = figure.subplots(1, len(FIGURES), sharey=True)
        for axes, name in zip(panels, FIGURES, strict=True):
            _panel(axes, name, [point for point in points if point.figure == name])
        panels[0].set_ylabel("ten small : one large (logarithmic)")
        _equal_line(panels)
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper left", ncols=4)
        figure.supxlabel("β: the price of a post grows as followers^β", fontsize=10)
    return figure


def _panel(axes: Axes, name: str, points: Sequence[Point]) -> None:
    axes.set_yscale("log")
    alone = [point for point in points if point.overlap == 0.0]
    epsilon = [point.epsilon for point in alone]
    exponent = np.linspace(EXPONENTS[0], EXPONENTS[-1], 91)
    rule = N_SMALL ** (1.0 - np.interp(exponent, EXPONENTS, epsilon) / exponent)
    axes.plot(exponent, rule, color=BLACK, linewidth=1.5, label="rule")
    off = FACTS[FACT_OF[name]].high
    low, high = rule * (1.0 - off), rule * (1.0 + off)
    axes.fill_between(exponent, low, high, facecolor=(SKY, 0.3), edgecolor="none", zorder=0)
    for place, (overlap, (marker, colour)) in enumerate(MARKS.items()):
        _marks(axes, [p for p in points if p.overlap == overlap], BESIDE * (place - 1), marker, colour)
    axes.set_title(name.capitalize())
    told = f"ε {number(min(epsilon))} to {number(max(epsilon))}"
    axes.text(0.97, 0.04, told, transform=axes.transAxes, ha="right", fontsize=9)
    axes.xaxis.set_major_locator(FixedLocator(EXPONENTS[::2] + EXPONENTS[-1:]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axes.yaxis.set_major_locator(FixedLocator(TICKS))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axes.yaxis.set_minor_locator(NullLocator())


def _marks(axes: Axes, points: Sequence[Point], beside: float, marker: str, colour: str) -> None:
    for point in points:
        if point.low is not None and point.high is not None:
            axes.plot([point.exponent + beside] * 2, [point.low, point.high], color=colour, linewidth=1.2)
    x, y = [point.exponent + beside for point in points], [point.simulated for point in points]
    axes.plot(x, y, marker, color=colour, markersize=5.5, label=_overlap(points[0].overlap))


def _equal_line(panels: Sequence[Axes]) -> None:
    """Where the ten bring as much as the one."""
    for axes in panels:
        axes.axhline(1.0, color="0.6", linewidth=0.8, zorder=0)


def _groups(points: Sequence[Point]) -> dict[tuple[str, float], list[Point]]:
    """Points of one figure and price exponent, in order of overlap."""
    found: dict[tuple[str, float], list[Point]] = {}
    for point in points:
        found.setdefault((point.figure, point.exponent), []).append(point)
    return found


def _by_overlap(group: Sequence[Point]) -> str:
    return ", ".join(number(point.simulated) for point in group)


def _overlap(overlap: float) -> str:
    return f"overlap {number(overlap)}" if overlap else "no overlap"


def _cell(point: Point) -> Markup:
    """The ratio, its interval below it."""
    interval = f"{number(point.low)} to {number(point.high)}"
    return Markup(number(point.simulated) + (f"<small>{interval}</small>" if point.low is not None else ""))


def number(value: float | None) -> str:
    """Three significant digits, "–" where undefined."""
    return rounded(value) if value is not None and math.isfinite(value) else UNDEFINED
