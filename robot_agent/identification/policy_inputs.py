"""The inputs of a policy that depend on its robot: the estimate, and the pulse to the goal by the estimate.

The inputs are: for each parameter in `MEANS`, its mean in deviations of the prior; for each in `DEVIATIONS`,
the decimal logarithm of its standard deviation, also in deviations of the prior; and the pulse with which a
robot with these means would drive from this sight to the goal along one arc. Thanks to this pulse, the policy
need not learn each kind of robot by itself. In training no filter runs: the robot is known there, and the
policy gets an estimate that is drawn at random around it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import Approach, Pulses
from robot_agent.identification import model
from robot_agent.identification.parameters import (
    DEVIATION,
    FULL_SPEED,
    HIGH,
    INDEX,
    LOW,
    MEAN,
    TARGET_WIDTH,
    WHEEL_BASE,
)

Floats = NDArray[Any]

MEANS = ("speed", "ratio", "dead_band", "dead_time", "wheel_base", "yaw", "ahead", "lens", "jitter", "slip")
DEVIATIONS = ("speed", "ratio", "dead_band", "wheel_base", "yaw")
SIZE = len(MEANS) + len(DEVIATIONS) + 3
"""Number of these inputs, besides the sight."""

FARTHEST = 3.5
"""Means are limited to this number of deviations of the prior."""
SUREST = 1e-2
"""Least standard deviation as an input, a share of the prior's."""

CURVED = 1.01
"""Sum of both wheels' powers with the action `curvature`, see `Approach.pulses`."""
WIDER = 1
"""A robot backs off if the target is wider than at the goal by more slices than this."""
LONG, SLOWEST = 0.25, 0.35
"""A robot that backs off does so for `LONG` seconds or more, unless it would have less than the share
`SLOWEST` of its speed: how far the wheels turn in a short pulse at full power is uncertain."""
LONGEST = 3.0
"""Largest length of a curve as an input, s."""

_MEAN, _DEVIATION = ([INDEX[name] for name in names] for names in (MEANS, DEVIATIONS))


def policy_inputs(
    task: Approach,
    sights: NDArray[np.int64],
    mean: Floats,
    deviation: Floats,
    place: model.Complex | None = None,
) -> NDArray[np.float32]:
    """Return all inputs of the policy, shape (N, task.observation_size + SIZE).

    Args:
        task: the task of the robots.
        sights: first and last slices, shape (2, N).
        mean: estimated means of all parameters of each robot, shape (N, P).
        deviation: standard deviations of the estimates, shape (N, P).
        place: places of the targets from the camera, m, shape (N,); taken from the sights if not given.
    """
    means = np.clip(((mean - MEAN) / DEVIATION)[:, _MEAN], -FARTHEST, FARTHEST)
    sureness = np.log10(np.clip((deviation / DEVIATION)[:, _DEVIATION], SUREST, 1.0)) + 0.5
    parts = [
        task.observe(sights),
        *_pulse_inputs(task, place_of(sights, mean) if place is None else place, mean),
        means,
        sureness,
    ]
    return np.concatenate(parts, axis=1).astype(np.float32)


def _pulse_inputs(task: Approach, place: model.Complex, mean: Floats) -> tuple[Floats, Floats]:
    if task.action == "curvature":
        power, seconds = curve_to_goal(task, place, mean)
        return power, np.minimum(seconds, LONGEST)
    power, seconds = pulse_to_goal(task, place, mean)
    late = mean[:, model.DEAD_TIME, None]
    driven = seconds - late
    return power, driven / (1 + driven / 2) + late


def pulse_to_goal(task: Approach, place: model.Complex, mean: Floats) -> tuple[Floats, Floats]:
    """Return the pulse that leads to the goal along one arc: powers, (N, 2), and length, s, (N, 1).

    The faster wheel has full power; even so, the length may be above `task.max_seconds`.

    Args:
        task: the task, which has the goal.
        place: places of the targets from the cameras, m, shape (N,).
        mean: estimated means of all parameters of each robot, shape (N, P).
    """
    seconds = _wheel_seconds(task, place, mean)
    longest = np.abs(seconds).max(axis=1, keepdims=True) + 1e-6
    share, band = seconds / longest, mean[:, model.DEAD_BAND, None]
    power = np.sign(share) * (band + (1 - band) * np.abs(share)) * np.minimum(np.abs(share) * 20, 1)
    return power, longest + mean[:, model.DEAD_TIME, None]


def curve_to_goal(task: Approach, place: model.Complex, mean: Floats) -> tuple[Floats, Floats]:
    """Return the pulse to the goal for the action `curvature`: forwards, with powers that add up to `CURVED`.

    If one pulse does not reach the goal, it leads towards the goal, to a place from which the target is seen
    in the same direction as at the goal. Arguments and shapes are those of `pulse_to_goal`.
    """
    band, late = np.minimum(mean[:, model.DEAD_BAND], 0.45), mean[:, model.DEAD_TIME]
    speed = FULL_SPEED * np.exp(mean[:, model.SPEED]) * (CURVED / 2 - band) / (1 - band)
    reach = speed * np.maximum(task.max_seconds - late, 0.05)
    seconds = np.maximum(_wheel_seconds(task, place, mean, np.abs(place) - reach), 1e-6)
    band = band[:, None]
    both = seconds.sum(axis=1, keepdims=True)
    share = seconds / both
    power = np.clip(band + (CURVED - 2 * band) * share, CURVED - 1, 1)
    turning = np.maximum(power - band, 0).sum(axis=1, keepdims=True) / (1 - band)
    return power, both / turning + late[:, None]


def too_near(task: Approach, sights: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return for sights, (2, N), whether the target is so wide that the robot has to back off, shape (N,)."""
    wider: NDArray[np.bool_] = sights[1] - sights[0] > task.goal.x2 - task.goal.x1 + WIDER
    return wider


def back_off(task: Approach, place: model.Complex, mean: Floats) -> Pulses:
    """Return pulses that lead backwards to the goal, for robots that are too near; see `pulse_to_goal`."""
    power, seconds = pulse_to_goal(task, place, mean)
    band, late = mean[:, model.DEAD_BAND, None], mean[:, model.DEAD_TIME, None]
    slower = np.clip((seconds - late) / LONG, SLOWEST, 1.0)
    share = np.maximum(np.abs(power) - band, 0) / (1 - band) * slower
    power = np.where(share > 0, np.sign(power) * (band + (1 - band) * share), power)
    seconds = late + (seconds - late) / slower
    return Pulses(np.clip(power.T, -1, 1), np.clip(seconds[:, 0], 0.05, task.max_seconds))


def first_guess(task: Approach, observations: Floats) -> Floats:
    """Return actions, (N, A), to which the policy's are added: the arc for `curvature`, else 0."""
    if task.action != "curvature":
        return np.zeros((len(observations), len(task.action_names)), np.float32)
    left, _, seconds = observations[:, task.observation_size : task.observation_size + 3].T
    steering = 2 * (left - (CURVED - 1)) / (2 - CURVED) - 1
    duration = 2 * np.clip(seconds / task.max_seconds, 0.02, 1) - 1
    guess: Floats = np.stack([steering, duration], axis=1)
    return guess


def _wheel_seconds(task: Approach, place: model.Complex, mean: Floats, least: Floats | float = 0.0) -> Floats:
    """Return how long each wheel turns at full power on the arc to the goal, s, (N, 2); negative: backwards.

    The arc ends where the target is as far from the camera as at the goal, or `least` metres if that is more.

    The arc that moves the target from q to q', both measured from the middle of the axle, turns by 2h to the
    left and is s long:
    tan h = Im(q' - q) / Re(q' + q), s = Re(q e^ih - q' e^-ih) h / sin h.
    """
    ends = np.array([[task.goal.x1], [task.goal.x2]])
    ahead = mean[:, model.AHEAD]
    goal = place_of(ends, mean)
    goal = goal * np.maximum(least / np.abs(goal), 1)
    here, there = place + ahead, goal + ahead
    h = np.arctan2((there - here).imag, np.maximum((there + here).real, 0.05))
    turn = np.exp(1j * h)
    way = (here * turn - there * turn.conj()).real / np.sinc(h / np.pi)
    half = WHEEL_BASE * np.exp(mean[:, model.BASE]) * h
    skew = np.exp(mean[:, model.RATIO] / 2)
    seconds: Floats = np.stack([(way - half) / skew, (way + half) * skew], axis=1)
    return seconds / (FULL_SPEED * np.exp(mean[:, model.SPEED]))[:, None]


def place_of(ends: NDArray[np.int64], mean: Floats) -> model.Complex:
    """Return the target's places from the camera, m, shape (N,), by sights and estimated yaw and lens."""
    zoom = np.exp(mean[:, model.LENS])
    left, right = (
        model.apparent(model.angle_of_slice(x), zoom) for x in (ends[0].astype(float), ends[1] + 1.0)
    )
    half = np.maximum((right - left) / 2, model.SCALE / 4)
    place: model.Complex = (
        TARGET_WIDTH / 2 / np.sin(half) * np.exp(1j * ((left + right) / 2 + mean[:, model.YAW]))
    )
    return place


def estimate_at_random(theta: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw estimates of robots `theta`, with random sureness; return means and deviations, each (N, P).

    Let z be the true value, e the noise of a measurement (both in deviations of the prior), and n a standard
    normal number. Then the mean is k (z + e n) and the deviation sqrt(1 - k), with k = 1 / (1 + e^2). log10 e
    is drawn between -2 and 0.7 for each robot, and varies a little between its parameters.
    """
    z = (theta - MEAN) / DEVIATION
    level = rng.uniform(-2.0, 0.7, (len(z), 1)) + 0.35 * rng.standard_normal(z.shape)
    e = 10.0**level
    k = 1 / (1 + e * e)
    estimated = k * (z + e * rng.standard_normal(z.shape))
    return np.clip(MEAN + DEVIATION * estimated, LOW, HIGH), DEVIATION * np.sqrt(1 - k)
