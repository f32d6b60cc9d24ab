"""Results in one line each, as Python prints them: what it is, of what size, and the digest that names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.engine.classic import Cascades
from sim.ensemble import model_hash
from sim.record import Run
from sim.results.comparison import Comparison
from sim.results.rounding import number
from sim.results.settings import SettingsComparison
from sim.results.tables import paid_plans
from sim.rules import FIXED_POINT
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE
from sim.society.world import World
from sim.studies.explain import Explanation
from sim.studies.select import Selection
from sim.studies.sensitivity import Sensitivity
from sim.studies.split import Split
from sim.studies.store import Store
from sim.views.explain import title as explained_title
from sim.views.select import title as selection_title
from sim.views.sensitivity import title as sensitivity_title
from sim.views.split import title as split_title
from sim.views.wording import counted, interval_text, listed


def digest_of(scenario: Scenario) -> str:
    """The name of the question; "unknown" where its graph can no longer be read."""
    try:
        return scenario.digest(model_hash())
    except OSError:
        return "unknown"


def plans_of(scenario: Scenario) -> list[str]:
    """The plans to choose from: all but "none"."""
    return [plan.name for plan in scenario.plans if plan.name != NONE]


def scenario_line(scenario: Scenario) -> str:
    run = scenario.run
    return (f"Scenario {scenario.name}: {listed(plans_of(scenario))}; {counted(len(scenario.creators), 'creator')}, "
            f"{scenario.people:,} agents, {counted(run.days, 'day')}, {counted(run.replicates, 'replicate')}, "
            f"digest {digest_of(scenario)}")  # fmt: skip


def world_line(world: World) -> str:
    return (f"World: {world.n_people:,} agents of {number(world.people_per_agent)} people each, "
            f"{counted(world.society.n_ties, 'tie')}, {counted(world.n_creators, 'creator')}, "
            f"society {world.society.digest()}")  # fmt: skip


def run_totals(run: Run) -> dict[str, float]:
    """The headline totals of one run, in real people and their deeds; engagements and orders are expected figures."""
    w = run.people_per_agent
    sources = ("followed", "recommended", "reshared", "word")
    return {
        "impressions": w * sum(run.total(f"impressions_{source}") for source in sources),
        "people reached": w * sum(run.total(f"reached_{source}") for source in sources),
        "engagements": w * run.total("engagements_expected") / FIXED_POINT,
        "clicks": w * run.total("clicks_expected") / FIXED_POINT,
        "orders": w * (run.total("conversions_expected") + run.total("repeats_expected")) / FIXED_POINT,
    }


def run_line(run: Run) -> str:
    days = len(run.daily["engagements_expected"])
    told = ", ".join(f"{number(value)} {name}" for name, value in run_totals(run).items())
    return f"Run: {counted(days, 'day')}, {counted(len(run.handles), 'creator')}; {told}"


def comparison_line(comparison: Comparison) -> str:
    ensemble = comparison.ensemble
    return (f"Comparison {ensemble.scenario.name}: {listed(paid_plans(comparison))}; "
            f"{counted(len(ensemble.replicates), 'replicate')} in "
            f"{counted(len(set(ensemble.worlds)), 'society', 'societies')}, {ensemble.replicates[0].people:,} agents, "
            f"{counted(ensemble.scenario.run.days, 'day')}, digest {comparison.digest}")  # fmt: skip


def settings_line(answer: SettingsComparison) -> str:
    names = [setting.name for setting in answer.settings]
    first = answer.first
    return (f"SettingsComparison {first.ensemble.scenario.name}: {listed(paid_plans(first))} in {listed(names)}; "
            f"{counted(len(first.ensemble.replicates), 'replicate')}, digest {answer.digest}")  # fmt: skip


def explanation_line(explanation: Explanation) -> str:
    return (f"Explanation {explained_title(explanation)}: "
            f"{interval_text(explanation.metric, explanation.difference)}, "
            f"{counted(len(explanation.shares), 'group')} in {counted(explanation.combinations, 'combination')}, "
            f"digest {explanation.comparison.digest}")  # fmt: skip


def split_line(split: Split) -> str:
    return f"Split {split_title(split)}: {counted(len(split.rows), 'split')}, digest {split.comparison.digest}"


def selection_line(selection: Selection) -> str:
    return (f"Selection {selection_title(selection)}: {listed(selection.handles)}, "
            f"digest {selection.comparison.digest}")  # fmt: skip


def sensitivity_line(found: Sensitivity) -> str:
    return (f"Sensitivity {sensitivity_title(found)}: {found.method}, {counted(found.points, 'point')} x "
            f"{counted(found.replicates, 'replicate')}, {listed(list(found.figures))}")  # fmt: skip


def store_line(store: Store) -> str:
    return f"Store({str(store.path)!r}): {store.study.name}, {store.status().done:,} runs done, digest {store.digest}"


def cascades_line(made: Cascades) -> str:
    return (f"Cascades: {counted(len(made.sizes), 'run')}, mean size {np.mean(made.sizes):,.4g}, "
            f"largest {int(made.sizes.max()):,}")  # fmt: skip


LINES: Mapping[type, Callable[[Any], str]] = {
    Scenario: scenario_line, World: world_line, Run: run_line, Comparison: comparison_line,
    SettingsComparison: settings_line, Explanation: explanation_line, Split: split_line, Selection: selection_line,
    Sensitivity: sensitivity_line, Store: store_line, Cascades: cascades_line,
}  # fmt: skip
