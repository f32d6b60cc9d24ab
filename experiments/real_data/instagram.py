"""Does a creator's engagement rate fall with size as that of 22,000 real creators does, likes and comments withheld?

python experiments/real_data/instagram.py FOLDER             # two minutes, into results/real_data
python experiments/real_data/instagram.py FOLDER --publish   # and into this folder
python experiments/real_data/instagram.py --reuse            # tables and figure again, without the data
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from creators_sample import read_creators, samples, with_simulated
from data_sources import INSTAGRAM
from instagram_figure import draw
from instagram_tables import MEASURED, QUALITY_HELD, SAMPLED, SIMULATED, report
from measured_figures import Figure, Figures
from publication import study, version
from rates_by_size import by_size, slopes
from ten_against_one import DEALT_ANEW, EQUAL_MEDIANS, LOGNORMAL, against_one

from sim.studies.validation.market import DAYS, POPULATION

PER_BIN, SEEDS = 50, (1, 2, 3, 4, 5)


def measure(files: list[Path]) -> Figures:
    """All figures: the whole table, the creators sampled, and the same simulated."""
    creators = read_creators(files[0])
    parts = []
    for seed, sample in zip(SEEDS, samples(creators, PER_BIN, len(SEEDS)), strict=True):
        parts.append(with_simulated(sample, seed))
        print(f"{len(parts)} of {len(SEEDS)} societies", file=sys.stderr)
    return Figures(figures(creators, pd.concat(parts)))


def figures(creators: pd.DataFrame, sample: pd.DataFrame) -> Iterator[Figure]:
    """creators: handle, followers, niche, rate; sample: some of them, with ``simulated``."""
    counts = {"societies": len(SEEDS), "creators": len(sample), "people": POPULATION, "days": DAYS}
    yield from (Figure("run", version(), name, "number", number) for name, number in counts.items())
    columns = {
        MEASURED: (creators, "rate", (DEALT_ANEW, EQUAL_MEDIANS, LOGNORMAL)),
        SAMPLED: (sample, "rate", ()),
        SIMULATED: (sample, "simulated", (DEALT_ANEW,)),
    }
    for of, (table, column, ways) in columns.items():
        followers, rate = table["followers"].to_numpy(), table[column].to_numpy()
        yield from by_size(of, followers, rate)
        yield from against_one(of, followers, rate, ways)
    simulated = (sample[name].to_numpy() for name in ("followers", "simulated", "quality"))
    yield from slopes(QUALITY_HELD, *simulated)


if __name__ == "__main__":
    study("instagram", INSTAGRAM, (__doc__ or "").splitlines()[0], measure, report, draw)
