"""The science: every rule of the model as a pure function of scalars. Read this file first.

Both engines call these functions: the Mesa agents as plain Python, the kernel compiled by numba. They use
only + - x / comparisons, min and max on float64, so that both give the same bits; the few that need a power
or a logarithm are marked "shared": they are evaluated by the same Python code for both engines.

Words: an *exposure* is one person being shown one post by one shower (its author's feed, a recommended
slot, or a peer who reshared it). Trust, relevance, fit, attitude and skepticism lie in 0..1.
"""

from __future__ import annotations

import math

FIXED_POINT = 4294967296.0
"""Sums over exposures and people are whole numbers of 2^-32, exact in any order."""


# --- 1. trust ----------------------------------------------------------------------------------------------


def clamp(value: float, low: float, high: float) -> float:
    """``value`` cut to low..high."""
    return min(max(value, low), high)


def creator_trust(engaged_per_trust: float, answers: float, posts: float, floor: float, gain: float) -> float:
    """Mean trust in a creator who can answer ``answers`` people a day (shared, closed form).

    t = floor + gain·closeness, closeness = min(1, K/(E·f)), and the engaged followers per post are
    themselves E = B·t. Solving gives t = (floor + √(floor² + 4·gain·K/(B·f)))/2, or floor + gain where
    everybody engaged gets an answer: B·f·(floor + gain) ≤ K.
    engaged_per_trust: B, engaged real followers per post at trust 1; answers: K a day; posts: f a day.
    """
    daily = engaged_per_trust * posts
    if daily * (floor + gain) <= answers:
        return floor + gain
    return 0.5 * (floor + math.sqrt(floor * floor + 4.0 * gain * answers / daily))


def personal_trust(mean: float, u: float, noise: float) -> float:
    """A person's trust: the mean, plus a personal difference uniform in ±noise, cut to 0..1."""
    return clamp(mean + noise * (2.0 * u - 1.0), 0.0, 1.0)


def trust_in_creator(mean: float, u: float, noise: float, segment: float, regard: float, damage: float) -> float:
    """A person's trust in a creator: ((mean ± personal difference)·segment + regard, cut to 0..1)·(1 - damage).

    segment: factor of the person's segment; regard: won or lost by what buyers said; damage: share lost by one who saw
    a hidden ad that was found out.
    """
    return clamp((mean + noise * (2.0 * u - 1.0)) * segment + regard, 0.0, 1.0) * (1.0 - damage)


def regard_after(regard: float, reports: float, effect: float) -> float:
    """regard + effect·(good - bad reports seen today about what the creator sold), cut to -1..1."""
    return clamp(regard + effect * reports, -1.0, 1.0)


def recent_sponsored_share(usual: float, posts: float, posts_a_day: float, days: float) -> float:
    """Share of a creator's recent posts that are sponsored: usual + posts for the brand ÷ all (posts a day·days)."""
    return min(1.0, usual + posts / max(posts_a_day * days, posts, 1.0))


def overloaded_trust(mean: float, overload: float, sponsored_share: float) -> float:
    """Mean trust in a creator with so large a share of sponsored posts: mean - overload·share, at least 0."""
    return max(0.0, mean - overload * sponsored_share)


def tiredness(yesterday: float, memory: float, burnout: float, posts: float, habit: float) -> float:
    """memory·tiredness + burnout·(posts a day of the last week above the habit, which is one a week at least)."""
    return memory * yesterday + burnout * max(0.0, posts - max(habit, 1.0 / 7.0))


def tired_quality(quality: float, tired: float) -> float:
    """quality·exp(-tiredness) (shared)."""
    return quality * math.exp(-tired)


def reshared_trust(in_author: float, in_peer: float, endorsement: float) -> float:
    """Trust in a post that a peer reshared: the better of the author's and the peer's endorsement."""
    return max(in_author, in_peer * endorsement)


# --- 2. delivery -------------------------------------------------------------------------------------------


def life_share(age_days: float, half_life_hours: float) -> float:
    """L(d) = 1 - 2^(-24(d+1)/half-life): share of a post's impressions made by the end of day d (shared)."""
    return 1.0 - math.pow(2.0, -24.0 * (age_days + 1.0) / half_life_hours)


def coverage(before: float, reach: float, life_gain: float, rank: float) -> float:
    """C(d) = min(1, C(d-1) + reach·(L(d) - L(d-1))·rank(d)); a follower sees the post when u/activity < C."""
    return min(1.0, before + reach * life_gain * rank)


def viewing_key(u: float, activity: float) -> float:
    """t = u/activity, one for each person and post: the coverage at which the person sees the post."""
    return u / activity


def rank_factor(
    engagement_sum: float, impressions: float, prior: float, reference: float, exponent: float, low: float, high: float
) -> float:
    """The feed's reward for engagement, mean about 1 (shared).

    ratio = (S + κ·ref)/(I + κ)/ref; rank = clamp(ratio^exponent). S: expected engagements and I: impressions
    among followers so far, in real people; ref: engagement per impression of an average post.
    """
    ratio = (engagement_sum + prior * reference) / (impressions + prior) / reference
    return clamp(math.pow(ratio, exponent), low, high)


def recommended_slots(followers_shown: float, recommended_share: float, rank: float, form: float) -> float:
    """Slots that today go to strangers: ψ/(1-ψ)·(yesterday's impressions to followers)·rank·format factor."""
    return recommended_share / (1.0 - recommended_share) * followers_shown * rank * form


def newcomers(audience: float, growth: float) -> float:
    """Followers that a creator at work wins in a day besides: growth·audience."""
    return growth * audience


def peer_view_probability(activity: float, peer_reach: float) -> float:
    """A person sees what one peer posted or reshared yesterday."""
    return min(1.0, activity * peer_reach)


# --- 3. responses to one exposure --------------------------------------------------------------------------


def perceived_ad(sponsored: bool, disclosed: bool, recognition: float, fit: float, misfit: float) -> float:
    """How much a post is seen as an ad: 0 organic, 1 disclosed, else recognition + (1-recognition)·(1-fit)·misfit."""
    if not sponsored:
        return 0.0
    if disclosed:
        return 1.0
    return recognition + (1.0 - recognition) * (1.0 - fit) * misfit


def familiar_ad(ad: float, familiarity: float, earlier: float) -> float:
    """How much an ad puts off: perceived_ad·(1 - familiarity·earlier deals with the brand), at least 0."""
    return ad * max(0.0, 1.0 - familiarity * earlier)


def fit_factor(fit: float, fit_floor: float) -> float:
    """fit_floor + (1 - fit_floor)·fit: what a creator's fit with the product leaves of clicks and persuasion."""
    return fit_floor + (1.0 - fit_floor) * fit


def engage_probability(
    rate: float,
    expressiveness: float,
    quality: float,
    trust: float,
    trust_reference: float,
    relevance: float,
    ad_aversion: float,
    skepticism: float,
    ad: float,
) -> float:
    """rate·expressiveness·quality·(trust/trust_ref)·relevance·(1 - ad_aversion·skepticism·ad), at most 1.

    ad: perceived_ad, less what familiarity with the creator's work for the brand takes away.
    """
    base = rate * expressiveness * quality * (trust / trust_reference) * relevance
    return min(1.0, base * (1.0 - ad_aversion * skepticism * ad))


def click_pull(form: float, tag: float, code_click: float, discount: float) -> float:
    """What a post's format, product tag and discount code make of its clicks: form·tag·(1 + code_click·discount)."""
    return form * tag * (1.0 + code_click * discount)


def click_probability(
    rate: float, trust: float, trust_reference: float, product_relevance: float, fit: float, pull: float
) -> float:
    """Click on a sponsored post: rate·(trust/trust_ref)·product relevance·fit factor·click pull, at most 1."""
    return min(1.0, rate * (trust / trust_reference) * product_relevance * fit * pull)


def share_probability(rate: float, expressiveness: float, relevance: float, pull: float) -> float:
    """Reshare: rate·expressiveness·relevance·pull, at most 1; pull is quality·appeal (see ``share_pull``)."""
    return min(1.0, rate * expressiveness * relevance * pull)


def share_pull(quality: float, appeal: float, from_peer: bool, cap: float) -> float:
    """quality·appeal, capped where a peer showed the post, so that cascades stay subcritical."""
    pull = quality * appeal
    return min(pull, cap) if from_peer else pull


def persuasion_gain(
    persuasion: float, trust: float, product_relevance: float, fit: float, form: float, exposures: float, peak: float
) -> float:
    """Attitude moved by one exposure: persuasion·trust·product relevance·fit factor·format factor·(1 - n/peak).

    exposures: n, fading count of exposures to the brand at the start of the day; negative past the peak.
    """
    return persuasion * trust * product_relevance * fit * form * (1.0 - exposures / peak)


def unfollow_probability(
    rate: float, ad: float, trust: float, product_relevance: float, fit: float, shield: float
) -> float:
    """A follower leaves at an ad: rate·perceived_ad·(1-x)·(1-m·x), x = trust·product relevance·fit."""
    x = trust * product_relevance * fit
    return rate * ad * (1.0 - x) * (1.0 - shield * x)


# --- 4. attitude and buying --------------------------------------------------------------------------------


def moved_attitude(attitude: float, change: float) -> float:
    """a + Δ(1-a) for Δ ≥ 0, a + Δ·a below, cut to 0..1: attitude after a day's exposures."""
    moved = attitude + change * (1.0 - attitude) if change >= 0.0 else attitude + change * attitude
    return clamp(moved, 0.0, 1.0)


def faded(value: float, memory: float, days: int) -> float:
    """``value`` after ``days`` days, each keeping the share ``memory`` (multiplied day by day: same bits)."""
    for _ in range(days):
        value = value * memory
    return value


def price_factor(price: float, reference: float, elasticity: float) -> float:
    """(price/reference)^(-elasticity): what the product's price leaves of conversion (shared)."""
    return math.pow(price / reference, -elasticity)


def visit_probability(base: float, rate: float, attitude: float) -> float:
    """A person in the market visits the shop today without a click: min(1, base + rate·attitude)."""
    return min(1.0, base + rate * attitude)


def proof_factor(
    good: float, bad: float, social_proof: float, good_half: float, bad_word: float, bad_half: float
) -> float:
    """1 + social_proof·s/(s+half) - bad·b/(b+half), at least 0; s and b count reports seen from peers."""
    return max(0.0, 1.0 + social_proof * (good / (good + good_half)) - bad_word * (bad / (bad + bad_half)))


def purchase_base(
    rate: float, need: float, attitude_effect: float, attitude: float, price: float, proof: float
) -> float:
    """Conversion of a visit before trust: rate·need·(1 + effect·attitude)·price factor·proof factor."""
    return rate * need * (1.0 + attitude_effect * attitude) * price * proof


def trust_factor(trust: float, trust_reference: float, power: float) -> float:
    """(trust/trust_ref)^k for k = 0, 1, 2, by multiplication."""
    ratio = trust / trust_reference
    if power >= 2.0:
        return ratio * ratio
    if power >= 1.0:
        return ratio
    return 1.0


def code_factor(discount: float, elasticity: float) -> float:
    """(1 - discount)^(-elasticity): what a code's lower price makes of conversion (shared)."""
    return math.pow(1.0 - discount, -elasticity)


def purchase_probability(base: float, trust: float, offer: float) -> float:
    """Buy given a visit: base·trust factor·code factor, at most 1 (both 1 without a click)."""
    return min(1.0, base * trust * offer)


def repeat_orders(rate: float, quality: float, orders: float) -> float:
    """Orders of today by those who bought before and were glad of it: rate·quality·earlier first orders."""
    return rate * quality * orders


def product_of_misses(no_click: float, click: float) -> float:
    """Probability that none of the exposures so far is clicked: Π(1 - p)."""
    return no_click * (1.0 - click)


# --- 5. sums -----------------------------------------------------------------------------------------------


def fixed(value: float) -> int:
    """``value`` as a whole number of 2^-32, rounded half up."""
    return math.floor(value * FIXED_POINT + 0.5)


def from_fixed(total: int) -> float:
    """A fixed-point sum as a float."""
    return total / FIXED_POINT


# --- 6. price ----------------------------------------------------------------------------------------------


def market_price(followers: float, constant: float, exponent: float) -> float:
    """c·(F/10,000)^β: the expected market price of one post (shared)."""
    return constant * math.pow(followers / 10_000.0, exponent)


def expected_orders(
    followers: float, reach: float, click_rate: float, conversion_rate: float, need_share: float, price: float
) -> float:
    """Orders that a creator reckons with for one post: followers·reach·clicks·orders a click, before any trust."""
    return followers * reach * click_rate * conversion_rate * need_share * price


def accepts(offer: float, reservation: float) -> bool:
    """A creator takes an offer (fees, gift and the commission reckoned with) of at least the reservation price."""
    return offer >= reservation * (1.0 - 1e-9)
