"""Memory: what a run needs is bounded; a question that cannot fit is refused, with a fix, before anything is built."""

from __future__ import annotations

import re
import shutil
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim import ensemble
from sim.engine import arrays, memory
from sim.engine.booking import make_campaign
from sim.engine.compiling import standard_kernel
from sim.engine.memory import Question, available_memory, check_fits, plan_bytes, reading_bytes
from sim.engine.simulate import simulate
from sim.engine.staging import final_campaign
from sim.errors import InputError
from sim.society import arcs, audiences, describe, kept
from sim.society.memory import building_bytes, describing_bytes, society_bytes

SAMPLES = Path(__file__).parents[1] / "samples"
BUILT_IN = "ten-micros-vs-one-celebrity"
GIB = 2**30


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[float], None]:
    """``free(4)``: 4 GiB can be had, on a machine where no society is kept yet."""
    arcs.compiled_loops(), audiences.compiled_loops(), standard_kernel()
    monkeypatch.setenv("INFLUENCE_SIM_CACHE", str(tmp_path / "cache"))

    def have(gib: float) -> None:
        monkeypatch.setattr(memory, "available_memory", lambda: int(gib * GIB))

    return have


def most_at_once(work: Callable[[], Any]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# --- bounds ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("overrides", "times"), [((), 3), (('platform.preset="tiktok"',), 5)])
def test_a_run_stays_below_its_bound(overrides: tuple[str, ...], times: int) -> None:
    scenario = sim.load(BUILT_IN, *overrides, people=50_000)
    world = sim.build_world(scenario)
    simulate(world, make_campaign(scenario, scenario.plans[0], world), scenario.rates, 1)  # compiles
    for plan in scenario.plans:
        campaign = make_campaign(scenario, plan, world)
        arrays._places.clear()
        most = most_at_once(partial(simulate, world, campaign, scenario.rates, 1))
        assert most <= plan_bytes(scenario, plan, "kernel") <= times * most, plan.name


@pytest.mark.full
def test_a_run_with_every_mechanism_stays_below_its_bound() -> None:
    scenario = sim.load(SAMPLES / "everything.toml", people=20_000)
    world = sim.build_world(scenario)
    for plan in scenario.plans:
        campaign = final_campaign(scenario, plan, world)
        arrays._places.clear()
        most = most_at_once(partial(simulate, world, campaign, scenario.rates, 1))
        assert most <= plan_bytes(scenario, plan, "kernel") <= 10 * most, plan.name


def test_a_run_of_agents_stays_below_its_figure() -> None:
    scenario = sim.load(BUILT_IN, people=10_000, days=4)
    world, plan = sim.build_world(scenario), scenario.plan("celebrity")
    campaign = make_campaign(scenario, plan, world)
    most = most_at_once(lambda: simulate(world, campaign, scenario.rates, 1, engine="agents"))
    assert most <= plan_bytes(scenario, plan, "agents") <= 3 * most


def test_describing_a_world_stays_below_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(describe, "SAMPLE", 20)  # people whose circles are looked at one by one
    scenario = sim.load(BUILT_IN, people=30_000)
    world = sim.build_world(scenario)
    most = most_at_once(lambda: describe.describe(scenario, world))
    assert 0.5 * describing_bytes(30_000, 1_200_000) < most < describing_bytes(30_000, 1_200_000)


def test_more_of_anything_needs_more() -> None:
    def needs(workers: int = 1, engine: str = "kernel", replicates: int = 8, **options: int) -> int:
        return Question(sim.load(BUILT_IN, **options), workers, engine, replicates).needs()

    plain = needs(people=1_000_000)
    assert plain > building_bytes(1_000_000, 40_000_000)
    assert needs(people=2_000_000) > 1.8 * (plain - memory.PROCESS)
    assert needs(workers=2, people=1_000_000) > plain + building_bytes(1_000_000, 40_000_000)
    assert needs(engine="agents", people=1_000_000) > 1_200_000_000
    assert needs(replicates=1, people=1_000_000) < plain  # one society, not several


def test_societies_on_disk_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = sim.load(BUILT_IN, people=1_000_000, worlds=1)
    shared = Question(scenario, 4, "kernel", 8, built=True).needs()
    monkeypatch.setenv("INFLUENCE_SIM_CACHE_GIB", "0")
    each = Question(scenario, 4, "kernel", 8, built=True).needs()
    assert each - shared == 3 * society_bytes(1_000_000, 40_000_000)


def test_the_societies_a_process_holds_are_those_the_ensemble_keeps() -> None:
    assert ensemble._society.cache_parameters()["maxsize"] == memory.HELD


def test_as_many_worlds_as_a_process_can_come_to() -> None:
    scenario = sim.load(BUILT_IN, people=20_000, replicates=20, worlds=5)
    stretches = {(1, 20): 5, (2, 20): 4, (5, 20): 2, (20, 20): 1, (1, 3): 3}
    for (workers, replicates), worlds in stretches.items():
        assert Question(scenario, workers, "kernel", replicates)._worlds() == worlds


# --- what is free ------------------------------------------------------------------------------------------


def machine(folder: Path, monkeypatch: pytest.MonkeyPatch, available: str = "8000000 kB") -> Path:
    """A machine with 8 GB free, whose processes are in the group inner of the group outer."""
    (folder / "meminfo").write_text(f"MemTotal: 16000000 kB\nMemAvailable:   {available}\nSwapTotal: 0 kB\n")
    (folder / "own").write_text("0::/outer/inner\n")
    groups = folder / "groups"
    (groups / "outer" / "inner").mkdir(parents=True)
    for name, path in (("MEMINFO", "meminfo"), ("OWN_CGROUP", "own"), ("CGROUPS", "groups")):
        monkeypatch.setattr(memory, name, folder / path)
    return groups


def limit_group(folder: Path, most: str, used: int, files: int = 0) -> None:
    (folder / "memory.max").write_text(f"{most}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {files}\nactive_file 0\n")


def test_free_memory_is_the_machine_s_and_the_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = machine(tmp_path, monkeypatch)
    assert available_memory() == 8_192_000_000
    limit_group(groups / "outer" / "inner", "max", 5)
    assert available_memory() == 8_192_000_000
    limit_group(groups / "outer", "2000000000", 500_000_000, 100_000_000)
    assert available_memory() == 1_600_000_000
    limit_group(groups, "1000", 2000)
    assert available_memory() == 0


@pytest.mark.parametrize("text", ["", "MemAvailable:\n", "MemAvailable: many kB\n"])
def test_where_free_memory_is_not_known_nothing_is_refused(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(tmp_path, monkeypatch)
    (tmp_path / "meminfo").write_text(text)
    assert available_memory() is None
    check_fits(sim.load(BUILT_IN, "market.population=20_000_000", people=16_000_000), 64, "agents")
    (tmp_path / "meminfo").unlink()
    assert available_memory() is None


# --- refusals ----------------------------------------------------------------------------------------------


def refusal(*arguments: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        check_fits(*arguments)
    return caught.value


def test_fewer_workers_are_the_first_advice(free: Callable[[float], None]) -> None:
    scenario = sim.load(BUILT_IN, people=1_500_000)
    needs = [Question(scenario, workers, "kernel", 20).needs() / GIB for workers in (1, 2, 3)]
    free(needs[0] + 0.1)
    error = refusal(scenario, 3, "kernel")
    assert (error.key, error.value) == ("--people", 1_500_000)
    found = re.fullmatch(r"needs ([0-9.]+) GiB of memory in 3 processes, and ([0-9.]+) GiB are free", error.message)
    assert found
    assert needs[2] <= float(found[1]) < needs[2] + 0.1
    assert needs[0] <= float(found[2]) <= needs[0] + 0.1
    advice = re.fullmatch(r"--workers 1, which needs ([0-9.]+) GiB", error.expected or "")
    assert advice
    assert needs[0] <= float(advice[1]) < needs[0] + 0.1
    check_fits(scenario, 1, "kernel")
    free(needs[1])
    assert (refusal(scenario, 3, "kernel").expected or "").startswith("--workers 2,")


@pytest.mark.parametrize("engine", ["kernel", "agents", None])
@pytest.mark.parametrize("workers", [1, 2])
def test_else_the_people_that_fit(engine: str | None, workers: int, free: Callable[[float], None]) -> None:
    free(1.7)
    asked = sim.load(BUILT_IN, "market.population=20_000_000", people=15_000_000)
    found = re.fullmatch(r"--people (\d+) or fewer", refusal(asked, workers, engine).expected or "")
    assert found
    people = int(found[1])
    check_fits(sim.load(BUILT_IN, "market.population=20_000_000", people=people), workers, engine)
    assert refusal(sim.load(BUILT_IN, "market.population=20_000_000", people=int(1.15 * people)), workers, engine)


def test_where_nothing_fits_no_number_is_advised(free: Callable[[float], None]) -> None:
    free(0.2)
    assert refusal(sim.load(BUILT_IN, people=20_000), 1, "kernel").expected == "a machine with more memory"


def test_what_is_on_disk_need_not_be_built(free: Callable[[float], None], monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = sim.load(BUILT_IN, people=1_000_000)
    built, new = (Question(scenario, 1, "kernel", 1, built).needs() for built in (True, False))
    assert built < new
    free((built + new) / 2 / GIB)
    assert refusal(scenario, 1, "kernel", 1)
    monkeypatch.setattr(memory, "has_society", lambda *_: True)
    check_fits(scenario, 1, "kernel", 1)


def test_a_given_graph_s_people_are_fixed(
    free: Callable[[float], None], tmp_path: Path, influence: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (SAMPLES / "campaign.toml").read_text().replace("people = 10_000\nworlds = 2", 'graph = "edges.csv"')
    (tmp_path / "campaign.toml").write_text(text)
    shutil.copy(SAMPLES / "campaign_roster.csv", tmp_path)
    lines = "".join(f"{hub},p{number}\n" for hub in ("star", "anna", "ben.cooks", "cleo") for number in range(40))
    (tmp_path / "edges.csv").write_text("src,dst\n" + lines)
    assert reading_bytes(tmp_path / "edges.csv") == memory.FILE * (8 + len(lines))
    free(0.5)
    assert influence("world", "campaign.toml", "--json").code == 0
    check_fits(sim.load(tmp_path / "campaign.toml"), 1, "kernel")
    assert (refusal(sim.load(tmp_path / "campaign.toml"), 2, "kernel").expected or "").startswith("--workers 1, ")
    free(0.3)
    answer = influence("world", "campaign.toml", "--json")
    error = answer.json()["error"]
    assert (answer.code, error["key"], Path(error["file"]).name) == (2, "society.graph", "edges.csv")
    assert "every node is a person" in answer.err
    assert "at least" in answer.err


def test_a_zipped_graph_is_counted_unzipped(tmp_path: Path) -> None:
    import gzip

    (tmp_path / "e.csv.gz").write_bytes(gzip.compress(b"1,2\n" * 10_000))
    (tmp_path / "e.graphml").write_bytes(b"x" * 1000)
    assert reading_bytes(tmp_path / "e.csv.gz") == memory.FILE * 40_000
    assert reading_bytes(tmp_path / "e.graphml") == memory.GRAPHML * 1000


COMMANDS = [
    ("run", BUILT_IN, "--plan", "celebrity", "--people", "1900000"),
    ("run", BUILT_IN, "--plan", "celebrity", "--people", "1000000", "--engine", "agents"),
    ("world", "--people", "1900000"),
    ("compare", "--people", "1900000", "--workers", "1", "--quiet"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_command_line_refuses_before_anything_is_built(
    words: tuple[str, ...], free: Callable[[float], None], tmp_path: Path, influence: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kept, "generate_society", pytest.fail)
    free(1)
    answer = influence(*words, "--json", "--out", "out")
    error = answer.json()["error"]
    assert (answer.code, error["key"], error["value"]) == (2, "--people", int(words[words.index("--people") + 1]))
    assert answer.err.count("\n") == 1
    assert re.match(r"influence: --people: needs [0-9.]+ GiB of memory, and 1\.0 GiB are free \(got ", answer.err)
    assert re.search(r"expected --people \d+ or fewer$", answer.err.rstrip())
    assert not list(tmp_path.iterdir())


def test_python_users_are_told_the_same(free: Callable[[float], None]) -> None:
    free(1)
    scenario = sim.load(BUILT_IN, people=1_900_000)
    with pytest.raises(InputError, match=r"of memory, and 1\.0 GiB are free"):
        sim.run(scenario, "celebrity")
    with pytest.raises(InputError, match=r"of memory, and 1\.0 GiB are free"):
        ensemble.run_ensemble(scenario, workers=1)


def test_a_finished_ensemble_needs_no_memory(free: Callable[[float], None], tmp_path: Path) -> None:
    scenario = sim.load(SAMPLES / "small.toml", replicates=1)
    first = ensemble.run_ensemble(scenario, workers=1, folder=tmp_path)
    free(0.1)
    again = ensemble.run_ensemble(scenario, workers=1, folder=tmp_path)
    plan = scenario.plans[1].name
    assert np.array_equal(first.runs(plan)[0].run.daily["clicks_drawn"], again.runs(plan)[0].run.daily["clicks_drawn"])
