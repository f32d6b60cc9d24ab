"""Worlds that runs of many scenarios share: what a change of settings leaves as it is, is built once in a process.

A society depends on some settings and on a seed, audiences on some more; two scenarios that agree in these share them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sim.ensemble import Replicate, run_plans
from sim.parameters import Rates
from sim.scenario.load import Scenario
from sim.society.audiences import Audience
from sim.society.kept import RATES as SOCIETY_RATES
from sim.society.society import Society, generate_society
from sim.society.world import audiences_of, build_world, society_and_digest, society_settings

AUDIENCE_RATES = (
    "audience_spill", "region_spill", "audience_clumping", "foreign_language", "fake_share", "fake_width", "fake_slope",
)  # fmt: skip
"""The rates that audiences depend on besides the society's."""
AUDIENCE_TRAITS = ("handle", "followers", "niche", "region", "language", "fake_share")
"""What of a creator decides who follows."""
SOCIETIES_AT_HAND = 2


def society_key(scenario: Scenario, number: int) -> Any:
    """What decides the society of a replicate."""
    market, rates, table = scenario.market, scenario.rates, scenario.society
    return (scenario.people, table.peer_ties, tuple(market.niches), tuple(market.regions), str(scenario.graph),
            table.directed, table.reverse, _values(rates, SOCIETY_RATES), scenario.run.seed,
            number % scenario.worlds)  # fmt: skip


def audience_key(scenario: Scenario) -> Any:
    """What decides the audiences of a replicate besides its society."""
    specs = tuple(tuple(getattr(spec, name) for name in AUDIENCE_TRAITS) for spec in scenario.booked)
    return scenario.market.model_dump_json(), _values(scenario.rates, AUDIENCE_RATES), specs


def society_at_hand(scenario: Scenario, number: int, *, once: bool = False) -> tuple[Society, str]:
    """The society of a replicate with its digest ("" where once: it is then not worth keeping on disk)."""
    return _society(_Society(scenario, number, once=once))


def play(scenario: Scenario, number: int, engine: str, *, once: bool = False) -> Replicate:
    """What ``ensemble.run_replicate`` gives, with the society and the audiences of the run before where they are the
    same.
    """
    society, digest = society_at_hand(scenario, number, once=once)
    audiences = _audiences(_Audiences(scenario, number, society))
    return run_plans(scenario, build_world(scenario, number, society, audiences), number, digest, engine)


def _values(rates: Rates, names: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(getattr(rates, name) for name in names)


class _Keyed:
    """A scenario and a replicate, equal to another where the key is."""

    key: Any

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and bool(self.key == other.key)


class _Society(_Keyed):
    def __init__(self, scenario: Scenario, number: int, *, once: bool) -> None:
        self.scenario, self.index, self.key = scenario, number % scenario.worlds, society_key(scenario, number)
        self.once = once and scenario.graph is None


class _Audiences(_Keyed):
    def __init__(self, scenario: Scenario, number: int, society: Society) -> None:
        self.scenario, self.number, self.society = scenario, number, society
        self.key = society_key(scenario, number), number, audience_key(scenario)


@lru_cache(maxsize=SOCIETIES_AT_HAND)
def _society(which: _Society) -> tuple[Society, str]:
    if which.once:
        return generate_society(*society_settings(which.scenario, which.index)), ""
    return society_and_digest(which.scenario, which.index)


@lru_cache(maxsize=1)
def _audiences(which: _Audiences) -> Mapping[str, Audience]:
    return audiences_of(which.scenario, which.society, which.number)
