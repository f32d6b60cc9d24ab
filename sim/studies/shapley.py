"""Shapley values: the share of each player in what a coalition of all has more than a coalition of none.

A game gives every coalition (a subset of n players, as a whole number whose bit i says whether player i is in it) a
value v. A player's Shapley value is the mean, over all orders in which the players may come, of what the player adds on
coming (Shapley 1953). The values add up to v(all) - v(none). They are linear in v, so a design is a list of coalitions
and the weights of their values. Pure functions: nothing here knows the simulation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Stream, fixed_hash, uniforms

Floats = NDArray[np.float64]
MOST_EXACT = 6
"""Players up to which all 2^n coalitions are played."""
PAIRS = 6
"""Orders drawn beyond that, each with its reverse."""


@dataclass(frozen=True)
class Design:
    """Which coalitions to play and how to weigh them.

    coalitions: the first is that of none, the last that of all. weights: (players, coalitions), Shapley values are
    ``weights @ v``. pairs: (pairs of orders, players, coalitions), each with the estimate of one pair; None if exact.
    """

    coalitions: tuple[int, ...]
    weights: Floats
    pairs: Floats | None = None

    @property
    def exact(self) -> bool:
        return self.pairs is None

    def values(self, v: Floats) -> Floats:
        """Shapley values (players,) of a game with these values (coalitions,)."""
        return self.weights @ v

    def errors(self, v: Floats) -> Floats:
        """Standard errors (players,) that come of having drawn orders; 0 where all coalitions are played."""
        if self.pairs is None:
            return np.zeros(len(self.weights))
        estimates = self.pairs @ v
        return np.asarray(np.std(estimates, axis=0, ddof=1) / np.sqrt(len(estimates)))


def exact(players: int) -> Design:
    """Every coalition: φ_i = Σ |S|!(n - |S| - 1)!/n!·(v(S ∪ i) - v(S)) over the S without i."""
    coalitions = tuple(range(1 << players))
    weights = np.zeros((players, len(coalitions)))
    for coalition in coalitions:
        size = coalition.bit_count()
        for player in range(players):
            if coalition >> player & 1:
                weights[player, coalition] = factorial(size - 1) * factorial(players - size)
            else:
                weights[player, coalition] = -factorial(size) * factorial(players - size - 1)
    return Design(coalitions, weights / factorial(players))


def sampled(orders: Sequence[Sequence[int]]) -> Design:
    """The coalitions that form along these orders and their reverses: unbiased where the orders are drawn.

    An order and its reverse are antithetic: who comes early in one comes late in the other (Castro et al. 2009;
    Mitchell et al. 2022).
    """
    everyone = (1 << len(orders[0])) - 1
    formed = {coalition for order in orders for way in (order, order[::-1]) for coalition in _along(way)}
    coalitions = tuple(sorted(formed | {0, everyone}))
    place = {coalition: column for column, coalition in enumerate(coalitions)}
    pairs = np.zeros((len(orders), len(orders[0]), len(coalitions)))
    for pair, order in enumerate(orders):
        for way in (order, order[::-1]):
            before = 0
            for player, coalition in zip(way, _along(way), strict=True):
                pairs[pair, player, place[coalition]] += 0.5
                pairs[pair, player, place[before]] -= 0.5
                before = coalition
    return Design(coalitions, pairs.mean(axis=0), pairs)


def _along(order: Sequence[int]) -> list[int]:
    """The coalitions after each player's coming."""
    return [sum(1 << player for player in order[: count + 1]) for count in range(len(order))]


def drawn_orders(names: Sequence[str], pairs: int, seed: int) -> list[list[int]]:
    """Orders of the players, drawn by name: adding a player leaves the order of the others as it is."""
    addresses = np.array([fixed_hash(f"player|{name}", bits=32) for name in names])
    return [np.argsort(uniforms(seed, 0, Stream.PERMUTATION, person=addresses, post=pair)[0]).tolist()
            for pair in range(pairs)]  # fmt: skip


def design(names: Sequence[str], seed: int) -> Design:
    """All coalitions of up to ``MOST_EXACT`` players, else those along drawn orders."""
    if len(names) <= MOST_EXACT:
        return exact(len(names))
    return sampled(drawn_orders(names, PAIRS, seed))
