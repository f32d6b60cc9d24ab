"""``influence calibrate``: what observed campaigns say about the model's parameters."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

from sim.commands import REPLICATES, Output, about, check_engine, claim, folder_name
from sim.commands.study import say_compiling, tell
from sim.engine.memory import check_fits
from sim.errors import InputError
from sim.pieces import Progress as Told
from sim.results.summary import to_json
from sim.scenario.library import find
from sim.scenario.load import Scenario, load
from sim.scenario.observed import read_observed
from sim.society.world import check_audiences
from sim.studies import calibrate as study
from sim.studies.calibrate_asked import PLAYED, Asked, Sizes, asked
from sim.studies.calibrate_runs import Bench
from sim.studies.digest import study_digest
from sim.views.calibrate import (
    FITTED,
    calibration_html,
    check_frame,
    document,
    fitted_toml,
    has_plans,
    prediction_frame,
    print_calibration,
)
from sim.views.calibrate_figures import check_png, posterior_png
from sim.views.files import csv_bytes, write_all
from sim.views.progress import Progress

SOURCES = ("calibrate", "calibrate_asked", "calibrate_fit", "calibrate_runs", "designs")
PARTS = {"wave": "fitting", "check": "checking", "fitted": "predicting", "before": "comparing"}


def calibrate(
    name: str,
    observed: str,
    options: Mapping[str, int | None],
    overrides: Sequence[str],
    engine: str | None,
    workers: int | None,
    output: Output,
    sizes: Sizes | None = None,
) -> None:
    """Read, infer, check, predict, write, print."""
    path, engine = find(name), check_engine(engine)
    sizes = sizes or Sizes()
    sizes = replace(sizes, played=options.get("replicates") or min(PLAYED, sizes.played))
    scenario = load(path, overrides, **options)
    question = read_question(scenario, path, Path(observed), options.get("people"), sizes)
    digest = digest_of(question)
    folder = output.folder(Path("results") / f"{folder_name(scenario.name)}-calibrate-{digest}")
    with about(path):
        check_fits(question.runs, workers, engine)
        check_fits(scenario, workers, engine)
        check_audiences(scenario)
    if folder is not None:
        claim(folder, f"{digest} run calibrate", overwrite=output.overwrite)
    say_compiling(engine, output)

    def resolve(values: Mapping[str, float]) -> Scenario:
        return load(path, [*overrides, *(f"parameters.{key}={value!r}" for key, value in values.items())], **options)

    with about(path), ExitStack() as bars:
        kept = None if folder is None else folder / REPLICATES
        bench = Bench(question, engine, workers, kept, _progress(bars, quiet=output.quiet))
        found = study.calibrate(question, bench, resolve)
    text = to_json(document(found, engine, digest))
    if folder is not None:
        command = again_command(name, observed, options, overrides)
        _write(folder, found, resolve(found.fitted), Path(observed).name, command, digest, text)
    tell(output, text, lambda: print_calibration(found, folder))


def read_question(scenario: Scenario, path: Path, observed: Path, people: int | None, sizes: Sizes) -> Asked:
    """What is asked; problems of the observed file name it, those of the scenario name that."""
    campaigns = read_observed(observed, scenario.creators, scenario.tiers,
                              float(scenario.market.population or scenario.people))  # fmt: skip
    try:
        return asked(scenario, campaigns, people, sizes)
    except InputError as error:
        with about(path if str(error.key).startswith("society") else observed):
            raise


def again_command(name: str, observed: str, options: Mapping[str, int | None], overrides: Sequence[str]) -> str:
    """The words that ask the same, where the scenario's file and the campaigns lie."""
    words = ["influence", "calibrate", Path(name).name, "--observed", Path(observed).name]
    words += [word for option, value in options.items() if value is not None for word in (f"--{option}", str(value))]
    return shlex.join([*words, *(word for entry in overrides for word in ("--set", entry))])


def digest_of(question: Asked) -> str:
    """Twelve hexadecimal digits: same digest, same answer."""
    rows = [[row.line, row.creator, row.followers, row.posts, dict(row.figures)] for row in question.observed.rows]
    contents = [question.scenario.contents(), question.runs.contents(), rows, asdict(question.sizes)]
    return study_digest(SOURCES, contents)


def _progress(bars: ExitStack, *, quiet: bool) -> Callable[[str], Told | None]:
    """A bar for each batch of simulations, in place of the one before."""

    def of(name: str) -> Told | None:
        bars.close()
        return bars.enter_context(Progress(PARTS[name.partition("-")[0]], quiet=quiet))

    return of


def _write(
    folder: Path, found: study.Calibration, fitted: Scenario, observed: str, command: str, digest: str, text: str
) -> None:
    posterior, check = posterior_png(found), check_png(found)
    contents = {
        "posterior.csv": csv_bytes(found.frame()),
        "check.csv": csv_bytes(check_frame(found)),
        **({"predictions.csv": csv_bytes(prediction_frame(found))} if found.predictions else {}),
        "figures/posterior.png": posterior,
        "figures/check.png": check,
        **({FITTED: fitted_toml(found, fitted, observed).encode()} if has_plans(found) else {}),
        "report.html": calibration_html(found, command, digest, posterior, check).encode(),
        "calibrate.json": text.encode(),
    }
    write_all(folder, contents)
