"""The kernel: the loops of the day with the rules compiled into them."""

from __future__ import annotations

import inspect
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import sim.parameters
import sim.randomness
import sim.record
import sim.rules
from sim.cache import can_write
from sim.compiling import compile_cache, compiled_draws, in_scope, jit_into
from sim.engine import records
from sim.engine.loops import buying, learning, meeting, responding, showing, tables, trusting

ENTRIES = ("add_quiet", "attitude_of_reached", "buy", "buy_quiet", "buy_unexposed", "deliver", "gather", "meet_all",
           "rehash", "respond", "settle", "sort_into_bins", "still_quiet", "talk")  # fmt: skip
"""The loops that Python calls; the others need no way in from it, which saves a third of the compiling."""
LOOPS = (tables, showing, buying, meeting, trusting, responding, learning)
SOURCES = (sim.rules, sim.randomness, sim.parameters, sim.record, records, *LOOPS, sys.modules[__name__])


def kernel_cache() -> Path:
    """Where the machine code of the standard kernel is kept."""
    return compile_cache("kernel", SOURCES)


@lru_cache(maxsize=1)
def standard_kernel() -> SimpleNamespace:
    """The kernel of the project's own rules, from the cache where it has been compiled before."""
    return compile_kernel(sim.rules, cache=can_write(kernel_cache()))


def is_compiled() -> bool:
    """Whether the standard kernel's machine code is in the cache already."""
    return all(any(kernel_cache().glob(f"**/*.{name}-*.nbc")) for name in ENTRIES)


def compile_kernel(rules: ModuleType | SimpleNamespace, *, cache: bool = False) -> SimpleNamespace:
    """The loops of ``LOOPS`` with the functions of ``rules`` compiled into them, by name.

    rules: a namespace with every name of ``sim.rules`` that the loops use: plain scalar functions, or functions
    already compiled by numba. cache: keep the machine code; only for the project's own rules.
    """
    folder = kernel_cache() if cache else None
    jit, inner = jit_into(folder), jit_into(folder, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    shared: dict[str, Any] = dict(vars(sim.rules))
    for module in LOOPS:
        shared |= vars(module)
    shared.update({name: value for name, value in vars(rules).items() if not name.startswith("_")})
    functions: dict[str, Any] = {
        name: value for name, value in shared.items() if inspect.isfunction(value) and name != "annotations"
    }
    draws = compiled_draws(inner)
    shared |= draws
    functions = {name: function for name, function in functions.items() if name not in draws}
    for name, function in functions.items():
        shared[name] = (jit if name in ENTRIES else inner)(in_scope(function, shared))
    return SimpleNamespace(**{name: shared[name] for name in functions})
