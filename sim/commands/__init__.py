"""What each command does, once its words are parsed."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from sim.errors import InputError

NOWHERE = "-"
DIGEST_FILE = "digest"
REPLICATES = "replicates"
OURS = ("figures", REPLICATES, "summary.json", "runs.csv", "daily.csv", "creators.csv", "report.html", "scenario.toml",
        "run.log", DIGEST_FILE)  # fmt: skip


@dataclass(frozen=True)
class Output:
    """Where a command's results go: a folder, or nowhere; JSON or tables."""

    out: str | None
    json: bool
    quiet: bool
    overwrite: bool

    def folder(self, default: Path) -> Path | None:
        """The folder to write to, None for ``--out -``."""
        if self.out == NOWHERE:
            return None
        return Path(self.out) if self.out else default

    def say(self, text: str) -> None:
        """A remark on stderr, unless quiet."""
        if not self.quiet:
            print(text, file=sys.stderr)


def claim(folder: Path, digest: str, *, overwrite: bool) -> None:
    """Make ``folder`` this question's own: an existing folder of the same digest is completed, another is an error."""
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file", key="--out", value=str(folder), expected="a folder")
    try:
        _claim(folder, digest, overwrite)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", key="--out", value=str(folder),
                         expected="a folder to write to") from None  # fmt: skip


def _claim(folder: Path, digest: str, overwrite: bool) -> None:
    marker = folder / DIGEST_FILE
    found = marker.read_text().strip() if marker.exists() else None
    if found != digest and folder.exists() and any(folder.iterdir()):
        if not overwrite:
            whose = "another question's results" if found else "files that are not results"
            raise InputError(f"holds {whose}", key="--out", value=str(folder),
                             expected="another folder, or --overwrite")  # fmt: skip
        _clear(folder)
    elif overwrite:
        _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(digest + "\n")


def _clear(folder: Path) -> None:
    """Remove what this program writes, and nothing else."""
    for name in OURS:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
