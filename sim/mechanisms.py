"""The model's mechanisms by name, each with the parameters whose neutral values switch it off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sim.parameters import PARAMETERS, Rates

MECHANISMS: Mapping[str, tuple[str, ...]] = {
    "differences in activity": ("activity_spread",),
    "differences in readiness to engage": ("expressiveness_spread",),
    "skepticism": ("skepticism_mean", "skepticism_width"),
    "owners of the brand": ("owner_share",),
    "groups of mixed size": ("group_spread", "friends_spread"),
    "friends of one niche": ("niche_homophily",),
    "audiences by niche": ("audience_spill",),
    "audiences by region": ("region_spill",),
    "audiences by group of friends": ("audience_clumping",),
    "relevance of topics": ("cross_affinity", "general_affinity"),
    "relevance of the product": ("product_cross_affinity",),
    "languages": ("foreign_language",),
    "quality of creators": ("quality_spread",),
    "fake followers": ("fake_share", "fake_width", "fake_slope"),
    "noise of prices": ("price_noise",),
    "premium on prices": ("price_premium",),
    "reservation prices": ("reservation_share",),
    "overload by sponsored posts": ("sponsored_share", "overload"),
    "burnout": ("burnout",),
    "growth of creators": ("growth_rate",),
    "formats": tuple(name for name, p in PARAMETERS.items() if p.group == "formats"),
    "organic reach": ("reach",),
    "ranking by engagement": ("rank_exponent",),
    "recommendation to strangers": ("recommended_share",),
    "resharing": ("share_rate",),
    "peers": ("peer_reach",),
    "appeal of posts": ("appeal_spread",),
    "aversion to ads": ("ad_aversion",),
    "recognition of hidden ads": ("recognition", "misfit"),
    "familiarity": ("familiarity",),
    "product tags": ("tag_click",),
    "discount codes": ("code_click",),
    "closeness by answers": ("trust_gain",),
    "personal trust": ("trust_noise",),
    "endorsement by peers": ("endorsement",),
    "betrayal": ("betrayal",),
    "word on the creator": ("word_on_creator",),
    "persuasion": ("persuasion",),
    "fit of creator and product": ("fit_floor",),
    "wear-out": ("wear_peak",),
    "forgetting": ("exposure_memory", "attitude_memory"),
    "visits without a campaign": ("base_visit",),
    "visits by attitude": ("visit_rate",),
    "attitude on purchase": ("attitude_effect",),
    "trust on purchase": ("trust_on_purchase",),
    "price on purchase": ("price_elasticity",),
    "social proof": ("social_proof",),
    "bad word on purchase": ("bad_word",),
    "talk of buyers": ("talk_rate",),
    "talk of the seeded": ("seed_talk_rate",),
    "repeat purchase": ("repeat_rate",),
    "leaving": ("unfollow_rate", "unfollow_shield"),
    "following": ("follow_rate",),
}
"""Every parameter that has a neutral value stands in one of them."""


def neutral_values(mechanisms: Iterable[str]) -> dict[str, float]:
    """The parameters of these mechanisms at their neutral values."""
    names = [name for mechanism in mechanisms for name in MECHANISMS[mechanism]]
    return {name: value for name in names if (value := PARAMETERS[name].neutral) is not None}


def without(rates: Rates, *mechanisms: str) -> Rates:
    """Rates with these mechanisms switched off."""
    return replace(rates, **neutral_values(mechanisms))


def only(rates: Rates, *mechanisms: str) -> Rates:
    """Rates with every mechanism switched off but these."""
    return without(rates, *(name for name in MECHANISMS if name not in mechanisms))
