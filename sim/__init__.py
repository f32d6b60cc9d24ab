"""influence-sim: how influence spreads from creators to followers and on through their friends.

    import sim
    answer = sim.compare("ten-micros-vs-one-celebrity")

Names are loaded when first used; importing this package runs nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "load": "sim.api",
    "scenarios": "sim.api",
    "compare": "sim.api",
    "compare_settings": "sim.api",
    "explain": "sim.api_studies",
    "split": "sim.api_studies",
    "sweep": "sim.api_studies",
    "sensitivity": "sim.api_studies",
    "calibrate": "sim.api_studies",
    "Store": "sim.studies.store",
    "Study": "sim.studies.study",
    "Axis": "sim.studies.study",
    "select": "sim.api_studies",
    "Terms": "sim.studies.splits",
    "Wishes": "sim.studies.candidates",
    "cascade": "sim.api",
    "replay": "sim.api",
    "run": "sim.api",
    "build_world": "sim.api",
    "model": "sim.api",
    "make_campaign": "sim.engine.booking",
    "simulate": "sim.engine.simulate",
    "InfluenceModel": "sim.engine.model",
    "Creator": "sim.engine.agents",
    "Follower": "sim.engine.agents",
    "PARAMETERS": "sim.parameters",
    "Rates": "sim.parameters",
    "METRICS": "sim.results.measures",
    "InfluenceError": "sim.errors",
    "InputError": "sim.errors",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    importlib.import_module("sim.notebook")  # results then know how they are shown
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
