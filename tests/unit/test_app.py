"""The app without a browser: what each control changes, a run, a stop, uploads, two sessions, the command."""

from __future__ import annotations

import csv
import logging
import math
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from sim.commands.app import LOOPBACK, command
from sim.errors import InputError
from sim.parameters import PARAMETERS
from sim.society.kept import RATES as SOCIETY_RATES
from sim.studies.effects import AS_IT_IS, context_of
from sim.views.app.controls import MATTER, PRICES, parameter_help, parameter_label, slider_step
from sim.views.app.jobs import Job
from sim.views.app.question import (
    GRAPH,
    OWN,
    ROSTER,
    SCENARIO,
    YOURS,
    Question,
    Uploads,
    asked_scenario,
    base_scenario,
    tiers_of,
)
from sim.views.app.state import KEY, Session, changed_values
from sim.views.files import output_contents
from sim.views.plots import FIGURES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "sim" / "views" / "app" / "script.py"
SMALL = (ROOT / "tests" / "samples" / "small.toml").read_bytes()
MALFORMED = (ROOT / "tests" / "samples" / "roster_problems.csv").read_bytes()
GOOD = b"handle,followers,niche\nanna,12000,beauty\nben,15000,\nzoe,220000,\n"
LAUNCH = b'schema = 1\n[market]\npopulation = 1_000_000\nniches = ["beauty"]\n[creators]\nroster = "/etc/passwd"\n'
BUILT_IN = "ten-micros-vs-one-celebrity"


logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)
"""Each page of a test runs without a server, and each would say so."""


@pytest.fixture(scope="module", autouse=True)
def _path_of_the_page() -> Iterator[None]:
    """A server has it for good. Without it each page of a test would put it into sys.path and take it out again, and
    a thread that looks for a package just then may look past it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(PAGE.parent))
        yield


@pytest.fixture(autouse=True)
def _undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take longer than anything else here; browser tests look at them."""
    monkeypatch.setattr(
        "sim.views.app.state.FIGURES", dict.fromkeys(FIGURES, ("a figure", lambda _: (None, "in words")))
    )
    monkeypatch.setattr("sim.views.app.state.png_bytes", lambda _: b"")


def opened() -> AppTest:
    return AppTest.from_file(str(PAGE), default_timeout=240).run()


def small_app() -> AppTest:
    """The page with a small scenario uploaded."""
    page = opened()
    page.selectbox(key="scenario").set_value(OWN).run()
    page.file_uploader(key="upload-scenario").upload("../../else/x.toml", SMALL).run()
    return page


def session(page: AppTest) -> Session:
    assert not page.exception, page.exception
    found: Session = page.session_state[KEY]
    return found


def finished(page: AppTest) -> AppTest:
    """Wait for what runs, and make the page again."""
    while (job := session(page).job) is not None:
        job.wait(60)
        page.run()
    return page


def ran(page: AppTest) -> AppTest:
    page.button(key="run").click().run()
    return finished(page)


def html(page: AppTest) -> str:
    return "\n".join(str(part.proto.body) for part in page.get("html"))


def widget(page: AppTest, ending: str) -> Any:
    """The slider or field whose key has this ending."""
    kinds = (page.slider, page.number_input, page.checkbox, page.toggle)
    return next(one for kind in kinds for one in kind if str(one.key).endswith(f":{ending}"))


def now(page: AppTest) -> Any:
    outcome = session(page).now
    assert outcome is not None
    return outcome.scenario


# --- controls ----------------------------------------------------------------------------------------------


def test_the_parameters_that_matter_are_those_that_the_experiment_found() -> None:
    ratios: dict[str, dict[str, dict[str, float]]] = {}
    with (ROOT / "experiments" / "mechanisms" / "results.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["figure"] == "incremental_conversions" and row["value"]:
                ratios.setdefault(row["parameter"], {}).setdefault(row["end"], {})[row["plan"]] = float(row["value"])
    moves = {name: turn(ends) for name, ends in ratios.items()
             if context_of(name) is AS_IT_IS and name not in SOCIETY_RATES}  # fmt: skip
    found = sorted(moves, key=lambda name: -moves[name])[: len(MATTER)]
    assert list(MATTER) == found


def turn(ends: dict[str, dict[str, float]]) -> float:
    """The largest change of the logarithm of the two plans' ratio from the default to an end."""

    def ratio(figures: dict[str, float]) -> float:
        micros, celebrity = figures["ten-micros"], figures["celebrity"]
        return math.log(micros / celebrity) if micros > 0 and celebrity > 0 else math.nan

    usual = ratio(ends["default"])
    changes = [abs(ratio(ends[end]) - usual) for end in ("low", "high") if end in ends]
    return max((change for change in changes if math.isfinite(change)), default=0.0)


def test_label_and_help_say_what_the_parameter_says() -> None:
    page = opened()
    rates = base_scenario(BUILT_IN, session(page).uploads).rates
    for name in (*MATTER, *PRICES):
        control, parameter = widget(page, name), PARAMETERS[name]
        assert control.label == parameter_label(parameter)
        assert control.help == parameter_help(parameter)
        assert (control.min, control.max, control.value) == (parameter.low, parameter.high, getattr(rates, name))
        for said in (f"{parameter.low:g}", f"{parameter.high:g}", parameter.symbol[:1], parameter.source[:8]):
            assert said in control.help


@pytest.mark.full
def test_each_control_changes_its_own_value_and_nothing_else() -> None:
    page = ran(small_app())
    moved = {name: f"parameters.{name}" for name in (*MATTER, *PRICES)}
    moved |= {"price": "product.price", "margin": "product.margin", "people": "society.people", "days": "run.days"}
    for ending, key in moved.items():
        before, control = now(page), widget(page, ending)
        control.set_value(control.value + (1 if isinstance(control.value, int) else control.step)).run()
        finished(page)
        assert not session(page).problem
        assert [line.partition(":")[0] for line in changed_values(before, now(page))] == [key]
        assert widget(page, ending).value != control.proto.default


def test_budget_and_split_become_a_plan_beside_the_scenarios_own() -> None:
    page = small_app()
    widget(page, "own").check().run()
    widget(page, "budget").set_value(100.0).run()
    ran(page)
    assert [plan.name for plan in now(page).plans] == ["none", "three-small", "one-big", YOURS]
    mine = now(page).plan(YOURS)
    assert (mine.budget, sum(deal.posts * float(deal.fee) for deal in mine.deals) <= 100.0) == (100.0, True)
    widget(page, "budget").set_value(300.0).run()
    finished(page)
    assert now(page).plan(YOURS).budget == 300.0
    assert "plan your-split: other deals" in html(page)


SETTINGS = b"""
[[setting]]
name = "cheap"
[[setting]]
name = "dear"
set = { "product.price" = 400.0, "plan.one-big.deals" = [{ creator = "anna" }] }
"""


def test_a_setting_is_the_scenario_with_its_changes_and_ones_own_on_top() -> None:
    page = small_app()
    assert not [one for one in page.selectbox if one.label == "Setting"]
    page.file_uploader(key="upload-scenario").upload("x.toml", SMALL + SETTINGS).run()
    (setting,) = [one for one in page.selectbox if one.label == "Setting"]
    assert (setting.options, widget(page, "price").value) == (["cheap", "dear"], 40.0)
    setting.set_value("dear").run()
    assert widget(page, "price").value == 400.0
    uploads = session(page).uploads
    other = base_scenario(OWN, uploads, "dear")
    changes = {"product.margin": 0.25}
    asked = asked_scenario(Question(OWN, changes, 60.0, {"nano": 1.0}, setting="dear"), uploads, other)
    assert (asked.product.price, asked.product.margin) == (400.0, 0.25)
    assert [deal.creator for deal in asked.plan("one-big").deals] == ["anna"]
    assert asked.plan(YOURS).budget == 60.0
    ran(page)
    assert now(page).product.price == 400.0


def test_shares_go_to_their_tiers() -> None:
    uploads = Uploads()
    base = base_scenario(BUILT_IN, uploads)
    assert tiers_of(base) == ["micro", "mid"]
    asked = asked_scenario(Question(BUILT_IN, {}, 9_000.0, {"micro": 1.0, "mid": 0.0}), uploads, base)
    assert all(asked.creators[deal.creator].followers < 100_000 for deal in asked.plan(YOURS).deals)
    asked = asked_scenario(Question(BUILT_IN, {}, 9_000.0, {"micro": 0.0, "mid": 1.0}), uploads, base)
    assert {deal.creator for deal in asked.plan(YOURS).deals} == {"celebrity"}


@pytest.mark.parametrize(("low", "value", "high"), [(0.05, 1.0, 10.0), (0.3, 0.85, 1.3), (0.0, 0.77, 1.0)])
def test_whole_steps_of_a_slider_lead_to_the_value(low: float, value: float, high: float) -> None:
    step = slider_step(low, value, high - low)
    assert (value - low) / step == pytest.approx(round((value - low) / step))
    assert (high - low) / 2000 <= step <= (high - low) / 50


# --- running -----------------------------------------------------------------------------------------------


def test_a_run_answers_and_a_change_runs_again_and_is_compared_with_before() -> None:
    page = ran(small_app())
    first = session(page).now
    assert "three-small" in html(page)
    assert "Mean and 95 % interval" in html(page)
    widget(page, "price").set_value(50.0).run()
    finished(page)
    assert session(page).before is first
    assert "product.price: 40 → 50" in html(page)
    page.toggle(key="live").set_value(False).run()
    widget(page, "price").set_value(60.0).run()
    assert session(page).job is None
    assert "The results below are of the settings before." in html(page)


@pytest.mark.full
def test_downloads_are_what_compare_writes() -> None:
    page = ran(small_app())
    outcome = session(page).now
    assert outcome is not None
    written = output_contents(outcome.comparison)
    for name in ("runs.csv", "daily.csv", "creators.csv", "summary.json", "scenario.toml", "report.html"):
        assert outcome.file(name, session(page).uploads) == written[name]


def test_a_job_stops_after_the_replicate_at_hand() -> None:
    uploads = Uploads()
    uploads.keep(SCENARIO, SMALL)
    scenario = base_scenario(OWN, uploads).with_replicates(50)
    reached: list[int] = []

    def work(job: Job) -> Any:
        job.stop()
        reached.append(1)
        return job.ensemble(scenario)

    job = Job("comparison", work)
    job.wait(60)
    assert (job.finished, job.stopped, job.result, job.error, reached) == (True, True, None, None, [1])

    def halfway(job: Job) -> Any:
        after = job._progress
        job._progress = lambda done, total, seconds: (job.stop() if done == 2 else None, after(done, total, seconds))  # type: ignore[method-assign, assignment]
        return job.ensemble(scenario)

    job = Job("comparison", halfway)
    job.wait(60)
    assert (job.done, job.total, job.result) == (2, 50, None)


def test_two_sessions_know_nothing_of_each_other() -> None:
    one, other = ran(small_app()), opened()
    assert session(other).now is None
    assert session(other).uploads.folder != session(one).uploads.folder
    assert not session(other).uploads.digests
    widget(one, "price").set_value(77.0).run()
    assert widget(other.run(), "price").value != 77.0


# --- uploads -----------------------------------------------------------------------------------------------


def test_a_malformed_roster_gets_the_words_of_the_command_line(
    tmp_path: Path, influence: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened()
    page.file_uploader(key="upload-roster").upload("../../../etc/roster_problems.csv", MALFORMED).run()
    shown = html(page)
    assert str(session(page).uploads.folder) not in shown
    (tmp_path / "roster.csv").write_bytes(MALFORMED)
    monkeypatch.chdir(tmp_path)
    told = influence("select", BUILT_IN, "--roster", "roster.csv", "--budget", "1000", "--out", "-").err
    said = [line.strip() for line in told.splitlines() if "row 3" in line]
    assert said
    for line in said:
        text = line.replace(f"{tmp_path}/", "")
        assert text.replace("&", "&amp;").replace("'", "&#x27;").replace('"', "&quot;") in shown
    assert page.button(key="run").disabled


def test_a_good_roster_takes_the_place_of_the_creators() -> None:
    uploads = Uploads()
    uploads.keep(ROSTER, GOOD, "whatever.xlsx.csv")
    base = base_scenario(BUILT_IN, uploads)
    assert list(base.creators) == ["anna", "ben", "zoe"]
    asked = asked_scenario(Question(BUILT_IN, {}, 5_000.0, {"micro": 0.5, "mid": 0.5}), uploads, base)
    assert [plan.name for plan in asked.plans] == ["none", YOURS, "all-micro", "all-mid"]
    assert uploads.name(ROSTER) == "roster.csv"
    uploads.keep(ROSTER, None)
    assert list(uploads.folder.iterdir()) == []


def test_a_graphs_nodes_are_the_people() -> None:
    uploads = Uploads()
    uploads.keep(ROSTER, b"handle,followers\nhub,40\nb1,12\n")
    arcs = [f"hub,f{k}" for k in range(40)] + [f"b1,f{k}" for k in range(12)]
    uploads.keep(GRAPH, "\n".join(["src,dst", *arcs]).encode(), "../../x.csv")
    base = base_scenario(BUILT_IN, uploads)
    assert base.graph == uploads.folder / "graph.csv"
    changes = {"tiers.small": [0, 100], "run.days": 3}
    asked = asked_scenario(Question(BUILT_IN, changes, 1_000.0, {"small": 1.0}), uploads, base)
    assert {deal.creator for deal in asked.plan(YOURS).deals} == {"hub", "b1"}


@pytest.mark.parametrize("named", ["[creators]\nroster", "[society]\ngraph"])
def test_a_path_in_an_uploaded_scenario_is_never_opened(named: str) -> None:
    uploads = Uploads()
    uploads.keep(SCENARIO, f'schema = 1\n[market]\npopulation = 1000\n{named} = "/etc/passwd"\n'.encode())
    with pytest.raises(InputError, match="a path in an uploaded scenario is not opened"):
        base_scenario(OWN, uploads)


def test_an_uploaded_roster_stands_in_for_the_one_that_a_scenario_names() -> None:
    uploads = Uploads()
    uploads.keep(SCENARIO, LAUNCH + b'[[plan]]\nname = "anna"\ndeals = [{ creator = "anna" }]\n')
    uploads.keep(ROSTER, GOOD)
    base = base_scenario(OWN, uploads)
    assert [plan.name for plan in base.plans] == ["none", "anna"]
    assert list(base.creators) == ["anna", "ben", "zoe"]


def test_the_folder_of_a_session_goes_with_it() -> None:
    uploads = Uploads()
    folder = uploads.folder
    uploads.keep(ROSTER, GOOD)
    assert folder.stat().st_mode & 0o077 == 0
    del uploads
    assert not folder.exists()


# --- the command -------------------------------------------------------------------------------------------


def test_the_server_listens_to_this_machine_alone_and_tells_nobody() -> None:
    words = command(None, 8501, LOOPBACK)
    for said in ("--server.address=127.0.0.1", "--browser.gatherUsageStats=false", "--server.headless=true",
                 "--server.fileWatcherType=none", "--server.enableXsrfProtection=true"):  # fmt: skip
        assert said in words


def test_a_port_in_use_and_an_unknown_scenario_are_said(influence: Callable[..., Any]) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        answer = influence("app", "--port", str(port))
    assert answer.code == 2
    assert f"--port: is in use (got {port})" in answer.err
    answer = influence("app", "hybrid-lunch")
    assert answer.code == 2
    assert "did you mean 'hybrid-launch'?" in answer.err
    assert influence("app", "--host", "no.such.host.invalid", "--port", "8501").code == 2


def test_without_streamlit_the_message_says_what_to_install(
    influence: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    answer = influence("app")
    assert answer.code == 2
    assert 'pip install "influence-sim[app]"' in answer.err
