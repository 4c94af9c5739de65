"""Cameras upside down, on their side, and before a mirror."""

import cv2
import numpy as np
import pytest

from vision import Camera, EndOfPictures, open_camera

PICTURE = np.random.default_rng(0).integers(0, 256, (50, 84, 3), np.uint8)


@pytest.fixture
def file(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), PICTURE)
    return tmp_path / "a.png"


@pytest.mark.parametrize(
    ("rotate", "code"),
    [(90, cv2.ROTATE_90_CLOCKWISE), (180, cv2.ROTATE_180), (270, cv2.ROTATE_90_COUNTERCLOCKWISE)],
)
@pytest.mark.parametrize("mirror", [False, True])
def test_frames_are_put_right(file, rotate, code, mirror):
    camera = open_camera(file, rotate=rotate, mirror=mirror)
    frame = camera.read()
    expected = cv2.rotate(PICTURE, code)
    assert np.array_equal(frame, cv2.flip(expected, 1) if mirror else expected)
    assert frame.flags["C_CONTIGUOUS"] and isinstance(camera, Camera)
    with pytest.raises(EndOfPictures):
        camera.read()
    camera.close()


def test_a_mirror_alone_and_nothing_at_all(file):
    assert np.array_equal(open_camera(file, mirror=True).read(), PICTURE[:, ::-1])
    assert np.array_equal(open_camera(file).read(), PICTURE)


@pytest.mark.parametrize("rotate", [45, -90, 360, 1])
def test_other_rotations_are_refused(file, rotate):
    with pytest.raises(ValueError, match="0, 90, 180 or 270 degrees, not by"):
        open_camera(file, rotate=rotate)
