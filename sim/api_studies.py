"""What Python users call to ask more than one comparison: why, how to split, whom to book, what matters, what fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sim import ensemble as ensembles
from sim.api import load, loaded_with
from sim.engine.memory import check_fits
from sim.engine.simulate import DEFAULT_ENGINE
from sim.ensemble import Ensemble
from sim.notebook import progress_of
from sim.scenario import DEFAULT_SCENARIO
from sim.scenario.library import find
from sim.scenario.load import Scenario
from sim.scenario.observed import Observed, read_observed
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
    loaded = loaded_with(scenario, overrides, options, roster)
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
