"""Societies kept on disk: built once, then mapped into memory by whoever needs them.

A society is a function of its settings and its seed, so it stands in the user's cache folder under a hash of them, of
the sources that build it and of numpy's version. Folders are written whole or not at all; those not used for longest
are dropped when all together outgrow the limit.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

import sim.randomness
from sim.cache import cache_folder, can_write, size_of
from sim.parameters import Rates
from sim.society import arcs, society, ties
from sim.society.memory import society_bytes
from sim.society.society import Society, generate_society

SOURCES: tuple[ModuleType, ...] = (sim.randomness, society, ties, arcs)
RATES = (
    "activity_cap", "activity_spread", "appetite_shape", "expressiveness_spread", "friends_exponent", "friends_spread",
    "group_median", "group_spread", "in_group_share", "need_share", "neighbour_share", "niche_homophily", "owner_share",
    "popularity_exponent", "returned_share", "skepticism_mean", "skepticism_width",
)  # fmt: skip
"""The rates that a society depends on."""
ARRAYS = tuple(field.name for field in fields(Society) if field.name not in ("n_niches", "n_regions", "names"))
"""What a generated society is made of besides two numbers."""
WORTH_KEEPING = 1_000_000
"""Fewer ties than this are drawn faster than files are opened."""
LIMIT = 8 * 2**30
"""Bytes that all kept societies may take (INFLUENCE_SIM_CACHE_GIB overrides it, in GiB)."""
ABOUT = "about.json"
ABOUT_KEYS = {"digest", "people", "ties", "n_niches", "n_regions"}
PARTIAL, ABANDONED = "part-", 3600.0
"""How the name of a folder begins while it is written, and the seconds after which nobody writes it any more."""


@dataclass(frozen=True)
class Kept:
    """One society on disk: its bytes, and when it was last used, in seconds since 1970."""

    folder: Path
    people: int
    ties: int
    size: int
    used: float


def kept_society(
    n_people: int, peer_ties: float, n_niches: int, n_regions: int, rates: Rates, world_seed: int
) -> tuple[Society, str]:
    """The society that ``generate_society`` makes, and its digest; mapped from disk where it has been built before."""
    if n_people * peer_ties < WORTH_KEEPING or not can_write(_root()):
        built = generate_society(n_people, peer_ties, n_niches, n_regions, rates, world_seed)
        return built, built.digest()
    folder = _root() / _name(n_people, peer_ties, n_niches, n_regions, rates, world_seed)
    found = _read(folder)
    if found is None:
        built = generate_society(n_people, peer_ties, n_niches, n_regions, rates, world_seed)
        found = built, built.digest()
        _keep(folder, *found)
    return found


def keeps(n_people: int, peer_ties: float) -> bool:
    """Whether a society of this size is kept on disk, where the disk lets it."""
    n_ties = n_people * peer_ties
    return n_ties >= WORTH_KEEPING and society_bytes(n_people, int(n_ties)) <= limit()


def has_society(n_people: int, peer_ties: float, n_niches: int, n_regions: int, rates: Rates, world_seed: int) -> bool:
    """Whether this society is on disk."""
    return _about(_root() / _name(n_people, peer_ties, n_niches, n_regions, rates, world_seed)) is not None


def kept_societies() -> list[Kept]:
    """Every society on disk, the last used first."""
    root, found = _root(), []
    for folder in root.iterdir() if root.is_dir() else ():
        about = _about(folder)
        if about is not None:
            with suppress(OSError):  # another process has just dropped it
                used = (folder / ABOUT).stat().st_mtime
                found.append(Kept(folder, about["people"], about["ties"], size_of(folder), used))
    return sorted(found, key=lambda kept: kept.used, reverse=True)


def forget_societies() -> None:
    """Delete every kept society."""
    shutil.rmtree(_root(), ignore_errors=True)


def limit() -> int:
    """Bytes that all kept societies may take together."""
    try:
        return int(float(os.environ.get("INFLUENCE_SIM_CACHE_GIB", "")) * 2**30)
    except ValueError:
        return LIMIT


def _root() -> Path:
    return cache_folder() / "societies"


def _name(n_people: int, peer_ties: float, n_niches: int, n_regions: int, rates: Rates, world_seed: int) -> str:
    state = hashlib.sha256()
    for module in SOURCES:
        state.update(inspect.getsource(module).encode())
    numbers = [getattr(rates, name) for name in RATES]
    state.update(repr((np.__version__, n_people, peer_ties, n_niches, n_regions, numbers, world_seed)).encode())
    return state.hexdigest()[:20]


def _keep(folder: Path, built: Society, digest: str) -> None:
    """Write a society, whole or not at all; a full disk only means that it is built again next time."""
    needed = society_bytes(built.n_people, built.n_ties)
    if needed > limit():
        return
    _make_room(needed)
    try:
        partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=folder.parent))
    except OSError:
        return
    try:
        for name in ARRAYS:
            np.save(partial / f"{name}.npy", getattr(built, name))
        about = {"digest": digest, "people": built.n_people, "ties": built.n_ties, "n_niches": built.n_niches,
                 "n_regions": built.n_regions}  # fmt: skip
        (partial / ABOUT).write_text(json.dumps(about), encoding="utf-8")
        partial.rename(folder)
    except OSError:  # no room on the disk, or another process was first
        shutil.rmtree(partial, ignore_errors=True)


def _make_room(needed: int) -> None:
    """Drop the societies not used for longest until ``needed`` bytes more stay within the limit."""
    for partial in _root().glob(f"{PARTIAL}*"):
        with suppress(OSError):
            if partial.stat().st_mtime < time.time() - ABANDONED:
                shutil.rmtree(partial, ignore_errors=True)
    kept = kept_societies()
    while kept and sum(one.size for one in kept) + needed > limit():
        shutil.rmtree(kept.pop().folder, ignore_errors=True)


def _about(folder: Path) -> dict[str, Any] | None:
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return about if isinstance(about, dict) and about.keys() >= ABOUT_KEYS else None


def _read(folder: Path) -> tuple[Society, str] | None:
    """A kept society, its arrays mapped (private to this process where written to).

    None where there is none; what is not whole is deleted, so that it can be kept again.
    """
    if not folder.exists():
        return None
    about = _about(folder)
    read = None if about is None else _mapped(folder, about)
    if read is None:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return read


def _mapped(folder: Path, about: dict[str, Any]) -> tuple[Society, str] | None:
    try:
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="c") for name in ARRAYS}
        (folder / ABOUT).touch()
    except (OSError, ValueError, EOFError):
        return None
    whole = len(arrays["niche"]) == about["people"] and len(arrays["follower"]) == about["ties"]
    plain: dict[str, Any] = {name: np.asarray(array) for name, array in arrays.items()}
    read = Society(**plain, n_niches=about["n_niches"], n_regions=about["n_regions"])
    return (read, str(about["digest"])) if whole else None
