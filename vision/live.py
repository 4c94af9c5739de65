"""Cameras that never end: USB devices and streams from the network."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import cv2

from vision.camera import CameraError, as_frame, closed_error, quiet
from vision.sight import Frame

_WAITS = (0.2, 0.5, 1.0, 2.0)
"""Seconds before each attempt to open a lost source again."""

_PATIENCE = 5.0
"""Seconds without a frame, or without a connection, after which a source counts as lost."""


class LiveCamera:
    """A USB camera (by its number) or a stream (by its address), always at its newest frame.

    Devices and streams keep frames in queues; a robot that moves for a second and then reads
    would be shown the picture from before its move. So a thread takes frames as they come and
    keeps only the last, and `read` waits for one that came after it was called.
    """

    def __init__(
        self,
        source: int | str,
        *,
        width: int = 320,
        height: int = 240,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Open the source at once; CameraError when that fails."""
        self.source = source
        self._size = (width, height)
        self._sleep = sleep
        self._closed = False
        self._reader = self._start()

    def read(self) -> Frame:
        """Return a frame taken after the call.

        A source that fails is opened again, four times at most, with longer and longer waits;
        then CameraError is raised. The next call tries anew.
        """
        if self._closed:
            raise closed_error()
        for wait in (0.0, *_WAITS):
            if wait:
                self._reader.stop()
                self._sleep(wait)
                try:
                    self._reader = self._start()
                except CameraError:
                    continue
                finally:
                    # Another thread may have closed the camera meanwhile.
                    if self._closed:
                        self._reader.stop()
                        raise closed_error()
            frame = self._reader.next()
            if frame is not None:
                return frame
        raise CameraError(f"{self._name()} gives no more pictures: {self._cure()}.")

    def close(self) -> None:
        """Stop reading and let go of the source."""
        self._closed = True
        self._reader.stop()

    def _start(self) -> _Reader:
        capture = _open(self.source, self._size)
        if capture is None:
            raise CameraError(f"{self._name()} cannot be opened: {self._cure()}.")
        return _Reader(capture)

    def _name(self) -> str:
        if isinstance(self.source, int):
            return f"USB camera {self.source}"
        # An address may hold a user and a password before an @.
        scheme, rest = self.source.split("://", 1)
        return f"The stream {scheme}://{rest.rpartition('@')[2]}"

    def _cure(self) -> str:
        if isinstance(self.source, int):
            return (
                "check its cable, that no other program uses it, and its number "
                "(the digit in `ls /dev/video*`)"
            )
        return "check the address in a browser, and that the two devices are on one network"


class _Reader:
    """The thread that takes frames from one opened source, and the newest of them."""

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture
        self._news = threading.Condition()
        self._count = 0
        self._frame: Frame | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="vision-camera", daemon=True)
        self._thread.start()

    def next(self) -> Frame | None:
        """Return the first frame that comes from now on; None when the source is lost."""
        with self._news:
            seen = self._count
            self._news.wait_for(lambda: self._stopped or self._count > seen, _PATIENCE)
            return self._frame if self._count > seen else None

    def stop(self) -> None:
        """End the thread, which lets go of the source."""
        with self._news:
            self._stopped = True
            self._news.notify_all()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        try:
            while not self._stopped:
                more, picture = self._capture.read()
                if not more:
                    break
                with self._news:
                    self._frame = as_frame(picture)
                    self._count += 1
                    self._news.notify_all()
        finally:
            self._capture.release()
            with self._news:
                self._stopped = True
                self._news.notify_all()


def _open(source: int | str, size: tuple[int, int]) -> cv2.VideoCapture | None:
    """Return an opened capture, or None."""
    with quiet():
        if isinstance(source, int):
            capture = cv2.VideoCapture(source)
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
            # Fewer frames in the driver's queue: the thread takes them as they come anyway.
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        else:
            patience = int(_PATIENCE * 1000)
            limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, patience]
            limits += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, patience]
            capture = cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits)
    if capture.isOpened():
        return capture
    capture.release()
    return None
