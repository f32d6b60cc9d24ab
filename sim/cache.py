"""The user's cache folder: what took long to make and can be made again."""

from __future__ import annotations

import os
import sys
from pathlib import Path


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
