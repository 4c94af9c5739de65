"""Cameras by name: somebody's own as MODULE:FACTORY."""

import sys

import pytest

from vision import CameraError, EndOfPictures, frames, open_camera

OWN = """
import numpy as np


class Camera:
    def __init__(self, *pictures):
        self.pictures, self.closed = iter(pictures), 0

    def read(self):
        return next(self.pictures)

    def close(self):
        self.closed += 1


class Plain:
    def read(self):
        return {}["picture"]


def two(): return Camera(*np.zeros((2, 30, 42, 3), np.uint8))
def grey(): return Camera(np.zeros((30, 42), np.uint8))
def tuple_of_opencv(): return Camera((True, np.zeros((30, 42, 3), np.uint8)))
def nothing(): return Camera(None)
def numbers(): return Camera(np.zeros((30, 42, 3)))
def no_camera(): return 3
def unplugged(): raise OSError("/dev/ttyUSB0 is not there")
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "own_camera", raising=False)
    (tmp_path / "own_camera.py").write_text(OWN)
    return lambda name: open_camera(f"own_camera:{name}")


def test_its_frames_are_read_to_the_end_and_it_is_closed(own):
    camera = own("two")
    assert [frame.shape for frame in frames(camera)] == [(30, 42, 3)] * 2
    with pytest.raises(EndOfPictures):
        camera.read()
    assert camera.camera.closed == 1


def test_one_without_close_will_do(own):
    own("Plain").close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("grey", r"no frames.*\(height, width, 3\).*\(30, 42\)"),
        ("tuple_of_opencv", "not tuple"),
        ("nothing", "not NoneType"),
        ("numbers", "type float64"),
        ("Plain", r"KeyError: 'picture' \(line 18 of own_camera.py\)"),
    ],
)
def test_what_is_no_frame_is_said(own, name, words):
    with pytest.raises(CameraError, match=words):
        own(name).read()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_camera", r"lacks read\(\): a camera has read\(\)"),
        ("unplugged", r"/dev/ttyUSB0 is not there \(line \d+ of own_camera.py\)"),
        ("tow", "no factory 'tow'.*Did you mean 'two'"),
    ],
)
def test_one_that_cannot_be_opened_says_why(own, name, words):
    with pytest.raises(CameraError, match=words):
        own(name)


def test_a_file_with_a_colon_in_its_name_is_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip:front").mkdir()
    with pytest.raises(CameraError, match="no picture in 'clip:front'"):
        open_camera("clip:front")
