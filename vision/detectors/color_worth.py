"""What is learned of a region of a picture, how good it is by that picture, and whether it may not hold."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_finding import Found
from vision.detectors.color_model import Floats, Look
from vision.detectors.color_pieces import overlap
from vision.detectors.color_region import Region

# Where more of a picture than this has the colour of the thing, but is not it, the thing is often not found.
_ELSEWHERE = 0.01


class Narrow(NamedTuple):
    """What is learned of a region for the light of the click; the table of any other light needs the rest.

    `found`: what the detector finds in the picture of the click; `elsewhere`: the share of it that is not the
    thing and has its colour too.
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


def worth_of(narrow: Narrow) -> float:
    """Return how good what was learned is, by the picture that it was learned from.

    The thing looks like its own colours, and what is around it and far from it does not; it is large, and few
    of the picture's edges cut it. The weights are a logistic regression on which of two regions finds the
    thing in more other pictures. Weights that also count whether the thing is found again in its own picture
    did better only on the sets that they were fitted to.
    """
    whole, look = narrow.region.whole, narrow.look
    edges = sum(bool(edge.any()) for edge in (whole[0], whole[-1], whole[:, 0], whole[:, -1]))
    return float(
        3.2 * min(look.mean, 205.0) / 30
        + 0.5 * look.contrast / 60
        - 0.5 * np.log(narrow.elsewhere + 0.003)
        + 1.05 * np.log(whole.mean())
        - 2.2 * min(edges, 2)
    )


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
    cure = "Click another place on the target, draw a rectangle around it, or choose another background."
    if narrow.elsewhere > _ELSEWHERE:
        return f"{narrow.elsewhere:.0%} of the picture beside the target has that colour as well. {cure}"
    if not found_again(narrow):
        return f"With that colour something else is found than what was clicked, or a part of it. {cure}"
    if narrow.found is not None and narrow.found.share < 0.7:
        return f"Another thing in the picture could be the target by that colour. {cure}"
    return ""
