"""A given graph as arrays, whatever it was read from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

WHOLE = re.compile(r"[+-]?[0-9]{1,300}")


@dataclass(frozen=True, eq=False)
class ImportedGraph:
    """A directed graph as arrays: arc k carries influence from node sources[k] to node targets[k].

    names: as in the file, index = node, sorted (as numbers if all are whole numbers), isolated ones included;
    sources, targets: (arcs,) sorted by source, then target; targets[k] follows sources[k]; weights: (arcs,)
    or None; n_self_loops, n_duplicates: edges of the file that were removed; notes: sentences for the user; places:
    by node attribute, niche or region, the value of each node, "" where it has none.
    """

    names: tuple[str, ...]
    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    weights: NDArray[np.float64] | None
    n_self_loops: int
    n_duplicates: int
    notes: tuple[str, ...]
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def imported_graph(
    names: Sequence[str],
    sources: NDArray[np.int64],
    targets: NDArray[np.int64],
    weights: NDArray[np.float64] | None,
    directed: bool,
    notes: list[str],
    places: Mapping[str, tuple[str, ...]] | None = None,
) -> ImportedGraph:
    """Remove self-loops and duplicates, count them, make undirected edges two arcs, sort."""
    proper = sources != targets
    n_proper = int(np.count_nonzero(proper))
    n_loops = len(sources) - n_proper
    sources, targets = sources[proper], targets[proper]
    weights = None if weights is None else weights[proper]
    if not directed:
        sources, targets = np.minimum(sources, targets), np.maximum(sources, targets)
    sources, targets, weights = _sorted_once(len(names), sources, targets, weights)
    n_duplicates = n_proper - len(sources)
    if not directed:
        sources, targets = np.concatenate([sources, targets]), np.concatenate([targets, sources])
        weights = None if weights is None else np.concatenate([weights, weights])
        sources, targets, weights = _sorted_once(len(names), sources, targets, weights)
    removed = [f"{counted(n_loops, 'self-loop')} removed"] if n_loops else []
    if n_duplicates:
        kept = "" if weights is None else ", the first weight kept"
        removed.append(f"{counted(n_duplicates, 'duplicate edge')} removed{kept}")
    arcs = sources.astype(np.int32), targets.astype(np.int32)
    return ImportedGraph(tuple(names), *arcs, weights, n_loops, n_duplicates, (*notes, *removed), places or {})


def _sorted_once(
    n: int, sources: NDArray[np.int64], targets: NDArray[np.int64], weights: NDArray[np.float64] | None
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64] | None]:
    """Arcs sorted by (source, target), the first of equal ones kept."""
    keys = sources * n + targets
    if weights is None:
        keys.sort()
    else:
        order = np.argsort(keys, kind="stable")
        keys, weights = keys[order], weights[order]
    new = np.ones(len(keys), dtype=bool)
    new[1:] = keys[1:] != keys[:-1]
    sources, targets = np.divmod(keys[new], max(n, 1))
    return sources, targets, None if weights is None else weights[new]


def name_order(names: Sequence[str]) -> list[int]:
    """Positions of the names sorted as numbers if all are whole numbers, else as text."""
    if all(map(WHOLE.fullmatch, names)):
        return sorted(range(len(names)), key=lambda i: (int(names[i]), names[i]))
    return sorted(range(len(names)), key=lambda i: names[i])


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
