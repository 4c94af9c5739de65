import cv2
import numpy as np
import pytest

from vision import Sight
from vision.detectors.marker import MarkerDetector, dictionaries


def page(number, size=80, at=(100, 60), dictionary=cv2.aruco.DICT_5X5_1000, frame=None):
    """A light frame with a marker whose top left corner is at `at`."""
    frame = np.full((240, 320, 3), 220, np.uint8) if frame is None else frame
    book = cv2.aruco.getPredefinedDictionary(dictionary)
    x, y = at
    marker = cv2.aruco.generateImageMarker(book, number, size)
    frame[y : y + size, x : x + size] = marker[..., None]
    return frame


def near(sight, first, last, width=320):
    label = Sight.from_columns(first, last, width)
    return abs(sight.x1 - label.x1) <= 1 and abs(sight.x2 - label.x2) <= 1


@pytest.mark.parametrize(("x", "size"), [(4, 60), (100, 80), (150, 120), (250, 66), (60, 200)])
def test_the_sight_spans_the_marker(x, size):
    sight = MarkerDetector().detect(page(17, size, (x, 20)))
    assert near(sight, x, x + size - 1)
    assert sight.confidence == 1.0


@pytest.mark.parametrize("name", dictionaries())
def test_every_dictionary_of_opencv_is_read(name):
    frame = page(3, dictionary=getattr(cv2.aruco, name))
    assert near(MarkerDetector(name, 3).detect(frame), 100, 179)


@pytest.mark.parametrize("name", ["apriltag_36h11", "DICT_APRILTAG_36H11", "AprilTag_36h11"])
def test_a_name_may_be_in_any_case_with_or_without_dict(name):
    frame = page(3, dictionary=cv2.aruco.DICT_APRILTAG_36h11)
    assert near(MarkerDetector(name).detect(frame), 100, 179)


def test_an_unknown_dictionary_names_the_nearest():
    with pytest.raises(ValueError, match=r"no marker dictionary.*Did you mean 'DICT_5X5_1000'"):
        MarkerDetector("5x5_10000")


@pytest.mark.parametrize("number", [-1, 50])
def test_a_number_that_the_dictionary_lacks_is_refused(number):
    with pytest.raises(ValueError, match=r"DICT_4X4_50 has the markers 0 to 49"):
        MarkerDetector("4X4_50", number)


def test_the_wanted_marker_is_chosen_and_else_the_widest():
    frame = page(8, 60, (20, 40), frame=page(9, 100, (180, 40)))
    assert near(MarkerDetector(id=8).detect(frame), 20, 79)
    assert near(MarkerDetector(id=9).detect(frame), 180, 279)
    assert near(MarkerDetector().detect(frame), 180, 279)
    assert MarkerDetector(id=10).detect(frame) is None


def test_nothing_is_seen_in_noise_or_in_another_dictionary():
    noise = np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    assert MarkerDetector().detect(noise) is None
    for flat in (0, 128, 255):
        assert MarkerDetector().detect(np.full((240, 320, 3), flat, np.uint8)) is None
    assert MarkerDetector("6X6_250").detect(page(17)) is None


def test_a_dark_and_noisy_marker_is_read_at_less_confidence():
    rng = np.random.default_rng(2)
    dark = page(17, 120).astype(float) * 0.05 + 20 + rng.normal(0, 6, (240, 320, 1))
    sight = MarkerDetector().detect(np.clip(dark, 0, 255).astype(np.uint8))
    assert near(sight, 100, 219)
    assert sight.confidence < 1.0


def test_a_blurred_marker_is_read():
    sight = MarkerDetector().detect(cv2.GaussianBlur(page(17, 120), (0, 0), 4.0))
    assert near(sight, 100, 219)


def test_a_turned_marker_spans_its_outermost_corners():
    turn = cv2.getRotationMatrix2D((160, 120), 45, 1.0)
    frame = cv2.warpAffine(page(17, 100, (110, 70)), turn, (320, 240), borderValue=(220,) * 3)
    half = 50 * 2**0.5
    assert near(MarkerDetector().detect(frame), 160 - half, 160 + half)


def test_what_is_no_frame_is_refused():
    with pytest.raises(ValueError, match="A frame is"):
        MarkerDetector().detect(np.zeros((240, 320), np.uint8))


def test_an_opencv_that_is_too_old_for_markers_is_told(monkeypatch):
    monkeypatch.delattr(cv2.aruco, "ArucoDetector")
    with pytest.raises(ValueError, match="need OpenCV 4"):
        MarkerDetector()
