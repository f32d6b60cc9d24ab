"""The user's cache folder: what took long to make and can be made again."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

MACHINE_CODE = re.compile(r"[a-z_]+-[0-9a-f]{16}")
"""Folders of machine code: the name of the loops, and a hash of what they were compiled from."""
MOST_CODE = 6
"""Folders of machine code that are kept of one name: those of other sources, or of other versions of Python."""


def cache_folder() -> Path:
    """The user's cache folder of influence-sim (INFLUENCE_SIM_CACHE overrides it)."""
    given = os.environ.get("INFLUENCE_SIM_CACHE")
    if given:
        return Path(given)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "influence-sim"


def can_write(folder: Path) -> bool:
    """Whether things can be kept in ``folder``, which is made; without it they are made anew each time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder and below it."""
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.stat().st_size if path.is_file() else 0
        except OSError:  # another process has just deleted it
            continue
    return size


def machine_code() -> list[Path]:
    """Folders of machine code, the last used first."""
    root = cache_folder()
    found = [path for path in root.iterdir() if MACHINE_CODE.fullmatch(path.name)] if root.is_dir() else []
    return sorted(found, key=_last_used, reverse=True)


def use_machine_code(folder: Path) -> None:
    """Note that a folder of machine code is in use; a new one takes the place of those not used for longest."""
    try:
        os.utime(folder)
        new = next(folder.iterdir(), None) is None
    except OSError:
        return
    if new:
        name = folder.name.rpartition("-")[0]
        for old in [path for path in machine_code() if path.name.rpartition("-")[0] == name][MOST_CODE:]:
            shutil.rmtree(old, ignore_errors=True)


def forget_machine_code() -> None:
    """Delete all machine code; what is in use stays so, and is compiled again next time."""
    for folder in machine_code():
        shutil.rmtree(folder, ignore_errors=True)


def _last_used(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0
