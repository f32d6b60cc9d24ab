"""What each parameter moves: a scenario at the low and the high end of each one's range, on the same coins.

Some mechanisms need something to act on that a scenario may not have: a story's reach needs stories. Each parameter
therefore has a context, and is measured against the same scenario in the same context at its default.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from sim.ensemble import run_ensemble
from sim.errors import InputError
from sim.mechanisms import MECHANISMS
from sim.parameters import PARAMETERS
from sim.results.measures import METRICS, plan_totals
from sim.scenario.library import find
from sim.scenario.load import Scenario, load
from sim.scenario.plans import NONE
from sim.workers import Workers

CONVERSIONS = "incremental_conversions"
FIGURES = ("reach", "engagements", CONVERSIONS, "roi")
AHEAD = "replicates_ahead"
"""In how many replicates a plan caused more conversions than every other: measured beside the figures."""
End = Literal["low", "high"]
Measured = Mapping[str, Mapping[str, float]]
"""Plan → figure (and AHEAD) → value, over all replicates."""
Overrides = tuple[str, ...]
Progress = Callable[[int, int], None]
"""Called with (finished, all) after each comparison that was run."""


@dataclass(frozen=True)
class Effect:
    """One parameter: the figures at its default, and at the ends of its range (None where that cannot be run)."""

    parameter: str
    context: str
    default: Measured
    low: Measured | None
    high: Measured | None

    def change(self, end: End, plan: str, figure: str) -> float | None:
        """By how much a figure changes at an end: a share of it, for ROI a difference. None where there is none."""
        measured = self.low if end == "low" else self.high
        if measured is None:
            return None
        before, after = self.default[plan][figure], measured[plan][figure]
        if after == before:
            return 0.0
        change = after - before if figure == "roi" else after / before - 1.0 if before > 0 else math.nan
        return change if math.isfinite(change) else None

    @property
    def moves(self) -> bool:
        """Whether either end changes any figure of any plan."""
        return any(measured is not None and not _same(measured, self.default) for measured in (self.low, self.high))


@dataclass(frozen=True)
class Context:
    """Where a parameter has something to act on. deal, creator: keys of every deal and every creator."""

    name: str
    deal: Mapping[str, Any] | None = None
    creator: Mapping[str, Any] | None = None
    more: tuple[str, ...] = ()

    def overrides(self, scenario: Scenario) -> list[str]:
        """As ``--set`` takes them."""
        deals = {f"plan.{plan.name}.deals.{deal.creator}" for plan in scenario.plans for deal in plan.deals}
        found = [f"{path}.{key}={_toml(value)}" for path in sorted(deals) for key, value in (self.deal or {}).items()]
        booked = sorted(deal.creator for plan in scenario.plans for deal in plan.deals)
        found += [
            f"creator.{handle}.{key}={_toml(value)}"
            for handle in dict.fromkeys(booked)
            for key, value in (self.creator or {}).items()
        ]
        plans = [plan.name for plan in scenario.plans if plan.name != NONE]
        return found + [text.replace("PLAN", name) for text in self.more for name in _each(text, plans)]


AS_IT_IS = Context("as it is")
TWO_REGIONS = ('market.regions=["here", "there"]', 'market.languages=["en", "fr"]')
_CONTEXTS = {
    **{form: Context(f"{form} posts", deal={"format": form}) for form in ("reel", "story", "video", "live")},
    "market": Context("fees at market price", deal={"fee": "market"}),
    "large": Context("fees at market price, all with 1,000,000 followers", deal={"fee": "market"},
                     creator={"followers": 1_000_000}),
    "tag": Context("product tags", deal={"tag": True}),
    "code": Context("a code of 10 %", deal={"code": 0.1}),
    "earlier": Context("three earlier deals", deal={"earlier": 3}),
    "hidden": Context("ads not disclosed", deal={"disclosed": False}),
    "found out": Context("hidden ads found out on day 10", deal={"disclosed": False, "found_out": 10}),
    "regions": Context("two regions, creators of one", creator={"region": "here"}, more=TWO_REGIONS[:1]),
    "languages": Context("two languages, creators of one", creator={"language": "en"}, more=TWO_REGIONS),
    "seeding": Context("1,000 people given the product", more=('plan.PLAN.seeding={people = "random", k = 1000}',)),
    "talk": Context("conversion and talk rates of 1",
                    more=("parameters.conversion_rate=1.0", "parameters.talk_rate=1.0")),
    "leaving": Context("an unfollow rate of 0.1", more=("parameters.unfollow_rate=0.1",)),
    "rare": Context("creators of few posts, who now post daily", deal={"every": 1}, creator={"posts_a_day": 0.1}),
}  # fmt: skip
_CONTEXT_OF = {
    **{name: name.partition("_")[0] for name in MECHANISMS["formats"]},
    **dict.fromkeys(("price_constant", "price_exponent", "price_noise"), "market"),
    "price_premium": "large",
    "tag_click": "tag", "code_click": "code", "familiarity": "earlier", "recognition": "hidden", "misfit": "hidden",
    "betrayal": "found out", "region_spill": "regions", "foreign_language": "languages", "seed_talk_rate": "seeding",
    **dict.fromkeys(("word_on_creator", "bad_word", "bad_word_half"), "talk"),
    "unfollow_shield": "leaving",
    **dict.fromkeys(("burnout", "tiredness_memory"), "rare"),
}  # fmt: skip


def context_of(parameter: str) -> Context:
    """The context in which a parameter is measured."""
    key = _CONTEXT_OF.get(parameter)
    if parameter.endswith("_price"):
        form = _CONTEXTS[parameter.partition("_")[0]]
        return Context(f"{form.name} at market price", deal={**(form.deal or {}), "fee": "market"})
    return AS_IT_IS if key is None else _CONTEXTS[key]


def effects(
    scenario: str, names: Iterable[str] = tuple(PARAMETERS), *, overrides: Sequence[str] = (), workers: int | None = 1,
    progress: Progress | None = None, **options: int | None,
) -> list[Effect]:  # fmt: skip
    """What each of these parameters moves in a scenario whose plans list their deals.

    workers: processes that share the comparisons (default: this one). options: people, days, replicates, worlds, seed.
    """
    path, names = find(scenario), list(names)
    plain = load(path, overrides, **options)
    asked: dict[str, tuple[Overrides, ...]] = {}
    for name in names:
        more, p = (*overrides, *context_of(name).overrides(plain)), PARAMETERS[name]
        usual = getattr(plain.rates, name)
        ends = (more if v == usual else (*more, f"parameters.{name}={v!r}") for v in (p.low, p.high))
        asked[name] = (more, *ends)
    runs = list(dict.fromkeys(run for three in asked.values() for run in three))
    measured: dict[Overrides, Measured | None] = {}
    with Workers[tuple[Overrides, Measured | None]](workers, len(runs)) as crew:
        for run, figures in crew.each(partial(_numbered, path, runs, options), range(len(runs))):
            measured[run] = figures
            if progress is not None:
                progress(len(measured), len(runs))
    return [
        Effect(name, context_of(name).name, measured[usual] or _measured(load(path, usual, **options)),
               measured[low], measured[high])
        for name, (usual, low, high) in asked.items()
    ]  # fmt: skip


def _numbered(
    path: Path, runs: Sequence[Overrides], options: Mapping[str, int | None], number: int
) -> tuple[Overrides, Measured | None]:
    """One of the comparisons with its figures; None where it is not possible."""
    try:
        return runs[number], _measured(load(path, runs[number], **options))
    except InputError:
        return runs[number], None


def _measured(scenario: Scenario) -> Measured:
    ensemble = run_ensemble(scenario, workers=1)
    totals_of = {plan: plan_totals(ensemble, plan) for plan in ensemble.plan_names if plan != NONE}
    figures: dict[str, dict[str, float]] = {}
    for plan, totals in totals_of.items():
        others = [other.of(CONVERSIONS) for name, other in totals_of.items() if name != plan]
        best = np.max(others, axis=0) if others else -np.inf
        figures[plan] = {AHEAD: float(np.sum(totals.of(CONVERSIONS) > best))}
        for figure in FIGURES:
            metric = METRICS[figure]
            if metric.is_rate:
                top, bottom = (float(totals.of(str(key)).sum()) for key in (metric.numerator, metric.denominator))
                figures[plan][figure] = top / bottom if bottom > 0 else math.nan
            else:
                figures[plan][figure] = float(totals.of(figure).mean())
    return figures


def _same(first: Measured, second: Measured) -> bool:
    """Whether all figures are equal; an undefined one equals another."""
    return all(
        value == second[plan][figure] or (math.isnan(value) and math.isnan(second[plan][figure]))
        for plan, figures in first.items()
        for figure, value in figures.items()
    )


def _each(text: str, plans: Sequence[str]) -> Sequence[str]:
    """The plans that an override is meant for: all if it names none in particular, else once."""
    return plans if "PLAN" in text else [""]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else repr(value)
