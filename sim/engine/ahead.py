"""Compiling the kernel ahead of its first run, in parts that several processes can take at the same time.

Each part runs a few days of a tiny campaign with the loops of the other parts replaced by stubs that do nothing: numba
meets the types that it will meet later. The machine code goes into the user's cache, where every process finds it.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

import sim.rules
from sim.engine.campaign import Campaign, Post, assemble_campaign
from sim.engine.compiling import standard_kernel
from sim.engine.kernel import KernelRun
from sim.engine.records import N_BINS
from sim.parameters import Rates
from sim.society.segments import segments_of
from sim.society.society import society_from_arcs
from sim.society.world import World

PARTS = (
    ("respond", "settle", "attitude_of_reached", "meet_all"),
    ("deliver", "buy", "buy_quiet", "buy_unexposed", "add_quiet", "sort_into_bins", "gather", "talk", "still_quiet",
     "rehash"),
)  # fmt: skip
"""Entries of the kernel, in parts that take about as long to compile."""
MOST_PARTS = len(PARTS)
PEOPLE, DAYS = 3000, 4


def compile_ahead(part: int, parts: int) -> None:
    """Compile the share ``part`` of ``parts`` of the kernel into the cache; more than MOST_PARTS are not of use."""
    parts = min(parts, MOST_PARTS)
    names = {name for number, names in enumerate(PARTS) for name in names if number % parts == part}
    kernel = SimpleNamespace(**vars(standard_kernel()))
    for name, stub in _stubs().items():
        if name not in names:
            setattr(kernel, name, stub)
    rates = Rates(need_share=1.0)
    world = tiny_world(rates)
    run = KernelRun(world, _tiny_campaign(rates), rates, 1, 0, (), kernel, sim.rules, 1)
    for _ in range(DAYS):
        run.step()
    run.finish()
    for name in names & {"still_quiet", "rehash", "talk"}:
        _call(kernel, name)


def _stubs() -> dict[str, Any]:
    """Each entry as a function that does nothing."""
    stubs: dict[str, Any] = dict.fromkeys((name for names in PARTS for name in names), lambda *_: 0)
    stubs["deliver"] = stubs["gather"] = lambda *_: (0, 0, 0)
    stubs["sort_into_bins"] = lambda *_: np.zeros(N_BINS + 1, np.int64)
    return stubs


def _call(kernel: SimpleNamespace, name: str) -> None:
    """Entries that a short campaign need not come to."""
    if name == "rehash":
        kernel.rehash(np.full(8, -1, np.int64), np.full(16, -1, np.int64))
    elif name == "talk":
        kernel.talk(np.zeros(1, np.int64), 0.0, 0.0, (np.uint64(1), np.uint64(0)), np.zeros(1, np.int64))
    else:
        kernel.still_quiet(np.zeros(1, np.int32), np.zeros(1, np.uint8))


def tiny_world(rates: Rates) -> World:
    """One creator followed by all of a ring of people."""
    people = np.arange(PEOPLE, dtype=np.int32)
    society = society_from_arcs(("",) * PEOPLE, people, np.roll(people, 1), 1, 1, rates, 1)
    one, whole = np.ones(1), np.arange(PEOPLE, dtype=np.int32)
    return World(
        society=society, people_per_agent=1.0, handles=("one",), address=np.ones(1, np.uint32), followers=one,
        real_followers=one, niche=np.zeros(1, np.int16), language=np.full(1, -1, np.int16), posts_a_day=one,
        sponsored_share=one, quality=one, price_noise=one, trust=0.5 * one, rank=one, engagement_rate=one, fit=one,
        node=np.full(1, -1), audience_start=np.array([0, PEOPLE]), audience=whole, interest=np.ones((2, 1)),
        product_relevance=one, understood=np.ones((1, 1)), sold=one, owners_followed=society.owners_followed(),
        segments=segments_of(society, (), 1),
    )  # fmt: skip


def _tiny_campaign(rates: Rates) -> Campaign:
    return assemble_campaign("tiny", [Post(7, 0, 0)], DAYS, rates)
