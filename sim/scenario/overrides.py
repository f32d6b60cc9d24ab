"""Values given on the command line: ``--set dotted.path=value`` and the options that stand for one key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from sim.errors import InputError, nearest_match

COMMAND_LINE = "command line"

OPTION_KEYS = {
    "people": "society.people",
    "worlds": "society.worlds",
    "days": "run.days",
    "replicates": "run.replicates",
    "seed": "run.seed",
}


def apply_overrides(
    raw: dict[str, Any], overrides: Sequence[str], options: Mapping[str, int | None]
) -> dict[str, str]:
    """Write the overrides into the parsed file and return the origin of each key that was set."""
    origins = {}
    for option, value in options.items():
        if value is not None:
            key = OPTION_KEYS[option]
            _set(raw, key, value)
            origins[key] = f"{COMMAND_LINE} --{option}"
    for entry in overrides:
        key, value = _parsed(entry)
        _set(raw, key, value)
        origins[key] = f"{COMMAND_LINE} --set"
    return origins


def _parsed(entry: str) -> tuple[str, Any]:
    key, equals, text = entry.partition("=")
    key = key.strip()
    if not equals or not key:
        raise InputError("not dotted.path=value", key="--set", value=entry, expected="e.g. product.price=49.0")
    try:
        return key, tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        pass
    if any(mark in text for mark in "[]{}\"'\n"):
        raise InputError("not a TOML value", key=f"--set {key}", value=text, expected='a number, true or "text"')
    return key, text.strip()


def _set(raw: dict[str, Any], dotted: str, value: Any) -> None:
    """Set one key; a list of tables (plan, creator, deals) is entered by a member's name."""
    here: Any = raw
    *parents, last = dotted.split(".")
    for depth, part in enumerate(parents):
        here = _enter(here, part, ".".join(parents[: depth + 1]))
    if not isinstance(here, dict):
        raise InputError("does not lead to a table", key=f"--set {dotted}", expected="a dotted path of the scenario")
    here[last] = value


def _enter(here: Any, part: str, path: str) -> Any:
    if isinstance(here, dict):
        return here.setdefault(part, {})
    if isinstance(here, list):
        members = {_member_name(member): member for member in here if isinstance(member, dict)}
        if part in members:
            return members[part]
        raise InputError("no such entry", key=f"--set {path}", value=part,
                         expected=f"one of {', '.join(members)}", nearest=nearest_match(part, members))  # fmt: skip
    raise InputError("does not lead to a table", key=f"--set {path}", expected="a dotted path of the scenario")


def _member_name(member: Mapping[str, Any]) -> str:
    return str(member.get("name", member.get("handle", member.get("creator", ""))))
