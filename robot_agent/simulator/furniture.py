"""What stands or hangs at the walls of a rendered room, painted as flat rectangles.

All random numbers come from the generator that is given. Colours are BGR, and none looks like the target.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from robot_agent.simulator.things import COLORS, Color, pick_color

Panel: TypeAlias = Callable[[float, float, float, float, Color], None]
"""Paints a rectangle of the unrolled walls: left, right, low and high, in metres, and its colour."""

Piece: TypeAlias = Callable[[np.random.Generator, Panel, float], float]
"""Paints a piece of furniture from a place on and returns its width, in metres."""

WOODS: tuple[Color, ...] = ((122, 160, 186), (88, 118, 142), (150, 184, 204), (70, 88, 104), (140, 150, 158))


def furnish(rng: np.random.Generator, panel: Panel, at: float) -> float:
    """Paint a door, a window, a radiator, shelves, a poster or a socket at `at`; return its width."""
    return PIECES[rng.choice(["door", "window", "radiator", "shelves", "poster", "poster", "socket"])](
        rng, panel, at
    )


def _door(rng: np.random.Generator, panel: Panel, at: float) -> float:
    leaf = pick_color(rng, ((225, 230, 232), (96, 128, 150), (120, 130, 120)))
    panel(at, at + 0.98, 0, 2.08, (215, 220, 222))
    panel(at + 0.06, at + 0.92, 0.01, 2.02, tuple(0.6 * v for v in leaf))
    panel(at + 0.07, at + 0.91, 0.01, 2.01, leaf)
    for low, high in ((0.15, 0.85), (1.05, 1.85)):
        panel(at + 0.2, at + 0.78, low, high, tuple(0.82 * v for v in leaf))
        panel(at + 0.22, at + 0.78, low, high - 0.02, tuple(0.95 * v for v in leaf))
    panel(at + 0.11, at + 0.2, 1.0, 1.03, (120, 124, 126))
    return 0.98


def _window(rng: np.random.Generator, panel: Panel, at: float) -> float:
    panel(at, at + 1.2, 0.5, 2.1, (232, 234, 234))
    panel(at - 0.04, at + 1.24, 0.46, 0.5, (200, 204, 206))
    for i, high in enumerate(np.linspace(0.56, 2.04, 12)[:-1]):
        sky = (250, 236 - 2 * i, 214 - 4 * i) if i > 2 else (96, 140, 120)
        panel(at + 0.06, at + 0.57, high, high + 0.14, sky)
        panel(at + 0.63, at + 1.14, high, high + 0.14, sky)
    return 1.24


def _radiator(rng: np.random.Generator, panel: Panel, at: float) -> float:
    for left in np.arange(at, at + 0.95, 0.08):
        panel(left, left + 0.065, 0.14, 0.68, (234, 236, 236))
        panel(left + 0.065, left + 0.08, 0.16, 0.66, (150, 154, 156))
    return 0.96


def _shelves(rng: np.random.Generator, panel: Panel, at: float) -> float:
    wood = pick_color(rng, WOODS)
    panel(at, at + 0.8, 0, 1.6, wood)
    for low in (0.06, 0.45, 0.84, 1.23):
        panel(at + 0.03, at + 0.77, low, low + 0.34, tuple(0.4 * v for v in wood))
        left = at + 0.04
        while left < at + 0.70:
            thick, high = rng.uniform(0.02, 0.06), rng.uniform(0.18, 0.3)
            if rng.random() < 0.85:
                book = tuple(0.8 * v for v in pick_color(rng, COLORS))
                panel(left, left + thick, low, low + high, book)
            left += thick
    return 0.8


def _poster(rng: np.random.Generator, panel: Panel, at: float) -> float:
    wide, low = rng.uniform(0.4, 0.7), rng.uniform(0.35, 0.9)
    high = low + wide * 1.3
    frame = pick_color(rng, ((60, 60, 60), (235, 235, 235)))
    panel(at - 0.02, at + wide + 0.02, low - 0.02, high + 0.02, frame)
    panel(at, at + wide, low, high, pick_color(rng, COLORS))
    for _ in range(4):
        x, y = rng.uniform(0, 0.6 * wide), rng.uniform(0, 0.7 * wide)
        w, h = rng.uniform(0.1, 0.4, 2) * wide
        panel(at + x, at + x + w, low + y, low + y + h, pick_color(rng, COLORS))
    return float(wide)


def _socket(rng: np.random.Generator, panel: Panel, at: float) -> float:
    panel(at, at + 0.08, 0.28, 0.36, (236, 236, 236))
    panel(at + 0.02, at + 0.06, 0.3, 0.34, (205, 205, 205))
    return 0.08


PIECES: dict[str, Piece] = {
    "door": _door,
    "window": _window,
    "radiator": _radiator,
    "shelves": _shelves,
    "poster": _poster,
    "socket": _socket,
}
"""The pieces by name."""
