"""What is to be explained: which two plans, which figure, and which groups of mechanisms can matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim.engine.simulate import DEFAULT_ENGINE
from sim.errors import InputError, nearest_match
from sim.mechanisms import GROUPS, off_values
from sim.parameters import Rates
from sim.results.measures import COST, METRICS, Metric
from sim.scenario.load import Scenario, load
from sim.scenario.plans import NONE, Plan
from sim.scenario.problems import COMMAND_LINE
from sim.society.world import check_audiences
from sim.studies.explain_runs import Question, Setting, altered
from sim.studies.shapley import MOST_EXACT

DEFAULT_METRIC = "incremental_conversions"
DEFAULT_GROUPS = ("trust", "relevance", "price", "feed", "word", "overlap", "quality")
"""In this order; quality, which is luck unless it is given, makes room where price moves something."""
MOST_REPLICATES = 10
"""Replicates unless asked for: every one of them is played 64 times."""


@dataclass(frozen=True)
class Asked:
    """Everything that is asked: a question, a figure, groups, and what a reader must know of how they were chosen."""

    question: Question
    metric: str
    groups: tuple[str, ...]
    notes: tuple[str, ...] = ()


def asked(
    scenario: Scenario, a: str | None = None, b: str | None = None, metric: str | None = None,
    groups: Sequence[str] | None = None, engine: str = DEFAULT_ENGINE,
    at_prices: Callable[[], Scenario] | None = None,
) -> Asked:  # fmt: skip
    """What is asked of a scenario, with what was left open chosen. InputError for what cannot be.

    at_prices: the scenario with market prices proportional to followers, so that budgets buy what they then would.
    """
    first, second = chosen_plans(scenario, a, b)
    figure, plain = chosen_metric(metric), between(scenario, first, second)
    priced, notes = None, list[str]()
    if at_prices is not None and (groups is None or "price" in groups):
        try:
            priced = between(at_prices(), first, second).plans
        except InputError as error:
            if groups is not None:
                raise
            notes.append(f"price is left out, as plans cannot be bought at prices proportional to followers: {error}")
    question = Question(plain, first, second, engine, priced)
    chosen = chosen_groups(question, figure, groups)
    chosen = tuple(group for group in chosen if group != "price" or not notes)
    return Asked(question, figure, chosen, tuple(notes))


def explained_scenario(path: Path, overrides: Sequence[str], options: Mapping[str, int | None]) -> Scenario:
    """The scenario of a file, with fewer replicates than ``compare`` takes unless a number was asked for."""
    scenario = load(path, overrides, **options)
    if scenario.origins.get("run.replicates", "").startswith(COMMAND_LINE):
        return scenario
    few = min(scenario.run.replicates, MOST_REPLICATES)
    return replace(scenario, run=scenario.run.model_copy(update={"replicates": few}))


def at_proportional_prices(path: Path, overrides: Sequence[str], options: Mapping[str, int | None]) -> Scenario:
    """The same file where market prices are proportional to followers."""
    prices = off_values(["price"], Rates())
    others = [one for one in overrides if one.partition("=")[0].strip().removeprefix("parameters.") not in prices]
    return load(path, [*others, *(f"parameters.{name}={value!r}" for name, value in prices.items())], **options)


def chosen_plans(scenario: Scenario, a: str | None, b: str | None) -> tuple[str, str]:
    """Names of the plans to hold against each other: the first two unless named; "none" beside a single one."""
    paid = [plan.name for plan in scenario.plans if plan.name != NONE]
    for key, name in (("--a", a), ("--b", b)):
        if name is not None and name not in (*paid, NONE):
            raise InputError("no such plan", key=key, value=name, expected=f"one of {', '.join([*paid, NONE])}",
                             nearest=nearest_match(name, [*paid, NONE]))  # fmt: skip
    first = a or next((name for name in paid if name != b), NONE)
    second = b or next((name for name in paid if name != first), NONE)
    if first == second:
        raise InputError("is held against itself", key="--b", value=second, expected="another plan than --a")
    return first, second


def between(scenario: Scenario, a: str, b: str) -> Scenario:
    """The scenario with these plans alone ("none" always runs)."""
    return replace(scenario, plans=tuple(plan for plan in scenario.plans if plan.name in (NONE, a, b)))


def chosen_metric(name: str | None) -> str:
    """The figure to explain; InputError for an unknown one."""
    if name is not None and name not in METRICS:
        raise InputError("no such figure", key="--metric", value=name, expected="a figure of `influence glossary`",
                         nearest=nearest_match(name, METRICS))  # fmt: skip
    return name or DEFAULT_METRIC


def chosen_groups(question: Question, metric: str, asked: Sequence[str] | None) -> tuple[str, ...]:
    """The groups to switch off: as asked, else the six that can matter here."""
    if asked is None:
        groups = [group for group in DEFAULT_GROUPS if _moves(question, METRICS[metric], group)]
        return tuple(group for group in groups if group != "quality" or len(groups) <= MOST_EXACT)
    for group in asked:
        if group not in GROUPS:
            raise InputError("no such group", key="--groups", value=group, expected=f"of {', '.join(GROUPS)}",
                             nearest=nearest_match(group, GROUPS))  # fmt: skip
    if not asked or len(set(asked)) < len(asked):
        raise InputError("each group once", key="--groups", value=",".join(asked), expected="like trust,feed,word")
    for group in asked:
        with_group_off = altered(question, Setting(off=frozenset([group])))
        try:
            check_audiences(with_group_off)
        except InputError as error:
            raise InputError(f"cannot be switched off without {group}: {error}", key="--groups", value=group,
                             expected=f"groups without {group}") from None  # fmt: skip
    return tuple(asked)


def _moves(question: Question, metric: Metric, group: str) -> bool:
    """Whether switching a group off can change the figure's difference."""
    scenario = question.scenario
    if group == "overlap" and scenario.graph is not None:
        return False
    if group == "price":
        return _price_moves(question, metric)
    return altered(question, Setting(off=frozenset([group]))).contents() != scenario.contents()


def _price_moves(question: Question, metric: Metric) -> bool:
    """Prices move money, and with a budget to be spent at prices who posts; agreed fees are no prices."""
    scenario, priced = question.scenario, question.priced or question.scenario.plans
    if _bought(scenario.plans) != _bought(priced):
        return True
    at_market = any(deal.fee == "market" and scenario.creators[deal.creator].fee is None
                    for plan in scenario.plans for deal in plan.deals)  # fmt: skip
    if metric.key == COST or {metric.numerator, metric.denominator} & {COST, "profit"}:
        return at_market or priced != scenario.plans
    staged = any(plan.second is not None for plan in scenario.plans)
    refused = scenario.rates.reservation_share > 0 or any(one.reservation is not None for one in scenario.booked)
    return (at_market and staged) or refused


def _bought(plans: Sequence[Plan]) -> list[tuple[str, int]]:
    return [(deal.creator, deal.posts) for plan in plans for deal in plan.deals]
