"""What is wrong with plans: names, creators, days, terms that contradict each other, seedings that do not fit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sim.errors import InputError, InputErrors, nearest_match
from sim.scenario.plans import NONE, SEEDED_ONE_IN, day_range, late_starts, staggered
from sim.scenario.roster import CreatorSpec
from sim.scenario.schema import MOST_AGENTS, Deal, PlanTable

SEEDED = {
    "random": ("than there are", "market.population"),
    "top": ("than the group has", "the 1 % with most followers"),
    "fringe": ("than the group has", "the tenth with fewest followers"),
}
"""How the groups that people are seeded in are spoken of."""


def check_plans(tables: Sequence[PlanTable], creators: Mapping[str, CreatorSpec] | None, days: int | None) -> None:
    """Raise InputErrors for names, creators, terms and days that cannot be; None for what is not known itself."""
    problems: list[InputError] = []
    if not tables:
        problems.append(InputError("no plan in the file", key="plan", expected="a [[plan]] with a name and deals"))
    seen: set[str] = set()
    for table in tables:
        key = f"plan.{table.name}"
        if table.name.casefold() == NONE:
            expected = "another name: the plan 'none' always runs by itself, as the comparison with no campaign"
            problems.append(InputError("a plan cannot be called 'none'", key=key, expected=expected))
        elif table.name in seen:
            problems.append(InputError("two plans of one name", key=key, expected="names that differ"))
        seen.add(table.name)
        problems += _unknown_creators(table, key, creators)
        problems += _terms_apart(table, key)
        problems += [] if days is None else _days_out_of_range(table, key, creators, days)
    if problems:
        raise InputErrors(problems)


def _unknown_creators(table: PlanTable, key: str, creators: Mapping[str, CreatorSpec] | None) -> list[InputError]:
    unknown = [] if creators is None else [d.creator for d in table.deals or () if d.creator not in creators]
    return [
        InputError("no such creator", key=f"{key}.deals.{handle}.creator", value=handle,
                   expected="a handle of the roster or of a [[creator]] table",
                   nearest=nearest_match(handle, creators or ()))
        for handle in unknown
    ]  # fmt: skip


def _terms_apart(table: PlanTable, key: str) -> list[InputError]:
    """Orders are attributed, and trust is lost, by creator: all deals of one agree on what depends on that."""
    problems = []
    first: dict[tuple[str, str], float] = {}
    for deal in table.deals or ():
        for term, value in (("commission", deal.commission), ("found_out", deal.found_out)):
            before = value if value is None else first.setdefault((deal.creator, term), value)
            if value is not None and before != value:
                message = f"two deals of {deal.creator} differ in {term}, {before:g} and {value:g}"
                expected = f"one {term} for all deals of a creator in a plan"
                problems.append(InputError(message, key=f"{key}.deals.{deal.creator}.{term}", value=value,
                                           expected=expected))  # fmt: skip
    return problems


# --- days --------------------------------------------------------------------------------------------------


def _days_out_of_range(
    table: PlanTable, key: str, creators: Mapping[str, CreatorSpec] | None, days: int
) -> list[InputError]:
    """Days after the last one, and those that come too early for what they follow."""
    own = [(f"{key}.deals.{deal.creator}.start", deal.start) for deal in table.deals or ()]
    own += [(f"{key}.start", table.start)] if table.split is not None else []
    own += [(f"{key}.seeding.start", table.seeding.start)] if table.seeding is not None else []
    own += [(f"{key}.second.start", table.second.start)] if table.second is not None else []
    late = [
        InputError("starts after the last day", key=path, value=start, expected=day_range(days))
        for path, start in own
        if start >= days
    ]
    deals: Sequence[Deal] = table.deals or ()
    if creators is not None and all(deal.creator in creators for deal in deals):
        deals = staggered(table, deals, creators)
    if late or not deals:
        return late
    problems = late_starts(table, deals, days)
    return problems or [*_found_out_in_vain(deals, key, days), *_second_too_early(table, deals, key, days)]


def _found_out_in_vain(deals: Sequence[Deal], key: str, days: int) -> list[InputError]:
    problems = []
    for deal in deals:
        if deal.found_out is None or deal.start < deal.found_out < days:
            continue
        message = "found out after the last day"
        if deal.found_out <= deal.start:
            message = f"not after the deal's first post, on day {deal.start}"
        problems.append(InputError(message, key=f"{key}.deals.{deal.creator}.found_out", value=deal.found_out,
                                   expected=day_range(days, deal.start + 1)))  # fmt: skip
    return problems


def _second_too_early(table: PlanTable, deals: Sequence[Deal], key: str, days: int) -> list[InputError]:
    first = min(deal.start for deal in deals)
    if table.second is None or table.second.start > first:
        return []
    return [InputError(f"not after the first post of the test, on day {first}", key=f"{key}.second.start",
                       value=table.second.start, expected=day_range(days, first + 1))]  # fmt: skip


# --- seeding -----------------------------------------------------------------------------------------------


def seeding_problems(tables: Sequence[PlanTable], people: int, population: int) -> list[InputError]:
    """What is wrong with the seedings on a generated society of ``people`` agents for ``population`` real people."""
    found = [_seeding_problem(table, people, population) for table in tables if table.seeding is not None]
    return [problem for problem in found if problem is not None]


def _seeding_problem(table: PlanTable, people: int, population: int) -> InputError | None:
    key, seeding = f"plan.{table.name}.seeding", table.seeding
    if seeding is None:
        return None
    if isinstance(seeding.people, list) or seeding.k is None:
        return InputError("a list of people needs a graph that names them", key=f"{key}.people",
                          expected="random, top or fringe with k, or society.graph")  # fmt: skip
    one_in, (than, group) = SEEDED_ONE_IN[seeding.people], SEEDED[seeding.people]
    if seeding.k > population / one_in:
        return InputError(f"more people {than}", key=f"{key}.k", value=seeding.k,
                          expected=f"at most {population // one_in:,}, {group}")  # fmt: skip
    if seeding.k * people < population:
        smallest, agents = math.ceil(population / people), math.ceil(population / seeding.k)
        expected = f"{smallest:,} or more" + (f", or --people {agents} or more" if agents <= MOST_AGENTS else "")
        message = f"fewer people than one agent stands for, {population / people:,.0f}"
        return InputError(message, key=f"{key}.k", value=seeding.k, expected=expected)
    return None
