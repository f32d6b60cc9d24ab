"""Verdicts on claims: each is a difference between two plans, paired by replicate, with the comparison's own test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from claims import CONTRADICTED, HOLDS, LOSES, LOSES_NOTHING, LUCK, UNDECIDED, VIRAL, Claim, Row
from viral import viral

import sim
from sim.errors import InputError, nearest_match
from sim.results.answer import HEADLINES, luckiest
from sim.results.comparison import Comparison, Difference, pair_differences
from sim.results.measures import COST, METRICS
from sim.results.rounding import number, percent
from sim.scenario.library import find
from sim.scenario.plans import NONE
from sim.scenario.settings import load_settings

SMALLER = 0.5
"""A plan's creators are the smaller ones where their mean followers are at most this share of the other's."""

SAME_MONEY = 1.05
"""Sizes are held against each other where one plan costs at most this many times the other."""

Answers = Mapping[str, Comparison]
"""Setting → comparison; the only one under "" where the scenario has no settings."""


def run(name: str, workers: int = 1, **options: int) -> Answers:
    """Run a built-in scenario, in all its settings if it has any. options: people, days, replicates, worlds, seed."""
    if len(load_settings(find(name))) == 1:
        return {"": sim.compare(name, workers=workers, **options)}
    return sim.compare_settings(name, workers=workers, **options).comparisons


def judged(claims: Sequence[Claim], answers: Answers) -> list[Row]:
    """A row for each claim of a scenario, then what the smaller creators of its pairs of plans lose, then luck."""
    rows = [_viral(claim, answers) if claim.metric == VIRAL else _judged(claim, answers) for claim in claims]
    return [*rows, *_losses(claims, answers), *_luck(claims, answers)]


def _judged(claim: Claim, answers: Answers) -> Row:
    (setting, a), (other, b) = _plan(claim.a, claim, answers), _plan(claim.b, claim, answers)
    first, second = answers[setting].totals[a], answers[other].totals[b]
    rows = pair_differences(first, second, answers[setting].ensemble.worlds)
    found = next(row for row in rows if row.metric == claim.metric)
    values = [answers[setting].figures[a][claim.metric], answers[other].figures[b][claim.metric]]
    verdict = UNDECIDED if found.verdict == UNDECIDED else HOLDS if found.verdict == claim.higher else CONTRADICTED
    return _row(claim, found, values, _unit(claim.metric, answers), verdict)


def _row(claim: Claim, found: Difference, values: Sequence[Any], unit: str, verdict: str) -> Row:
    a_value, b_value = (None if value is None else value.mean for value in values)
    return Row(claim.scenario, claim.a, claim.b, claim.metric, claim.higher, claim.words, unit, a_value, b_value,
               found.mean, found.low, found.high, verdict)  # fmt: skip


def _plan(spelled: str, claim: Claim, answers: Answers) -> tuple[str, str]:
    """Setting and plan of ``setting/plan``; of a plain name where there are no settings."""
    setting, _, plan = spelled.rpartition("/") if "" not in answers else ("", "", spelled)
    known = [f"{place}/{name}" if place else name for place, answer in answers.items() for name in answer.totals]
    if spelled not in known:
        raise InputError("no such plan", key=claim.scenario, value=spelled, expected=f"one of {', '.join(known)}",
                         nearest=nearest_match(spelled, known))  # fmt: skip
    return setting, plan


def _unit(metric: str, answers: Answers) -> str:
    """As it is shown after a value."""
    if metric == "roi" or METRICS[metric].unit == "fraction":
        return "%"
    currency = next(iter(answers.values())).ensemble.scenario.market.currency
    return currency if METRICS[metric].unit == "currency" else ""


# --- what the smaller creators lose --------------------------------------------------------------------------


def _losses(claims: Sequence[Claim], answers: Answers) -> Iterator[Row]:
    """Headline figures in which the smaller creators of two plans are behind and that no claim has said already.

    One row that says so where they are behind in none, in whatever pair of plans.
    """
    told = {(frozenset((claim.a, claim.b)), claim.metric) for claim in claims}
    pairs = dict.fromkeys(frozenset((claim.a, claim.b)) for claim in claims)
    sized = [found for pair in pairs if (found := _by_size(pair, claims[0], answers)) is not None]
    lost = [row for small, large in sized for row in _behind(claims[0].scenario, small, large, answers)]
    yield from (row for row in lost if (frozenset((row.a, row.b)), row.metric) not in told)
    if sized and not lost:
        yield Row(claims[0].scenario, *sized[0], "", "b", "", "", None, None, None, None, None, LOSES_NOTHING)


def _by_size(pair: frozenset[str], claim: Claim, answers: Answers) -> tuple[str, str] | None:
    """The plan of the smaller creators and that of the larger; None where sizes are alike or costs or settings not."""
    places = {spelled: _plan(spelled, claim, answers) for spelled in pair}
    settings = {setting for setting, _ in places.values()}
    if len(pair) < 2 or len(settings) > 1 or any(plan == NONE for _, plan in places.values()):
        return None
    comparison = answers[next(iter(settings))]
    costs = sorted(float(comparison.totals[plan].of(COST).sum()) for _, plan in places.values())
    if costs[1] > SAME_MONEY * costs[0]:
        return None
    sizes = {spelled: _mean_followers(comparison, plan) for spelled, (_, plan) in places.items()}
    small, large = sorted(sizes, key=lambda spelled: (sizes[spelled], spelled))
    return (small, large) if 0 < sizes[small] <= SMALLER * sizes[large] else None


def _mean_followers(comparison: Comparison, plan: str) -> float:
    """Mean followers of a plan's creators, by posts; 0 without creators."""
    scenario = comparison.ensemble.scenario
    sizes = [scenario.creators[deal.creator].followers for deal in scenario.plan(plan).deals for _ in range(deal.posts)]
    return sum(sizes) / len(sizes) if sizes else 0.0


def _behind(scenario: str, small: str, large: str, answers: Answers) -> Iterator[Row]:
    """The headline figures in which the smaller creators' plan is surely worse: its rows, as a."""
    for metric in HEADLINES:
        row = _judged(Claim(scenario, small, large, metric, "b", ""), answers)
        if row.verdict == HOLDS:
            yield replace(row, verdict=LOSES)


def _luck(claims: Sequence[Claim], answers: Answers) -> Iterator[Row]:
    """Plans of which one replicate holds so much that intervals are too narrow (as ``answer`` tells it)."""
    spelled = dict.fromkeys(side for claim in claims if claim.metric != VIRAL for side in (claim.a, claim.b))
    for side in spelled:
        setting, plan = _plan(side, claims[0], answers)
        totals = answers[setting].totals[plan]
        metric, share = luckiest(totals)
        if share is not None and plan != NONE:
            n = float(len(totals.of(metric)))
            yield Row(claims[0].scenario, side, "", metric, "", "", "", share, n, None, None, None, LUCK)


# --- going viral ---------------------------------------------------------------------------------------------


def _viral(claim: Claim, answers: Answers) -> Row:
    """Extra orders of a replicate of plan a that went viral against any other's."""
    setting, plan = _plan(claim.a, claim, answers)
    scenario = answers[setting].ensemble.scenario
    followers = sum(scenario.creators[handle].followers for handle in {d.creator for d in scenario.plan(plan).deals})
    found = viral(answers[setting], plan, followers)
    span = found.difference
    verdict = UNDECIDED
    if span is not None and span.low is not None and span.high is not None and not span.low <= 0 <= span.high:
        verdict = HOLDS if (span.mean > 0) == (claim.higher == "a") else CONTRADICTED
    share = percent(found.share) + ("" if found.low is None else f", {percent(found.low)} to {percent(found.high)}")
    brought = "" if found.of_orders is None else f" and these brought {percent(found.of_orders)} of all extra orders"
    note = (f"{found.viral:,} of {found.replicates:,} posts reached more than ten times their creator's followers "
            f"({share}){brought}; half reached at most {number(found.median)} times the followers, the luckiest "
            f"{number(found.largest)} times.")  # fmt: skip
    bounds = (None, None, None) if span is None else (span.mean, span.low, span.high)
    return Row(claim.scenario, claim.a, claim.b, VIRAL, claim.higher, claim.words, "", found.extra, found.extra_rest,
               *bounds, verdict, note)  # fmt: skip
