"""A folder that ``compare`` has finished, read again: the scenario as it was asked, and the kept figures."""

from __future__ import annotations

from dataclasses import replace
from json import JSONDecodeError, loads
from pathlib import Path
from typing import Any

import tomlkit

from sim.commands import DIGEST_FILE
from sim.errors import InputError
from sim.results.settings import question_digest
from sim.scenario.load import Scenario
from sim.scenario.settings import Setting, load_settings

SECTIONS = ("market", "society", "product", "platform", "run", "parameters")
NOT_FIGURES = ("engine", "versions", "warnings")
"""What may differ between equal runs; remarks may come from a roster, which is not read again."""


def finished(folder: Path) -> tuple[tuple[Setting, ...], dict[str, Any]]:
    """The scenario in each of its settings, the only one for most, and the summary of a finished comparison.

    Raises InputError where the folder is not one, has been edited, or was made by another version of the model.
    """
    if not folder.is_dir():
        raise InputError("no such folder", file=folder, expected="a folder that `influence compare` has finished")
    for name in ("scenario.toml", "summary.json", DIGEST_FILE):
        if not (folder / name).is_file():
            raise InputError(f"has no {name}", file=folder, expected="a folder that `influence compare` has finished")
    summary = _summary(folder / "summary.json")
    file = folder / "scenario.toml"
    settings = load_settings(file)
    wanted = (folder / DIGEST_FILE).read_text(encoding="utf-8", errors="replace").strip()
    digest = question_digest(settings, precision_of(summary))
    if wanted != digest:
        raise InputError("was made by another version of the model or has been edited", file=folder, value=wanted,
                         expected=f"digest {digest}; run `influence compare` again")  # fmt: skip
    asked = changes_of(summary)
    first, *others = (replace(setting, changes=asked.get(setting.name, setting.changes)) for setting in settings)
    return (replace(first, scenario=_as_asked(first.scenario, summary, file)), *others), summary


def precision_of(summary: dict[str, Any]) -> float | None:
    """The precision that a finished comparison was asked for."""
    return None if "precision" not in summary else float(summary["precision"]["asked"])


def changes_of(summary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What each setting of a finished comparison changes, as it was asked; {} where there was only one."""
    return {str(one["name"]): dict(one["set"]) for one in summary.get("settings", ())}


def figures(summary: dict[str, Any]) -> dict[str, Any]:
    """A summary without what may differ between equal runs."""
    return {key: value for key, value in summary.items() if key not in NOT_FIGURES}


def _summary(file: Path) -> dict[str, Any]:
    try:
        summary = loads(file.read_text(encoding="utf-8"))
        if summary["command"] == "compare" and isinstance(summary["plans"], dict) and summary["engine"]:
            precision_of(summary)
            changes_of(summary)
            return dict(summary)
    except (JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError):
        pass
    raise InputError("is damaged", file=file, expected="the file that `influence compare` wrote")


def _as_asked(scenario: Scenario, summary: dict[str, Any], file: Path) -> Scenario:
    """The resolved scenario with what resolving it has dropped: the question as asked, where each value came from."""
    origins = {**scenario.origins, **_origins(file)}
    return replace(scenario, question=str(summary.get("question", "")), origins=origins)


def _origins(file: Path) -> dict[str, str]:
    """Where each value came from, as the comments of a resolved scenario say."""
    document: Any = tomlkit.parse(file.read_text(encoding="utf-8"))
    found: dict[str, str] = {}
    for section in SECTIONS:
        for key, item in document[section].value.body if section in document else ():
            if key is None:
                continue
            parts = item.trivia.comment.lstrip("# ").split("; ")  # "origin", or "unit; origin; source"
            found[f"{section}.{key.key}"] = parts[min(1, len(parts) - 1)]
    return {key: origin for key, origin in found.items() if origin}
