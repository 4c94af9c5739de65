"""The things in synthesised pictures: their outlines, the pixels that they cover, and their surfaces."""

from __future__ import annotations

import math
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Outline: TypeAlias = NDArray[np.float32]
"""Corners (N, 2) of a thing, x and y in pixels; not convex in general."""

_FINE = 2
"""Factor by which a mask is drawn finer than its picture."""


def outline(rng: np.random.Generator, width: float, size: tuple[int, int] = (160, 120)) -> Outline:
    """Return the corners of a random thing, `width` pixels wide: drum, box, cone, ball, blob or bottle.

    The middle of the thing is at a random place inside the picture of this `size` (width, height); the middle
    of a thing wider than the picture may be outside.
    """
    kind = rng.choice(["drum", "drum", "box", "cone", "ball", "blob", "bottle"])
    tall = width * math.exp(rng.uniform(math.log(0.7), math.log(2.2)))
    if kind == "ball":
        turn = np.linspace(0, 2 * math.pi, 28, endpoint=False)
        points = np.stack([np.cos(turn) / 2, np.sin(turn) / 2], axis=1)
        tall = width
    elif kind == "blob":
        turn = np.linspace(0, 2 * math.pi, 24, endpoint=False)
        radius = np.ones(24) + sum(
            rng.uniform(0, 0.12) * np.cos(k * turn + rng.uniform(0, 6.3)) for k in (2, 3, 4)
        )
        points = np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1) / 2
    elif kind == "cone":
        top, foot = rng.uniform(0.02, 0.25), rng.uniform(0.75, 1.0)
        points = np.array([
            (-top, -0.5), (top, -0.5), (foot, 0.42), (1, 0.42), (1, 0.5), (-1, 0.5), (-1, 0.42),
            (-foot, 0.42),
        ])  # fmt: skip
        points[:, 0] /= 2
    elif kind == "bottle":
        neck, shoulder = rng.uniform(0.15, 0.3), rng.uniform(-0.3, -0.1)
        low, high = shoulder + 0.08, shoulder - 0.1
        points = np.array([
            (-neck, -0.5), (neck, -0.5), (neck, high), (0.5, low), (0.5, 0.5), (-0.5, 0.5), (-0.5, low),
            (-neck, high),
        ])  # fmt: skip
    elif kind == "drum":
        bow, side = rng.uniform(0, 0.06), np.linspace(-1, 1, 9)
        edge = np.stack([side / 2, bow * np.sqrt(1 - side**2)], axis=1)
        points = np.concatenate([edge * (1, -1) - (0, 0.5), edge[::-1] - (0, -0.5)])
    else:
        lean = rng.normal(0, 0.06, (4, 2))
        points = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) + lean
    lean_by = float(rng.normal(0, 0.08)) if rng.random() < 0.5 else 0.0
    cos, sin = math.cos(lean_by), math.sin(lean_by)
    points = points * (width / np.ptp(points[:, 0]), tall)
    points = points @ np.array([(cos, sin), (-sin, cos)])
    points[:, 0] *= width / np.ptp(points[:, 0])
    beyond = max(0.0, (width - size[0]) / 2)
    middle = (
        rng.uniform(-beyond, size[0] + beyond),
        size[1] * rng.uniform(0.3, 0.95) - 0.25 * (tall - size[1] * 0.3),
    )
    return np.asarray(points + middle, np.float32)


def cover(shape: Outline, width: int, height: int) -> NDArray[np.float32]:
    """Return the share of each pixel that a thing covers, (height, width), 0 to 1."""
    fine = np.zeros((height * _FINE, width * _FINE), np.uint8)
    corners = np.round((shape * _FINE - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(fine, [corners], 255, cv2.LINE_8, 4)
    small = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def surface(
    rng: np.random.Generator,
    color: tuple[float, float, float],
    shape: Outline,
    corner: tuple[int, int],
    size: tuple[int, int],
) -> NDArray[np.float32]:
    """Return the surface of a thing in a part of the picture, BGR, 0 to 1, shape (rows, columns, 3).

    `color`: hue (degrees), saturation, value. `corner` and `size`: where the part begins, and its
    columns and rows.
    """
    hsv = np.array([[color]], np.float32)
    base = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0]
    (left, top), (right, bottom) = shape.min(axis=0), shape.max(axis=0)
    across = ((np.arange(size[0], dtype=np.float32) + 0.5 + corner[0] - left) / max(right - left, 1))[None, :]
    down = ((np.arange(size[1], dtype=np.float32) + 0.5 + corner[1] - top) / max(bottom - top, 1))[:, None]
    across, down = np.clip(across, 0, 1), np.clip(down, 0, 1)
    light = np.ones((size[1], size[0]), np.float32)
    look = rng.random()
    if look < 0.45:  # round
        towards = rng.uniform(-1, 1)
        light *= rng.uniform(0.4, 0.8) + 0.5 * np.maximum(np.cos((across - 0.5) * math.pi - towards), 0)
    elif look < 0.7:  # two faces
        light *= np.where(across < rng.uniform(0.2, 0.8), rng.uniform(0.5, 1), rng.uniform(0.5, 1)).astype(
            np.float32
        )
    light *= 1 - rng.uniform(0, 0.35) * down
    rough = rng.standard_normal((int(rng.integers(2, 12)), int(rng.integers(2, 12))), np.float32)
    light *= 1 + np.float32(rng.uniform(0, 0.1)) * cv2.resize(rough, size)
    skin = light[..., None] * base
    if rng.random() < 0.35:  # a band around it, white, black or of any colour
        at, half = rng.uniform(0.1, 0.9), rng.uniform(0.02, 0.09)
        band = (np.abs(down - at) < half).astype(np.float32)[..., None]
        ink = rng.uniform(0.6, 1) * np.ones(3) if rng.random() < 0.6 else rng.uniform(0, 0.9, 3)
        skin = skin * (1 - band) + band * light[..., None] * ink
    if rng.random() < 0.3:  # a highlight
        spot = np.exp(-(((across - rng.uniform(0.1, 0.9)) / 0.06) ** 2)) * np.ones_like(down)
        skin = skin + (spot * rng.uniform(0, 0.5))[..., None]
    return np.asarray(skin, np.float32)
