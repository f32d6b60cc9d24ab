"""Work that goes on while the page stays usable: a thread with progress that can be stopped.

Whatever simulates takes its turn: one thread of the server at a time, handed on after each replicate, so that memory
is that of one run and nobody waits for all of another user's.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sim.engine.compiling import is_compiled
from sim.engine.simulate import DEFAULT_ENGINE
from sim.ensemble import Ensemble, run_ensemble
from sim.errors import InfluenceError
from sim.scenario.load import Scenario

COMPILING = "compiling the engine once on this machine, about half a minute"
WAITING = 0.001
"""Seconds in which another thread can take the turn."""
DRAWING = threading.Lock()
"""Held while a figure is drawn: matplotlib's settings are those of the whole process."""
_TURN = threading.Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Simulate alone."""
    with _TURN:
        yield


class Stopped(Exception):
    """The user has stopped the work."""


class Job:
    """One piece of work in a thread of its own. work: gets the job, to report to, and returns the result."""

    def __init__(self, name: str, work: Callable[[Job], Any]) -> None:
        self.name, self._work = name, work
        self.words, self.done, self.total, self.seconds = "starting", 0, 0, 0.0
        self.result: Any = None
        self.error: InfluenceError | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"influence {name}", daemon=True)
        self._thread.start()

    @property
    def finished(self) -> bool:
        return not self._thread.is_alive()

    @property
    def stopped(self) -> bool:
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask for the end, which comes after the replicate that is being run."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Wait for the end, at most so long."""
        self._thread.join(seconds)

    def ensemble(self, scenario: Scenario) -> Ensemble:
        """Every replicate of a scenario, in this process, with progress."""
        self.words = "simulating" if is_compiled() else COMPILING
        self.check()
        return run_ensemble(scenario, engine=DEFAULT_ENGINE, workers=1, progress=self._progress)

    def check(self) -> None:
        """Raise Stopped where the user has stopped the work."""
        if self._stop.is_set():
            raise Stopped

    def _progress(self, done: int, total: int, seconds: float) -> None:
        self.words, self.done, self.total, self.seconds = "simulating", done, total, seconds
        _TURN.release()
        try:
            time.sleep(WAITING)
        finally:
            _TURN.acquire()
        self.check()

    def _run(self) -> None:
        self.words = "waiting for another run on this server"
        try:
            with turn():
                self.result = self._work(self)
        except Stopped:
            pass
        except InfluenceError as error:
            self.error = error
        except MemoryError:
            self.error = InfluenceError("not enough memory; fewer people need less")
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            self.error = InfluenceError(f"could not be done ({type(error).__name__}: {error})")
