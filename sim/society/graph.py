"""Graphs in: a file becomes the arrays of an ``ImportedGraph``. GraphML is read in ``graphml``, edge lists here.

An edge list is UTF-8 text, plain or gzip, one edge a line: source, target and perhaps more columns, separated
by commas, semicolons, tabs or spaces. Lines that begin with # or % are comments. The first line may be

- a header: it has known names (src, dst; source, target; from, to …), which also say which column is which,
  or neither of its first two fields is a number while those of all other lines are whole numbers;
- the size, "n m": see ``_first_id``, the rule that keeps an ordinary first edge from being taken for it.

What is skipped, removed or left out is said in ``ImportedGraph.notes``; what cannot be read is an InputError
with the file and the row (line of the file, from 1). pandas parses the body at once; only the first lines,
and files with a fault, are gone through line by line.

The file is long because an edge list can be wrong in many ways. It stands in the order of the work: the file
as text, what its first lines say, the body, names, arcs and notes; each part knows only the one before.
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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import InputError, nearest_match
from sim.society.graphml import from_networkx, read_graphml
from sim.society.imported import WHOLE, ImportedGraph, counted, imported_graph, name_order

__all__ = ["ImportedGraph", "from_networkx", "read_graph"]

GRAPHML = ".graphml"
SUFFIXES = (".txt", ".csv", ".tsv", ".edges", ".edgelist", ".dat", GRAPHML, "")
FORMS = "an edge list (.txt, .csv or .tsv) or GraphML (.graphml), plain or gzip; others by networkx, from Python"
SOURCE_NAMES = {"src", "source", "sourceid", "from", "fromid", "fromnode", "fromnodeid", "node1", "id1"}
TARGET_NAMES = {"dst", "dest", "target", "targetid", "to", "toid", "tonode", "tonodeid", "node2", "id2"}
WEIGHT_NAMES = {"weight", "p", "probability"}

_COLUMNS = "two columns or more, source and target, separated by a comma, semicolon, tab or space"
_SPACES = r"\s+"
_DELIMITERS = ("\t", ";", ",", _SPACES)
_SAMPLE = 200
_OTHER_FORMS = (b"<", b"{", b"%%MatrixMarket", b"*Vertices", b"graph [")
_PANDAS = tuple(int(part) for part in pd.__version__.split(".")[:2])
_EXACT: dict[str, Any] = {} if _PANDAS >= (3, 1) else {"float_precision": "round_trip"}
_LEADING_COMMENTS = re.compile(rb"(?:[ \t]*(?:[#%][^\n]*)?\n)*")
_COMMENT = re.compile(rb"^[ \t]*[#%][^\n]*", re.MULTILINE)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def read_graph(
    path: Path,
    *,
    directed: bool = True,
    reverse: bool = False,
    max_arcs: int | None = None,
    weight_column: str | None = None,
) -> ImportedGraph:
    """The graph of a file; an edge from src to dst carries influence src → dst unless ``reverse``.

    directed: False makes every edge two arcs of the same weight, as GraphML's undirected edges are in any case;
    max_arcs: most arcs accepted; weight_column: the name of the edge attribute, or in the header of the column, of
    weights (else one called weight, p or probability, else the third column, if numeric). Raises InputError for
    anything that cannot be read, and where no arc is left.
    """
    path = Path(path)
    data = _read(path)
    if _suffix(path) == GRAPHML:
        graph = read_graphml(path, data, directed=directed, reverse=reverse, weight=weight_column)
    else:
        graph = _read_edges(path, data, directed, reverse, weight_column)
    if len(graph.sources) == 0:
        raise InputError("no edges besides self-loops", file=path, expected="one edge or more")
    if max_arcs is not None and len(graph.sources) > max_arcs:
        raise InputError("too many arcs", file=path, value=len(graph.sources), expected=f"at most {max_arcs}")
    return graph


def _read_edges(path: Path, data: bytes, directed: bool, reverse: bool, weight_column: str | None) -> ImportedGraph:
    """The graph of an edge list."""
    data, notes = _without_comments(_as_text(path, data))
    layout = _layout(path, data, weight_column)
    body, size = _settle_first_row(path, _parse(path, data, layout), layout, notes)
    names, codes = _numbered(path, data, layout, body, size)
    sources, targets = codes[: len(body)], codes[len(body) :]
    weights = None if layout.weight is None else body["weight"].to_numpy(dtype=np.float64)
    notes += _column_notes(layout)
    if reverse and directed:
        sources, targets = targets, sources
        notes.append("arcs reversed: the target column influences the source column")
    return imported_graph(names, sources, targets, weights, directed, notes)


# --- the file as text --------------------------------------------------------------------------------------


def _read(path: Path) -> bytes:
    """What the file holds, unzipped. Raises InputError if it cannot be read or its name is of another form."""
    try:
        _check_path(path)
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot be read: {error}", file=path, expected=FORMS) from None


def _as_text(path: Path, data: bytes) -> bytes:
    """The same with \\n line ends. Raises InputError for what is not text in UTF-8, or another form of graph."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    _check_text(path, data)
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def _check_path(path: Path) -> None:
    if path.is_dir():
        raise InputError("is a folder", file=path, expected=FORMS)
    if not path.exists():
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        nearest = nearest_match(path.name, siblings)
        raise InputError("no such file", file=path, expected=FORMS, nearest=nearest)
    if _suffix(path) not in SUFFIXES:
        raise InputError("unknown form of graph", file=path, value=_suffix(path), expected=FORMS)


def _suffix(path: Path) -> str:
    """What the name ends in, in small letters, without .gz."""
    return Path(re.sub(r"\.gz$", "", path.name, flags=re.IGNORECASE)).suffix.lower()


def _check_text(path: Path, data: bytes) -> None:
    if b"\0" in data:
        raise InputError("is a binary file or not in UTF-8", file=path, expected=FORMS)
    if data.startswith(_OTHER_FORMS):
        start = data[:20].decode("ascii", "replace")
        raise InputError("is not an edge list", file=path, row=1, value=start, expected=FORMS)
    if not data.isascii():
        try:
            data.decode()
        except UnicodeDecodeError as error:
            row = data.count(b"\n", 0, error.start) + 1
            raise InputError("is a binary file or not in UTF-8", file=path, row=row, expected=FORMS) from None


def _without_comments(data: bytes) -> tuple[bytes, list[str]]:
    """The text with comment lines made blank, so that rows keep their numbers, and a note of how many."""
    leading = _LEADING_COMMENTS.match(data)
    end = leading.end() if leading else 0
    head, n_comments = _COMMENT.subn(b"", data[:end])
    body = data[end:]
    if b"#" in body or b"%" in body:
        body, n_more = _COMMENT.subn(b"", body)
        n_comments += n_more
    return head + body, [f"{counted(n_comments, 'comment line')} skipped"] if n_comments else []


def _lines(data: bytes) -> Iterator[tuple[int, str]]:
    """Row number and text of every line that is not blank."""
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="\n")
    return ((row, line.rstrip("\n")) for row, line in enumerate(text, 1) if line.strip(" \n"))


def _rows(data: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Row number and fields of every line that has any; a line of tabs has empty ones if tabs separate."""
    return ((row, fields) for row, line in _lines(data) if (fields := _split(line, delimiter)))


def _split(line: str, delimiter: str) -> list[str]:
    if delimiter == _SPACES:
        return re.findall(r"[^ \t]+", line)
    if '"' not in line:
        return [field.strip() for field in line.split(delimiter)]
    try:
        fields = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
        return [field.strip() for field in fields]
    except csv.Error:
        return [line]


# --- what the first lines say ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Layout:
    """How a file is to be parsed, from its first lines. Columns are counted from 0."""

    delimiter: str
    row: int
    first: list[str]
    known_header: bool
    is_header: bool
    whole_names: bool
    width: int
    source: int
    target: int
    weight: int | None

    @property
    def may_be_size(self) -> bool:
        """Whether the first row has two whole numbers where other rows have more columns."""
        return len(self.first) == 2 < self.width and all(map(_is_whole, self.first))


def _layout(path: Path, data: bytes, weight_column: str | None) -> _Layout:
    """The layout that most first lines agree on. Raises InputError for the first line that does not."""
    lines = [line for _, line in itertools.islice(_lines(data), _SAMPLE) if line.strip()]
    if not lines:
        raise InputError("no edges: the file is empty or all comments", file=path, expected=_COLUMNS)
    delimiter = _delimiter(lines)
    if delimiter != _SPACES:
        _check_quotes(path, data, delimiter)
    rows = list(itertools.islice(_rows(data, delimiter), _SAMPLE))
    first, others = rows[0][1], [fields for _, fields in rows[1:]]
    source, target = _position(first, SOURCE_NAMES), _position(first, TARGET_NAMES)
    known = source is not None and target is not None
    if source is None or target is None:
        source, target = 0, 1
    whole = bool(others) and all(_is_whole(name) for fields in others for name in fields[:2])
    header = known or (whole and len(first) > 1 and not any(_NUMBER.fullmatch(name) for name in first[:2]))
    if header and not others:
        raise InputError("no edges: the file has only a header", file=path, expected=_COLUMNS)
    whole = whole and (header or all(map(_is_whole, first[:2])))
    widths = Counter(len(fields) for _, fields in rows)
    width = max(widths, key=lambda columns: (widths[columns], columns))
    edges = [fields for fields in (others if header else [first, *others]) if len(fields) == width]
    weight = _weight_position(path, first if header else [], edges, {source, target}, weight_column)
    layout = _Layout(delimiter, rows[0][0], first, known, header, whole, width, source, target, weight)
    _check_rows(path, rows, layout)
    return layout


def _check_quotes(path: Path, data: bytes, delimiter: str) -> None:
    """A quoted name ends on its own line. Raises InputError for the first line where one is left open."""
    if b'"' not in data:
        return
    for row, line in _lines(data):
        if '"' in line and _leaves_quote_open(line, delimiter):
            raise InputError("a quotation mark is missing", file=path, row=row, value=line[:80],
                             expected="quotation marks in pairs")  # fmt: skip


def _leaves_quote_open(line: str, delimiter: str) -> bool:
    reader = csv.reader([line, ""], delimiter=delimiter, skipinitialspace=True)
    try:
        next(reader)
    except csv.Error:
        return True
    return reader.line_num > 1


def _delimiter(lines: Sequence[str]) -> str:
    """The separator that splits most lines; tabs mixed with spaces between numbers count as spaces."""
    best = max(_DELIMITERS, key=lambda delimiter: sum(len(_split(line, delimiter)) > 1 for line in lines))
    if best == "\t" and any(" " in field for line in lines for field in _split(line, best)):
        all_numbers = all(_NUMBER.fullmatch(field) for line in lines[1:] for field in line.split())
        return _SPACES if all_numbers else best
    return best


def _position(fields: Sequence[str], known: Iterable[str]) -> int | None:
    """Where one of the known names stands in a header; case, spaces, - and _ are ignored."""
    plain = [re.sub(r"[\s_-]", "", field).lower() for field in fields]
    return next((k for k, field in enumerate(plain) if field in known), None)


def _weight_position(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], taken: set[int], wanted: str | None
) -> int | None:
    """The column wanted, else one with a known name, else the third; None if that is not numeric."""
    if wanted is not None:
        if wanted not in header or list(header).index(wanted) in taken:
            raise InputError("no such column", file=path, key="weight column", value=wanted,
                             expected=f"one of {', '.join(header)}" if header else "a file with a header",
                             nearest=nearest_match(wanted, header))  # fmt: skip
        return list(header).index(wanted)
    column = _position(header, WEIGHT_NAMES)
    column = 2 if column is None else column
    numeric = any(len(fields) > column and _NUMBER.fullmatch(fields[column]) for fields in rows)
    return column if numeric and column not in taken else None


def _check_rows(path: Path, rows: Iterable[tuple[int, list[str]]], layout: _Layout, whole: bool = False) -> None:
    """Raise InputError for the first row that does not fit; ``whole``: all names must be whole numbers."""
    for row, fields in rows:
        if row == layout.row and layout.may_be_size:
            continue
        if len(fields) < 2:
            raise InputError("only one column", file=path, row=row, value=fields[0][:80], expected=_COLUMNS)
        if len(fields) != layout.width:
            raise InputError("unequal lines", file=path, row=row, value=f"{len(fields)} columns",
                             expected=f"{layout.width} columns, as in other lines")  # fmt: skip
        if row == layout.row and layout.is_header:
            continue
        for name in (fields[layout.source], fields[layout.target]):
            if not name:
                raise InputError("a node's name is missing", file=path, row=row, expected=_COLUMNS)
            if whole and not WHOLE.fullmatch(name):
                raise InputError("not a whole number, though most node names are", file=path, row=row,
                                 value=name[:80], expected="whole numbers, or names, throughout")  # fmt: skip
        weight = "0" if layout.weight is None else fields[layout.weight]
        if not _NUMBER.fullmatch(weight) or not math.isfinite(float(weight)):
            key = _column_name(layout, layout.weight)
            raise InputError("not a finite number", file=path, row=row, key=key, value=weight[:80],
                             expected="a number, as in other lines")  # fmt: skip


# --- the body ----------------------------------------------------------------------------------------------


def _parse(path: Path, data: bytes, layout: _Layout) -> pd.DataFrame:
    """Columns source, target and perhaps weight of all rows but the first; names int64 or text."""
    if layout.whole_names and not _has_leading_zero(data):
        body = _read_table(path, data, layout, {})
        if _has_whole_names(body):
            return body
    return _read_table(path, data, layout, {layout.source: object, layout.target: object})


def _read_table(path: Path, data: bytes, layout: _Layout, types: dict[int, Any]) -> pd.DataFrame:
    """pandas.read_csv from the second row on. Raises InputError for the first row that it cannot take."""
    columns = {layout.source: "source", layout.target: "target"}
    if layout.weight is not None:
        columns, types = columns | {layout.weight: "weight"}, types | {layout.weight: np.float64}
    try:
        table: pd.DataFrame = pd.read_csv(
            io.BytesIO(data), sep=layout.delimiter, header=None, names=list(range(layout.width)), dtype=types,
            skiprows=layout.row, index_col=False, na_filter=False, skipinitialspace=True, low_memory=False,
            quoting=csv.QUOTE_NONE if layout.delimiter == _SPACES else csv.QUOTE_MINIMAL,
            engine="c", encoding="utf-8", **_EXACT,
        )  # fmt: skip
        last = layout.width - 1
        if last not in columns and bool(table[last].eq("").any()):  # empty, or filled in by pandas
            _check_rows(path, _rows(data, layout.delimiter), layout)
        body: pd.DataFrame = table[list(columns)].rename(columns=columns)
        if layout.weight is None or bool(np.isfinite(body["weight"]).all()):
            return body
        cause = "a weight is not finite"
    except (ValueError, OverflowError) as error:
        cause = str(error).strip()
    _check_rows(path, _rows(data, layout.delimiter), layout)
    raise InputError(f"cannot be parsed: {cause}", file=path, expected=_COLUMNS)


def _settle_first_row(
    path: Path, body: pd.DataFrame, layout: _Layout, notes: list[str]
) -> tuple[pd.DataFrame, tuple[int, int] | None]:
    """The rows that are edges, and (first id, n) if the first row is the size and not an edge or a header."""
    first, whole = layout.first, _has_whole_names(body)
    if layout.known_header or (layout.is_header and whole):
        notes.append(f"header line skipped: {','.join(first)}")
        return body, None
    if whole and len(first) == 2 and layout.whole_names:
        n, m = int(first[0]), int(first[1])
        lowest = _first_id(n, m, body, layout.width)
        if lowest is not None:
            notes.append(f"first line read as 'n m': {n} nodes, {m} edges")
            return body, (lowest, n)
        if m == len(body) and n >= body[["source", "target"]].to_numpy().max():
            notes.append(f"first line '{n} {m}' read as an edge and not as 'n m', though {m} lines follow")
    if len(first) != layout.width:
        raise InputError("two columns that do not fit as 'n m' either", file=path, row=layout.row,
                         value=" ".join(first), expected=f"{layout.width} columns, as in other lines, or "
                         f"m = {len(body)} edges and node ids below n")  # fmt: skip
    _check_rows(path, [(layout.row, first)], layout)
    edge = pd.DataFrame({"source": [first[layout.source]], "target": [first[layout.target]]}, dtype=object)
    if layout.weight is not None:
        edge["weight"] = float(first[layout.weight])
    edge = edge.astype({"source": np.int64, "target": np.int64}) if whole else edge
    return (pd.concat([edge, body], ignore_index=True) if len(body) else edge), None


def _first_id(n: int, m: int, body: pd.DataFrame, width: int) -> int | None:
    """The lowest node id, 0 or 1, if a first line "n m" of two whole numbers states the size; else None.

    It does if exactly m >= 1 lines follow and all their ids lie in 0..n-1, or in 1..n. Where these lines have
    three columns or more, that is all. Where they have two, the first line could be an edge: from n, an id
    above all others, to m, by chance the number of other lines. So it is taken for an edge

    - with ids in 0..n-1, if m < n and the whole file falls: every line leads from a higher to a lower id and
      the sources never rise (5 4, 4 3, 3 2, 2 1, 1 0);
    - with ids in 1..n, if m <= n: both n and m are then ordinary ids.
    """
    if m != len(body) or m < 1 or n > np.iinfo(np.int32).max:
        return None
    sources, targets = body["source"].to_numpy(), body["target"].to_numpy()
    lowest, highest = min(sources.min(), targets.min()), max(sources.max(), targets.max())
    if lowest >= 0 and highest < n:
        falling = bool(np.all(sources > targets) and np.all(np.diff(sources) <= 0))
        return None if width == 2 and m < n and falling else 0
    if lowest >= 1 and highest == n and (width > 2 or m > n):
        return 1
    return None


# --- names -------------------------------------------------------------------------------------------------


def _numbered(
    path: Path, data: bytes, layout: _Layout, body: pd.DataFrame, size: tuple[int, int] | None
) -> tuple[list[str], NDArray[np.int64]]:
    """Sorted names and the node index of every source, then of every target: (2 * edges,)."""
    ends = np.concatenate([body["source"].to_numpy(), body["target"].to_numpy()])
    if size is not None:
        lowest, n = size
        return [str(i) for i in range(lowest, lowest + n)], ends - lowest
    if _has_whole_names(body):
        codes, found = pd.factorize(ends, sort=True)
        return [str(i) for i in found.tolist()], codes.astype(np.int64)
    codes, found = pd.factorize(ends)
    merged, distinct = pd.factorize(np.array([name.strip() for name in found], dtype=object))
    names = [str(name) for name in distinct]
    _check_names(path, data, layout, names)
    order = name_order(names)
    return [names[i] for i in order], np.argsort(order)[merged[codes]]


def _check_names(path: Path, data: bytes, layout: _Layout, names: Sequence[str]) -> None:
    """Names are whole numbers or text; where most are numbers, all must be. Raises InputError if not."""
    whole = 2 * sum(_NUMBER.fullmatch(name) is not None for name in names) > len(names)
    if "" in names or (whole and not all(map(WHOLE.fullmatch, names))):
        _check_rows(path, _rows(data, layout.delimiter), layout, whole)


def _is_whole(text: str) -> bool:
    return WHOLE.fullmatch(text) is not None and abs(int(text)) <= np.iinfo(np.int64).max


def _has_whole_names(body: pd.DataFrame) -> bool:
    return bool(body["source"].dtype == np.int64 and body["target"].dtype == np.int64)


def _has_leading_zero(data: bytes) -> bool:
    """Whether a field begins with 0 and another digit: then 007 is a name and must not become 7."""
    text = np.frombuffer(b"\n" + data + b"\n", dtype=np.uint8)
    begins = (text[:-2] < ord("-")) | (text[:-2] == ord(";"))
    return bool(np.any(begins & (text[1:-1] == ord("0")) & (text[2:] - np.uint8(ord("0")) < 10)))


# --- arcs and notes ----------------------------------------------------------------------------------------


def _column_name(layout: _Layout, column: int | None) -> str:
    position = column or 0
    return f"column {layout.first[position] if layout.is_header else position + 1}"


def _column_notes(layout: _Layout) -> list[str]:
    """Which columns were taken for what, where that is not plain, and which were left out."""
    notes = []
    if (layout.source, layout.target) != (0, 1):
        source, target = (_column_name(layout, k) for k in (layout.source, layout.target))
        notes.append(f"edges lead from {source} to {target}")
    if layout.weight is not None:
        notes.append(f"weights read from {_column_name(layout, layout.weight)}")
    used = (layout.source, layout.target, layout.weight)
    for k in sorted(set(range(layout.width)).difference(used)):
        reason = " because it is not numeric" if k == 2 and layout.weight is None else ""
        notes.append(f"{_column_name(layout, k)} left out{reason}")
    return notes
