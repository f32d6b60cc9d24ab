"""Many runs in a store: the same bytes however they were run, nothing lost by a crash, every fault told in words."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from stores import after, exported, stop

import sim
from sim.ensemble import Ensemble, run_replicate
from sim.errors import InfluenceError, InputError, Interrupted
from sim.parameters import PARAMETERS
from sim.results.measures import METRICS, plan_totals
from sim.studies import store_writing
from sim.studies import sweep as sweeping
from sim.studies.planned import Planned, Task, planned
from sim.studies.shared_worlds import play
from sim.studies.store import Store, in_use, lock_file
from sim.studies.store_writing import Played, writing
from sim.studies.study import Axis, Study
from sim.studies.sweep import resume, seconds_a_run, sweep
from sim.views.files import csv_bytes

SMALL = str(Path(__file__).parents[1] / "samples" / "small.toml")
PRICES, FEW = Axis("product.price", (40.0, 55.0)), Axis("society.people", (1_000, 100))
FAILED = "creator.anna: audience too small"
CAN_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")


def study(*axes: Axis, **more: Any) -> Study:
    usual = {"people": 1_000, "days": 2, "replicates": 2, "figures": ("reach", "roi", "incremental_conversions")}
    usual_axes = () if "listed" in more else (PRICES, Axis("click_rate", (0.02, 0.1)))
    return Study("small", SMALL, axes or usual_axes, **{**usual, **more})


@pytest.fixture(scope="module")
def plan() -> Planned:
    """Four points in two replicates."""
    return planned(study())


@pytest.fixture(scope="module")
def failing() -> Planned:
    """Two points that can be run and two with too few people for an audience."""
    return planned(study(PRICES, FEW, people=None))


# --- what is kept ------------------------------------------------------------------------------------------


def test_rows_are_those_of_the_runs_alone(plan: Planned, undisturbed: bytes, path: Path) -> None:
    frame = sweep(plan, path).frame()
    assert list(frame.columns) == ["point", "product.price", "parameters.click_rate", "replicate", "plan", "reach",
                                   "incremental_conversions", "roi", "profit", "cost", "error"]  # fmt: skip
    assert list(frame["point"]) == [point for point in range(4) for _ in range(6)]
    assert list(frame["plan"]) == ["none", "three-small", "one-big"] * 8
    assert list(frame["product.price"]) == [40.0] * 12 + [55.0] * 12
    scenario = plan.points[3].scenario()
    totals = plan_totals(Ensemble(scenario, (run_replicate(scenario, 1),), "kernel"), "one-big")
    row = frame.iloc[-1]
    assert (row["replicate"], row["plan"], row["parameters.click_rate"]) == (1, "one-big", 0.1)
    for key in ("reach", "roi", "incremental_conversions"):
        assert row[key] == totals.by_replicate(METRICS[key])[0]
    assert row["roi"] == row["profit"] / row["cost"]
    assert pd.isna(frame["roi"].iloc[0])
    assert frame["error"].isna().all()
    assert csv_bytes(frame) == undisturbed
    assert undisturbed.splitlines()[1].startswith(b"0,40.0,0.02,0,none,0.0,0.0,,0.0,0.0,")


def test_another_seed_gives_other_rows(undisturbed: bytes, path: Path) -> None:
    other = sweep(planned(study(seed=8)), path)
    assert exported(other).splitlines()[0] == undisturbed.splitlines()[0]
    assert exported(other) != undisturbed


def test_a_store_is_read_alone(plan: Planned, path: Path) -> None:
    sweep(plan, path)
    store = sim.Store(path)
    assert (store.digest, store.header.model, store.study) == (plan.digest, plan.model, plan.study)
    status = store.status()
    assert (status.runs, status.done, status.failed, status.left, status.running) == (8, 8, 0, 0, False)
    assert status.rate is not None
    assert status.seconds_a_run is not None
    assert "8 runs done" in repr(store)


def test_equal_points_have_equal_rows(path: Path) -> None:
    frame = sweep(planned(study(Axis("product.price", (40.0, 40.0)), replicates=1)), path).frame()
    assert len(frame) == 6
    assert frame.iloc[:3, 3:].equals(frame.iloc[3:, 3:].reset_index(drop=True))


def test_a_list_of_points_leaves_blanks_and_takes_lists(path: Path) -> None:
    points = ({"product.price": 50}, {"market.niches": ["beauty", "food"]}, {"product.price": 60.5})
    store = sweep(planned(study(design="list", listed=points, replicates=1)), path)
    frame = store.frame()
    assert frame["product.price"].iloc[[0, 3, 6]].tolist() == [50.0, pytest.approx(float("nan"), nan_ok=True), 60.5]
    assert frame["market.niches"].iloc[3] == '["beauty", "food"]'
    assert frame["market.niches"].iloc[[0, 6]].isna().all()


NAMED = [pytest.param(name, marks=() if name in ("fake_share", "peer_reach", "friends_spread") else pytest.mark.full)
         for name in PARAMETERS]  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_a_shared_world_is_the_run_s_own(name: str) -> None:
    """At both ends of each parameter's range, one after another, on the society and audiences of the run before."""
    for value in (PARAMETERS[name].low, PARAMETERS[name].high):
        scenario = planned(study(Axis(f"parameters.{name}", (value,)))).points[0]
        if scenario.error is None:
            assert_played_alike(scenario.scenario())


@pytest.mark.parametrize(
    "point",
    [
        {"creator.big.followers": 2_000}, {"creator.anna.niche": "food"}, {"market.population": 15_000},
        {"market.regions": ["here", "there"], "creator.ben.region": "there"}, {"creator.cleo.fake_share": 0.4},
        {"market.languages": ["de", "fr"], "market.regions": ["a", "b"], "creator.anna.language": "fr"},
    ],
)  # fmt: skip
def test_a_world_is_shared_only_with_the_same_creators_and_market(point: dict[str, Any]) -> None:
    for values in ({"product.price": 41.0}, point, {"product.price": 42.0}):
        found = planned(study(design="list", listed=(values,))).points[0]
        assert_played_alike(found.scenario())


def assert_played_alike(scenario: Any) -> None:
    try:
        alone = run_replicate(scenario, 1)
    except InputError as error:
        with pytest.raises(InputError, match=re.escape(error.message)):
            play(scenario, 1, "kernel")
        return
    shared = play(scenario, 1, "kernel")
    assert all(shared.plans[name].run.same_as(alone.plans[name].run) for name in alone.plans)
    assert shared.overlap == alone.overlap


# --- however it is run -------------------------------------------------------------------------------------


@pytest.mark.full
def test_two_processes_one_of_them_killed_give_the_same_bytes(plan: Planned, undisturbed: bytes, path: Path) -> None:
    killed: list[int] = []

    def kill_one() -> None:
        victim = multiprocessing.active_children()[0]
        killed.append(victim.pid or 0)
        os.kill(killed[0], signal.SIGKILL)

    store = sweep(plan, path, workers=2, progress=after(2, kill_one))
    assert killed
    assert exported(store) == undisturbed
    assert store.status().done == 8


@pytest.mark.parametrize("workers", [2, pytest.param(3, marks=pytest.mark.full)])
def test_any_number_of_processes_gives_the_same_bytes(
    workers: int, plan: Planned, undisturbed: bytes, path: Path
) -> None:
    assert exported(sweep(plan, path, workers=workers)) == undisturbed


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full)])
def test_any_order_of_runs_gives_the_same_bytes(
    seed: int, plan: Planned, undisturbed: bytes, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Planned.tasks

    def shuffled(self: Planned, finished: Any = ()) -> list[Task]:
        tasks = plain(self, finished)
        return [tasks[k] for k in np.random.default_rng(seed).permutation(len(tasks))]

    monkeypatch.setattr(Planned, "tasks", shuffled)
    assert exported(sweep(plan, path)) == undisturbed


@pytest.mark.parametrize("count", [3, pytest.param(7, marks=pytest.mark.full)])
def test_ctrl_c_keeps_what_is_finished(count: int, plan: Planned, undisturbed: bytes, path: Path) -> None:
    with pytest.raises(Interrupted, match=rf"stopped; {count} of 8 runs are kept; `influence resume .*` goes on"):
        sweep(plan, path, progress=after(count, stop))
    assert Store(path).status().left == 8 - count
    told: list[tuple[int, int]] = []
    store = resume(path, progress=lambda finished, total, _: told.append((finished, total)))
    assert told == [(done, 8 - count) for done in range(1, 9 - count)]
    assert exported(store) == undisturbed


def test_what_is_there_is_not_run_again(plan: Planned, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = sweep(plan, path)
    monkeypatch.setattr(sweeping, "play", pytest.fail)
    assert exported(sweep(plan, path)) == exported(store)
    assert Store(path).status().rate is not None


@CAN_FORK
@pytest.mark.parametrize("moment", range(3))
def test_a_sweep_that_was_killed_goes_on(moment: int, plan: Planned, undisturbed: bytes, path: Path) -> None:
    """Killed at a random moment by the parent of a forked process, which has everything compiled already."""
    for _ in range(2):
        killed_sweep(plan, path, 0.25 * np.random.default_rng(moment).random())
    assert exported(sweep(plan, path)) == undisturbed
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def killed_sweep(plan: Planned, path: Path, seconds: float) -> None:
    reading, told = os.pipe()
    child = os.fork()
    if not child:
        with suppress(BaseException):
            sweep(plan, path, progress=after(1, lambda: os.write(told, b"1")))
        os._exit(0)
    os.close(told)
    os.read(reading, 1)  # one run, or the end of a sweep that has none left
    os.close(reading)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


KILLS_A_PART, PARTS = 6, 5
"""Six kills in the full tier, twenty-four more in the slow one."""


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """The command sweep on a file with a study, in two processes, in a group of processes of its own."""
    (tmp_path / "study.toml").write_text(
        f'scenario = "{SMALL}"\nname = "small"\npeople = 1000\ndays = 2\nreplicates = 50\n'
        'figures = ["reach", "roi"]\n[vary]\n"product.price" = [40.0, 55.0]\n'
    )

    def start(store: str, *words: str) -> subprocess.Popen[str]:
        code = "from sim.cli import main; main()"
        all_words = ("sweep", "study.toml", "--store", store, "--quiet", *words)
        return subprocess.Popen([sys.executable, "-c", code, *all_words], cwd=tmp_path, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip

    return start


def children(pid: int) -> Iterator[int]:
    """Processes below another one."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, IndexError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                yield int(stat.parent.name)
                yield from children(int(stat.parent.name))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize(
    "part",
    [pytest.param(part, marks=pytest.mark.slow if part else pytest.mark.full) for part in range(PARTS)],
)  # fmt: skip
def test_kills_of_parents_and_workers_change_no_byte(part: int, command: Callable[..., Any], tmp_path: Path) -> None:
    """In parts, three in each store at the most; a sweep that is done before it is killed does not count."""
    assert command("whole.sqlite", "--workers", "1").wait() == 0
    whole, rng, kills, stores = exported(Store(tmp_path / "whole.sqlite")), np.random.default_rng(part), 0, 0
    while kills < KILLS_A_PART:
        store = tmp_path / f"{stores}.sqlite"
        running = command(store.name, "--workers", "2")
        workers = wait_for_a_run(store, running)
        time.sleep(rng.random() / 4)
        victim = running.pid if kills % 2 or not workers else workers[int(rng.integers(len(workers)))]
        if running.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                kills += 1
        if victim == running.pid:
            assert_gone(workers)
        running.communicate()
        stores += kills % 3 == 0 or Store(store).status().left == 0
    assert stores < 6 * KILLS_A_PART
    for path in sorted(tmp_path.glob("[0-9]*.sqlite")):
        assert exported(resume(path)) == whole, path


def wait_for_a_run(store: Path, running: subprocess.Popen[str]) -> list[int]:
    """Wait until a sweep has finished a run of its own, or all; its processes by then."""
    before = Store(store).status().done if store.exists() else 0
    while running.poll() is None:
        with suppress(InputError):
            if Store(store).status().done > before:
                break
        time.sleep(0.05)
    return list(children(running.pid))


def assert_gone(pids: list[int]) -> None:
    """Processes whose parent was killed do not stay."""
    until = time.monotonic() + 120.0
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < until, "a process outlived its parent"
        time.sleep(0.1)


# --- runs that fail ----------------------------------------------------------------------------------------


def test_a_run_that_fails_is_a_row_and_the_others_go_on(failing: Planned, path: Path) -> None:
    store = sweep(failing, path)
    status, frame = store.status(), store.frame()
    assert (status.done, status.failed, status.left) == (4, 4, 0)
    assert status.errors[0].error.startswith("creator.")
    assert "audience" in status.errors[0].error
    bad = frame[frame["error"].notna()]
    assert list(bad["society.people"]) == [100] * 4
    assert bad["plan"].isna().all()
    assert bad["reach"].isna().all()
    good = sweep(planned(study(PRICES)), path.with_name("good.sqlite")).frame()
    assert frame.loc[frame["error"].isna(), "reach"].tolist() == good["reach"].tolist()


def test_a_point_that_cannot_be_resolved_is_a_row_too(path: Path) -> None:
    store = sweep(planned(study(Axis("click_rate", (0.05, 3.0)))), path)
    assert [(one.point, one.replicate) for one in store.status().errors] == [(1, 0), (1, 1)]
    assert store.status().errors[0].error.startswith("parameters.click_rate: out of range")


def test_whatever_a_run_raises_is_kept(plan: Planned, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def play_badly(scenario: Any, number: int, *words: Any, **more: Any) -> Any:
        if number == 1:
            raise (MemoryError if scenario.product.price == 40.0 else ZeroDivisionError)("by zero")
        return play(scenario, number, *words, **more)

    monkeypatch.setattr(sweeping, "play", play_badly)
    errors = {one.point: one.error for one in sweep(plan, path).status().errors}
    assert errors[3] == "ZeroDivisionError: by zero"
    assert errors[0].startswith("not enough memory")
    monkeypatch.undo()
    assert resume(path).status().failed == 4
    assert resume(path, retry=True).status().failed == 0


def test_a_run_that_kills_its_process_twice_has_failed(
    plan: Planned, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.errors import WorkerDied

    played = sweeping._play
    tries: list[int] = []

    def deadly(tasks: list[Task], *rest: Any) -> None:
        safe = [task for task in tasks if task.run.point != 2]
        if len(safe) < len(tasks) and not tries.append(1):
            raise WorkerDied(next(task for task in tasks if task.run.point == 2))
        played(tasks, *rest)

    monkeypatch.setattr(sweeping, "_play", deadly)
    status = sweep(plan, path).status()
    assert (status.done, status.failed, len(tries)) == (6, 2, 4)
    assert status.errors[0].error == sweeping.DIED


# --- stores that are something else ------------------------------------------------------------------------


def test_a_full_disk_loses_nothing(
    plan: Planned, undisturbed: bytes, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Interrupted):
        sweep(plan, path, progress=after(1, stop))
    begin = store_writing.Writer.begin

    def full(self: store_writing.Writer, workers: int) -> None:
        begin(self, workers)
        (pages,) = self.connection.execute("PRAGMA page_count").fetchone()
        self.connection.execute(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr(store_writing.Writer, "begin", full)
    monkeypatch.setattr(sweeping, "played_task", large)
    with pytest.raises(InfluenceError, match=r"database or disk is full.*what was finished is kept") as caught:
        sweep(plan, path)
    assert not isinstance(caught.value, InputError)
    monkeypatch.undo()
    assert Store(path).status().done >= 1
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM run WHERE error IS NOT NULL")
        connection.commit()
    assert exported(resume(path)) == undisturbed


def large(_columns: Any, _engine: Any, task: Task) -> Played:
    """A run that needs room: its error has a hundred thousand letters."""
    return Played(task.run.digest, 0.0, error="x" * 100_000)


def test_one_process_writes_at_a_time(plan: Planned, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_writing, "LOCK_SECONDS", 0.1)
    with writing(path, plan):
        assert in_use(path)
        assert Store(path).status().running
        with pytest.raises(InfluenceError, match="another process is writing to this store") as caught:
            sweep(plan, path)
        assert caught.value.exit_code == 1
    assert not in_use(path)
    assert sweep(plan, path).status().done == 8
    assert lock_file(path).stat().st_size == 0


@pytest.mark.parametrize("reading", [Store, resume])
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "no such file; expected a store that `influence sweep` has written; did you mean"),
        (b"", "holds nothing yet; expected a store that `influence sweep FILE` has begun"),
        (b"point,replicate\n" * 100, "is not a store of runs; expected a store"),
        ("CREATE TABLE mine (x)", "is a database, but not a store of runs"),
    ],
)
def test_a_file_that_is_no_store_is_told_and_left_as_it_is(
    content: bytes | str | None, says: str, reading: Callable[[Path], object], path: Path
) -> None:
    (path.parent / "rums.sqlite").touch()
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(content)
    before = path.read_bytes() if content is not None else None
    with pytest.raises(InputError) as caught:
        reading(path)
    assert says in str(caught.value)
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_sweep_does_not_touch_what_is_not_its_own(plan: Planned, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    before = path.read_bytes()
    with pytest.raises(InputError, match="not a store of runs"):
        sweep(plan, path)
    path.write_text("hello" * 1000)
    with pytest.raises(InputError, match="is not a store of runs"):
        sweep(plan, path)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match="is a folder"):
        Store(path)
    assert before


def test_an_empty_file_is_begun(plan: Planned, undisturbed: bytes, path: Path) -> None:
    """As a sweep leaves it that is killed before its first transaction."""
    path.touch()
    assert exported(sweep(plan, path)) == undisturbed


@pytest.mark.parametrize("statement", ["PRAGMA user_version = 2", "PRAGMA application_id = 7"])
def test_a_store_of_another_form_is_refused(statement: str, plan: Planned, path: Path) -> None:
    sweep(plan, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
    with pytest.raises(InputError, match=r"another version of influence-sim|not a store"):
        Store(path)


def test_a_store_of_another_model_is_read_but_not_completed(plan: Planned, undisturbed: bytes, path: Path) -> None:
    sweep(replace(plan, model="0123456789ab"), path)
    assert exported(Store(path)) == undisturbed
    with pytest.raises(InputError, match=r"made by another version of the model.*0123456789ab") as caught:
        resume(path)
    assert caught.value.exit_code == 2
    assert exported(Store(path)) == undisturbed


def test_an_edited_study_does_not_mix_with_the_old_one(plan: Planned, undisturbed: bytes, path: Path) -> None:
    sweep(plan, path)
    edited = planned(study(PRICES, Axis("click_rate", (0.02, 0.2))))
    with pytest.raises(InputError, match="the study was edited since: 4 of 8 runs are the same"):
        sweep(edited, path)
    with pytest.raises(InputError, match="keeps other figures"):
        sweep(planned(study(figures=("reach",))), path)
    assert exported(resume(path)) == undisturbed


def test_an_edited_scenario_is_noticed(tmp_path: Path, path: Path) -> None:
    scenario = tmp_path / "small.toml"
    scenario.write_text(Path(SMALL).read_text())
    here = replace(study(PRICES), scenario=str(scenario))
    with pytest.raises(Interrupted):
        sweep(planned(here), path, progress=after(1, stop))
    scenario.write_text(Path(SMALL).read_text() + "\n# a remark changes nothing\n")
    assert resume(path).status().left == 0
    scenario.write_text(Path(SMALL).read_text().replace("followers = 3_000", "followers = 3_100"))
    with pytest.raises(InputError, match="its scenario has changed since the sweep began: 4 of 4 runs differ"):
        resume(path)
    scenario.unlink()
    with pytest.raises(InputError, match="no such file"):
        resume(path)
    assert Store(path).status().done == 4


def test_an_estimate_is_measured(plan: Planned, failing: Planned) -> None:
    assert 0.0 < seconds_a_run(plan, "kernel") < 10.0
    assert 0.0 < seconds_a_run(failing, "kernel") < 10.0
