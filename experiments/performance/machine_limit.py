"""What the machine itself can do with a graph: stream an arc, hash it, compare, gather one byte of the person's state.

No simulation that looks at every tie can be faster than this. The arrays are filled with random data first, since pages
that were never written to all lie on one page of zeros and look faster than they are.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numba
import numpy as np
from measured_rows import Row

from sim.randomness import philox

MOST_ARCS = 200_000_000
CHANCE = np.uint32(0.05 * 2**32)


@numba.njit(nogil=True)
def _stream(target: Any, state: Any, low: int, high: int, seed: Any) -> int:
    """Arcs low..high whose hash lies below the chance and whose person is not active yet."""
    found = 0
    for arc in range(low, high):
        mixed = np.uint32((np.uint32(arc) ^ seed) * np.uint32(0x9E3779B1))
        mixed = np.uint32(mixed ^ (mixed >> np.uint32(15)))
        found += (mixed < CHANCE) & (state[target[arc]] == 0)
    return found


_block = numba.njit(philox)


@numba.njit(nogil=True)
def _philox_blocks(n: int, seed: Any) -> Any:
    """Sum of the first words of n blocks."""
    total, zero = np.uint64(0), np.uint64(0)
    for at in range(n):
        total += _block(np.uint64(at), np.uint64(7), zero, zero, seed, zero)[0]
    return total


def limit(people: int, ties: int, threads: list[int], repeats: int = 5) -> list[Row]:
    """Million arcs a second on so many threads, with as many random arcs as people times ties."""
    n_arcs = min(people * ties, MOST_ARCS)
    rng = np.random.default_rng(1)
    target = rng.integers(0, people, n_arcs, dtype=np.int32)
    state = (rng.random(people) < 0.5).astype(np.uint8)
    _stream(target, state, 0, 100, np.uint32(1))
    rows = []
    for count in threads:
        bounds = [n_arcs * part // count for part in range(count + 1)]
        with ThreadPoolExecutor(count) as pool:
            seconds = min(_pass(pool, target, state, bounds, repeat) for repeat in range(repeats))
        subject = "1 thread" if count == 1 else f"{count} threads"
        rows.append(Row("limit", subject, people, "arcs per second", n_arcs / seconds / 1e6, "M/s", f"{n_arcs:,} arcs"))
    return rows


def _pass(pool: ThreadPoolExecutor, target: Any, state: Any, bounds: list[int], repeat: int) -> float:
    """Seconds of one pass over all arcs: CPU on one thread, wall on several. Small graphs are passed many times."""
    times = max(1, 4_000_000 // len(target))
    clock = time.process_time if len(bounds) == 2 else time.perf_counter
    began = clock()
    for turn in range(times):
        seed = np.uint32(1 + repeat * times + turn)
        parts = [pool.submit(_stream, target, state, low, high, seed) for low, high in pairwise(bounds)]
        assert sum(part.result() for part in parts) > 0
    return (clock() - began) / times


def philox_blocks(blocks: int = 20_000_000) -> list[Row]:
    """Million Philox4x32-10 blocks a second on one core, four uniforms each."""
    _philox_blocks(10, np.uint64(1))
    seconds = []
    for seed in range(3):
        began = time.process_time()
        _philox_blocks(blocks, np.uint64(seed))
        seconds.append(time.process_time() - began)
    return [Row("limit", "Philox", 0, "blocks per second", blocks / min(seconds) / 1e6, "M/s")]
