"""What the user asks in the app: a scenario, uploaded files, and what was changed of them; loaded by the usual loader.

Files come from the browser as bytes. They are written under names of our own into a folder of this session alone, and
no path that a browser sends is ever opened: neither a file's own name nor a path inside an uploaded scenario.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import InputError
from sim.scenario.file import parse, read_text
from sim.scenario.library import find
from sim.scenario.load import Scenario, load_text
from sim.scenario.plans import expected_price
from sim.scenario.settings import changes_by_setting

OWN = "my own scenario file"
"""What is chosen in place of a built-in scenario."""
YOURS = "your-split"
SCENARIO, ROSTER, GRAPH = "scenario", "roster", "graph"
NAMES = {SCENARIO: "scenario.toml", ROSTER: "roster.csv"}
GRAPH_FORMS = (".graphml.gz", ".graphml", ".csv.gz", ".csv", ".tsv.gz", ".tsv", ".txt.gz", ".txt")
"""Endings that say how a graph is to be read; the rest of an uploaded file's name is not used."""
NOT_HERE = "a path in an uploaded scenario is not opened"
POSTS = 3
"""Posts of each creator that a split books, a week apart."""


class Uploads:
    """The files of one session, in a folder that goes with it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="influence-app-")
        self.folder = Path(self._folder.name)
        self.digests: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def keep(self, kind: str, content: bytes | None, name: str = "") -> None:
        """Write what was uploaded as this kind, or take it away (None). name: only its ending is looked at."""
        digest = "" if content is None else hashlib.sha256(content).hexdigest()[:12]
        if digest == self.digests.get(kind, ""):
            return
        if kind in self._names:
            (self.folder / self._names.pop(kind)).unlink(missing_ok=True)
            del self.digests[kind]
        if content is not None:
            ending = next((form for form in GRAPH_FORMS if name.lower().endswith(form)), ".csv")
            own = NAMES.get(kind, f"{GRAPH}{ending}")
            (self.folder / own).write_bytes(content)
            self._names[kind], self.digests[kind] = own, digest

    def name(self, kind: str) -> str | None:
        """The name, of our own, that the upload of this kind has in the folder."""
        return self._names.get(kind)

    def without_folder(self, text: str) -> str:
        """A text that does not tell where the folder is."""
        return text.replace(f"{self.folder}{os.sep}", "").replace(str(self.folder), "")


@dataclass(frozen=True)
class Question:
    """A choice of scenario with what was changed.

    changes: by dotted path; shares: of the budget, by tier; setting: which of the scenario's own ("": the first).
    """

    choice: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    budget: float | None = None
    shares: Mapping[str, float] = field(default_factory=dict)
    setting: str = ""


def settings_of(choice: str, uploads: Uploads) -> list[str]:
    """Names of the settings of a chosen scenario that loads; none where a roster takes the place of its creators."""
    _, path, raw = _read(choice, uploads)
    return [] if _only_splits(choice, uploads) else list(changes_by_setting(raw, path))


def base_scenario(choice: str, uploads: Uploads, setting: str = "") -> Scenario:
    """The scenario before anything is changed, with the uploaded files in it. InputError as on the command line."""
    text, path, raw = _read(choice, uploads)
    graph, roster = _graph_changes(uploads), _roster_changes(raw, uploads)
    if _only_splits(choice, uploads):
        return load_text(text, path, (), {}, graph, "an upload", uploads.folder / NAMES[ROSTER])
    first = load_text(text, path, (), {}, {**graph, **roster}, "an upload")
    if not setting:
        return first
    changes = {**graph, **roster, **changes_by_setting(raw, path)[setting]}
    return load_text(text, path, (), {}, changes, f"setting {setting}")


def asked_scenario(question: Question, uploads: Uploads, base: Scenario) -> Scenario:
    """The scenario as it is asked now. base: the same without the changes. InputError as on the command line."""
    text, path, raw = _read(question.choice, uploads)
    changes = {**_graph_changes(uploads), **_roster_changes(raw, uploads)}
    setting = changes_by_setting(raw, path)[question.setting] if question.setting else {}
    own = [] if _only_splits(question.choice, uploads) else raw.get("plan", [])
    if question.budget is not None:
        plans = [_split_plan(YOURS, question.budget, question.shares)]
        if not own:
            plans += [_split_plan(f"all-{tier}", question.budget, {tier: 1.0}) for tier in tiers_of(base)
                      if len(tiers_of(base)) > 1 and _buys(base, tier, question.budget)]  # fmt: skip
        changes["plan"] = [*own, *plans]
    elif not own:
        raise InputError(
            "no plan to run",
            key="plan",
            expected="creators of some tier (the smallest begins at 1,000 followers) and a budget",
        )
    return load_text(text, path, (), {}, {**changes, **setting, **question.changes}, "the app")


def tiers_of(scenario: Scenario) -> list[str]:
    """Tiers that some creator of the scenario is of, the smallest first."""
    tiers = sorted(scenario.tiers, key=lambda tier: scenario.tiers[tier])
    return [tier for tier in tiers if _members(scenario, tier)]


def _members(scenario: Scenario, tier: str) -> list[str]:
    low, high = scenario.tiers[tier]
    return [handle for handle, creator in scenario.creators.items() if low <= creator.followers < high]


def _buys(scenario: Scenario, tier: str, budget: float) -> bool:
    """Whether the budget pays for a post by somebody of this tier."""
    creators = (scenario.creators[handle] for handle in _members(scenario, tier))
    return any(expected_price(one, scenario.rates, scenario.market.usd_rate) <= budget for one in creators)


def _split_plan(name: str, budget: float, shares: Mapping[str, float]) -> dict[str, Any]:
    return {"name": name, "budget": budget, "split": dict(shares), "posts": POSTS}


def _read(choice: str, uploads: Uploads) -> tuple[str, Path, Mapping[str, Any]]:
    """Text, place and tables of the chosen file. The place is in the session's folder, where uploads are found."""
    if choice != OWN:
        path = uploads.folder / f"{choice}.toml"
        text = read_text(find(choice))
    elif SCENARIO in uploads.digests:
        path = uploads.folder / NAMES[SCENARIO]
        text = read_text(path)
    else:
        raise InputError("nothing uploaded yet", key=OWN, expected="a scenario file (.toml)")
    raw = parse(text, path)
    for kind, section, key in ((ROSTER, "creators", "roster"), (GRAPH, "society", "graph")):
        table = raw.get(section)
        if isinstance(table, dict) and key in table and kind not in uploads.digests:
            raise InputError(NOT_HERE, file=path, key=f"{section}.{key}", value=str(table[key]),
                             expected=f"the {kind} itself, uploaded beside the scenario")  # fmt: skip
    return text, path, raw


def _only_splits(choice: str, uploads: Uploads) -> bool:
    """Whether an uploaded roster takes the place of the creators that the scenario's own plans book."""
    if ROSTER not in uploads.digests:
        return False
    _, _, raw = _read(choice, uploads)
    return "roster" not in (raw.get("creators") or {})


def _roster_changes(raw: Mapping[str, Any], uploads: Uploads) -> dict[str, Any]:
    if ROSTER not in uploads.digests:
        return {}
    listed: dict[str, Any] = {} if "roster" in (raw.get("creators") or {}) else {"creator": []}
    return {**listed, "creators.roster": uploads.name(ROSTER)}


def _graph_changes(uploads: Uploads) -> dict[str, Any]:
    """A given graph has its own people and ties, and each node is one person."""
    if GRAPH not in uploads.digests:
        return {}
    generated = {"society.people": None, "society.worlds": None, "society.peer_ties": 40.0}
    return {"society.graph": uploads.name(GRAPH), **generated, "market.population": None}
