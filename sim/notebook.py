"""Results in notebooks: who shows them (importing this registers it), and progress where Jupyter shows it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sim.shown import present_with

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.pieces import Progress


class Views:
    """Lines, fragments and figures by kind of result, loaded when first asked for."""

    def line(self, one: Any) -> str:
        from sim.views.lines import LINES

        return str(_of(LINES, one))

    def fragment(self, one: Any) -> str:
        from sim.views.fragments import FRAGMENTS

        return str(_of(FRAGMENTS, one))

    def figure(self, one: Any) -> Figure:
        from sim.views.drawn import FIGURES, drawn

        return drawn(*_of(FIGURES, one))


def _of(table: Mapping[type, Callable[[Any], Any]], one: Any) -> Any:
    """What the table has for the kind of ``one``, or for the nearest kind that it derives from."""
    return next(table[kind] for kind in type(one).__mro__ if kind in table)(one)


present_with(Views())


# --- progress ----------------------------------------------------------------------------------------------


@contextmanager
def progress_of(task: str, *, wanted: bool) -> Iterator[Progress | None]:
    """What is told of a long job, None where it is not wanted: in Jupyter a bar below the cell, elsewhere stderr.

    The bar is plain HTML that is shown again and again, so it needs no widgets. marimo shows stderr below the cell.
    """
    if not wanted:
        yield None
    elif _in_jupyter():
        yield _Bar(task)
    else:
        from sim.views.progress import Progress as OnStderr

        with OnStderr(task) as progress:
            yield progress


def _in_jupyter() -> bool:
    """Whether this runs in a notebook's kernel; a module that was never imported is not imported for it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


class _Bar:
    """A bar below the cell in Jupyter."""

    def __init__(self, task: str) -> None:
        self.task, self.left = task, ""
        self.finished, self.total = 0, 0
        self._handle = importlib.import_module("IPython.display").display(self, display_id=True)

    def __call__(self, finished: int, total: int, seconds: float) -> None:
        from sim.views.progress import time_left

        self.finished, self.total, self.left = finished, total, time_left(finished, total, seconds)
        self._handle.update(self)

    def __repr__(self) -> str:
        return f"{self.task}: {self.finished} of {self.total}, {self.left}" if self.total else f"{self.task} …"

    def _repr_html_(self) -> str:
        bar = f'<progress value="{self.finished}" max="{self.total}"></progress> ' if self.total else ""
        return f"<div>{bar}{self}</div>"
