"""``influence report``: the page of a finished comparison, or of a store of runs, written again without simulating."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sim.commands import DIGEST_FILE, REPORT
from sim.commands.compare import report as report_comparison
from sim.errors import InputError
from sim.results.summary import SCHEMA, to_json
from sim.scenario.library import find
from sim.scenario.load import Scenario, load
from sim.studies.store import Store
from sim.studies.study import Study
from sim.views.files import write_whole
from sim.views.sweep_page import sweep_html

_OTHERS = re.compile(r"[0-9a-f]+ run (explain|split|select|sensitivity|validate)\b")


def report(place: Path, json: bool) -> None:
    """Write again what is shown of a folder of ``compare``, or the page of a store beside it."""
    if place.is_file():
        _report_store(Store(place), json)
        return
    _check_command(place)
    report_comparison(place, json)


def page_of(store: Path) -> Path:
    """Where the page of a store is written: launch.sqlite has launch.report.html."""
    return store.with_suffix(f".{REPORT}")


def _report_store(store: Store, json: bool) -> None:
    base, notes = _base(store.study)
    path = write_whole(page_of(store.path), sweep_html(store, base, notes).encode())
    document = {"schema": SCHEMA, "command": "report", "files": [str(path)]}
    sys.stdout.write(to_json(document) if json else f"{path}\n")


def _base(study: Study) -> tuple[Scenario | None, list[str]]:
    """The scenario where nothing varies; a note where its file is gone or has come to be wrong."""
    try:
        return load(find(study.scenario), study.settings, **study.options), []
    except InputError as error:
        return None, [f"The scenario cannot be read any more, so that its assumptions are not listed: {error.message}"]


def _check_command(folder: Path) -> None:
    """Raise InputError for a folder of another command."""
    try:
        found = _OTHERS.match((folder / DIGEST_FILE).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return
    if found:
        page = "validation.html" if found[1] == "validate" else REPORT
        again = f"the command at the end of {folder / page} writes that page again, from the runs that are kept"
        wanted = f"a folder of `influence compare` or a store of `influence sweep`; {again}"
        raise InputError(f"was written by `influence {found[1]}`", file=folder, expected=wanted)
