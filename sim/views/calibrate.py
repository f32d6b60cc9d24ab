"""A calibration for a terminal, as the JSON document, as tables and a scenario file, and its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sim.results.rounding import number
from sim.results.summary import SCHEMA, versions
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE
from sim.studies.calibrate import Band, Calibration
from sim.views.calibrate_words import (
    CHECK_HEADS,
    PARAMETER_HEADS,
    PREDICTION_HEADS,
    READING,
    check_rows,
    check_text,
    estimate_text,
    parameter_rows,
    prediction_rows,
    sentences,
)
from sim.views.page import Top, command_text, picture, table, tag, whole_page
from sim.views.report.assumptions import assumptions
from sim.views.report.parts import WORDS_HERE
from sim.views.resolved import scenario_toml
from sim.views.terms import USUAL, definitions
from sim.views.wording import counted

FITTED = "fitted.toml"
PREDICTING = (
    "Each run is one campaign: a draw of the posterior and luck of its own, the same luck in both columns. Median and "
    "90 % interval over the runs."
)
BAND = "One in ten observed figures is to be expected outside of its band."


def document(found: Calibration, engine: str, digest: str) -> dict[str, Any]:
    """The whole of calibrate.json."""
    scenario, runs = found.asked.scenario, found.asked.runs
    population = float(scenario.market.population or runs.people)
    return {
        "schema": SCHEMA,
        "command": "calibrate",
        "scenario": scenario.name,
        "digest": digest,
        "worlds": runs.worlds,
        "seed": scenario.run.seed,
        "replicates": found.asked.sizes.played,
        "engine": engine,
        "people": runs.people,
        "people_per_agent": population / runs.people,
        "days": runs.run.days,
        "currency": scenario.market.currency,
        "versions": versions(),
        "answer": list(sentences(found)),
        "campaigns": len(found.asked.campaigns),
        "figures": list(found.asked.columns),
        "simulations": found.simulations,
        "parameters": {one.name: {key: value for key, value in one._asdict().items() if key != "name"}
                       for one in found.estimates},
        "known_only_together": [pair._asdict() for pair in found.pairs],
        "fitted": found.fitted,
        "check": [{**one._asdict(), "outside": one.outside} for one in found.checks],
        "predictions": [{"plan": one.plan, "figure": one.figure, "fitted": one.fitted._asdict(),
                         "scenario": one.before._asdict()} for one in found.predictions],
        "leads": [lead._asdict() for lead in found.leads],
        "warnings": list(found.notes),
    }  # fmt: skip


def check_frame(found: Calibration) -> pd.DataFrame:
    """One row an observed figure."""
    return pd.DataFrame([{**one._asdict(), "outside": one.outside} for one in found.checks])


def prediction_frame(found: Calibration) -> pd.DataFrame:
    """One row a plan and figure."""

    def ends(name: str, band: Band) -> dict[str, float | None]:
        return {f"{name}_{key}": value for key, value in band._asdict().items()}

    return pd.DataFrame([{"plan": one.plan, "figure": one.figure, **ends("fitted", one.fitted),
                          **ends("scenario", one.before)} for one in found.predictions])  # fmt: skip


def fitted_toml(found: Calibration, fitted: Scenario, file: str) -> str:
    """The scenario with the fitted values, each with where it came from. fitted: the scenario resolved with them."""
    spans = {one.name: f"90 % interval {number(one.low)} to {number(one.high)}" for one in found.estimates}
    origins = {f"parameters.{name}": f"fitted to {file}, {spans[name]}" for name in found.fitted}
    return scenario_toml(replace(fitted, origins={**fitted.origins, **origins}))


# --- a terminal --------------------------------------------------------------------------------------------


def print_calibration(found: Calibration, folder: Path | None = None) -> None:
    """The answer on standard output."""
    Console(highlight=False).print(calibration_text(found, folder))


def calibration_text(found: Calibration, folder: Path | None = None) -> RenderableType:
    """Sentences, the tables, notes, and where the files are."""
    parts: list[RenderableType] = [Text(title(found), style="bold"), Text(setting(found), style="dim"), Text()]
    parts += [Padding(Text(sentence), (0, 0, 1, 0)) for sentence in sentences(found)]
    narrow = [0, 2, 4, 5, 6]
    parts.append(_table([PARAMETER_HEADS[at] for at in narrow],
                        [[row[at] for at in narrow] for row in parameter_rows(found)]))  # fmt: skip
    if found.predictions:
        parts += [_table(PREDICTION_HEADS, prediction_rows(found)), Text(PREDICTING, style="dim"), Text()]
    parts += [Text(f"note: {note}", style="yellow") for note in found.notes]
    if folder is not None:
        parts.append(Text.assemble("Page, tables, figures and scenario: ", (str(folder), "bold")))
        if has_plans(found):
            parts.append(Text.assemble("Compare with the fitted values: ",
                                       (f"influence compare {folder / FITTED}", "bold")))  # fmt: skip
    return Group(*parts)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for place, head in enumerate(heads):
        made.add_column(Text(head), justify="left" if place == 0 else "right", overflow="fold")
    for row in rows:
        made.add_row(*map(Text, row))
    return made


def title(found: Calibration) -> str:
    """ "launch: fitted to 9 campaigns"."""
    return f"{found.asked.scenario.name}: fitted to {counted(len(found.asked.campaigns), 'campaign')}"


def setting(found: Calibration) -> str:
    """One line: how many simulations, of whom, how long."""
    runs = found.asked.runs
    return ", ".join((counted(found.simulations, "simulation"), counted(runs.worlds, "society", "societies"),
                      f"{runs.people:,} agents", counted(runs.run.days, "day"),
                      f"money in {runs.market.currency}"))  # fmt: skip


def has_plans(found: Calibration) -> bool:
    """Whether there is something to compare."""
    return any(plan.name != NONE for plan in found.asked.scenario.plans)


# --- page --------------------------------------------------------------------------------------------------


def calibration_html(found: Calibration, command: str, digest: str, posterior: bytes, check: bytes) -> str:
    """The whole page without any outside address. command: the words that make the same again."""
    parts: dict[str, tuple[str, Sequence[str]]] = {
        "parameters": ("The parameters", [
            picture(posterior, "Before and after", _posterior_words(found)),
            table("Parameters, before and after", PARAMETER_HEADS, parameter_rows(found), words=[1, 6]),
            tag("p", READING, "quiet")]),
        "predictions": ("What the plans bring", [
            table("With fitted values, and with the scenario's own", PREDICTION_HEADS, prediction_rows(found),
                  words=[1]),
            tag("p", PREDICTING, "quiet")] if found.predictions else []),
        "check": ("What the fitted model gives for the same campaigns", [
            picture(check, "Observed figures and 90 % bands", check_text(found.checks)),
            table("Observed and simulated", CHECK_HEADS, check_rows(found), words=[1, 2, 6]),
            tag("p", BAND, "quiet")]),
        "assumptions": ("What it rests on", assumptions(found.asked.scenario)),
        "definitions": ("What the figures mean", [definitions((*USUAL, *WORDS_HERE))]),
        "again": ("Make it again", [command_text(command, digest)]),
    }  # fmt: skip
    top = Top(title(found), "What do past campaigns say about the model's numbers?", f"A simulation: {setting(found)}.",
              sentences(found), notes=found.notes)  # fmt: skip
    return whole_page(top, parts)


def _posterior_words(found: Calibration) -> str:
    """The figure in words."""
    return " ".join(estimate_text(one) for one in found.estimates)
