"""Compiling loops with numba, once, under a hash of what they are made from.

numba's own cache does not notice that a file imported by the compiled one has changed, so it is put into a folder
of the user's cache named by a hash of the sources, the versions and the processor.
"""

from __future__ import annotations

import hashlib
import inspect
import platform
import sys
import types
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import sim.randomness
from sim.cache import cache_folder, can_write, use_machine_code
from sim.randomness import draw, draw_by_many, draw_by_one, draw_in_order, philox, unit


def compile_cache(name: str, sources: Iterable[ModuleType]) -> Path:
    """Where the machine code of loops made from these sources is kept."""
    state = hashlib.sha256()
    for module in (*sources, sys.modules[__name__]):
        state.update(inspect.getsource(module).encode())
    for part in (metadata.version("numba"), metadata.version("numpy"), platform.python_version(), platform.machine()):
        state.update(part.encode())
    return cache_folder() / f"{name}-{state.hexdigest()[:16]}"


def jit_into(folder: Path | None, **more: Any) -> Any:
    """numba's compiler as the project uses it: exact arithmetic, no lock; machine code kept in ``folder``."""
    import numba

    if folder is not None:
        use_machine_code(folder)
        numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    return numba.njit(nogil=True, fastmath=False, error_model="numpy", cache=folder is not None, **more)


def compile_loops(
    name: str,
    loops: Sequence[types.FunctionType],
    more: Iterable[ModuleType] = (),
    draws: Mapping[str, Any] | None = None,
) -> SimpleNamespace:
    """Loops of one module, compiled with the addressed draws they use; loops and draws by name.

    more: other modules whose values the loops use; draws: compiled in another way than by ``compiled_draws``.
    """
    own = sys.modules[loops[0].__module__]
    folder = compile_cache(name, (sim.randomness, own, *more))
    jit = jit_into(folder if can_write(folder) else None)
    made = dict(draws or compiled_draws(jit))
    scope = {**vars(own), **made}
    for function in loops:
        made[function.__name__] = scope[function.__name__] = jit(in_scope(function, scope))
    return SimpleNamespace(**made)


def compiled_draws(jit: Any) -> dict[str, Any]:
    """The addressed draws, compiled, by name; philox becomes a part of each, so that blocks are made side by side."""
    scope: dict[str, Any] = dict(vars(sim.randomness))
    functions: Any = (philox, unit, draw, draw_by_one, draw_by_many, draw_in_order)
    inlined = jit_into(None, inline="always")
    for function in functions:
        scope[function.__name__] = (inlined if function is philox else jit)(in_scope(function, scope))
    return {function.__name__: scope[function.__name__] for function in functions}


def in_scope(function: types.FunctionType, scope: dict[str, Any]) -> types.FunctionType:
    """The same code reading its globals from ``scope``, where the names of rules stand for compiled ones."""
    moved = types.FunctionType(function.__code__, scope, function.__name__, function.__defaults__, function.__closure__)
    moved.__module__, moved.__qualname__ = function.__module__, function.__qualname__
    return moved
