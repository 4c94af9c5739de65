"""The one arc: how far and where two wheels move a robot, and where a place is after it.

Every function takes numbers or arrays of any shapes that broadcast. The precision of arrays is kept.

A place is one complex number in the robot's own frame, metres: real part forward, imaginary part to the
right. So `abs(place)` is the distance, the angle of `place` is the bearing (radians, positive to the
right), and a turn is a multiplication. A turn is in radians, positive to the left, as a heading grows.
"""

from typing import Any, TypeAlias

import numpy as np

Real: TypeAlias = Any
"""A real number, or an array of them."""
Complex: TypeAlias = Any
"""A complex number, or an array of them."""

# Zero-dimensional arrays: NumPy is twice as fast with them as with Python's numbers, which a small fleet
# notices.
_HALF, _TINY = (np.array(x, np.float32) for x in (0.5, 1e-12))


def arc(left: Real, right: Real, wheel_base: Real) -> tuple[Real, Real]:
    """Return length (m) and turn (radians) of the arc driven when the wheels go `left` and `right` metres."""
    return np.asarray(left + right) * _HALF, (right - left) * (1 / wheel_base)


def wheel_ways(length: Real, turn: Real, wheel_base: Real) -> tuple[Real, Real]:
    """Return how far the left and the right wheel go on an arc, m: the inverse of `arc`."""
    half = turn * wheel_base / 2
    return length - half, length + half


def drive(place: Complex, length: Real, turn: Real, out: Complex | None = None) -> Complex:
    """Return a place as seen from the robot after it has driven an arc.

    An arc of length s that turns by 2h ends at the end of its chord. The chord is s sin(h) / h long and
    points h to the left. So place' = (place e^(ih) - s sin(h) / h) e^(ih).

    Args:
        place: the place, seen from the robot before it drives.
        length: of the arc, m; negative is backwards.
        turn: angle by which the robot turns to the left, radians.
        out: array for the result, which may be `place` itself; a new array if not given.
    """
    h = np.asarray(turn) * _HALF + _TINY  # 1e-12 avoids 0 / 0; it is far below any turn that matters
    unit = np.empty(h.shape, np.complex64 if h.dtype == np.float32 else np.complex128)
    unit.real, unit.imag = np.cos(h), np.sin(h)
    chord = length * unit.imag
    chord /= h
    after = np.multiply(place, unit, out=out)
    after = np.subtract(after, chord, out=out)
    return np.multiply(after, unit, out=out)


def drive_slopes(place: Complex, length: Real, turn: Real) -> tuple[Complex, Complex, Complex, Complex]:
    """Return what `drive` returns, and its derivatives by the place, by the length, and by the turn.

    With the turn t = 2h and E = sin(h) / h e^(ih), place' = place e^(it) - s E. So
    dE/dt = ((cos(h) - sin(h) / h) / h + i sin(h) / h) e^(ih) / 2.
    """
    h = np.asarray(turn) * _HALF + _TINY
    cos, sin = np.cos(h), np.sin(h)
    ratio = sin / h
    unit = cos + 1j * sin
    around, chord = unit * unit, unit * ratio
    by_turn = 1j * place * around - (0.5 * length) * unit * ((cos - ratio) / h + 1j * ratio)
    return place * around - length * chord, around, -chord, by_turn


def stop_at_target(place: Complex, nearest: Real, out: Complex | None = None) -> Complex:
    """Return the target's place, at least `nearest` m away: a robot stops when it touches its target."""
    distance = np.abs(place)
    distance += _TINY
    return np.multiply(place, nearest / np.minimum(distance, nearest), out=out)
