"""A camera that is mounted upside down or on its side, or looks through a mirror: its frames put right."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from vision.cameras.camera import Camera
from vision.sight import Frame

Rotation = Literal[0, 90, 180, 270]
"""Degrees clockwise."""


def turned(camera: Camera, rotate: int = 0, mirror: bool = False) -> Camera:
    """Return a camera whose frames are rotated clockwise and then mirrored; the camera itself for neither.

    Raises ValueError for other rotations than 0, 90, 180 and 270 degrees.
    """
    if rotate not in get_args(Rotation):
        raise ValueError(f"A camera is rotated by 0, 90, 180 or 270 degrees, not by {rotate}.")
    return TurnedCamera(camera, rotate, mirror) if rotate or mirror else camera


class TurnedCamera:
    """Gives the frames of another camera, rotated and mirrored."""

    def __init__(self, camera: Camera, rotate: int, mirror: bool) -> None:
        """`rotate`: 0, 90, 180 or 270 degrees clockwise. `mirror`: then exchange left and right."""
        self.camera, self.rotate, self.mirror = camera, rotate, mirror

    def read(self) -> Frame:
        """Return the next frame put right, contiguous; errors as the camera's own."""
        frame = np.rot90(self.camera.read(), -self.rotate // 90)
        return np.ascontiguousarray(frame[:, ::-1] if self.mirror else frame)

    def close(self) -> None:
        """Close the camera."""
        self.camera.close()
