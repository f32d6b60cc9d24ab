"""A replay: one replicate of some plans once more, day by day, with what happened to up to 5,000 people of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.campaign import Campaign
from sim.engine.memory import check_fits
from sim.engine.simulate import DEFAULT_ENGINE, simulate
from sim.engine.staging import final_campaign
from sim.errors import InputError
from sim.record import Run
from sim.scenario.load import Scenario
from sim.scenario.plans import NONE
from sim.society.world import World, build_world
from sim.studies.replay_minds import Mind, Told, minds, posts_told
from sim.studies.replay_sample import Shown, choose, communities

MOST_SHOWN = 5_000
MOST_PLANS = 2


@dataclass(frozen=True)
class Played:
    """One plan of a replay: the whole run, whose ``events`` are everybody's, and what of it is shown.

    events: those of the people shown, in the run's order; told: posts by address; minds: one for each person shown.
    """

    campaign: Campaign
    run: Run
    events: NDArray[Any]
    told: dict[int, Told]
    minds: tuple[Mind, ...]

    @property
    def name(self) -> str:
        """The plan's."""
        return self.campaign.plan


@dataclass(frozen=True)
class Replay:
    """One or two plans of one replicate, on the same people and the same days.

    setting: the name of the one that the scenario is in, where it has several.
    """

    scenario: Scenario
    replicate: int
    world: World
    shown: Shown
    plans: tuple[Played, ...]
    setting: str | None = None


def replay(
    scenario: Scenario,
    plans: Sequence[str] | None = None,
    *,
    replicate: int = 0,
    most: int = MOST_SHOWN,
    engine: str = DEFAULT_ENGINE,
) -> Replay:
    """Play one replicate again. plans: one or two names (default: the first two paid ones, or the only one).

    most: people shown. Raises InputError for a plan or replicate that is not there, and for too many people.
    """
    names = chosen_plans(scenario, plans)
    check_numbers(scenario, replicate, most)
    check_fits(scenario, 1, engine, 1)
    world = build_world(scenario, replicate)
    campaigns = [final_campaign(scenario, scenario.plan(name), world, replicate, engine) for name in names]
    everybody, seed = range(world.n_people), scenario.run.seed
    runs = [simulate(world, campaign, scenario.rates, seed, replicate, everybody, engine=engine)
            for campaign in campaigns]  # fmt: skip
    key = f"{seed}|{replicate % scenario.worlds}"
    shown = choose(communities(world.society, key), [run.events for run in runs], most, key)
    played = [_played(scenario, world, replicate, shown, *both) for both in zip(campaigns, runs, strict=True)]
    return Replay(scenario, replicate, world, shown, tuple(played))


def _played(
    scenario: Scenario, world: World, replicate: int, shown: Shown, campaign: Campaign, run: Run
) -> Played:  # fmt: skip
    events = run.events[np.isin(run.events["person"], shown.people)]
    told = posts_told(world, campaign, scenario.run.seed, replicate, events["post"][events["post"] > 0].tolist())
    found = minds(world, campaign, scenario.rates, told, events, shown.people.tolist())
    return Played(campaign, run, events, told, tuple(found))


def chosen_plans(scenario: Scenario, plans: Sequence[str] | None) -> list[str]:
    """The names of the plans to show; InputError where they are not one or two of the scenario's."""
    if plans is None:
        return [plan.name for plan in scenario.plans if plan.name != NONE][:MOST_PLANS]
    names = [scenario.plan(name).name for name in plans]
    if not 1 <= len(names) <= MOST_PLANS or len(set(names)) < len(names):
        raise InputError("not one or two plans", key="plans", value=",".join(names),
                         expected=f"one or two of {', '.join(plan.name for plan in scenario.plans)}")  # fmt: skip
    return names


def check_numbers(scenario: Scenario, replicate: int, most: int) -> None:
    """InputError for a replicate that is not there, and for nobody or too many to show."""
    if not 0 <= replicate < scenario.run.replicates:
        raise InputError("no such replicate", key="replicate", value=replicate,
                         expected=f"0 to {scenario.run.replicates - 1}, as run.replicates says")  # fmt: skip
    if not 1 <= most <= MOST_SHOWN:
        raise InputError("cannot show so many people", key="most", value=most,
                         expected=f"1 to {MOST_SHOWN:,}")  # fmt: skip
