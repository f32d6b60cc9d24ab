"""Where the points of a study lie: in the unit cube, one coordinate an axis, to be stretched to each axis's range.

Latin hypercube: McKay, Beckman & Conover 1979. Sobol points: Sobol 1967, with the direction numbers of Joe & Kuo 2008
(scipy), not scrambled, so that they are the same everywhere. Trajectories: Morris 1991. Radial rows: Saltelli 2010.
The rows of the last two lie in the order in which SALib's analyses expect them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Stream, fixed_hash, uniforms

Floats = NDArray[np.float64]
MOST_SOBOL_AXES = 21_201
"""As many as there are direction numbers."""
LEVELS = 4
"""Places of a trajectory along an axis: 0, 1/3, 2/3, 1. A step is half of them, from one third to the next but one."""
WORD = 2.0**32
"""Sobol points are multiples of 1 / WORD."""


def latin_hypercube(n: int, axes: Sequence[str], seed: int) -> Floats:
    """n points (n, axes): along each axis, one in each of n strata of equal width, at a random place within it.

    An axis is drawn by its name, so that another axis beside it moves nothing.
    """
    points, columns = np.arange(n), []
    for axis in axes:
        order, jitter, *_ = uniforms(seed, 0, Stream.DESIGN, person=points, post=fixed_hash(f"axis|{axis}", bits=32))
        stratum = np.empty(n)
        stratum[np.argsort(order, kind="stable")] = points
        columns.append((stratum + jitter) / n)
    return np.stack(columns, axis=1)


def sobol(n: int, n_axes: int) -> Floats:
    """The first n Sobol points (n, axes), the corner of zeros being the first; a power of two fills the cube evenly."""
    from scipy.stats.qmc import Sobol  # takes a while to import

    sequence = Sobol(n_axes, scramble=False).random_base2(max(0, n - 1).bit_length())
    return np.asarray(sequence[:n], dtype=np.float64)


def shifted_sobol(n: int, axes: Sequence[str], seed: int) -> Floats:
    """The first n Sobol points (n, axes) with each axis's digits flipped by a mask that is drawn by the axis's name.

    The flip keeps the points as even as they were, and moves the first two off the diagonal, where all coordinates
    are equal and two halves of a row would be the same point.
    """
    masks = np.array([_mask(seed, axis) for axis in axes], dtype=np.uint64)
    digits = np.floor(sobol(n, len(axes)) * WORD).astype(np.uint64)
    return (digits ^ masks).astype(np.float64) / WORD


def _mask(seed: int, axis: str) -> int:
    drawn, *_ = uniforms(seed, 0, Stream.DESIGN, post=fixed_hash(f"shift|{axis}", bits=32))
    return int(drawn[0] * WORD)


def saltelli(base: Floats) -> Floats:
    """Rows for first-order and total indices: of each base point (n, 2 axes) A, then A with one axis of B each, then B.

    Returns (n (axes + 2), axes). Saltelli, Annoni, Azzini, Campolongo, Ratto & Tarantola 2010.
    """
    n, axes = len(base), base.shape[1] // 2
    rows = np.repeat(base[:, None, :axes], axes + 2, axis=1)
    for axis in range(axes):
        rows[:, axis + 1, axis] = base[:, axes + axis]
    rows[:, -1] = base[:, axes:]
    return rows.reshape(n * (axes + 2), axes)


def trajectories(n: int, axes: Sequence[str], seed: int) -> Floats:
    """n trajectories (n (axes + 1), axes): each begins anywhere on the levels and moves every axis once, by two thirds.

    In which order the axes move, from which level and which way is drawn by the name of the axis.
    """
    numbers = np.arange(n)
    drawn = [uniforms(seed, 0, Stream.DESIGN, person=numbers, post=fixed_hash(f"step|{axis}", bits=32))
             for axis in axes]  # fmt: skip
    order = np.argsort(np.stack([one[0] for one in drawn], axis=1), axis=1, kind="stable")
    step = LEVELS // 2
    low = np.stack([np.floor(one[1] * step) for one in drawn], axis=1)
    up = np.stack([one[2] < 0.5 for one in drawn], axis=1)
    levels = np.empty((n, len(axes) + 1, len(axes)))
    levels[:, 0] = np.where(up, low, low + step)
    for place in range(len(axes)):
        levels[:, place + 1] = levels[:, place]
        moved = order[:, place]
        levels[numbers, place + 1, moved] += np.where(up[numbers, moved], step, -step)
    return (levels / (LEVELS - 1)).reshape(-1, len(axes))
