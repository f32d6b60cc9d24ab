"""Intervals, shares and tests against closed forms, scipy and published examples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.errors import InfluenceError
from sim.results.statistics import (
    Interval,
    difference_of_ratios,
    holm,
    log_ratio_interval,
    mean_interval,
    ratio_interval,
    ratio_of_means,
    replicates_needed,
    share_higher,
    smooth_interval,
)

VALUES = [1.0, 2.0, 3.0, 4.5, 9.0]
WEIGHTS = [1.0, 2.0, 2.0, 3.0, 4.0]
FINITE = st.floats(-1e6, 1e6)


# --- means -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.95, 0.99])
def test_mean_interval_is_students_t(confidence: float) -> None:
    found = mean_interval(VALUES, confidence=confidence)
    expected = stats.t.interval(confidence, len(VALUES) - 1, np.mean(VALUES), stats.sem(VALUES))
    assert (found.low, found.high) == pytest.approx(expected, rel=1e-12)
    assert found.mean == pytest.approx(3.9)
    assert found.sd == pytest.approx(np.std(VALUES, ddof=1))


def test_mean_interval_p_value_is_the_paired_t_test() -> None:
    other = [0.5, 2.5, 1.0, 4.0, 6.0]
    found = mean_interval(np.subtract(VALUES, other))
    assert found.p_value == pytest.approx(stats.ttest_rel(VALUES, other).pvalue, rel=1e-12)


@given(st.lists(FINITE, min_size=2, max_size=30))
def test_mean_interval_is_the_t_interval_for_any_values(values: list[float]) -> None:
    found = mean_interval(values)
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    assert found.low == pytest.approx(np.mean(values) - half, rel=1e-9, abs=1e-5)
    assert found.high == pytest.approx(np.mean(values) + half, rel=1e-9, abs=1e-5)


def test_one_replicate_has_a_mean_and_nothing_else() -> None:
    alone = Interval(3.0, None, None, None, None)
    assert mean_interval([3.0]) == alone
    assert mean_interval([3.0], clusters=[0]) == alone
    assert ratio_interval([6.0], [2.0]) == alone
    assert difference_of_ratios([8.0], [2.0], [1.0], [1.0]) == alone
    assert ratio_of_means([6.0], [2.0]) == alone
    assert ratio_interval([6.0], [0.0]) is None


def test_no_spread_gives_no_width_and_never_nan() -> None:
    assert mean_interval([0.0, 0.0, 0.0]) == Interval(0.0, 0.0, 0.0, 0.0, 1.0)
    assert mean_interval([2.0, 2.0, 2.0, 2.0]) == Interval(2.0, 2.0, 2.0, 0.0, 0.0)


# --- clusters ----------------------------------------------------------------------------------------------


def test_equal_societies_give_the_t_interval_of_their_means() -> None:
    values = [1.0, 2.0, 5.0, 6.0, 9.0, 8.0]
    found = mean_interval(values, clusters=[0, 0, 1, 1, 2, 2])
    means = [1.5, 5.5, 8.5]
    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.95, 2, np.mean(means), stats.sem(means)))
    assert found.p_value == pytest.approx(stats.ttest_1samp(means, 0).pvalue)
    assert found.sd == pytest.approx(np.std(values, ddof=1))


def test_societies_decide_also_where_they_are_alike() -> None:
    alike = [1.0, 9.0, 1.1, 9.1, 0.9, 8.9]
    found, plain = mean_interval(alike, clusters=[0, 0, 1, 1, 2, 2]), mean_interval(alike)
    assert (found.low, found.high) == pytest.approx(stats.t.interval(0.95, 2, 5.0, stats.sem([5.0, 5.1, 4.9])))
    assert (found.mean, found.sd) == pytest.approx((plain.mean, plain.sd))


def test_two_societies_are_too_few_to_count() -> None:
    two = [1.0, 1.1, 1.2, 9.0, 9.1, 9.2]
    assert mean_interval(two, clusters=[0, 0, 0, 1, 1, 1]) == mean_interval(two)


def test_every_replicate_its_own_society_changes_nothing() -> None:
    assert mean_interval(VALUES, clusters=range(5)) == mean_interval(VALUES)
    apart = ratio_interval(VALUES, WEIGHTS, clusters=[7, 3, 9, 1, 5])
    plain = ratio_interval(VALUES, WEIGHTS)
    assert apart is not None
    assert plain is not None
    assert (apart.low, apart.high) == pytest.approx((plain.low, plain.high))


def test_clusters_widen_ratios_too() -> None:
    numerator = [10.0, 11.0, 20.0, 21.0, 30.0, 31.0]
    denominator = [10.0, 10.0, 10.0, 10.0, 10.0, 10.0]
    plain = ratio_interval(numerator, denominator)
    clustered = ratio_interval(numerator, denominator, clusters=[0, 0, 1, 1, 2, 2])
    assert plain is not None
    assert clustered is not None
    assert clustered.low < plain.low < plain.high < clustered.high


# --- ratios ------------------------------------------------------------------------------------------------


def test_ratio_is_of_sums_and_not_a_mean_of_ratios() -> None:
    found = ratio_interval([1.0, 30.0], [1.0, 10.0], confidence=0.1)
    assert found is not None
    assert found.mean == pytest.approx(31 / 11)


def test_ratio_interval_is_the_jackknife_written_out() -> None:
    found = ratio_interval(VALUES, WEIGHTS)
    n, d = np.array(VALUES), np.array(WEIGHTS)
    without = np.array([np.delete(n, i).sum() / np.delete(d, i).sum() for i in range(5)])
    error = math.sqrt(4 / 5 * np.sum((without - without.mean()) ** 2))
    half = stats.t.ppf(0.975, 4) * error
    assert found is not None
    assert (found.low, found.high) == pytest.approx((n.sum() / d.sum() - half, n.sum() / d.sum() + half))
    assert found.sd == pytest.approx(np.std(n / d, ddof=1))


def test_any_smooth_function_has_the_interval_of_the_ratio_that_it_is() -> None:
    columns = np.column_stack([VALUES, WEIGHTS])
    made = smooth_interval(columns, lambda sums: np.asarray(sums[..., 0] / sums[..., 1]))
    assert made == ratio_interval(VALUES, WEIGHTS)
    with pytest.raises(InfluenceError, match="one row a replicate"):
        smooth_interval(VALUES, lambda sums: sums)


def test_ratio_over_a_constant_is_the_scaled_t_interval() -> None:
    ratio, mean = ratio_interval(VALUES, [4.0] * 5), mean_interval(np.array(VALUES) / 4)
    assert ratio is not None
    assert (ratio.low, ratio.high, ratio.p_value) == pytest.approx((mean.low, mean.high, mean.p_value))


def test_exact_ratio_has_no_width() -> None:
    found = ratio_interval([4.0, 6.0, 8.0], [2.0, 3.0, 4.0])
    assert found is not None
    assert (found.mean, found.low, found.high, found.sd) == pytest.approx((2.0, 2.0, 2.0, 0.0))


@pytest.mark.parametrize(
    "denominator",
    [
        [0.0, 0.0, 0.0, 0.0],
        [5.0, 0.0, 0.0, 0.0],  # without the first replicate nothing is left
        [-1.0, -2.0, -1.0, -1.0],
        [3.0, 0.1, 0.0, 0.2],  # all sums above 0, but the mean's interval reaches 0
        [0.1, 0.2, 0.3, -0.6],
    ],
)
def test_ratio_is_undefined_where_the_denominator_may_be_zero(denominator: list[float]) -> None:
    ones = [1.0, 1.0, 2.0, 1.0]
    assert ratio_interval(ones, denominator) is None
    assert difference_of_ratios(ones, ones, ones, denominator) is None
    assert difference_of_ratios(ones, denominator, ones, ones) is None
    assert log_ratio_interval(ones, denominator) is None
    assert ratio_of_means(denominator, ones) is None


def test_a_society_alone_in_having_a_denominator_makes_it_undefined() -> None:
    few = [0.1, 0.2, 0.3, 0.4] * 3 + [0.0] * 24
    clusters = [0] * 12 + [1] * 12 + [2] * 12
    assert ratio_interval([1.0] * 36, few) is not None
    assert ratio_interval([1.0] * 36, few, clusters=clusters) is None


def test_replicate_without_a_denominator_has_no_spread_but_an_interval() -> None:
    found = ratio_interval([1.0, 1.2, 0.9, 1.0, 0.0], [1.0, 1.1, 1.0, 1.2, 0.0])
    assert found is not None
    assert found.sd is None
    assert found.low is not None


def test_difference_of_ratios_is_paired() -> None:
    assert difference_of_ratios(VALUES, WEIGHTS, VALUES, WEIGHTS) == Interval(0.0, 0.0, 0.0, 0.0, 1.0)
    ones = np.ones(5)
    found = difference_of_ratios(VALUES, ones, WEIGHTS, ones)
    mean = mean_interval(np.subtract(VALUES, WEIGHTS))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((mean.low, mean.high))
    assert (found.sd, found.p_value) == pytest.approx((mean.sd, mean.p_value))


def test_ratio_of_means_turned_round_is_its_inverse() -> None:
    found, turned = ratio_of_means(VALUES, WEIGHTS), ratio_of_means(WEIGHTS, VALUES)
    assert found is not None
    assert turned is not None
    assert found.mean == pytest.approx(sum(VALUES) / sum(WEIGHTS))
    assert found.low is not None
    assert found.low > 0
    assert (1 / turned.high, 1 / turned.low) == pytest.approx((found.low, found.high))  # type: ignore[operator]
    assert turned.p_value == pytest.approx(found.p_value)


def test_log_ratio_turned_round_changes_sign() -> None:
    found, turned = log_ratio_interval(VALUES, WEIGHTS), log_ratio_interval(WEIGHTS, VALUES)
    assert found is not None
    assert turned is not None
    assert found.mean == pytest.approx(math.log(19.5 / 12))
    assert (found.low, found.high) == pytest.approx((-turned.high, -turned.low))  # type: ignore[operator]


# --- share of replicates -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_higher", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_share_higher_has_the_published_wilson_interval(n_higher: int, n: int, low: float, high: float) -> None:
    """The four examples of Newcombe 1998 (Statistics in Medicine 17, table I, method 3)."""
    a = np.r_[np.ones(n_higher), -np.ones(n - n_higher)]
    share, found_low, found_high = share_higher(a, np.zeros(n))
    assert share == pytest.approx(n_higher / n)
    assert (found_low, found_high) == pytest.approx((low, high), abs=5e-5)


def test_share_higher_counts_a_tie_half() -> None:
    share, low, high = share_higher([1.0, 2.0, 3.0, 4.0], [0.0, 2.0, 5.0, 1.0])
    assert share == 0.625
    assert low is not None
    assert high is not None
    assert 0 < low < share < high < 1
    assert share_higher([1.0, 1.0], [1.0, 1.0])[0] == 0.5
    assert share_higher([2.0], [1.0]) == (1.0, None, None)


@given(st.lists(st.tuples(FINITE, FINITE), min_size=2, max_size=40))
def test_share_higher_turned_round_adds_to_one(pairs: list[tuple[float, float]]) -> None:
    a, b = zip(*pairs, strict=True)
    share, low, high = share_higher(a, b)
    turned, turned_low, turned_high = share_higher(b, a)
    assert (share, low, high) == pytest.approx((1 - turned, 1 - turned_high, 1 - turned_low), abs=1e-12)  # type: ignore[operator]
    assert 0 <= low <= share <= high <= 1  # type: ignore[operator]


# --- several tests -----------------------------------------------------------------------------------------


def test_holm_example() -> None:
    """0.005 ≤ 0.05/4 and 0.01 ≤ 0.05/3 are rejected; 0.03 > 0.05/2 stops it, 0.04 with it."""
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert found == {"a": True, "b": False, "c": False, "d": True}
    assert list(found) == ["a", "b", "c", "d"]


def test_holm_counts_an_undefined_figure_in_the_family() -> None:
    assert holm({"a": 0.04}) == {"a": True}
    assert holm({"a": 0.04, "b": None}) == {"a": False, "b": False}
    assert holm({"a": 0.02, "b": None}) == {"a": True, "b": False}
    assert holm({}) == {}


def test_holm_level() -> None:
    assert holm({"a": 0.04, "b": 0.06}, level=0.1) == {"a": True, "b": True}


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_holm_refuses_what_is_no_probability(p: float) -> None:
    with pytest.raises(InfluenceError, match="p value of a"):
        holm({"a": p})


# --- replicates needed -------------------------------------------------------------------------------------


def _differences_with(effect: float) -> np.ndarray:
    """Forty values of standard deviation 1 and mean ``effect``."""
    values = np.tile([-1.0, 1.0], 20)
    return values / np.std(values, ddof=1) + effect


@pytest.mark.parametrize(("effect", "n"), [(0.2, 199), (0.5, 34), (0.8, 15), (1.0, 10)])
def test_replicates_needed_is_near_the_exact_power_of_the_paired_t_test(effect: float, n: int) -> None:
    """n: smallest with power 0.8 by the noncentral t, as in tables of the paired t test."""
    assert _exact_power(effect, n) >= 0.8 > _exact_power(effect, n - 1)
    found = replicates_needed(_differences_with(effect))
    assert found is not None
    assert abs(found - n) <= 1


def _exact_power(effect: float, n: int) -> float:
    shift, bound = effect * math.sqrt(n), stats.t.ppf(0.975, n - 1)
    return float(stats.nct.sf(bound, n - 1, shift) + stats.nct.cdf(-bound, n - 1, shift))


def test_replicates_needed_has_no_answer_without_a_difference() -> None:
    assert replicates_needed([1.0, -1.0]) is None
    assert replicates_needed([0.0, 0.0, 0.0]) is None
    assert replicates_needed([5.0]) is None
    assert replicates_needed([1.0 + 1e-12, -1.0]) is None
    assert replicates_needed([2.0, 2.0, 2.0]) == 2


def test_replicates_needed_grows_with_power_and_confidence() -> None:
    values = _differences_with(0.5)
    assert replicates_needed(values, power=0.9) > replicates_needed(values)  # type: ignore[operator]
    assert replicates_needed(values, confidence=0.99) > replicates_needed(values)  # type: ignore[operator]


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [[], [1.0, math.nan], [1.0, math.inf], [[1.0, 2.0]], 1.0])
def test_values_must_be_finite_and_one_a_replicate(values: object) -> None:
    with pytest.raises(InfluenceError):
        mean_interval(values)  # type: ignore[arg-type]


def test_arrays_must_match() -> None:
    with pytest.raises(InfluenceError, match="one value a replicate"):
        ratio_interval([1.0, 2.0], [1.0])
    with pytest.raises(InfluenceError, match="clusters of shape"):
        mean_interval([1.0, 2.0], clusters=[1])
    with pytest.raises(InfluenceError, match="confidence"):
        mean_interval([1.0, 2.0], confidence=1.0)
    with pytest.raises(InfluenceError, match="not finite"):
        mean_interval([1e308, 1e308])
    with pytest.raises(InfluenceError, match="too large"):
        ratio_interval([1e99, 1e99], [1e-300, 1e-300])


ANY = st.lists(st.tuples(*[st.sampled_from([0.0, 1e-9, 0.1, 0.3, 1.0, 7.0, -2.0, 1e6])] * 4), min_size=1, max_size=12)


@given(ANY, st.integers(1, 5))
def test_nothing_is_ever_nan(rows: list[tuple[float, ...]], n_societies: int) -> None:
    a, b, c, d = (np.array(column) for column in zip(*rows, strict=True))
    clusters = np.arange(len(rows)) % n_societies
    intervals = [
        mean_interval(a, clusters),
        ratio_interval(a, b, clusters),
        difference_of_ratios(a, b, c, d, clusters),
        log_ratio_interval(a, b, clusters),
    ]
    for interval in filter(None, intervals):
        figures = [interval.mean, interval.low, interval.high, interval.sd, interval.p_value]
        assert all(math.isfinite(x) for x in figures if x is not None)
        assert interval.low is None or interval.low <= interval.mean <= interval.high  # type: ignore[operator]
