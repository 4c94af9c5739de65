"""Pictures with known targets for the colour detector: drawn things in front of photographs.

A *series* is one thing in one place: some pictures with it, some without, as a robot's camera would
take them while it drives. Things are balls, boxes, cones, cups, sheets of paper and toys; they are lit
by a lamp and by the floor, have highlights, stripes and labels, throw a shadow, and are held by hands
or stand half behind something. The effects of lens and sensor come last: vignette, blur, motion, noise, white
balance, exposure, JPEG. A label is the first and last column of the thing's visible mask, so it is exact.

All randomness comes from the seed of a series. Light is added in linear space (gamma 2.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision import Frame, Sight

Floats = NDArray[np.float32]

SIZES = ((320, 240), (320, 240), (640, 480), (640, 360), (820, 616))
KINDS = ("ball", "ball", "ball", "box", "cone", "cup", "sheet", "toy")
PLACES = ("photograph", "photograph", "turf", "wood", "hand")


@dataclass(frozen=True)
class Shot:
    """A picture; where the thing is in it (`sight` and `mask`, None when it is not); its kind for tables."""

    frame: Frame
    sight: Sight | None
    mask: NDArray[np.bool_] | None


@dataclass(frozen=True)
class Series:
    """One thing in one place: its pictures, and those of the same place without it."""

    name: str
    shots: list[Shot]
    empty: list[Shot] = field(default_factory=list)


def linear(frame: NDArray[Any]) -> Floats:
    """Return a picture of bytes as linear light, 0 to 1."""
    return np.asarray((frame.astype(np.float32) / 255) ** 2.2, np.float32)


def read_photographs(folders: Sequence[Path]) -> dict[str, Frame]:
    """Return the coloured photographs in folders and below, by name, at most 1400 pixels wide or high."""
    found: dict[str, Frame] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.suffix.lower() not in (".jpg", ".jpeg", ".png"):
                continue
            frame = cv2.imread(str(file))
            if frame is None or min(frame.shape[:2]) < 180:
                continue
            scale = 1400 / max(frame.shape[:2])
            if scale < 1:
                frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            found[file.stem] = np.asarray(frame, np.uint8)
    return found


# ---- things: each returns (colour in linear light, cover), both at the asked size ------------------------


def _grid(width: int, height: int) -> tuple[Floats, Floats]:
    v, u = np.mgrid[0:height, 0:width].astype(np.float32)
    return (2 * u + 1) / width - 1, (2 * v + 1) / height - 1


def _lit(rng: np.random.Generator, normal: Floats, color: Floats, look: dict[str, Any]) -> Floats:
    """Return a surface's light: the room's, a lamp's, the floor's, and a highlight."""
    lamp = look["lamp"]
    facing = np.clip((normal * lamp).sum(-1), 0, 1)
    floor = np.clip(normal[..., 1], 0, 1) * 0.18
    light = look["ambient"] * (0.75 - 0.25 * normal[..., 1]) + (1 - look["ambient"]) * facing
    half = lamp + np.array([0, 0, 1], np.float32)
    half /= np.linalg.norm(half)
    shine = look["gloss"] * np.clip((normal * half).sum(-1), 0, 1) ** look["sharp"]
    return np.asarray(
        color * light[..., None] + floor[..., None] * look["floor"] * color + shine[..., None], np.float32
    )


def _surface(rng: np.random.Generator, width: int, height: int, look: dict[str, Any]) -> Floats:
    """Return the thing's own colour over its surface: a little uneven, as felt, plastic or paint is."""
    base = np.broadcast_to(look["color"], (height, width, 3)).astype(np.float32)
    grain = cv2.resize(
        rng.standard_normal((max(2, height // 6), max(2, width // 6))).astype(np.float32), (width, height)
    )
    return np.asarray(base * (1 + look["grain"] * grain[..., None]), np.float32)


def ball(rng: np.random.Generator, width: int, height: int, look: dict[str, Any]) -> tuple[Floats, Floats]:
    """A ball, with a seam where the look says so."""
    u, v = _grid(width, width)
    r = u * u + v * v
    normal = np.stack([u, v, np.sqrt(np.clip(1 - r, 0, 1))], -1)
    color = _surface(rng, width, width, look)
    if look["mark"] == "seam":
        turn = rng.uniform(0, 6.28)
        a, b = u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn)
        line = np.abs(a - 0.55 * np.cos(2.4 * b) + 0.1) < 0.045
        color[line] = 0.6
    elif look["mark"] == "print":
        a, b = rng.uniform(-0.4, 0.4, 2)
        color[(np.abs(u - a) < 0.22) & (np.abs(v - b) < 0.1)] = rng.choice([0.02, 0.75])
    return _lit(rng, normal, color, look), (r < 1).astype(np.float32)


def cup(rng: np.random.Generator, width: int, height: int, look: dict[str, Any]) -> tuple[Floats, Floats]:
    """A cup, can or bucket: a tapering cylinder seen a little from above."""
    u, v = _grid(width, height)
    taper = 1 - look["taper"] * (v + 1) / 2
    x = u / taper
    normal = np.stack([x, 0 * x, np.sqrt(np.clip(1 - x * x, 0, 1))], -1)
    color = _surface(rng, width, height, look)
    if look["mark"] != "none":
        color[(v > -0.2) & (v < 0.15)] = rng.choice([0.03, 0.8])
    lit = _lit(rng, normal, color, look)
    lip = 0.12
    top = (u / 1) ** 2 + ((v + 1 - lip) / lip) ** 2 < 1
    lit[top] *= rng.uniform(0.3, 0.7)
    body = (np.abs(x) < 1) & (v > -1 + lip - lip * np.sqrt(np.clip(1 - x * x, 0, 1)) * 0)
    foot = v < 1 - lip + lip * np.sqrt(np.clip(1 - x * x, 0, 1))
    return lit, ((body & foot) | top).astype(np.float32)


def cone(rng: np.random.Generator, width: int, height: int, look: dict[str, Any]) -> tuple[Floats, Floats]:
    """A traffic cone with a stripe or two and a base plate."""
    u, v = _grid(width, height)
    half = 0.1 + 0.62 * (v + 1) / 2
    x = u / half
    normal = np.stack([x, -0.2 + 0 * x, np.sqrt(np.clip(1 - x * x, 0, 1))], -1)
    color = _surface(rng, width, height, look)
    if look["mark"] != "none":
        stripe = 0.85 if look["mark"] == "print" else 0.02
        color[(v > -0.25) & (v < 0.12)] = stripe
        if look["taper"] > 0.2:
            color[(v > 0.42) & (v < 0.62)] = stripe
    lit = _lit(rng, normal, color, look)
    plate = (v > 0.88) & (np.abs(u) < 0.98)
    lit[plate] = look["color"] * rng.uniform(0.4, 0.9)
    return lit, ((np.abs(x) < 1) | plate).astype(np.float32)


def box(rng: np.random.Generator, width: int, height: int, look: dict[str, Any]) -> tuple[Floats, Floats]:
    """A box seen from a corner and a little from above, with a label where the look says so."""
    edge, rise = rng.uniform(0.25, 0.75) * width, rng.uniform(0.08, 0.25) * height
    w, h = width - 1.0, height - 1.0
    left = np.array([(0, rise), (edge, 1.7 * rise), (edge, h), (0, h - 0.7 * rise)])
    right = np.array([(edge, 1.7 * rise), (w, rise), (w, h - 0.7 * rise), (edge, h)])
    top = np.array([(0, rise), (edge, 1.7 * rise), (w, rise), (w - edge, 0.2 * rise)])
    image, cover = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    color = _surface(rng, width, height, look)
    sides = [(left, (-0.7, 0, 0.7)), (right, (0.7, 0, 0.7)), (top, (0, -1, 0.2))]
    for points, normal in sides:
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 1)
        n = np.asarray(normal, np.float32) / np.linalg.norm(normal)
        lit = _lit(
            rng, np.broadcast_to(n, (height, width, 3)).astype(np.float32), color, {**look, "gloss": 0}
        )
        image[mask > 0], cover[mask > 0] = lit[mask > 0], 1
    if look["mark"] != "none":
        a, b = points_between(left, 0.2, 0.75), points_between(left, 0.8, 0.3)
        cv2.rectangle(image, a, b, (0.6, 0.6, 0.6), -1)
    return image, cover


def points_between(quad: NDArray[Any], s: float, t: float) -> tuple[int, int]:
    """Return the place in a quadrangle at shares s of its width and t of its height."""
    p = (1 - t) * ((1 - s) * quad[0] + s * quad[1]) + t * ((1 - s) * quad[3] + s * quad[2])
    return int(p[0]), int(p[1])


def sheet(rng: np.random.Generator, width: int, height: int, look: dict[str, Any]) -> tuple[Floats, Floats]:
    """A sheet of paper or a flat sign, seen from a side."""
    skew = rng.uniform(-0.18, 0.18, 4) * height
    w, h = width - 1.0, height - 1.0
    points = np.array(
        [(0, max(0, skew[0])), (w, max(0, skew[1])), (w, h + min(0, skew[2])), (0, h + min(0, skew[3]))]
    )
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(points).astype(np.int32)], 1)
    u, v = _grid(width, height)
    light = rng.uniform(0.5, 0.95) + rng.uniform(-0.15, 0.15) * u + rng.uniform(-0.15, 0.15) * v
    color = _surface(rng, width, height, look) * light[..., None]
    if look["mark"] == "print":
        color[(np.abs(u) < 0.3) & (np.abs(v) < 0.3)] = rng.choice([0.02, 0.7])
    return np.asarray(color, np.float32), mask.astype(np.float32)


def toy(rng: np.random.Generator, width: int, height: int, look: dict[str, Any]) -> tuple[Floats, Floats]:
    """A lumpy thing of several balls, as a soft toy or a fruit."""
    mask = np.zeros((height, width), np.float32)
    depth = np.zeros((height, width), np.float32)
    u, v = _grid(width, height)
    own = np.random.default_rng(look["lumps"])
    lumps = [(0.0, 0.25, 1.0, 0.75)] + [
        (own.uniform(-0.5, 0.5), own.uniform(-0.6, 0.1), own.uniform(0.3, 0.55), own.uniform(0.3, 0.45))
        for _ in range(int(own.integers(1, 4)))
    ]
    for x, y, a, b in lumps:
        r = ((u - x) / a) ** 2 + ((v - y) / b) ** 2
        depth = np.maximum(depth, np.sqrt(np.clip(1 - r, 0, 1)) * min(a, b))
        mask = np.maximum(mask, (r < 1).astype(np.float32))
    smooth = cv2.GaussianBlur(depth, (0, 0), max(0.8, width / 60))
    dx, dy = (
        cv2.Sobel(smooth, cv2.CV_32F, 1, 0) * width / 16,
        cv2.Sobel(smooth, cv2.CV_32F, 0, 1) * height / 16,
    )
    normal = np.stack([-dx, -dy, np.ones_like(dx)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return _lit(rng, normal.astype(np.float32), _surface(rng, width, height, look), look), mask


Maker = Callable[[np.random.Generator, int, int, dict[str, Any]], tuple[Floats, Floats]]
_MAKERS: dict[str, Maker] = {"ball": ball, "cup": cup, "cone": cone, "box": box, "sheet": sheet, "toy": toy}
_TALL = {
    "ball": (1, 1),
    "cup": (0.9, 1.6),
    "cone": (1.2, 1.7),
    "box": (0.7, 1.3),
    "sheet": (0.7, 1.5),
    "toy": (0.8, 1.3),
}


_SKIN = np.array(
    [[0.2, 0.33, 0.62], [0.12, 0.24, 0.5], [0.05, 0.11, 0.28], [0.02, 0.045, 0.12], [0.28, 0.42, 0.7]]
)


# ---- series ---------------------------------------------------------------------------------------------


def make(seed: int, photographs: dict[str, Frame], count: int = 7, empty: int = 2) -> Series:
    """Make the series of a seed: so many pictures with the thing, so many without it."""
    rng = np.random.default_rng(seed)
    kind, place = str(rng.choice(KINDS)), str(rng.choice(PLACES))
    hue, saturation, value = rng.uniform(0, 360), rng.uniform(0.6, 0.97), rng.uniform(0.45, 1.0)
    if rng.random() < 0.45:  # the colours that balls and cones have most often
        hue = float(rng.choice([0, 8, 18, 28, 50, 62, 78, 125, 210, 225, 340])) + rng.normal(0, 4)
        saturation, value = rng.uniform(0.75, 0.98), rng.uniform(0.6, 1.0)
    hsv = np.array([[[hue % 360, saturation, value]]], np.float32)
    color = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0] ** np.float32(2.2)
    lamp = np.array([rng.uniform(-0.8, 0.8), rng.uniform(-1, -0.2), rng.uniform(0.4, 1.0)], np.float32)
    look = {
        "color": color,
        "lamp": lamp / np.linalg.norm(lamp),
        "ambient": rng.uniform(0.25, 0.65),
        "gloss": rng.choice([0.0, 0.1, 0.4, 0.8]),
        "sharp": rng.uniform(8, 60),
        "grain": rng.uniform(0, 0.08),
        "floor": np.float32(rng.uniform(0.2, 0.9)),
        "mark": str(rng.choice(["none", "none", "seam", "print"])),
        "taper": rng.uniform(0, 0.4),
        "lumps": int(rng.integers(2**31)),
        "skin": _SKIN[int(rng.integers(len(_SKIN)))] * np.exp(rng.normal(0, 0.12)),
    }
    tall = float(rng.uniform(*_TALL[kind]))
    size = SIZES[int(rng.integers(len(SIZES)))]
    camera = {
        "blur": rng.uniform(0, 1.1),
        "noise": rng.uniform(0.002, 0.02),
        "jpeg": int(rng.integers(35, 96)),
        "balance": rng.normal(0, 0.06, 3),
        "saturation": rng.uniform(0.85, 1.15),
        "vignette": rng.uniform(0, 0.35),
    }
    scene = _scene(rng, photographs, place)
    maker = _MAKERS[kind]
    shots: list[Shot] = []
    tries = 0
    while len(shots) < count and tries < 60:
        tries += 1
        shot = _shot(rng, scene, maker, look, tall, size, camera, place)
        if shot is not None:
            shots.append(shot)
    none = []
    tries = 0
    while len(none) < empty and tries < 60:
        tries += 1
        image = _background(rng, scene, size)
        if not _has_color(image, color, 0.0015):
            none.append(Shot(_expose(rng, image, camera, size), None, None))
    return Series(f"{seed} {kind} {place} hue {hue % 360:.0f}", shots, none)


def _scene(rng: np.random.Generator, photographs: dict[str, Frame], place: str) -> Frame:
    """Return the photograph that a series happens in; turf and wood are textured by photographs of them."""
    named = {
        "turf": ("051", "024", "159", "132", "172", "100"),
        "wood": ("321", "191", "222", "198", "178", "224", "023", "283", "315", "003", "coffee"),
    }.get(place, ())
    names = [name for name in named if name in photographs] or sorted(photographs)
    return photographs[str(rng.choice(names))]


def _background(rng: np.random.Generator, photograph: Frame, size: tuple[int, int]) -> Floats:
    """Return a part of a photograph in linear light, as large as it is drawn."""
    width, height = size
    full_height, full_width = photograph.shape[:2]
    scale = rng.uniform(0.45, 0.95)
    wide = min(full_width, full_height * width / height) * scale
    tall = wide * height / width
    x, y = rng.uniform(0, full_width - wide), rng.uniform(0, full_height - tall)
    part = photograph[int(y) : max(int(y + tall), int(y) + 2), int(x) : max(int(x + wide), int(x) + 2)]
    # So many pixels as a camera of 640 columns has, whatever the size: the rest is interpolated.
    twice = _oversampling(size)
    return linear(cv2.resize(part, (twice * width, twice * height), interpolation=cv2.INTER_LINEAR))


def _oversampling(size: tuple[int, int]) -> int:
    """Return how many times larger a picture is drawn: small ones twice, so that rims are smooth."""
    return 2 if size[0] <= 320 else 1


def _has_color(image: Floats, color: Floats, share: float) -> bool:
    """Tell whether a piece of about the thing's colour, this share of the picture, is in it already."""
    small = np.clip(cv2.resize(image, (160, 120), interpolation=cv2.INTER_AREA), 0, 1) ** np.float32(1 / 2.2)
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    own = cv2.cvtColor((np.clip(color, 0, 1) ** np.float32(1 / 2.2)).reshape(1, 1, 3), cv2.COLOR_BGR2LAB)[
        0, 0
    ]
    chroma = float(np.hypot(own[1], own[2]))
    # The same hue and chroma in any light: what a person would call the same colour.
    near = np.hypot(lab[..., 1] - own[1], lab[..., 2] - own[2]) < max(12.0, 0.3 * chroma)
    _, _, stats, _ = cv2.connectedComponentsWithStats(near.astype(np.uint8))
    return bool(len(stats) > 1 and stats[1:, cv2.CC_STAT_AREA].max() > share * near.size)


def _shot(
    rng: np.random.Generator,
    scene: Frame,
    maker: Maker,
    look: dict[str, Any],
    tall: float,
    size: tuple[int, int],
    camera: dict[str, Any],
    place: str,
) -> Shot | None:
    width, height = (_oversampling(size) * side for side in size)
    image = _background(rng, scene, size)
    wide = int(np.exp(rng.uniform(np.log(2.6), np.log(26))) / 42 * width)
    high = wide if maker is ball else int(wide * tall)
    if high > 1.2 * height or _has_color(image, look["color"], 0.25 * wide * high / (width * height)):
        return None
    x = int(
        rng.uniform(
            -0.25 * wide if rng.random() < 0.15 else 0, width - wide * (0.75 if rng.random() < 0.15 else 1)
        )
    )
    y = int(rng.uniform(0.1, 0.95) * max(1, height - high))
    turned = {**look, "ambient": np.clip(look["ambient"] * np.exp(rng.normal(0, 0.1)), 0.15, 0.8)}
    own, cover = maker(rng, wide, high, turned)
    own = own * np.float32(np.exp(rng.normal(0, 0.12)))
    _shadow(rng, image, x, y, wide, high)
    cover_full, own_full = _placed(own, cover, x, y, width, height)
    if place == "hand":
        image = _fingers(rng, image, x, y, wide, high, look["skin"], behind=True)[0]
    image = image + cover_full[..., None] * (own_full - image)
    visible = cover_full
    if place == "hand" or rng.random() < 0.12:
        image, hidden = _fingers(rng, image, x, y, wide, high, look["skin"], behind=False)
        visible = visible * (1 - hidden)
    if rng.random() < 0.2:
        steps = int(rng.integers(3, max(4, width // 60)))
        image = cv2.blur(image, (steps, 1))
    if visible.sum() < 0.45 * cover.sum():
        return None
    small = cv2.resize(visible, size, interpolation=cv2.INTER_AREA)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((small > 0.5).astype(np.uint8))
    kept = [k for k in range(1, len(stats)) if stats[k, 4] > 0.04 * (small > 0.5).sum()]
    if not kept:
        return None
    mask = np.isin(labels, kept)
    columns = np.flatnonzero(mask.any(axis=0))
    sight = Sight.from_columns(int(columns[0]), int(columns[-1]), size[0])
    return Shot(_expose(rng, image, camera, size), sight, mask)


def _placed(own: Floats, cover: Floats, x: int, y: int, width: int, height: int) -> tuple[Floats, Floats]:
    to = np.array([[1, 0, x], [0, 1, y]], np.float32)
    big = cv2.warpAffine(own, to, (width, height))
    return np.asarray(cv2.warpAffine(cover, to, (width, height)), np.float32), np.asarray(big, np.float32)


def _shadow(rng: np.random.Generator, image: Floats, x: int, y: int, wide: int, high: int) -> None:
    """Darken the floor under and beside a thing, in place."""
    dark = np.zeros(image.shape[:2], np.float32)
    centre = (int(x + wide / 2 + rng.normal(0, 0.2) * wide), int(y + high * 0.97))
    cv2.ellipse(dark, centre, (int(wide * 0.55), max(2, int(high * 0.12))), 0, 0, 360, 1.0, -1)
    dark = cv2.GaussianBlur(dark, (0, 0), max(1.0, wide / 14))
    image *= 1 - rng.uniform(0.3, 0.8) * dark[..., None]


def _fingers(
    rng: np.random.Generator,
    image: Floats,
    x: int,
    y: int,
    wide: int,
    high: int,
    tone: Floats,
    *,
    behind: bool,
) -> tuple[Floats, Floats]:
    """Draw a palm behind, or some fingers over the rim of a thing; returns the picture and their cover."""
    cover, depth = np.zeros(image.shape[:2], np.float32), np.zeros(image.shape[:2], np.float32)
    if behind:
        centre = (int(x + wide * rng.uniform(0.3, 0.7)), int(y + high * rng.uniform(0.8, 1.1)))
        cv2.ellipse(cover, centre, (int(wide * 0.6), int(high * 0.4)), rng.uniform(0, 180), 0, 360, 1.0, -1)
        arm = (int(centre[0] + rng.normal(0, 1) * wide), image.shape[0] + 20)
        cv2.line(cover, centre, arm, 1.0, max(2, int(wide * 0.45)))
    else:
        side = rng.uniform(0, 6.28) if rng.random() < 0.4 else 1.57
        for k in range(int(rng.integers(1, 4))):
            angle = side + 0.5 * (k - 1) + rng.normal(0, 0.1)
            reach = rng.uniform(0.55, 0.85)
            c = np.array([x + wide / 2, y + high / 2])
            d = np.array([np.cos(angle) * wide / 2, np.sin(angle) * high / 2])
            a, b = c + reach * d, c + 1.7 * d
            cv2.line(
                cover,
                tuple(a.astype(int).tolist()),
                tuple(b.astype(int).tolist()),
                1.0,
                max(2, int(wide * rng.uniform(0.1, 0.17))),
            )
    depth = cv2.GaussianBlur(cover, (0, 0), max(1.0, wide / 25))
    skin = tone[None, None, :].astype(np.float32) * (0.35 + 0.65 * depth[..., None])
    skin = skin * (
        1
        + 0.05
        * cv2.resize(rng.standard_normal((40, 40, 1)).astype(np.float32), (image.shape[1], image.shape[0]))[
            ..., None
        ]
    )
    return np.asarray(image + cover[..., None] * (skin - image), np.float32), cover


def _expose(rng: np.random.Generator, image: Floats, camera: dict[str, Any], size: tuple[int, int]) -> Frame:
    """Return what the camera makes of light: vignette, blur, noise, balance, JPEG."""
    width, height = size
    image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    u, v = _grid(width, height)
    image = image * (1 - camera["vignette"] * (u * u + v * v) / 2)[..., None]
    image = (
        image
        * np.exp(camera["balance"] + rng.normal(0, 0.01, 3)).astype(np.float32)
        * np.float32(np.exp(rng.normal(0, 0.08)))
    )
    sigma = camera["blur"] * width / 320
    if sigma > 0.25:
        image = cv2.GaussianBlur(image, (0, 0), sigma)
    noise = rng.standard_normal(image.shape, np.float32) * np.float32(camera["noise"] * (width / 320) ** 0.5)
    image = np.clip(image, 0, 1) ** np.float32(1 / 2.2)
    grey = image.mean(-1, keepdims=True)
    image = grey + np.float32(camera["saturation"]) * (image - grey) + noise
    frame = np.clip(image * 255, 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, camera["jpeg"]])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


# ---- other light ----------------------------------------------------------------------------------------


def _gains(blue: float, green: float, red: float) -> Callable[[Frame], Frame]:
    def change(frame: Frame) -> Frame:
        return np.clip(frame * np.array([blue, green, red], np.float32), 0, 255).astype(np.uint8)

    return change


def _hue(degrees: float) -> Callable[[Frame], Frame]:
    def change(frame: Frame) -> Frame:
        hsv = cv2.cvtColor(frame.astype(np.float32) / 255, cv2.COLOR_BGR2HSV)
        hsv[..., 0] = (hsv[..., 0] + degrees) % 360
        return np.clip(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR) * 255, 0, 255).astype(np.uint8)

    return change


def _saturation(share: float) -> Callable[[Frame], Frame]:
    def change(frame: Frame) -> Frame:
        hsv = cv2.cvtColor(frame.astype(np.float32) / 255, cv2.COLOR_BGR2HSV)
        hsv[..., 1] *= share
        return np.clip(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR) * 255, 0, 255).astype(np.uint8)

    return change


def _banding(frame: Frame) -> Frame:
    rows = np.arange(frame.shape[0], dtype=np.float32) / frame.shape[0]
    bands = 1 - 0.3 * (0.5 + 0.5 * np.sin(2 * np.pi * 5 * rows))
    return np.asarray(frame * bands[:, None, None], np.uint8)


CONDITIONS: dict[str, Callable[[Frame], Frame]] = {
    "as learned": lambda frame: frame,
    "warmer": _gains(0.6, 1.0, 1.3),
    "a little warmer": _gains(0.8, 1.0, 1.15),
    "cooler": _gains(1.3, 1.0, 0.7),
    "dim": _gains(0.45, 0.45, 0.45),
    "bright": _gains(1.5, 1.5, 1.5),
    "banding": _banding,
    "hue +15": _hue(15),
    "hue -15": _hue(-15),
    "saturation 0.7": _saturation(0.7),
}
"""What happens to light and camera between the click and the drive."""


def clicks(shot: Shot, across: int = 3) -> Iterator[tuple[int, int]]:
    """Yield a grid of places on the visible thing of a shot, `across` each way, in pixels."""
    assert shot.mask is not None
    inside = cv2.erode(shot.mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
    ys, xs = np.nonzero(inside if inside.any() else shot.mask)
    x0, x1, y0, y1 = xs.min(), xs.max(), ys.min(), ys.max()
    taken = set()
    for i in range(across):
        for j in range(across):
            x, y = x0 + (i + 0.5) / across * (x1 - x0), y0 + (j + 0.5) / across * (y1 - y0)
            k = int(np.argmin((xs - x) ** 2 + (ys - y) ** 2))
            if (xs[k] - x) ** 2 + (ys[k] - y) ** 2 <= ((x1 - x0) / across / 2) ** 2 + 1:
                taken.add((int(xs[k]), int(ys[k])))
    yield from sorted(taken)
