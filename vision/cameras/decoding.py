"""From files and bytes to frames, through OpenCV, which is kept from writing to the terminal."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from vision.cameras.camera import CameraError
from vision.sight import Frame

PICTURES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
"""The endings of file names that are taken for pictures."""

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""Whatever begins with 0xFF in a JPEG, except what may be within its compressed data."""


def read_picture(path: Path) -> Frame:
    """Return a picture file as a frame, in its own size; CameraError when that fails."""
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise CameraError(
            f"{path.name} cannot be read ({error.strerror}): check the path and its permissions."
        ) from error
    with quiet():
        frame = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if frame is None:
        raise CameraError(f"{path.name} is not a whole picture: copy it again or leave it out.")
    return as_frame(frame)


def as_frame(picture: object) -> Frame:
    """Return what OpenCV has read as a contiguous (H, W, 3) uint8 frame."""
    frame = np.asarray(picture, dtype=np.uint8)
    if frame.ndim == 2:
        frame = np.asarray(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    return np.ascontiguousarray(frame)


def decode(data: npt.NDArray[np.uint8]) -> Frame | None:
    """Return a JPEG, (N,) bytes, as a frame; None unless it is whole."""
    if not is_whole(data.tobytes()):
        return None
    try:
        with quiet():
            picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    except cv2.error:
        return None
    return None if picture is None else as_frame(picture)


def is_whole(data: bytes) -> bool:
    """Say whether a JPEG goes from its start to its end, without the start of another between.

    It walks from segment to segment as in ISO/IEC 10918-1, annex B; a marker within the
    compressed data that follows a scan's header cannot be but that of the next segment.
    """
    place = 2 if data.startswith(b"\xff\xd8") else len(data)
    while marker := _MARKER.search(data, place):
        kind, after = data[marker.end() - 1], marker.end()
        if kind in (0xD8, 0xD9):
            return kind == 0xD9
        place = after + int.from_bytes(data[after : after + 2])
    return False


_logging: Any = getattr(cv2.utils, "logging", cv2)
"""Where the levels of logging are: OpenCV 4, as 32-bit systems have it, keeps them at its top."""

_SILENT = 0


class _Quiet:
    """How many are within `quiet` just now, and OpenCV's level of logging from before the first."""

    lock = threading.Lock()
    inside = 0
    level = 0


@contextmanager
def quiet() -> Iterator[None]:
    """Keep OpenCV from writing to the terminal: what matters is in the error that is raised.

    The level is one for all threads, so the first to come sets it and the last to go restores it.
    """
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    with _Quiet.lock:
        if not _Quiet.inside:
            _Quiet.level = _logging.getLogLevel()
            _logging.setLogLevel(_SILENT)
        _Quiet.inside += 1
    try:
        yield
    finally:
        with _Quiet.lock:
            _Quiet.inside -= 1
            if not _Quiet.inside:
                _logging.setLogLevel(_Quiet.level)
