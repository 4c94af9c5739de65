"""Probabilities of the target's edges: normal distributions, and the small matrices that they need."""

import math

import numpy as np

from robot_agent.identification import model
from robot_agent.identification.parameters import OUTLIER, VISION_NOISE, Array
from vision.sight import SLICES


def edge_variance(angle: Array) -> Array:
    """Return the variance of an edge seen at `angle`, squared radians: from noise and from whole slices."""
    variance: Array = (VISION_NOISE**2 + 1 / 12) * model.slice_angle(angle) ** 2
    return variance


_A = (0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429)


def normal(x: Array) -> tuple[Array, Array]:
    """Return the standard normal distribution function at `x`, to 1e-7, and the density.

    Source: Abramowitz & Stegun 26.2.17.
    """
    t = 1 / (1 + 0.2316419 * np.abs(x))
    density = np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)
    tail = density * t * (_A[0] + t * (_A[1] + t * (_A[2] + t * (_A[3] + t * _A[4]))))
    return np.where(x > 0, 1 - tail, tail), density


def inverse_of(square: Array) -> Array:
    """Return the inverses of matrices, shape (K, 1, 1) or (K, 2, 2); faster than NumPy for small K."""
    if square.shape[1] == 1:
        return 1 / square
    a, b, c, d = square[:, 0, 0], square[:, 0, 1], square[:, 1, 0], square[:, 1, 1]
    turned = np.array([[d, -b], [-c, a]]).transpose(2, 0, 1)
    inverse: Array = turned / (a * d - b * c)[:, None, None]
    return inverse


def log_density(squared: Array, inverse: Array, z: Array) -> Array:
    """Return the log-probability of the seen edges, in whole slices, of shape (K,).

    A share `OUTLIER` of all sights is taken to show something else than the target.

    Args:
        squared: squared deviations of the edges from what was expected (Mahalanobis), shape (K,).
        inverse: inverse covariances of the edges, shape (K, m, m).
        z: the angles of the m seen edges, radians.
    """
    slices = float(np.prod(model.slice_angle(z)))
    density = np.exp(-0.5 * np.minimum(squared, 700)) * np.sqrt(_determinant(inverse))
    density *= slices / (2 * math.pi) ** (len(z) / 2)
    likely: Array = np.log((1 - OUTLIER) * density + OUTLIER / SLICES ** len(z))
    return likely


def _determinant(square: Array) -> Array:
    if square.shape[1] == 1:
        return square[:, 0, 0]
    one: Array = square[:, 0, 0] * square[:, 1, 1] - square[:, 0, 1] * square[:, 1, 0]
    return one
