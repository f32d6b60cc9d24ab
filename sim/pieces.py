"""Numbered pieces of work, kept in files as they finish: a stop loses nothing that was finished."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from sim.errors import Interrupted
from sim.workers import Workers

Arrays = dict[str, NDArray[Any]]
Progress = Callable[[int, int, float], None]
"""Called with (finished, all, seconds since the start) after each piece."""


class Numbered(Protocol):
    """A finished piece knows its number: pieces come in the order in which they finish."""

    @property
    def number(self) -> int: ...


Piece = TypeVar("Piece", bound=Numbered)


@dataclass(frozen=True)
class Pieces(Generic[Piece]):
    """Finished pieces as files in ``folder`` (None: nothing is kept), one a piece, each whole or not at all.

    noun: what a piece is called. to_arrays, from_arrays: a piece as named arrays, and back with its number; what
    cannot be read back (OSError, ValueError, KeyError) counts as missing.
    """

    folder: Path | None
    noun: str
    to_arrays: Callable[[Piece], Arrays]
    from_arrays: Callable[[int, Arrays], Piece]

    def finished(self, numbers: Sequence[int]) -> dict[int, Piece]:
        """Those of these pieces that are there, by number."""
        found: dict[int, Piece] = {}
        for number in numbers if self.folder is not None else ():
            try:
                with np.load(self._file(number)) as stored:
                    found[number] = self.from_arrays(number, dict(stored))
            except (OSError, ValueError, KeyError, EOFError, BadZipFile):
                continue  # missing, or damaged: it is done again
        return found

    def complete(
        self, done: dict[int, Piece], missing: Sequence[int], work: Callable[[int], Piece], crew: Workers[Piece],
        progress: Progress | None = None,
    ) -> None:  # fmt: skip
        """Do the missing pieces into ``done``; each is kept as it comes."""
        started = time.monotonic()
        for count, piece in enumerate(crew.each(work, missing), 1):
            done[piece.number] = piece
            if self.folder is not None:
                self._keep(piece)
            if progress is not None:
                progress(count, len(missing), time.monotonic() - started)

    @contextmanager
    def stoppable(self, done: dict[int, Piece], total: int) -> Iterator[None]:
        """Ctrl-C within becomes Interrupted, which says how many of all pieces are kept."""
        try:
            yield
        except KeyboardInterrupt:
            kept = f"{len(done)} of {total} {self.noun}s are kept; the same command completes them"
            raise Interrupted(f"stopped; {kept if self.folder is not None else 'nothing was kept'}") from None

    def _file(self, number: int) -> Path:
        assert self.folder is not None
        return self.folder / f"{self.noun}-{number:05d}.npz"

    def _keep(self, piece: Piece) -> None:
        target = self._file(piece.number)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".part")
        with partial.open("wb") as stream:
            np.savez(stream, **self.to_arrays(piece))  # type: ignore[arg-type]
        partial.replace(target)
