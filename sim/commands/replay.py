"""``influence replay``: a finished comparison's first plans once more, as a page to watch and as a film."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.commands import Output, about, check_engine, claim
from sim.commands.finished import finished
from sim.commands.study import say_compiling, tell
from sim.errors import InputError
from sim.results.summary import SCHEMA, to_json
from sim.scenario.load import Scenario
from sim.scenario.settings import setting_named
from sim.studies.digest import study_digest
from sim.studies.replay import MOST_SHOWN, Replay, check_numbers, chosen_plans
from sim.studies.replay import replay as played_again
from sim.views.files import write_whole
from sim.views.replay.data import shown_figures, whole_figures
from sim.views.replay.film import check_ffmpeg, replay_gif, replay_mp4
from sim.views.replay.page import replay_html, shown_text

SOURCES = ("replay*",)
PAGE, GIF, MP4 = "replay.html", "replay.gif", "replay.mp4"
OPTIONS = ("plans", "replicate", "most", "setting")
MARK = re.compile(r'<meta name="question" content="(\w+)">')


@dataclass(frozen=True)
class Wanted:
    """What to show, in which forms. plans: names with commas between them."""

    plans: str | None = None
    replicate: int = 0
    most: int = MOST_SHOWN
    gif: bool = False
    mp4: bool = False
    setting: str | None = None


def replay(folder: Path, wanted: Wanted, engine: str | None, output: Output) -> None:
    """Check, play, write into the folder or where ``--out`` says, tell."""
    engine = check_engine(engine)
    if wanted.mp4:
        check_ffmpeg()
    settings, _ = finished(folder)
    with _named_options():
        chosen = setting_named(settings, wanted.setting)
        names = _checked(chosen.scenario, wanted)
    scenario, setting = chosen.scenario, chosen.name if len(settings) > 1 else None
    digest = study_digest(SOURCES, [scenario.contents(), names, wanted.replicate, wanted.most, setting])
    to = output.folder(folder)
    if output.out is None:
        _check_page(folder / PAGE, digest, output.overwrite)
    elif to is not None:
        claim(to, f"{digest} run replay", overwrite=output.overwrite)
    if setting and wanted.setting is None:
        output.say(f"of {len(settings)} settings the first, {setting}, is shown; --setting shows another")
    say_compiling(engine, output)
    with about(folder / "scenario.toml"):
        shown = played_again(scenario, names, replicate=wanted.replicate, most=wanted.most, engine=engine)
    shown = replace(shown, setting=setting)
    files = [] if to is None else _write(shown, to, wanted, digest, output)
    tell(output, to_json(document(shown, digest, files)), lambda: print("\n".join([shown_text(shown), *files])))


def _checked(scenario: Scenario, wanted: Wanted) -> list[str]:
    """The plans to show."""
    names = chosen_plans(scenario, _names(wanted.plans, scenario))
    check_numbers(scenario, wanted.replicate, wanted.most)
    return names


@contextmanager
def _named_options() -> Iterator[None]:
    """An InputError raised inside names the option."""
    try:
        yield
    except InputError as error:
        key = "plans" if error.key == "plan" else error.key
        error.key = f"--{key}" if key in OPTIONS else key
        raise


def _names(text: str | None, scenario: Scenario) -> Sequence[str] | None:
    """The names in ``--plans``; a comma within a name is understood where it stands alone."""
    if text is None or text in [plan.name for plan in scenario.plans]:
        return None if text is None else [text]
    return [name.strip() for name in text.split(",")]


def _check_page(page: Path, digest: str, overwrite: bool) -> None:
    """Refuse to write over a page that this question did not make."""
    if overwrite or not page.exists():
        return
    with page.open(encoding="utf-8", errors="replace") as stream:
        found = MARK.search(stream.read(2000))
    if found is None or found[1] != digest:
        raise InputError("there is another replay already", file=page,
                         expected="--overwrite, or --out with another folder")  # fmt: skip


def _write(shown: Replay, folder: Path, wanted: Wanted, digest: str, output: Output) -> list[str]:
    mark = f'<meta name="question" content="{digest}">\n'
    page = replay_html(shown).replace("<meta charset", f"{mark}<meta charset", 1)
    films: list[tuple[str, bool, Callable[[Replay, Path], Path]]] = [
        (GIF, wanted.gif, replay_gif), (MP4, wanted.mp4, replay_mp4),
    ]  # fmt: skip
    made = [write_whole(folder / PAGE, page.encode())]
    for name, asked, write in films:
        if asked:
            output.say(f"drawing {name}, about half a second a day…")
            made.append(write(shown, folder / name))
    return [str(path) for path in made]


def document(shown: Replay, digest: str, files: Sequence[str]) -> dict[str, Any]:
    """The replay as plain data: who is shown, and the last day's figures so far."""
    plans = [
        {"plan": played.name,
         "whole_run": {name: int(column.sum()) for name, column in whole_figures(played.run).items()},
         "shown": {name: int(column.sum()) for name, column in shown_figures(played).items()}}
        for played in shown.plans
    ]  # fmt: skip
    return {
        "schema": SCHEMA, "command": "replay", "scenario": shown.scenario.name, "digest": digest,
        "setting": shown.setting, "replicate": shown.replicate, "days": shown.scenario.run.days,
        "people": shown.world.n_people, "people_per_agent": shown.world.people_per_agent,
        "people_shown": len(shown.shown.people), "people_shown_by_lot": shown.shown.n_by_lot, "plans": plans,
        "files": list(files),
    }  # fmt: skip
