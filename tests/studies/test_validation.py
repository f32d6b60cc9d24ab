"""The published facts: what is asked for is what was published, and what measures them has known answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.engine.campaign import SeedPost, assemble_campaign
from sim.errors import InputError, Interrupted
from sim.parameters import Rates
from sim.scenario.schema import TIERS
from sim.studies.validation import cascades, sign_rule
from sim.studies.validation import validate as study
from sim.studies.validation.attitude import MOST, best_repetition
from sim.studies.validation.facts import CLAIMS, FACTS, TO_CALIBRATE, Fact
from sim.studies.validation.feed import half_life, slope
from sim.studies.validation.market import LARGEST, SMALLEST, followers_of_roster, roster, validation_scenario
from sim.studies.validation.structure import clustering_by_degree, mean_distance, reciprocity, tail_exponent
from sim.studies.validation.validate import FULL, QUICK, Extent, Finding, facts_named, missing_seeds, validate

OPEN = math.inf
HARD, SOFT = True, False
PUBLISHED = {
    "SF1": (2.0, 2.9, "C", HARD),
    "SF2": (0.15, 0.30, "C", HARD),
    "SF3a": (0.12, 0.30, "C", HARD),
    "SF3b": (0.08, 0.20, "C", HARD),
    "SF3c": (0.0, 1.0, "C", HARD),
    "SF3d": (2.5, 5.0, "C", HARD),
    "SF4a": (-0.7, -0.2, "C", HARD),
    "SF4b": (-0.15, 0.15, "C", HARD),
    "SF4c": (-0.40, -0.05, "C", HARD),
    "SF4d": (0.015, 0.05, "C", HARD),
    "SF4e": (0.008, 0.026, "C", HARD),
    "SF4f": (0.008, 0.018, "C", HARD),
    "SF4g": (0.008, 0.015, "C", HARD),
    "SF4h": (0.005, 0.020, "C", HARD),
    "SF4i": (0.6, 1.2, "C", HARD),
    "SF5a": (-0.25, -0.05, "C", HARD),
    "SF5b": (0.08, 0.40, "C", HARD),
    "SF5c": (0.03, 0.20, "C", HARD),
    "SF6a": (0.90, 0.97, "C", HARD),
    "SF6b": (0.0, 0.001, "C", HARD),
    "SF6c": (0.005, 0.10, "C", HARD),
    "SF8a": (-OPEN, 0.55, "V", HARD),
    "SF8b": (0.80, 1.0, "V", HARD),
    "SF10a": (0.0, 0.25, "V", HARD),
    "SF10b": (0.0, 0.25, "V", HARD),
    "SF10c": (0.0, 0.25, "V", HARD),
    "SF10d": (0.0, 0.999, "V", HARD),
    "SF10e": (1.0, 3.0, "V", HARD),
    "SF11a": (3.0, 120.0, "C", SOFT),
    "SF11b": (1.5, 6.0, "C", SOFT),
    "SF13": (3.0, 12.0, "C", HARD),
    "SF16a": (0.001, 0.003, "C", HARD),
    "SF16b": (1e-9, 1.0, "C", SOFT),
    "SF16c": (-0.25, 0.0, "C", HARD),
    "SF18": (12.0, 24.0, "C", HARD),
    "SF19a": (0.003, 0.05, "C", HARD),
    "SF19b": (0.005, 0.026, "C", HARD),
    "SF19c": (2e-5, 1e-3, "C", HARD),
    "SF19d": (4.0, 60.0, "V", HARD),
    "SF19e": (0.03, 1.50, "V", SOFT),
    "SF20": (1.7, 3.9, "C", HARD),
}
"""Accepted interval, role and gate of each fact, written down a second time so that none is moved by accident."""


# --- the list ----------------------------------------------------------------------------------------------


def test_the_facts_are_those_published() -> None:
    assert {name: (fact.low, fact.high, fact.role, fact.hard) for name, fact in FACTS.items()} == PUBLISHED


def test_the_list_says_of_each_fact_how_it_is_measured_and_by_whom_it_was_found() -> None:
    assert all(fact.low < fact.high for fact in FACTS.values())
    assert [name for name, fact in FACTS.items() if not (fact.name and fact.measured and fact.source)] == []


def test_nothing_is_calibrated_to_a_fact_that_is_for_validation() -> None:
    assert {fact.role for fact in TO_CALIBRATE} == {"C"}
    assert [fact.id for fact in TO_CALIBRATE] == [name for name, row in PUBLISHED.items() if row[2] == "C"]
    assert not {"SF8a", "SF8b", "SF10a", "SF19d", "SF19e"} & {fact.id for fact in TO_CALIBRATE}


def test_the_claims_of_the_trade_are_no_facts() -> None:
    assert [group for group, _ in CLAIMS] == ["SF4", "SF20"]
    assert all("not a gate" in text for _, text in CLAIMS)
    assert not any("72 %" in fact.name + fact.source or "60 %" in fact.name + fact.source for fact in FACTS.values())


@pytest.mark.parametrize(
    ("only", "names"),
    [
        (["SF13"], ["SF13"]),
        (["SF4a"], ["SF4a"]),
        (["SF11"], ["SF11a", "SF11b"]),
        (["SF20,SF18", " SF8 "], ["SF8a", "SF8b", "SF18", "SF20"]),
        (["SF1", "SF1"], ["SF1"]),
        ([], list(PUBLISHED)),
    ],
)
def test_facts_are_named_one_by_one_or_by_group(only: list[str], names: list[str]) -> None:
    assert [fact.id for fact in facts_named(only)] == names


@pytest.mark.parametrize(("word", "near"), [("SF99", "SF19"), ("sf4", "SF4"), ("SF4z", "SF4"), ("SF 20", "SF20")])
def test_a_fact_that_does_not_exist_is_refused_with_the_nearest(word: str, near: str) -> None:
    with pytest.raises(InputError) as refused:
        facts_named(["SF1", word])
    assert (refused.value.key, refused.value.value) == ("--only", word)
    assert str(refused.value.nearest).startswith(near[:3])


def test_a_median_decides_and_an_undefined_or_infinite_one_does_not_pass() -> None:
    fact = Fact("X1", "x", "x", 1.0, 2.0, "x")
    assert [fact.passes(value) for value in (1.0, 1.5, 2.0)] == [True] * 3
    assert [fact.passes(value) for value in (0.99, 2.01, math.nan, math.inf)] == [False] * 4
    below = Fact("X2", "x", "x", -OPEN, 2.0, "x")
    assert [below.passes(value) for value in (-1e9, 2.1, -math.inf, math.nan)] == [True, False, False, False]
    assert Finding(fact, (0.0, 1.5, 9.0)).passed
    assert not Finding(fact, (0.0, 0.5, 1.5)).passed
    assert not Finding(fact, (1.5, 1.5, math.nan)).passed


def test_only_few_seeds_that_say_both_are_unsure() -> None:
    fact = Fact("X1", "x", "x", 1.0, 2.0, "x")
    few = [Finding(fact, values, few=True) for values in ((0.0, 0.5, 1.5), (0.0, 2.5, 2.6), (0.0, 0.5), (0.5,))]
    assert [(one.unsure, one.failed) for one in few] == [(True, False), (True, False), (False, True), (False, True)]
    assert not Finding(fact, (0.0, 1.5, 1.6), few=True).unsure, "it passes"
    assert Finding(fact, (0.0, 0.5, 1.5)).failed, "the full run decides"


def test_the_band_holds_nine_tenths_of_the_seeds() -> None:
    found = Finding(FACTS["SF1"], tuple(range(101)))
    assert (found.median, found.band) == (50.0, (5.0, 95.0))


# --- the validation market ---------------------------------------------------------------------------------


@pytest.mark.parametrize("extent", [FULL, QUICK])
def test_the_roster_has_enough_creators_of_every_tier(extent: Extent) -> None:
    sizes = followers_of_roster(extent.creators, extent.least)
    assert len(sizes) == extent.creators
    assert np.all(np.diff(sizes) >= 0)
    assert SMALLEST <= sizes.min() <= sizes.max() <= LARGEST
    counts = [np.count_nonzero((sizes >= low) & (sizes < high)) for low, high in TIERS.values()]
    assert min(counts) >= extent.least
    assert sum(counts) == extent.creators


def test_the_full_extent_is_thirty_societies_of_400_creators() -> None:
    assert Extent(30, 400, 40) == FULL
    assert len(followers_of_roster()) == 400


def test_followers_are_pareto_within_a_tier() -> None:
    """The median of a Pareto law with density exponent 2.2 between 1,000 and 10,000."""
    sizes = followers_of_roster()
    nano = sizes[sizes < TIERS["nano"][1]]
    ends = np.array(TIERS["nano"]) ** -1.2
    assert np.median(nano) == pytest.approx(ends.mean() ** (-1 / 1.2), rel=0.01)


def test_the_scenario_is_the_market_described() -> None:
    scenario = validation_scenario(7, [1_000, 50_000, 500_000], {"reach": 0.5})
    assert (scenario.market.population, scenario.people, len(scenario.market.niches)) == (20_000_000, 1_000_000, 10)
    assert (scenario.run.seed, scenario.rates.reach, scenario.product.niche) == (7, 0.5, "beauty")
    assert [creator.followers for creator in scenario.booked] == [1_000, 50_000, 500_000]
    assert [niche for _, _, niche in roster([1_000, 50_000, 500_000])] == [None, "fashion", None]


# --- structure ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exponent", [2.1, 2.5])
def test_the_tail_exponent_of_an_exact_pareto_law(exponent: float) -> None:
    u = (np.arange(20_000) + 0.5) / 20_000
    assert tail_exponent(1_000.0 * (1.0 - u) ** (-1.0 / (exponent - 1.0))) == pytest.approx(exponent, abs=0.05)


def test_a_short_or_constant_tail_has_no_exponent() -> None:
    assert math.isnan(tail_exponent(np.geomspace(1_000, 1e6, 99)))
    assert math.isnan(tail_exponent(np.full(500, 2_000.0)))
    assert not math.isnan(tail_exponent(np.geomspace(1_000, 1e6, 100)))


Society = Callable[..., Any]


def both_ways(pairs: Any) -> list[tuple[int, int]]:
    return [arc for a, b in pairs for arc in ((a, b), (b, a))]


def test_reciprocity_counts_pairs_and_those_of_creators_as_one_way(make_society: Society, make_world: Society) -> None:
    """One pair of friends, one one-way tie, two followers of a creator: 1 of 4 connected pairs."""
    society = make_society(4, [(0, 1), (1, 0), (1, 2)])
    assert reciprocity(make_world(society, [[0, 3]])) == 1 / 4
    assert reciprocity(make_world(society)) == 1 / 2
    assert reciprocity(make_world(make_society(4, both_ways([(0, 1), (2, 3)])))) == 1.0


def test_clustering_is_1_in_cliques_and_0_in_stars(make_society: Society) -> None:
    cliques = make_society(
        231, both_ways(pair for c in range(11) for pair in combinations(range(21 * c, 21 * c + 21), 2))
    )
    middle, wide = clustering_by_degree(cliques)
    assert middle == 1.0
    assert math.isnan(wide)
    stars = make_society(200 * 21, both_ways((21 * c, 21 * c + leaf) for c in range(200) for leaf in range(1, 21)))
    assert clustering_by_degree(stars)[0] == 0.0


def test_clustering_is_told_by_degree_and_only_of_200_people(make_society: Society) -> None:
    large = make_society(202, both_ways(pair for c in (0, 101) for pair in combinations(range(c, c + 101), 2)))
    middle, wide = clustering_by_degree(large)
    assert math.isnan(middle)
    assert wide == 1.0
    few = make_society(189, both_ways(pair for c in range(9) for pair in combinations(range(21 * c, 21 * c + 21), 2)))
    assert all(map(math.isnan, clustering_by_degree(few)))


def test_one_way_ties_do_not_cluster(make_society: Society) -> None:
    """Two cliques of 101, in which nobody follows back: no friends, no clustering."""
    ties = [pair for c in (0, 101) for pair in combinations(range(c, c + 101), 2)]
    assert all(map(math.isnan, clustering_by_degree(make_society(202, ties))))


def test_the_mean_distance_in_a_ring_is_that_of_1_to_n_less_1(make_society: Society) -> None:
    n = 51
    ring = [(k, (k + 1) % n) for k in range(n)]
    assert mean_distance(make_society(n, ring)) == pytest.approx(np.arange(1, n).mean())
    again = [(b, a) for a, b in ring]
    assert mean_distance(make_society(n, again)) == pytest.approx(np.arange(1, n).mean())
    assert mean_distance(make_society(n, both_ways(combinations(range(n), 2)))) == 1.0


# --- cascades ----------------------------------------------------------------------------------------------


def adopted(society: Any, make_world: Society, rates: Rates, seeds: list[int], days: int = 12) -> tuple[list[int], int]:
    campaign = assemble_campaign("seed", [], days, rates, seeds=tuple(SeedPost(person, 0) for person in seeds))
    sizes, deep = cascades.adoptions(make_world(society), campaign, rates, 1)
    return sizes.tolist(), deep


@pytest.fixture
def certain(neutral: Callable[..., Rates]) -> Rates:
    """Every follower sees every post and reshares it."""
    return neutral(peer_reach=1.0, share_rate=1e9, share_appeal_cap=1.0)


def test_certain_shares_along_a_chain_are_counted_with_their_depth(
    make_society: Society, make_world: Society, certain: Rates
) -> None:
    """0 → 1 → … → 9: nine reshares, one of them at depth 1."""
    chain = make_society(10, list(pairwise(range(10))))
    assert adopted(chain, make_world, certain, [0]) == ([9], 8)
    assert adopted(chain, make_world, certain, [6]) == ([3], 2)
    assert adopted(chain, make_world, certain, [9]) == ([], 0)
    assert adopted(chain, make_world, certain, [0, 6, 9]) == ([9, 3], 10)


def test_reshares_of_a_star_are_shallow_and_of_a_tree_they_are_counted_by_the_way_they_came(
    make_society: Society, make_world: Society, certain: Rates
) -> None:
    star = make_society(10, [(0, leaf) for leaf in range(1, 10)])
    assert adopted(star, make_world, certain, [0]) == ([9], 0)
    tree = make_society(7, [(0, 1), (0, 2), (1, 3), (1, 4), (2, 5), (2, 6)])
    assert adopted(tree, make_world, certain, [0]) == ([6], 4)


def test_nobody_shares_where_nobody_sees(make_society: Society, make_world: Society, neutral: Any) -> None:
    chain = make_society(10, list(pairwise(range(10))))
    assert adopted(chain, make_world, neutral(peer_reach=0.0, share_rate=1e9), [0]) == ([], 0)


def test_explained_variance() -> None:
    x, z = np.linspace(0, 1, 50), np.tile([1.0, -1.0, -1.0, 1.0, 0.0], 10)
    features = np.column_stack([x, x**2])
    assert cascades.r_squared(features, 3 + 2 * x - x**2) == pytest.approx(1.0)
    assert cascades.r_squared(features, z) < 0.01
    assert 0.4 < cascades.r_squared(features, (x - x.mean()) / x.std() + z / z.std()) < 0.6


# --- feed and attitude -------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [0.75, 12.0, 19.0, 192.0])
def test_the_half_life_of_an_exact_decay(hours: float) -> None:
    left = 2.0 ** (-24.0 * np.arange(1001) / hours)
    shown = 1e12 * (left[:-1] - left[1:]) / (1.0 - left[-1])
    assert half_life(SimpleNamespace(daily={"impressions_followed": shown})) == pytest.approx(hours, rel=1e-6)


def test_a_slope_is_that_of_the_logarithms_where_there_is_something() -> None:
    size = np.geomspace(1e3, 1e6, 30)
    rate = np.where(size < 1e5, 2.0 * size**-0.4, 0.0)
    assert slope(size, rate, size < 1e6) == pytest.approx(-0.4)
    assert math.isnan(slope(size, rate, size >= 1e5))


LASTING = {"attitude_memory": 1.0, "exposure_memory": 1.0}


@pytest.mark.parametrize("peak", [3, 10, 15])
def test_without_fading_attitude_is_highest_at_the_peak_of_wear(peak: int) -> None:
    """The ad after ``peak`` ads changes nothing, those after it do harm: the first highest mean is that of the peak."""
    assert best_repetition(Rates(**LASTING, wear_peak=float(peak)), 0.4) == peak


def test_where_ads_are_forgotten_or_never_wear_out_more_is_better() -> None:
    assert best_repetition(Rates(**LASTING, wear_peak=1e9), 0.4) == MOST
    assert best_repetition(Rates(attitude_memory=1.0, exposure_memory=0.5, wear_peak=10.0), 0.4) == MOST


# --- what is kept of an unfinished validation --------------------------------------------------------------

FEW = Extent(5, 120, 12, close=2)


class Measuring:
    """In the place of ``measure_seed``: values made up from the seed, and a stop by the user at one of them."""

    def __init__(self) -> None:
        self.stop_at: int | None = None
        self.asked: list[int] = []

    def __call__(
        self, seed: int, extent: Extent, groups: set[str], _: dict[str, float]
    ) -> tuple[dict[str, float], dict[str, Any]]:
        if seed == self.stop_at:
            raise KeyboardInterrupt
        self.asked.append(seed)
        values = {"SF18": seed / 3.0, "SF16b": math.nan, **({"SF2": seed / 7.0} if extent.is_close(seed) else {})}
        brought = np.outer([1.0, 2.0, 3.0], np.geomspace(1.0, 9.0, sign_rule.N_MEASURED)) / seed
        shape = (len(sign_rule.EXPONENTS), len(sign_rule.OVERLAPS), 3)
        sums = {"one": np.full(3, seed / 11.0), "ten": np.full(shape, seed / 13.0), "brought": brought,
                "followers": np.geomspace(2e4, 1e6, sign_rule.N_MEASURED)}  # fmt: skip
        return values, sums if "SF10" in groups else {}


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> Measuring:
    made = Measuring()
    monkeypatch.setattr(study, "measure_seed", made)
    monkeypatch.setattr("sim.ensemble.is_compiled", lambda: True)
    return made


ASKED = ["SF2", "SF10", "SF16b", "SF18"]


def values_of(found: study.Findings) -> dict[str, str]:
    return {finding.fact.id: repr(finding.values) for finding in found}


def test_finished_seeds_survive_a_stop_and_the_same_call_completes_them(measuring: Measuring, tmp_path: Path) -> None:
    whole = validate(FEW, only=ASKED, workers=1)
    measuring.asked, measuring.stop_at = [], 4
    with pytest.raises(Interrupted, match=r"3 of 5 seeds are kept; the same command completes them") as stopped:
        validate(FEW, only=ASKED, workers=1, folder=tmp_path)
    assert stopped.value.exit_code == 130
    assert (measuring.asked, missing_seeds(FEW, ASKED, tmp_path)) == ([1, 2, 3], 2)
    measuring.asked, measuring.stop_at, said = [], None, list[tuple[int, int]]()
    found = validate(FEW, only=ASKED, workers=1, folder=tmp_path, progress=lambda *done: said.append(done[:2]))
    assert (measuring.asked, said) == ([4, 5], [(1, 2), (2, 2)])
    assert values_of(found) == values_of(whole)
    assert found.sign_rule == whole.sign_rule
    assert len(found.sign_rule) == 54
    assert [path.name for path in sorted(tmp_path.iterdir())] == [f"seed-0000{seed}.npz" for seed in range(1, 6)]
    measuring.asked = []
    assert values_of(validate(FEW, only=ASKED, workers=1, folder=tmp_path)) == values_of(whole)
    assert (measuring.asked, missing_seeds(FEW, ASKED, tmp_path), missing_seeds(FEW, ASKED, None)) == ([], 0, 5)


def test_a_stop_without_a_folder_keeps_nothing(measuring: Measuring) -> None:
    measuring.stop_at = 2
    with pytest.raises(Interrupted, match=r"stopped; nothing was kept$"):
        validate(FEW, only=ASKED, workers=1)


@pytest.mark.parametrize("harm", ["half", "empty", "gone", "other"])
def test_a_damaged_seed_is_measured_again(harm: str, measuring: Measuring, tmp_path: Path) -> None:
    whole = validate(FEW, only=ASKED, workers=1, folder=tmp_path)
    file = tmp_path / "seed-00002.npz"
    if harm == "other":  # of a question that did not ask for the sign rule
        validate(FEW, only=["SF2", "SF18"], workers=1, folder=tmp_path / "other")
        file.write_bytes((tmp_path / "other" / file.name).read_bytes())
    elif harm == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[: 200 if harm == "half" else 0])
    measuring.asked = []
    assert values_of(validate(FEW, only=ASKED, workers=1, folder=tmp_path)) == values_of(whole)
    assert measuring.asked == [2]


def test_seeds_without_the_close_society_tell_nothing_of_it(measuring: Measuring) -> None:  # noqa: ARG001
    found = {finding.fact.id: finding.values for finding in validate(FEW, only=ASKED, workers=1)}
    assert found["SF2"] == (1 / 7, 2 / 7)
    assert found["SF18"] == tuple(seed / 3 for seed in range(1, 6))
    assert all(len(found[f"SF10{letter}"]) == 1 for letter in "abcde")
    assert not validate(FEW, only=["SF18"], workers=1).sign_rule
    every = {finding.fact.id: finding.values for finding in validate(Extent(3, 120, 12), only=["SF2"], workers=1)}
    assert every == {"SF2": (1 / 7, 2 / 7, 3 / 7)}


# --- the whole ---------------------------------------------------------------------------------------------

TWO, SOME = Extent(2, 120, 12), ["SF18", "SF20", "SF13"]


@pytest.mark.full
def test_processes_change_nothing_and_seeds_do(tmp_path: Path) -> None:
    said: list[tuple[int, int]] = []
    found = validate(TWO, only=SOME, workers=1, folder=tmp_path, progress=lambda *done: said.append(done[:2]))
    assert said == [(1, 2), (2, 2)]
    assert [finding.fact.id for finding in found] == ["SF13", "SF18", "SF20"]
    assert validate(TWO, only=SOME, workers=1, folder=tmp_path) == found  # from what was kept
    assert validate(TWO, only=SOME, workers=2) == found
    values = {finding.fact.id: finding.values for finding in found}
    assert all(len(of_seeds) == TWO.seeds for of_seeds in values.values())
    assert values["SF18"][0] != values["SF18"][1]
    assert values["SF20"][0] != values["SF20"][1]
    assert all(12.0 < hours < 24.0 for hours in values["SF18"])


@pytest.mark.full
def test_parameters_are_those_asked_for() -> None:
    one = Extent(1, 120, 12)
    (usual,) = validate(one, only=["SF18"], workers=1)
    (longer,) = validate(one, only=["SF18"], parameters={"half_life_hours": 24.0}, workers=1)
    assert usual.values[0] < longer.values[0] == pytest.approx(24.0, abs=0.3)
