"""The measured rows as tables, and the page with its results written anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from equal_plans import ANY, JUDGEMENTS
from interval_coverage import BY_REPLICATE, BY_SOCIETY, DIFFER, DRAWN, EQUAL, JOHNSON, MUCH, SIZES, WIDER
from paired_variance import BY_BOTH, BY_EXPECTED, BY_PAIRING
from statistics_rows import Row, chosen
from stopping import CORRECTED, NAIVE

from sim.results.measures import VERDICT_METRICS
from sim.results.precision import PRECISE_METRICS
from sim.views.markdown import table, with_part

ACCEPTED = (0.93, 0.97)
NOTHING = "-"


def parts(rows: Sequence[Row], circumstances: str) -> dict[str, str]:
    """Each generated part of the page, by the name of its marks."""
    return {
        "circumstances": circumstances,
        "synthetic": coverage_table(chosen(rows, part="coverage"), ("normal", "skewed"), (EQUAL, DIFFER, MUCH)),
        "pool": pool_table(chosen(rows, part="pool")),
        "simulation": coverage_table(chosen(rows, part="coverage"), ("simulation",), (DRAWN, EQUAL)),
        "skew": skew_table(chosen(rows, part="coverage", source="simulation")),
        "variance": variance_table(chosen(rows, part="variance")),
        "verdicts": verdict_table(chosen(rows, part="false verdicts")),
        "precision": precision_table(chosen(rows, part="precision")),
    }


def with_results(page: str, found: dict[str, str]) -> str:
    """The page with its results written anew. Raises ValueError where a mark is missing."""
    for name, part in found.items():
        page = with_part(page, name, part)
    return page


def percent(share: float) -> str:
    return f"{100.0 * share:.1f}"


def coverage_table(rows: Sequence[Row], sources: Iterable[str], societies: Iterable[str]) -> str:
    """Coverage at 8, 20 and 50 replicates by each method, in %; outside what is accepted in bold."""
    heads = ("data", "societies", "interval of", BY_SOCIETY, WIDER, BY_REPLICATE)
    lines: list[list[str]] = []
    for source in sources:
        for among in societies:
            here = chosen(rows, source=source, societies=among, quantity="coverage")
            lines += [
                [source, among, figure, *(_by_size(here, figure, method) for method in heads[3:])]
                for figure in dict.fromkeys(row.figure for row in here)
            ]
    return table(heads, lines)


def skew_table(rows: Sequence[Row]) -> str:
    """Coverage by Student's t over replicates and by Johnson's t for skewed data, each replicate its own society."""
    here = chosen(rows, societies=EQUAL, quantity="coverage")
    methods = (BY_REPLICATE, JOHNSON)
    figures = dict.fromkeys(row.figure for row in chosen(here, method=JOHNSON))
    lines = [[figure, *(_by_size(here, figure, method) for method in methods)] for figure in figures]
    return table(("interval of", "Student's t", JOHNSON), lines)


def _by_size(rows: Sequence[Row], figure: str, method: str) -> str:
    return " / ".join(_covered(chosen(rows, figure=figure, method=method, replicates=n)) for n in SIZES)


def _covered(found: Sequence[Row]) -> str:
    if not found:
        return NOTHING
    low, high = ACCEPTED
    shown = percent(found[0].value)
    return shown if low <= found[0].value <= high else f"**{shown}**"


def pool_table(rows: Sequence[Row]) -> str:
    """What the pool is like."""
    names = ("variation", "skewness", "variance between societies, within = 1")
    heads = ("figure", "standard deviation ÷ mean", *names[1:])
    lines = [
        [figure, *(f"{chosen(rows, figure=figure, quantity=name)[0].value:.2f}" for name in names)]
        for figure in dict.fromkeys(row.figure for row in rows)
    ]
    return table(heads, lines)


def variance_table(rows: Sequence[Row]) -> str:
    """How many times the variance of the paired, expected difference the others have."""
    quantities = (BY_PAIRING, BY_EXPECTED, BY_BOTH)
    lines = []
    for source in dict.fromkeys(row.source for row in rows):
        for figure in dict.fromkeys(row.figure for row in chosen(rows, source=source)):
            here = chosen(rows, source=source, figure=figure)
            lines.append([source, figure, *(_times(chosen(here, quantity=quantity)) for quantity in quantities)])
    return table(("setting", "difference", *quantities), lines)


def _times(found: Sequence[Row]) -> str:
    value, low, high = (chosen(found, method=bound)[0].value for bound in ("", "low", "high"))
    return _three(value) if low != low else f"{_three(value)} ({_three(low)} to {_three(high)})"


def _three(value: float) -> str:
    return f"{float(f'{value:.3g}'):,g}" if value < 1e6 else f"{float(f'{value:.3g}'):,.0f}"


def verdict_table(rows: Sequence[Row]) -> str:
    """Share of repeats, in %, with its standard error."""
    lines = [
        [figure, *(_share(chosen(rows, figure=figure, method=method)) for method in JUDGEMENTS)]
        for figure in (*VERDICT_METRICS, ANY)
    ]
    heads = ("figure", "its 95 % interval leaves out 0", "called different, tested alone", "called different (Holm)")
    return table(heads, lines)


def _share(found: Sequence[Row]) -> str:
    return f"{percent(found[0].value)} ± {percent(found[0].error)}" if found else NOTHING


def precision_table(rows: Sequence[Row]) -> str:
    """What stands at the look that stopped."""
    heads = ("plans, precision", "looks", *(f"{key} (%)" for key in PRECISE_METRICS), "false verdicts (%)",
             "replicates, median", "reached (%)")  # fmt: skip
    lines = []
    for source in dict.fromkeys(row.source for row in rows):
        for method in (CORRECTED, NAIVE):
            here = chosen(rows, source=source, method=method)
            median = chosen(here, quantity="median")[0].value
            lines.append([
                source, method, *(_share(chosen(here, figure=key, quantity="coverage")) for key in PRECISE_METRICS),
                _share(chosen(here, quantity="false verdicts")), f"{median:,.0f}",
                percent(chosen(here, figure="reached")[0].value),
            ])  # fmt: skip
    return table(heads, lines)
