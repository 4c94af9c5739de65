"""How the thing itself looks to the detector that has learned it, in its own light and in any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_finding import plausibility
from vision.detectors.color_light import matched, other_lights
from vision.detectors.color_model import Look
from vision.detectors.color_pieces import Piece, likeness, overlap, pieces
from vision.detectors.color_region import Region
from vision.sight import Frame


def look_of(like: NDArray[np.uint8], region: Region) -> tuple[tuple[float, float, float], Look]:
    """Return the levels to look for pieces at, and how the thing itself looks through the table."""
    tenth, third, median, _ = np.percentile(like[region.core], (10, 30, 50, 80))
    levels = (
        float(max(128, min(tenth - 10, 150))),
        float(min(162, max(140, 0.5 * tenth + 70))),
        float(min(182, max(150, third - 8))),
    )
    # With the part beyond a stripe or without: as the detector will find it again.
    share, look = _seen(like, levels, region.whole)
    if region.whole is not region.thing and share < 0.65:
        look = _seen(like, levels, region.thing)[1]
    return levels, look


def wide_look_of(
    work: Frame, table: NDArray[np.uint8], region: Region, look: Look, light: Sequence[float]
) -> tuple[tuple[float, float, float], Look, float]:
    """Return what to search with in other light: levels, look, and the least logit that a piece needs.

    The picture of the click is recoloured as in other light. How much the thing is still like itself there
    gives the levels and the look. The most plausible piece of everything else gives the least logit.
    """
    means, rings = [], []
    likes = [likeness(matched(shown, light), table) for shown in other_lights(work)]
    near = cv2.dilate(region.whole.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    for like in likes:
        means.append(float(like[region.core].mean()))
        rings.append(
            float(like[near & ~region.whole & region.rest].mean()) if (near & region.rest).any() else 100.0
        )
    mean = float(np.percentile(means, 10))
    contrast = float(np.clip(np.percentile(np.array(means) - np.array(rings), 10), 25, 120))
    wide = replace(look, mean=mean, contrast=contrast)
    levels = (
        max(128.0, min(mean - 40, 150.0)),
        max(134.0, min(mean - 25, 160.0)),
        max(140.0, min(mean - 12, 175.0)),
    )
    height, width = region.core.shape
    worst = -9.0
    for like in likes:
        for piece in pieces(np.where(near, 0, like).astype(np.uint8), levels, wide):
            worst = max(worst, plausibility(piece, wide, width, height))
    return levels, wide, float(np.clip(worst + 0.8, 0.8, 3.0))


def _seen(
    like: NDArray[np.uint8], levels: tuple[float, float, float], thing: NDArray[np.bool_]
) -> tuple[float, Look]:
    """Return how far the piece that fits a thing's box best overlaps it, and how it looks."""
    ys, xs = np.nonzero(thing)
    height, width = thing.shape
    left, top, right, bottom = int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1
    inside = left > 0 and top > 0 and right < width and bottom < height
    area = (right - left) * (bottom - top)
    median = float(np.median(like[thing]))
    look = Look(median, 100.0, len(xs) / area, (bottom - top) / (right - left), inside, 2)
    best: tuple[float, Piece] | None = None
    for piece in pieces(like, levels, look):
        share = overlap(piece, left, top, right - left, bottom - top)
        if share > 0.5 and (best is None or share > best[0]):
            best = share, piece
    if best is None:
        return 0.0, replace(look, parts=1)
    share, piece = best
    contrast = float(np.clip(piece.mean - piece.ring, 40, 120))
    fill = piece.area / (piece.width * piece.height)
    return share, Look(piece.mean, contrast, fill, piece.height / piece.width, inside, piece.parts)
