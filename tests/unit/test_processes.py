"""Work in several processes: what one process would have done, in whichever order it comes, and no process left over.

A process is sent its work by name, and cannot import these modules of tests by theirs: so the work is made of functions
of the project and of the standard library.
"""

from __future__ import annotations

import math
import multiprocessing
import operator
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.ensemble import Ensemble, run_ensemble
from sim.errors import InputError, WorkerDied
from sim.workers import AHEAD, Workers

SMALL = "tests/samples/small.toml"
COUNTS = [1, 2, 3]


@pytest.fixture
def scenario(request: pytest.FixtureRequest) -> sim.Scenario:
    return sim.load(request.config.rootpath / SMALL, replicates=5)


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


def assert_same(first: Ensemble, second: Ensemble) -> None:
    for one, other in zip(first.replicates, second.replicates, strict=True):
        assert (one.number, one.world, one.world_digest) == (other.number, other.world, other.world_digest)
        assert one.plans.keys() == other.plans.keys()
        assert all(one.plans[name].run.same_as(other.plans[name].run) for name in one.plans)
        assert all(one.plans[name].cost == other.plans[name].cost for name in one.plans)


# --- an ensemble -------------------------------------------------------------------------------------------


def test_an_ensemble_is_the_same_from_any_number_of_processes(scenario: sim.Scenario) -> None:
    one, two, three = (run_ensemble(scenario, workers=workers) for workers in COUNTS)
    assert [replicate.number for replicate in three.replicates] == [0, 1, 2, 3, 4]
    assert_same(one, two)
    assert_same(one, three)


@pytest.mark.parametrize("order", [[4, 3, 2, 1, 0], [2, 0, 4, 1, 3]])
def test_an_ensemble_is_the_same_in_any_order_of_completion(
    order: list[int], scenario: sim.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, told = run_ensemble(scenario, workers=1), []
    monkeypatch.setattr(Workers, "each", lambda _self, work, _numbers: map(work, order))
    found = run_ensemble(scenario, workers=1, progress=lambda done, of, _seconds: told.append((done, of)))
    assert_same(expected, found)
    assert told == [(done, 5) for done in range(1, 6)]


def test_an_input_error_of_a_process_reaches_the_caller_as_it_is(request: pytest.FixtureRequest) -> None:
    too_few = sim.load(request.config.rootpath / SMALL, people=100)
    here, there = (_error(too_few, workers) for workers in (1, 2))
    assert type(there) is InputError
    assert str(there) == str(here)
    assert vars(there) == vars(here)


def _error(scenario: sim.Scenario, workers: int) -> InputError:
    with pytest.raises(InputError, match="audience") as caught:
        run_ensemble(scenario, workers=workers)
    return caught.value


AFTER_THREADS = """
import sys

import numba

import sim
from sim.engine.booking import make_campaign
from sim.engine.simulate import simulate
from sim.ensemble import run_ensemble


@numba.njit(parallel=True)
def total(n):
    found = 0.0
    for k in numba.prange(n):
        found += k * 0.5
    return found


if __name__ == "__main__":
    scenario = sim.load(sys.argv[1])
    world = sim.build_world(scenario)
    campaign = make_campaign(scenario, scenario.plans[1], world)
    assert total(10_000) == 24_997_500.0
    one, two = (simulate(world, campaign, scenario.rates, scenario.run.seed, threads=n) for n in (1, 2))
    together, alone = (run_ensemble(scenario, workers=n) for n in (2, 1))
    assert total(10_000) == 24_997_500.0
    assert one.same_as(two)
    assert one.same_as(alone.replicates[0].plans[campaign.plan].run)
    for first, second in zip(alone.replicates, together.replicates, strict=True):
        assert first.world_digest == second.world_digest
        assert all(first.plans[name].run.same_as(second.plans[name].run) for name in first.plans)
    print(numba.threading_layer(), len(together.replicates))
"""


@pytest.mark.full
@pytest.mark.parametrize("layer", ["omp", "workqueue"])
def test_processes_after_threads(layer: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Threads of numba's and of the kernel's own are alive when the processes start: a plain fork would abort."""
    (tmp_path / "script.py").write_text(AFTER_THREADS)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py"), str(request.config.rootpath / SMALL)],
        env={**os.environ, "NUMBA_THREADING_LAYER": layer, "NUMBA_NUM_THREADS": "2"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    if "No threading layer could be loaded" in done.stderr:
        pytest.skip(f"numba has no threads of the kind {layer} here")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [layer, "4"]


# --- the processes themselves ------------------------------------------------------------------------------


MEET = """
import pathlib, time
pathlib.Path(folder, str(part)).touch()
until = time.monotonic() + 120.0
while len(list(pathlib.Path(folder).iterdir())) < parts:
    if time.monotonic() > until:
        raise TimeoutError(f"part {part} met nobody")
    time.sleep(0.01)
"""
"""Waits until all parts have begun."""


@pytest.mark.parametrize("n", COUNTS)
def test_each_number_is_worked_on_once(n: int) -> None:
    with Workers[int](n, 100) as crew:
        assert sorted(crew.each(math.factorial, range(12))) == [math.factorial(k) for k in range(12)]
        assert list(crew.each(math.factorial, [])) == []


def test_no_more_processes_than_pieces_of_work() -> None:
    assert Workers[int](8, 3).n == 3
    assert Workers[int](8, 0).n == 1
    assert 1 <= Workers[int](None, 100).n <= (os.cpu_count() or 1)


@pytest.mark.parametrize("n", [2, 3])
def test_work_is_done_in_n_other_processes(n: int) -> None:
    with Workers[int](n, 100) as crew:
        jobs: Any = [os.getpid] * (2 * n)
        found = list(crew.each(operator.call, jobs))
    assert len(found) == 2 * n
    assert len(set(found)) == n
    assert os.getpid() not in found


def test_results_come_as_they_are_finished(tmp_path: Path) -> None:
    """The first piece of work ends only after the caller has got the result of the second."""
    first = partial(exec, MEET, {"folder": str(tmp_path), "part": "first", "parts": 2})
    jobs: Any = [first, os.getpid]
    with Workers[Any](2, 2) as crew:
        results = crew.each(operator.call, jobs)
        assert next(results) != os.getpid()
        (tmp_path / "second").touch()
        assert list(results) == [None]


@pytest.mark.parametrize("n", COUNTS)
def test_an_exception_reaches_the_caller_as_itself(n: int) -> None:
    with Workers[float](n, 100) as crew, pytest.raises(ZeroDivisionError, match="division by zero"):
        list(crew.each(partial(operator.truediv, 1), [1, 2, 0, 4, 5]))


def marks(folder: Path, n: int) -> Any:
    """n pieces of work, each of which leaves a file."""
    return [partial(Path.touch, folder / str(number)) for number in range(n)]


def assert_few_were_begun(folder: Path, n: int) -> None:
    """What n processes had at hand, and the one more handed out for the result that came."""
    assert 1 <= len(list(folder.iterdir())) <= AHEAD * n + 1


@pytest.mark.parametrize("n", [2, 3])
def test_stopping_early_drops_what_has_not_begun(n: int, tmp_path: Path) -> None:
    with Workers[None](n, 100) as crew:
        results = crew.each(operator.call, marks(tmp_path, 100))
        next(results)
        results.close()  # type: ignore[attr-defined]
    assert_few_were_begun(tmp_path, n)


@pytest.mark.parametrize("helping", [False, True])
def test_a_killed_process_is_told_with_what_it_had_in_hand(helping: bool) -> None:
    """The first process ends without a word at its second piece; what it was to do next is not blamed."""
    deadly = partial(os._exit, 3)
    jobs: Any = [os.getpid, deadly, os.getpid, os.getpid, os.getpid, os.getpid]
    with Workers[int](2, 100) as crew, pytest.raises(WorkerDied, match="killed in the middle") as caught:
        list(crew.each(operator.call, jobs, helping=helping))
    assert caught.value.piece is deadly
    assert caught.value.exit_code == 1


def test_who_is_done_helps_at_the_end_of_another_s_stretch(tmp_path: Path) -> None:
    """The first piece ends only after the last two of the same stretch, which are not given to its process."""
    first = partial(exec, MEET, {"folder": str(tmp_path), "part": "first", "parts": 3})
    last = [partial(Path.touch, tmp_path / name) for name in "ab"]
    jobs: Any = [first, os.getpid, *last, *[os.getpid] * 4]
    with Workers[Any](2, 100) as crew:
        assert len(list(crew.each(operator.call, jobs, helping=True))) == 8


def test_an_exception_of_the_caller_drops_what_has_not_begun(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="enough"):
        _stop_at_the_first_of(marks(tmp_path, 100))
    assert_few_were_begun(tmp_path, 2)


def _stop_at_the_first_of(pieces: Any) -> None:
    with Workers[None](2, 100) as crew:
        for _ in crew.each(operator.call, pieces):
            raise RuntimeError("enough")


@pytest.mark.parametrize(("n", "parts"), [(2, 2), (3, 3), (3, 2)])
def test_all_at_once_runs_one_in_each(n: int, parts: int, tmp_path: Path) -> None:
    works = [partial(exec, MEET, {"folder": str(tmp_path), "part": part, "parts": parts}) for part in range(parts)]
    with Workers[None](n, n) as crew:
        crew.all_at_once(works)
    assert len(list(tmp_path.iterdir())) == parts


def test_all_at_once_in_this_process_is_one_after_the_other() -> None:
    done: list[int] = []
    with Workers[None](1, 5) as crew:
        crew.all_at_once([partial(done.append, number) for number in range(3)])
    assert done == [0, 1, 2]


@pytest.mark.parametrize("n", COUNTS)
def test_an_exception_of_one_of_all_at_once_reaches_the_caller(n: int) -> None:
    works: list[Any] = [partial(math.sqrt, 4.0), partial(math.sqrt, -1.0)]
    with Workers[None](n, n) as crew, pytest.raises(ValueError, match=r"domain|nonnegative"):
        crew.all_at_once(works)
