"""Progress of a long job on standard error."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar

PLAIN_EVERY = 10.0
"""Seconds between the lines of progress where there is no terminal."""


class Progress:
    """Progress on standard error: a bar in a terminal, else a line every ten seconds, nothing when quiet.

    An instance is the ``progress`` of ``run_ensemble``; use it as a context manager so that the bar is taken down.
    """

    def __init__(self, task: str = "simulating", *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self.task, self.quiet = task, quiet
        self.stream = stream or sys.stderr
        self._said_at = 0.0
        console = Console(file=self.stream, highlight=False)
        self._bar: Bar | None = None
        if not quiet and console.is_terminal and not console.is_dumb_terminal:
            words_before, words_after = TextColumn("{task.description}"), TextColumn("{task.fields[left]}")
            columns = (words_before, BarColumn(), MofNCompleteColumn(), words_after)
            self._bar = Bar(*columns, console=console, transient=True)
            self._line = self._bar.add_task(task, total=None, left="")

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, finished: int, total: int, seconds: float) -> None:
        """``finished`` of ``total`` after ``seconds``."""
        left = time_left(finished, total, seconds)
        if self._bar is not None:
            self._bar.update(self._line, completed=finished, total=total, left=left)
        elif not self.quiet and seconds - self._said_at >= PLAIN_EVERY:
            self._said_at = seconds
            print(f"{self.task}: {finished} of {total}, {left}", file=self.stream, flush=True)


def time_left(finished: int, total: int, seconds: float) -> str:
    """What is left at the pace so far, like "2 min left"."""
    left = seconds / finished * (total - finished)
    if left < 90:
        return f"{left:.0f} s left"
    return f"{left / 60:.0f} min left" if left < 5400 else f"{left / 3600:.1f} h left"
