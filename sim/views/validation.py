"""The facts as a person reads them: values and intervals in words, the table of a terminal, the rows of facts.csv."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from sim.results.rounding import number, percent
from sim.studies.validation.facts import CLAIMS, Fact
from sim.studies.validation.validate import Extent, Finding
from sim.views.console import FirstThatFits
from sim.views.wording import UNDEFINED, counted

IN_PERCENT = frozenset({"fraction", "share"})
NO_UNIT = "fraction of 1"
ONE_FIGURE = "one figure"
TINY = 1e-6
"""A lower bound of less than this says "above 0"."""
WIDEST_NAME = 36
KEY = (
    "Role C: the defaults may be calibrated to it; V: validation only. A hard fact that fails makes the exit code 1; "
    "a soft one does not."
)


# --- in words ----------------------------------------------------------------------------------------------


def value_text(fact: Fact, value: float) -> str:
    """Three significant digits: fractions and shares as a percentage, "–" where undefined or infinite."""
    if not math.isfinite(value):
        return UNDEFINED
    return percent(value) if fact.unit in IN_PERCENT else number(value)


def span_text(fact: Fact, low: float, high: float) -> str:
    """An interval as "0.3 to 5 %"."""
    end = value_text(fact, high)
    begin = value_text(fact, low)
    return f"{begin.removesuffix(' %') if end.endswith('%') else begin} to {end}"


def accepted_text(fact: Fact) -> str:
    """The accepted interval; one side only where the other is open."""
    if not math.isfinite(fact.low):
        return f"at most {value_text(fact, fact.high)}"
    if not math.isfinite(fact.high):
        return f"at least {value_text(fact, fact.low)}"
    if 0.0 < fact.low < TINY:
        return f"above 0 to {value_text(fact, fact.high)}"
    return span_text(fact, fact.low, fact.high)


def median_text(finding: Finding) -> str:
    return value_text(finding.fact, finding.median)


def band_text(finding: Finding) -> str:
    """The 5-95 % band over seeds; there is none of a single figure."""
    low, high = finding.band
    if len(finding.values) < 2:
        return ONE_FIGURE
    return span_text(finding.fact, low, high) if math.isfinite(low) or math.isfinite(high) else UNDEFINED


def title_text(fact: Fact) -> str:
    """The fact's name, with its unit where the numbers do not show it."""
    return fact.name if fact.unit in IN_PERCENT or not fact.unit else f"{fact.name} ({fact.unit})"


def gate_text(fact: Fact) -> str:
    return "hard" if fact.hard else "soft"


def result_text(finding: Finding) -> str:
    return "pass" if finding.passed else "unsure" if finding.unsure else "FAIL"


def failing(findings: Sequence[Finding], *, hard: bool) -> list[Finding]:
    """The hard or the soft facts that fail."""
    return [finding for finding in findings if finding.fact.hard == hard and finding.failed]


def unsure(findings: Sequence[Finding]) -> list[Finding]:
    """The facts that few seeds cannot decide."""
    return [finding for finding in findings if finding.unsure]


def verdict_lines(findings: Sequence[Finding]) -> list[str]:
    """How many hard facts pass and which fail; then the soft ones that fail, where any do."""
    hard = sum(finding.fact.hard for finding in findings)
    failed, passed = failing(findings, hard=True), sum(finding.fact.hard and finding.passed for finding in findings)
    first = f"{passed} of {counted(hard, 'hard fact')} pass" if hard else "No hard facts among these"
    lines = [f"{first}; {_fail(failed)}" if failed else first]
    soft = failing(findings, hard=False)
    lines += [f"Of the soft facts, {_fail(soft)}"] if soft else []
    if open_ := unsure(findings):
        names = ", ".join(finding.fact.id for finding in open_)
        lines.append(f"Unsure from so few seeds: {names}; the full run decides")
    return lines


def _fail(failed: Sequence[Finding]) -> str:
    *others, last = (finding.fact.id for finding in failed)
    return f"{', '.join(others)} and {last} fail" if others else f"{last} fails"


def claims(findings: Sequence[Finding]) -> list[str]:
    """What the trade says beside these facts: remarks, which nothing is held to."""
    groups = {finding.fact.group for finding in findings}
    return [f"beside {group}: {text}" for group, text in CLAIMS if group in groups]


def setting_text(extent: Extent, parameters: Mapping[str, float]) -> str:
    """One line: how many seeds and creators, and which parameters are not at their defaults."""
    close = "" if extent.close is None else f", {extent.close} of them also at one person an agent"
    parts = [
        f"{counted(extent.seeds, 'seed')}, a society each{close}",
        f"{counted(extent.creators, 'creator')}, at least {extent.least} a tier",
        *(f"{name} = {value:g}" for name, value in parameters.items()),
    ]
    return "; ".join(parts)


# --- tables ------------------------------------------------------------------------------------------------


def facts_frame(findings: Sequence[Finding], extent: Extent) -> pd.DataFrame:
    """One row a fact and seed, the seed blank where one figure holds for all; open ends and undefined values blank."""
    alone = 1 if extent.seeds == 1 else None
    rows = [
        {"id": fact.id, "name": fact.name, "unit": fact.unit, "seed": seed if len(values) > 1 else alone,
         "value": _finite(value), "accept_low": _finite(fact.low), "accept_high": _finite(fact.high),
         "hard": fact.hard, "role": fact.role}
        for fact, values in ((finding.fact, finding.values) for finding in findings)
        for seed, value in enumerate(values, 1)
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"seed": "Int64"})


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def print_facts(
    findings: Sequence[Finding], extent: Extent, parameters: Mapping[str, float], folder: Path | None, *, remarks: bool
) -> None:
    """The facts on standard output."""
    Console(highlight=False).print(facts_text(findings, extent, parameters, folder, remarks=remarks))


def facts_text(
    findings: Sequence[Finding], extent: Extent, parameters: Mapping[str, float], folder: Path | None = None, *,
    remarks: bool = True,
) -> RenderableType:  # fmt: skip
    """The table, what passes and what fails, the claims of the trade, and where the files are."""
    failed = bool(failing(findings, hard=True))
    hard, *soft = verdict_lines(findings)
    parts: list[RenderableType] = [
        Text(setting_text(extent, parameters), style="dim"), Text(),
        FirstThatFits([_table(findings, below=False), _table(findings, below=True)]),
        Text(), Text(KEY, style="dim"), Text(),
        Text(hard, style="bold red" if failed else "bold green"), *(Text(line, style="yellow") for line in soft),
    ]  # fmt: skip
    parts += [Text(f"remark {claim}", style="dim") for claim in claims(findings)] if remarks else []
    if folder is not None:
        parts.append(Text.assemble("Page, table and figures: ", (str(folder), "bold")))
    return Group(*parts)


def _table(findings: Sequence[Finding], *, below: bool) -> Table:
    """One row a fact. below: the band stands below the median, for a narrow console."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=below)
    table.add_column("id")
    table.add_column("fact", max_width=WIDEST_NAME)
    for head in ("median and\n5-95 % band",) if below else ("median", "5-95 % band"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("accepted", justify="right", no_wrap=True)
    for head in ("role", "gate", "result"):
        table.add_column(head, no_wrap=True)
    for finding in findings:
        fact, middle, band = finding.fact, median_text(finding), Text(band_text(finding), style="dim")
        measured = [Text.assemble(middle, "\n", band)] if below else [Text(middle), band]
        style = "green" if finding.passed else "bold red" if fact.hard and finding.failed else "yellow"
        table.add_row(fact.id, Text(title_text(fact)), *measured, accepted_text(fact), fact.role, gate_text(fact),
                      Text(result_text(finding), style=style))  # fmt: skip
    return table
