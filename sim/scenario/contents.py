"""The checks of a scenario that need several of its tables: parameters, creators, plans, the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import InputError, nearest_match
from sim.parameters import Rates
from sim.platforms import PRESETS, ResolvedRates, resolve
from sim.scenario.plan_checks import check_plans, seeding_problems
from sim.scenario.plans import Plan, resolve_plans
from sim.scenario.problems import collected, dotted
from sim.scenario.roster import CreatorSpec, creator_from_table, read_roster
from sim.scenario.schema import ScenarioFile, number_of_agents

CHOICES = ("niches", "regions", "languages")
"""The keys of the market that creators choose from."""


@dataclass(frozen=True)
class Contents:
    """The checks that need several tables. Each is left out where a key that it needs is broken."""

    table: ScenarioFile
    broken: set[str]
    raw: Mapping[str, Any]
    path: Path
    problems: list[InputError]
    notes: list[str] = field(default_factory=list)

    def rates(self, origins: Mapping[str, str]) -> ResolvedRates:
        """The model's numbers; each parameter is checked by itself."""
        preset = self.table.platform.preset
        sound: dict[str, Any] = {}
        for name, value in self.table.parameters.items():
            with collected(self.problems):
                resolve("instagram", {name: value}, {})
                sound[name] = value
        with collected(self.problems):
            resolve(preset, {}, {})
        where = {k.removeprefix("parameters."): v for k, v in origins.items() if k.startswith("parameters.")}
        return resolve(preset if preset in PRESETS else "instagram", sound, where)

    def creators(self) -> dict[str, CreatorSpec] | None:
        """All creators by handle; None where they are not all known."""
        if not self._sound(*(f"market.{key}" for key in CHOICES), "tiers", "creators.roster", "creator"):
            return None
        table, specs, before = self.table, list[CreatorSpec](), len(self.problems)
        if table.creators.roster is not None:
            with collected(self.problems):
                specs += self._roster(table.creators.roster)
        for number, entry in enumerate(table.creator):
            key = dotted(("creator", number), self.raw)
            with collected(self.problems):
                specs.append(creator_from_table(entry, table.market.niches, table.market.regions, file=self.path,
                                                key=key, tiers=table.tiers,
                                                languages=table.market.languages or ()))  # fmt: skip
        seeded_only = all(plan.deals is None and plan.split is None for plan in table.plan)
        if table.creators.roster is None and not table.creator and not (table.plan and seeded_only):
            self._problem("no creators", "creators", expected="[creators] with roster = FILE, or [[creator]] tables")
        found = self._by_handle(specs)
        return found if len(self.problems) == before else None

    def _roster(self, name: str) -> list[CreatorSpec]:
        market = self.table.market
        try:
            roster = read_roster(self.path.parent / name, market.niches, market.regions, self.table.tiers,
                                 market.languages or ())  # fmt: skip
        except InputError as error:
            error.key = error.key or (None if error.row else "creators.roster")
            raise
        self.notes.extend(roster.notes)
        return list(roster.creators)

    def _by_handle(self, specs: Sequence[CreatorSpec]) -> dict[str, CreatorSpec]:
        found: dict[str, CreatorSpec] = {}
        seen: dict[str, str] = {}
        for spec in specs:
            if spec.handle.casefold() in seen:
                self._problem("two creators of one handle", f"creator.{spec.handle}",
                              expected="handles that differ in more than capitals")  # fmt: skip
            found[spec.handle] = spec
            seen[spec.handle.casefold()] = spec.handle
        return found

    def check_market(self) -> None:
        """The product's niche and regions are the market's; each region has its language."""
        market, product = self.table.market, self.table.product
        if product.niche is not None and product.niche not in market.niches and self._sound("market.niches"):
            self._problem("unknown niche", "product.niche", product.niche, f"one of {', '.join(market.niches)}",
                          nearest_match(product.niche, market.niches))  # fmt: skip
        if not self._sound("market.regions"):
            return
        for region in product.sold_in or ():
            if region not in market.regions:
                self._problem("unknown region", "product.sold_in", region, f"one of {', '.join(market.regions)}",
                              nearest_match(region, market.regions))  # fmt: skip
        regions = len(market.regions)
        if market.languages is not None and len(market.languages) != regions:
            number = "1 language" if len(market.languages) == 1 else f"{len(market.languages)} languages"
            places = "the one region" if regions == 1 else f"{regions} regions"
            expected = "a language for each of market.regions, in their order; it may stand there twice"
            self._problem(f"{number} for {places}", "market.languages", expected=expected)

    def check_segments(self) -> None:
        """Segments are told apart by name, and together they are all people."""
        segments, seen = self.table.segment, set[str]()
        if not segments or not self._sound("segment"):
            return
        for segment in segments:
            if segment.name in seen:
                self._problem("two segments of one name", f"segment.{segment.name}", expected="names that differ")
            seen.add(segment.name)
        total = sum(segment.share for segment in segments)
        if abs(total - 1) > 1e-6:
            self._problem("the segments' shares do not add up to 1", "segment", round(total, 9),
                          "shares of all people that add up to 1 (60 % is 0.6)")  # fmt: skip

    def plans(self, creators: Mapping[str, CreatorSpec] | None, rates: Rates) -> tuple[Plan, ...]:
        """Every plan as deals; () where something that they need is not sound."""
        table = self.table
        if table.plan or self._sound("plan"):
            with collected(self.problems):
                check_plans(table.plan, creators, table.run.days if self._sound("run.days") else None)
        population = table.market.population
        if table.society.graph is None and population and self._sound("society.graph", "society.people"):
            people = number_of_agents(table.society, table.market)
            self.problems.extend(seeding_problems(table.plan, people, population))
        if not self.problems and creators is not None:
            with collected(self.problems):
                return resolve_plans(table, creators, rates)
        return ()

    def graph(self) -> Path | None:
        """The file of the given graph, if there is one."""
        society, population = self.table.society, self.table.market.population
        if society.graph is not None:
            return self._given_graph(society.graph)
        if not self._sound("society.graph", "market.population"):
            return None
        if population is None:
            self._problem("missing", "market.population", expected="the number of real people")
        elif society.people is not None and society.people > population:
            self._problem("more agents than people", "society.people", society.people,
                          f"at most market.population, {population:,}")  # fmt: skip
        for key in ("directed", "reverse"):
            if key in society.model_fields_set:
                self._problem("has no effect without a graph", f"society.{key}",
                              expected='graph = "FILE", or no such key')  # fmt: skip
        return None

    def _given_graph(self, name: str) -> Path:
        society, path = self.table.society, (self.path.parent / name).absolute()
        for key in ("people", "worlds", "peer_ties"):
            value = getattr(society, key)
            if value not in (type(society).model_fields[key].default, 1 if key == "worlds" else None):
                self._problem("a given graph has its own people and ties, and is one world", f"society.{key}", value,
                              "no such value beside society.graph")  # fmt: skip
        expected, nearest = "the file of an edge list or of GraphML, found from the scenario's folder", None
        try:
            path.open("rb").close()
        except FileNotFoundError:
            if path.parent.is_dir():
                nearest = nearest_match(path.name, [other.name for other in path.parent.iterdir()])
            self._problem("no such file", "society.graph", name, expected, nearest)
        except OSError as error:
            reason = "is a folder" if path.is_dir() else f"cannot be read: {error.strerror}"
            self._problem(reason, "society.graph", name, expected)
        return path

    def _sound(self, *keys: str) -> bool:
        """Whether none of these keys had to be left out."""
        return not any(f"{key}.".startswith(f"{left_out}.") for key in keys for left_out in self.broken)

    def _problem(
        self, message: str, key: str, value: object = None, expected: str | None = None, nearest: str | None = None
    ) -> None:
        self.problems.append(InputError(message, key=key, value=value, expected=expected, nearest=nearest))
