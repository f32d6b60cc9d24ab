"""Whether a question fits into memory, known before anything is built: what it needs, what is free, what would fit.

Societies and worlds are counted in ``society.memory``; here is what a run needs beside its world, and the processes.
"""

from __future__ import annotations

import math
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.engine.arrays import DayRoom, new_people, new_prospects
from sim.engine.campaign import life_gain
from sim.engine.records import N_BINS, TRAITS
from sim.errors import InputError
from sim.parameters import Rates
from sim.platforms import format_rate
from sim.scenario.load import Scenario
from sim.scenario.plans import Plan
from sim.scenario.schema import Deal
from sim.society.creators import fake_shares
from sim.society.kept import has_society, keeps
from sim.society.memory import building_bytes, describing_bytes, drawing_bytes, society_bytes, world_bytes
from sim.society.world import society_settings

PROCESS = 350_000_000
"""The interpreter with its libraries and the compiled loops: 240 MB where they come from the cache."""
SMALL = 2_000_000
"""A run's tables by day, creator, niche and region, and whatever else does not grow with people or followers."""
POST = 4_000
"""A post's own object, record and bins."""
PER_FOLLOWER = 8 + 4
"""Bytes for each follower of each post of a creator: viewing key and person."""
PER_SEEN = 6 * 8
"""Bytes an entry of ``SeenTable``, which is at least a quarter full once it has grown, with the one it grew from."""
VIRAL = 4
"""Sharers beyond the mean rate on the day with most exposures: the appeal of one post in twenty."""
MOST_BRANCHING = 0.75
"""Reshares that a reshare brings, at most; beyond, nearly everybody is reached and a day cannot be bounded so."""

AGENT, AGENT_PER_FOLLOWER = 1_200, 150
"""Bytes a person, and a follower of each post, of the model with agents. Measured at the default rates: resident memory
grew by 890 to 900 bytes a person of 20,000 and by 1,152 to 1,157 bytes of 50,000, runs of 10 to 60 days."""

FILE, GRAPHML = 10, 35
"""Bytes that reading a graph needs at least for each byte of its file, unzipped. Measured: 10 to 18 for edge lists
(fewer where nodes have many edges), 36 for GraphML."""

HELD = 1
"""Societies that a process keeps, for the replicates that live in them."""
FEWEST_PEOPLE = 100
"""Fewer people than this are no advice."""
MEMINFO, CGROUPS, OWN_CGROUP = Path("/proc/meminfo"), Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


# --- what is needed ----------------------------------------------------------------------------------------


def run_bytes(
    n_people: int, market_share: float, n_creators: int, audiences: Iterable[float], most_in_a_day: float,
    most_seen: float,
) -> int:  # fmt: skip
    """The most that one run of the kernel allocates at once beside its world, an upper bound for all but freak luck.

    market_share: of the people who may buy; audiences: agents of each post of the plan; most_in_a_day: exposures
    of the busiest day, with those that peers might bring; most_seen: pairs of post and person that leave a trace.
    A person: a record and its number, fixed traits, a place among the niche's members, a standing, five bits a
    creator; those in the market also a row among the prospects, one among the quiet, one while buyers are counted.
    """
    sizes = list(audiences)
    each = _row_bytes(new_people(1000), 1000) + TRAITS.itemsize + 8 + 1 + 8
    each += 5 * n_creators / 8 + market_share * (_row_bytes(new_prospects(1000), 1000) + 4 + 8 + 16)
    day = 2 * _day_bytes() + 5 * 8 + PER_SEEN
    posts = PER_FOLLOWER * sum(sizes) + 24 * max(sizes, default=0) + POST * len(sizes)
    return SMALL + math.ceil(each * n_people + posts + day * most_in_a_day + PER_SEEN * most_seen)


def _row_bytes(columns: Iterable[Any], n: int) -> float:
    """Bytes that one of n rows takes in all columns of that length."""
    return float(sum(column.itemsize for column in columns if len(column) == n))


def _day_bytes() -> float:
    """Bytes an exposure in the columns of a day; they may have room for twice as many."""
    room = DayRoom(False)
    room.make_room(1)
    return sum(_row_bytes(columns, len(room.shown.person)) for columns in (room.shown, room.today, room.clicks))


def plan_bytes(scenario: Scenario, plan: Plan, engine: str) -> int:
    """What a run of this plan needs beside its world."""
    rates, days, people = scenario.rates, scenario.run.days, scenario.people
    sizes, followers, shown = list[float](), np.zeros(days), np.zeros(days)
    slots = rates.recommended_share / (1.0 - rates.recommended_share) * rates.rank_high
    for deal in _all_deals(plan):
        size = audience_size(scenario, deal.creator)
        reach = rates.reach * format_rate(rates, deal.format, "reach") * rates.rank_high
        shares = size * np.minimum(1.0, reach * life_gain(deal.format, days, rates) + 1.0 / N_BINS)
        strangers = 1.0 + slots * format_rate(rates, deal.format, "recommended")
        for day in deal.post_days(days):
            sizes.append(size)
            followers[day:] += shares[: days - day]
            shown[day:] += shares[: days - day] * strangers
    if engine == "agents":
        return SMALL + math.ceil(AGENT * people + AGENT_PER_FOLLOWER * sum(sizes))
    ties, a_day, in_all = scenario.society.peer_ties, *_talkers(rates, days)
    writers = a_day * people + _seeded(scenario, plan)
    again = min(MOST_BRANCHING, rates.share_rate * rates.peer_reach * ties)
    peers = (followers.max() * min(1.0, VIRAL * rates.share_rate) + writers) * ties / (1.0 - again)
    seen = sum(sizes) * min(1.0, rates.reach * rates.rank_high) * (1.0 + slots) / 2 + in_all * people * ties / 2
    most = run_bytes(people, rates.need_share, len(scenario.booked), sizes, shown.max() + peers, seen)
    return most + math.ceil(POST * (in_all * people + _seeded(scenario, plan)))


def _talkers(rates: Rates, days: int) -> tuple[float, float]:
    """People who buy and write about it, on a day and in all, as shares of all people: at attitude and proof of 1."""
    each = (rates.base_visit + rates.visit_rate) * rates.conversion_rate * 2.0
    each = min(1.0, each * (1.0 + rates.attitude_effect) * (1.0 + rates.social_proof))
    return rates.need_share * rates.talk_rate * each, rates.need_share * rates.talk_rate * min(1.0, days * each)


def _all_deals(plan: Plan) -> list[Deal]:
    """The plan's deals, with all that a second stage could book."""
    if plan.second is None:
        return list(plan.deals)
    again = {"posts": plan.second.posts, "start": plan.second.start, "every": plan.second.every}
    return [*plan.deals, *(deal.model_copy(update=again) for deal in plan.deals)]


def _seeded(scenario: Scenario, plan: Plan) -> float:
    """Agents who are given the product."""
    population = float(scenario.market.population or scenario.people)
    return 0.0 if plan.seeding is None else plan.seeding.k * scenario.people / population


def audience_size(scenario: Scenario, handle: str) -> float:
    """The most agents that follow a creator, but for luck of one in thousands."""
    creator, population = scenario.creators[handle], float(scenario.market.population or scenario.people)
    expected = creator.followers * (1 - fake_shares(creator, scenario.rates)[0]) * scenario.people / population
    return expected + 4 * math.sqrt(expected)


@dataclass(frozen=True)
class Question:
    """A scenario as it is to be run. engine: None where a world is only described; replicates: still to be run."""

    scenario: Scenario
    workers: int
    engine: str | None
    replicates: int
    built: bool = False

    def needs(self) -> int:
        """Bytes that all processes need together at the most. built: every society is on disk already."""
        processes = PROCESS * (self.workers + (self.workers > 1))
        if self.scenario.graph is not None:
            return processes + self.workers * reading_bytes(self.scenario.graph)
        people, ties = self.scenario.people, int(self.scenario.people * self.scenario.society.peer_ties)
        audiences = sum(audience_size(self.scenario, creator.handle) for creator in self.scenario.booked)
        society, world = society_bytes(people, ties), world_bytes(people, int(2 * audiences))
        place, worlds = (TRAITS.itemsize + 8) * people, self._worlds()
        running = world + max(drawing_bytes(people) + place, self._running(people, ties))
        building = 0 if self.built else building_bytes(people, ties) - society + place
        phases = (
            self.workers * running + society * self._societies(min(HELD, worlds)),
            self.workers * building + society * self._societies(min(HELD + 1, worlds)),
        )
        return processes + max(phases)

    def _running(self, people: int, ties: int) -> int:
        if self.engine is None:
            return describing_bytes(people, ties)
        return max(plan_bytes(self.scenario, plan, self.engine) for plan in self.scenario.plans)

    def _worlds(self) -> int:
        """Societies that one process comes to live in, when each has a stretch of the replicates in their order."""
        stretch = -(-self.replicates // self.workers)
        in_one = max(1, self.replicates // self.scenario.worlds)
        return min(self.scenario.worlds, stretch, max(0, stretch - 2) // in_one + 2)

    def _societies(self, each: int) -> int:
        """Societies in memory when every process has so many: those on disk are there once for all who map them."""
        everywhere = self.workers * each
        on_disk = keeps(self.scenario.people, self.scenario.society.peer_ties)
        return min(everywhere, self.scenario.worlds) if on_disk else everywhere

    def with_people(self, people: int) -> Question:
        """The same question of so many people."""
        society = self.scenario.society.model_copy(update={"people": people})
        return replace(self, scenario=replace(self.scenario, society=society), built=False)

    def all_built(self) -> bool:
        """Whether all societies are kept on disk."""
        scenario = self.scenario
        return scenario.graph is None and all(
            has_society(*society_settings(scenario, world)) for world in range(min(scenario.worlds, self.replicates))
        )


def reading_bytes(graph: Path) -> int:
    """What a given graph needs at least: its people are not known before it has been read."""
    with graph.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
        size = stream.seek(0, os.SEEK_END)
        if zipped and size >= 4:
            stream.seek(-4, os.SEEK_END)
            size = max(size, struct.unpack("<I", stream.read(4))[0])
    return (GRAPHML if ".graphml" in graph.suffixes else FILE) * size


# --- what is free ------------------------------------------------------------------------------------------


def available_memory() -> int | None:
    """Bytes that can be had without swapping, within the limits of the control group; None where it is not known."""
    try:
        lines = MEMINFO.read_text(encoding="ascii").splitlines()
        free = next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None
    return max(0, min([free, *(left for folder in _cgroups() if (left := _left_of(folder)) is not None)]))


def _cgroups() -> Iterator[Path]:
    """The control group of this process and those around it."""
    yield CGROUPS
    try:
        own = next(line[3:] for line in OWN_CGROUP.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return
    parts = [part for part in own.split("/") if part not in ("", "..")]
    yield from (CGROUPS.joinpath(*parts[: n + 1]) for n in range(len(parts)))


def _left_of(folder: Path) -> int | None:
    """What a control group may still take; pages of files, which it can drop, count as free."""
    try:
        limit, used = (int((folder / name).read_text()) for name in ("memory.max", "memory.current"))
        fields = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no limit ("max"), or no such group
        return None
    return limit - used + sum(int(fields.get(name, 0)) for name in ("active_file", "inactive_file"))


# --- whether it fits ---------------------------------------------------------------------------------------


def check_fits(
    scenario: Scenario, workers: int | None = 1, engine: str | None = None, replicates: int | None = None
) -> None:
    """Raise InputError where a question needs more memory than is free, with what would fit.

    workers: processes (None: one a core); engine: None where a world is only described; replicates: still to be run
    (default: all of the scenario's).
    """
    replicates = scenario.run.replicates if replicates is None else replicates
    free = available_memory()
    if free is None or replicates < 1:
        return
    question = Question(scenario, max(1, min(workers or os.cpu_count() or 1, replicates)), engine, replicates)
    if question.needs() <= free:
        return
    question = replace(question, built=question.all_built())
    if question.needs() > free:
        raise _refusal(question, free)


def _refusal(question: Question, free: int) -> InputError:
    n, graph = question.workers, question.scenario.graph
    where = f" in {n} processes" if n > 1 else ""
    least = "at least " if graph is not None else ""
    told = f"needs {least}{_gib(question.needs())} of memory{where}, and {_gib(free, down=True)} are free"
    fewer = (replace(question, workers=k) for k in range(n - 1, 0, -1))
    fitting = next((one for one in fewer if one.needs() <= free), None)
    fix = f"--workers {fitting.workers}, which needs {_gib(fitting.needs())}" if fitting else ""
    if graph is not None:
        smaller = "a smaller graph or a machine with more memory: every node is a person, whatever --people says"
        return InputError(told, file=graph, key="society.graph", expected=fix or smaller)
    people = _most_people(question, free)
    fix = fix or (f"--people {people} or fewer" if people else "a machine with more memory")
    return InputError(told, key="--people", value=question.scenario.people, expected=fix)


def _most_people(question: Question, free: int) -> int | None:
    """The most people that fit, to two digits; None where hardly any do."""
    low, high = 0, question.scenario.people
    while high - low > 1 and low < 0.99 * high:
        middle = (low + high) // 2
        low, high = (middle, high) if question.with_people(middle).needs() <= free else (low, middle)
    digits = 10 ** max(0, len(str(low)) - 2)
    low = low // digits * digits
    return low if low >= FEWEST_PEOPLE and question.with_people(low).needs() <= free else None


def _gib(size: int, *, down: bool = False) -> str:
    """Gibibytes to a tenth; what is needed is rounded up, what is free down."""
    return f"{(math.floor if down else math.ceil)(size / 2**30 * 10) / 10:.1f} GiB"
