"""Rosters: the creators a strategist could book, read from a CSV file as people have them or from [[creator]] tables.

Headers are matched to ``COLUMNS`` without regard to case, spaces, underscores and hyphens; units in a header
("er (%)", "fee (USD)") and platform names ("IG followers") are understood. Numbers follow sim.scenario.numbers.
Everything that was assumed, derived or left out stands in ``Roster.notes``; everything wrong is reported at once.
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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import InputError, InputErrors, nearest_match
from sim.scenario.numbers import BLANKS, CURRENCIES, INVISIBLE, Kind, Note, clean_text, read_column


@dataclass(frozen=True)
class CreatorSpec:
    """One creator as the user gave it; None = not given (the model draws it or takes the default)."""

    handle: str
    followers: int  # real people
    niche: str | None = None  # None = general creator
    region: str | None = None
    engagement_rate: float | None = None  # fraction of followers, per post
    fee: float | None = None  # per post, in the scenario's currency
    fake_share: float | None = None  # fraction of followers, 0..0.9
    quality: float | None = None  # 1 = average
    answers_a_day: float | None = None  # people a day
    posts_a_day: float | None = None


@dataclass(frozen=True)
class Roster:
    """The creators of a file in its order, and what the user should know of how it was read."""

    creators: tuple[CreatorSpec, ...]
    notes: tuple[str, ...]


class Column(NamedTuple):
    """One column: other names (letters only), kind of number (None = text), bounds, range met in practice."""

    aliases: str
    expected: str
    kind: Kind | None = None
    low: float = 0.0
    high: float = math.inf
    usual: tuple[float, float] = (0.0, math.inf)


_ABOVE_0 = math.ulp(0.0)
COLUMNS: Mapping[str, Column] = {
    "handle": Column(
        "username user userhandle name account accountname creator creatorname creatorhandle influencer profile"
        " influencername influencerhandle profilename channel channelname screenname", "the creator's handle"),
    "followers": Column(
        "follower followercount followerscount followersnumber numberoffollowers nooffollowers numfollowers"
        " totalfollowers subscribers subscribercount subscriberscount subs audience audiencesize fans fancount",
        "a whole number of people from 1 to 1,000,000,000, like 12500 or 12.5K", Kind.COUNT, 1, 1e9),
    "niche": Column("category topic vertical industry theme genre contentcategory", "blank for a general creator"),
    "region": Column("country countrycode market location geo geography", "blank if not given"),
    "engagement_rate": Column(
        "er engagement engrate avger averageer avgengagement averageengagement avgengagementrate"
        " averageengagementrate", "a fraction of followers above 0 and at most 1, like 0.035 or 3.5%",
        Kind.SHARE, _ABOVE_0, 1, (0.001, 0.3)),
    "average_likes": Column(
        "avglikes likes medianlikes meanlikes likesavg likesaverage likesperpost likespost avglikesperpost"
        " averagelikesperpost avglikespost", "likes of one post, 0 or more", Kind.AMOUNT),
    "fee": Column(
        "price cost rate quote feeperpost priceperpost costperpost rateperpost feepost pricepost costpost ratepost"
        " postfee postprice postcost postrate", "an amount of money for one post, 0 or more, like 1200 or $1,200",
        Kind.MONEY),
    "fake_share": Column(
        "fake fakes fakefollowers fakefollower fakefollowershare fakefollowersshare fakerate fakefollowerrate bot"
        " bots botshare botrate", "a fraction of followers from 0 to 0.9, like 0.25 or 25%", Kind.SHARE, 0, 0.9,
        (0.01, 0.9)),
    "quality": Column("", "a number above 0, 1 for average", Kind.RATIO, _ABOVE_0, usual=(0, 10)),
    "answers_a_day": Column("answersperday repliesaday repliesperday", "people a day, 0 or more", Kind.AMOUNT),
    "posts_a_day": Column("postsperday dailyposts", "posts a day, 0 or more", Kind.RATIO),
    "tier": Column("influencertier creatortier size influencersize creatorsize", "blank if not given"),
}  # fmt: skip
REQUIRED = ("handle", "followers")
_BY_NAME = {name.replace("_", ""): name for name in COLUMNS} | {
    alias: name for name, column in COLUMNS.items() for alias in column.aliases.split()
}
_PERCENT = {"%", "pct", "percent", "percentage"}
_PLATFORMS = {"instagram", "insta", "ig", "tiktok", "youtube", "yt", "twitter", "facebook", "fb", "twitch", "threads"}
_WORD = re.compile(r"[a-z]{1,2}\$|[^\W_]+|[%$€£¥₹₺₩]")
_SPREADSHEET_ERROR = re.compile(r"#(NAME\?|REF!|VALUE!|DIV/0!|NULL!|NUM!)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


class Heading(NamedTuple):
    """A header: as the file names it, the column it means (None = not used), and the unit it carries."""

    name: str
    column: str | None
    percent: bool = False
    currency: str | None = None


def read_heading(header: str, number: int = 0) -> Heading:
    """What the header of the ``number``-th column means."""
    name = " ".join(header.split()) or f"column {number} (no name)"
    words = _WORD.findall(clean_text(header).casefold())
    percent = not _PERCENT.isdisjoint(words)
    currency = next((CURRENCIES[word] for word in words if word in CURRENCIES), None)
    words = [word for word in words if word not in _PERCENT and word not in CURRENCIES]
    column = _BY_NAME.get("".join(word for word in words if word not in _PLATFORMS))
    kind = COLUMNS[column].kind if column else None
    if (percent and kind is not Kind.SHARE) or (currency and kind is not Kind.MONEY):
        column = None
    return Heading(name, column, percent, currency)


def read_roster(
    path: Path,
    niches: Sequence[str],
    regions: Sequence[str],
    tiers: Mapping[str, tuple[float, float]] | None = None,
) -> Roster:
    """Reads a roster of creators: CSV (, ; tab or | between cells), plain or gzip; the first line is the header.

    ``tiers`` are bounds in followers, low included and high not; with them a tier column is checked.
    Raises InputError for a file that cannot be read as a table, else InputErrors with every problem of the file.
    """
    text, notes = _read_text(Path(path))
    records = _records(text, path)
    header_line, headers = next(records, (0, []))
    if not headers:
        raise InputError("an empty file", file=path, expected="a header line and a line for each creator")
    rows = dict[int, Sequence[object]](records)
    if not rows:
        raise InputError("a header and no creators", file=path, expected="a line for each creator below the header")
    headings = [read_heading(header, number) for number, header in enumerate(headers, 1)]
    table = _Table(headings, rows, {"niche": niches, "region": regions}, tiers, path, header_line=header_line)
    creators = table.creators()
    if table.problems:
        raise InputErrors(sorted(table.problems, key=lambda problem: problem.row or 0), file=path)
    return Roster(creators, (*notes, *table.notes))


def creator_from_table(
    table: Mapping[str, object],
    niches: Sequence[str],
    regions: Sequence[str],
    *,
    file: object,
    key: str,
    tiers: Mapping[str, tuple[float, float]] | None = None,
) -> CreatorSpec:
    """One creator from a [[creator]] table, whose keys are the roster's columns; ``key`` is its dotted name.

    A plain number is taken as it stands, text as in a roster; what a roster would assume and note is refused here.
    Raises InputError for one problem, InputErrors for several.
    """
    headings = [read_heading(name) for name in table]
    choices = {"niche": niches, "region": regions}
    one = _Table(headings, {0: list(table.values())}, choices, tiers, file, prefix=f"{key}.")
    creators = one.creators()
    if one.problems:
        raise one.problems[0] if len(one.problems) == 1 else InputErrors(one.problems, file=file)
    return creators[0]


def _read_text(path: Path) -> tuple[str, list[str]]:
    """The text of a file, plain or gzip: UTF-8, UTF-16 with its mark, or else Western European, which is noted."""
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
        raise InputError("no such file", file=path, expected="a roster in CSV", nearest=near) from None
    except IsADirectoryError:
        raise InputError("a folder, not a file", file=path, expected="a roster in CSV") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError("a damaged gzip file", file=path, expected="a roster in CSV, plain or gzip") from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read: {error}", file=path, expected="a roster in CSV") from None


def _records(text: str, file: object) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not blank, each with its number in the file as an editor shows it."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    declared = re.fullmatch(r'"?sep=(.)"?\s*', first)  # a line that Excel writes
    delimiter = declared[1] if declared else max(",;\t|", key=lambda mark: _meaning(first, mark))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not (declared and line == 1):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"not readable as CSV ({error})", file=file, row=line, expected="paired quotes") from None


def _meaning(header_line: str, delimiter: str) -> tuple[int, int]:
    """How many known columns a delimiter makes of the header line, then how many cells."""
    headers = next(csv.reader([header_line], delimiter=delimiter), [])
    return sum(read_heading(header).column is not None for header in headers), len(headers)


@dataclass
class _Table:
    """A table to check column by column; problems and notes are collected on the way.

    ``rows`` holds cells by line number. A [[creator]] table is one row, numbered 0, with a ``prefix`` to its keys;
    there nothing is assumed.
    """

    headings: Sequence[Heading]
    rows: dict[int, Sequence[object]]
    choices: Mapping[str, Sequence[str]]
    tiers: Mapping[str, tuple[float, float]] | None
    file: object
    prefix: str = ""
    header_line: int = 0
    problems: list[InputError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)  # position of each column found

    def creators(self) -> tuple[CreatorSpec, ...]:
        """The creators in the order of the rows; incomplete when there are problems."""
        self._find_columns()
        self._check_lengths()
        handles, followers = self._handles(), self._numbers("followers")
        self._check_tiers(followers)
        given: dict[str, Mapping[int, Any]] = {name: self._choice(name) for name in self.choices}
        given["engagement_rate"] = self._engagement_rates(followers)
        for name in ("fee", "fake_share", "quality", "answers_a_day", "posts_a_day"):
            given[name] = self._numbers(name)
        return tuple(
            CreatorSpec(handles[row], int(followers[row]), **{name: cells.get(row) for name, cells in given.items()})
            for row in self.rows
            if row in handles and row in followers
        )

    def _problem(
        self, row: int, column: str, message: str, value: object = None, expected: str | None = None, nearest: str | None = None
    ) -> None:
        """Adds a problem of a row and a column, under the name that the file gives to the column."""
        key = self.prefix + (self._name(column) if column in self.places else column)
        expected = expected or COLUMNS[column].expected
        self.problems.append(
            InputError(message, file=self.file, key=key, row=row or None, value=value, expected=expected, nearest=nearest)
        )

    def _name(self, column: str) -> str:
        return self.headings[self.places[column]].name

    def _note(self, rows: Sequence[int], text: str) -> None:
        if rows:
            self.notes.append(f"{row_list(rows)}: {text}")

    def _cells(self, column: str) -> dict[int, object]:
        place = self.places.get(column)
        return {} if place is None else {row: cells[place] for row, cells in self.rows.items() if place < len(cells)}

    def _find_columns(self) -> None:
        """Places each column; two of one meaning and a missing required one are problems, unused ones a note."""
        unused = []
        for place, heading in enumerate(self.headings):
            column = heading.column
            if column is None or (column == "tier" and not self.tiers):
                unused.append(heading.name)
            elif column in self.places:
                both = f"{self._name(column)!r} and {heading.name!r} both mean {column}"
                self._problem(self.header_line, column, both, expected=f"one column for {column}")
            else:
                self.places[column] = place
        self._report_unused(unused)
        for column in REQUIRED:
            if column not in self.places:
                others = ", ".join(COLUMNS[column].aliases.split()[:4])
                self._problem(self.header_line, column, "missing", expected=f"a column {column} (or {others} …)",
                              nearest=nearest_match(column, unused))  # fmt: skip

    def _report_unused(self, names: Sequence[str]) -> None:
        if not self.prefix:
            self.notes.extend([f"columns not used: {', '.join(names)}"] if names else [])
            return
        for name in names:
            known = f"one of {', '.join(COLUMNS)}"
            self.problems.append(InputError("unknown key", file=self.file, key=self.prefix + name, expected=known,
                                            nearest=nearest_match(name, COLUMNS)))  # fmt: skip

    def _check_lengths(self) -> None:
        """A row with cells beyond the header cannot be read; one with too few is noted."""
        width = len(self.headings)
        for row in [row for row, cells in self.rows.items() if len(cells) > width]:
            extra = [cell for cell in self.rows[row][width:] if str(cell).strip()]
            if extra:
                message = f"{width + len(extra)} cells under {width} headers"
                expected = "one cell for each header (quote a cell that holds the delimiter)"
                self.problems.append(
                    InputError(message, file=self.file, row=row, value=extra[0], expected=expected)
                )
                del self.rows[row]
        short = [row for row, cells in self.rows.items() if len(cells) < width]
        self._note(short, "fewer cells than headers, the missing ones taken as blank")

    def _handles(self) -> dict[int, str]:
        """Handles without @; blank, repeated (in any case) or broken ones are problems."""
        handles: dict[int, str] = {}
        seen: dict[str, int] = {}
        if "handle" not in self.places:
            return handles
        cells = self._cells("handle")
        for row in self.rows:
            cell = cells.get(row, "")
            handle = _clean_handle(cell) if isinstance(cell, str) else ""
            first = seen.setdefault(handle.casefold(), row)
            if handle in ("", "-") or handle.casefold() in ("n/a", "#n/a") or _SPREADSHEET_ERROR.fullmatch(handle):
                self._problem(row, "handle", "no handle", cell)
            elif first != row:
                self._problem(row, "handle", f"the same handle as in row {first}", handle, "each creator once")
            handles[row] = handle
        return handles

    def _choice(self, column: str) -> dict[int, str]:
        """The niche or region of each row that gives one, spelt as in the scenario."""
        options = {clean_text(option).casefold(): option for option in self.choices[column]}
        listed = f"one of {', '.join(self.choices[column])}, or " if options else ""
        nearest = cache(lambda word: nearest_match(word, self.choices[column]))
        chosen = {}
        for row, cell in self._cells(column).items():
            word = clean_text(cell).casefold() if isinstance(cell, str) else None
            if word in options:
                chosen[row] = options[word]
            elif word not in BLANKS:
                self._problem(row, column, f"unknown {column}", cell, listed + COLUMNS[column].expected,
                              nearest(str(cell)))  # fmt: skip
        return chosen

    def _numbers(self, column: str) -> dict[int, float]:
        """The numbers of a column within its bounds, by row."""
        if column not in self.places:
            return {}
        asked, heading, cells = COLUMNS[column], self.headings[self.places[column]], self._cells(column)
        reading = read_column(cells, asked.kind or Kind.AMOUNT, percent=heading.percent, currency=heading.currency,
                              usual=asked.usual, alone=bool(self.prefix))  # fmt: skip
        for fault in reading.faults:
            self._problem(fault.row, column, fault.message, cells[fault.row], fault.expected)
        if column in REQUIRED:
            for row in self.rows.keys() - reading.values.keys() - {fault.row for fault in reading.faults}:
                self._problem(row, column, f"no {column}")
        for row in [row for row, value in reading.values.items() if not asked.low <= value <= asked.high]:
            self._problem(row, column, "out of range", cells[row])
            del reading.values[row]
        for note in reading.notes:
            self._note(note.rows, f"{heading.name} {note.text}")
        return reading.values

    def _engagement_rates(self, followers: Mapping[int, float]) -> dict[int, float]:
        """The rates given and, where there is none, likes / followers; likes that give none above 0 to 1 are noted."""
        rates, likes = self._numbers("engagement_rate"), self._numbers("average_likes")
        if not likes:
            return rates
        name = self._name("average_likes")
        unused = [row for row in likes if row in rates]
        derived = {row: likes[row] / followers[row] for row in likes if row in followers and row not in rates}
        none = [row for row, rate in derived.items() if rate == 0]
        above = [row for row, rate in derived.items() if rate > 1]
        taken = {row: rate for row, rate in derived.items() if 0 < rate <= 1}
        self._note(list(taken), f"engagement rate taken from {name}")
        self._note(unused, f"{name} not used, since an engagement rate is given")
        for rows, reason in ((none, "of 0 give"), (above, "above the number of followers give")):
            if self.prefix and rows:
                self._problem(0, "average_likes", f"likes {reason} no engagement rate", likes[0], "no likes, or likes of 1")
            self._note(rows, f"{name} {reason} no engagement rate, which is left to the model")
        return rates | taken

    def _check_tiers(self, followers: Mapping[int, float]) -> None:
        """A creator's followers must lie in the tier it is said to belong to."""
        tiers = self.tiers or {}
        bounds = {_tier_word(name): limits for name, limits in tiers.items()}
        for one, other in (("mega", "celebrity"), ("celebrity", "mega")):
            if other in bounds:
                bounds.setdefault(one, bounds[other])
        for row, cell in self._cells("tier").items():
            word = _tier_word(str(cell))
            if word in bounds and row in followers:
                self._check_tier(row, cell, bounds[word], followers[row])
            elif word not in bounds and clean_text(str(cell)).casefold() not in BLANKS:
                self._problem(row, "tier", "unknown tier", cell, f"one of {', '.join(tiers)}, or blank",
                              nearest_match(word, tiers))  # fmt: skip

    def _check_tier(self, row: int, cell: object, limits: tuple[float, float], followers: float) -> None:
        low, high = limits
        if not low <= followers < high:
            fitting = [name for name, (least, most) in (self.tiers or {}).items() if least <= followers < most]
            expected = f"{low:,.0f} followers or more" + (f" and fewer than {high:,.0f}" if high < math.inf else "")
            self._problem(row, "tier", f"a {cell} creator with {followers:,.0f} followers", cell, expected,
                          fitting[0] if fitting else None)  # fmt: skip


def row_list(rows: Sequence[int], most: int = 10) -> str:
    """Row numbers in words: "rows 4, 9" or "rows 2-30, 33", cut after ``most`` parts."""
    parts: list[tuple[int, int]] = []
    for row in sorted(rows):
        if parts and row == parts[-1][1] + 1:
            parts[-1] = (parts[-1][0], row)
        else:
            parts.append((row, row))
    shown = ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in parts[:most])
    left = sum(high - low + 1 for low, high in parts[most:])
    return f"{'row' if len(rows) == 1 else 'rows'} {shown}" + (f" and {left} more" if left else "")


def _clean_handle(text: str) -> str:
    """The handle in one spelling, without invisible characters and the @ before it."""
    return " ".join(unicodedata.normalize("NFC", text).translate(INVISIBLE).split()).lstrip("@").strip()


def _tier_word(text: str) -> str:
    """micro for "Micro", "micro-influencers" or "Micro tier"."""
    word = "".join(re.findall(r"[^\W_]+", text.casefold()))
    return re.sub("(influencers?|creators?|tier)$", "", word)
