"""The classic models of diffusion on any directed graph: independent cascade and linear threshold.

Both after Kempe, Kleinberg & Tardos, "Maximizing the spread of influence through a social network", KDD 2003.
Independent cascade: who has just become active shows it once to each neighbour; arc (i ← j) succeeds with its own
chance. Linear threshold: a person becomes active when the weights of the active neighbours who influence them
reach a threshold, uniform in (0, 1).

An independent cascade comes in two forms of the same distribution. *By coins*: an arc succeeds if its own coin is
below its chance. The coin is the one that the main engine flips when j's share of the first seed's first post is shown
to i, so with one seed, activity 1 and certain shares both give the same cascade, run by run. *By gaps*, where all arcs
have one chance p: the number of arcs of j that fail before the next success is geometric, floor(ln u / ln(1 − p)), so
only successes cost time (Devroye, "Non-uniform random variate generation", 1986, ch. X.2). The u of j's gaps depend on
j and the run alone: with more seeds, a run reaches whom it reached before and perhaps more.

The loops of a run are in ``spreading``; here is how runs are asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from sim.engine.network import Network
from sim.engine.spreading import BY_COINS, BY_GAPS, BY_THRESHOLD, compiled_loops, room
from sim.randomness import person_post_address
from sim.shown import Shown


@dataclass(frozen=True, eq=False, repr=False)
class Cascades(Shown):
    """Arrays by run. sizes: people active at the end, seeds counted; depths: generations after the seeds;
    viralities: structural virality, nan where nobody but seeds became active."""

    sizes: NDArray[np.int64]
    depths: NDArray[np.int64]
    viralities: NDArray[np.float64]


def cascades(
    net: Network, seeds: Sequence[int], runs: int, seed: int, first: int = 0,
    said: Callable[[int], None] | None = None, *, per_arc: bool = False, workers: int = 1,
) -> Cascades:  # fmt: skip
    """Runs first..first + runs − 1 from these seeds (distinct nodes). said: told the runs done, about twice a second.

    An independent cascade goes by gaps if all arcs have one chance between 0 and 1, else by coins; per_arc: by coins
    whatever the chances. workers: threads. Between the calls of ``said`` a run can be interrupted; how the runs are
    cut up and how many threads there are changes nothing.
    """
    form, scale = _form(net, per_arc)
    made = Cascades(np.empty(runs, np.int64), np.empty(runs, np.int64), np.empty(runs))
    address, planted = person_post_address(int(seeds[0]), 1), np.array(seeds, dtype=np.int32)
    workers = max(1, min(workers, runs))
    rooms = [room(net.n_nodes, form) for _ in range(workers)]
    loops = compiled_loops()

    def run(worker: int, part: slice) -> None:
        loops.many_runs(net.start, net.target, net.chance, scale, planted, form, address,
                        np.uint64(seed & 0xFFFFFFFF), first + part.start, made.sizes[part], made.depths[part],
                        made.viralities[part], *rooms[worker])  # fmt: skip

    with ThreadPoolExecutor(workers) as pool:
        done, step = 0, workers
        while done < runs:
            began, ahead = monotonic(), min(step, runs - done)
            cuts = [done + ahead * worker // workers for worker in range(workers + 1)]
            list(pool.map(run, range(workers), map(slice, cuts[:-1], cuts[1:])))
            done, step = cuts[-1], step * 2 if monotonic() - began < 0.25 else step
            if said is not None:
                said(done)
    return made


def _form(net: Network, per_arc: bool) -> tuple[int, float]:
    """How the runs go, and −1/ln(1 − p) where they go by gaps."""
    if net.threshold:
        return BY_THRESHOLD, 0.0
    p = None if per_arc else net.common_chance
    if p is None or not 0.0 < p < 1.0:
        return BY_COINS, 0.0
    with np.errstate(over="ignore"):
        return BY_GAPS, float(np.divide(-1.0, math.log1p(-p)))
