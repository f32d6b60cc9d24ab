"""What it brings to begin with the most followed instead of with people at random, as k seeds each.

In two models: the project's own (the product is given to them, some of them post about it, and their friends reshare
it), and the independent cascade as `influence cascade` runs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from given_graph import Place, seeds_of, ties_of
from measured_figures import Figure

from sim.engine.classic import cascades
from sim.engine.network import network
from sim.engine.seeding import degree_seeds, random_seeds
from sim.ensemble import run_ensemble
from sim.results.measures import plan_totals
from sim.results.statistics import Interval, ratio_of_means
from sim.society.society import Society

SEEDS, REPLICATES = (1, 2, 3, 4, 5), 8
"""Seeds, each with its own society (on a given graph, its own traits of the people), times replicates in each."""
CHOICES, RUNS = 40, 50
"""Random choices of seeds, and cascades from each."""
CHANCES: tuple[float | str, ...] = ("weighted", 0.01)


def campaign_gain(place: Place, folder: Path) -> Iterator[Figure]:
    """Reach of "top" ÷ reach of "random", paired by replicate."""
    reach: dict[str, list[float]] = {"top": [], "random": []}
    for seed in SEEDS:
        ensemble = run_ensemble(place.scenario(folder, seed, REPLICATES), workers=1)
        for plan, values in reach.items():
            values += plan_totals(ensemble, plan).of("reach").tolist()
    worlds = np.repeat(SEEDS, REPLICATES).tolist()
    yield from _gain(place, "people reached by a campaign", reach["top"], reach["random"], worlds)


def cascade_gain(place: Place, societies: Sequence[Society]) -> Iterator[Figure]:
    """Mean size from the most followed ÷ that from people at random, seeds counted; choices dealt over societies."""
    for chance in CHANCES:
        nets = [network(ties_of(society), "ic", chance) for society in societies]
        sizes: dict[str, list[float]] = {"top": [], "random": []}
        for choice in range(CHOICES):
            net, k = nets[choice % len(nets)], seeds_of(place.n_people)
            for plan, seeds in (("top", degree_seeds(net, k)), ("random", random_seeds(net, k, choice))):
                sizes[plan].append(float(cascades(net, seeds, RUNS, choice).sizes.mean()))
        worlds = [choice % len(nets) for choice in range(CHOICES)]
        yield from _gain(place, f"independent cascade, p {chance}", sizes["top"], sizes["random"], worlds)


def _gain(place: Place, group: str, top: list[float], random: list[float], worlds: list[int]) -> Iterator[Figure]:
    share = 100.0 / place.n_people
    yield Figure("seeding", place.name, group, "top", share * float(np.mean(top)))
    yield Figure("seeding", place.name, group, "random", share * float(np.mean(random)))
    found: Interval | None = ratio_of_means(top, random, worlds)
    if found is not None:
        yield Figure("seeding", place.name, group, "ratio", found.mean, found.low, found.high)
