"""Scenario files: loading, overriding, where values come from, splits into whole posts, fees, and the digest."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.errors import InputError
from sim.parameters import Rates
from sim.platforms import PRESETS
from sim.rules import market_price
from sim.scenario.library import Story, built_in, find, stories, story
from sim.scenario.load import Scenario, load
from sim.scenario.plans import NONE, expected_price
from sim.scenario.schema import DEFAULT_PEOPLE
from sim.scenario.template import write_template

SAMPLES = Path(__file__).parents[1] / "samples"
CAMPAIGN = SAMPLES / "campaign.toml"
TIKTOK = PRESETS["tiktok"].values["recommended_share"]
BEN = market_price(4000, 160.0, 0.85)
"""What the market asks for a post by ben.cooks, who names no fee: about 73.43."""


@pytest.fixture
def campaign(tmp_path: Path) -> Callable[..., Scenario]:
    """The sample campaign with replacements in its text, loaded with overrides and options."""

    def loaded(*edits: tuple[str, str], overrides: tuple[str, ...] = (), roster: str = "", **options: Any) -> Scenario:
        text = CAMPAIGN.read_text()
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "campaign.toml").write_text(text)
        (tmp_path / "campaign_roster.csv").write_text(roster or (SAMPLES / "campaign_roster.csv").read_text())
        return load(tmp_path / "campaign.toml", overrides, **options)

    return loaded


def bought(scenario: Scenario, plan: str) -> list[tuple[str, int, float]]:
    return [(deal.creator, deal.posts, float(deal.fee)) for deal in scenario.plan(plan).deals]


# --- loading -----------------------------------------------------------------------------------------------


def test_a_scenario_holds_what_its_file_says() -> None:
    scenario = load(CAMPAIGN)
    assert scenario.name == "campaign"
    assert scenario.question == "Three small creators, or a mix with a larger one?"
    assert scenario.market.population == 100_000
    assert scenario.product.price == 40.0
    assert str(scenario.run.start_date) == "2026-03-02"
    assert (scenario.people, scenario.worlds) == (10_000, 2)
    assert scenario.rates.click_rate == 0.03
    assert list(scenario.creators) == ["anna", "ben.cooks", "cleo", "star"]
    assert [plan.name for plan in scenario.plans] == [NONE, "small", "mix"]
    assert [creator.handle for creator in scenario.booked] == ["anna", "ben.cooks", "star"]


def test_what_a_file_leaves_out_has_a_default(tmp_path: Path) -> None:
    file = tmp_path / "least.toml"
    file.write_text('[market]\npopulation = 100_000\n[[creator]]\nhandle = "a"\nfollowers = 5_000\n'
                    '[[plan]]\nname = "p"\ndeals = [{ creator = "a" }]\n')  # fmt: skip
    scenario = load(file)
    assert (scenario.name, scenario.question, scenario.people, scenario.worlds) == ("least", "", DEFAULT_PEOPLE, 5)
    assert scenario.plan("p").deals[0].fee == "market"


def test_there_are_never_more_agents_than_people(campaign: Callable[..., Scenario]) -> None:
    edits = (("population = 100_000", "population = 15_000"), ("people = 10_000\n", ""))
    assert campaign(*edits).people == 15_000


def test_whole_numbers_may_be_written_as_powers_of_ten(campaign: Callable[..., Scenario]) -> None:
    scenario = campaign(("population = 100_000", "population = 1e5"), overrides=("run.days=1e1", "plan.mix.budget=1e4"))
    assert (scenario.market.population, scenario.run.days, scenario.plan("mix").budget) == (100_000, 10, 10_000.0)
    assert isinstance(scenario.market.population, int)
    assert isinstance(scenario.run.days, int)


def test_numbers_with_decimals_may_be_written_without(campaign: Callable[..., Scenario]) -> None:
    scenario = campaign(("price = 40.0", "price = 40"), ("fee = 20 }", "fee = 20.0 }"))
    assert isinstance(scenario.product.price, float)
    assert scenario.digest("") == campaign().digest("")


def test_a_byte_order_mark_and_windows_line_ends_are_understood(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "campaign_roster.csv", tmp_path)
    (tmp_path / "windows.toml").write_bytes(b"\xef\xbb\xbf" + CAMPAIGN.read_bytes().replace(b"\n", b"\r\n"))
    windows = load(tmp_path / "windows.toml")
    assert windows.digest("") == load(CAMPAIGN).digest("")
    assert windows.question == load(CAMPAIGN).question


def test_tiers_may_be_changed(campaign: Callable[..., Scenario]) -> None:
    tiers = "[tiers]\nnano = [0, 4_500]\nmicro = [4_500, inf]\n\n[run]"
    scenario = campaign(("[run]", tiers))
    assert bought(scenario, "mix") == [("anna", 2, 20.0), ("ben.cooks", 2, BEN), ("cleo", 2, 30.0), ("star", 1, 100.0)]


def test_remarks_tell_what_runs_otherwise_than_it_seems(campaign: Callable[..., Scenario]) -> None:
    assert campaign().notes == ()
    late = campaign(('"anna", posts = 2', '"anna", posts = 5'), ("nano = 0.5", "nano = 0.04"), replicates=1)
    assert late.notes == (
        "plan small: 1 of 5 posts of anna fall after the last day and are neither made nor paid",
        "plan mix: the share for nano buys not one post",
        "2 worlds asked for, 1 used: each replicate lives in one of them",
    )


# --- overrides and where values come from ------------------------------------------------------------------


def test_default_then_preset_then_file_then_command_line(campaign: Callable[..., Scenario]) -> None:
    scenario = campaign(overrides=("product.margin=0.7", "parameters.share_rate=0.02"), days=12)
    origin = scenario.origins
    assert origin["parameters.engagement_rate"] == origin["product.quality"] == "default"
    assert origin["parameters.recommended_share"] == "platform preset tiktok"
    assert origin["parameters.click_rate"] == origin["product.price"] == "scenario file"
    assert origin["parameters.share_rate"] == origin["product.margin"] == "command line --set"
    assert origin["run.days"] == "command line --days"
    assert scenario.rates.recommended_share == TIKTOK
    assert (scenario.product.margin, scenario.rates.share_rate, scenario.run.days) == (0.7, 0.02, 12)


def test_each_level_yields_to_the_next(campaign: Callable[..., Scenario]) -> None:
    key = "parameters.recommended_share"
    in_file = ("click_rate = 0.03", "recommended_share = 0.7")
    assert campaign(('preset = "tiktok"', 'preset = "instagram"')).rates.recommended_share == Rates().recommended_share
    assert campaign().rates.recommended_share == TIKTOK != Rates().recommended_share
    scenario = campaign(in_file)
    assert (scenario.rates.recommended_share, scenario.origins[key]) == (0.7, "scenario file")
    scenario = campaign(in_file, overrides=(f"{key}=0.6",))
    assert (scenario.rates.recommended_share, scenario.origins[key]) == (0.6, "command line --set")


def test_every_option_stands_for_a_key(campaign: Callable[..., Scenario]) -> None:
    scenario = campaign(people=5_000, days=7, replicates=3, worlds=3, seed=11)
    assert (scenario.society.people, scenario.worlds) == (5_000, 3)
    assert (scenario.run.days, scenario.run.replicates, scenario.run.seed) == (7, 3, 11)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("plan.mix.budget=1e3", lambda s: s.plan("mix").budget == 1000.0),
        ("plan.mix.split.nano=0.25", lambda s: bought(s, "mix")[1] == ("cleo", 2, 30.0)),
        ("plan.small.deals.anna.posts=3", lambda s: s.plan("small").deals[0].posts == 3),
        ("plan.small.deals.ben.cooks.fee=50", lambda s: s.plan("small").deals[1].fee == 50.0),
        ("creator.star.followers=30_000", lambda s: s.creators["star"].followers == 30_000),
        ("creator.star.niche=food", lambda s: s.creators["star"].niche == "food"),
        ('market.niches=["beauty", "food"]', lambda s: s.market.niches == ["beauty", "food"]),
        ("run.start_date=2027-01-01", lambda s: str(s.run.start_date) == "2027-01-01"),
        ("product.niche = food", lambda s: s.product.niche == "food"),
        ("society.peer_ties=20", lambda s: s.society.peer_ties == 20.0),
        ('name="a = b"', lambda s: s.name == "a = b"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_any_key_can_be_set_and_lists_are_entered_by_name(
    setting: str, value: Callable[[Scenario], bool], campaign: Callable[..., Scenario]
) -> None:
    assert value(campaign(overrides=(setting,)))
    assert not value(campaign())


def test_a_section_that_the_file_lacks_can_be_set(campaign: Callable[..., Scenario]) -> None:
    without = ("[parameters]\nclick_rate = 0.03\n", "")
    assert campaign(without, overrides=("parameters.click_rate=0.04",)).rates.click_rate == 0.04


def test_two_deals_with_one_creator_cannot_be_told_apart_by_name(campaign: Callable[..., Scenario]) -> None:
    twice = ('{ creator = "ben.cooks"', '{ creator = "anna"')
    assert len(campaign(twice).plan("small").deals) == 2
    with pytest.raises(InputError, match="several entries have this name"):
        campaign(twice, overrides=("plan.small.deals.anna.posts=3",))


# --- splits and fees ---------------------------------------------------------------------------------------


def test_a_split_becomes_whole_creators_and_whole_posts(campaign: Callable[..., Scenario]) -> None:
    """Of 400, half is for each tier, in roster order.

    Nanos: anna's 2 x 20 leave 160, the 2 x 73.43 of ben.cooks 13.14, and cleo asks 30. Micros: star's 2 x 100.
    """
    scenario = campaign()
    assert bought(scenario, "mix") == [("anna", 2, 20.0), ("ben.cooks", 2, BEN), ("star", 2, 100.0)]
    plan = scenario.plan("mix")
    assert plan.budget == 400.0
    assert plan.left_over == pytest.approx(400 - 40 - 2 * BEN - 200)
    assert [(deal.start, deal.every) for deal in plan.deals] == [(0, 3)] * 3


@pytest.mark.parametrize(
    ("split", "budget", "posts", "expected", "left_over"),
    [
        ("nano = 1.0", 300, 2, [("anna", 2), ("ben.cooks", 2), ("cleo", 2)], 300 - 40 - 2 * BEN - 60),
        ("nano = 1.0", 150, 2, [("anna", 2), ("ben.cooks", 1), ("cleo", 1)], 150 - 40 - BEN - 30),
        ("nano = 1.0", 79, 3, [("anna", 3)], 19.0),
        ("nano = 1.0", 90, 3, [("anna", 3), ("cleo", 1)], 0.0),
        ("micro = 0.29, nano = 0.0", 1000 / 2.9, 1, [("star", 1)], 1000 / 2.9 - 100),
        ("micro = 0.5", 400, 5, [("star", 2)], 200.0),
        ("nano = 0.05, micro = 0.5", 400, 1, [("anna", 1), ("star", 1)], 280.0),
    ],
    ids=["all of each", "fewer posts", "one only", "skips the dear one", "rounding", "part of the budget", "two tiers"],
)
def test_splits_worked_out_by_hand(
    split: str, budget: float, posts: int, expected: list[tuple[str, int]], left_over: float,
    campaign: Callable[..., Scenario],
) -> None:  # fmt: skip
    scenario = campaign(("nano = 0.5, micro = 0.5", split), ("budget = 400", f"budget = {budget}"),
                        ("posts = 2\nevery", f"posts = {posts}\nevery"))  # fmt: skip
    assert [(creator, posts) for creator, posts, _ in bought(scenario, "mix")] == expected
    assert scenario.plan("mix").left_over == pytest.approx(left_over, abs=1e-9)


def test_roster_order_decides_who_is_bought_first(campaign: Callable[..., Scenario]) -> None:
    rows = "handle,followers,niche,fee\ncleo,5000,beauty,30\nben.cooks,4000,food,\nanna,3000,beauty,20\n"
    few = ("budget = 400", "budget = 70")
    assert [creator for creator, *_ in bought(campaign(few, ("micro = 0.5", "micro = 0")), "mix")] == ["anna"]
    turned = campaign(few, ("micro = 0.5", "micro = 0"), roster=rows)
    assert [creator for creator, *_ in bought(turned, "mix")] == ["cleo"]


def test_a_creator_s_own_fee_goes_before_the_market_s(campaign: Callable[..., Scenario]) -> None:
    """160 USD at 10,000 followers, times (followers / 10,000)^0.85, in the scenario's currency."""
    scenario = campaign(("[society]", "usd_rate = 2.0\n\n[society]"))
    price = {handle: expected_price(spec, scenario.rates, 2.0) for handle, spec in scenario.creators.items()}
    assert price == {"anna": 20.0, "ben.cooks": pytest.approx(2 * 160 * 0.4**0.85), "cleo": 30.0, "star": 100.0}


def test_a_budget_beside_deals_is_a_limit(campaign: Callable[..., Scenario]) -> None:
    cost = 2 * 20 + 2 * BEN
    limit = ('name = "small"', f'name = "small"\nbudget = {cost}')
    assert campaign(limit).plan("small").left_over == 0.0
    assert campaign(limit, overrides=("plan.small.budget=200",)).plan("small").left_over == pytest.approx(200 - cost)
    with pytest.raises(InputError, match="cost more than the budget"):
        campaign(limit, overrides=("plan.small.deals.anna.posts=3",))


# --- the digest --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "market.population=200_000", 'market.niches=["beauty", "food"]', 'market.regions=["north", "south", "east"]',
        "market.usd_rate=1.1", "society.people=9_000", "society.peer_ties=39", "society.worlds=1",
        "product.niche=food", "product.price=41", "product.margin=0.6", "product.quality=0.7",
        "platform.preset=youtube", "run.days=11", "run.replicates=5", "run.seed=8", "parameters.click_rate=0.031",
        "creator.star.followers=20_001", "creator.star.niche=food", "creator.star.fee=101",
        "plan.small.name=other", "plan.small.deals.anna.posts=1", "plan.small.deals.anna.start=1",
        "plan.small.deals.anna.every=4", "plan.small.deals.anna.fee=21", "plan.small.deals.anna.disclosed=false",
        "plan.small.deals.anna.fit=0.5", "plan.mix.budget=500", "plan.mix.split.nano=0.2", "plan.mix.posts=1",
    ],
)  # fmt: skip
def test_the_digest_changes_with_what_decides_numbers(change: str, campaign: Callable[..., Scenario]) -> None:
    assert campaign(overrides=(change,)).digest("m") != campaign().digest("m")


def test_the_digest_changes_with_the_roster_the_model_and_the_graph(
    campaign: Callable[..., Scenario], tmp_path: Path
) -> None:
    digest = campaign().digest("m")
    assert campaign().digest("n") != digest
    rows = (SAMPLES / "campaign_roster.csv").read_text()
    assert campaign(roster=rows.replace("anna,3000", "anna,3001")).digest("m") != digest
    graph = ("people = 10_000\nworlds = 2", 'graph = "edges.csv"')
    (tmp_path / "edges.csv").write_text("anna,p\n")
    first = campaign(graph).digest("m")
    (tmp_path / "edges.csv").write_text("anna,q\n")
    assert len({digest, first, campaign(graph).digest("m")}) == 3


@pytest.mark.parametrize(
    "edit",
    [
        ("# Three", "# Four or three"),
        ("[market]", "# a remark\n[market]"),
        ("price = 40.0", "price = 4e1"),
        ("population = 100_000", "population = 100000"),
        ('name = "campaign"', 'name = "other"'),
        ("start_date = 2026-03-02", "start_date = 2027-03-02"),
        ("margin = 0.5", "margin = 0.5\nquality = 0.8"),
    ],
)
def test_the_digest_does_not_change_with_what_decides_nothing(
    edit: tuple[str, str], campaign: Callable[..., Scenario]
) -> None:
    assert campaign(edit).digest("m") == campaign().digest("m")


def test_the_digest_does_not_change_with_the_place_or_an_unbooked_creator(campaign: Callable[..., Scenario]) -> None:
    rows = (SAMPLES / "campaign_roster.csv").read_text()
    assert campaign().digest("m") == load(CAMPAIGN).digest("m")
    assert campaign(roster=rows.replace("cleo,5000", "cleo,5001")).digest("m") == campaign().digest("m")


# --- built-in scenarios and the template -------------------------------------------------------------------


def test_every_built_in_scenario_loads_and_asks_a_question() -> None:
    assert built_in()
    for name, told in stories().items():
        scenario = load(find(name))
        assert scenario.name == name
        assert told.question == scenario.question
        assert "?" in told.question
        assert told.claim


@pytest.mark.parametrize(
    ("comments", "told"),
    [
        ("", Story("")),
        ("# Is it?\n# Or not?\n\n# Claim: too late\n", Story("Is it? Or not?")),
        ("# Is it?\n#Claim:yes,\n#   always\n", Story("Is it?", "yes, always")),
        ("# Is it?\n# Claim: yes\n# Finding: no,\n# never\n", Story("Is it?", "yes", "no, never")),
        ("# Is it?\n# Finding: no\n# Claim:\n", Story("Is it?", None, "no")),
        ("# Is the Claim: true?\n# claims: many\n", Story("Is the Claim: true? claims: many")),
    ],
)
def test_the_comments_at_the_top_are_question_claim_and_finding(comments: str, told: Story) -> None:
    assert story(f"{comments}schema = 1\n# Finding: below\n") == told


def test_comments_change_the_question_and_never_the_digest(campaign: Callable[..., Scenario]) -> None:
    question = "Three small creators, or a mix with a larger one?"
    told = campaign((f"# {question}\n", f"# {question}\n# Claim: small ones.\n# Finding: a mix.\n"))
    assert told.question == question
    assert told.digest("m") == campaign().digest("m") == campaign((f"# {question}\n", "")).digest("m")


def test_a_file_goes_before_a_built_in_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = next(iter(built_in()))
    assert find(name) == built_in()[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text("")
    assert find(name) == Path(name)


@pytest.mark.parametrize("name", ["launch", 'Anna\'s "first" {launch}', "två kampanjer ", ".hidden"])
def test_the_template_loads_whatever_its_folder_is_called(name: str, tmp_path: Path) -> None:
    scenario_file, roster = write_template(tmp_path / name)
    scenario = load(scenario_file)
    assert len(scenario.creators) == len(roster.read_text().splitlines()) - 1
    assert scenario.notes == ()


def test_the_template_replaces_nothing_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "roster.csv").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        write_template(tmp_path)
    assert not (tmp_path / "scenario.toml").exists()
    write_template(tmp_path, overwrite=True)
    assert (tmp_path / "roster.csv").read_text() != "mine"
