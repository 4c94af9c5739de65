"""The pieces of a picture that have a learned colour, at several levels of likeness, and groups of them.

A thing may be in parts: stripes, labels, seams, sheen and what stands before it leave it so. Two things that
touch may be one piece.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import count
from operator import mul
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_model import COMPAND, Look
from vision.sight import Frame

# Pixels of a piece by itself, and of one that is a part.
_LEAST_PIXELS, _LEAST_OF_PART, _PER_LEVEL = 7, 3, 6
# The area, box and label of a piece; and the box and area of one, or of a group.
Row = tuple[int, int, int, int, int, int]
Box = tuple[int, int, int, int, int]
# The widest gap between parts of one thing, as a share of what they span; and of a thing learned in parts.
_WIDEST, _WIDEST_OF_PARTS = 0.32, 0.45
# Two boxes that overlap are one thing with a seam where they fill so much of it, and are so near its shape.
_SEAMED, _SEAM_OFF = 0.8, 0.2


class Piece(NamedTuple):
    """A piece that could be the thing: its box and area in working pixels, and its likenesses, bytes.

    `mean` of the piece, `ring` of what is around its box; `level`: at which of the three it was
    found; `parts`: of how many.
    """

    x: int
    y: int
    width: int
    height: int
    area: int
    mean: float
    ring: float
    level: int
    parts: int = 1


def overlap(piece: Piece, x: int, y: int, width: int, height: int) -> float:
    """Return the area that a piece's box and another box share, over the area that they cover."""
    wide = min(x + width, piece.x + piece.width) - max(x, piece.x)
    high = min(y + height, piece.y + piece.height) - max(y, piece.y)
    both = max(0, wide) * max(0, high)
    return both / (piece.width * piece.height + width * height - both)


# OpenCV packs five bits of blue, six of green and five of red into sixteen: as a table's index.
_PACKED = np.arange(1 << 16)
_BINS = _PACKED & 31, _PACKED >> 6 & 31, _PACKED >> 11


def table_of(table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a table (32, 32, 32) as bytes (65536,) by packed colour, small enough for a core's cache."""
    return np.ascontiguousarray(table[_BINS])


# What two bytes become at once: half as many look-ups.
_TWO_BYTES = COMPAND[np.arange(1 << 16, dtype=np.uint16).view(np.uint8)].view(np.uint16)


def packed(work: Frame, channels: NDArray[np.uint8] | None = None) -> NDArray[np.uint16]:
    """Return the place in such a table of each pixel (h, w).

    `channels`: what a byte of each channel becomes, (1, 256, 3), where the light is another.
    """
    height, width = work.shape[:2]
    if channels is not None or width % 2:
        companded = cv2.LUT(work, COMPAND if channels is None else channels)
    else:
        twos = work.reshape(height, 3 * width).view(np.uint16)
        companded = cv2.LUT(twos, _TWO_BYTES).view(np.uint8).reshape(height, width, 3)
    return cv2.cvtColor(companded, cv2.COLOR_BGR2BGR565).view(np.uint16)[..., 0]


def likely(colors: NDArray[np.uint16], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how likely each pixel (h, w) is the thing's; 128 is undecided.

    `colors`: of `packed`; `table`: of `table_of`.
    """
    return np.asarray(cv2.LUT(colors, table), np.uint8)


def likeness(work: Frame, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how likely each pixel (h, w) is the thing's, smoothed with those around it."""
    return np.asarray(cv2.GaussianBlur(likely(packed(work), table), (3, 3), 0), np.uint8)


def pieces(like: NDArray[np.uint8], levels: Sequence[float], look: Look) -> list[Piece]:
    """Return the pieces above each level, the largest few, and groups of them that could be one thing."""
    return [piece for here in by_level(like, levels, look) for piece in here]


def by_level(
    like: NDArray[np.uint8], levels: Sequence[float], look: Look, needed: float = 0.0
) -> Iterator[list[Piece]]:
    """Yield the pieces above each level, the largest few, and groups of them that could be one thing.

    `needed`: what has a lower mean likeness is left out, and not measured further.
    """
    part, left, top = like, 0, 0
    before: list[Row] = []
    alone, area = True, 0
    for level, threshold in enumerate(levels):
        mask: NDArray[Any] = cv2.threshold(part, threshold, 255, cv2.THRESH_BINARY)[1]
        if alone:
            area = cv2.countNonZero(mask)
            if before and area >= 0.92 * before[0][0]:
                continue  # still the one piece of the level before, and counted quickly
        x, y, wide, high = cv2.boundingRect(mask)
        if not wide:
            return
        # What is above a higher level lies within what is above a lower one.
        mask, part = mask[y : y + high, x : x + wide], part[y : y + high, x : x + wide]
        left, top = left + x, top + y
        rows, labels = _connected(mask, area if alone else 0)
        alone = len(rows) == 1 and rows[0][0] >= _LEAST_OF_PART
        rows = [(a, x + left, y + top, w, h, k) for a, x, y, w, h, k in rows if a >= _LEAST_OF_PART]
        if len(rows) > 1:
            rows.sort(reverse=True)
            del rows[_PER_LEVEL:]
        if len(rows) == len(before) and all(map(_same, rows, before)):
            continue
        before = rows
        here = _Level(like, labels, left, top, rows, look)
        yield here.pieces(level, look, needed)


class _Level:
    """The largest pieces above one level; their likenesses are measured when they are first asked for."""

    __slots__ = ("_labels", "_left", "_like", "_means", "_rings", "_rows", "_top", "boxes")

    def __init__(
        self, like: NDArray[np.uint8], labels: NDArray[Any], left: int, top: int, rows: list[Row], look: Look
    ) -> None:
        """Take the pieces; `labels`: of the pixels from column `left` and row `top` on, see `_connected`."""
        self._like, self._labels, self._left, self._top, self._rows = like, labels, left, top, rows
        self._means: list[float | None] = [None] * len(rows)
        self._rings: list[float | None] = [None] * len(rows)
        self.boxes: list[Box] = [(x, y, w, h, area) for area, x, y, w, h, _ in rows]
        # A part of a thing in parts may be wider than the whole.
        if look.whole and look.parts == 1:
            for k, (_, _, _, w, h, _) in enumerate(rows):
                if w > 8 and h < 0.72 * look.tallness * w:
                    self._cut(k, look)

    def _cut(self, k: int, look: Look) -> None:
        """Make a box that is too wide one of two things that touch, see `_nearer`."""
        area, x, y, _, h, _ = self._rows[k]
        own = self._own(k)
        start, wide, area = _nearer(own, x, area, look)
        own = own[:, start - x :][:, :wide]
        self._means[k] = cv2.mean(self._like[y : y + h, start : start + wide], own)[0]
        self.boxes[k] = start, y, wide, h, area

    def _own(self, k: int) -> NDArray[Any]:
        """Return the mask of a piece, as large as its box."""
        _, x, y, w, h, label = self._rows[k]
        if not label:
            return self._labels
        x, y = x - self._left, y - self._top
        return cv2.inRange(self._labels[y : y + h, x : x + w], label, label)

    def pieces(self, level: int, look: Look, needed: float) -> list[Piece]:
        """Return the pieces, and groups of them that could be one thing, of at least a mean likeness."""
        found: list[Piece] = []
        for k, box in enumerate(self.boxes):
            if box[4] >= _LEAST_PIXELS and (mean := self._mean(k)) >= needed:
                found.append(Piece(*box, mean, self._ring(k), level))
        if len(self.boxes) > 1:
            for box, members in _grouped(self.boxes, look):
                areas = [self.boxes[k][4] for k in members]
                mean = sum(map(mul, map(self._mean, members), areas)) / sum(areas)
                if mean >= needed:
                    found.append(Piece(*box, mean, min(map(self._ring, members)), level, len(members)))
        return found

    def _mean(self, k: int) -> float:
        """Return the mean likeness of a piece."""
        mean = self._means[k]
        if mean is None:
            _, x, y, w, h, _ = self._rows[k]
            mean = self._means[k] = cv2.mean(self._like[y : y + h, x : x + w], self._own(k))[0]
        return mean

    def _ring(self, k: int) -> float:
        """Return the mean likeness of the ring around the box of a piece."""
        ring = self._rings[k]
        if ring is None:
            ring = self._rings[k] = _around(self._like, *self.boxes[k])
        return ring


def _connected(mask: NDArray[Any], area: int) -> tuple[list[Row], NDArray[Any]]:
    """Return a row for each connected piece of a mask without margins, or the largest few; and the labels.

    `area`: that of the mask where it may well be one piece, which is found in a third of the time, else 0.
    The label of one piece is 0.
    """
    # What fills little of its box is seldom in one piece.
    if 4 * area > mask.size and cv2.connectedComponents(mask, connectivity=8, ltype=cv2.CV_16U)[0] == 2:
        return [(area, 0, 0, mask.shape[1], mask.shape[0], 0)], mask
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
    if count <= 20:
        return [(a, x, y, w, h, k) for k, (x, y, w, h, a) in enumerate(stats.tolist()) if k], labels
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    largest = np.flatnonzero(areas >= np.partition(areas, -_PER_LEVEL)[-_PER_LEVEL])
    rows = zip(largest.tolist(), stats[largest].tolist(), strict=True)
    return [(a, x, y, w, h, k) for k, (x, y, w, h, a) in rows], labels


def _same(row: Row, before: Row) -> bool:
    """Return whether a piece is nearly the same as one of the level before."""
    return row[0] >= 0.92 * before[0] and abs(row[1] - before[1]) <= 2 and abs(row[3] - before[3]) <= 3


def _around(like: NDArray[np.uint8], x: int, y: int, w: int, h: int, _: int) -> float:
    """Return the mean likeness of the ring around a box; 255 where the picture ends with the box."""
    height, width = like.shape
    reach = max(2, ((w if w > h else h) + 3) // 5)
    x0, y0, x1, y1 = x - reach, y - reach, x + w + reach, y + h + reach
    if x0 < 0 or y0 < 0 or x1 > width or y1 > height:
        x0, y0, x1, y1 = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    around = (x1 - x0) * (y1 - y0) - w * h
    if not around:
        return 255.0
    return (cv2.sumElems(like[y0:y1, x0:x1])[0] - cv2.sumElems(like[y : y + h, x : x + w])[0]) / around


def _nearer(own: NDArray[np.uint8], x: int, area: int, look: Look) -> tuple[int, int, int]:
    """Return the first column, the columns and the area of a piece, or of one of two things that touch.

    A piece that is too wide is cut where it is lowest, if it is much lower there than on both sides and
    what remains is more of the thing's shape: the larger part, which is the nearer thing.
    """
    heights = (cv2.reduce(own, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0] // 255).tolist()
    count = len(heights)
    inner = heights[count // 5 : count - count // 5]
    lowest = min(inner)
    cut = count // 5 + inner.index(lowest)
    ends = max(heights[:cut]), max(heights[cut:])
    if lowest > 0.6 * min(ends):
        return x, count, area
    left, right = sum(heights[:cut]), sum(heights[cut:])
    first, wide, rest = (x, cut, left) if left >= right else (x + cut, count - cut, right)
    tall = max(ends)
    if tall_off(tall / wide, look) > tall_off(own.shape[0] / count, look) - 0.2:
        return x, count, area
    return first, wide, rest


def _grouped(boxes: Sequence[Box], look: Look) -> Iterator[tuple[Box, tuple[int, ...]]]:
    """Yield groups of pieces that could be one thing in parts: the box and area, and which pieces they are.

    A stripe, a label, a seam, a highlight or something narrow before it leaves a thing in parts. The two that
    are nearest for their size are put together, then the next, as long as gaps are small (single linkage).
    A thing that was learned in one part must have its shape as a group rather than in any part of it.
    """
    widest = _WIDEST_OF_PARTS if look.parts > 1 else _WIDEST
    gaps = [
        (gap, k, j) for k, box in enumerate(boxes) for j in range(k) if (gap := _gap(box, boxes[j])) <= widest
    ]
    if not gaps:
        return
    groups: dict[int, tuple[Box, tuple[int, ...], float]] = {
        k: (box, (k,), tall_off(box[3] / box[2], look)) for k, box in enumerate(boxes)
    }
    for new in count(len(boxes)):
        if not gaps:
            return
        gap, k, j = min(gaps)
        gaps = [row for row in gaps if k not in row[1:] and j not in row[1:]]
        (one, of_one, off_one), (other, of_other, off_other) = groups.pop(k), groups.pop(j)
        x, y = min(one[0], other[0]), min(one[1], other[1])
        width = max(one[0] + one[2], other[0] + other[2]) - x
        height = max(one[1] + one[3], other[1] + other[3]) - y
        area = one[4] + other[4]
        off, each = tall_off(height / width, look), min(off_one, off_other)
        both, members = (x, y, width, height, area), of_one + of_other
        gaps += [(wide, new, i) for i, (box, _, _) in groups.items() if (wide := _gap(both, box)) <= widest]
        groups[new] = both, members, each
        if not look.whole:
            alike = look.parts > 1 or gap == 0
        else:
            seam = gap == 0 and off <= _SEAM_OFF and area >= _SEAMED * look.fill * width * height
            alike = seam or (off <= 0.45 and (look.parts > 1 or off <= each - 0.1))
        covered = look.fill * width * height
        if alike and area >= max(_LEAST_PIXELS, 0.6 * covered):
            # What is between the parts counts as covered, as far as the thing covers its box.
            yield (x, y, width, height, max(area, round(covered))), members


def _gap(one: Box, other: Box) -> float:
    """Return the gap between two boxes as a share of what they span together; 9 where they are askew."""
    x, y, w, h, _ = one
    u, v, p, q, _ = other
    # Without min and max, which take most of the time: this is called for each two pieces.
    right, bottom, begin, end = x + w, y + h, u + p, v + q
    across = (x if x > u else u) - (right if right < begin else begin)
    down = (y if y > v else v) - (bottom if bottom < end else end)
    if across < 0:
        if down < 0:
            return 0.0
        # One above the other: the narrower is over or under the wider.
        if -across < 0.6 * (w if w < p else p):
            return 9.0
        return down / ((bottom if bottom > end else end) - (y if y < v else v))
    if -down < 0.6 * (h if h > q else q):
        return 9.0
    return across / ((right if right > begin else begin) - (x if x < u else u))


def tall_off(tallness: float, look: Look) -> float:
    """Return how far a height / width is off the thing's own, in natural logarithms."""
    return abs(math.log(tallness / look.tallness))
