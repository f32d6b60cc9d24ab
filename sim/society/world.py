"""World = society + creators + their audiences, as frozen arrays: all that an engine needs to know of the place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError, nearest_match
from sim.parameters import Rates
from sim.randomness import creator_address, fixed_hash
from sim.scenario.load import Scenario
from sim.scenario.roster import CreatorSpec
from sim.shown import Shown
from sim.society.audiences import FEW, Audience, check_room, check_size, draw_audience
from sim.society.creators import AudienceProfile, Draws, Standing, creator_draws, fake_share, fake_shares, standing
from sim.society.graphml import place_numbers
from sim.society.imported import ImportedGraph
from sim.society.kept import kept_society
from sim.society.relevance import (
    NO_NICHE,
    fit_of,
    interest_by_topic,
    language_number,
    niche_number,
    position,
    product_relevance,
    sold,
    understanding,
)
from sim.society.segments import Segments, segments_of
from sim.society.society import Society, society_from_arcs

Floats = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class World(Shown):
    """One society with the booked creators of a scenario and their audiences.

    Creator arrays have length C, in order of handle. audience_start (C+1) and audience: followers of creator c are
    ``audience[audience_start[c]:audience_start[c+1]]``, ascending; real_followers: how many real people they stand
    for. interest (K+1, K): interest of people of niche k in posts of topic t, the last row being "no niche".
    product_relevance (K): interest in the product by niche. understood (L+1, R): what is left of interest by language
    of a post and region, the last row being "no language"; sold (R): 1 where the product is sold. node: the creator's
    own person on a given graph, else -1.
    """

    society: Society
    people_per_agent: float
    handles: tuple[str, ...]
    address: NDArray[np.uint32]
    followers: Floats
    real_followers: Floats
    niche: NDArray[np.int16]
    language: NDArray[np.int16]
    posts_a_day: Floats
    sponsored_share: Floats
    quality: Floats
    price_noise: Floats
    trust: Floats
    rank: Floats
    engagement_rate: Floats
    fit: Floats
    node: NDArray[np.int64]
    audience_start: NDArray[np.int64]
    audience: NDArray[np.int32]
    interest: Floats
    product_relevance: Floats
    understood: Floats
    sold: Floats
    owners_followed: NDArray[np.int64]
    segments: Segments
    warnings: tuple[str, ...] = ()

    @property
    def n_people(self) -> int:
        return self.society.n_people

    @property
    def n_creators(self) -> int:
        return len(self.handles)

    @cached_property
    def need(self) -> NDArray[np.float32]:
        """Need of each person for the product, 0 where it is not sold (n,)."""
        need = self.society.need
        return need if self.sold.all() else np.where(self.sold[self.society.region] > 0, need, np.float32(0))

    def voice(self, topic: int, language: int) -> int:
        """The row of ``interests`` for posts of a topic in a language."""
        topics, tongues = len(self.interest), len(self.understood)
        return topic % topics * tongues + language % tongues

    @cached_property
    def interests(self) -> tuple[Floats, Floats]:
        """Interest in posts, and in the product through them, by voice, niche and region: (voices, K, R)."""
        topics, tongues = len(self.interest), len(self.understood)
        posts = self.interest[:, None, :, None] * self.understood[None, :, None, :]
        product = np.broadcast_to(self.product_relevance[:, None] * self.sold, posts.shape[2:])
        offers = np.broadcast_to(product * self.understood[:, None, :], posts.shape)
        shape = (topics * tongues, *posts.shape[2:])
        return posts.reshape(shape), np.ascontiguousarray(offers).reshape(shape)

    def audience_of(self, creator: int) -> NDArray[np.int32]:
        """The people who follow creator number ``creator``, ascending."""
        return self.audience[self.audience_start[creator] : self.audience_start[creator + 1]]

    def index_of(self, handle: str) -> int:
        """The number of the creator of that handle."""
        return self.handles.index(handle)

    def only(self, handles: Iterable[str]) -> World:
        """The same world with these of its creators, as if no others had been booked."""
        wanted = set(handles)
        numbers = [number for number, handle in enumerate(self.handles) if handle in wanted]
        columns = {name: getattr(self, name)[numbers] for name in OF_CREATORS}
        audiences = [self.audience_of(number) for number in numbers]
        start = np.concatenate([[0], np.cumsum([len(audience) for audience in audiences])]).astype(np.int64)
        return replace(self, handles=tuple(self.handles[number] for number in numbers), **columns,
                       audience_start=start, audience=np.concatenate([*audiences, np.empty(0, np.int32)]))  # fmt: skip


OF_CREATORS = (
    "address", "followers", "real_followers", "niche", "language", "posts_a_day", "sponsored_share", "quality",
    "price_noise", "trust", "rank", "engagement_rate", "fit", "node",
)  # fmt: skip
"""The columns of a world that have one value a creator."""


def world_seed(seed: int, world: int) -> int:
    """The seed of society number ``world`` of a scenario."""
    return fixed_hash(f"world|{seed}|{world}", bits=32)


def build_society(scenario: Scenario, world: int) -> Society:
    """Society number ``world``: generated, or the given graph's."""
    return society_and_digest(scenario, world)[0]


def society_settings(scenario: Scenario, world: int) -> tuple[int, float, int, int, Rates, int]:
    """What decides generated society number ``world``: the arguments of ``generate_society``."""
    market = scenario.market
    return (scenario.people, scenario.society.peer_ties, len(market.niches), len(market.regions), scenario.rates,
            world_seed(scenario.run.seed, world))  # fmt: skip


def society_and_digest(scenario: Scenario, world: int) -> tuple[Society, str]:
    """Society number ``world`` with its digest; generated ones are kept on disk and mapped when asked for again."""
    if scenario.graph is None:
        return kept_society(*society_settings(scenario, world))
    market, seed, graph = scenario.market, world_seed(scenario.run.seed, world), scenario_graph(scenario)
    built = society_from_arcs(graph.names, graph.sources, graph.targets, len(market.niches), len(market.regions),
                              scenario.rates, seed, place_numbers(graph, "niche", market.niches, scenario.graph),
                              place_numbers(graph, "region", market.regions, scenario.graph))  # fmt: skip
    return built, built.digest()


def scenario_graph(scenario: Scenario) -> ImportedGraph:
    """The scenario's given graph."""
    from sim.society.graph import read_graph  # with pandas, which takes a while to import

    assert scenario.graph is not None
    return read_graph(scenario.graph, directed=scenario.society.directed, reverse=scenario.society.reverse)


def build_world(
    scenario: Scenario, replicate: int = 0, society: Society | None = None,
    audiences: Mapping[str, Audience] | None = None,
) -> World:  # fmt: skip
    """The world of one replicate: audiences, qualities and prices are drawn anew in each.

    society, audiences: the replicate's own when they are at hand already (``audiences_of``, by handle), else they are
    built. They depend on the numbers of the groups society and audiences only, and on the shares of fakes.
    Raises InputError where an audience does not fit the market or is too small to simulate.
    """
    society = society or build_society(scenario, replicate % scenario.worlds)
    per_agent = (scenario.market.population or society.n_people) / society.n_people
    if per_agent < 1.0:
        raise InputError("fewer real people than the graph has nodes", key="market.population",
                         value=scenario.market.population, expected=f"at least {society.n_people}")  # fmt: skip
    segments = segments_of(society, scenario.segments, world_seed(scenario.run.seed, replicate % scenario.worlds))
    drawn = audiences or audiences_of(scenario, society, replicate)
    booked = [
        _bookable(scenario, creator, society, segments, per_agent, replicate, drawn[creator.handle])
        for creator in scenario.booked
    ]
    return _assembled(scenario, society, segments, per_agent, booked)


def audiences_of(scenario: Scenario, society: Society, replicate: int) -> dict[str, Audience]:
    """Who follows each booked creator in one replicate, by handle. InputError as in ``build_world``."""
    per_agent = (scenario.market.population or society.n_people) / society.n_people
    return {creator.handle: _audience(scenario, creator, society, per_agent, replicate) for creator in scenario.booked}


def check_audiences(scenario: Scenario) -> list[str]:
    """Warnings on audiences that are small, without building anything; InputError as in ``build_world``."""
    if scenario.graph is not None:
        society = build_society(scenario, 0)
        return [warning for c in scenario.booked if (warning := _given_audience(c, society)[1])]
    found = [_check_audience(creator, scenario) for creator in scenario.booked]
    return [warning for warning in found if warning]


def _check_audience(creator: CreatorSpec, scenario: Scenario) -> str | None:
    """A warning or InputError at the fake share to be expected, or where the fewest fakes would leave no room."""
    population = float(scenario.market.population or scenario.people)
    most = creator.followers * scenario.people / population * (1 - fake_shares(creator, scenario.rates)[0])
    check_room(creator, most, scenario.people, population)
    return check_size(creator, expected_agents(creator, scenario), scenario.people, population)


def expected_agents(creator: CreatorSpec, scenario: Scenario) -> float:
    """The agents that are to follow a creator in a generated society."""
    population = float(scenario.market.population or scenario.people)
    return creator.followers * scenario.people / population * (1 - fake_share(creator, scenario.rates))


@dataclass(frozen=True)
class _Bookable:
    """A creator with audience, draws and standing in one replicate."""

    spec: CreatorSpec
    audience: Audience
    draws: Draws
    standing: Standing
    warning: str | None


def _bookable(
    scenario: Scenario, creator: CreatorSpec, society: Society, segments: Segments, per_agent: float, replicate: int,
    audience: Audience,
) -> _Bookable:  # fmt: skip
    draws = creator_draws(creator, scenario.rates, scenario.run.seed, replicate)
    warning = _given_audience(creator, society)[1] if society.names else _check_audience(creator, scenario)
    profile = _profile(scenario, creator, draws, audience, society, segments, per_agent)
    return _Bookable(creator, audience, draws, standing(creator, draws.quality, profile, scenario.rates), warning)


def _audience(scenario: Scenario, creator: CreatorSpec, society: Society, per_agent: float, replicate: int) -> Audience:
    if society.names:
        return _given_audience(creator, society)[0]
    _check_audience(creator, scenario)
    draws = creator_draws(creator, scenario.rates, scenario.run.seed, replicate)
    target = creator.followers * (1 - draws.fake_share) / per_agent
    return draw_audience(
        society, creator_address(creator.handle), niche_number(scenario, creator),
        position(scenario.market.regions, creator.region), target, scenario.rates, scenario.run.seed, replicate,
        understanding(scenario)[language_number(scenario, creator)],
    )  # fmt: skip


def _given_audience(creator: CreatorSpec, society: Society) -> tuple[Audience, str | None]:
    """On a given graph the audience is the creator's own followers there, however few."""
    followers = society.followers_of(node_of(creator, society))
    if not len(followers):
        raise InputError("nobody follows this node in the graph", key=f"creator.{creator.handle}",
                         expected="a node that others follow; `influence world` lists the most followed")  # fmt: skip
    shares = np.bincount(society.niche[followers], minlength=society.n_niches) / len(followers)
    few = f"{creator.handle}: {len(followers)} followers in the graph: its own figures are noisy"
    return Audience(followers, shares, float(len(followers))), few if len(followers) < FEW else None


def node_of(creator: CreatorSpec, society: Society) -> int:
    """The person that a creator is on a given graph."""
    return node_named(creator.handle, society, f"creator.{creator.handle}")


def node_named(name: str, society: Society, key: str = "seeding.people") -> int:
    """The person of that name on a given graph."""
    if name not in society.names:
        raise InputError("no such node in the graph", key=key, value=name,
                         expected="a node name as in the graph's file",
                         nearest=nearest_match(name, list(society.names[:20000])))  # fmt: skip
    return society.names.index(name)


def _profile(
    scenario: Scenario, creator: CreatorSpec, draws: Draws, audience: Audience, society: Society, segments: Segments,
    per_agent: float,
) -> AudienceProfile:  # fmt: skip
    niche, rates = niche_number(scenario, creator), scenario.rates
    row = interest_by_topic(scenario)[niche]
    anyone = float(society.niche_share @ row)
    stranger = anyone if niche == NO_NICHE else rates.in_niche + (1 - rates.in_niche) * anyone
    real = audience.expected_size * per_agent
    return AudienceProfile(
        followers=float(creator.followers) if not society.names else real / (1 - draws.fake_share),
        real_followers=real,
        niche_shares=audience.niche_shares,
        relevance=row,
        stranger_relevance=stranger,
        activity=segments.spread[0],
        expressiveness=segments.spread[1],
    )


def _assembled(
    scenario: Scenario, society: Society, segments: Segments, per_agent: float, booked: Sequence[_Bookable]
) -> World:
    def column(values: Iterable[float], dtype: Any = np.float64) -> Any:
        return np.array(list(values), dtype=dtype)

    specs, rates = [one.spec for one in booked], scenario.rates
    audiences = [one.audience.followers for one in booked]
    return World(
        society=society,
        people_per_agent=per_agent,
        handles=tuple(spec.handle for spec in specs),
        address=column((creator_address(spec.handle) for spec in specs), np.uint32),
        followers=column(spec.followers for spec in specs),
        real_followers=column(one.audience.expected_size * per_agent for one in booked),
        niche=column((niche_number(scenario, spec) for spec in specs), np.int16),
        language=column((language_number(scenario, spec) for spec in specs), np.int16),
        posts_a_day=column(rates.posts_a_day if s.posts_a_day is None else s.posts_a_day for s in specs),
        sponsored_share=column(
            rates.sponsored_share if s.sponsored_share is None else s.sponsored_share for s in specs
        ),
        quality=column(one.standing.quality for one in booked),
        price_noise=column(one.draws.price_noise for one in booked),
        trust=column(one.standing.trust for one in booked),
        rank=column(one.standing.rank for one in booked),
        engagement_rate=column(one.standing.engagement_rate for one in booked),
        fit=column(fit_of(scenario, spec) for spec in specs),
        node=column((node_of(s, society) if society.names else -1 for s in specs), np.int64),
        audience_start=np.concatenate([[0], np.cumsum([len(a) for a in audiences])]).astype(np.int64),
        audience=np.concatenate([*audiences, np.empty(0, np.int32)]),
        interest=interest_by_topic(scenario),
        product_relevance=product_relevance(scenario),
        understood=understanding(scenario),
        sold=sold(scenario),
        owners_followed=society.owners_followed(),
        segments=segments,
        warnings=(*scenario.notes, *(one.warning for one in booked if one.warning)),
    )
