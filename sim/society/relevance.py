"""Who cares for what, and where: interest in topics, relevance of the product, fit, languages, regions of sale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.scenario.load import Scenario
from sim.scenario.roster import CreatorSpec

Floats = NDArray[np.float64]

NO_NICHE = -1
NO_LANGUAGE = -1
"""Of a post that is understood everywhere: a friend's, or one of a creator whose language is not given."""


def position(names: Sequence[str], name: str | None) -> int:
    """Place of a name in a list, -1 for none."""
    return -1 if name is None else list(names).index(name)


def niche_number(scenario: Scenario, creator: CreatorSpec) -> int:
    """Index of the creator's niche, NO_NICHE for a general creator."""
    return position(scenario.market.niches, creator.niche)


def languages(scenario: Scenario) -> list[str]:
    """The market's languages, each once, in the order of the regions."""
    return list(dict.fromkeys(scenario.market.languages or ()))


def language_number(scenario: Scenario, creator: CreatorSpec) -> int:
    """Index of the creator's language: as given, else that of the creator's region, else NO_LANGUAGE."""
    market, spoken = scenario.market, creator.language
    if spoken is None and market.languages is not None and creator.region is not None:
        spoken = market.languages[market.regions.index(creator.region)]
    return position(languages(scenario), spoken)


def understanding(scenario: Scenario) -> Floats:
    """What is left of interest, by language of the post and region of the reader; the last row: no language."""
    spoken, regions = languages(scenario), scenario.market.regions
    table = np.ones((len(spoken) + 1, len(regions)))
    for row, language in enumerate(spoken):
        for column, own in enumerate(scenario.market.languages or ()):
            table[row, column] = 1.0 if own == language else scenario.rates.foreign_language
    return table


def sold(scenario: Scenario) -> Floats:
    """1 where the product is sold, 0 elsewhere, by region."""
    where = scenario.product.sold_in
    return np.array([1.0 if where is None or region in where else 0.0 for region in scenario.market.regions])


def interest_by_topic(scenario: Scenario) -> Floats:
    """A[topic, niche], the last row for posts without a niche."""
    k = len(scenario.market.niches)
    table = np.full((k + 1, k), scenario.rates.cross_affinity)
    np.fill_diagonal(table, 1.0)
    table[k] = scenario.rates.general_affinity
    return table


def product_relevance(scenario: Scenario) -> Floats:
    """Interest in the product by niche."""
    niches = scenario.market.niches
    if scenario.product.niche is None:
        return np.ones(len(niches))
    return np.array([1.0 if n == scenario.product.niche else scenario.rates.product_cross_affinity for n in niches])


def fit_of(scenario: Scenario, creator: CreatorSpec) -> float:
    """Who is an expert for this product: affinity of the creator's niche with the product's."""
    if scenario.product.niche is None or creator.niche == scenario.product.niche:
        return 1.0
    return scenario.rates.general_affinity if creator.niche is None else scenario.rates.cross_affinity
