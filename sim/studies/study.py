"""A study of many runs: a scenario, what varies in it and how, how often each point is played, what is kept."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

import tomlkit

from sim.errors import InputError, nearest_match
from sim.parameters import PARAMETERS
from sim.results.measures import METRICS
from sim.scenario.overrides import OPTION_KEYS
from sim.studies.designs import MOST_SOBOL_AXES, Floats, latin_hypercube, saltelli, shifted_sobol, sobol, trajectories

Value = Any
"""What a key of a scenario may be: a number, text, true or false, or a list of these."""
Design = Literal["grid", "list", "latin-hypercube", "sobol", "morris", "sobol-indices"]
DESIGNS: tuple[str, ...] = get_args(Design)
MORRIS, INDICES = "morris", "sobol-indices"
FILLING = ("latin-hypercube", "sobol", INDICES)
"""Designs that spread a number of points over ranges."""
SENSITIVITY = (MORRIS, INDICES)
"""Designs that say which of the axes decide a figure."""
FEWEST_POINTS, FEWEST_TRAJECTORIES = 16, 4
"""Below these the indices of a sensitivity study are noise."""
MOST_RUNS = 10_000_000
PARAMETER = "parameters."
OWN_KEYS = {"run.replicates": "replicates", "society.worlds": "worlds"}
"""Keys of a scenario that hold for all points of a study."""


@dataclass(frozen=True)
class Axis:
    """One key of the scenario that varies: over ``values``, or from ``low`` to ``high``.

    key: as ``--set`` takes it; the name of a parameter is enough. Without low and high a parameter has its own range.
    steps: how many values of the range a grid takes. log: evenly in the logarithm. whole: whole numbers only.
    """

    key: str
    values: tuple[Value, ...] = ()
    low: float | None = None
    high: float | None = None
    steps: int | None = None
    log: bool = False
    whole: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", dotted_key(self.key))
        object.__setattr__(self, "values", tuple(self.values))
        if self.values:
            self._check_values()
        else:
            self._complete_range()

    def at(self, u: float) -> Value:
        """The value at a place from 0 to 1: of the list or of the range."""
        if self.values:
            return self.values[min(int(u * len(self.values)), len(self.values) - 1)]
        low, high = self.range
        if self.whole:
            return min(int(low + u * (high - low + 1)), int(high))
        if self.log:
            return min(low * math.exp(u * math.log(high / low)), high)
        return min(low + u * (high - low), high)

    def grid(self) -> tuple[Value, ...]:
        """The values of a grid: those listed, or ``steps`` of the range, both ends among them."""
        if self.values:
            return self.values
        if self.steps is None:
            raise InputError("has no steps", key=f"vary.{self.key}", expected="a list of values, or steps = 5 beside "
                             "low and high; the designs latin-hypercube and sobol take ranges as they are")  # fmt: skip
        places = [step / (self.steps - 1) for step in range(self.steps)]
        if self.whole:
            low, high = self.range
            return tuple(dict.fromkeys(round(low + place * (high - low)) for place in places))
        return (*(self.at(place) for place in places[:-1]), self.range[1])

    @property
    def range(self) -> tuple[float, float]:
        """The low and the high end."""
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high

    def _check_values(self) -> None:
        given = [name for name in ("low", "high", "steps") if getattr(self, name) is not None]
        if given or self.log or self.whole:
            raise InputError("has both values and a range", key=f"vary.{self.key}", expected="one of the two")
        _check_plain(f"vary.{self.key}", self.values)

    def _complete_range(self) -> None:
        own, key = PARAMETERS.get(self.key.removeprefix(PARAMETER)), f"vary.{self.key}"
        low = own.low if self.low is None and own is not None else self.low
        high = own.high if self.high is None and own is not None else self.high
        if low is None or high is None:
            raise InputError("has no range of its own, as parameters have", key=key,
                             expected="a list of values, or low and high")  # fmt: skip
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise InputError("not a range", key=key, value=f"{low:g} to {high:g}", expected="low below high")
        if own is not None and not own.low <= low < high <= own.high:
            raise InputError("out of range", key=key, value=f"{low:g} to {high:g}",
                             expected=f"within {own.low:g} to {own.high:g} {own.unit}")  # fmt: skip
        if self.log and low <= 0:
            raise InputError("0 has no logarithm", key=key, value=low, expected="low above 0, or log = false")
        if self.log and self.whole:
            raise InputError("has both log and whole", key=key, expected="one of the two, or a list of values")
        if self.whole and not (float(low).is_integer() and float(high).is_integer()):
            raise InputError(
                "not whole numbers", key=key, value=f"{low:g} to {high:g}", expected="a whole low and high"
            )
        if self.steps is not None and self.steps < 2:
            raise InputError("too few", key=f"{key}.steps", value=self.steps, expected="2 steps or more")
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)


@dataclass(frozen=True)
class Study:
    """What is asked. scenario: a file, or the name of a built-in one.

    design: "grid" (every combination of the axes, the last one fastest), "latin-hypercube" or "sobol" (``n_points``
    spread over the axes), or "list" (``listed``: values by key, one mapping a point). For a sensitivity analysis of
    ``of`` (a plan, "plan - other" or "plan / other"): "morris" (``n_trajectories`` of axes + 1 points each), or
    "sobol-indices" (``n_points`` base points, a power of two, of axes + 2 points each). settings: ``key=value`` for
    all points. figures: keys of ``METRICS`` to be kept (none named: all). people to seed: as in the scenario where
    None; each point is played ``replicates`` times.
    """

    name: str
    scenario: str
    axes: tuple[Axis, ...] = ()
    design: str = "grid"
    n_points: int | None = None
    n_trajectories: int | None = None
    of: str = ""
    listed: tuple[Mapping[str, Value], ...] = ()
    figures: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    people: int | None = None
    days: int | None = None
    replicates: int | None = None
    worlds: int | None = None
    seed: int | None = None
    question: str = ""

    def __post_init__(self) -> None:
        for name in ("axes", "settings"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        named = tuple({dotted_key(key): value for key, value in point.items()} for point in self.listed)
        object.__setattr__(self, "listed", named)
        for point in named:
            for key, value in point.items():
                _check_plain(f"point.{key}", value)
        unknown = [figure for figure in self.figures if figure not in METRICS]
        if unknown:
            raise InputError("no such figure", key="figures", value=unknown[0], expected=f"one of {', '.join(METRICS)}",
                             nearest=nearest_match(unknown[0], METRICS))  # fmt: skip
        _check_sensitivity(self)
        object.__setattr__(self, "figures", tuple(key for key in METRICS if not self.figures or key in self.figures))
        _check_design(self)
        _check_keys(self)

    @property
    def keys(self) -> tuple[str, ...]:
        """What varies: dotted keys of the scenario."""
        return tuple(dict.fromkeys(key for point in self.listed for key in point)) or tuple(a.key for a in self.axes)

    @property
    def options(self) -> dict[str, int | None]:
        """As ``load`` takes them."""
        return {option: getattr(self, option) for option in OPTION_KEYS}

    def with_options(self, settings: Sequence[str] = (), **options: int | None) -> Study:
        """The same with more settings, and with these of people, days, replicates, worlds and seed."""
        given: dict[str, Any] = {option: value for option, value in options.items() if value is not None}
        return replace(self, settings=(*self.settings, *settings), **given)

    def points(self, seed: int) -> list[tuple[Value, ...]]:
        """The values of ``keys`` at each point; None where a listed point leaves a key as it is in the scenario.

        seed: for what is drawn of a design, as the places of a Latin hypercube.
        """
        if self.design == "list":
            return [tuple(point.get(key) for key in self.keys) for point in self.listed]
        if self.design == "grid":
            return list(itertools.product(*(axis.grid() for axis in self.axes)))
        places = self.places(seed)
        return [tuple(axis.at(float(u)) for axis, u in zip(self.axes, row, strict=True)) for row in places]

    def places(self, seed: int) -> Floats:
        """Where the points of a design other than grid and list lie: (points, axes), from 0 to 1 along each axis."""
        if self.design == MORRIS:
            assert self.n_trajectories is not None
            return trajectories(self.n_trajectories, self.keys, seed)
        assert self.n_points is not None
        if self.design == INDICES:
            return saltelli(shifted_sobol(self.n_points, [f"{side}|{key}" for side in "ab" for key in self.keys], seed))
        if self.design == "sobol":
            return sobol(self.n_points, len(self.axes))
        return latin_hypercube(self.n_points, self.keys, seed)

    def overrides(self, values: Sequence[Value]) -> tuple[str, ...]:
        """Settings and a point's values, as ``--set`` takes them."""
        point = (f"{key}={toml_text(value)}" for key, value in zip(self.keys, values, strict=True) if value is not None)
        return (*self.settings, *point)

    def to_json(self) -> str:
        """Everything, to be read again by ``study_from_json``."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


def study_from_json(text: str) -> Study:
    """The study that ``Study.to_json`` wrote."""
    read = json.loads(text)
    known = {field.name: read[field.name] for field in fields(Study) if field.name in read}
    return Study(**{**known, "axes": tuple(Axis(**axis) for axis in read["axes"])})


def dotted_key(key: str) -> str:
    """A key of a scenario; the name of a parameter stands for that parameter."""
    return f"{PARAMETER}{key}" if key in PARAMETERS else key


def toml_text(value: Value) -> str:
    """A value as TOML."""
    return str(tomlkit.item(list(value) if isinstance(value, tuple) else value).as_string())


def _check_plain(key: str, value: Value) -> None:
    """Raise InputError for a value that is not one."""
    if isinstance(value, list | tuple):
        for member in value:
            _check_plain(key, member)
    elif not isinstance(value, str | int | float) or not (isinstance(value, str) or math.isfinite(value)):
        raise InputError("not a value of a scenario", key=key, value=str(value)[:80],
                         expected="a number, text, true or false, or a list of these")  # fmt: skip


def _check_design(study: Study) -> None:
    """Raise InputError where the design and what it is given do not fit together."""
    if study.design not in DESIGNS:
        raise InputError("no such design", key="design", value=study.design, expected=f"one of {', '.join(DESIGNS)}",
                         nearest=nearest_match(study.design, DESIGNS))  # fmt: skip
    fills, listed, words = study.design in FILLING, study.design == "list", '[[point]] tables with design = "list"'
    if listed != bool(study.listed):
        raise InputError("needs [[point]] tables" if listed else "has [[point]] tables, which another design takes",
                         key="design", value=study.design, expected=words)  # fmt: skip
    if listed == bool(study.axes):
        raise InputError("has no effect beside a list of points" if listed else "nothing varies", key="vary",
                         expected="no [vary]" if listed else "[vary] with a key of the scenario or more")  # fmt: skip
    if fills and study.n_points is None:
        raise InputError("missing", key="points", expected=f"how many points the {study.design} has, like points = 64")
    if not fills and study.n_points is not None:
        raise InputError("has no effect here", key="points", value=study.n_points,
                         expected=f"one of the designs {', '.join(FILLING)}")  # fmt: skip
    if study.n_points is not None and not 1 <= study.n_points <= MOST_RUNS:
        raise InputError("out of range", key="points", value=study.n_points, expected=f"from 1 to {MOST_RUNS:,}")
    if study.design == "sobol" and len(study.axes) > MOST_SOBOL_AXES:
        raise InputError("too many for Sobol points", key="vary", expected=f"at most {MOST_SOBOL_AXES:,} keys")
    if study.design == "grid" and math.prod(len(axis.grid()) for axis in study.axes) > MOST_RUNS:
        raise InputError("too many points", key="vary", expected=f"a grid of at most {MOST_RUNS:,}")
    stepped = [axis.key for axis in study.axes if study.design != "grid" and axis.steps is not None]
    if stepped:
        raise InputError("has no effect here", key=f"vary.{stepped[0]}.steps", expected='design = "grid", or no steps')


def _check_sensitivity(study: Study) -> None:
    """Raise InputError where a sensitivity analysis lacks what it needs, or another design has it."""
    if study.design not in SENSITIVITY:
        for key, value in (("of", study.of or None), ("trajectories", study.n_trajectories)):
            if value is not None:
                raise InputError("has no effect here", key=key, value=value,
                                 expected=f"one of the designs {' and '.join(SENSITIVITY)}")  # fmt: skip
        return
    if not study.of.strip():
        raise InputError("missing", key="of", expected='what is looked at: "PLAN", "PLAN - OTHER" or "PLAN / OTHER"')
    if not study.figures:
        raise InputError("missing", key="figures", expected='the figures that are explained, like figures = ["reach"]')
    single = [axis.key for axis in study.axes if axis.values and axis.values.count(axis.values[0]) == len(axis.values)]
    if single:
        raise InputError("has one value and does not vary", key=f"vary.{single[0]}", expected="two values or more")
    if study.design == MORRIS:
        _check_count("trajectories", study.n_trajectories, FEWEST_TRAJECTORIES, len(study.axes) + 1)
        return
    if study.n_trajectories is not None:
        raise InputError("has no effect here", key="trajectories", value=study.n_trajectories,
                         expected=f"design = {MORRIS!r}, or points")  # fmt: skip
    _check_count("points", study.n_points, FEWEST_POINTS, len(study.axes) + 2)
    if study.n_points is not None and study.n_points & (study.n_points - 1):
        near = 1 << study.n_points.bit_length()
        raise InputError("is no power of two, which Sobol points need to fill the ranges evenly", key="points",
                         value=study.n_points, expected=f"{near // 2} or {near}")  # fmt: skip
    if len(study.axes) > MOST_SOBOL_AXES // 2:
        raise InputError("too many for Sobol indices", key="vary", expected=f"at most {MOST_SOBOL_AXES // 2:,} keys")


def _check_count(key: str, count: int | None, fewest: int, times: int) -> None:
    if count is None:
        raise InputError("missing", key=key, expected=f"how many, {fewest} or more; each is played at {times} points")
    if count < fewest:
        raise InputError("too few for indices that mean something", key=key, value=count, expected=f"{fewest} or more")
    if count * times > MOST_RUNS:
        raise InputError("too many", key=key, value=count, expected=f"at most {MOST_RUNS // times:,}")


def _check_keys(study: Study) -> None:
    """Raise InputError where a key varies that cannot, or that is set as well."""
    names = [axis.key for axis in study.axes] or list(study.keys)
    fixed = {OPTION_KEYS[option]: option for option, value in study.options.items() if value is not None}
    fixed |= {dotted_key(entry.partition("=")[0].strip()): "set" for entry in study.settings}
    for place, key in enumerate(names):
        if key in OWN_KEYS:
            raise InputError(
                "is the same at all points", key=f"vary.{key}", expected=f"{OWN_KEYS[key]} = … above [vary]"
            )
        if key in names[:place]:
            raise InputError("varies twice", key=f"vary.{key}", expected="each key once")
        if key in fixed:
            raise InputError(
                f"both varies and is fixed by {fixed[key]!r}", key=f"vary.{key}", expected="one of the two"
            )
