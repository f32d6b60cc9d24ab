"""From a scenario file to a Scenario: read, override, check, resolve, and remember where each value came from."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.errors import InputError, InputErrors, nearest_match
from sim.parameters import Rates, ResolvedRates, resolve
from sim.scenario.overrides import apply_overrides
from sim.scenario.plans import Plan, resolve_plans
from sim.scenario.roster import CreatorSpec, creator_from_table, read_roster
from sim.scenario.schema import Market, Platform, Product, RunTable, ScenarioFile, SocietyTable

DEFAULT_PEOPLE = 20_000
DEFAULT_WORLDS = 5


@dataclass(frozen=True)
class Scenario:
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
    notes: tuple[str, ...] = field(default=())

    @property
    def worlds(self) -> int:
        """Number of societies that replicates are dealt over (a given graph is one)."""
        if self.graph is not None:
            return 1
        return min(self.society.worlds or DEFAULT_WORLDS, self.run.replicates)

    @property
    def people(self) -> int:
        """Number of follower agents asked for (a given graph has its own)."""
        return self.society.people or DEFAULT_PEOPLE

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

    def contents(self) -> dict[str, Any]:
        """What decides the numbers, as plain data: the basis of the digest."""
        return {
            "market": self.market.model_dump(),
            "society": {**self.society.model_dump(exclude={"graph"}), "people": self.people, "worlds": self.worlds},
            "product": self.product.model_dump(),
            "run": self.run.model_dump(exclude={"start_date"}),
            "parameters": asdict(self.rates),
            "creators": [asdict(creator) for creator in self.booked],
            "plans": [_plan_contents(plan) for plan in self.plans],
            "graph": None if self.graph is None else hashlib.sha256(self.graph.read_bytes()).hexdigest(),
        }

    def digest(self, model_hash: str) -> str:
        """Twelve hexadecimal digits that name this question: same digest, same numbers."""
        text = json.dumps({**self.contents(), "model": model_hash}, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plan_contents(plan: Plan) -> dict[str, Any]:
    return {"name": plan.name, "deals": [deal.model_dump() for deal in plan.deals]}


def load(path: str | Path, overrides: Sequence[str] = (), **options: int | None) -> Scenario:
    """Read a scenario file.

    overrides: ``dotted.path=value`` with TOML values, as given to ``--set``.
    options: people, days, replicates, worlds, seed (None = as in the file).
    Raises InputError, or InputErrors listing every problem found at once.
    """
    path = Path(path)
    text = read_text(path)
    raw = _parse(text, path)
    origins = {key: "scenario file" for key in _leaves(raw)}
    origins |= apply_overrides(raw, overrides, options)
    return _resolve(_validated(raw, path), raw, origins, path, first_comment(text))


def read_text(path: Path) -> str:
    """The text of a scenario file; InputError where it is not one."""
    if path.is_dir():
        raise InputError("is a directory", file=path, expected="a scenario file (.toml)")
    if not path.exists():
        siblings = [p.name for p in path.parent.glob("*.toml")] if path.parent.is_dir() else []
        raise InputError("no such file", file=path, expected="a scenario file or a name from `influence scenarios`",
                         nearest=nearest_match(path.name, siblings))  # fmt: skip
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("is not a text file", file=path, expected="a scenario file in TOML (UTF-8)") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path, expected="a readable file") from None


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not valid TOML: {error}", file=path, expected="TOML, as `influence new` writes it") from None


def first_comment(text: str) -> str:
    """The scenario's question: the comment lines at the top of the file."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").rstrip())
    return " ".join(lines).strip()


def _leaves(table: Mapping[str, Any], prefix: str = "") -> list[str]:
    keys: list[str] = []
    for key, value in table.items():
        if isinstance(value, dict):
            keys += _leaves(value, f"{prefix}{key}.")
        else:
            keys.append(f"{prefix}{key}")
    return keys


def _validated(raw: Mapping[str, Any], path: Path) -> ScenarioFile:
    try:
        return ScenarioFile.model_validate(raw)
    except ValidationError as error:
        problems = [_problem(entry, raw, path) for entry in error.errors()]
        raise InputErrors(problems, file=path) if len(problems) > 1 else problems[0] from None


def _problem(entry: Mapping[str, Any], raw: Mapping[str, Any], path: Path) -> InputError:
    location = [part for part in entry["loc"] if not _is_union_branch(part)]
    key = _dotted(location, raw)
    if entry["type"] == "extra_forbidden":
        known = _known_keys(location[:-1])
        return InputError("unknown key", file=path, key=key, expected=f"one of {', '.join(known)}",
                          nearest=nearest_match(str(location[-1]), known))  # fmt: skip
    if entry["type"] == "missing":
        message = "no [[plan]] in the file" if location == ["plan"] else "missing"
        return InputError(message, file=path, key=key, expected="a value; `influence new` shows a full file")
    value = entry.get("input")
    message = entry["msg"].removeprefix("Value error, ")
    shown = value if isinstance(value, str | int | float | bool) else None
    return InputError(message[0].lower() + message[1:], file=path, key=key, value=shown)


def _is_union_branch(part: object) -> bool:
    return isinstance(part, str) and (part.startswith(("constrained-", "literal[", "function-")) or part == "float")


def _dotted(location: Sequence[str | int], raw: Mapping[str, Any]) -> str:
    """``plan.split.deals.0.posts`` for (plan, 1, deals, 0, posts): plans and creators go by their names."""
    parts: list[str] = []
    here: Any = raw
    for part in location:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
        name = here.get("name", here.get("handle")) if isinstance(here, dict) and isinstance(part, int) else None
        parts.append(str(name) if isinstance(name, str) else str(part))
    return ".".join(parts)


def _known_keys(location: Sequence[str | int]) -> list[str]:
    """The keys that the table at ``location`` may hold."""
    model: type[BaseModel] = ScenarioFile
    for part in location:
        if isinstance(part, int):
            continue
        model = _table_of(model, part)
    return [info.alias or name for name, info in model.model_fields.items()]


def _table_of(model: type[BaseModel], key: str) -> type[BaseModel]:
    pending: list[Any] = [model.model_fields[key].annotation]
    while pending:
        annotation = pending.pop()
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return annotation
        pending += getattr(annotation, "__args__", ())
    return model


def _resolve(
    table: ScenarioFile, raw: Mapping[str, Any], origins: dict[str, str], path: Path, question: str
) -> Scenario:
    try:
        return _resolved(table, origins, path, question)
    except InputErrors:
        raise
    except InputError as error:
        error.file = error.file or str(path)
        raise


def _resolved(table: ScenarioFile, origins: dict[str, str], path: Path, question: str) -> Scenario:
    parameter_origins = {k.removeprefix("parameters."): v for k, v in origins.items() if k.startswith("parameters.")}
    numbers = resolve(table.platform.preset, table.parameters, parameter_origins)
    creators, notes = _creators(table, path)
    plans = resolve_plans(table.plan, creators, table.tiers, numbers.rates, table.market.usd_rate)
    _check_references(table)
    return Scenario(
        name=table.name or path.stem,
        question=question,
        market=table.market,
        society=table.society,
        product=table.product,
        platform=table.platform,
        run=table.run,
        rates=numbers.rates,
        creators=creators,
        plans=plans,
        tiers=table.tiers,
        origins=_all_origins(table, origins, numbers),
        graph=_graph_path(table, path),
        notes=notes,
    )


def _all_origins(table: ScenarioFile, origins: Mapping[str, str], numbers: ResolvedRates) -> dict[str, str]:
    known = {f"parameters.{name}": origin for name, origin in numbers.origins.items()}
    for section in ("market", "society", "product", "platform", "run"):
        known |= {f"{section}.{key}": "default" for key in type(getattr(table, section)).model_fields}
    return known | {key: origin for key, origin in origins.items() if not key.startswith("parameters.")}


def _creators(table: ScenarioFile, path: Path) -> tuple[dict[str, CreatorSpec], tuple[str, ...]]:
    specs: list[CreatorSpec] = []
    notes: tuple[str, ...] = ()
    niches, regions = table.market.niches, table.market.regions
    if table.creators.roster is not None:
        roster = read_roster(path.parent / table.creators.roster, niches, regions, table.tiers)
        specs, notes = list(roster.creators), roster.notes
    for number, entry in enumerate(table.creator):
        key = f"creator.{entry.get('handle', number)}"
        specs.append(creator_from_table(entry, niches, regions, file=path, key=key))
    if not specs:
        raise InputError("no creators", key="creators", expected="[creators] roster = FILE, or [[creator]] tables")
    creators: dict[str, CreatorSpec] = {}
    for spec in specs:
        if spec.handle in creators:
            raise InputError("two creators of one handle", key=f"creator.{spec.handle}", value=spec.handle,
                             expected="handles that differ")  # fmt: skip
        creators[spec.handle] = spec
    return creators, notes


def _check_references(table: ScenarioFile) -> None:
    niche = table.product.niche
    if niche is not None and niche not in table.market.niches:
        raise InputError("unknown niche", key="product.niche", value=niche,
                         expected=f"one of {', '.join(table.market.niches)}",
                         nearest=nearest_match(niche, table.market.niches))  # fmt: skip
    for plan in table.plan:
        for deal in plan.deals or ():
            if deal.start >= table.run.days:
                raise InputError("starts after the last day", key=f"plan.{plan.name}.deals.{deal.creator}.start",
                                 value=deal.start, expected=f"0 to {table.run.days - 1}")  # fmt: skip


def _graph_path(table: ScenarioFile, path: Path) -> Path | None:
    if table.society.graph is None:
        if table.market.population is None:
            raise InputError("missing", key="market.population", expected="the number of real people")
        if table.society.people is not None and table.society.people > table.market.population:
            raise InputError("more agents than people", key="society.people", value=table.society.people,
                             expected=f"at most market.population, {table.market.population:,}")  # fmt: skip
        return None
    if table.society.people is not None:
        raise InputError("a given graph has its own people", key="society.people", value=table.society.people,
                         expected="no --people and no society.people beside society.graph")  # fmt: skip
    if table.society.worlds not in (None, 1):
        raise InputError("a given graph is one society", key="society.worlds", value=table.society.worlds,
                         expected="1, or nothing")  # fmt: skip
    return (path.parent / table.society.graph).resolve()
