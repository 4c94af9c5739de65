"""The Raspberry Pi's own camera, through picamera2.

picamera2 comes from apt only and needs a Raspberry Pi, so it could not be tried when this was written.
The tests replace it by one that follows its documentation and source; not tried are
the real speed, the real clock of `SensorTimestamp`, and whether `close` returns after the cable
has come loose. If it does not, the camera stays lost, and its message asks to start the program again.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Mapping
from typing import Any, Unpack

from vision.cameras.camera import CameraError, Live
from vision.cameras.decoding import as_frame
from vision.cameras.live import Light, LiveCamera, Shot

_LIGHT = ("ExposureTime", "AnalogueGain", "ColourGains")
"""What is held of the light: names both in a frame's metadata and among the controls of libcamera."""

_BUFFERS = 3
"""One that is being filled, one waiting, one being copied; more would hold older pictures."""

_OLDEST = 0.5
"""Seconds that a frame may be old at most: a clock that disagrees must not keep the robot waiting."""


def open_pi(number: int = 0, *, width: int = 320, height: int = 240, **live: Unpack[Live]) -> LiveCamera:
    """Open a camera at the Raspberry Pi's ribbon connector.

    Args:
        number: 0 for the first camera, 1 for the second of a Raspberry Pi 5.
        width: pixels that the frames shall have.
        height: the same.
        **live: limits and clock, see `LiveCamera`.

    Raises:
        CameraError: picamera2 is not installed, there is no such camera, or another program has it.
    """
    # libcamera logs to the terminal; what matters is in the error that is raised.
    os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:FATAL")
    library = _picamera2()
    name = f"Pi camera {number}"
    cure = (
        "check both ends of its ribbon cable with the power off, that `rpicam-hello --list-cameras` "
        "shows it, and that no other program uses it"
    )
    patience = live.get("lost", 1.5)

    def connect() -> PiCapture:
        try:
            return PiCapture(library.Picamera2(number), (width, height), patience)
        except Exception as error:  # RuntimeError, IndexError, ...: the cure is the same
            raise CameraError(f"{name} cannot be opened ({error}): {cure}.") from error

    restart = "start the program again, or else switch the board off and on"
    return LiveCamera(connect, name=name, cure=cure, restart=restart, **live)


class PiCapture:
    """A `vision.cameras.live.Source` made of a Picamera2."""

    def __init__(self, camera: Any, size: tuple[int, int], patience: float) -> None:
        """Configure and start a camera.

        Args:
            camera: the Picamera2, opened.
            size: width and height of the frames in pixels.
            patience: seconds to wait for a frame.
        """
        self._camera, self._patience = camera, patience
        self._light: Mapping[str, Any] = {}
        try:
            # What picamera2 calls RGB888 lies in memory as blue, green, red: a frame as ours.
            # Without a queue a request is always the next one and never one kept from before.
            configuration = camera.create_video_configuration(
                main={"size": size, "format": "RGB888"}, buffer_count=_BUFFERS, queue=False
            )
            camera.configure(configuration)
            camera.start()
        except BaseException:
            camera.close()
            raise

    def grab(self) -> Shot:
        """Wait for the next frame; CameraError when none comes in time.

        A plain `capture_array()` would wait without end once the cable is loose, so it is done as
        a job. A request, unlike an array, also says when its exposure began.
        """
        job = self._camera.capture_request(wait=False)
        try:
            request = job.get_result(timeout=self._patience)
        except TimeoutError as error:
            raise CameraError("picamera2 has got no frame.") from error
        try:
            self._light = request.get_metadata()
            return Shot(as_frame(request.make_array("main")), _age(self._light))
        finally:
            request.release()

    def hold_light(self, light: Light | None) -> Light | None:
        """Switch automatic exposure and white balance off, and set them to `light` or what they are."""
        light = light or {name: self._light[name] for name in _LIGHT if name in self._light}
        self._camera.set_controls({"AeEnable": False, "AwbEnable": False, **light})
        return light

    def release(self) -> None:
        """Release the camera, even while a job waits for a frame that never comes."""
        self._camera.cancel_all_and_flush()
        self._camera.close()


def _age(metadata: Mapping[str, Any]) -> float:
    """Return the seconds since the exposure began, as picamera2's own `flush` computes them.

    `SensorTimestamp` is when the first row has been read, in nanoseconds of the monotonic clock;
    `ExposureTime` is in microseconds.
    """
    began = metadata["SensorTimestamp"] - 1000 * metadata["ExposureTime"]
    return float(min(max((time.monotonic_ns() - began) / 1e9, 0.0), _OLDEST))


def _picamera2() -> Any:
    """Import picamera2; CameraError with the command that installs it when that fails."""
    try:
        return importlib.import_module("picamera2")
    except ImportError as error:
        raise CameraError(
            "The Pi camera needs picamera2, which pip cannot install: run `sudo apt install -y "
            "python3-picamera2` on the Raspberry Pi, and use a venv made with "
            "`python3 -m venv --system-site-packages`."
        ) from error
    except ValueError as error:  # Bookworm's simplejpeg was compiled for NumPy 1
        raise CameraError(
            f"picamera2 cannot be loaded ({error}): run `pip install --force-reinstall simplejpeg` "
            "in the venv."
        ) from error
