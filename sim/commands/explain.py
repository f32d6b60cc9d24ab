"""``influence explain``: why one plan won, and what would turn it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.commands import REPLICATES, REPORT, WATERFALL, Output, about, check_engine, claim, folder_name
from sim.commands.study import again, say_compiling, tell
from sim.engine.memory import check_fits
from sim.results.summary import to_json
from sim.scenario.library import find
from sim.society.world import check_audiences
from sim.studies import explain as study
from sim.studies.digest import study_digest
from sim.studies.explain_asked import Asked, asked, at_proportional_prices, explained_scenario
from sim.views.explain import document, fees_frame, print_explanation, shares_frame, switch_over_frame
from sim.views.explain_page import explain_html, waterfall_png
from sim.views.files import csv_bytes, write_all
from sim.views.progress import Progress

SOURCES = ("shapley", "crossing", "explain*", "shared_worlds")
"""The studies that decide what comes out, besides the model."""


def explain(
    name: str,
    plans: tuple[str | None, str | None],
    metric: str | None,
    groups: str | None,
    options: Mapping[str, int | None],
    overrides: Sequence[str],
    engine: str | None,
    workers: int | None,
    output: Output,
) -> None:
    """Choose what is left open, play, write, print."""
    path, engine = find(name), check_engine(engine)
    with about(path):
        scenario = explained_scenario(path, overrides, options)
        listed = None if groups is None else [group.strip() for group in groups.split(",") if group.strip()]
        what = asked(scenario, *plans, metric, listed, engine, lambda: at_proportional_prices(path, overrides, options))
        scenario, digest = what.question.scenario, digest_of(what)
        folder = output.folder(Path("results") / f"{folder_name(scenario.name)}-explain-{digest}")
        check_fits(scenario, workers, engine)
        check_audiences(scenario)
    if folder is not None:
        claim(folder, f"{digest} run explain", overwrite=output.overwrite)
    say_compiling(engine, output)
    kept = None if folder is None else folder / REPLICATES
    with about(path), Progress("explaining", quiet=output.quiet) as progress:
        explanation = study.explain(what.question, what.metric, what.groups, workers=workers, folder=kept,
                                    progress=progress, notes=what.notes)  # fmt: skip
    text = to_json(document(explanation, digest))
    if folder is not None:
        again = again_command(name, what, overrides)
        _write(folder, explanation, again, digest, text)
    tell(output, text, lambda: print_explanation(explanation, folder))


def digest_of(what: Asked) -> str:
    """Twelve hexadecimal digits: same digest, same explanation."""
    question = what.question
    priced = None if question.priced is None else [repr(plan.deals) for plan in question.priced]
    groups = (Path(study.__file__).parents[1] / "mechanisms.py").read_text(encoding="utf-8")
    asked_for = [question.scenario.contents(), question.a, question.b, what.metric, what.groups, priced, groups]
    return study_digest(SOURCES, asked_for)


def again_command(name: str, what: Asked, overrides: Sequence[str]) -> str:
    """The words that explain the same, where the scenario's file lies."""
    scenario, question = what.question.scenario, what.question
    words = ["influence", "explain", Path(name).name, "--a", question.a, "--b", question.b, "--metric", what.metric,
             "--groups", ",".join(what.groups)]  # fmt: skip
    return again(words, scenario, overrides)


def _write(folder: Path, explanation: study.Explanation, command: str, digest: str, text: str) -> None:
    figure = waterfall_png(explanation)
    contents = {
        "shares.csv": csv_bytes(shares_frame(explanation)),
        "switch_over.csv": csv_bytes(switch_over_frame(explanation)),
        "fees.csv": csv_bytes(fees_frame(explanation)),
        f"figures/{WATERFALL}.png": figure,
        REPORT: explain_html(explanation, command, digest, figure).encode(),
        "explain.json": text.encode(),
    }
    write_all(folder, contents)
