"""The Raspberry Pi's own camera, through picamera2."""

import time
from collections.abc import Callable

from vision.camera import Camera, CameraError


def open_pi(
    number: int = 0,
    *,
    width: int = 320,
    height: int = 240,
    sleep: Callable[[float], object] = time.sleep,
) -> Camera:
    """Open a camera of the Raspberry Pi; CameraError when there is none, or no picamera2."""
    raise CameraError("The Pi camera is not there yet.")
