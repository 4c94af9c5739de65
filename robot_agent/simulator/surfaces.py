"""The surfaces of a rendered room: floor, walls, light and the target's skin, as textures made with NumPy.

Places are in the frame of the room, as in `things`. All random numbers come from the generator that is given.
"""

import math
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from robot_agent.simulator.furniture import WOODS, furnish
from robot_agent.simulator.things import COLORS, RED, Box, Color, Corners, Floats, Turned, pick_color, square
from vision.sight import Frame

if TYPE_CHECKING:
    from cv2.typing import MatLike  # OpenCV as Debian packages it has no such module

CEILING = 2.5
WALL_PIXELS = 96  # per metre
TILE, TILE_PIXELS = 512, 400  # the floor's repeating texture: its side, and its pixels per metre
MIPMAP = (0.5, 0.85, 1.4, 2.3)  # metres ahead beyond which the next coarser floor texture is used
LIGHT_PIXELS, LIGHT_ONE = 50, 150  # the map of light on the floor: per metre, and "as it is"
SKIN = (192, 256)  # pixels of the target's texture, up and around

# BGR. As COLORS, nothing here may look like the target.
PAINTS: tuple[Color, ...] = (
    (222, 228, 230), (202, 220, 230), (226, 216, 202), (202, 220, 206), (188, 194, 196),
    (196, 212, 224), (214, 200, 190), (190, 214, 214),
)  # fmt: skip


def as_texture(image: "MatLike") -> Frame:
    """Return the image with a fourth, unused channel: OpenCV warps four 2.5 times faster than three."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2BGRA), np.uint8)


def clouds(rng: np.random.Generator, rows: int, columns: int, size: tuple[int, int]) -> Floats:
    """Return smooth noise of shape `size` = (height, width) that repeats; standard deviation below 1."""
    coarse = np.pad(rng.standard_normal((rows, columns), np.float32), 2, mode="wrap")
    y, x = size[0] // rows, size[1] // columns
    fine = cv2.resize(coarse, None, fx=x, fy=y, interpolation=cv2.INTER_LINEAR)
    return fine[2 * y : 2 * y + size[0], 2 * x : 2 * x + size[1]].astype(np.float32, copy=False)


def make_floor(rng: np.random.Generator) -> tuple[list[Frame], float]:
    """Return a repeating floor texture, (TILE + 1, TILE + 1, 4), its coarser versions, and its gloss."""
    size = (TILE, TILE)
    gloss = 0.0
    kind = rng.choice(["planks", "planks", "tiles", "carpet", "concrete"])
    grain = clouds(rng, 256, 256, size)
    if kind == "planks":
        color, gloss = pick_color(rng, WOODS), rng.uniform(0.05, 0.2)
        wide = int(rng.choice([32, 64]))
        shade = 1 + 0.05 * clouds(rng, 256, 8, size) + 0.02 * grain + 0.03 * clouds(rng, 64, 4, size)
        for y in range(0, TILE, wide):
            ends = np.sort((rng.integers(0, TILE) + np.array([0, TILE * 0.5])) % TILE).astype(int)
            for part in (np.s_[ends[0] : ends[1]], np.s_[: ends[0]], np.s_[ends[1] :]):
                shade[y : y + wide, part] *= 1 + (0.08 if part.start else 0.0) * rng.normal()
            shade[y : y + wide, ends] *= 0.6
            shade[y : y + 2] *= 0.6
    elif kind == "tiles":
        color = pick_color(rng, ((205, 212, 214), (150, 158, 160), (176, 190, 200), (120, 112, 104)))
        wide, gloss = int(rng.choice([64, 128])), rng.uniform(0.1, 0.28)
        n = TILE // wide
        checks = np.indices((n, n)).sum(axis=0) % 2 * rng.choice([0.0, 0.35])
        each = (1 + 0.03 * rng.standard_normal((n, n)) - checks).astype(np.float32)
        shade = cv2.resize(each, size, interpolation=cv2.INTER_NEAREST).astype(np.float32)
        shade += 0.03 * clouds(rng, 32, 32, size) + 0.012 * grain
        joint = rng.choice([0.65, 1.2])
        for y in range(0, TILE, wide):
            shade[y : y + 3] = shade[:, y : y + 3] = joint
    elif kind == "carpet":
        color = pick_color(
            rng, ((128, 118, 110), (110, 124, 132), (130, 110, 82), (96, 120, 100), (140, 150, 156))
        )
        shade = (
            1 + 0.13 * grain + 0.05 * clouds(rng, 16, 16, size) + 0.06 * rng.standard_normal(size, np.float32)
        )
    else:
        color = pick_color(rng, ((150, 154, 156), (124, 128, 130), (168, 176, 180)))
        shade = 1 + 0.05 * clouds(rng, 8, 8, size) + 0.035 * clouds(rng, 32, 32, size) + 0.035 * grain
    floor = cv2.merge([np.clip(shade * c, 0, 255).astype(np.uint8) for c in color])
    levels = [floor]
    for _ in MIPMAP:
        levels.append(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    # One more row and column, so that interpolation has a neighbour where the texture repeats.
    return [np.pad(as_texture(level), ((0, 1), (0, 1), (0, 0)), mode="wrap") for level in levels], float(
        gloss
    )


def make_flats(rng: np.random.Generator) -> list[tuple[Corners, Color]]:
    """Return what lies flat on the floor near the target: a rug, sheets of paper, lines of tape."""
    flats: list[tuple[Corners, Color]] = []
    colors = COLORS[2:]  # no pink, no orange: faded and in warm light they look too much like red
    turn = rng.uniform(0, math.pi)
    x, y = rng.uniform(-0.9, 0.9, 2)
    if rng.random() < 0.5:
        length, width = rng.uniform(1.0, 1.8), rng.uniform(0.7, 1.2)
        base, stripe = pick_color(rng, colors), pick_color(rng, colors)
        base, stripe = (tuple(0.55 * c + 60 for c in color) for color in (base, stripe))
        flats.append((square(x, y, length, width, turn), stripe))
        flats.append((square(x, y, length - 0.1, width - 0.1, turn), base))
        for shift in np.linspace(-0.3, 0.3, int(rng.integers(0, 5))):
            dx, dy = shift * length * math.cos(turn), shift * length * math.sin(turn)
            flats.append((square(x + dx, y + dy, 0.06, width - 0.1, turn), stripe))
    for _ in range(int(rng.integers(0, 3))):
        a, b = rng.uniform(-1.2, 1.2, 2)
        flats.append(
            (
                square(a, b, 0.297, 0.21, rng.uniform(0, math.pi)),
                pick_color(rng, ((236, 238, 236), *colors), 0.03),
            )
        )
    if rng.random() < 0.4:
        a, b = rng.uniform(-0.8, 0.8, 2)
        flats.append(
            (square(a, b, rng.uniform(1, 3), 0.04, rng.uniform(0, math.pi)), pick_color(rng, colors))
        )
    return flats


def make_floor_light(
    rng: np.random.Generator, sides: Floats, light: float, radius: float, things: list[Box | Turned]
) -> Frame:
    """Return gradient, sun and shadows on the floor, (H, W, 4); LIGHT_ONE leaves a colour as it is."""
    a, b, c, d = (float(side) for side in sides)
    height, width = round((b + d) * LIGHT_PIXELS), round((a + c) * LIGHT_PIXELS)
    y, x = np.ogrid[0:height, 0:width]
    px, py = (x / LIGHT_PIXELS - c).astype(np.float32), (y / LIGHT_PIXELS - b).astype(np.float32)
    gain = 1 + rng.uniform(0.03, 0.08) * (px * math.cos(light) + py * math.sin(light))
    gain += 0.06 * cv2.resize(
        rng.standard_normal((5, 5), np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    edge = np.minimum(np.minimum(a - px, c + px), np.minimum(d - py, b + py))
    gain *= 1 - 0.35 * np.exp(-np.maximum(edge, 0) / 0.15)

    k = 16 * LIGHT_PIXELS

    def pixels(corners: Corners) -> NDArray[np.int32]:
        return np.array([[(x + c) * k, (y + b) * k] for x, y in corners]).astype(np.int32)

    dark = np.zeros((height, width), np.float32)
    away = (-math.cos(light), -math.sin(light))
    for thing in things:
        wide = thing.width if isinstance(thing, Turned) else float(np.ptp(thing.corners, axis=0).mean())
        spot = square(
            thing.x + 0.2 * wide * away[0], thing.y + 0.2 * wide * away[1], 1.2 * wide, 1.1 * wide, light
        )
        cv2.fillConvexPoly(dark, pixels(spot), 0.5, cv2.LINE_AA, 4)
    long = rng.uniform(0.3, 0.7)
    cast = square(away[0] * long / 2, away[1] * long / 2, long, 1.9 * radius, light)
    cv2.fillConvexPoly(dark, pixels(cast), 0.38, cv2.LINE_AA, 4)
    near = np.maximum(np.hypot(px, py) - radius, 0)
    shadow = np.maximum(cv2.GaussianBlur(dark, (0, 0), 0.04 * LIGHT_PIXELS), 0.6 * np.exp(-near / 0.03))
    gain = gain * (1 - shadow)
    sun = np.zeros((height, width), np.float32)
    if rng.random() < 0.5:
        at_x, at_y = rng.uniform(-1.5, 1.5, 2)
        for i in (-0.3, 0.3):
            pane = square(at_x + i * away[1], at_y - i * away[0], 1.2, 0.5, light)
            cv2.fillConvexPoly(sun, pixels(pane), float(rng.uniform(0.2, 0.45)), cv2.LINE_AA, 4)
        sun = np.asarray(cv2.GaussianBlur(sun, (0, 0), 0.03 * LIGHT_PIXELS) * (1 - shadow), np.float32)
    channels = [np.clip((gain + sun * s) * LIGHT_ONE, 40, 250).astype(np.uint8) for s in (0.75, 0.95, 1.05)]
    return as_texture(cv2.merge(channels))


def make_walls(rng: np.random.Generator, sides: Floats, light: float) -> Frame:
    """Return the four walls unrolled, left to right as seen from inside, ceiling at the top."""
    a, b, c, d = (float(side) for side in sides)
    lengths = (d + b, a + c, b + d, c + a)
    height, width = round(CEILING * WALL_PIXELS), math.ceil(sum(lengths) * WALL_PIXELS)
    paint, board = (
        pick_color(rng, PAINTS, 0.03),
        pick_color(rng, ((230, 232, 232), (196, 202, 206), (86, 104, 120)), 0.03),
    )
    walls = np.full((height, width, 3), paint, np.uint8)

    def panel(left: float, right: float, low: float, high: float, color: Color) -> None:
        """Paint a rectangle of the unrolled walls, in metres."""
        x1, x2 = round(left * WALL_PIXELS), round(right * WALL_PIXELS)
        walls[height - round(high * WALL_PIXELS) : height - round(low * WALL_PIXELS), x1:x2] = color

    start = 0.0
    gain = np.ones((1, width), np.float32)
    papered = rng.choice(["plain", "plain", "stripes", "half"])
    second = pick_color(rng, PAINTS)
    for i, length in enumerate(lengths):
        if papered == "stripes":
            for left in np.arange(start, start + length - 0.1, 0.2):
                panel(left, left + 0.1, 0, CEILING, second)
        elif papered == "half":
            panel(start, start + length, 0, 0.85, second)
            panel(start, start + length, 0.85, 0.9, board)
        panel(start, start + length, 0, 0.08, board)
        panel(start, start + length, 0.08, 0.09, tuple(0.75 * v for v in board))
        at = start + rng.uniform(0.2, 0.6)
        while at < start + length - 1.3:
            at += furnish(rng, panel, at) + rng.uniform(0.3, 1.0)
        here = np.arange(round(start * WALL_PIXELS), min(round((start + length) * WALL_PIXELS), width))
        corner = np.minimum(here / WALL_PIXELS - start, start + length - here / WALL_PIXELS)
        gain[0, here] = 0.88 - 0.1 * math.cos(light + i * math.pi / 2) - 0.16 * np.exp(-corner / 0.3)
        start += length
    fall = np.linspace(1.04, 0.9, height, dtype=np.float32)[:, None]
    blotch = cv2.resize(
        rng.standard_normal((6, 40), np.float32), (width, height), interpolation=cv2.INTER_LINEAR
    )
    shade = np.clip((gain * fall + 0.015 * blotch) * 200, 0, 255).astype(np.uint8)
    walls = np.asarray(cv2.multiply(walls, cv2.merge([shade] * 3), scale=1 / 200), np.uint8)
    walls[:6] = (226, 230, 230)
    return as_texture(walls)


def make_skin(rng: np.random.Generator, light: float) -> Frame:
    """Return the target's surface unrolled, (up, around, 4): red, lit from one side, worn."""
    rows, columns = SKIN
    turn = np.arange(columns + 1, dtype=np.float32) * (2 * math.pi / columns) - light
    lit = 0.56 + 0.5 * (0.5 + 0.5 * np.cos(turn)) ** 2
    z = np.linspace(1, 0, rows, dtype=np.float32)[:, None]
    wear = cv2.resize(rng.standard_normal((24, 32), np.float32), (columns + 1, rows))
    shade = lit * (0.82 + 0.18 * np.minimum(z / 0.3, 1)) * (1 + 0.02 * wear)
    shade[z[:, 0] > 0.975] *= 0.8
    if rng.random() < 0.5:  # ribs, as a drum has
        for rib in (0.3, 0.62):
            up = (z - rib) / 0.012
            shade *= 1 + 0.2 * (np.exp(-((up - 1) ** 2)) - np.exp(-((up + 1) ** 2)))
    skin = (
        np.array(RED, np.float32)
        * shade[:, :, None]
        * (1 + rng.normal(0, (0.1, 0.1, 0.03))).astype(np.float32)
    )
    if rng.random() < 0.6:
        middle, half = rng.uniform(0.55, 0.8), rng.uniform(0.02, 0.045)
        skin[np.abs(z[:, 0] - middle) < half] = 0
        skin += (np.abs(z - middle) < half)[:, :, None] * (
            lit[None, :, None] * np.array((222, 224, 224), np.float32)
        )
    gloss = rng.uniform(0.0, 0.25) * np.maximum(np.cos(turn), 0) ** 60
    return as_texture(np.clip(skin + 190 * gloss[None, :, None], 0, 255).astype(np.uint8))
