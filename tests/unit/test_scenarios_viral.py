"""How often a post goes viral, on made-up replicates whose answer is known."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.results.measures import PlanTotals

STUDY = Path(__file__).parents[2] / "experiments" / "scenarios"
FOLLOWERS = 8_000.0


@pytest.fixture
def viral(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The function; its folder is on the path as when its script runs."""
    monkeypatch.syspath_prepend(str(STUDY))
    return importlib.import_module("viral").viral


def made_up(reach: list[float], orders: list[float]) -> Any:
    """A comparison of one plan, as far as the function looks at it, its replicates dealt over five societies."""
    totals = PlanTotals("one-post", {"reach": np.array(reach), "incremental_conversions": np.array(orders)})
    worlds = [number % 5 for number in range(len(reach))]
    return SimpleNamespace(totals={"one-post": totals}, ensemble=SimpleNamespace(worlds=worlds))


def test_two_of_twenty(viral: Any) -> None:
    """Wilson's interval of 2 in 20 is 2.8 to 30.1 %; exactly ten times is not more than ten times."""
    reach = [80_001.0, 200_000.0, 80_000.0] + [4_000.0] * 17
    found = viral(made_up(reach, [6.0, 10.0, 2.0] + [1.0] * 17), "one-post", FOLLOWERS)
    assert (found.replicates, found.viral, found.share) == (20, 2, 0.1)
    assert (found.low, found.high) == (pytest.approx(0.0279, abs=1e-4), pytest.approx(0.3010, abs=1e-4))
    assert (found.median, found.largest) == (0.5, 25.0)
    assert (found.extra, found.extra_rest) == (8.0, pytest.approx(19 / 18))
    assert found.of_orders == pytest.approx(16 / 35)


def test_where_none_goes_viral_nothing_is_said_of_what_it_sells(viral: Any) -> None:
    """0 in 100 leaves up to z²/(100 + z²) = 3.7 %."""
    found = viral(made_up([4_000.0] * 100, [1.0] * 100), "one-post", FOLLOWERS)
    assert (found.viral, found.share, found.low) == (0, 0.0, 0.0)
    assert found.high == pytest.approx(1.959964**2 / (100 + 1.959964**2), abs=1e-6)
    assert (found.extra, found.difference, found.of_orders) == (None, None, 0.0)
    assert found.extra_rest == 1.0


def test_difference_is_between_viral_posts_and_the_rest(viral: Any) -> None:
    """Every second post goes viral and sells three orders more, in every society."""
    reach = [100_000.0, 4_000.0] * 20
    found = viral(made_up(reach, [4.0, 1.0] * 20), "one-post", FOLLOWERS)
    assert found.share == 0.5
    assert found.difference.mean == pytest.approx(3.0)
    assert (found.difference.low, found.difference.high) == (pytest.approx(3.0), pytest.approx(3.0))


def test_how_many_times_the_followers_counts_as_viral_can_be_said(viral: Any) -> None:
    comparison = made_up([30_000.0, 10_000.0, 2_000.0, 1_000.0], [1.0] * 4)
    assert viral(comparison, "one-post", FOLLOWERS, times=1.0).viral == 2
    assert viral(comparison, "one-post", FOLLOWERS, times=3.0).viral == 1
