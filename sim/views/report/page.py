"""report.html of a comparison: one file that opens without a network, for a reader who was not there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.results.answer import answer
from sim.results.comparison import Comparison
from sim.views.page import Markup, Top, html, joined, picture, tag, whole_page
from sim.views.plots import Picture, pictures
from sim.views.report.assumptions import assumptions
from sim.views.report.parts import WORDS_HERE, creators, days, sources
from sim.views.report.plans import (
    bought_parts,
    differences,
    estimates,
    glance,
    how_sure,
    sure_lines,
)
from sim.views.terms import USUAL, definitions
from sim.views.wording import KEY_FIGURES, setting_text


def write_report(comparison: Comparison, path: Path) -> Path:
    """The report as a file."""
    path.write_bytes(report_html(comparison).encode())
    return path


def report_html(
    comparison: Comparison,
    drawn: Sequence[Picture] | None = None,
    others: Sequence[str] = (),
    digest: str | None = None,
) -> str:
    """The whole report as one page without any outside address.

    drawn: its figures, if they are made already. others: what there is to say of other settings; digest: that of the
    whole question, where the comparison is not all of it.
    """
    figures = {each.name: each for each in (pictures(comparison) if drawn is None else drawn)}
    scenario = comparison.ensemble.scenario
    parts: dict[str, tuple[str, Sequence[str]]] = {
        "plans": (
            "The plans side by side",
            [glance(comparison), show(figures["comparison"]), bought_parts(comparison)],
        ),
        "sure": ("How sure this is", [how_sure(comparison)]),
        "figures": ("Every key figure", [estimates(comparison, KEY_FIGURES, "Mean and 95 % interval")]),
        "differences": ("The differences", differences(comparison)),
        "settings": ("In other settings", others),
        **reached_parts(comparison, figures),
        "assumptions": ("What it rests on", assumptions(scenario)),
        "definitions": ("What the figures mean", [definitions((*USUAL, *WORDS_HERE))]),
        "again": ("Make it again", [_again(comparison, digest or comparison.digest)]),
    }
    setting = f"A simulation: {setting_text(comparison)}."
    top = Top(
        scenario.name, scenario.question, setting, answer(comparison), sure_lines(comparison), comparison.warnings
    )
    return whole_page(top, parts)


def reached_parts(comparison: Comparison, figures: dict[str, Picture]) -> dict[str, tuple[str, Sequence[str]]]:
    """Who was reached through what, on which day, by which creator."""
    return {
        "sources": ("Who was reached through what", [show(figures["sources"]), sources(comparison)]),
        "days": ("Day by day", [show(figures["daily"]), *days(comparison)]),
        "creators": ("Creator by creator", creators(comparison)),
    }


def show(figure: Picture) -> Markup:
    """A figure within a page."""
    return picture(figure.png, figure.title, figure.alternative)


def _again(comparison: Comparison, digest: str) -> Markup:
    asked = "" if comparison.precision is None else f" --precision {comparison.precision.asked:g}"
    command = tag("code", f"influence compare scenario.toml{asked}")
    lead = html("Beside this report lies scenario.toml, with every value as it was used. In that folder, ")
    rest = html(f" gives the same figures again (digest {digest}, seed {comparison.question.run.seed}); ")
    check = joined([tag("code", "influence reproduce ."), html(" does it and says whether every figure is equal.")], "")
    return tag("p", joined([lead, command, rest, check], ""))
