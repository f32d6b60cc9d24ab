"""The built-in scenarios: found by name or by words, in a wheel or in a checkout.

A scenario file begins with comments: its question, then perhaps what the trade claims and what was found.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Story:
    """What the comments at the top of a scenario file say; claim and finding are None where they are not told."""

    question: str
    claim: str | None = None
    finding: str | None = None

    def has(self, words: Sequence[str], name: str) -> bool:
        """Whether each of these words stands in the name, question, claim or finding, in capitals or not."""
        told = "\n".join([name, self.question, self.claim or "", self.finding or ""]).casefold()
        return all(word.casefold() in told for word in words)


def story(text: str) -> Story:
    """The story of a scenario file: each part goes on over the following lines, up to the next."""
    parts: dict[str, list[str]] = {"Question:": [], "Claim:": [], "Finding:": []}
    part = "Question:"
    for line in first_comment(text):
        begun = next((mark for mark in ("Claim:", "Finding:") if line.startswith(mark)), None)
        part = begun or part
        parts[part].append(line.removeprefix(begun or "").strip())
    question, claim, finding = (" ".join(lines).strip() for lines in parts.values())
    return Story(question, claim or None, finding or None)


def stories(words: Sequence[str] = ()) -> dict[str, Story]:
    """Name -> story of every built-in scenario that has all these words; InputError where none has."""
    known = {name: story(read_text(path)) for name, path in built_in().items()}
    found = {name: told for name, told in known.items() if told.has(words, name)}
    if not found:
        raise InputError("no built-in scenario has all these words", key="WORDS", value=" ".join(words),
                         expected="words of a scenario's name, question, claim or finding; without any, all are listed",
                         nearest=_nearest_name(words, known))  # fmt: skip
    return found


def _nearest_name(words: Sequence[str], known: Mapping[str, Story]) -> str | None:
    """The name most like the words together, else one that holds a word like one of them."""
    parts = {part: name for name in known for part in name.split("-")}
    near = [parts[part] for word in words if (part := nearest_match(word, parts)) is not None]
    return nearest_match("-".join(words), known) or next(iter(near), None)


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
