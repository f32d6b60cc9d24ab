"""The table of creators, a sample of it as a roster without likes, and one organic post of each of them.

The sample becomes an ordinary roster and scenario in a temporary folder; both are gone when the script ends.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from rates_by_size import BINS, within

from sim.scenario.load import Scenario, load
from sim.society.world import build_world
from sim.studies.validation.feed import posted
from sim.studies.validation.market import DAYS, PEOPLE_PER_AGENT, POPULATION

COLUMNS = ("creator", "category", "followers", "median_likes", "median_comments")
NO_NICHE = "other"
LARGEST = 10_000_000
"""Creators above it are left out of the sample: their audiences would take most of the market."""
SEED = 2020

SCENARIO = """\
schema = 1
name = "real-creators-{seed}"
[market]
population = {population}
niches = [{niches}]
[society]
people = {people}
worlds = 1
[run]
days = {days}
replicates = 1
seed = {seed}
[creators]
roster = "{roster}"
[[plan]]
name = "all"
deals = [{deals}]
"""


def read_creators(path: Path) -> pd.DataFrame:
    """Columns handle, followers, niche ("" for none) and rate, the measured engagement ÷ followers."""
    table = pd.read_csv(path)
    missing = set(COLUMNS) - set(table.columns)
    if missing:
        raise SystemExit(f"{path}: no column {', '.join(sorted(missing))}")
    return pd.DataFrame({
        "handle": table["creator"].astype(str),
        "followers": table["followers"].astype(float),
        "niche": table["category"].astype(str).replace(NO_NICHE, ""),
        "rate": (table["median_likes"] + table["median_comments"]) / table["followers"],
    })  # fmt: skip


def samples(creators: pd.DataFrame, per_bin: int, n: int) -> list[pd.DataFrame]:
    """n samples without a creator in common, each with as many of every bin: ``per_bin``, or fewer if there are not."""
    followers, rng = creators["followers"].to_numpy(), np.random.default_rng(SEED)
    shuffled = [rng.permutation(np.flatnonzero(within(followers, name) & (followers <= LARGEST))) for name in BINS]
    few = min(per_bin, *(len(bin_) // n for bin_ in shuffled))
    return [creators.iloc[np.concatenate([bin_[k * few : (k + 1) * few] for bin_ in shuffled])] for k in range(n)]


def scenario_of(sample: pd.DataFrame, folder: Path, seed: int, people: int | None = None) -> Scenario:
    """The sample as a roster of handle, followers and niche, and a scenario in which each can be booked."""
    roster = folder / "roster.csv"
    sample[["handle", "followers", "niche"]].astype({"followers": int}).to_csv(roster, index=False)
    niches = sorted(set(sample["niche"]) - {""})
    text = SCENARIO.format(
        seed=seed, population=POPULATION, people=people or round(POPULATION / PEOPLE_PER_AGENT), days=DAYS,
        roster=roster.name, niches=", ".join(f'"{niche}"' for niche in niches),
        deals=", ".join(f'{{ creator = "{handle}", fee = 1 }}' for handle in sample["handle"]),
    )  # fmt: skip
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def with_simulated(sample: pd.DataFrame, seed: int, people: int | None = None) -> pd.DataFrame:
    """The sample with ``simulated`` and ``quality``.

    simulated: expected engagements of one organic post ÷ followers, fakes counted; quality: what the model drew for
    the creator, as it is told of none.
    """
    with tempfile.TemporaryDirectory() as folder:
        scenario = scenario_of(sample, Path(folder), seed, people)
        world = build_world(scenario)
    engagements = posted(scenario, world, scenario.rates, seed, sponsored=False).engagements
    columns = pd.DataFrame({"simulated": engagements / world.followers, "quality": world.quality}, index=world.handles)
    return sample.join(columns, on="handle")
