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
# The widest gap between parts of one thing, as a share of what they span.
_WIDEST = 0.32


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


def likely(work: Frame, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how likely each pixel (h, w) is the thing's; 128 is undecided. `table`: of `table_of`."""
    packed = cv2.cvtColor(cv2.LUT(work, COMPAND), cv2.COLOR_BGR2BGR565).view(np.uint16)[..., 0]
    # Every index is in the table: to clip is quicker than to check.
    return table.take(packed, out=np.empty(packed.shape, np.uint8), mode="clip")


def likeness(work: Frame, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return how likely each pixel (h, w) is the thing's, smoothed with those around it."""
    return np.asarray(cv2.GaussianBlur(likely(work, table), (3, 3), 0), np.uint8)


def pieces(like: NDArray[np.uint8], levels: Sequence[float], look: Look) -> list[Piece]:
    """Return the pieces above each level, the largest few, and groups of them that could be one thing."""
    _, mask = cv2.threshold(like, levels[0], 255, cv2.THRESH_BINARY)
    left, top, wide, high = cv2.boundingRect(mask)
    if not wide:
        return []
    sums = cv2.integral(like)
    part = like[top : top + high, left : left + wide]
    found: list[Piece] = []
    before: list[tuple[int, int, int, int, int, int]] = []
    alone = False
    for level, threshold in enumerate(levels):
        # What is above a higher level lies within what is above the lowest.
        if level:
            _, mask = cv2.threshold(part, threshold, 255, cv2.THRESH_BINARY)
            if alone and cv2.countNonZero(mask) >= 0.92 * before[0][0]:
                continue  # still the one piece of the level before, and counted quickly
        else:
            mask = mask[top : top + high, left : left + wide]
        _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
        rows = [(a, x, y, w, h, k) for k, (x, y, w, h, a) in enumerate(stats.tolist()) if k]
        if not rows:
            break
        alone = len(rows) == 1 and rows[0][0] >= _LEAST_OF_PART
        rows.sort(reverse=True)
        rows = [row for row in rows[:_PER_LEVEL] if row[0] >= _LEAST_OF_PART]
        if len(rows) == len(before) and all(_same(row, one) for row, one in zip(rows, before, strict=True)):
            continue
        before = rows
        here = []
        for area, x, y, w, h, label in rows:
            own = labels[y : y + h, x : x + w] == label
            # A part of a thing in parts may be wider than the whole.
            if look.whole and look.parts == 1 and w > 8 and h / w < 0.72 * look.tallness:
                begin = x
                x, w, area = _nearer(own, x, area, look)
                own = own[:, x - begin :][:, :w]
            mean = cv2.mean(part[y : y + h, x : x + w], own.view(np.uint8))[0]
            here.append(_piece(sums, x + left, y + top, w, h, area, mean, level))
        found += [piece for piece in here if piece.area >= _LEAST_PIXELS]
        if len(here) > 1:
            found += _grouped(here, look)
    return found


def _same(row: Sequence[int], before: Sequence[int]) -> bool:
    """Return whether a piece is nearly the same as one of the level before.

    Both are rows (area, x, y, width, height, label).
    """
    return row[0] >= 0.92 * before[0] and abs(row[1] - before[1]) <= 2 and abs(row[3] - before[3]) <= 3


def _piece(sums: Any, x: int, y: int, w: int, h: int, area: int, mean: float, level: int) -> Piece:
    """Return a piece with the mean of the ring around its box; `sums`: the integral of the likeness."""
    height, width = sums.shape[0] - 1, sums.shape[1] - 1
    reach = max(2, (max(w, h) + 3) // 5)
    x0, y0, x1, y1 = x - reach, y - reach, x + w + reach, y + h + reach
    if x0 < 0 or y0 < 0 or x1 > width or y1 > height:
        x0, y0, x1, y1 = max(0, x0), max(0, y0), min(width, x1), min(height, y1)
    around = (x1 - x0) * (y1 - y0) - w * h
    if around <= 0:
        return Piece(x, y, w, h, area, mean, 255.0, level)
    total = _sum(sums, x0, y0, x1, y1) - _sum(sums, x, y, x + w, y + h)
    return Piece(x, y, w, h, area, mean, total / around, level)


def _nearer(own: NDArray[np.bool_], x: int, area: int, look: Look) -> tuple[int, int, int]:
    """Return the first column, the columns and the area of a piece, or of one of two things that touch.

    A piece that is too wide is cut where it is lowest, if it is much lower there than on both sides and
    what remains is more of the thing's shape: the larger part, which is the nearer thing.
    """
    heights = own.sum(axis=0)
    count = len(heights)
    inner = heights[count // 5 : count - count // 5]
    if not len(inner):
        return x, count, area
    cut = count // 5 + int(inner.argmin())
    if heights[cut] > 0.6 * min(heights[:cut].max(), heights[cut:].max()):
        return x, count, area
    left, right = int(heights[:cut].sum()), int(heights[cut:].sum())
    first, wide, rest = (x, cut, left) if left >= right else (x + cut, count - cut, right)
    tall = int(max(heights[:cut].max(), heights[cut:].max()))
    if tall_off(tall / wide, look) > tall_off(own.shape[0] / count, look) - 0.2:
        return x, count, area
    return first, wide, rest


def _sum(sums: Any, x0: int, y0: int, x1: int, y1: int) -> float:
    return float(sums.item(y1, x1) - sums.item(y0, x1) - sums.item(y1, x0) + sums.item(y0, x0))


def _grouped(found: Sequence[Piece], look: Look) -> Iterator[Piece]:
    """Yield groups of pieces that could be one thing in parts.

    A stripe, a label, a seam, a highlight or something narrow before it leaves a thing in parts. The two that
    are nearest for their size are put together, then the next, as long as gaps are small (single linkage).
    A thing that was learned in one part must have its shape as a group rather than in any part of it.
    """
    groups = {k: (piece, tall_off(piece.height / piece.width, look)) for k, piece in enumerate(found)}
    gaps = [(gap, k, j) for k in groups for j in range(k) if (gap := _gap(found[k], found[j])) <= _WIDEST]
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
        gaps += [(wide, new, i) for i, (p, _) in groups.items() if (wide := _gap(both, p)) <= _WIDEST]
        groups[new] = both, each
        if not look.whole:
            alike = look.parts > 1 or gap == 0
        else:
            alike = off <= 0.45 and (look.parts > 1 or off <= each - 0.1)
        if alike and area >= max(_LEAST_PIXELS, 0.6 * look.fill * width * height):
            # What is between the parts counts as covered, as far as the thing covers its box.
            yield both._replace(area=max(area, round(look.fill * width * height)))


def _gap(one: Piece, other: Piece) -> float:
    """Return the gap between two boxes as a share of what they span together; 9 where they are askew."""
    across = max(one.x, other.x) - min(one.x + one.width, other.x + other.width)
    down = max(one.y, other.y) - min(one.y + one.height, other.y + other.height)
    if across < 0 and down < 0:
        return 0.0
    if across < 0:  # one above the other: the narrower is over or under the wider
        height = max(one.y + one.height, other.y + other.height) - min(one.y, other.y)
        return max(0, down) / height if -across >= 0.6 * min(one.width, other.width) else 9.0
    width = max(one.x + one.width, other.x + other.width) - min(one.x, other.x)
    return max(0, across) / width if -down >= 0.6 * max(one.height, other.height) else 9.0


def tall_off(tallness: float, look: Look) -> float:
    """Return how far a height / width is off the thing's own, in natural logarithms."""
    return abs(math.log(tallness / look.tallness))
