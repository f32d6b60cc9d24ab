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
from sim.scenario.observed import Observed, read_observed
from sim.scenario.settings import Setting, load_settings
from sim.society.world import World
from sim.society.world import build_world as build
from sim.studies.calibrate import Calibration
from sim.studies.calibrate import calibrate as calibrated
from sim.studies.calibrate_asked import Sizes
from sim.studies.calibrate_asked import asked as calibrate_asked
from sim.studies.calibrate_runs import Bench
from sim.studies.candidates import CHOOSING, Wishes
from sim.studies.candidates import asked as select_asked
from sim.studies.explain import Explanation
from sim.studies.explain import explain as explained
from sim.studies.explain_asked import asked, at_proportional_prices, explained_scenario
from sim.studies.planned import Planned, planned
from sim.studies.replay import MOST_SHOWN
from sim.studies.replay import replay as replayed
from sim.studies.select import Selection
from sim.studies.select import select as selected
from sim.studies.select_runs import Trials
from sim.studies.sensitivity import Sensitivity, analysed, check_finished, check_sensitivity
from sim.studies.split import Split
from sim.studies.split import asked as split_asked
from sim.studies.split import split as split_answer
from sim.studies.splits import Terms, groups_of
from sim.studies.store import Store
from sim.studies.study import Study
from sim.studies.study_file import read_study
from sim.studies.sweep import sweep as sweep_into

if TYPE_CHECKING:
    from sim.views.replay import ReplayPage


cascade = played
"""Classic cascades on a graph, as the command plays them."""


def load(scenario: str | Path | Scenario = DEFAULT_SCENARIO, *overrides: str, **options: int | None) -> Scenario:
    """A scenario by name or path. overrides: "dotted.path=value"; options: people, days, replicates, worlds, seed.

    Raises InputError for anything wrong with it, and ValueError for overrides of a scenario that is loaded already.
    """
    return _loaded(scenario, overrides, options)


def _loaded(
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


def explain(
    scenario: str | Path | Scenario = DEFAULT_SCENARIO,
    *overrides: str,
    a: str | None = None,
    b: str | None = None,
    metric: str | None = None,
    groups: Sequence[str] | None = None,
    workers: int | None = 1,
    engine: str = DEFAULT_ENGINE,
    folder: Path | None = None,
    progress: bool = False,
    **options: int | None,
) -> Explanation:
    """Why plan a and plan b differ in a figure, and what would turn it (see ``sim.studies.explain``).

    Left open: the first two plans, incremental conversions, the six groups of mechanisms that can matter, and at most
    10 replicates. workers, folder, progress: as in ``compare``. A scenario that is loaded already keeps its
    replicates, and the posts that its budgets have bought, when prices are switched off.
    """
    if isinstance(scenario, Scenario):
        what = asked(load(scenario, *overrides, **options), a, b, metric, groups, engine)
    else:
        path = find(scenario)
        loaded = explained_scenario(path, overrides, options)
        what = asked(loaded, a, b, metric, groups, engine, lambda: at_proportional_prices(path, overrides, options))
    with progress_of("explaining", wanted=progress) as told:
        return explained(what.question, what.metric, what.groups, workers=workers, folder=folder, progress=told,
                         notes=what.notes)  # fmt: skip


def split(
    scenario: str | Path | Scenario,
    budget: float,
    *overrides: str,
    groups: str | None = None,
    metrics: Sequence[str] | None = None,
    terms: Terms | None = None,
    step: float | None = None,
    target: float | None = None,
    workers: int | None = 1,
    engine: str = DEFAULT_ENGINE,
    progress: bool = False,
    **options: int | None,
) -> Split:
    """Which split of a budget over two or three groups of creators is best (see ``sim.studies.split``).

    groups: tiers, or creators by name like "home=anna+ben,star=cleo" (default: the tiers there are). metrics: the
    first one decides. terms: posts of each creator and when. step: of the shares. target: search the cheapest split
    that reaches so many, too. Raises InputError for anything that is not there, and a budget that buys nothing.
    """
    loaded = load(scenario, *overrides, **options)
    chosen = split_asked(loaded, groups_of(loaded, groups), budget, terms or Terms(), metrics, step, target)

    def run_part(_: str, scenario: Scenario) -> Ensemble:
        with progress_of("simulating", wanted=progress) as told:
            return ensembles.run_ensemble(scenario, engine=engine, workers=workers, progress=told)

    return split_answer(chosen, run_part)


def sweep(
    study: str | Path | Study,
    store: str | Path,
    *overrides: str,
    workers: int | None = 1,
    engine: str = DEFAULT_ENGINE,
    retry: bool = False,
    dask: str | None = None,
    progress: bool = False,
    **options: int | None,
) -> Store:
    """Run a study, built here or read from a file, into a store: what is there already is not run again.

    retry: do failed runs again. workers, progress: as in ``compare``. dask: the address of a scheduler whose workers
    do the runs. ``Store.frame()`` is the table of what came of it. Raises InputError where the store holds another
    study, and InfluenceError where another process is writing to it.
    """
    plan = _planned(study, overrides, options)
    with progress_of("sweeping", wanted=progress) as told:
        return sweep_into(plan, Path(store), engine=engine, workers=workers, progress=told, retry=retry, dask=dask)


def _planned(study: str | Path | Study, overrides: Sequence[str], options: Mapping[str, int | None]) -> Planned:
    asked_for = study if isinstance(study, Study) else read_study(study)
    return planned(asked_for.with_options(overrides, **options))


def select(
    scenario: str | Path | Scenario,
    budget: float,
    *overrides: str,
    roster: str | Path | None = None,
    metric: str | None = None,
    wishes: Wishes | None = None,
    terms: Terms | None = None,
    choose_on: int = CHOOSING,
    workers: int | None = 1,
    engine: str = DEFAULT_ENGINE,
    progress: bool = False,
    **options: int | None,
) -> Selection:
    """Which creators to book under a budget (see ``sim.studies.select``).

    roster: a file in place of the scenario's creators. metric: extra orders where nothing is said. wishes: who must
    or must not be booked, the most of one niche. choose_on: replicates that the choice is made on, with other seeds
    than the figures. Raises InputError for anything that is not there, and wishes that cannot be met.
    """
    loaded = _loaded(scenario, overrides, options, roster)
    question = select_asked(loaded, budget, terms or Terms(), metric, wishes, choose_on)
    trials = Trials(question, engine, workers)
    check_fits(trials.scenario, workers, engine)

    def run_all(scenario: Scenario) -> Ensemble:
        return ensembles.run_ensemble(scenario, engine=engine, workers=workers, progress=trials.progress)

    with progress_of("choosing", wanted=progress) as trials.progress:
        return selected(question, trials, run_all)


def sensitivity(
    study: str | Path | Study,
    store: str | Path,
    *overrides: str,
    workers: int | None = 1,
    engine: str = DEFAULT_ENGINE,
    retry: bool = False,
    dask: str | None = None,
    progress: bool = False,
    **options: int | None,
) -> Sensitivity:
    """Which of the things that vary in a study decide its figures: Morris screening or Sobol indices.

    The study's design is "morris" or "sobol-indices"; arguments as in ``sweep``, whose store is completed and read.
    ``Sensitivity.frame()`` is the table. Raises InputError where runs failed, or a figure is undefined or constant.
    """
    plan = _planned(study, overrides, options)
    check_sensitivity(plan)
    with progress_of("sweeping", wanted=progress) as told:
        kept = sweep_into(plan, Path(store), engine=engine, workers=workers, progress=told, retry=retry,
                          dask=dask)  # fmt: skip
    check_finished(kept.status(), kept.path)
    return analysed(plan.study, kept.frame(), plan.base.run.seed)


def calibrate(
    scenario: str | Path | Scenario,
    observed: str | Path | Observed,
    *overrides: str,
    sizes: Sizes | None = None,
    workers: int | None = 1,
    engine: str = DEFAULT_ENGINE,
    folder: Path | None = None,
    **options: int | None,
) -> Calibration:
    """What observed campaigns say about the model's parameters (see ``sim.studies.calibrate``).

    observed: a CSV file, or rows made here. sizes: how many simulations. workers, folder: as in ``compare``.
    ``Calibration.frame()`` has the draws, ``Calibration.fitted`` the values for a scenario's [parameters]. Raises
    InputError for a file or campaigns with problems.
    """
    loaded = load(scenario, *overrides, **options)
    population = float(loaded.market.population or loaded.people)
    rows = observed if isinstance(observed, Observed) else read_observed(
        Path(observed), loaded.creators, loaded.tiers, population)  # fmt: skip
    question = calibrate_asked(loaded, rows, options.get("people"), sizes)
    check_fits(question.runs, workers, engine)

    def resolve(values: Mapping[str, float]) -> Scenario:
        return replace(loaded, rates=replace(loaded.rates, **values))

    return calibrated(question, Bench(question, engine, workers, folder), resolve)


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
    engine: str = DEFAULT_ENGINE,
    **options: int | None,
) -> ReplayPage:
    """One replicate of one or two plans as a page (see ``sim.studies.replay``), with ``save(path)``.

    scenario: also a folder that ``influence compare`` has finished; overrides and options then have no place.
    """
    from sim.views.replay import ReplayPage  # with what draws figures, which takes a while to import

    if not isinstance(scenario, Scenario) and Path(scenario).is_dir():
        scenario = finished(Path(scenario))[0][0].scenario
    loaded = load(scenario, *overrides, **options)
    return ReplayPage.of(replayed(loaded, plans, replicate=replicate, most=most, engine=engine))


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
