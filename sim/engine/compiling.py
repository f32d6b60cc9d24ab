"""The kernel: the loops of ``compiled`` with the rules compiled into them."""

from __future__ import annotations

import inspect
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
from sim.engine import compiled, records

SOURCES = (sim.rules, sim.randomness, sim.parameters, sim.record, records, compiled)


def kernel_cache() -> Path:
    """Where the machine code of the standard kernel is kept."""
    return compile_cache("kernel", SOURCES)


@lru_cache(maxsize=1)
def standard_kernel() -> SimpleNamespace:
    """The kernel of the project's own rules, from the cache where it has been compiled before."""
    return compile_kernel(sim.rules, cache=can_write(kernel_cache()))


def is_compiled() -> bool:
    """Whether the standard kernel's machine code is in the cache already."""
    return any(kernel_cache().glob("**/*.nbc"))


def compile_kernel(rules: ModuleType | SimpleNamespace, *, cache: bool = False) -> SimpleNamespace:
    """The loops of ``compiled`` with the functions of ``rules`` compiled into them, by name.

    rules: a namespace with every name of ``sim.rules`` that the loops use: plain scalar functions, or functions
    already compiled by numba. cache: keep the machine code; only for the project's own rules.
    """
    jit = jit_into(kernel_cache() if cache else None)
    shared: dict[str, Any] = {**vars(sim.rules), **vars(compiled)}
    shared.update({name: value for name, value in vars(rules).items() if not name.startswith("_")})
    functions: dict[str, Any] = {
        name: value for name, value in shared.items() if inspect.isfunction(value) and name != "annotations"
    }
    draws = compiled_draws(jit)
    shared |= draws
    functions = {name: function for name, function in functions.items() if name not in draws}
    for name, function in functions.items():
        shared[name] = jit(in_scope(function, shared))
    return SimpleNamespace(**{name: shared[name] for name in functions})
