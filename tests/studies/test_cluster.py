"""A study on a Dask cluster: the bytes of a single process, whoever dies on the way; every fault told in words."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from stores import after, exported, stop

from sim.errors import ClusterLost, InputError, Interrupted
from sim.studies import cluster as clusters
from sim.studies import sweep as sweeping
from sim.studies.cluster import Dealer, by_host, check_address
from sim.studies.planned import Planned, Task, planned
from sim.studies.store import Store
from sim.studies.store_writing import Played
from sim.studies.study import Axis, Study
from sim.studies.sweep import processes, resume, sweep
from sim.studies.worker_side import Refused, difference, refusal, versions_here

distributed = pytest.importorskip("distributed")

ROOT = Path(__file__).parents[2]
SMALL = str(ROOT / "tests" / "samples" / "small.toml")


def study(replicates: int = 4) -> Study:
    axes = Axis("product.price", (40.0, 55.0)), Axis("click_rate", (0.02, 0.1))
    figures = ("reach", "roi", "incremental_conversions")
    return Study("small", SMALL, axes, people=1_000, days=2, replicates=replicates, figures=figures)


@pytest.fixture(scope="module")
def plan() -> Planned:
    """Four points in four replicates."""
    return planned(study())


# --- who plays what ----------------------------------------------------------------------------------------


def dealt(dealer: Dealer, worker: str, count: int) -> list[Any]:
    return [dealer.next(worker) for _ in range(count)]


def numbers(n: int) -> Any:
    """Stand for tasks, which a dealer does not look at."""
    return list(range(n))


def test_each_worker_goes_along_its_stretch_then_takes_half_of_the_longest() -> None:
    dealer = Dealer(numbers(12), ["a", "b"])
    assert dealt(dealer, "a", 6) == [0, 1, 2, 3, 4, 5]
    assert dealt(dealer, "b", 2) == [6, 7]
    assert dealt(dealer, "a", 3) == [10, 11, 9]
    assert (dealt(dealer, "b", 2), dealer.left) == ([8, None], 0)


def test_a_worker_that_comes_later_takes_neighbours_and_what_a_lost_one_leaves_goes_on() -> None:
    dealer = Dealer(numbers(12), ["a", "b"])
    assert dealt(dealer, "c", 3) == [3, 4, 5]
    dealer.only({"a", "c"})
    assert dealt(dealer, "c", 4) == [6, 7, 8, 9]
    assert dealt(dealer, "a", 5) == [0, 1, 2, 11, 10]
    assert dealer.next("c") is None


def test_no_run_is_dealt_twice_or_lost_whoever_comes_and_goes() -> None:
    dealer, seen, there = Dealer(numbers(97), ["a", "b", "c"]), list[Any](), ["a", "b", "c"]
    for step in range(97):
        if step % 10 == 9:
            there = [*there[1:], f"w{step}"]
            dealer.only(there)
        seen.append(dealer.next(there[step % 3]))
    assert sorted(seen) == numbers(97)
    assert dealer.next("a") is None


def test_workers_are_counted_by_machine() -> None:
    assert by_host(["tcp://10.0.0.2:1", "tcp://10.0.0.1:22", "tcp://10.0.0.1:3"]) == {
        "tcp://10.0.0.1": ["tcp://10.0.0.1:22", "tcp://10.0.0.1:3"],
        "tcp://10.0.0.2": ["tcp://10.0.0.2:1"],
    }


# --- what is compared --------------------------------------------------------------------------------------


def test_versions_and_graphs_are_compared(tmp_path: Path) -> None:
    graph = tmp_path / "edges.csv"
    here = versions_here(())
    assert here.keys() == {"influence-sim", "Python", "numpy", "numba", "pydantic"}
    assert difference(here, here) is None
    assert difference({**here, "numpy": "1.0"}, here) == f"numpy 1.0 there, {here['numpy']} here"
    missing = versions_here((graph,))
    graph.write_text("1,2\n")
    other = graph.with_name("others.csv")
    other.write_text("1,2\n2,1\n")
    assert versions_here((other,))[str(other)] not in (missing[str(graph)], versions_here((graph,))[str(graph)])
    assert difference(missing, {**here, str(graph): "0123"}) == f"{graph} missing there, 0123 here"


def test_memory_is_looked_at_for_all_workers_of_a_machine(plan: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.engine.memory.available_memory", lambda: 1_000_000_000)
    scenarios = [plan.points[0].scenario()]
    assert refusal(scenarios, "kernel", 100, 1) is None
    assert "in 4 processes" in str(refusal(scenarios, "kernel", 100, 4))


# --- addresses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("127.0.0.1:8786", "did you mean 'tcp://127.0.0.1:8786'?"), ("8786", "is no address of a scheduler"),
        ("http://127.0.0.1:8786", "expected tcp://HOST:PORT"), ("tcp://127.0.0.1", "is no address"),
        ("tcp://127.0.0.1:0", "is no address"), ("tcp://127.0.0.1:65536", "is no address"), ("", "is no address"),
        ("tcp://a b:8786", "is no address"), ("tcp://me@host:1", "is no address"),
    ],
)  # fmt: skip
def test_an_address_of_a_wrong_form_is_told_before_a_store_is_begun(
    address: str, says: str, plan: Planned, path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        sweep(plan, path, dask=address)
    assert says in str(caught.value)
    assert (caught.value.key, caught.value.exit_code) == ("--dask", 2)
    assert not path.exists()


@pytest.mark.parametrize("address", ["tcp://host.example:8786", "tls://10.0.0.1:65535", "tcp://[fe80::1]:1"])
def test_addresses_of_the_right_form(address: str) -> None:
    check_address(address)


def test_without_distributed_the_message_says_what_to_install(
    plan: Planned, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clusters, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"needs distributed, which is not installed.*`pip install"):
        sweep(plan, path, dask="tcp://127.0.0.1:8786")


def test_nobody_answers(plan: Planned, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a port where nobody listens, and at one where what listens is no scheduler."""
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        for port in (1, silent.getsockname()[1]):
            with pytest.raises(InputError, match=r"--dask: no scheduler answers"):
                sweep(plan, path, dask=f"tcp://127.0.0.1:{port}")
    assert Store(path).status().left == 16


# --- a scheduler with one worker, in this process ----------------------------------------------------------


@pytest.fixture(scope="module")
def near() -> Iterator[str]:
    """The address of a real scheduler, whose one worker is a thread of this process."""
    usual = {"n_workers": 1, "processes": False, "protocol": "tcp", "dashboard_address": "127.0.0.1:0"}
    with distributed.LocalCluster(threads_per_worker=1, host="127.0.0.1", **usual) as local:
        yield local.scheduler_address


def test_a_cluster_gives_the_same_bytes(plan: Planned, undisturbed: bytes, near: str, path: Path) -> None:
    told: list[int] = []
    assert processes(plan, None, "kernel", 16, near) == 1
    store = sweep(plan, path, dask=near, progress=lambda done, *_: told.append(done))
    assert exported(store) == undisturbed
    assert told == list(range(1, 17))
    assert exported(sweep(plan, path, dask="tcp://127.0.0.1:1")) == undisturbed  # nothing is left: nobody is asked


def test_ctrl_c_keeps_what_is_finished_and_cancels_the_rest(
    plan: Planned, undisturbed: bytes, near: str, path: Path
) -> None:
    with pytest.raises(Interrupted, match=r"stopped; 3 of 16 runs are kept; `influence resume .*` goes on"):
        sweep(plan, path, dask=near, progress=after(3, stop))
    with distributed.Client(near, set_as_default=False) as client:
        until = time.monotonic() + 120.0
        while client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.tasks)):
            assert time.monotonic() < until, "the scheduler still holds runs"
            time.sleep(0.05)
    assert exported(resume(path, dask=near)) == undisturbed


# --- what a cluster may do, played by a made-up one --------------------------------------------------------


class Made:
    """A client whose workers answer at once. deadly: points whose runs take a worker down; beside: a replicate whose
    runs are lost with them, where they are at hand of the same worker."""

    id = "made"

    def __init__(self, deadly: set[int], beside: int | None = None) -> None:
        self.deadly, self.beside, self.closed = deadly, beside, False
        self.lost = set[str]()
        self.workers = {f"tcp://10.0.0.1:{port}": 1 for port in (1, 2)}
        self.futures: list[MadeFuture] = []

    def nthreads(self) -> dict[str, int]:
        return self.workers

    def wait_for_workers(self, _n: int, timeout: float) -> None:
        if not self.workers:
            raise TimeoutError(timeout)

    def run(self, question: Any, *words: Any, workers: list[str], on_error: str) -> dict[str, Any]:
        assert on_error == "return"
        return {worker: question(*words) for worker in workers}

    def submit(self, play: Any, task: Task, **_: Any) -> MadeFuture:
        self.futures.append(MadeFuture(self, play, task))
        return self.futures[-1]

    def cancel(self, futures: list[MadeFuture]) -> None:
        assert not futures

    def close(self) -> None:
        self.closed = True


class MadeFuture:
    def __init__(self, client: Made, play: Any, task: Task) -> None:
        self.client, self.play, self.task = client, play, task

    def done(self) -> bool:
        return True

    def add_done_callback(self, tell: Any) -> None:
        tell(self)

    def result(self, timeout: float) -> Any:
        assert timeout > 0
        run = self.task.run
        beside = run.replicate == self.client.beside and run.digest not in self.client.lost
        self.client.lost.add(run.digest)
        if run.point in self.client.deadly or beside:
            raise distributed.KilledWorker("run", distributed.scheduler.WorkerState.__new__, 3)
        return self.play(self.task)


def nothing(_columns: Any, _engine: Any, task: Task) -> Played:
    return Played(task.run.digest, 0.0, error="not played")


def made(client: Made, monkeypatch: pytest.MonkeyPatch) -> Made:
    monkeypatch.setattr(clusters, "_connected", lambda _: client)
    monkeypatch.setattr(clusters, "LOOK_SECONDS", 0.02)
    return client


def test_a_run_that_takes_workers_down_has_failed_and_its_neighbours_have_not(
    plan: Planned, undisturbed: bytes, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of point 2 are deadly, those of replicate 3 are lost with them: these are played again, alone."""
    client = made(Made(deadly={2}, beside=3), monkeypatch)
    store = sweep(plan, path, dask="tcp://10.0.0.1:8786")
    status, frame = store.status(), store.frame()
    assert (status.done, status.failed, status.left) == (12, 4, 0)
    assert {error.error for error in status.errors} == {clusters.DIED}
    assert set(frame.loc[frame["error"].notna(), "point"]) == {2}
    assert len(client.futures) == 4 * 3 + 3 * 2 + 9
    assert client.closed
    client.deadly = set()
    assert exported(resume(path, dask="tcp://10.0.0.1:8786", retry=True)) == undisturbed


def test_a_cluster_without_workers_is_given_up(plan: Planned, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = made(Made(deadly=set()), monkeypatch)
    monkeypatch.setattr(clusters, "PATIENCE", 0.1)
    monkeypatch.setattr(sweeping, "played_task", nothing)
    with pytest.raises(
        ClusterLost, match=r"no worker for .* of 16 runs are kept; `influence resume .*` goes on"
    ) as lost:
        sweep(plan, path, dask="tcp://10.0.0.1:8786", progress=after(2, client.workers.clear))
    assert lost.value.exit_code == 1
    assert Store(path).status().failed >= 2


@pytest.mark.parametrize(
    ("workers", "says"), [({}, "has no workers"), ({"tcp://10.0.0.1:1": 4}, "tcp://10.0.0.1:1 has 4 threads")]
)
def test_workers_that_are_of_no_use(
    workers: dict[str, int], says: str, plan: Planned, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = made(Made(deadly=set()), monkeypatch)
    client.workers = workers
    with pytest.raises(InputError, match=says):
        sweep(plan, path, dask="tcp://10.0.0.1:8786")
    assert client.closed


def test_a_worker_that_differs_is_refused_in_the_beginning_and_later(
    plan: Planned, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = made(Made(deadly=set()), monkeypatch)
    run = client.run
    answers: list[Any] = [{**versions_here(()), "numba": "0.1"}, ModuleNotFoundError("No module named 'sim'")]
    says = [
        "10.0.0.1:1 differs from here: numba 0.1 there",
        "1 cannot run influence-sim: ModuleNotFoundError: No module",
    ]
    for answer, words in zip(answers, says, strict=True):
        monkeypatch.setattr(client, "run", lambda *_, answer=answer, **more: dict.fromkeys(more["workers"], answer))
        with pytest.raises(InputError, match=words):
            sweep(plan, path, dask="tcp://10.0.0.1:8786")
    monkeypatch.setattr(client, "run", run)
    monkeypatch.setattr(MadeFuture, "result", lambda *_, **__: Refused("numpy 1.0 there, 2.0 here"))
    with pytest.raises(ClusterLost, match=r"came later differs from here: numpy 1.0 there, 2.0 here; 0 of 16 runs"):
        sweep(plan, path, dask="tcp://10.0.0.1:8786")


def test_a_silent_worker_is_asked_again_and_that_is_no_loss(
    plan: Planned, undisturbed: bytes, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every result is asked for five times, more often than a run may be lost."""
    made(Made(deadly=set()), monkeypatch)
    result, asked = MadeFuture.result, dict[MadeFuture, int]()

    def slow(self: MadeFuture, timeout: float) -> Any:
        asked[self] = asked.get(self, 0) + 1
        if asked[self] < 5:
            raise TimeoutError
        return result(self, timeout)

    monkeypatch.setattr(MadeFuture, "result", slow)
    assert exported(sweep(plan, path, dask="tcp://10.0.0.1:8786")) == undisturbed
    assert list(asked.values()) == [5] * 16


def test_no_more_runs_are_out_than_workers_can_use(plan: Planned, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client, most = made(Made(deadly=set()), monkeypatch), list[int]()
    monkeypatch.setattr(sweeping, "played_task", nothing)

    def kept(done: int, *_: Any) -> None:
        most.append(len(client.futures) - done)

    sweep(plan, path, dask="tcp://10.0.0.1:8786", progress=kept)
    assert max(most) == 2 * 2 - 1


# --- a real scheduler and real workers ---------------------------------------------------------------------


class Real:
    """A scheduler and workers, each a process of its own on loopback."""

    def __init__(self, folder: Path) -> None:
        self.file, self.folder, self.started = folder / "scheduler.json", folder, list[subprocess.Popen[bytes]]()
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        until = time.monotonic() + 240.0
        while not self.file.exists() or not self.file.read_text().strip():
            assert time.monotonic() < until, "the scheduler does not start"
            time.sleep(0.05)
        self.address = str(json.loads(self.file.read_text())["address"])

    def worker(self, code: Path = ROOT) -> subprocess.Popen[bytes]:
        """One more worker. code: where its influence-sim lies."""
        local = str(self.folder / "local")
        return self._start("dask_worker", "--nthreads", "1", "--no-nanny", "--local-directory", local, code=code)

    def ready(self, workers: int) -> Real:
        """Wait until so many workers are there."""
        with distributed.Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=240)
        return self

    def _start(self, module: str, *words: str, code: Path = ROOT) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.{module}",
            "--scheduler-file",
            str(self.file),
            "--no-dashboard",
        ]
        with (self.folder / "log").open("ab") as log:
            started = subprocess.Popen([*command, *words], env={**os.environ, "PYTHONPATH": str(code)}, stdout=log,
                                       stderr=log, cwd=self.folder)  # fmt: skip
        self.started.append(started)
        return started

    def end(self) -> None:
        for process in reversed(self.started):
            with suppress(ProcessLookupError):
                process.kill()
            process.wait()


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Real]:
    cluster = Real(tmp_path)
    yield cluster
    cluster.end()


@pytest.mark.full
def test_two_workers_one_of_them_killed_give_the_same_bytes(
    plan: Planned, undisturbed: bytes, real: Real, path: Path
) -> None:
    first, _ = real.worker(), real.worker()
    real.ready(2)
    assert processes(plan, None, "kernel", 16, real.address) == 2
    assert exported(sweep(plan, path, dask=real.address)) == undisturbed
    assert exported(sweep(plan, path.with_name("two.sqlite"), workers=2)) == undisturbed

    killed = sweep(plan, path.with_name("killed.sqlite"), dask=real.address, progress=after(3, first.kill))
    assert first.wait() == -signal.SIGKILL
    assert exported(killed) == undisturbed
    assert killed.status().failed == 0


@pytest.mark.full
def test_a_worker_that_comes_in_mid_study_helps(real: Real, path: Path) -> None:
    real.worker()
    real.ready(1)
    many = planned(study(replicates=30))
    store = sweep(many, path, dask=real.address, progress=after(2, lambda: (real.worker(), real.ready(2))))
    assert (store.status().done, store.status().failed) == (120, 0)
    assert exported(store) == exported(sweep(many, path.with_name("alone.sqlite")))


@pytest.mark.full
def test_a_lost_scheduler_loses_no_finished_run(plan: Planned, undisturbed: bytes, real: Real, path: Path) -> None:
    real.worker()
    real.ready(1)
    with pytest.raises(ClusterLost, match=r"is lost: .* of 16 runs are kept; `influence resume .*` goes on") as lost:
        sweep(plan, path, dask=real.address, progress=after(3, real.scheduler.kill))
    assert lost.value.exit_code == 1
    assert 3 <= Store(path).status().done < 16
    assert exported(resume(path)) == undisturbed


@pytest.mark.full
def test_a_worker_with_other_sources_is_refused(plan: Planned, real: Real, path: Path, tmp_path: Path) -> None:
    """From the beginning, and where it comes later; the sources differ in a comment."""
    other = tmp_path / "other"
    shutil.copytree(ROOT / "sim", other / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "sim" / "rules.py").open("a") as rules:
        rules.write("# another version\n")
    first = real.worker(other)
    real.ready(1)
    with pytest.raises(InputError, match=r"differs from here: influence-sim [0-9a-f]{12} there, [0-9a-f]{12} here"):
        sweep(plan, path, dask=real.address)
    first.kill()
    first.wait()
    real.worker()
    real.ready(1)
    many = planned(study(replicates=100))
    begun = path.with_name("begun.sqlite")
    with pytest.raises(ClusterLost, match="a worker that came later differs from here: influence-sim"):
        sweep(many, begun, dask=real.address, progress=after(2, lambda: (real.worker(other), real.ready(2))))
    assert Store(begun).status().failed == 0


@pytest.mark.full
def test_the_commands_take_a_cluster(undisturbed: bytes, real: Real, tmp_path: Path) -> None:
    real.worker()
    real.ready(1)
    (tmp_path / "study.toml").write_text(
        f'scenario = "{SMALL}"\nname = "small"\npeople = 1000\ndays = 2\nreplicates = 4\n'
        'figures = ["reach", "roi", "incremental_conversions"]\n'
        "[vary]\nproduct.price = [40.0, 55.0]\nparameters.click_rate = [0.02, 0.1]\n"
    )

    def influence(*words: str) -> subprocess.CompletedProcess[str]:
        code = "from sim.cli import main; main()"
        return subprocess.run([sys.executable, "-c", code, *words], cwd=tmp_path, text=True, capture_output=True,
                              check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip

    swept = influence("sweep", "study.toml", "--store", "kept.sqlite", "--dask", real.address, "--quiet")
    assert (swept.returncode, swept.stderr) == (0, "")
    assert exported(Store(tmp_path / "kept.sqlite")) == undisturbed
    both = influence("resume", "kept.sqlite", "--dask", real.address, "--workers", "2")
    assert (both.returncode, "expected either --workers or --dask" in both.stderr) == (2, True)
    real.scheduler.kill()
    nobody = influence("sweep", "study.toml", "--store", "more.sqlite", "--dask", real.address, "--quiet")
    assert (nobody.returncode, nobody.stderr.count("\n")) == (2, 1)
    assert "no scheduler answers" in nobody.stderr
