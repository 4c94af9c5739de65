"""USB cameras and streams from the network, through OpenCV.

JPEG pictures are taken from OpenCV undecoded and decoded here, because OpenCV's own decoders turn half a
picture into a frame with a grey rest. Such pictures cannot be recognised in other streams (H.264 over RTSP)
and from cameras without MJPG, nor can a JPEG that lacks only a part of its middle.

No USB camera was available when this was written: the tests replace `cv2.VideoCapture`.
"""

from __future__ import annotations

import math
import os
import string
import sys
import threading
import time
from collections.abc import Callable
from typing import Unpack, cast
from urllib.parse import quote

import cv2
import numpy as np

from vision.cameras.address import check_address, public
from vision.cameras.camera import CameraError, Live
from vision.cameras.decoding import as_frame, decode, quiet
from vision.cameras.live import Light, LiveCamera, Shot, Source
from vision.cameras.snapshot import Snapshots, gives_pictures, refusal

_LIGHT = {
    "exposure": cv2.CAP_PROP_EXPOSURE,
    "gain": cv2.CAP_PROP_GAIN,
    "white balance": cv2.CAP_PROP_WB_TEMPERATURE,
}
"""OpenCV's numbers of the camera's properties that `hold_light` fixes, by name."""

_MANUAL_EXPOSURE = 1
"""Value for manual exposure: V4L2_EXPOSURE_MANUAL in linux/v4l2-controls.h."""

_MJPG = cv2.VideoWriter.fourcc(*"MJPG")


def open_usb(
    device: int | str, *, width: int = 320, height: int = 240, fps: float = 30.0, **live: Unpack[Live]
) -> LiveCamera:
    """Open a USB camera by its number or by its device, such as /dev/video0 or /dev/v4l/by-id/...

    Args:
        device: n of /dev/video<n>, or a path; a link in by-id always names the same camera.
        width: requested width of the frames, pixels; the camera may give another size.
        height: requested height, likewise.
        fps: requested frames per second; in the dark the camera may give fewer.
        **live: limits and clock, see `LiveCamera`.

    Raises:
        CameraError: there is no such camera or another program has it.
    """
    name = f"USB camera {device}"
    cure = "check its cable, that no other program uses it, and its number (the digit in `ls /dev/video*`)"
    if isinstance(device, str):
        cure = (
            "check its cable, that no other program uses it, and its name in `ls /dev/v4l/by-id` "
            "(a camera often has two; take that of index0)"
        )

    def connect() -> Capture:
        with quiet():
            # OpenCV reads this at its first wait for a frame; without it, a pulled plug blocks for 10 s.
            os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(math.ceil(live.get("lost", 1.5))))
            backend = cv2.CAP_V4L2 if sys.platform.startswith("linux") else cv2.CAP_ANY
            video = cv2.VideoCapture(device, backend)
            # A compressed frame has a tenth of the size, on a bus that the Pi shares with its network.
            video.set(cv2.CAP_PROP_FOURCC, _MJPG)
            video.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            video.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
            video.set(cv2.CAP_PROP_FPS, fps)
            # Fewer frames in the driver's queue: the thread takes them as they come anyway.
            video.set(cv2.CAP_PROP_BUFFERSIZE, 1)
            return Capture(video, cv2.CAP_PROP_CONVERT_RGB, 0, f"{name} cannot be opened: {cure}.")

    return LiveCamera(connect, name=name, cure=cure, restart="pull its plug and put it in again", **live)


def open_stream(address: str, **live: Unpack[Live]) -> LiveCamera:
    """Open a stream by its address, such as http://robot.local:8081/stream.mjpg or rtsp://...

    An http address may also give one picture at each request.

    Args:
        address: an address that FFmpeg can open; its user and password never appear in messages.
        **live: limits and clock, see `LiveCamera`.

    Raises:
        CameraError: nothing answers at this address, or the answer contains no pictures.
    """
    check_address(address)
    address = quote(address, safe=string.punctuation)  # a browser shows spaces and letters of all languages
    name = f"The stream {public(address)}"
    cure = "check the address in a browser, and that the two devices are on one network"
    patience, opening = live.get("lost", 1.5), live.get("opening", 5.0)
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(1000 * opening)]
    limits += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(1000 * patience)]
    web = address.lower().startswith(("http://", "https://"))
    single = threading.Event()

    def connect() -> Source:
        if single.is_set():
            return Snapshots(address, patience)
        began = time.monotonic()
        with quiet():
            video = cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits)
            if web and not video.isOpened() and time.monotonic() < began + opening / 2:
                if gives_pictures(address, patience):
                    single.set()
                    return Snapshots(address, patience)
                raise CameraError(refusal(address, patience) or f"{name} cannot be opened: {cure}.")
            return Stream(
                Capture(video, cv2.CAP_PROP_FORMAT, -1, f"{name} cannot be opened: {cure}."),
                snapshots=(lambda: _snapshots(address, patience, single)) if web else None,
            )

    slow = f"{cure}; if it sends a picture only every few seconds, raise camera.lost_seconds"
    restart = "start what sends it again, or set camera.frozen_seconds = 0 for one that is to stand still"
    return LiveCamera(connect, name=name, cure=slow, restart=restart, **live)


def _snapshots(address: str, patience: float, single: threading.Event) -> Snapshots | None:
    """Return a source that requests single pictures, if the address gives these, and remember that."""
    if not gives_pictures(address, patience):
        return None
    single.set()
    return Snapshots(address, patience)


class Stream:
    """A `vision.cameras.live.Source` for an address: a stream, or single pictures if it ends after one."""

    def __init__(self, capture: Source, snapshots: Callable[[], Source | None] | None) -> None:
        """Read `capture`; `snapshots` returns a source of single pictures, or None if there is none."""
        self._source, self._snapshots = capture, snapshots
        self._frames = 0

    def grab(self) -> Shot | None:
        """Wait for the next frame; as `Source.grab`."""
        try:
            shot = self._source.grab()
        except CameraError:
            other = self._snapshots() if self._snapshots is not None and self._frames <= 1 else None
            if other is None:
                raise
            self._source.release()
            self._source, self._snapshots = other, None
            return self._source.grab()
        self._frames += 1
        return shot

    def hold_light(self, light: Light | None) -> Light | None:
        """Return None: a stream has no control of exposure."""
        return None

    def release(self) -> None:
        """Release the connection."""
        self._source.release()


class Capture:
    """A `vision.cameras.live.Source` made of an OpenCV capture."""

    def __init__(self, video: cv2.VideoCapture, switch: int, undecoded: int, sentence: str) -> None:
        """Take over a capture.

        Args:
            video: the opened capture.
            switch: the property that can turn decoding off.
            undecoded: value of that property for undecoded pictures; set if these are JPEGs.
            sentence: text of the error if the capture is not open.
        """
        if not video.isOpened():
            video.release()
            raise CameraError(sentence)
        self._video = video
        self._jpeg = int(video.get(cv2.CAP_PROP_FOURCC)) == _MJPG and video.set(switch, undecoded)

    def grab(self) -> Shot | None:
        """Wait for the next frame; return None for half a JPEG, raise CameraError if no more come."""
        with quiet():
            more, picture = self._video.read()
        if not more:
            raise CameraError("OpenCV has got no frame.")
        data = np.asarray(picture, dtype=np.uint8)
        if not self._jpeg or data.ndim == 3:  # some drivers decode in any case
            return Shot(as_frame(data))
        frame = decode(data.reshape(-1))
        return None if frame is None else Shot(frame)

    def hold_light(self, light: Light | None) -> Light | None:
        """Switch automatic exposure and white balance off; set them to `light`, else keep their values."""
        light = light or {name: self._video.get(number) for name, number in _LIGHT.items()}
        held = self._video.set(cv2.CAP_PROP_AUTO_EXPOSURE, _MANUAL_EXPOSURE)
        held = bool(self._video.set(cv2.CAP_PROP_AUTO_WB, 0)) or held
        for name, number in _LIGHT.items():
            self._video.set(number, cast(float, light[name]))
        return light if held else None

    def release(self) -> None:
        """Release the device or the connection."""
        self._video.release()
