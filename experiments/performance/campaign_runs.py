"""One plan on the kernel, on the project's Mesa engine and on an ordinary Mesa model; many plans; the command.

The scenario is the same at every size: as many real people as agents, one creator whose audience is 20 % of them and
ten with 2 % each, three posts each a week apart, ten niches, 60 days.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from fresh_process import best_of, peak_memory, peak_memory_of_children
from measured_rows import Row

import sim
from sim.engine.booking import make_campaign
from sim.engine.simulate import simulate
from sim.ensemble import run_ensemble
from sim.mechanisms import only
from sim.record import Source
from sim.society.world import build_society, build_world

N_SMALL, LARGE_SHARE, SMALL_SHARE = 10, 0.2, 0.02
WARM_UP_PEOPLE = 5_000
PLAN = "all"


def scenario_text(people: int, ties: int, days: int, replicates: int = 1) -> str:
    """The scenario as TOML, with plans "large", "small" and "all"."""
    large = [("large", LARGE_SHARE, "")]
    small = [(f"small-{k}", SMALL_SHARE, ', niche = "a"') for k in range(1, N_SMALL + 1)]
    creators = [
        f'    {{ handle = "{handle}", followers = {round(share * people)}, fake_share = 0.0{niche} }},'
        for handle, share, niche in large + small
    ]
    plans = [
        f'[[plan]]\nname = "{name}"\ndeals = [\n'
        + "".join(f'    {{ creator = "{handle}", posts = 3, fee = 100 }},\n' for handle, _, _ in booked)
        + "]\n"
        for name, booked in (("large", large), ("small", small), (PLAN, large + small))
    ]
    return "\n".join([
        "schema = 1", 'name = "performance"', "creator = [", *creators, "]",
        "[market]", f"population = {people}", f"niches = {list('abcdefghij')}".replace("'", '"'),
        "[society]", f"people = {people}", f"peer_ties = {ties}", "worlds = 1",
        "[product]", 'niche = "a"',
        "[run]", f"days = {days}", f"replicates = {replicates}", *plans,
    ])  # fmt: skip


def load_scenario(people: int, ties: int, days: int, replicates: int = 1, *overrides: str) -> Any:
    """The scenario as the library reads it from a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.toml"
        path.write_text(scenario_text(people, ties, days, replicates), encoding="utf-8")
        return sim.load(path, *overrides)


def prepared(people: int, ties: int, days: int) -> tuple[Any, Any, Any, float, float]:
    """Scenario, world and campaign; wall seconds for the society and for the rest of the world."""
    scenario = load_scenario(people, ties, days)
    began = time.perf_counter()
    society = build_society(scenario, 0)
    built = time.perf_counter()
    world = build_world(scenario, 0, society)
    return (scenario, world, make_campaign(scenario, scenario.plan(PLAN), world), built - began,
            time.perf_counter() - built)  # fmt: skip


def run_rows(subject: str, people: int, days: int, wall: float, cpu: float | None, note: str) -> list[Row]:
    """Run time of one plan, people times days per second, and the peak memory of this process.

    The seconds are CPU seconds on one thread (cpu), which other programs hardly disturb, else wall seconds (cpu None).
    """
    return [
        Row("plan", subject, people, "run", wall, "s", note),
        Row("plan", subject, people, "run CPU", cpu, "s"),
        Row("plan", subject, people, "agent-days per second", people * days / (cpu or wall), "1/s"),
        Row("plan", subject, people, "peak memory", peak_memory(), "MB"),
    ]


# --- one plan ----------------------------------------------------------------------------------------------


def compile_once(ties: int, days: int) -> list[Row]:
    """Compile the kernel into the user's cache, so that no measured process does; brings no rows."""
    scenario, world, campaign, _, _ = prepared(WARM_UP_PEOPLE, ties, days)
    simulate(world, campaign, scenario.rates, 1)
    return []


def kernel(people: int, ties: int, days: int, repeats: int, threads: int = 1) -> list[Row]:
    """One plan, warm: everything is compiled on a small society first."""
    subject = "kernel" if threads == 1 else f"kernel, {threads} threads"
    scenario, world, campaign, _, _ = prepared(WARM_UP_PEOPLE, ties, days)
    simulate(world, campaign, scenario.rates, 1, threads=threads)
    scenario, world, campaign, for_society, for_world = prepared(people, ties, days)
    wall, cpu, _ = best_of(repeats, lambda: simulate(world, campaign, scenario.rates, 1, threads=threads))
    note = f"{ties} ties, best of {repeats}"
    rows = run_rows(subject, people, days, wall, cpu if threads == 1 else None, note)
    return [
        Row("plan", subject, people, "society", for_society, "s"),
        Row("plan", subject, people, "world", for_world, "s"),
        Row("plan", subject, people, "ties", float(world.society.n_ties), "ties"),
        *rows,
    ]


EVERYTHING_MARKET = 'regions = ["here", "there"]\nlanguages = ["en", "fr"]\n'
EVERYTHING = """
[[segment]]
name = "young"
share = 0.4
activity = 1.3
skepticism = 0.8
trust = 1.2
[[segment]]
name = "older"
share = 0.6
[parameters]
fake_slope = 0.02
price_premium = 2.0
reservation_share = 0.3
growth_rate = 0.0005
repeat_rate = 0.002
"""
FORMATS = ("post", "reel", "story", "video", "live")


def mechanisms(people: int, ties: int, days: int, repeats: int) -> list[Row]:
    """One plan with every mechanism at work, by the defaults, and with none but organic reach; on one machine state.

    At work are also formats, codes, tags, commissions, hidden ads found out, segments, languages and seeding.
    """
    subjects = {
        "every mechanism": (_with_everything(people, ties, days), None),
        "defaults": (load_scenario(people, ties, days), None),
        "no mechanism": (load_scenario(people, ties, days), ("organic reach",)),
    }
    rows = []
    for name, (scenario, kept) in subjects.items():
        scenario = scenario if kept is None else replace(scenario, rates=only(scenario.rates, *kept))
        world = build_world(scenario)
        campaign = make_campaign(scenario, scenario.plan(PLAN), world)
        simulate(world, campaign, scenario.rates, 1)
        wall, cpu, run = best_of(repeats, partial(simulate, world, campaign, scenario.rates, 1))
        shown = sum(run.total(f"impressions_{source.name.lower()}") for source in Source)
        rows += [
            Row("mechanisms", name, people, "run", wall, "s", f"best of {repeats}"),
            Row("mechanisms", name, people, "run CPU", cpu, "s"),
            Row("mechanisms", name, people, "exposures", float(shown), "agents"),
        ]
    return rows


def _with_everything(people: int, ties: int, days: int) -> Any:
    """The scenario with terms of all kinds in its deals, segments, languages and seeding."""
    text = scenario_text(people, ties, days)
    for number in range(N_SMALL + 1):
        handle = f"small-{number}" if number else "large"
        form = FORMATS[number % len(FORMATS)]
        terms = ", tag = true, code = 0.1, commission = 0.1" if number % 4 else ", disclosed = false, found_out = 20"
        deal = f'creator = "{handle}", posts = 3, fee = '
        text = text.replace(f"{deal}100", f'{deal}"market", format = "{form}"{terms}')
        region = "here" if number % 2 else "there"
        text = text.replace(f'handle = "{handle}"', f'handle = "{handle}", region = "{region}"')
    market = f"population = {people}\n"
    text = text.replace(market, market + EVERYTHING_MARKET).replace("[[plan]]", EVERYTHING + "[[plan]]", 1)
    seeding = f'seeding = {{ people = "random", k = {people // 1000} }}\n'
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenario.toml"
        path.write_text(text + seeding, encoding="utf-8")
        return sim.load(path)


def mesa_engine(people: int, ties: int, days: int, repeats: int) -> list[Row]:
    """The same on the engine of Mesa agents that is the project's specification."""
    scenario, world, campaign, _, _ = prepared(people, ties, days)
    wall, cpu, _ = best_of(repeats, lambda: simulate(world, campaign, scenario.rates, 1, engine="agents"))
    return run_rows(
        "Mesa engine", people, days, wall, cpu, f"{days} days, " + ("once" if repeats == 1 else f"best of {repeats}")
    )


def ordinary(people: int, ties: int, days: int) -> list[Row]:
    """An ordinary Mesa model of the same rules, all days of the campaign, once."""
    from ordinary_mesa import OrdinaryModel, follow_graph

    scenario, world, campaign, _, _ = prepared(people, ties, days)
    began = time.perf_counter()
    graph = follow_graph(world.society)
    graphed = time.perf_counter()
    model = OrdinaryModel(world, campaign, scenario.rates, graph)
    made = time.perf_counter()
    wall, cpu, _ = best_of(1, lambda: [model.step() for _ in range(days)])
    return [
        Row("plan", "ordinary Mesa", people, "graph", graphed - began, "s"),
        Row("plan", "ordinary Mesa", people, "agents", made - graphed, "s"),
        *run_rows("ordinary Mesa", people, days, wall, cpu, f"{days} days, once"),
    ]


# --- many runs ---------------------------------------------------------------------------------------------


def ensemble(people: int, ties: int, days: int, replicates: int, wanted: int, workers: int) -> list[Row]:
    """Wall seconds for ``wanted`` replicates of three plans and of none; fewer are measured, the rest extrapolated.

    What is left takes as long for each as those did that finished in the second half: workers have started by then.
    """
    finished = [0.0]
    run_ensemble(load_scenario(WARM_UP_PEOPLE, ties, days, workers), workers=workers)
    scenario = load_scenario(people, ties, days, replicates)
    run_ensemble(scenario, workers=workers, progress=lambda *told: finished.append(told[2]))
    half = replicates // 2
    each = (finished[-1] - finished[half]) / (replicates - half)
    seconds = finished[-1] + each * (wanted - replicates)
    note = f"measured: {replicates:,} replicates" + ("" if replicates == wanted else ", the rest extrapolated")
    subject = f"{wanted:,} replicates x 3 plans, {people:,} people, {days} days, {workers} workers"
    return [
        Row("ensemble", subject, wanted, "all", seconds, "s", note),
        Row("ensemble", subject, wanted, "per run", 1000 * workers * each / 4, "ms",
            "of one worker, with its share of the world; the run of no plan counts"),
        Row("ensemble", subject, wanted, "peak memory", max(peak_memory(), peak_memory_of_children()), "MB",
            "largest process"),
    ]  # fmt: skip


def command_line(options: list[str], label: str) -> list[Row]:
    """``influence compare`` in a new process: first with an empty cache folder, then with what the first run left."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "INFLUENCE_SIM_CACHE": str(Path(folder) / "cache"), "MPLBACKEND": "Agg"}
        for state in ("cold", "warm"):
            out = str(Path(folder) / state)
            command = [sys.executable, "-m", "sim.cli", "compare", *options, "--quiet", "--out", out]
            began = time.perf_counter()
            subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
            rows.append(Row("command", label, 0, state, time.perf_counter() - began, "s"))
    rows.append(Row("command", label, 0, "peak memory", peak_memory_of_children(), "MB", "largest process"))
    return rows
