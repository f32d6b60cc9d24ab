"""Graphs in: an edge list or a networkx graph becomes the arrays of an ``ImportedGraph``.

An edge list is UTF-8 text, plain or gzip, one arc a line: source, target and perhaps more columns, separated
by commas, semicolons, tabs or spaces. Lines that begin with # or % are comments. The first line may be

- a header: its names are known ones (src, dst; source, target; from, to …), or neither of its first two fields
  is a number while those of all other lines are whole numbers. Known names also say which column is which;
- the size, "n m": see ``_first_id``, the rule that keeps an ordinary first edge from being taken for it.

What is skipped, removed or left out is said in ``ImportedGraph.notes``; what cannot be read is an InputError
with the file and the row (line of the file, from 1). pandas parses the body at once; only the first lines,
and files with a fault, are gone through line by line.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import InputError, nearest_match

if TYPE_CHECKING:
    import networkx as nx

SUFFIXES = (".txt", ".csv", ".tsv", ".edges", ".edgelist", ".dat", "")
FORMS = "an edge list (.txt, .csv or .tsv, plain or gzip); GraphML and others by way of networkx, from Python"
SOURCE_NAMES = {"src", "source", "sourceid", "from", "fromid", "fromnode", "fromnodeid", "node1", "id1"}
TARGET_NAMES = {"dst", "dest", "target", "targetid", "to", "toid", "tonode", "tonodeid", "node2", "id2"}
WEIGHT_NAMES = {"weight", "p", "probability"}

_TWO_COLUMNS = "two columns or more, source and target, separated by a comma, semicolon, tab or space"
_SPACES = r"\s+"
_DELIMITERS = ("\t", ";", ",", _SPACES)
_SAMPLE = 200
_OTHER_FORMS = {b"<": "XML", b"{": "JSON", b"%%MatrixMarket": "Matrix Market", b"*Vertices": "Pajek", b"graph [": "GML"}
_LEADING_COMMENTS = re.compile(rb"(?:[ \t]*(?:[#%][^\n]*)?\n)*")
_COMMENT = re.compile(rb"^[ \t]*[#%][^\n]*", re.MULTILINE)
_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ImportedGraph:
    """A directed graph as arrays: arc k carries influence from node sources[k] to node targets[k].

    names: as in the file, index = node, sorted (as numbers if all are whole numbers); sources, targets (arcs,):
    sorted by source, then target, without self-loops and duplicates; targets[k] follows sources[k];
    weights (arcs,) or None; n_self_loops, n_duplicates: edges of the file removed; notes: sentences for users.
    """

    names: tuple[str, ...]
    sources: NDArray[np.int32]
    targets: NDArray[np.int32]
    weights: Real | None
    n_self_loops: int
    n_duplicates: int
    notes: tuple[str, ...]

    @property
    def n_nodes(self) -> int:
        """Number of nodes, isolated ones included."""
        return len(self.names)

    @property
    def n_arcs(self) -> int:
        """Number of arcs; an undirected edge is two."""
        return len(self.sources)


def read_graph(
    path: Path,
    *,
    directed: bool = True,
    reverse: bool = False,
    max_arcs: int | None = None,
    weight_column: str | None = None,
) -> ImportedGraph:
    """The graph of an edge list; a line src,dst carries influence src → dst unless ``reverse``.

    directed: False makes every edge two arcs of the same weight; max_arcs: most arcs accepted; weight_column:
    name, in the header, of the column of weights (otherwise one called weight, p or probability, otherwise the
    third, if numeric). Raises InputError for anything that cannot be read, and where no arc is left.
    """
    path = Path(path)
    data, notes = _without_comments(_read_text(path))
    layout = _layout(path, data, weight_column)
    body = _parse(path, data, layout)
    body, size = _settle_first_row(path, body, layout, notes)
    names, codes = _numbered(path, data, layout, body, size)
    sources, targets = codes[: len(body)], codes[len(body) :]
    weights = None if layout.weight is None else body["weight"].to_numpy(dtype=np.float64)
    notes += _column_notes(layout)
    if reverse and directed:
        sources, targets = targets, sources
        notes.append("arcs reversed: the second column influences the first")
    graph = _graph(names, sources, targets, weights, directed, notes)
    if graph.n_arcs == 0:
        raise InputError("no edges besides self-loops", file=path, expected="one edge or more")
    if max_arcs is not None and graph.n_arcs > max_arcs:
        raise InputError("too many arcs", file=path, value=graph.n_arcs, expected=f"at most {max_arcs:,}")
    return graph


def from_networkx(graph: nx.Graph[Any]) -> ImportedGraph:
    """A networkx graph: a DiGraph's arcs as they are, a Graph's edges both ways, parallel edges counted once.

    Nodes are named by str(); weights come from the edge attribute "weight", else "p", if all edges have it.
    Raises InputError for nodes of the same name, weights that are not finite numbers, and no edges.
    """
    nodes = [str(node) for node in graph.nodes]
    twice = [name for name, count in Counter(nodes).items() if count > 1]
    if twice:
        raise InputError("two nodes have the same name", value=twice[0], expected="nodes that differ as text")
    order = _name_order(nodes)
    rank = {node: 0 for node in graph.nodes}
    for position, node in zip(np.argsort(order).tolist(), rank, strict=True):
        rank[node] = position
    edges = list(graph.edges(data=True))
    sources = np.array([rank[u] for u, _, _ in edges], dtype=np.int64)
    targets = np.array([rank[v] for _, v, _ in edges], dtype=np.int64)
    weights, notes = _edge_attribute([data for _, _, data in edges])
    names = [nodes[i] for i in order]
    imported = _graph(names, sources, targets, weights, graph.is_directed(), notes)
    if imported.n_arcs == 0:
        raise InputError("the graph has no edges", expected="one edge or more besides self-loops")
    return imported


# --- the file as text --------------------------------------------------------------------------------------


def _read_text(path: Path) -> bytes:
    """The file's text, unzipped, with \\n line ends. Raises InputError for what is no text of a known form."""
    if path.is_dir():
        raise InputError("is a folder", file=path, expected=FORMS)
    if not path.exists():
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise InputError("no such file", file=path, expected=FORMS, nearest=nearest_match(path.name, siblings))
    suffix = Path(re.sub(r"\.gz$", "", path.name, flags=re.IGNORECASE)).suffix
    if suffix.lower() not in SUFFIXES:
        raise InputError("unknown form of graph", file=path, value=suffix, expected=FORMS)
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot be read: {error}", file=path, expected=FORMS) from None
    data = data.removeprefix(b"\xef\xbb\xbf")
    _check_text(path, data)
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def _check_text(path: Path, data: bytes) -> None:
    if b"\0" in data:
        raise InputError("is a binary file, or not in UTF-8", file=path, expected=FORMS)
    for start, form in _OTHER_FORMS.items():
        if data.startswith(start):
            raise InputError(f"looks like {form}", file=path, expected=FORMS)
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError as error:
            row = data.count(b"\n", 0, error.start) + 1
            raise InputError("is not text in UTF-8", file=path, row=row, expected="UTF-8") from None


def _without_comments(data: bytes) -> tuple[bytes, list[str]]:
    """The text with comment lines made blank, so that rows keep their numbers, and a note of how many."""
    leading = _LEADING_COMMENTS.match(data)
    end = leading.end() if leading else 0
    _, n_comments = _COMMENT.subn(b"", data[:end])
    body = data[end:]
    if b"#" in body or b"%" in body:
        body, more = _COMMENT.subn(b"", body)
        n_comments += more
    notes = [f"{_count(n_comments, 'comment line')} skipped"] if n_comments else []
    return b"\n" * data.count(b"\n", 0, end) + body, notes


def _rows(data: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Row number and fields of every line that is not blank."""
    for row, line in enumerate(io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="\n"), 1):
        if line.strip():
            yield row, _split(line.strip("\n"), delimiter)


def _split(line: str, delimiter: str) -> list[str]:
    if delimiter == _SPACES:
        return line.split()
    if '"' not in line:
        return [field.strip() for field in line.split(delimiter)]
    try:
        return [field.strip() for field in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))]
    except csv.Error:
        return [line]


# --- what the first lines say ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layout:
    """How a file is to be parsed, from its first lines. Columns are counted from 0."""

    delimiter: str
    row: int
    first: list[str]
    is_header: bool
    known_header: bool
    width: int
    source: int
    target: int
    weight: int | None
    whole_names: bool


def _layout(path: Path, data: bytes, weight_column: str | None) -> _Layout:
    """The layout that most of the first lines agree on. Raises InputError for the first line that does not."""
    delimiter = _delimiter([line for _, (line,) in itertools.islice(_rows(data, "\n"), _SAMPLE)])
    rows = list(itertools.islice(_rows(data, delimiter), _SAMPLE))
    if not rows:
        raise InputError("no edges: the file is empty or has only comments", file=path, expected=FORMS)
    row, first = rows[0]
    others = [fields for _, fields in rows[1:]]
    whole = bool(others) and all(_is_whole(name) for fields in others for name in fields[:2])
    known = _position(first, SOURCE_NAMES) is not None and _position(first, TARGET_NAMES) is not None
    is_header = known or (whole and not any(_NUMBER.fullmatch(name) for name in first[:2]))
    if is_header and not others:
        raise InputError("no edges: the file has only a header", file=path, expected="one edge or more")
    width = Counter(len(fields) for fields in others or [first]).most_common(1)[0][0]
    whole = whole and (is_header or all(_is_whole(name) for name in first[:2]))
    source, target = (_position(first, SOURCE_NAMES), _position(first, TARGET_NAMES)) if known else (0, 1)
    header = first if is_header else []
    weight = _weight_position(path, header, others or [first], (source or 0, target or 0), weight_column)
    layout = _Layout(delimiter, row, first, is_header, known, width, source or 0, target or 0, weight, whole)
    _raise_first_fault(path, rows, layout)
    return layout


def _delimiter(lines: Sequence[str]) -> str:
    """The separator that splits most lines; tabs beside spaces between numbers count as spaces."""

    def n_split(delimiter: str) -> int:
        return sum(len(_split(line, delimiter)) > 1 for line in lines)

    best = max(_DELIMITERS, key=n_split)
    if best == "\t" and any(" " in field for line in lines for field in _split(line, best)):
        numbers = all(_NUMBER.fullmatch(field) for line in lines[1:] for field in line.split())
        return _SPACES if numbers else best
    return best
