"""The things in a rendered room: boxes and round things, and the camera that draws them.

Places are in the frame of the room: metres, the target's centre at the origin, z up. All random numbers come
from the generator that is given.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.sight import Frame

Floats: TypeAlias = NDArray[np.float32]
Corners: TypeAlias = list[tuple[float, float]]
Color: TypeAlias = tuple[float, ...]

CAMERA_HEIGHT = 0.11
NEAR = 0.06  # metres; nothing nearer than this is drawn, except the target

# BGR. RED is the target's colour. COLORS have hues of 25 to 330 degrees, or are nearly grey: unlike RED.
RED: Color = (36, 26, 210)
COLORS: tuple[Color, ...] = (
    (25, 130, 228), (200, 96, 220), (75, 150, 45), (190, 110, 35), (45, 200, 235), (140, 140, 138),
    (105, 156, 188), (150, 165, 40), (150, 62, 112), (232, 234, 232), (52, 50, 48),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    """A camera in the room: its place, its direction, and its focal length and picture size in pixels."""

    x: float
    y: float
    cos: float
    sin: float
    focal: float
    width: int
    height: int

    def see(self, x: float, y: float) -> tuple[float, float]:
        """Return how far ahead of the camera and how far to its right a place on the floor is, m."""
        dx, dy = x - self.x, y - self.y
        return dx * self.cos + dy * self.sin, dx * self.sin - dy * self.cos

    def fill(self, image: Frame, corners: Sequence[tuple[float, float, float]], color: Color) -> None:
        """Draw a convex polygon of corners (ahead, right, z), m; parts behind the camera are cut off."""
        # Plain floats: for four corners they are several times faster than arrays.
        kept = []
        for i, (ahead, right, z) in enumerate(corners):
            if ahead >= NEAR:
                kept.append((ahead, right, z))
            next_ahead, next_right, next_z = corners[(i + 1) % len(corners)]
            if (ahead >= NEAR) != (next_ahead >= NEAR):
                t = (NEAR - ahead) / (next_ahead - ahead)
                kept.append((NEAR, right + t * (next_right - right), z + t * (next_z - z)))
        u = [self.width / 2 + right * self.focal / ahead for ahead, right, _ in kept]
        v = [self.height / 2 + (CAMERA_HEIGHT - z) * self.focal / ahead for ahead, _, z in kept]
        if kept and max(u) > 0 and min(u) < self.width and max(v) > 0 and min(v) < self.height:
            pixels = [(round(16 * i - 8), round(16 * j - 8)) for i, j in zip(u, v, strict=True)]
            cv2.fillConvexPoly(image, np.array(pixels, np.int32), color, cv2.LINE_AA, 4)


@dataclass(frozen=True, slots=True)
class Box:
    """An upright box: floor corners, counter-clockwise; height; colours of its sides and lid."""

    x: float
    y: float
    corners: Corners
    height: float
    colors: tuple[Color, ...]

    def draw(self, image: Frame, view: View) -> None:
        """Draw the sides that face the camera, and the lid if the camera is above it."""
        seen = [view.see(*corner) for corner in self.corners]
        if max(seen)[0] < NEAR:
            return
        for i, (x1, y1) in enumerate(self.corners):
            j = (i + 1) % 4
            x2, y2 = self.corners[j]
            if (y2 - y1) * (view.x - x1) > (x2 - x1) * (view.y - y1):
                low, high = (
                    ((*seen[i], 0.0), (*seen[j], 0.0)),
                    ((*seen[j], self.height), (*seen[i], self.height)),
                )
                view.fill(image, low + high, self.colors[i])
        if self.height < CAMERA_HEIGHT:
            view.fill(image, [(*corner, self.height) for corner in seen], self.colors[4])


@dataclass(frozen=True, slots=True)
class Turned:
    """A round thing, drawn as a sprite: premultiplied BGR, and the share of background seen through."""

    x: float
    y: float
    width: float
    height: float
    sprite: Frame
    holes: Frame

    def draw(self, image: Frame, view: View) -> None:
        """Draw the sprite upright, at the distance of the thing's middle."""
        ahead, right = view.see(self.x, self.y)
        if ahead < NEAR:
            return
        scale = view.focal / ahead
        w, h = max(round(self.width * scale), 1), max(round(self.height * scale), 1)
        left = round(view.width / 2 + (right - self.width / 2) * scale)
        top = round(view.height / 2 + (CAMERA_HEIGHT - self.height) * scale)
        x1, x2 = max(left, 0), min(left + w, view.width)
        y1, y2 = max(top, 0), min(top + h, view.height)
        if x1 < x2 and y1 < y2:
            part = np.s_[y1 - top : y2 - top, x1 - left : x2 - left]
            spot = image[y1:y2, x1:x2]
            seen = cv2.multiply(
                spot, cv2.resize(self.holes, (w, h), interpolation=cv2.INTER_AREA)[part], scale=1 / 255
            )
            spot[:] = cv2.add(seen, cv2.resize(self.sprite, (w, h), interpolation=cv2.INTER_AREA)[part])


def pick_color(rng: np.random.Generator, colors: tuple[Color, ...], spread: float = 0.08) -> Color:
    """Return one of the colours, a little lighter or darker."""
    color = np.array(colors[rng.integers(len(colors))]) * rng.normal(1, spread)
    return tuple(np.clip(color, 0, 250).tolist())


def square(x: float, y: float, length: float, width: float, turn: float) -> Corners:
    """Return the corners of a rectangle around (x, y), counter-clockwise."""
    a, b = length / 2, width / 2
    corners = ((a, -b), (a, b), (-a, b), (-a, -b))
    cos, sin = math.cos(turn), math.sin(turn)
    return [(x + cos * i - sin * j, y + sin * i + cos * j) for i, j in corners]


def make_turned(kind: str, color: Color, x: float, y: float, size: float) -> Turned:
    """Return a ball, bottle, cone, bin or pot; `size` is the height in metres."""
    n = 72
    t = (np.arange(n, dtype=np.float32) + 0.5) / n  # height from the top (0) to the bottom (1)
    colors = np.tile(np.array(color, np.float32), (n, 1))
    aspect = 1.0
    if kind == "ball":
        radius = np.sqrt(np.maximum(1 - (2 * t - 1) ** 2, 0))
    elif kind == "bottle":
        radius, aspect = np.interp(t, [0, 0.28, 0.42, 0.97, 1], [0.34, 0.36, 1, 1, 0.9]), 0.32
        colors[t < 0.1] = (225, 225, 225)
        colors[(t > 0.55) & (t < 0.8)] = (228, 230, 230)
    elif kind == "cone":
        radius, aspect = np.where(t < 0.93, 0.1 + 0.62 * t, 1.0), 0.6
        colors[(t > 0.35) & (t < 0.55)] = (235, 235, 235)
    elif kind == "bin":
        radius, aspect = np.interp(t, [0, 0.05, 0.06, 1], [1, 1, 0.95, 0.75]), 0.8
        colors[t < 0.05] *= 0.8
    else:
        leaves = 0.7 + 0.3 * np.sin(t * 47) * np.sin(t * 19 + size * 40)
        radius, aspect = (
            np.where(t < 0.66, np.sqrt(np.abs(np.sin(t / 0.7 * math.pi))) * leaves, 0.5 - 0.3 * (t - 0.66)),
            0.7,
        )
        colors[t < 0.66] = (58, 118, 62)
    radius = radius.astype(np.float32)
    across = np.linspace(-1, 1, n, dtype=np.float32)
    rise = np.gradient(radius) * n / 2 * aspect  # the normal points up where the radius grows downwards
    lean = 1 / np.sqrt(1 + rise**2)
    nx = np.clip(across / np.maximum(radius, 1e-3)[:, None], -1, 1)
    lit = lean[:, None] * (0.4 * nx + 0.7 * np.sqrt(1 - nx**2)) + (0.55 * lean * rise)[:, None]
    shade = 0.5 + 0.55 * np.maximum(lit, 0)
    solid = np.clip((radius[:, None] - np.abs(across)) * n / 2 + 0.5, 0, 1)
    sprite = np.clip(colors[:, None] * shade[:, :, None], 0, 255) * solid[:, :, None]
    holes = np.repeat(255 * (1 - solid)[:, :, None], 3, axis=2)
    return Turned(x, y, size * aspect, size, sprite.astype(np.uint8), holes.astype(np.uint8))


def make_box(rng: np.random.Generator, color: Color, x: float, y: float, size: Floats, light: float) -> Box:
    """Return a box of `size` (length, width, height), turned at random and lit from `light`."""
    turn = rng.uniform(0, math.pi / 2)
    shades = [0.72 + 0.22 * math.cos(turn + i * math.pi / 2 - light) for i in range(4)] + [1.0]
    colors = tuple(tuple(shade * c for c in color) for shade in shades)
    return Box(x, y, square(x, y, size[0], size[1], turn), float(size[2]), colors)


def make_things(
    rng: np.random.Generator, sides: Floats, light: float, clutter: int, distractors: int
) -> list[Box | Turned]:
    """Return the things by the walls, and the low things nearer to the target."""
    things: list[Box | Turned] = []
    for i in range(clutter + distractors):
        color = pick_color(rng, COLORS) if i < clutter else pick_color(rng, (RED,))
        wall, along = int(rng.integers(4)), rng.uniform(-2.2, 2.2)
        out = sides[wall] - 0.14
        x, y = ((out, along), (along, -out), (-out, along), (along, out))[wall]
        kind = str(rng.choice(["box", "box", "ball", "bottle", "cone", "bin", "plant"]))
        if kind == "box":
            size = rng.uniform((0.14, 0.12, 0.14), (0.24, 0.2, 0.5)).astype(np.float32)
            things.append(make_box(rng, color, x, y, size, light))
        else:
            low, high = {"ball": (0.15, 0.26), "bottle": (0.25, 0.35), "plant": (0.4, 0.8)}.get(
                kind, (0.25, 0.4)
            )
            things.append(make_turned(kind, color, x, y, rng.uniform(low, high)))
    for _ in range(clutter // 2):
        color, angle, away = (pick_color(rng, COLORS), rng.uniform(-math.pi, math.pi), rng.uniform(0.5, 1.9))
        x, y = away * math.cos(angle), away * math.sin(angle)
        if rng.random() < 0.4:
            things.append(make_turned("ball", color, x, y, rng.uniform(0.04, 0.08)))
        else:
            size = rng.uniform((0.05, 0.04, 0.02), (0.24, 0.16, 0.06)).astype(np.float32)
            things.append(make_box(rng, color, x, y, size, light))
    return things
