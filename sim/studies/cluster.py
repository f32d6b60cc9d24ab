"""The runs of a study on the workers of a Dask cluster, dealt from here and given back one by one as they finish.

Each worker has a stretch of the runs in their order, so that it keeps the worlds that neighbours share, and two runs
at hand, so that it need not wait; the scheduler never holds more. What a lost worker was at is played by another.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import re
import time
import warnings
from collections import Counter, deque
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sim.errors import ClusterLost, InputError
from sim.scenario.load import Scenario
from sim.studies.planned import Task
from sim.studies.store_writing import Played
from sim.studies.worker_side import Answer, Refused, difference, make_ready, played_there, refusal, versions_here

if TYPE_CHECKING:
    from distributed import Client, Future

ADDRESS = re.compile(r"(?:tcp|tls)://(?:\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]@]+):([0-9]{1,5})")
A_SCHEDULER = "tcp://HOST:PORT of a running `dask scheduler`, such as tcp://127.0.0.1:8786"
CONNECT_SECONDS = 10.0
"""How long to wait for a scheduler to answer, and for its first worker."""
PATIENCE = 300.0
"""Seconds without a single worker seen after which a cluster is given up. A nanny starts a killed worker again in a
few; one that a deadly run awaits dies again before it is seen."""
LOOK_SECONDS = 2.0
"""How often to ask which workers there are."""
AHEAD = 2
"""Runs that a worker has at hand: the one it plays, and the next, so that it need not wait for it."""
MOST_LOSSES = 3
"""Times that a run may be lost with its worker before it counts as failed: the first time with the other run at hand,
which may have been to blame, then alone."""
FETCH_SECONDS = 5.0
"""How long to wait for a result that is there before looking whether its worker still is."""
DIED = f"the workers that played it died, {MOST_LOSSES} times, most often for want of memory"
ONE_THREAD = "workers of one thread each: `dask worker ADDRESS --nworkers N --nthreads 1`"


def check_address(address: str) -> None:
    """Raise InputError unless this could be a scheduler, and the library to speak to it is there."""
    found = ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found[1]) < 65_536:
        bare = ADDRESS.fullmatch(f"tcp://{address}")
        raise InputError("is no address of a scheduler", key="--dask", value=address, expected=A_SCHEDULER,
                         nearest=f"tcp://{address}" if bare and 0 < int(bare[1]) < 65_536 else None)  # fmt: skip
    if find_spec("distributed") is None:
        raise InputError("needs distributed, which is not installed", key="--dask", value=address,
                         expected='`pip install "distributed>=2025.1"` first, here and on the workers')  # fmt: skip


class Cluster:
    """The workers of a scheduler that are there; a context manager. n: how many there were in the beginning.

    Raises InputError where nobody answers, there are no workers, or one has more than one thread.
    """

    def __init__(self, address: str, engine: str) -> None:
        check_address(address)
        self.address, self.engine = address, engine
        self._client = _connected(address)
        try:
            self._workers = self._first_workers()
        except BaseException:
            self._client.close()
            raise
        self.n = len(self._workers)
        self._looked = self._seen = time.monotonic()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *error: object) -> None:
        """Whatever is still to be played is dropped; a run that has begun goes on to its end, for nobody."""
        with suppress(Exception):
            self._client.close()

    def prepare(self, scenarios: Sequence[Scenario], runs: int) -> None:
        """Compare versions, refuse what does not fit into a machine's memory, compile once a machine.

        scenarios: of each size that occurs. Raises InputError that names the worker.
        """
        self.graphs = tuple(sorted({scenario.graph for scenario in scenarios if scenario.graph is not None}))
        self.versions = versions_here(self.graphs)
        for worker, there in self._ask(versions_here, self.graphs).items():
            if not isinstance(there, dict):
                raise self._wrong(f"{worker} cannot run influence-sim: {_words(there)}",
                                  "influence-sim installed on every worker as it is here")  # fmt: skip
            if why := difference(there, self.versions):
                raise self._wrong(f"{worker} differs from here: {why}", "the same versions and files on all machines")
        hosts = by_host(self._workers)
        for workers in hosts.values():
            told = self._ask(refusal, scenarios, self.engine, runs, len(workers), workers=workers[:1])[workers[0]]
            if told is not None:
                raise self._wrong(f"{workers[0]} {_words(told)}", "fewer workers on that machine, or fewer --people")
        self._ask(make_ready, self.engine, workers=[workers[0] for workers in hosts.values()])

    def play(self, work: Callable[[Task], Played], tasks: Sequence[Task]) -> Generator[Played, None, None]:
        """Runs in the order in which they finish; a run that takes its workers down is given back as failed.

        Raises ClusterLost where nobody answers any more, or a worker has come that cannot play these runs.
        """
        dealer, alone, losses = Dealer(tasks, sorted(self._workers)), deque[Task](), Counter[str]()
        hand = Hand(self._client, partial(played_there, work, self.graphs, self.versions))
        while dealer.left or hand.held or alone:
            self._look()
            dealer.only(self._workers)
            lost = hand.lost(self._workers)
            hand.fill(dealer, alone, self._workers)
            for future in hand.finished():
                try:
                    answer = self._answer(future)
                except TimeoutError:
                    hand.watch(future)
                    continue
                task = hand.held.pop(future)[1]
                if answer is None:
                    lost.append(task)
                else:
                    yield answer
            for task in lost:
                losses[task.run.digest] += 1
                if losses[task.run.digest] < MOST_LOSSES:
                    alone.append(task)
                else:
                    yield Played(task.run.digest, 0.0, error=DIED)

    def _first_workers(self) -> set[str]:
        """Who is there, waiting for the first."""
        with suppress(TimeoutError):
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        threads = self._client.nthreads()
        if not threads:
            raise self._wrong("has no workers", "a cluster with workers: `dask worker ADDRESS --nthreads 1`")
        for worker, count in threads.items():
            if count != 1:
                raise self._wrong(f"{worker} has {count} threads", ONE_THREAD)
        return set(threads)

    def _look(self) -> None:
        """See who is there now and then; raises ClusterLost where nobody has been for long."""
        now = time.monotonic()
        if now - self._looked < LOOK_SECONDS:
            return
        try:
            threads = self._client.nthreads()
        except Exception as error:
            raise self._lost(_words(error)) from None
        self._workers, self._looked = {worker for worker, count in threads.items() if count == 1}, now
        if self._workers:
            self._seen = now
        elif now - self._seen > PATIENCE:
            raise self._lost(f"no worker for {PATIENCE:.0f} seconds")

    def _answer(self, future: Future) -> Played | None:
        """What came of a run; None where it was lost with its worker. Raises TimeoutError where that is silent."""
        from distributed import KilledWorker

        try:
            answer = future.result(timeout=FETCH_SECONDS)
        except KilledWorker:
            return None
        except TimeoutError:
            raise
        except CancelledError:
            raise self._lost("the scheduler does not answer any more") from None
        except Exception as error:
            raise self._lost(f"a worker could not play a run: {_words(error)}") from None
        if isinstance(answer, Refused):
            raise self._lost(f"a worker that came later differs from here: {answer.why}")
        assert isinstance(answer, Played)
        return answer

    def _ask(self, question: Callable[..., object], *words: object, workers: list[str] | None = None) -> dict[str, Any]:
        """The answer of each of these workers (default: all), or its exception."""
        asked = sorted(self._workers) if workers is None else workers
        try:
            answers: dict[str, Any] = self._client.run(question, *words, workers=asked, on_error="return")
        except Exception as error:
            raise self._lost(_words(error)) from None
        return answers

    def _wrong(self, told: str, expected: str) -> InputError:
        return InputError(told, key="--dask", value=self.address, expected=expected)

    def _lost(self, why: str) -> ClusterLost:
        return ClusterLost(f"the cluster at {self.address} is lost: {why}")


class Dealer:
    """Who plays which run next: each worker goes along a stretch, and takes half of the longest one when it is done."""

    def __init__(self, tasks: Sequence[Task], workers: Sequence[str]) -> None:
        bounds = [round(part * len(tasks) / len(workers)) for part in range(len(workers) + 1)]
        parts = (deque(tasks[low:high]) for low, high in pairwise(bounds))
        self._own = dict(zip(workers, parts, strict=True))
        self._free = deque[deque[Task]]()
        self.left = len(tasks)

    def only(self, workers: Collection[str]) -> None:
        """Stretches of workers that are not among these are free."""
        for gone in self._own.keys() - workers:
            self._free.append(self._own.pop(gone))

    def next(self, worker: str) -> Task | None:
        """The next run of a worker; None where all are dealt."""
        if not self.left:
            return None
        self._free = deque(stretch for stretch in self._free if stretch)
        own = self._own.setdefault(worker, deque())
        if not own and self._free:
            own = self._own[worker] = self._free.popleft()
        if not own:
            longest = max(self._own.values(), key=len)
            own.extendleft(longest.pop() for _ in range((len(longest) + 1) // 2))
        self.left -= 1
        return own.popleft()


class Hand:
    """Runs that are handed out and have not come back.

    A run is for one worker only. Dask would hand it to another where the worker is gone, but not where all were gone
    at the same time, and would count the loss against the neighbour at hand, too.
    """

    def __init__(self, client: Client, play: Callable[[Task], Answer]) -> None:
        self._client, self._play, self._given = client, play, 0
        self._back: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self.held: dict[Future, tuple[str, Task, int]] = {}

    def give(self, worker: str, task: Task, places: int = 1) -> None:
        """Hand a run to a worker, where it takes so many of the places that there are for runs at hand."""
        self._given += 1
        slim = replace(task, point=replace(task.point, nearness=()))
        key = f"run-{task.run.digest}-{self._given}-{self._client.id}"
        future = self._client.submit(self._play, slim, key=key, workers=[worker], pure=False)
        self.held[future] = worker, task, places
        self.watch(future)

    def watch(self, future: Future) -> None:
        """Hear of a run when it is done, at once where it is."""
        future.add_done_callback(self._back.put)

    def fill(self, dealer: Dealer, alone: deque[Task], workers: Collection[str]) -> None:
        """Give every worker what it should have at hand, one run each before anyone gets a second.

        alone: runs that were lost with a worker; each waits for one that has nothing else at hand.
        """
        taken = Counter[str]()
        for worker, _, places in self.held.values():
            taken[worker] += places
        order = sorted(workers, key=lambda worker: (taken[worker], worker))
        kept_free, others = order[: len(alone)], order[len(alone) :]
        for worker in kept_free:
            if not taken[worker]:
                self.give(worker, alone.popleft(), AHEAD)
        for most in range(1, AHEAD + 1):
            for worker in sorted(others):
                if taken[worker] < most and (task := dealer.next(worker)) is not None:
                    self.give(worker, task)
                    taken[worker] += 1

    def lost(self, workers: Collection[str]) -> list[Task]:
        """Runs at hand of workers that are not among these any more; they are nobody's now."""
        gone = [future for future, (worker, *_) in self.held.items() if worker not in workers and not future.done()]
        self._client.cancel(gone)
        return [self.held.pop(future)[1] for future in gone]

    def finished(self) -> Iterator[Future]:
        """What is done of what is held, waiting a while for the first."""
        with suppress(queue.Empty):
            back = [self._back.get(timeout=LOOK_SECONDS / 2)]
            while not self._back.empty():
                back.append(self._back.get_nowait())
            for future in back:
                if future in self.held:
                    yield future


def by_host(workers: Iterable[str]) -> dict[str, list[str]]:
    """Addresses of workers by the machine they are on, in order."""
    found: dict[str, list[str]] = {}
    for address in sorted(workers):
        found.setdefault(address.rpartition(":")[0], []).append(address)
    return found


def _connected(address: str) -> Client:
    from distributed import Client

    for name in ("distributed.client", "distributed.core", "distributed.comm"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what is wrong is told once, by the error
    try:
        with ThreadPoolExecutor(1) as thread:  # a notebook has a loop of its own in this one
            kind = thread.submit(asyncio.run, _kind(address)).result()
        if kind == "Scheduler":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about versions, which are compared here
                return Client(address, timeout=CONNECT_SECONDS, set_as_default=False, name="influence-sim")
        why = f"a {kind.lower()} does"
    except Exception as error:
        why = f"{type(error).__name__} within {CONNECT_SECONDS:.0f} seconds"
    raise InputError(f"no scheduler answers: {why}", key="--dask", value=address, expected=A_SCHEDULER)


async def _kind(address: str) -> str:
    """Who answers at an address; a client of Dask would wait for something else than Dask for ever."""
    from distributed import Security
    from distributed.core import rpc

    async with rpc(address, connection_args=Security().get_connection_args("client")) as remote:
        return str((await asyncio.wait_for(remote.identity(), CONNECT_SECONDS)).get("type"))


def _words(problem: object) -> str:
    """An exception on one line."""
    if not isinstance(problem, BaseException):
        return str(problem)
    return f"{type(problem).__name__}: {' '.join(str(problem).split())}"
