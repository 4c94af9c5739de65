"""Learning a colour from one click or rectangle: what belongs to the thing, and what its colours are.

The thing is grown from the click and cut out (GrabCut, Rother et al. 2004). Its colours, in varied light,
against those of the rest of the picture and of photographs in general, make the table; how the thing looks
through that table is what candidates are judged by later.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_finding import choose
from vision.detectors.color_light import (
    hsv_of,
    in_other_light,
    light_of,
    reduce,
    turned,
)
from vision.detectors.color_look import look_of, wide_look_of
from vision.detectors.color_model import (
    BINS,
    ColorModel,
    Floats,
    density,
    general_density,
    ratio_table,
)
from vision.detectors.color_pieces import likeness, pieces, table_of
from vision.detectors.color_region import Region, hues, region_of_rectangle, regions_around, regions_of_click
from vision.detectors.color_worth import Narrow, doubt, missed_from_afar, weakness, worth_of
from vision.sight import Frame, check_frame

MOST = 1 / 3
"""A colour that covers more of the picture than this is the background's, not a target's."""

_CLICKED, _UNIFORM = 0.45, 0.03
# The colour of a background covers more of the picture's outermost pixels than this.
_EDGE = 0.15
# What covers less of the picture than this may be a print on the thing that is meant.
_SPOT = 0.02
# By how much the thing around a print is worth more; a small thing before a larger one differs less.
_PRINT = 3.0


def learn(
    frame: Frame,
    at: Sequence[float] | None = None,
    rectangle: Sequence[float] | None = None,
    columns: int = 160,
) -> ColorModel:
    """Learn the thing at a point `(x, y)`, or in a rectangle `(x1, y1, x2, y2)`, of a frame.

    Pixels, both ends inclusive. Raises ValueError when not exactly one of them is given, when it is
    outside of the picture, when the place is too grey, white or black to have a colour, and when the
    colour is that of the background.
    """
    check_frame(frame)
    if (at is None) == (rectangle is None):
        raise ValueError("Say where the colour is: either at=(x, y) or rectangle=(x1, y1, x2, y2).")
    place = _checked(frame, at, rectangle)
    work, scale = reduce(frame, columns)
    height, width = work.shape[:2]
    x1, x2 = (min(width - 1, int(x / scale)) for x in (place[0], place[2]))
    y1, y2 = (min(height - 1, int(y * height / frame.shape[0])) for y in (place[1], place[3]))
    if at is None:
        return learn_region(work, region_of_rectangle(work, x1, y1, x2, y2))
    return _best_of(work, regions_of_click(work, x1, y1), x1, y1)


def _best_of(work: Frame, regions: Sequence[Region], x: int, y: int) -> ColorModel:
    """Return what is learned from the region that makes the best model: each shows itself what it is worth.

    `x`, `y`: where it was clicked. Where the first is refused as a background, only what is beside it may
    be meant, or a thing free of the picture's edge that nothing speaks against: no patch of a floor is that.
    """
    refused: ValueError | None = None
    learned: list[tuple[float, Narrow]] = []
    for number, region in enumerate(regions):
        try:
            narrow = _narrow(work, region)
        except ValueError as error:
            refused = refused or error
            continue
        of_first = bool((region.thing & regions[0].thing).any())
        if refused and of_first and (doubt(narrow) or _on_edge(region.whole) > 0):
            continue
        learned.append((worth_of(narrow, x, y) + (0.3 if number == 0 else 0.0), narrow))
    if not learned:
        raise refused or ValueError("Nothing is at that place.")
    worth, best = max(learned, key=itemgetter(0))
    if doubt(best) or best.region.whole.mean() < _SPOT:
        # A spot, a print or a rim may have been clicked; what is around it has to be without any doubt.
        more = 0.0 if doubt(best) else _PRINT
        for region in regions_around(work, x, y):
            try:
                narrow = _narrow(work, region)
            except ValueError:
                continue
            learned.append((worth_of(narrow, x, y), narrow))
            if learned[-1][0] > worth + more and not doubt(narrow):
                (worth, best), more = learned[-1], 0.0
    return _whole(work, best, weakness(best, worth, learned, x, y))


def learn_region(work: Frame, region: Region) -> ColorModel:
    """Learn from a small picture and what of it is the thing. Raises ValueError for a background."""
    narrow = _narrow(work, region)
    return _whole(work, narrow, weakness(narrow, 0.0, [], 0, 0))


def _repeated(work: Frame, region: Region) -> Floats:
    """Return the pixels of a region's core, many times over."""
    own = work[region.core].astype(np.float32)
    return np.repeat(own, max(4, 24_000 // len(own)), 0)


def _narrow(work: Frame, region: Region) -> Narrow:
    """Learn from a region what finds it in the light of the click. Raises ValueError for a background."""
    rng = np.random.default_rng(1)
    own = _repeated(work, region)
    thing = density(in_other_light(rng, own, gain=0.28, pale=0.08, shade=0.3, deep=0.3))
    thing = 0.85 * thing + 0.15 * _paler(rng, hsv_of(work)[region.core])
    rest = work[region.rest].astype(np.float32)
    background = _background(rng, rest)
    table = ratio_table(thing, background)
    like = likeness(work, table_of(table))
    _refuse_background(like, region)
    levels, look = look_of(like, region)
    around = cv2.dilate(region.whole.astype(np.uint8), np.ones((5, 5), np.uint8)) == 0
    elsewhere = float((like[around] > 150).mean()) if around.any() else 1.0
    found = choose(pieces(like, levels, look), look, like.shape[1], like.shape[0])
    missed = missed_from_afar(work, region, table, levels, look)
    return Narrow(region, rng, thing, background, table, like, levels, look, found, elsewhere, missed)


def _whole(work: Frame, narrow: Narrow, weak: str) -> ColorModel:
    """Learn the rest: what finds the thing in any other light; `weak`: why it may not hold."""
    region, rng, thing, background, table, _, levels, look, *_ = narrow
    own = _repeated(work, region)
    other = in_other_light(rng, own, gain=0.35, pale=0.12, shade=0.3, deep=0.3, balance=0.12)
    wide = ratio_table(0.7 * density(turned(rng, other, 12.0)) + 0.3 * thing, background)
    light = light_of(work[region.rest][None] if region.rest.mean() > 0.2 else work)
    wide_levels, wide_look, wide_least = wide_look_of(work, table_of(wide), region, look, light)
    hue, saturation, value = _range(hsv_of(work)[region.core])
    return ColorModel(
        table,
        wide,
        levels,
        look,
        wide_levels,
        wide_look,
        wide_least,
        light,
        hue,
        saturation,
        value,
        weak,
    )


def _checked(
    frame: Frame, at: Sequence[float] | None, rectangle: Sequence[float] | None
) -> tuple[float, float, float, float]:
    """Return the place as x1, y1, x2, y2; ValueError when it is none in this picture."""
    place = tuple(at) * 2 if at is not None else tuple(rectangle or ())
    height, width = frame.shape[:2]
    if len(place) != 4:
        raise ValueError(f"A place is (x, y) or (x1, y1, x2, y2), not {place}.")
    x1, y1, x2, y2 = place
    if x1 > x2 or y1 > y2:
        raise ValueError(
            f"The rectangle {place} ends before it begins: give x1, y1, x2, y2, the smaller first."
        )
    if not (x1 >= 0 and y1 >= 0 and x2 < width and y2 < height):
        told = place if at is None else tuple(at)
        raise ValueError(f"The place {told} is outside of the {width} x {height} picture.")
    return x1, y1, x2, y2


def _paler(rng: np.random.Generator, hsv: NDArray[np.uint8]) -> Floats:
    """Return the density of the thing's hues at any greater or somewhat lesser saturation and value."""
    middle, turns = hues(hsv)
    low, high = np.percentile(turns, (5, 95)) + np.array([-4, 4])
    least_saturation, least_value = np.percentile(hsv[:, 1], 10), np.percentile(hsv[:, 2], 10)
    count = 30_000
    made = np.stack(
        [
            ((middle + rng.uniform(low, high, count)) % 256) * 360 / 256,
            rng.uniform(0.6 * least_saturation, 255, count) / 255,
            rng.uniform(0.4 * least_value, 255, count) / 255,
        ],
        -1,
    )
    return density(cv2.cvtColor(made.astype(np.float32)[None], cv2.COLOR_HSV2BGR)[0] * 255)


def _background(rng: np.random.Generator, rest: Floats) -> Floats:
    """Return the density of what is not the thing: of this picture's rest, and of photographs in general."""
    general = general_density()
    here = general
    if len(rest) > 50:
        lit = in_other_light(
            rng, np.repeat(rest, 2, 0), gain=0.12, pale=0.03, shade=0.15, deep=0.45, balance=0.03
        )
        here = density(lit)
    return np.asarray(_CLICKED * here + (1 - _UNIFORM - _CLICKED) * general + _UNIFORM / BINS**3)


def _refuse_background(like: NDArray[np.uint8], region: Region) -> None:
    share = max(float((like > 150).mean()), float(region.thing.mean()) if region.spans else 0.0)
    if region.spans and share > 0.12:
        raise ValueError(
            "The colour of that place goes on from the left edge of the picture to the right, "
            f"as a floor or a wall does, and covers {share:.0%} of it. Choose a spot on the target, "
            "or step back from it."
        )
    # All of a near thing, also what a shade or a label parts from the clicked part.
    outside = float((like[~region.whole] > 150).mean()) if (~region.whole).any() else 1.0
    large = outside > 0.12 or region.whole.mean() > 0.75
    if share > MOST and large and _on_edge(like > 150) > _EDGE:
        raise ValueError(
            f"The colour of that place covers {share:.0%} of the picture, as a background does. "
            "Choose a spot on the target, or step back from it."
        )


def _on_edge(mask: NDArray[np.bool_]) -> float:
    """Return the share of the picture's outermost pixels that a mask covers."""
    return float(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean())


def _range(
    hsv: NDArray[np.uint8],
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """Return the hues (degrees), saturations and values of the thing, for people."""
    middle, turns = hues(hsv)
    low, high = np.percentile(turns, (3, 97))
    to = 360 / 256
    low, high = min(low * to - 4, -8.0), max(high * to + 4, 8.0)
    hue = (round(float(middle * to + low) % 360, 1), round(float(middle * to + high) % 360, 1))
    saturation = round(max(0.15, 0.75 * float(np.percentile(hsv[:, 1], 5)) / 255), 3)
    value = round(max(0.08, 0.5 * float(np.percentile(hsv[:, 2], 5)) / 255), 3)
    return hue, (saturation, 1.0), (value, 1.0)
