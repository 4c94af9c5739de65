"""Finding a learned thing: the pieces of its colour are judged, and the most plausible one is it.

A piece is judged by how likely its colours are, how far they stand out from what is around it, and how
near its fill and shape come to the thing's own look at the click: a floor of nearly the same colour is
likely but does not stand out, a cable stands out but has another shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_model import Look
from vision.detectors.color_pieces import Piece, by_level, likely, tall_off


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


# A piece of this logit ends the search: more counts no further, and a higher level shows less of it.
# With 3.0 one of 556 labelled things is lost; with two levels in place of three, fourteen of 2,924.
_CLEAR = 4.0
# The share of the picture of a round thing that is two slices wide.
_SMALL = 0.002

WEIGHTS = Weights()
"""Fitted by logistic regression on pictures with a known target; none of those that the tables are of."""


def plausibility(piece: Piece, look: Look, width: int, height: int, near: bool = True) -> float:
    """Return the logit of a piece's being the thing: each feature times its weight.

    `near`: the thing may be so near that it fills most of the picture of `width` x `height`.
    """
    x, y, w, h, area, mean, ring, level, _ = piece
    by_mean, by_contrast, by_ring, by_fill, by_tall, by_size, by_level, bias = WEIGHTS
    logit = bias + by_mean * (mean - min(look.mean, 198.0)) / 30
    if near and w * h > 0.55 * width * height:
        ring = mean - look.contrast  # nothing is left around it to compare with
    logit += by_contrast * min((mean - ring) / look.contrast, 1.3)
    if ring > 128.0:
        logit += by_ring * (ring - 128.0) / 30
    fill = area / (w * h) / look.fill
    if fill < 1:
        logit += by_fill * (fill - 1)
    if look.whole:
        # What the picture's edge cuts is at least as wide or as high as what is left of it.
        off = math.log(h / w / look.tallness)
        if x <= 0 or x + w >= width:
            off = min(off, 0.0)
        if y <= 0 or y + h >= height:
            off = max(off, 0.0)
        logit += by_tall * min(abs(off), 2.0)
    return logit + by_size * math.log(area / (width * height)) / 2 + by_level * (level - 1.0)


def smallness(piece: Piece, width: int, height: int) -> float:
    """Return by how much a second look asks more of a piece that is too small to show its shape."""
    return 2.0 * max(0.0, math.log(_SMALL * width * height / piece.area))


class Found(NamedTuple):
    """The most plausible piece, its logit, and its share of the area of all that is plausible.

    `left`, `right`: its borders in columns; `look_for` finds them finer than the pixels, see `edges`.
    """

    piece: Piece
    logit: float
    share: float
    left: float
    right: float


def choose(
    found: Sequence[Piece],
    look: Look,
    width: int,
    height: int,
    least: float = 0.0,
    near: bool = True,
    strict: bool = False,
) -> Found | None:
    """Return the best piece: plausible first of all, then large, as the nearer one of two things is.

    `strict`: more is asked of small ones.
    """
    return _best(list(_judged(found, look, width, height, least, near, strict)), look)


def _judged(
    found: Sequence[Piece], look: Look, width: int, height: int, least: float, near: bool, strict: bool
) -> Iterator[tuple[float, Piece]]:
    """Yield what is plausible of pieces, each after its logit."""
    for piece in found:
        logit = plausibility(piece, look, width, height, near)
        if logit >= least + (smallness(piece, width, height) if strict else 0.0):
            yield logit, piece


def _best(judged: list[tuple[float, Piece]], look: Look) -> Found | None:
    """Return the best of plausible pieces, see `choose`."""
    if len(judged) == 1:
        logit, piece = judged[0]
        return Found(piece, logit, 1.0, piece.x, piece.x + piece.width)
    if look.parts == 1 and any(piece.parts > 1 for _, piece in judged):
        # What was learned in one part is a group only where no part alone is as plausible and like in shape.
        alone = [(logit, piece) for logit, piece in judged if piece.parts == 1]
        judged = [
            (logit, group)
            for logit, group in judged
            if group.parts == 1
            or not any(other >= logit and _within(one, group, look) for other, one in alone)
        ]
    best: tuple[float, float, Piece] | None = None
    for logit, piece in judged:
        score = math.log(piece.area) + 0.35 * min(logit, _CLEAR)
        if best is None or score > best[0]:
            best = score, logit, piece
    if best is None:
        return None
    chosen = best[2]
    # The same thing is found at several levels; another thing's box lies outside of the chosen one's.
    rivals = 0
    others = [piece for _, piece in judged if not _overlap(piece, chosen)]
    others.sort(key=_area, reverse=True)
    taken: list[Piece] = []
    for piece in others:
        if not any(_overlap(piece, one) for one in taken):
            taken.append(piece)
            rivals += piece.area
    share = chosen.area / (chosen.area + rivals)
    return Found(chosen, best[1], share, chosen.x, chosen.x + chosen.width)


def _within(one: Piece, group: Piece, look: Look) -> bool:
    """Return whether a piece lies within a group, but for a pixel, and is as near the thing's shape."""
    return (
        one.x >= group.x - 1
        and one.y >= group.y - 1
        and one.x + one.width <= group.x + group.width + 1
        and one.y + one.height <= group.y + group.height + 1
        and tall_off(one.height / one.width, look) <= tall_off(group.height / group.width, look)
    )


_area = attrgetter("area")


def _overlap(one: Piece, other: Piece) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def edges(like: NDArray[np.uint8], piece: Piece, lowest: float) -> tuple[float, float]:
    """Return the left and right border of a piece in working columns, with fractions; right is exclusive.

    For each column, the highest likeness in the piece's rows counts. The piece goes on over neighbouring
    columns until this falls below a limit, usually half-way between the piece and what is around it.
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
    return first, last


def _fraction(highest: Sequence[int], column: int, next_column: int, threshold: float) -> float:
    """Return how far past the middle between two columns an edge lies, in columns, within half of one."""
    if not 0 <= next_column < len(highest):
        return 0.0
    inside, outside = highest[column], highest[next_column]
    if inside <= threshold or outside >= threshold:
        return 0.0
    return (inside - threshold) / (inside - outside) - 0.5


# The most that all but the mean likeness can add to a logit.
_AT_BEST = WEIGHTS.bias + 1.3 * WEIGHTS.contrast - WEIGHTS.level - WEIGHTS.size * math.log(1e4) / 2


def least_mean(look: Look, least: float) -> float:
    """Return the mean likeness that a piece needs for a logit of `least` when all else is at its best."""
    return min(look.mean, 198.0) + 30 * (least - _AT_BEST) / WEIGHTS.mean


def _highest(likes: NDArray[np.uint8]) -> float:
    """Return the highest of bytes, in half the time that their method takes."""
    return cv2.norm(likes, cv2.NORM_INF)


def may_show(sample: NDArray[np.uint16], table: NDArray[np.uint8], look: Look, least: float = 0.0) -> bool:
    """Return whether a look is worth its time: whether one of a sample of a picture's pixels is likely."""
    return _highest(likely(sample, table)) > least_mean(look, least)


def look_for(
    colors: NDArray[np.uint16],
    table: NDArray[np.uint8],
    levels: Sequence[float],
    look: Look,
    least: float = 0.0,
    near: bool = True,
    strict: bool = False,
) -> Found | None:
    """Return the best piece, of at least a logit, in a small picture of which `packed` made `colors`."""
    raw = likely(colors, table)
    needed = least_mean(look, least)
    if _highest(raw) < needed:
        return None
    like = np.asarray(cv2.GaussianBlur(raw, (3, 3), 0), np.uint8)
    if _highest(like) < needed:
        return None
    height, width = raw.shape
    judged: list[tuple[float, Piece]] = []
    found = None
    for here in by_level(like, levels, look, needed):
        judged += _judged(here, look, width, height, least, near, strict)
        found = _best(judged, look)
        if found is not None and found.logit >= _CLEAR:
            break
    if found is None:
        return None
    borders = edges(like, found.piece, levels[0])
    return Found(found.piece, found.logit, found.share, *borders)
