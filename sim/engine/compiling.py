"""Compiling the kernel's loops with numba, once, under a hash of what they are made from.

numba's own cache does not notice that a file imported by the compiled one has changed, so it is put into a folder
of the user's cache named by a hash of the sources, the versions and the processor.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import platform
import sys
import types
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import sim.parameters
import sim.randomness
import sim.record
import sim.rules
from sim.engine import compiled, records
from sim.randomness import philox, unit

SOURCES = (sim.rules, sim.randomness, sim.parameters, sim.record, records, compiled)


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


def compile_cache(name: str = "kernel", sources: Iterable[ModuleType] = SOURCES) -> Path:
    """Where the machine code of the kernel, or of other loops made from other sources, is kept."""
    state = hashlib.sha256()
    for module in sources:
        state.update(inspect.getsource(module).encode())
    for part in (metadata.version("numba"), metadata.version("numpy"), platform.python_version(), platform.machine()):
        state.update(part.encode())
    return cache_folder() / f"{name}-{state.hexdigest()[:16]}"


@lru_cache(maxsize=1)
def standard_kernel() -> SimpleNamespace:
    """The kernel of the project's own rules, from the cache where it has been compiled before."""
    return compile_kernel(sim.rules, cache=_can_write(compile_cache()))


def _can_write(folder: Path) -> bool:
    """Whether machine code can be kept; without it every process compiles anew, which only takes longer."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def is_compiled() -> bool:
    """Whether the standard kernel's machine code is in the cache already."""
    return any(compile_cache().glob("**/*.nbc"))


def compile_kernel(rules: ModuleType | SimpleNamespace, *, cache: bool = False) -> SimpleNamespace:
    """The loops of ``compiled`` with the functions of ``rules`` compiled into them, by name.

    rules: a namespace with every name of ``sim.rules`` that the loops use: plain scalar functions, or functions
    already compiled by numba. cache: keep the machine code; only for the project's own rules.
    """
    import numba

    if cache:
        numba.config.CACHE_DIR = str(compile_cache())  # type: ignore[attr-defined]
    jit = numba.njit(nogil=True, fastmath=False, error_model="numpy", cache=cache)
    shared: dict[str, Any] = {**vars(sim.rules), **vars(compiled)}
    shared.update({name: value for name, value in vars(rules).items() if not name.startswith("_")})
    functions: dict[str, Any] = {
        name: value for name, value in shared.items() if inspect.isfunction(value) and name != "annotations"
    }
    functions |= {"philox": philox, "unit": unit}
    for name, function in functions.items():
        scope = shared if function.__globals__ is not vars(sim.randomness) else {**vars(sim.randomness)}
        shared[name] = jit(_in_scope(function, scope))
    return SimpleNamespace(**{name: shared[name] for name in functions})


def compile_loops(name: str, loops: Sequence[types.FunctionType]) -> SimpleNamespace:
    """Loops of one module outside the kernel, compiled with the addressed draws they use, by name; kept likewise."""
    import numba

    own = sys.modules[loops[0].__module__]
    folder = compile_cache(name, (sim.randomness, records, compiled, own))
    cache = _can_write(folder)
    if cache:
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    jit = numba.njit(nogil=True, fastmath=False, error_model="numpy", cache=cache)
    draws: dict[str, Any] = {**vars(sim.randomness), **vars(compiled)}
    addressed: Any = (philox, unit, compiled.draw)
    for function in addressed:
        draws[function.__name__] = jit(_in_scope(function, draws))
    scope = {**vars(own), "draw": draws["draw"]}
    for function in loops:
        scope[function.__name__] = jit(_in_scope(function, scope))
    return SimpleNamespace(**{function.__name__: scope[function.__name__] for function in loops})


def _in_scope(function: types.FunctionType, scope: dict[str, Any]) -> types.FunctionType:
    """The same code reading its globals from ``scope``, where the names of rules stand for compiled ones."""
    moved = types.FunctionType(function.__code__, scope, function.__name__, function.__defaults__, function.__closure__)
    moved.__module__, moved.__qualname__ = function.__module__, function.__qualname__
    return moved
