"""Losses by hand: each returns the mean loss over the batch of M samples, and its derivative."""

import math

import numpy as np

from robot_agent.learning.mlp import Array, sigmoid


def squared_error(y: Array, target: Array) -> tuple[float, Array]:
    """L = 1/M sum (y - t)^2 over the M outputs y and targets t of all samples; dy = 2 (y - t) / M."""
    error = y - target
    return float((error * error).sum()) / len(y), 2 * error / len(y)


def binary_cross_entropy(x: Array, target: Array) -> tuple[float, Array]:
    """Cross-entropy of y = sigmoid(x) with targets in [0, 1], by x: the logits, not the outputs.

    L = -1/M sum [t log y + (1 - t) log(1 - y)] = 1/M sum [max(x, 0) - t x + log(1 + e^-|x|)];
    dx = (y - t) / M. The derivative by y would divide by y (1 - y), which is 0 for a network that is sure.
    """
    value = np.maximum(x, 0) - target * x + np.log1p(np.exp(-np.abs(x)))
    return float(value.sum()) / len(x), (sigmoid(x) - target) / len(x)


def cross_entropy(x: Array, target: Array) -> tuple[float, Array]:
    """Cross-entropy of y = softmax(x) with targets that are probabilities (such as one-hot), by the logits.

    L = -1/M sum t log y, log y = x - max x - log sum e^(x - max x); dx = (y - t) / M, where each row
    of t sums up to 1.
    """
    shifted = x - x.max(axis=-1, keepdims=True)
    log_y = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return float(-(target * log_y).sum()) / len(x), (np.exp(log_y) - target) / len(x)


def gaussian_log_prob(u: Array, mu: Array, log_std: Array) -> tuple[Array, Array, Array]:
    """Return log N(u; mu, sigma^2) summed over the actions, and its derivatives.

    With z = (u - mu) / sigma: log p = sum_a [-z^2 / 2 - log sigma - log(2 pi) / 2],
    d/dmu = z / sigma, d/dlog_sigma = z^2 - 1.

    Args:
        u: actions, shape (M, A).
        mu: their means, shape (M, A).
        log_std: log sigma, shape (A,).

    Returns:
        log p, shape (M,); the derivatives by mu and by log sigma of each, both of shape (M, A).
    """
    sigma = np.exp(log_std)
    z = (u - mu) / sigma
    squares = z * z
    log_p = squares @ np.full(u.shape[-1], -0.5, z.dtype)
    log_p -= float(log_std.sum()) + 0.5 * u.shape[-1] * math.log(2 * math.pi)
    return log_p, z / sigma, squares - 1
