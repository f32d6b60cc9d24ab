"""Two plans on the same worlds under other settings: mechanisms switched off, a number set, niches of another size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.simulate import DEFAULT_ENGINE
from sim.ensemble import Ensemble, run_plans
from sim.mechanisms import off_values
from sim.parameters import Rates
from sim.pieces import Arrays, Pieces
from sim.results.measures import plan_totals
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE, Plan
from sim.scenario.roster import CreatorSpec
from sim.society.audiences import Audience
from sim.society.creators import fake_share
from sim.society.world import audiences_of, build_world
from sim.studies.shared_worlds import audience_key, society_at_hand, society_key
from sim.workers import Workers

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Setting:
    """What is other than in the scenario.

    off: groups of mechanisms that are switched off. rates: parameters by name. fit: a plan and how well all its
    creators fit the product. niches: number of niches.
    """

    off: frozenset[str] = frozenset()
    rates: tuple[tuple[str, float], ...] = ()
    fit: tuple[str, float] | None = None
    niches: int | None = None


AS_ASKED = Setting()


@dataclass(frozen=True)
class Measured:
    """Totals of both plans under several settings in one replicate: (settings, 2, totals), names of the totals."""

    number: int
    values: Floats
    names: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """A scenario of two plans ("none" besides).

    priced: its plans where market prices are proportional to followers. differences_only: orders that would have come
    anyway cancel out, so that the plan "none" need not be run.
    """

    scenario: Scenario
    a: str
    b: str
    engine: str = DEFAULT_ENGINE
    priced: tuple[Plan, ...] | None = None
    differences_only: bool = False


# --- settings ----------------------------------------------------------------------------------------------


def altered(question: Question, setting: Setting, qualities: Mapping[str, float] | None = None) -> Scenario:
    """The scenario under a setting. qualities: those of creators whose engagement rate is given, by handle.

    A quality that was found from a given engagement rate stays what it is when mechanisms are off: it would else be
    found anew and make up for them.
    """
    scenario, off = question.scenario, setting.off
    if setting == AS_ASKED:
        return scenario
    plans = question.priced if "price" in off and question.priced is not None else scenario.plans
    if "relevance" in off and scenario.product.niche is not None:
        plans = tuple(_fitting(plan, scenario.rates.general_affinity) for plan in plans)
    if setting.fit is not None:
        name, fit = setting.fit
        plans = tuple(_fitting(plan, fit) if plan.name == name else plan for plan in plans)
    market = scenario.market
    if setting.niches is not None:
        market = market.model_copy(update={"niches": niche_names(scenario, setting.niches)})
    rates = replace(scenario.rates, **off_values(off, scenario.rates), **dict(setting.rates))
    rates = _caring_alike(rates, scenario) if "relevance" in off else rates
    creators = _creators(scenario, off, qualities or {})
    return replace(scenario, rates=rates, plans=plans, creators=creators, market=market)


def _fitting(plan: Plan, fit: float) -> Plan:
    return replace(plan, deals=tuple(deal.model_copy(update={"fit": fit}) for deal in plan.deals))


def _caring_alike(rates: Rates, scenario: Scenario) -> Rates:
    """With all interest at 1, base rates that leave what people do on average: the feed's reference stays as it is."""
    usual, others = scenario.rates, len(scenario.market.niches) - 1
    topic = (1 + others * usual.cross_affinity) / (1 + others)
    product = 1.0 if scenario.product.niche is None else (1 + others * usual.product_cross_affinity) / (1 + others)
    if topic <= 0 or product <= 0:
        return rates
    return replace(rates, engagement_rate=topic * rates.engagement_rate, share_rate=topic * rates.share_rate,
                   rank_reference=rates.rank_reference / topic, click_rate=product * rates.click_rate,
                   persuasion=product * rates.persuasion)  # fmt: skip


def _creators(scenario: Scenario, off: frozenset[str], qualities: Mapping[str, float]) -> dict[str, CreatorSpec]:
    """What is given about creators, where groups are off: their quality and share of fakes are then the average."""
    booked = scenario.booked
    known = {spec.handle: qualities.get(spec.handle, spec.quality) for spec in booked}
    quality = float(np.mean([1.0 if one is None else one for one in known.values()] or [1.0]))
    fakes = float(np.mean([fake_share(spec, scenario.rates) for spec in booked] or [0.0]))
    creators = dict(scenario.creators)
    for handle, spec in creators.items() if off else ():
        if spec.engagement_rate is not None:
            spec = replace(spec, engagement_rate=None, quality=known.get(handle, quality))
        spec = replace(spec, quality=quality) if "quality" in off else spec
        creators[handle] = replace(spec, fake_share=fakes) if "fakes" in off else spec
    return creators


def niches_in_use(scenario: Scenario) -> list[str]:
    """The niches of the product and of booked creators, in the market's order."""
    used = {scenario.product.niche, *(creator.niche for creator in scenario.booked)}
    return [niche for niche in scenario.market.niches if niche in used]


def niche_names(scenario: Scenario, count: int) -> list[str]:
    """So many niches: those in use, then the market's others, then new ones."""
    used = niches_in_use(scenario)
    others = [niche for niche in scenario.market.niches if niche not in used]
    more = [f"another niche {number}" for number in range(count)]
    kept = {*used, *[*others, *more][: count - len(used)]}
    return [niche for niche in [*scenario.market.niches, *more] if niche in kept]


# --- runs --------------------------------------------------------------------------------------------------


def measured(
    question: Question, settings: Sequence[Setting], folder: Path | None, crew: Workers[Measured],
    progress: Callable[[int], None] | None = None,
) -> dict[str, Floats]:  # fmt: skip
    """Totals by name (replicates, settings, 2), of plan a and plan b under each setting.

    Replicates finished before are read from ``folder``. progress: told how many settings were played in a replicate.
    """
    numbers = range(question.scenario.run.replicates)
    pieces = Pieces[Measured](folder, "replicate", _arrays, _from_arrays)
    done = pieces.finished(numbers)
    missing = [number for number in numbers if number not in done]
    if done and progress is not None:
        progress(len(settings) * len(done))
    missing.sort(key=lambda number: (number % question.scenario.worlds, number))
    with pieces.stoppable(done, len(numbers)):
        pieces.complete(done, missing, partial(measure, question, tuple(settings)), crew,
                        lambda *_: progress and progress(len(settings)))  # fmt: skip
    together = np.array([done[number].values for number in numbers])
    return {name: together[..., column] for column, name in enumerate(done[0].names)}


def measure(question: Question, settings: Sequence[Setting], number: int) -> Measured:
    """Both plans under each setting on the world of one replicate; what a setting leaves unchanged is built once."""
    audiences: dict[Any, Mapping[str, Audience]] = {}
    qualities = _given_qualities(question, number)
    rows: list[Any] = [None] * len(settings)
    names: tuple[str, ...] = ()
    scenarios = {place: altered(question, setting, qualities) for place, setting in enumerate(settings)}
    for place in sorted(scenarios, key=lambda place: repr(society_key(scenarios[place], number))):
        totals = _totals(question, scenarios[place], number, audiences)
        names = tuple(totals[0])
        rows[place] = [[one[name] for name in names] for one in totals]
    return Measured(number, np.array(rows, dtype=np.float64), names)


def _totals(
    question: Question, scenario: Scenario, number: int, audiences: dict[Any, Mapping[str, Audience]]
) -> list[dict[str, float]]:
    here, usual = society_key(scenario, number), society_key(question.scenario, number)
    society, digest = society_at_hand(scenario, number, once=here != usual)
    key = here, audience_key(scenario)
    if key not in audiences:
        audiences[key] = audiences_of(scenario, society, number)
    world = build_world(scenario, number, society, audiences[key])
    needed = {question.a, question.b} | (set() if question.differences_only else {NONE})
    played = replace(scenario, plans=tuple(plan for plan in scenario.plans if plan.name in needed))
    replicate = run_plans(played, world, number, digest, question.engine)
    if NONE not in replicate.plans:
        replicate = replace(replicate, plans={**replicate.plans, NONE: replicate.plans[question.b]})
    ensemble = Ensemble(scenario, (replicate,), question.engine)
    found = (plan_totals(ensemble, plan).values for plan in (question.a, question.b))
    return [{name: float(column[0]) for name, column in values.items()} for values in found]


def _given_qualities(question: Question, number: int) -> dict[str, float]:
    """Quality of the creators whose engagement rate is given, with every mechanism on."""
    scenario = question.scenario
    given = [creator.handle for creator in scenario.booked if creator.engagement_rate is not None]
    if not given:
        return {}
    world = build_world(scenario, number, society_at_hand(scenario, number)[0])
    return {handle: float(world.quality[world.index_of(handle)]) for handle in given}


def _arrays(one: Measured) -> Arrays:
    return {"values": one.values, "names": np.array(one.names, dtype=np.str_)}


def _from_arrays(number: int, arrays: Arrays) -> Measured:
    return Measured(number, arrays["values"], tuple(str(name) for name in arrays["names"]))
