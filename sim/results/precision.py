"""Replicates added until differences are known well enough: when to look, how sure each look is, when to stop.

A rule that looks again and again stops too early by luck, and an interval of the usual level at the look that stopped
holds the truth too seldom. So the 5 % are shared out equally among all looks that there may be (by Bonferroni, which
holds whatever hangs together): the chance that any interval of any look is wrong is at most 5 %, and so is that of the
look that is shown, by whatever rule it was chosen. These are repeated confidence intervals.

Sources: Chow & Robbins 1965 (fixed width); Pocock 1977 (the same level at each look); Lan & DeMets 1983 (spending a
level); Jennison & Turnbull 1989 (repeated confidence intervals).
"""

from __future__ import annotations

import hashlib
import numbers
from dataclasses import dataclass

from sim.ensemble import model_hash
from sim.errors import InputError
from sim.scenario.load import Scenario

PRECISE_METRICS = ("reach", "engagements", "incremental_conversions")
"""The figures whose differences are to be known well enough."""

MOST_REPLICATES = 1_280
"""Looks go no further; a scenario that asks for more replicates has one look, at its own number."""


@dataclass(frozen=True)
class Width:
    """Half the width of the interval of plan a minus plan b in one figure, and the larger of the two plans' means.

    b is "none" where a is the only paid plan: then it is a's own figure. half_width is None for one replicate.
    """

    a: str
    b: str
    metric: str
    half_width: float | None
    larger_mean: float

    def within(self, precision: float) -> bool:
        """Whether half the width is at most this share of the larger mean."""
        return self.half_width is not None and self.half_width <= precision * self.larger_mean

    @property
    def share(self) -> float | None:
        """Half the width as a share of the larger mean; None where that is 0."""
        return None if self.half_width is None or self.larger_mean == 0 else self.half_width / self.larger_mean


@dataclass(frozen=True)
class Precision:
    """What was asked and what came of it.

    asked: share of the larger mean. looks: replicates at each look that was made, of at most ``most_looks``;
    confidence: of every interval at each look, so that all of them together hold with 95 %.
    """

    asked: float
    reached: bool
    looks: tuple[int, ...]
    most_looks: int
    confidence: float
    widths: tuple[Width, ...]


def check_precision(asked: object, key: str = "precision") -> float:
    """``asked`` as a number above 0 and not above 1; InputError naming ``key`` otherwise."""
    if isinstance(asked, numbers.Real) and not isinstance(asked, bool) and 0.0 < float(asked) <= 1.0:
        return float(asked)
    per_cent = isinstance(asked, numbers.Real) and 1.0 < float(asked) <= 100.0
    raise InputError("out of range", key=key, value=asked, expected="a share above 0 and at most 1, like 0.1 for 10 %",
                     nearest=f"{float(asked) / 100.0:g}" if per_cent else None)  # type: ignore[arg-type]  # fmt: skip


def first_look(scenario: Scenario) -> Scenario:
    """The scenario with the replicates of the first look: its own, but at least two and one for each society."""
    societies = scenario.with_replicates(MOST_REPLICATES).worlds
    return scenario.with_replicates(max(2, societies, scenario.run.replicates))


def looks(first: int) -> list[int]:
    """Replicates at each look there may be: doubled each time, up to ``MOST_REPLICATES``."""
    found = [first]
    while 2 * found[-1] <= MOST_REPLICATES:
        found.append(2 * found[-1])
    return found


def question_digest(scenario: Scenario, precision: float | None) -> str:
    """Twelve hexadecimal digits that name a comparison: those of its scenario, or of it and of the precision asked.

    The replicates that it takes do not count, for they follow from the rest.
    """
    if precision is None:
        return scenario.digest(model_hash())
    text = f"{first_look(scenario).digest(model_hash())} precision {precision!r}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
