"""Where frames come from: a picture, a folder, a video file; and opening any source by name.

Live sources (a USB camera, a stream from the network) are in `vision.live`.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, runtime_checkable

import cv2
import numpy as np

from vision.sight import Frame

PICTURES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
"""The endings of file names that are taken for pictures."""


class CameraError(OSError):
    """A camera that cannot be opened or read; the message says what to do about it."""


class EndOfPictures(CameraError):
    """A picture, folder or video has been read to its end."""


@runtime_checkable
class Camera(Protocol):
    """Anything that frames are read from."""

    def read(self) -> Frame:
        """Return the next frame, (H, W, 3) uint8, blue first, contiguous.

        A live camera returns a frame taken after the call. Raises EndOfPictures when there are
        no more, and CameraError when there should be, or after `close`.
        """
        ...

    def close(self) -> None:
        """Let go of the device or file. Closing twice is allowed."""
        ...


def frames(camera: Camera) -> Iterator[Frame]:
    """Yield the frames of a camera until there are no more, then close it.

    It is closed as well when the loop over it is left early or fails.
    """
    try:
        while True:
            try:
                frame = camera.read()
            except EndOfPictures:
                return
            yield frame
    finally:
        camera.close()


def open_camera(
    source: str | int | Path,
    *,
    width: int = 320,
    height: int = 240,
    sleep: Callable[[float], object] = time.sleep,
) -> Camera:
    """Open what `source` says: a number or `usb:0`, an address with `://`, a folder or a file.

    `width` and `height` are asked of a USB camera, which may give another size; files and
    streams keep their own. `sleep` waits between two attempts to open a live source again.
    Raises CameraError when there is no such thing or it cannot be read.
    """
    name = str(source).strip()
    usb = re.fullmatch(r"(?:usb:)?(\d+)", name, flags=re.IGNORECASE)
    if usb or "://" in name:
        from vision.live import LiveCamera

        return LiveCamera(int(usb[1]) if usb else name, width=width, height=height, sleep=sleep)
    path = Path(name).expanduser()
    if path.is_dir():
        return PictureCamera(_pictures(path))
    if not path.is_file():  # a pipe or a device would be waited for without end
        raise CameraError(
            f"There is no camera, picture, folder or video {name!r}: check the path, or give a "
            "number for a USB camera (0) or an address (http://...)."
        )
    if path.suffix.lower() in PICTURES:
        return PictureCamera([path])
    return VideoCamera(path)


class PictureCamera:
    """Picture files, one after another."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Take the files in this order; each is opened when its turn comes."""
        self.paths = tuple(paths)
        self._next = 0
        self._closed = False

    def read(self) -> Frame:
        """Return the next picture; EndOfPictures after the last, CameraError for a broken one."""
        if self._closed:
            raise closed_error()
        if self._next >= len(self.paths):
            raise EndOfPictures(f"All {len(self.paths)} pictures have been read.")
        path = self.paths[self._next]
        self._next += 1
        return read_picture(path)

    def close(self) -> None:
        """End the reading."""
        self._closed = True


class VideoCamera:
    """A video file, frame by frame, without skipping any."""

    def __init__(self, path: Path) -> None:
        """Open the file; CameraError when it is not a video that OpenCV can decode."""
        self.path = path
        self._read = 0
        with quiet():
            self._capture: cv2.VideoCapture | None = cv2.VideoCapture(str(path))
        if not self._capture.isOpened():
            raise CameraError(
                f"{path.name} is neither a picture nor a video that can be read: check that the "
                "file is whole, or turn it into an MP4 (H.264) or AVI (MJPEG)."
            )

    def read(self) -> Frame:
        """Return the next frame; EndOfPictures after the last."""
        if self._capture is None:
            raise closed_error()
        with quiet():
            more, frame = self._capture.read()
        if more:
            self._read += 1
            return as_frame(frame)
        if not self._read:
            raise CameraError(f"{self.path.name} has no frame that can be read: copy it again.")
        raise EndOfPictures(f"{self.path.name} has ended after {self._read} frames.")

    def close(self) -> None:
        """Let go of the file."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None


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


def closed_error() -> CameraError:
    """Return the error of reading a camera that has been closed."""
    return CameraError("This camera has been closed: open it again before reading from it.")


@contextmanager
def quiet() -> Iterator[None]:
    """Keep OpenCV from writing to the terminal: what matters is in the error that is raised."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)


def _pictures(folder: Path) -> list[Path]:
    """Return the pictures in a folder, frame_2 before frame_10; CameraError when none is."""
    found = [
        path
        for path in folder.iterdir()
        if path.suffix.lower() in PICTURES and not path.name.startswith(".") and path.is_file()
    ]
    if not found:
        raise CameraError(
            f"There is no picture in {folder.name!r}: put files there that end in {', '.join(PICTURES)}."
        )
    return sorted(found, key=_natural)


def _natural(path: Path) -> list[tuple[int, int, str]]:
    """Return a key that sorts the numbers in a name by their value."""
    parts = re.findall(r"\d+|\D+", path.name.casefold())
    return [(0, int(p), p) if p.isdecimal() else (1, 0, p) for p in parts]
