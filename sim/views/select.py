"""A choice of creators for a terminal, as a roster, as the JSON document, and its page and figure."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import matplotlib.style
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from sim.results.comparison import of_plans
from sim.results.statistics import Interval
from sim.results.summary import envelope, interval_columns, interval_json
from sim.studies.select import ALL_FIGURES, CHOSEN, RANDOM_SETS, Member, Rival, Selection
from sim.views.page import Top, command_text, picture, table, tag, whole_page
from sim.views.plots import BLUE, GREEN, ORANGE, PURPLE, STYLE, VERMILION, WIDTH, pictures, png_bytes
from sim.views.report.assumptions import assumptions
from sim.views.report.page import reached_parts
from sim.views.report.parts import WORDS_HERE
from sim.views.report.plans import glance, sure_lines
from sim.views.select_words import (
    currency_of,
    member_heads,
    member_rows,
    plan_toml,
    rival_heads,
    rival_rows,
    sentences,
)
from sim.views.terminal import text_table
from sim.views.terms import USUAL, definitions, term
from sim.views.wording import counted, figure_title, interval_text, setting_text, shown

MARKERS, COLOURS = "s^Dv", (VERMILION, GREEN, PURPLE, ORANGE)
"""Of the rules' sets."""
READING = (
    "Creators are added one by one, each time the one that adds most for its cost (or most at all; the better of the "
    "two ways is taken), in the mean over a few replicates that share their people and their luck. Where a figure only "
    "grows, and each creator adds less the more are booked, such a set brings at least (1 - 1/e)/2 = 0.316 of what the "
    "best possible set would, in the mean on those seeds, and as a rule far more (Leskovec et al. 2007). People "
    "reached come near to such a figure. Orders and engagements do not: word of mouth and social proof can make a "
    "creator worth more beside others. With a limit per niche there is no bound, and required creators are outside "
    "of it.",
    "A set that was chosen on some seeds looks too good on them. All figures here are of other seeds, except the "
    "column that says so and the overlap: the share of a creator's followers who also follow one of those before it.",
    f"The sets beside it are booked by simple rules under the same budget and wishes; the random one is the mean of "
    f"{RANDOM_SETS} drawn sets. Verdicts are of paired differences, corrected for all of them (Holm).",
)


# --- files -------------------------------------------------------------------------------------------------


def chosen_frame(selection: Selection) -> pd.DataFrame:
    """The chosen creators as a roster, at the fee they are booked for, with what they add."""
    rows = []
    for one in selection.members:
        told = asdict(one.candidate.spec) | {"fee": one.candidate.price}
        told |= {"posts": selection.question.terms.posts, "spent_so_far": one.spent}
        told |= interval_columns(f"adds_{selection.gain_metric}", one.gain)
        rows.append(told | {"overlap": one.overlap})
    frame = pd.DataFrame(rows)
    given = frame.notna().any() | frame.columns.isin(["niche", "engagement_rate"])
    return frame.loc[:, given]


def document(selection: Selection, digest: str) -> dict[str, Any]:
    """The whole of select.json."""
    question, choice = selection.question, selection.choice
    plan = selection.comparison.ensemble.scenario.plan(selection.members[-1].plan)
    return {
        **envelope(selection.comparison, "select"),
        "digest": digest,
        "answer": list(sentences(selection)),
        "budget": question.budget,
        "metric": selection.metric,
        "candidates": len(question.candidates),
        "wishes": {"require": list(question.wishes.require), "forbid": list(question.wishes.forbid),
                   "most_per_niche": question.wishes.per_niche},
        "chosen": [_member(selection, one) for one in selection.members],
        "deals": [deal.model_dump(exclude_defaults=True) for deal in plan.deals],
        "cost": selection.cost,
        "left_over": selection.left_over,
        "figures": {key: interval_json(selection.figures[key]) for key in ALL_FIGURES},
        "baselines": [_rival(one) for one in selection.rivals],
        "choice": {"by": choice.by, "replicates": question.choosing, "value": choice.value,
                   "value_of_the_other_way": choice.other, "sets_simulated": choice.evaluated},
        "warnings": list(selection.notes),
    }  # fmt: skip


def _member(selection: Selection, one: Member) -> dict[str, Any]:
    spec = one.candidate.spec
    figures = selection.comparison.figures[one.plan]
    return {"creator": spec.handle, "niche": spec.niche, "followers": spec.followers, "fee": one.candidate.price,
            "cost": one.candidate.cost, "cost_so_far": one.spent, "required": one.required, "overlap": one.overlap,
            "gain": {"figure": selection.gain_metric, **interval_json(one.gain),
                     "on_the_seeds_of_the_choice": one.seen},
            "so_far": interval_json(figures[selection.metric])}  # fmt: skip


def _rival(one: Rival) -> dict[str, Any]:
    return {"name": one.name, "sets": [list(some) for some in one.sets], "cost": one.cost,
            "figures": {key: interval_json(found) for key, found in one.figures.items()},
            "chosen_minus_this": interval_json(one.difference), "better": one.verdict}  # fmt: skip


# --- a terminal --------------------------------------------------------------------------------------------


def print_selection(selection: Selection, folder: Path | None = None) -> None:
    """The answer on standard output."""
    Console(highlight=False).print(selection_text(selection, folder))


def selection_text(selection: Selection, folder: Path | None = None) -> RenderableType:
    """Sentences, the chosen, the sets beside them, notes, the plan to paste, and where the files are."""
    parts: list[RenderableType] = [Text(title(selection), style="bold"),
                                   Text(setting_text(selection.comparison), style="dim"), Text()]  # fmt: skip
    parts += [Padding(Text(sentence), (0, 0, 1, 0)) for sentence in sentences(selection)]
    parts += [text_table(member_heads(selection, narrow=True), member_rows(selection, narrow=True), (0, 1)), Text()]
    parts += [text_table(rival_heads(selection, narrow=True), rival_rows(selection, narrow=True), (0,)),
              Text("± is half the 95 % interval", style="dim"), Text()]  # fmt: skip
    parts += [Text(f"note: {note}", style="yellow") for note in selection.notes]
    if folder is not None:
        parts.append(Text.assemble("Page with the plan to paste, roster and figure: ", (str(folder), "bold")))
    return Group(*parts)


def title(selection: Selection) -> str:
    """ "launch: 9,000 USD among 100 creators"."""
    question = selection.question
    many = counted(len(question.candidates), "creator")
    return f"{question.scenario.name}: {question.budget:,.10g} {currency_of(selection)} among {many}"


# --- page and figure ---------------------------------------------------------------------------------------


def selection_html(selection: Selection, command: str, digest: str, png: bytes) -> str:
    """The whole page without any outside address. command: the words that make the same again."""
    comparison, chosen = selection.comparison, selection.members[-1].plan
    beside = of_plans(comparison, [chosen, *(one.name for one in selection.rivals)])
    alone = of_plans(comparison, [chosen])
    figures = {each.name: each for each in pictures(alone)}
    parts = {
        "chosen": ("The creators, in the order chosen", [
            table("Fee, what each adds to those before it, and overlap with them", _page_heads(selection),
                  member_rows(selection), words=(1,))]),
        "beside": ("Beside simple rules", [
            picture(png, "The figure by money spent, with 95 % intervals", alternative(selection)),
            table("Sets under the same budget, with 95 % intervals", rival_heads(selection), rival_rows(selection)),
            glance(beside)]),
        "plan": ("To paste into a scenario", [
            tag("pre", tag("code", plan_toml(selection))),
            tag("p", "The scenario's creators must be those of this roster; select.csv holds the chosen ones.",
                "quiet")]),
        **reached_parts(alone, figures),
        "reading": ("How to read it", [tag("p", text) for text in READING]),
        "assumptions": ("What it rests on", assumptions(alone.ensemble.scenario)),
        "definitions": ("What the figures mean", [definitions((*USUAL, "gain", "overlap_before", *WORDS_HERE))]),
        "again": ("Make it again", [command_text(command, digest)]),
    }  # fmt: skip
    setting = f"A simulation: {setting_text(comparison)}."
    top = Top(title(selection), "Which creators should be booked?", setting, sentences(selection), _sure(selection),
              selection.notes)  # fmt: skip
    return whole_page(top, parts)


def _page_heads(selection: Selection) -> list[object]:
    """Those of the table of the chosen, with definitions."""
    said = member_heads(selection)
    return [*said[:5], term("gain", said[5]), *said[6:-1], term("overlap_before", said[-1])]


def _sure(selection: Selection) -> list[str]:
    """Beside how many rules the set is surely better, and what the intervals cover."""
    lead, *covered = sure_lines(selection.comparison)
    settled = sum(one.verdict in (CHOSEN, one.name) for one in selection.rivals)
    rules = counted(len(selection.rivals), "simple rule")
    return [f"{lead} Beside {settled} of {rules} the difference is outside the noise.", *covered]


def alternative(selection: Selection) -> str:
    """The figure in words."""
    metric = selection.metric
    told = [f"chosen, {counted(len(selection.handles), 'creator')}: {interval_text(metric, selection.figures[metric])}"]
    told += [f"{one.name}: {interval_text(metric, one.figures[metric])}" for one in selection.rivals]
    return f"{figure_title(metric, currency_of(selection))}. {'; '.join(told)}."


def selection_figure(selection: Selection) -> Figure:
    """The figure over the money spent, of the set as it grows with the rules' sets as points; beside it, intervals."""
    metric, currency = selection.metric, currency_of(selection)
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(WIDTH, 4.2))
        grows, beside = figure.subplots(1, 2, sharey=True, width_ratios=[1, 1])
        _growing(grows, selection)
        _beside(beside, selection)
        grows.set_title(figure_title(metric, currency))
        grows.set_xlabel(f"spent ({currency})")
        grows.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        grows.xaxis.set_major_locator(MaxNLocator(5))
        grows.yaxis.set_major_locator(MaxNLocator(6))
        grows.yaxis.set_major_formatter(FuncFormatter(lambda value, _: shown(metric, value)))
    return figure


def selection_png(selection: Selection) -> bytes:
    """The same as PNG."""
    return png_bytes(selection_figure(selection))


def _growing(axes: Axes, selection: Selection) -> None:
    steps = [(one.spent, selection.comparison.figures[one.plan][selection.metric]) for one in selection.members]
    curve = [(spent, found) for spent, found in steps if found is not None]
    spent, found = [one for one, _ in curve], [one for _, one in curve]
    low, high = [_low(one) for one in found], [_high(one) for one in found]
    axes.fill_between(spent, low, high, color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(spent, [one.mean for one in found], "o-", color=BLUE, markersize=4)
    for place, rival in enumerate(selection.rivals):
        interval = rival.figures[selection.metric]
        if interval is not None:
            axes.plot([rival.cost], [interval.mean], MARKERS[place], color=COLOURS[place], markersize=6)
    axes.axvline(selection.question.budget, color="#bbbbbb", linestyle=":", zorder=0)
    axes.annotate("budget ", (selection.question.budget, 0.02), xycoords=("data", "axes fraction"), ha="right",
                  color="#777777", fontsize=8)  # fmt: skip


def _beside(axes: Axes, selection: Selection) -> None:
    sets = [("chosen", selection.figures), *((one.name, one.figures) for one in selection.rivals)]
    for place, (_, figures) in enumerate(sets):
        interval = figures[selection.metric]
        if interval is not None:
            error = [[interval.mean - _low(interval)], [_high(interval) - interval.mean]]
            mark, colour = ("o", BLUE) if place == 0 else (MARKERS[place - 1], COLOURS[place - 1])
            axes.errorbar([place], [interval.mean], yerr=error, fmt=mark, color=colour, capsize=3)
    names = [name.replace(" ", "\n") for name, _ in sets]
    axes.set_xticks(range(len(sets)), names, fontsize=7)
    axes.set_xlim(-0.6, len(sets) - 0.4)


def _low(interval: Interval) -> float:
    return interval.mean if interval.low is None else interval.low


def _high(interval: Interval) -> float:
    return interval.mean if interval.high is None else interval.high
