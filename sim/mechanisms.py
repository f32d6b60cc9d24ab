"""The model's mechanisms by name, each with the parameters whose neutral values switch it off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

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


# --- groups of mechanisms ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """Mechanisms that answer one question together, and what is so when they are off.

    Off means that creators and people no longer differ in it; the level stays near the average, for otherwise a group
    would be credited with making everything larger or smaller. levels: parameters that are set to something else than
    their neutral value: a number, or what a parameter is in the scenario.
    """

    title: str
    mechanisms: tuple[str, ...]
    off: str
    levels: Mapping[str, float | str]


GROUPS: Mapping[str, Group] = {
    "trust": Group(
        "trust",
        ("closeness by answers", "personal trust", "overload by sponsored posts", "betrayal"),
        "everybody trusts every creator alike, at the level at which the base rates hold",
        {"trust_floor": "trust_reference"},
    ),
    "relevance": Group(
        "relevance and fit",
        ("relevance of topics", "relevance of the product", "languages"),
        "everybody cares for every topic and for the product as people do on average, and every creator fits it as a "
        "general account does",
        {},
    ),
    "price": Group(
        "price",
        ("noise of prices", "premium on prices"),
        "market prices are proportional to followers, at the price of 10,000; fees that are given stay as they are",
        {"price_exponent": 1.0},
    ),
    "feed": Group(
        "feed",
        ("ranking by engagement", "recommendation to strangers"),
        "the feed shows every post to the same share of followers and to nobody else",
        {},
    ),
    "word": Group(
        "word of mouth and social proof",
        ("resharing", "peers", "appeal of posts", "endorsement by peers", "word on the creator", "social proof",
         "bad word on purchase", "talk of buyers", "talk of the seeded"),
        "nobody passes anything on, and nobody minds what friends buy",
        {},
    ),
    "overlap": Group(
        "overlap",
        ("audiences by group of friends",),
        "people are equally ready to follow creators, so that audiences of a niche overlap by chance alone",
        {"appetite_shape": 50.0},
    ),
    "fakes": Group(
        "fakes",
        ("fake followers",),
        "every creator has the same share of fake followers, the average one",
        {"fake_share": "fake_share"},
    ),
    "quality": Group(
        "quality",
        ("quality of creators", "burnout"),
        "all creators are equally good, and nobody tires",
        {},
    ),
}  # fmt: skip
"""Groups that can be switched off to explain a difference between plans. What creators are given, one by one, and how
much people care on average is set beside these values in ``sim.studies.explain_runs``."""


def off_values(groups: Iterable[str], rates: Rates) -> dict[str, float]:
    """The parameters of these groups as they are when the groups are off."""
    values: dict[str, float] = {}
    for group in groups:
        values |= neutral_values(GROUPS[group].mechanisms)
        for name, level in GROUPS[group].levels.items():
            values[name] = float(getattr(rates, level)) if isinstance(level, str) else level
    return values
