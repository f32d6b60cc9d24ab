"""From a scenario file to a Scenario: read, override, check, resolve, and remember where each value came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import InputError, nearest_match
from sim.parameters import Rates
from sim.platforms import ResolvedRates
from sim.scenario.contents import Contents
from sim.scenario.file import parse, read_text
from sim.scenario.library import story
from sim.scenario.overrides import apply_changes, apply_overrides
from sim.scenario.plans import PREMIUM_FROM, Plan, unseen_posts
from sim.scenario.problems import COMMAND_LINE, SCENARIO_FILE, raise_all, shape_problems
from sim.scenario.roster import CreatorSpec
from sim.scenario.schema import (
    Market,
    Platform,
    Product,
    RunTable,
    ScenarioFile,
    SegmentTable,
    SocietyTable,
    number_of_agents,
)
from sim.shown import Shown

DEFAULT_WORLDS = 5


@dataclass(frozen=True, repr=False)
class Scenario(Shown):
    """A checked scenario with every value resolved.

    ``creators`` holds all creators by handle (only booked ones get an audience); ``plans`` begins with "none";
    ``origins`` maps every dotted key to where its value came from.
    """

    name: str
    question: str
    market: Market
    society: SocietyTable
    product: Product
    platform: Platform
    run: RunTable
    rates: Rates
    creators: Mapping[str, CreatorSpec]
    plans: tuple[Plan, ...]
    tiers: Mapping[str, tuple[float, float]]
    origins: Mapping[str, str]
    graph: Path | None = None
    segments: tuple[SegmentTable, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def worlds(self) -> int:
        """Number of societies that replicates are dealt over (a given graph is one)."""
        if self.graph is not None:
            return 1
        return min(self.society.worlds or DEFAULT_WORLDS, self.run.replicates)

    @property
    def people(self) -> int:
        """Number of follower agents asked for, never more than real people (a given graph has its own)."""
        return number_of_agents(self.society, self.market)

    @property
    def booked(self) -> tuple[CreatorSpec, ...]:
        """Creators with a deal in any plan, in order of handle."""
        handles = {deal.creator for plan in self.plans for deal in plan.deals}
        return tuple(self.creators[handle] for handle in sorted(handles))

    def plan(self, name: str) -> Plan:
        """The plan of that name; InputError with the nearest match otherwise."""
        by_name = {plan.name: plan for plan in self.plans}
        if name not in by_name:
            raise InputError("no such plan", key="plan", value=name, expected=f"one of {', '.join(by_name)}",
                             nearest=nearest_match(name, by_name))  # fmt: skip
        return by_name[name]

    def with_replicates(self, replicates: int) -> Scenario:
        """The same scenario with another number of replicates; those that both have are the same."""
        stale = _unused_worlds(self.society, self.run)
        run = self.run.model_copy(update={"replicates": replicates})
        kept = (note for note in self.notes if note not in stale)
        return replace(self, run=run, notes=(*kept, *_unused_worlds(self.society, run)))

    def contents(self) -> dict[str, Any]:
        """What decides the numbers, as plain data: the basis of the digest."""
        return {
            "market": self.market.model_dump(),
            "society": {**self.society.model_dump(exclude={"graph"}), "people": self.people, "worlds": self.worlds},
            "product": self.product.model_dump(),
            "run": self.run.model_dump(exclude={"start_date"}),
            "parameters": asdict(self.rates),
            "creators": [asdict(creator) for creator in self.booked],
            "segments": [segment.model_dump() for segment in self.segments],
            "plans": [_plan_contents(plan) for plan in self.plans],
            "graph": None if self.graph is None else hashlib.sha256(self.graph.read_bytes()).hexdigest(),
        }

    def digest(self, model_hash: str) -> str:
        """Twelve hexadecimal digits that name this question: same digest, same numbers."""
        text = json.dumps({**self.contents(), "model": model_hash}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plan_contents(plan: Plan) -> dict[str, Any]:
    """A plan as plain data; its budget decides numbers only where a second stage spends the rest of it."""
    return {
        "name": plan.name,
        "deals": [deal.model_dump() for deal in plan.deals],
        "seeding": None if plan.seeding is None else asdict(plan.seeding),
        "second": None if plan.second is None else {**asdict(plan.second), "budget": plan.budget},
    }


def load(path: str | Path, overrides: Sequence[str] = (), **options: int | None) -> Scenario:
    """Read a scenario file.

    overrides: ``dotted.path=value`` with TOML values, as given to ``--set``.
    options: people, days, replicates, worlds, seed (None = as in the file).
    Raises InputError, or InputErrors listing every problem found at once.
    """
    return load_with(path, None, overrides, options)


def load_with(
    path: str | Path, roster: str | Path | None, overrides: Sequence[str], options: Mapping[str, int | None]
) -> Scenario:
    """The same with a roster in place of the file's creators, whose plans are then left out; None: as ``load``."""
    path = Path(path)
    return load_text(read_text(path), path, overrides, options, roster=roster)


def load_text(
    text: str, path: Path, overrides: Sequence[str], options: Mapping[str, int | None],
    changes: Mapping[str, Any] | None = None, changed_by: str = "", roster: str | Path | None = None,
) -> Scenario:  # fmt: skip
    """A scenario from the text of its file, as in ``load``.

    changes: values by dotted path that go on top of everything else; changed_by: where they came from. roster: in
    place of the file's creators, as in ``load_with``.
    """
    raw = parse(text, path)
    origins = dict.fromkeys(_leaves(raw), SCENARIO_FILE)
    problems: list[InputError] = []
    origins |= apply_overrides(raw, overrides, options, problems)
    origins |= apply_changes(raw, changes or {}, changed_by, problems)
    if roster is not None:
        _replace_creators(raw, Path(roster), origins)
    table, broken = _sound_tables(raw, problems)
    broken |= set() if roster is None else {"plan"}  # left out, and not missed
    contents = Contents(table, broken, raw, path, problems)
    numbers, creators = contents.rates(origins), contents.creators()
    graph = contents.graph()
    contents.check_market()
    contents.check_segments()
    plans = contents.plans(creators, numbers.rates)
    raise_all(problems, path, origins)
    return Scenario(
        name=table.name or path.stem,
        question=story(text).question,
        market=table.market,
        society=table.society,
        product=table.product,
        platform=table.platform,
        run=table.run,
        rates=numbers.rates,
        creators=creators or {},
        plans=plans,
        tiers=table.tiers,
        origins=_all_origins(table, origins, numbers),
        graph=graph,
        segments=tuple(table.segment),
        notes=(*contents.notes, *_remarks(table, plans, numbers.rates)),
    )


def _replace_creators(raw: dict[str, Any], roster: Path, origins: dict[str, str]) -> None:
    """The roster for the file's creators and plans."""
    for key in ("creator", "plan"):
        raw.pop(key, None)
    raw["creators"] = {"roster": str(roster.absolute())}
    origins["creators.roster"] = f"{COMMAND_LINE} --roster"


def _leaves(table: Mapping[str, Any], prefix: str = "") -> list[str]:
    keys: list[str] = []
    for key, value in table.items():
        if isinstance(value, dict):
            keys += _leaves(value, f"{prefix}{key}.")
        else:
            keys.append(f"{prefix}{key}")
    return keys


def _sound_tables(raw: dict[str, Any], problems: list[InputError]) -> tuple[ScenarioFile, set[str]]:
    """The file's tables without what has problems, and the names of what was left out."""
    sound, broken = dict(raw), set[str]()
    while True:
        try:
            return ScenarioFile.model_validate(sound), broken
        except ValidationError as error:
            problems += shape_problems(error, sound)
            places: dict[str, set[str | int]] = {}
            for entry in error.errors():
                places.setdefault(str(entry["loc"][0]), set()).update(entry["loc"][1:2])
        for top, keys in places.items():
            broken |= _leave_out(sound, top, keys)


def _leave_out(tables: dict[str, Any], top: str, keys: set[str | int]) -> set[str]:
    """Take keys out of a table, or members out of a list, or else all of it; returns what was taken."""
    table = tables.pop(top)
    if isinstance(table, dict) and keys and keys <= table.keys() and top != "tiers":
        tables[top] = {key: value for key, value in table.items() if key not in keys}
        return {f"{top}.{key}" for key in keys}
    if isinstance(table, list) and keys:
        tables[top] = [member for place, member in enumerate(table) if place not in keys]
    return {top}


def _remarks(table: ScenarioFile, plans: Sequence[Plan], rates: Rates) -> list[str]:
    """What runs in another way than the file may seem to say, and the options switched on that favour a size."""
    remarks = [note for plan in plans for note in (*plan.notes, *unseen_posts(plan, table.run.days))]
    remarks += _unused_worlds(table.society, table.run)
    if rates.price_premium != 1:
        remarks.append(
            f"prices carry a premium of {rates.price_premium:g} x from {PREMIUM_FROM:,} followers on, as asked"
        )
    if rates.fake_slope != 0:
        remarks.append(f"the fake share grows by {rates.fake_slope:g} with each tenfold of followers, as asked")
    return remarks


def _unused_worlds(society: SocietyTable, run: RunTable) -> list[str]:
    if (society.worlds or 1) <= run.replicates:
        return []
    return [f"{society.worlds} worlds asked for, {run.replicates} used: each replicate lives in one of them"]


def _all_origins(table: ScenarioFile, origins: Mapping[str, str], numbers: ResolvedRates) -> dict[str, str]:
    known = {f"parameters.{name}": origin for name, origin in numbers.origins.items()}
    for section in ("market", "society", "product", "platform", "run"):
        known |= {f"{section}.{key}": "default" for key in type(getattr(table, section)).model_fields}
    return known | {key: origin for key, origin in origins.items() if not key.startswith("parameters.")}
