"""Processes that do one piece of work after another: one pool a process, stopped cleanly.

They come from a server that was started afresh and has imported what they need (forkserver), or are started afresh
themselves where the system has no such thing: a plain fork after a parallel kernel aborts.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from itertools import pairwise
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")
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
                pool = ProcessPoolExecutor(1, mp_context=context(), initializer=_quiet_worker)
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

    def each(self, work: Callable[[int], Result], numbers: Sequence[int]) -> Iterator[Result]:
        """Results in the order in which they come; what is not begun is dropped when the caller stops.

        Each process has a stretch of the numbers in their order, so that neighbours share what they have in common.
        """
        if self.n == 1:
            yield from map(work, numbers)
            return
        bounds = [round(part * len(numbers) / self.n) for part in range(self.n + 1)]
        parts = [numbers[low:high] for low, high in pairwise(bounds)]
        queued = [(pool, number) for pool, part in zip(self._pools, parts, strict=True) for number in part]
        yield from _as_finished({pool.submit(work, number) for pool, number in queued})


def _as_finished(pending: set[Future[Result]]) -> Iterator[Result]:
    try:
        while pending:
            finished, pending = wait(pending, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in finished)
    finally:
        for future in pending:
            future.cancel()


def _quiet_worker() -> None:
    """Ctrl-C is the parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
