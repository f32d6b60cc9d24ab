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

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
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
Followers = Annotated[tuple[float, float], BeforeValidator(_range_of_followers)]


class Table(BaseModel):
    """A table of the file: unknown keys are errors, values are not coerced from text."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Market(Table):
    population: Annotated[int, Field(ge=1, le=10_000_000_000), WHOLE] | None = None
    niches: Names = ["everyday"]
    regions: Names = ["everywhere"]
    currency: Name = "USD"
    usd_rate: Annotated[float, Field(ge=1e-6, le=1e9, allow_inf_nan=False)] = 1.0


class SocietyTable(Table):
    people: Annotated[int, Field(ge=10, le=16_777_216), WHOLE] | None = None
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


class Platform(Table):
    preset: Name = "instagram"


class RunTable(Table):
    days: Annotated[int, Field(ge=1, le=3650), WHOLE] = 30
    replicates: Annotated[int, Field(ge=1, le=1_000_000), WHOLE] = 8
    seed: Annotated[int, Field(ge=0, le=0xFFFFFFFF), WHOLE] = 1
    start_date: Annotated[datetime.date, AfterValidator(_countable)] | None = None


class CreatorsTable(Table):
    roster: Name | None = None


class Deal(Table):
    """So many posts by one creator: the first on day ``start``, then one every ``every`` days."""

    creator: Name
    posts: Posts = 1
    start: Start = 0
    every: Every = 7
    fee: Fee | Literal["market"] = "market"
    disclosed: bool = True
    fit: Share | None = None


class PlanTable(Table):
    name: Name
    deals: list[Deal] | None = None
    budget: Money | None = None
    split: dict[str, Share] | None = None
    posts: Posts = 3
    start: Start = 0
    every: Every = 7

    @model_validator(mode="after")
    def _one_kind(self) -> PlanTable:
        if self.deals is not None and self.split is not None:
            raise _problem("has both deals and a split", "one of the two")
        if self.split is not None:
            return self._sound_split(self.split)
        if self.deals is None:
            raise _problem("has neither deals nor a split", "deals = [...], or split = {...} with a budget")
        if not self.deals:
            expected = "one deal or more; the plan 'none', without any, always runs by itself"
            raise _problem("an empty list", expected, key="deals")
        for key in ("posts", "start", "every"):
            if key in self.model_fields_set:
                raise _problem("has no effect beside deals", f"{key} within each deal", key=key)
        return self

    def _sound_split(self, split: dict[str, float]) -> PlanTable:
        total = sum(split.values())
        if self.budget is None:
            raise _problem("missing, and a split needs it", "an amount of money", key="budget")
        if not 0 < total <= 1 + 1e-9:
            expected = "shares that add up to more than 0 and at most 1 (60 % is 0.6)"
            raise _problem("its shares do not fit", expected, total, key="split")
        return self


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
    plan: list[PlanTable] = []
