"""Plans at the edge: seeding alone, no creators at all, offers that nobody takes, two stages; through every command."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HEAD = """
[market]
population = 20_000
[society]
people = 1_000
worlds = 2
[product]
price = 40.0
[run]
days = 5
replicates = 2
"""
CREATORS = """creator = [
    { handle = "anna", followers = 1_500, fee = 30, reservation = 20 },
    { handle = "ben", followers = 2_500, fee = 50, reservation = 40 },
]
"""
SEEDING = 'seeding = { people = "random", k = 400, start = 1 }'
PLANS = {
    "seeding": ("", [SEEDING, 'budget = 5_000\nseeding = { people = "top", k = 100 }']),
    "free": ("", ['seeding = { people = "fringe", k = 60, gift = 0 }']),
    "insult": (CREATORS, ['budget = 100\n'
                          'deals = [{ creator = "anna", fee = 0 }, { creator = "ben", fee = 1, posts = 2 }]']),
    "insults": (CREATORS, ['deals = [{ creator = "anna", fee = 0 }]', 'deals = [{ creator = "ben", fee = 9 }]']),
    "declined and seeded": (CREATORS, [f'deals = [{{ creator = "anna", fee = 5 }}]\n{SEEDING}']),
    "staged": (CREATORS, ['budget = 500\ndeals = [{ creator = "anna" }, { creator = "ben", fee = 1 }]\n'
                          'second = { start = 2, posts = 2, every = 1 }']),
    "staged insult": (CREATORS, ['budget = 500\ndeals = [{ creator = "ben", fee = 1 }]\nsecond = { start = 2 }']),
}  # fmt: skip
QUIET = ("--workers", "1", "--quiet")

Influence = Callable[..., Any]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The scenario of that name, in an empty working directory."""
    monkeypatch.chdir(tmp_path)
    creators, plans = PLANS[request.param]
    tables = [f'\n[[plan]]\nname = "{letter}"\n{plan}\n' for letter, plan in zip("ab", plans, strict=False)]
    (tmp_path / "edge.toml").write_text("".join((creators, HEAD, *tables)))
    return "edge.toml"


OTHERS = [pytest.param(name, marks=pytest.mark.full) for name in ("insult", "insults", "staged", "staged insult")]


@pytest.mark.parametrize("file", ["seeding", *OTHERS], indirect=True)
def test_every_command_has_an_answer(file: str, influence: Influence) -> None:
    words = (("compare", file, *QUIET, "--out", "out"), ("report", "out"), ("reproduce", "out", *QUIET), ("show", file),
             ("check", file), ("world", file, "--quiet"), ("run", file, "--plan", "a", "--quiet"))  # fmt: skip
    for command in words:
        answer = influence(*command)
        assert answer.code == 0, (command, answer.err)
        assert "nan" not in answer.out, command
    for command in (("show", file), ("check", file), ("world", file), ("run", file, "--plan", "a")):
        assert influence(*command, "--json").json()["command"] == command[0]
    with Path("out/creators.csv").open() as stream:
        assert "engagement_rate_real" in next(csv.reader(stream))


def compared(file: str, influence: Influence) -> Any:
    return influence("compare", file, *QUIET, "--out", "-", "--json").json()


@pytest.mark.parametrize("file", ["seeding"], indirect=True)
def test_a_seeding_costs_what_it_gives_away(file: str, influence: Influence) -> None:
    plans = compared(file, influence)["plans"]
    one, top = plans["a"], plans["b"]
    assert (one["cost"]["mean"], top["cost"]["mean"]) == (400 * 20.0, 100 * 20.0)
    assert (one["left_over"], top["left_over"]) == (None, 3_000.0)
    assert (one["creators"], one["posts"], one["declined"]) == (0, 0, {})
    assert one["reach"]["mean"] > 0
    assert one["clicks"]["mean"] == 0
    assert one["overlap"]["mean"] is None
    assert one["engagement_rate_followers"]["mean"] is None
    priced = {plan["name"]: plan["cost"] for plan in influence("check", file, "--json").json()["plans"]}
    assert priced == {"none": 0, "a": 8_000.0, "b": 2_000.0}


@pytest.mark.parametrize("file", ["free"], indirect=True)
def test_where_nothing_is_paid_nothing_has_a_price(file: str, influence: Influence) -> None:
    plan = compared(file, influence)["plans"]["a"]
    assert plan["cost"]["mean"] == 0
    assert plan["impressions"]["mean"] > 0
    assert [plan[key]["mean"] for key in ("cpm", "cpe", "cpc", "cpa", "roas", "roi")] == [None] * 6
    influence("compare", file, *QUIET, "--out", "out")
    with Path("out/runs.csv").open() as stream:
        assert {row["cpm"] for row in csv.DictReader(stream)} == {""}


@pytest.mark.parametrize("file", ["insult"], indirect=True)
def test_a_plan_that_everybody_declines_brings_and_costs_nothing(file: str, influence: Influence) -> None:
    document = compared(file, influence)
    plan = document["plans"]["a"]
    assert plan["declined"] == {"anna": 1.0, "ben": 1.0}
    assert (plan["creators"], plan["posts"], plan["budget"], plan["left_over"]) == (0, 0, 100.0, 100.0)
    assert [plan[key]["mean"] for key in ("reach", "incremental_conversions", "cost")] == [0, 0, 0]
    assert [plan[key]["mean"] for key in ("ctr", "cpa", "roi", "sentiment")] == [None] * 4
    note = "plan a: anna declines the offer in 2 of 2 replicates, ben in 2; 2 USD stay unspent there"
    assert document["warnings"][0] == note
    assert document["answer"] == ["a brings 0 people reached, 0 engagements, 0 extra orders."]


@pytest.mark.parametrize("file", ["insults"], indirect=True)
def test_two_plans_of_nothing_come_out_the_same(file: str, influence: Influence) -> None:
    assert compared(file, influence)["answer"] == ["At no cost, the plans come out the same."]


@pytest.mark.parametrize("file", ["declined and seeded"], indirect=True)
def test_a_seeding_goes_on_when_the_creator_declines(file: str, influence: Influence) -> None:
    plan = compared(file, influence)["plans"]["a"]
    assert (plan["cost"]["mean"], plan["posts"], plan["declined"]) == (8_000.0, 0, {"anna": 1.0})
    assert plan["reach"]["mean"] > 0


@pytest.mark.parametrize("file", ["staged"], indirect=True)
def test_a_second_stage_spends_what_is_declined_in_the_test(file: str, influence: Influence) -> None:
    """anna's 30 for the test and 2 x 30 later; ben will not post for 1."""
    document = compared(file, influence)
    plan = document["plans"]["a"]
    assert (plan["posts"], plan["cost"]["mean"], plan["left_over"]) == (3, 90.0, 410.0)
    assert document["warnings"][0] == "plan a: ben declines the offer in 2 of 2 replicates"
    one = influence("run", file, "--plan", "a", "--json").json()["run"]
    told = {key: one[key] for key in ("posts", "cost", "declined", "budget", "left_over")}
    assert told == {"posts": 3, "cost": 90.0, "declined": {"ben": 1.0}, "budget": 500.0, "left_over": 410.0}
    assert "note: ben declines the offer, worth 1 USD" in influence("run", file, "--plan", "a").err
