"""Numbers as people write them in a roster: 12.5K, 1,2 Mio., 3,5 %, $1,200, €1.200,50, 1'200, n/a.

A cell is first taken apart (``take_apart``) and only then valued, because its column may say what the cell
leaves open (``read_column``):

- Thousands may be grouped by spaces, apostrophes, underscores, points or commas; the other of point and comma
  begins decimals. One mark before exactly three digits (1.200, 1,200) is open: it groups thousands in a count
  of people and begins decimals in a ratio, a share and before million. Elsewhere the clear numbers of the
  column decide; without any it groups thousands, but is refused before K. A point so read is noted.
- A share is a fraction. "%" in cell or header makes it a percentage. A column with a plain number above 1 is
  taken for percentages, and noted; one that also holds numbers too small for that is refused.
- Money may carry one currency a column, which is noted and never converted.
"""

from __future__ import annotations

import contextlib
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

BLANKS = frozenset({"", "-", "--", "?", "n/a", "#n/a", "na", "n.a.", "none", "null", "tba", "tbc", "tbd"})
POWERS = {
    "k": 3, "tsd": 3, "thousand": 3, "lakh": 5, "m": 6, "mn": 6, "mio": 6, "mill": 6, "million": 6,
    "millions": 6, "crore": 7, "b": 9, "bn": 9, "billion": 9,
}  # fmt: skip
CURRENCIES = {
    "us$": "$", "usd": "$", "$": "$", "€": "€", "eur": "€", "euro": "€", "£": "£", "gbp": "£", "¥": "¥",
    "jpy": "¥", "₹": "₹", "inr": "₹", "rs": "₹", "r$": "BRL", "brl": "BRL", "c$": "CAD", "cad": "CAD",
    "a$": "AUD", "aud": "AUD", "chf": "CHF", "cny": "CNY", "dkk": "DKK", "mxn": "MXN", "nok": "NOK",
    "pln": "PLN", "zł": "PLN", "sek": "SEK", "₺": "TRY", "₩": "KRW", "krw": "KRW", "zar": "ZAR",
}  # fmt: skip
_CURRENCY = "|".join(re.escape(mark) for mark in sorted(CURRENCIES, key=len, reverse=True))
_UNIT = "|".join(sorted(POWERS, key=len, reverse=True))
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?)\s*(?:(?P<before>{_CURRENCY})\.?)?\s*(?P<minus>-?)"
    r"(?P<digits>[0-9][0-9 '_.,]*|[.,][0-9]+)(?P<dash>(?<=[.,])--?)?(?:e(?P<exponent>[+-]?[0-9]{1,3}))?"
    rf"\s*(?:(?P<unit>{_UNIT})\b\.?)?\s*(?P<percent>%)?\s*(?P<after>{_CURRENCY})?\.?"
)
_GROUPED = re.compile(r"[0-9]*|[0-9]{1,3}([ '_.,])[0-9]{3}(?:\1[0-9]{3})*|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}")
INVISIBLE: dict[int, None] = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff"))
_SAME_SIGN = str.maketrans({**dict.fromkeys("−–—‒", "-"), **dict.fromkeys("’‘´", "'")})
_LONGEST = 60
_OPEN = "ambiguous: its mark may group thousands or begin decimals"


class Kind(Enum):
    """What a column counts; it decides how its numbers are read."""

    COUNT = auto()  # whole people
    AMOUNT = auto()  # any number, thousands likely
    MONEY = auto()  # an amount that may carry a currency
    RATIO = auto()  # a small number, decimals likely
    SHARE = auto()  # a fraction that may be written in percent


class Written(NamedTuple):
    """A number taken apart: ``digits`` still has its marks, ``power`` of ten from K, M or an exponent."""

    digits: str
    sign: str = ""
    power: int = 0
    percent: bool = False
    currency: str | None = None
    exact: bool = False  # a number of a TOML table, or 1.234e5: a point can only be a decimal point


class Fault(NamedTuple):
    """Why the number of a row cannot be used; ``expected`` is None where the column's usual text serves."""

    row: int
    message: str
    expected: str | None = None


class Note(NamedTuple):
    """Something to tell the user about rows."""

    rows: tuple[int, ...]
    text: str


@dataclass
class ColumnReading:
    """The numbers of a column by row (blank cells are absent), and what there is to say about them."""

    values: dict[int, float] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def clean_text(text: str) -> str:
    """One spelling of spaces, dashes, apostrophes and full-width characters; invisible marks removed."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(INVISIBLE).translate(_SAME_SIGN))
    return " ".join(text.split())


def take_apart(cell: object) -> Written | None:
    """The parts of the number in a cell, None for a blank one. Raises ValueError with the reason."""
    if cell is None:
        return None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _exact(cell)
    if not isinstance(cell, str):
        raise ValueError("not a number")
    text = clean_text(cell).casefold()
    if text in BLANKS:
        return None
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or (match["sign"] and match["minus"]) or (match["before"] and match["after"]):
        raise ValueError("not a number")
    return _from_match(match)


def _exact(number: float) -> Written:
    if number != number or abs(number) > 1e300:
        raise ValueError("not a finite number")
    digits, _, exponent = repr(abs(number)).partition("e")
    return Written(digits, "-" if number < 0 else "", int(exponent or 0), exact=True)


def _from_match(match: re.Match[str]) -> Written:
    digits = match["digits"].strip()
    mark = match["before"] or match["after"]
    return Written(
        digits=digits.rstrip(".,") if match["dash"] else digits,
        sign=match["sign"] or match["minus"],
        power=POWERS.get(match["unit"] or "", 0) + int(match["exponent"] or 0),
        percent=bool(match["percent"]),
        currency=CURRENCIES[mark] if mark else None,
        exact=match["exponent"] is not None and re.fullmatch(r"[0-9]+\.?[0-9]*", digits) is not None,
    )


def clear_mark(digits: str) -> str | None:
    """The decimal mark of a number as written: "." or ",", "" if it has none, None if it is open (1.200)."""
    marks = [character for character in digits if character in ".,"]
    if len(set(marks)) != 1:
        return marks[-1] if marks else ""
    if len(marks) > 1:
        return ""
    head, _, tail = digits.partition(marks[0])
    is_open = len(tail) == 3 and 1 <= len(head) <= 3 and not head.startswith("0")
    return None if is_open else marks[0]


def shown_marks(numbers: Iterable[Written]) -> frozenset[str]:
    """The decimal marks that the clear numbers of a column show: 99.5 shows ".", and so does 1,200,000."""
    shown: set[str] = set()
    for number in numbers:
        if number.digits.isdigit() or number.exact:
            continue
        mark = clear_mark(number.digits)
        if mark == "":
            shown.update({".", ","} - set(number.digits) if set(number.digits) & {".", ","} else ())
        elif mark:
            shown.add(mark)
    return frozenset(shown)


def value_of(number: Written, kind: Kind, shown: frozenset[str] = frozenset(), shift: int = 0) -> tuple[float, bool]:
    """The value times ten to the ``shift``, and whether the meaning of its mark was assumed.

    ``shown`` holds the decimal marks of the column's clear numbers. A count written with K or M is rounded,
    halves up. Raises ValueError for an impossible grouping, an open mark or a count that is not whole.
    """
    digits, assumed = number.digits, False
    if not (number.exact or digits.isdigit()):
        mark = clear_mark(digits)
        if mark is None:
            mark, assumed = _open_mark(number, kind, shown)
        digits = _ungrouped(digits, mark)
    value = float(f"{number.sign}{digits}e{number.power + shift}") + 0.0  # -0.0 becomes 0.0
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    return (_whole(value, bool(number.power)) if kind is Kind.COUNT else value), assumed


def _open_mark(number: Written, kind: Kind, shown: frozenset[str]) -> tuple[str, bool]:
    """The decimal mark to assume for 1.200 or 1,200 ("" for thousands), and whether to note it."""
    mark = "." if "." in number.digits else ","
    if kind in (Kind.RATIO, Kind.SHARE) or number.percent or number.power >= POWERS["lakh"]:
        return mark, False
    if kind is Kind.COUNT and not number.power:
        return "", False
    if len(shown) == 1:
        return (mark, True) if mark in shown else ("", False)
    if shown or number.power:
        raise ValueError(_OPEN)
    return "", mark == "."


def _ungrouped(digits: str, mark: str) -> str:
    whole, _, tail = digits.rpartition(mark) if mark else (digits, "", "")
    if not _GROUPED.fullmatch(whole) or not (tail.isdigit() or not tail):
        raise ValueError("not a number: its digits are grouped in an unknown way")
    return "".join(character for character in whole if character.isdigit()) + "." + tail


def _whole(value: float, rounded: bool) -> float:
    if not rounded and value != int(value):
        raise ValueError("not a whole number")
    return float(math.floor(value + 0.5))


def read_column(
    cells: Mapping[int, object],
    kind: Kind,
    percent: bool = False,
    currency: str | None = None,
    usual: tuple[float, float] = (0.0, math.inf),
    alone: bool = False,
) -> ColumnReading:
    """The numbers of one column, given its cells by row.

    ``percent`` and ``currency`` are what the header says; ``usual`` is the range of values met in practice:
    one above it is noted, and it tells which plain shares can be percentages. ``alone`` is for one cell
    without a column: there nothing is assumed.
    """
    reading = ColumnReading()
    written = _take_apart_all(cells, kind, reading)
    if kind is Kind.MONEY:
        _check_currency(written, currency, reading)
    in_percent = frozenset[int]()
    if kind is Kind.SHARE:
        in_percent = _percent_rows(written, percent, usual, None if alone else reading)
    assumed = _value_all(written, kind, in_percent, reading)
    if alone:
        reading.faults.extend(Fault(row, _OPEN) for row in assumed)
    for fault in reading.faults:
        reading.values.pop(fault.row, None)
    _note_values(cells, assumed, usual[1], reading)
    return reading


def _take_apart_all(cells: Mapping[int, object], kind: Kind, reading: ColumnReading) -> dict[int, Written]:
    written = {}
    for row, cell in cells.items():
        try:
            number = take_apart(cell)
            if number and number.percent and kind is not Kind.SHARE:
                raise ValueError("a percentage does not belong here")
            if number and number.currency and kind is not Kind.MONEY:
                raise ValueError("a currency does not belong here")
        except ValueError as error:
            reading.faults.append(Fault(row, str(error)))
            continue
        if number:
            written[row] = number
    return written


def _value_all(
    written: Mapping[int, Written], kind: Kind, in_percent: frozenset[int], reading: ColumnReading
) -> dict[int, float]:
    """Values every number into ``reading``; returns the values that rest on an assumption."""
    shown = shown_marks(written.values())
    assumed = {}
    for row, number in written.items():
        try:
            value, was_assumed = value_of(number, kind, shown, -2 if row in in_percent else 0)
        except ValueError as error:
            reading.faults.append(Fault(row, str(error)))
            continue
        reading.values[row] = value
        if was_assumed:
            assumed[row] = value
    return assumed


def _check_currency(written: Mapping[int, Written], header: str | None, reading: ColumnReading) -> None:
    """One currency a column: the header's, else the most frequent; it is noted, another one is a fault."""
    marked = {row: number.currency for row, number in written.items() if number.currency}
    currency = header or (Counter(marked.values()).most_common(1)[0][0] if marked else None)
    if currency is None:
        return
    text = f"in {currency}, taken as the scenario's currency and not converted"
    reading.notes.append(Note(tuple(written), text))
    for row, mark in marked.items():
        if mark != currency:
            message = f"{mark} in a column of {currency}"
            reading.faults.append(Fault(row, message, f"one currency, {currency}"))


def _percent_rows(
    written: Mapping[int, Written], header: bool, usual: tuple[float, float], reading: ColumnReading | None
) -> frozenset[int]:
    """The rows whose share is in percent, by its own sign, the header or, given ``reading``, its column."""
    signed = frozenset(row for row, number in written.items() if number.percent)
    everything = frozenset(written)
    plain = _plain_shares(written)
    if reading is None or not plain:
        return everything if header else signed
    large = [row for row, share in plain.items() if share > 1]
    small = [row for row, share in plain.items() if share < 100 * usual[0]]
    if header and max(plain.values()) <= usual[1]:
        text = "read as percentages as the header says; if they are fractions, take the % out of the header"
    elif header or (large and small):
        text = ""
    elif large:
        text = "read as percentages, since plain numbers above 1 stand in the column"
    else:
        text = "read as fractions, since they have no % sign and none is above 1" if signed else ""
    if text:
        reading.notes.append(Note(tuple(plain), text))
    if large and small and not header:
        _refuse_mixture(large, small, reading)
    return everything if header or len(large) > len(small) else signed


def _plain_shares(written: Mapping[int, Written]) -> dict[int, float]:
    """Size of the shares without a % sign, zeros left out; what cannot be valued is reported elsewhere."""
    plain = {}
    for row, number in written.items():
        with contextlib.suppress(ValueError):
            size = 0.0 if number.percent else abs(value_of(number, Kind.SHARE)[0])
            if size:
                plain[row] = size
    return plain


def _refuse_mixture(large: list[int], small: list[int], reading: ColumnReading) -> None:
    """Plain fractions and plain percentages in one column: the fewer of them are at fault."""
    rows, message = large, "a percentage among fractions"
    if len(small) < len(large):
        rows, message = small, "a fraction among percentages"
    expected = "fractions (0.035) or percentages (3.5%) in the whole column"
    reading.faults.extend(Fault(row, message, expected) for row in rows)


def _note_values(
    cells: Mapping[int, object], assumed: Mapping[int, float], highest: float, reading: ColumnReading
) -> None:
    """Notes the numbers with an open mark, the first few by value, and those above the usual range."""
    rows = tuple(assumed)
    if rows:
        few = ", ".join(f"{str(cells[row]).strip()!r} as {assumed[row]:.15g}" for row in rows[:5])
        more = ", …" if rows[5:] else ""
        reading.notes.append(Note(rows, f"with one mark before three digits: read {few}{more}"))
    high = tuple(row for row, value in reading.values.items() if value > highest)
    if high:
        reading.notes.append(Note(high, f"unusually high (above {highest:g}), taken as it stands"))
