"""Ratios of what one run of the study measured: the figures that carry over to another machine."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from measured_rows import Row, note_of, sizes_of, value_of

SPEED, MEMORY = "agent-days per second", "peak memory"
SURE = 4.0
"""Standard errors by which two mean cascade sizes may differ."""
SMALLEST_FOR_GROWTH, LARGEST_EXTRAPOLATED = 100_000, 1_000_000
"""Below, fixed costs rule; above, societies have fewer ties."""


def ratios(rows: Sequence[Row]) -> list[Row]:
    """All ratios that the rows allow."""
    return [*_campaign(rows), *_left_to_gain(rows), *_growth(rows), *_cascade(rows)]


def extrapolated(rows: Sequence[Row], sizes: Sequence[int]) -> list[Row]:
    """Run time and memory of the two Mesa models at sizes that were not measured.

    Run time stays in proportion to the people, as at the largest size measured, which flatters them: a larger model
    is a little slower for each. Memory lies on the line through the two largest sizes measured.
    """
    made = []
    for subject in ("ordinary Mesa", "Mesa engine"):
        known = sizes_of(rows, "plan", subject, SPEED)
        for size in (size for size in sizes if known and known[-1] < size <= LARGEST_EXTRAPOLATED):
            note, factor = f"extrapolated from {known[-1]:,} people", size / known[-1]
            for quantity, unit, power in (("run", "s", 1), ("run CPU", "s", 1), (SPEED, "1/s", 0)):
                value = value_of(rows, "plan", subject, known[-1], quantity)
                if value is not None:
                    made.append(Row("plan", subject, size, quantity, value * factor**power, unit, note))
            if len(known) > 1:
                memory = [value_of(rows, "plan", subject, at, MEMORY) or 0.0 for at in known[-2:]]
                each = (memory[1] - memory[0]) / (known[-1] - known[-2])
                made.append(Row("plan", subject, size, MEMORY, memory[1] + each * (size - known[-1]), "MB", note))
    return made


def _campaign(rows: Sequence[Row]) -> Iterator[Row]:
    for subject in ("ordinary Mesa", "Mesa engine"):
        for size in sizes_of(rows, "plan", subject, SPEED):
            for quantity, above, below in ((SPEED, "kernel", subject), (MEMORY, subject, "kernel")):
                top, bottom = (value_of(rows, "plan", who, size, quantity) for who in (above, below))
                if top and bottom:
                    note = note_of(rows, "plan", subject, size)
                    yield Row("ratio", f"{quantity}: {above} / {below}", size, "ratio", top / bottom, "x",
                              note if note.startswith("extrapolated") else "")  # fmt: skip


def _left_to_gain(rows: Sequence[Row]) -> Iterator[Row]:
    """Run time in units of the time in which the machine could look at each tie once."""
    for size in sizes_of(rows, "plan", "kernel", "run CPU"):
        cpu, ties = (value_of(rows, "plan", "kernel", size, quantity) for quantity in ("run CPU", "ties"))
        speed = value_of(rows, "limit", "1 thread", size, "arcs per second")
        if cpu and ties and speed:
            yield Row("ratio", "kernel's run time / one look at each tie at the machine's limit", size, "ratio",
                      cpu * speed * 1e6 / ties, "x")  # fmt: skip


def _growth(rows: Sequence[Row]) -> Iterator[Row]:
    """Exponent g of run time ~ people^g, as measured and with each run time in units of the machine's own."""
    sizes = [size for size in sizes_of(rows, "plan", "kernel", "run CPU") if size >= SMALLEST_FOR_GROWTH]
    if len(sizes) < 2:
        return
    times = {size: value_of(rows, "plan", "kernel", size, "run CPU") or math.nan for size in sizes}
    machine = {size: value_of(rows, "limit", "1 thread", size, "arcs per second") or math.nan for size in sizes}
    span = f"{sizes[0]:,} to {sizes[-1]:,} people"
    yield Row("ratio", "growth exponent of the kernel's run time", sizes[-1], "exponent", slope(sizes, times), "", span)
    net = {size: times[size] * machine[size] for size in sizes}
    yield Row("ratio", "growth exponent, run time in units of the machine's limit", sizes[-1], "exponent",
              slope(sizes, net), "", span)  # fmt: skip


def slope(sizes: Sequence[int], values: dict[int, float]) -> float:
    """Slope of ln value over ln size by least squares."""
    x, y = [math.log(size) for size in sizes], [math.log(values[size]) for size in sizes]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return above / sum((a - mean_x) ** 2 for a in x)


def _cascade(rows: Sequence[Row]) -> Iterator[Row]:
    for name in dict.fromkeys(row.subject for row in rows if row.part == "cascade"):
        for size in sizes_of(rows, "cascade", name, "best time"):
            own, other = (value_of(rows, "cascade", who, size, "best time") for who in ("this project", name))
            if name != "this project" and own and other:
                yield Row("ratio", f"time per cascade: {name} / this project", size, "ratio", other / own, "x",
                          agreement(rows, name, size))  # fmt: skip


def agreement(rows: Sequence[Row], name: str, size: int) -> str:
    """Whether a tool's mean cascade size is this project's."""
    own, other = (value_of(rows, "cascade", who, size, "mean size") for who in ("this project", name))
    errors = [value_of(rows, "cascade", who, size, "standard error") for who in ("this project", name)]
    if own is None or other is None or None in errors:
        return "too few cascades to compare sizes"
    apart = abs(own - other) / math.hypot(*(error or 0.0 for error in errors))
    verdict = "agree" if apart <= SURE else "DISAGREE: not the same model"
    return f"mean sizes {other:,.0f} and {own:,.0f} {verdict} ({apart:.1f} standard errors apart)"
