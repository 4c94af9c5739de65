"""Frames, slices and sights: the types that vision and all later parts share.

A frame is cut into 42 equal vertical slices. A sight gives the first and the last slice that the
target fills; `None` instead of a sight means that nothing was seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Frame = NDArray[np.uint8]
"""One picture: shape (H, W, 3), uint8, channels in the order blue, green, red."""

SLICES = 42
"""Number of vertical strips of a frame; they are numbered 0..41 from the left."""


def slice_of(x: int | float, width: int) -> int:
    """Return the slice, 0..41, that pixel column `x` of a picture `width` pixels wide is in.

    `x` may be fractional (a corner found between two pixels). Raises ValueError outside of
    0 <= x < width: the caller must decide what a place beyond the edge means.
    """
    if not 0 <= x < width:
        raise ValueError(f"Column {x} is outside of a picture {width} pixels wide.")
    return int(x * SLICES // width)


@dataclass(frozen=True, slots=True)
class Sight:
    """Where the target is in a frame: its first and last slice, both inclusive.

    `x1` and `x2` are slices, 0 <= x1 <= x2 <= 41; `confidence` is in [0, 1], and what it
    measures is described by the detector that gave it. Raises ValueError for anything else.
    """

    x1: int
    x2: int
    confidence: float = 1.0

    def __post_init__(self) -> None:
        """Raise ValueError for values that no frame can show."""
        if not 0 <= self.x1 <= self.x2 < SLICES:
            raise ValueError(
                f"A sight needs 0 <= x1 <= x2 <= {SLICES - 1}, not x1 = {self.x1}, x2 = {self.x2}."
            )
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"A confidence is between 0 and 1, not {self.confidence}.")

    @classmethod
    def from_columns(
        cls, first: int | float, last: int | float, width: int, confidence: float = 1.0
    ) -> Sight:
        """Make a sight of the target's outermost pixel columns, both inclusive.

        The only place where pixels become slices. Raises ValueError when a column is outside
        of the picture (`width` pixels wide) or `first` is right of `last`.
        """
        return cls(slice_of(first, width), slice_of(last, width), confidence)


GOAL = Sight(10, 31)
"""The sight to reach unless taught otherwise: centred, and half the picture wide."""


def check_frame(frame: Frame) -> None:
    """Raise ValueError unless `frame` is (H, W, 3) uint8 and at least as wide as its slices."""
    if not isinstance(frame, np.ndarray):
        raise ValueError(f"A frame is a NumPy array, not {type(frame).__name__}.")
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8:
        raise ValueError(
            "A frame is an array of shape (height, width, 3) and type uint8, blue first; "
            f"this one has shape {frame.shape} and type {frame.dtype}."
        )
    if frame.shape[0] < 1 or frame.shape[1] < SLICES:
        raise ValueError(
            f"A frame is at least {SLICES} pixels wide, one for each slice; "
            f"this one is {frame.shape[1]} x {frame.shape[0]}."
        )


# Amber and near-white (BGR): the pair stays apart for every common colour blindness, and
# neither is a colour that a target is likely to have.
_AMBER = (0, 176, 255)
_WHITE = (250, 250, 250)
_SHADOW = (16, 16, 16)


def draw_sight(frame: Frame, sight: Sight | None, goal: Sight = GOAL) -> Frame:
    """Return a copy of `frame` with the slices, the sight and the goal drawn on it.

    The sight: its slices tinted amber, between two lines, and filled in the ruler at the
    bottom. The goal: a white bracket at the top. Raises ValueError if `frame` is not a frame.
    """
    check_frame(frame)
    height, width = frame.shape[:2]
    picture = np.ascontiguousarray(frame).copy()
    unit = max(1, round(min(width / 320, height / 240)))
    ruler = height - max(4, height // 24)
    edges = [math.ceil(s * width / SLICES) for s in range(SLICES + 1)]

    if sight is not None:
        _tint(picture[:, edges[sight.x1] : edges[sight.x2 + 1]], _AMBER, 0.22)
    _tint(picture[ruler:], _SHADOW, 0.6)
    for edge in edges[1:-1]:
        _tint(picture[:ruler, edge : edge + 1], _WHITE, 0.14)

    if sight is not None:
        left, right = edges[sight.x1], edges[sight.x2 + 1] - 1
        picture[ruler:, left : right + 1] = _AMBER
        for x in (left, right - unit + 1):
            _bar(picture, (x, 0), (x, height - 1), _AMBER, unit)
    for edge in edges[1:-1]:
        picture[ruler:, edge] = _SHADOW

    left, right = edges[goal.x1], edges[goal.x2 + 1] - unit
    top, arm = 3 * unit, max(5, height // 14)
    for start, end in (
        ((left, top), (right, top)),
        ((left, top), (left, top + arm)),
        ((right, top), (right, top + arm)),
    ):
        _bar(picture, start, end, _WHITE, unit)
    # Two short marks on the ruler show the ends of the goal, beside the ends of the sight.
    for x in (left, right):
        _bar(picture, (x, ruler - arm // 2), (x, ruler - unit), _WHITE, unit)
    return picture


def _tint(part: Frame, color: tuple[int, int, int], share: float) -> None:
    """Mix `share` of `color` into a view of a picture, in place."""
    ink = np.asarray(color, dtype=np.float32)
    part[:] = (part * np.float32(1.0 - share) + ink * np.float32(share)).astype(np.uint8)


def _bar(
    picture: Frame,
    start: tuple[int, int],
    end: tuple[int, int],
    color: tuple[int, int, int],
    unit: int,
) -> None:
    """Draw a straight bar, one unit thick, with a dark rim that keeps it legible on white."""
    import cv2  # imported here: a sight alone needs no OpenCV

    (x1, y1), (x2, y2) = start, end
    for grow, ink in ((unit, _SHADOW), (0, color)):
        cv2.rectangle(picture, (x1 - grow, y1 - grow), (x2 + unit - 1 + grow, y2 + unit - 1 + grow), ink, -1)
