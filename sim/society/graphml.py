"""GraphML and networkx graphs in: nodes by their ids, arcs, an edge attribute as weight, niche and region of nodes.

GraphML is what networkx, Gephi, igraph and yEd write (Brandes et al., "GraphML progress report", GD 2001). The file
says whether its edges are directed (``edgedefault``); undirected ones carry influence both ways. The node attributes
``niche`` and ``region`` say where a person belongs. All other attributes but the weight are left out; a note says so.
"""

from __future__ import annotations

import io
import math
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError, nearest_match
from sim.society.imported import ImportedGraph, counted, imported_graph, name_order

if TYPE_CHECKING:
    import networkx as nx

WEIGHTS = ("weight", "p", "probability")
PLACES = ("niche", "region")
LABELS = ("label", "name")
FORM = "GraphML as networkx, Gephi, igraph or yEd write it"
EDGE_ID = "id"
NO_PLACE = -1


def read_graphml(
    path: Path, data: bytes, *, directed: bool = True, reverse: bool = False, weight: str | None = None
) -> ImportedGraph:
    """The graph of a GraphML file with these contents; options as in ``from_networkx``. Raises InputError."""
    try:
        graph = _parsed(data)
        imported = from_networkx(graph, directed=directed, reverse=reverse, weight=weight)
    except InputError as error:
        error.file = str(path)
        raise
    if graph.is_directed() or not directed:
        return imported
    more = ["edges are undirected: each carries influence both ways"]
    more += ["reverse changes nothing in an undirected graph"] if reverse else []
    return replace(imported, notes=(*imported.notes, *more))


def _parsed(data: bytes) -> nx.Graph[Any]:
    """The networkx graph, parallel edges kept. Raises InputError, with the row where the XML breaks off."""
    from xml.etree.ElementTree import ParseError

    import networkx as nx

    if not data.strip():
        raise InputError("is empty", expected=FORM)
    read: Any = nx.read_graphml
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            graph: nx.Graph[Any] = read(io.BytesIO(data), node_type=_identifier, force_multigraph=True)
    except ParseError as error:
        raise InputError(f"is not XML: {error}", row=error.position[0], expected=FORM) from None
    except (nx.NetworkXError, ValueError, KeyError, TypeError, AttributeError, LookupError, RecursionError) as error:
        cause = f"no attribute type or value {error}" if isinstance(error, KeyError) else str(error)
        raise InputError(f"is not GraphML that can be read: {cause}"[:200], expected=FORM) from None
    for attributes, defaults in ((graph.nodes, "node_default"), (graph.edges, "edge_default")):
        for name, value in graph.graph.get(defaults, {}).items():
            for _, own in ((key, attributes[key]) for key in attributes):
                own.setdefault(name, value)
    return graph


def _identifier(text: str | None) -> str:
    if text is None:
        raise InputError("a node or an end of an edge has no id", expected='<node id="…"/>, <edge source="…" …/>')
    return text


def from_networkx(
    graph: nx.Graph[Any], *, directed: bool = True, reverse: bool = False, weight: str | None = None
) -> ImportedGraph:
    """A networkx graph: a DiGraph's arcs as they are, a Graph's edges both ways, parallel edges once.

    directed: False takes a DiGraph's arcs both ways too; reverse turns them round. Nodes are named by str(). weight:
    the edge attribute of weights, else "weight", "p" or "probability" if all edges have it. Raises InputError for
    nodes of the same name, weights that are not finite numbers, and no edges.
    """
    names = [str(node) for node in graph.nodes]
    name, count = Counter(names).most_common(1)[0] if names else ("", 0)
    if count > 1:
        raise InputError("two nodes have the same name", value=name, expected="names that differ as text")
    order = name_order(names)
    rank = dict(zip(graph.nodes, np.argsort(order).tolist(), strict=True))
    edges = list(graph.edges(data=True))
    ends = np.array([(rank[u], rank[v]) for u, v, _ in edges], dtype=np.int64).reshape(-1, 2)
    weights, notes = _weights([(f"{u} to {v}", attributes) for u, v, attributes in edges], weight)
    sources, targets = ends[:, 0], ends[:, 1]
    if reverse and directed and graph.is_directed():
        sources, targets = targets, sources
        notes.append("arcs reversed: the target of an edge influences its source")
    places, more = _places([attributes for _, attributes in graph.nodes(data=True)], order)
    imported = imported_graph([names[i] for i in order], sources, targets, weights, directed and graph.is_directed(),
                              [*notes, *more], places)  # fmt: skip
    if len(imported.sources) == 0:
        raise InputError("the graph has no edges besides self-loops", expected="one edge or more")
    return imported


def _weights(
    edges: Sequence[tuple[str, Mapping[str, Any]]], wanted: str | None
) -> tuple[NDArray[np.float64] | None, list[str]]:
    """The weights of the edges in words, from the attribute wanted or the first known one that all edges have."""
    having = Counter(name for _, attributes in edges for name in attributes)
    if wanted is not None and not having[wanted]:
        known = sorted(set(having) - {EDGE_ID})
        expected = f"one of {', '.join(known)}" if known else "a graph whose edges have attributes"
        raise InputError("no such edge attribute", key="weight column", value=wanted, expected=expected,
                         nearest=nearest_match(wanted, known))  # fmt: skip
    notes: list[str] = []
    for name in WEIGHTS if wanted is None else (wanted,):
        if wanted is not None or having[name] == len(edges) > 0:
            weights = np.array([_weight(name, *edge) for edge in edges], dtype=np.float64)
            notes.append(f"weights read from edge attribute {name}")
            return weights, notes + _left_out("edge", set(having) - {name, EDGE_ID, *WEIGHTS})
        if having[name]:
            notes.append(f"edge attribute {name} left out: {having[name]} of {len(edges)} edges have it")
    return None, notes + _left_out("edge", set(having) - {EDGE_ID, *WEIGHTS})


def _left_out(of: str, names: set[str]) -> list[str]:
    ordered = sorted(map(str, names))
    return [f"{of} attribute{'s' if len(names) > 1 else ''} left out: {', '.join(ordered)}"] if names else []


def _weight(name: str, edge: str, attributes: Mapping[str, Any]) -> float:
    value = attributes.get(name)
    try:
        number = math.nan if isinstance(value, bool) or value is None else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"not a finite number (edge from {edge})", key=f"edge attribute {name}",
                         value="missing" if value is None else value, expected="a number on every edge")  # fmt: skip
    return number


def _places(
    attributes: Sequence[Mapping[str, Any]], order: Sequence[int]
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Niche and region of the nodes in their order, of those that have any, and what was left out."""
    having = Counter(name for own in attributes for name in own)
    places, notes = {}, []
    for key in PLACES:
        if having[key]:
            values = [str(own.get(key, "")).strip() for own in attributes]
            places[key] = tuple(values[i] for i in order)
            notes.append(f"{key} read from the attribute of {counted(sum(map(bool, values)), 'node')}")
    label = next((name for name in LABELS if having[name]), None)
    if label:
        notes.append(f"nodes are named by their ids, not by their {label}")
    return places, notes + _left_out("node", set(having) - {*PLACES, *LABELS})


def place_numbers(
    graph: ImportedGraph, key: str, known: Sequence[str], file: Path | None = None
) -> NDArray[np.int16] | None:
    """The number of each node's niche or region (``key``), NO_PLACE where it has none; None if no node has one.

    known: names by number, matched without regard to case. Raises InputError for another name.
    """
    if key not in graph.places:
        return None
    numbers = {name.casefold(): number for number, name in enumerate(known)} | {"": NO_PLACE}
    found = np.empty(len(graph.names), dtype=np.int16)
    for node, value in enumerate(graph.places[key]):
        if value.casefold() not in numbers:
            raise InputError(f"unknown {key} (node {graph.names[node]})", file=file, key=f"node attribute {key}",
                             value=value, expected=f"one of market.{key}s: {', '.join(known)}",
                             nearest=nearest_match(value, known))  # fmt: skip
        found[node] = numbers[value.casefold()]
    return found
