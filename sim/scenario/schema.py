"""The shape of a scenario file: what each table may hold, checked by pydantic.

Only shapes and single values are checked here; what depends on several tables (a deal's creator exists, an
audience fits the market) is checked where it is known: ``load`` and the society.
"""

from __future__ import annotations

import datetime
import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

TIERS: dict[str, tuple[float, float]] = {
    "nano": (1_000, 10_000),
    "micro": (10_000, 100_000),
    "mid": (100_000, 500_000),
    "macro": (500_000, 1_000_000),
    "celebrity": (1_000_000, math.inf),
}
"""Names for ranges of real followers. They sort and price nothing: sources disagree, so a file may change them."""


def _no_edge_space(text: str) -> str:
    if not text.strip() or text != text.strip():
        raise ValueError("must be a name without leading or trailing space")
    return text


Name = Annotated[str, AfterValidator(_no_edge_space)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Table(BaseModel):
    """A table of the file: unknown keys are errors, values are not coerced from text."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Market(Table):
    population: Annotated[int, Field(ge=1, le=10_000_000_000)] | None = None
    niches: Annotated[list[Name], Field(min_length=1, max_length=1000)] = ["everyday"]
    regions: Annotated[list[Name], Field(min_length=1, max_length=1000)] = ["everywhere"]
    currency: Name = "USD"
    usd_rate: Positive = 1.0

    @model_validator(mode="after")
    def _names_differ(self) -> Market:
        for names in (self.niches, self.regions):
            if len({name.lower() for name in names}) < len(names):
                raise ValueError(f"a name stands twice in {names}")
        return self


class SocietyTable(Table):
    people: Annotated[int, Field(ge=10, le=16_777_216)] | None = None
    peer_ties: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 40.0
    worlds: Annotated[int, Field(ge=1, le=1000)] | None = None
    graph: Name | None = None
    directed: bool = True
    reverse: bool = False


class Product(Table):
    niche: Name | None = None
    price: Positive = 82.0
    margin: Share = 0.5
    quality: Share = 0.8


class Platform(Table):
    preset: Name = "instagram"


class RunTable(Table):
    days: Annotated[int, Field(ge=1, le=3650)] = 30
    replicates: Annotated[int, Field(ge=1, le=1_000_000)] = 8
    seed: Annotated[int, Field(ge=0, le=0xFFFFFFFF)] = 1
    start_date: datetime.date | None = None


class CreatorsTable(Table):
    roster: Name | None = None


class Deal(Table):
    """So many posts by one creator: the first on day ``start``, then one every ``every`` days."""

    creator: Name
    posts: Annotated[int, Field(ge=1, le=1000)] = 1
    start: Annotated[int, Field(ge=0, le=3650)] = 0
    every: Annotated[int, Field(ge=1, le=3650)] = 7
    fee: Annotated[float, Field(ge=0, allow_inf_nan=False)] | Literal["market"] = "market"
    disclosed: bool = True
    fit: Share | None = None


class PlanTable(Table):
    name: Name
    deals: list[Deal] | None = None
    budget: Positive | None = None
    split: dict[str, Share] | None = None
    posts: Annotated[int, Field(ge=1, le=1000)] = 3
    start: Annotated[int, Field(ge=0, le=3650)] = 0
    every: Annotated[int, Field(ge=1, le=3650)] = 7

    @model_validator(mode="after")
    def _one_kind(self) -> PlanTable:
        if (self.deals is None) == (self.split is None):
            raise ValueError("a plan has either deals or a split, not both and not neither")
        if self.deals is not None and not self.deals:
            raise ValueError("deals is empty; the plan 'none' always runs by itself")
        if self.split is not None and self.budget is None:
            raise ValueError("a split needs a budget")
        if self.split is not None and not (self.split and 0 < sum(self.split.values()) <= 1 + 1e-9):
            raise ValueError("the shares of a split must add up to more than 0 and at most 1")
        return self


class ScenarioFile(Table):
    """A whole scenario file. ``creator`` tables hold the roster's columns as keys."""

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    name: Name | None = None
    market: Market = Market()
    society: SocietyTable = SocietyTable()
    product: Product = Product()
    platform: Platform = Platform()
    run: RunTable = RunTable()
    parameters: dict[str, Any] = {}
    creators: CreatorsTable = CreatorsTable()
    creator: list[dict[str, Any]] = []
    tiers: dict[str, tuple[float, float]] = TIERS
    plan: Annotated[list[PlanTable], Field(min_length=1)]
