"""Repetition: attitude after the k-th ad, for people who see one every third day."""

from __future__ import annotations

import numpy as np

from sim.parameters import Rates
from sim.rules import faded, fit_factor, moved_attitude, persuasion_gain, trust_in_creator

EVERY, MOST = 3, 20
PEOPLE = 201
"""People whose personal differences in trust are spread evenly."""


def best_repetition(rates: Rates, trust: float) -> float:
    """SF13: the number of exposures at which mean attitude on the day of the ad is highest, 1 to 20."""
    attitude, exposures = np.zeros(PEOPLE), np.zeros(PEOPLE)
    spread = (np.arange(PEOPLE) + 0.5) / PEOPLE
    means = []
    for _ in range(MOST):
        for person in range(PEOPLE):
            own = trust_in_creator(trust, spread[person], rates.trust_noise, 1.0, 0.0, 0.0)
            gain = persuasion_gain(rates.persuasion, own, 1.0, fit_factor(1.0, rates.fit_floor), 1.0,
                                   exposures[person], rates.wear_peak)  # fmt: skip
            attitude[person] = moved_attitude(attitude[person], gain)
        means.append(attitude.mean())
        for person in range(PEOPLE):
            attitude[person] = faded(attitude[person], rates.attitude_memory, EVERY)
            exposures[person] = faded(exposures[person] + 1.0, rates.exposure_memory, EVERY)
    return float(np.argmax(means) + 1)
