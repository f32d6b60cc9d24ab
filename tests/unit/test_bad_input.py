"""Everyday mistakes: each ends in one clear message and exit code 2, without a traceback and without any loss.

A ``Mistake`` says how to make it, starting from a sound scenario, and what the message must name.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sim.errors import InputError, InputErrors

SAMPLES = Path(__file__).parents[1] / "samples"
SCENARIO, ROSTER = "campaign.toml", "campaign_roster.csv"
CHECK = ("check", SCENARIO)
MIX = "budget = 400\nsplit = { nano = 0.5, micro = 0.5 }"
ANNA = '{ creator = "anna", posts = 2, every = 3, fee = 20 }'
GRAPH = "people = 10_000\nworlds = 2"
HUBS = ("star", "anna", "ben.cooks", "cleo")
EDGES = "src,dst\n" + "".join(f"{hub},p{number}\n" for hub in HUBS for number in range(40))
GRAPHML = (
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    '<key id="n" for="node" attr.name="niche" attr.type="string"/><graph edgedefault="directed">'
    '<node id="p0"><data key="n">food</data></node>'
    + "".join(f'<edge source="{hub}" target="p{number}"/>' for hub in HUBS for number in range(40))
    + "</graph></graphml>"
)
MINE = {"scenario.toml": "# mine"}
OLD = {"old/digest": "0123456789ab\n", "old/summary.json": "{}", "old/scenario.toml": "# old"}

Edits = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Mistake:
    """One mistake: replacements in the scenario, other files, the words of the command, and what is told of it.

    ``about`` holds what the error says: file (default: the scenario), key, row, value, nearest; ``says`` is part of
    the text.
    """

    name: str
    edits: Edits = ()
    words: tuple[str, ...] = CHECK
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    many: bool = False


def mistake(
    name: str, *edits: tuple[str, str], words: tuple[str, ...] = CHECK, files: Mapping[str, str | bytes] | None = None,
    says: str | tuple[str, ...] = (), many: bool = False, **about: Any,
) -> Mistake:  # fmt: skip
    return Mistake(name, edits, words, files or {}, about, (says,) if isinstance(says, str) else says, many)


def option(name: str, *words: str, says: str | tuple[str, ...] = (), **about: Any) -> Mistake:
    """A mistake on the command line, which is no fault of the file."""
    return mistake(name, words=words, says=says, **{"file": None, **about})


def set_(name: str, *entries: str, says: str | tuple[str, ...] = ("from --set",), **about: Any) -> Mistake:
    words = [word for entry in entries for word in ("--set", entry)]
    return option(name, *CHECK, *words, says=says, **about)


def with_anna(terms: str) -> str:
    return f'{{ creator = "anna", {terms} }}'


def seeded(terms: str) -> tuple[str, str]:
    return 'name = "small"', f'name = "small"\nseeding = {{ {terms} }}'


def staged(terms: str, budget: float | None = 1000) -> tuple[str, str]:
    money = "" if budget is None else f"\nbudget = {budget}"
    return 'name = "small"', f'name = "small"{money}\nsecond = {{ {terms} }}'


def spoken(languages: str) -> tuple[str, str]:
    return "[society]", f"languages = {languages}\n\n[society]"


def parted(*segments: tuple[str, str]) -> tuple[str, str]:
    return "[run]", "".join(f'[[segment]]\nname = "{name}"\n{terms}\n\n' for name, terms in segments) + "[run]"


FILES = [
    option("no such file", "check", "campain.toml", file="campain.toml", nearest="campaign.toml", says="no such file"),
    option("no such built-in scenario", "check", "ten-micro-vs-one-celebrity", key="SCENARIO",
           value="ten-micro-vs-one-celebrity", nearest="ten-micros-vs-one-celebrity"),
    option("a built-in name with .toml", "check", "ten-micros-vs-one-celebrity.toml",
           file="ten-micros-vs-one-celebrity.toml", nearest="ten-micros-vs-one-celebrity"),
    option("a scenario file without .toml", "check", "campaign", key="SCENARIO", value="campaign",
           nearest="campaign.toml"),
    option("a folder as scenario", "check", ".", file=".", nearest="campaign.toml", says="is a folder"),
    mistake("a binary file", files={SCENARIO: b"\x89PNG\r\n\x1a\n\x00\x00"}, says="not a text file"),
    mistake("text with zero bytes", files={SCENARIO: "schema = 1\n\x00"}, says="not a text file"),
    mistake("a file saved as UTF-16", files={SCENARIO: "schema = 1".encode("utf-16")}, says="UTF-8"),
    mistake("an empty file", files={SCENARIO: ""}, says=("holds nothing", "influence new")),
    mistake("text without quotes", ('niche = "beauty"\nprice', "niche = beauty\nprice"), row=15,
            value="niche = beauty", says=("cannot be read", "quotes")),
    mistake("a decimal comma", ("price = 40.0", "price = 40,0"), row=16, value="price = 40,0", says="left over"),
    mistake("a currency sign", ("price = 40.0", "price = $40"), row=16, value="price = $40", says="no unit"),
    mistake("a text without end", ('name = "campaign"', 'name = "campaign'), row=3, value='name = "campaign',
            says="has no end"),
    mistake("a key twice", ("price = 40.0", "price = 40.0\nprice = 41.0"), row=17, value="price = 41.0", says="twice"),
    mistake("a section twice", ("[product]", "[market]"), row=14, value="[market]", says="[market] stands twice"),
    mistake("a heading without end", ("[product]", "[product"), row=14, value="[product", says="closing bracket"),
    mistake("nonsense as a date", ("2026-03-02", "2026-13-45"), row=26, value="start_date = 2026-13-45",
            says="dates like 2026-03-01"),
    mistake("deep nesting", ("price = 40.0", "price = " + "[" * 5000 + "]" * 5000), says="not valid TOML"),
]  # fmt: skip

KEYS = [
    mistake("typo in a section", ("[product]", "[prodct]"), key="prodct", value="prodct", nearest="product"),
    mistake("typo in a key", ("price = 40.0", "prise = 40.0"), key="product.prise", value="prise", nearest="price"),
    mistake("a key in the wrong section", ("price = 40.0", "days = 3"), key="product.days", nearest="run.days"),
    mistake("a parameter outside [parameters]", ("days = 10", "days = 10\nclick_rate = 0.1"), key="run.click_rate",
            nearest="parameters.click_rate"),
    mistake("typo in a parameter", ("click_rate", "clik_rate"), key="parameters.clik_rate", nearest="click_rate",
            says="influence glossary"),
    mistake("typo in a key of a deal", (ANNA, '{ creator = "anna", pots = 2 }'), key="plan.small.deals.anna.pots",
            nearest="posts"),
    mistake("typo in a key of a plan", ("budget = 400", "buget = 400"), key="plan.mix.buget", nearest="budget",
            says="one of name, deals, budget"),
    mistake("typo in a key of a creator", ("followers = 20_000", "followers = 20_000\nnich = \"food\""),
            key="creator.star.nich", nearest="niche"),
    mistake("[plan] for [[plan]]", ('[[plan]]\nname = "small"', "[plan]\nname = \"small\""),
            ('\n[[plan]]\nname = "mix"', '[other]\nname = "mix"'), key="plan", many=True, says="[[double brackets]]"),
    mistake("[[market]] for [market]", ("[market]", "[[market]]"), key="market", says="[single brackets]"),
    mistake("a deal that is no list", ("deals = [\n    " + ANNA + ",", "deals = {\n"[:9] + ANNA[1:] + "\nx = ["),
            key="plan.small.deals", many=True, says="a list of tables"),
    mistake("another version of the file", ("schema = 1", "schema = 2"), key="schema", value=2, says="schema = 1"),
    mistake("a version in quotes", ("schema = 1", 'schema = "1"'), key="schema", value="1", says="without quotes"),
]  # fmt: skip

NUMBERS = [
    mistake("text for a number", ("price = 40.0", 'price = "cheap"'), key="product.price", value="cheap",
            says="expected a number above 0"),
    mistake("a number in quotes", ("price = 40.0", 'price = "40.0"'), key="product.price", value="40.0",
            says=("a number in quotes", "without quotes")),
    mistake("a price in quotes with its currency", ("price = 40.0", 'price = "$40.0"'), key="product.price",
            value="$40.0", nearest="40.0"),
    mistake("yes for a number", ("price = 40.0", "price = true"), key="product.price", value=True,
            says="expected a number above 0"),
    mistake("nan", ("price = 40.0", "price = nan"), key="product.price", value="nan", says="not a finite number"),
    mistake("inf", ("price = 40.0", "price = inf"), key="product.price", value="inf", says="not a finite number"),
    mistake("a number of 400 digits", ("price = 40.0", "price = 1" + 400 * "0"), key="product.price",
            value="1000000000…"),
    mistake("a price of 0", ("price = 40.0", "price = 0"), key="product.price", value=0, says="above 0"),
    mistake("a negative price", ("price = 40.0", "price = -40.0"), key="product.price", value=-40.0, says="above 0"),
    mistake("a margin of 2", ("margin = 0.5", "margin = 2"), key="product.margin", value=2, says="60 % is 0.6"),
    mistake("days = 0", ("days = 10", "days = 0"), key="run.days", value=0, says="from 1 to 3,650"),
    mistake("days = 2.5", ("days = 10", "days = 2.5"), key="run.days", value=2.5, says="not a whole number"),
    mistake("days = true", ("days = 10", "days = true"), key="run.days", value=True, says="not a whole number"),
    mistake("replicates = 0", ("replicates = 4", "replicates = 0"), key="run.replicates", value=0, says="from 1"),
    mistake("a negative seed", ("seed = 7", "seed = -7"), key="run.seed", value=-7, says="from 0 to 4,294,967,295"),
    mistake("a seed too large", ("seed = 7", "seed = 4_294_967_296"), key="run.seed", value=2**32, says="out of range"),
    mistake("zero people", ("people = 10_000", "people = 0"), key="society.people", value=0, says="from 10"),
    mistake("more people than there are", ("people = 10_000", "people = 200_000"), key="society.people", value=200_000,
            says="market.population, 100,000"),
    mistake("no population", ("population = 100_000\n", ""), key="market.population", says="missing"),
    mistake("a population in words", ("population = 100_000", 'population = "100k"'), key="market.population",
            value="100k", says="text where a whole number is expected"),
    mistake("a date in quotes", ("2026-03-02", '"2026-03-02"'), key="run.start_date", value="2026-03-02",
            says="without quotes"),
    mistake("a date with a time", ("2026-03-02", "2026-03-02T10:00:00"), key="run.start_date", says="like 2026-03-01"),
    mistake("a date beyond the calendar", ("2026-03-02", "9999-12-31"), key="run.start_date", value="9999-12-31"),
    mistake("a parameter out of range", ("click_rate = 0.03", "click_rate = 3"), key="parameters.click_rate", value=3,
            says="0 to 1 per impression"),
    mistake("a parameter as text", ("click_rate = 0.03", 'click_rate = "3 %"'), key="parameters.click_rate",
            value="3 %"),
    mistake("a parameter of nan", ("click_rate = 0.03", "click_rate = nan"), key="parameters.click_rate", value="nan"),
    mistake("a power of 1.5", ("click_rate = 0.03", "trust_on_purchase = 1.5"), key="parameters.trust_on_purchase",
            value=1.5, says="0, 1 or 2"),
]  # fmt: skip

TERMS = [
    mistake("typo in a format", (ANNA, with_anna('format = "rell"')), key="plan.small.deals.anna.format", value="rell",
            nearest="reel", says="one of post, reel, story, video, live"),
    mistake("a format as a number", (ANNA, with_anna("format = 3")), key="plan.small.deals.anna.format", value=3,
            says=("not text", "one of post, reel")),
    mistake("a negative gift", (ANNA, with_anna("gift = -5")), key="plan.small.deals.anna.gift", value=-5,
            says="0 or more"),
    mistake("a commission in percent", (ANNA, with_anna("commission = 15")), key="plan.small.deals.anna.commission",
            value=15, says="60 % is 0.6"),
    mistake("a code in percent", (ANNA, with_anna("code = 15")), key="plan.small.deals.anna.code", value=15,
            says=("from 0 to 0.95", "60 % is 0.6")),
    mistake("a code that takes all of the price", (ANNA, with_anna("code = 1.0")), key="plan.small.deals.anna.code",
            value=1.0, says="from 0 to 0.95"),
    mistake("a tag of 1", (ANNA, with_anna("tag = 1")), key="plan.small.deals.anna.tag", value=1, says="true or false"),
    mistake("half an earlier deal", (ANNA, with_anna("earlier = 0.5")), key="plan.small.deals.anna.earlier", value=0.5,
            says="a whole number from 0 to 1,000"),
    mistake("an open ad found out", (ANNA, with_anna("found_out = 5")), key="plan.small.deals.anna.found_out", value=5,
            says=("only a hidden ad", "disclosed = false")),
    mistake("found out before it is posted", (ANNA, with_anna("start = 4, disclosed = false, found_out = 4")),
            key="plan.small.deals.anna.found_out", value=4, says=("first post, on day 4", "day 5 to 9")),
    mistake("found out after the last day", (ANNA, with_anna("disclosed = false, found_out = 10")),
            key="plan.small.deals.anna.found_out", value=10, says=("after the last day", "day 1 to 9")),
    mistake("found out, but posted on the last day", (ANNA, with_anna("start = 9, disclosed = false, found_out = 9")),
            key="plan.small.deals.anna.found_out", value=9, says="an earlier first post"),
    mistake("found out on two days", (ANNA, f"{with_anna('disclosed = false, found_out = 5')}, "
            f"{with_anna('disclosed = false, found_out = 6')}"), key="plan.small.deals.anna.found_out", value=6,
            says="anna differ in found_out, 5 and 6"),
    mistake("two commissions of one creator", (ANNA, f"{with_anna('commission = 0.1')}, {with_anna('start = 3')}"),
            key="plan.small.deals.anna.commission", value=0.0, says=("0.1 and 0", "one commission")),
    mistake("a format beside deals", ('name = "small"', 'name = "small"\nformat = "reel"'), key="plan.small.format",
            says="format within each deal"),
    mistake("typo in an order", ("budget = 400", 'budget = 400\norder = "smalest"'), key="plan.mix.order",
            value="smalest", nearest="smallest", says="one of listed, smallest, largest"),
    mistake("a stagger beyond the last day", ('name = "small"', 'name = "small"\nstagger = 10'),
            key="plan.small.stagger", value=10, says=("ben.cooks starts after the last day, on day 10", "day 0 to 9")),
    mistake("a stagger of a split beyond the last day", ("budget = 400", "budget = 400\nstagger = 5"),
            key="plan.mix.stagger", value=5, says="star starts after the last day, on day 10"),
    mistake("a negative stagger", ("budget = 400", "budget = 400\nstagger = -1"), key="plan.mix.stagger", value=-1,
            says="from 0 to 3,650"),
    mistake("a budget below deals with gifts", ('name = "small"', 'name = "small"\nbudget = 190'),
            (ANNA, with_anna("posts = 2, fee = 20, gift = 10")), key="plan.small.budget", value=190.0,
            says="196.86 or more"),
]  # fmt: skip

SEEDINGS = [
    mistake("typo in a group to seed", seeded('people = "tpo", k = 20'), key="plan.small.seeding.people", value="tpo",
            nearest="top", says="one of random, top, fringe"),
    mistake("typo in a key of a seeding", seeded("kk = 20"), key="plan.small.seeding.kk",
            says="one of people, k, start, gift"),
    mistake("a seeding of nobody knows how many", seeded('people = "top"'), key="plan.small.seeding.k",
            says=("missing", "like k = 500")),
    mistake("a seeding of nobody", seeded("k = 0"), key="plan.small.seeding.k", value=0, says="from 1"),
    mistake("a seeding smaller than an agent", seeded("k = 9"), key="plan.small.seeding.k", value=9,
            says=("one agent stands for, 10", "10 or more", "--people 11112")),
    mistake("more people seeded than there are", seeded("k = 100_001"), key="plan.small.seeding.k", value=100_001,
            says="at most 100,000, market.population"),
    mistake("more people seeded than are at the top", seeded('people = "top", k = 1_001'), key="plan.small.seeding.k",
            value=1_001, says=("at most 1,000", "1 %")),
    mistake("more people seeded than are at the fringe", seeded('people = "fringe", k = 10_001'),
            key="plan.small.seeding.k", value=10_001, says=("at most 10,000", "tenth")),
    mistake("people listed without a graph", seeded('people = ["p0", "p1"]'), key="plan.small.seeding.people",
            says=("needs a graph", "society.graph")),
    mistake("people listed by number", seeded("people = [0, 33]"), key="plan.small.seeding.people", value=0,
            says='like ["a", "b"]'),
    mistake("a person listed twice", seeded('people = ["p0", "p1", "p0"]'), key="plan.small.seeding.people", value="p0",
            says="each name once"),
    mistake("nobody listed", seeded("people = []"), key="plan.small.seeding.people", says="one entry or more"),
    mistake("people listed and counted", seeded('people = ["p0"], k = 1'), key="plan.small.seeding.k", value=1,
            says="each one listed"),
    mistake("a seeding after the last day", seeded("k = 20, start = 10"), key="plan.small.seeding.start", value=10,
            says="day 0 to 9"),
    mistake("a negative gift to seeded people", seeded("k = 20, gift = -1"), key="plan.small.seeding.gift", value=-1,
            says="0 or more"),
    mistake("a seeding that is no table", ('name = "small"', 'name = "small"\nseeding = 500'),
            key="plan.small.seeding", value=500, says="one table"),
    mistake("a budget below deals and seeding", ('name = "small"', 'name = "small"\nbudget = 580\nseeding = {k = 20}'),
            key="plan.small.budget", value=580.0, says=("the deals and the seeding cost more", "586.86 or more")),
    mistake("a budget below seeding alone", (MIX + "\nposts = 2\nevery = 3", "budget = 399\nseeding = {k = 20}"),
            key="plan.mix.budget", value=399.0, says=("the seeding costs more", "400.00 or more")),
    mistake("a split whose budget goes to the seeding", (MIX, MIX + "\nseeding = {k = 20}"), key="plan.mix.budget",
            value=400.0, says=("buys not one post", "440.00 or more", "400.00 for the seeding")),
    mistake("posts beside seeding alone", (MIX, "seeding = {k = 20}"), key="plan.mix.posts", says="without a split"),
    mistake("a stagger beside seeding alone", (MIX + "\nposts = 2\nevery = 3", "seeding = {k = 20}\nstagger = 2"),
            key="plan.mix.stagger", says="without creators"),
]  # fmt: skip

STAGES = [
    mistake("a second stage without a budget", staged("start = 5", None), key="plan.small.budget",
            says="a second stage needs it"),
    mistake("a second stage of a split", (MIX, MIX + "\nsecond = {start = 5}"), key="plan.mix.second",
            says=("no test", "deals = [...]")),
    mistake("a second stage without a day", staged('by = "clicks"'), key="plan.small.second.start", says="missing"),
    mistake("typo in what a second stage goes by", staged('start = 5, by = "click"'), key="plan.small.second.by",
            value="click", nearest="clicks"),
    mistake("a second stage before the first", staged("start = 0"), key="plan.small.second.start", value=0,
            says=("first post of the test, on day 0", "day 1 to 9")),
    mistake("a second stage after the last day", staged("start = 10"), key="plan.small.second.start", value=10,
            says="day 0 to 9"),
    mistake("no money for a second stage", staged("start = 5", 200), key="plan.small.budget", value=200.0,
            says=("not one post to the second stage", "206.86 or more")),
]  # fmt: skip

MARKETS = [
    mistake("one language for two regions", spoken('["en"]'), key="market.languages",
            says=("1 language for 2 regions", "each of market.regions")),
    mistake("a language without brackets", spoken('"en"'), key="market.languages", value="en",
            says='like ["a", "b"]'),
    mistake("typo in a creator's language", spoken('["english", "french"]'),
            ("fee = 100", 'fee = 100\nlanguage = "englis"'), key="creator.star.language", value="englis",
            nearest="english", says="one of english, french"),
    mistake("a creator's language where none is spoken", ("fee = 100", 'fee = 100\nlanguage = "en"'),
            key="creator.star.language", says=("without market.languages", "languages = [...]")),
    mistake("typo in where it is sold", ("margin = 0.5", 'margin = 0.5\nsold_in = ["nort"]'), key="product.sold_in",
            value="nort", nearest="north", says="one of north, south"),
    mistake("sold nowhere", ("margin = 0.5", "margin = 0.5\nsold_in = []"), key="product.sold_in",
            says="one entry or more"),
    mistake("a reservation price below 0", ("fee = 100", "fee = 100\nreservation = -1"),
            key="creator.star.reservation", says="0 or more"),
    mistake("a sponsored share above 1", ("fee = 100", "fee = 100\nsponsored_share = 10"),
            key="creator.star.sponsored_share", value=10, says="like 0.1 or 10%"),
    mistake("segments that are not all people", parted(("young", "share = 0.4"), ("old", "share = 0.5")),
            key="segment", value=0.9, says=("do not add up to 1", "60 % is 0.6")),
    mistake("two segments of one name", parted(("young", "share = 0.5"), ("young", "share = 0.5")),
            key="segment.young", says="names that differ"),
    mistake("a segment without a share", parted(("young", "trust = 1.2"), ("old", "share = 1.0")),
            key="segment.young.share", says="missing"),
    mistake("an empty segment", parted(("young", "share = 0.0"), ("old", "share = 1.0")), key="segment.young.share",
            value=0.0, says="above 0 and at most 1 (60 % is 0.6)"),
    mistake("a segment that does nothing", parted(("all", "share = 1.0\nactivity = 0")),
            key="segment.all.activity", value=0, says="above 0 and at most 10"),
    mistake("a segment that trusts too much", parted(("all", "share = 1.0\ntrust = 11")), key="segment.all.trust",
            value=11, says="from 0 to 10"),
    mistake("typo in a key of a segment", parted(("all", "share = 1.0\ntust = 1")), key="segment.all.tust",
            nearest="trust"),
    mistake("[segment] for [[segment]]", ("[run]", '[segment]\nname = "all"\nshare = 1.0\n\n[run]'), key="segment",
            says="[[double brackets]]"),
]  # fmt: skip

NAMES = [
    mistake("typo in the platform", ('"tiktok"', '"tiktik"'), key="platform.preset", value="tiktik", nearest="tiktok"),
    mistake("typo in the product's niche", ('niche = "beauty"\nprice', 'niche = "beuty"\nprice'), key="product.niche",
            value="beuty", nearest="beauty", says="beauty, food, sport"),
    mistake("no niches", ('niches = ["beauty", "food", "sport"]', "niches = []"), key="market.niches",
            says="one entry or more"),
    mistake("a niche twice", ('"food", "sport"]', '"food", "Food"]'), key="market.niches", value="Food", says="twice"),
    mistake("one niche without brackets", ('niches = ["beauty", "food", "sport"]', 'niches = "beauty"'),
            key="market.niches", value="beauty", says='like ["a", "b"]'),
    mistake("a number as a niche", ('"food", "sport"]', '"food", 3]'), key="market.niches", value=3, says="not text"),
    mistake("a name of spaces", ('name = "mix"', 'name = " "'), key="plan. .name", value=" ", says="empty"),
    mistake("a name with a line break", ('name = "campaign"', 'name = "two\\nlines"'), key="name", says="on one line"),
    mistake("a tier the wrong way round", ("[run]", "[tiers]\nnano = [10_000, 1_000]\n[run]"), key="tiers",
            says="'nano'"),
    mistake("a tier of one number", ("[run]", "[tiers]\nnano = [10_000]\n[run]"), key="tiers.nano",
            says="[low, high]"),
    mistake("tiers that overlap", ("[run]", "[tiers]\nnano = [0, 20]\nmicro = [10, inf]\n[run]"), key="tiers",
            says="overlap"),
]  # fmt: skip

PLANS = [
    mistake("typo in the creator of a deal", ('creator = "anna", posts', 'creator = "ana", posts'),
            key="plan.small.deals.ana.creator", value="ana", nearest="anna"),
    mistake("a deal without creator", ('creator = "anna", posts', "posts"), key="plan.small.deals[1].creator",
            says="missing"),
    mistake("typo in a tier of a split", ("nano = 0.5", "nanno = 0.5"), key="plan.mix.split.nanno", value="nanno",
            nearest="nano"),
    mistake("a tier that nobody is in", ("nano = 0.5", "macro = 0.5"), key="plan.mix.split.macro", value="macro",
            says="500,000 followers or more"),
    mistake("no budget for a split", ("budget = 400\n", ""), key="plan.mix.budget", says="missing"),
    mistake("a negative budget", ("budget = 400", "budget = -400"), key="plan.mix.budget", value=-400, says="above 0"),
    mistake("a budget beyond all money", ("budget = 400", "budget = 1e16"), key="plan.mix.budget", value=1e16,
            says="at most 1,000,000,000,000,000"),
    mistake("a budget that buys no post", ("budget = 400", "budget = 5"), key="plan.mix.budget", value=5.0,
            says=("buys not one post", "40.00 or more")),
    mistake("a budget below its deals", ('name = "small"', 'name = "small"\nbudget = 50'), key="plan.small.budget",
            value=50.0, says="186.86 or more"),
    mistake("a share above 1", ("nano = 0.5", "nano = 50"), key="plan.mix.split.nano", value=50, says="60 % is 0.6"),
    mistake("shares above 1 together", ("nano = 0.5", "nano = 0.7"), key="plan.mix.split", value=1.2,
            says="at most 1"),
    mistake("deals and a split", (MIX, MIX + "\ndeals = [{ creator = \"anna\" }]"), key="plan.mix", says="both"),
    mistake("neither deals nor a split", (MIX + "\nposts = 2\nevery = 3", ""), key="plan.mix", says="neither"),
    mistake("empty deals", (MIX + "\nposts = 2\nevery = 3", "deals = []"), key="plan.mix.deals", says="empty"),
    mistake("posts beside deals", ('name = "small"', 'name = "small"\nposts = 3'), key="plan.small.posts",
            says="within each deal"),
    mistake("no plan", files={SCENARIO: "market.population = 100_000\ncreator = [{handle = 'a', followers = 9_000}]"},
            key="plan", says="[[plan]]"),
    mistake("a plan without a name", ('name = "mix"\n', ""), key="plan[2].name", says="missing"),
    mistake("a plan named none", ('name = "mix"', 'name = "none"'), key="plan.none", says="always runs by itself"),
    mistake("two plans of one name", ('name = "mix"', 'name = "small"'), key="plan.small", says="names that differ"),
    mistake("a deal after the last day", ('"anna", posts = 2', '"anna", posts = 2, start = 10'),
            key="plan.small.deals.anna.start", value=10, says="day 0 to 9"),
    mistake("a split after the last day", ("posts = 2\nevery", "posts = 2\nstart = 10\nevery"), key="plan.mix.start",
            value=10, says="day 0 to 9"),
    mistake("no posts", ('"anna", posts = 2', '"anna", posts = 0'), key="plan.small.deals.anna.posts", value=0,
            says="from 1 to 1,000"),
    mistake("a negative fee", ("fee = 20 }", "fee = -20 }"), key="plan.small.deals.anna.fee", value=-20,
            says='0 or more, or "market"'),
    mistake("typo in market", ('fee = "market"', 'fee = "maket"'), key="plan.small.deals.ben.cooks.fee", value="maket",
            nearest="market"),
]  # fmt: skip

CREATORS = [
    mistake("no creators", ("[creators]\nroster = \"campaign_roster.csv\"\n", ""), ("[[creator]]", ""),
            ('handle = "star"\nfollowers = 20_000\nfee = 100', ""), key="creators", says="[[creator]]"),
    mistake("no such roster", ("campaign_roster.csv", "campain_roster.csv"), file="campain_roster.csv",
            key="creators.roster", nearest="campaign_roster.csv"),
    mistake("an empty roster", files={ROSTER: ""}, file=ROSTER, says="empty"),
    mistake("a roster of headers only", files={ROSTER: "handle,followers\n"}, file=ROSTER, says="without creators"),
    mistake("a spreadsheet as roster", files={ROSTER: b"PK\x03\x04\x00\x00"}, file=ROSTER, says="not a text file"),
    mistake("a roster with one bad number", files={ROSTER: "handle,followers\nanna,many\nben.cooks,4000\n"},
            file=ROSTER, row=2, key="followers", value="many", many=True),
    mistake("a creator without followers", ("followers = 20_000\n", ""), key="creator.star.followers", says="missing"),
    mistake("two creators of one handle", ('handle = "star"', 'handle = "Anna"'), key="creator.Anna",
            says="two creators of one handle"),
    mistake("typo in a creator's niche", ("fee = 100", 'fee = 100\nniche = "fod"'), key="creator.star.niche",
            value="fod", nearest="food"),
    mistake("an audience larger than the market", ("followers = 20_000", "followers = 200_000"),
            (MIX, MIX.replace("micro", "mid")), key="creator.star.followers", value=200_000,
            says=("does not fit", "market.population of at least")),
    mistake("an audience too small to say anything", ("followers = 20_000", "followers = 200"), (MIX, MIX[:13] +
            "split = { nano = 0.5 }"), (ANNA, '{ creator = "star" }'), key="creator.star.followers", value=200,
            says="--people"),
]  # fmt: skip

GRAPHS = [
    mistake("no such graph", (GRAPH, 'graph = "egdes.csv"'), files={"edges.csv": EDGES}, key="society.graph",
            value="egdes.csv", nearest="edges.csv"),
    mistake("a graph without edges", (GRAPH, 'graph = "edges.csv"'), files={"edges.csv": "src,dst\n"},
            file="edges.csv", says="expected"),
    mistake("a binary graph", (GRAPH, 'graph = "edges.csv"'), files={"edges.csv": b"\x00\x01\x02"}, file="edges.csv",
            says="binary"),
    mistake("a creator who is not in the graph", (GRAPH, 'graph = "edges.csv"'),
            files={"edges.csv": EDGES.replace("anna", "anne")}, key="creator.anna", value="anna", nearest="anne"),
    mistake("a creator nobody follows", (GRAPH, 'graph = "edges.csv"'),
            files={"edges.csv": EDGES.replace("anna,p", "p0,q") + "p0,anna\n"}, key="creator.anna",
            says="nobody follows"),
    mistake("people of one's own on a graph", ("worlds = 2", 'graph = "edges.csv"'), files={"edges.csv": EDGES},
            key="society.people", value=10_000, says="its own people"),
    mistake("--people on a graph", (GRAPH, 'graph = "edges.csv"'), files={"edges.csv": EDGES},
            words=("world", SCENARIO, "--people", "500"), file=None, key="society.people", value=500,
            says="from --people"),
    mistake("worlds on a graph", (GRAPH, 'graph = "edges.csv"\nworlds = 5'), files={"edges.csv": EDGES},
            key="society.worlds", value=5, says="one world"),
    mistake("GraphML that is no XML", (GRAPH, 'graph = "net.graphml"'), files={"net.graphml": EDGES},
            file="net.graphml", row=1, says="is not XML"),
    mistake("GraphML cut short", (GRAPH, 'graph = "net.graphml"'), files={"net.graphml": GRAPHML[:-10]},
            file="net.graphml", says="is not XML"),
    mistake("an unknown niche of a node", (GRAPH, 'graph = "net.graphml"'),
            files={"net.graphml": GRAPHML.replace("food", "fod")}, file="net.graphml", key="node attribute niche",
            value="fod", nearest="food", says=("unknown niche (node p0)", "one of market.niches: beauty, food, sport")),
    mistake("an unknown edge attribute", words=("cascade", "net.graphml", "--seeds", "p0", "--p", "column:trust"),
            files={"net.graphml": GRAPHML}, file="net.graphml", key="weight column", value="trust",
            says="no such edge attribute"),
    mistake("--workers 0 for a cascade", words=("cascade", "karate", "--seeds", "0", "--workers", "0"), file=None,
            key="--workers", value=0, says="1 or more"),
    mistake("a graph's key without a graph", ("worlds = 2", "worlds = 2\nreverse = true"), key="society.reverse",
            says="without a graph"),
]  # fmt: skip

SETTINGS = [
    set_("--set without =", "product.price", key="--set", value="product.price", says="e.g. product.price=49.0"),
    set_("--set without a key", "=3", key="--set", value="=3", says="e.g. product.price=49.0"),
    set_("--set without a value", "product.price=", key="product.price"),
    set_("--set of half a list", "market.niches=[1", key="market.niches", value="[1"),
    set_("--set of two lines", "run.days=3\nx=4", key="run.days", value="3\nx=4"),
    set_("--set of words for a number", "product.price=cheap", key="product.price", value="cheap"),
    set_("--set with a decimal comma", "product.price=49,0", key="product.price", value="49,0",
         nearest="49.0"),
    set_("--set of nan", "product.price=nan", key="product.price", value="nan"),
    set_("--set of inf for a parameter", "parameters.click_rate=inf", key="parameters.click_rate", value="inf"),
    set_("--set in an unknown section", "prodct.price=3", key="prodct", nearest="product"),
    set_("--set of an unknown key", "product.prise=3", key="product.prise", nearest="price"),
    set_("--set of an unknown parameter", "parameters.clik_rate=0.1", key="parameters.clik_rate", nearest="click_rate"),
    set_("--set in an unknown plan", "plan.mxi.budget=3", key="plan.mxi", value="mxi", nearest="mix"),
    set_("--set in an unknown deal", "plan.small.deals.ana.posts=3", key="plan.small.deals.ana", nearest="anna"),
    set_("--set of a whole plan", "plan.mix=3", key="plan.mix", says="plan.mix.key=value"),
    set_("--set of a creator of the roster", "creator.anna.fee=3", key="creator.anna",
         says=("one of star", "the roster's own file")),
    set_("--set below a value", "run.days.x=3", key="run.days.x", says="single value"),
    set_("--set in a list", 'market.niches.0="x"', key="market.niches.0", says='market.niches=["a", "b"]'),
    set_("--set twice", "run.days=3", "run.days=4", key="run.days", says="to 3 and to 4"),
    set_("--set of half a day", "run.days=2.5", key="run.days", value=2.5, says="not a whole number"),
    set_("--set in an unknown segment", "segment=[{name = 'all', share = 1.0}]", "segment.al.trust=2", key="segment.al",
         nearest="all"),
    set_("--set of a segment where there is none", "segment.all.trust=2", key="segment", says="[[segment]]"),
    set_("--set of an unknown key of a second stage", "plan.small.second={start = 5}", "plan.small.budget=1000",
         "plan.small.second.post=2", key="plan.small.second.post", nearest="posts"),
    set_("--set of a typo in a format", "plan.small.deals.anna.format=storry", key="plan.small.deals.anna.format",
         nearest="story"),
    set_("--set of an unknown niche", "product.niche=fod", key="product.niche", value="fod", nearest="food"),
    option("--days 0", *("world", SCENARIO, "--set", "run.days=0"), key="run.days", value=0, says="from --set"),
    option("--people too few", "world", SCENARIO, "--people", "3", key="society.people", value=3,
           says=("from --people", "from 10")),
    option("--seed negative", "world", SCENARIO, "--seed", "-1", key="run.seed", value=-1, says="from --seed"),
    option("--people and --set that differ", "world", SCENARIO, "--people", "2000", "--set", "society.people=3000",
           key="society.people", says="to 2000 and to 3000"),
]  # fmt: skip

WORDS = [
    option("unknown command", "chek", SCENARIO, key="COMMAND", value="chek", nearest="check"),
    option("unknown option", "check", SCENARIO, "--sett", "a=1", key="--sett", nearest="--set"),
    option("an option of another command", "check", SCENARIO, "--workers", "2", key="--workers",
           says="influence check --help"),
    option("no scenario", "check", key="FILE", says="influence check --help"),
    option("two scenarios", "check", SCENARIO, "other.toml", value="other.toml", says="one word too many"),
    option("an option without its value", "world", SCENARIO, "--people", key="--people"),
    option("--people 1e6", "world", SCENARIO, "--people", "1e6", key="--people", value="1e6", nearest="1000000"),
    option("--people 20k", "world", SCENARIO, "--people", "20k", key="--people", value="20k", nearest="20000"),
    option("--people nan", "world", SCENARIO, "--people", "nan", key="--people", value="nan", says="a whole number"),
    option("unknown term", "glossary", "click_rte", key="TERM", value="click_rte", nearest="click_rate"),
    option("new over a scenario", "new", ".", files=MINE, file="scenario.toml", says="exists already"),
    option("new onto a file", "new", SCENARIO, file=SCENARIO, says="a folder"),
    option("new below a file", "new", f"{SCENARIO}/deeper", file=f"{SCENARIO}/deeper", says="cannot be written"),
]  # fmt: skip

RUNS = [
    option("--workers 0", "compare", SCENARIO, "--workers", "0", key="--workers", value=0, says="1 or more"),
    option("unknown engine", "compare", SCENARIO, "--engine", "kernal", key="--engine", value="kernal",
           nearest="kernel"),
    option("unknown engine of run", "run", SCENARIO, "--plan", "mix", "--engine", "agent", key="--engine",
           value="agent", nearest="agents"),
    option("unknown plan", "run", SCENARIO, "--plan", "mixx", file=SCENARIO, key="plan", value="mixx", nearest="mix",
           says="one of none, small, mix"),
    option("no plan to run", "run", SCENARIO, key="--plan", says="missing"),
    option("unknown replicate", "run", SCENARIO, "--plan", "mix", "--replicate", "4", key="--replicate", value=4,
           says="0 to 3"),
    option("negative replicate", "run", SCENARIO, "--plan", "mix", "--replicate", "-1", key="--replicate", value=-1),
    option("--out is a file", "compare", SCENARIO, "--out", ROSTER, key="--out", value=ROSTER, says="a folder"),
    option("--out below a file", "compare", SCENARIO, "--out", f"{ROSTER}/x", key="--out", value=f"{ROSTER}/x",
           says="cannot be written"),
    option("--out is empty", "world", SCENARIO, "--out", "", key="--out", value="", says="- to write nothing"),
    option("--out of a run is empty", "run", SCENARIO, "--plan", "mix", "--out", "", key="--out", value=""),
    option("--out is the scenario's own folder", "compare", SCENARIO, "--out", ".", files=MINE, key="--out",
           value=".", says="not results"),
    option("--overwrite a folder with files of our names", "compare", SCENARIO, "--out", ".", "--overwrite",
           files=MINE, key="--out", value=".", says=("scenario.toml", "nothing was changed")),
    option("an audience too large, found before anything is cleared", "compare", SCENARIO, "--out", "old",
           "--overwrite", "--set", "creator.star.followers=200_000", "--set", "plan.mix.split={mid=1.0}",
           files=OLD, file=SCENARIO, key="creator.star.followers"),
    option("report on nothing", "report", "nowhere", file="nowhere", says="influence compare"),
    option("reproduce what is no comparison", "reproduce", ".", file=".", says="influence compare"),
]  # fmt: skip

IN_FILES = [*FILES, *KEYS, *NUMBERS, *NAMES, *PLANS, *TERMS, *SEEDINGS, *STAGES, *MARKETS, *CREATORS, *GRAPHS]
TABLE = [*IN_FILES, *SETTINGS, *WORDS, *RUNS]


def lay_out(folder: Path, mistake: Mistake) -> None:
    """The folder in which the mistake is made."""
    text = (SAMPLES / SCENARIO).read_text()
    for old, new in mistake.edits:
        assert text.count(old) >= 1, f"{old!r} is not in the scenario"
        text = text.replace(old, new, 1)
    for name, content in {SCENARIO: text, ROSTER: (SAMPLES / ROSTER).read_text(), **mistake.files}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_table_is_sound(tmp_path: Path, influence: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The scenario that every mistake starts from is in order, on a graph too, and no mistake stands twice."""
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, Mistake("none"))
    assert influence(*CHECK).code == 0
    lay_out(tmp_path, Mistake("none", ((GRAPH, 'graph = "edges.csv"'),), files={"edges.csv": EDGES}))
    assert influence(*CHECK).code == 0
    lay_out(tmp_path, Mistake("none", ((GRAPH, 'graph = "net.graphml"'),), files={"net.graphml": GRAPHML}))
    assert influence(*CHECK).code == 0
    assert len(TABLE) == len({mistake.name for mistake in TABLE}) >= 45


@pytest.mark.parametrize("mistake", TABLE, ids=lambda mistake: mistake.name)
def test_a_mistake_ends_in_one_clear_message(
    mistake: Mistake, tmp_path: Path, influence: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, mistake)
    before = contents(tmp_path)
    answer = influence(*mistake.words, "--json")
    assert answer.code == 2, answer.err
    assert answer.err.startswith("influence: ")
    assert "Traceback" not in answer.err
    assert "Input should be" not in answer.err
    assert answer.err.count("\n") < (20 if mistake.many else 2)
    assert contents(tmp_path) == before
    document = answer.json()
    assert document["schema"] == 1
    _check_error(mistake, document["error"], answer.err)


def _check_error(mistake: Mistake, error: Mapping[str, Any], text: str) -> None:
    """The parts of the error, in JSON and in the text."""
    assert {"message", "file", "key", "row", "value", "expected", "nearest"} <= error.keys()
    error = {**error, "file": _from_here(error["file"])}
    for part, wanted in {"file": SCENARIO, **mistake.about}.items():
        assert error[part] == wanted, f"{part}: {error[part]!r} and not {wanted!r}\n{text}"
        shown = isinstance(wanted, str) and part != "value" and wanted.isprintable()
        assert not shown or wanted in text, f"{part} {wanted!r} is not in {text!r}"
    assert error["message"]
    assert error["expected"], "nothing says what was expected"
    for words in mistake.says:
        assert words in text


def _from_here(file: str | None) -> str | None:
    """A file as the user would name it; a graph is named in full."""
    return file if file is None or not Path(file).is_absolute() else str(Path(file).relative_to(Path.cwd()))


# --- several at once ---------------------------------------------------------------------------------------


def problems(answer: Any) -> set[tuple[str | None, str | None, int | None]]:
    return {(one["file"], one["key"], one["row"]) for one in answer.json()["error"]["problems"]}


def test_everything_wrong_is_told_at_once(
    tmp_path: Path, influence: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    edits = (("price = 40.0", "prise = 40.0"), ("days = 10", "days = 0"), ("click_rate", "clik_rate"),
             ('"tiktok"', '"tiktik"'), ('"anna", posts', '"ana", posts'), ("population = 100_000", 'population = "x"'),
             ('name = "mix"', 'name = "none"'), ("nano = 0.5", "nano = 5"))  # fmt: skip
    lay_out(tmp_path, Mistake("many", edits))
    answer = influence(*CHECK, "--set", "product.margin=2", "--set", "plan.smal.x=1", "--set", "nonsense", "--json")
    assert answer.code == 2
    assert problems(answer) == {
        (SCENARIO, "product.prise", None), (SCENARIO, "run.days", None), (SCENARIO, "parameters.clik_rate", None),
        (SCENARIO, "platform.preset", None), (SCENARIO, "plan.small.deals.ana.creator", None),
        (SCENARIO, "market.population", None), (SCENARIO, "plan.none.split.nano", None),
        (None, "product.margin", None), (None, "plan.smal", None), (None, "--set", None),
    }  # fmt: skip
    assert answer.err.startswith(f"influence: {SCENARIO}: 10 problems found\n")


def test_every_bad_row_of_a_roster_is_told_beside_the_file_s_own_problems(
    tmp_path: Path, influence: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "handle,followers,niche\nanna,many,beauty\nben.cooks,4000,fod\nANNA,-5,\n"
    lay_out(tmp_path, Mistake("many", (("days = 10", "days = 0"),), files={ROSTER: rows}))
    answer = influence(*CHECK, "--json")
    assert problems(answer) == {
        (ROSTER, "followers", 2), (ROSTER, "niche", 3), (ROSTER, "handle", 4), (ROSTER, "followers", 4),
        (SCENARIO, "run.days", None),
    }  # fmt: skip


def test_what_follows_from_another_problem_is_not_told(
    tmp_path: Path, influence: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its niches and roster the scenario's niches and creators are not known to be wrong."""
    monkeypatch.chdir(tmp_path)
    edits = (('["beauty", "food", "sport"]', '"beauty"'), ("days = 10", "days = 0"))
    lay_out(tmp_path, Mistake("two", edits))
    assert problems(influence(*CHECK, "--json")) == {(SCENARIO, "market.niches", None), (SCENARIO, "run.days", None)}


# --- folders -----------------------------------------------------------------------------------------------

QUICK = ("--people", "2000", "--replicates", "2", "--days", "3", "--workers", "1", "--quiet",
         "--set", "creator.star.followers=10_000")  # fmt: skip


def test_another_question_s_results_are_kept_and_foreign_files_survive_overwriting(
    tmp_path: Path, influence: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, Mistake("none"))
    assert influence("compare", SCENARIO, *QUICK, "--out", "out").code == 0
    (tmp_path / "out/notes.txt").write_text("mine")
    (tmp_path / "out/figures/sketch.png").write_text("mine")
    before = contents(tmp_path)
    other = ("compare", SCENARIO, *QUICK, "--out", "out", "--seed", "8")
    answer = influence(*other, "--json")
    assert (answer.code, answer.json()["error"]["key"], answer.json()["error"]["value"]) == (2, "--out", "out")
    assert "another question's results" in answer.err
    assert "--overwrite" in answer.err
    assert contents(tmp_path) == before
    assert influence(*other, "--overwrite").code == 0
    after = contents(tmp_path)
    assert after["out/notes.txt"] == after["out/figures/sketch.png"] == b"mine"
    assert after["out/digest"] != before["out/digest"]
    assert after["out/summary.json"] != before["out/summary.json"]


@pytest.mark.full
def test_overwriting_enters_a_folder_of_foreign_files_without_touching_them(
    tmp_path: Path, influence: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, Mistake("none", files={"out/notes.txt": "mine"}))
    command = ("world", SCENARIO, "--quiet", "--out", "out")
    assert influence(*command).code == 2
    assert not (tmp_path / "out/digest").exists()
    assert influence(*command, "--overwrite").code == 0
    assert (tmp_path / "out/notes.txt").read_text() == "mine"
    assert (tmp_path / "out/summary.json").exists()


def test_a_scenario_s_name_cannot_lead_out_of_the_results_folder(
    tmp_path: Path, influence: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    lay_out(inner, Mistake("none", (('name = "campaign"', 'name = "../../up"'),)))
    assert influence("compare", SCENARIO, *QUICK).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]
    assert len(list((inner / "results").iterdir())) == 1


def test_damaged_results_are_told(
    tmp_path: Path, influence: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, Mistake("none"))
    assert influence("compare", SCENARIO, *QUICK, "--out", "out").code == 0
    summary = (tmp_path / "out/summary.json").read_text()
    (tmp_path / "out/summary.json").write_text(summary[:100])
    answer = influence("reproduce", "out", "--json")
    assert (answer.code, answer.json()["error"]["file"]) == (2, "out/summary.json")
    (tmp_path / "out/summary.json").write_text(summary)
    (tmp_path / "out/scenario.toml").write_text((SAMPLES / "small.toml").read_text())
    answer = influence("report", "out")
    assert answer.code == 2
    assert "has been edited" in answer.err


# --- in a process of its own -------------------------------------------------------------------------------


def process(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sim.cli", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", [("check", "nowhere.toml"), ("check", SCENARIO, "--set", "run.days=0"), ("chek",),
                                   ("check", "\udcff.toml")])  # fmt: skip
def test_in_a_process_of_its_own(words: tuple[str, ...], tmp_path: Path) -> None:
    lay_out(tmp_path, Mistake("none"))
    done = process(*words, "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("influence: ")
    assert done.stderr.count("\n") == 1
    assert json.loads(done.stdout)["error"]["message"]


def test_no_words_at_all_print_the_help(tmp_path: Path) -> None:
    done = process(cwd=tmp_path)
    assert done.returncode == 2
    assert "Usage: " in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_value_of_zero_is_shown_as_such() -> None:
    assert "(got 0)" in str(InputError("out of range", value=0))
    assert "(got false)" in str(InputError("out of range", value=False))
    assert "(got 'x')" in str(InputError("a text expected", value="x"))


def test_several_problems_survive_a_process_pool() -> None:
    several = InputErrors([InputError("one", key="a"), InputError("two", key="b")], file="f.toml")
    again = pickle.loads(pickle.dumps(several))
    assert str(again) == str(several)
    assert [problem.key for problem in again.problems] == ["a", "b"]
