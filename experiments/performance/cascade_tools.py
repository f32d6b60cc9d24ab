"""Independent cascade on one Barabási–Albert graph with this project, cynetdiff, NDlib and EoN, on one core.

Every tool gets the same arcs (both ways), the same ten seeds and the same chance p of each arc. Before speeds are
compared, the mean cascade sizes must agree.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from fresh_process import peak_memory
from measured_rows import Row

from sim.engine.classic import Network, cascades

LINKS, CHANCE, N_SEEDS = 10, 0.05, 10
"""Links of each new node (about 20 arcs a node, both ways counted), chance of an arc, seeds."""
Runs = Callable[[int, int], list[int]]
"""Called with (how many, random seed): the cascade sizes, seeds counted."""


# --- the graph ---------------------------------------------------------------------------------------------


@numba.njit
def _links(n: int, links: int, rng: Any) -> Any:
    """Batagelj & Brandes (2005): ends of all links, each second end copied from a random earlier end."""
    ends = np.empty(2 * n * links, np.int32)
    for at in range(n * links):
        ends[2 * at] = at // links
        ends[2 * at + 1] = ends[rng.integers(0, 2 * at + 1)]
    return ends


@numba.njit
def _rows(n: int, ends: Any) -> Any:
    """Compressed rows of the links both ways, without loops and repeated links."""
    start = np.zeros(n + 1, np.int64)
    for end in ends:
        start[end + 1] += 1
    start = np.cumsum(start)
    place, target = start[:-1].copy(), np.empty(len(ends), np.int32)
    for at in range(0, len(ends), 2):
        a, b = ends[at], ends[at + 1]
        target[place[a]] = b
        place[a] += 1
        target[place[b]] = a
        place[b] += 1
    kept, begin = 0, np.zeros(n + 1, np.int64)
    for node in range(n):
        row = np.sort(target[start[node] : start[node + 1]])
        last = -1
        for end in row:
            if end != last and end != node:
                target[kept] = end
                kept += 1
            last = end
        begin[node + 1] = kept
    return begin, target[:kept].copy()


def barabasi_albert(n: int, links: int = LINKS, seed: int = 1) -> tuple[Any, Any]:
    """(start, target): the neighbours of node j are target[start[j]:start[j + 1]], ascending."""
    start, target = _rows(n, _links(n, links, np.random.default_rng(seed)))
    return start, target


def chosen_seeds(n: int) -> list[int]:
    """Ten nodes, the same for every tool."""
    return [int(node) for node in np.random.default_rng(1).choice(n, N_SEEDS, replace=False)]


def _networkx(start: Any, target: Any, kind: Any) -> Any:
    graph = kind()
    graph.add_nodes_from(range(len(start) - 1))
    source = np.repeat(np.arange(len(start) - 1), np.diff(start))
    graph.add_edges_from(zip(source.tolist(), target.tolist(), strict=True))
    return graph


# --- the tools ---------------------------------------------------------------------------------------------


def this_project(start: Any, target: Any, seeds: list[int]) -> Runs:
    net = Network(start, target, np.full(len(target), CHANCE), False)
    return lambda runs, seed: cascades(net, seeds, runs, seed).sizes.tolist()


def cynetdiff(start: Any, target: Any, seeds: list[int]) -> Runs:
    """Its own arrays, without a networkx graph in between."""
    import array

    from cynetdiff.models import IndependentCascadeModel

    starts = array.array("I", start[:-1].astype(np.uint32).tobytes())
    ends = array.array("I", target.astype(np.uint32).tobytes())
    model = IndependentCascadeModel(starts, ends, activation_prob=CHANCE)
    model.set_seeds(seeds)

    def run(runs: int, seed: int) -> list[int]:
        model.set_rng(seed)
        sizes = []
        for _ in range(runs):
            model.reset_model()
            model.advance_until_completion()
            sizes.append(model.get_num_activated_nodes())
        return sizes

    return run


def eon(start: Any, target: Any, seeds: list[int]) -> Runs:
    """Its discrete SIR, in which everybody is infectious for one step: the independent cascade."""
    import EoN
    import networkx as nx

    graph = _networkx(start, target, nx.Graph)

    def run(runs: int, seed: int) -> list[int]:
        rng = np.random.default_rng(seed)
        return [
            int(EoN.basic_discrete_SIR(graph, CHANCE, initial_infecteds=seeds, rng=rng)[3][-1]) for _ in range(runs)
        ]

    return run


def ndlib(start: Any, target: Any, seeds: list[int]) -> Runs:
    import ndlib.models.epidemics as epidemics
    import ndlib.models.ModelConfig as configuration
    import networkx as nx

    graph = _networkx(start, target, nx.DiGraph)
    config = configuration.Configuration()
    config.add_model_initial_configuration("Infected", seeds)
    for arc in graph.edges():
        config.add_edge_configuration("threshold", arc, CHANCE)
    model = epidemics.IndependentCascadesModel(graph)
    model.set_initial_status(config)

    def run(runs: int, seed: int) -> list[int]:
        np.random.seed(seed)  # noqa: NPY002 (what NDlib draws from)
        return [_until_over(model) for _ in range(runs)]

    return run


def _until_over(model: Any) -> int:
    """One NDlib run: nobody is infected any more when it is over; those removed were reached."""
    model.reset()
    count = {1: 1}
    while count.get(1, 0):
        count = model.iteration(node_status=False)["node_count"]
    return int(count[2])


TOOLS = {"this project": this_project, "cynetdiff": cynetdiff, "EoN": eon, "NDlib": ndlib}


# --- measuring ---------------------------------------------------------------------------------------------


def tool(name: str, nodes: int, runs: int, seconds: float) -> list[Row]:
    """CPU ms per cascade and the cascades' sizes; one warm run first, then ``runs`` or as many as ``seconds`` allow."""
    start, target = barabasi_albert(nodes)
    began = time.perf_counter()
    try:
        run = TOOLS[name](start, target, chosen_seeds(nodes))
    except ImportError as error:
        missing = "not installed" if name.lower() in str(error).lower() else f"not installed in full ({error})"
        return [Row("cascade", name, nodes, "time", None, "ms", missing)]
    made = time.perf_counter() - began
    run(1, 1)
    times, sizes = _timed(run, runs, seconds)
    rows = [Row("cascade", name, nodes, "time", float(np.median(times)), "ms", f"{len(sizes)} cascades"),
            Row("cascade", name, nodes, "best time", min(times), "ms"),
            Row("cascade", name, nodes, "set-up", made, "s"),
            Row("cascade", name, nodes, "arcs", float(len(target)), "arcs"),
            Row("cascade", name, nodes, "peak memory", peak_memory(), "MB")]  # fmt: skip
    return rows + _size_rows(name, nodes, np.array(sizes))


def _timed(run: Runs, runs: int, seconds: float) -> tuple[list[float], list[int]]:
    """CPU ms per cascade in up to ten blocks of runs, and all sizes."""
    times: list[float] = []
    sizes: list[int] = []
    block, began = max(1, runs // 10), time.process_time()
    while len(sizes) < runs and time.process_time() - began < seconds:
        cpu = time.process_time()
        sizes += run(block, 100 + len(sizes))
        times.append(1000 * (time.process_time() - cpu) / block)
    return times, sizes


def _size_rows(name: str, nodes: int, sizes: Any) -> list[Row]:
    """Mean size and its standard error, over the cascades that took off (a share of about 0.98 of them)."""
    large = sizes[sizes > nodes / 100]
    error = float(np.std(large, ddof=1) / np.sqrt(len(large))) if len(large) > 1 else None
    return [Row("cascade", name, nodes, "share that took off", len(large) / len(sizes), "share"),
            Row("cascade", name, nodes, "mean size", float(np.mean(large)) if len(large) else None, "nodes"),
            Row("cascade", name, nodes, "standard error", error, "nodes")]  # fmt: skip
