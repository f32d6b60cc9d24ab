"""validation.html: one file that opens without a network, with every fact as a row and as a small figure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from sim.studies.validation.facts import Fact
from sim.studies.validation.validate import Extent, Finding, Findings
from sim.views.page import Markup, Top, bullets, command_text, joined, picture, table, tag, whole_page
from sim.views.plots import BLACK, BLUE, SKY, STYLE, VERMILION, png_bytes
from sim.views.sign_rule import sign_rule_section
from sim.views.validation import (
    KEY,
    NO_UNIT,
    ONE_FIGURE,
    TINY,
    accepted_text,
    band_text,
    claims,
    failing,
    gate_text,
    median_text,
    result_text,
    setting_text,
    title_text,
    unsure,
    value_text,
    verdict_lines,
)
from sim.views.wording import counted

SIZE = (5.0, 1.35)
"""Inches; at 480 pixels the text is about 13 pixels high."""
PLACE = (0.04, 0.36, 0.92, 0.6)
"""Of the axes within a figure, the same in all."""
LOG_FROM = 12.0
"""An accepted interval whose ends differ by at least this factor is drawn on a logarithmic axis."""
DOTS, BAND = 0.68, 0.25
"""Heights of the dots and of the band, as shares of the figure's."""
LEGEND = (
    "In the figures, shaded and between dashed lines: the accepted interval. Dots: the value of each seed. Below them: "
    "the median (a diamond where it is accepted, a cross where it is not) and the 5-95 % band over seeds. A figure "
    "of sums over all seeds stands alone."
)
GRID = "display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));gap:0 2rem"


def validation_html(
    findings: Findings, extent: Extent, parameters: Mapping[str, float], command: str, digest: str
) -> str:
    """The whole page without any outside address. command: the words that measure the same again."""
    hard, soft = failing(findings, hard=True), failing(findings, hard=False)
    passing, open_ = [finding for finding in findings if finding.passed], unsure(findings)
    parts: dict[str, tuple[str, Sequence[str]]] = {
        "facts": (
            "All facts",
            [_table([*hard, *soft, *open_, *passing]), tag("p", KEY, "quiet"), tag("p", LEGEND, "quiet")],
        ),
        "hard": ("Hard facts that fail", [_figures(hard)]),
        "soft": ("Soft facts that fail", [_figures(soft)]),
        "unsure": ("Facts that few seeds cannot decide", [_figures(open_)]),
        "rule": ("The sign rule", sign_rule_section(findings.sign_rule) if findings.sign_rule else []),
        "passing": ("Facts that pass", [_figures(passing)]),
        "again": ("Make it again", [command_text(command, digest)]),
    }
    setting, answer = f"{setting_text(extent, parameters)}.", [f"{line}." for line in verdict_lines(findings)]
    top = Top(
        "Validation", "Does the simulation show what has been published?", setting, answer, after=_remarks(findings)
    )
    return whole_page(top, parts, "Validation of the simulation")


def _remarks(findings: Sequence[Finding]) -> str:
    said = claims(findings)
    return joined([tag("p", Markup("<strong>What the trade says</strong>; nothing is held to it:")), bullets(said)]
                  ) if said else ""  # fmt: skip


def _table(findings: Sequence[Finding]) -> Markup:
    rows = [
        [Markup(f'<a href="#{finding.fact.id}">{finding.fact.id}</a>'), title_text(finding.fact), median_text(finding),
         band_text(finding), accepted_text(finding.fact), finding.fact.role, gate_text(finding.fact),
         result_text(finding) if finding.passed else tag("span", result_text(finding), "sure")]
        for finding in findings
    ]  # fmt: skip
    head = ["id", "fact", "median", "5-95 % band", "accepted", "role", "gate", "result"]
    return table("Every fact, those that fail first", head, rows, words=[1, 5, 6, 7])


# --- one fact ----------------------------------------------------------------------------------------------


def _figures(findings: Sequence[Finding]) -> Markup:
    if not findings:
        return Markup()
    return Markup(f'<div style="{GRID}">\n{joined(map(_shown, findings))}\n</div>')


def _shown(finding: Finding) -> Markup:
    fact = finding.fact
    told = f"{fact.measured}. {gate_text(fact).capitalize()}, role {fact.role}. Source: {fact.source}."
    head = tag("h3", f"{fact.id} {fact.name}: {result_text(finding)}")
    drawn = picture(png_bytes(fact_figure(finding)), told[0].upper() + told[1:], alternative(finding), "small")
    return Markup(f'<div id="{escape(fact.id)}">{head}{drawn}</div>')


def alternative(finding: Finding) -> str:
    """The figure in words."""
    fact, values = finding.fact, finding.values
    undefined = sum(not math.isfinite(value) for value in values)
    band = "" if band_text(finding) == ONE_FIGURE else f", 5-95 % band {band_text(finding)}"
    lost = f", undefined for {counted(undefined, 'seed')}" if undefined and len(values) > 1 else ""
    return (
        f"{fact.id}, {fact.name}, {fact.unit or NO_UNIT}: median {median_text(finding)}{band} "
        f"({counted(len(values), 'value')}{lost}); accepted {accepted_text(fact)}: {result_text(finding)}."
    )


def axis_label(finding: Finding) -> str:
    """The unit, and what the axis does."""
    unit = finding.fact.unit or NO_UNIT
    return f"{unit} (logarithmic)" if _is_log(finding) else unit


def fact_figure(finding: Finding) -> Figure:
    """The accepted interval as a shaded span, each seed's value as a dot, and the median with its band."""
    fact = finding.fact
    with matplotlib.style.context(["default", STYLE, {"figure.constrained_layout.use": False}]):
        figure = Figure(figsize=SIZE)
        axes = figure.add_axes(PLACE)
        axes.set_ylim(0.0, 1.0)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        if _is_log(finding):
            axes.set_xscale("log")
        axes.set_xlim(*_limits(finding))
        _accepted(axes, fact)
        _values(axes, finding)
        _ticks(axes, finding)
        axes.set_xlabel(axis_label(finding))
    return figure


def _is_log(finding: Finding) -> bool:
    low, high = finding.fact.low, finding.fact.high
    wide = low > TINY and math.isfinite(high) and high / low >= LOG_FROM
    return wide and all(value > 0.0 for value in finding.values if math.isfinite(value))


def _limits(finding: Finding) -> tuple[float, float]:
    """Ends of the axis: all values and both ends of the accepted interval, and a little more."""
    known = [x for x in (finding.fact.low, finding.fact.high, *finding.values) if math.isfinite(x)]
    low, high = min(known), max(known)
    if _is_log(finding):
        more = (high / low) ** 0.06
        return low / more, high * more
    more = 0.06 * (high - low) or 0.5
    return low - more, high + more


def _accepted(axes: Axes, fact: Fact) -> None:
    left, right = axes.get_xlim()
    axes.axvspan(max(fact.low, left), min(fact.high, right), facecolor=(SKY, 0.3), edgecolor="none", zorder=0)
    for end in (fact.low, fact.high):
        if left <= end <= right:
            axes.axvline(end, color=BLUE, linestyle="--", linewidth=1.0, zorder=1)


def _values(axes: Axes, finding: Finding) -> None:
    """Dots in two heights in turn, so that neighbours are told apart; the median and the band below.

    A single figure of all seeds is a median without dots.
    """
    several = finding.values if len(finding.values) > 1 else ()
    known = [(x, DOTS + 0.13 * (-1) ** place) for place, x in enumerate(several) if math.isfinite(x)]
    axes.plot([x for x, _ in known], [y for _, y in known], "o", color=(BLACK, 0.55), markersize=5,
              markeredgewidth=0.0, clip_on=False)  # fmt: skip
    colour = BLUE if finding.passed else VERMILION
    if several and all(map(math.isfinite, finding.band)):
        axes.plot(finding.band, [BAND, BAND], "-|", color=colour, linewidth=2.5, markersize=9, solid_capstyle="butt")
    if math.isfinite(finding.median):
        axes.plot([finding.median], [BAND], "D" if finding.passed else "X", color=colour, markersize=8)
    else:
        axes.text(0.5, BAND, "undefined", transform=axes.transAxes, ha="center", va="center", color=colour)


def _ticks(axes: Axes, finding: Finding) -> None:
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)) if _is_log(finding) else MaxNLocator(5))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: value_text(finding.fact, 0.0 if abs(x) < 1e-12 else x)))
