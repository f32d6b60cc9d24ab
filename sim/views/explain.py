"""An explanation for a terminal, as tables for files and as the JSON document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from sim.mechanisms import GROUPS
from sim.results.measures import METRICS
from sim.results.summary import bounds, envelope, interval_json
from sim.studies.explain import Explanation
from sim.studies.explain_levers import SwitchOver
from sim.views.explain_words import fee_rows, noun, sentences, share_rows, switch_rows
from sim.views.terminal import text_table
from sim.views.wording import counted, setting_text

SHARE_COLUMNS = ["part", "title", "mean", "low", "high", "error", "sure", "off"]
SWITCH_COLUMNS = ["number", "title", "unit", "figure", "current", "value", "low", "high", "lead_changes", "from", "to"]
FEE_COLUMNS = ["plan", "creator", "fee", "break_even", "break_even_low", "break_even_high", "tie_profit",
               "tie_profit_low", "tie_profit_high", "tie_roi", "tie_roi_low", "tie_roi_high"]  # fmt: skip
SHARE_HEADS = ("part of the difference", "share", "95 % interval", "")
SWITCH_HEADS = ("number", "figure", "now", "lead changes", "unsure from to", "looked at")
FEE_HEADS = ("plan", "creator", "fee", "pays for itself up to", "equal profit at", "equal return at")
MOST_CREATORS = 20


# --- files -------------------------------------------------------------------------------------------------


def shares_frame(explanation: Explanation) -> pd.DataFrame:
    """One row a group, then the remainder and the whole difference; a minus b, in the figure's unit."""
    rows = [[share.group, GROUPS[share.group].title, *bounds(share.interval), share.error, share.sure,
             GROUPS[share.group].off] for share in explanation.shares]  # fmt: skip
    for key, interval in (("remainder", explanation.remainder), ("difference", explanation.difference)):
        rows.append([key, "", *bounds(interval), 0.0, None, ""])
    return pd.DataFrame(rows, columns=SHARE_COLUMNS)


def switch_over_frame(explanation: Explanation) -> pd.DataFrame:
    """One row a number that may change the lead; blank where it does not, or where a bound lies beyond the range."""
    rows = [[one.key, one.title, one.unit, one.figure, one.current, one.crossing.value, one.crossing.low,
             one.crossing.high, _side(one), *(one.range or (None, None))] for one in explanation.switches]  # fmt: skip
    return pd.DataFrame(rows, columns=SWITCH_COLUMNS)


def fees_frame(explanation: Explanation) -> pd.DataFrame:
    """One row a plan and creator: the fee of a post, and the fees that would change something."""
    rows = [[one.plan, one.creator, one.fee, *bounds(one.break_even), *bounds(one.tie_profit), *bounds(one.tie_roi)]
            for one in explanation.creators]  # fmt: skip
    return pd.DataFrame(rows, columns=FEE_COLUMNS)


def document(explanation: Explanation, digest: str) -> dict[str, Any]:
    """The whole of explain.json."""
    fees = fees_frame(explanation).astype(object)
    return {
        **envelope(explanation.comparison, "explain"),
        "digest": digest,
        "a": explanation.a,
        "b": explanation.b,
        "metric": explanation.metric,
        "answer": list(sentences(explanation)),
        "difference": interval_json(explanation.difference),
        "shares": {
            share.group: {**interval_json(share.interval), "error": share.error, "sure": share.sure,
                          "title": GROUPS[share.group].title, "off": GROUPS[share.group].off}
            for share in explanation.shares
        },
        "remainder": interval_json(explanation.remainder),
        "exact": explanation.exact,
        "combinations": explanation.combinations,
        "switch_over": {one.key: _switch(one) for one in explanation.switches},
        "fees": fees.where(fees.notna(), None).to_dict("records"),
        "warnings": [*explanation.notes, *explanation.comparison.warnings],
    }  # fmt: skip


def _switch(one: SwitchOver) -> dict[str, Any]:
    return {"title": one.title, "unit": one.unit, "figure": one.figure, "current": one.current,
            "value": one.crossing.value, "low": one.crossing.low, "high": one.crossing.high,
            "lead_changes": _side(one), "range": None if one.range is None else list(one.range)}  # fmt: skip


def _side(one: SwitchOver) -> str | None:
    """On which side of the value the other plan leads."""
    return None if one.crossing.above is None else "above" if one.crossing.above else "below"


# --- a terminal --------------------------------------------------------------------------------------------


def print_explanation(explanation: Explanation, folder: Path | None = None) -> None:
    """The explanation on standard output."""
    Console(highlight=False).print(explanation_text(explanation, folder))


def explanation_text(explanation: Explanation, folder: Path | None = None) -> RenderableType:
    """Two sentences, the shares, the turning points, the fees, and where the files are."""
    scenario, fees = explanation.scenario, fee_rows(explanation, intervals=False)
    parts: list[RenderableType] = [Text(f"{scenario.name}: {title(explanation)}", style="bold")]
    parts += [Text(f"{setting_text(explanation.comparison)}; {design_text(explanation)}", style="dim"), Text()]
    parts += [Padding(Text(sentence), (0, 0, 1, 0)) for sentence in sentences(explanation)]
    parts += [text_table(SHARE_HEADS, share_rows(explanation), words=(0, 3)), Text()]
    parts += [text_table(("number", *SWITCH_HEADS[2:5]), _short_switches(explanation), words=(0,)), Text()]
    if fees:
        parts += [
            text_table(FEE_HEADS, fees[:MOST_CREATORS], words=(0, 1)),
            Text(f"fees of one post in {scenario.market.currency}; intervals in the files", style="dim"),
            Text(),
        ]
    notes = (*explanation.notes, *explanation.comparison.warnings)
    parts += [Text(f"note: {note}", style="yellow") for note in notes]
    if folder is not None:
        parts.append(Text.assemble("Page, tables and figure: ", (str(folder), "bold")))
    return Group(*parts)


def _short_switches(explanation: Explanation) -> list[list[str]]:
    """The turning points by their keys, without figure and range."""
    return [[one.key, *row[2:5]] for one, row in zip(explanation.switches, switch_rows(explanation), strict=True)]


def title(explanation: Explanation) -> str:
    """What is explained: "extra orders, ten-micros minus celebrity"."""
    return f"{noun(explanation.metric)}, {explanation.a} minus {explanation.b}"


def design_text(explanation: Explanation) -> str:
    """How many combinations of how many groups were played."""
    groups = counted(len(explanation.shares), "group")
    if explanation.exact:
        return f"{groups} of mechanisms in all {counted(explanation.combinations, 'combination')}"
    return f"{groups} of mechanisms in {counted(explanation.combinations, 'combination')} along drawn orders"


def unit_text(explanation: Explanation) -> str:
    """The unit of the figure."""
    unit = METRICS[explanation.metric].unit
    return explanation.scenario.market.currency if unit == "currency" else unit
