"""The Instagram figures as tables."""

from __future__ import annotations

from measured_figures import Figures, told
from rates_by_size import BINS, SLOPES
from ten_against_one import AGAINST

from sim.views.markdown import table

MEASURED, SAMPLED, SIMULATED = "measured", "measured, sampled", "simulated"
QUALITY_HELD = "simulated, quality held"


def report(figures: Figures) -> str:
    """Circumstances, rates by size, slopes, ten against one."""
    return "\n\n".join([_circumstances(figures), _rates(figures), _slopes(figures), _duels(figures)])


def _circumstances(figures: Figures) -> str:
    (program,) = figures.subjects("run")
    numbers = {f.group: f.value for f in figures.rows if f.part == "run"}
    return (
        f"{numbers['creators']:,.0f} creators of the table in {numbers['societies']:.0f} societies of a market of "
        f"{numbers['people']:,.0f} people, one organic post each, {numbers['days']:.0f} days; {program}. In brackets: "
        "95 % intervals from resampled creators."
    )


def _rates(figures: Figures) -> str:
    heads = (
        "followers", "creators in the table", "measured median (%)", "of those sampled (%)", "simulated (%)",
        "measured, 10k-50k = 1", "simulated, 10k-50k = 1", "measured spread (sd of ln)", "simulated spread",
    )  # fmt: skip
    rows = [
        (
            name,
            f"{figures('rates', MEASURED, name, 'creators').value:,.0f}",
            *(f"{100 * figures('rates', of, name, 'median').value:.2f}" for of in (MEASURED, SAMPLED, SIMULATED)),
            *(told(figures("rates", of, name, "relative")) for of in (MEASURED, SIMULATED)),
            *(told(figures("rates", of, name, "spread")) for of in (MEASURED, SIMULATED)),
        )
        for name in BINS
    ]
    return "**Engagement rate by followers**\n\n" + table(heads, rows)


def _slopes(figures: Figures) -> str:
    heads = ("followers", "measured", "of those sampled", "simulated", "simulated, creators of one quality")
    rows = [
        (name, *(told(figures("slopes", of, name, "slope")) for of in (MEASURED, SAMPLED, SIMULATED, QUALITY_HELD)))
        for name in SLOPES
    ]  # fmt: skip
    return "**Slope of ln rate on ln followers**\n\n" + table(heads, rows)


def _duels(figures: Figures) -> str:
    heads = (
        "ten of 10k-50k against one of", "creators", "ten ahead per follower (%)", "ten : one per follower, median",
        "ten : one in all, median",
    )  # fmt: skip
    rows = [
        (
            name,
            of,
            told(figures("duels", of, name, "share"), ".0f", 100.0),
            told(figures("duels", of, name, "ratio")),
            told(figures("duels", of, name, "total")),
        )
        for name in AGAINST
        for of in figures.subjects("duels")
    ]
    return "**Ten small ones against a larger one**\n\n" + table(heads, rows)
