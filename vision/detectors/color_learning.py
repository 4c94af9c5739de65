"""Hue, saturation and value; and learning a colour from a place in a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.sight import Frame, check_frame

Numbers = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

# Below these a hue is mostly the sensor's noise.
_MIN_SATURATION = 0.25
_MIN_VALUE = 0.12


class ColorRange(NamedTuple):
    """A colour: hue in degrees (first > last goes round through red), the others in [0, 1]."""

    hue_degrees: tuple[float, float]
    saturation: tuple[float, float]
    value: tuple[float, float]


def to_hsv(frame: Frame, columns: int) -> NDArray[np.uint8]:
    """Return a frame's hue, saturation and value, shrunk to about so many columns.

    Shape (h, w, 3), each channel a byte over its whole range: a hue of 256 would be 360 degrees.
    Averaging blocks of whole pixels first is what makes it fast, and takes out most noise.
    """
    height, width = frame.shape[:2]
    factor = max(1, round(width / columns))
    if factor > 1:
        size = (width // factor, max(1, height // factor))
        frame = np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2HSV_FULL), dtype=np.uint8)


def learn_range(
    frame: Frame,
    at: Sequence[float] | None = None,
    rectangle: Sequence[float] | None = None,
    columns: int = 160,
) -> ColorRange:
    """Learn the colour at a point `(x, y)`, or in a rectangle `(x1, y1, x2, y2)`, of a frame.

    From the point the colour is followed over the thing that has it, so that its lit and its
    shaded side are both learned. Raises ValueError when not exactly one of them is given, when
    it is outside of the picture, and when the place is too grey, white or black.
    """
    check_frame(frame)
    hsv = to_hsv(frame, columns)
    hue = hsv[..., 0] * (360.0 / 256.0)
    saturation, value = hsv[..., 1] / 255.0, hsv[..., 2] / 255.0
    window = _window(frame, hsv, at, rectangle)

    own = np.zeros(hue.shape, dtype=bool)
    own[window] = True
    if at is not None:
        # The stronger half of the patch: at a rim the rest is mixed with what is behind.
        own &= saturation >= np.median(saturation[window])
    else:
        own = _standing_out(hue, saturation, own)
    seed = _seed(hue[own], saturation[own], value[own])

    tinted = np.abs(_turn(hue - seed[0])) <= 18.0
    alike = tinted & (saturation >= 0.55 * seed[1]) & (value >= 0.4 * seed[2])
    chosen = alike & own
    if at is not None and chosen.any():
        chosen = _connected(alike, window)
        if chosen[:, 0].any() and chosen[:, -1].any():
            raise ValueError(
                "The colour of that place goes on from the left edge of the picture to the right, "
                "as a floor or a wall does. Choose a spot on the target, or step back from it."
            )
    if not chosen.any():
        chosen = own
    learned = _range(_turn(hue[chosen] - seed[0]), seed[0], saturation[chosen], value[chosen])

    # Where floor or wall have a weak tint of the same hue, the saturation must tell them apart.
    # The rim of the thing, of mixed colours, is neither.
    low = learned.saturation[0]
    rim = cv2.dilate(chosen.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    rest = saturation[tinted & (saturation >= low) & (value >= learned.value[0]) & ~rim]
    if rest.size > 0.005 * saturation.size:
        low = _divide(saturation[chosen], rest, low)
    return learned._replace(saturation=(round(low, 3), 1.0))


def _window(
    frame: Frame,
    hsv: NDArray[np.uint8],
    at: Sequence[float] | None,
    rectangle: Sequence[float] | None,
) -> tuple[slice, slice]:
    """Return the rows and columns of the shrunk picture that a place in the frame covers."""
    if (at is None) == (rectangle is None):
        raise ValueError("Say where the colour is: either at=(x, y) or rectangle=(x1, y1, x2, y2).")
    place = tuple(at) * 2 if at is not None else tuple(rectangle or ())
    (height, width), (rows, columns) = frame.shape[:2], hsv.shape[:2]
    if len(place) != 4:
        raise ValueError(f"A place is (x, y) or (x1, y1, x2, y2), not {place}.")
    x1, y1, x2, y2 = place
    if not (0 <= x1 <= x2 < width and 0 <= y1 <= y2 < height):
        raise ValueError(f"The place {place} is outside of the {width} x {height} picture.")
    # A click is taken as a patch three pixels wide: fingers and mice are not exact.
    reach = 1 if at is not None else 0
    left, right = (int(x * columns / width) for x in (x1, x2))
    top, bottom = (int(y * rows / height) for y in (y1, y2))
    return (
        slice(max(0, top - reach), bottom + reach + 1),
        slice(max(0, left - reach), right + reach + 1),
    )


def _standing_out(hue: Numbers, saturation: Numbers, inside: Mask) -> Mask:
    """Return the pixels inside, of colours that are commoner inside than outside.

    A rectangle around a target holds some of the floor as well. All of the inside, when
    nothing stands out. Each array has the shape (h, w).
    """
    # intp, as on a 32-bit system NumPy 1 counts nothing wider.
    bins = (hue / 10.0).astype(np.intp) * 8 + np.minimum(saturation * 8.0, 7.0).astype(np.intp)
    within = np.bincount(bins[inside], minlength=36 * 8 + 8) / inside.sum()
    without = np.bincount(bins[~inside], minlength=36 * 8 + 8) / max(1, (~inside).sum())
    chosen = inside & (within > 3.0 * without)[bins]
    return chosen if chosen.sum() > 0.05 * inside.sum() else inside


def _divide(target: Numbers, rest: Numbers, low: float) -> float:
    """Return the threshold, from `low` up, that best tells the target from the rest.

    The middle of those near the best of Youden's J, the share of the target above less the
    share of the rest above. At most a tenth of the target is given up: the rest may be others
    of its kind, which no saturation tells from it.
    """
    thresholds = np.linspace(low, max(low, float(np.percentile(target, 10.0))), 64)
    above = [(target >= t).mean() - (rest >= t).mean() for t in thresholds]
    good = thresholds[np.asarray(above) >= max(above) - 0.03]
    return float(good.mean())


def _seed(hue: Numbers, saturation: Numbers, value: Numbers) -> tuple[float, float, float]:
    """Return the hue, saturation, value that a patch is of; ValueError when it is of none."""
    colored = (saturation >= _MIN_SATURATION) & (value >= _MIN_VALUE)
    if colored.mean() < 0.3:
        if np.median(value) < _MIN_VALUE:
            what, cure = "dark", "Give it more light"
        else:
            what, cure = "white or grey", "Choose a spot with a strong colour"
        raise ValueError(
            f"That place is too {what} to be told by its colour. {cure}, or put a sheet of "
            "coloured paper, or a marker, on the target."
        )
    # The mode of the hue circle, not its mean: a rectangle may hold some background as well.
    angles, weights = hue[colored], saturation[colored] * value[colored]
    votes = np.bincount((angles / 10.0).astype(np.intp), weights=weights, minlength=36)
    peak = 10.0 * float(np.argmax(votes + np.roll(votes, 1) + np.roll(votes, -1))) + 5.0
    near = np.abs(_turn(angles - peak)) <= 20.0
    middle = (peak + float(np.median(_turn(angles - peak)[near]))) % 360.0
    return (
        middle,
        float(np.median(saturation[colored][near])),
        float(np.median(value[colored][near])),
    )


def _range(
    turns: Numbers,
    middle: float,
    saturation: Numbers,
    value: Numbers,
) -> ColorRange:
    """Return the range of the pixels of a colour, with room for other light than today's.

    The percentiles leave out the rim, where the target's colour mixes with what is behind it.
    """
    low, high = np.percentile(turns, (3.0, 97.0))
    low, high = min(float(low) - 4.0, -8.0), max(float(high) + 4.0, 8.0)
    return ColorRange(
        (round((middle + low) % 360.0, 1), round((middle + high) % 360.0, 1)),
        (round(max(0.15, 0.75 * float(np.percentile(saturation, 5.0))), 3), 1.0),
        (round(max(0.08, 0.5 * float(np.percentile(value, 5.0))), 3), 1.0),
    )


def _connected(alike: Mask, window: tuple[slice, slice]) -> Mask:
    """Return the piece of `alike` that most of the window is on."""
    _, labels = cv2.connectedComponents(alike.astype(np.uint8), connectivity=8)
    inside = labels[window]
    label = int(np.bincount(inside[inside > 0]).argmax())
    return np.asarray(labels == label)


def _turn(degrees: Numbers) -> Numbers:
    """Return angles as the shortest turn, in [-180, 180)."""
    return np.asarray((degrees + 180.0) % 360.0 - 180.0)
