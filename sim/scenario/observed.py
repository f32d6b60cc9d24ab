"""Campaigns that took place, from a CSV file as people have them: who posted how often, and what came of it.

Cells, headers and numbers are read as in a roster (``sim.scenario.roster``). A blank cell is a figure that nobody
measured; a 0 is a figure that is 0. Everything wrong is reported at once, what was assumed stands in ``notes``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sim.errors import InputErrors, nearest_match
from sim.scenario.numbers import BLANKS, Kind, clean_text
from sim.scenario.roster import CreatorSpec, Tiers
from sim.scenario.tables import NO_HANDLE, CheckedTable, Column, Columns, clean_handle, read_table, tier_word

_COUNT = "a whole number, 0 or more, like 1200 or 1.2K; blank where it was not measured"
COLUMNS: Mapping[str, Column] = {
    "creator": Column("handle username name account influencer profile channel", "the creator's handle"),
    "tier": Column("influencertier creatortier size", "a tier of the scenario, or blank"),
    "followers": Column("follower followercount subscribers audience subs fans",
                        "a whole number of people from 1 to 1,000,000,000, like 12500 or 12.5K", Kind.COUNT, 1, 1e9),
    "posts": Column("post numberofposts nposts postcount", "a whole number of posts, 1 or more", Kind.COUNT, 1, 10_000),
    "cost": Column("fee price spend spent paid fees totalcost", "the money paid for all the row's posts, 0 or more",
                   Kind.MONEY),
    "reach": Column("reached uniquereach accountsreached peoplereached", _COUNT, Kind.COUNT),
    "engagements": Column("engagement interactions totalengagements totalengagement", _COUNT, Kind.COUNT),
    "clicks": Column("click linkclicks websiteclicks", _COUNT, Kind.COUNT),
    "orders": Column("order conversions sales purchases conversion", _COUNT, Kind.COUNT),
}  # fmt: skip
_KNOWN = Columns(COLUMNS)
FIGURES = ("cost", "reach", "engagements", "clicks", "orders")
"""What may have been observed, in the order of the funnel."""
NUMBERS = ("followers", "posts", *FIGURES)
OPEN_TIER = 2.0
"""A tier without an upper bound counts as this many times its lower bound."""


class ObservedRow(NamedTuple):
    """One campaign of one creator. line: in the file; figures: those that were measured, by name.

    creator: as the scenario spells it where it knows the creator, None where nobody is named.
    """

    line: int
    creator: str | None
    followers: int
    posts: int
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Observed:
    """The rows of a file, in its order, and what the user should know of how it was read."""

    rows: tuple[ObservedRow, ...]
    notes: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The figures that some row has."""
        return tuple(name for name in FIGURES if any(name in row.figures for row in self.rows))


def read_observed(path: Path, creators: Mapping[str, CreatorSpec], tiers: Tiers, population: float) -> Observed:
    """Reads observed campaigns: CSV with , ; tab or | between cells, plain or gzip, the header first.

    creators, tiers: of the scenario, population: real people in its market. Raises InputError for a file that cannot
    be read as a table, else InputErrors with all its problems.
    """
    read = read_table(Path(path), _KNOWN, "campaign")
    spellings = {spec.casefold(): spec for spec in creators}
    table = _Table(columns=_KNOWN, headings=read.headings, rows=read.rows, file=path, header_line=read.header_line,
                   spellings=spellings, creators=creators, tiers=tiers)  # fmt: skip
    rows = table.read(population)
    if table.problems:
        raise InputErrors(sorted(table.problems, key=lambda problem: problem.row or 0), file=path)
    return Observed(rows, (*read.notes, *table.notes))


@dataclass(kw_only=True)
class _Table(CheckedTable):
    """The table of a file, with the problems and notes found on the way; spellings: handles by lower case."""

    spellings: Mapping[str, str]
    creators: Mapping[str, CreatorSpec]
    tiers: Tiers

    def read(self, population: float) -> tuple[ObservedRow, ...]:
        """The rows; incomplete where there are problems."""
        self._name_columns()
        self.check_lengths()
        numbers = {name: self.numbers(name) for name in NUMBERS}
        faulty = {problem.row for problem in self.problems}
        names, sizes = self._names(), self._tier_sizes()
        found = []
        for line in self.rows:
            followers = self._followers(line, names.get(line), numbers["followers"], sizes)
            figures = {name: numbers[name][line] for name in FIGURES if line in numbers[name]}
            if not figures and not faulty & {line, self.header_line}:
                self.problem(line, "reach", "a campaign without a figure", expected=f"one of {', '.join(FIGURES)}")
            if followers is not None:
                posts = int(numbers["posts"].get(line, 1))
                row = ObservedRow(line, names.get(line), followers, posts, figures)
                self._check_row(row, population)
                found.append(row)
        self._note_assumed(numbers["posts"], numbers["followers"], sizes, names)
        return tuple(found)

    # --- the table ---------------------------------------------------------------------------------------

    def _name_columns(self) -> None:
        unused = self.find_columns()
        if not self.places.keys() & set(FIGURES):
            near = next((match for name in unused if (match := nearest_match(name, FIGURES))), None)
            self.problem(self.header_line, "reach", "no column with a figure", ", ".join(unused) or None,
                          expected=f"one or more of {', '.join(FIGURES)}", nearest=near)  # fmt: skip
        if not self.places.keys() & {"creator", "tier", "followers"}:
            self.problem(self.header_line, "creator", "no column says who posted",
                          expected="one of creator, followers, tier")  # fmt: skip
        if unused:
            self.notes.append(f"columns not used: {', '.join(unused)}")

    # --- who posted --------------------------------------------------------------------------------------

    def _names(self) -> dict[int, str]:
        """The creator of each row that names one, spelt as in the scenario."""
        names = {}
        for row, cell in self.cells("creator").items():
            handle = clean_handle(str(cell))
            if not NO_HANDLE.fullmatch(handle.casefold()):
                names[row] = self.spellings.get(handle.casefold(), handle)
        return names

    def _tier_sizes(self) -> dict[int, tuple[str, float, float]]:
        """The tier of each row that names one, with its bounds."""
        bounds, found = {tier_word(name): (name, *limits) for name, limits in self.tiers.items()}, {}
        for row, cell in self.cells("tier").items():
            if tier_word(str(cell)) in bounds:
                found[row] = bounds[tier_word(str(cell))]
            elif clean_text(str(cell)).casefold() not in BLANKS:
                self.problem(row, "tier", "unknown tier", cell, expected=f"one of {', '.join(self.tiers)}, or blank",
                              nearest=nearest_match(tier_word(str(cell)), self.tiers))  # fmt: skip
        return found

    def _followers(
        self, line: int, name: str | None, given: Mapping[int, float], sizes: Mapping[int, tuple[str, float, float]]
    ) -> int | None:
        """As given, else the scenario's, else the middle of the tier; None is a problem told."""
        followers = int(given[line]) if line in given else None
        if followers is None and name is not None and name in self.creators:
            followers = self.creators[name].followers
        if line in sizes:
            tier, low, high = sizes[line]
            if followers is None:
                return round(math.sqrt(low * (high if high < math.inf else OPEN_TIER**2 * low)))
            if not low <= followers < high:
                self.problem(line, "tier", f"a {tier} creator with {followers:,} followers", tier,
                              expected=f"{low:,.0f} followers or more"
                              + (f" and fewer than {high:,.0f}" if high < math.inf else ""))  # fmt: skip
        if followers is None and not any(problem.row == line for problem in self.problems):
            if name is None:
                self.problem(line, "followers", "nobody knows who posted", expected="a creator, followers or a tier")
            else:
                self.problem(line, "creator", "a creator whom the scenario does not know", name,
                              expected="a creator of the scenario, or followers beside the handle",
                              nearest=nearest_match(name, self.creators))  # fmt: skip
        return followers

    def _note_assumed(
        self, posts: Mapping[int, float], followers: Mapping[int, float],
        sizes: Mapping[int, tuple[str, float, float]], names: Mapping[int, str],
    ) -> None:  # fmt: skip
        self.note([line for line in self.rows if line not in posts], "taken as one post")
        tiers = [line for line in sizes if line not in followers and names.get(line) not in self.creators]
        self.note(tiers, "followers taken as the geometric middle of the tier")
        others = [line for line in self.rows if names.get(line) not in self.creators]
        self.note(others, "not a creator of the scenario, taken as a general account without a niche")

    # --- what came of it ---------------------------------------------------------------------------------

    def _check_row(self, row: ObservedRow, population: float) -> None:
        """Figures that cannot be: in the model each person is reached once, and engages with and clicks a post once."""
        figures = row.figures
        reach = figures.get("reach", population)
        if reach > population:
            self.problem(row.line, "reach", "more people than the market has", reach,
                          expected=f"at most market.population, {population:,.0f}")  # fmt: skip
        for name in ("engagements", "clicks"):
            if figures.get(name, 0.0) > reach * row.posts:
                self.problem(row.line, name, f"more {name} than one a person reached and post", figures[name],
                              expected=f"at most {reach * row.posts:,.0f}: reach x posts")  # fmt: skip
        if "clicks" in figures and figures.get("orders", 0.0) > figures["clicks"]:
            self.problem(row.line, "orders", "more orders than clicks", figures["orders"],
                          expected="orders that came after a click; leave clicks blank where they were not "
                                   "all counted")  # fmt: skip
