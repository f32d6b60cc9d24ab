"""Events of recorded people, read off the exposures of a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import (
    CLICK,
    DID_CLICK,
    DID_ENGAGE,
    DID_JOIN,
    DID_LEAVE,
    DID_SHARE,
    ENGAGE,
    LEAVE,
    SHARE,
    TRUST,
    Shown,
)
from sim.parameters import Rates
from sim.record import EVENT_FIELDS, Event

Array = NDArray[Any]

OUTCOMES = ((Event.ENGAGE, DID_ENGAGE, ENGAGE), (Event.CLICK, DID_CLICK, CLICK), (Event.SHARE, DID_SHARE, SHARE),
            (Event.UNFOLLOW, DID_LEAVE, LEAVE))  # fmt: skip
"""Which event an outcome is, and the chance taken."""


class EventLog:
    """What happened to the recorded people, and nobody else."""

    def __init__(self, n_people: int, record: Sequence[int], rates: Rates) -> None:
        self._recorded = np.zeros(n_people if len(record) else 0, np.bool_)
        self._recorded[list(record)] = True
        self._follow_rate = rates.follow_rate
        self._rows: list[Array] = []

    def exposures(self, day: int, shown: Shown, blocks: Array, address: Array) -> None:
        """What recorded people saw today and what they did about it. blocks: see ``deliver``; address: by post."""
        if not len(self._recorded):
            return
        post = np.repeat(address[blocks[:, 0]], blocks[:, 3] - blocks[:, 2])
        kept = np.flatnonzero(self._recorded[shown.person[: len(post)]])
        person, shower, post = shown.person[kept], shown.shower[kept], post[kept]
        outcome, chances = shown.outcome[kept], shown.chances[kept]
        self._add(day, Event.SEE, person, shower, post, chances[:, TRUST])
        for kind, bit, chance in OUTCOMES:
            did = outcome & bit != 0
            self._add(day, kind, person[did], shower[did], post[did], chances[did, chance])
        did = outcome & DID_JOIN != 0
        rate = np.full(int(did.sum()), self._follow_rate)
        self._add(day, Event.FOLLOW, person[did], shower[did], post[did], rate)

    def people(self, day: int, kind: Event, person: Array, value: Array) -> None:
        """Events that have no post."""
        if len(self._recorded) and len(person):
            kept = self._recorded[person]
            self._add(day, kind, person[kept], 0, 0, value[kept])

    def _add(self, day: int, kind: Event, person: Array, shower: Array | int, post: Array | int, value: Array) -> None:
        rows = np.empty(len(person), dtype=EVENT_FIELDS)
        rows["day"], rows["kind"] = day, int(kind)
        rows["person"], rows["shower"], rows["post"], rows["value"] = person, shower, post, value
        self._rows.append(rows)

    def sorted(self) -> NDArray[np.void]:
        """All events in order of (day, person, post, shower, kind)."""
        events = np.concatenate([*self._rows, np.empty(0, dtype=EVENT_FIELDS)])
        events.sort(order=["day", "person", "post", "shower", "kind"])
        return events
