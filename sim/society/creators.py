"""What follows from a creator's size, quality and audience: trust, expected rank and engagement rate.

Nothing here depends on a tier: a creator's trust comes from how many of the engaged can be answered, the
expected rank from engagement per impression, both solved together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from sim.errors import InputError
from sim.parameters import Rates
from sim.randomness import Stream, creator_address, uniforms
from sim.rules import coverage, creator_trust, life_share, overloaded_trust, rank_factor, recommended_slots
from sim.scenario.roster import CreatorSpec

Floats = NDArray[np.float64]

MOST_FAKES = 0.9
LIFE_DAYS = 30
"""Days over which an expected engagement rate is counted."""


@dataclass(frozen=True)
class Draws:
    """What a replicate draws about a creator where the user gave nothing: means 1 for quality and price noise."""

    quality: float
    price_noise: float
    fake_share: float


@dataclass(frozen=True)
class AudienceProfile:
    """What the expectations need to know of an audience.

    real_followers: without fakes; followers: F with fakes; relevance: interest in the creator's posts by niche
    of the audience, with ``niche_shares`` as weights; stranger_relevance: mean interest among recommended viewers.
    """

    followers: float
    real_followers: float
    niche_shares: Floats
    relevance: Floats
    stranger_relevance: float
    activity: Floats
    expressiveness: Floats


@dataclass(frozen=True)
class Standing:
    """A creator's place in this market: trust 0..1, expected rank (x mean) and engagement rate (÷ F)."""

    quality: float
    trust: float
    rank: float
    engagement_rate: float


def creator_draws(creator: CreatorSpec, rates: Rates, seed: int, replicate: int) -> Draws:
    """Quality, price noise and fake share of a creator, addressed by handle."""
    u = uniforms(seed, replicate, Stream.CREATOR, post=creator_address(creator.handle))
    quality = creator.quality if creator.quality is not None else _lognormal(u[0][0], rates.quality_spread)
    low, high = fake_shares(creator, rates)
    return Draws(quality, _lognormal(u[1][0], rates.price_noise), low + (high - low) * float(u[2][0]))


def fake_shares(creator: CreatorSpec, rates: Rates) -> tuple[float, float]:
    """The least and the largest share of fakes among a creator's followers: as given, else around the default."""
    if creator.fake_share is not None:
        return creator.fake_share, creator.fake_share
    mean = rates.fake_share + rates.fake_slope * math.log10(creator.followers / 10_000.0)
    return max(0.0, mean - rates.fake_width), min(MOST_FAKES, max(0.0, mean + rates.fake_width))


def fake_share(creator: CreatorSpec, rates: Rates) -> float:
    """The fake share to be expected: the middle of ``fake_shares``."""
    low, high = fake_shares(creator, rates)
    return 0.5 * (low + high)


def _lognormal(u: float, spread: float) -> float:
    return math.exp(spread * float(ndtri(u)) - spread * spread / 2)


def standing(creator: CreatorSpec, quality: float, profile: AudienceProfile, rates: Rates) -> Standing:
    """Trust, rank and engagement rate; with a measured rate in the roster, the quality that gives that rate."""
    measured = creator.engagement_rate
    if measured is None:
        return _standing(creator, quality, profile, rates)

    def excess(log_quality: float) -> float:
        return _standing(creator, math.exp(log_quality), profile, rates).engagement_rate - measured

    from scipy.optimize import brentq  # takes a third of a second to import, and few rosters need it

    low, high = -12.0, 12.0
    if excess(high) < 0:
        most = _standing(creator, math.exp(high), profile, rates).engagement_rate
        raise InputError("no quality gives so high an engagement rate: not enough followers see a post",
                         key=f"creator.{creator.handle}.engagement_rate", value=creator.engagement_rate,
                         expected=f"at most {most:.3f} with the reach of this platform")  # fmt: skip
    return _standing(creator, math.exp(brentq(excess, low, high, xtol=1e-10)), profile, rates)


def _standing(creator: CreatorSpec, quality: float, profile: AudienceProfile, rates: Rates) -> Standing:
    trust, rank = _solve_trust_and_rank(creator, quality, profile, rates)
    return Standing(quality, trust, rank, _engagement_rate(quality, trust, rank, profile, rates))


def _solve_trust_and_rank(
    creator: CreatorSpec, quality: float, profile: AudienceProfile, rates: Rates
) -> tuple[float, float]:
    """The fixed point of trust (falls with engagement) and rank (rises with it), by bisection on the rank.

    Trust is that of a usual day: less what the usual share of sponsored posts takes.
    """
    mean_relevance = float(profile.niche_shares @ profile.relevance)
    per_trust = rates.engagement_rate * quality * mean_relevance / rates.trust_reference
    answers = creator.answers_a_day if creator.answers_a_day is not None else rates.answers_a_day
    posts = creator.posts_a_day if creator.posts_a_day is not None else rates.posts_a_day
    usual = creator.sponsored_share if creator.sponsored_share is not None else rates.sponsored_share

    def trust_at(rank: float) -> float:
        shown = profile.real_followers * _mean_capped(profile.activity * min(1.0, rates.reach * rank))
        rested = creator_trust(per_trust * shown, answers, posts, rates.trust_floor, rates.trust_gain)
        return overloaded_trust(rested, rates.overload, usual)

    low, high = rates.rank_low, rates.rank_high
    for _ in range(60):
        middle = 0.5 * (low + high)
        if expected_rank(per_trust * trust_at(middle), rates) > middle:
            low = middle
        else:
            high = middle
    rank = expected_rank(per_trust * trust_at(0.5 * (low + high)), rates)
    return trust_at(rank), rank


def _mean_capped(values: Floats) -> float:
    """The mean of values that count 1 at most (ndarray.mean takes longer to begin than to add up)."""
    return float(np.add.reduce(np.minimum(values, 1.0))) / len(values)


def rank_reference(rates: Rates) -> float:
    """Engagement per impression at which the feed neither rewards nor punishes."""
    return rates.rank_reference * rates.engagement_rate


def expected_rank(engagement: float, rates: Rates) -> float:
    """Rank of a post of known engagement per impression (no prior needed)."""
    return rank_factor(
        engagement, 1.0, 0.0, rank_reference(rates), rates.rank_exponent, rates.rank_low, rates.rank_high
    )


def _engagement_rate(quality: float, trust: float, rank: float, profile: AudienceProfile, rates: Rates) -> float:
    """Expected engagements of one organic post ÷ F, caps included, from followers and recommended viewers.

    Reshares are left out: on average they add about a tenth of the engagements, nearly all of it in a few posts.
    """
    base = rates.engagement_rate * quality * profile.expressiveness / rates.trust_reference
    by_niche = np.minimum(1.0, base[:, None] * trust * profile.relevance[None, :]).mean(axis=0)
    per_follower_view = float(profile.niche_shares @ by_niche)
    per_stranger_view = _mean_capped(base * rates.trust_floor * profile.stranger_relevance)
    seen, stranger_views = _expected_views(per_follower_view, rank, profile, rates)
    return (seen * per_follower_view + stranger_views * per_stranger_view) / profile.followers


def _expected_views(engagement: float, rank: float, profile: AudienceProfile, rates: Rates) -> tuple[float, float]:
    """Followers who see the post and recommended impressions, with the feed learning day by day (real people)."""
    covered, seen, stranger_views, shown_yesterday = 0.0, 0.0, 0.0, 0.0
    for day in range(LIFE_DAYS):
        gain = life_share(day, rates.half_life_hours) - (life_share(day - 1, rates.half_life_hours) if day else 0.0)
        covered = coverage(covered, rates.reach, gain, rank)
        seen_now = profile.real_followers * _mean_capped(profile.activity * covered)
        stranger_views += recommended_slots(shown_yesterday, rates.recommended_share, rank, 1.0)
        shown_yesterday, seen = seen_now - seen, seen_now
        rank = rank_factor(seen * engagement, seen, rates.rank_prior, rank_reference(rates), rates.rank_exponent,
                           rates.rank_low, rates.rank_high)  # fmt: skip
    return seen, stranger_views
