"""The answer says where one replicate's luck holds much of a figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.ensemble import run_ensemble
from sim.results.answer import answer
from sim.results.comparison import Comparison, compare_plans
from sim.scenario.load import load

SMALL = Path(__file__).parents[1] / "samples" / "small.toml"


@pytest.fixture(scope="module")
def eight() -> Comparison:
    return compare_plans(run_ensemble(load(SMALL, replicates=8, people=600), workers=1))


def with_orders(comparison: Comparison, plan: str, orders: list[float]) -> Comparison:
    """As if these had been the plan's extra orders, and everything else alike in every replicate."""
    totals = {}
    for name, of_plan in comparison.totals.items():
        values = {key: np.ones_like(value) for key, value in of_plan.values.items()}
        if name == plan:
            values["incremental_conversions"] = np.array(orders)
        totals[name] = replace(of_plan, values=values)
    return replace(comparison, totals=totals)


@pytest.mark.parametrize(
    ("orders", "share"),
    [([1.0] * 7 + [7.0], "50%"), ([1.0] * 7 + [-7.0], "50%"), ([0.0] * 7 + [2.0], "100%"), ([1.0] * 7 + [3.0], None),
     ([1.0] * 8, None), ([0.0] * 8, None)],
)  # fmt: skip
def test_the_answer_names_a_plan_whose_orders_one_replicate_holds(
    eight: Comparison, orders: list[float], share: str | None
) -> None:
    """Seven replicates of one order and one of seven: half of all orders in a single one."""
    plan = next(name for name in eight.figures if name != "none")
    told = [sentence for sentence in answer(with_orders(eight, plan, orders)) if "a single one holds" in sentence]
    assert len(told) == (share is not None)
    if share is not None:
        assert told[0].replace(" %", "%").startswith(f"Of 8 replicates a single one holds {share} of {plan}'s extra")


def test_seven_replicates_are_too_few_to_tell(eight: Comparison) -> None:
    plan = next(name for name in eight.figures if name != "none")
    seven = replace(eight, ensemble=replace(eight.ensemble, replicates=eight.ensemble.replicates[:7]))
    assert not any("a single one holds" in said for said in answer(with_orders(seven, plan, [0.0] * 6 + [2.0])))
