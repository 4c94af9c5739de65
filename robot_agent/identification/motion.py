"""The filter's transition and measurement, with their derivatives written by hand; they agree with `model`.

A state is ln distance and bearing of the target, the estimated `PARAMETERS`, the differences of speed and
ratio in this episode, and during one move three standard normal numbers: the slip of each wheel, and the
jitter of the pulse.
"""

import math

import numpy as np
from numpy.typing import NDArray

from robot_agent.identification import model
from robot_agent.identification.parameters import (
    ESTIMATED,
    FULL_SPEED,
    HIGH,
    LOW,
    TARGET_WIDTH,
    WHEEL_BASE,
    Array,
)

DISTANCE, BEARING, FIRST = 0, 1, 2
"""Indices of ln distance, bearing, and the first parameter in the state."""
SPEED_NOW, RATIO_NOW = FIRST + ESTIMATED, FIRST + ESTIMATED + 1
STATE = FIRST + ESTIMATED + 2
SLIP_LEFT, SLIP_RIGHT, JITTER = STATE, STATE + 1, STATE + 2
WITH_NOISE = STATE + 3
OF_ROBOT = slice(FIRST, FIRST + ESTIMATED)
YAW, LENS = FIRST + model.YAW, FIRST + model.LENS
SPEED, RATIO, BAND, LATE, BASE, AHEAD = (
    FIRST + index
    for index in (model.SPEED, model.RATIO, model.DEAD_BAND, model.DEAD_TIME, model.BASE, model.AHEAD)
)

CORNER = 0.03
"""Share of full power over which the dead band's corner is rounded, as a filter needs a slope there."""
NEAREST = TARGET_WIDTH / 2 + model.CONTACT
"""Distance from the axle to the middle of the target when the robot touches it, m."""

_LOW, _HIGH = LOW[:ESTIMATED], HIGH[:ESTIMATED]


def within(x: Array) -> Array:
    """Limit the parameters of states, shape (K, ...), to their plausible ranges, in place; return `x`."""
    np.minimum(np.maximum(x[:, OF_ROBOT], _LOW), _HIGH, out=x[:, OF_ROBOT])
    return x


def drive(
    x: Array, command: tuple[Array, Array], seconds: float, slip: Array, jitter: Array
) -> tuple[Array, Array, Array]:
    """Return where the target is after a pulse, with the derivatives.

    Args:
        x: states within their ranges, shape (K, WITH_NOISE).
        command: power of the left and the right wheel, each of shape (K,).
        seconds: length of the pulse.
        slip: standard deviation of a wheel's power, a share, shape (K,).
        jitter: standard deviation of the pulse's length, s, shape (K,).

    Returns:
        ln distance and bearing, each of shape (K,), and their derivatives, shape (K, 2, WITH_NOISE).
    """
    c = x.T
    going = seconds - c[LATE] + jitter * c[JITTER]
    moves, going = going > 0, np.maximum(going, 0)
    full, skew = FULL_SPEED * np.exp(c[SPEED] + c[SPEED_NOW]), np.exp((c[RATIO] + c[RATIO_NOW]) / 2)
    left_rate, right_rate = full * skew, full / skew
    left, left_by_command, left_by_band = _power(command[0] * (1 + slip * c[SLIP_LEFT]), c[BAND])
    right, right_by_command, right_by_band = _power(command[1] * (1 + slip * c[SLIP_RIGHT]), c[BAND])
    left_rate, right_rate = left_rate * moves, right_rate * moves
    left_full, right_full = left_rate * going, right_rate * going
    left_way, right_way = left_full * left, right_full * right

    base = WHEEL_BASE * np.exp(c[BASE])
    h, way = (right_way - left_way) / (2 * base) + 1e-9, (left_way + right_way) / 2
    sine, cosine = np.sin(h), np.cos(h)
    turn, sinc = cosine + 1j * sine, sine / h
    distance = np.exp(c[DISTANCE])
    before = distance * np.cos(c[BEARING]) + 1j * (distance * np.sin(c[BEARING]))
    axle = before + c[AHEAD]
    moved = (axle * turn - way * sinc) * turn
    # A robot that touches its target stops there; the slopes are kept, so that nothing becomes surer by that.
    touching = np.maximum(NEAREST / np.abs(moved), 1)
    after = moved * touching - c[AHEAD]

    sinc_by_h = np.where(np.abs(h) < 1e-3, -h / 3, (cosine - sinc) / h)
    twice = turn * turn
    by_h = 2j * axle * twice - way * (sinc_by_h + 1j * sinc) * turn
    by_way, across = -0.5 * sinc * turn, by_h / (2 * base)
    by_left, by_right = by_way - across, by_way + across
    slopes = np.zeros((WITH_NOISE, len(x)), np.complex128)
    slopes[DISTANCE] = twice * before
    slopes[BEARING] = 1j * slopes[DISTANCE]
    slopes[AHEAD] = twice - 1 / touching
    pull_left, pull_right = by_left * left_way, by_right * right_way
    slopes[SPEED] = slopes[SPEED_NOW] = pull_left + pull_right
    slopes[RATIO] = slopes[RATIO_NOW] = (pull_left - pull_right) / 2
    slopes[BAND] = by_left * (left_full * left_by_band) + by_right * (right_full * right_by_band)
    slopes[LATE] = -(by_left * (left_rate * left) + by_right * (right_rate * right))
    slopes[BASE] = -h * by_h
    slopes[SLIP_LEFT] = by_left * (left_full * left_by_command * command[0] * slip)
    slopes[SLIP_RIGHT] = by_right * (right_full * right_by_command * command[1] * slip)
    slopes[JITTER] = -slopes[LATE] * jitter
    slopes *= touching / after
    # Keep the bearing of a target behind the robot from jumping from pi to -pi.
    bearing = np.arctan2(after.imag, after.real)
    bearing += 2 * math.pi * np.round((c[BEARING] - bearing) / (2 * math.pi))
    both = np.stack([slopes.real, slopes.imag]).transpose(2, 0, 1)
    return np.log(np.abs(after)), bearing, both


def _power(command: Array, band: Array) -> tuple[Array, Array, Array]:
    """Return `model.power` with a rounded corner, and its derivatives by the command and by the dead band."""
    above = np.abs(command) - band
    root = np.sqrt(above * above + CORNER * CORNER)
    share, steep = (above + root) / 2, (1 + above / root) / 2
    rest = 1 / (1 - band)
    sign = np.sign(command)
    turned = sign * share * rest
    return turned, steep * rest, turned * rest - sign * steep * rest


def edge(
    log_distance: Array, bearing: Array, yaw: Array, lens: Array, side: int
) -> tuple[Array, Array, Array, Array]:
    """Return the angle at which an edge (-1 left, 1 right) appears, see `model.edge_angles`.

    Returns:
        The angle, and its derivatives by ln distance, by bearing (by yaw: the negative), and by lens.
    """
    share = TARGET_WIDTH / 2 * np.exp(-log_distance)
    near = share >= model.WIDEST
    share = np.minimum(share, model.WIDEST)
    off, zoom = bearing - yaw + side * np.arcsin(share), np.exp(-lens)
    sine, cosine = np.sin(off), np.cos(off)
    across = sine * zoom
    rest = zoom / (cosine * cosine + across * across)
    by_distance = np.where(near, 0, -side * share / np.sqrt(1 - share * share)) * rest
    return np.arctan2(across, cosine), by_distance, rest, -rest * sine * cosine


def edges(
    after: tuple[Array, Array, Array], x: Array, sides: tuple[int, ...]
) -> tuple[Array, NDArray[np.float64]]:
    """Return the angles of m edges after a `drive`, (K, m), and their derivatives, (K, m, WITH_NOISE)."""
    log_distance, bearing, moved = after
    angles = np.empty((len(x), len(sides)))
    slopes = np.empty((len(x), len(sides), WITH_NOISE))
    for number, side in enumerate(sides):
        angles[:, number], by_distance, by_bearing, by_lens = edge(
            log_distance, bearing, x[:, YAW], x[:, LENS], side
        )
        row = slopes[:, number]
        row[:] = by_distance[:, None] * moved[:, 0] + by_bearing[:, None] * moved[:, 1]
        row[:, YAW] -= by_bearing
        row[:, LENS] += by_lens
    return angles, slopes
