"""Where the points of a study lie: in the unit cube, one coordinate an axis, to be stretched to each axis's range.

Latin hypercube: McKay, Beckman & Conover 1979. Sobol points: Sobol 1967, with the direction numbers of Joe & Kuo 2008
(scipy), not scrambled, so that they are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Stream, fixed_hash, uniforms

Floats = NDArray[np.float64]
MOST_SOBOL_AXES = 21_201
"""As many as there are direction numbers."""


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
