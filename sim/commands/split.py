"""``influence split``: which split of a budget over groups of creators is best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from sim.commands import REPLICATES, REPORT, SPLIT, Output, about, check_engine, claim, folder_name
from sim.commands.study import again, say_compiling, tell
from sim.engine.memory import check_fits
from sim.ensemble import Ensemble, run_ensemble
from sim.results.summary import to_json
from sim.scenario.library import find
from sim.scenario.load import Scenario, load
from sim.society.world import check_audiences
from sim.studies import split as study
from sim.studies.digest import study_digest
from sim.studies.splits import Terms, groups_of, with_plans
from sim.views.files import csv_bytes, write_all
from sim.views.progress import Progress
from sim.views.split import curve_frame, document, print_split, split_html, split_png

SOURCES = ("split", "splits")


def split(
    name: str,
    budget: float,
    groups: str | None,
    metrics: str | None,
    terms: Terms,
    step: float | None,
    target: float | None,
    options: Mapping[str, int | None],
    overrides: Sequence[str],
    engine: str | None,
    workers: int | None,
    output: Output,
) -> None:
    """Choose what is left open, run, write, print."""
    path, engine = find(name), check_engine(engine)
    scenario = load(path, overrides, **options)
    listed = None if metrics is None else [metric.strip() for metric in metrics.split(",") if metric.strip()]
    with about(path):
        asked = study.asked(scenario, groups_of(scenario, groups), budget, terms, listed, step, target)
        whole, _ = with_plans(scenario, asked.points)
        digest = digest_of(asked)
        folder = output.folder(Path("results") / f"{folder_name(scenario.name)}-split-{digest}")
        check_fits(whole, workers, engine)
        check_audiences(whole)
    if folder is not None:
        claim(folder, f"{digest} run split", overwrite=output.overwrite)
    say_compiling(engine, output)

    def run(part: str, scenario: Scenario) -> Ensemble:
        kept = None if folder is None else folder / REPLICATES / part
        with Progress(PARTS[part], quiet=output.quiet) as progress:
            return run_ensemble(scenario, engine=engine, workers=workers, folder=kept, progress=progress)

    with about(path):
        answer = study.split(asked, run)
    text = to_json(document(answer, digest))
    if folder is not None:
        _write(folder, answer, again_command(name, asked, overrides), digest, text)
    tell(output, text, lambda: print_split(answer, folder))


PARTS = {"curve": "every split", "next": "more money", "target": "smaller budgets"}


def digest_of(asked: study.Asked) -> str:
    """Twelve hexadecimal digits: same digest, same answer."""
    chosen = [asked.budget, asdict(asked.terms), asked.metrics, asked.step, asked.target]
    groups = [[group.name, group.handles] for group in asked.groups]
    creators = [asdict(asked.scenario.creators[handle]) for group in asked.groups for handle in group.handles]
    return study_digest(SOURCES, [asked.scenario.contents(), chosen, groups, creators])


def again_command(name: str, asked: study.Asked, overrides: Sequence[str]) -> str:
    """The words that ask the same, where the scenario's file lies."""
    scenario, terms = asked.scenario, asked.terms
    groups = ",".join(f"{group.name}={'+'.join(group.handles)}" for group in asked.groups)
    words = ["influence", "split", Path(name).name, "--budget", f"{asked.budget!r}", "--groups", groups, "--metric",
             ",".join(asked.metrics), "--posts", f"{terms.posts}", "--every", f"{terms.every}", "--start",
             f"{terms.start}", "--order", terms.order]  # fmt: skip
    words += ["--step", f"{asked.step!r}"] if asked.step is not None else []
    words += ["--target", f"{asked.target!r}"] if asked.target is not None else []
    return again(words, scenario, overrides)


def _write(folder: Path, answer: study.Split, command: str, digest: str, text: str) -> None:
    figure = split_png(answer)
    contents = {
        "split.csv": csv_bytes(curve_frame(answer)),
        f"figures/{SPLIT}.png": figure,
        REPORT: split_html(answer, command, digest, figure).encode(),
        "split.json": text.encode(),
    }
    write_all(folder, contents)
