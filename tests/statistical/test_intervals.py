"""Do nominal 95 % intervals hold the true value 95 % of the time?

1,000 made-up experiments each. Rule: without clusters coverage lies in 92.5 to 97.5 % (its own standard error
is 0.7 points, so the rule fails by chance about once in 3,000 times); with clusters the interval that knows
them covers clearly better than the one that does not. The seed is fixed: the outcome does not vary.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.results.statistics import (
    Interval,
    difference_of_ratios,
    log_ratio_interval,
    mean_interval,
    ratio_interval,
)

N_EXPERIMENTS = 1000
SIZES = [8, 20, 50]


def coverage(truth: float, experiment: Callable[[np.random.Generator], Interval | None]) -> float:
    """Share of experiments whose interval holds ``truth``; an undefined interval does not."""
    draws = np.random.default_rng(20260301)
    found = [experiment(draws) for _ in range(N_EXPERIMENTS)]
    return sum(i is not None and i.low <= truth <= i.high for i in found) / N_EXPERIMENTS  # type: ignore[operator]


def orders_and_cost(draws: np.random.Generator, n: int, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Costs with a spread of a quarter, and ``rate`` orders per unit of cost with a spread of 30 %."""
    cost = draws.gamma(16.0, 1.0, n)
    return rate * cost * draws.gamma(11.0, 1 / 11.0, n), cost


@pytest.mark.parametrize("n", SIZES)
def test_mean_interval_covers(n: int) -> None:
    covered = coverage(3.0, lambda draws: mean_interval(draws.normal(3.0, 2.0, n)))
    assert 0.925 <= covered <= 0.975


@pytest.mark.parametrize("n", SIZES)
def test_ratio_interval_covers(n: int) -> None:
    covered = coverage(0.5, lambda draws: ratio_interval(*orders_and_cost(draws, n, 0.5)))
    assert 0.925 <= covered <= 0.975


@pytest.mark.parametrize("n", SIZES)
def test_log_ratio_interval_covers(n: int) -> None:
    covered = coverage(np.log(0.5), lambda draws: log_ratio_interval(*orders_and_cost(draws, n, 0.5)))
    assert 0.925 <= covered <= 0.975


@pytest.mark.parametrize("n", SIZES)
def test_difference_of_ratios_covers(n: int) -> None:
    def experiment(draws: np.random.Generator) -> Interval | None:
        return difference_of_ratios(*orders_and_cost(draws, n, 0.7), *orders_and_cost(draws, n, 0.5))

    assert 0.925 <= coverage(0.2, experiment) <= 0.975


@pytest.mark.parametrize("n", SIZES)
def test_p_value_is_below_one_in_twenty_one_time_in_twenty(n: int) -> None:
    draws = np.random.default_rng(7)
    p_values = [mean_interval(draws.normal(0.0, 1.0, n)).p_value for _ in range(N_EXPERIMENTS)]
    assert 0.025 <= np.mean(np.array(p_values) < 0.05) <= 0.075


@pytest.mark.parametrize("n", [20, 50])
def test_interval_that_knows_the_societies_covers_better_where_they_differ(n: int) -> None:
    """Five societies that differ as much as replicates do: the plain interval is far too narrow."""
    societies = np.arange(n) % 5

    def values(draws: np.random.Generator) -> np.ndarray:
        return 3.0 + draws.normal(0.0, 1.0, 5)[societies] + draws.normal(0.0, 1.0, n)

    plain = coverage(3.0, lambda draws: mean_interval(values(draws)))
    clustered = coverage(3.0, lambda draws: mean_interval(values(draws), societies))
    assert plain < 0.85
    assert clustered >= 0.925
    assert clustered >= plain + 0.10


def test_ratio_that_knows_the_societies_covers_better_where_they_differ() -> None:
    societies = np.arange(20) % 5

    def columns(draws: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        orders, cost = orders_and_cost(draws, 20, 0.5)
        return orders * draws.gamma(16.0, 1 / 16.0, 5)[societies], cost

    plain = coverage(0.5, lambda draws: ratio_interval(*columns(draws)))
    clustered = coverage(0.5, lambda draws: ratio_interval(*columns(draws), societies))
    assert plain < 0.85
    assert clustered >= 0.90
    assert clustered >= plain + 0.10


@pytest.mark.parametrize("n", SIZES)
def test_interval_by_societies_covers_also_where_they_do_not_differ(n: int) -> None:
    societies = np.arange(n) % 5
    covered = coverage(0.0, lambda draws: mean_interval(draws.normal(0.0, 1.0, n), societies))
    assert 0.925 <= covered <= 0.975
