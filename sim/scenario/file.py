"""A scenario file as text and as the tables that TOML makes of it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from sim.errors import InputError, nearest_match

SCENARIO_OR_NAME = "a scenario file (.toml) or a name from `influence scenarios`"
TEXT = "a scenario file: text in UTF-8, as `influence new FOLDER` writes it"
_WORDS = {
    "Expected newline or end of document": "something is left over after the value",
    "Invalid value": "the value cannot be read",
    r"Illegal character '\\n'": "a text in quotes has no end",
    "Expected '=' after a key": "there is no = after the key",
    r"Expected '\]' at the end": "the heading has no closing bracket",
    "Unclosed array": "a list has no closing bracket",
    "Unclosed inline table": "a table has no closing brace",
    r"Cannot declare \('(.*?)'": r"[\1] stands twice",
    "Duplicate inline table key ('.*')": r"\1 stands twice",
    "Cannot overwrite a value": "the key stands twice",
    "Invalid (initial )?character": "the line does not begin with a key",
}
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def read_text(path: Path) -> str:
    """The text of a scenario file; InputError where it is not one."""
    try:
        if path.is_dir():
            raise InputError("is a folder", file=path, expected="a scenario file (.toml)", nearest=_inside(path))
        if not path.exists():
            raise InputError("no such file", file=path, expected=SCENARIO_OR_NAME, nearest=_sibling(path))
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("is not a text file in UTF-8", file=path, expected=TEXT) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path, expected="a readable file") from None
    if "\0" in text:
        raise InputError("is not a text file", file=path, expected=TEXT)
    return text


def _inside(folder: Path) -> str | None:
    """The scenario file of a folder, if there is just one."""
    found = sorted(folder.glob("*.toml"))
    return str(found[0]) if len(found) == 1 else None


def _sibling(path: Path) -> str | None:
    """A scenario file of a like name in the same folder."""
    siblings = {other.stem: str(other) for other in path.parent.glob("*.toml")} if path.parent.is_dir() else {}
    near = nearest_match(path.stem, siblings)
    return None if near is None else siblings[near]


def parse(text: str, path: Path) -> dict[str, Any]:
    """The tables of a scenario file; InputError with the line where it is not TOML, or empty."""
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _not_toml(str(error), text, path) from None
    if not tables:
        raise InputError("holds nothing", file=path, expected="a scenario, as `influence new FOLDER` writes it")
    return tables


def _not_toml(reason: str, text: str, path: Path) -> InputError:
    place = _PLACE.search(reason)
    row = int(place[1]) if place and place[1] else None
    lines = text.splitlines()
    value = lines[row - 1].strip()[:80] if row is not None and row <= len(lines) else None
    return InputError(
        f"is not valid TOML: {_in_words(_PLACE.sub('', reason))}", file=path, row=row, value=value,
        expected='key = value, with "text" in quotes, numbers like 1500 or 0.25 (no unit), dates like 2026-03-01',
    )  # fmt: skip


def _in_words(reason: str) -> str:
    """What tomllib says, for people who never wrote a parser."""
    for pattern, words in _WORDS.items():
        if re.match(pattern, reason):
            return re.sub(f"{pattern}.*", words, reason, count=1)
    return reason


def first_comment(text: str) -> list[str]:
    """The comment lines at the top of the file, without their marks."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").rstrip())
    return lines
