"""How far audiences overlap: all of them together, each with any other, each two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

People = NDArray[np.int32]
"""Distinct people."""


def audience_overlap(audiences: Sequence[People]) -> float | None:
    """Share of the audiences' summed sizes that is counted more than once: 1 - union/sum. None for fewer than two."""
    if len(audiences) < 2:
        return None
    together = np.concatenate(audiences)
    return 1.0 - len(np.unique(together)) / len(together)


def shared_followers(audiences: Sequence[People], n_people: int) -> list[float]:
    """Of each audience the share that is in another one, too; 0 of an empty one."""
    times = np.zeros(n_people, dtype=np.uint16)
    for audience in audiences:
        times[audience] += 1
    return [float((times[audience] > 1).mean()) if len(audience) else 0.0 for audience in audiences]


def pair_overlaps(audiences: Sequence[People], n_people: int) -> NDArray[np.float64]:
    """Shared followers ÷ the smaller audience, each with each: (c, c), 1 on the diagonal, 0 where one is empty."""
    found = np.eye(len(audiences))
    for a, audience in enumerate(audiences):
        here = np.zeros(n_people, dtype=bool)
        here[audience] = True
        for b, other in enumerate(audiences[:a]):
            smaller = min(len(audience), len(other))
            found[a, b] = found[b, a] = np.count_nonzero(here[other]) / smaller if smaller else 0.0
    return found
