"""``influence select``: which creators of a roster to book under a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from sim.commands import REPLICATES, REPORT, SELECT, Output, about, check_engine, claim, folder_name
from sim.commands.study import again, say_compiling, tell
from sim.engine.memory import check_fits
from sim.ensemble import Ensemble, run_ensemble
from sim.results.summary import to_json
from sim.scenario.library import find
from sim.scenario.load import Scenario, load_with
from sim.society.world import check_audiences
from sim.studies import select as study
from sim.studies.candidates import Asked, Wishes, asked
from sim.studies.digest import study_digest
from sim.studies.select_runs import Trials
from sim.studies.splits import Terms
from sim.views.files import csv_bytes, write_all
from sim.views.progress import Progress
from sim.views.select import chosen_frame, document, print_selection, selection_html, selection_png

SOURCES = ("select", "select_runs", "candidates", "greedy", "splits")


def select(
    name: str,
    roster: str | None,
    budget: float,
    metric: str | None,
    wishes: Wishes,
    terms: Terms,
    choosing: int,
    options: Mapping[str, int | None],
    overrides: Sequence[str],
    engine: str | None,
    workers: int | None,
    output: Output,
) -> None:
    """Check, choose, judge, write, print."""
    path, engine = find(name), check_engine(engine)
    scenario = load_with(path, roster, overrides, options)
    with about(path if roster is None else Path(roster)):
        question = asked(scenario, budget, terms, metric, wishes, choosing)
        digest = digest_of(question)
        folder = output.folder(Path("results") / f"{folder_name(scenario.name)}-select-{digest}")
        trials = Trials(question, engine, workers)
        check_fits(trials.scenario, workers, engine)
        check_audiences(trials.scenario)
    if folder is not None:
        claim(folder, f"{digest} run select", overwrite=output.overwrite)
    say_compiling(engine, output)

    def run(scenario: Scenario) -> Ensemble:
        kept = None if folder is None else folder / REPLICATES
        with Progress("judging", quiet=output.quiet) as progress:
            return run_ensemble(scenario, engine=engine, workers=workers, folder=kept, progress=progress)

    with about(path if roster is None else Path(roster)):
        with trials, Progress("choosing", quiet=output.quiet) as trials.progress:
            choice = study.choose(question, trials)
        answer = study.judge(question, choice, run)
    text = to_json(document(answer, digest))
    if folder is not None:
        _write(folder, answer, again_command(name, roster, question, overrides), digest, text)
    tell(output, text, lambda: print_selection(answer, folder))


def digest_of(question: Asked) -> str:
    """Twelve hexadecimal digits: same digest, same answer."""
    chosen = [question.budget, asdict(question.terms), question.metric, asdict(question.wishes), question.choosing]
    creators = [asdict(one.spec) for one in question.candidates]
    contents = question.with_plans(question.scenario, ()).contents()
    return study_digest(SOURCES, [contents, chosen, creators])


def again_command(name: str, roster: str | None, question: Asked, overrides: Sequence[str]) -> str:
    """The words that ask the same, where the scenario's file and the roster lie."""
    scenario, terms, wishes = question.scenario, question.terms, question.wishes
    words = ["influence", "select", Path(name).name]
    words += [] if roster is None else ["--roster", Path(roster).name]
    words += ["--budget", f"{question.budget!r}", "--metric", question.metric]
    words += ["--require", ",".join(wishes.require)] if wishes.require else []
    words += ["--forbid", ",".join(wishes.forbid)] if wishes.forbid else []
    words += [] if wishes.per_niche is None else ["--most-per-niche", f"{wishes.per_niche}"]
    words += ["--posts", f"{terms.posts}", "--every", f"{terms.every}", "--start", f"{terms.start}", "--choose-on",
              f"{question.choosing}"]  # fmt: skip
    return again(words, scenario, overrides)


def _write(folder: Path, answer: study.Selection, command: str, digest: str, text: str) -> None:
    figure = selection_png(answer)
    contents = {
        "select.csv": csv_bytes(chosen_frame(answer)),
        f"figures/{SELECT}.png": figure,
        REPORT: selection_html(answer, command, digest, figure).encode(),
        "select.json": text.encode(),
    }
    write_all(folder, contents)
