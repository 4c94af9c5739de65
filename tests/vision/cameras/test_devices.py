"""USB cameras by the names of their devices, and holding the light."""

import os
import sys
import threading

import cv2
import numpy as np
import pytest

from vision import CameraError, heal, open_camera
from vision.cameras.live import LiveCamera, Shot

NOISE = np.random.default_rng(0).integers(40, 200, (48, 64, 3), np.uint8)

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="devices are Linux'")


class Video:
    """In the place of `cv2.VideoCapture`: a camera that adapts its exposure, unless that is switched off."""

    all: list["Video"] = []  # noqa: RUF012

    def __init__(self, device, backend):
        self.device, self.settings, self.frames = device, {cv2.CAP_PROP_EXPOSURE: 100.0}, 0
        self.values = {cv2.CAP_PROP_WB_TEMPERATURE: 4600.0, cv2.CAP_PROP_GAIN: 3.0}
        self.pause = threading.Event()
        Video.all.append(self)

    def isOpened(self):  # noqa: N802
        return True

    def set(self, name, value):
        self.settings[name] = value
        return True

    def get(self, name):
        return self.settings.get(name, self.values.get(name, 0))

    def read(self):
        self.pause.wait(0.002)
        self.frames += 1
        if self.settings.get(cv2.CAP_PROP_AUTO_EXPOSURE) != 1:
            self.settings[cv2.CAP_PROP_EXPOSURE] += 1
        return True, np.roll(NOISE, self.frames, 0)

    def release(self):
        pass


@pytest.fixture
def videos(monkeypatch):
    monkeypatch.setattr(cv2, "VideoCapture", Video)
    monkeypatch.setattr(Video, "all", [])
    return Video.all


def device(path, major=81, minor=0):
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(major, minor))
    except PermissionError:
        pytest.skip("only root makes devices")
    return path


def test_a_device_is_opened_by_its_path(tmp_path, videos):
    camera = open_camera(device(tmp_path / "video0"))
    camera.read()
    camera.close()
    assert videos[0].device == str(tmp_path / "video0")


@pytest.mark.parametrize(
    "name", ["usb-046d_C270_2009-video-index0", "platform-3f980000.usb-usb-0:1.2:1.0-video-index0"]
)
def test_names_that_stay_the_same_are_links_and_are_kept(name, tmp_path, videos):
    device(tmp_path / "video2", minor=2)
    (tmp_path / name).symlink_to("video2")
    camera = open_camera(str(tmp_path / name))
    camera.read()
    camera.close()
    assert videos[0].device.endswith(name), "the link, as the number behind it may change"


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero"])
def test_a_device_that_is_no_camera_is_refused(path):
    with pytest.raises(CameraError, match=r"is a device, but no camera: `ls /dev/v4l/by-id`"):
        open_camera(path)


@pytest.mark.parametrize("path", ["/dev/video97", "/dev/v4l/by-id/usb-nobody-video-index0"])
def test_a_device_that_is_not_there_is_said(path):
    with pytest.raises(CameraError, match=r"There is no device .*plug the camera in"):
        open_camera(path)


def test_a_device_that_gives_nothing_names_the_other_index(tmp_path):
    with pytest.raises(CameraError, match="take that of index0"):
        open_camera(device(tmp_path / "video97", minor=97), opening=1.0)


def test_the_light_is_held_when_somebody_asks(videos):
    camera = open_camera(0)
    camera.read()
    assert not camera.holds_light
    camera.hold_light()
    for _ in range(3):
        camera.read()
    video = videos[0]
    held = video.settings[cv2.CAP_PROP_EXPOSURE]
    assert camera.holds_light
    assert video.settings[cv2.CAP_PROP_AUTO_EXPOSURE] == 1 and video.settings[cv2.CAP_PROP_AUTO_WB] == 0
    assert (video.settings[cv2.CAP_PROP_WB_TEMPERATURE], video.settings[cv2.CAP_PROP_GAIN]) == (4600.0, 3.0)
    camera.read()
    assert video.settings[cv2.CAP_PROP_EXPOSURE] == held > 100
    camera.close()


class Lamp:
    """A source whose driver holds, or cannot; it ends after a number of frames."""

    def __init__(self, frames, can=True):
        self.left, self.can, self.asked, self.pause = frames, can, [], threading.Event()
        self.exposure = 100.0

    def grab(self):
        self.pause.wait(0.002)
        if not self.left:
            raise CameraError("It has ended.")
        self.left -= 1
        self.exposure += 1
        return Shot(np.roll(NOISE, self.left, 0))

    def hold_light(self, light):
        self.asked.append(light)
        return (light or {"exposure": self.exposure}) if self.can else None

    def release(self):
        pass


def opened(sources, **options):
    given = iter(sources)
    clock = iter(range(10**6))
    return LiveCamera(
        lambda: next(given), name="It", cure="mend it", restart="start it", lost=1000.0, sleep=lambda s: None,
        clock=lambda: next(clock) * 0.01, **options,
    )  # fmt: skip


def test_after_a_fault_the_light_is_held_as_before(tmp_path):
    first, second = Lamp(400), Lamp(10**6)
    camera = opened([first, second], fixed_light=True)
    while not second.asked:
        heal(camera, report=lambda sentence: None, sleep=lambda seconds: None)
    camera.close()
    assert first.asked == [None], "once, after it has adapted"
    assert second.asked == [{"exposure": pytest.approx(first.exposure, abs=400)}]
    assert second.asked[0]["exposure"] > 100.0


def test_a_driver_that_cannot_hold_the_light_is_asked_once():
    source = Lamp(10**6, can=False)
    camera = opened([source], fixed_light=True)
    while not source.asked:
        camera.read()
    for _ in range(20):
        camera.read()
    assert source.asked == [None] and not camera.holds_light
    camera.close()


def test_nobody_asks_for_it_by_default():
    source = Lamp(10**6)
    camera = opened([source])
    for _ in range(400):
        camera.read()
    camera.close()
    assert source.asked == []
