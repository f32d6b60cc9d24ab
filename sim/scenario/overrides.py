"""Values given on the command line: ``--set dotted.path=value`` and the options that stand for one key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from sim.errors import InputError, nearest_match
from sim.scenario.problems import COMMAND_LINE, collected, member_name

OPTION_KEYS = {
    "people": "society.people",
    "worlds": "society.worlds",
    "days": "run.days",
    "replicates": "run.replicates",
    "seed": "run.seed",
}
LISTS = {"plan": "[[plan]]", "creator": "[[creator]]", "segment": "[[segment]]", "deals": "deals"}
"""The lists of tables of a scenario, whose members are found by their names."""

EXAMPLE = "dotted.path=value, e.g. product.price=49.0"


def apply_overrides(
    raw: dict[str, Any], overrides: Sequence[str], options: Mapping[str, int | None], problems: list[InputError]
) -> dict[str, str]:
    """Write the overrides into the parsed file and return the origin of each key that was set.

    A list of tables is entered by a member's name: plan.split.budget=1e4. What cannot be set is added to ``problems``.
    """
    origins: dict[str, str] = {}
    given: dict[str, Any] = {}
    for option, value in options.items():
        if value is not None:
            key = OPTION_KEYS[option]
            given[key], origins[key] = value, f"{COMMAND_LINE} --{option}"
    for entry in overrides:
        with collected(problems):
            key, text = _key_and_text(entry)
            origins.setdefault(key, f"{COMMAND_LINE} --set")
            value = _value(key, text)
            if key in given and given[key] != value:
                raise InputError(f"set twice, to {given[key]!r} and to {value!r}", key=key, expected="one value")
            given[key] = value
    for key, value in given.items():
        with collected(problems):
            _set(raw, key, value)
    keys = [problem.key for problem in problems if problem.key and not problem.key.startswith("--")]
    return origins | {key: origins.get(key, f"{COMMAND_LINE} --set") for key in keys}


def apply_changes(
    raw: dict[str, Any], changes: Mapping[str, Any], origin: str, problems: list[InputError]
) -> dict[str, str]:
    """Write values into the parsed file by dotted path, and return the origin of each; problems as above."""
    for key, value in changes.items():
        with collected(problems):
            _set(raw, key, value)
    return dict.fromkeys(changes, origin)


def _key_and_text(entry: str) -> tuple[str, str]:
    key, equals, text = (part.strip() for part in entry.partition("="))
    if not equals or not all(key.split(".")):
        raise InputError("not a key and a value", key="--set", value=entry, expected=EXAMPLE)
    return key, text


def _value(key: str, text: str) -> Any:
    """A TOML value; a single word needs no quotes."""
    if not text:
        raise InputError("no value after the =", key=key, expected=EXAMPLE)
    try:
        tables = tomllib.loads(f"value = {text}")
        if list(tables) == ["value"]:
            return tables["value"]
    except (ValueError, RecursionError):
        if not any(mark in text for mark in "[]{}\"'\n"):
            return text
    raise InputError("not a value", key=key, value=text[:80], expected='a number, true, "text" or ["a", "list"]')


def _set(raw: dict[str, Any], dotted: str, value: Any) -> None:
    """Set one key, going down table by table."""
    here: Any = raw
    parts = dotted.split(".")
    at = 0
    while at < len(parts) - 1:
        here, at = _enter(here, parts, at)
    if isinstance(here, dict) and at < len(parts):
        here[parts[at]] = value
    elif _is_tables(here) or at == len(parts):
        raise InputError("names an entry and no key of it", key=dotted, expected=f"a key after it: {dotted}.key=value")
    else:
        raise _no_table(dotted, here)


def _enter(here: Any, parts: Sequence[str], at: int) -> tuple[Any, int]:
    """The table that the path leads to from ``here``, and how far it got."""
    part, path = parts[at], ".".join(parts[: at + 1])
    if isinstance(here, dict):
        if part in LISTS and part not in here:
            raise InputError(f"there is no {LISTS[part]} to change", key=path, expected=_place_of(part))
        return here.setdefault(part, {}), at + 1
    if _is_tables(here):
        return _enter_list(here, parts, at)
    raise _no_table(path, here)


def _enter_list(here: Sequence[Any], parts: Sequence[str], at: int) -> tuple[Any, int]:
    """The member that the path names; a name may hold points itself, so the longest one goes first."""
    names = [member_name(member) for member in here]
    for end in range(len(parts), at, -1):
        name = ".".join(parts[at:end])
        if names.count(name) > 1:
            raise InputError("several entries have this name", key=".".join(parts[:end]),
                             expected="a name that only one has; change these in the file")  # fmt: skip
        if name in names:
            return here[names.index(name)], end
    known = [name for name in names if name]
    expected = f"one of {', '.join(known)}"
    if parts[0] == "creator":
        expected += "; a creator of the roster is changed in the roster's own file"
    raise InputError("no such entry", key=".".join(parts[: at + 1]), value=parts[at], expected=expected,
                     nearest=nearest_match(parts[at], known))  # fmt: skip


def _is_tables(here: Any) -> bool:
    return isinstance(here, list) and any(isinstance(member, dict) for member in here)


def _place_of(part: str) -> str:
    if part == "creator":
        return "a scenario with [[creator]] tables; change a creator of a roster in the roster's own file"
    return f"a scenario with {LISTS[part]}"


def _no_table(path: str, here: Any) -> InputError:
    if isinstance(here, list):
        whole = path.rpartition(".")[0]
        return InputError("one entry of a list cannot be set alone", key=path,
                          expected=f'the whole list, e.g. {whole}=["a", "b"]')  # fmt: skip
    return InputError("is below a key that holds a single value", key=path, expected=EXAMPLE)
