"""report.html of an explanation, and its figure: the difference as a staircase of its parts."""

from __future__ import annotations

from html import escape

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.mechanisms import GROUPS
from sim.results.statistics import Interval
from sim.studies.explain import Explanation
from sim.views.explain import FEE_HEADS, SHARE_HEADS, SWITCH_HEADS, design_text, title, unit_text
from sim.views.explain_words import fee_rows, noun, sentences, share_rows, signed, switch_rows
from sim.views.page import Markup, Top, bullets, command_text, joined, picture, table, tag, whole_page
from sim.views.plots import BLUE, STYLE, VERMILION, WIDTH, pictures, png_bytes
from sim.views.report.assumptions import assumptions
from sim.views.report.page import reached_parts, show
from sim.views.report.parts import WORDS_HERE
from sim.views.report.plans import bought_parts, glance, sure_lines
from sim.views.terms import USUAL, definitions, term
from sim.views.wording import counted, setting_text, shown

GREY, DARK = "#bbbbbb", "#808080"
READING = (
    "Each group of mechanisms is switched off and on in combination with the others, with the same people and the same "
    "luck. A part is what a group adds to the difference on being switched on, on average over all orders in which "
    "the groups can be switched on (its Shapley value). The parts add up to the difference. A group that is off "
    "leaves the level near the average: creators and people no longer differ in it."
)
DRAWN = "Only the combinations along some drawn orders were played; what that leaves open is in the intervals."
TURNING = (
    "Each number is moved alone, with the same people and the same luck, and the value nearest to the present one is "
    "given at which the other plan leads. Between the values of the next column the lead is unsure; a dash there means "
    "as far as was looked. Fees and the price curve need no further runs, as money enters linearly: "
    "posts and orders stay as they are. A fee of – : none of 0 or more does it, or a plan earns too little to be sure."
)
FEES = (
    "A fee pays for itself up to where the creator's part of the plan's margin is spent; that part goes by last "
    "clicks, which is bookkeeping and not cause. At equal profit, or equal return, both plans tie if this creator "
    "alone were paid that fee. A dash: no fee of 0 or more does it, or a plan earns too little to be sure."
)


def explain_html(explanation: Explanation, command: str, digest: str, png: bytes | None = None) -> str:
    """The whole page without any outside address. command: the words that explain the same again."""
    scenario, comparison = explanation.scenario, explanation.comparison
    drawn = waterfall_png(explanation) if png is None else png
    words = f"{title(explanation)} ({unit_text(explanation)})"
    shown_parts = picture(drawn, f"The difference in {words}, in parts", alternative(explanation))
    heads = ["part", term("part", SHARE_HEADS[1]), *SHARE_HEADS[2:-1], "how sure"]
    shares = table(f"Parts of the difference in {words}", heads, share_rows(explanation), words=[3])
    switch_heads = [term("turning", head) if head == "lead changes" else head for head in SWITCH_HEADS]
    switches = table("Where the lead changes", switch_heads, switch_rows(explanation), words=[1])
    figures = {each.name: each for each in pictures(comparison)}
    parts = {
        "plans": (
            "The plans side by side",
            [glance(comparison), show(figures["comparison"]), bought_parts(comparison)],
        ),
        "parts": (
            "What makes the difference",
            [shown_parts, shares, tag("p", _reading(explanation), "quiet"), _off(explanation)],
        ),
        "turn": ("What would turn it", [switches, tag("p", TURNING, "quiet")]),
        "fees": ("Fees", _fees(explanation)),
        **reached_parts(comparison, figures),
        "assumptions": ("What it rests on", assumptions(scenario)),
        "definitions": ("What the figures mean", [definitions((*USUAL, "part", "turning", *WORDS_HERE))]),
        "again": ("Make it again", [command_text(command, digest)]),
    }
    notes = [*explanation.notes, *comparison.warnings]
    question = f"What makes the difference in {noun(explanation.metric)} between {explanation.a} and {explanation.b}?"
    setting = f"A simulation: {setting_text(comparison)}; {design_text(explanation)}."
    top = Top(f"{scenario.name}: why", question, setting, sentences(explanation), _sure(explanation), notes)
    return whole_page(top, parts)


def _sure(explanation: Explanation) -> list[str]:
    """How sure the parts are, and what the intervals cover."""
    lead, *covered = sure_lines(explanation.comparison)
    if explanation.scenario.run.replicates == 1:
        return [lead, *covered]
    sure, n = sum(share.sure for share in explanation.shares), len(explanation.shares)
    of_groups = f"{sure or 'None'} of {counted(n, 'group')} of mechanisms {'is' if sure < 2 else 'are'}"
    return [f"{lead} {of_groups} sure to have a part in it.", *covered]


def _reading(explanation: Explanation) -> str:
    return READING if explanation.exact else f"{READING} {DRAWN}"


def _fees(explanation: Explanation) -> list[Markup]:
    rows, currency = fee_rows(explanation), explanation.scenario.market.currency
    return (
        [table(f"Fees of one post ({currency})", FEE_HEADS, rows, words=[1]), tag("p", FEES, "quiet")] if rows else []
    )


def _off(explanation: Explanation) -> Markup:
    """What is so when a group is off."""
    rows = [Markup(f"<strong>{escape(GROUPS[share.group].title)}</strong>: {escape(GROUPS[share.group].off)}")
            for share in explanation.shares]  # fmt: skip
    return joined([tag("p", "Switched off means:"), bullets(rows)])


# --- the figure --------------------------------------------------------------------------------------------


def bars(explanation: Explanation) -> list[tuple[str, float, Interval, str]]:
    """Title, where it begins, the part and its kind ("rest", "share", "whole"), from top to bottom.

    What is left with all groups off comes first, then the groups, largest first, each from where the one before ends.
    """
    rows, at = [(explanation.rest, 0.0, explanation.remainder, "rest")], explanation.remainder.mean
    for share in sorted(explanation.shares, key=lambda share: -share.interval.mean):
        rows.append((GROUPS[share.group].title, at, share.interval, "share"))
        at += share.interval.mean
    return [*rows, ("the whole difference", 0.0, explanation.difference, "whole")]


def waterfall_figure(explanation: Explanation) -> Figure:
    """The staircase from what is left to the whole difference, each step with its interval."""
    rows = bars(explanation)
    with matplotlib.style.context(["default", STYLE]):
        figure = Figure(figsize=(WIDTH, 1.7 + 0.46 * len(rows)))
        axes = figure.subplots()
        ends = [begin + interval.mean for _, begin, interval, _ in rows]
        for place, (_, begin, interval, kind) in enumerate(rows):
            _bar(axes, explanation, place, begin, interval, kind)
            if place + 1 < len(rows):
                axes.plot([ends[place]] * 2, [place + 0.3, place + 0.7], color="0.6", linewidth=0.8, zorder=0)
        axes.axvline(0.0, color="0.4", linewidth=0.9, zorder=0)
        axes.set_yticks(range(len(rows)), [head for head, *_ in rows])
        axes.set_ylim(len(rows) - 0.5, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.margins(x=0.12)
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(explanation, value)))
        axes.set_xlabel(f"{title(explanation)} ({unit_text(explanation)}); line: 95 % interval of the step")
        handles = [Patch(color=BLUE), Patch(color=VERMILION), Patch(color=GREY), Patch(color=DARK)]
        names = [f"for {explanation.a}", f"for {explanation.b}", "with all groups off", "all on"]
        figure.legend(handles, names, loc="outside upper left", ncols=4)
    return figure


def _bar(axes: Axes, explanation: Explanation, place: int, begin: float, interval: Interval, kind: str) -> None:
    colours = {"rest": GREY, "whole": DARK}
    colour = colours.get(kind, BLUE if interval.mean >= 0 else VERMILION)
    axes.barh(place, interval.mean, left=begin, height=0.6, color=colour, edgecolor="white", linewidth=0.8)
    right = begin + max(interval.mean, 0.0)
    if interval.low is not None and interval.high is not None:
        low, high = begin + interval.low, begin + interval.high
        axes.plot([low, high], [place, place], color="black", linewidth=1.3)
        axes.plot([low, high], [place, place], "|", color="black", markersize=6)
        right = max(right, high)
    axes.annotate(signed(explanation.metric, interval.mean), (right, place), (5, 0), textcoords="offset points",
                  va="center")  # fmt: skip


def _tick(explanation: Explanation, value: float) -> str:
    return "0" if abs(value) < 1e-12 else f"{'−' if value < 0 else ''}{shown(explanation.metric, abs(value))}"


def waterfall_png(explanation: Explanation) -> bytes:
    """The figure as PNG; the same bytes for the same explanation."""
    return png_bytes(waterfall_figure(explanation))


def alternative(explanation: Explanation) -> str:
    """The figure in words."""
    told = [
        f"{head} {share}" + (f" ({around})" if around else "") for head, share, around, _ in share_rows(explanation)
    ]
    return f"The difference in {title(explanation)} in parts, with 95 % intervals: {'; '.join(told)}."
