"""Rotates and mirrors frames, for a camera that is mounted upside down, sideways, or behind a mirror."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from vision.cameras.camera import Camera
from vision.sight import Frame

Rotation = Literal[0, 90, 180, 270]
"""Degrees clockwise."""


def turned(camera: Camera, rotate: int = 0, mirror: bool = False) -> Camera:
    """Return a camera whose frames are rotated clockwise, then mirrored; `camera` itself if neither is set.

    Raises ValueError for other rotations than 0, 90, 180 and 270 degrees.
    """
    if rotate not in get_args(Rotation):
        raise ValueError(f"A camera is rotated by 0, 90, 180 or 270 degrees, not by {rotate}.")
    return TurnedCamera(camera, rotate, mirror) if rotate or mirror else camera


class TurnedCamera:
    """Gives the frames of another camera, rotated and mirrored."""

    def __init__(self, camera: Camera, rotate: int, mirror: bool) -> None:
        """Rotate by 0, 90, 180 or 270 degrees clockwise; with `mirror`, then exchange left and right."""
        self.camera, self.rotate, self.mirror = camera, rotate, mirror

    def read(self) -> Frame:
        """Return the next frame, rotated and mirrored, contiguous; raise the camera's errors."""
        frame = np.rot90(self.camera.read(), -self.rotate // 90)
        return np.ascontiguousarray(frame[:, ::-1] if self.mirror else frame)

    def close(self) -> None:
        """Close the camera."""
        self.camera.close()
