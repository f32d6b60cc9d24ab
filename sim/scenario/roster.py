"""Rosters: the creators a strategist could book, from a CSV file as people have them or [[creator]] tables.

Headers are matched to ``COLUMNS`` without regard to case, spaces, underscores and hyphens; a unit in a header
("er (%)", "fee (USD)") and a platform ("IG followers") are understood. Numbers follow sim.scenario.numbers.
What was assumed, derived or left out stands in ``Roster.notes``; everything wrong is reported at once.

In order: the columns, the two functions to call, the checks. The file itself is read by sim.scenario.tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sim.errors import InputError, InputErrors, nearest_match
from sim.scenario.numbers import BLANKS, Kind, clean_text
from sim.scenario.tables import NO_HANDLE, CheckedTable, Column, Columns, clean_handle, read_table, tier_word

Tiers = Mapping[str, tuple[float, float]]  # bounds in followers by name, the lower included, the upper not


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
    language: str | None = None  # language of the posts
    reservation: float | None = None  # least money accepted for a plain post
    sponsored_share: float | None = None  # fraction of posts sponsored by others


@dataclass(frozen=True)
class Roster:
    """The creators of a file, in its order, and what the user should know of how it was read."""

    creators: tuple[CreatorSpec, ...]
    notes: tuple[str, ...]


ABOVE_0 = math.ulp(0.0)
COLUMNS: Mapping[str, Column] = {
    "handle": Column(
        "username user name account creator influencer userhandle accountname creatorname creatorhandle"
        " influencername influencerhandle profile profilename channel channelname screenname",
        "the creator's handle"),
    "followers": Column(
        "follower followercount followerscount subscribers audience numberoffollowers nooffollowers subs"
        " numfollowers totalfollowers subscribercount subscriberscount audiencesize fans fancount",
        "a whole number of people from 1 to 1,000,000,000, like 12500 or 12.5K", Kind.COUNT, 1, 1e9),
    "niche": Column("category topic vertical industry theme genre contentcategory",
                    "blank for a general creator"),
    "region": Column("country market location geo countrycode geography", "blank if not given"),
    "engagement_rate": Column(
        "er engagement engrate avger averageer avgengagement averageengagement avgengagementrate"
        " averageengagementrate", "a fraction of followers above 0 and at most 1, like 0.035 or 3.5%",
        Kind.SHARE, ABOVE_0, 1, (0.001, 0.3)),
    "average_likes": Column(
        "avglikes likes medianlikes meanlikes likesavg likesaverage likesperpost likespost avglikesperpost"
        " averagelikesperpost avglikespost", "likes of one post, 0 or more", Kind.AMOUNT),
    "fee": Column(
        "price cost rate quote feeperpost priceperpost costperpost rateperpost feepost pricepost costpost"
        " ratepost postfee postprice postcost postrate",
        "an amount of money for one post, 0 or more, like 1200 or $1,200", Kind.MONEY),
    "fake_share": Column(
        "fake fakes fakefollowers fakefollower fakefollowershare fakefollowersshare fakerate fakefollowerrate"
        " bot bots botshare botrate", "a fraction of followers from 0 to 0.9, like 0.25 or 25%",
        Kind.SHARE, 0, 0.9, (0.01, 0.9)),
    "quality": Column("", "a number above 0, 1 for average", Kind.RATIO, ABOVE_0, usual=(0, 10)),
    "answers_a_day": Column("answersperday repliesaday repliesperday", "people, 0 or more", Kind.AMOUNT),
    "posts_a_day": Column("postsperday postsday dailyposts", "posts a day, 0 or more", Kind.RATIO),
    "language": Column("lang contentlanguage postslanguage postlanguage", "blank if not given"),
    "reservation": Column(
        "minimum minfee minimumfee reservationprice floor lowestfee",
        "the least money that the creator accepts for one post, 0 or more, like 1200 or $1,200", Kind.MONEY),
    "sponsored_share": Column(
        "sponsored sponsoredposts adshare adratio sponsoredratio",
        "a fraction of posts from 0 to 1, like 0.1 or 10%", Kind.SHARE, 0, 1, (0.01, 1)),
    "tier": Column("influencertier creatortier size influencersize creatorsize", "blank if not given"),
}  # fmt: skip


_KNOWN = Columns(COLUMNS)
read_heading = _KNOWN.heading
REQUIRED = ("handle", "followers")
NUMBERS = ("fee", "fake_share", "quality", "answers_a_day", "posts_a_day", "reservation", "sponsored_share")
_LANGUAGES = "languages = [...] in [market], one for each region, or no such key"


def read_roster(
    path: Path,
    niches: Sequence[str],
    regions: Sequence[str],
    tiers: Tiers | None = None,
    languages: Sequence[str] = (),
) -> Roster:
    """Reads a roster of creators: CSV with , ; tab or | between cells, plain or gzip, the header first.

    A tier column is checked against the ``tiers`` and a language column against the ``languages``; without them it
    is not used.
    Raises InputError for a file that cannot be read as a table, else InputErrors with all its problems.
    """
    read = read_table(Path(path), _KNOWN, "creator")
    choices = {"niche": niches, "region": regions, "language": languages}
    table = _Table(columns=_KNOWN, headings=read.headings, rows=read.rows, file=path, header_line=read.header_line,
                   choices=choices, tiers=tiers or {})  # fmt: skip
    creators = table.creators()
    if table.problems:
        raise InputErrors(sorted(table.problems, key=lambda problem: problem.row or 0), file=path)
    return Roster(creators, (*read.notes, *table.notes))


def creator_from_table(
    table: Mapping[str, object],
    niches: Sequence[str],
    regions: Sequence[str],
    *,
    file: object,
    key: str,
    tiers: Tiers | None = None,
    languages: Sequence[str] = (),
) -> CreatorSpec:
    """One creator from a [[creator]] table, whose keys are the roster's columns; ``key`` is its dotted name.

    A number is taken as it stands and text as in a roster, but nothing is assumed; an engagement rate goes
    before average likes. Raises InputError for one problem, InputErrors for several.
    """
    headings = [read_heading(name) for name in table]
    choices = {"niche": niches, "region": regions, "language": languages}
    one = _Table(columns=_KNOWN, headings=headings, rows={0: list(table.values())}, file=file, prefix=f"{key}.",
                 choices=choices, tiers=tiers or {})  # fmt: skip
    creators = one.creators()
    if one.problems:
        raise one.problems[0] if len(one.problems) == 1 else InputErrors(one.problems, file=file)
    return creators[0]


@dataclass(kw_only=True)
class _Table(CheckedTable):
    """A table of creators. A [[creator]] table is one row, numbered 0, with a ``prefix`` to its keys; there nothing is
    assumed."""

    choices: Mapping[str, Sequence[str]]
    tiers: Tiers

    def creators(self) -> tuple[CreatorSpec, ...]:
        """The creators in the order of the rows; incomplete when there are problems."""
        self._place_columns()
        self.check_lengths()
        short = [row for row, cells in self.rows.items() if len(cells) < len(self.headings)]
        self.note(short, "fewer cells than headers, the missing ones taken as blank")
        handles, followers = self._handles(), self.numbers("followers", required=True)
        self._check_tiers(followers)
        given: dict[str, Mapping[int, Any]] = {name: self._choice(name) for name in self.choices}
        given["engagement_rate"] = self._engagement_rates(followers)
        for name in NUMBERS:
            given[name] = self.numbers(name)
        return tuple(
            CreatorSpec(handles[row], int(followers[row]), **{name: given[name].get(row) for name in given})
            for row in self.rows
            if row in handles and row in followers
        )

    def _place_columns(self) -> None:
        """Places each column; two of one meaning and a missing required one are problems."""
        known = {"tier": self.tiers, "language": self.choices["language"]}
        unused = self.find_columns([column for column, there in known.items() if not there])
        for column in REQUIRED:
            if column not in self.places:
                expected = f"a column {column} (or {', '.join(COLUMNS[column].aliases.split()[:4])} …)"
                nearest = nearest_match(column, unused)
                self.problem(self.header_line, column, "missing", expected=expected, nearest=nearest)
        self._report_unused(unused)

    def _report_unused(self, names: Sequence[str]) -> None:
        """Unused columns are noted in a roster, and problems in a [[creator]] table."""
        if names and not self.prefix:
            self.notes.append(f"columns not used: {', '.join(names)}")
            return
        for name in names:
            expected, nearest = f"one of {', '.join(COLUMNS)}", nearest_match(name, COLUMNS)
            message, key = "unknown key", self.prefix + name
            if read_heading(name).column == "language":
                message, expected, nearest = "has no effect without market.languages", _LANGUAGES, None
            error = InputError(message, file=self.file, key=key, expected=expected, nearest=nearest)
            self.problems.append(error)

    def _handles(self) -> dict[int, str]:
        """Handles without @; a blank, broken or repeated one (in any case) is a problem."""
        handles: dict[int, str] = {}
        seen: dict[str, int] = {}
        cells = self.cells("handle")
        for row in self.rows if "handle" in self.places else ():
            cell = cells.get(row, "")
            handle = clean_handle(cell) if isinstance(cell, str) else ""
            if NO_HANDLE.fullmatch(handle.casefold()):
                self.problem(row, "handle", "no handle", cell)
                continue
            handles[row] = handle
            first = seen.setdefault(handle.casefold(), row)
            if first != row:
                message = f"the same handle as in row {first}"
                self.problem(row, "handle", message, cell, expected="each creator once")
        return handles

    def _choice(self, column: str) -> dict[int, str]:
        """The niche, region or language of each row that gives one, spelt as in the scenario."""
        options = {clean_text(option).casefold(): option for option in self.choices[column]}
        listed = f"one of {', '.join(options.values())}, or " if options else ""
        expected = listed + COLUMNS[column].expected
        nearest = cache(lambda word: nearest_match(word, self.choices[column]))
        chosen = {}
        for row, cell in self.cells(column).items():
            word = clean_text(cell).casefold() if isinstance(cell, str) else None
            if word in options:
                chosen[row] = options[word]
            elif word not in BLANKS:
                near = nearest(str(cell)[:80])
                self.problem(row, column, f"unknown {column}", cell, expected=expected, nearest=near)
        return chosen

    def _engagement_rates(self, followers: Mapping[int, float]) -> dict[int, float]:
        """The rates given; where there is none, likes / followers, if that is above 0 and at most 1."""
        rates, likes = self.numbers("engagement_rate"), self.numbers("average_likes")
        if not likes:
            return rates
        name = self.name("average_likes")
        derived = {row: likes[row] / followers[row] for row in likes if row in followers and row not in rates}
        taken = {row: rate for row, rate in derived.items() if 0 < rate <= 1}
        self.note(list(taken), f"engagement rate taken from {name}")
        self.note([row for row in likes if row in rates], f"{name} not used, as an engagement rate is given")
        self._refuse_likes([row for row in derived if likes[row] == 0], f"{name} of 0 gives")
        above = [row for row, rate in derived.items() if rate > 1]
        self._refuse_likes(above, f"{name} above followers gives")
        return rates | taken

    def _refuse_likes(self, rows: Sequence[int], reason: str) -> None:
        self.note(rows, f"{reason} no engagement rate, which is left to the model")
        if rows and self.prefix:
            expected = "likes of one post, above 0 and at most the followers, or none given"
            self.problem(0, "average_likes", f"{reason} no engagement rate", expected=expected)

    def _check_tiers(self, followers: Mapping[int, float]) -> None:
        """A creator's followers must lie in the tier that it is said to belong to."""
        bounds = {tier_word(name): limits for name, limits in self.tiers.items()}
        if "celebrity" in bounds:
            bounds.setdefault("mega", bounds["celebrity"])
        for row, cell in self.cells("tier").items():
            word = tier_word(str(cell))
            if word in bounds and row in followers:
                self._check_tier(row, cell, bounds[word], followers[row])
            elif word not in bounds and clean_text(str(cell)).casefold() not in BLANKS:
                expected, near = f"one of {', '.join(self.tiers)}, or blank", nearest_match(word, self.tiers)
                self.problem(row, "tier", "unknown tier", cell, expected=expected, nearest=near)

    def _check_tier(self, row: int, cell: object, limits: tuple[float, float], followers: float) -> None:
        low, high = limits
        if low <= followers < high:
            return
        below = f" and fewer than {high:,.0f}" if high < math.inf else ""
        expected = f"{low:,.0f} followers or more{below}"
        fitting = (name for name, (least, most) in self.tiers.items() if least <= followers < most)
        message = f"a {cell} creator with {followers:,.0f} followers"
        self.problem(row, "tier", message, cell, expected=expected, nearest=next(fitting, None))
