"""Pictures with a known target: drawn things on photographs, in many kinds of light.

Domain randomisation (Tobin et al. 2017): everything besides the target varies far more than in real
rooms, so that a real room is just one more variation. Only the target keeps its properties: one solid
thing in a saturated red, the largest of its kind, in front of the rest. All random numbers come from
the generator that is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.sight import SLICES, Frame, Sight
from vision.training.things import Outline, cover, outline, surface

WIDTH, HEIGHT = 160, 120
"""Pixels of a picture made here."""

Floats = NDArray[np.float32]


class Rooms(Protocol):
    """A function that renders pictures of rooms with their true sights; this package has none."""

    def __call__(self, seed: int, count: int, *, distractors: int) -> Iterable[tuple[Frame, Sight | None]]:
        """Return `count` pictures, with `distractors` other things of the target's colour in each."""
        ...


@dataclass(frozen=True, slots=True)
class Example:
    """A picture, the target's place in it, and the name of its difficulty, as tables print it."""

    frame: Frame
    sight: Sight | None
    kind: str


def example(rng: np.random.Generator, photographs: Sequence[Frame], *, present: float = 0.7) -> Example:
    """Make one picture; a target is in it with this probability.

    `kind` is `plain`, `warm` (everything behind the target has colours of clay, wood or skin) or `rivals`
    (things of similar hues stand around the target).
    """
    kind = str(rng.choice(["plain", "warm", "rivals"], p=[0.4, 0.3, 0.3]))
    image, hue = background(rng, photographs, warm=kind == "warm")
    for _ in range(int(rng.integers(2, 6)) if kind == "rivals" else int(rng.integers(0, 3))):
        _paste(rng, image, outline(rng, _log_uniform(rng, 3, 60)), rival_color(rng, near=kind == "rivals"))
    sight = None
    if rng.random() < present:
        sight = _put_target(rng, image, kind, hue)
    return Example(expose(rng, image), sight, kind)


def _put_target(rng: np.random.Generator, image: Floats, kind: str, hue: float | None) -> Sight:
    """Draw a target, partly hidden or outside of the picture; return the mask of what is seen of it."""
    while True:
        width = _log_uniform(rng, 2.6, 46) * WIDTH / SLICES
        shape = outline(rng, width)
        mask = cover(shape, WIDTH, HEIGHT)
        front = None
        if rng.random() < 0.25:
            front = _before(rng, shape)
            mask = mask * (1 - cover(front, WIDTH, HEIGHT))
        sight = seen(mask)
        if sight is not None and (sight.x2 > sight.x1 or width < 3 * WIDTH / SLICES):
            break
    if kind == "rivals" and rng.random() < 0.5:
        # Smaller things of the target's own colour: the largest is the target. One that touches it
        # would be a part of it for all that anyone can see.
        for _ in range(int(rng.integers(1, 3))):
            small = outline(rng, max(2.0, width * rng.uniform(0.08, 0.3)))
            if _apart(small, shape):
                _paste(rng, image, small, target_color(rng, hue))
    _paste(rng, image, shape, target_color(rng, hue))
    if front is not None:
        _paste(rng, image, front, rival_color(rng, near=False))
    return sight


def seen(mask: Floats) -> Sight | None:
    """Return the sight that a mask (HEIGHT, WIDTH), 0 to 1, covers; None if it covers almost nothing.

    An end is where half of a pixel's worth of the target is in a column.
    """
    columns = mask.sum(axis=0)
    filled = np.flatnonzero(columns > 0.5)
    if len(filled) < 2 * WIDTH / SLICES or columns.sum() < 40:
        return None
    # To a fraction of a column: the outermost one is filled as far as its share of its neighbour.
    first, last = int(filled[0]), int(filled[-1])
    left, right = float(first), last + 1.0
    if first + 2 < WIDTH and first > 0:
        left += 1 - min(1.0, float(columns[first] / max(columns[first + 1], 1e-6)))
    if last - 2 >= 0 and last < WIDTH - 1:
        right -= 1 - min(1.0, float(columns[last] / max(columns[last - 1], 1e-6)))
    right = max(right, left + 1e-3)
    return Sight.from_columns(left, min(right, WIDTH) - 1e-3, WIDTH)


def background(
    rng: np.random.Generator, photographs: Sequence[Frame], *, warm: bool
) -> tuple[Floats, float | None]:
    """Return a piece of a photograph, (HEIGHT, WIDTH, 3), 0 to 1, and the hue it was warmed to, degrees."""
    photograph = photographs[int(rng.integers(len(photographs)))]
    height, width = photograph.shape[:2]
    tall = int(min(height, width * 0.75) * rng.uniform(0.25, 1.0))
    wide = max(8, min(width, int(tall * rng.uniform(1.1, 1.6))))
    top, left = int(rng.integers(0, height - tall + 1)), int(rng.integers(0, width - wide + 1))
    piece = cv2.resize(
        photograph[top : top + tall, left : left + wide], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA
    )
    if rng.random() < 0.5:
        piece = piece[:, ::-1]
    scaled = np.ascontiguousarray(piece, np.float32) / 255
    hsv: Floats = np.asarray(cv2.cvtColor(scaled, cv2.COLOR_BGR2HSV), np.float32)
    to: float | None = None
    grey = float(hsv[..., 1].mean()) < 0.05
    if warm:
        to = float(rng.uniform(6, 30))
        spread = rng.uniform(0.0, 0.3)
        hsv[..., 0] = to + spread * _turn(hsv[..., 0] - to) * (0.0 if grey else 0.2)
        hsv[..., 1] = np.clip(
            rng.uniform(0.4, 0.7) + rng.uniform(0, 0.3) * (hsv[..., 1] - hsv[..., 1].mean()), 0, 0.75
        )
    elif grey and rng.random() < 0.7:
        hsv[..., 0], hsv[..., 1] = rng.uniform(20, 330), rng.uniform(0.05, 0.5)
    else:
        if rng.random() < 0.4:
            hsv[..., 0] += np.float32(rng.uniform(-180, 180))
        hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(0.5, 1.3), 0, 1)
    if not warm:  # red in a photograph is made pale: a background holds no target by definition
        red = np.clip(1.4 - np.abs(_turn(hsv[..., 0])) / 18, 0, 1)
        hsv[..., 1] = hsv[..., 1] * (1 - red) + red * np.minimum(hsv[..., 1], 0.4)
    hsv[..., 0] = hsv[..., 0] % 360
    hsv[..., 2] = np.clip(hsv[..., 2] * rng.uniform(0.6, 1.2) + rng.uniform(0, 0.15), 0, 1)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR), np.float32), to


def target_color(rng: np.random.Generator, behind: float | None) -> tuple[float, float, float]:
    """Return hue (degrees), saturation and value of a target: redder and stronger than what is behind."""
    if behind is None:
        hue, saturation = rng.uniform(-14, 10), rng.uniform(0.72, 1.0)
    else:
        hue, saturation = rng.uniform(-12, min(10.0, behind - 10)), rng.uniform(0.85, 1.0)
    return float(hue) % 360, float(saturation), float(rng.uniform(0.5, 1.0))


def rival_color(rng: np.random.Generator, *, near: bool) -> tuple[float, float, float]:
    """Return hue, saturation and value of what is no target: `near` is orange, pink, brown, magenta."""
    if not near:
        return float(rng.uniform(30, 325)), float(rng.uniform(0, 1)), float(rng.uniform(0.15, 1))
    choice = float(rng.random())
    if choice < 0.35:
        return float(rng.uniform(25, 45)), float(rng.uniform(0.6, 1)), float(rng.uniform(0.5, 1))
    if choice < 0.65:
        return float(rng.uniform(300, 332)), float(rng.uniform(0.5, 1)), float(rng.uniform(0.4, 1))
    if choice < 0.85:  # pink and skin
        return float(rng.uniform(-15, 25)) % 360, float(rng.uniform(0.15, 0.42)), float(rng.uniform(0.5, 1))
    return float(rng.uniform(12, 30)), float(rng.uniform(0.3, 0.6)), float(rng.uniform(0.15, 0.45))


def clutter(rng: np.random.Generator, image: Floats) -> None:
    """Draw up to five things of any colour, red ones among them, into a picture."""
    for _ in range(int(rng.integers(0, 6))):
        color = target_color(rng, None) if rng.random() < 0.3 else rival_color(rng, near=rng.random() < 0.3)
        _paste(rng, image, outline(rng, _log_uniform(rng, 3, 80)), color)


def expose(rng: np.random.Generator, image: Floats, *, strength: float = 1.0) -> Frame:
    """Return a picture with the effects of light, lens, sensor and JPEG.

    `strength`: how strong the colour cast is; below 1 for a picture that has one already.
    """
    warmth, tint = strength * rng.normal(0, 0.06), strength * rng.normal(0, 0.025)
    image *= np.array([1 - warmth, 1 + tint, 1 + warmth], np.float32) * np.float32(
        _log_uniform(rng, 0.65, 1.15)
    )
    if rng.random() < 0.4:  # light from one side
        ramp = np.linspace(rng.uniform(0.55, 1), rng.uniform(0.55, 1), WIDTH, dtype=np.float32)
        image *= ramp[None, :, None]
    if rng.random() < 0.5:
        np.clip(image, 0, 1, out=image)
        image = image ** np.float32(_log_uniform(rng, 0.75, 1.3))
    if rng.random() < 0.5:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 1.3)), np.float32)
    if rng.random() < 0.15:
        image = np.asarray(cv2.blur(image, (int(rng.integers(2, 7)), 1)), np.float32)
    i, j = (int(k) for k in rng.integers(0, 64, 2))
    grain = _grain()[i : i + HEIGHT, j : j + WIDTH]
    image += grain * np.float32(rng.uniform(0, 0.035))
    image += grain[..., :1] * np.float32(rng.uniform(0, 0.025))
    frame = np.clip(image * 255, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 95))]
        frame = np.asarray(cv2.imdecode(cv2.imencode(".jpg", frame, quality)[1], cv2.IMREAD_COLOR), np.uint8)
    return frame


@lru_cache(maxsize=1)
def _grain() -> Floats:
    """Return noise, of which each picture uses a random part: new noise would take half of the time."""
    return np.random.default_rng(0).standard_normal((HEIGHT + 64, WIDTH + 64, 3), np.float32)


def _apart(one: Outline, other: Outline) -> bool:
    """Return whether two things are at least two slices apart."""
    gap = 2 * WIDTH / SLICES
    return bool(one[:, 0].max() + gap < other[:, 0].min() or other[:, 0].max() + gap < one[:, 0].min())


def _before(rng: np.random.Generator, shape: Outline) -> Outline:
    """Return an outline that hides a part of a thing: a pole in front, or another thing at a side."""
    left, right = float(shape[:, 0].min()), float(shape[:, 0].max())
    width = right - left
    if rng.random() < 0.5:
        middle, half = rng.uniform(left, right), width * rng.uniform(0.02, 0.07)
        ends = middle + rng.normal(0, 0.05, 2) * width
        return np.array(
            [
                (ends[0] - half, -5),
                (ends[0] + half, -5),
                (ends[1] + half, HEIGHT + 5),
                (ends[1] - half, HEIGHT + 5),
            ],
            np.float32,
        )
    front = outline(rng, width * rng.uniform(0.3, 0.8))
    side = left if rng.random() < 0.5 else right
    centre = np.array([side, rng.uniform(shape[:, 1].min(), shape[:, 1].max())], np.float32)
    return np.asarray(front - front.mean(axis=0) + centre, np.float32)


def _paste(
    rng: np.random.Generator, image: Floats, shape: Outline, color: tuple[float, float, float]
) -> None:
    """Draw a thing of one colour into a picture."""
    mask = cover(shape, WIDTH, HEIGHT)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    alpha = mask[part][..., None]
    skin = surface(rng, color, shape, (columns[0], rows[0]), (len(mask[part][0]), len(mask[part])))
    image[part] += alpha * (skin - image[part])


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _turn(degrees: NDArray[Any]) -> NDArray[Any]:
    """Return angles as the shortest turn, in [-180, 180)."""
    return np.asarray((degrees + 180.0) % 360.0 - 180.0)
