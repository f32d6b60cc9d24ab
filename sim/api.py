"""What Python users call: the same jobs as the command line, returning objects instead of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim import ensemble as ensembles
from sim.commands.cascade import played
from sim.commands.finished import finished
from sim.engine.memory import check_fits
from sim.engine.model import InfluenceModel
from sim.engine.simulate import DEFAULT_ENGINE, simulate
from sim.engine.staging import final_campaign
from sim.ensemble import Ensemble, Replicate
from sim.errors import InputError
from sim.notebook import progress_of
from sim.record import Run
from sim.results.comparison import Comparison
from sim.results.comparison import compare as compare_with
from sim.results.precision import check_precision
from sim.results.settings import SettingsComparison
from sim.results.settings import compare_settings as compare_in_settings
from sim.scenario import DEFAULT_SCENARIO
from sim.scenario.library import find, stories
from sim.scenario.load import Scenario, load_with
from sim.scenario.settings import Setting, load_settings, setting_named
from sim.society.world import World
from sim.society.world import build_world as build
from sim.studies.replay import MOST_SHOWN
from sim.studies.replay import replay as replayed

if TYPE_CHECKING:
    from sim.views.replay.page import ReplayPage


cascade = played
"""Classic cascades on a graph, as the command plays them."""


def load(scenario: str | Path | Scenario = DEFAULT_SCENARIO, *overrides: str, **options: int | None) -> Scenario:
    """A scenario by name or path. overrides: "dotted.path=value"; options: people, days, replicates, worlds, seed.

    Raises InputError for anything wrong with it, and ValueError for overrides of a scenario that is loaded already.
    """
    return loaded_with(scenario, overrides, options)


def loaded_with(
    scenario: str | Path | Scenario, overrides: Sequence[str], options: Mapping[str, int | None],
    roster: str | Path | None = None,
) -> Scenario:  # fmt: skip
    if isinstance(scenario, Scenario):
        if overrides or roster is not None or any(value is not None for value in options.values()):
            raise ValueError("this scenario is loaded already: give overrides, options and a roster with its file")
        return scenario
    return load_with(find(scenario), roster, overrides, options)


def scenarios(*words: str) -> pd.DataFrame:
    """The built-in scenarios in which each of these words occurs: columns name, question, claim, finding.

    Raises InputError where none has them all.
    """
    rows = [{"name": name, **asdict(told)} for name, told in stories(words).items()]
    return pd.DataFrame(rows, columns=["name", "question", "claim", "finding"])


def compare(
    scenario: str | Path | Scenario = DEFAULT_SCENARIO,
    *overrides: str,
    workers: int | None = 1,
    engine: str = DEFAULT_ENGINE,
    folder: Path | None = None,
    precision: float | None = None,
    progress: bool = False,
    **options: int | None,
) -> Comparison:
    """Run every plan on every replicate and compare them, paired.

    workers: processes; more than 1 needs a script guarded by ``if __name__ == "__main__"``. folder: keeps finished
    replicates, so that an interrupted comparison can be completed. precision: replicates are doubled until every
    two plans' difference in reach, engagements and extra orders is known to within this share of the larger plan's
    mean, at most 1,280 replicates (``sim.results.comparison.compare_until``). progress: say how far it is, in Jupyter
    below the cell and elsewhere on stderr.
    """
    asked = None if precision is None else check_precision(precision)
    loaded = load(scenario, *overrides, **options)

    def run_all(scenario: Scenario, before: Sequence[Replicate]) -> Ensemble:
        with progress_of("simulating", wanted=progress) as told:
            return ensembles.run_ensemble(scenario, engine=engine, workers=workers, folder=folder, before=before,
                                          progress=told)  # fmt: skip

    return compare_with(loaded, run_all, asked)


def compare_settings(
    scenario: str | Path,
    *overrides: str,
    workers: int | None = 1,
    engine: str = DEFAULT_ENGINE,
    folder: Path | None = None,
    **options: int | None,
) -> SettingsComparison:
    """Run every plan in every setting of a scenario, and compare plans and settings, paired.

    Arguments as in ``compare``. Raises InputError for a scenario without [[setting]] tables.
    """
    path = find(scenario)
    settings = load_settings(path, overrides, **options)
    if len(settings) == 1:
        raise InputError("there are no settings to compare", file=path, key="setting",
                         expected="two [[setting]] tables or more; without any, sim.compare")  # fmt: skip

    def run(setting: Setting, kept: Path | None) -> Ensemble:
        return ensembles.run_ensemble(setting.scenario, engine=engine, workers=workers, folder=kept)

    return compare_in_settings(settings, run, folder)


def build_world(scenario: str | Path | Scenario = DEFAULT_SCENARIO, *, replicate: int = 0) -> World:
    """The world of one replicate of a scenario."""
    return build(load(scenario), replicate)


def run(
    scenario: str | Path | Scenario = DEFAULT_SCENARIO,
    plan: str | None = None,
    *,
    replicate: int = 0,
    record: Sequence[int] = (),
    engine: str = DEFAULT_ENGINE,
    world: World | None = None,
) -> Run:
    """One plan in one replicate (default: the first paid plan)."""
    loaded = load(scenario)
    if world is None:
        check_fits(loaded, 1, engine, 1)
        world = build(loaded, replicate)
    campaign = final_campaign(loaded, loaded.plan(plan or loaded.plans[1].name), world, replicate, engine)
    return simulate(world, campaign, loaded.rates, loaded.run.seed, replicate, record, engine=engine)


def replay(
    scenario: str | Path | Scenario = DEFAULT_SCENARIO,
    *overrides: str,
    plans: Sequence[str] | None = None,
    replicate: int = 0,
    most: int = MOST_SHOWN,
    setting: str | None = None,
    engine: str = DEFAULT_ENGINE,
    **options: int | None,
) -> ReplayPage:
    """One replicate of one or two plans as a page (see ``sim.studies.replay``), with ``save(path)``.

    scenario: also a folder that ``influence compare`` has finished; overrides and options then have no place.
    setting: which one of a scenario file with settings (default: the first).
    """
    from sim.views.replay.page import ReplayPage  # with what draws figures, which takes a while to import

    loaded, named = _in_setting(scenario, overrides, options, setting)
    shown = replayed(loaded, plans, replicate=replicate, most=most, engine=engine)
    return ReplayPage.of(replace(shown, setting=named))


def _in_setting(
    scenario: str | Path | Scenario, overrides: Sequence[str], options: Mapping[str, int | None], setting: str | None
) -> tuple[Scenario, str | None]:
    """The scenario in one of its settings, and that one's name; None where it has no settings."""
    if isinstance(scenario, Scenario):
        if setting is not None:
            raise ValueError("this scenario is loaded already: give the setting with its file or folder")
        return loaded_with(scenario, overrides, options), None
    if Path(scenario).is_dir():
        settings = finished(Path(scenario))[0]
        loaded_with(settings[0].scenario, overrides, options)  # raises where there are any
    else:
        settings = load_settings(find(scenario), overrides, **options)
    chosen = setting_named(settings, setting)
    return chosen.scenario, chosen.name if len(settings) > 1 else None


def model(
    scenario: str | Path | Scenario = DEFAULT_SCENARIO,
    plan: str | None = None,
    *,
    replicate: int = 0,
    kind: type[InfluenceModel] = InfluenceModel,
) -> InfluenceModel:
    """A Mesa model of one plan, ready to ``step()``; ``kind`` may be a subclass with other agents or rules."""
    loaded = load(scenario)
    world = build(loaded, replicate)
    campaign = final_campaign(loaded, loaded.plan(plan or loaded.plans[1].name), world, replicate)
    return kind(world, campaign, loaded.rates, rng=loaded.run.seed, replicate=replicate)
