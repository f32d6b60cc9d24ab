"""The network on which the classic models run: a graph with the chance, or the weight, of each arc."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError
from sim.randomness import Stream, stream_day
from sim.society.imported import ImportedGraph

MODELS = {"ic": "independent cascade", "lt": "linear threshold"}
MOST_NODES = 1 << 24
ROUNDING = 1e-6
"""What each weight of a file may be off by: weights are often written with six decimals."""

FOR_THRESHOLD, FOR_SEED, FOR_ROOT, FOR_REVERSE, FOR_GAP = range(5)
"""What a draw of the stream CASCADE is for: the day of its address."""
S_THRESHOLD, S_SEED, S_ROOT, S_REVERSE, S_GAP = (stream_day(Stream.CASCADE, purpose) for purpose in range(5))


@dataclass(frozen=True, eq=False)
class Network:
    """A graph with the chance (or weight) of each arc, arcs by source: those of node j are start[j]:start[j + 1].

    threshold: whether the weights are those of the linear threshold.
    """

    start: NDArray[np.int64]
    target: NDArray[np.int32]
    chance: NDArray[np.float64]
    threshold: bool

    @property
    def n_nodes(self) -> int:
        return len(self.start) - 1

    @cached_property
    def common_chance(self) -> float | None:
        """The chance of every arc if all have the same, else None."""
        same = len(self.chance) > 0 and bool(np.all(self.chance == self.chance[0]))
        return float(self.chance[0]) if same else None

    def by_target(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
        """The arcs by target: start, source, chance."""
        order = np.argsort(self.target, kind="stable")
        source = np.repeat(np.arange(self.n_nodes, dtype=np.int32), np.diff(self.start))
        return starts(self.target[order], self.n_nodes), source[order], self.chance[order]


def starts(ends: NDArray[np.int32], n: int) -> NDArray[np.int64]:
    """Where the arcs of each of n nodes begin, by their ascending ends: (n + 1,)."""
    return np.searchsorted(ends, np.arange(n + 1)).astype(np.int64)


def network(graph: ImportedGraph, model: str, p: float | str) -> Network:
    """The network on which ``model`` (ic or lt) runs.

    p: the chance of every arc; "weighted": 1/in-degree of the target; "column": the graph's weights. Raises
    InputError for weights outside 0..1, and under lt where the weights that reach a node sum to more than 1.
    """
    n = len(graph.names)
    if n > MOST_NODES:
        raise InputError("too many nodes", key="GRAPH", value=n, expected=f"at most {MOST_NODES:,}")
    in_degree = np.bincount(graph.targets, minlength=n)
    if p == "column":
        chance = _column(graph)
    elif p == "weighted":
        chance = 1.0 / in_degree[graph.targets]
    else:
        chance = np.full(len(graph.targets), float(p))
    if model == "lt":
        sums = np.bincount(graph.targets, weights=chance, minlength=n)
        over = np.flatnonzero(sums > 1.0 + ROUNDING * in_degree)
        if len(over):
            raise InputError(f"the weights that reach node {graph.names[over[0]]} sum to more than 1", key="--p",
                             value=float(sums[over[0]]), expected="at most 1 under lt; see weighted")  # fmt: skip
    return Network(starts(graph.sources, n), graph.targets, chance, model == "lt")


def _column(graph: ImportedGraph) -> NDArray[np.float64]:
    if graph.weights is None:
        raise InputError("the graph has no column of weights", key="--p", value="column",
                         expected="a third column of numbers, an edge attribute weight, column:NAME, "
                         "weighted or a number")  # fmt: skip
    wrong = np.flatnonzero(~((graph.weights >= 0.0) & (graph.weights <= 1.0)))
    if len(wrong):
        arc = wrong[0]
        between = f"from {graph.names[graph.sources[arc]]} to {graph.names[graph.targets[arc]]}"
        raise InputError(f"the arc {between} has a weight outside 0..1", key="--p", value=float(graph.weights[arc]),
                         expected="numbers from 0 to 1")  # fmt: skip
    return graph.weights
