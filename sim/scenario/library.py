"""The built-in scenarios: found by name, in a wheel or in a checkout."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

from sim.errors import InputError, nearest_match
from sim.scenario.file import SCENARIO_OR_NAME, first_comment, read_text


def scenario_folder() -> Path:
    """Where the built-in scenarios lie: inside the installed package, else beside it in a checkout."""
    inside = Path(str(files("sim"))) / "_scenarios"
    return inside if inside.is_dir() else Path(str(files("sim"))).parent / "scenarios"


def built_in() -> dict[str, Path]:
    """Name -> file of every built-in scenario, by name."""
    return {path.stem: path for path in sorted(scenario_folder().glob("*.toml"))}


def questions() -> dict[str, str]:
    """Name -> question of every built-in scenario."""
    return {name: first_comment(read_text(path)) for name, path in built_in().items()}


def find(name_or_path: str | Path) -> Path:
    """The file of a scenario, given a path or the name of a built-in one; a path wins."""
    text = str(name_or_path)
    path, known = Path(text), built_in()
    if path.suffix != ".toml" and os.sep not in text and not path.exists():
        if text in known:
            return known[text]
        here = [other.name for other in Path().glob("*.toml")]
        raise InputError("no such scenario", key="SCENARIO", value=text, expected=SCENARIO_OR_NAME,
                         nearest=nearest_match(text, [*known, *here]))  # fmt: skip
    if path.stem in known and not path.exists():
        raise InputError("no such file", file=path, expected=SCENARIO_OR_NAME, nearest=path.stem)
    return path
