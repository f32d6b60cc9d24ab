"""Writing a store: begun whole or not at all, each run as it finishes, by one process at a time.

SQLite keeps a journal of what is being written (WAL) and brings the file back to the last finished run after a crash.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sim.errors import InfluenceError, InputError
from sim.studies.planned import Planned, kept_columns
from sim.studies.store import APPLICATION, SCHEMA, check_kind, connected, lock_file

LOCK_SECONDS = 2.0
"""How long to wait for another process to let go of a store."""
TABLES = """
CREATE TABLE study (study TEXT NOT NULL, digest TEXT NOT NULL, model TEXT NOT NULL, columns TEXT NOT NULL);
CREATE TABLE point (number INTEGER PRIMARY KEY, settings TEXT NOT NULL);
CREATE TABLE planned (point INTEGER NOT NULL, replicate INTEGER NOT NULL, digest TEXT NOT NULL,
                      PRIMARY KEY (point, replicate)) WITHOUT ROWID;
CREATE INDEX planned_digest ON planned (digest);
CREATE TABLE run (digest TEXT PRIMARY KEY, error TEXT, seconds REAL NOT NULL, finished REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE session (number INTEGER PRIMARY KEY, began REAL NOT NULL, workers INTEGER NOT NULL)
"""


@dataclass(frozen=True)
class Played:
    """A finished run: what is kept of each plan (None: undefined), or why it could not be done."""

    digest: str
    seconds: float
    rows: tuple[tuple[str, tuple[float | None, ...]], ...] = ()
    error: str | None = None


class Writer:
    """An open store of one planned study."""

    def __init__(self, path: Path, connection: sqlite3.Connection, columns: Sequence[str]) -> None:
        self.path, self.connection = path, connection
        self._insert = f"INSERT OR REPLACE INTO plan_run VALUES ({', '.join('?' * (3 + len(columns)))})"

    def finished(self) -> set[str]:
        """Digests of the runs that are there, failed ones among them."""
        return {digest for (digest,) in self.connection.execute("SELECT digest FROM run")}

    def forget_failed(self) -> None:
        """Failed runs are to be done again."""
        with self._writing():
            self.connection.execute("DELETE FROM run WHERE error IS NOT NULL")

    def begin(self, workers: int) -> None:
        """Note that runs begin now, in so many processes."""
        with self._writing():
            self.connection.execute("INSERT INTO session (began, workers) VALUES (?, ?)", (time.time(), workers))

    def add(self, played: Played) -> None:
        """Keep a finished run, whole or not at all."""
        with self._writing():
            rows = ((played.digest, place, plan, *kept) for place, (plan, kept) in enumerate(played.rows))
            self.connection.executemany(self._insert, rows)
            run = (played.digest, played.error, played.seconds, time.time())
            self.connection.execute("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?)", run)

    def create(self, plan: Planned) -> None:
        """Everything that is known before the first run."""
        kept = ", ".join(f'"{name}" REAL' for name in plan.columns)
        plans = "digest TEXT NOT NULL, place INTEGER NOT NULL, plan TEXT NOT NULL"
        with self._writing():
            for statement in TABLES.split(";"):
                self.connection.execute(statement)
            self.connection.execute(
                f"CREATE TABLE plan_run ({plans}, {kept}, PRIMARY KEY (digest, place)) WITHOUT ROWID"
            )
            about = (plan.study.to_json(), plan.digest, plan.model, json.dumps(plan.columns))
            self.connection.execute("INSERT INTO study VALUES (?, ?, ?, ?)", about)
            points = ((n, json.dumps(point.values, ensure_ascii=False)) for n, point in enumerate(plan.points))
            self.connection.executemany("INSERT INTO point VALUES (?, ?)", points)
            runs = ((run.point, run.replicate, run.digest) for run in plan.runs)
            self.connection.executemany("INSERT INTO planned VALUES (?, ?, ?)", runs)
            self.connection.execute(f"PRAGMA application_id = {APPLICATION}")
            self.connection.execute(f"PRAGMA user_version = {SCHEMA}")

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """What is done within happens as a whole; where the disk refuses, nothing that was kept before is lost."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield
            self.connection.execute("COMMIT")
        except BaseException as error:
            with suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise _unwritable(self.path, error) from None
            raise


@contextmanager
def writing(path: Path, plan: Planned) -> Iterator[Writer]:
    """The store of a planned study, begun where there is none, locked against other writers until the end.

    Raises InputError where the file is something else, and InfluenceError where another process writes to it.
    """
    with _parent(path), _alone(path), closing(connected(path)) as connection:
        new = _is_new(connection)
        if not new:
            check_kind(path, connection)
            _check_same(path, connection, plan)
        writer = Writer(path, connection, plan.columns)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error as error:
            raise _unwritable(path, error) from None
        if new:
            writer.create(plan)
        yield writer


def check_same_study(path: Path, plan: Planned) -> None:
    """Raise InputError where there is a store already, and of another study."""
    if path.is_dir():
        raise InputError("is a folder", key="--store", value=str(path), expected="a file to write to")
    if path.exists():
        with closing(connected(path)) as connection:
            if not _is_new(connection):
                check_kind(path, connection)
                _check_same(path, connection, plan)


def left_of(path: Path, plan: Planned) -> int:
    """How many runs of a study its store does not have."""
    if not path.exists():
        return len(plan.tasks())
    with closing(connected(path)) as connection:
        return len(plan.tasks(set() if _is_new(connection) else Writer(path, connection, plan.columns).finished()))


def _is_new(connection: sqlite3.Connection) -> bool:
    """Whether nothing has been written: an empty file, or one that was given up before its first transaction."""
    try:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.DatabaseError:
        return False
    return not tables and not application


def _check_same(path: Path, connection: sqlite3.Connection, plan: Planned) -> None:
    """Raise InputError where the runs of a store are not those of this study."""
    study, digest, model, columns = connection.execute("SELECT study, digest, model, columns FROM study").fetchone()
    if digest == plan.digest:
        return
    if model != plan.model:
        raise InputError("was made by another version of the model, whose runs would differ", file=path, value=model,
                         expected=f"version {plan.model}; sweep again into another store")  # fmt: skip
    there = {(point, number): digest for point, number, digest in connection.execute("SELECT * FROM planned")}
    here = {(run.point, run.replicate): run.digest for run in plan.runs}
    same = sum(here.get(place) == digest for place, digest in there.items())
    if study == plan.study.to_json():
        told = f"its scenario has changed since the sweep began: {len(there) - same:,} of {len(there):,} runs differ"
        raise InputError(told, file=path, expected=f"{plan.study.scenario} as it was, or a new sweep of the study")
    told = f"holds another study, or the study was edited since: {same:,} of {len(here):,} runs are the same"
    if same == len(here) == len(there) and json.loads(columns) != list(kept_columns(plan.study)):
        told = "keeps other figures than are asked for now"
    raise InputError(told, file=path, expected="another --store, or none, for the study as it is now; "
                     "`influence resume STORE` for the study as it was")  # fmt: skip


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else may write meanwhile. The lock goes with the process, however that ends."""
    with closing(connected(lock_file(path))) as lock:
        try:
            lock.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000:.0f}")
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise _unwritable(path, error) from None
            told = "another process is writing to this store; `influence status` shows how far it is"
            raise InfluenceError(f"{path}: {told}") from None
        yield


@contextmanager
def _parent(path: Path) -> Iterator[None]:
    """Make the folder of a store."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", key="--store", value=str(path),
                         expected="a file to write to") from None  # fmt: skip
    yield


def _unwritable(path: Path, error: sqlite3.Error) -> InfluenceError:
    return InfluenceError(f"{path}: cannot be written ({error}); what was finished is kept: "
                          "make room, then `influence resume` goes on")  # fmt: skip
