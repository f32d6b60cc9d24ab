"""The study of free choices: what it asks for can be run, its page holds what its table holds."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

import sim

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def study() -> ModuleType:
    path = ROOT / "experiments" / "robustness" / "robustness.py"
    spec = importlib.util.spec_from_file_location("robustness", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_definition_spends_the_same_budget_on_creators_of_its_own(study: ModuleType, tmp_path: Path) -> None:
    for low in study.MICRO_FROM:
        path = tmp_path / f"{low}.toml"
        path.write_text(study.by_tier(low), encoding="utf-8")
        scenario = sim.load(path)
        micros, large = scenario.plans[1:]
        sizes = [[scenario.creators[deal.creator].followers for deal in plan.deals] for plan in (micros, large)]
        assert low <= min(sizes[0]) <= max(sizes[0]) < study.MICRO_TO
        assert study.LARGE[0] <= min(sizes[1]) <= max(sizes[1]) < study.LARGE[1]
        for plan in (micros, large):
            paid = sum(deal.posts * float(deal.fee) for deal in plan.deals)
            assert paid + (plan.left_over or 0.0) == pytest.approx(study.BUDGET)
            assert paid > 0.85 * study.BUDGET


def test_the_page_holds_the_table(study: ModuleType) -> None:
    page = (ROOT / "experiments" / "robustness" / "README.md").read_text(encoding="utf-8")
    rows = study.read()
    assert len(rows) == 4 * 9
    for part, lines in study.tables(rows).items():
        assert f"<!-- {part}:begin -->\n\n{lines}\n\n<!-- {part}:end -->" in page, part
