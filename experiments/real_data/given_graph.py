"""A given graph as a society, generated societies of the same size beside it, and scenarios on either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sim.scenario.load import Scenario, load
from sim.society.describe import mutual_pairs
from sim.society.imported import ImportedGraph, imported_graph
from sim.society.society import Society
from sim.society.world import build_society

GIVEN, GENERATED = "given", "generated"

SCENARIO = """\
schema = 1
name = "{name}"
[society]
{society}
[run]
days = {days}
replicates = {replicates}
[parameters]
{parameters}
[[plan]]
name = "top"        # the hundredth part of all people with most followers
seeding = {{ people = "top", k = {k} }}
[[plan]]
name = "random"     # as many people at random
seeding = {{ people = "random", k = {k} }}
"""
SEEDED_ONE_IN, DAYS = 100, 30


@dataclass(frozen=True)
class Place:
    """Where people live: the [society] of a scenario as text, and parameters that differ from the defaults."""

    name: str
    society: str
    n_people: int
    parameters: Mapping[str, float] = field(default_factory=dict)

    def scenario(self, folder: Path, seed: int, replicates: int = 1) -> Scenario:
        """Seeding by followers and at random, written as a file and read as any other."""
        text = SCENARIO.format(
            name=self.name, society=self.society, days=DAYS, replicates=replicates, k=seeds_of(self.n_people),
            parameters="\n".join(f"{name} = {value!r}" for name, value in self.parameters.items()),
        )  # fmt: skip
        path = folder / f"{self.name.replace(' ', '-')}.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, seed=seed)


def seeds_of(n_people: int) -> int:
    """As many seeds as "top" has people."""
    return max(1, n_people // SEEDED_ONE_IN)


def given(edges: Path, *, directed: bool, folder: Path) -> Place:
    """The graph of a file."""
    society = f'graph = "{edges.resolve().as_posix()}"\ndirected = {str(directed).lower()}'
    people = society_of(Place(GIVEN, society, SEEDED_ONE_IN), folder).n_people
    return Place(GIVEN, society, people)


def generated(like: Society, name: str = GENERATED, **parameters: float) -> Place:
    """A society of the project's own with as many people and ties."""
    ties = like.n_ties / like.n_people
    society = f"people = {like.n_people}\npeer_ties = {ties:.3f}\nworlds = 1\n[market]\npopulation = {like.n_people}"
    return Place(name, society, like.n_people, parameters)


def society_of(place: Place, folder: Path, seed: int = 1) -> Society:
    """Its people and ties."""
    return build_society(place.scenario(folder, seed), 0)


def ties_of(society: Society) -> ImportedGraph:
    """The ties as a graph on which classic cascades run: influence goes from the followed to the follower."""
    sources = np.repeat(np.arange(society.n_people), np.diff(society.follower_start))
    names = [str(person) for person in range(society.n_people)]
    return imported_graph(names, sources, society.follower.astype(np.int64), None, True, [])


def reciprocated(society: Society) -> float:
    """Share of ties that are returned."""
    return 2 * len(mutual_pairs(society)[0]) / society.n_ties
