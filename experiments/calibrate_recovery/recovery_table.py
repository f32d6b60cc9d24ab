"""The table of the study's page."""

from __future__ import annotations

import pandas as pd

from sim.results.rounding import number, percent
from sim.views.markdown import table


def report(found: pd.DataFrame) -> str:
    """How often the 90 % intervals hold the truth, by parameter."""
    rows = []
    for name, part in found.groupby("parameter", sort=False):
        told = part[part["told"]]
        factor = ((told["high"] / told["low"]) ** 0.5).median() if len(told) else None
        rows.append([f"`{name}`", f"{int(part['held'].sum())} of {len(part)}",
                     f"{int(told['held'].sum())} of {len(told)}", percent(float(part["share_of_prior"].median())),
                     "–" if factor is None else f"x or ÷ {number(float(factor))}"])  # fmt: skip
    total = f"{int(found['held'].sum())} of {len(found)}"
    head = ["parameter", "intervals that hold the truth", "of those told", "median width, share of the prior's",
            "median half width where told"]  # fmt: skip
    return table(head, rows) + f"\n\nTogether {total} intervals hold the truth; 90 % would be {0.9 * len(found):.0f}."
