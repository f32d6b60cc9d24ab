"""What a day brings to a person, as the agents see it: exposures, and chances to click."""

from __future__ import annotations

from typing import NamedTuple

from sim.engine.posts import LivePost


class Exposure(NamedTuple):
    """One person is shown one post by one shower; with the trust in it and the coins of this exposure."""

    post: LivePost
    shower: int
    source: int
    trust: float
    u_engage: float
    u_click: float
    u_share: float
    u_unfollow: float
    u_follow: float


class Click(NamedTuple):
    """A chance to click today: its probability, the trust at stake, the post, and whether it happened."""

    probability: float
    trust: float
    post: LivePost
    happened: bool
