"""Finding a learned thing: pieces of its colour at several levels, each judged, the most plausible one.

A piece is judged by how likely its colours are, how far they stand out from what is around it, and how
near its fill and shape come to the thing's own look at the click: a floor of nearly the same colour is
likely but does not stand out, a cable stands out but has another shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_model import COMPAND, STEP, Look
from vision.sight import Frame

_CHANNELS, _RANGES = [0, 1, 2], [0, 256, 0, 256, 0, 256]
_LEAST_PIXELS, _PER_LEVEL = 7, 6


class Piece(NamedTuple):
    """A piece that could be the thing: its box and area in working pixels, and its likenesses, bytes.

    `mean` of the piece, `ring` of what is around its box; `level`: at which of the three it was found.
    """

    x: int
    y: int
    width: int
    height: int
    area: int
    mean: float
    ring: float
    level: int


class Weights(NamedTuple):
    """How much each feature of a piece counts in the logit of its being the thing."""

    mean: float = 3.64
    contrast: float = 1.35
    ring: float = -0.65
    fill: float = 2.34
    tall: float = -2.14
    size: float = -0.03
    level: float = -0.23
    bias: float = 0.78


WEIGHTS = Weights()
"""Fitted by logistic regression on pictures with a known target; none of those that the tables are of."""


# A bin of the finer, evenly spaced table that OpenCV looks colours up in: with one step, not two.
_FINE = 64
_COMPANDED = COMPAND[np.arange(_FINE) * (256 // _FINE) + 128 // _FINE].astype(np.intp) // STEP


def table_of(table: NDArray[np.uint8]) -> Any:
    """Return a table as the histogram that OpenCV looks colours up in."""
    fine = table[np.ix_(_COMPANDED, _COMPANDED, _COMPANDED)]
    return cv2.Mat(fine.astype(np.float32), wrap_channels=False)  # type: ignore[no-untyped-call]


def likeness(work: Frame, histogram: Any) -> NDArray[np.uint8]:
    """Return how likely each pixel (h, w) is the thing's, smoothed; 128 is undecided."""
    like = cv2.calcBackProject([work], _CHANNELS, histogram, _RANGES, 1)
    return np.asarray(cv2.GaussianBlur(like, (3, 3), 0), np.uint8)


def pieces(like: NDArray[np.uint8], levels: Sequence[float], look: Look) -> list[Piece]:
    """Return the pieces above each level, the largest few, and pairs that look like one behind a pole."""
    height, width = like.shape
    _, mask = cv2.threshold(like, levels[0], 255, cv2.THRESH_BINARY)
    left, top, wide, high = cv2.boundingRect(mask)
    if not wide:
        return []
    sums = cv2.integral(like)
    part = like[top : top + high, left : left + wide]
    found: list[Piece] = []
    for level, threshold in enumerate(levels):
        # What is above a higher level lies within what is above the lowest.
        _, mask = cv2.threshold(part, threshold, 255, cv2.THRESH_BINARY)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_16U)
        if count < 2:
            break
        rows = [
            (a, x, y, w, h, k) for k, (x, y, w, h, a) in enumerate(stats.tolist()) if k and a >= _LEAST_PIXELS
        ]
        rows.sort(reverse=True)
        here: list[Piece] = []
        for area, x, y, w, h, label in rows[:_PER_LEVEL]:
            own = labels[y : y + h, x : x + w] == label
            if look.whole and w > 8 and h / w < 0.72 * look.tallness:
                x, w, area = _nearer(own, x, area, look)
                own = own[:, x - stats.item(label, 0) :][:, :w]
            mean = cv2.mean(part[y : y + h, x : x + w], own.view(np.uint8))[0]
            x, y = x + left, y + top
            reach = max(2, (max(w, h) + 3) // 5)
            x0, y0 = max(0, x - reach), max(0, y - reach)
            x1, y1 = min(width, x + w + reach), min(height, y + h + reach)
            around = (x1 - x0) * (y1 - y0) - w * h
            total = _sum(sums, x0, y0, x1, y1) - _sum(sums, x, y, x + w, y + h)
            here.append(Piece(x, y, w, h, area, mean, total / around if around > 0 else 255.0, level))
        found += here
        if len(here) > 1:
            found += _joined(here, look)
            if len(here) > 2:
                found += _stacked(here, look)
    return found


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
    if _tall(tall / wide, look) > _tall(own.shape[0] / count, look) - 0.2:
        return x, count, area
    return first, wide, rest


def _sum(sums: Any, x0: int, y0: int, x1: int, y1: int) -> float:
    return float(sums.item(y1, x1) - sums.item(y0, x1) - sums.item(y1, x0) + sums.item(y0, x0))


def _joined(found: Sequence[Piece], look: Look) -> Iterator[Piece]:
    """Yield pairs of pieces that, put together, have the thing's shape better than either.

    One above the other: a stripe or a label is between them. Side by side: something narrow stands before.
    Boxes that overlap: the seam of a ball.
    """
    for k, one in enumerate(found):
        for other in found[:k]:
            upper, lower = (one, other) if one.y < other.y else (other, one)
            left, right = (one, other) if one.x < other.x else (other, one)
            down = lower.y - upper.y - upper.height
            across = right.x - left.x - left.width
            x, y = left.x, upper.y
            width = max(one.x + one.width, other.x + other.width) - x
            height = max(one.y + one.height, other.y + other.height) - y
            if 0 <= down <= 0.3 * height and -across >= 0.7 * min(one.width, other.width):
                gap, limit, better = down * -across, 0.5, 0.1
            elif 0 <= across <= 0.45 * (one.width + other.width) + 1 and -down >= 0.65 * height:
                gap, limit, better = across * -down, 0.4, 0.15
            elif down < 0 and across < 0 and one.area + other.area > 0.6 * look.fill * width * height:
                gap, limit, better = 0, 0.4, 0.1  # a seam between them, whichever way it runs
            else:
                continue
            off = _tall(height / width, look)
            each = min(_tall(one.height / one.width, look), _tall(other.height / other.width, look))
            if off > limit or off > each - better:
                continue
            area = one.area + other.area
            mean = (one.mean * one.area + other.mean * other.area) / area
            whole = min(width * height, area + int(gap * look.fill))
            yield Piece(x, y, width, height, whole, mean, min(one.ring, other.ring), one.level)


def _stacked(found: Sequence[Piece], look: Look) -> Iterator[Piece]:
    """Yield three pieces or more, one over the other, that have the thing's shape together: two stripes."""
    for first in found:
        x, y, right, bottom = first.x, first.y, first.x + first.width, first.y + first.height
        parts, area, mean, ring, gaps = [first], first.area, first.mean * first.area, first.ring, 0.0
        for other in sorted(found, key=lambda p: abs(p.y - first.y)):
            across = min(right, other.x + other.width) - max(x, other.x)
            gap = max(other.y - bottom, y - other.y - other.height)
            tall = max(bottom, other.y + other.height) - min(y, other.y)
            if not (0 <= gap <= 0.3 * tall + 1 and across >= 0.7 * min(other.width, right - x)):
                continue
            parts.append(other)
            gaps += gap * across
            area, mean, ring = area + other.area, mean + other.mean * other.area, min(ring, other.ring)
            x, right = min(x, other.x), max(right, other.x + other.width)
            y, bottom = min(y, other.y), max(bottom, other.y + other.height)
        if len(parts) > 2:
            width, height = right - x, bottom - y
            off = _tall(height / width, look)
            if off <= min(0.5, min(_tall(p.height / p.width, look) for p in parts) - 0.1):
                whole = min(width * height, area + int(gaps * look.fill))
                yield Piece(x, y, width, height, whole, mean / area, ring, first.level)


def _tall(tallness: float, look: Look) -> float:
    return abs(math.log(tallness / look.tallness))


def features(piece: Piece, look: Look, width: int, height: int, near: bool = True) -> tuple[float, ...]:
    """Return what a piece is judged by, in the order of `Weights`, without the bias.

    `near`: the thing may be so near that it fills most of the picture.
    """
    x, y, w, h, area, mean, ring, level = piece
    cut = x <= 0 or y <= 0 or x + w >= width or y + h >= height
    tall = 0.0 if cut or not look.whole else _tall(h / w, look)
    fill = area / (w * h) / look.fill
    if near and w * h > 0.55 * width * height:
        ring = mean - look.contrast  # nothing is left around it to compare with
    return (
        (mean - min(look.mean, 198.0)) / 30,
        min((mean - ring) / look.contrast, 1.3),
        max(0.0, ring - 128) / 30,
        min(0.0, fill - 1),
        min(tall, 2.0),
        math.log(area / (width * height)) / 2,
        level - 1.0,
    )


def plausibility(piece: Piece, look: Look, width: int, height: int, near: bool = True) -> float:
    """Return the logit of a piece's being the thing; see `features`."""
    own = features(piece, look, width, height, near)
    return WEIGHTS.bias + sum(weight * feature for weight, feature in zip(WEIGHTS, own, strict=False))


class Found(NamedTuple):
    """The most plausible piece, its logit, and its share of the area of all that is plausible."""

    piece: Piece
    logit: float
    share: float


def choose(
    found: Sequence[Piece], look: Look, width: int, height: int, least: float = 0.0, near: bool = True
) -> Found | None:
    """Return the best piece: plausible first of all, then large, as the nearer one of two things is."""
    best: tuple[float, float, Piece] | None = None
    plausible: list[Piece] = []
    for piece in found:
        logit = plausibility(piece, look, width, height, near)
        if logit < least:
            continue
        plausible.append(piece)
        score = math.log(piece.area) + 0.35 * min(logit, 4.0)
        if best is None or score > best[0]:
            best = score, logit, piece
    if best is None:
        return None
    chosen = best[2]
    # The same thing is found at several levels; another thing's box lies outside of the chosen one's.
    rivals = 0
    taken: list[Piece] = [chosen]
    for piece in sorted(plausible, key=lambda p: -p.area):
        if not any(_overlap(piece, one) for one in taken):
            taken.append(piece)
            rivals += piece.area
    return Found(chosen, best[1], chosen.area / (chosen.area + rivals))


def _overlap(one: Piece, other: Piece) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def edges(like: NDArray[np.uint8], piece: Piece, lowest: float) -> tuple[float, float]:
    """Return where a piece begins and ends, in working columns, right exclusive, finer than a column.

    An edge is where the likeness is half-way between the piece's and that around it, in the piece's rows,
    as far as columns hang together with it.
    """
    width = like.shape[1]
    x, y, w, h, _, mean, ring, _ = piece
    half = 0.5 * (mean + min(ring, 128.0))
    threshold = max(lowest - 6, half) if ring < 128 else 0.5 * (mean + ring)
    reach = max(2, w // 4)
    x0, x1 = max(0, x - reach), min(width, x + w + reach)
    highest = cv2.reduce(like[y : y + h, x0:x1], 0, cv2.REDUCE_MAX)[0].tolist()
    count = len(highest)
    left, right = x - x0, x - x0 + w - 1
    while left > 0 and highest[left - 1] > threshold:
        left -= 1
    while left < right and highest[left] <= threshold:
        left += 1
    while right < count - 1 and highest[right + 1] > threshold:
        right += 1
    while right > left and highest[right] <= threshold:
        right -= 1
    if right - left + 1 < 0.5 * w or (left == 0 and x0 > 0) or (right == count - 1 and x1 < width):
        left, right = x - x0, x - x0 + w - 1
    first = x0 + left - _fraction(highest, left, left - 1, threshold)
    last = x0 + right + 1 + _fraction(highest, right, right + 1, threshold)
    return max(0.0, first), min(float(width), last)


def _fraction(highest: Sequence[int], column: int, next_column: int, threshold: float) -> float:
    """Return how far past the middle between two columns an edge lies, in columns, within half of one."""
    if not 0 <= next_column < len(highest):
        return 0.0
    inside, outside = highest[column], highest[next_column]
    if inside <= threshold or outside >= threshold:
        return 0.0
    return (inside - threshold) / (inside - outside) - 0.5


def look_for(
    work: Frame,
    histogram: Any,
    levels: Sequence[float],
    look: Look,
    least: float = 0.0,
    near: bool = True,
) -> tuple[NDArray[np.uint8], Found | None]:
    """Return the likeness of a small picture and the best piece in it, of at least a logit."""
    like = likeness(work, histogram)
    height, width = like.shape
    return like, choose(pieces(like, levels, look), look, width, height, least, near)
