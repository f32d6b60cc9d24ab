"""What tests of studies share: the bytes that a store exports, and progress at which something happens."""

from __future__ import annotations

from collections.abc import Callable

from sim.studies.store import Store
from sim.views.files import csv_bytes


def exported(store: Store) -> bytes:
    return csv_bytes(store.frame())


def after(count: int, what: Callable[[], object]) -> Callable[[int, int, float], None]:
    """Progress that does something once so many runs are finished."""

    def progress(finished: int, _total: int, _seconds: float) -> None:
        if finished == count:
            what()

    return progress


def stop() -> None:
    raise KeyboardInterrupt
