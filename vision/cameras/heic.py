"""Reads HEIC pictures, as iPhones take them, with libheif, which the extra `heic` installs (pi-heif)."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

CURE = "install pi-heif (pip install 'robot-agent[heic]')"


def read_heic(data: bytes) -> NDArray[np.uint8] | None:
    """Return the main picture of a HEIC file, (H, W, 3) BGR or (H, W, 4) BGRA; None when it is broken.

    libheif puts the tiles together and turns the picture as the file says; ten bits become eight.
    Raises ModuleNotFoundError where pi-heif is not installed.
    """
    import pi_heif

    try:
        picture: Any = pi_heif.read_heif(io.BytesIO(data), bgr_mode=True)
        return np.array(picture, np.uint8)
    except (ValueError, OSError, EOFError, SyntaxError, RuntimeError):
        return None
