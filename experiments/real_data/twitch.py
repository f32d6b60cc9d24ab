"""Is a generated society knit like German-language Twitch, and does reach in it order streamers as real views do?

python experiments/real_data/twitch.py FOLDER             # three minutes, into results/real_data
python experiments/real_data/twitch.py FOLDER --publish   # and into this folder
python experiments/real_data/twitch.py --reuse            # tables and figure again, without the data
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from data_sources import TWITCH
from graph_figure import draw
from graph_study import graph_figures
from graph_tables import report
from measured_figures import Figures
from publication import study
from streamers import order_figures, read_streamers, sampled, simulated_reach


def measure(files: list[Path]) -> Figures:
    """Structure and seeding, and the order of streamers."""
    edges, targets = files
    streamers = read_streamers(edges, targets)
    sample = sampled(streamers)
    with tempfile.TemporaryDirectory() as folder:
        found = list(graph_figures(edges, Path(folder), directed=False))
        reach = simulated_reach(sample, edges, Path(folder))
    return Figures([*found, *order_figures(streamers, sample, reach)])


if __name__ == "__main__":
    study("twitch", TWITCH, (__doc__ or "").splitlines()[0], measure, report, draw)
