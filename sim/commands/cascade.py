"""Classic cascades on any graph: independent cascade and linear threshold, from named or chosen seeds."""

from __future__ import annotations

import hashlib
import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from sim.commands import Output, claim
from sim.commands.usage import whole_number
from sim.engine.classic import Cascades, cascades
from sim.engine.network import MODELS, Network, network
from sim.engine.seeding import DOUBT, degree_seeds, greedy_seeds, random_seeds
from sim.ensemble import model_hash
from sim.errors import InputError, nearest_match
from sim.results.summary import SCHEMA, to_json, versions
from sim.society.graph import ImportedGraph, from_networkx, read_graph

KARATE = "karate"
CHOICES = ("random", "degree", "greedy")
CHANCES = "a number from 0 to 1, weighted, column or column:NAME"
SEEDS = "names of nodes like 0,5, or random:K, degree:K or greedy:K"
SAY_EVERY = 5.0
"""Seconds between the lines of progress."""


@dataclass(frozen=True)
class Question:
    """What was asked, in the words of the command line."""

    graph: str
    model: str
    p: str
    seeds: str
    runs: int
    seed: int
    undirected: bool
    reverse: bool


def cascade(question: Question, workers: int | None, output: Output) -> None:
    """Run the cascades and tell their sizes; files are written only where --out names a folder.

    workers: threads (default: one a core); the figures do not depend on them.
    """
    folder, p = output.folder(), _check(question)
    graph, notes = _graph(question, p)
    net = network(graph, question.model, p if isinstance(p, float) else p.partition(":")[0])
    seeds, more = _seeds(question, graph, net)
    names = [graph.names[node] for node in seeds]
    if folder is not None:
        claim(folder, _digest(graph, net, question, names), overwrite=output.overwrite)
    made = cascades(net, seeds, question.runs, question.seed, said=_progress(question, output),
                    workers=workers or os.cpu_count() or 1)  # fmt: skip
    document = {**_head(question, graph, p), "seeds": names, **figures(made), "seed": question.seed,
                "versions": versions(), "notes": [*notes, *more]}  # fmt: skip
    text = to_json(document)
    if folder is not None:
        (folder / "summary.json").write_text(text, encoding="utf-8")
    if output.json:
        sys.stdout.write(text)
    else:
        for note in document["notes"]:
            output.say(f"note: {note}")
        _print(document)


def played(
    graph: str | Path = KARATE,
    *,
    seeds: str = "degree:1",
    p: float | str = "weighted",
    model: str = "ic",
    runs: int = 1_000,
    seed: int = 1,
    undirected: bool = False,
    reverse: bool = False,
    workers: int = 1,
) -> Cascades:
    """Classic cascades on a graph (``sim.cascade``): arrays by run of size (seeds counted), depth, structural virality.

    graph: "karate" or a file; model: "ic" (independent cascade) or "lt" (linear threshold). All words as those of
    `influence cascade`, whose draws are the same.
    """
    question = Question(str(graph), model, str(p), seeds, runs, seed, undirected, reverse)
    chance = _check(question)
    if runs < 1:
        raise InputError("out of range", key="--runs", value=runs, expected="a whole number from 1 on")
    read, _ = _graph(question, chance)
    net = network(read, model, chance if isinstance(chance, float) else chance.partition(":")[0])
    chosen, _ = _seeds(question, read, net)
    return cascades(net, chosen, runs, seed, workers=workers)


# --- what was asked ----------------------------------------------------------------------------------------


def _check(question: Question) -> float | str:
    """The chance as a number or in words; InputError for what can be refused before the graph is read."""
    if question.model not in MODELS:
        raise InputError("no such model", key="--model", value=question.model, expected=f"one of {', '.join(MODELS)}",
                         nearest=nearest_match(question.model, MODELS))  # fmt: skip
    if question.runs >= 1 << 32:
        raise InputError("out of range", key="--runs", value=question.runs, expected="fewer than 2^32 runs")
    if not 0 <= question.seed < 1 << 32:
        raise InputError(
            "out of range", key="--seed", value=question.seed, expected="a whole number from 0 to 2^32 - 1"
        )
    if not question.seeds.strip():
        raise InputError("no seeds named", key="--seeds", value=question.seeds, expected=SEEDS)
    return _chance(question.p.strip())


def _chance(text: str) -> float | str:
    word, colon, name = text.partition(":")
    if text in ("weighted", "column") or (word == "column" and name.strip()):
        return text
    try:
        p = float(text)
    except ValueError:
        near = None if colon else nearest_match(text, ("weighted", "column"))
        raise InputError("not a chance", key="--p", value=text, expected=CHANCES, nearest=near) from None
    if not 0.0 <= p <= 1.0:
        raise InputError("out of range", key="--p", value=p, expected=CHANCES)
    return p


def _graph(question: Question, p: float | str) -> tuple[ImportedGraph, list[str]]:
    """The graph, and what the user should know of how it was read."""
    if question.graph == KARATE:
        import networkx as nx

        ties: nx.Graph[int] = nx.Graph(list(nx.karate_club_graph().edges()))
        graph, notes = from_networkx(ties), ["karate: Zachary's karate club, every tie both ways"]
        return graph, [*notes, "--reverse changes nothing in an undirected graph"] if question.reverse else notes
    column = p.partition(":")[2].strip() if isinstance(p, str) else ""
    graph = read_graph(Path(question.graph), directed=not question.undirected, reverse=question.reverse,
                       weight_column=column or None)  # fmt: skip
    notes = list(graph.notes)
    if graph.weights is not None and not str(p).startswith("column"):
        notes.append("the weights of the graph are not used; --p column uses them")
    if question.reverse and question.undirected:
        notes.append("--reverse changes nothing in an undirected graph")
    return graph, notes


def _seeds(question: Question, graph: ImportedGraph, net: Network) -> tuple[list[int], list[str]]:
    """The nodes that begin, in the order named or chosen, and what to know of the choice."""
    way, colon, count = question.seeds.partition(":")
    way = way.strip()
    if not colon or question.seeds.strip() in graph.names:
        return _named(question.seeds, graph), []
    if way not in CHOICES:
        raise InputError("no such choice of seeds", key="--seeds", value=question.seeds, expected=SEEDS,
                         nearest=nearest_match(way, CHOICES))  # fmt: skip
    k = whole_number("--seeds", 1)(count)
    if k > net.n_nodes:
        raise InputError("more seeds than nodes", key="--seeds", value=k, expected=f"at most {net.n_nodes}")
    if way != "greedy":
        return (random_seeds(net, k, question.seed) if way == "random" else degree_seeds(net, k)), []
    chosen = greedy_seeds(net, k, question.seed)
    sure = f"at least {chosen.guarantee:.3f} of what the best {k} would, with probability {1.0 - DOUBT}"
    return chosen.seeds, [f"greedy: these seeds spread to {sure} (two collections of {chosen.n_sets:,} reverse sets)"]


def _named(text: str, graph: ImportedGraph) -> list[int]:
    numbers = {name: node for node, name in enumerate(graph.names)}
    words = [word.strip() for word in text.split(",")]
    for at, word in enumerate(words):
        if word not in numbers:
            raise InputError("no such node", key="--seeds", value=word, expected=SEEDS,
                             nearest=nearest_match(word, graph.names))  # fmt: skip
        if word in words[:at]:
            raise InputError("a node is named twice", key="--seeds", value=word, expected="each node once")
    return [numbers[word] for word in words]


# --- what came out -----------------------------------------------------------------------------------------


def figures(made: Cascades) -> dict[str, Any]:
    """Sizes in people active at the end, seeds counted; depth in generations; undefined figures are None.

    standard_error: sd/√runs. sizes: number of runs by size. structural_virality: mean over the runs in which
    anybody but the seeds became active.
    """
    sizes = made.sizes
    several = len(sizes) > 1
    sd = float(np.std(sizes, ddof=1)) if several else None
    values, counts = np.unique(sizes, return_counts=True)
    viral = made.viralities[~np.isnan(made.viralities)]
    return {
        "mean_size": float(np.mean(sizes)),
        "standard_error": None if sd is None else sd / math.sqrt(len(sizes)),
        "sd": sd,
        "median": float(np.median(sizes)),
        "max": int(sizes.max()),
        "sizes": {str(value): int(count) for value, count in zip(values, counts, strict=True)},
        "depth": float(np.mean(made.depths)),
        "structural_virality": float(np.mean(viral)) if len(viral) else None,
    }


def _head(question: Question, graph: ImportedGraph, p: float | str) -> dict[str, Any]:
    name = question.graph if question.graph == KARATE else Path(question.graph).name
    return {"schema": SCHEMA, "command": "cascade", "graph": name, "nodes": len(graph.names),
            "arcs": len(graph.sources), "model": question.model, "p": p, "runs": question.runs}  # fmt: skip


def _digest(graph: ImportedGraph, net: Network, question: Question, seeds: Sequence[str]) -> str:
    """What decides the numbers: the network, the model, the seeds, the draws and the sources of the model."""
    state = hashlib.sha256(repr((graph.names, question.model, seeds, question.runs, question.seed)).encode())
    for part in (net.start, net.target, net.chance):
        state.update(part.tobytes())
    state.update(model_hash().encode())
    return f"{state.hexdigest()[:12]} run cascade"


def _progress(question: Question, output: Output) -> Callable[[int], None]:
    """Says on stderr every few seconds how far the runs are."""
    last = [monotonic()]

    def said(done: int) -> None:
        if monotonic() - last[0] >= SAY_EVERY and done < question.runs:
            last[0] = monotonic()
            output.say(f"{done:,} of {question.runs:,} runs")

    return said


def _print(document: dict[str, Any]) -> None:
    """A short table on standard output."""

    def told(value: float | None) -> str:
        return "-" if value is None else f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"

    names = document["seeds"]
    shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    print(f"{document['graph']}: {MODELS[document['model']]}, p {document['p']}, {document['nodes']:,} nodes, "
          f"{document['arcs']:,} arcs, {document['runs']:,} runs, seed {document['seed']}")  # fmt: skip
    print(f"seeds: {shown}")
    rows = {"mean size": "mean_size", "standard error": "standard_error", "standard deviation": "sd",
            "median size": "median", "largest size": "max", "mean depth": "depth",
            "structural virality": "structural_virality"}  # fmt: skip
    for title, key in rows.items():
        print(f"  {title:<20} {told(document[key]):>12}")
