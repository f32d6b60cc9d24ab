"""The look of this study's figures: that of the project's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib.style
from matplotlib.figure import Figure as Picture
from measured_figures import Figure

from sim.views.plots import STYLE, png_bytes


def styled() -> Any:
    """A context in which figures look like the project's, whatever the user's own settings are."""
    return matplotlib.style.context(["default", STYLE])


def with_intervals(
    axes: Any, at: Sequence[float], found: Sequence[Figure], *, across: bool = False, **look: Any
) -> None:
    """Values at their places, each with a bar over its interval; across: values run along the x axis.

    An interval of resampled values need not hold the value, so the bar stands by itself.
    """
    values = [f.value for f in found]
    bars = [
        (place, f.low, f.high) for place, f in zip(at, found, strict=True) if f.low is not None and f.high is not None
    ]
    middle, half = [(low + high) / 2 for _, low, high in bars], [(high - low) / 2 for _, low, high in bars]
    points = [place for place, _, _ in bars]
    whiskers: dict[str, Any] = {"fmt": "none", "capsize": 3, "ecolor": look.get("color")}
    if across:
        axes.errorbar(middle, points, xerr=half, **whiskers)
        axes.plot(values, at, **look)
    else:
        axes.errorbar(points, middle, yerr=half, **whiskers)
        axes.plot(at, values, **look)


def save(picture: Picture, path: Path) -> None:
    """Write a PNG without date and software in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png_bytes(picture))
