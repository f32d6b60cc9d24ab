"""What is wrong with a scenario, in plain words: pydantic's findings translated, and all problems told at once.

A problem's key is the dotted path in the file; members of a list of tables go by their names, as in
``plan.split.deals.anna.posts``, or by their place where they have none: ``plan[2].name``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.errors import InputError, InputErrors, nearest_match
from sim.parameters import PARAMETERS
from sim.scenario.schema import MOST_MONEY, OWN_PROBLEM, ScenarioFile

Node = Mapping[str, Any]
"""A part of the JSON Schema of a scenario file: what one key may hold."""

SCENARIO_FILE, COMMAND_LINE = "scenario file", "command line"
"""Where a value came from; with the option after it."""

NAMES = ("name", "handle", "creator")
"""The keys that name a member of a list of tables: a plan, a creator, a deal."""

_RANGES = {"greater_than", "greater_than_equal", "less_than", "less_than_equal", "too_long"}
_NUMBER = re.compile(r"[0-9_]+(\.[0-9]+)?")


@contextmanager
def collected(problems: list[InputError]) -> Iterator[None]:
    """Keep an InputError raised inside, or each of several, in ``problems`` and go on."""
    try:
        yield
    except InputErrors as several:
        problems += several.problems
    except InputError as problem:
        problems.append(problem)


def raise_all(problems: Sequence[InputError], file: object, origins: Mapping[str, str]) -> None:
    """Raise what was collected, each problem placed in the file or on the command line."""
    for problem in problems:
        option = _option(problem.key, origins)
        if option is not None:
            problem.message += f", from {option}"
        elif problem.file is None and not str(problem.key).startswith("--"):
            problem.file = str(file)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise InputErrors(problems, file=file)


def _option(key: str | None, origins: Mapping[str, str]) -> str | None:
    """The option of the command line that set a key, or the table around it, or made the table of that name."""
    if key is None:
        return None
    in_file = [path for path, origin in origins.items() if origin == SCENARIO_FILE]
    made = not any(holds(key, path) or holds(path, key) for path in in_file)
    for path, origin in origins.items():
        if origin.startswith(COMMAND_LINE) and (holds(path, key) or (made and holds(key, path))):
            return origin.removeprefix(COMMAND_LINE).strip()
    return None


def holds(path: str, key: str) -> bool:
    """Whether the key is that of the path or lies below it."""
    return key == path or key.startswith(f"{path}.")


# --- pydantic's findings -----------------------------------------------------------------------------------


def shape_problems(
    error: ValidationError, raw: Mapping[str, Any], file: type[BaseModel] = ScenarioFile
) -> list[InputError]:
    """One problem a key; of the several branches that a value may take, the first one's. file: what was validated."""
    problems: dict[str, InputError] = {}
    for entry in error.errors(include_url=False):
        problem = _problem(entry, raw, file)
        problems.setdefault(problem.key or "", problem)
    return list(problems.values())


def _problem(entry: Mapping[str, Any], raw: Mapping[str, Any], file: type[BaseModel]) -> InputError:
    location = _within(entry["loc"], raw, missing=entry["type"] == "missing")
    key, node, value, kind = dotted(location, raw), schema_at(location, file), entry["input"], entry["type"]
    shown = _shown(value)
    if kind == OWN_PROBLEM:
        told = entry["ctx"]
        key = ".".join(part for part in (key, told["key"]) if part)
        return InputError(entry["msg"], key=key, value=told["value"], expected=told["expected"])
    if kind == "missing":
        return InputError("missing", key=key, expected=expected_words(node))
    if kind == "extra_forbidden":
        return unknown_key(key, str(location[-1]), list(schema_at(location[:-1], file).get("properties", {})))
    if kind == "less_than_equal" and entry["ctx"]["le"] >= MOST_MONEY:
        return InputError("out of range", key=key, value=shown, expected=f"at most {MOST_MONEY:,.0f}")
    if kind == "too_short":
        return InputError("an empty list", key=key, expected="one entry or more")
    near, unquoted = _nearest_value(node, value), ", without quotes" if _in_quotes(node, value) else ""
    return InputError(_message(kind, node, value), key=key, value=shown, expected=expected_words(node) + unquoted,
                      nearest=near if near != value else None)  # fmt: skip


def _shown(value: object) -> str | float | None:
    """A single value as it is; a list or a table is not repeated."""
    if isinstance(value, str):
        return value[:80]
    if isinstance(value, int) and abs(value) > 1e30:
        return f"{str(value)[:10]}…"
    return value if isinstance(value, int | float) else str(value) if hasattr(value, "isoformat") else None


def _message(kind: str, node: Node, value: object) -> str:
    """What is wrong with a value, in a few words."""
    if kind == "finite_number":
        return "not a finite number"
    if kind in _RANGES:
        return "out of range"
    if isinstance(value, list) and node.get("type") == "object":
        return "a list where one table is expected"
    if isinstance(value, dict) and node.get("type") == "array":
        return "one table where a list is expected"
    if kind == "literal_error" and isinstance(value, str):
        return "unknown value"
    if _in_quotes(node, value):
        return "a number in quotes"
    if isinstance(value, str) and node.get("type") in ("integer", "number", "boolean"):
        return f"text where {_kind_words(node)} is expected"
    return f"not {_kind_words(node)}"


def unknown_key(key: str, word: str, known: Sequence[str]) -> InputError:
    """A key that its table does not have: misspelt, or in the wrong table."""
    elsewhere = _tables_with(word)
    near = elsewhere[0] if elsewhere else nearest_match(word, known)
    return InputError("unknown key", key=key, value=word, expected=f"one of {', '.join(known)}", nearest=near)


def _tables_with(word: str) -> list[str]:
    """The dotted paths of single tables that end in ``word``."""
    root = schema_at(())
    tables = {name: schema_at((name,)).get("properties", {}) for name in root["properties"]}
    found = [f"{name}.{word}" for name, keys in tables.items() if word in keys]
    return [*found, f"parameters.{word}"] if word in PARAMETERS else found


def _nearest_value(node: Node, value: object) -> str | None:
    """The number that a text was meant to be, or the word that it resembles."""
    if not isinstance(value, str):
        return None
    words = [word for branch in _branches(node) for word in _words(branch)]
    plain = re.sub(r"^([0-9]+),([0-9]{1,2})$", r"\1.\2", value.strip().lstrip("$€£").strip())
    return plain if _is_number(node) and _NUMBER.fullmatch(plain) else nearest_match(value, words)


def _in_quotes(node: Node, value: object) -> bool:
    return isinstance(value, str) and _is_number(node) and _NUMBER.fullmatch(value) is not None


def _is_number(node: Node) -> bool:
    return any(branch.get("type") in ("integer", "number") for branch in _branches(node))


# --- paths -------------------------------------------------------------------------------------------------


def _within(location: Sequence[str | int], raw: Any, *, missing: bool) -> list[str | int]:
    """The part of pydantic's location that lies in the file (it adds the branches of a union)."""
    kept: list[str | int] = []
    for part in location:
        if not (part in raw if isinstance(raw, dict) else isinstance(raw, list) and part in range(len(raw))):
            return [*kept, part] if missing and isinstance(raw, dict) else kept
        kept.append(part)
        raw = raw[part]
    return kept


def dotted(location: Sequence[str | int], raw: Any) -> str:
    """The path as a person would write it; a place in a list of plain values is left out."""
    path = ""
    for part in location:
        members, raw = raw, _member(raw, part)
        if isinstance(part, str):
            path += f".{part}" if path else part
        elif isinstance(raw, dict):
            name = member_name(raw)
            alone = name and sum(member_name(member) == name for member in members) == 1
            path += f".{name}" if alone else f"[{part + 1}]"
    return path


def _member(raw: Any, part: str | int) -> Any:
    try:
        return raw[part]
    except (KeyError, IndexError, TypeError):
        return None


def member_name(member: object) -> str:
    """The name of a plan, a creator or a deal; "" where it has none."""
    if not isinstance(member, Mapping):
        return ""
    return next((member[key] for key in NAMES if isinstance(member.get(key), str)), "")


# --- what the schema expects -------------------------------------------------------------------------------


@cache
def _schema(file: type[BaseModel]) -> Node:
    schema = file.model_json_schema()
    whole: Node = _whole(schema, schema.get("$defs", {}))
    return whole


def _whole(node: Any, named: Node) -> Any:
    """A schema with each reference replaced by what it refers to."""
    if isinstance(node, list):
        return [_whole(member, named) for member in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _whole(named[node["$ref"].rsplit("/", 1)[-1]], named)
    return {key: _whole(member, named) for key, member in node.items() if key != "$defs"}


def schema_at(location: Sequence[str | int], file: type[BaseModel] = ScenarioFile) -> Node:
    """The part of the schema for a place in the file; {} where anything may stand."""
    node = _plain(_schema(file))
    for part in location:
        if isinstance(part, str):
            extra = node.get("additionalProperties")
            node = node.get("properties", {}).get(part, extra if isinstance(extra, dict) else {})
        else:
            node = node.get("items", {})
        node = _plain(node)
    return node


def _plain(node: Node) -> Node:
    """ "Or nothing" left out."""
    branches = [branch for branch in node.get("anyOf", ()) if branch.get("type") != "null"]
    return _plain(branches[0]) if len(branches) == 1 else node


def _branches(node: Node) -> Sequence[Node]:
    branches: Sequence[Node] = node.get("anyOf", node.get("oneOf", [node]))
    return branches


def _words(node: Node) -> list[str]:
    """The words that a key may hold."""
    return [word for word in [*node.get("enum", ()), node.get("const")] if isinstance(word, str)]


def _kind_words(node: Node) -> str:
    """ "a whole number": the kind of value, without its range."""
    words = {
        "integer": "a whole number", "number": "a number", "boolean": "true or false", "array": "a list",
        "object": "a table", "string": "a date" if node.get("format") == "date" else "text",
    }  # fmt: skip
    return " or ".join(_quoted(branch) if "const" in branch else words.get(branch.get("type", ""), "a value")
                       for branch in _branches(node))  # fmt: skip


def _quoted(node: Node) -> str:
    return f'"{node["const"]}"' if isinstance(node["const"], str) else str(node["const"])


def expected_words(node: Node) -> str:
    """What one key may hold, as a person would say it."""
    return ", or ".join(_quoted(branch) if "const" in branch else _branch_words(branch) for branch in _branches(node))


def _branch_words(node: Node) -> str:
    if "enum" in node:
        return f"one of {', '.join(_words(node))}"
    match node.get("type"):
        case "integer" | "number":
            return _kind_words(node) + _range(node)
        case "string":
            return "a date like 2026-03-01, without quotes" if "format" in node else 'a name in "quotes"'
        case "array" if _plain(node.get("items", {})).get("type") == "object":
            return "a list of tables: [[double brackets]] as a heading, or [{...}, {...}]"
        case "array":
            return 'a list in [brackets], like ["a", "b"]'
        case "object":
            return "one table: [single brackets] as a heading, or {...}"
        case _:
            return _kind_words(node)


def _range(node: Node) -> str:
    low, above, high = (node.get(key) for key in ("minimum", "exclusiveMinimum", "maximum"))
    is_share = high is not None and high <= 1 and node["type"] == "number"
    share = " (60 % is 0.6)" if is_share and (low == 0 or above == 0) else ""
    if low is not None and high is not None and high < MOST_MONEY:
        return f" from {low:,} to {high:,}{share}"
    if above is not None:
        return f" above {above:,}" + (f" and at most {high:,}{share}" if high and high < MOST_MONEY else "")
    return "" if low is None else f", {low:,} or more"
