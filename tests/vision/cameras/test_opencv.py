"""What is taken from OpenCV: whole JPEGs, and a USB camera set up as it should be."""

import sys
import threading
import time

import cv2
import numpy as np
import pytest

from vision import CameraError, open_camera
from vision.cameras.decoding import decode, is_whole

NOISE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)


def jpeg(*parameters):
    return cv2.imencode(".jpg", NOISE, list(parameters))[1].tobytes()


KINDS = {
    "baseline": (),
    "progressive": (cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
    "with restarts": (cv2.IMWRITE_JPEG_RST_INTERVAL, 2),
    "optimised": (cv2.IMWRITE_JPEG_OPTIMIZE, 1),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_jpeg_is_whole_only_when_its_end_is_there(kind):
    data = jpeg(*KINDS[kind])
    assert is_whole(data) and is_whole(data + b"\r\n\0\0")
    assert not any(is_whole(data[:n]) for n in range(len(data)))


def test_half_a_jpeg_with_another_behind_it_is_not_whole():
    data = jpeg()
    assert not is_whole(data[: len(data) // 2] + b"\r\n--frame\r\n\r\n" + data)


def test_a_small_picture_within_a_jpeg_does_not_end_it():
    data, small = jpeg(), cv2.imencode(".jpg", NOISE[:8, :8])[1].tobytes()
    segment = b"\xff\xe1" + (len(small) + 2).to_bytes(2) + small
    assert is_whole(data[:2] + segment + data[2:])
    assert not is_whole((data[:2] + segment + data[2:])[:-2])


def test_what_is_not_whole_is_no_frame(capfd):
    data = np.frombuffer(jpeg(), np.uint8)
    assert decode(data).shape == (48, 64, 3)
    assert decode(data[:-2]) is None
    assert decode(data[len(data) // 2 :]) is None
    assert decode(np.frombuffer(b"\xff\xd8\xff\xd9", np.uint8)) is None
    assert decode(np.zeros(0, np.uint8)) is None
    assert capfd.readouterr() == ("", "")


class Video:
    """A stand-in for `cv2.VideoCapture` of a USB camera that can do MJPG, or cannot."""

    mjpg = True
    all: list["Video"] = []  # noqa: RUF012

    def __init__(self, number, backend):
        Video.all.append(self)
        self.number, self.backend = number, backend
        self.settings = {}
        self.released = threading.Event()
        self.frames = 0

    def isOpened(self):  # noqa: N802
        return True

    def set(self, name, value):
        self.settings[name] = value
        return True

    def get(self, name):
        asked = self.settings.get(name, 0)
        return asked if self.mjpg or name != cv2.CAP_PROP_FOURCC else cv2.VideoWriter.fourcc(*"YUYV")

    def read(self):
        time.sleep(0.005)
        self.frames += 1
        frame = np.roll(NOISE, self.frames, 0)
        if not self.mjpg:
            return True, frame
        assert self.settings[cv2.CAP_PROP_CONVERT_RGB] == 0
        data = cv2.imencode(".jpg", frame)[1]
        return True, (data[: len(data) // 2] if self.frames % 2 else data).reshape(1, -1)

    def release(self):
        self.released.set()


@pytest.mark.parametrize("mjpg", [True, False])
def test_a_usb_camera_is_asked_for_small_fresh_frames(monkeypatch, mjpg):
    monkeypatch.setattr(cv2, "VideoCapture", Video)
    monkeypatch.setattr(Video, "mjpg", mjpg)
    monkeypatch.setattr(Video, "all", [])
    camera = open_camera("usb:3", width=160, height=120)
    frames = [camera.read() for _ in range(5)]
    (video,) = Video.all
    linux = sys.platform.startswith("linux")
    assert (video.number, video.backend) == (3, cv2.CAP_V4L2 if linux else cv2.CAP_ANY)
    assert next(iter(video.settings)) == cv2.CAP_PROP_FOURCC, "the format decides which sizes there are"
    assert video.settings[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")
    assert video.settings[cv2.CAP_PROP_FRAME_WIDTH] == 160
    assert video.settings[cv2.CAP_PROP_FRAME_HEIGHT] == 120
    assert video.settings[cv2.CAP_PROP_FPS] == 30
    assert video.settings[cv2.CAP_PROP_BUFFERSIZE] == 1
    assert {frame.shape for frame in frames} == {(48, 64, 3)}, "half pictures are passed over"
    camera.close()
    assert video.released.is_set()


def test_a_usb_camera_that_there_is_not():
    with pytest.raises(CameraError, match=r"USB camera 97 cannot be opened: check its cable"):
        open_camera("usb:97")
