"""The map of when micros win: equal money at every point, figures and page made from its table."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import sim
from sim.scenario import DEFAULT_SCENARIO
from sim.scenario.plans import expected_price

FOLDER = Path(__file__).parents[2] / "experiments" / "when-do-micros-win"


@pytest.fixture(scope="module")
def study() -> Iterator[ModuleType]:
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("micros_map")
    sys.path.remove(str(FOLDER))


def test_both_sides_cost_the_same_and_their_market_price_at_every_point(study: ModuleType) -> None:
    for point in study.points():
        scenario = sim.load(DEFAULT_SCENARIO, *study.overrides_of(point), **study.SIZE)
        costs = []
        for plan in scenario.plans[1:]:
            costs.append(sum(deal.posts * float(deal.fee) for deal in plan.deals))
            for deal in plan.deals:
                market = expected_price(scenario.creators[deal.creator], scenario.rates, 1.0)
                assert float(deal.fee) == pytest.approx(market, rel=1e-4), point
        assert costs[0] == pytest.approx(costs[1])


def test_a_point_is_what_it_says(study: ModuleType) -> None:
    point = study.Point((("price_exponent", 0.65), ("niches", 4)))
    scenario = sim.load(DEFAULT_SCENARIO, *study.overrides_of(point), **study.SIZE)
    assert scenario.creators["celebrity"].followers == round(30_000 * 10 ** (1 / 0.65))
    assert (len(scenario.market.niches), scenario.rates.price_exponent) == (4, 0.65)
    assert scenario.market.population == study.MARKET
    wide = sim.load(DEFAULT_SCENARIO, *study.overrides_of(study.Point((("population", 2e6),))), **study.SIZE)
    assert wide.market.population == 2_000_000


def test_the_table_is_resumed_by_whole_points(study: ModuleType, tmp_path: Path) -> None:
    point = study.Point((("trust_gain", 0.0),))
    rows = study.measure(point, 1, {"people": 20_000, "replicates": 2, "worlds": 1, "days": 4})
    assert [row["figure"] for row in rows] == list(study.FIGURES)
    study.write(tmp_path / "t.csv", rows)
    assert study.read(tmp_path / "t.csv") == rows
    assert study.key_of(rows[0]) == study.key_of_point(point)
    study.write(tmp_path / "t.csv", rows[:2])
    assert study.read(tmp_path / "t.csv") == [], "half a point is run again"


def test_the_page_holds_the_table_and_every_point(study: ModuleType) -> None:
    rows, page = study.read(FOLDER / "results.csv"), (FOLDER / "README.md").read_text(encoding="utf-8")
    assert {study.key_of(row) for row in rows} == {study.key_of_point(point) for point in study.points()}
    for name, lines in study.parts(rows, study.AXES).items():
        assert f"<!-- {name}:begin -->\n\n{lines}\n\n<!-- {name}:end -->" in page, name
