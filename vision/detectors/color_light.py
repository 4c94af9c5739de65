"""Small pictures, the colour of their light, and what other light makes of colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.detectors.shrink import halve
from vision.sight import SLICES, Frame

Floats = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]

_BYTES = np.arange(256.0)[None, :, None]
_SIXTH_POWERS = (8.0 * (np.arange(256) // 8) + 4.0)[None] ** 6


def hsv_of(picture: Frame) -> Bytes:
    """Return hue, saturation and value, each over the whole of a byte: a hue of 256 would be 360 degrees."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV_FULL), np.uint8)


def reduce(frame: Frame, columns: int) -> tuple[Frame, float]:
    """Return a frame made small, and how many of its columns are one of the small picture's.

    As `halved`, but of a large frame only every so many-th row is read, and four pixels of it become one, as
    many as of a frame of 320 columns: what takes time is to read the frame.
    """
    height, width = frame.shape[:2]
    if width < 6 * columns or height < 8 * SLICES:
        return halved(frame, columns)
    rows = frame[:: width // columns]
    twice = cv2.resize(rows, (2 * columns, rows.shape[0]), interpolation=cv2.INTER_LINEAR)
    size = (columns, max(1, round(height * columns / width)))
    return _bytes(cv2.resize(twice, size, interpolation=cv2.INTER_LINEAR)), width / columns


def halved(frame: Frame, columns: int) -> tuple[Frame, float]:
    """Return a frame halved while at least `columns` remain, and then shrunk to them if it is far off.

    With it: how many of its columns are one of the small picture's.
    """
    small = halve(frame, columns)
    height, width = small.shape[:2]
    # Each halving takes one binary digit away, and leaves an odd last column out.
    scale = float(1 << frame.shape[1].bit_length() - width.bit_length())
    if width <= 1.3 * columns:
        return small, scale
    size = (columns, max(1, round(height * columns / width)))
    return _bytes(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)), scale * width / columns


def _bytes(picture: NDArray[Any]) -> Frame:
    return np.asarray(picture, np.uint8)


def light_of(work: Frame) -> tuple[float, float, float]:
    """Return about the colour of the light: of each channel the sixth root of the mean sixth power.

    Shades of grey (Finlayson & Trezzi 2004, "Shades of gray and colour constancy"): bright pixels count most,
    as the light is seen on them, and no few of them count alone, as they may be clipped.
    """
    rows = work[:: 1 + work.shape[0] // 60]  # a sample is enough
    blue, green, red, _ = cv2.mean(cv2.LUT(rows, _SIXTH_POWERS))
    return blue ** (1 / 6), green ** (1 / 6), red ** (1 / 6)


def in_other_light(
    rng: np.random.Generator,
    pixels: Floats,
    *,
    gain: float,
    pale: float,
    shade: float,
    deep: float,
    balance: float = 0.05,
    noise: float = 3.0,
) -> Floats:
    """Return colours (n, 3) as other light would show them.

    `gain`: standard deviation of ln brightness; `shade`: the share that is in shadow, down to `deep`;
    `balance`: standard deviation of each channel's own ln gain; `pale`: how far highlights take colour
    away; `noise`: of the sensor, in bytes.
    """
    count = len(pixels)

    def normal(*shape: int) -> Floats:
        return rng.standard_normal(shape, np.float32)

    gains = np.exp(gain * normal(count))
    shaded = rng.random(count, np.float32) < shade
    gains[shaded] *= deep + (0.9 - deep) * rng.random(int(shaded.sum()), np.float32)
    lit = pixels * gains[:, None] * np.exp(balance * normal(count, 3))
    grey = lit.mean(1, keepdims=True)
    lit = lit + np.abs(pale * normal(count, 1)) * (grey - lit)
    return np.asarray(lit + noise * normal(count, 3))


def turned(rng: np.random.Generator, pixels: Floats, degrees: float) -> Floats:
    """Return colours (n, 3), each with a random turn of its hue and a random change of its saturation."""
    scaled = np.clip(pixels, 0, 255).astype(np.float32)[None] / 255
    hsv = cv2.cvtColor(scaled, cv2.COLOR_BGR2HSV)
    hsv[..., 0] = (hsv[..., 0] + rng.normal(0, degrees, hsv.shape[:2])) % 360
    hsv[..., 1] = np.minimum(hsv[..., 1] * rng.uniform(0.58, 1.1, hsv.shape[:2]), 1)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0] * 255)


def light_gains(light: Sequence[float], now: Sequence[float]) -> tuple[float, float, float]:
    """Return what to multiply each channel with so that the light `now` becomes another.

    Brightness is made alike between a half and four times; a tint only so far, since a large thing of a
    strong colour looks like light of that colour.
    """
    gains = [min(max(own / max(other, 8.0), 0.5), 4.0) for own, other in zip(light, now, strict=True)]
    middle = sum(gains) / 3
    blue, green, red = (middle * min(max(gain / middle, 0.62), 1.6) for gain in gains)
    return blue, green, red


def brighter(gains: Sequence[float]) -> NDArray[np.uint8]:
    """Return what a byte of each channel becomes when the channels are multiplied: (1, 256, 3)."""
    return np.minimum(_BYTES * gains, 255).astype(np.uint8)


def with_gains(work: Frame, gains: Sequence[float]) -> Frame:
    """Return a picture with its channels multiplied."""
    return np.asarray(cv2.LUT(work, brighter(gains)), np.uint8)


def matched(work: Frame, light: Sequence[float]) -> Frame:
    """Return a picture as if taken in another light, which is what `light_of` returns there."""
    return with_gains(work, light_gains(light, light_of(work)))


def other_lights(work: Frame) -> list[Frame]:
    """Return a picture as a camera would show it later in the day: warmer, cooler, of other hue, paler."""
    shown = [with_gains(work, gains) for gains in ((0.65, 1.0, 1.25), (1.25, 1.0, 0.75))]
    hsv = hsv_of(work)
    for turn in (-9, 9):
        other = hsv.copy()
        other[..., 0] += np.uint8(turn % 256)
        shown.append(np.asarray(cv2.cvtColor(other, cv2.COLOR_HSV2BGR_FULL), np.uint8))
    paler = hsv.copy()
    paler[..., 1] = (paler[..., 1] * 0.72).astype(np.uint8)
    shown.append(np.asarray(cv2.cvtColor(paler, cv2.COLOR_HSV2BGR_FULL), np.uint8))
    return shown
