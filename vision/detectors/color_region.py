"""What of a picture belongs to the thing that was clicked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_growing import Mask, colored_of, connected, grow, grow_around, refuse
from vision.detectors.color_light import Floats, hsv_of
from vision.detectors.color_model import COMPAND, STEP, density
from vision.sight import Frame

# The density in a bin of colours below which a colour is rare: a handful of pixels of a small picture.
_RARE = 2e-5


@dataclass(frozen=True, eq=False, slots=True)
class Region:
    """Masks (h, w) of a small picture: what was clicked of the thing, its core, and what is not the thing.

    `whole`: the thing beyond a stripe or label as well; `core`: what has its colour for sure; `spans`: it
    goes from the left edge of the picture to the right.
    """

    thing: Mask
    whole: Mask
    core: Mask
    rest: Mask
    spans: bool


def hues(hsv: NDArray[np.uint8]) -> tuple[float, Floats]:
    """Return the middle hue of pixels (n, 3) of HSV_FULL, and each one's turn from it; 256 is a circle."""
    angles = np.exp(2j * np.pi * hsv[:, 0] / 256) * hsv[:, 1]
    middle = float(np.angle(angles.sum())) / 2 / np.pi * 256
    return middle, np.asarray((hsv[:, 0] - middle + 128) % 256 - 128)


def _solidity(thing: Mask) -> float:
    """Return which share of its convex hull the outline of a mask fills."""
    outlines, _ = cv2.findContours(thing.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    points = np.concatenate(outlines)
    within = sum(cv2.contourArea(outline) for outline in outlines)
    return float(within) / max(1.0, cv2.contourArea(cv2.convexHull(points)))


def regions_of_click(work: Frame, x: int, y: int) -> list[Region]:
    """Return what may be the thing under a click, the likeliest first.

    Raises ValueError when the place has no colour and none is around it.
    """
    hsv = hsv_of(work)
    regions = [_region(hsv, _cut(work, grown, *seed), grown) for grown, seed in grow(work, hsv, x, y)]
    regions += [over for region in regions[:2] if (over := _over_bands(hsv, region)) is not None]
    several = _of_several_colors(work, regions[0].thing)
    if several is not None:
        regions.append(_region(hsv, several, several))
    return regions


def regions_around(work: Frame, x: int, y: int) -> list[Region]:
    """Return what may be the thing that a click on a spot or a rim of it is meant for."""
    hsv = hsv_of(work)
    return [_region(hsv, _cut(work, grown, *seed), grown) for grown, seed in grow_around(work, x, y)]


def _over_bands(hsv: NDArray[np.uint8], region: Region) -> Region | None:
    """Return a region with the parts that upright bands or highlights leave beside it, if it has any."""
    alike = _alike(hsv, region.core) | region.whole
    _, labels, stats, _ = cv2.connectedComponentsWithStats(alike.astype(np.uint8))
    kept = set(np.unique(labels[region.whole]).tolist()) - {0}
    beside = [label for label, *_ in _in_its_rows(region.whole, labels, stats.tolist(), kept)]
    if not beside:
        return None
    both = region.whole | np.isin(labels, beside)
    filled = np.logical_or.accumulate(both, axis=1) & np.logical_or.accumulate(both[:, ::-1], axis=1)[:, ::-1]
    return _region(hsv, both, both) if _solidity(filled) > 0.6 else None


def _of_several_colors(work: Frame, thing: Mask) -> Mask | None:
    """Return what hangs together with a thing and has colours that are rare further away, if anything has."""
    height, width = thing.shape
    left, top, wide, high = cv2.boundingRect(thing.astype(np.uint8))
    pad = 4 + 3 * max(wide, high) // 4
    far = np.ones(thing.shape, bool)
    far[max(0, top - pad) : top + high + pad, max(0, left - pad) : left + wide + pad] = False
    if far.mean() < 0.25:
        return None
    rare = density(work[far].astype(np.float32))[tuple(np.moveaxis(COMPAND[work] // STEP, -1, 0))] < _RARE
    rare = cv2.morphologyEx(rare.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0
    ys, xs = np.nonzero(thing)
    grown = connected(rare | thing, int(xs[0]), int(ys[0]))
    if not 1.25 * thing.sum() < grown.sum() < 0.3 * grown.size or _solidity(grown) < 0.6:
        return None
    return grown


def region_of_rectangle(work: Frame, x1: int, y1: int, x2: int, y2: int) -> Region:
    """Return the thing in a rectangle, which may hold some of what is behind it as well."""
    hsv = hsv_of(work)
    inside = np.zeros(work.shape[:2], bool)
    inside[y1 : y2 + 1, x1 : x2 + 1] = True
    colored = inside & colored_of(hsv)
    if colored.sum() < 0.3 * inside.sum():
        refuse(hsv[inside])
    # The colours that are commoner inside than outside are the thing's.
    bins = (hsv[..., 0].astype(np.intp) // 8) * 8 + hsv[..., 1] // 32
    within = np.bincount(bins[colored], minlength=256) / colored.sum()
    without = np.bincount(bins[~inside], minlength=256) / max(1, int((~inside).sum()))
    chosen = colored & (within > 3 * without)[bins]
    if chosen.sum() <= 0.05 * inside.sum():
        chosen = colored
    # Of several colours the commonest, with its neighbours on the circle.
    votes = np.bincount(hsv[..., 0][chosen] // 8, weights=hsv[..., 1][chosen], minlength=32)
    peak = 8 * int(np.argmax(votes + np.roll(votes, 1) + np.roll(votes, -1))) + 4
    turn = (hsv[..., 0].astype(np.int32) - peak + 128) % 256 - 128
    chosen &= np.abs(turn) <= 16
    if chosen.sum() < 4:
        chosen = colored
    return _region(hsv, chosen, chosen)


def _cut(work: Frame, flood: Mask, x: int, y: int) -> Mask:
    """Return the flooded part made whole by GrabCut, or as it is where that runs away."""
    size = int(flood.sum())
    if size < 12:
        return flood
    # Of the background what is near is enough, and it is the part that has to be told apart.
    ys, xs = np.nonzero(flood)
    pad = 12 + max(np.ptp(ys), np.ptp(xs)) // 2
    top, left = max(0, ys.min() - pad), max(0, xs.min() - pad)
    near = np.s_[top : ys.max() + pad + 1, left : xs.max() + pad + 1]
    own = flood[near]
    x, y = x - left, y - top
    mask = np.full(own.shape, cv2.GC_PR_BGD, np.uint8)
    mask[own] = cv2.GC_PR_FGD
    mask[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2] = cv2.GC_FGD
    reach = 2 * max(3, round(0.2 * np.sqrt(size))) + 1
    far = cv2.dilate(own.astype(np.uint8), np.ones((reach, reach), np.uint8)) == 0
    mask[far] = cv2.GC_BGD
    if far.mean() < 0.05:
        return flood
    try:
        cv2.setRNGSeed(0)
        states = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(np.ascontiguousarray(work[near]), mask, (0, 0, 0, 0), *states, 3, cv2.GC_INIT_WITH_MASK)
    except cv2.error:  # too few pixels on one side to tell the two apart
        return flood
    cut = np.zeros_like(flood)
    cut[near] = connected((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD), x, y)
    return cut if 0.35 * size <= cut.sum() <= 2.5 * size else flood


def _region(hsv: NDArray[np.uint8], thing: Mask, flood: Mask) -> Region:
    """Return the masks for a thing and the part of it that has the clicked colour."""
    core = cv2.erode(thing.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    if core.sum() < 10:
        core = thing
    both = core & flood
    if both.sum() > max(10, 0.3 * core.sum()):
        core = both
    # What hangs together with it and has its hue is more of the thing, its shade or its other half: no rest.
    alike = _alike(hsv, core)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((alike | thing).astype(np.uint8))
    kept = set(np.unique(labels[thing]).tolist()) - {0}
    over = _beyond_seams(thing, labels, stats.tolist(), kept)
    over += _beyond_sheen(hsv, thing, labels, stats.tolist(), kept | set(over))
    over += _beyond_stripes(thing | np.isin(labels, over), stats.tolist(), kept | set(over))
    kept |= set(over)
    more = np.isin(labels, list(kept))
    if more.mean() > 0.6:
        more = thing
    whole = thing
    if over and np.isin(labels, over).sum() < 6 * thing.sum():
        whole = thing | np.isin(labels, over)
    elif more.sum() < 2.5 * thing.sum() and _solidity(more) > _solidity(thing):
        whole = thing | more
    rest = cv2.dilate((thing | more).astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    spans = bool(flood[:, 0].any() and flood[:, -1].any())
    return Region(thing, whole, core, rest, spans)


def _alike(hsv: NDArray[np.uint8], core: Mask) -> Mask:
    """Return what has the hue of a core, and is not much paler or darker."""
    middle, _ = hues(hsv[core])
    turn = (hsv[..., 0].astype(np.float32) - middle + 128) % 256 - 128
    alike = np.abs(turn) <= 10
    alike &= hsv[..., 1] >= 0.6 * np.median(hsv[..., 1][core])
    alike &= hsv[..., 2] >= 0.25 * np.median(hsv[..., 2][core])
    return np.asarray(alike)


def _beyond_seams(thing: Mask, labels: NDArray[Any], stats: list[list[int]], kept: set[int]) -> list[int]:
    """Return the labels of pieces that a narrow line parts from a thing, as the seam of a ball does."""
    reach = 2 * int(np.clip(round(0.18 * np.sqrt(thing.sum())), 2, 8)) + 1
    near = cv2.dilate(thing.astype(np.uint8), np.ones((reach, reach), np.uint8)) > 0
    beside = set(np.unique(labels[near]).tolist()) - {0} - kept
    return [
        label
        for label in sorted(beside)
        if 0.05 * thing.sum() < stats[label][cv2.CC_STAT_AREA] < 4 * thing.sum()
        and (near & (labels == label)).sum() > 0.06 * stats[label][cv2.CC_STAT_AREA]
    ]


def _beyond_sheen(
    hsv: NDArray[np.uint8], thing: Mask, labels: NDArray[Any], stats: list[list[int]], kept: set[int]
) -> list[int]:
    """Return the labels of pieces beside a thing that a highlight parts from it, as on a cup or a cone.

    They are in the rows of the thing, and what is between them is brighter and of the same hue: its sheen.
    """
    own = np.median(hsv[thing], axis=0)
    turn = (hsv[..., 0].astype(np.float32) - own[0] + 128) % 256 - 128
    sheen = (hsv[..., 2] >= own[2]) & (hsv[..., 1] >= 0.2 * own[1]) & (np.abs(turn) <= 16)
    found: list[int] = []
    for label, rows, gaps in _in_its_rows(thing, labels, stats, kept):
        between = [sheen[row, first:last] for row, (first, last, _) in zip(rows, gaps, strict=True)]
        if np.concatenate(between).mean() > 0.7:
            found.append(label)
    return found


def _in_its_rows(
    thing: Mask, labels: NDArray[Any], stats: list[list[int]], kept: set[int]
) -> Iterator[tuple[int, NDArray[Any], list[tuple[int, int, int]]]]:
    """Yield the labels of pieces beside a thing beyond a narrow gap, the rows of both, and a gap a row."""
    rows_of_thing = np.asarray(thing.any(axis=1))
    for label, (_, top, _, high, area) in enumerate(stats):
        if not label or label in kept or not 0.15 * thing.sum() < area < 6 * thing.sum():
            continue
        rows = np.flatnonzero(rows_of_thing[top : top + high]) + top
        if len(rows) < 0.6 * max(high, int(rows_of_thing.sum())):
            continue
        piece = np.asarray(labels == label)
        gaps = [_between(one, other) for one, other in zip(thing[rows], piece[rows], strict=True)]
        widths = [last - first for first, last, _ in gaps]
        if 0 < np.median(widths) <= 0.45 * np.median([across for _, _, across in gaps]):
            yield label, rows, gaps


def _between(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> tuple[int, int, int]:
    """Return the gap between two parts of a row, and the width of both parts together with the gap.

    The gap is its first column and the column after its last one; (0, 0) if there is none.
    """
    (a, b), (c, d) = (np.flatnonzero(row)[[0, -1]].tolist() if row.any() else (0, 0) for row in (one, other))
    across = max(b, d) - min(a, c) + 1
    if b < c:
        return b + 1, c, across
    return (d + 1, a, across) if d < a else (0, 0, across)


def _beyond_stripes(thing: Mask, stats: list[list[int]], kept: set[int]) -> list[int]:
    """Return the labels of pieces over or under a thing that belong to it, beyond a stripe or several."""
    ys, xs = np.nonzero(thing)
    left, top, right, bottom = int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1
    least = 0.1 * len(xs)
    over: list[int] = []
    for _ in range(3):
        for label, (x, y, width, height, area) in enumerate(stats):
            if not label or label in kept or label in over or area < max(4, least):
                continue
            gap = max(y - bottom, top - y - height)
            tall = max(bottom, y + height) - min(top, y)
            across = min(right, x + width) - max(left, x)
            if across >= 0.7 * min(width, right - left) and 0 <= gap <= 0.3 * tall + 1:
                over.append(label)
                left, right = min(left, x), max(right, x + width)
                top, bottom = min(top, y), max(bottom, y + height)
    return over
