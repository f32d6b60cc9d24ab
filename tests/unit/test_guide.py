"""The guide names every key of a scenario, and what it gives as examples can be loaded."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sim.results.tables import CREATOR_COLUMNS
from sim.scenario.load import load
from sim.scenario.roster import COLUMNS
from sim.scenario.schema import Deal, PlanTable, SecondTable, SeedingTable, SegmentTable, SettingTable
from sim.scenario.settings import load_settings
from sim.society.world import check_audiences

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")

BUDGET, DEALS = "budget = 20_000", 'deals = [{ creator = "skin.lab" }, { creator = "mornings" }]'
STAGED = f"{BUDGET}, {DEALS}"
AROUND = {
    "plan": {"deals": "…", "budget": f"{DEALS}, …", "split": f"{BUDGET}, …", "stagger": f"{DEALS}, …",
             "posts": f"{BUDGET}, split = {{ micro = 0.5 }}, …", "order": f"{DEALS}, …", "seeding": "…",
             "second": f"{STAGED}, …"},
    "deal": {"creator": "deals = [{ … }]", "": 'deals = [{ creator = "skin.lab", … }]'},
    "seeding": {"k": "seeding = { … }", "": "seeding = { k = 300, … }"},
    "second stage": {"start": f"{STAGED}, second = {{ … }}", "": f"{STAGED}, second = {{ start = 14, … }}"},
}  # fmt: skip
"""What makes the example of a key (…) a whole plan, by the first key of its row; "" for the others."""


def rows(head: str) -> list[tuple[str, str]]:
    """Keys and examples of the table with that head."""
    table = re.search(rf"^\| {head} \| example \|.*\n\|[-|]+\n((?:\|.*\n)+)", GUIDE, flags=re.MULTILINE)
    assert table is not None, head
    cells = [line.split("|") for line in table[1].splitlines()]
    return [(key.strip(), example.strip().strip("`")) for _, key, example, *_ in cells]


EXAMPLES = [(kind, key, example) for kind in AROUND for key, example in rows(f"key of a {kind}")]


@pytest.fixture
def launch(tmp_path: Path) -> Path:
    for name in ("launch.toml", "launch-roster.csv"):
        shutil.copy(ROOT / "docs" / "examples" / name, tmp_path / name)
    return tmp_path / "launch.toml"


@pytest.mark.parametrize(
    ("kind", "model"),
    [("plan", PlanTable), ("deal", Deal), ("seeding", SeedingTable), ("second stage", SecondTable)],
)
def test_the_guide_explains_every_key(kind: str, model: type[PlanTable]) -> None:
    named = {word for key, _ in rows(f"key of a {kind}") for word in re.findall("`(.*?)`", key)}
    assert named == model.model_fields.keys() - ({"name"} if model is PlanTable else set())


def test_the_guide_names_every_column_and_trait() -> None:
    roster = GUIDE[GUIDE.index("## The roster") :]
    assert [name for name in COLUMNS if f"`{name}`" not in roster] == []
    assert [name for name in SegmentTable.model_fields if not re.search(rf"`[^`]*\b{name}\b[^`]*`", GUIDE)] == []
    files = GUIDE[GUIDE.index("## The files") :]
    explained = {name for name in re.findall("`([a-z_]+)`", files) if name in CREATOR_COLUMNS}
    assert explained >= {"discounts", "cost", "engagement_rate_followers", "engagement_rate_real", "declined"}


@pytest.mark.parametrize(("kind", "key", "example"), EXAMPLES, ids=[f"{kind} {key}" for kind, key, _ in EXAMPLES])
def test_an_example_can_be_loaded(kind: str, key: str, example: str, launch: Path) -> None:
    around = AROUND[kind].get(key.split("`")[1]) or AROUND[kind][""]
    load(launch, [f"plan=[{{ name = 'x', {around.replace('…', example)} }}]"])


def test_the_examples_of_people_and_places_can_be_loaded(launch: Path) -> None:
    told = dict(rows("key"))
    segment = f"{told['`[[segment]]`']}, {told['`activity`, `skepticism`, `trust`']}"
    young = f"segment=[{{ {segment} }}, {{ name = 'others', share = 0.6 }}]"
    places = [("market", told["`[market] languages`"]), ("product", told["`[product] sold_in`"])]
    scenario = load(launch, [young, *(f"{section}.{text.replace(' = ', '=', 1)}" for section, text in places)])
    assert [one.name for one in scenario.segments] == ["young", "others"]
    assert (scenario.market.languages, scenario.product.sold_in) == (["de", "fr"], ["north"])


def blocks() -> list[str]:
    """What stands in the guide as parts of a file: a plan, and settings."""
    return re.findall(r"^```toml\n(.*?)^```", GUIDE, flags=re.MULTILINE | re.DOTALL)


def test_the_settings_can_be_loaded(launch: Path) -> None:
    told = dict(rows("key of a setting"))
    assert {key.strip("`") for key in told} == SettingTable.model_fields.keys()
    launch.write_text(f"{launch.read_text()}\n{blocks()[1]}\n[[setting]]\nname = 'more'\n{told['`set`']}\n")
    instagram, tiktok, sceptical, more = (setting.scenario for setting in load_settings(launch))
    assert instagram.rates.recommended_share < tiktok.rates.recommended_share == sceptical.rates.recommended_share
    assert sceptical.rates.trust_floor < tiktok.rates.trust_floor
    assert more.product.price == 49.0 != instagram.product.price


def test_the_whole_plan_can_be_loaded(launch: Path) -> None:
    block, _ = blocks()
    launch.write_text(f"{launch.read_text()}\n{block}")
    scenario = load(launch)
    assert scenario.plan("test-then-spend").second is not None
    assert all("too small" not in warning for warning in check_audiences(scenario))
