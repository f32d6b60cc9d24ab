"""Segments: groups of people, such as age groups, that differ in activity, skepticism and trust.

Values are relative: they are divided by their mean over the people, so that segments move differences, not levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Stream, uniforms
from sim.scenario.schema import SegmentTable
from sim.society.society import Society, quantiles

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]


@dataclass(frozen=True)
class Segments:
    """Segment of each person (n,), what that makes of activity and skepticism, and the factor of trust by segment.

    spread: activity and expressiveness at evenly spaced quantiles, as ``Society.spread``.
    """

    of: NDArray[np.int16]
    activity: Floats32
    skepticism: Floats32
    trust: Floats
    spread: tuple[Floats, Floats]


def segments_of(society: Society, tables: Sequence[SegmentTable], seed: int) -> Segments:
    """Who is in which segment of a society: drawn by person, with the society's own seed."""
    if not tables:
        none = np.broadcast_to(np.int16(0), society.n_people)
        return Segments(none, society.activity, society.skepticism, np.ones(1), society.spread)
    shares = np.array([table.share for table in tables])
    u = uniforms(seed, 0, Stream.SEGMENT, person=np.arange(society.n_people))[0]
    of = np.searchsorted(np.cumsum(shares / shares.sum())[:-1], u, side="right").astype(np.int16)
    activity = society.activity * _relative(tables, "activity", shares)[of]
    activity = (activity / activity.mean()).astype(np.float32)
    skepticism = np.clip(society.skepticism * _relative(tables, "skepticism", shares)[of], 0.0, 1.0)
    return Segments(of, activity, skepticism.astype(np.float32), _relative(tables, "trust", shares),
                    (quantiles(activity), society.spread[1]))  # fmt: skip


def _relative(tables: Sequence[SegmentTable], name: str, shares: Floats) -> Floats:
    """Values by segment, divided by their mean over the people."""
    values: Any = np.array([getattr(table, name) for table in tables], dtype=np.float64)
    mean = float(values @ shares / shares.sum())
    return np.asarray(values / mean) if mean > 0 else np.ones(len(values))
