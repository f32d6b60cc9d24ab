"""The shape of a scenario file: what each table may hold, checked by pydantic.

Only shapes and single values are checked here; what depends on several tables (a deal's creator exists, an
audience fits the market) is checked where it is known: ``load`` and the society. ``problems`` puts what is
found into plain words.
"""

from __future__ import annotations

import datetime
import math
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

TIERS: dict[str, tuple[float, float]] = {
    "nano": (1_000, 10_000),
    "micro": (10_000, 100_000),
    "mid": (100_000, 500_000),
    "macro": (500_000, 1_000_000),
    "celebrity": (1_000_000, math.inf),
}
"""Names for ranges of real followers. They sort and price nothing: sources disagree, so a file may change them."""

OWN_PROBLEM = "own_problem"
"""Type of the problems that this file words itself; ``expected``, ``value`` and ``key`` stand in their context."""

MOST_MONEY = 1e15
MOST_AGENTS = 16_777_216
DEFAULT_PEOPLE = 20_000


def _problem(message: str, expected: str, value: str | float | None = None, key: str = "") -> PydanticCustomError:
    """A problem in our own words; key: which key of the table, where the whole table is checked."""
    told = {"message": message, "expected": expected, "value": value, "key": key}
    return PydanticCustomError(OWN_PROBLEM, "{message}", told)  # pydantic fills in the braces


def _printable(text: str) -> str:
    if not text.strip():
        raise _problem("empty", "a name", text)
    if text != text.strip() or not text.isprintable():
        raise _problem("not a plain name", "a name on one line, without a space before or after it", text)
    return text


def _whole(value: object) -> object:
    """2e6 is a whole number too; 2.5 stays what it is and is refused."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _names_differ(names: list[str]) -> list[str]:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise _problem("stands twice in the list", "names that differ in more than capitals", name)
        seen.add(name.casefold())
    return names


def _each_once(names: list[str]) -> list[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise _problem("stands twice in the list", "each name once", name)
        seen.add(name)
    return names


def _word_or_list(value: object) -> str:
    return "list" if isinstance(value, list) else "word"


def _countable(date: datetime.date) -> datetime.date:
    if date.year > 9000:
        raise _problem("too far in the future", "a year up to 9000", str(date))
    return date


def _this_version(schema: int) -> int:
    if schema != 1:
        raise _problem("a form of scenario that this version of influence-sim does not know", "schema = 1", schema)
    return schema


def _range_of_followers(value: object) -> object:
    if isinstance(value, list) and len(value) != 2:
        raise _problem("not a pair of numbers", "[low, high] in followers, like [10_000, 100_000]")
    return tuple(value) if isinstance(value, list) else value


def _tiers_apart(tiers: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    for name, (low, high) in tiers.items():
        if not 0 <= low < high:
            raise _problem(f"the tier {name!r} is no range of followers", "[low, high], the low one first")
    ordered = sorted(tiers.items(), key=lambda item: item[1])
    for (first, (_, high)), (second, (low, _)) in pairwise(ordered):
        if low < high:
            raise _problem(f"the tiers {first!r} and {second!r} overlap", "tiers that share no follower count")
    return tiers


Name = Annotated[str, AfterValidator(_printable)]
Names = Annotated[list[Name], Field(min_length=1, max_length=1000), AfterValidator(_names_differ)]
Money = Annotated[float, Field(gt=0, le=MOST_MONEY, allow_inf_nan=False)]
Fee = Annotated[float, Field(ge=0, le=MOST_MONEY, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
WHOLE = BeforeValidator(_whole)
Posts = Annotated[int, Field(ge=1, le=1000), WHOLE]
Start = Annotated[int, Field(ge=0, le=3650), WHOLE]
Every = Annotated[int, Field(ge=1, le=3650), WHOLE]
Format = Literal["post", "reel", "story", "video", "live"]
Nodes = Annotated[list[Name], Field(min_length=1, max_length=100_000), AfterValidator(_each_once)]
Relative = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
Followers = Annotated[tuple[float, float], BeforeValidator(_range_of_followers)]


class Table(BaseModel):
    """A table of the file: unknown keys are errors, values are not coerced from text."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Market(Table):
    population: Annotated[int, Field(ge=1, le=10_000_000_000), WHOLE] | None = None
    niches: Names = ["everyday"]
    regions: Names = ["everywhere"]
    languages: Annotated[list[Name], Field(min_length=1, max_length=1000)] | None = None
    currency: Name = "USD"
    usd_rate: Annotated[float, Field(ge=1e-6, le=1e9, allow_inf_nan=False)] = 1.0


class SocietyTable(Table):
    people: Annotated[int, Field(ge=10, le=MOST_AGENTS), WHOLE] | None = None
    peer_ties: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 40.0
    worlds: Annotated[int, Field(ge=1, le=1000), WHOLE] | None = None
    graph: Name | None = None
    directed: bool = True
    reverse: bool = False


class Product(Table):
    niche: Name | None = None
    price: Money = 82.0
    margin: Share = 0.5
    quality: Share = 0.8
    sold_in: Names | None = None


class Platform(Table):
    preset: Name = "instagram"


class RunTable(Table):
    days: Annotated[int, Field(ge=1, le=3650), WHOLE] = 30
    replicates: Annotated[int, Field(ge=1, le=1_000_000), WHOLE] = 8
    seed: Annotated[int, Field(ge=0, le=0xFFFFFFFF), WHOLE] = 1
    start_date: Annotated[datetime.date, AfterValidator(_countable)] | None = None


class CreatorsTable(Table):
    roster: Name | None = None


class SegmentTable(Table):
    """A part of the people, such as an age group; its traits are relative to the mean of all people."""

    name: Name
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
    activity: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 1.0
    skepticism: Relative = 1.0
    trust: Relative = 1.0


class Deal(Table):
    """So many posts by one creator: the first on day ``start``, then one every ``every`` days.

    fee: price of one post. gift: value of what the creator is given, once a deal. commission: share of the price of
    each order attributed to the creator. code: share of the price taken off for who comes through a post.
    found_out: day on which a hidden ad becomes known. earlier: the creator's deals with the brand before.
    """

    creator: Name
    posts: Posts = 1
    start: Start = 0
    every: Every = 7
    format: Format = "post"
    fee: Fee | Literal["market"] = "market"
    gift: Fee = 0.0
    commission: Share = 0.0
    code: Annotated[float, Field(ge=0, le=0.95, allow_inf_nan=False)] = 0.0
    tag: bool = False
    disclosed: bool = True
    found_out: Start | None = None
    fit: Share | None = None
    earlier: Annotated[int, Field(ge=0, le=1000), WHOLE] = 0

    @model_validator(mode="after")
    def _hidden_if_found_out(self) -> Deal:
        if self.found_out is not None and self.disclosed:
            raise _problem("only a hidden ad can be found out", "disclosed = false", self.found_out, "found_out")
        return self

    def post_days(self, days: int) -> range:
        """The days of its posts that fall within a run; later ones are neither made nor paid."""
        return range(self.start, days, self.every)[: self.posts]


class SeedingTable(Table):
    """The product given to ``k`` real people: random ones, a group by followers, or listed nodes of a graph."""

    people: Annotated[
        Annotated[Literal["random", "top", "fringe"], Tag("word")] | Annotated[Nodes, Tag("list")],
        Discriminator(_word_or_list),
    ] = "random"
    k: Annotated[int, Field(ge=1, le=10_000_000_000), WHOLE] | None = None
    start: Start = 0
    gift: Fee | None = None

    @model_validator(mode="after")
    def _counted_or_listed(self) -> SeedingTable:
        listed = isinstance(self.people, list)
        if listed and self.k is not None:
            raise _problem("has no effect beside a list of people", "no k: each one listed is seeded", self.k, "k")
        if not listed and self.k is None:
            raise _problem("missing", "the number of real people to give the product to, like k = 500", key="k")
        return self


class SecondTable(Table):
    """A second stage: on day ``start`` the rest of the budget goes to the creators whose test worked best."""

    start: Start
    by: Literal["engagements", "clicks"] = "engagements"
    posts: Posts = 3
    every: Every = 7


class PlanTable(Table):
    """Deals, or a split of a budget; seeding beside them or alone. Creators begin ``stagger`` days apart."""

    name: Name
    deals: list[Deal] | None = None
    budget: Money | None = None
    split: dict[str, Share] | None = None
    seeding: SeedingTable | None = None
    second: SecondTable | None = None
    posts: Posts = 3
    start: Start = 0
    every: Every = 7
    format: Format = "post"
    stagger: Annotated[int, Field(ge=0, le=3650), WHOLE] = 0
    order: Literal["listed", "smallest", "largest"] = "listed"

    @model_validator(mode="after")
    def _one_kind(self) -> PlanTable:
        if self.deals is not None and self.split is not None:
            raise _problem("has both deals and a split", "one of the two")
        if self.second is not None:
            self._check_second()
        if self.split is not None:
            return self._sound_split(self.split)
        if self.deals is None and self.seeding is None:
            expected = "deals = [...], split = {...} with a budget, or seeding = {...}"
            raise _problem("has neither deals nor a split nor seeding", expected)
        if self.deals == []:
            expected = "one deal or more; the plan 'none', without any, always runs by itself"
            raise _problem("an empty list", expected, key="deals")
        self._check_idle_keys()
        return self

    def _check_second(self) -> None:
        if self.deals is None:
            raise _problem("a second stage has no test", "deals = [...] that test the creators", key="second")
        if self.budget is None:
            raise _problem("missing, and a second stage needs it", "an amount of money", key="budget")

    def _check_idle_keys(self) -> None:
        """Without a split some keys would do nothing."""
        for key in ("posts", "start", "every", "format"):
            if key in self.model_fields_set and self.deals is not None:
                raise _problem("has no effect beside deals", f"{key} within each deal", key=key)
            if key in self.model_fields_set:
                raise _problem("has no effect without a split", "no such key beside seeding alone", key=key)
        for key in ("stagger", "order"):
            if key in self.model_fields_set and self.deals is None:
                raise _problem("has no effect without creators", "no such key beside seeding alone", key=key)

    def _sound_split(self, split: dict[str, float]) -> PlanTable:
        total = sum(split.values())
        if self.budget is None:
            raise _problem("missing, and a split needs it", "an amount of money", key="budget")
        if not 0 < total <= 1 + 1e-9:
            expected = "shares that add up to more than 0 and at most 1 (60 % is 0.6)"
            raise _problem("its shares do not fit", expected, total, key="split")
        return self


class SettingTable(Table):
    """Other circumstances for the same plans: what ``set`` changes, by dotted path; the first setting has none."""

    name: Name
    set: dict[str, Any] | None = None


def _sound_settings(settings: list[SettingTable]) -> list[SettingTable]:
    _names_differ([setting.name for setting in settings])
    if len(settings) < 2:
        raise _problem("only one, and there is nothing to compare it with", "two [[setting]] tables or more, or none")
    if settings[0].set is not None:
        raise _problem("has no effect on the first setting, which is the file as it is written", "no set in it",
                       key=f"{settings[0].name}.set")  # fmt: skip
    for setting in settings[1:]:
        if not setting.set:
            raise _problem("missing", 'what is different, like set = { "platform.preset" = "tiktok" }',
                           key=f"{setting.name}.set")  # fmt: skip
    return settings


class ScenarioFile(Table):
    """A whole scenario file. ``creator`` tables hold the roster's columns as keys."""

    schema_: Annotated[int, Field(alias="schema"), AfterValidator(_this_version)] = 1
    name: Name | None = None
    market: Market = Market()
    society: SocietyTable = SocietyTable()
    product: Product = Product()
    platform: Platform = Platform()
    run: RunTable = RunTable()
    parameters: dict[str, Any] = {}
    creators: CreatorsTable = CreatorsTable()
    creator: list[dict[str, Any]] = []
    tiers: Annotated[dict[Name, Followers], AfterValidator(_tiers_apart)] = TIERS
    segment: list[SegmentTable] = []
    plan: list[PlanTable] = []
    setting: Annotated[list[SettingTable], AfterValidator(_sound_settings)] = []


def number_of_agents(society: SocietyTable, market: Market) -> int:
    """Follower agents asked for, never more than real people (a given graph has its own)."""
    return society.people or min(DEFAULT_PEOPLE, market.population or DEFAULT_PEOPLE)
