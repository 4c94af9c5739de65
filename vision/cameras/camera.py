"""Where frames come from: what a camera is, opening any source by its name, and waiting out a fault.

Pictures, folders and videos are in `vision.cameras.files`; USB cameras and streams from the network in
`vision.cameras.live`; the Raspberry Pi's own camera in `vision.cameras.pi`.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol, TypedDict, Unpack, runtime_checkable

import cv2
import numpy as np

from vision.sight import Frame

Kind = Literal["lost", "frozen", "black"]
"""What can be wrong with a live camera: no pictures, always the same picture, no light in it."""

PICTURES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")
"""The endings of file names that are taken for pictures."""

_PAUSE = 0.2
"""Seconds between two reads of a camera that `heal` waits for; a live one adds its own back-off."""


class CameraError(OSError):
    """A camera that cannot be opened or read; the message says what to do about it."""


class CameraFault(CameraError):
    """A live camera that gives no picture to act on for now; reading it again may heal it.

    The message says what is wrong and what to do about it; `kind` is for programs.
    """

    def __init__(self, message: str, *, kind: Kind) -> None:
        """Say what is wrong, with its cure, and which of the three faults it is."""
        super().__init__(message)
        self.kind: Kind = kind


class EndOfPictures(CameraError):
    """A picture, folder or video has been read to its end."""


class Live(TypedDict, total=False):
    """What may be said about every live camera; `vision.cameras.live.LiveCamera` says what it means."""

    lost: float
    frozen: float | None
    black: float | None
    opening: float
    clock: Callable[[], float]
    sleep: Callable[[float], object]


@runtime_checkable
class Camera(Protocol):
    """Anything that frames are read from."""

    def read(self) -> Frame:
        """Return the next frame, (H, W, 3) uint8, blue first, contiguous.

        A live camera returns a frame taken after the call. Raises EndOfPictures when there are
        no more, CameraFault when a live camera has none for now (see `heal`), and CameraError
        when one cannot be read, or after `close`.
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


def heal(
    camera: Camera,
    *,
    tell: Callable[[str], object],
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    patience: float | None = None,
) -> Frame:
    """Read a frame; while the camera has a fault, read again until it is healed.

    A camera without a fault is read once and nothing is told, so this can stand for `read`.

    Args:
        camera: it counts its own attempts and waits longer and longer between them.
        tell: gets one sentence for each different kind of fault, and one when the camera is healed.
        sleep: waits a moment after a fault.
        clock: seconds, for the patience.
        patience: seconds after which to give up; None never does.

    Raises:
        CameraFault: the patience is over; the message is that of the last fault, with its cure.
        CameraError: anything else that is wrong with the camera, at once.
    """
    start = clock()
    told: set[Kind] = set()
    while True:
        try:
            frame = camera.read()
        except CameraFault as fault:
            if fault.kind not in told:
                told.add(fault.kind)
                tell(str(fault))
            if patience is not None and clock() - start >= patience:
                raise CameraFault(f"Waited {patience:g} s in vain. {fault}", kind=fault.kind) from fault
            sleep(_PAUSE)
        else:
            if told:
                tell("The camera gives good pictures again.")
            return frame


def open_camera(
    source: str | int | Path, *, width: int = 320, height: int = 240, **live: Unpack[Live]
) -> Camera:
    """Open what `source` says: `pi`, a number or `usb:0`, an address with `://`, a folder or a file.

    Args:
        source: `pi` is the Raspberry Pi's own camera, `pi:1` its second one.
        width: pixels that a Pi or USB camera is asked for; files and streams keep their own size.
        height: the same.
        **live: limits and clock of a live camera, see `vision.cameras.live.LiveCamera`; `frozen=None`
            for a stream whose pictures are meant to stand still.

    Raises:
        CameraError: there is no such thing or it cannot be read.
    """
    name = str(source).strip()
    if pi := re.fullmatch(r"pi(?::(\d+))?", name, flags=re.IGNORECASE):
        from vision.cameras.pi import open_pi

        return open_pi(int(pi[1] or 0), width=width, height=height, **live)
    if usb := re.fullmatch(r"(?:usb:)?(\d+)", name, flags=re.IGNORECASE):
        from vision.cameras.opencv import open_usb

        return open_usb(int(usb[1]), width=width, height=height, **live)
    if "://" in name:
        from vision.cameras.opencv import open_stream

        return open_stream(name, **live)
    from vision.cameras.files import PictureCamera, VideoCamera, pictures

    path = Path(name).expanduser()
    if path.is_dir():
        return PictureCamera(pictures(path))
    if not path.is_file():  # a pipe or a device would be waited for without end
        raise CameraError(
            f"There is no camera, picture, folder or video {name!r}: check the path, or give a "
            "number for a USB camera (0) or an address (http://...)."
        )
    if path.suffix.lower() in PICTURES:
        return PictureCamera([path])
    return VideoCamera(path)


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
