"""World = society + creators + their audiences, as frozen arrays: all that an engine needs to know of the place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.errors import InputError, nearest_match
from sim.parameters import Rates
from sim.randomness import creator_address, fixed_hash
from sim.scenario.load import Scenario
from sim.scenario.roster import CreatorSpec
from sim.society.audiences import FEW, Audience, check_size, draw_audience
from sim.society.creators import AudienceProfile, Standing, creator_draws, standing
from sim.society.graphml import place_numbers
from sim.society.imported import ImportedGraph
from sim.society.kept import kept_society
from sim.society.society import Society, society_from_arcs

Floats = NDArray[np.float64]

NO_NICHE = -1


@dataclass(frozen=True)
class World:
    """One society with the booked creators of a scenario and their audiences.

    Creator arrays have length C, in order of handle. audience_start (C+1) and audience: followers of creator c are
    ``audience[audience_start[c]:audience_start[c+1]]``, ascending. interest (K+1, K): interest of people of niche
    k in posts of topic t, the last row being "no niche". product_relevance (K): interest in the product by niche.
    node: the creator's own person on a given graph, else -1.
    """

    society: Society
    people_per_agent: float
    handles: tuple[str, ...]
    address: NDArray[np.uint32]
    followers: Floats
    niche: NDArray[np.int16]
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
    owners_followed: NDArray[np.int64]
    warnings: tuple[str, ...] = ()

    @property
    def n_people(self) -> int:
        return self.society.n_people

    @property
    def n_creators(self) -> int:
        return len(self.handles)

    def audience_of(self, creator: int) -> NDArray[np.int32]:
        """The people who follow creator number ``creator``, ascending."""
        return self.audience[self.audience_start[creator] : self.audience_start[creator + 1]]

    def index_of(self, handle: str) -> int:
        """The number of the creator of that handle."""
        return self.handles.index(handle)


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


def build_world(scenario: Scenario, replicate: int = 0, society: Society | None = None) -> World:
    """The world of one replicate: audiences, qualities and prices are drawn anew in each.

    society: the replicate's society when it is at hand already, else it is built.
    Raises InputError where an audience does not fit the market or is too small to simulate.
    """
    society = society or build_society(scenario, replicate % scenario.worlds)
    per_agent = (scenario.market.population or society.n_people) / society.n_people
    if per_agent < 1.0:
        raise InputError("fewer real people than the graph has nodes", key="market.population",
                         value=scenario.market.population, expected=f"at least {society.n_people}")  # fmt: skip
    interest, relevance = _interest(scenario), _product_relevance(scenario)
    audiences, standings, noises, warnings = [], [], [], list(scenario.notes)
    for creator in scenario.booked:
        audience, warning = _audience(scenario, creator, society, per_agent, replicate)
        draws = creator_draws(creator, scenario.rates, scenario.run.seed, replicate)
        profile = _profile(scenario, creator, audience, society, per_agent, interest)
        standings.append(standing(creator, draws.quality, profile, scenario.rates))
        audiences.append(audience.followers)
        noises.append(draws.price_noise)
        warnings += [warning] if warning else []
    return _assembled(scenario, society, per_agent, audiences, standings, noises, interest, relevance, warnings)


def check_audiences(scenario: Scenario) -> list[str]:
    """Warnings on audiences that are small, without building anything; InputError as in ``build_world``."""
    if scenario.graph is not None:
        society = build_society(scenario, 0)
        return [warning for c in scenario.booked if (warning := _given_audience(c, society)[1])]
    population = float(scenario.market.population or scenario.people)
    found = []
    for creator in scenario.booked:
        target = creator.followers * (1 - fake_share(creator, scenario.rates)) * scenario.people / population
        found.append(check_size(creator, target, scenario.people, population))
    return [warning for warning in found if warning]


def _audience(
    scenario: Scenario, creator: CreatorSpec, society: Society, per_agent: float, replicate: int
) -> tuple[Audience, str | None]:
    if society.names:
        return _given_audience(creator, society)
    target = creator.followers * (1 - fake_share(creator, scenario.rates)) / per_agent
    warning = check_size(creator, target, society.n_people, per_agent * society.n_people)
    audience = draw_audience(
        society, creator_address(creator.handle), niche_number(scenario, creator),
        _position(scenario.market.regions, creator.region), target, scenario.rates, scenario.run.seed, replicate,
    )  # fmt: skip
    return audience, warning


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
    if creator.handle not in society.names:
        raise InputError("no such node in the graph", key=f"creator.{creator.handle}", value=creator.handle,
                         expected="a node name as in the graph's file",
                         nearest=nearest_match(creator.handle, list(society.names[:20000])))  # fmt: skip
    return society.names.index(creator.handle)


def fake_share(creator: CreatorSpec, rates: Rates) -> float:
    """Fake or inactive share of a creator's followers: as given, else the default for all sizes."""
    return rates.fake_share if creator.fake_share is None else creator.fake_share


def niche_number(scenario: Scenario, creator: CreatorSpec) -> int:
    """Index of the creator's niche, NO_NICHE for a general creator."""
    return _position(scenario.market.niches, creator.niche)


def _position(names: Sequence[str], name: str | None) -> int:
    return NO_NICHE if name is None else list(names).index(name)


def _interest(scenario: Scenario) -> Floats:
    """A[topic, niche], the last row for posts without a niche."""
    k = len(scenario.market.niches)
    table = np.full((k + 1, k), scenario.rates.cross_affinity)
    np.fill_diagonal(table, 1.0)
    table[k] = scenario.rates.general_affinity
    return table


def _product_relevance(scenario: Scenario) -> Floats:
    niches = scenario.market.niches
    if scenario.product.niche is None:
        return np.ones(len(niches))
    return np.array([1.0 if n == scenario.product.niche else scenario.rates.product_cross_affinity for n in niches])


def _fit(scenario: Scenario, creator: CreatorSpec) -> float:
    """Who is an expert for this product: affinity of the creator's niche with the product's."""
    if scenario.product.niche is None or creator.niche == scenario.product.niche:
        return 1.0
    return scenario.rates.general_affinity if creator.niche is None else scenario.rates.cross_affinity


def _profile(
    scenario: Scenario, creator: CreatorSpec, audience: Audience, society: Society, per_agent: float, interest: Floats
) -> AudienceProfile:
    niche, rates = niche_number(scenario, creator), scenario.rates
    row = interest[niche]
    anyone = float(society.niche_share @ row)
    stranger = anyone if niche == NO_NICHE else rates.in_niche + (1 - rates.in_niche) * anyone
    real = audience.expected_size * per_agent
    return AudienceProfile(
        followers=float(creator.followers) if not society.names else real / (1 - fake_share(creator, rates)),
        real_followers=real,
        niche_shares=audience.niche_shares,
        relevance=row,
        stranger_relevance=stranger,
        activity=society.spread[0],
        expressiveness=society.spread[1],
    )


def _assembled(
    scenario: Scenario,
    society: Society,
    per_agent: float,
    audiences: Sequence[NDArray[np.int32]],
    standings: Sequence[Standing],
    noises: Sequence[float],
    interest: Floats,
    relevance: Floats,
    warnings: Sequence[str],
) -> World:
    booked = scenario.booked
    return World(
        society=society,
        people_per_agent=per_agent,
        handles=tuple(creator.handle for creator in booked),
        address=np.array([creator_address(creator.handle) for creator in booked], dtype=np.uint32),
        followers=np.array([creator.followers for creator in booked], dtype=np.float64),
        niche=np.array([niche_number(scenario, creator) for creator in booked], dtype=np.int16),
        quality=np.array([s.quality for s in standings]),
        price_noise=np.array(noises),
        trust=np.array([s.trust for s in standings]),
        rank=np.array([s.rank for s in standings]),
        engagement_rate=np.array([s.engagement_rate for s in standings]),
        fit=np.array([_fit(scenario, creator) for creator in booked]),
        node=np.array([node_of(c, society) if society.names else -1 for c in booked], dtype=np.int64),
        audience_start=np.concatenate([[0], np.cumsum([len(a) for a in audiences])]).astype(np.int64),
        audience=np.concatenate([*audiences, np.empty(0, np.int32)]),
        interest=interest,
        product_relevance=relevance,
        owners_followed=society.owners_followed(),
        warnings=tuple(warnings),
    )
