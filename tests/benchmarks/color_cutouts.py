"""Pictures with known targets, made only from photographs: cut-out things in front of photographed places.

Unlike in `color_scenes`, nothing is drawn: surface, gloss, print and shape of a thing are real. The things
are pictures with a transparent background, which drawing programs for children use as stamps (Debian's
tuxpaint-stamps-default); only things that a person would find by their colour are used. A label is the first
and last column of the thing's visible part, so it is exact. A series has one thing, one place and one camera;
distance, position, tilt, light and shade differ between its pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.color_scenes import Series, Shot
from vision import Frame, Sight

SIZES = ((320, 240), (640, 480), (640, 360), (800, 600))


def read_cutouts(folders: Sequence[Path]) -> dict[str, NDArray[np.uint8]]:
    """Return the pictures (h, w, 4) in folders and below that show one coloured, solid thing, by name."""
    found: dict[str, NDArray[np.uint8]] = {}
    for folder in folders:
        for file in sorted(folder.rglob("*.png")):
            picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
            if picture is None or picture.ndim != 3 or picture.shape[2] != 4 or picture.dtype != np.uint8:
                continue
            cut = _trimmed(np.asarray(picture, np.uint8))
            if cut is not None and _is_target(cut):
                found[str(file.relative_to(folder).with_suffix(""))] = cut
    return found


def _trimmed(picture: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Return the part that is not transparent; None when hardly anything is."""
    x, y, width, height = cv2.boundingRect((picture[..., 3] > 100).astype(np.uint8))
    return picture[y : y + height, x : x + width] if min(width, height) >= 90 else None


def _is_target(picture: NDArray[np.uint8]) -> bool:
    """Tell whether a thing is solid, of one strong colour for the most part, and photographed."""
    solid = picture[..., 3] > 128
    if solid.mean() < 0.45 or not 0.4 < picture.shape[0] / picture.shape[1] < 2.2:
        return False
    lab = cv2.cvtColor(picture[..., :3].astype(np.float32) / 255, cv2.COLOR_BGR2LAB)[solid]
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    strong = chroma > 24
    if strong.mean() < 0.6:
        return False
    middle = np.angle((lab[strong, 1] + 1j * lab[strong, 2]).sum())
    off = np.abs(np.angle((lab[:, 1] + 1j * lab[:, 2]) * np.exp(-1j * middle), deg=True))
    # Drawings have few colours; photographs have many.
    many = len(np.unique((picture[solid][:, :3] // 4).astype(np.int32) @ np.array([1, 64, 4096])))
    return bool((strong & (off < 22)).mean() > 0.6 and many > 700)


def make(
    seed: int,
    things: dict[str, NDArray[np.uint8]],
    photographs: dict[str, Frame],
    count: int = 6,
    empty: int = 2,
) -> Series:
    """Make the series of a seed: so many pictures with the thing, at most, and so many without it."""
    rng = np.random.default_rng(seed)
    name, place = str(rng.choice(sorted(things))), str(rng.choice(sorted(photographs)))
    thing, behind = things[name], photographs[place]
    if rng.random() < 0.5:
        thing = np.ascontiguousarray(thing[:, ::-1])
    size = SIZES[int(rng.integers(len(SIZES)))]
    camera = {
        "blur": rng.uniform(0.2, 1.3),
        "noise": rng.uniform(1.0, 6.0),
        "quality": int(rng.integers(40, 95)),
        "balance": np.exp(rng.normal(0, 0.05, 3)),
        "dark": rng.uniform(0.6, 1.05),
    }
    color = _color(thing)
    shots: list[Shot] = []
    without: list[Shot] = []
    for _ in range(80):
        image = _view(rng, behind, size)
        if _shows(image, color):
            continue
        if len(shots) < count:
            shot = _put(rng, image, thing, camera, size)
            shots += [shot] if shot else []
        elif len(without) < empty:
            without.append(Shot(_taken(rng, image, camera, size), None, None))
    return Series(f"{seed} {name} before {place}", shots, without)


def _color(thing: NDArray[np.uint8]) -> NDArray[Any]:
    lab = cv2.cvtColor(thing[..., :3].astype(np.float32) / 255, cv2.COLOR_BGR2LAB)[thing[..., 3] > 128]
    return np.asarray(np.median(lab[np.hypot(lab[:, 1], lab[:, 2]) > 24], axis=0))


def _shows(image: NDArray[np.float32], color: NDArray[Any]) -> bool:
    """Tell whether a place has a piece of a thing's hue and chroma, which a person would mistake for it."""
    small = cv2.resize(image, (160, 120), interpolation=cv2.INTER_AREA).clip(0, 255) / 255
    lab = cv2.cvtColor(small.astype(np.float32), cv2.COLOR_BGR2LAB)
    near = np.hypot(lab[..., 1] - color[1], lab[..., 2] - color[2]) < 0.35 * np.hypot(color[1], color[2])
    _, _, stats, _ = cv2.connectedComponentsWithStats(near.astype(np.uint8))
    return bool(len(stats) > 1 and stats[1:, cv2.CC_STAT_AREA].max() > 0.0015 * near.size)


def _view(rng: np.random.Generator, photograph: Frame, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return a part of a photograph, twice as large as the picture that becomes of it."""
    height, width = photograph.shape[:2]
    wide = min(width, height * size[0] / size[1]) * rng.uniform(0.5, 1.0)
    tall = wide * size[1] / size[0]
    x, y = rng.uniform(0, width - wide), rng.uniform(0, height - tall)
    part = photograph[int(y) : int(y + tall), int(x) : int(x + wide)]
    return np.asarray(cv2.resize(part, (2 * size[0], 2 * size[1]), interpolation=cv2.INTER_AREA), np.float32)


def _put(
    rng: np.random.Generator,
    image: NDArray[np.float32],
    thing: NDArray[np.uint8],
    camera: dict[str, Any],
    size: tuple[int, int],
) -> Shot | None:
    width, height = 2 * size[0], 2 * size[1]
    wide = float(np.exp(rng.uniform(np.log(2.5), np.log(24)))) / 42 * width
    scale = wide / thing.shape[1]
    if scale * thing.shape[0] > height:
        return None
    lean = rng.normal(0, 5)
    x = rng.uniform(0.5 * wide, width - 0.5 * wide) + (
        rng.normal(0, 0.5) * wide if rng.random() < 0.15 else 0
    )
    y = rng.uniform(0.3, 0.95) * (height - scale * thing.shape[0]) + 0.5 * scale * thing.shape[0]
    to = cv2.getRotationMatrix2D((thing.shape[1] / 2, thing.shape[0] / 2), lean, scale)
    to[:, 2] += np.array([x - thing.shape[1] / 2, y - thing.shape[0] / 2])
    step = max(1, int(0.5 / scale))
    fine = cv2.blur(thing, (step, step)) if step > 1 else thing
    own = cv2.warpAffine(fine[..., :3], to, (width, height), borderMode=cv2.BORDER_REPLICATE).astype(
        np.float32
    )
    alpha = cv2.warpAffine(fine[..., 3], to, (width, height)).astype(np.float32) / 255
    # Shade from one side and from above, and the light of this moment.
    across, down = np.meshgrid(
        (np.arange(width) - x) / wide, (np.arange(height) - y) / (scale * thing.shape[0]), copy=False
    )
    shade = 1 + rng.uniform(-0.45, 0.45) * across + rng.uniform(-0.35, 0.1) * down
    own *= (np.clip(shade, 0.4, 1.4) * np.exp(rng.normal(0, 0.12)))[..., None].astype(np.float32)
    foot = cv2.GaussianBlur(np.roll(alpha, int(0.06 * wide), axis=0), (0, 0), max(1.0, 0.06 * wide))
    image = image * (1 - rng.uniform(0.2, 0.7) * foot)[..., None].astype(np.float32)
    visible = alpha
    image = image + alpha[..., None] * (own - image)
    small = cv2.resize(visible, size, interpolation=cv2.INTER_AREA) > 0.5
    if small.sum() < 0.5 * (thing[..., 3] > 128).sum() * scale**2 / 4:
        return None
    columns = np.flatnonzero(small.any(axis=0))
    if len(columns) < 2 * size[0] / 42:
        return None
    sight = Sight.from_columns(int(columns[0]), int(columns[-1]), size[0])
    return Shot(_taken(rng, np.asarray(image, np.float32), camera, size), sight, small)


def _taken(
    rng: np.random.Generator, image: NDArray[np.float32], camera: dict[str, Any], size: tuple[int, int]
) -> Frame:
    """Return what a camera makes of it: blur, light, noise that grows with it, JPEG."""
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), camera["blur"] * size[0] / 320)
    if rng.random() < 0.15:
        small = cv2.blur(small, (int(rng.integers(2, 3 + size[0] // 50)), 1))
    small = small * camera["balance"] * camera["dark"] * np.exp(rng.normal(0, 0.06))
    noise = rng.standard_normal(small.shape) * camera["noise"] * (0.4 + small / 255)
    frame = np.clip(small + noise, 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, camera["quality"]])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
