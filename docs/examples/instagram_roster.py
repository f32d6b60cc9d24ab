"""A scenario from a table of real Instagram creators: ten small ones of a niche against one larger, for equal money.

    python docs/examples/instagram_roster.py CREATORS.csv.gz my-roster

CREATORS is yours: a CSV file, plain or gzip, with the columns creator, category, followers and median_likes, such as an
extract of the Instagram Influencer Dataset (Kim et al., "Multimodal Post Attentive Profiling for Influencer Marketing",
WWW 2020; given out by its authors for research). The scenario refers to the file as its roster; no row is copied
except the handles that are booked.

What is chosen, and how, so that nothing is picked by hand:

- ten creators of the niche with 10,000 to 50,000 followers, evenly spaced in the order of followers;
- the one in the middle of those with 150,000 to 250,000 followers;
- each small one posts three times in two weeks at the price curve; the large one gets the same money for as many
  posts as come nearest to the price curve, in the same two weeks. Fees are rounded so that both cost exactly the same;
- a market of ten times the largest creator's followers, and enough agents that the smallest audience has 100.

The median of likes over followers becomes each creator's engagement rate (comments are left out), and the
categories become the niches of the market. How large the niches really are the table does not say.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import math
import os
from pathlib import Path

from sim.parameters import Rates
from sim.rules import market_price

SMALL, LARGE = (10_000, 50_000), (150_000, 250_000)
N_SMALL, ROUNDS, EVERY = 10, 3, 7
AUDIENCE_AGENTS, FEWEST_AGENTS = 100, 20_000

SCENARIO = """\
# Ten {niche} creators of 10,000 to 50,000 followers, or one of 150,000 to 250,000, for the same money?
schema = 1
name = "{niche}-ten-small-vs-one-large"

[market]
population = {population}   # ten times the largest creator's followers: an assumption
niches = [{niches}]

[society]
people = {people}

[product]
niche = "{niche}"
price = 48.0
margin = 0.6

[creators]
roster = "{roster}"

[[plan]]   # {rounds} posts each, at the price curve
name = "ten-small"
deals = [
{small_deals}]

[[plan]]   # the same money, {large_posts} posts; the price curve says {large_price:.0f} a post
name = "one-large"
deals = [
{large_deals}]
"""


def read_rows(path: Path) -> list[dict[str, str]]:
    """The table's rows; SystemExit where a column is missing."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    missing = {"creator", "category", "followers", "median_likes"} - set(rows[0] if rows else {})
    if missing:
        raise SystemExit(f"{path}: no column {', '.join(sorted(missing))}")
    return rows


def of_size(rows: list[dict[str, str]], niche: str, size: tuple[int, int]) -> list[tuple[str, int]]:
    """Handle and followers of the niche's creators in a range of followers, in order of followers."""
    found = [(row["creator"], int(row["followers"])) for row in rows if row["category"] == niche]
    return sorted((c for c in found if size[0] <= c[1] < size[1]), key=lambda creator: (creator[1], creator[0]))


def deal(handle: str, posts: int, fee: int) -> str:
    """One line of a plan: the posts spread over the two weeks."""
    every = max(1, (ROUNDS - 1) * EVERY // max(1, posts - 1))
    return f'    {{ creator = "{handle}", posts = {posts}, every = {every}, fee = {fee} }},\n'


def write_scenario(table: Path, folder: Path, niche: str) -> Path:
    """Choose the creators and write scenario.toml."""
    rows, rates = read_rows(table), Rates()
    small, large = of_size(rows, niche, SMALL), of_size(rows, niche, LARGE)
    if len(small) < N_SMALL or not large:
        raise SystemExit(f"{table}: too few creators of {niche}: {len(small)} small ones, {len(large)} large ones")
    ten = [small[(2 * k + 1) * len(small) // (2 * N_SMALL)] for k in range(N_SMALL)]
    one, followers = large[len(large) // 2]
    prices = [market_price(f, rates.price_constant, rates.price_exponent) for _, f in ten]
    large_price = market_price(followers, rates.price_constant, rates.price_exponent)
    large_posts = max(1, round(ROUNDS * sum(prices) / large_price))
    fees = [max(1, round(price / large_posts)) * large_posts for price in prices]
    population = 10 * followers
    smallest = min(f for _, f in ten) * (1 - rates.fake_share)
    text = SCENARIO.format(
        niche=niche,
        population=population,
        niches=", ".join(f'"{name}"' for name in sorted({row["category"] for row in rows})),
        people=max(FEWEST_AGENTS, math.ceil(AUDIENCE_AGENTS * population / smallest)),
        roster=Path(os.path.relpath(table.resolve(), folder.resolve())).as_posix(),
        rounds=ROUNDS,
        small_deals="".join(deal(handle, ROUNDS, fee) for (handle, _), fee in zip(ten, fees, strict=True)),
        large_posts=large_posts,
        large_price=large_price,
        large_deals=deal(one, large_posts, ROUNDS * sum(fees) // large_posts),
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return path


def main() -> None:
    """Write the scenario and say what to run."""
    parser = argparse.ArgumentParser(description="Write a scenario from a table of Instagram creators.")
    parser.add_argument("table", type=Path, help="CSV file, plain or gzip: creator, category, followers, median_likes")
    parser.add_argument("folder", type=Path, help="folder to write scenario.toml into")
    parser.add_argument("--niche", default="beauty", help="category of the creators and of the product")
    words = parser.parse_args()
    if not words.table.is_file():
        raise SystemExit(f"{words.table}: no such file")
    print(f"influence compare {write_scenario(words.table, words.folder, words.niche)}")


if __name__ == "__main__":
    main()
