"""What a credible simulation must show: each published fact with its accepted interval, source and role.

Role "C": the defaults may be calibrated to it. Role "V": for validation only; nothing is ever tuned on it. A hard fact
that fails makes ``influence validate`` end with exit code 1; a soft one is reported with its cause.
Figures of papers are cited as their abstracts and summaries report them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

CALIBRATION, VALIDATION = "C", "V"
ANY = math.inf


@dataclass(frozen=True)
class Fact:
    """One figure. low, high: the accepted interval of its median over seeds; group: the number it belongs to."""

    id: str
    name: str
    measured: str
    low: float
    high: float
    source: str
    unit: str = ""
    role: Literal["C", "V"] = "C"
    hard: bool = True

    @property
    def group(self) -> str:
        return self.id.rstrip("abcdefghijklmnopqrstuvwxyz")

    def passes(self, median: float) -> bool:
        """Whether a median lies in the accepted interval; an undefined or infinite one does not."""
        return math.isfinite(median) and self.low <= median <= self.high


_DERIVED_ER = "several vendor tables: steep to about 20,000, then flat (HypeAuditor, 36,000 influencers); derived"
_MINTER = "Minter.io 2019, medians 37.7 to 19.1 %; derived"
_GOEL = "Goel et al. 2016; Bakshy et al. 2011; derived"
_FUNNEL = "vendor figures: clicks of reached 0.3-5 %, orders a click 0.5-2.6 % (Oribi; Compass)"

_FACTS = (
    Fact(
        "SF1",
        "heavy-tailed audiences",
        "maximum-likelihood tail exponent (x_min by KS) of followers, nodes above 1,000",
        2.0,
        2.9,
        "Clauset, Shalizi & Newman 2009; follow graphs 2 to 3",
        "exponent",
    ),
    Fact(
        "SF2",
        "low reciprocity",
        "mutual ÷ connected pairs over all follow edges",
        0.15,
        0.30,
        "Kwak et al. 2010: 0.221",
        "share",
    ),
    Fact(
        "SF3a",
        "clustering of peers with 15-25 friends",
        "mean local clustering of the mutual graph",
        0.12,
        0.30,
        "Ugander et al. 2011 (Facebook): 0.14 at 100 friends, falling with degree",
        "share",
    ),
    Fact(
        "SF3b",
        "clustering of peers with 80-120 friends",
        "mean local clustering of the mutual graph",
        0.08,
        0.20,
        "Ugander et al. 2011 (Facebook)",
        "share",
    ),
    Fact("SF3c", "clustering falls with degree", "SF3b ÷ SF3a", 0.0, 1.0, "Ugander et al. 2011 (Facebook)", "ratio"),
    Fact(
        "SF3d",
        "short paths",
        "mean directed distance of 1,000 reachable pairs",
        2.5,
        5.0,
        "Kwak et al. 2010: 4.1; Backstrom et al. 2012: 4.7",
        "steps",
    ),
    Fact(
        "SF4a",
        "engagement rate falls below 20k followers",
        "slope of ln ER on ln F",
        -0.70,
        -0.20,
        _DERIVED_ER,
        "slope",
    ),
    Fact("SF4b", "and is flat above 50k", "slope of ln ER on ln F", -0.15, 0.15, _DERIVED_ER, "slope"),
    Fact("SF4c", "falls overall", "slope of ln ER on ln F", -0.40, -0.05, _DERIVED_ER, "slope"),
    Fact("SF4d", "engagement rate of nano accounts", "median, 1k-10k", 0.015, 0.05, _DERIVED_ER, "fraction"),
    Fact("SF4e", "engagement rate of micro accounts", "median, 10k-100k", 0.008, 0.026, _DERIVED_ER, "fraction"),
    Fact("SF4f", "engagement rate of mid accounts", "median, 100k-500k", 0.008, 0.018, _DERIVED_ER, "fraction"),
    Fact("SF4g", "engagement rate of macro accounts", "median, 0.5M-1M", 0.008, 0.015, _DERIVED_ER, "fraction"),
    Fact("SF4h", "engagement rate of mega accounts", "median, above 1M", 0.005, 0.020, _DERIVED_ER, "fraction"),
    Fact(
        "SF4i",
        "spread of engagement rates inside a tier",
        "sd of ln ER, mean over tiers",
        0.6,
        1.2,
        "derived from Social Cat cut-offs",
        "sd of ln",
    ),
    Fact(
        "SF5a",
        "reach rate falls slowly",
        "slope of ln(reached followers ÷ followers) on ln F",
        -0.25,
        -0.05,
        _MINTER,
        "slope",
    ),
    Fact("SF5b", "reach rate of nano accounts", "median, 1k-10k", 0.08, 0.40, _MINTER, "fraction"),
    Fact("SF5c", "reach rate of mega accounts", "median, above 1M", 0.03, 0.20, _MINTER, "fraction"),
    Fact(
        "SF6a",
        "most posts are never reshared",
        "share of ordinary people's posts without a reshare",
        0.90,
        0.97,
        _GOEL,
        "share",
    ),
    Fact("SF6b", "large cascades are rare", "share of posts with 100 adopters or more", 0.0, 0.001, _GOEL, "share"),
    Fact(
        "SF6c",
        "cascades are shallow",
        "share of adoptions at depth 2 or more, root counted",
        0.005,
        0.10,
        _GOEL,
        "share",
    ),
    Fact(
        "SF8a",
        "single posts are unpredictable",
        "R² of ln(1 + sharers) on ln F and the mean of 20 earlier posts",
        -ANY,
        0.55,
        "Bakshy et al. 2011; Martin et al. 2016",
        "R²",
        "V",
    ),
    Fact(
        "SF8b",
        "averages are predictable",
        "the same over means of 50 posts, by decile",
        0.80,
        1.0,
        "Bakshy et al. 2011; Martin et al. 2016",
        "R²",
        "V",
    ),
    Fact(
        "SF10a",
        "sign rule, reach",
        "largest deviation of simulated from n^(1-ε/β), β 0.65-1.10, no overlap",
        0.0,
        0.25,
        "algebra",
        "share",
        "V",
    ),
    Fact("SF10b", "sign rule, engagement", "as SF10a", 0.0, 0.25, "algebra", "share", "V"),
    Fact("SF10c", "sign rule, revenue", "as SF10a", 0.0, 0.25, "algebra", "share", "V"),
    Fact(
        "SF10d",
        "unique reach falls as overlap rises",
        "reach at overlap 0.4 ÷ at 0",
        0.0,
        0.999,
        "algebra",
        "ratio",
        "V",
    ),
    Fact(
        "SF10e",
        "some ratio crosses 1 inside the range",
        "ratios of the three that do",
        1.0,
        3.0,
        "algebra",
        "count",
        "V",
    ),
    Fact(
        "SF11a",
        "revenue per follower falls with size",
        "5k ÷ 300k followers, by the fitted slope",
        3.0,
        120.0,
        "Beichert et al. 2024: 5.4 in sales data, 17-114 in the field",
        "ratio",
        "C",
        False,
    ),
    Fact(
        "SF11b",
        "return on spend where macro costs 18 x nano",
        "revenue a unit of money, 5k ÷ 300k",
        1.5,
        6.0,
        "Beichert et al. 2024",
        "ratio",
        "C",
        False,
    ),
    Fact(
        "SF13",
        "repetition is an inverted U",
        "exposures at which mean attitude is highest",
        3.0,
        12.0,
        "Schmidt & Eisend 2015: attitude peaks at about 10",
        "exposures",
    ),
    Fact(
        "SF16a",
        "sponsored posts lose followers",
        "followers lost ÷ followers, one disclosed post",
        0.001,
        0.003,
        "Cheng & Zhang 2025: 0.19 %",
        "fraction",
    ),
    Fact(
        "SF16b",
        "larger accounts lose more",
        "Spearman of lost ÷ reached with F",
        1e-9,
        1.0,
        "Cheng & Zhang 2025",
        "rank r",
        "C",
        False,
    ),
    Fact(
        "SF16c",
        "ads are engaged with less",
        "engagement disclosed ÷ organic - 1",
        -0.25,
        0.0,
        "vendor data: sponsored -16 % against organic",
        "fraction",
    ),
    Fact(
        "SF18",
        "decay",
        "hours to half of a post's final impressions among followers",
        12.0,
        24.0,
        "Graffius: Instagram 19 h, range 12-24 h",
        "hours",
    ),
    Fact("SF19a", "clicks of those reached", "clicks ÷ reached, disclosed posts", 0.003, 0.05, _FUNNEL, "fraction"),
    Fact("SF19b", "orders a click", "orders after a click ÷ clicks", 0.005, 0.026, _FUNNEL, "fraction"),
    Fact("SF19c", "orders of those reached", "extra orders ÷ reached", 2e-5, 1e-3, _FUNNEL, "fraction"),
    Fact("SF19d", "CPM", "market price ÷ 1,000 impressions", 4.0, 60.0, "vendor figures", "USD", "V"),
    Fact("SF19e", "CPE", "market price ÷ engagements", 0.03, 1.50, "vendor figures", "USD", "V", False),
    Fact(
        "SF20",
        "trust order",
        "mean trust in a peer ÷ mean trust of followers in creators of 1M or more",
        1.7,
        3.9,
        "Nielsen 2021, n 40,000: friends 89 %, influencer ads 23 %",
        "ratio",
    ),
)

FACTS: Mapping[str, Fact] = {fact.id: fact for fact in _FACTS}
TO_CALIBRATE = tuple(fact for fact in _FACTS if fact.role == CALIBRATION)
"""The only facts that a search for defaults may look at."""
CLAIMS = (
    ("SF4", "“60 % more engagement” for micro-influencers (claim of the trade, not a gate)"),
    ("SF20", "“72 % of young people trust micro-influencers more than celebrities” (claim of the trade, not a gate)"),
)
