"""A sensitivity analysis for a terminal, as the JSON document, and its page and figure."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from sim.results.summary import SCHEMA, versions
from sim.studies.planned import Planned
from sim.studies.sensitivity import FigureIndices, Index, Sensitivity
from sim.studies.study import INDICES
from sim.views.page import Top, command_text, picture, table, tag, whole_page
from sim.views.plots import BLUE, STYLE, VERMILION, WIDTH, png_bytes
from sim.views.report.assumptions import assumptions
from sim.views.sensitivity_words import READING, alternative, heads, rows, sentences, title_of, value_text
from sim.views.terminal import text_table
from sim.views.terms import USUAL, WORDS, definitions, term
from sim.views.wording import counted

METHODS = {"morris": "Morris screening", INDICES: "Sobol indices"}


def document(found: Sensitivity, plan: Planned, digest: str) -> dict[str, Any]:
    """The whole of sensitivity.json. ``indices`` and ``noise_share`` are the first figure's; ``figures`` has all."""
    scenario, study = plan.base, found.study
    figures = {key: _figure(found, one) for key, one in found.figures.items()}
    first = next(iter(figures))
    return {
        "schema": SCHEMA,
        "command": "sensitivity",
        "scenario": scenario.name,
        "digest": digest,
        "worlds": scenario.worlds,
        "seed": scenario.run.seed,
        "replicates": found.replicates,
        "people": scenario.people,
        "days": scenario.run.days,
        "currency": scenario.market.currency,
        "versions": {**versions(), "SALib": metadata.version("SALib")},
        "study": study.name,
        "question": study.question,
        "method": study.design,
        "of": study.of,
        "points": found.points,
        "runs": len(plan.runs),
        "ranges": {key: _axis(axis) for key, axis in zip(study.keys, study.axes, strict=True)},
        "figure": first,
        "indices": figures[first]["indices"],
        "noise_share": figures[first]["noise_share"],
        "figures": figures,
        "warnings": list(found.warnings),
    }


def _axis(axis: Any) -> dict[str, Any]:
    if axis.values:
        return {"values": list(axis.values)}
    low, high = axis.range
    return {"low": low, "high": high, "log": axis.log, "whole": axis.whole}


def _figure(found: Sensitivity, one: FigureIndices) -> dict[str, Any]:
    return {
        "answer": list(sentences(found, one)),
        "indices": {axis: {name: _index(index) for name, index in indices.items()}
                    for axis, indices in one.indices.items()},
        "mean": one.mean, "sd": one.sd, "noise_share": one.noise_share, "unshared_share": one.unshared_share,
    }  # fmt: skip


def _index(index: Index) -> dict[str, float | None]:
    return {"value": index.value, "low": index.low, "high": index.high}


# --- a terminal --------------------------------------------------------------------------------------------


def print_sensitivity(found: Sensitivity, plan: Planned, folder: Path | None, store: Path) -> None:
    """The answer on standard output."""
    Console(highlight=False).print(sensitivity_text(found, plan, folder, store))


def sensitivity_text(found: Sensitivity, plan: Planned, folder: Path | None, store: Path) -> RenderableType:
    """For each figure sentences and a table; warnings, and where the files are."""
    parts: list[RenderableType] = [Text(title(found), style="bold"), Text(setting(found, plan), style="dim"), Text()]
    for one in found.figures.values():
        parts += [Text(title_of(found, one), style="bold"), Text()]
        parts += [Padding(Text(sentence), (0, 0, 1, 0)) for sentence in sentences(found, one)]
        parts += [text_table(heads(one, ranges=False), rows(found, one, ranges=False), (0,)), Text()]
    parts += [Text(f"note: {warning}", style="yellow") for warning in found.warnings]
    parts.append(Text.assemble("Runs: ", (str(store), "bold")))
    if folder is not None:
        parts.append(Text.assemble("Page, table and figure: ", (str(folder), "bold")))
    return Group(*parts)


def title(found: Sensitivity) -> str:
    """ "what-matters: which numbers decide ten-micros - celebrity"."""
    return f"{found.study.name}: which numbers decide {found.study.of}"


def setting(found: Sensitivity, plan: Planned) -> str:
    """The method and its size."""
    study, scenario = found.study, plan.base
    made = counted(study.n_points or 0, "base point") if found.method == INDICES else \
        counted(study.n_trajectories or 0, "trajectory", "trajectories")  # fmt: skip
    played = counted(found.replicates, "replicate")
    return (f"{METHODS[found.method]} of {scenario.name}: {made} over {len(study.axes)} numbers, {found.points:,} "
            f"points x {played}, {_agents(plan)}{scenario.run.days} days")  # fmt: skip


def _agents(plan: Planned) -> str:
    """How many, where that does not vary."""
    return "" if "society.people" in plan.study.keys else f"{plan.base.people:,} agents, "


# --- page and figure ---------------------------------------------------------------------------------------


def sensitivity_html(found: Sensitivity, plan: Planned, command: str, digest: str, png: bytes) -> str:
    """The whole page without any outside address. command: the words that make the same again."""
    parts: dict[str, tuple[str, Sequence[str]]] = {
        "figure": ("At a glance", [
            picture(png, "Indices with 95 % intervals", alternative(found, list(found.figures.values()))),
            tag("p", READING[found.method], "quiet")]),
        **{one.figure: (title_of(found, one), [
            *(tag("p", sentence) for sentence in sentences(found, one)),
            table("Indices with 95 % intervals, the most important first", _page_heads(one), rows(found, one),
                  words=(1,))])
           for one in found.figures.values()},
        "assumptions": ("What it rests on", assumptions(plan.base)),
        "definitions": ("What the figures mean", [definitions((*USUAL, *INDEX_WORDS, "run", "point"))]),
        "again": ("Make it again", [command_text(command, digest)]),
    }  # fmt: skip
    answer = [sentence for one in found.figures.values() for sentence in sentences(found, one)[:1]]
    top = Top(
        title(found), found.study.question, f"A simulation. {setting(found, plan)}.", answer, SURE, found.warnings
    )
    return whole_page(top, parts)


INDEX_WORDS = ("S1", "ST", "mu_star", "mu", "sigma")
SURE = (
    "The intervals say how well the points tell, not whether the ranges or the model are right. How far noise of the "
    "replicates is in a figure stands with it.",
)


def _page_heads(one: FigureIndices) -> list[object]:
    """Those of the table of indices, with definitions."""
    known = {WORDS[key][0]: key for key in INDEX_WORDS}
    return [term(known[head], head) if head in known else head for head in heads(one)]


def sensitivity_figure(found: Sensitivity) -> Figure:
    """Bars with intervals, one panel a figure: S1 and ST, or mu* with sigma as a dot."""
    figures = list(found.figures.values())
    height = 0.9 + (0.42 if found.method == INDICES else 0.32) * len(found.study.axes)
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(WIDTH, height * len(figures) + 0.3))
        panels = figure.subplots(len(figures), 1, squeeze=False).ravel()
        for axes, one in zip(panels, figures, strict=True):
            (_indices_bars if found.method == INDICES else _morris_bars)(axes, found, one)
            axes.set_yticks(range(len(one.indices)), list(one.indices))
            axes.set_ylim(len(one.indices) - 0.5, -0.5)
            axes.tick_params(axis="y", length=0)
            axes.axvline(0.0, color="0.6", linewidth=0.8, zorder=0)
            axes.set_title(title_of(found, one))
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
        size = f"{found.points:,} points x {counted(found.replicates, 'replicate')}"
        figure.supxlabel(f"{METHODS[found.method]} with 95 % intervals; {size}", fontsize=9)
    return figure


def sensitivity_png(found: Sensitivity) -> bytes:
    """The same as PNG."""
    return png_bytes(sensitivity_figure(found))


def _indices_bars(axes: Axes, found: Sensitivity, one: FigureIndices) -> None:
    for name, colour, shift, words in (("S1", BLUE, -0.19, "S1: alone"), ("ST", VERMILION, 0.19, "ST: with others")):
        values = [indices[name] for indices in one.indices.values()]
        _bars(axes, values, colour, shift, 0.34, words)
    axes.set_xlabel(f"share of the variance of {found.study.of}")


def _morris_bars(axes: Axes, found: Sensitivity, one: FigureIndices) -> None:
    _bars(axes, [indices["mu_star"] for indices in one.indices.values()], BLUE, 0.0, 0.6, "mu*: mean absolute change")
    sigmas = [indices["sigma"].value for indices in one.indices.values()]
    axes.plot(sigmas, range(len(sigmas)), "D", color=VERMILION, markersize=5, label="sigma: how much it differs",
              linestyle="none")  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: value_text(found, one.figure, value)))
    axes.set_xlabel("change over a number's whole range")


def _bars(axes: Axes, values: list[Index], colour: str, shift: float, height: float, words: str) -> None:
    places = [place + shift for place in range(len(values))]
    axes.barh(places, [one.value for one in values], height=height, color=colour, label=words)
    for place, one in zip(places, values, strict=True):
        if one.low is not None and one.high is not None:
            axes.plot([one.low, one.high], [place, place], color="black", linewidth=1.2)
