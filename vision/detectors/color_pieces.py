"""The pieces of a picture that have a learned colour, at several levels of likeness, and groups of them.

A thing may be in parts: stripes, labels, seams, sheen and what stands before it leave it so. Two things that
touch may be one piece.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_model import COMPAND, Look
from vision.sight import Frame

# Pixels of a piece by itself, and of one that is a part.
_LEAST_PIXELS, _LEAST_OF_PART, _PER_LEVEL = 7, 3, 6
# The area, box and label of a piece.
Row = tuple[int, int, int, int, int, int]
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


def packed(work: Frame, channels: NDArray[np.uint8] = COMPAND) -> NDArray[np.uint16]:
    """Return the place in such a table of each pixel (h, w); `channels`: what a byte of a channel becomes."""
    return cv2.cvtColor(cv2.LUT(work, channels), cv2.COLOR_BGR2BGR565).view(np.uint16)[..., 0]


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
    part, begin, first = like, 0, 0
    found: list[Piece] = []
    before: list[Row] = []
    alone = True
    for level, threshold in enumerate(levels):
        mask = np.asarray(cv2.threshold(part, threshold, 255, cv2.THRESH_BINARY)[1], np.uint8)
        if alone and before and cv2.countNonZero(mask) >= 0.92 * before[0][0]:
            continue  # still the one piece of the level before, and counted quickly
        x, y, wide, high = cv2.boundingRect(mask)
        if not wide:
            break
        # What is above a higher level lies within what is above a lower one.
        mask, part = mask[y : y + high, x : x + wide], part[y : y + high, x : x + wide]
        begin, first = begin + x, first + y
        rows, labels = _connected(mask, alone)
        alone = len(rows) == 1 and rows[0][0] >= _LEAST_OF_PART
        rows = [(a, x + begin, y + first, w, h, k) for a, x, y, w, h, k in rows if a >= _LEAST_OF_PART]
        rows.sort(reverse=True)
        del rows[_PER_LEVEL:]
        if len(rows) == len(before) and all(map(_same, rows, before)):
            continue
        if not before:
            sums = cv2.integral(like)
        before = rows
        here = []
        for area, x, y, w, h, label in rows:
            own, of_own = mask, part
            if label:
                box = slice(y - first, y - first + h), slice(x - begin, x - begin + w)
                own, of_own = np.asarray(cv2.inRange(labels[box], label, label), np.uint8), part[box]
            # A part of a thing in parts may be wider than the whole.
            if look.whole and look.parts == 1 and w > 8 and h / w < 0.72 * look.tallness:
                start = x
                x, w, area = _nearer(own, x, area, look)
                own, of_own = own[:, x - start :][:, :w], of_own[:, x - start :][:, :w]
            mean = cv2.mean(of_own, own)[0]
            here.append(_piece(sums, x, y, w, h, area, mean, level))
        found += [piece for piece in here if piece.area >= _LEAST_PIXELS]
        if len(here) > 1:
            found += _grouped(here, look)
    return found


def _connected(mask: NDArray[np.uint8], alone: bool) -> tuple[list[Row], NDArray[Any]]:
    """Return a row for each connected piece of a mask without margins, or the largest few; and the labels.

    `alone`: it may well be one piece, which is counted in a third of the time; its label is 0 then.
    """
    if alone and cv2.connectedComponents(mask, connectivity=8, ltype=cv2.CV_16U)[0] == 2:
        return [(cv2.countNonZero(mask), 0, 0, mask.shape[1], mask.shape[0], 0)], mask
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


def _piece(sums: Any, x: int, y: int, w: int, h: int, area: int, mean: float, level: int) -> Piece:
    """Return a piece with the mean of the ring around its box; `sums`: the integral of the likeness."""
    height, width = sums.shape
    reach = max(2, ((w if w > h else h) + 3) // 5)
    x0, y0, x1, y1 = x - reach, y - reach, x + w + reach, y + h + reach
    if x0 < 0 or y0 < 0 or x1 >= width or y1 >= height:
        x0, y0, x1, y1 = max(0, x0), max(0, y0), min(width - 1, x1), min(height - 1, y1)
    around = (x1 - x0) * (y1 - y0) - w * h
    ring = 255.0
    if around > 0:
        at = sums.item
        own = at(y + h, x + w) - at(y, x + w) - at(y + h, x) + at(y, x)
        ring = (at(y1, x1) - at(y0, x1) - at(y1, x0) + at(y0, x0) - own) / around
    return Piece(x, y, w, h, area, mean, ring, level)


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


def _grouped(found: Sequence[Piece], look: Look) -> Iterator[Piece]:
    """Yield groups of pieces that could be one thing in parts.

    A stripe, a label, a seam, a highlight or something narrow before it leaves a thing in parts. The two that
    are nearest for their size are put together, then the next, as long as gaps are small (single linkage).
    A thing that was learned in one part must have its shape as a group rather than in any part of it.
    """
    widest = _WIDEST_OF_PARTS if look.parts > 1 else _WIDEST
    groups = {k: (piece, tall_off(piece.height / piece.width, look)) for k, piece in enumerate(found)}
    gaps = [(gap, k, j) for k in groups for j in range(k) if (gap := _gap(found[k], found[j])) <= widest]
    for new in count(len(found)):
        if not gaps:
            return
        gap, k, j = min(gaps)
        gaps = [row for row in gaps if k not in row[1:] and j not in row[1:]]
        (one, off_one), (other, off_other) = groups.pop(k), groups.pop(j)
        x, y = min(one.x, other.x), min(one.y, other.y)
        width = max(one.x + one.width, other.x + other.width) - x
        height = max(one.y + one.height, other.y + other.height) - y
        area = one.area + other.area
        mean = (one.mean * one.area + other.mean * other.area) / area
        off, each = tall_off(height / width, look), min(off_one, off_other)
        both = Piece(
            x, y, width, height, area, mean, min(one.ring, other.ring), one.level, one.parts + other.parts
        )
        gaps += [(wide, new, i) for i, (p, _) in groups.items() if (wide := _gap(both, p)) <= widest]
        groups[new] = both, each
        if not look.whole:
            alike = look.parts > 1 or gap == 0
        else:
            seam = gap == 0 and off <= _SEAM_OFF and area >= _SEAMED * look.fill * width * height
            alike = seam or (off <= 0.45 and (look.parts > 1 or off <= each - 0.1))
        if alike and area >= max(_LEAST_PIXELS, 0.6 * look.fill * width * height):
            # What is between the parts counts as covered, as far as the thing covers its box.
            yield both._replace(area=max(area, round(look.fill * width * height)))


def _gap(one: Piece, other: Piece) -> float:
    """Return the gap between two boxes as a share of what they span together; 9 where they are askew."""
    x, y, w, h = one[:4]
    u, v, p, q = other[:4]
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
