"""The protocol of a camera, its errors, and a way to wait until a fault is over.

`vision.cameras.open` opens any camera by its name. This module needs no OpenCV.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Literal, Protocol, TypedDict, runtime_checkable

from vision.sight import Frame

Kind = Literal["lost", "frozen", "black"]
"""The faults of a live camera: no pictures, always the same picture, or only black ones."""

_PAUSE = 0.2
"""Seconds between two reads in `heal`; a live camera adds its own back-off."""


class CameraError(OSError):
    """A camera that cannot be opened or read; the message says what to do about it."""


class CameraFault(CameraError):
    """A live camera gives no usable picture at present; reading again later may work.

    The message says what is wrong and what to do about it; `kind` is for programs.
    """

    def __init__(self, message: str, *, kind: Kind) -> None:
        """Create the error: `message` says what is wrong and the cure, `kind` is the fault."""
        super().__init__(message)
        self.kind: Kind = kind


class EndOfPictures(CameraError):
    """A picture, folder or video has been read to its end."""


def closed_error() -> CameraError:
    """Return the error for reading a closed camera."""
    return CameraError("This camera has been closed: open it again before reading from it.")


class Live(TypedDict, total=False):
    """Options of every live camera; `vision.cameras.live.LiveCamera` explains them."""

    lost: float
    frozen: float | None
    black: float | None
    opening: float
    fixed_light: bool
    clock: Callable[[], float]
    sleep: Callable[[float], object]


@runtime_checkable
class Camera(Protocol):
    """An object from which frames are read."""

    def read(self) -> Frame:
        """Return the next frame, (H, W, 3) uint8, blue first, contiguous.

        A live camera returns a frame taken after the call. Raises EndOfPictures when there are
        no more, CameraFault when a live camera has none at present (see `heal`), and CameraError
        when a frame cannot be read, or after `close`.
        """
        ...

    def close(self) -> None:
        """Release the device or file. Closing twice is allowed."""
        ...


def frames(camera: Camera) -> Iterator[Frame]:
    """Yield the frames of a camera until there are no more, then close it.

    The camera is also closed when the loop is left early or fails.
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
    report: Callable[[str], object],
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
    patience: float | None = None,
) -> Frame:
    """Read a frame; while the camera has a fault, read again until it is over.

    A camera without a fault is read once and nothing is reported, so this can replace `read`.

    Args:
        camera: the camera; a live one waits longer after each failed attempt.
        report: is called with one sentence for each new kind of fault, and one when the fault is over.
        sleep: waits a moment after a fault.
        clock: returns the time in seconds, for `patience`.
        patience: seconds after which to give up; None for never.

    Raises:
        CameraFault: the fault lasted longer than `patience`; the message is that of the last fault.
        CameraError: anything else that is wrong with the camera, at once.
    """
    start = clock()
    reported: set[Kind] = set()
    while True:
        try:
            frame = camera.read()
        except CameraFault as fault:
            if fault.kind not in reported:
                reported.add(fault.kind)
                report(str(fault))
            if patience is not None and clock() - start >= patience:
                raise CameraFault(
                    f"Waited {patience:g} s without success. {fault}", kind=fault.kind
                ) from fault
            sleep(_PAUSE)
        else:
            if reported:
                report("The camera gives good pictures again.")
            return frame
