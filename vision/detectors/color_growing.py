"""Growing a thing from a place in a picture: what hangs together with it and has its colour."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.color_light import Floats
from vision.sight import Frame

Mask = NDArray[np.bool_]

# Below these, of 255, a hue is mostly the sensor's noise.
_MIN_SATURATION, _MIN_VALUE = 56, 30
# Below this chroma (CIELAB) a colour is hardly one.
_WEAK = 16.0
# Pixels of a small picture below which what was grown may be a spot on a thing.
_SMALL = 100


def grow(work: Frame, hsv: NDArray[np.uint8], x: int, y: int) -> list[tuple[Mask, tuple[int, int]]]:
    """Return what may be the thing at a place, the likeliest first, each with the place it was grown from.

    `hsv` is `work` in HSV. Raises ValueError when neither the place nor a thing around it has a colour.
    """
    height, width = work.shape[:2]
    x, y = int(np.clip(x, 1, width - 2)), int(np.clip(y, 1, height - 2))
    lab: Floats = np.asarray(cv2.cvtColor(work.astype(np.float32) / 255, cv2.COLOR_BGR2LAB), np.float32)
    colored = colored_of(hsv)
    clicked = colored[y - 1 : y + 2, x - 1 : x + 2].mean() >= 0.3
    flood, seed = _grown(lab, x, y)
    for _ in range(2):
        around = _enclosing(lab, flood, x, y)
        if around is None:
            break
        larger, place = _grown(lab, *around[0])
        if not _holds(larger, x, y):
            # A highlight from top to bottom leaves two halves, each beside the click.
            larger = larger | _grown(lab, *around[1])[0]
            if not _holds(larger, x, y) or _fill(larger) < 0.45:
                break
        flood, seed, clicked = larger, place, True
    runs_away = (flood[:, 0].any() and flood[:, -1].any()) or flood.mean() > 1 / 3
    if not clicked or runs_away:
        beside = _beside(lab, x, y)
        if beside is not None:
            flood, seed = beside
        elif not clicked:
            refuse(hsv[y - 1 : y + 2, x - 1 : x + 2])
    floods = [(flood, seed)]
    strict = _grown(lab, *seed, 0.22)
    others = [strict, *((wide, seed) for wide in _of_the_hue(lab, flood, *seed)), *_near(lab, x, y)]
    # A pale place may be a stripe before a sky as pale, which nothing encloses then, and a small one sheen.
    chroma = _chroma(_median(lab, *seed))
    if _chroma(_median(lab, x, y)) < 1.5 * _WEAK or flood.sum() < _SMALL:
        strong = _beside(lab, x, y, max(2 * _WEAK, 1.3 * chroma))
        if strong is not None and _fill(strong[0]) > 0.45:
            own, theirs = _median(lab, *seed), _median(lab, *strong[1])
            # A hand behind a thing is beside it too, but of another hue.
            others += [strong] if chroma < _WEAK or _turn(own, theirs) < 30 else []
    for other, place in others:
        if other.sum() >= 12 and _holds(other, x, y) and all(_unlike(other, one) for one, _ in floods):
            floods.append((other, place))
    return floods


def grow_around(work: Frame, x: int, y: int) -> list[tuple[Mask, tuple[int, int]]]:
    """Return what may be the thing that a place on a spot, a print or a rim of it is meant for."""
    height, width = work.shape[:2]
    lab: Floats = np.asarray(cv2.cvtColor(work.astype(np.float32) / 255, cv2.COLOR_BGR2LAB), np.float32)
    floods: list[tuple[Mask, tuple[int, int]]] = []
    for reach in (4, 8, 13):
        for k in range(8):
            a, b = (round(reach * f(np.pi * k / 4)) for f in (np.cos, np.sin))
            a, b = int(np.clip(x + a, 1, width - 2)), int(np.clip(y + b, 1, height - 2))
            if _chroma(_median(lab, a, b)) < _WEAK or any(flood[b, a] for flood, _ in floods):
                continue
            flood, seed = _grown(lab, a, b)
            if flood.sum() >= _SMALL // 4 and _holds(flood, x, y, 0.4):
                floods.append((flood, seed))
    return floods


def _fill(mask: Mask) -> float:
    """Return the share of its box that a mask covers."""
    _, _, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return float(mask.sum()) / max(1, width * height)


def _unlike(one: Mask, other: Mask) -> bool:
    return bool((one & other).sum() < 0.8 * (one | other).sum())


def _grown(lab: Floats, x: int, y: int, share: float = 0.33) -> tuple[Mask, tuple[int, int]]:
    """Return what hangs together with a place and has its colour, and the place that it was grown from.

    `share`: how far off a colour may be, as a share of its chroma.
    """
    height, width = lab.shape[:2]
    # The place of the strongest colour nearby: at a rim the others are mixed with what is behind. Each is a
    # middle of nine pixels, and chroma rather than saturation, in which a dark pixel's noise is as strong.
    places = [(x + dx, y + dy) for dy in (0, -1, 1) for dx in (0, -1, 1)]
    places = [(int(np.clip(a, 1, width - 2)), int(np.clip(b, 1, height - 2))) for a, b in places]
    x, y = max(places, key=lambda place: round(_chroma(_median(lab, *place))))
    color = _median(lab, x, y)
    # Lightness counts half: the shaded side is the thing's as well.
    distance = np.sqrt(((lab - color) ** 2 * np.array([0.25, 1, 1])).sum(-1))
    near = distance < max(9.0, share * max(12.0, _chroma(color)))
    near[y - 1 : y + 2, x - 1 : x + 2] = True
    return connected(near, x, y), (x, y)


def _of_the_hue(lab: Floats, flood: Mask, x: int, y: int) -> Iterator[Mask]:
    """Yield what is grown further by hue alone, where a wider hue hardly adds to it.

    Shade and sheen change lightness and chroma and leave the hue.
    """
    color = _median(lab, x, y)
    chroma = _chroma(color)
    if chroma < _WEAK:
        return
    a, b = lab[..., 1], lab[..., 2]
    along = (a * color[1] + b * color[2]) / chroma
    across = np.abs(a * color[2] - b * color[1]) / chroma
    strong = along > max(0.4 * chroma, 0.6 * _WEAK)
    before = None
    for degrees in (5.0, 7.5, 11.0, 15.0):
        grown = connected((strong & (across < np.tan(np.radians(degrees)) * along)) | flood, x, y)
        if before is not None and grown.sum() < 1.2 * before.sum():
            yield before
        before = grown


def _near(lab: Floats, x: int, y: int) -> Iterator[tuple[Mask, tuple[int, int]]]:
    """Yield what is grown from a little beside a place, which may be on a rim."""
    height, width = lab.shape[:2]
    for dx, dy in ((-3, 0), (3, 0), (0, -3), (0, 3)):
        flood, seed = _grown(lab, int(np.clip(x + dx, 1, width - 2)), int(np.clip(y + dy, 1, height - 2)))
        if _chroma(_median(lab, *seed)) >= _WEAK:
            yield flood, seed


def _enclosing(lab: Floats, thing: Mask, x: int, y: int) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Return two places, on both sides, of the colour that encloses the clicked part; None when none does.

    A click may be on a highlight, a label or a stripe. One looks both ways in twelve directions, just beyond
    what was grown: where the same strong colour is met on both sides, in two directions or more, the
    click lies within a thing of that colour, if it is a stronger one of the same hue or the click's has none.
    """
    own = _median(lab, x, y)
    chroma = _chroma(own)
    # What has no colour ends where colours begin, wherever the growing of it may have gone.
    within = thing if chroma >= _WEAK else np.hypot(lab[..., 1], lab[..., 2]) < _WEAK
    inside = cv2.dilate(within.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    votes: list[tuple[int, tuple[int, int], tuple[int, int], float, float]] = []
    for k in range(12):
        angle = np.pi * k / 12
        there = _beyond(inside, x, y, np.cos(angle), np.sin(angle))
        back = _beyond(inside, x, y, -np.cos(angle), -np.sin(angle))
        if there is None or back is None:
            continue
        one, two = (
            np.median(lab[b - 1 : b + 2, a - 1 : a + 2].reshape(-1, 3), 0) for a, b, _ in (there, back)
        )
        if min(_chroma(one), _chroma(two)) < _WEAK or _chroma(one - two) > 18:
            continue
        near, far = sorted((there, back), key=lambda end: end[2])
        votes.append((near[2], near[:2], far[:2], *(0.5 * (one + two)[1:]).tolist()))
    if len(votes) < 2:
        return None
    _, first, second, *ab = min(votes)
    stronger = float(np.hypot(ab[0], ab[1])) > 1.15 * chroma
    same_hue = _turn(own, np.array([0.0, *ab])) < 30
    return (first, second) if chroma < _WEAK or (stronger and same_hue) else None


def _turn(one: Floats, other: Floats) -> float:
    """Return how far apart the hues of two colours (CIELAB) are, in degrees."""
    return float(abs(np.angle(complex(one[1], one[2]) * complex(other[1], -other[2]), deg=True)))


def _median(lab: Floats, x: int, y: int) -> Floats:
    """Return the middle colour of the 3 x 3 pixels around a place."""
    return np.asarray(np.median(lab[y - 1 : y + 2, x - 1 : x + 2].reshape(-1, 3), axis=0))


def _chroma(lab: Floats) -> float:
    return float(np.hypot(lab[1], lab[2]))


def _beside(lab: Floats, x: int, y: int, strong: float = _WEAK) -> tuple[Mask, tuple[int, int]] | None:
    """Return the nearest thing that a place without a colour is in or just over or under; None when none.

    `strong`: the chroma that the thing has at least.
    """
    weak = np.hypot(lab[..., 1], lab[..., 2]) < strong
    inside = cv2.dilate(weak.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    ends = [_beyond(inside, x, y, np.cos(np.pi * k / 6), np.sin(np.pi * k / 6)) for k in range(12)]
    halves: list[tuple[Mask, tuple[int, int]]] = []
    for a, b, _ in sorted((end for end in ends if end is not None), key=lambda end: end[2]):
        flood, seed = _grown(lab, a, b)
        if flood.sum() < 12:
            continue
        if _holds(flood, x, y, 0.4):
            return flood, seed
        # A highlight from top to bottom leaves two halves, each beside the click.
        for half, place in halves:
            if _chroma(_median(lab, *seed) - _median(lab, *place)) < 18 and _holds(flood | half, x, y, 0.4):
                return flood | half, place
        halves.append((flood, seed))
    return None


def _beyond(inside: Mask, x: int, y: int, dx: float, dy: float) -> tuple[int, int, int] | None:
    """Return the place two steps past where a ray leaves a mask, and its distance; None past the edge."""
    height, width = inside.shape
    left = 0
    for step in range(1, width // 3):
        a, b = round(x + step * dx), round(y + step * dy)
        if not (1 <= a < width - 1 and 1 <= b < height - 1):
            return None
        left = 0 if inside[b, a] else left + 1
        if left == 2:
            return a, b, step
    return None


def _holds(thing: Mask, x: int, y: int, reach: float = 1.5) -> bool:
    """Return whether a thing lies around a place, as a target does and a floor or a wall does not."""
    ys, xs = np.nonzero(thing)
    top, bottom, left, right = (bool(e.any()) for e in (thing[0], thing[-1], thing[:, 0], thing[:, -1]))
    # Above and below a stripe it is in two parts: the click is beside the box of one.
    reach = 2 + reach * float(ys.max() - ys.min() + 1)
    return bool(
        xs.min() <= x <= xs.max()
        and ys.min() - reach <= y <= ys.max() + reach
        and not (left and right)
        and top + bottom + left + right <= 2
        and thing.mean() < 0.4
    )


def colored_of(hsv: NDArray[np.uint8]) -> Mask:
    """Return where a picture has colours."""
    return np.asarray((hsv[..., 1] >= _MIN_SATURATION) & (hsv[..., 2] >= _MIN_VALUE))


def refuse(hsv: NDArray[np.uint8]) -> None:
    """Raise ValueError for pixels without a colour."""
    what, cure = "white or grey", "Choose a spot with a strong colour"
    if np.median(hsv[..., 2]) < _MIN_VALUE:
        what, cure = "dark", "Give it more light"
    raise ValueError(
        f"That place is too {what} to be told by its colour. {cure}, or put a sheet of "
        "coloured paper, or a marker, on the target."
    )


def connected(mask: Mask, x: int, y: int) -> Mask:
    """Return what of a mask hangs together with a place."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    return np.asarray((labels == labels[y, x]) & mask[y, x], bool)
