"""Machine code is made once, ahead of the first run, and again whenever what it is made from has changed."""

from __future__ import annotations

import inspect
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import sim.compiling
from sim.engine.ahead import MOST_PARTS, PARTS
from sim.engine.compiling import ENTRIES, SOURCES, is_compiled, kernel_cache, standard_kernel

# --- where it is kept --------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", [*SOURCES, sim.compiling], ids=lambda module: module.__name__)
def test_another_source_is_another_folder(changed: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    before, read = kernel_cache(), inspect.getsource
    assert kernel_cache() == before
    monkeypatch.setattr(inspect, "getsource", lambda module: read(module) + ("# more\n" if module is changed else ""))
    assert kernel_cache() != before
    assert kernel_cache().parent == before.parent


@pytest.mark.parametrize("package", ["numba", "numpy", "python", "machine"])
def test_another_version_is_another_folder(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, read = kernel_cache(), metadata.version
    if package == "python":
        monkeypatch.setattr(platform, "python_version", lambda: "3.99.0")
    elif package == "machine":
        monkeypatch.setattr(platform, "machine", lambda: "abacus")
    else:
        monkeypatch.setattr(metadata, "version", lambda name: read(name) + ("0" if name == package else ""))
    assert kernel_cache() != before


def test_all_that_is_compiled_stands_in_the_sources() -> None:
    named = {module.__name__ for module in SOURCES}
    functions = {name: loop.py_func for name, loop in vars(standard_kernel()).items() if hasattr(loop, "py_func")}
    assert functions.keys() >= set(ENTRIES)
    assert {function.__module__ for function in functions.values()} <= named


def test_an_empty_cache_holds_no_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFLUENCE_SIM_CACHE", str(tmp_path))
    assert not is_compiled()


def test_every_entry_is_in_one_part() -> None:
    assert sorted(name for part in PARTS for name in part) == sorted(ENTRIES)
    assert len(PARTS) == MOST_PARTS


# --- ahead of the first run --------------------------------------------------------------------------------

REAL_RUNS = """
import sys

import sim

LIVELY = [f"parameters.{name}={value}" for name, value in {
    "talk_rate": 0.9, "conversion_rate": 0.6, "base_visit": 0.05, "unfollow_rate": 1.0, "follow_rate": 0.5,
    "share_rate": 0.1, "need_share": 0.9, "click_rate": 0.5, "reach": 0.8}.items()]


def run(path, *overrides, **options):
    scenario = sim.load(path, *LIVELY, *overrides, **options)
    world = sim.build_world(scenario)
    for plan in scenario.plans:
        campaign = sim.make_campaign(scenario, plan, world)
        plain = sim.simulate(world, campaign, scenario.rates, 7)
        other = sim.simulate(world, campaign, scenario.rates, 7, 0, range(0, world.n_people, 3), threads=2)
    assert plain.daily["engagements_drawn"].tolist() == other.daily["engagements_drawn"].tolist()
    assert len(other.events) > 50
    for name in ("conversions_drawn", "followers_lost", "good_reports", "impressions_word", "impressions_reshared"):
        assert plain.total(name) > 0, name
    return plain


small, one_niche, graph = sys.argv[1:]
assert run(small).total("followers_gained") > 0
run(small, 'market.regions=["north", "south"]')
run(one_niche)
for _ in range(2):  # built, then mapped from the disk
    run(small, "market.population=40_000", people=26_000, days=3)
run(graph)
"""

BOOKED = """
[run]
days = 6
[[creator]]
handle = "1"
followers = 400
[[creator]]
handle = "2"
followers = 300
[[plan]]
name = "both"
deals = [{creator = "1", posts = 2, every = 2}, {creator = "2", posts = 3, every = 2, disclosed = false}]
"""


def machine_code(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.glob("kernel-*/**/*.nbc")}


def python(folder: Path, *arguments: str) -> Any:
    """A process whose cache is ``folder``."""
    return subprocess.Popen([sys.executable, *arguments], env={**os.environ, "INFLUENCE_SIM_CACHE": str(folder)},
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip


@pytest.mark.full
def test_what_is_compiled_ahead_is_all_that_a_real_run_needs(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    cache = tmp_path / "cache"
    ahead = "from sim.engine.ahead import compile_ahead; compile_ahead({}, 2)"
    for process in [python(cache, "-c", ahead.format(part)) for part in (0, 1)]:
        told = process.communicate(timeout=300)[0]
        assert process.returncode == 0, told
    found = machine_code(cache)
    assert all(any(f".{name}-" in file for file in found) for name in ENTRIES)
    asked = python(cache, "-c", "from sim.engine.compiling import is_compiled; print(is_compiled())")
    assert asked.communicate(timeout=300)[0].split() == ["True"]

    arcs = [(a, (a * k + k * k) % 400) for a in range(400) for k in range(1, 25)]
    (tmp_path / "edges.csv").write_text("src,dst\n" + "".join(f"{a},{b}\n" for a, b in arcs if a != b))
    (tmp_path / "graph.toml").write_text('[society]\ngraph = "edges.csv"\n' + BOOKED)
    (tmp_path / "one-niche.toml").write_text("[market]\npopulation = 2_000\n[society]\npeople = 2_000\n" + BOOKED)
    scenarios = [str(request.config.rootpath / "tests/samples/small.toml"),
                 str(tmp_path / "one-niche.toml"), str(tmp_path / "graph.toml")]  # fmt: skip
    real = python(cache, "-c", REAL_RUNS, *scenarios)
    told = real.communicate(timeout=300)[0]
    assert real.returncode == 0, told
    assert machine_code(cache) - found == set()
