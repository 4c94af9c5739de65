"""What is learned of a region of a picture, how good it is by that picture, and whether it may not hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_finding import Found, look_for
from vision.detectors.color_model import Floats, Look
from vision.detectors.color_pieces import overlap, packed, table_of
from vision.detectors.color_region import Region
from vision.sight import SLICES, Frame

# Where more of a picture than this has the colour of the thing, but is not it, the thing is often not found.
_ELSEWHERE = 0.01
# The picture of the click is looked at as from further away, at these shares of its size. An edge that is
# then found more slices than this beside the thing's is that of something else.
_FURTHER, _BESIDE = (0.5, 0.35), 1.5
# A thing of a lower logit in its own picture is lost more often; and one of which another region is worth as
# much, but for this.
_FAINT, _CLOSE = 2.0, 1.0
_CURE = "Click another place on the target, draw a rectangle around it, or choose another background."


class Narrow(NamedTuple):
    """What is learned of a region for the light of the click; the table of any other light needs the rest.

    `found`: what the detector finds in the picture of the click; `elsewhere`: the share of it that is not the
    thing and has its colour too; `missed`: how many times something else is found as from further away.
    """

    region: Region
    rng: np.random.Generator
    thing: Floats
    background: Floats
    table: NDArray[np.uint8]
    like: NDArray[np.uint8]
    levels: tuple[float, float, float]
    look: Look
    found: Found | None
    elsewhere: float
    missed: int


def missed_from_afar(
    work: Frame, region: Region, table: NDArray[np.uint8], levels: tuple[float, float, float], look: Look
) -> int:
    """Return how many times something else than a region is found in its picture, made smaller.

    To find nothing there is no fault: a small thing may be too far away. What finds the thing at one distance
    alone was learned from a part of it, or from what is behind it as well.
    """
    left, _, wide, _ = cv2.boundingRect(region.whole.astype(np.uint8))
    bytes_of, count = table_of(table), 0
    for times in _FURTHER:
        small = np.asarray(cv2.resize(work, None, fx=times, fy=times, interpolation=cv2.INTER_AREA), np.uint8)
        found = look_for(packed(small), bytes_of, levels, look)
        if found is not None:
            first, last = (edge * work.shape[1] / small.shape[1] for edge in (found.left, found.right))
            count += max(abs(first - left), abs(last - left - wide)) > _BESIDE * work.shape[1] / SLICES
    return count


def worth_of(narrow: Narrow, x: int, y: int) -> float:
    """Return how good what was learned is for a click at `x`, `y`, by the picture that it was learned from.

    The thing looks like its own colours, and what is around it and far from it does not; it is large, and few
    of the picture's edges cut it. These weights are a logistic regression on which of two regions finds the
    thing in more other pictures. How plausible it is there, and that it is found again where it is and from
    further away, are not fitted: any from 0.3 to 1, and any from 0.5 to 2, did better than none. What finds
    nothing in its own picture is of little use, and is taken only where all else is worth far less. A thing
    that the click is outside of is a worse guess the less it surrounds the click: it is what holds or carries
    the clicked thing, or stands beside it. Any weight from 8 to 12 did as well.
    """
    whole, look, found = narrow.region.whole, narrow.look, narrow.found
    cut = sum(bool(edge.any()) for edge in (whole[0], whole[-1], whole[:, 0], whole[:, -1]))
    return float(
        3.2 * min(look.mean, 205.0) / 30
        + 0.5 * look.contrast / 60
        - 0.5 * np.log(narrow.elsewhere + 0.003)
        + 1.05 * np.log(whole.mean())
        - 2.2 * min(cut, 2)
        - (4.0 if found is None else 0.0 if found_again(narrow) else 1.0)
        + (0.0 if found is None else 0.6 * min(found.logit, 3.0))
        - narrow.missed
        - 8.0 * (1 - _surrounds(whole, x, y))
    )


def _surrounds(thing: NDArray[np.bool_], x: int, y: int) -> float:
    """Return in which share of sixteen directions a place sees a thing; 1 within the thing."""
    if thing[y, x]:
        return 1.0
    height, width = thing.shape
    angles = np.pi * np.arange(16)[:, None] / 8
    steps = np.arange(1, max(height, width))
    columns = np.round(x + steps * np.cos(angles)).astype(np.intp)
    rows = np.round(y + steps * np.sin(angles)).astype(np.intp)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    seen = thing[rows.clip(0, height - 1), columns.clip(0, width - 1)] & inside
    return float(seen.any(axis=1).mean())


def _again(narrow: Narrow) -> float:
    """Return how far what is found in the picture of the click overlaps the thing."""
    if narrow.found is None:
        return 0.0
    return overlap(narrow.found.piece, *cv2.boundingRect(narrow.region.whole.astype(np.uint8)))


def found_again(narrow: Narrow) -> bool:
    """Return whether the detector finds the thing where it is in the picture of the click."""
    return _again(narrow) >= 0.5


def doubt(narrow: Narrow) -> str:
    """Return why what was learned may not hold in other pictures, and the cure; "" where nothing says so."""
    if narrow.elsewhere > _ELSEWHERE:
        return f"{narrow.elsewhere:.0%} of the picture beside the target has that colour as well. {_CURE}"
    if not found_again(narrow):
        return f"With that colour something else is found than what was clicked, or a part of it. {_CURE}"
    if narrow.missed:
        return f"From further away something else is found with that colour, or a part of it. {_CURE}"
    if narrow.found is not None and narrow.found.share < 0.7:
        return f"Another thing in the picture could be the target by that colour. {_CURE}"
    return ""


def weakness(best: Narrow, worth: float, others: Sequence[tuple[float, Narrow]], x: int, y: int) -> str:
    """Return `doubt` of what was learned, or why the click at `x`, `y` is a weak one, and the cure.

    `others`: whatever else the click may mean, with its worth.
    """
    if said := doubt(best):
        return said
    if best.found is not None and best.found.logit < _FAINT:
        return f"The target is hardly told from the rest of its own picture by that colour. {_CURE}"
    own = best.region.whole
    for another, other in others:
        whole = other.region.whole
        if 2 * (own & whole).sum() >= (own | whole).sum():
            continue
        if worth - another < _CLOSE or (whole[y, x] and not own[y, x] and not doubt(other)):
            return f"The click may mean another part of the target, or more of it. {_CURE}"
    return ""
