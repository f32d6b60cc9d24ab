"""The scenario that ``influence new`` writes: a file and a roster that a person can edit."""

from __future__ import annotations

from pathlib import Path

from sim.errors import InputError

SCENARIO = """\
# Which of my two plans serves the budget better?
schema = 1
name = "{name}"

[market]
population = 1_000_000            # real people who could see or buy it
niches = ["beauty", "food", "fitness", "fashion", "home"]
regions = ["everywhere"]
currency = "USD"

[society]
people = 20_000                   # agents; each stands for population / people real people
worlds = 5                        # societies that the replicates are dealt over

[product]
niche = "beauty"                  # leave out for a product of interest to everyone
price = 48.0
margin = 0.6                      # share of the price that is yours
quality = 0.8                     # share of buyers who are glad

[platform]
preset = "instagram"              # instagram, tiktok, youtube, threads

[run]
days = 30
replicates = 8
seed = 1

[parameters]                      # any name from `influence glossary`
# click_rate = 0.025

[creators]
roster = "roster.csv"

[[plan]]
name = "three-micros"
deals = [                         # fee = price of one post; "market": the roster's fee, else the price curve
    {{ creator = "anna.glow", posts = 3, start = 0, every = 7, fee = "market" }},
    {{ creator = "skin.lab", posts = 3, start = 0, every = 7, fee = "market" }},
    {{ creator = "mornings", posts = 3, start = 2, every = 7, fee = "market" }},
    # {{ creator = "big.name", format = "story", fee = 300, gift = 48, commission = 0.1, code = 0.15, tag = true }},
]

[[plan]]
name = "half-and-half"            # a budget split: whole creators in roster order, whole posts
budget = 6_000
split = {{ micro = 0.5, mid = 0.5 }}
posts = 2

# [[plan]]
# name = "test-then-spend"        # the deals are a test; on day 10 the rest goes to those that worked
# budget = 6_000
# deals = [
#     {{ creator = "anna.glow", fee = 450, code = 0.15 }},
#     {{ creator = "skin.lab", fee = 350, format = "reel" }},
# ]
# second = {{ start = 10, by = "clicks", posts = 3 }}

# [[plan]]
# name = "gifts"                  # the product given to ordinary people
# seeding = {{ people = "random", k = 400, start = 0 }}
"""

ROSTER = """\
handle,followers,niche,region,engagement_rate,fee,fake_share
anna.glow,32K,beauty,,2.8%,,
skin.lab,18.5K,beauty,,,350,
mornings,54K,home,,1.6%,,
big.name,240K,,,,,25%
"""


def write_template(folder: Path, *, overwrite: bool = False) -> list[Path]:
    """Write scenario.toml and roster.csv into ``folder``. Raises InputError rather than replace a file."""
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file", file=folder, expected="a folder, new or empty")
    name = "".join(letter for letter in folder.resolve().name if letter.isprintable() and letter not in '"\\').strip()
    contents = {"scenario.toml": SCENARIO.format(name=name or "my-scenario"), "roster.csv": ROSTER}
    paths = [folder / file for file in contents]
    present = [path for path in paths if path.exists()]
    if present and not overwrite:
        raise InputError("exists already", file=present[0], expected="another folder, or --overwrite")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, contents.values(), strict=True):
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", file=folder, expected="a folder to write to") from None
    return paths
