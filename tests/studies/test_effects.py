"""What each parameter moves: every one moves something, and the published table is that of the code."""

from __future__ import annotations

import importlib
import math
import re
from pathlib import Path
from typing import Any

import pytest

from sim.ensemble import run_ensemble
from sim.parameters import PARAMETERS
from sim.scenario.library import find
from sim.scenario.load import load
from sim.studies.effects import AHEAD, AS_IT_IS, FIGURES, Effect, context_of, effects

STUDY = Path(__file__).parents[2] / "experiments" / "mechanisms"
SCENARIO = "ten-micros-vs-one-celebrity"
PLANS = ("ten-micros", "celebrity")
TINY = {"people": 10_000, "days": 12, "replicates": 1}
SMALL = {"people": 30_000, "days": 20, "replicates": 1}
LARGER = {**SMALL, "replicates": 8, "worlds": 1}
"""For parameters that act on rare events, of which a small run may have none."""
GROUPS = list(dict.fromkeys(p.group for p in PARAMETERS.values()))
CONTEXTS = {context_of(name).name: context_of(name) for name in PARAMETERS}


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Modules of the study by name; its folder is on the path as when its script runs."""
    monkeypatch.syspath_prepend(str(STUDY))
    return importlib.import_module


def figures(reach: float = 100.0, engagements: float = 10.0, conversions: float = 1.0, roi: float = -0.5) -> Any:
    """Both plans with these figures, neither ahead."""
    values = {**dict(zip(FIGURES, (reach, engagements, conversions, roi), strict=True)), AHEAD: 0.0}
    return dict.fromkeys(PLANS, values)


def only_effect(name: str, **options: Any) -> Effect:
    (found,) = effects(SCENARIO, [name], **{**TINY, **options})
    return found


# --- every parameter ---------------------------------------------------------------------------------------


@pytest.mark.full
@pytest.mark.parametrize("group", GROUPS)
def test_every_parameter_moves_something(group: str) -> None:
    names = [name for name, p in PARAMETERS.items() if p.group == group]
    found = effects(SCENARIO, names, **SMALL)
    assert [effect.parameter for effect in found] == names
    still = [effect.parameter for effect in found if not effect.moves]
    assert not [effect.parameter for effect in effects(SCENARIO, still, **LARGER) if not effect.moves]


def test_an_effect_that_moves_nothing_is_told_apart() -> None:
    assert not Effect("reach", "as it is", figures(), figures(), figures()).moves
    assert not Effect("reach", "as it is", figures(roi=math.nan), figures(roi=math.nan), None).moves
    assert not Effect("reach", "as it is", figures(), None, None).moves
    assert Effect("reach", "as it is", figures(), figures(), figures(reach=101.0)).moves
    assert Effect("reach", "as it is", figures(), figures(roi=math.nan), figures()).moves


def test_a_parameter_with_nothing_to_act_on_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert only_effect("reel_click").moves
    monkeypatch.setattr("sim.studies.effects.context_of", lambda _: AS_IT_IS)
    assert not only_effect("reel_click").moves


def test_parameters_at_their_defaults_change_nothing_to_the_bit() -> None:
    written = [f"parameters.{name}={p.default!r}" for name, p in PARAMETERS.items()]
    plain, same = (run_ensemble(load(find(SCENARIO), more, **TINY), workers=1) for more in ((), written))
    for plan in plain.plan_names:
        (one,), (other,) = plain.runs(plan), same.runs(plan)
        assert one.cost == other.cost
        columns, others = one.run.to_arrays(), other.run.to_arrays()
        assert all(columns[name].tobytes() == others[name].tobytes() for name in columns)


# --- known effects -----------------------------------------------------------------------------------------


def test_without_recommendation_fewer_people_are_reached() -> None:
    effect = only_effect("recommended_share")
    for plan in PLANS:
        low, high = effect.change("low", plan, "reach"), effect.change("high", plan, "reach")
        assert low is not None
        assert high is not None
        assert low < 0 < high


@pytest.mark.parametrize("name", ["price_constant", "price_exponent", "reel_price"])
def test_prices_move_roi_and_nothing_else(name: str) -> None:
    effect = only_effect(name)
    for plan in PLANS:
        for figure in FIGURES:
            changes = {effect.change("low", plan, figure), effect.change("high", plan, figure)}
            assert (changes == {0.0}) == (figure != "roi")


def test_replicates_ahead_are_those_with_more_conversions() -> None:
    figures_of = only_effect("product_cross_affinity", replicates=3, worlds=1, days=4)
    for measured in (figures_of.default, figures_of.low, figures_of.high):
        assert measured is not None
        assert sum(measured[plan][AHEAD] for plan in PLANS) == 3
    assert figures_of.low["ten-micros"][AHEAD] == 3
    assert (
        figures_of.low["ten-micros"]["incremental_conversions"] > figures_of.low["celebrity"]["incremental_conversions"]
    )


def test_changes_are_shares_and_for_roi_differences() -> None:
    effect = Effect("reach", "as it is", figures(), figures(reach=50.0, roi=-0.75), figures(conversions=3.0, roi=0.5))
    assert effect.change("low", "celebrity", "reach") == -0.5
    assert effect.change("low", "celebrity", "roi") == -0.25
    assert effect.change("high", "celebrity", "incremental_conversions") == 2.0
    assert effect.change("high", "celebrity", "engagements") == 0.0


def test_a_change_from_nothing_or_to_what_cannot_be_run_is_none() -> None:
    effect = Effect("reach", "as it is", figures(conversions=0.0), None, figures(roi=math.nan))
    assert effect.change("low", "celebrity", "reach") is None
    assert effect.change("high", "celebrity", "incremental_conversions") is None
    assert effect.change("high", "celebrity", "roi") is None


def test_an_end_that_cannot_be_run_is_left_out() -> None:
    effect = only_effect("fake_share", people=4_000)
    assert effect.low is not None
    assert effect.high is None
    assert effect.moves


@pytest.mark.full
def test_effects_do_not_depend_on_the_number_of_processes() -> None:
    names, counted = ["click_rate", "tag_click"], []
    alone = effects(SCENARIO, names, **TINY)
    shared = effects(SCENARIO, names, **TINY, workers=2, progress=lambda *now: counted.append(now))
    assert alone == shared
    assert counted == [(done, 6) for done in range(1, 7)]


# --- contexts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONTEXTS)
def test_a_context_names_keys_that_exist(name: str) -> None:
    plain = load(find(SCENARIO), **TINY)
    there = load(find(SCENARIO), CONTEXTS[name].overrides(plain), **TINY)
    assert (there.contents() == plain.contents()) == (name == AS_IT_IS.name)


def test_a_context_leaves_its_parameter_alone() -> None:
    plain = load(find(SCENARIO), **TINY)
    for name in PARAMETERS:
        assert not [text for text in context_of(name).overrides(plain) if text.startswith(f"parameters.{name}=")]


# --- the published table -----------------------------------------------------------------------------------


def page() -> str:
    return (STUDY / "README.md").read_text(encoding="utf-8")


def table_rows(text: str) -> list[tuple[str, ...]]:
    """Parameter, neutral, default, low, high and context of each row between the marks."""
    body = text[text.index("<!-- effects:begin -->") : text.index("<!-- effects:end -->")]
    lines = re.findall(r"^\| `(\w+)` \|(.+)\|$", body, flags=re.MULTILINE)
    cells = [(name, *(cell.strip() for cell in rest.split("|"))) for name, rest in lines]
    return [(*row[:5], row[-1]) for row in cells]


def rows_of_the_code() -> list[tuple[str, ...]]:
    rows = []
    for name, p in PARAMETERS.items():
        neutral = "-" if p.neutral is None else f"{p.neutral:g}"
        context = context_of(name).name.replace(AS_IT_IS.name, "")
        rows.append((name, neutral, f"{p.default:g}", f"{p.low:g}", f"{p.high:g}", context))
    return rows


def test_the_published_table_has_the_parameters_of_the_code() -> None:
    assert table_rows(page()) == rows_of_the_code(), "run python experiments/mechanisms/effects.py --publish"


def test_the_check_of_the_published_table_finds_what_is_stale() -> None:
    row = next(line for line in page().splitlines() if line.startswith("| `click_rate`"))
    assert table_rows(page().replace(row, row.replace("0.02", "0.03", 1))) != rows_of_the_code()
    assert table_rows(page().replace(row + "\n", "")) != rows_of_the_code()


def test_the_published_table_is_that_of_the_published_rows(study: Any) -> None:
    rows, table = study("effects_rows"), study("effects_table")
    found = rows.read(STUDY / "results.csv")
    circumstances = page().split("<!-- effects:begin -->")[1].strip().splitlines()[0]
    assert table.with_results(page(), table.report(found, circumstances)) == page()
    assert all(effect.moves for effect in found)


def test_effects_are_read_as_they_were_saved(study: Any, tmp_path: Path) -> None:
    rows = study("effects_rows")
    found = [
        Effect("click_rate", "as it is", figures(), figures(reach=50.0), figures(roi=3.0)),
        Effect("reel_reach", "reel posts", figures(), None, figures(conversions=2.5)),
    ]
    rows.save(found, tmp_path / "results.csv")
    assert rows.read(tmp_path / "results.csv") == found


def test_a_row_says_what_the_ends_do(study: Any) -> None:
    table = study("effects_table")
    effect = Effect(
        "click_rate", "as it is", figures(), figures(reach=93.94, conversions=0.0), figures(5_000.0, 10.001)
    )
    assert table.row_of(effect)[5:] == (
        "-6.1 / +4,900",
        "0 / 0.0",
        "-100 / 0",
        "0 / 0",
        "- / 1.00 / 1.00",
        "0 / 0 / 0",
        "",
    )
    nowhere = Effect("reel_reach", "reel posts", figures(), None, None)
    assert table.row_of(nowhere)[5:] == ("-", "-", "-", "-", "- / 1.00 / -", "- / 0 / -", "reel posts")


def test_a_page_without_marks_is_refused(study: Any) -> None:
    with pytest.raises(ValueError, match="effects:begin"):
        study("effects_table").with_results("no marks", "results")
