"""Platforms: which numbers each one changes, how a scenario's numbers are resolved, and the formats of posts.

Default < platform preset < the scenario's own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.errors import InputError, nearest_match
from sim.parameters import ASSUMPTION, PARAMETERS, Rates


@dataclass(frozen=True)
class Preset:
    """What a platform changes, with the source of each number."""

    values: Mapping[str, float]
    sources: Mapping[str, str]


PRESETS: Mapping[str, Preset] = {
    "instagram": Preset({}, {}),
    "tiktok": Preset(
        {"recommended_share": 0.85, "half_life_hours": 24.0, "rank_exponent": 0.8},
        {
            "recommended_share": "85 % of the views of 31,059 posts came from the For You feed (quso.ai)",
            "half_life_hours": "sources conflict: 13 h (Shortimize 2026) to 5.5 d (Trendpop), both derived",
            "rank_exponent": ASSUMPTION,
        },
    ),
    "youtube": Preset(
        {"half_life_hours": 192.0, "recommended_share": 0.70},
        {
            "half_life_hours": "8 d, range 5-10 d (Graffius); 6 d (TubeMogul 2010)",
            "recommended_share": "70 % of watch time comes from recommendations (company statement, CES 2018)",
        },
    ),
    "threads": Preset(
        {"half_life_hours": 8.0, "recommended_share": 0.50},
        {
            "half_life_hours": "assumption; of 300 posts shown a third was 6-12 h old (Sherwood News 2024)",
            "recommended_share": "assumption; as X, whose feed is half out of network (Twitter Engineering 2023)",
        },
    ),
}


@dataclass(frozen=True)
class ResolvedRates:
    """The numbers of a scenario and, for each, where it came from."""

    rates: Rates
    origins: Mapping[str, str]


def resolve(preset: str, overrides: Mapping[str, Any], origins: Mapping[str, str]) -> ResolvedRates:
    """Default < platform preset < the scenario's [parameters], each value checked against its range.

    ``origins`` says for each overridden name where it was set (a file or the command line).
    Raises InputError for an unknown preset or name, a value that is not a number, or one out of range.
    """
    if preset not in PRESETS:
        raise InputError("unknown platform preset", key="platform.preset", value=preset,
                         expected=f"one of {', '.join(PRESETS)}", nearest=nearest_match(preset, PRESETS))  # fmt: skip
    values = {name: p.default for name, p in PARAMETERS.items()}
    where = dict.fromkeys(PARAMETERS, "default")
    for name, value in PRESETS[preset].values.items():
        values[name], where[name] = value, f"platform preset {preset}"
    for name, value in overrides.items():
        values[name] = _checked(name, value)
        where[name] = origins.get(name, "scenario")
    return ResolvedRates(Rates(**values), where)


def _checked(name: str, value: Any) -> float:
    key = f"parameters.{name}"
    if name not in PARAMETERS:
        raise InputError("unknown parameter", key=key, nearest=nearest_match(name, PARAMETERS),
                         expected="a name listed by `influence glossary`")  # fmt: skip
    p = PARAMETERS[name]
    if isinstance(value, str):
        raise InputError(
            "not a number but text", key=key, value=value, expected=f"{p.low:g} to {p.high:g}, without quotes"
        )
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
        raise InputError("not a finite number", key=key, value=value, expected="a number")
    if not p.low <= value <= p.high:
        raise InputError("out of range", key=key, value=value, expected=f"{p.low:g} to {p.high:g} {p.unit}")
    if name == "trust_on_purchase" and value not in (0, 1, 2):
        raise InputError("not a whole power", key=key, value=value, expected="0, 1 or 2")
    return float(value)


# --- formats -----------------------------------------------------------------------------------------------

FORMATS = ("post", "reel", "story", "video", "live")
"""What a deal's posts may be; "post" is what every other rate holds for."""
ONE_DAY = ("story", "live")
"""Formats that are gone on the next day and are not recommended to strangers: a rule of the platforms, not a rate."""


def format_rate(rates: Rates, form: str, aspect: str) -> float:
    """What a format changes (reach, life, recommended, click, persuasion, price), as a multiple of a plain post's."""
    return float(getattr(rates, f"{form}_{aspect}", 1.0))
