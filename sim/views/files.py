"""What ``compare`` leaves in its folder. Equal questions leave equal bytes: no time, host or path stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sim.results.comparison import Comparison
from sim.results.settings import SettingsComparison, settings_summary
from sim.results.spending import bought
from sim.results.summary import summary, to_json
from sim.results.tables import creators_table, daily_table, paid_plans, runs_table
from sim.views.bought import count_text
from sim.views.plots import pictures
from sim.views.report.page import report_html
from sim.views.resolved import scenario_toml
from sim.views.settings import settings_lines, settings_parts
from sim.views.wording import interval_text, setting_text


def write_outputs(comparison: Comparison, folder: Path, settings: SettingsComparison | None = None) -> list[Path]:
    """Write summary.json, the tables, figures, report, resolved scenario and log; each file whole or not at all.

    settings: where the scenario has several, of which the comparison is then the first.
    """
    return write_all(folder, output_contents(comparison, settings))


def output_contents(comparison: Comparison, settings: SettingsComparison | None = None) -> dict[str, bytes]:
    """The same files by their names, not written."""
    shown = pictures(comparison)
    others = [] if settings is None else settings_parts(settings)
    digest = None if settings is None else settings.digest
    return {
        "runs.csv": csv_bytes(runs_table(comparison)),
        "daily.csv": csv_bytes(daily_table(comparison)),
        "creators.csv": csv_bytes(creators_table(comparison)),
        **{f"figures/{picture.name}.png": picture.png for picture in shown},
        "report.html": report_html(comparison, shown, others, digest).encode(),
        "scenario.toml": scenario_toml(comparison.question, settings.settings if settings else ()).encode(),
        "run.log": log_text(comparison, settings).encode(),
        "summary.json": to_json(summary(comparison) if settings is None else settings_summary(settings)).encode(),
        **({} if settings is None else {"settings.csv": csv_bytes(settings.frame())}),
    }


def csv_bytes(table: pd.DataFrame) -> bytes:
    """A table as CSV: floats in full, undefined cells blank."""
    return str(table.to_csv(index=False, lineterminator="\n")).encode()


def log_text(comparison: Comparison, settings: SettingsComparison | None = None) -> str:
    """What was run, what each plan cost, and everything a reader must know."""
    ensemble, scenario = comparison.ensemble, comparison.ensemble.scenario
    lines = [scenario.name, scenario.question, setting_text(comparison), f"seed {scenario.run.seed}"]
    for plan in paid_plans(comparison):
        posts, cost = bought(ensemble, plan).posts, comparison.figures[plan]["cost"]
        made = "1 post" if set(posts) == {1} else f"{count_text(posts)} posts"
        lines.append(f"plan {plan}: {made}, cost {interval_text('cost', cost)}")
    lines += [] if settings is None else [f"setting {line}" for line in settings_lines(settings)]
    lines += [f"note: {warning}" for warning in (*comparison.warnings, *(settings.warnings if settings else ()))]
    return "\n".join(line for line in lines if line) + "\n"


def write_all(folder: Path, contents: Mapping[str, bytes]) -> list[Path]:
    """Files by their names within a folder, in this order, each whole or not at all."""
    return [write_whole(folder / name, content) for name, content in contents.items()]


def write_whole(path: Path, content: bytes) -> Path:
    """A file, whole or not at all; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(content)
    partial.replace(path)
    return path
