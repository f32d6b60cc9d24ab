"""One signature for every engine; an engine is imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from sim.engine.campaign import Campaign
from sim.errors import InputError, nearest_match
from sim.parameters import Rates
from sim.record import Run
from sim.society.world import World

Engine = Literal["kernel", "agents"]
ENGINES: tuple[str, ...] = get_args(Engine)
DEFAULT_ENGINE = "kernel"
MOST_RECORDED = 10_000
"""People whose events may be kept in one run, unless everybody's are."""


def simulate(
    world: World,
    campaign: Campaign,
    rates: Rates,
    seed: int,
    replicate: int = 0,
    record: Sequence[int] = (),
    *,
    engine: str = DEFAULT_ENGINE,
    threads: int = 1,
) -> Run:
    """Simulate one campaign on one world.

    record: up to 10,000 numbers of people whose events are kept, or everybody's: ``range(world.n_people)``. threads: 1
    or 2, for the kernel; the bits are the same. Raises InputError for an unknown engine.
    """
    if engine not in ENGINES:
        raise InputError("unknown engine", key="--engine", value=engine, expected=f"one of {', '.join(ENGINES)}",
                         nearest=nearest_match(engine, ENGINES))  # fmt: skip
    n, few = world.n_people, len(record) <= MOST_RECORDED
    if record != range(n) and not (few and all(0 <= person < n for person in record)):
        raise InputError("cannot record these people", key="record", value=len(record),
                         expected=f"at most {MOST_RECORDED:,} numbers from 0 to {world.n_people - 1:,}")  # fmt: skip
    if engine == "kernel":
        from sim.engine.kernel import simulate_compiled

        return simulate_compiled(world, campaign, rates, seed, replicate, record, threads=threads)
    from sim.engine.model import InfluenceModel

    model = InfluenceModel(world, campaign, rates, rng=seed, replicate=replicate, record=record)
    run = model.run()
    model.forget()
    return run
