"""Rosters as people have them: number forms, headers, files, and every kind of problem with its place."""

from __future__ import annotations

import gzip
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import InputError, InputErrors
from sim.scenario.numbers import Kind, read_column, take_apart, value_of
from sim.scenario.roster import (
    COLUMNS,
    CreatorSpec,
    Roster,
    creator_from_table,
    read_heading,
    read_roster,
)
from sim.scenario.tables import row_list

SAMPLES = Path(__file__).parents[1] / "samples"
SHARED = Path(__file__).parents[2].parent / "shared" / "data"
NICHES = ["beauty", "food", "sport"]
REGIONS = ["us", "de", "at"]
TIERS = {
    "nano": (1e3, 1e4),
    "micro": (1e4, 1e5),
    "mid": (1e5, 5e5),
    "macro": (5e5, 1e6),
    "celebrity": (1e6, math.inf),
}

Read = Callable[..., Roster]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads the text or bytes given as a roster."""

    def reader(content: str | bytes, **options: object) -> Roster:
        path = tmp_path / "roster.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_roster(path, **{"niches": NICHES, "regions": REGIONS, "tiers": TIERS} | options)

    return reader


def problems_of(read: Read, content: str | bytes, **options: object) -> list[InputError]:
    with pytest.raises(InputErrors) as caught:
        read(content, **options)
    return caught.value.problems


def value(text: object, kind: Kind) -> float | None:
    number = take_apart(text)
    return None if number is None else value_of(number, kind)[0]


# --- numbers


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("12500", Kind.COUNT, 12_500),
        ("12.5K", Kind.COUNT, 12_500),
        ("12.5k", Kind.COUNT, 12_500),
        ("1.2M", Kind.COUNT, 1_200_000),
        ("1,2M", Kind.COUNT, 1_200_000),
        ("2.9m", Kind.COUNT, 2_900_000),
        ("1.234M", Kind.COUNT, 1_234_000),
        ("1.2 million", Kind.COUNT, 1_200_000),
        ("1,2 Mio.", Kind.COUNT, 1_200_000),
        ("1 200", Kind.COUNT, 1_200),
        ("1\u00a0200", Kind.COUNT, 1_200),
        ("1\u202f200\u202f000", Kind.COUNT, 1_200_000),
        ("1'200", Kind.COUNT, 1_200),
        ("1’200", Kind.COUNT, 1_200),
        ("1_000", Kind.COUNT, 1_000),
        ("12,500", Kind.COUNT, 12_500),
        ("12.500", Kind.COUNT, 12_500),
        ("1.200.000", Kind.COUNT, 1_200_000),
        ("1,20,000", Kind.COUNT, 120_000),
        ("12500.0", Kind.COUNT, 12_500),
        ("1.2E+06", Kind.COUNT, 1_200_000),
        ("1.0005K", Kind.COUNT, 1_001),
        ("0.0125k", Kind.COUNT, 13),
        (" 7 ", Kind.COUNT, 7),
        ("\u200e12500", Kind.COUNT, 12_500),
        ("3.5%", Kind.SHARE, 3.5),
        ("3,5 %", Kind.SHARE, 3.5),
        ("12.500", Kind.SHARE, 12.5),
        ("0,035", Kind.SHARE, 0.035),
        (".035", Kind.SHARE, 0.035),
        ("1.200", Kind.RATIO, 1.2),
        ("$1,200", Kind.MONEY, 1_200),
        ("1,200 USD", Kind.MONEY, 1_200),
        ("US$ 1,200.50", Kind.MONEY, 1_200.5),
        ("€1.200,50", Kind.MONEY, 1_200.5),
        ("1.200,50 €", Kind.MONEY, 1_200.5),
        ("1 200,50 €", Kind.MONEY, 1_200.5),
        ("CHF 1'200.–", Kind.MONEY, 1_200),
        ("350,-", Kind.MONEY, 350),
        ("$1.2K", Kind.MONEY, 1_200),
        ("0.125", Kind.MONEY, 0.125),
        ("1200.125", Kind.MONEY, 1_200.125),
        ("-50", Kind.MONEY, -50),
        ("−50", Kind.MONEY, -50),
        ("-$50", Kind.MONEY, -50),
        (12_500, Kind.COUNT, 12_500),
        (1.234, Kind.MONEY, 1.234),
        (1e-05, Kind.SHARE, 1e-05),
    ],
)  # fmt: skip
def test_number_forms(text: object, kind: Kind, expected: float) -> None:
    assert value(text, kind) == expected


@pytest.mark.parametrize("text", ["", " ", "-", "–", "—", "n/a", "N/A", "#N/A", "none", "TBD", "\xa0", None])
def test_blank_forms(text: object) -> None:
    assert take_apart(text) is None


@pytest.mark.parametrize(
    "text",
    ["nan", "inf", "-inf", "many", "1,2,3", "1.2.3", "12 50", "1,200.50.3", "1.5,200", "10K+", "~12K", "1-2",
     "$1€", "12 mil", "--5", "1e999", "9" * 70, "0x10", "1/2", "٣", True, [1], math.nan, math.inf, 10**400],
)  # fmt: skip
def test_what_is_not_a_number_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="not a"):
        value(text, Kind.AMOUNT)


@pytest.mark.parametrize("text", ["12.5", "1.25", "0.5"])
def test_a_fraction_of_a_person_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a whole number"):
        value(text, Kind.COUNT)


@pytest.mark.parametrize(
    ("cells", "expected", "noted"),
    [
        (["1.200", "99.50"], [1.2, 99.5], True),
        (["1.200", "99,50"], [1200, 99.5], False),
        (["1,200", "99.50"], [1200, 99.5], False),
        (["1,200", "99,50"], [1.2, 99.5], True),
        (["1,200", "1.200.000"], [1.2, 1_200_000], True),
        (["1,200", "950"], [1200, 950], False),
        (["1.200", "950"], [1200, 950], True),
        (["1.234K", "1.5K"], [1234, 1500], True),
    ],
)
def test_a_column_decides_on_a_single_mark(cells: list[str], expected: list[float], noted: bool) -> None:
    reading = read_column(dict(enumerate(cells)), Kind.AMOUNT)
    assert list(reading.values.values()) == expected
    assert bool(reading.notes) == noted


@pytest.mark.parametrize("cells", [["1.200", "99.5", "99,5"], ["1.200K"], ["1,200K", "950"]])
def test_an_open_mark_without_evidence_is_refused(cells: list[str]) -> None:
    reading = read_column(dict(enumerate(cells)), Kind.AMOUNT)
    assert [(fault.row, "ambiguous" in fault.message) for fault in reading.faults] == [(0, True)]


@given(number=st.integers(0, 10**9), mark=st.sampled_from([",", ".", " ", "'", "_", "", "\u00a0", "\u202f"]))
def test_grouped_counts_come_back(number: int, mark: str) -> None:
    assert value(f"{number:,}".replace(",", mark), Kind.COUNT) == number


@given(
    cents=st.integers(0, 10**9),
    marks=st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("", "."), ("", ",")]),
    pattern=st.sampled_from(["{}", "${}", "{} €", "€ {}", "CHF {}", "{} USD"]),
)
def test_amounts_of_money_come_back(cents: int, marks: tuple[str, str], pattern: str) -> None:
    written = f"{cents / 100:,.2f}".translate({ord(","): marks[0], ord("."): marks[1]})
    assert value(pattern.format(written), Kind.MONEY) == cents / 100


@given(tenths=st.integers(1, 9_999), letter=st.sampled_from("kKmM"))
def test_short_counts_come_back(tenths: int, letter: str) -> None:
    thousands = {"k": 100, "m": 100_000}[letter.lower()]
    assert value(f"{tenths / 10}{letter}", Kind.COUNT) == tenths * thousands


@given(fraction=st.floats(0.001, 1.0), as_percent=st.booleans())
def test_shares_come_back(fraction: float, as_percent: bool) -> None:
    cell = f"{fraction * 100:.10f}%" if as_percent else repr(fraction)
    assert read_column({2: cell}, Kind.SHARE).values[2] == pytest.approx(fraction, rel=1e-6)


@given(text=st.text(max_size=30))
def test_any_text_is_a_number_blank_or_refused(text: str) -> None:
    for kind in Kind:
        reading = read_column({2: text}, kind)
        assert len(reading.values) + len(reading.faults) <= 1
        assert all(math.isfinite(number) for number in reading.values.values())


# --- headers


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("handle", "handle"), ("Username", "handle"), ("user", "handle"), ("Name", "handle"),
        ("account", "handle"), ("creator", "handle"), ("Influencer", "handle"),
        ("Instagram handle", "handle"), ("@handle", "handle"), ("user_name", "handle"),
        ("follower count", "followers"), ("Followers-Count", "followers"), ("subscribers", "followers"),
        ("Audience", "followers"), ("IG Followers", "followers"), ("No. of followers", "followers"),
        ("ER", "engagement_rate"), ("engagement", "engagement_rate"), ("Eng. rate", "engagement_rate"),
        ("engagement rate %", "engagement_rate"), ("er%", "engagement_rate"), ("ER (%)", "engagement_rate"),
        ("er_pct", "engagement_rate"), ("avg likes", "average_likes"), ("Average Likes", "average_likes"),
        ("likes", "average_likes"), ("median_likes", "average_likes"), ("Price", "fee"), ("cost", "fee"),
        ("rate", "fee"), ("Cost per post", "fee"), ("price/post", "fee"), ("fee per post", "fee"),
        ("Fee (USD)", "fee"), ("rate US$", "fee"), ("cost_eur", "fee"), ("Category", "niche"),
        ("topic", "niche"), ("vertical", "niche"), ("industry", "niche"), ("Country", "region"),
        ("market", "region"), ("location", "region"), ("geo", "region"), ("fake followers", "fake_share"),
        ("fake %", "fake_share"), ("% fake followers", "fake_share"), ("Bot share", "fake_share"),
        ("answers per day", "answers_a_day"), ("Posts/day", "posts_a_day"), ("influencer_tier", "tier"),
        ("size", "tier"), ("Lang", "language"), ("content language", "language"),
        ("posts' language", "language"), ("Min. fee", "reservation"), ("minimum ($)", "reservation"),
        ("Floor", "reservation"), ("lowest fee", "reservation"), ("Sponsored %", "sponsored_share"),
        ("sponsored posts", "sponsored_share"), ("ad ratio", "sponsored_share"),
        ("following", None), ("posts_total", None), ("followers %", None),
        ("followers (USD)", None), ("", None), ("rate (%)", None),
    ],
)  # fmt: skip
def test_headers_as_people_have_them(header: str, column: str | None) -> None:
    assert read_heading(header).column == column


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_answers_to_its_own_name(column: str) -> None:
    assert read_heading(column).column == column
    assert read_heading(column.upper().replace("_", " ")).column == column


def test_aliases_belong_to_one_column() -> None:
    names = [name for column in COLUMNS.values() for name in column.aliases.split()]
    assert len(names) == len(set(names))


# --- rosters that load


def test_european_file_with_mark_semicolons_and_blank_lines() -> None:
    roster = read_roster(SAMPLES / "roster_european.csv", NICHES, REGIONS, TIERS)
    assert roster.creators == (
        CreatorSpec("anna", 12_500, "beauty", "de", engagement_rate=0.035, fee=1200.5, fake_share=0.125),
        CreatorSpec("Børge", 1_200_000, "food", "de", engagement_rate=0.008, fee=8000.0),
        CreatorSpec("çelik", 1_200, None, "at", engagement_rate=0.12, fee=350.0),
        CreatorSpec("Élodie", 980_000, "sport", None, engagement_rate=0.0125, fee=2450.0, fake_share=0.25),
    )
    assert roster.notes == (
        "columns not used: Comment",
        "rows 2, 4-6: Price per post in €, taken as the scenario's currency and not converted",
    )


def test_all_columns(read: Read) -> None:
    roster = read(
        "handle,followers,niche,region,engagement_rate,average_likes,fee,"
        "fake_share,quality,answers_a_day,posts_a_day,language,reservation,sponsored_share\n"
        "anna,5000,food,us,0.04,150,90,0.2,1.3,40,0.5,EN,$70,10%\n",
        languages=["en", "de", "de"],
    )
    assert roster.creators == (CreatorSpec("anna", 5000, "food", "us", 0.04, 90, 0.2, 1.3, 40, 0.5, "en", 70, 0.1),)
    assert roster.notes == (
        "row 2: average_likes not used, as an engagement rate is given",
        "row 2: reservation in $, taken as the scenario's currency and not converted",
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(read: Read, delimiter: str, ending: str) -> None:
    rows = [["Handle", "Followers", "Note, or so; more"], ["anna", "12500", ""], ["ben", "900", ""]]
    text = ending.join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert [creator.followers for creator in read(text).creators] == [12_500, 900]


def test_the_delimiter_that_a_spreadsheet_declares(read: Read) -> None:
    assert read("sep=;\r\nhandle;followers\r\nanna;1200\r\n").creators[0].followers == 1200
    assert problems_of(read, "sep=;\r\nhandle;followers\r\nanna;x\r\n")[0].row == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_encodings(read: Read, encoding: str) -> None:
    roster = read("handle,followers\nZoë,1200\n".encode(encoding))
    assert roster.creators[0].handle == "Zoë"
    western = encoding in ("cp1252", "latin-1")
    assert roster.notes == (("not UTF-8: read as latin-1 (Windows-1252)",) if western else ())


def test_windows_euro_sign(read: Read) -> None:
    assert read("handle;followers;fee\nanna;1200;80 €\n".encode("cp1252")).creators[0].fee == 80


def test_gzip_is_known_by_its_bytes(read: Read) -> None:
    assert read(gzip.compress(b"handle,followers\nanna,1200\n", mtime=0)).creators == (CreatorSpec("anna", 1200),)


def test_choices_ignore_case_and_blank_means_none(read: Read) -> None:
    roster = read("handle,followers,niche,region\na,1,FOOD,Us\nb,1,,n/a\nc,1, Sport ,-\n")
    assert [creator.niche for creator in roster.creators] == ["food", None, "sport"]
    assert [creator.region for creator in roster.creators] == ["us", None, None]


def test_languages_are_those_of_the_market(read: Read) -> None:
    rows = "handle,followers,Lang\na,1,Fr\nb,1,\n"
    assert [creator.language for creator in read(rows, languages=["en", "fr"]).creators] == ["fr", None]
    roster = read(rows)
    assert [creator.language for creator in roster.creators] == [None, None]
    assert roster.notes == ("columns not used: Lang",)
    (problem,) = problems_of(read, "handle,followers,lang\na,1,english\n", languages=["English UK", "fr", "fr"])
    assert (problem.row, problem.key, problem.value, problem.nearest) == (2, "lang", "english", "English UK")
    assert problem.expected == "one of English UK, fr, or blank if not given"


def test_a_region_named_like_a_blank_is_a_region(read: Read) -> None:
    assert read("handle,followers,region\na,1,NA\n", regions=["na", "eu"]).creators[0].region == "na"


def test_handles_lose_their_at_and_invisible_marks(read: Read) -> None:
    roster = read('handle,followers\n@anna,1\n\u200e@ben \u200b,1\n"Carl\n Lee",1\n')
    assert [creator.handle for creator in roster.creators] == ["anna", "ben", "Carl Lee"]


def test_rows_without_content_are_skipped_and_short_ones_noted(read: Read) -> None:
    roster = read("handle,followers,fee\n,,\nanna,1\n\nben,2,3,,\n")
    assert [(creator.handle, creator.fee) for creator in roster.creators] == [("anna", None), ("ben", 3)]
    assert roster.notes == ("row 3: fewer cells than headers, the missing ones taken as blank",)


def test_rates_from_likes(read: Read) -> None:
    roster = read("handle,followers,er,avg likes\na,1000,,50\nb,1000,0.02,40\nc,1000,n/a,0\nd,1000,,2.5K\n")
    assert [creator.engagement_rate for creator in roster.creators] == [0.05, 0.02, None, None]
    assert roster.notes == (
        "row 2: engagement rate taken from avg likes",
        "row 3: avg likes not used, as an engagement rate is given",
        "row 4: avg likes of 0 gives no engagement rate, which is left to the model",
        "row 5: avg likes above followers gives no engagement rate, which is left to the model",
    )


@pytest.mark.parametrize(
    ("header", "cells", "expected", "note"),
    [
        ("er", ["0.035", "0.02"], [0.035, 0.02], None),
        ("er", ["3.5%", "0,8 %"], [0.035, 0.008], None),
        ("er (%)", ["3.5", "0.8"], [0.035, 0.008], None),
        ("er (%)", ["3.5%", "0.8"], [0.035, 0.008], None),
        ("er", ["3.5", "0.8", "", "1"], [0.035, 0.008, None, 0.01], "rows 2-3, 5: er read as percentages"),
        ("er", ["3.5%", "0.02"], [0.035, 0.02], "row 3: er read as fractions"),
        ("er", ["0.02", "0.5"], [0.02, 0.5], "row 3: er unusually high (above 0.3)"),
        ("er %", ["0.03", "0.02"], [0.0003, 0.0002], "rows 2-3: er % read as percentages as the header says"),
        ("bots", ["12", "25", "0"], [0.12, 0.25, 0.0], "rows 2-3: bots read as percentages"),
        ("sponsored", ["0.05", "1", "0"], [0.05, 1.0, 0.0], None),
        ("sponsored", ["5", "20", "0"], [0.05, 0.2, 0.0], "rows 2-3: sponsored read as percentages"),
    ],
)
def test_fractions_and_percentages(
    read: Read, header: str, cells: list[str], expected: list[float | None], note: str | None
) -> None:
    roster = read(f"handle;followers;{header}\n" + "".join(f"c{i};1000;{c}\n" for i, c in enumerate(cells)))
    column = {"bots": "fake_share", "sponsored": "sponsored_share"}.get(header, "engagement_rate")
    assert [getattr(creator, column) for creator in roster.creators] == expected
    assert [text.startswith(note or "") for text in roster.notes] == ([True] if note else [])


def test_tiers_that_fit(read: Read) -> None:
    small = "a,1000,Nano\nb,10K,micro-influencer\nc,100000,MID tier\nd,5,\n"
    large = "e,500000,macro\nf,1M,Mega\ng,2M,celebrity\n"
    assert len(read("handle,followers,size\n" + small + large).creators) == 7
    assert read("handle,followers,size\na,1000,Micro\n", tiers=None).notes == ("columns not used: size",)


# --- problems


def test_all_problems_of_a_file_at_once() -> None:
    path = SAMPLES / "roster_problems.csv"
    with pytest.raises(InputErrors) as caught:
        read_roster(path, NICHES, REGIONS, TIERS)
    assert caught.value.exit_code == 2
    assert {problem.file for problem in caught.value.problems} == {str(path)}
    assert [(p.row, p.key, p.value, p.nearest) for p in caught.value.problems] == [
        (3, "Username", "@ANNA", None),
        (3, "Tier", "Micro", "celebrity"),
        (3, "Category", "beuty", "beauty"),
        (3, "Engagement rate", "-0.01", None),
        (5, "Follower count", "0", None),
        (5, "Market", "uss", "us"),
        (5, "Price", "-50", None),
        (6, "Username", "", None),
        (6, "Follower count", "many", None),
        (6, "Tier", "gigantic", None),
        (7, None, "extra", None),
        (8, "Tier", "mega", "micro"),
        (8, "Price", "€80", None),
    ]


@pytest.mark.parametrize(
    ("column", "cell", "message", "expected"),
    [
        ("handle", "", "no handle", "handle"),
        ("handle", "@", "no handle", "handle"),
        ("handle", "#NAME?", "no handle", "handle"),
        ("followers", "", "no followers", "whole number"),
        ("followers", "n/a", "no followers", "whole number"),
        ("followers", "12.5", "not a whole number", "whole number"),
        ("followers", "-5", "out of range", "1 to 1,000,000,000"),
        ("followers", "2B", "out of range", "1 to 1,000,000,000"),
        ("followers", "5%", "a percentage does not belong here", "whole number"),
        ("followers", "$500", "a currency does not belong here", "whole number"),
        ("followers", "nan", "not a number", "whole number"),
        ("engagement_rate", "0", "out of range", "above 0 and at most 1"),
        ("engagement_rate", "150%", "out of range", "above 0 and at most 1"),
        ("engagement_rate", "inf", "not a number", "above 0 and at most 1"),
        ("average_likes", "-1", "out of range", "0 or more"),
        ("fee", "-0.01", "out of range", "0 or more"),
        ("fee", "5%", "a percentage does not belong here", "money"),
        ("fee", "500-800", "not a number", "money"),
        ("fake_share", "95%", "out of range", "0 to 0.9"),
        ("fake_share", "-1%", "out of range", "0 to 0.9"),
        ("quality", "0", "out of range", "above 0"),
        ("posts_a_day", "x", "not a number", "posts a day"),
        ("reservation", "-1", "out of range", "the least money"),
        ("sponsored_share", "101%", "out of range", "0 to 1"),
        ("niche", "bauty", "unknown niche", "one of beauty, food, sport, or blank for a general creator"),
        ("region", "fr", "unknown region", "one of us, de, at, or blank"),
        ("tier", "huge", "unknown tier", "one of nano, micro, mid, macro, celebrity, or blank"),
        ("tier", "celebrity", "a celebrity creator with 1,200 followers", "1,000,000 followers or more"),
        ("tier", "micro", "a micro creator with 1,200 followers", "10,000 followers or more and fewer than"),
    ],
)
def test_each_kind_of_problem(read: Read, column: str, cell: str, message: str, expected: str) -> None:
    creator = {"handle": "anna", "followers": "1200"} | {column: cell}
    text = f"{';'.join(creator)}\n\n{';'.join(creator.values())}\nben;1200;\n"
    (problem,) = problems_of(read, text)
    assert (problem.row, problem.key, problem.value) == (3, column, cell or problem.value)
    assert problem.message == message
    assert expected in str(problem.expected)


def test_missing_columns_do_not_hide_the_rows(read: Read) -> None:
    problems = problems_of(read, "folowers,er,niche\n1200,-0.1,food\n1200,0.1,fod\n")
    assert [(p.row, p.key, p.nearest) for p in problems] == [
        (1, "handle", None),
        (1, "followers", "folowers"),
        (2, "er", None),
        (3, "niche", "food"),
    ]


def test_two_columns_of_one_meaning(read: Read) -> None:
    (problem,) = problems_of(read, "name,Handle,followers\nAnna,anna,1200\n")
    assert problem.message == "'name' and 'Handle' both mean handle"
    assert problem.row == 1


def test_duplicate_handles_name_both_rows(read: Read) -> None:
    (problem,) = problems_of(read, "handle,followers\nanna,1\nben,1\n\n@Anna,1\n")
    assert (problem.row, problem.message) == (5, "the same handle as in row 2")


@pytest.mark.parametrize(
    ("cells", "rows", "message"),
    [
        (["0.035", "0.02", "3.5"], [4], "a percentage among fractions"),
        (["3.5", "2.1", "0.02"], [4], "a fraction among percentages"),
    ],
)
def test_fractions_among_percentages(read: Read, cells: list[str], rows: list[int], message: str) -> None:
    text = "handle,followers,er\n" + "".join(f"c{i},1000,{cell}\n" for i, cell in enumerate(cells))
    assert message in [problem.message for problem in problems_of(read, text)]
    assert [problem.row for problem in problems_of(read, text)] == rows


def test_two_currencies(read: Read) -> None:
    problems = problems_of(read, "handle,followers,fee\na,1,$5\nb,1,$6\nc,1,€7\n")
    assert [(p.row, p.message) for p in problems] == [(4, "€ in a column of $")]
    assert problems_of(read, "handle,followers,fee (EUR)\na,1,$5\n")[0].message == "$ in a column of €"


def test_unpaired_quotes(read: Read) -> None:
    with pytest.raises(InputError, match="not CSV") as caught:
        read('handle,followers\nanna,1\n"ben,2\ncarl,3\n')
    assert caught.value.row == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b" \n\n", "an empty file"),
        (gzip.compress(b"", mtime=0), "an empty file"),
        (b"handle,followers\n\n", "a header without creators"),
        (b"PK\x03\x04\x14\x00\x06\x00", "not a text file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a text file"),
        ("handle,followers\na,1\n".encode("utf-16-le"), "not a text file"),
        (gzip.compress(b"handle,followers\nanna,1\n", mtime=0)[:-9], "a damaged gzip file"),
        (b"\x1f\x8b nonsense", "a damaged gzip file"),
    ],
)
def test_files_that_are_no_roster(read: Read, content: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(content)
    assert caught.value.message == message
    assert caught.value.file
    assert not isinstance(caught.value, InputErrors)


ROWS = st.text("ab1.,;|\t \"'%$€-\n\r@é\x00", max_size=60)


@given(content=st.one_of(st.binary(max_size=80), ROWS.map(lambda rows: f"handle,followers,er,fee\n{rows}".encode())))
def test_any_file_is_a_roster_or_bad_input(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    try:
        creators = read_roster(path, NICHES, REGIONS, TIERS).creators
    except InputError:
        return
    assert creators


def test_missing_file_and_folder(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("handle,followers\n")
    with pytest.raises(InputError, match="no such file") as caught:
        read_roster(tmp_path / "rooster.csv", NICHES, REGIONS)
    assert caught.value.nearest == "roster.csv"
    with pytest.raises(InputError, match="a folder"):
        read_roster(tmp_path, NICHES, REGIONS)


# --- [[creator]] tables


def inline(**table: object) -> CreatorSpec:
    return creator_from_table(table, NICHES, REGIONS, file="launch.toml", key="creator.anna", tiers=TIERS)


def test_creator_from_a_table() -> None:
    numbers = inline(handle="@anna", followers=12_500, niche="Food", er=0.035, fee=1.234, tier="micro")
    assert numbers == CreatorSpec("anna", 12_500, "food", engagement_rate=0.035, fee=1.234)
    texts = inline(username="anna", subscribers="12.5K", er="3.5%", price="$1,200", region="")
    assert texts == CreatorSpec("anna", 12_500, engagement_rate=0.035, fee=1200)
    percent = inline(**{"handle": "anna", "followers": 1000, "er (%)": 3.5})
    assert percent.engagement_rate == 0.035
    assert inline(handle="anna", followers=1000, average_likes=40).engagement_rate == 0.04


@pytest.mark.parametrize(
    ("extra", "key", "message", "nearest"),
    [
        ({"folowers": 5}, "folowers", "unknown key", "followers"),
        ({"engagement_rate": 3.5}, "engagement_rate", "out of range", None),
        ({"engagement_rate": math.nan}, "engagement_rate", "not a finite number", None),
        ({"fee": "1.200"}, "fee", "ambiguous: its mark may group thousands or begin decimals", None),
        ({"fee": True}, "fee", "not a number", None),
        ({"niche": "fod"}, "niche", "unknown niche", "food"),
        ({"niche": ["food"]}, "niche", "unknown niche", "food"),
        ({"average_likes": 0}, "average_likes", "average_likes of 0 gives no engagement rate", None),
        ({"language": "en"}, "language", "has no effect without market.languages", None),
        ({"sponsored_share": 10}, "sponsored_share", "out of range", None),
        ({"tier": "nano"}, "tier", "a nano creator with 12,500 followers", "micro"),
        ({"subscribers": 5}, "followers", "'followers' and 'subscribers' both mean followers", None),
    ],
)
def test_problem_of_a_table(extra: dict[str, object], key: str, message: str, nearest: str | None) -> None:
    with pytest.raises(InputError) as caught:
        inline(handle="anna", followers=12_500, **extra)
    problem = caught.value
    assert (problem.file, problem.key, problem.row) == ("launch.toml", f"creator.anna.{key}", None)
    assert (problem.message, problem.nearest) == (message, nearest)


def test_several_problems_of_a_table() -> None:
    with pytest.raises(InputErrors) as caught:
        inline(niche="fod", fee=-1)
    assert [problem.key.removeprefix("creator.anna.") for problem in caught.value.problems] == [
        "handle", "followers", "niche", "fee"]  # fmt: skip


# --- words


@pytest.mark.parametrize(
    ("rows", "text"),
    [([4], "row 4"), ([4, 9], "rows 4, 9"), ([2, 3, 4, 9], "rows 2-4, 9"), (range(0, 30, 2), "and 5 more")],
)
def test_row_list(rows: list[int], text: str) -> None:
    assert row_list(rows).endswith(text)


# --- real rosters


def shared(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not here: it lies beside the project, in {SHARED.parent.name}/{SHARED.name}")
    return path


def test_real_roster() -> None:
    niches = ["fashion", "other", "travel", "family", "food", "beauty", "interior", "fitness", "pet"]
    roster = read_roster(shared("instagram_creators_2019.csv.gz"), niches, ["us"])
    assert len(roster.creators) == 22_669
    assert roster.creators[0].engagement_rate == 45 / 1010
    assert max(creator.followers for creator in roster.creators) == 96_500_000
    assert sum(creator.engagement_rate is None for creator in roster.creators) == 7  # four of 0, three above 1
    assert roster.notes[0].startswith("columns not used: following, posts_total")


def test_invented_campaigns_are_refused_row_by_row() -> None:
    with pytest.raises(InputErrors) as caught:
        read_roster(shared("malformed_campaigns.csv"), NICHES, REGIONS, TIERS)
    problems = caught.value.problems
    assert (problems[0].row, problems[0].key) == (1, "handle")
    assert (problems[1].row, problems[1].key, problems[1].value) == (2, "influencer_tier", "Micro")
    assert "2,866,509 followers" in problems[1].message
    assert {problem.key for problem in problems} == {"handle", "influencer_tier", "engagement_rate"}
    assert len({problem.row for problem in problems}) > 300
