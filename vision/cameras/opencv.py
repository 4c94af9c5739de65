"""USB cameras and streams from the network, through OpenCV.

JPEG pictures are taken from OpenCV as they come and decoded here: its own decoders make a frame of
half a picture and fill the rest with grey. In streams of another kind (H.264 over RTSP) and from
cameras without MJPG such a picture cannot be recognised, nor can a JPEG that is complete at its end but
lost a part of its middle.

No USB camera was available when this was written: the tests replace `cv2.VideoCapture`.
"""

from __future__ import annotations

import math
import os
import sys
from typing import Unpack

import cv2
import numpy as np

from vision.cameras.camera import CameraError, Live
from vision.cameras.decoding import as_frame, decode, quiet
from vision.cameras.live import LiveCamera, Shot

_MJPG = cv2.VideoWriter.fourcc(*"MJPG")


def open_usb(
    number: int, *, width: int = 320, height: int = 240, fps: float = 30.0, **live: Unpack[Live]
) -> LiveCamera:
    """Open a USB camera by the number in the name of its device.

    Args:
        number: n of /dev/video<n>.
        width: pixels that the camera is asked for; it may give another size.
        height: the same.
        fps: frames a second that it is asked for; in the dark it may give fewer.
        **live: limits and clock, see `LiveCamera`.

    Raises:
        CameraError: there is no such camera or another program has it.
    """
    name = f"USB camera {number}"
    cure = "check its cable, that no other program uses it, and its number (the digit in `ls /dev/video*`)"

    def connect() -> Capture:
        with quiet():
            # OpenCV reads this at its first wait for a frame; else a pulled plug blocks it for 10 s.
            os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", str(math.ceil(live.get("lost", 1.5))))
            backend = cv2.CAP_V4L2 if sys.platform.startswith("linux") else cv2.CAP_ANY
            video = cv2.VideoCapture(number, backend)
            # Compressed, a frame is a tenth of the size on a bus that the Pi shares with its network.
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

    Args:
        address: whatever FFmpeg can open; a user and a password in it never appear in messages.
        **live: limits and clock, see `LiveCamera`.

    Raises:
        CameraError: nothing answers there, or not with pictures.
    """
    scheme, rest = address.split("://", 1)
    name = f"The stream {scheme}://{rest.rpartition('@')[2]}"
    cure = "check the address in a browser, and that the two devices are on one network"
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(1000 * live.get("opening", 5.0))]
    limits += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(1000 * live.get("lost", 1.5))]

    def connect() -> Capture:
        with quiet():
            video = cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits)
            return Capture(video, cv2.CAP_PROP_FORMAT, -1, f"{name} cannot be opened: {cure}.")

    return LiveCamera(connect, name=name, cure=cure, restart="start what sends it again", **live)


class Capture:
    """A `vision.cameras.live.Source` made of an OpenCV capture."""

    def __init__(self, video: cv2.VideoCapture, switch: int, undecoded: int, sentence: str) -> None:
        """Take over a capture.

        Args:
            video: as opened.
            switch: the property that makes it give pictures undecoded,
            undecoded: when it has this value; asked for when they are JPEGs.
            sentence: what to raise if the capture is not open.
        """
        if not video.isOpened():
            video.release()
            raise CameraError(sentence)
        self._video = video
        self._jpeg = int(video.get(cv2.CAP_PROP_FOURCC)) == _MJPG and video.set(switch, undecoded)

    def grab(self) -> Shot | None:
        """Wait for the next frame; None for half a JPEG, CameraError when no more come."""
        with quiet():
            more, picture = self._video.read()
        if not more:
            raise CameraError("OpenCV has got no frame.")
        data = np.asarray(picture, dtype=np.uint8)
        if not self._jpeg or data.ndim == 3:  # some drivers decode all the same
            return Shot(as_frame(data))
        frame = decode(data.reshape(-1))
        return None if frame is None else Shot(frame)

    def release(self) -> None:
        """Release the device or the connection."""
        self._video.release()
