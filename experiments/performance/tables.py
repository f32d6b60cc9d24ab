"""The rows as Markdown tables, and the README with them between its marks."""

from __future__ import annotations

from collections.abc import Sequence

from measured_rows import Row, note_of, value_of

from sim.views.markdown import table, with_part

PLAN = ("society", "world", "run", "run CPU", "agent-days per second", "peak memory")
CASCADE = ("best time", "time", "set-up", "mean size", "standard error", "peak memory")


def report(rows: Sequence[Row], circumstances: str) -> str:
    """All tables, ratios first."""
    parts = [
        circumstances,
        "**Ratios**, both sides measured in this run", _ratios(rows),
        "**One plan, 60 days**", _wide(rows, "plan", "people", PLAN),
        "**Mechanisms**, one plan, 60 days", _wide(rows, "mechanisms", "people", ("run", "run CPU", "exposures")),
        "**Independent cascade**, CPU time of one core", _wide(rows, "cascade", "nodes", CASCADE),
        "**The machine's own limit**", _wide(rows, "limit", "people", ("arcs per second", "blocks per second")),
        "**Many runs**", _long(rows, ("ensemble", "command")),
    ]  # fmt: skip
    return "\n\n".join(parts)


def with_results(text: str, results: str) -> str:
    """A page with its results written anew. Raises ValueError where a mark is missing."""
    return with_part(text, "results", results)


def _ratios(rows: Sequence[Row]) -> str:
    lines = [(row.subject, f"{row.size:,}", figure(row.value), row.note) for row in rows if row.part == "ratio"]
    return table(("ratio", "at", "value", "remark"), lines)


def _wide(rows: Sequence[Row], part: str, size_name: str, quantities: Sequence[str]) -> str:
    """One line a subject and size, one column a quantity."""
    units = {row.quantity: row.unit for row in rows if row.part == part}
    shown = [quantity for quantity in quantities if quantity in units]
    heads = ("", size_name, *(f"{quantity} ({units[quantity]})" for quantity in shown), "remark")
    lines = []
    for subject, size in dict.fromkeys((row.subject, row.size) for row in rows if row.part == part):
        cells = [figure(value_of(rows, part, subject, size, quantity)) for quantity in shown]
        lines.append((subject, f"{size:,}" if size else "", *cells, note_of(rows, part, subject, size)))
    return table(heads, lines)


def _long(rows: Sequence[Row], parts: Sequence[str]) -> str:
    lines = [(row.subject, row.quantity, f"{figure(row.value)} {row.unit}", row.note) for row in rows
             if row.part in parts]  # fmt: skip
    return table(("", "figure", "value", "remark"), lines)


def figure(value: float | None) -> str:
    """Three significant digits, thousands separated; a dash where there is none."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"
