"""The examples of docs/examples, on real data that is not part of the project: skipped where it is absent."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
DATA = ROOT.parent / "shared" / "data"
CREATORS, EDGES = "instagram_creators_2019.csv.gz", "twitter_brand_followers.csv.gz"

pytestmark = pytest.mark.full

Make = Callable[[str, str], Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Runs an example on a file of real data and returns the scenario that it wrote."""

    def run(script: str, table: str) -> Path:
        if not (DATA / table).is_file():
            pytest.skip(f"{table} is not here: the example needs real data, which is no part of the project")
        printed = _python(EXAMPLES / script, DATA / table, tmp_path / "made")
        assert printed.strip() == f"influence compare {tmp_path / 'made' / 'scenario.toml'}"
        return tmp_path / "made" / "scenario.toml"

    return run


def _python(*words: object) -> str:
    done = subprocess.run([sys.executable, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _compare(scenario: Path, *options: str) -> dict[str, Any]:
    """What the command line answers, after checking the file as a user would."""
    assert "fine" in _python("-m", "sim.cli", "check", scenario)
    answer: dict[str, Any] = json.loads(
        _python("-m", "sim.cli", "compare", scenario, "--out", "-", "--json", "--quiet", *options)
    )
    return answer


def _rows(table: str) -> list[dict[str, str]]:
    with gzip.open(DATA / table, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_roster_of_real_creators(make: Make) -> None:
    scenario = make("instagram_roster.py", CREATORS)
    world = sim.build_world(str(scenario))
    rows = {row["creator"]: row for row in _rows(CREATORS)}
    measured = [float(rows[handle]["median_likes"]) / float(rows[handle]["followers"]) for handle in world.handles]
    assert len(world.handles) == 11
    assert np.allclose(world.engagement_rate, measured, rtol=1e-6)
    assert np.all(np.diff(world.audience_start) > 60), "audiences of a hundred agents or more are expected"

    answer = _compare(scenario, "--replicates", "2", "--days", "21")
    plans = answer["plans"]
    assert plans["ten-small"]["cost"]["mean"] == plans["one-large"]["cost"]["mean"]
    for plan in ("ten-small", "one-large"):
        assert plans[plan]["reach"]["mean"] > 10_000
        assert plans[plan]["engagements"]["mean"] > 0


def test_a_roster_of_another_niche_and_none(make: Make, tmp_path: Path) -> None:
    make("instagram_roster.py", CREATORS)
    script = EXAMPLES / "instagram_roster.py"
    _python(script, DATA / CREATORS, tmp_path / "food", "--niche", "food")
    assert "fine" in _python("-m", "sim.cli", "check", tmp_path / "food" / "scenario.toml")
    words = [sys.executable, str(script), str(DATA / CREATORS), str(tmp_path / "no"), "--niche", "astronomy"]
    refused = subprocess.run(words, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "too few creators of astronomy" in refused.stderr


def test_a_given_follower_graph(make: Make) -> None:
    scenario = make("follower_graph.py", EDGES)
    followers: dict[str, set[str]] = {}
    for row in _rows(EDGES):
        if row["src"] != row["dst"]:
            followers.setdefault(row["src"], set()).add(row["dst"])
    most = max(followers, key=lambda node: len(followers[node]))
    world = sim.build_world(str(scenario))
    sizes = dict(zip(world.handles, np.diff(world.audience_start).tolist(), strict=True))
    assert sizes == {handle: len(followers[handle]) for handle in world.handles}
    assert most in sizes

    answer = _compare(scenario, "--replicates", "3", "--days", "7")
    plans = answer["plans"]
    assert answer["people_per_agent"] == 1.0
    assert plans["ten-accounts"]["cost"]["mean"] == plans["most-followed"]["cost"]["mean"] == 1000.0
    assert 0 < plans["ten-accounts"]["reach"]["mean"] < plans["most-followed"]["reach"]["mean"] <= answer["people"]
