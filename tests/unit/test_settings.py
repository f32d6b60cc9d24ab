"""Settings: the same plans in other circumstances, on the same seeds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.commands import claim
from sim.ensemble import model_hash, run_plans
from sim.errors import InputError
from sim.record import Run
from sim.results.comparison import UNDECIDED
from sim.results.leads import HIGHER, LOWER, lead_changes
from sim.results.measures import METRICS, PlanTotals
from sim.results.settings import SETTING_METRICS, SettingsComparison, _differences, question_digest
from sim.results.statistics import difference_of_differences, mean_interval
from sim.scenario.load import load
from sim.scenario.settings import changes_between, load_settings
from sim.views.plots import Picture
from sim.views.report.page import report_html
from sim.views.resolved import scenario_toml
from sim.views.settings import difference_lines, lead_lines, plan_lines, settings_lines, settings_parts

SAMPLES = Path(__file__).parents[1] / "samples"
FOUR = """
[[setting]]
name = "instagram"
[[setting]]
name = "again"
set = { "product.price" = 40 }
[[setting]]
name = "no clicks"
set = { parameters.click_rate = 0 }
[[setting]]
name = "tiktok"
set = { "platform.preset" = "tiktok" }
"""
TWO = '\n[[setting]]\nname = "one"\n[[setting]]\nname = "two"\nset = { "parameters.share_rate" = 0.02 }\n'
PLANS = ("three-small", "one-big")


def two(changes: str) -> str:
    """A file's settings "one" and "two", of which the second changes this."""
    return f'\n[[setting]]\nname = "one"\n[[setting]]\nname = "two"\nset = {{ {changes} }}\n'


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """A sample scenario with settings below it, as a file."""

    def write(settings: str, sample: str = "small") -> Path:
        shutil.copy(SAMPLES / "campaign_roster.csv", tmp_path)
        path = tmp_path / "asked.toml"
        path.write_text((SAMPLES / f"{sample}.toml").read_text() + settings)
        return path

    return write


@pytest.fixture(scope="module")
def answer(tmp_path_factory: pytest.TempPathFactory) -> SettingsComparison:
    path = tmp_path_factory.mktemp("settings") / "four.toml"
    path.write_text((SAMPLES / "small.toml").read_text() + FOUR)
    return sim.compare_settings(path, days=4, replicates=6)


# --- known answers -----------------------------------------------------------------------------------------


def test_a_setting_that_changes_nothing_differs_by_exactly_nothing(answer: SettingsComparison) -> None:
    rows = [row for row in answer.differences if row.setting == "again" and row.mean is not None]
    assert len(rows) > 40
    assert {(row.mean, row.low, row.high, row.verdict) for row in rows} == {(0.0, 0.0, 0.0, UNDECIDED)}
    assert difference_lines(answer, "one-big")[0] == "again against instagram: equal in everything"


def test_without_clicks_the_difference_is_all_the_clicks_of_the_first(answer: SettingsComparison) -> None:
    for plan in PLANS:
        there, here = (answer.comparisons[name].figures[plan]["clicks"] for name in ("instagram", "no clicks"))
        assert here.mean == 0.0 < there.mean
        row = answer.difference("no clicks", plan, "clicks")
        assert (row.mean, row.low, row.high) == pytest.approx((-there.mean, -there.high, -there.low))
    assert answer.difference("no clicks", "one-big", "clicks").verdict == LOWER
    assert "clicks" in difference_lines(answer, "one-big")[1].partition("lower in ")[2].partition(";")[0]


def test_replicates_of_all_settings_share_their_seeds(answer: SettingsComparison) -> None:
    one, again, _, tiktok = (comparison.ensemble for comparison in answer.comparisons.values())
    for plan in PLANS:
        runs: list[list[Run]] = [[planned.run for planned in ensemble.runs(plan)] for ensemble in (one, again, tiktok)]
        assert all(first.same_as(second) for first, second in zip(runs[0], runs[1], strict=True))
        assert not any(first.same_as(second) for first, second in zip(runs[0], runs[2], strict=True))
    digests = [[replicate.world_digest for replicate in ensemble.replicates] for ensemble in (one, again, tiktok)]
    assert digests[0] == digests[1]


def test_differences_are_paired_by_replicate_and_by_society(answer: SettingsComparison) -> None:
    first, tiktok = (answer.comparisons[name].totals["one-big"].of("engagements") for name in ("instagram", "tiktok"))
    wanted = mean_interval(tiktok - first, [0, 1] * 3)
    row = answer.difference("tiktok", "one-big", "engagements")
    assert (row.mean, row.low, row.high) == (wanted.mean, wanted.low, wanted.high)


def test_verdicts_are_corrected_over_settings_and_figures() -> None:
    """Of 2 settings x 6 figures, p = 0.02 alone is not enough; a difference far outside the noise is."""
    rng = np.random.default_rng(1)
    keys = {part for metric in METRICS.values() for part in (metric.key, metric.numerator, metric.denominator) if part}

    def totals(noise: float, shift: float = 0.0) -> SimpleNamespace:
        values = {key: 100.0 + noise * rng.standard_normal(8) for key in keys}
        values["reach"] = 100.0 + shift + np.array([-1.0, 1.0] * 4)
        return SimpleNamespace(totals={"p": PlanTotals("p", values)})

    first = totals(10.0)
    first.ensemble = SimpleNamespace(worlds=list(range(8)))
    first.totals["p"].values["reach"][:] = 100.0
    rows = {
        (row.setting, row.metric): row
        for row in _differences("p", first, {"small": totals(10.0, 1.1), "large": totals(10.0, 50.0)})  # type: ignore[arg-type, dict-item]
    }
    small, large = rows["small", "reach"], rows["large", "reach"]
    assert small.low is not None
    assert small.low > 0
    assert small.verdict == UNDECIDED
    assert large.verdict == HIGHER


# --- how leads change --------------------------------------------------------------------------------------


def test_a_lead_changes_by_the_difference_of_the_plans_differences(answer: SettingsComparison) -> None:
    a, b = PLANS
    for key in SETTING_METRICS:
        change = answer.lead_change("tiktok", a, b, key)
        of_a, of_b = (answer.difference("tiktok", plan, key) for plan in PLANS)
        known = of_a.mean is not None and of_b.mean is not None
        assert change.mean == (pytest.approx(of_a.mean - of_b.mean) if known else None)
    first, tiktok = ([answer.comparisons[name].totals[plan].of("clicks") for plan in PLANS]
                     for name in ("instagram", "tiktok"))  # fmt: skip
    wanted = mean_interval((tiktok[0] - tiktok[1]) - (first[0] - first[1]), [0, 1] * 3)
    row = answer.lead_change("tiktok", a, b, "clicks")
    assert (row.mean, row.low, row.high) == (wanted.mean, wanted.low, wanted.high)


def test_where_nothing_changes_no_lead_does(answer: SettingsComparison) -> None:
    rows = [row for row in answer.leads if row.setting == "again" and row.mean is not None]
    assert len(rows) >= 4
    assert {(row.mean, row.low, row.high, row.verdict) for row in rows} == {(0.0, 0.0, 0.0, UNDECIDED)}
    assert lead_lines(answer)[0] == "again against instagram: three-small minus one-big is equal in everything"
    with pytest.raises(KeyError):
        answer.lead_change("instagram", *PLANS, "reach")


def test_a_change_of_ratios_is_that_of_single_values_where_all_weigh_alike() -> None:
    """Denominators of 2: the jackknife of four ratios is the interval of a mean."""
    rng = np.random.default_rng(3)
    tops, twos = rng.normal(10.0, 1.0, (4, 12)), np.full(12, 2.0)
    found = difference_of_differences([(top, twos) for top in tops])
    wanted = mean_interval((tops[0] - tops[1] - tops[2] + tops[3]) / 2.0)
    assert found is not None
    assert (found.mean, found.low, found.high) == pytest.approx((wanted.mean, wanted.low, wanted.high))
    assert found.p_value == pytest.approx(wanted.p_value)
    assert difference_of_differences([*((top, twos) for top in tops[:3]), (tops[3], 0.0 * twos)]) is None


def test_that_one_plan_gains_and_another_does_not_is_found() -> None:
    """Plan a brings 50 more in the other setting and plan b nothing more; in the third both bring 50 more."""
    rng = np.random.default_rng(2)
    keys = {part for metric in METRICS.values() for part in (metric.key, metric.numerator, metric.denominator) if part}

    def totals(**more: float) -> SimpleNamespace:
        plans = {plan: {key: np.full(8, 100.0) for key in keys} for plan in ("a", "b")}
        for plan, values in plans.items():
            values["clicks"] = 100.0 + more.get(plan, 0.0) + rng.standard_normal(8)
        return SimpleNamespace(totals={plan: PlanTotals(plan, values) for plan, values in plans.items()})

    first = totals()
    first.ensemble = SimpleNamespace(worlds=list(range(8)))
    rows = lead_changes(first, {"one": totals(a=50), "both": totals(a=50, b=50)}, SETTING_METRICS)  # type: ignore[arg-type, dict-item]
    verdicts = {(row.setting, row.metric): row.verdict for row in rows}
    assert verdicts["one", "clicks"] == HIGHER
    assert verdicts["both", "clicks"] == UNDECIDED
    assert {verdict for (_, key), verdict in verdicts.items() if key != "clicks"} == {UNDECIDED}


def test_the_frame_is_tidy(answer: SettingsComparison) -> None:
    frame = answer.frame()
    assert len(frame) == 4 * 3 * len(METRICS)
    assert not frame.duplicated(["setting", "plan", "metric"]).any()
    assert frame[frame.setting == "instagram"].difference.isna().all()
    row = frame.set_index(["setting", "plan", "metric"]).loc[("tiktok", "one-big", "reach")]
    told = answer.difference("tiktok", "one-big", "reach")
    assert (row.difference, row.difference_low, row.verdict) == (told.mean, told.low, told.verdict)
    assert row["mean"] == pytest.approx(answer.first.figures["one-big"]["reach"].mean + told.mean)


def test_the_first_setting_is_the_comparison_of_the_file(
    answer: SettingsComparison, written: Callable[..., Path]
) -> None:
    alone = sim.compare(written(FOUR), days=4, replicates=6)
    assert alone.figures == answer.first.figures
    assert alone.digest == answer.first.digest != answer.digest


# --- what a file may say -----------------------------------------------------------------------------------


def test_a_scenario_is_the_same_with_settings_and_without(written: Callable[..., Path]) -> None:
    alone, first = load(SAMPLES / "small.toml"), load_settings(written(FOUR))[0]
    assert load(written(FOUR)).contents() == first.scenario.contents() == alone.contents()
    only = load_settings(SAMPLES / "small.toml")
    assert [setting.name for setting in only] == ["small"]
    assert question_digest(only) == alone.digest(model_hash()) == first.scenario.digest(model_hash())
    assert scenario_toml(alone) == scenario_toml(alone, only)


def test_names_order_and_changes_decide_the_digest(written: Callable[..., Path]) -> None:
    asked = [TWO, TWO.replace("0.02", "0.03"), TWO.replace('"two"', '"three"')]
    digests = {question_digest(load_settings(written(text))) for text in asked}
    assert len(digests) == 3
    spelled = TWO.replace('"parameters.share_rate"', "parameters.share_rate")
    assert question_digest(load_settings(written(spelled))) in digests


def test_overrides_hold_in_every_setting_and_its_own_changes_go_on_top(written: Callable[..., Path]) -> None:
    path = written(two('"product.price" = 50.0'))
    one, other = load_settings(path, ["product.price=45.0", "product.margin=0.7"], days=3)
    assert (one.scenario.product.price, other.scenario.product.price) == (45.0, 50.0)
    assert {setting.scenario.product.margin for setting in (one, other)} == {0.7}
    assert {setting.scenario.run.days for setting in (one, other)} == {3}
    assert other.scenario.origins["product.price"] == "setting two"


SEGMENTS = '{ name = "a", share = 0.4, trust = 1.2 }, { name = "b", share = 0.6 }'


@pytest.mark.parametrize(
    ("sample", "changes", "found"),
    [
        ("small", '"platform.preset" = "tiktok"', lambda s: s.rates.recommended_share == 0.85),
        ("small", 'platform = { preset = "tiktok" }', lambda s: s.rates.recommended_share == 0.85),
        ("small", "parameters.trust_floor = 0.1, parameters.share_rate = 0.02", lambda s: s.rates.trust_floor == 0.1),
        ("small", '"market.population" = 30_000', lambda s: s.market.population == 30_000),
        ("small", '"society.people" = 4_000, "society.peer_ties" = 10', lambda s: s.people == 4_000),
        ("small", f"segment = [{SEGMENTS}]", lambda s: [segment.trust for segment in s.segments] == [1.2, 1.0]),
        ("small", '"plan.one-big.deals.big.fee" = 10', lambda s: s.plan("one-big").deals[0].fee == 10),
        ("small", 'plan.one-big.deals = [{ creator = "anna" }]', lambda s: "big" not in [c.handle for c in s.booked]),
        ("small", '"plan.one-big.seeding" = { k = 100 }', lambda s: s.plan("one-big").seeding.k == 100),
        ("small", '"creator.anna.followers" = 1_500', lambda s: s.creators["anna"].followers == 1_500),
        ("campaign", '"plan.mix.split.nano" = 0.04', lambda s: [d.creator for d in s.plan("mix").deals] == ["star"]),
        ("campaign", '"parameters.price_exponent" = 0.5', lambda s: len(s.plan("mix").deals) == 4),
        ("campaign", '"plan.mix.split.nano" = 0.5', lambda s: len(s.plan("mix").deals) == 3),
    ],
)  # fmt: skip
def test_what_a_setting_may_change_and_the_resolved_file_says_it_again(
    sample: str, changes: str, found: Callable[[Any], bool], written: Callable[..., Path], tmp_path: Path
) -> None:
    one, other = settings = load_settings(written(two(changes), sample))
    assert found(other.scenario)
    (tmp_path / "resolved.toml").write_text(scenario_toml(one.scenario, settings))
    again = load_settings(tmp_path / "resolved.toml")
    assert [setting.name for setting in again] == ["one", "two"]
    assert [setting.scenario.contents() for setting in again] == [one.scenario.contents(), other.scenario.contents()]
    assert question_digest(again) == question_digest(settings)


def test_segments_are_changed_by_name_and_taken_away(written: Callable[..., Path], tmp_path: Path) -> None:
    path = written(two('"segment.a.trust" = 0.8') + '[[setting]]\nname = "none"\nset = { segment = [] }\n')
    path.write_text(f"segment = [{SEGMENTS}]\n" + path.read_text())
    settings = load_settings(path)
    assert [[s.trust for s in setting.scenario.segments] for setting in settings] == [[1.2, 1.0], [0.8, 1.0], []]
    (tmp_path / "resolved.toml").write_text(scenario_toml(settings[0].scenario, settings))
    assert question_digest(load_settings(tmp_path / "resolved.toml")) == question_digest(settings)


def test_changes_are_by_name_or_of_the_whole_where_something_is_gone() -> None:
    first = {"a": {"x": 1, "y": [1, 2]}, "plan": [{"name": "p", "deals": [{"creator": "c", "fee": 1, "fit": 1}]}]}
    assert changes_between(first, first) == {}
    other = {"a": {"x": 1.0, "y": [2, 1]}, "plan": [{"name": "p", "deals": [{"creator": "c", "fee": 2, "fit": 1}]}]}
    assert changes_between(first, other) == {"a.x": 1.0, "a.y": [2, 1], "plan.p.deals.c.fee": 2}
    gone = {"a": {"x": 1, "y": [1, 2]}, "plan": [{"name": "p", "deals": [{"creator": "c", "fee": 1}], "budget": 3}]}
    assert changes_between(first, gone) == {"plan.p.deals": [{"creator": "c", "fee": 1}], "plan.p.budget": 3}
    assert changes_between(first, {**first, "segment": [{"name": "s"}]}) == {"segment": [{"name": "s"}]}
    assert changes_between({**first, "segment": [{"name": "s"}]}, first) == {"segment": []}


def setting(name: str, changes: str = "") -> str:
    return f'\n[[setting]]\nname = "{name}"\n' + (f"set = {{ {changes} }}\n" if changes else "")


SHARE = '"parameters.share_rate" = 0.02'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (setting("one"), ["setting: only one", "two [[setting]] tables or more"]),
        (setting("one") + setting("One", SHARE), ["setting: stands twice in the list", "'One'"]),
        (setting("one", SHARE) + setting("two", SHARE), ["setting.one.set: has no effect on the first setting"]),
        (setting("one") + setting("two"), ["setting.two.set: missing", "platform.preset"]),
        (setting("one") + "[[setting]]\nname = 'two'\nset = {}", ["setting.two.set: missing"]),
        (setting("one") + "[[setting]]\nname = 'two'\nsets = {}", ["setting.two.sets: unknown key", "'set'"]),
        (two('"platform.preset" = "tiktak"'), ["setting.two.platform.preset: unknown platform preset", "'tiktok'"]),
        (two('"platfrom.preset" = "tiktok"'), ["setting.two.platfrom.preset: unknown key", "'platform.preset'"]),
        (two('"platform.presett" = "tiktok"'), ["setting.two.platform.presett: unknown key", "'preset'"]),
        (two("click_rate = 0.1"), ["setting.two.click_rate: unknown key", "'parameters.click_rate'"]),
        (two('"parameters.clik_rate" = 0.1'), ["setting.two.parameters.clik_rate: unknown parameter", "'click_rate'"]),
        (two('"parameters.click_rate" = 2'), ["setting.two.parameters.click_rate: out of range (got 2)"]),
        (two('"parameters.click_rate" = "2"'), ["setting.two.parameters.click_rate: not a number but text"]),
        (two('"product.price" = -1'), ["setting.two.product.price: out of range (got -1)"]),
        (two('"product.price" = 1, product.price = 2'), ["setting.two.product.price: set twice"]),
        (two('platform = "tiktok"'), ["setting.two.platform: not a table"]),
        (two('"plan.three-smal.deals.anna.fee" = 1'), ["setting.two.plan.three-smal: no such entry", "'three-small'"]),
        (two('"plan.three-small" = 1'), ["setting.two.plan.three-small: names an entry and no key of it"]),
        (two('"plan.one-big.name" = "one"'), ["setting.two.plan: has other plans than the file", "small, one-"]),
        (two('"creator.anna.handle" = "anne"'), ["setting.two.creator.anna.handle: a setting cannot change this"]),
        (two("creator = []"), ["setting.two.creator: a setting cannot change this"]),
        (two('"run.seed" = 3'), ["setting.two.run.seed: a setting cannot change this", "begins with platform"]),
        (two('"run.replicates" = 3'), ["setting.two.run.replicates: a setting cannot change this"]),
        (two('"name" = "x"'), ["setting.two.name: a setting cannot change this"]),
        (two('"society.worlds" = 3'), ["setting.two.society.worlds: the number of societies must be the same"]),
        (two('"market.currency" = "EUR"'), ["setting.two.market.currency: the currency must be the same"]),
        (two('"market.niches" = ["beauty"]'), ["cleo", "in the setting 'two'"]),
        (two("parameters.click_rate = 2, parameters.reach = 7"),
         ["2 problems found", "setting.two.parameters.click_rate", "setting.two.parameters.reach"]),
    ],
)  # fmt: skip
def test_wrong_settings_are_named_with_file_and_key(text: str, says: list[str], written: Callable[..., Path]) -> None:
    path = written(text)
    with pytest.raises(InputError) as caught:
        load_settings(path)
    assert str(caught.value).startswith(f"{path}")
    assert all(part in str(caught.value) for part in says), str(caught.value)


def test_without_settings_there_is_nothing_to_compare() -> None:
    with pytest.raises(InputError, match="no settings to compare"):
        sim.compare_settings(SAMPLES / "small.toml")


# --- commands and what they leave --------------------------------------------------------------------------

QUICK = ("--replicates", "2", "--days", "3", "--workers", "1", "--quiet")


@pytest.mark.full
def test_compare_leaves_every_setting_and_goes_on_where_it_stopped(
    influence: Callable[..., Any], written: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(two('"plan.mix.split.nano" = 0.04, "product.price" = 50'), "campaign")
    words = ("compare", str(path), *QUICK, "--out", "out")
    printed = influence(*words)
    assert printed.code == 0
    assert all(part in printed.out for part in ("two: plan.mix.split.nano = 0.04", "Plan against plan", "mix"))
    before = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    kept = sorted(Path("out/replicates").rglob("*.npz"))
    assert [path.parent.name for path in kept] == ["replicates", "replicates", "setting-2", "setting-2"]
    kept[-1].unlink()
    calls = []
    monkeypatch.setattr("sim.ensemble.run_plans", lambda *words: calls.append(words) or run_plans(*words))
    assert influence(*words).code == 0
    assert len(calls) == 1
    assert influence("report", "out").code == 0
    assert {path: path.read_bytes() for path in before} == before

    answer = influence("reproduce", "out", "--workers", "1", "--quiet")
    assert (answer.code, answer.out, len(calls)) == (0, "out: reproduced, every figure equal\n", 5)
    summary = json.loads(before[Path("out/summary.json")])
    assert [(one["name"], len(one["set"])) for one in summary["settings"]] == [("one", 0), ("two", 2)]
    assert summary["settings"][0]["plans"]["mix"]["reach"] == summary["plans"]["mix"]["reach"]
    assert summary["digest"] == Path("out/digest").read_text().strip()
    reach = summary["settings"][1]["differences"]["mix"]["reach"]
    row = pd.read_csv("out/settings.csv").set_index(["setting", "plan", "metric"]).loc[("two", "mix", "reach")]
    assert (row.difference, row.difference_high, row.verdict) == (reach["mean"], reach["high"], reach["verdict"])
    assert "In other settings" in Path("out/report.html").read_text()
    for damage, says in (({"differences": {}}, "differ from summary.json"), (3, "is damaged")):
        told = [{**one, **damage} if isinstance(damage, dict) else damage for one in summary["settings"]]
        Path("out/summary.json").write_text(json.dumps({**summary, "settings": told}))
        assert says in influence("reproduce", "out", "--workers", "1", "--quiet").err
    claim(Path("out"), "0123456789ab", overwrite=True)
    assert [path.name for path in Path("out").rglob("*")] == ["digest"]


def test_check_looks_at_all_settings_and_precision_is_for_one(
    influence: Callable[..., Any], written: Callable[..., Path]
) -> None:
    path = str(written(two('"society.people" = 4_000, "plan.one-big.deals.big.posts" = 9')))
    found = influence("check", path, "--json").json()
    assert found["settings"] == ["one", "two"]
    assert any(warning.startswith("two: plan one-big: 7 of 9 posts of big fall after") for warning in found["warnings"])
    assert "in 2 settings, 24 runs in all: one, two" in influence("check", path).out
    answer = influence("compare", path, *QUICK, "--precision", "0.1")
    assert answer.code == 2
    assert "--precision: does not go with the [[setting]] tables" in answer.err
    answer = influence("check", str(written(two('"society.people" = 20'))))
    assert answer.code == 2
    assert "in the setting 'two'" in answer.err or "setting.two.society.people" in answer.err


# --- what is shown -----------------------------------------------------------------------------------------


def test_the_report_has_a_section_where_there_are_settings(answer: SettingsComparison) -> None:
    drawn = [Picture(name, "", "", b"") for name in ("comparison", "sources", "daily")]
    page = report_html(answer.first, drawn, settings_parts(answer), answer.digest)
    assert 'id="settings"' in page
    assert f"digest {answer.digest}" in page
    assert all(line.replace("'", "&#x27;") in page for line in (*settings_lines(answer), *plan_lines(answer)))
    assert 'id="settings"' not in report_html(answer.first, drawn)


def test_plans_are_held_against_each_other_in_each_setting(answer: SettingsComparison) -> None:
    lines = plan_lines(answer)
    assert [line.partition(":")[0] for line in lines] == ["instagram", "again", "no clicks", "tiktok"]
    assert lines[0].partition(":")[2] == lines[1].partition(":")[2]
    assert "equal in clicks" in lines[2]
