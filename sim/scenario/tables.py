"""Tables as people have them: a CSV file of any encoding and delimiter, its headers, its rows.

Headers are matched to columns without regard to case, spaces, underscores and hyphens; a unit in a header ("er (%)",
"fee (USD)") and a platform ("IG followers") are understood. Numbers in cells are read by sim.scenario.numbers.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import gzip
import io
import math
import re
import unicodedata
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from sim.errors import InputError, nearest_match
from sim.scenario.numbers import CURRENCIES, INVISIBLE, Kind, clean_text, read_column

_PERCENT = frozenset({"%", "pct", "percent", "percentage"})
_PLATFORMS = frozenset(
    ("instagram", "insta", "ig", "tiktok", "youtube", "yt", "twitter", "facebook", "fb", "twitch", "threads")
)
_WORD = re.compile(r"[a-z]{1,2}\$|[^\W_]+|[%$€£¥₹₺₩]")
NO_HANDLE = re.compile(r"|-|n/a|#n/a|#(name\?|ref!|value!|div/0!|null!|num!)")  # as spreadsheets leave them
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


class Column(NamedTuple):
    """One column: its other names (letters only), kind of number (None = text), bounds, range in practice."""

    aliases: str
    expected: str
    kind: Kind | None = None
    low: float = 0.0
    high: float = math.inf
    usual: tuple[float, float] = (0.0, math.inf)


class Heading(NamedTuple):
    """A header: as the file names it, the column it means (None = not used), and the unit it carries."""

    name: str
    column: str | None
    percent: bool = False
    currency: str | None = None


@dataclass(frozen=True)
class Columns:
    """The columns that a kind of table may have, by name."""

    columns: Mapping[str, Column]

    @cached_property
    def names(self) -> dict[str, str]:
        """The column that each name and alias, letters only, stands for."""
        aliases = {alias: name for name, column in self.columns.items() for alias in column.aliases.split()}
        return {name.replace("_", ""): name for name in self.columns} | aliases

    def heading(self, header: str, number: int = 0) -> Heading:
        """What the header of the ``number``-th column means."""
        words = _WORD.findall(clean_text(header).casefold())
        percent = not _PERCENT.isdisjoint(words)
        currency = next((CURRENCIES[word] for word in words if word in CURRENCIES), None)
        units = _PERCENT | CURRENCIES.keys() | _PLATFORMS
        column = self.names.get("".join(word for word in words if word not in units))
        kind = self.columns[column].kind if column else None
        if (percent and kind is not Kind.SHARE) or (currency and kind is not Kind.MONEY):
            column = None
        return Heading(" ".join(header.split()) or f"column {number} (no name)", column, percent, currency)


class Table(NamedTuple):
    """A file as it was read: where its header stands, the headings, the other rows by their lines, and notes."""

    header_line: int
    headings: Sequence[Heading]
    rows: dict[int, Sequence[object]]
    notes: Sequence[str]


def read_table(path: Path, columns: Columns, what: str) -> Table:
    """Reads CSV with , ; tab or | between cells, plain or gzip, the header first. what: a row tells of.

    Raises InputError for a file that cannot be read as such.
    """
    text, notes = _text(path)
    records = _records(text, columns, path)
    header_line, headers = next(records, (0, []))
    if not headers:
        raise InputError("an empty file", file=path, expected=f"a header line, and a line for each {what}")
    rows = dict[int, Sequence[object]](records)
    if not rows:
        raise InputError(f"a header without {what}s", file=path, expected=f"a line for each {what}")
    headings = [columns.heading(header, number) for number, header in enumerate(headers, 1)]
    return Table(header_line, headings, rows, notes)


@dataclass(kw_only=True)
class CheckedTable:
    """A table while it is checked column by column, with the problems and notes found on the way.

    rows: cells by line number. prefix: of the keys in problems, where the table is no file. places: position of each
    column found.
    """

    columns: Columns
    headings: Sequence[Heading]
    rows: dict[int, Sequence[object]]
    file: object
    prefix: str = ""
    header_line: int = 0
    problems: list[InputError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def problem(self, row: int, column: str, message: str, value: object = None, **details: str | None) -> None:
        """Adds a problem of a row and a column, under the name that the file gives to the column."""
        key = self.prefix + (self.name(column) if column in self.places else column)
        details["expected"] = details.get("expected") or self.columns.columns[column].expected
        shown = value[:80] if isinstance(value, str) else value
        self.problems.append(InputError(message, file=self.file, key=key, row=row or None, value=shown, **details))

    def note(self, rows: Sequence[int], text: str) -> None:
        """Adds a note on rows, if there are any."""
        if rows:
            self.notes.append(f"{row_list(rows)}: {text}")

    def name(self, column: str) -> str:
        """What the file calls a column."""
        return self.headings[self.places[column]].name

    def cells(self, column: str) -> dict[int, object]:
        """The cells of a column by row; none where there is no such column."""
        place = self.places.get(column, len(self.headings))
        return {row: cells[place] for row, cells in self.rows.items() if place < len(cells)}

    def find_columns(self, ignored: Collection[str] = ()) -> list[str]:
        """Places each column, of which two of one meaning are a problem; the headings that are not used."""
        unused = []
        for place, heading in enumerate(self.headings):
            column = heading.column
            if column is None or column in ignored:
                unused.append(heading.name)
            elif column in self.places:
                both = f"{self.name(column)!r} and {heading.name!r} both mean {column}"
                self.problem(self.header_line, column, both, expected=f"one column for {column}")
            else:
                self.places[column] = place
        return unused

    def check_lengths(self) -> None:
        """A row with cells beyond the headers cannot be read."""
        width = len(self.headings)
        for row, cells in list(self.rows.items()):
            extra = [str(cell) for cell in cells[width:] if str(cell).strip()]
            if extra:
                expected = "a cell for each header; quotes around a cell that holds the delimiter"
                self.problems.append(InputError(f"{len(cells)} cells under {width} headers", file=self.file, row=row,
                                                value=extra[0][:80], expected=expected))  # fmt: skip
                del self.rows[row]

    def numbers(self, column: str, required: bool = False) -> dict[int, float]:
        """The numbers of a column within its bounds, by row."""
        if column not in self.places:
            return {}
        asked, heading, cells = self.columns.columns[column], self.headings[self.places[column]], self.cells(column)
        kind, alone = asked.kind or Kind.AMOUNT, bool(self.prefix)
        reading = read_column(cells, kind, heading.percent, heading.currency, asked.usual, alone)
        for fault in reading.faults:
            self.problem(fault.row, column, fault.message, cells[fault.row], expected=fault.expected)
        if required:
            for row in self.rows.keys() - reading.values.keys() - {fault.row for fault in reading.faults}:
                self.problem(row, column, f"no {column}", cells.get(row))
        for row in [row for row, value in reading.values.items() if not asked.low <= value <= asked.high]:
            self.problem(row, column, "out of range", cells[row])
            del reading.values[row]
        for note in reading.notes:
            self.note(note.rows, f"{heading.name} {note.text}")
        return reading.values


def _text(path: Path) -> tuple[str, list[str]]:
    """The text of a file, plain or gzip: UTF-8, UTF-16 with its mark, or else (noted) Western European."""
    data = _read_bytes(path)
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text, used = None, ""
    for used in ("utf-16",) if marked else ("utf-8-sig", "cp1252", "latin-1"):
        with contextlib.suppress(UnicodeDecodeError):
            text = data.decode(used).rstrip("\x1a")
            break
    if text is None or _CONTROL.search(text):
        raise InputError("not a text file", file=path, expected="CSV text; save a spreadsheet as CSV")
    return text, ["not UTF-8: read as latin-1 (Windows-1252)"] if used in ("cp1252", "latin-1") else []


def _read_bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    except FileNotFoundError:
        near = nearest_match(path.name, (other.name for other in path.parent.glob("*.csv*")))
        raise InputError("no such file", file=path, expected="a CSV file", nearest=near) from None
    except IsADirectoryError:
        raise InputError("a folder, not a file", file=path, expected="a CSV file") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError("a damaged gzip file", file=path, expected="CSV, plain or gzip") from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read ({error})", file=path, expected="a CSV file") from None


def _records(text: str, columns: Columns, file: object) -> Iterator[tuple[int, list[str]]]:
    """The records that are not blank, each with the number of its first line as an editor shows it."""
    first = next((line for line in io.StringIO(text, newline=None) if line.strip()), "")
    declared = re.fullmatch(r'"?sep=(.)"?\s*', first)  # a line that Excel writes
    delimiter = declared[1] if declared else max(",;\t|", key=lambda mark: _headers_found(first, mark, columns))
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not (declared and line == 1):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"not CSV: {error}", file=file, row=line, expected="paired quotes") from None


def _headers_found(header_line: str, delimiter: str, columns: Columns) -> tuple[int, int]:
    """How many known headers a delimiter makes of the header line, then how many cells."""
    headers = next(csv.reader([header_line[:100_000]], delimiter=delimiter), [])
    return sum(columns.heading(header).column is not None for header in headers), len(headers)


def row_list(rows: Sequence[int], most: int = 10) -> str:
    """Row numbers in words: "row 4", "rows 2-30, 33", cut after ``most`` parts."""
    parts: list[list[int]] = []
    for row in sorted(rows):
        if parts and row == parts[-1][-1] + 1:
            parts[-1].append(row)
        else:
            parts.append([row])
    shown = ", ".join(f"{part[0]}-{part[-1]}" if len(part) > 1 else str(part[0]) for part in parts[:most])
    left = sum(len(part) for part in parts[most:])
    return f"{'row' if len(rows) == 1 else 'rows'} {shown}" + (f" and {left} more" if left else "")


def clean_handle(text: str) -> str:
    """The handle in one spelling, without invisible characters and the @ before it."""
    return " ".join(unicodedata.normalize("NFC", text).translate(INVISIBLE).split()).lstrip("@").strip()


def tier_word(text: str) -> str:
    """micro for "Micro", "micro-influencers" or "Micro tier"."""
    word = "".join(re.findall(r"[^\W_]+", text.casefold()))
    return re.sub("(influencers?|creators?|tier)$", "", word)
