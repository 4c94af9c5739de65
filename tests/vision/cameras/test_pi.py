"""The Pi camera, over a stand-in for picamera2 at the wire."""

import sys
import threading
import time

import fake_picamera2
import numpy as np
import pytest

from vision import CameraError, CameraFault, heal, open_camera

SHORT = {"lost": 0.4, "frozen": 0.4, "black": 0.4}


def breathe(seconds):
    time.sleep(min(seconds, 0.02))


@pytest.fixture
def sensors(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", fake_picamera2)
    monkeypatch.setattr(fake_picamera2, "SENSORS", [fake_picamera2.Sensor(), fake_picamera2.Sensor()])
    return fake_picamera2.SENSORS


def drain(camera):
    frames = []
    try:
        for _ in range(10_000):
            frames.append(camera.read())
    except CameraFault as fault:
        return frames, fault
    raise AssertionError("no fault")


def test_it_gives_fresh_frames_of_the_size_asked_for_blue_first(sensors):
    camera = open_camera("pi", width=64, height=48)
    frame = camera.read()
    assert (frame.shape, frame.dtype) == ((48, 64, 3), np.uint8)
    assert frame.flags["C_CONTIGUOUS"]
    assert tuple(frame[0, 0]) == (255, 0, 0)
    assert not np.array_equal(frame, camera.read())
    config = sensors[0].user.config
    assert config["buffer_count"] <= 4 and config["queue"] is False, "no frame is kept from before"
    camera.close()
    assert sensors[0].user is None


def test_the_exposure_begins_after_the_call(sensors, monkeypatch):
    requests = []

    class Request(fake_picamera2.CompletedRequest):
        def make_array(self, name):
            requests.append(self)
            return super().make_array(name)

    monkeypatch.setattr(fake_picamera2, "CompletedRequest", Request)
    camera = open_camera("pi", width=16, height=16)
    for _ in range(5):
        asked = time.monotonic_ns()
        frame = camera.read()
        (request,) = [r for r in requests if np.array_equal(r._array, frame)]
        assert request._timestamp - fake_picamera2.EXPOSURE * 1e9 >= asked
    camera.close()


def test_a_clock_that_disagrees_does_not_stop_it(sensors, monkeypatch):
    monkeypatch.setattr(fake_picamera2, "EXPOSURE", 3600.0)
    camera = open_camera("pi", width=16, height=16)
    camera.read()
    camera.close()


def test_the_second_camera_has_a_number(sensors):
    camera = open_camera("PI:1")
    assert sensors[0].user is None and sensors[1].user is not None
    camera.close()


@pytest.mark.parametrize(
    ("mode", "kind", "words"),
    [
        ("loose", "lost", "Pi camera 0 gives no more pictures: check both ends of its ribbon cable"),
        ("black", "black", "Pi camera 0 gives black pictures: take the cap off"),
        ("frozen", "frozen", "Pi camera 0 gives the same picture over and over: start the program again"),
    ],
)
def test_a_fault_is_told_and_healed(sensors, mode, kind, words):
    limits = SHORT if kind == "lost" else SHORT | {"lost": 30.0}  # a busy machine may pause for as long
    camera = open_camera("pi", width=64, height=48, sleep=breathe, **limits)
    camera.read()
    sensors[0].mode = mode
    frames, fault = drain(camera)
    assert fault.kind == kind and str(fault).startswith(words)
    told = []

    def tell(sentence):
        told.append(sentence)
        sensors[0].mode = "ok"

    frames.append(heal(camera, report=tell, sleep=breathe))
    assert told[0].startswith(words) and len(told) == 2
    assert all(frame.max() == 255 for frame in frames)
    assert not any(np.array_equal(a, b) for a, b in zip(frames, frames[1:], strict=False))
    camera.close()


def test_a_camera_that_does_not_let_go_is_told_and_not_opened_twice(sensors, monkeypatch):
    camera = open_camera("pi", width=64, height=48, sleep=breathe, **SHORT)
    freed = threading.Event()
    monkeypatch.setattr(sensors[0].user, "close", freed.wait)
    sensors[0].mode = "loose"
    drain(camera)
    with pytest.raises(CameraFault, match="start the program again"):
        for _ in range(5):
            camera.read()
    assert sensors[0].opened == 1
    freed.set()
    camera.close()


def test_no_picamera2_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError, match="sudo apt install -y python3-picamera2") as error:
        open_camera("pi")
    assert "--system-site-packages" in str(error.value)
    assert not isinstance(error.value, CameraFault)


def test_no_such_camera_and_one_in_use_say_what_to_check(sensors):
    with pytest.raises(CameraError, match=r"Pi camera 7 cannot be opened .*: check both ends of its ribbon"):
        open_camera("pi:7")
    first = open_camera("pi")
    with pytest.raises(CameraError, match="no other program uses it"):
        open_camera("pi")
    first.close()


def test_the_light_is_held_as_it_is(sensors):
    camera = open_camera("pi", width=48, height=16)
    camera.read()
    user = sensors[0].user
    assert user.controls == {}
    camera.hold_light()
    camera.read()
    camera.read()
    assert camera.holds_light
    assert user.controls == {
        "AeEnable": False,
        "AwbEnable": False,
        "ExposureTime": int(fake_picamera2.EXPOSURE * 1e6),
        "AnalogueGain": 1.5,
        "ColourGains": (1.9, 1.4),
    }
    camera.close()
