"""Finding the target by ranges of hue, saturation and value that somebody chose.

The largest piece of the colour that could be a target is it; what it cannot do is tell two things of one
colour apart, other than by their size and shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_light import hsv_of, reduce
from vision.sight import Frame

# More pieces than this are confetti: the target is among the largest, and joining is quadratic.
_PIECES = 12
# 3 x 3 opening takes specks and lines up to two working pixels thick, half a slice.
_BRUSH = np.ones((3, 3), np.uint8)
_REACH = np.ones((5, 5), np.uint8)


class _Piece(NamedTuple):
    """A piece of the mask: its box (right and bottom exclusive) and its area, in pixels."""

    left: int
    top: int
    right: int
    bottom: int
    area: int


class ColorRanges:
    """The ranges of a colour and what counts as a target; see `ColorDetector` for the options."""

    def __init__(
        self,
        hue_degrees: Sequence[float],
        saturation: Sequence[float],
        value: Sequence[float],
        min_area: float,
        min_fill: float,
        tallness: Sequence[float],
        join: float,
        working_width: int,
    ) -> None:
        """Set the ranges. Raises ValueError for one amiss."""
        self.hue_degrees = _pair("hue_degrees", hue_degrees, 360.0, ordered=False)
        self.saturation = _pair("saturation", saturation, 1.0)
        self.value = _pair("value", value, 1.0)
        self.tallness = _pair("tallness", tallness, float("inf"))
        self.min_area = _share("min_area", min_area)
        self.min_fill = _share("min_fill", min_fill)
        self.join = _share("join", join)
        if working_width < 42:
            raise ValueError(f"working_width is at least 42, not {working_width}.")
        self.working_width = int(working_width)
        self._bounds = self._byte_ranges()

    def find(self, frame: Frame) -> tuple[float, float, float] | None:
        """Return the largest plausible piece's first and last column (of the frame) and its confidence.

        The confidence is its share of all that is plausible (0.5: another thing is as large), less for a
        piece that fills under 0.6 of its box.
        """
        mask, scale = self.mask(frame)
        found = [p for p in self._join(_pieces(mask)) if self._plausible(p, mask.size)]
        if not found:
            return None
        best = max(found, key=lambda p: p.area)
        fill = best.area / ((best.right - best.left) * (best.bottom - best.top))
        confidence = best.area / sum(p.area for p in found) * min(1.0, fill / 0.6)
        # The working picture's columns are blocks of the frame's; a target fills whole blocks.
        width = frame.shape[1]
        first = min(best.left * scale, width - 1)
        last = min(best.right * scale, width) - 1
        return first, max(first, last), confidence

    def mask(self, frame: Frame) -> tuple[NDArray[np.uint8], float]:
        """Return the mask of the colour (255 where it is, specks removed), and its scale.

        The scale is how many columns of the frame one column of the mask covers.
        """
        work, scale = reduce(frame, self.working_width)
        hsv = hsv_of(work)
        (low, high), *more = self._bounds
        mask = cv2.inRange(hsv, low, high)
        for low, high in more:
            cv2.bitwise_or(mask, cv2.inRange(hsv, low, high), dst=mask)
        # Opening takes corners and thin feet as well: what touches the kept part comes back.
        kept = cv2.dilate(cv2.morphologyEx(mask, cv2.MORPH_OPEN, _BRUSH), _REACH)
        return np.asarray(cv2.bitwise_and(mask, kept), np.uint8), scale

    def _byte_ranges(self) -> list[tuple[tuple[int, int, int], tuple[int, int, int]]]:
        """Return the ranges as OpenCV's bytes; a hue that goes round through red makes two."""
        low, high = (round(hue * 256 / 360) % 256 for hue in self.hue_degrees)
        if self.hue_degrees[1] - self.hue_degrees[0] >= 359:
            low, high = 0, 255
        hues = [(low, high)] if low <= high else [(low, 255), (0, high)]
        (s1, s2), (v1, v2) = ((round(a * 255), round(b * 255)) for a, b in (self.saturation, self.value))
        return [((h1, s1, v1), (h2, s2, v2)) for h1, h2 in hues]

    def _plausible(self, piece: _Piece, frame_area: int) -> bool:
        """Return whether a piece could be the target, by its size, fill and shape."""
        width, height = piece.right - piece.left, piece.bottom - piece.top
        return (
            piece.area >= self.min_area * frame_area
            and piece.area >= self.min_fill * width * height
            and self.tallness[0] <= height / width <= self.tallness[1]
        )

    def _join(self, pieces: list[_Piece]) -> list[_Piece]:
        """Put together pieces that look like one target behind something thin."""
        done: list[_Piece] = []
        todo = list(pieces) if self.join else []
        while todo:
            piece = todo.pop(0)
            for other in done:
                if self._belong(piece, other):
                    done.remove(other)
                    todo.append(_union(piece, other))
                    break
            else:
                done.append(piece)
        return done or pieces

    def _belong(self, a: _Piece, b: _Piece) -> bool:
        """Return whether two pieces are parts of one target.

        One above the other (a stripe): the narrower is under or over the wider. Side by side
        (a pole in front): about the same rows. The gap is small next to the whole, either way.
        """
        box = _union(a, b)
        width, height = box.right - box.left, box.bottom - box.top
        across = min(a.right, b.right) - max(a.left, b.left)
        down = min(a.bottom, b.bottom) - max(a.top, b.top)
        if across >= 0.7 * min(a.right - a.left, b.right - b.left):
            return -down <= self.join * height
        return down >= 0.7 * height and -across <= self.join * width


def _union(a: _Piece, b: _Piece) -> _Piece:
    return _Piece(
        min(a.left, b.left),
        min(a.top, b.top),
        max(a.right, b.right),
        max(a.bottom, b.bottom),
        a.area + b.area,
    )


def _pieces(mask: NDArray[np.uint8]) -> list[_Piece]:
    """Return the largest connected pieces of a mask (H, W), at most `_PIECES`, the largest first."""
    # 16 bits: a third of the time of the default 32.
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    rows = sorted(stats[1:].tolist(), key=lambda row: -row[cv2.CC_STAT_AREA])[:_PIECES]
    return [_Piece(x, y, x + w, y + h, area) for x, y, w, h, area in rows]


def _pair(name: str, pair: Sequence[float], top: float, ordered: bool = True) -> tuple[float, float]:
    """Return a range as two floats in [0, top]; ValueError when it is not one."""
    low, high = (float(x) for x in pair) if len(pair) == 2 else (-1.0, -1.0)
    if not (0.0 <= low <= top and 0.0 <= high <= top) or (ordered and low > high):
        order = "the lower first" if ordered else "first and last"
        raise ValueError(f"{name} is two numbers from 0 to {top:g}, {order}, not {list(pair)}.")
    return low, high


def _share(name: str, share: float) -> float:
    """Return a number in [0, 1] as a float; ValueError when it is not one."""
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"{name} is a share from 0 to 1, not {share}.")
    return float(share)
