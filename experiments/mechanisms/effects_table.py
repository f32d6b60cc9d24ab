"""The measured effects as tables, and the page with its results written anew."""

from __future__ import annotations

from collections.abc import Sequence

from effects_rows import MANY, ONE, Where, ratio

from sim.parameters import PARAMETERS
from sim.studies.effects import AHEAD, AS_IT_IS, FIGURES, Effect, Measured
from sim.views.markdown import table, with_part

HEADS = (
    "parameter", "neutral", "default", "low", "high", "reach (%)", "engagements (%)", "incremental conversions (%)",
    "ROI (points)", "ten-micros : celebrity", "ahead", "context",
)  # fmt: skip
NOTHING = "-"


def report(effects: Sequence[Effect], circumstances: str) -> str:
    """The figures at the defaults, then one table a group of parameters."""
    parts = [circumstances, _at_the_defaults(effects)]
    for group in dict.fromkeys(p.group for p in PARAMETERS.values()):
        rows = [row_of(effect) for effect in effects if PARAMETERS[effect.parameter].group == group]
        if rows:
            parts.append(f"**{group.capitalize()}**\n\n{table(HEADS, rows)}")
    return "\n\n".join(parts)


def _at_the_defaults(effects: Sequence[Effect]) -> str:
    """The plans' figures in the comparison as it is, where one of the effects was measured there."""
    plain = next((effect.default for effect in effects if effect.context == AS_IT_IS.name), None)
    if plain is None:
        return "Every parameter stands in a context of its own."
    heads = ("plan", "reach", "engagements", "incremental conversions", "ROI", "replicates ahead")
    rows = [
        (plan, *(f"{plain[plan][f]:,.0f}" for f in FIGURES[:-1]), f"{100 * plain[plan]['roi']:.0f} %",
         f"{plain[plan][AHEAD]:.0f}")
        for plan in (MANY, ONE)
    ]  # fmt: skip
    return "At the defaults:\n\n" + table(heads, rows)


def row_of(effect: Effect) -> tuple[str, ...]:
    """One parameter's row: what its ends do to the figures of ten micros, and to the ratio of the plans."""
    p = PARAMETERS[effect.parameter]
    changes = (_ends([_percent(effect.change(end, MANY, figure)) for end in ("low", "high")]) for figure in FIGURES)  # type: ignore[arg-type]
    places: tuple[Where, ...] = ("low", "default", "high")
    return (
        f"`{p.name}`",
        NOTHING if p.neutral is None else f"{p.neutral:g}",
        f"{p.default:g}",
        f"{p.low:g}",
        f"{p.high:g}",
        *changes,
        _ends([_ratio(ratio(effect, where)) for where in places]),
        _ends([_ahead(getattr(effect, where)) for where in places]),
        "" if effect.context == AS_IT_IS.name else effect.context,
    )


def _ends(cells: Sequence[str]) -> str:
    return NOTHING if set(cells) == {NOTHING} else " / ".join(cells)


def _percent(change: float | None) -> str:
    """In percent or points; 0 means to the bit, 0.0 that it is less than is shown."""
    if change is None:
        return NOTHING
    if change == 0.0:
        return "0"
    shown = 100.0 * change
    if abs(shown) < 0.05:
        return "0.0"
    return f"{shown:+.1f}" if abs(shown) < 9.95 else f"{float(f'{shown:.3g}'):+,.0f}"


def _ratio(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:.2f}" if value < 9.95 else f"{float(f'{value:.3g}'):,.0f}"


def _ahead(measured: Measured | None) -> str:
    return NOTHING if measured is None else f"{measured[MANY][AHEAD]:.0f}"


def with_results(page: str, results: str) -> str:
    """The page with its results written anew. Raises ValueError where a mark is missing."""
    return with_part(page, "effects", results)
