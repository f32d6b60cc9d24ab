"""A sensitivity analysis in words and rows: what decides a figure, what hardly matters, what acts together."""

from __future__ import annotations

from collections.abc import Sequence

from sim.results.measures import METRICS
from sim.results.rounding import number, percent
from sim.studies.sensitivity import FigureIndices, Index, Sensitivity, axis_names
from sim.studies.study import INDICES, Axis
from sim.views.explain_words import noun
from sim.views.wording import listed

NAMES = {"S1": "S1", "ST": "ST", "mu_star": "mu*", "mu": "mu", "sigma": "sigma"}
SMALL, MINOR = 0.05, 0.1
"""A total index, with its interval, below which an axis hardly matters; the same as a share of the largest mu*."""
READING = {
    INDICES: "S1 is the share of the figure's variance over the ranges that goes with one number alone, ST the share "
    "that goes with it alone or together with others. Intervals (bootstrap) say how well the points tell; they do not "
    "hold the noise of the replicates.",
    "morris": "mu* is by how much the figure changes when one number moves over its whole range, in the mean over "
    "where the others stand, whichever way; mu has the direction. sigma is how much that change differs from place to "
    "place: large beside mu*, the number acts together with others, or bends. Intervals of mu* are from a bootstrap.",
}  # fmt: skip


def value_text(found: Sensitivity, figure: str, value: float | None) -> str:
    """A value of what is looked at, in the figure's unit; ratios of plans have none."""
    rate = METRICS[figure].unit == "fraction" or figure == "roi"
    return percent(value) if rate and " / " not in found.study.of else number(value)


def index_text(found: Sensitivity, figure: str, name: str, index: Index) -> str:
    """ "0.44 (0.4 to 0.48)"."""
    values = [index.value, *(end for end in (index.low, index.high) if end is not None)]
    shown = [
        f"{round(float(value), 2) + 0.0:.2f}" if name in ("S1", "ST") else value_text(found, figure, value)
        for value in values
    ]
    return shown[0] if len(shown) == 1 else f"{shown[0]} ({shown[1]} to {shown[2]})"


def sentences(found: Sensitivity, one: FigureIndices) -> tuple[str, ...]:
    """What decides a figure."""
    told = _indices_told(found, one) if found.method == INDICES else _morris_told(found, one)
    noise = []
    if one.noise_share is not None and one.unshared_share is not None:
        noise = [f"Noise of the replicates is as large as {percent(one.noise_share)} of the variance over points, "
                 f"{percent(one.unshared_share)} without luck that all points share."]  # fmt: skip
    return (*told, *noise)


def title_of(found: Sensitivity, one: FigureIndices) -> str:
    """ "extra orders, ten-micros - celebrity"."""
    return f"{noun(one.figure)}, {found.study.of}"


def _indices_told(found: Sensitivity, one: FigureIndices) -> list[str]:
    first, *others = one.indices
    told = [f"{first} decides most: {index_text(found, one.figure, 'ST', one.indices[first]['ST'])} of the variance "
            "goes with it, alone or together with others."]  # fmt: skip
    little = [axis for axis in others if (one.indices[axis]["ST"].high or 0.0) < SMALL]
    told += _not_told_apart(one, "ST", little)
    next_ones = [f"{axis} ({one.indices[axis]['ST'].value:.2f})" for axis in others if axis not in little]
    told += [f"Then: {listed(next_ones)}."] if next_ones else []
    told += [f"Hardly matter (ST surely below {SMALL}): {listed(little)}."] if little else []
    joint = [axis for axis, indices in one.indices.items() if _apart(indices["S1"], indices["ST"])]
    told += [f"Surely act together with others too (ST above S1, intervals apart): {listed(joint)}."] if joint else []
    return told


def _not_told_apart(one: FigureIndices, main: str, little: Sequence[str]) -> list[str]:
    """Those whose interval overlaps that of the first, without those that hardly matter."""
    first, *others = one.indices
    near = [axis for axis in others
            if axis not in little and not _apart(one.indices[axis][main], one.indices[first][main])]  # fmt: skip
    return [f"Not surely less: {listed(near)}."] if near else []


def _apart(lower: Index, upper: Index) -> bool:
    return lower.high is not None and upper.low is not None and lower.high < upper.low


def _morris_told(found: Sensitivity, one: FigureIndices) -> list[str]:
    first, *others = one.indices
    most = one.indices[first]["mu_star"]
    told = [f"{first} moves it most: over its whole range by {index_text(found, one.figure, 'mu_star', most)} in the "
            f"mean, {_way(one.indices[first])}."]  # fmt: skip
    little = [axis for axis in others if (one.indices[axis]["mu_star"].high or 0.0) < MINOR * most.value]
    told += _not_told_apart(one, "mu_star", little)
    next_ones = [f"{axis} ({value_text(found, one.figure, one.indices[axis]['mu_star'].value)}, "
                 f"{_way(one.indices[axis])})" for axis in others if axis not in little]  # fmt: skip
    told += [f"Then: {listed(next_ones)}."] if next_ones else []
    told += [f"Hardly matter (surely below a tenth of it): {listed(little)}."] if little else []
    joint = [axis for axis, indices in one.indices.items()
             if axis not in little and indices["sigma"].value > indices["mu_star"].value]  # fmt: skip
    told += [f"Act together with others, or bend (sigma above mu*): {listed(joint)}."] if joint else []
    return told


def _way(indices: dict[str, Index] | object) -> str:
    assert isinstance(indices, dict)
    mu, star = indices["mu"].value, indices["mu_star"].value
    return "no way" if star == 0 else "up" if mu > 0.9 * star else "down" if mu < -0.9 * star else "both ways"


# --- rows --------------------------------------------------------------------------------------------------


def heads(one: FigureIndices, *, ranges: bool = True) -> list[str]:
    """Heads of a figure's table."""
    names = list(next(iter(one.indices.values())))
    return ["number", *(["range"] if ranges else []), *(NAMES[name] for name in names)]


def rows(found: Sensitivity, one: FigureIndices, *, ranges: bool = True) -> list[list[str]]:
    """One row an axis, the most important first."""
    where = dict(zip(axis_names(found.study), map(range_text, found.study.axes), strict=True))
    return [[axis, *([where[axis]] if ranges else []),
             *(index_text(found, one.figure, name, index) for name, index in indices.items())]
            for axis, indices in one.indices.items()]  # fmt: skip


def range_text(axis: Axis) -> str:
    """ "0.1 to 0.5", or the values."""
    if axis.values:
        return listed([str(value) for value in axis.values])
    low, high = axis.range
    return f"{low:.4g} to {high:.4g}{', by its logarithm' if axis.log else ''}"


def alternative(found: Sensitivity, figures: Sequence[FigureIndices]) -> str:
    """The figure in words."""
    told = []
    for one in figures:
        values = [f"{axis} {index_text(found, one.figure, found.main, indices[found.main])}"
                  for axis, indices in one.indices.items()]  # fmt: skip
        told.append(f"{title_of(found, one)}, {NAMES[found.main]}: {'; '.join(values)}.")
    return " ".join(told)
