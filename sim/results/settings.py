"""The same plans in several settings: a comparison for each, and how each plan does otherwise than in the first.

Every setting is run on the same seeds, so replicate k of one setting and replicate k of another are a pair: what luck
does to both is no part of their difference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.ensemble import Ensemble, model_hash
from sim.results.comparison import LEVEL, UNDECIDED, Comparison, compare_plans, negligible, p_value, paired
from sim.results.leads import HIGHER, LOWER, LeadChange, lead_changes
from sim.results.measures import METRICS, PlanTotals
from sim.results.precision import question_digest as digest_of_one
from sim.results.statistics import holm
from sim.results.summary import plan_figures, summary
from sim.scenario.settings import Setting
from sim.shown import Shown

SETTING_METRICS = ("reach", "engagements", "clicks", "incremental_conversions", "cpa", "roi")
"""The figures whose verdicts are corrected together for each plan, over all settings (Holm)."""

RunSetting = Callable[[Setting, Path | None], Ensemble]
"""Runs all replicates in a setting, those kept in the folder aside, and keeps them there."""


@dataclass(frozen=True)
class SettingDifference:
    """A plan's figure in a setting minus the same in the first setting, paired by replicate.

    mean, low, high: None where the figure is not defined in one of the two. verdict: "higher", "lower" or "undecided".
    """

    setting: str
    plan: str
    metric: str
    mean: float | None
    low: float | None
    high: float | None
    verdict: str


@dataclass(frozen=True, repr=False)
class SettingsComparison(Shown):
    """The answer to a scenario with settings, the first of which is the file as it is written.

    comparisons: by name of the setting, in the file's order. leads: how the difference of every two paid plans changes,
    in SETTING_METRICS. digest: names the whole question, as a comparison's does.
    """

    settings: tuple[Setting, ...]
    comparisons: Mapping[str, Comparison]
    differences: tuple[SettingDifference, ...]
    leads: tuple[LeadChange, ...]
    digest: str

    @property
    def first(self) -> Comparison:
        """The comparison in the first setting."""
        return self.comparisons[self.settings[0].name]

    @property
    def others(self) -> tuple[Setting, ...]:
        """All settings but the first."""
        return self.settings[1:]

    def difference(self, setting: str, plan: str, metric: str) -> SettingDifference:
        """The row of that setting, plan and figure; KeyError for the first setting, which differs from none."""
        for row in self.differences:
            if (row.setting, row.plan, row.metric) == (setting, plan, metric):
                return row
        raise KeyError((setting, plan, metric))

    def lead_change(self, setting: str, a: str, b: str, metric: str) -> LeadChange:
        """The row of that setting, plans (in the scenario's order) and figure; KeyError where there is none."""
        for row in self.leads:
            if (row.setting, row.a, row.b, row.metric) == (setting, a, b, metric):
                return row
        raise KeyError((setting, a, b, metric))

    def frame(self) -> pd.DataFrame:
        """One row a setting, plan and figure: mean, low, high, and the difference to the first setting.

        Columns difference, difference_low, difference_high are nan and verdict is "" for the first setting itself.
        """
        found = {(row.setting, row.plan, row.metric): row for row in self.differences}
        rows = []
        for name, comparison in self.comparisons.items():
            for plan, figures in comparison.figures.items():
                for metric, interval in figures.items():
                    row = found.get((name, plan, metric))
                    shown = (None, None, None) if interval is None else (interval.mean, interval.low, interval.high)
                    differs = (None, None, None, "") if row is None else (row.mean, row.low, row.high, row.verdict)
                    rows.append((name, plan, metric, *shown, *differs))
        columns = ["setting", "plan", "metric", "mean", "low", "high", "difference", "difference_low",
                   "difference_high", "verdict"]  # fmt: skip
        numbers = dict.fromkeys(columns[3:9], "float64")
        return pd.DataFrame(rows, columns=columns).astype(numbers)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know of the other settings and is not true of the first already."""
        return tuple(
            f"{name}: {warning}" for name, comparison in self.comparisons.items()
            for warning in comparison.warnings if warning not in self.first.warnings
        )  # fmt: skip


def compare_settings(settings: Sequence[Setting], run: RunSetting, folder: Path | None = None) -> SettingsComparison:
    """Compare a scenario's plans in every setting. folder: replicates are kept there, those of the first as always."""
    comparisons = {}
    for place, setting in enumerate(settings, 1):
        kept = folder if folder is None or place == 1 else folder / f"setting-{place}"
        with setting.blamed():
            comparisons[setting.name] = compare_plans(run(setting, kept))
    first, *others = comparisons.items()
    rows = [row for plan in first[1].totals for row in _differences(plan, first[1], dict(others))]
    leads = lead_changes(first[1], dict(others), SETTING_METRICS)
    return SettingsComparison(tuple(settings), comparisons, tuple(rows), tuple(leads), question_digest(settings))


def question_digest(settings: Sequence[Setting], precision: float | None = None) -> str:
    """Twelve hexadecimal digits that name a question: of several settings with their names, or of the only one."""
    if len(settings) == 1:
        return digest_of_one(settings[0].scenario, precision)
    text = json.dumps([[setting.name, setting.scenario.digest(model_hash())] for setting in settings])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _differences(plan: str, first: Comparison, others: Mapping[str, Comparison]) -> list[SettingDifference]:
    """How one plan does otherwise than in the first setting, in every figure, with verdicts."""
    clusters, base = first.ensemble.worlds, first.totals[plan]
    pairs = {(name, key): comparison.totals[plan] for name, comparison in others.items() for key in METRICS}
    intervals = {(name, key): paired(totals, base, METRICS[key], clusters) for (name, key), totals in pairs.items()}
    p_values = {
        pair: None if interval is None else p_value(pairs[pair], base, METRICS[pair[1]], interval, clusters)
        for pair, interval in intervals.items()
    }
    sure = {pair: p is not None and p < LEVEL for pair, p in p_values.items()}
    sure |= holm({pair: p for pair, p in p_values.items() if pair[1] in SETTING_METRICS}, LEVEL)
    rows = []
    for (name, key), interval in intervals.items():
        mean, low, high = (None, None, None) if interval is None else (interval.mean, interval.low, interval.high)
        verdict = _verdict(pairs[name, key], base, key, mean, sure[name, key])
        rows.append(SettingDifference(name, plan, key, mean, low, high, verdict))
    return rows


def _verdict(totals: PlanTotals, base: PlanTotals, key: str, mean: float | None, sure: bool) -> str:
    if mean is None or not sure or negligible(totals, base, METRICS[key]):
        return UNDECIDED
    return HIGHER if mean > 0 else LOWER


def settings_summary(answer: SettingsComparison) -> dict[str, Any]:
    """The summary of the first setting, the digest of the whole question, and every setting under "settings"."""
    told = summary(answer.first)
    return {**told, "digest": answer.digest, "warnings": [*told["warnings"], *answer.warnings],
            "settings": [_setting(answer, setting) for setting in answer.settings]}  # fmt: skip


def _setting(answer: SettingsComparison, setting: Setting) -> dict[str, Any]:
    """One setting: what it changes, its figures, its differences to the first, its plans against each other."""
    differences: dict[str, dict[str, Any]] = {}
    for row in answer.differences:
        if row.setting == setting.name:
            told = {"mean": row.mean, "low": row.low, "high": row.high, "verdict": row.verdict}
            differences.setdefault(row.plan, {})[row.metric] = told
    comparison = answer.comparisons[setting.name]
    return {
        "name": setting.name,
        "set": dict(setting.changes),
        "plans": {plan: plan_figures(comparison, plan) for plan in comparison.figures},
        "differences": differences,
        "between_plans": [asdict(row) for row in comparison.differences],
        "lead_changes": [asdict(row) for row in answer.leads if row.setting == setting.name],
    }
