"""What a policy is told about its robot: the estimate, as numbers of one size.

For each parameter in `MEANS` its mean, in deviations of the prior; for each in `DEVIATIONS` the decimal logarithm
of its deviation, likewise. In training no filter runs. The robot is known there, and the policy is told
an estimate of it as a measurement of random, known sureness would give it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.identification.parameters import DEVIATION, INDEX, MEAN

Floats = NDArray[np.floating[Any]]

MEANS = ("speed", "ratio", "dead_band", "dead_time", "wheel_base", "yaw", "ahead", "lens", "jitter")
DEVIATIONS = ("speed", "ratio", "dead_band", "wheel_base", "yaw")
SIZE = len(MEANS) + len(DEVIATIONS)
"""How many numbers a policy is told."""

FARTHEST = 3.5
"""A mean is told as at most so many deviations of the prior."""
SUREST = 1e-2
"""A deviation is told as at least this share of the prior's."""

_MEAN, _DEVIATION = ([INDEX[name] for name in names] for names in (MEANS, DEVIATIONS))


def told(mean: Floats, deviation: Floats) -> NDArray[np.float32]:
    """What the policy is told of estimates: means and deviations of all parameters, (N, P), to (N, SIZE)."""
    return _packed((mean - MEAN) / DEVIATION, deviation / DEVIATION)


def told_at_random(
    theta: Floats, rng: np.random.Generator, *, surest: float = -2.0, vaguest: float = 0.7
) -> NDArray[np.float32]:
    """What a policy in training is told of robots `theta`, (N, P): estimates of random sureness, (N, SIZE).

    With z the truth and e the noise of a measurement, both in deviations of the prior, the estimate of a normal
    prior is k (z + e n) with the deviation sqrt(1 - k), k = 1 / (1 + e^2). log10 e is drawn between `surest` and
    `vaguest` for the whole robot, and differs a little between its parameters.
    """
    z = (theta - MEAN) / DEVIATION
    level = rng.uniform(surest, vaguest, (len(z), 1)) + 0.35 * rng.standard_normal(z.shape)
    e = 10.0**level
    k = 1 / (1 + e * e)
    return _packed(k * (z + e * rng.standard_normal(z.shape)), np.sqrt(1 - k))


def _packed(mean: Floats, deviation: Floats) -> NDArray[np.float32]:
    means = np.clip(mean[:, _MEAN], -FARTHEST, FARTHEST)
    sureness = np.log10(np.clip(deviation[:, _DEVIATION], SUREST, 1.0)) + 0.5
    return np.concatenate([means, sureness], axis=1).astype(np.float32)
