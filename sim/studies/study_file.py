"""A study as a TOML file: the format, read and checked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from sim.errors import InputError
from sim.scenario.file import first_comment, parse, read_text
from sim.scenario.problems import collected, raise_all, shape_problems
from sim.scenario.schema import WHOLE, Name, Table
from sim.studies.study import Axis, Study, Value, dotted_key, toml_text

SCHEMA = 1
A_STUDY = "a study (.toml): a scenario, and what varies in it"
Count = Annotated[int, Field(ge=1), WHOLE]
Number = Annotated[float, Field(allow_inf_nan=False)]


class RangeTable(Table):
    """From low to high; a parameter has a range of its own."""

    low: Number | None = None
    high: Number | None = None
    steps: Annotated[int, Field(ge=2, le=1_000_000), WHOLE] | None = None
    log: bool = False
    whole: bool = False


class StudyFile(Table):
    """The keys of a study's file. Those of scenarios stand in set, vary and point, with or without quotes."""

    schema_: Annotated[int, Field(alias="schema", ge=SCHEMA, le=SCHEMA)] = SCHEMA
    name: Name | None = None
    scenario: Name
    design: Name = "grid"
    points: Count | None = None
    trajectories: Count | None = None
    of: Name | None = None
    replicates: Count | None = None
    worlds: Count | None = None
    people: Count | None = None
    days: Count | None = None
    seed: Annotated[int, Field(ge=0), WHOLE] | None = None
    figures: list[Name] = Field(default_factory=list)
    set_: dict[str, Any] = Field(default_factory=dict, alias="set")
    vary: dict[str, Any] = Field(default_factory=dict)
    point: list[dict[str, Any]] = Field(default_factory=list)


def read_study(path: str | Path) -> Study:
    """The study of a file. Raises InputError, or InputErrors with every problem found at once."""
    path = Path(path)
    try:
        text = read_text(path)
    except InputError as error:
        error.expected = A_STUDY
        raise
    raw, problems = parse(text, path), list[InputError]()
    try:
        table = StudyFile.model_validate(raw)
    except ValidationError as error:
        raise_all(shape_problems(error, raw, StudyFile), path, {})
        raise
    axes = []
    for key, leaf in _leaves(table.vary, ranges=True):
        with collected(problems):
            axes.append(_axis(key, leaf))
    settings = [(dotted_key(key), value) for key, value in _leaves(table.set_)]
    study = None
    if not problems:
        with collected(problems):
            study = Study(
                name=table.name or path.stem, scenario=_place_of(table.scenario, path), axes=tuple(axes),
                design=table.design, n_points=table.points, n_trajectories=table.trajectories, of=table.of or "",
                listed=tuple(dict(_leaves(one)) for one in table.point),
                figures=tuple(table.figures), settings=tuple(f"{key}={toml_text(value)}" for key, value in settings),
                people=table.people, days=table.days, replicates=table.replicates, worlds=table.worlds,
                seed=table.seed, question=" ".join(first_comment(text)),
            )  # fmt: skip
    raise_all(problems, path, {})
    assert study is not None
    return study


def _place_of(scenario: str, file: Path) -> str:
    """The name of a built-in scenario, or a file named from where the study lies."""
    named = not scenario.endswith(".toml") and os.sep not in scenario
    return scenario if named else str((file.parent / scenario).resolve())


def _leaves(table: Mapping[str, Any], prefix: str = "", *, ranges: bool = False) -> Iterator[tuple[str, Value]]:
    """Dotted keys and values of a table and of the tables in it. ranges: a table of a range's keys is a value."""
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and not (ranges and value.keys() <= RangeTable.model_fields.keys()):
            yield from _leaves(value, f"{key}.", ranges=ranges)
        else:
            yield key, value


def _axis(key: str, leaf: Value) -> Axis:
    if isinstance(leaf, dict):
        try:
            return Axis(key, **RangeTable.model_validate(leaf).model_dump())
        except ValidationError as error:
            problems = shape_problems(error, leaf, RangeTable)
        for problem in problems:
            problem.key = f"vary.{key}.{problem.key}"
        raise problems[0]
    if not isinstance(leaf, list) or not leaf:
        raise InputError("not a list of values or a range", key=f"vary.{key}", value=str(leaf)[:80],
                         expected="a list, or {low = 0.1, high = 0.5}, or {} for a parameter's own range")  # fmt: skip
    return Axis(key, tuple(leaf))


def study_toml(study: Study) -> str:
    """A file that ``read_study`` reads as this study, the scenario named without its folder."""
    named = {"scenario": Path(study.scenario).name, "design": study.design, "points": study.n_points,
             "trajectories": study.n_trajectories, "of": study.of or None, "figures": list(study.figures),
             **study.options}  # fmt: skip
    lines = [f"# {study.question}"] if study.question else []
    lines += [f"schema = {SCHEMA}", f"name = {toml_text(study.name)}"]
    lines += [f"{key} = {toml_text(value)}" for key, value in named.items() if value is not None]
    settings = dict(entry.split("=", 1) for entry in study.settings)
    lines += ["", "[set]"] if settings else []
    lines += [f'"{key.strip()}" = {value.strip()}' for key, value in settings.items()]
    lines += ["", "[vary]"] if study.axes else []
    lines += [f'"{axis.key}" = {_axis_text(axis)}' for axis in study.axes]
    for point in study.listed:
        lines += ["", "[[point]]", *(f'"{key}" = {toml_text(value)}' for key, value in point.items())]
    return "\n".join(lines) + "\n"


def _axis_text(axis: Axis) -> str:
    if axis.values:
        return toml_text(axis.values)
    low, high = axis.range
    more = {"steps": axis.steps, "log": axis.log or None, "whole": axis.whole or None}
    told = [f"low = {low!r}", f"high = {high!r}"]
    told += [f"{key} = {toml_text(value)}" for key, value in more.items() if value is not None]
    return "{ " + ", ".join(told) + " }"
