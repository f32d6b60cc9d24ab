"""A scenario on a real follower graph: ten accounts of moderate following against the most followed one.

    python docs/examples/follower_graph.py EDGES.csv.gz my-graph

EDGES is yours: an edge list, plain or gzip, with lines src,dst where dst follows src, such as the graph of one brand's
followers on Twitter (Anwar, Saveski & Roy, "Balanced Influence Maximization in the Presence of Homophily", WSDM 2021,
replication files). The scenario refers to the file; nothing of it is copied except the names of eleven nodes.

The ten are those nearest to the 90th percentile of followers, five places above it and five below. Each posts
once for 100; the one posts once for 1,000. On a graph the price curve has no meaning, so the money is set equal by
hand, and every agent is one person. The graph knows no niches, so the product has none either.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np

from sim.society.graph import read_graph

N_SMALL, FEE = 10, 100
PERCENTILE = 90

SCENARIO = """\
# On this graph: ten accounts at the 90th percentile of followers, or the most followed one, for the same money?
schema = 1
name = "ten-accounts-vs-the-most-followed"

[society]
graph = "{graph}"   # a line src,dst: dst follows src
directed = true

[product]           # no niche: of interest to everyone alike
price = 48.0
margin = 0.6

[run]
days = 14
replicates = 20     # coins, qualities and appeals are drawn anew in each; the graph stays

{creators}
[[plan]]
name = "ten-accounts"
deals = [
{small_deals}]

[[plan]]
name = "most-followed"
deals = [
{large_deals}]
"""


def creator(node: str, followers: int) -> str:
    """A creator is the node of the same name; its followers are the graph's, none of them fake."""
    return f'[[creator]]\nhandle = "{node}"\nfollowers = {followers}\nfake_share = 0.0\n'


def deal(node: str, fee: float) -> str:
    """One line of a plan."""
    return f'    {{ creator = "{node}", fee = {fee} }},\n'


def write_scenario(edges: Path, folder: Path) -> Path:
    """Choose the accounts and write scenario.toml."""
    graph = read_graph(edges)
    followers = np.bincount(graph.sources, minlength=len(graph.names))
    order = np.lexsort((np.arange(len(followers)), -followers))
    place = round((1 - PERCENTILE / 100) * (len(order) - 1))
    ten = order[max(1, place - N_SMALL // 2) :][:N_SMALL]
    if len(ten) < N_SMALL or not followers[ten].all():
        raise SystemExit(f"{edges}: the graph has too few accounts with followers")
    chosen = [(graph.names[node], int(followers[node])) for node in [order[0], *ten]]
    text = SCENARIO.format(
        graph=Path(os.path.relpath(edges.resolve(), folder.resolve())).as_posix(),
        creators="\n".join(creator(*account) for account in chosen),
        small_deals="".join(deal(name, FEE) for name, _ in chosen[1:]),
        large_deals=deal(chosen[0][0], N_SMALL * FEE),
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return path


def main() -> None:
    """Write the scenario and say what to run."""
    parser = argparse.ArgumentParser(description="Write a scenario on a follower graph.")
    parser.add_argument("edges", type=Path, help="edge list, plain or gzip: src,dst where dst follows src")
    parser.add_argument("folder", type=Path, help="folder to write scenario.toml into")
    words = parser.parse_args()
    if not words.edges.is_file():
        raise SystemExit(f"{words.edges}: no such file")
    print(f"influence compare {write_scenario(words.edges, words.folder)}")


if __name__ == "__main__":
    main()
