"""A film of an episode: what the robot saw, and beside it the robot's way seen from above.

The film runs as fast as the robot drove: each picture is shown for as long as the pulse after it took.
"""

import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from robot_agent.datasets.moves import KeptEpisode
from robot_agent.datasets.video import Video, decode
from robot_agent.datasets.way import reckon
from robot_agent.simulator.physics import Physics
from robot_agent.simulator.projection import focal_length, place_of_edges
from vision.sight import Frame, Sight, draw_sight

FPS = 20
HEIGHT = 480
"""Height of the film, and width of the view from above, pixels."""
FOOT = 56
"""Height of the lines of text below the pictures, pixels."""
END_SECONDS = 1.5
"""Seconds for which the last picture stays."""
MARGIN = 0.25
"""Margin around the view from above, m."""

PAPER, INK, QUIET, WAY, GOOD = (250, 248, 246), (41, 37, 31), (160, 148, 138), (235, 99, 37), (88, 157, 15)
"""Colours, BGR."""


def write_film(place: Path, episode: KeptEpisode, physics: Physics, goal: Sight) -> None:
    """Write an MP4 file of an episode whose pictures are kept.

    Args:
        place: the file.
        episode: the episode, with its pictures.
        physics: speed and wheel base of the robot, from which its way is computed.
        goal: the sight to reach, which is drawn over the pictures.
    """
    above = _Above(episode, physics)
    with Video(place, FPS, keyframes=FPS) as film:
        for step, frame in enumerate(decode(episode.pictures)):
            x1, x2 = episode.sights[step].tolist()
            seen = draw_sight(frame, Sight(x1, x2) if x1 >= 0 else None, goal)
            scale = HEIGHT / seen.shape[0]
            size = round(seen.shape[1] * scale), HEIGHT
            seen = np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_CUBIC), np.uint8)
            lines = _lines(episode, step)
            last = step == len(episode)
            seconds = END_SECONDS if last else float(episode.pulses[step, 2])
            count = max(1, round(seconds * FPS))
            for tick in range(count):
                share = 0.0 if last else tick / count
                film.add(_sheet(seen, above.draw(step, share), lines))


def _lines(episode: KeptEpisode, step: int) -> tuple[str, str]:
    """Return the two lines of text below the pictures."""
    first = f"Run {episode.run}, episode {episode.number}"
    if step == len(episode):
        total = float(episode.rewards.sum())
        return f"{first}: {episode.ending} after {step} moves", f"total reward {total:+.2f}"
    left, right, seconds = episode.pulses[step].tolist()
    who = ", by a person" if episode.authors[step] == "person" else ""
    pulse = f"left {left:+.0%}, right {right:+.0%} for {seconds:.2f} s{who}"
    return f"{first}, move {step + 1} of {len(episode)}", pulse


def _sheet(seen: Frame, above: Frame, lines: tuple[str, str]) -> Frame:
    """Put picture, view from above and text together."""
    width = seen.shape[1] + above.shape[1]
    foot = np.full((FOOT, width, 3), PAPER, np.uint8)
    for number, line in enumerate(lines):
        place = (12, 22 + 24 * number)
        cv2.putText(foot, line, place, cv2.FONT_HERSHEY_SIMPLEX, 0.55, INK, 1, cv2.LINE_AA)
    return np.concatenate([np.concatenate([seen, above], axis=1), foot])


class _Above:
    """The view from above: the way so far, the robot, and the target where the first sight puts it."""

    def __init__(self, episode: KeptEpisode, physics: Physics) -> None:
        self._physics, self._pulses = physics, episode.pulses
        self._poses = reckon(episode.pulses, physics)
        self._target: complex | None = None
        seen = np.flatnonzero((episode.sights[:, 0] > 0) & (episode.sights[:, 1] < 41))
        if len(seen):  # take the first sight that is not cut off
            step = int(seen[0])
            x1, x2 = episode.sights[step].astype(float)
            distance, bearing = place_of_edges(
                x1, x2 + 1, physics.target_radius, focal_length(physics.field_of_view)
            )
            x, y, heading = self._poses[step]
            angle = heading - float(bearing) - physics.camera_yaw
            self._target = complex(x, y) + float(distance) * np.exp(1j * angle)
        places = self._poses[:, 0] + 1j * self._poses[:, 1]
        if self._target is not None:
            places = np.append(places, self._target)
        low = complex(places.real.min(), places.imag.min())
        high = complex(places.real.max(), places.imag.max())
        self._middle = (low + high) / 2
        self._scale = HEIGHT / (max((high - low).real, (high - low).imag) + 2 * MARGIN)

    def _pixel(self, place: Any) -> tuple[int, int]:
        """Return the pixel of a place; ahead of the start is up."""
        off = (place - self._middle) * self._scale
        return round(HEIGHT / 2 - off.imag), round(HEIGHT / 2 - off.real)

    def draw(self, step: int, share: float) -> Frame:
        """Draw the view after a number of moves and a share of the next one."""
        view = np.full((HEIGHT, HEIGHT, 3), PAPER, np.uint8)
        poses = self._poses[: step + 1]
        if share:
            part = self._pulses[step : step + 1] * np.array([1, 1, share], np.float32)
            poses = np.concatenate([poses, [_onward(poses[-1], reckon(part, self._physics)[1])]])
        if self._target is not None:
            radius = round(self._physics.target_radius * self._scale)
            cv2.circle(view, self._pixel(self._target), radius, GOOD, -1, cv2.LINE_AA)
        corners = np.array([self._pixel(complex(x, y)) for x, y, _ in poses], np.int32)
        cv2.polylines(view, [corners], False, WAY, 2, cv2.LINE_AA)
        for corner in corners[: step + 1]:
            cv2.circle(view, tuple(corner.tolist()), 3, WAY, -1, cv2.LINE_AA)
        x, y, heading = poses[-1]
        size = self._physics.wheel_base
        shape = np.array([size, -0.6 * size + 0.5j * size, -0.6 * size - 0.5j * size])
        body = [self._pixel(complex(x, y) + corner * np.exp(1j * heading)) for corner in shape]
        cv2.fillPoly(view, [np.array(body, np.int32)], INK, cv2.LINE_AA)
        bar = 10 ** math.floor(math.log10(HEIGHT / self._scale / 2))  # m, of the scale bar
        cv2.line(view, (16, HEIGHT - 16), (16 + round(bar * self._scale), HEIGHT - 16), QUIET, 2)
        words = f"{bar:g} m"
        cv2.putText(view, words, (16, HEIGHT - 24), cv2.FONT_HERSHEY_SIMPLEX, 0.45, QUIET, 1, cv2.LINE_AA)
        cv2.line(view, (0, 0), (0, HEIGHT), QUIET, 1)
        return view


def _onward(pose: NDArray[np.float64], step: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the pose after a step that is given relative to `pose`."""
    x, y, heading = pose
    place = complex(x, y) + complex(step[0], step[1]) * np.exp(1j * heading)
    return np.array([place.real, place.imag, heading + step[2]])
