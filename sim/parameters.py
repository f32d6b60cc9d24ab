"""Every number of the model: value, unit, range, symbol, meaning and source, in this one place.

A field of ``Rates`` is a parameter. The docs, the command line, the checks of a scenario and every
study read them from here. "assumption" as a source means just that: nobody has measured it openly.
No default depends on a creator's followers except through the price curve.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ASSUMPTION = "assumption"
TO_TIES = "calibrated to SF2 and SF3 (experiments/calibration)"
TO_RATES = "calibrated to SF4 (experiments/calibration)"
TO_TRUST = "calibrated to SF4 and SF20 (experiments/calibration)"


@dataclass(frozen=True)
class Parameter:
    """One number of the model, as documented to users."""

    name: str
    default: float
    unit: str
    low: float
    high: float
    symbol: str
    meaning: str
    source: str
    neutral: float | None
    group: str


def parameter(
    default: float,
    unit: str,
    low: float,
    high: float,
    symbol: str,
    meaning: str,
    source: str = ASSUMPTION,
    *,
    neutral: float | None = None,
) -> Any:
    """A dataclass field that carries a parameter's documentation."""
    return dataclasses.field(
        default=default,
        metadata={
            "unit": unit,
            "low": low,
            "high": high,
            "symbol": symbol,
            "meaning": meaning,
            "source": source,
            "neutral": neutral,
        },
    )


@dataclass(frozen=True)
class Rates:
    """The resolved numbers of one simulation (see ``PARAMETERS`` for their documentation)."""

    # fmt: off
    # --- people
    activity_spread: float = parameter(
        0.6, "sd of ln", 0.0, 1.2, "σ_a", "spread of people's activity (lognormal, mean 1)", neutral=0.0)
    activity_cap: float = parameter(
        3.0, "x mean", 1.0, 10.0, "a_max", "largest activity, as a multiple of the mean before capping")
    expressiveness_spread: float = parameter(
        1.0, "sd of ln", 0.0, 2.0, "σ_e", "spread of people's readiness to engage and share (lognormal, mean 1)",
        neutral=0.0)
    skepticism_mean: float = parameter(
        0.5, "0..1", 0.0, 1.0, "κ_s", "mean skepticism towards advertising", neutral=0.0)
    skepticism_width: float = parameter(
        0.4, "0..1", 0.0, 1.0, "w_s", "half width of the uniform spread of skepticism, cut to 0..1", neutral=0.0)
    need_share: float = parameter(
        0.2, "share of people", 0.001, 1.0, "m", "people who are in the market for the product at all")
    owner_share: float = parameter(
        0.02, "share of people", 0.0, 0.5, "o", "people who own the brand before the campaign", neutral=0.0)
    appetite_shape: float = parameter(
        0.5, "gamma shape", 0.1, 50.0, "k_h",
        "appetite for following creators (gamma, mean 1); a small shape makes audiences overlap")
    # --- society
    group_median: float = parameter(
        9.5, "people", 4.0, 100.0, "M_g", "median size of a local group of friends", TO_TIES)
    group_spread: float = parameter(1.07, "sd of ln", 0.0, 1.5, "σ_g", "spread of group sizes", TO_TIES, neutral=0.0)
    friends_exponent: float = parameter(
        0.7, "power", 0.0, 1.0, "γ_f", "how a person's number of friends grows with the group's size", TO_TIES)
    friends_spread: float = parameter(
        0.4, "sd of ln", 0.0, 1.0, "σ_f", "spread of the number of friends within a group", neutral=0.0)
    returned_share: float = parameter(
        0.4, "share of ties", 0.05, 1.0, "ρ_r", "share of an ordinary person's ties that are returned friendships",
        "Kwak et al. 2010 report 22 % of follow dyads mutual over all accounts; calibrated to SF2 and SF3")
    in_group_share: float = parameter(
        0.77, "share of friends", 0.0, 1.0, "ρ_g", "friends inside the own group", TO_TIES)
    neighbour_share: float = parameter(
        0.125, "share of friends", 0.0, 1.0, "ρ_n", "friends in the neighbourhood of groups")
    popularity_exponent: float = parameter(
        2.3, "density exponent", 2.05, 4.0, "τ", "tail of popularity among ordinary people",
        "in the range of in-degree exponents reported for follow graphs (Clauset et al. 2009: 2 to 3)")
    niche_homophily: float = parameter(
        0.6, "share", 0.0, 1.0, "η", "people who have their group's niche, and one-way ties kept in the own niche",
        neutral=0.0)
    # --- audiences
    audience_spill: float = parameter(
        0.05, "x own niche", 0.001, 1.0, "ω", "readiness to follow a creator of another niche", neutral=1.0)
    region_spill: float = parameter(
        0.3, "x own region", 0.001, 1.0, "ω_r", "readiness to follow a creator of another region", neutral=1.0)
    audience_clumping: float = parameter(
        0.7, "sd of ln", 0.0, 2.0, "σ_c", "how unevenly groups of friends like a creator (lognormal, mean 1)",
        neutral=0.0)
    cross_affinity: float = parameter(
        0.4, "0..1", 0.0, 1.0, "A", "interest of a niche's people in posts of another niche", neutral=1.0)
    product_cross_affinity: float = parameter(
        0.3, "0..1", 0.0, 1.0, "A_p", "interest in the product outside its niche", neutral=1.0)
    general_affinity: float = parameter(
        0.81, "0..1", 0.0, 1.0, "A_g", "interest of anyone in a general creator's posts", TO_RATES, neutral=1.0)
    # --- creators
    quality_spread: float = parameter(
        0.6, "sd of ln", 0.0, 1.2, "σ_q", "spread of creators' quality (lognormal, mean 1)",
        "spread of engagement rates within a tier, sd of ln 0.6 to 1.2 (derived from Social Cat cut-offs)", neutral=0.0)
    fake_share: float = parameter(
        0.30, "share of followers", 0.0, 0.9, "φ", "fake or inactive followers, the same at every size",
        "HypeAuditor 2021: 45 % overall; SRF 2017: 26-31 %, no relation with size", neutral=0.0)
    fake_width: float = parameter(
        0.15, "0..1", 0.0, 0.3, "w_φ", "half width of the uniform spread of fake shares, where they are not given",
        "range 15-45 % of followers (HypeAuditor 2021; SRF 2017)", neutral=0.0)
    fake_slope: float = parameter(
        0.0, "a factor of 10", -0.2, 0.2, "φ'", "an option: fake share added with each tenfold of followers",
        "assumption; SRF 2017 finds no relation with size", neutral=0.0)
    answers_a_day: float = parameter(
        45.0, "people a day", 1.0, 10000.0, "K", "people a creator can answer in a day", TO_RATES)
    posts_a_day: float = parameter(1.0, "posts a day", 0.05, 10.0, "f", "a creator's habitual posts a day")
    price_constant: float = parameter(
        160.0, "USD", 1.0, 5000.0, "c₁₀ₖ", "price of one post by a creator of 10,000 followers",
        "vendor rate cards, about $160 at 10k followers (see price_exponent)")
    price_exponent: float = parameter(
        0.85, "power", 0.3, 1.3, "β", "growth of the price with followers: price = c·(F/10,000)^β",
        "Captiv8 ladder 0.90, Klear ladder 0.45, Beichert et al. 0.63-0.85 (derived)")
    price_noise: float = parameter(
        0.9, "sd of ln", 0.0, 1.5, "σ_p", "spread of market prices at equal followers (lognormal, mean 1)",
        "Lumanu, 250,000 payments: r(followers, pay) = 0.56, mean $2,300, median $800", neutral=0.0)
    price_premium: float = parameter(
        1.0, "x", 1.0, 4.0, "c_1M", "an option: factor on the price from 1,000,000 followers on",
        "a premium of 2-3 is reported by vendors; off, since the curve alone is the fairer start", neutral=1.0)
    reservation_share: float = parameter(
        0.0, "x own price", 0.0, 1.5, "ρ_0", "least offer that a creator accepts, as a multiple of the own price",
        neutral=0.0)
    sponsored_share: float = parameter(
        0.05, "share of posts", 0.0, 1.0, "s_0", "a creator's posts that are sponsored by others",
        "2-7 % (Wearisma 2018)", neutral=0.0)
    overload: float = parameter(
        0.2, "trust", 0.0, 1.0, "o_t", "trust that a creator would lose whose recent posts were all sponsored",
        "size: assumption; the sign is of Borchers et al. 2022", neutral=0.0)
    overload_days: float = parameter(
        30.0, "days", 1.0, 365.0, "D_o", "days over which the sponsored share of recent posts is counted")
    burnout: float = parameter(
        0.1, "a post", 0.0, 1.0, "b_q", "tiredness by each post a day above the creator's habit", neutral=0.0)
    tiredness_memory: float = parameter(
        0.9, "per day", 0.0, 1.0, "m_b", "share of tiredness kept from day to day")
    growth_rate: float = parameter(
        0.0, "per day", 0.0, 0.05, "G", "followers that a booked creator wins a day besides, by audience",
        "off; 1.7 % a month on Instagram (vendors) would be 0.0006", neutral=0.0)
    # --- formats
    reel_reach: float = parameter(1.3, "x post", 0.1, 5.0, "r_reel", "reach of a reel among followers",
        "with reel_recommended 1.8 x a post's: 2.25 x (CreatorsJet 2025, 10,000 posts), 1.4 x (Metricool)", neutral=1.0)
    reel_life: float = parameter(1.5, "x post", 0.1, 20.0, "T_reel", "half-life of a reel", neutral=1.0)
    reel_recommended: float = parameter(
        2.0, "x post", 0.0, 10.0, "ψ_reel", "recommended slots of a reel", "see reel_reach", neutral=1.0)
    reel_click: float = parameter(0.7, "x post", 0.0, 10.0, "ℓ_reel", "clicks on a reel", neutral=1.0)
    reel_persuasion: float = parameter(1.1, "x post", 0.0, 5.0, "π_reel", "persuasion of a reel", neutral=1.0)
    reel_price: float = parameter(1.2, "x post", 0.1, 5.0, "c_reel", "price of a reel", neutral=1.0)
    story_reach: float = parameter(
        0.2, "x post", 0.01, 2.0, "r_story", "reach of a story among followers, on its one day",
        "0.18-0.22 of a post's (Minter.io 2019), 0.13-0.27 (Rival IQ 2021)", neutral=1.0)
    story_click: float = parameter(
        2.5, "x post", 0.0, 10.0, "ℓ_story", "clicks on a story, whose link is one tap away",
        "story link 2.5 %, bio link 1.0 % of reached (vendors)", neutral=1.0)
    story_persuasion: float = parameter(0.8, "x post", 0.0, 5.0, "π_story", "persuasion of a story", neutral=1.0)
    story_price: float = parameter(
        0.5, "x post", 0.05, 5.0, "c_story", "price of a story", "1.5-2 x cheaper than a post (Instajet)", neutral=1.0)
    video_reach: float = parameter(1.0, "x post", 0.1, 5.0, "r_video", "reach of a video among followers", neutral=1.0)
    video_life: float = parameter(2.0, "x post", 0.1, 20.0, "T_video", "half-life of a video", neutral=1.0)
    video_recommended: float = parameter(
        1.5, "x post", 0.0, 10.0, "ψ_video", "recommended slots of a video", neutral=1.0)
    video_click: float = parameter(0.8, "x post", 0.0, 10.0, "ℓ_video", "clicks on a video", neutral=1.0)
    video_persuasion: float = parameter(1.3, "x post", 0.0, 5.0, "π_video", "persuasion of a video", neutral=1.0)
    video_price: float = parameter(
        1.45, "x post", 0.1, 5.0, "c_video", "price of a video", "video +40-50 % (HypeAuditor)", neutral=1.0)
    live_reach: float = parameter(
        0.1, "x post", 0.01, 2.0, "r_live", "reach of a live show among followers, on its one day", neutral=1.0)
    live_click: float = parameter(2.0, "x post", 0.0, 10.0, "ℓ_live", "clicks at a live show", neutral=1.0)
    live_persuasion: float = parameter(1.5, "x post", 0.0, 5.0, "π_live", "persuasion of a live show", neutral=1.0)
    live_price: float = parameter(1.0, "x post", 0.05, 5.0, "c_live", "price of a live show", neutral=1.0)
    # --- feed
    reach: float = parameter(
        0.30, "share of followers", 0.01, 1.0, "r", "followers of average activity shown a post over its life",
        "Minter.io 2019 medians 37.7 to 19.1 %; later figures are lower", neutral=1.0)
    half_life_hours: float = parameter(
        19.0, "hours", 0.1, 1000.0, "T½", "time in which a post gets half of its impressions",
        "Instagram 19 h, range 12-24 h (Graffius)")
    rank_exponent: float = parameter(
        0.6, "power", 0.0, 1.5, "γ", "how strongly the feed rewards engagement", TO_RATES, neutral=0.0)
    rank_low: float = parameter(0.25, "x mean", 0.01, 1.0, "R_min", "least reach factor the feed gives")
    rank_high: float = parameter(2.5, "x mean", 1.0, 20.0, "R_max", "largest reach factor the feed gives")
    rank_prior: float = parameter(
        2000.0, "impressions", 1.0, 1e6, "κ", "impressions' worth of belief in the mean before a post is judged")
    rank_reference: float = parameter(
        0.5, "x engagement_rate", 0.01, 5.0, "ref",
        "engagement per impression at which the feed is neutral, as a multiple of engagement_rate")
    recommended_share: float = parameter(
        0.40, "share of impressions", 0.0, 0.95, "ψ", "impressions that go to people who do not follow the author",
        "Instagram 40 %, range 15-50 % (company statements 2022-23)", neutral=0.0)
    in_niche: float = parameter(
        0.7, "probability", 0.0, 1.0, "ψ_n", "a recommended slot goes to someone of the post's niche")
    peer_reach: float = parameter(
        0.25, "probability", 0.0, 1.0, "p", "a follower of average activity sees what a peer posted or reshared",
        neutral=0.0)
    # --- responses
    engagement_rate: float = parameter(
        0.08, "per impression", 0.0001, 1.0, "e",
        "engagement of an average person who cares for the topic and trusts at trust_reference", TO_RATES)
    click_rate: float = parameter(
        0.023, "per impression", 0.0, 1.0, "ℓ", "clicks on a sponsored post at trust_reference in the product's niche",
        "story link 1-5 %, bio link 0.3-3 % of reached; calibrated to SF19")
    share_rate: float = parameter(
        0.0115, "per impression", 0.0, 1.0, "s", "reshares of a post of average quality and appeal",
        "branching number 0.05-0.2 (Goel et al. 2016, Bakshy et al. 2011, derived); calibrated to SF6", neutral=0.0)
    appeal_spread: float = parameter(
        1.8, "sd of ln", 0.0, 2.5, "σ_v", "spread of posts' appeal to sharers (lognormal, mean 1)",
        "with a branching number of 0.1 gives a share without a reshare of 0.94 (computed)", neutral=0.0)
    share_appeal_cap: float = parameter(
        5.0, "x mean", 1.0, 100.0, "v_max", "largest quality·appeal beyond the first generation of sharers")
    trust_reference: float = parameter(
        0.4, "0..1", 0.05, 1.0, "t_ref", "trust at which the base rates hold")
    ad_aversion: float = parameter(
        0.25, "0..1", 0.0, 1.0, "x_ad", "engagement lost by a full skeptic on what is seen to be an ad",
        "sponsored against organic engagement -16 %, range -25..0", neutral=0.0)
    recognition: float = parameter(
        0.35, "probability", 0.0, 1.0, "d", "an undisclosed ad is recognised", neutral=0.0)
    misfit: float = parameter(
        0.5, "0..1", 0.0, 1.0, "μ", "recognition of a hidden ad added where the product does not fit", neutral=0.0)
    familiarity: float = parameter(
        0.05, "a deal", 0.0, 0.5, "ρ_f", "share of ad_aversion that each earlier deal with the brand takes away",
        "assumption; studies disagree on the sign (Evans et al. 2022; Geng et al. 2023)", neutral=0.0)
    tag_click: float = parameter(1.2, "x", 0.0, 5.0, "ℓ_tag", "clicks on a post with a product tag", neutral=1.0)
    code_click: float = parameter(
        1.0, "per discount", 0.0, 10.0, "ℓ_code", "clicks added by a code: 1 + code_click·discount", neutral=0.0)
    foreign_language: float = parameter(
        0.1, "0..1", 0.0, 1.0, "A_l", "interest left where a post's language is not that of the region", neutral=1.0)
    # --- trust
    trust_floor: float = parameter(
        0.215, "0..1", 0.0, 1.0, "t_0", "trust in a creator who answers nobody", TO_TRUST)
    trust_gain: float = parameter(
        0.82, "0..1", 0.0, 1.0, "g_t", "trust added when every engaged follower is answered", TO_TRUST, neutral=0.0)
    trust_noise: float = parameter(
        0.15, "0..1", 0.0, 0.5, "ε_t", "half width of the personal difference in trust (uniform)", neutral=0.0)
    peer_trust: float = parameter(
        0.77, "0..1", 0.0, 1.0, "t_p", "mean trust in a peer",
        "Nielsen 2021: friends are trusted 1.7-3.9 times as much as celebrities; calibrated to SF20")
    endorsement: float = parameter(
        0.9, "0..1", 0.0, 1.0, "t_e", "a peer's trust carried by a reshare", neutral=0.0)
    betrayal: float = parameter(
        0.3, "share of trust", 0.0, 1.0, "β_t", "trust lost by those who saw a hidden ad, once found out",
        "size: assumption; 64 % would distrust (BBB 2025, n 3,700)", neutral=0.0)
    word_on_creator: float = parameter(
        0.05, "trust a report", 0.0, 1.0, "w_c", "trust in a creator won or lost by a report of one who bought there",
        "size: assumption; the sign is of Darke et al. 2010", neutral=0.0)
    # --- attitude
    persuasion: float = parameter(
        0.1, "attitude per exposure", 0.0, 1.0, "π", "attitude gained at one exposure at full trust and relevance",
        neutral=0.0)
    fit_floor: float = parameter(
        0.5, "0..1", 0.0, 1.0, "φ_0", "click and persuasion left when the creator does not fit the product",
        neutral=1.0)
    wear_peak: float = parameter(
        10.0, "exposures", 1.0, 1e9, "n*", "exposures after which another one does harm",
        "attitude peaks after about 10 exposures, range 3-12 (Schmidt & Eisend 2015)", neutral=1e9)
    exposure_memory: float = parameter(
        0.97, "per day", 0.5, 1.0, "m_n", "share of the exposure count kept from day to day", neutral=1.0)
    attitude_memory: float = parameter(
        0.97, "per day", 0.5, 1.0, "m_a", "share of attitude kept from day to day", neutral=1.0)
    # --- buying
    base_visit: float = parameter(
        0.0005, "per person and day", 0.0, 1.0, "b_0", "visits to the shop without any campaign", neutral=0.0)
    visit_rate: float = parameter(
        0.01, "per person and day", 0.0, 1.0, "b_1", "visits a day at attitude 1", neutral=0.0)
    conversion_rate: float = parameter(
        0.05, "per visit", 0.0, 1.0, "q", "visits that buy, of those in the market",
        "times need_share gives 1 % of clicks: social traffic 0.5-2.6 % (Oribi; Compass)")
    attitude_effect: float = parameter(
        1.0, "per attitude", 0.0, 10.0, "α", "increase of conversion at attitude 1", neutral=0.0)
    trust_on_purchase: float = parameter(
        2.0, "0, 1 or 2", 0.0, 2.0, "k", "power of trust in the creator clicked on the purchase", neutral=0.0)
    price_reference: float = parameter(
        82.0, "USD", 1.0, 100000.0, "P_0", "product price at which conversion_rate holds",
        "average order from social traffic $82 (Kibo 2020)")
    price_elasticity: float = parameter(
        0.5, "power", 0.0, 3.0, "ε_P", "fall of conversion with the product's price", neutral=0.0)
    social_proof: float = parameter(
        0.5, "x", 0.0, 5.0, "S", "increase of conversion when very many peers are seen to endorse", neutral=0.0)
    social_proof_half: float = parameter(
        3.0, "good reports", 0.1, 100.0, "s½", "good reports that give half of social_proof")
    bad_word: float = parameter(
        1.0, "x", 0.0, 5.0, "B", "decrease of conversion when very many bad reports are seen", neutral=0.0)
    bad_word_half: float = parameter(
        2.0, "bad reports", 0.1, 100.0, "b½", "bad reports that give half of bad_word")
    # --- talk and following
    talk_rate: float = parameter(
        0.1, "per buyer", 0.0, 1.0, "w_t", "buyers who post about the product", neutral=0.0)
    seed_talk_rate: float = parameter(
        0.4, "per person", 0.0, 1.0, "w_g", "people given the product who post about it",
        "most of 300 marketers see under half of seeded products posted (Traackr 2023)", neutral=0.0)
    repeat_rate: float = parameter(
        0.0, "per day", 0.0, 0.1, "w_r", "glad buyers who buy again on a later day",
        "off; 32 % within a year (RJMetrics, 176 retailers) would be 0.001", neutral=0.0)
    unfollow_rate: float = parameter(
        0.01, "per exposure", 0.0, 1.0, "u", "followers lost at an exposure to an ad that neither fits nor is trusted",
        "0.19 % of followers lost per sponsored post, range 0.10-0.30 (Cheng & Zhang 2025)", neutral=0.0)
    unfollow_shield: float = parameter(
        0.5, "0..1", 0.0, 1.0, "m_u", "how much more than linearly trust and relevance keep a follower", neutral=0.0)
    follow_rate: float = parameter(
        0.02, "per engagement", 0.0, 1.0, "j", "engaged recommended viewers who then follow the author", neutral=0.0)
    # fmt: on


def _groups() -> dict[str, str]:
    """Which group each parameter belongs to, from the section comments' first members."""
    starts = {
        "activity_spread": "people", "group_median": "society", "audience_spill": "audiences",
        "quality_spread": "creators", "reel_reach": "formats", "reach": "feed", "engagement_rate": "responses",
        "trust_floor": "trust", "persuasion": "attitude", "base_visit": "buying", "talk_rate": "talk",
    }  # fmt: skip
    groups, current = {}, ""
    for field in dataclasses.fields(Rates):
        current = starts.get(field.name, current)
        groups[field.name] = current
    return groups


_GROUP_OF = _groups()

PARAMETERS: Mapping[str, Parameter] = {
    f.name: Parameter(name=f.name, default=float(f.default), group=_GROUP_OF[f.name], **f.metadata)  # type: ignore[arg-type]
    for f in dataclasses.fields(Rates)
}
