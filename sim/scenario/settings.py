"""Settings: the same plans in other circumstances, such as another platform or a more sceptical public.

The first setting is the scenario as its file says; each other one changes a few keys, with the same seeds, days,
societies and plans by name, so that the replicates of any two settings are pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import InputError, InputErrors, nearest_match
from sim.scenario.file import parse, read_text
from sim.scenario.load import Scenario, load_text
from sim.scenario.overrides import apply_overrides
from sim.scenario.problems import holds, member_name, unknown_key
from sim.scenario.schema import ScenarioFile

CHANGEABLE = {"platform": 1, "parameters": 1, "market": 1, "product": 1, "society": 1, "plan": 2, "creator": 2,
              "segment": 2}  # fmt: skip
"""First parts of the paths that a setting may change, and how many more parts lead to a value below them."""

PAIRING = {"society.worlds": "the number of societies", "society.graph": "the graph",
           "society.directed": "the graph", "society.reverse": "the graph",
           "market.currency": "the currency", "market.usd_rate": "the currency"}  # fmt: skip
"""What has to be the same for replicates and money to be compared."""


@dataclass(frozen=True)
class Setting:
    """A named setting: the scenario in it, and by dotted path what it changes of the file."""

    name: str
    scenario: Scenario
    changes: Mapping[str, Any]

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """An InputError raised inside is put down to this setting, unless it changes nothing."""
        with _blamed(self.name, self.changes, None):
            yield


def load_settings(path: str | Path, overrides: Sequence[str] = (), **options: int | None) -> tuple[Setting, ...]:
    """Every setting of a scenario file, the first as the file is written; a file without settings has just that one.

    overrides, options: as in ``load``, in every setting; what the setting itself changes goes on top of them.
    """
    path = Path(path)
    text = read_text(path)
    written = load_text(text, path, overrides, options)
    raw = parse(text, path)
    apply_overrides(raw, overrides, options, [])
    named = changes_by_setting(raw, path)
    first, *others = named or [written.name]
    settings = [Setting(first, written, {})]
    for name in others:
        changes = named[name]
        with _blamed(name, changes, path):
            scenario = load_text(text, path, overrides, options, deepcopy(changes), f"setting {name}")
            _check_plans(written, scenario)
        settings.append(Setting(name, scenario, changes))
    return tuple(settings)


def changes_by_setting(raw: Mapping[str, Any], path: Path) -> dict[str, dict[str, Any]]:
    """What each setting of a parsed file changes of it, by dotted path; the first changes nothing. path: for errors."""
    tables = ScenarioFile.model_validate({"setting": raw["setting"]}).setting if "setting" in raw else []
    named: dict[str, dict[str, Any]] = {}
    for table in tables:
        changes = named[table.name] = {}
        with _blamed(table.name, changes, path):
            _add_paths(table.set or {}, changes)
            _check_paths(changes)
    return named


def setting_named(settings: Sequence[Setting], name: str | None) -> Setting:
    """The setting of that name, or the first. Raises InputError where there is none."""
    if name is None:
        return settings[0]
    names = [setting.name for setting in settings]
    if name not in names or len(settings) == 1:
        known = f"one of {', '.join(names)}" if len(names) > 1 else "no setting: the scenario has no [[setting]] tables"
        raise InputError("no such setting", key="setting", value=name, expected=known,
                         nearest=nearest_match(name, names) if len(names) > 1 else None)  # fmt: skip
    return settings[names.index(name)]


@contextmanager
def _blamed(name: str, changes: Mapping[str, Any], file: Path | None) -> Iterator[None]:
    try:
        yield
    except InputErrors as several:
        for problem in several.problems:
            _blame(problem, name, changes, file)
        raise InputErrors(several.problems, file=several.file) from None
    except InputError as problem:
        _blame(problem, name, changes, file)
        raise


def _blame(problem: InputError, name: str, changes: Mapping[str, Any], file: Path | None) -> None:
    """Name the key in the setting where the setting wrote it, else the setting."""
    key, problem.file = problem.key, problem.file or (None if file is None else str(file))
    if key and any(holds(path, key) or holds(key, path) for path in changes):
        problem.key = f"setting.{name}.{key}"
    elif changes:
        problem.message += f", in the setting {name!r}"


def _add_paths(table: Mapping[str, Any], changes: dict[str, Any]) -> None:
    """The changes by dotted path; a path may also be written as tables, platform = { preset = "tiktok" }."""
    for key, value in table.items():
        head = key.partition(".")[0]
        for path, member in _below(key, value, CHANGEABLE.get(head, 0) - key.count(".")):
            if path in changes:
                raise InputError("set twice", key=path, expected="one value")
            changes[path] = member


def _below(path: str, value: Any, levels: int) -> Iterator[tuple[str, Any]]:
    if levels < 1 or not isinstance(value, dict):
        yield path, value
        return
    for key, member in value.items():
        yield from _below(f"{path}.{key}", member, levels - 1)


def _check_paths(changes: Mapping[str, Any]) -> None:
    for path, value in changes.items():
        head, _, rest = path.partition(".")
        if head not in ScenarioFile.model_fields:
            unknown = unknown_key(path, head, list(CHANGEABLE))
            unknown.nearest = f"{unknown.nearest}.{rest}" if unknown.nearest in CHANGEABLE and rest else unknown.nearest
            raise unknown
        if head not in CHANGEABLE or path == "creator" or (head == "creator" and path.endswith(".handle")):
            raise InputError("a setting cannot change this", key=path, value=value,
                             expected=f"a path that begins with {', '.join(CHANGEABLE)}")  # fmt: skip
        if path in PAIRING:
            raise InputError(f"{PAIRING[path]} must be the same in all settings", key=path, value=value,
                             expected="a scenario of its own for this")  # fmt: skip


def _check_plans(written: Scenario, scenario: Scenario) -> None:
    names, wanted = ([plan.name for plan in one.plans[1:]] for one in (scenario, written))
    if names != wanted:
        raise InputError("has other plans than the file", key="plan", expected=f"{', '.join(wanted)}, in this order",
                         nearest=next((nearest_match(name, wanted) for name in names if name not in wanted), None),
                         )  # fmt: skip


# --- what differs between two scenarios ---------------------------------------------------------------------


def changes_between(first: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What a setting must change to make one scenario file's tables into another's; both hold the same keys.

    A list of tables of the same names is changed member by member; where a key is gone, the table around it as a whole.
    """
    changes: dict[str, Any] = {}
    for key in [*first, *(key for key in other if key not in first)]:
        changes |= _changes(first.get(key, []), other.get(key, []), key)
    return changes


def _changes(first: Any, other: Any, path: str) -> dict[str, Any]:
    if first == other and type(first) is type(other):
        return {}
    names = _member_names(first)
    if names and names == _member_names(other):
        first, other = (dict(zip(names, members, strict=True)) for members in (first, other))
    elif not (isinstance(first, dict) and isinstance(other, dict) and first.keys() <= other.keys()):
        return {path: other}
    if any(isinstance(m, dict) and not m.keys() <= other[name].keys() for name, m in first.items() if names):
        return {path: list(other.values())}
    changes: dict[str, Any] = {}
    for key, value in other.items():
        changes |= _changes(first[key], value, f"{path}.{key}") if key in first else {f"{path}.{key}": value}
    return changes


def _member_names(tables: Any) -> list[str]:
    """The names of a list of tables that can be told apart by them; [] for anything else."""
    names = [member_name(table) for table in tables] if isinstance(tables, list) else []
    return names if all(names) and len(set(names)) == len(names) else []
