"""Observed campaigns: read as people have them, and every problem told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import InputError, InputErrors
from sim.scenario.observed import FIGURES, Observed, read_observed
from sim.scenario.roster import CreatorSpec
from sim.scenario.schema import TIERS

CREATORS = {"Anna": CreatorSpec("Anna", 32_000, "beauty"), "ben": CreatorSpec("ben", 8_000)}
HEADER = "creator,tier,followers,posts,cost,reach,engagements,clicks,orders\n"
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "launch-campaigns.csv"


def read(path: Path, text: str) -> Observed:
    path.write_text(text, encoding="utf-8")
    return read_observed(path, CREATORS, TIERS, 2_000_000)


def problems(path: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(path, text)
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "campaigns.csv"


def test_numbers_and_headers_are_read_as_people_write_them(file: Path) -> None:
    found = read(file, "Handle;Follower;Posts;Spend (€);Reach;Likes;Engagements;Link clicks;Sales\n"
                       "@anna;;3;€ 1.200,50;12,5K;7;1 130;690;9\nzoe;45K;;-;n/a;;2000;;\n")  # fmt: skip
    first, second = found.rows
    assert (first.line, first.creator, first.followers, first.posts) == (2, "Anna", 32_000, 3)
    assert first.figures == {"cost": 1200.5, "reach": 12_500, "engagements": 1130, "clicks": 690, "orders": 9}
    assert (second.creator, second.followers, second.posts) == ("zoe", 45_000, 1)
    assert second.figures == {"engagements": 2000}
    assert found.columns == FIGURES
    assert "columns not used: Likes" in found.notes
    assert "row 3: taken as one post" in found.notes


def test_a_zero_is_a_figure_and_a_blank_is_none(file: Path) -> None:
    found = read(file, HEADER + "ben,,,1,,900,30,0,0\nben,,,1,,900,30,,\n")
    assert [row.figures.get("orders") for row in found.rows] == [0.0, None]


def test_a_tier_stands_for_its_middle_where_nobody_says_more(file: Path) -> None:
    found = read(file, HEADER + ",micro,,1,,,30,,\n,celebrity,,1,,,30,,\nben,nano,,1,,,30,,\n")
    assert [row.followers for row in found.rows] == [31_623, 2_000_000, 8_000]
    assert "rows 2-3: followers taken as the geometric middle of the tier" in found.notes


def test_everything_wrong_is_told_at_once(file: Path) -> None:
    rows = ["Ana,,,1,,,30,,", "zoe,mikro,,1,,,30,,", "ben,macro,,1,,,30,,", "Anna,,,1,,,,,", "Anna,,,0,,,30,,",
            "Anna,,,1,,3M,30,,", "Anna,,,1,,100,101,5,", "Anna,,,1,,100,,5,6", "Anna,,,1,,-5,,,",
            ",,,1,,100,,,"]  # fmt: skip
    with pytest.raises(InputErrors) as caught:
        read(file, HEADER + "\n".join(rows) + "\n")
    told = [(problem.row, problem.key) for problem in caught.value.problems]
    assert told == [(2, "creator"), (3, "tier"), (4, "tier"), (5, "reach"), (6, "posts"), (7, "reach"),
                    (8, "engagements"), (9, "orders"), (10, "reach"), (11, "followers")]  # fmt: skip
    text = str(caught.value)
    assert "did you mean 'Anna'?" in text
    assert "did you mean 'micro'?" in text
    assert "more people than the market has" in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "an empty file"),
        (HEADER, "a header without campaigns"),
        ("creator,clikcs\nben,4\n", "no column with a figure"),
        ("creator,clikcs\nben,4\n", "did you mean 'clicks'?"),
        ("posts,reach\n1,40\n", "no column says who posted"),
        ("creator,reach,Reached\nben,4,5\n", "both mean reach"),
        ("creator,reach\nben,4,5\n", "3 cells under 2 headers"),
        ("creator,reach\nben,many\n", "campaigns.csv, row 2, reach"),
    ],
)
def test_a_table_that_cannot_be_used_says_why(text: str, says: str, file: Path) -> None:
    assert says in problems(file, text)


def test_a_file_that_is_not_there_names_the_nearest(file: Path) -> None:
    file.write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match=r"did you mean 'campaigns\.csv'"):
        read_observed(file.with_name("campaign.csv"), CREATORS, TIERS, 1e6)


def test_the_example_can_be_read() -> None:
    from sim.scenario.load import load

    scenario = load(EXAMPLE.with_name("launch.toml"))
    found = read_observed(EXAMPLE, scenario.creators, scenario.tiers, 3_000_000)
    assert found.columns == FIGURES
    assert {row.creator for row in found.rows} >= set(scenario.creators)
