"""Processes that do one piece of work after another: one pool a process, stopped cleanly.

They come from a server that was started afresh and has imported what they need (forkserver), or are started afresh
themselves where the system has no such thing: a plain fork after a parallel kernel aborts.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from itertools import pairwise
from multiprocessing import connection
from typing import Any, Generic, TypeVar

from sim.errors import WorkerDied

Item = TypeVar("Item")
Result = TypeVar("Result")
AHEAD = 2
"""Pieces of work that a process has at hand: the one it does, and the next, so that it need not wait for it."""
PRELOAD = "sim.preload"


def context() -> Any:
    """How processes are started here."""
    methods = multiprocessing.get_all_start_methods()
    if sys.platform != "linux" or "forkserver" not in methods:
        return multiprocessing.get_context("spawn")
    chosen = multiprocessing.get_context("forkserver")
    chosen.set_forkserver_preload([PRELOAD])
    return chosen


def start_server() -> None:
    """Let the server that workers come from import what they need while this process is busy with other things."""
    if context().get_start_method() == "forkserver":
        from multiprocessing.forkserver import ensure_running

        ensure_running()


class Workers(Generic[Result]):
    """``n`` processes (default: one a core), or this process where n is 1. A context manager."""

    def __init__(self, n: int | None, most: int) -> None:
        self.n = max(1, min(n or os.cpu_count() or 1, most))
        self._stack, self._pools = ExitStack(), list[ProcessPoolExecutor]()

    def __enter__(self) -> Workers[Result]:
        if self.n > 1:
            for _ in range(self.n):
                pool = ProcessPoolExecutor(1, mp_context=context(), initializer=_begin)
                self._pools.append(self._stack.enter_context(pool))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def all_at_once(self, works: Sequence[Callable[[], Any]]) -> None:
        """Do one piece of work in each process; fewer than processes leave the others idle."""
        if self.n == 1:
            for work in works:
                work()
            return
        for future in [pool.submit(work) for pool, work in zip(self._pools, works, strict=False)]:
            future.result()

    def each(self, work: Callable[[Item], Result], items: Sequence[Item], *, helping: bool = False) -> Iterator[Result]:
        """Results in the order in which they come; what is not begun is dropped when the caller stops.

        Each process has a stretch of the items in their order, so that neighbours share what they have in common.
        helping: who is done with a stretch takes from the end of the longest one left. Raises WorkerDied where a
        process is killed.
        """
        if self.n == 1:
            yield from map(work, items)
            return
        bounds = [round(part * len(items) / self.n) for part in range(self.n + 1)]
        stretches = [deque(items[low:high]) for low, high in pairwise(bounds)]
        yield from _as_finished(self._pools, stretches, work, helping=helping)


def _as_finished(
    pools: Sequence[ProcessPoolExecutor], stretches: Sequence[deque[Item]], work: Callable[[Item], Result], *,
    helping: bool,
) -> Iterator[Result]:  # fmt: skip
    at_hand: dict[Future[Result], tuple[int, Item]] = {}

    def hand_out(place: int) -> None:
        own, longest = stretches[place], max(stretches, key=len)
        if own or (helping and longest):
            item = own.popleft() if own else longest.pop()
            try:
                at_hand[pools[place].submit(work, item)] = place, item
            except BrokenProcessPool:
                raise WorkerDied(next((one for at, one in at_hand.values() if at == place), item)) from None

    try:
        for place in [*range(len(pools))] * AHEAD:
            hand_out(place)
        while at_hand:
            finished, _ = wait(at_hand, return_when=FIRST_COMPLETED)
            for future in [future for future in at_hand if future in finished]:  # of one process, in their order
                place, item = at_hand.pop(future)
                try:
                    result = future.result()
                except BrokenProcessPool:
                    raise WorkerDied(item) from None
                hand_out(place)
                yield result
    finally:
        for future in at_hand:
            future.cancel()


def _begin() -> None:
    """Ctrl-C is the parent's business; and nobody would tell a process to end whose parent was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave_with, args=(parent.sentinel,), daemon=True).start()


def _leave_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
