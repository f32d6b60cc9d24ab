"""Does reach in the model order streamers as real views do? One organic post of each, beside degree and views."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from measured_figures import Figure
from numpy.typing import NDArray
from scipy.stats import rankdata

from sim.scenario.load import load
from sim.society.graph import read_graph
from sim.society.world import build_world
from sim.studies.validation.feed import posted

Floats = NDArray[np.float64]

STREAMERS, SEEDS = 600, range(1, 11)
DAYS, RESAMPLES, SEED, GROUPS = 30, 500, 2018, 5

SCENARIO = """\
schema = 1
name = "streamers"
[society]
graph = "{graph}"
directed = false
[run]
days = {days}
replicates = 1
{creators}
[[plan]]
name = "all"
deals = [{deals}]
"""


def read_streamers(edges: Path, targets: Path) -> pd.DataFrame:
    """Columns node (as in the edges), degree and views; SystemExit where a column is missing."""
    table = pd.read_csv(targets)
    missing = {"new_id", "views"} - set(table.columns)
    if missing:
        raise SystemExit(f"{targets}: no column {', '.join(sorted(missing))}")
    graph = read_graph(edges, directed=False)
    degree = pd.Series(np.bincount(graph.sources, minlength=len(graph.names)), index=graph.names, name="degree")
    known = table.assign(node=table["new_id"].astype(str))[["node", "views"]]
    return known.join(degree, on="node", how="inner").reset_index(drop=True)


def simulated_reach(streamers: pd.DataFrame, edges: Path, folder: Path) -> Floats:
    """People reached by one post of each: (seeds, streamers)."""
    creators = (
        f'[[creator]]\nhandle = "{node}"\nfollowers = {degree}\nfake_share = 0.0\n'
        for node, degree in zip(streamers["node"], streamers["degree"], strict=True)
    )
    deals = ", ".join(f'{{ creator = "{node}", fee = 1 }}' for node in streamers["node"])
    path = folder / "streamers.toml"
    graph = edges.resolve().as_posix()
    path.write_text(SCENARIO.format(graph=graph, days=DAYS, creators="".join(creators), deals=deals), encoding="utf-8")
    found = []
    for seed in SEEDS:
        scenario = load(path, seed=seed)
        world = build_world(scenario)
        reach = posted(scenario, world, scenario.rates, seed, sponsored=False).reach
        found.append(reach[[world.index_of(node) for node in streamers["node"]]])
    return np.array(found)


def sampled(streamers: pd.DataFrame, n: int = STREAMERS) -> pd.DataFrame:
    """n streamers at random, or all."""
    return streamers.sample(min(n, len(streamers)), random_state=SEED)


def order_figures(streamers: pd.DataFrame, sample: pd.DataFrame, reach: Floats) -> Iterator[Figure]:
    """Spearman's rank correlations, with intervals from resampled streamers, and medians by fifths of the degree."""
    degree, views = (sample[name].to_numpy(dtype=np.float64) for name in ("degree", "views"))
    mean = reach.mean(axis=0)
    everyone = streamers[["degree", "views"]].to_numpy(dtype=np.float64)
    yield _correlation("degree and views, all streamers", spearman, everyone)
    yield _correlation("degree and views", spearman, np.column_stack([degree, views]))
    for name, other in (("degree", degree), ("views", views)):
        one = np.column_stack([*reach, other])
        yield _correlation(f"{name} and reach of one post", mean_spearman, one)
        yield _correlation(f"{name} and mean reach of {len(reach)} posts", spearman, np.column_stack([other, mean]))
    yield _correlation("views and mean reach, degree held", partial_spearman, np.column_stack([views, mean, degree]))
    yield from _by_degree({"degree": degree, "simulated reach": mean, "real views": views})


def _correlation(name: str, statistic: Callable[[Floats], float], columns: Floats) -> Figure:
    rng, n = np.random.default_rng(SEED), len(columns)
    again = [statistic(columns[rng.integers(0, n, n)]) for _ in range(RESAMPLES)]
    low, high = np.percentile(again, [2.5, 97.5])
    return Figure("order", "streamers", name, "spearman", statistic(columns), float(low), float(high))


def rank_correlations(columns: Floats) -> Floats:
    """Of each column with each other."""
    return np.asarray(np.corrcoef(rankdata(columns, axis=0), rowvar=False))


def spearman(columns: Floats) -> float:
    """Of two columns."""
    return float(rank_correlations(columns)[0, 1])


def mean_spearman(columns: Floats) -> float:
    """The mean over all columns but the last of their correlation with the last."""
    return float(rank_correlations(columns)[-1, :-1].mean())


def partial_spearman(columns: Floats) -> float:
    """Of the first two columns, the third held."""
    r = rank_correlations(columns)
    return float((r[0, 1] - r[0, 2] * r[1, 2]) / np.sqrt((1.0 - r[0, 2] ** 2) * (1.0 - r[1, 2] ** 2)))


def _by_degree(columns: dict[str, Floats]) -> Iterator[Figure]:
    """Medians by fifths of the degree, the lowest fifth = 1."""
    fifth = np.minimum(
        GROUPS - 1, (rankdata(columns["degree"], "ordinal") - 1).astype(int) * GROUPS // len(columns["degree"])
    )
    for name, values in columns.items():
        medians = [float(np.median(values[fifth == k])) for k in range(GROUPS)]
        for k, value in enumerate(medians):
            yield Figure("fifths", name, str(k + 1), "median", value)
            yield Figure("fifths", name, str(k + 1), "relative", value / medians[0])
