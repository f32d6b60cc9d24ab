"""A replay as the data that its page carries: small typed arrays in base64, names and figures as JSON."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.engine.posts import SEED_ORDINAL
from sim.randomness import BY_AUTHOR, RECOMMENDED, post_ordinal
from sim.record import Event, Run
from sim.rules import FIXED_POINT
from sim.society.relevance import NO_NICHE
from sim.studies.replay import Played, Replay
from sim.studies.replay_minds import CREATORS_FROM
from sim.views.replay.layout import follows_shown, layout

NOTHING = 65_535
"""Stands for "no post" and "never" in columns of 16 bits."""
FEELS = 9
"""The kind of the rows that say a person's attitude at the end of a day, beside the kinds of ``record.Event``."""
FIGURES = {"reached": "people reached", "engagements": "engagements", "clicks": "clicks", "shares": "shares",
           "orders": "orders"}  # fmt: skip
"""What is counted, day by day, in the whole run and among the people shown."""
_OF_EVENT = {"engagements": Event.ENGAGE, "clicks": Event.CLICK, "shares": Event.SHARE, "orders": Event.BUY}


def packed64(values: ArrayLike, kind: str) -> str:
    """Numbers of a little-endian type such as "<u2", as base64."""
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode()


def whole_figures(run: Run) -> dict[str, NDArray[np.int64]]:
    """By day, in real people or counts of them: first reached, engagements, clicks, shares, first orders, all drawn."""
    daily = run.daily
    counts = {"reached": sum(daily[name] for name in daily if name.startswith("reached_")),
              "orders": daily["conversions_drawn"]}  # fmt: skip
    counts |= {name: daily[f"{name}_drawn"] for name in ("engagements", "clicks", "shares")}
    return {name: np.rint(counts[name] * run.people_per_agent).astype(np.int64) for name in FIGURES}


def shown_figures(played: Played) -> dict[str, NDArray[np.int64]]:
    """The same among the people shown, in agents."""
    events, days = played.events, played.campaign.days
    seen = events[events["kind"] == Event.SEE]
    first = np.unique(seen["person"], return_index=True)[1]
    found = {"reached": np.bincount(seen["day"][first], minlength=days)}
    for name, kind in _OF_EVENT.items():
        found[name] = np.bincount(events["day"][events["kind"] == kind], minlength=days)
    return {name: found[name].astype(np.int64) for name in FIGURES}


def replay_data(replay: Replay) -> dict[str, Any]:
    """Everything that the page draws and tells."""
    scenario, world, society = replay.scenario, replay.world, replay.world.society
    people, placed = replay.shown.people, layout(replay)
    start, to = follows_shown(replay)
    begin = scenario.run.start_date
    return {
        "name": scenario.name, "currency": scenario.market.currency, "price": scenario.product.price,
        "days": scenario.run.days, "start": begin.isoformat() if begin else None,
        "niches": list(scenario.market.niches), "regions": list(scenario.market.regions),
        "byAuthor": BY_AUTHOR, "recommended": RECOMMENDED,
        "n": len(people), "names": _names(replay),
        "id": packed64(people, "<u4"), "community": packed64(replay.shown.community, "<u2"),
        "byLot": replay.shown.by_lot.astype(int).tolist(),
        "x": packed64(np.rint(placed.people[:, 0] * NOTHING), "<u2"),
        "y": packed64(np.rint(placed.people[:, 1] * NOTHING), "<u2"),
        "discs": [[round(float(value), 4) for value in disc] for disc in placed.discs],
        "niche": packed64(society.niche[people], "<u2"), "region": packed64(society.region[people], "<u2"),
        "need": packed64(world.need[people], "<f4"), "owner": packed64(society.owner[people], "<u1"),
        "tieStart": packed64(start, "<u4"), "tieTo": packed64(to, "<u2"),
        "plans": [_plan(replay, played) for played in replay.plans],
    }  # fmt: skip


def _names(replay: Replay) -> dict[str, str] | None:
    """On a given graph, what the people are called who are shown or who showed them something, by number."""
    names = replay.world.society.names
    if not names:
        return None
    told = [post.person for played in replay.plans for post in played.told.values()]
    showers = [played.events["shower"] for played in replay.plans]
    numbers = np.unique(np.concatenate([replay.shown.people, told, *showers]).astype(np.int64))
    return {str(number): names[number] for number in numbers.tolist() if 0 <= number < len(names)}


def _plan(replay: Replay, played: Played) -> dict[str, Any]:
    campaign, world = played.campaign, replay.world
    place = {number: at for at, number in enumerate(campaign.creators)}
    audiences = [np.flatnonzero(np.isin(replay.shown.people, world.audience_of(c))) for c in campaign.creators]
    niches = replay.scenario.market.niches
    given = {one.person: one.day for one in campaign.given}
    addresses = [post.address for post in campaign.posts]
    addresses += [address for address in played.told if address < CREATORS_FROM]
    return {
        "name": played.name,
        "creators": [{"handle": world.handles[c], "followers": round(float(world.followers[c])),
                      "niche": None if world.niche[c] == NO_NICHE else niches[int(world.niche[c])],
                      "audience": packed64(audience, "<u2")}
                     for c, audience in zip(campaign.creators, audiences, strict=True)],
        "posts": _creators_posts(played, place) + _persons_posts(played),
        "given": {str(at): given[person] for at, person in enumerate(replay.shown.people.tolist()) if person in given},
        "events": _events(replay, played, place, addresses),
        "minds": _minds(played),
        "whole": {name: column.cumsum().tolist() for name, column in whole_figures(played.run).items()},
        "here": {name: column.cumsum().tolist() for name, column in shown_figures(played).items()},
    }  # fmt: skip


def _creators_posts(played: Played, place: dict[int, int]) -> list[dict[str, Any]]:
    """Posts in the campaign's order, each numbered among its creator's own by day."""
    posts, order = played.campaign.posts, dict[int, int]()
    for creator in played.campaign.creators:
        mine = sorted((post.day, post.address) for post in posts if post.creator == creator)
        order |= {address: number for number, (_, address) in enumerate(mine, 1)}
    return [{"c": place[post.creator], "day": post.day, "n": order[post.address], "form": post.form,
             "ad": post.disclosed, "code": round(post.discount, 4)} for post in posts]  # fmt: skip


def _persons_posts(played: Played) -> list[dict[str, Any]]:
    return [{"p": post.person, "word": post.word, "seed": post_ordinal(address) == SEED_ORDINAL}
            for address, post in played.told.items() if address < CREATORS_FROM]  # fmt: skip


def _events(replay: Replay, played: Played, place: dict[int, int], addresses: list[int]) -> dict[str, Any]:
    """Columns by day and person; on a day what was seen comes first, then what has no post, then the attitude."""
    rows, people = played.events, replay.shown.people
    felt = [(day, at, attitude) for at, mind in enumerate(played.minds) for day, attitude in mind.attitude]
    number = {address: at for at, address in enumerate(addresses)}
    post = [number.get(address, NOTHING) for address in rows["post"].tolist()]
    value = np.where(rows["kind"] == Event.BUY, _sellers(rows["value"], place), np.rint(rows["value"] * NOTHING))
    value = np.where(rows["kind"] == Event.TALK, rows["value"] > 0, value)
    day = np.concatenate([rows["day"], np.array([one[0] for one in felt], dtype=np.int64)])
    person = np.concatenate([np.searchsorted(people, rows["person"]), np.array([one[1] for one in felt], np.int64)])
    kind = np.concatenate([rows["kind"], np.full(len(felt), FEELS)])
    values = np.concatenate([value, np.rint(np.array([one[2] for one in felt]) * NOTHING)])
    posts = np.concatenate([post, np.full(len(felt), NOTHING)]).astype(np.int64)
    shower = np.concatenate([rows["shower"], np.zeros(len(felt))]).astype(np.uint32)
    order = np.lexsort((np.arange(len(day)), kind == FEELS, posts == NOTHING, person, day))
    columns = {"day": (day, "<u2"), "person": (person, "<u2"), "kind": (kind, "<u1"), "post": (posts, "<u2"),
               "shower": (shower, "<u4"), "value": (values, "<u2")}  # fmt: skip
    return {name: packed64(column[order], form) for name, (column, form) in columns.items()}


def _sellers(values: NDArray[np.float64], place: dict[int, int]) -> NDArray[np.float64]:
    """Place of the creator who is credited with an order, from 1; 0 for nobody."""
    return np.array([place.get(int(value), -1) + 1 for value in values.tolist()], dtype=np.float64)


def _minds(played: Played) -> dict[str, str]:
    """By person: the chance to buy on a day alone, at most and when, over all days, and on a buyer's day."""
    chances = np.array([mind.chance for mind in played.minds]) / FIXED_POINT
    return {
        "alone": packed64(np.array([mind.alone for mind in played.minds]) / FIXED_POINT, "<f4"),
        "most": packed64(chances.max(axis=1), "<f4"), "mostDay": packed64(chances.argmax(axis=1), "<u2"),
        "any": packed64(1.0 - np.prod(1.0 - chances, axis=1), "<f4"),
        "last": packed64([_last(row) for row in chances], "<f4"),
    }  # fmt: skip


def _last(chances: NDArray[np.float64]) -> float:
    """The chance on the last day in the market: for buyers, the day on which they bought."""
    days = np.flatnonzero(chances)
    return float(chances[days[-1]]) if len(days) else 0.0
