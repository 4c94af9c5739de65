"""The picture a simulated robot's camera sees: a closed room, the things in it, and the target.

Everything is placed in the frame of the room: metres, the target's centre at the origin, z up.
`Scene.draw` turns the robot's pose into that frame, so a room stands at any angle to the world.

A column of the picture is a vertical plane through the camera. Walls and target are found with
one ray per column, which gives their edges exactly; the floor is one homography; other things are
flat patches, boxes and sprites. Column j covers [j, j + 1), and a ray at angle a to the right of
the optical axis meets the picture at u = width / 2 * (1 + tan(a) / tan(field_of_view / 2)).
"""

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from robot_agent.simulator.projection import Projection
from robot_agent.simulator.surfaces import (
    CEILING,
    LIGHT_ONE,
    LIGHT_PIXELS,
    MIPMAP,
    SKIN,
    TILE,
    TILE_PIXELS,
    WALL_PIXELS,
    make_flats,
    make_floor,
    make_floor_light,
    make_skin,
    make_walls,
)
from robot_agent.simulator.things import CAMERA_HEIGHT, View, make_things
from vision.sight import Frame

if TYPE_CHECKING:
    from cv2.typing import MatLike  # OpenCV as Debian packages it has no such module

TARGET_HEIGHT = 0.24
"""Height of the target, m."""


class Scene:
    """A room with the target in it, as a robot's camera sees it.

    Each state of the generator gives another room: floor, walls, light and things.
    `target_width` is in metres. `clutter` things of other colours stand by the walls, and half as many
    low things nearer to the target; `distractors` further things by the walls have the target's own colour.
    Nothing hides the sides of the target from a camera within 2.3 m of it: what stands nearer than the
    walls is lower than the camera, so it ends below the horizon, and the target rises above that.
    """

    def __init__(
        self, rng: np.random.Generator, *, target_width: float = 0.20, clutter: int = 5, distractors: int = 0
    ) -> None:
        """Furnish the room with random numbers from `rng`."""
        self._radius = target_width / 2
        self._turn = float(rng.uniform(-math.pi, math.pi))
        self._sides = rng.uniform(2.65, 3.2, 4).astype(np.float32)  # x <= a, y >= -b, x >= -c, y <= d
        light = float(rng.uniform(-math.pi, math.pi))
        self._warmth = float(np.clip(rng.normal(0, 0.05), -0.12, 0.12))
        self._exposure = float(rng.uniform(0.8, 1.06))
        self._phase = rng.uniform(0, 2 * math.pi, 2)
        self._grain = float(rng.uniform(0.3, 0.8))
        self._things = make_things(rng, self._sides, light, clutter, distractors)
        self._flats = make_flats(rng)
        self._floor, self._gloss = make_floor(rng)
        self._light = make_floor_light(rng, self._sides, light, self._radius, self._things)
        self._walls = make_walls(rng, self._sides, light)
        self._skin = make_skin(rng, light)

    def draw(
        self,
        x: float,
        y: float,
        heading: float,
        *,
        rng: np.random.Generator,
        camera_yaw: float = 0.0,
        field_of_view: float = math.radians(62.2),
        width: int = 320,
        height: int = 240,
    ) -> Frame:
        """Return the picture, (height, width, 3) uint8 BGR, taken at (x, y) in the direction `heading`.

        `x` and `y` are in metres; `heading` in radians, counter-clockwise. `camera_yaw` turns the camera to
        the right of the heading, radians. `rng` gives what differs between two pictures from the same
        place: flicker and noise.
        """
        cos, sin = math.cos(self._turn), math.sin(self._turn)
        angle = heading - camera_yaw - self._turn
        focal = width / 2 / math.tan(field_of_view / 2)
        x_room, y_room = x * cos + y * sin, y * cos - x * sin
        view = View(x_room, y_room, math.cos(angle), math.sin(angle), focal, width, height)
        image = np.empty((height, width, 3), np.uint8)
        self._draw_room(image, view)
        things = [(math.hypot(thing.x - view.x, thing.y - view.y), thing.draw) for thing in self._things]
        things.append((math.hypot(view.x, view.y), self._draw_target))
        for _, draw in sorted(things, key=lambda pair: -pair[0]):
            draw(image, view)
        return self._expose(image, x + y, heading, rng)

    def _draw_room(self, image: Frame, view: View) -> None:
        """Draw floor and walls; every pixel of `image` is written."""
        a, b, c, d = self._sides
        slope = (np.arange(view.width, dtype=np.float32) + 0.5 - view.width / 2) / view.focal
        dx, dy = view.cos + slope * view.sin, view.sin - slope * view.cos
        with np.errstate(divide="ignore"):
            to_x = (np.where(dx > 0, a, -c) - view.x) / dx
            to_y = (np.where(dy > 0, d, -b) - view.y) / dy
        depth = np.clip(np.minimum(to_x, to_y), 0.15, 20)
        hit_x, hit_y = view.x + dx * depth, view.y + dy * depth
        along = np.where(  # position along the unrolled walls, left to right as seen from inside
            to_x < to_y,
            np.where(dx > 0, d - hit_y, d + b + a + c + hit_y + b),
            np.where(dy < 0, d + b + a - hit_x, 2 * (d + b) + a + c + hit_x + c),
        )
        foot = view.height / 2 + CAMERA_HEIGHT * view.focal / depth
        first, last = int(foot.min()), min(math.ceil(foot.max()), view.height)
        if first < view.height:
            self._draw_floor(image, view, first)
        v = np.arange(last, dtype=np.float32)[:, None] + 0.5
        map_y = (v - view.height / 2) * (depth * (WALL_PIXELS / view.focal))
        map_y += (CEILING - CAMERA_HEIGHT) * WALL_PIXELS - 0.5
        np.clip(map_y, 0, self._walls.shape[0] - 2, out=map_y)
        map_x = np.clip(along * WALL_PIXELS - 0.5, 0, self._walls.shape[1] - 2).astype(np.float32)
        wall = cv2.remap(self._walls, np.tile(map_x, (last, 1)), map_y, cv2.INTER_LINEAR)
        wall = cv2.cvtColor(wall, cv2.COLOR_BGRA2BGR)
        image[:first] = wall[:first]
        if first < last:
            cv2.copyTo(wall[first:], (v[first:] < foot).astype(np.uint8), image[first:last])

    def _draw_floor(self, image: Frame, view: View, first: int) -> None:
        """Draw the floor, what lies flat on it, and the light on both, from row `first` down."""
        # Where on the floor each pixel is, in metres. Maps that stay inside their texture keep
        # OpenCV on its fast path (four times faster), hence the mask and the clips.
        u = np.arange(view.width, dtype=np.float32) + np.float32(0.5 - view.width / 2)
        v = np.arange(first, view.height, dtype=np.float32)[:, None] + np.float32(0.5 - view.height / 2)
        rise = CAMERA_HEIGHT / v
        x = rise * (view.focal * view.cos + u * view.sin) + view.x
        y = rise * (view.focal * view.sin - u * view.cos) + view.y
        stop = view.height
        for level, reach in enumerate((*MIPMAP, 100.0)):
            start = max(math.ceil(view.height / 2 + CAMERA_HEIGHT * view.focal / reach), first)
            if start < stop:
                scale = TILE_PIXELS / 2**level
                part = np.s_[start - first : stop - first]
                whole, rest = cv2.convertMaps(x[part] * scale, y[part] * scale, cv2.CV_16SC2)
                whole &= TILE // 2**level - 1  # the index wraps around, because the texture repeats
                floor = cv2.remap(self._floor[level], whole, rest, cv2.INTER_LINEAR)
                image[start:stop] = cv2.cvtColor(floor, cv2.COLOR_BGRA2BGR)
                stop = start
        for corners, color in self._flats:
            view.fill(image, [(*view.see(*corner), 0.0) for corner in corners], color)
        # Light is smooth, so it is computed for a quarter of the pixels.
        height, width = self._light.shape[:2]
        map_x = np.clip((x[::2, ::2] + self._sides[2]) * LIGHT_PIXELS, 0, width - 2)
        map_y = np.clip((y[::2, ::2] + self._sides[1]) * LIGHT_PIXELS, 0, height - 2)
        light = cv2.cvtColor(cv2.remap(self._light, map_x, map_y, cv2.INTER_LINEAR), cv2.COLOR_BGRA2BGR)
        light = cv2.resize(light, (view.width, view.height - first))
        cv2.multiply(image[first:], light, dst=image[first:], scale=1 / LIGHT_ONE)

    def _draw_target(self, image: Frame, view: View) -> None:
        """Draw the target, its edges exact to a fraction of a pixel, unless it is out of sight."""
        ahead, right = view.see(0, 0)
        distance = math.hypot(ahead, right)
        # A camera inside the target would see nothing: keep the camera just outside.
        if distance < 1.02 * self._radius:
            push = 1.02 * self._radius / max(distance, 1e-6)
            ahead, right, distance = ahead * push, right * push, 1.02 * self._radius
        edges = Projection(self._radius, view.focal).edges(complex(ahead, right)) + view.width / 2
        left_edge, right_edge = np.clip(edges, 0.0, view.width).tolist()
        if left_edge >= right_edge:
            return
        u1, u2 = max(int(left_edge), 0), min(math.ceil(right_edge), view.width)
        column = np.arange(u1, u2, dtype=np.float32)
        slope = (column + 0.5 - view.width / 2) / view.focal
        square, across = 1 + slope**2, ahead + slope * right
        depth = across - np.sqrt(np.maximum(across**2 - square * (distance**2 - self._radius**2), 0))
        depth = np.maximum(depth / square, 1e-3)
        bottom = view.height / 2 + CAMERA_HEIGHT * view.focal / depth
        top = view.height / 2 + (CAMERA_HEIGHT - TARGET_HEIGHT) * view.focal / depth
        tall = bottom - top
        v1 = max(int(top.min()), 0)
        v2 = min(math.ceil((bottom + (0.5 * tall if self._gloss else 0)).max()), view.height)
        row = np.arange(v1, v2, dtype=np.float32)[:, None]
        # Vector from the target's centre to the point that the ray hits, in the room's frame.
        out, side = depth - ahead, depth * slope - right
        turn = np.arctan2(out * view.sin - side * view.cos, out * view.cos + side * view.sin)
        map_x = np.tile((turn / (2 * math.pi) % 1 * SKIN[1]).astype(np.float32), (v2 - v1, 1))
        # Below the bottom the texture is mirrored, as a reflection in the floor.
        map_y = ((row + 0.5 - top) * (SKIN[0] / tall) - 0.5).astype(np.float32)
        map_y = np.clip(np.minimum(map_y, 2 * SKIN[0] - 1 - map_y), 0, SKIN[0] - 2)
        skin = cv2.remap(self._skin, map_x, map_y, cv2.INTER_LINEAR)
        skin = cv2.cvtColor(skin, cv2.COLOR_BGRA2BGR)
        cover = np.minimum(column + 1, right_edge) - np.maximum(column, left_edge)
        below = bottom - row
        solid = np.clip(np.minimum(below, row + 1 - top), 0, 1)
        if self._gloss:
            solid = np.maximum(solid, self._gloss * np.clip(1 + below * (2 / tall), 0, 1) * (row >= top))
        cover = solid * (255 * cover)
        alpha = cv2.cvtColor(cover.astype(np.uint8), cv2.COLOR_GRAY2BGR)
        spot = image[v1:v2, u1:u2]
        hidden = cv2.multiply(spot, cv2.bitwise_not(alpha), scale=1 / 255)
        spot[:] = cv2.add(hidden, cv2.multiply(skin, alpha, scale=1 / 255))

    def _expose(self, image: "MatLike", place: float, heading: float, rng: np.random.Generator) -> Frame:
        """Return the image with the effects of lens and sensor: blur, exposure, vignetting, noise."""
        height, width = image.shape[:2]
        # Exposure and white balance follow what is in view, so they drift with the pose.
        drift = np.sin(self._phase + heading + place)
        exposure = self._exposure * (1 + 0.05 * drift[0] + rng.normal(0, 0.01))
        lens = _lens(width, height, round(100 * (self._warmth + 0.03 * drift[1])))
        image = cv2.multiply(cv2.GaussianBlur(image, (3, 3), 0.55), lens, scale=1 / 200)
        i, j = rng.integers(0, 64, 2)
        grain = _grain(width, height)[i : i + height, j : j + width]
        noisy = cv2.addWeighted(image, exposure, grain, self._grain, -128 * self._grain)
        return np.asarray(noisy, np.uint8)


@lru_cache(maxsize=64)
def _lens(width: int, height: int, warmth: int) -> Frame:
    """Return the share of light that reaches the sensor, (height, width, 3); 200 means all of it.

    The corners are darker, and the light is `warmth` percent warmer than white.
    """
    v, u = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    tint = np.array([1 - 0.014 * warmth, 1, 1 + 0.01 * warmth])
    lens = np.clip(200 * (1 - 0.09 * (u * u + v * v))[:, :, None] * tint, 0, 255)
    return np.asarray(lens, np.uint8)


@lru_cache(maxsize=8)
def _grain(width: int, height: int) -> Frame:
    """Return noise around 128; each picture uses a random part of it, because new noise costs 2 ms."""
    rng = np.random.default_rng(0)
    size = (height + 64, width + 64)
    luma, chroma = rng.normal(0, 5, (*size, 1)), rng.normal(0, 3, (*size, 3))
    return np.clip(128 + luma + chroma, 0, 255).astype(np.uint8)
