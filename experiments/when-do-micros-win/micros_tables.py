"""The tables of the map's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.results.rounding import number
from sim.views.markdown import table

TITLES = {"reach": "reach", "engagements": "engagements", "incremental_conversions": "extra orders", "roi": "return"}
NAMES = {
    "price_exponent": "price exponent β", "niches": "number of niches", "trust_gain": "trust won by answering",
    "fake_share": "share of fake followers", "fake_slope": "more fakes with size (slope)",
    "appetite_shape": "evenness of appetite for creators (high: less overlap)", "population": "people in the market",
}  # fmt: skip
"""What the axes are called on the page and in figures."""


def parts(rows: Sequence[Mapping[str, str]], axes: Mapping[str, Sequence[float]]) -> dict[str, str]:
    """The table of single axes, and how many points each side wins."""
    alone = [row for row in rows if not row["axis_2"]]
    lines = []
    for axis in axes:
        for value in dict.fromkeys(row["value_1"] for row in alone if row["axis_1"] == axis):
            at = {row["figure"]: row for row in alone if (row["axis_1"], row["value_1"]) == (axis, value)}
            lines.append([NAMES[axis], number(float(value)), number(float(at["reach"]["large"])),
                          *(cell(at[figure]) for figure in TITLES if figure != "roi")])  # fmt: skip
    heads = ["moved", "to", "followers of the one", *(TITLES[figure] for figure in TITLES if figure != "roi")]
    return {"lines": table(heads, lines), "wins": _wins(rows)}


def cell(row: Mapping[str, str]) -> str:
    """The ratio ten : one, in bold where it is decided; the share of replicates in which the ten are ahead."""
    ratio = number(float(row["ratio"])) if row["ratio"] else "-"
    sure = row["verdict"] != "undecided"
    ahead = f" ({100 * float(row['ahead']):.0f} %)" if row["ahead"] else ""
    return f"**{ratio}**{ahead}" if sure else f"{ratio}{ahead}"


def _wins(rows: Sequence[Mapping[str, str]]) -> str:
    lines = []
    for figure, title in TITLES.items():
        of_figure = [row["verdict"] for row in rows if row["figure"] == figure]
        lines.append([title, *(str(of_figure.count(name)) for name in ("ten-micros", "celebrity", "undecided"))])
    return table(["figure", "ten micros ahead", "the one account ahead", "undecided"], lines)
