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
# Pixels of a piece by itself, and of one that is a part.
_LEAST_PIXELS, _LEAST_OF_PART, _PER_LEVEL = 7, 3, 6
# The widest gap between parts of one thing, as a share of what they span.
_WIDEST = 0.32


class Piece(NamedTuple):
    """A piece that could be the thing: its box and area in working pixels, and its likenesses, bytes.

    `mean` of the piece, `ring` of what is around its box; `level`: at which of the three it was found; `parts`: of how many.
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
            (a, x, y, w, h, k) for k, (x, y, w, h, a) in enumerate(stats.tolist()) if k and a >= _LEAST_OF_PART
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
        found += [piece for piece in here if piece.area >= _LEAST_PIXELS]
        if len(here) > 1:
            found += _grouped(here, look)
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


def _grouped(found: Sequence[Piece], look: Look) -> Iterator[Piece]:
    """Yield groups of pieces that could be one thing in parts.

    A stripe, a label, a seam, a highlight or something narrow before it leaves a thing in parts. The two that
    are nearest for their size are put together, then the next, as long as gaps are small (single linkage).
    A thing that was learned in one part must have its shape as a group rather than in any part of it.
    """
    groups = [(piece, _tall(piece.height / piece.width, look)) for piece in found]
    while len(groups) > 1:
        gap, k, j = min((_gap(groups[k][0], groups[j][0]), k, j) for k in range(len(groups)) for j in range(k))
        if gap > _WIDEST:
            return
        (one, off_one), (other, off_other) = groups.pop(k), groups.pop(j)
        x, y = min(one.x, other.x), min(one.y, other.y)
        width = max(one.x + one.width, other.x + other.width) - x
        height = max(one.y + one.height, other.y + other.height) - y
        area = one.area + other.area
        mean = (one.mean * one.area + other.mean * other.area) / area
        off, parts = _tall(height / width, look), min(off_one, off_other)
        both = Piece(
            x, y, width, height, area, mean, min(one.ring, other.ring), one.level, one.parts + other.parts
        )
        groups.append((both, parts))
        if not look.whole:
            alike = look.parts > 1 or gap == 0
        else:
            alike = off <= 0.45 and (look.parts > 1 or off <= parts - 0.1)
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


def _tall(tallness: float, look: Look) -> float:
    return abs(math.log(tallness / look.tallness))


def features(piece: Piece, look: Look, width: int, height: int, near: bool = True) -> tuple[float, ...]:
    """Return what a piece is judged by, in the order of `Weights`, without the bias.

    `near`: the thing may be so near that it fills most of the picture.
    """
    x, y, w, h, area, mean, ring, level, _ = piece
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
    x, y, w, h, _, mean, ring, _, _ = piece
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
