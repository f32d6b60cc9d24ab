"""What each command does, once its words are parsed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sim.errors import InputError, InputErrors, nearest_match

NOWHERE = "-"
DIGEST_FILE = "digest"
REPLICATES, SEEDS, REPORT = "replicates", "seeds", "report.html"
FILES = ("summary.json", "runs.csv", "daily.csv", "creators.csv", "settings.csv", REPORT, "scenario.toml", "run.log",
         "facts.csv", "sign_rule.csv", "validation.html", "explain.json", "shares.csv", "switch_over.csv", "fees.csv",
         "split.json", "split.csv", "select.json", "select.csv", "sensitivity.json", "sensitivity.csv",
         "replay.html", "replay.gif", "replay.mp4")  # fmt: skip
FOLDERS = ("figures", REPLICATES, SEEDS)
WATERFALL, SIGN_RULE, SPLIT, SELECT, SENSITIVITY = "waterfall", "sign_rule", "split", "select", "sensitivity"
"""What the commands write into a folder besides the digest; the figures of the studies by name."""

_DIGEST = re.compile(r"[0-9a-f]{12}( run .*)?|world [0-9a-f]{12,}")
ANOTHER = "another folder, or --overwrite"


@dataclass(frozen=True)
class Output:
    """Where a command's results go: a folder, or nowhere; JSON or tables."""

    out: str | None
    json: bool
    quiet: bool
    overwrite: bool

    def folder(self, default: Path | None = None) -> Path | None:
        """The folder to write to, None for ``--out -``."""
        if self.out is not None and not self.out.strip():
            raise InputError("no folder named", key="--out", value=self.out, expected="a folder, or - to write nothing")
        if self.out == NOWHERE:
            return None
        return default if self.out is None else Path(self.out)

    def say(self, text: str) -> None:
        """A remark on stderr, unless quiet."""
        if not self.quiet:
            print(text, file=sys.stderr)


def check_engine(name: str | None) -> str:
    """The engine of that name, the default for None; InputError for an unknown one, before anything is built."""
    from sim.engine.simulate import DEFAULT_ENGINE, ENGINES

    if name is not None and name not in ENGINES:
        raise InputError("no such engine", key="--engine", value=name, expected=f"one of {', '.join(ENGINES)}",
                         nearest=nearest_match(name, ENGINES))  # fmt: skip
    return name or DEFAULT_ENGINE


@contextmanager
def about(file: Path) -> Iterator[None]:
    """An InputError raised inside that names no file is about this one."""
    try:
        yield
    except InputError as error:
        for problem in (error, *(error.problems if isinstance(error, InputErrors) else ())):
            if problem.file is None and not str(problem.key).startswith("--"):
                problem.file = str(file)
        raise


def folder_name(name: str) -> str:
    """A scenario's name as a part of a path."""
    return re.sub(r"[^\w. -]", "-", name)[:80].strip(". ") or "scenario"


def claim(folder: Path, digest: str, *, overwrite: bool) -> None:
    """Make ``folder`` this question's own: an existing folder of the same digest is completed, another is an error.

    ``overwrite`` clears what another question left there, and nothing that this program did not write.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file", key="--out", value=str(folder), expected="a folder")
    try:
        _claim(folder, digest, overwrite)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", key="--out", value=str(folder),
                         expected="a folder to write to") from None  # fmt: skip


def _claim(folder: Path, digest: str, overwrite: bool) -> None:
    found = _owner(folder)
    if found is None and folder.exists() and any(folder.iterdir()):
        _check_foreign(folder, overwrite)
    elif found not in (None, digest) and not overwrite:
        raise InputError("holds another question's results", key="--out", value=str(folder), expected=ANOTHER)
    elif overwrite:
        _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DIGEST_FILE).write_text(digest + "\n")


def _owner(folder: Path) -> str | None:
    """The digest of the question whose results a folder holds; None where this program wrote none."""
    try:
        text = (folder / DIGEST_FILE).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError):
        return None
    return text if _DIGEST.fullmatch(text) else None


def _check_foreign(folder: Path, overwrite: bool) -> None:
    """Refuse a folder of files that are not results; with ``overwrite``, only where one of them would be lost."""
    if not overwrite:
        raise InputError("holds files that are not results", key="--out", value=str(folder), expected=ANOTHER)
    lost = [name for name in (*FILES, *FOLDERS, DIGEST_FILE) if (folder / name).exists()]
    if lost:
        raise InputError(f"holds files that this program did not write: {', '.join(lost)}", key="--out",
                         value=str(folder), expected="another folder; nothing was changed in this one")  # fmt: skip


def _clear(folder: Path) -> None:
    """Remove what this program writes, and nothing else; the digest last."""
    from sim.views.plots import FIGURES

    studies = (WATERFALL, SIGN_RULE, SPLIT, SELECT, SENSITIVITY)
    figures = [folder / "figures" / f"{name}.png" for name in (*FIGURES, *studies)]
    pieces = [*(folder / REPLICATES).rglob("replicate-[0-9]*"), *(folder / SEEDS).glob("seed-[0-9]*")]
    for path in (*figures, *pieces, *(folder / name for name in FILES)):
        path.unlink(missing_ok=True)
    for path in (*(folder / REPLICATES).glob("*"), *(folder / name for name in FOLDERS)):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    (folder / DIGEST_FILE).unlink(missing_ok=True)
