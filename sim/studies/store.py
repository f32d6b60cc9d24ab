"""A store of runs: one SQLite file, read by anyone at any time, also while a sweep writes to it.

    study      one row: the study as JSON, its digest, the model's hash, the columns that are kept
    point      a row a point: its values, as a JSON list in the order of the study's keys
    planned    a row a point and replicate: the digest of that run
    run        a row a finished run: error (NULL where all went well), seconds it took, when it was finished
    plan_run   a row a plan of a finished run: the figures and totals, NULL where undefined
    session    a row a sweep or resume: when it began, processes

Written by ``store_writing``. Times stand in the store only, never in what is exported.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import InputError, nearest_match
from sim.shown import Shown
from sim.studies.study import Study, study_from_json

if TYPE_CHECKING:
    import pandas as pd

APPLICATION = 0x696E666C
"""Stands in the file's header and says whose it is: "infl"."""
SCHEMA = 1
SUFFIX = ".sqlite"
A_STORE = "a store that `influence sweep` has written"
MOST_ERRORS = 5
"""Errors that a status shows."""


@dataclass(frozen=True)
class Failure:
    """A run that could not be done, and why."""

    point: int
    replicate: int
    error: str


@dataclass(frozen=True)
class Status:
    """How far a store is. rate: runs a second since the sweep last began; None where none has finished since."""

    runs: int
    done: int
    failed: int
    errors: tuple[Failure, ...]
    seconds_a_run: float | None
    rate: float | None
    running: bool

    @property
    def left(self) -> int:
        """Runs that are neither done nor failed."""
        return self.runs - self.done - self.failed


@dataclass(frozen=True)
class Header:
    """What a store is about."""

    study: Study
    digest: str
    model: str
    columns: tuple[str, ...]


class Store(Shown):
    """The runs of one study. Raises InputError where the file is no store, or that of another version."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.header = self._header()

    @property
    def study(self) -> Study:
        return self.header.study

    @property
    def digest(self) -> str:
        return self.header.digest

    def status(self) -> Status:
        """How many runs are done, failed and left, and how fast."""
        with self.reading() as connection:
            (runs,) = connection.execute("SELECT count(*) FROM planned").fetchone()
            finished = "FROM planned JOIN run USING (digest)"
            (failed,) = connection.execute(f"SELECT count(*) {finished} WHERE error IS NOT NULL").fetchone()
            (done,) = connection.execute(f"SELECT count(*) {finished} WHERE error IS NULL").fetchone()
            shown = (
                f"SELECT point, replicate, error {finished} WHERE error IS NOT NULL ORDER BY point, replicate LIMIT ?"
            )
            errors = tuple(Failure(*row) for row in connection.execute(shown, (MOST_ERRORS,)))
            (seconds,) = connection.execute("SELECT avg(seconds) FROM run WHERE error IS NULL").fetchone()
            since = connection.execute("SELECT began FROM session ORDER BY number DESC LIMIT 1").fetchone()
            rate = None
            if since is not None:
                recent = "SELECT count(*), max(finished) FROM run WHERE finished >= ?"
                count, last = connection.execute(recent, since).fetchone()
                rate = count / (last - since[0]) if count and last > since[0] else None
        return Status(runs, done, failed, errors, seconds, rate, in_use(self.path))

    def frame(self) -> pd.DataFrame:
        """One row a plan and finished run, by point, replicate and plan; a failed run is one row with its error.

        Columns: point, what varies, replicate, plan, figures and totals (nan where undefined), error.
        """
        from sim.studies.store_frame import runs_frame  # with pandas, which takes a while to import

        with self.reading() as connection:
            return runs_frame(connection, self.study.keys, self.header.columns)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """An open connection; what SQLite cannot read becomes an InputError."""
        with closing(connected(self.path)) as connection:
            try:
                yield connection
            except sqlite3.DatabaseError as error:
                raise InputError(f"cannot be read: {error}", file=self.path, expected=A_STORE) from None

    def _header(self) -> Header:
        _check_file(self.path)
        with closing(connected(self.path)) as connection:
            check_kind(self.path, connection)
        with self.reading() as connection:
            row = connection.execute("SELECT study, digest, model, columns FROM study").fetchone()
        if row is None:
            raise nothing_yet(self.path)
        return Header(study_from_json(row[0]), row[1], row[2], tuple(json.loads(row[3])))


def connected(path: Path) -> sqlite3.Connection:
    """A connection that commits what it is told at once, unless within BEGIN and COMMIT."""
    try:
        return sqlite3.connect(path, timeout=30.0, isolation_level=None)
    except sqlite3.Error as error:
        raise InputError(f"cannot be opened: {error}", file=path, expected=A_STORE) from None


def check_kind(path: Path, connection: sqlite3.Connection) -> None:
    """Raise InputError unless this is a store of this version."""
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (schema,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError:
        raise InputError("is not a store of runs", file=path, expected=A_STORE) from None
    if not application and not tables:
        raise nothing_yet(path)
    if application != APPLICATION:
        raise InputError("is a database, but not a store of runs", file=path, expected=A_STORE)
    if schema != SCHEMA:
        raise InputError("was made by another version of influence-sim", file=path, value=f"form {schema}",
                         expected=f"form {SCHEMA}; read it with that version, or sweep again")  # fmt: skip


def nothing_yet(path: Path) -> InputError:
    """The error for a store that was stopped before anything was in it."""
    return InputError("holds nothing yet", file=path, expected="a store that `influence sweep FILE` has begun")


def _check_file(path: Path) -> None:
    """Raise InputError where there is no file; SQLite would make one."""
    if path.is_dir():
        raise InputError("is a folder", file=path, expected=A_STORE)
    if not path.exists():
        known = {other.name: str(other) for other in path.parent.glob(f"*{SUFFIX}")} if path.parent.is_dir() else {}
        near = nearest_match(path.name, known)
        raise InputError("no such file", file=path, expected=A_STORE, nearest=None if near is None else known[near])


# --- one writer --------------------------------------------------------------------------------------------


def lock_file(path: Path) -> Path:
    """An empty database beside a store: who holds it alone may write. The system lets go of it when a process ends."""
    return path.with_name(f"{path.name}.lock")


def in_use(path: Path) -> bool:
    """Whether a sweep is writing to this store now."""
    lock = lock_file(path)
    if not lock.exists():
        return False
    with closing(sqlite3.connect(lock, timeout=0.0, isolation_level=None)) as connection:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            return True
    return False
