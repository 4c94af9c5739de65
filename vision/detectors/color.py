"""Finding the target by its colour.

A frame is shrunk, turned into hue, saturation and value, and compared with one range of each;
the largest piece that could be a target is the sight. It costs a fraction of a millisecond, so
it suits the smallest board; what it cannot do is tell two things of one colour apart, other
than by their size and shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_learning import learn_range, to_hsv
from vision.sight import Frame, Sight, check_frame

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


class ColorDetector:
    """Find the largest plausible thing of one colour; the default is a saturated red."""

    def __init__(
        self,
        hue_degrees: Sequence[float] = (345.0, 15.0),
        saturation: Sequence[float] = (0.55, 1.0),
        value: Sequence[float] = (0.1, 1.0),
        min_area: float = 0.001,
        min_fill: float = 0.3,
        tallness: Sequence[float] = (0.3, 8.0),
        join: float = 0.3,
        working_width: int = 160,
    ) -> None:
        """Set the colour and what counts as a target. Raises ValueError for a range amiss.

        `hue_degrees`: first and last hue of the colour wheel, 0..360; a first greater than the
        last goes round through red. `saturation`, `value`: lowest and highest, in [0, 1].
        `min_area`: smallest target, as a share of the frame. `min_fill`: the share of its
        box that a target fills at least (a disc 0.79, a cone 0.5, a cable 0.1). `tallness`:
        lowest and highest height / width; lower things are strips of floor or wall. `join`:
        the widest gap within one target, as a share of its extent, that a stripe or a thin
        thing in front may leave; 0 joins nothing. `working_width`: frames are shrunk by a whole
        factor to about this many columns; 160 is four a slice.
        """
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

    @classmethod
    def learn(
        cls,
        frame: Frame,
        at: Sequence[float] | None = None,
        rectangle: Sequence[float] | None = None,
        **options: float | Sequence[float],
    ) -> ColorDetector:
        """Learn the colour from one picture, at one point `(x, y)` or in `(x1, y1, x2, y2)`.

        Pixels, both ends inclusive. `options` are those of the class other than the colour.
        Raises ValueError when not exactly one place is given, when it is outside of the
        picture, and when it is too grey, white or black to have a colour.
        """
        width = int(options.get("working_width", 160))  # type: ignore[arg-type]
        learned = learn_range(frame, at, rectangle, width)
        return cls(learned.hue_degrees, learned.saturation, learned.value, **options)  # type: ignore[arg-type]

    def settings(self) -> dict[str, float | list[float]]:
        """Return the options that make this detector again: `open_detector("color", **it)`."""
        return {
            "hue_degrees": list(self.hue_degrees),
            "saturation": list(self.saturation),
            "value": list(self.value),
            "min_area": self.min_area,
            "min_fill": self.min_fill,
            "tallness": list(self.tallness),
            "join": self.join,
            "working_width": self.working_width,
        }

    def detect(self, frame: Frame) -> Sight | None:
        """Return the sight of the largest plausible piece of the colour, or None.

        The confidence is its share of all that is plausible (0.5: another thing is as large),
        less for a piece that fills under 0.6 of its box. Raises ValueError when `frame` is not
        (H, W, 3) uint8.
        """
        check_frame(frame)
        mask = self.mask(frame)
        rows, columns = mask.shape
        found = [p for p in self._join(_pieces(mask)) if self._plausible(p, rows * columns)]
        if not found:
            return None
        best = max(found, key=lambda p: p.area)
        fill = best.area / ((best.right - best.left) * (best.bottom - best.top))
        confidence = best.area / sum(p.area for p in found) * min(1.0, fill / 0.6)
        # The working picture's columns are blocks of the frame's; a target fills whole blocks.
        width = frame.shape[1]
        first = best.left * width / columns
        last = min(best.right * width / columns, width) - 1
        return Sight.from_columns(first, max(first, last), width, confidence)

    def mask(self, frame: Frame) -> NDArray[np.uint8]:
        """Return where the colour is, 255 or 0, at the working size and cleaned of specks."""
        hsv = to_hsv(frame, self.working_width)
        (low, high), *more = self._bounds
        mask = cv2.inRange(hsv, low, high)
        for low, high in more:
            cv2.bitwise_or(mask, cv2.inRange(hsv, low, high), dst=mask)
        # Opening takes corners and thin feet as well: what touches the kept part comes back.
        kept = cv2.dilate(cv2.morphologyEx(mask, cv2.MORPH_OPEN, _BRUSH), _REACH)
        return np.asarray(cv2.bitwise_and(mask, kept), dtype=np.uint8)

    def _byte_ranges(self) -> list[tuple[tuple[int, int, int], tuple[int, int, int]]]:
        """Return the ranges as OpenCV's bytes; a hue that goes round through red makes two."""
        low, high = (round(hue * 256 / 360) % 256 for hue in self.hue_degrees)
        if self.hue_degrees[1] - self.hue_degrees[0] >= 359:
            low, high = 0, 255
        hues = [(low, high)] if low <= high else [(low, 255), (0, high)]
        (s1, s2), (v1, v2) = ((round(a * 255), round(b * 255)) for a, b in (self.saturation, self.value))
        return [((h1, s1, v1), (h2, s2, v2)) for h1, h2 in hues]

    def _plausible(self, piece: _Piece, frame_area: int) -> bool:
        """Tell whether a piece could be the target, by its size, fill and shape."""
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
        """Tell whether two pieces are parts of one target.

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
    """Return the connected pieces of a mask (H, W), the largest first."""
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
