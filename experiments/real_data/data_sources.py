"""The data sets of this study: their files, who made them, and where they can be got. None is part of the project."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DataSet:
    """files: what the folder holds, plain or gzip, with what is in each; origin: citation and place."""

    title: str
    files: dict[str, str]
    origin: str


INSTAGRAM = DataSet(
    "Instagram creators, 2019",
    {"instagram_creators_2019.csv": "one row a creator: creator, category, followers, median_likes, median_comments"},
    "Reduced from the Instagram Influencer Dataset: S. Kim, J.-Y. Jiang, M. Nakada, J. Han & W. Wang, Multimodal Post\n"
    "Attentive Profiling for Influencer Marketing, WWW 2020, doi.org/10.1145/3366423.3380052. Its authors give it out\n"
    "for research.",
)
TWITTER = DataSet(
    "Followers of one brand on Twitter",
    {"twitter_brand_followers.csv": "src,dst: dst follows src"},
    "From the replication files (MIT licence) of M. S. Anwar, M. Saveski & D. Roy, Balanced Influence Maximization in\n"
    "the Presence of Homophily, WSDM 2021.",
)
TWITCH = DataSet(
    "German-language streamers on Twitch",
    {"twitch_DE_edges.csv": "from,to: the two follow each other",
     "twitch_DE_target.csv": "one row a streamer: new_id (as in the edges), views"},
    "Twitch Social Networks (MIT licence), musae_DE_edges.csv and musae_DE_target.csv, at\n"
    "snap.stanford.edu/data/twitch-social-networks.html: B. Rozemberczki, C. Allen & R. Sarkar, Multi-scale\n"
    "Attributed Node Embedding, Journal of Complex Networks, 2021.",
)  # fmt: skip


def locate(folder: Path | None, data: DataSet) -> list[Path]:
    """The files of a data set in a folder, .csv or .csv.gz; SystemExit that says where to get what is missing."""
    found = [_either(folder, name) for name in data.files] if folder is not None else []
    if not found or None in found:
        raise SystemExit(needed(folder, data, [n for n, f in zip(data.files, found, strict=False) if f is None]))
    return [path for path in found if path is not None]


def _either(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / f"{name}.gz", folder / name) if path.is_file()), None)


def needed(folder: Path | None, data: DataSet, missing: list[str]) -> str:
    """What the reader has to fetch, in one message."""
    lacks = "no folder given" if folder is None else f"{folder}: no {' and no '.join(missing)}, plain or gzip"
    files = [f"  {name}[.gz]  {content}" for name, content in data.files.items()]
    asked = f"{data.title}: give the folder that holds"
    return "\n".join([f"{lacks}. The data is no part of the project.", asked, *files, data.origin])
