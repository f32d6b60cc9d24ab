"""A given graph beside generated societies of its size: what both scripts on graphs measure."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from given_graph import GIVEN, Place, generated, given, seeds_of, society_of
from graph_structure import structure_figures
from measured_figures import Figure
from publication import version
from seeding_gain import CHOICES, REPLICATES, RUNS, SEEDS, campaign_gain, cascade_gain

from sim.society.society import Society

RETURNED = "generated, all ties returned"


def graph_figures(edges: Path, folder: Path, *, directed: bool) -> Iterator[Figure]:
    """Structure and seeding on the graph of a file and on generated societies; scenarios go to ``folder``.

    Of an undirected graph, whose ties are all returned, there is a generated society with none but returned ties, too.
    """
    place = given(edges, directed=directed, folder=folder)
    society = society_of(place, folder)
    counts = {"seeds": seeds_of(place.n_people), "societies": len(SEEDS), "replicates": REPLICATES, "choices": CHOICES,
              "runs": RUNS}  # fmt: skip
    yield from (Figure("run", version(), name, "number", number) for name, number in counts.items())
    yield from _figures(place, [society], folder)
    places = [generated(society)] + ([] if directed else [generated(society, RETURNED, returned_share=1.0)])
    for other in places:
        yield from _figures(other, [society_of(other, folder, seed) for seed in SEEDS], folder)


def _figures(place: Place, societies: Sequence[Society], folder: Path) -> Iterator[Figure]:
    what = "the graph" if place.name == GIVEN else place.name
    print(f"{what}: {place.n_people:,} people", file=sys.stderr)
    yield from structure_figures(place.name, societies)
    yield from campaign_gain(place, folder)
    yield from cascade_gain(place, societies)
