"""The target's place from one sight alone, for a filter that does not know it, or lost it.

States and their covariances are those of `filter`, for K filters: x of shape (K, STATE), cov of shape
(K, STATE, STATE). What was known of the place, and of this episode's speed and ratio, is forgotten.
"""

import math

import numpy as np

from robot_agent.identification import model
from robot_agent.identification.densities import edge_variance
from robot_agent.identification.motion import BEARING, DISTANCE, LENS, RATIO_NOW, SPEED_NOW, YAW
from robot_agent.identification.parameters import EPISODE_RATIO, EPISODE_SPEED, TARGET_WIDTH, Array

START = (math.log(1.1), 0.5)
"""Mean and standard deviation of ln distance at the beginning of an episode."""
UNSURE = 0.02
"""Standard deviation that is added to ln distance when it is taken from one sight."""
STEP = 1e-5
"""Step of the differences by which derivatives are computed."""


def place_of(ends: tuple[int, int], x: Array, cov: Array, blur: Array) -> tuple[Array, Array]:
    """Return the states and covariances with the target's place taken from both edges of a sight.

    `blur` is the variance of an edge over that of a sharp one, shape (K,).
    """
    angles = model.angle_of_slice(np.array([ends[0] + 0.5, ends[1] + 0.5]))
    variances = edge_variance(angles)
    unknowns = np.zeros((len(x), 4))  # both angles, yaw, lens
    unknowns[:, :2], unknowns[:, 2:] = angles, x[:, [YAW, LENS]]
    tried = unknowns[:, None] + STEP * np.concatenate([np.zeros((1, 4)), np.eye(4)])
    a, b = (model.apparent(tried[..., i], np.exp(tried[..., 3])) for i in (0, 1))
    half = np.maximum((b - a) / 2, model.SCALE / 4)
    place = np.stack([np.log(TARGET_WIDTH / 2 / np.sin(half)), (a + b) / 2 + tried[..., 2]], axis=-1)
    slopes = ((place[:, 1:] - place[:, :1]) / STEP).transpose(0, 2, 1)  # (K, 2, 4)
    # If ln distance may be anything, the distance is on average larger than a noisy width says.
    wide = (half[:, 0] * 2) ** 2
    place[:, 0, 0] += 1.5 * blur * variances.sum() / wide
    x, cov = _forgotten(x, cov)
    x[:, :2] = place[:, 0]
    across = slopes[:, :, 2:] @ cov[:, [YAW, LENS]]
    cov[:, :2], cov[:, :, :2] = across, across.transpose(0, 2, 1)
    by_sight = slopes[:, :, :2] * np.sqrt(blur[:, None, None] * variances)
    known = slopes[:, :, 2:] @ across[:, :, [YAW, LENS]].transpose(0, 2, 1)
    cov[:, :2, :2] = by_sight @ by_sight.transpose(0, 2, 1) + known
    cov[:, DISTANCE, DISTANCE] += UNSURE**2
    return x, cov


def place_of_edge(end: int, side: int, x: Array, cov: Array) -> tuple[Array, Array]:
    """Return the same from one edge (side -1 left, 1 right) at slice `end`, and the usual distance."""
    angle = model.angle_of_slice(np.array(end + 0.5))
    zoom, yaw = np.exp(x[:, LENS]), x[:, YAW]
    seen = model.apparent(angle, zoom)
    by_angle = (model.apparent(angle + STEP, zoom) - seen) / STEP
    by_lens = (model.apparent(angle, zoom * (1 + STEP)) - seen) / STEP
    half = float(model.half_angle(np.array(START[0])))
    x, cov = _forgotten(x, cov)
    x[:, DISTANCE], x[:, BEARING] = START[0], seen + yaw - side * half
    across = by_lens[:, None] * cov[:, LENS] + cov[:, YAW]
    known = by_lens * across[:, LENS] + across[:, YAW] + by_angle**2 * edge_variance(angle)
    far, slope = START[1] ** 2, side * math.tan(half)
    cov[:, BEARING], cov[:, :, BEARING] = across, across
    cov[:, BEARING, BEARING] = known + slope**2 * far
    cov[:, DISTANCE, BEARING] = cov[:, BEARING, DISTANCE] = slope * far
    cov[:, DISTANCE, DISTANCE] = far
    return x, cov


def _forgotten(x: Array, cov: Array) -> tuple[Array, Array]:
    """Return copies that know nothing of the target's place, and of this episode only the usual spread."""
    x, cov = x.copy(), cov.copy()
    for k in (DISTANCE, BEARING, SPEED_NOW, RATIO_NOW):
        cov[:, k], cov[:, :, k] = 0, 0
    x[:, [SPEED_NOW, RATIO_NOW]] = 0
    cov[:, SPEED_NOW, SPEED_NOW], cov[:, RATIO_NOW, RATIO_NOW] = EPISODE_SPEED**2, EPISODE_RATIO**2
    return x, cov
