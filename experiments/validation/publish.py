"""The facts as last measured, written into the documents: ``python experiments/validation/publish.py FOLDER``.

FOLDER is what ``influence validate --out FOLDER`` wrote. Without it the tables are written anew from the files beside
this one.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pandas as pd

from sim.studies.validation.facts import FACTS
from sim.studies.validation.validate import Finding
from sim.views.markdown import table, with_part
from sim.views.validation import (
    accepted_text,
    band_text,
    gate_text,
    median_text,
    result_text,
    title_text,
    verdict_lines,
)

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KEPT = {"facts.csv": "facts.csv", "sign_rule.csv": "sign_rule.csv", "figures/sign_rule.png": "sign_rule.png"}
PART = "facts"


def findings(folder: Path) -> list[Finding]:
    """The facts of a folder, values in order of the seeds."""
    rows = pd.read_csv(folder / "facts.csv")
    parts = {str(name): part.sort_values("seed") for name, part in rows.groupby("id")}
    missing = float("nan")
    return [Finding(fact, tuple(parts[name]["value"].fillna(missing).astype(float))) for name, fact in FACTS.items()
            if name in parts]  # fmt: skip


def short(found: list[Finding]) -> str:
    """For the project's README: what was measured beside what is accepted."""
    rows = [(f"{one.fact.id} {title_text(one.fact)}", median_text(one), band_text(one), accepted_text(one.fact),
             f"{one.fact.role}, {gate_text(one.fact)}", result_text(one)) for one in found]  # fmt: skip
    heads = ("fact", "simulated", "5-95 % of seeds", "accepted", "role", "result")
    return "\n\n".join([". ".join(verdict_lines(found)) + ".", table(heads, rows)])


def full(found: list[Finding]) -> str:
    """With how each is measured and its source."""
    rows = [(one.fact.id, title_text(one.fact), one.fact.measured, median_text(one), band_text(one),
             accepted_text(one.fact), one.fact.source, f"{one.fact.role}, {gate_text(one.fact)}", result_text(one))
            for one in found]  # fmt: skip
    heads = ("", "fact", "measured", "simulated", "5-95 % of seeds", "accepted", "source", "role", "result")
    return table(heads, rows)


def main() -> None:
    """Copy what is kept, then write both tables."""
    if len(sys.argv) > 1:
        for name, kept in KEPT.items():
            shutil.copyfile(Path(sys.argv[1]) / name, HERE / kept)
    found = findings(HERE)
    for page, part in ((ROOT / "README.md", short(found)), (HERE / "README.md", full(found))):
        page.write_text(with_part(page.read_text(encoding="utf-8"), PART, part), encoding="utf-8")


if __name__ == "__main__":
    main()
