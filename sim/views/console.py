"""What a person reads in a terminal: the comparison at a glance, a run day by day, a world."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, Group, JustifyMethod, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sim.results.answer import answer
from sim.results.comparison import Comparison
from sim.results.rounding import number, percent
from sim.results.statistics import Interval
from sim.results.tables import day_spans, paid_plans
from sim.scenario.load import Scenario
from sim.views.bought import DECLINED, bought_table
from sim.views.wording import (
    KEY_FIGURES,
    UNDEFINED,
    best_text,
    figure_title,
    margin_text,
    mean_text,
    range_text,
    setting_text,
)

NO_SOCIETIES = "none: those of a million ties or more are kept once they have been built"
MOST_WARNINGS = 5
MOST_DAYS = 40
MOST_ROWS = 40
WIDEST_PLAN = 36

Span = Callable[[str, Interval | None], str]
"""How the interval of a figure is written: a range or a margin."""

DAY_COLUMNS = {
    "impressions": "Impressions", "reach": "New reach", "engagements": "Engaged", "clicks": "Clicks",
    "shares": "Shares", "conversions": "Orders", "repeats": "Repeats",
}  # fmt: skip
"""Repeats are shown where there are any."""


def print_comparison(comparison: Comparison, folder: Path | None = None) -> None:
    """The comparison on standard output."""
    _print(comparison_table(comparison, folder))


def print_run(scenario: Scenario, plan: str, run: Mapping[str, Any]) -> None:
    """One run on standard output."""
    _print(run_table(scenario, plan, run))


def print_world(description: Mapping[str, Any]) -> None:
    """A world on standard output."""
    _print(world_table(description))


def print_cache(cache: Mapping[str, Any]) -> None:
    """What is kept on disk, on standard output; "freed": bytes that were just deleted."""
    _print(cache_text(cache))


def _print(shown: RenderableType) -> None:
    Console(highlight=False).print(shown)


# --- the comparison ----------------------------------------------------------------------------------------


def comparison_table(comparison: Comparison, folder: Path | None = None) -> RenderableType:
    """Question, every plan's key figures with intervals, who is better, the answer, and where the files are."""
    scenario = comparison.ensemble.scenario
    parts: list[RenderableType] = [Text(scenario.name, style="bold")]
    parts += [Text(scenario.question)] if scenario.question else []
    parts += [Text(setting_text(comparison), style="dim"), Text()]
    parts += [FirstThatFits(_layouts(comparison)), Text(), _bought(comparison), Text()]
    parts += [_paragraph(sentence) for sentence in answer(comparison)]
    parts += [shown_warnings(comparison.warnings)] if comparison.warnings else []
    if folder is not None:
        parts.append(Text.assemble("Report, tables and figures: ", (str(folder), "bold")))
    return Group(*parts)


def _bought(comparison: Comparison) -> Table:
    """What each plan bought, a row a plan."""
    heads, rows = bought_table(comparison)
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(Text("bought"), header_style="dim", overflow="fold", max_width=WIDEST_PLAN)
    for head in heads[1:]:
        words_only = head == DECLINED
        table.add_column(Text(head), justify="left" if words_only else "right", overflow="fold", no_wrap=not words_only)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _paragraph(sentence: str) -> Padding:
    return Padding(Text(sentence), (0, 0, 1, 0))


def shown_warnings(warnings: Sequence[str]) -> RenderableType:
    """The first few remarks, and how many more there are."""
    lines = [Text(f"note: {warning}", style="yellow") for warning in warnings[:MOST_WARNINGS]]
    hidden = len(warnings) - MOST_WARNINGS
    if hidden > 0:
        lines.append(Text(f"note: and {hidden} more", style="yellow"))
    return Padding(Group(*lines), (0, 0, 1, 0))


class FirstThatFits:
    """Of several layouts the first that the console is wide enough for, else the last."""

    def __init__(self, layouts: Sequence[RenderableType]) -> None:
        self.layouts = layouts

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        unlimited = options.update(max_width=10_000)
        for layout in self.layouts:
            if console.measure(layout, options=unlimited).maximum <= options.max_width:
                yield layout
                return
        yield self.layouts[-1]


def _layouts(comparison: Comparison) -> list[RenderableType]:
    beside = [_figure_rows(comparison, span, below=False) for span in (range_text, margin_text)]
    return [*beside, _figure_rows(comparison, margin_text, below=True), _plan_rows(comparison)]


def _figure_rows(comparison: Comparison, span: Span, *, below: bool) -> Table:
    """One row a figure and one column a plan, the interval beside or below the mean."""
    plans, currency = paid_plans(comparison), comparison.ensemble.scenario.market.currency
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("mean and 95 % interval", header_style="dim")
    for plan in plans:
        table.add_column(Text(plan), max_width=WIDEST_PLAN)
    if len(plans) > 1:
        table.add_column("better" if len(plans) == 2 else "best")
    widths = {plan: max(len(mean_text(k, comparison.figures[plan][k])) for k in KEY_FIGURES) for plan in plans}
    for key in KEY_FIGURES:
        cells = [_cell(comparison, plan, key, span, "\n" if below else " ", widths[plan]) for plan in plans]
        verdict = [_best(comparison, key)] if len(plans) > 1 else []
        table.add_row(Text(figure_title(key, currency)), *cells, *verdict)
    return table


def _cell(comparison: Comparison, plan: str, key: str, span: Span, between: str, width: int) -> Text:
    interval = comparison.figures[plan][key]
    mean, around = mean_text(key, interval).rjust(width), span(key, interval)
    return Text.assemble(mean, (between + around, "dim")) if around else Text(mean)


def _best(comparison: Comparison, key: str) -> Text:
    best = best_text(comparison, key)
    return Text(best, style="bold green" if best in paid_plans(comparison) else "dim")


def _plan_rows(comparison: Comparison) -> Table:
    """One row a plan and the headline figures as columns: for many plans or a narrow console."""
    keys = ("reach", "engagements", "incremental_conversions", "cost", "roi")
    titles = ("Reach", "Engaged", "Extra orders", "Cost", "ROI")
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("plan", overflow="fold", max_width=18)
    for title in titles:
        table.add_column(title, justify="right")
    for plan in paid_plans(comparison):
        figures = comparison.figures[plan]
        cells = [Text.assemble(mean_text(k, figures[k]), ("\n" + margin_text(k, figures[k]), "dim")) for k in keys]
        table.add_row(Text(plan), *cells)
    if len(paid_plans(comparison)) > 1:
        table.add_row("best", *(_best(comparison, key) for key in keys))
    return table


# --- one run, one world ------------------------------------------------------------------------------------


def run_table(scenario: Scenario, plan: str, run: Mapping[str, Any]) -> RenderableType:
    """One plan day by day, real people. run: "days" as of ``run_by_day``, and "cost".

    A long run is shown in spans of days, so that the rows still add up to the totals.
    """
    days: Sequence[Mapping[str, Any]] = run["days"]
    spans = day_spans(len(days), MOST_DAYS)
    label = "Date" if "date" in days[0] else "Day"
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, show_footer=True)
    table.add_column(label if len(spans) == len(days) else f"{label}s", footer="all")
    repeats = any(day.get("repeats") for day in days)
    columns = {key: title for key, title in DAY_COLUMNS.items() if key != "repeats" or repeats}
    for key, title in columns.items():
        table.add_column(title, footer=number(sum(day[key] for day in days)), justify="right")
    for first, last in spans:
        totals = [sum(day[key] for day in days[first : last + 1]) for key in columns]
        table.add_row(_days(days, first, last), *(number(total) for total in totals))
    cost = f"cost {number(run['cost'])} {scenario.market.currency}; " if "cost" in run else ""
    note = f"{cost}real people; clicks, shares, engaged and orders are expected figures; orders of the whole market"
    note += ", repeats among them" if repeats else ""
    return Group(Text(f"{scenario.name}: {plan}", style="bold"), table, Text(note, style="dim"))


def _days(days: Sequence[Mapping[str, Any]], first: int, last: int) -> str:
    labels = [str(days[day].get("date", day)) for day in (first, last)]
    return labels[0] if first == last else f"{labels[0]} to {labels[1]}"


def world_table(sections: Mapping[str, Any]) -> RenderableType:
    """A description: each section a mapping (key and value) or a list of mappings (a table)."""
    parts: list[RenderableType] = []
    for title, contents in sections.items():
        parts.append(Text(words(title).capitalize(), style="bold"))
        parts.append(Padding(_section(contents), (0, 0, 1, 2)))
    return Group(*parts)


def cache_text(cache: Mapping[str, Any]) -> RenderableType:
    """The societies kept, the last used first, and the machine code; or what deleting them has freed."""
    societies, code = cache["societies"], cache["machine_code"]
    counts = f"{len(societies)} kept, {size_text(cache['bytes'])} of at most {size_text(cache['limit'])}"
    compiled = f"{size_text(code['bytes'])} in {code['folders']} folder{'' if code['folders'] == 1 else 's'}"
    if "freed" in cache:
        about = {"folder": cache["folder"], "freed": size_text(cache["freed"]),
                 "societies": f"{len(societies)} deleted", "machine code": f"{compiled} deleted"}  # fmt: skip
        return world_table({"cache": about})
    rows = [
        {"folder": kept["folder"], "people": kept["people"], "ties": kept["ties"], "size": size_text(kept["bytes"]),
         "last used": datetime.fromtimestamp(kept["last_used"]).isoformat(" ", "minutes")}
        for kept in societies
    ]  # fmt: skip
    about = {"folder": cache["folder"], "societies": counts, "machine code": compiled}
    return world_table({"cache": about, "societies": rows or NO_SOCIETIES})


def size_text(size: int) -> str:
    """Bytes as "1.2 GiB" or "35 MiB"."""
    return f"{size / 2**30:,.1f} GiB" if size >= 2**30 else f"{size / 2**20:,.0f} MiB"


def _section(contents: Any) -> RenderableType:
    if isinstance(contents, Mapping):
        return _key_values(contents)
    if isinstance(contents, Sequence) and not isinstance(contents, str):
        return _records(contents)
    return Text(value_text("", contents))


def _key_values(contents: Mapping[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for key, value in contents.items():
        table.add_row(Text(words(key)), Text(value_text(key, value)))
    return table


def _records(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    if not rows:
        return Text("none", style="dim")
    hidden = len(rows) - MOST_ROWS
    tables = FirstThatFits([_record_table(rows[:MOST_ROWS], padding) for padding in (1, 0)])
    return Group(tables, Text(f"and {hidden:,} more", style="dim")) if hidden > 0 else tables


def _record_table(rows: Sequence[Mapping[str, Any]], padding: int) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True, padding=(0, padding))
    for place, (key, value) in enumerate(rows[0].items()):
        side: JustifyMethod = "right" if isinstance(value, int | float) else "left"
        heading = Text(words(key).replace(" ", "\n"))
        table.add_column(heading, justify=side, no_wrap=place > 0, overflow="fold")
    for row in rows:
        table.add_row(*(Text(value_text(key, value)) for key, value in row.items()))
    return table


def words(key: str) -> str:
    """share_of_people as "share of people"."""
    return key.replace("_", " ")


def value_text(key: str, value: Any) -> str:
    """A described value: shares and rates as a percentage, nested mappings in a row."""
    if isinstance(value, Mapping):
        return ", ".join(f"{words(str(name))} {value_text(str(name), member)}" for name, member in value.items())
    if value is None:
        return UNDEFINED
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, float) and any(word in key for word in ("share", "rate", "achieved")):
        return percent(value)
    return f"{value:,}" if isinstance(value, int) else number(value)
