"""What a run costs besides being played: dealt by Dask or to a pool, with its rows written to a store.

python experiments/sweeps/dask_overhead.py [RUNS]

The runs do nothing and give back rows of the usual size. The scheduler is in this process, so its processor time and
the client's are counted together.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from distributed import LocalCluster

from sim.results.measures import METRICS
from sim.studies.cluster import Cluster
from sim.studies.planned import Planned, Task, planned
from sim.studies.store_writing import Played, writing
from sim.studies.study import Axis, Study
from sim.workers import Workers

SCENARIO = "ten-micros-vs-one-celebrity"
WARM = 40
"""Runs before the clock starts."""


def nothing(task: Task) -> Played:
    """A run of three plans that takes no time; 60 columns are about what all figures and totals come to."""
    rows = tuple((plan, tuple(number / 7 for number in range(60))) for plan in ("none", "a", "b"))
    return Played(task.run.digest, 0.0, rows)


def measured(name: str, plan: Planned, played: Iterable[Played]) -> None:
    """Take all runs, write them, tell wall and processor time of this process a run."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.sqlite"
        with writing(path, plan) as writer:
            wall, processor, count = time.monotonic(), time.process_time(), 0
            for one in played:
                writer.add(Played(one.digest, one.seconds, tuple((p, k[: len(plan.columns)]) for p, k in one.rows)))
                count += 1
            wall, processor = time.monotonic() - wall, time.process_time() - processor
        size = path.stat().st_size
    print(f"{name}: {count} runs, {1e3 * wall / count:.1f} ms a run by the clock, "
          f"{1e3 * processor / count:.1f} ms of processor time here, {size / count:,.0f} bytes a run")  # fmt: skip


def main(runs: int) -> None:
    price = Axis("product.price", low=20.0, high=80.0, steps=runs // 5)
    plan = planned(Study("overhead", SCENARIO, (price,), figures=tuple(METRICS), people=20_000, replicates=5))
    tasks = plan.tasks()
    with Workers[Played](2, len(tasks)) as crew:
        list(crew.each(nothing, tasks[:WARM]))
        measured("pool of 2", plan, crew.each(nothing, tasks, helping=True))
    usual = {"n_workers": 2, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(**usual) as local, Cluster(local.scheduler_address, "kernel") as cluster:
        cluster.prepare([], len(tasks))
        list(cluster.play(nothing, tasks[:WARM]))
        measured("Dask, 2 workers", plan, cluster.play(nothing, tasks))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
