"""Write the tables of docs/model.md that come from the code: parameters, platform presets and figures.

    python docs/generate_tables.py            rewrite them
    python docs/generate_tables.py --check    exit code 1 where they differ from the code

Each table stands between two marks, ``<!-- parameters:begin -->`` and ``<!-- parameters:end -->``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from sim.mechanisms import MECHANISMS
from sim.parameters import PARAMETERS
from sim.platforms import PRESETS
from sim.results.measures import METRICS, VERDICT_METRICS
from sim.views.markdown import table, with_part

MODEL = Path(__file__).with_name("model.md")


def parameter_table() -> str:
    """Every parameter, in the order of the code, one table a group."""
    parts = []
    for group in dict.fromkeys(p.group for p in PARAMETERS.values()):
        rows = (
            (f"`{p.name}`", p.symbol, f"{p.default:g}", p.unit, f"{p.low:g} to {p.high:g}",
             "" if p.neutral is None else f"{p.neutral:g}", p.meaning, p.source)
            for p in PARAMETERS.values() if p.group == group
        )  # fmt: skip
        heads = ("name", "symbol", "default", "unit", "range", "off at", "meaning", "source")
        parts.append(f"**{group.capitalize()}**\n\n{table(heads, rows)}")
    return "\n\n".join(parts)


def mechanism_table() -> str:
    """What each mechanism is switched off by."""
    rows = (
        (name, ", ".join(f"`{key}` = {PARAMETERS[key].neutral:g}" for key in keys)) for name, keys in MECHANISMS.items()
    )
    return table(("mechanism", "off at"), rows)


def preset_table() -> str:
    """What each platform changes."""
    rows = (
        (name, f"`{key}`", f"{value:g}", preset.sources[key])
        for name, preset in PRESETS.items()
        for key, value in preset.values.items()
    )
    return table(("platform", "parameter", "value", "source"), rows)


def figure_table() -> str:
    """Every figure of an answer; those with a star carry the verdicts that are corrected together."""
    rows = (
        (f"`{m.key}`{' *' if m.key in VERDICT_METRICS else ''}", m.definition, m.unit, m.better or "neither")
        for m in METRICS.values()
    )
    return table(("figure", "definition", "unit", "better"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "mechanisms": mechanism_table,
    "parameters": parameter_table,
    "presets": preset_table,
    "figures": figure_table,
}


def with_tables(text: str) -> str:
    """The text with every marked table written anew. Raises ValueError where a mark is missing."""
    for name, make in TABLES.items():
        text = with_part(text, name, make())
    return text


def main() -> int:
    """Rewrite or check docs/model.md."""
    text = MODEL.read_text(encoding="utf-8")
    renewed = with_tables(text)
    if "--check" in sys.argv[1:]:
        return int(renewed != text)
    MODEL.write_text(renewed, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
