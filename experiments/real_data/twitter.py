"""Is a generated society knit like the followers of one brand on Twitter, and do hubs matter as much in it?

python experiments/real_data/twitter.py FOLDER             # a minute, into results/real_data
python experiments/real_data/twitter.py FOLDER --publish   # and into this folder
python experiments/real_data/twitter.py --reuse            # tables and figure again, without the data
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from data_sources import TWITTER
from graph_figure import draw
from graph_study import graph_figures
from graph_tables import report
from measured_figures import Figures
from publication import study


def measure(files: list[Path]) -> Figures:
    """Structure and seeding."""
    with tempfile.TemporaryDirectory() as folder:
        return Figures(graph_figures(files[0], Path(folder), directed=True))


if __name__ == "__main__":
    study("twitter", TWITTER, (__doc__ or "").splitlines()[0], measure, report, draw)
