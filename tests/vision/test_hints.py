"""Why nothing is seen, where a cheap second look says so."""

import cv2
import numpy as np
import pytest

from vision import open_detector
from vision.hints import hint

RNG = np.random.default_rng(0)


def scene(color=(30, 30, 200), place=(60, 110), seed=0):
    """A noisy grey-blue room with a thing of a colour (BGR) in columns `place`."""
    frame = np.random.default_rng(seed).normal((130, 120, 110), 12, (120, 160, 3))
    frame[40:90, place[0] : place[1]] = color
    return np.clip(frame + np.random.default_rng(seed + 1).normal(0, 4, frame.shape), 0, 255).astype(np.uint8)


def marker(dictionary="DICT_5X5_1000", number=3, side=80):
    book = cv2.aruco.getPredefinedDictionary(getattr(cv2.aruco, dictionary))
    page = np.full((160, 240), 255, np.uint8)
    page[40 : 40 + side, 60 : 60 + side] = cv2.aruco.generateImageMarker(book, number, side)
    return np.ascontiguousarray(np.repeat(page[..., None], 3, axis=2))


@pytest.mark.parametrize(
    ("dictionary", "number"),
    [
        ("DICT_APRILTAG_36h11", 3), ("DICT_APRILTAG_25h9", 17), ("DICT_4X4_50", 3), ("DICT_4X4_50", 17),
        ("DICT_6X6_50", 3), ("DICT_6X6_250", 200), ("DICT_7X7_100", 77), ("DICT_ARUCO_ORIGINAL", 17),
    ],
)  # fmt: skip
def test_a_marker_of_another_dictionary_is_named(dictionary, number):
    detector = open_detector("marker")
    frame = marker(dictionary, number)
    assert detector.detect(frame) is None
    words = hint(frame, detector)
    assert words is not None and f"A marker of {dictionary}, number {number}, is in the picture" in words
    assert f'vision.marker.dictionary = "{dictionary}"' in words
    assert open_detector("marker", dictionary=dictionary).detect(frame) is not None, "the advice works"


def test_another_number_a_mirror_and_white_on_black_are_named():
    assert "number 3 of DICT_5X5_1000 is in the picture, and number 7 is wanted" in (
        hint(marker(), open_detector("marker", id=7)) or ""
    )
    detector = open_detector("marker")
    mirrored = np.ascontiguousarray(marker()[:, ::-1])
    assert detector.detect(mirrored) is None
    assert "mirrored: set camera.mirror = true" in (hint(mirrored, detector) or "")
    inverted = 255 - marker()
    assert detector.detect(inverted) is None
    assert "print it black on white" in (hint(inverted, detector) or "")


@pytest.mark.parametrize(
    ("dictionary", "words"),
    [("DICT_5X5_1000", "is in the picture, but"), ("DICT_APRILTAG_36h11", "set vision.marker.dictionary =")],
)
def test_what_is_wrong_with_a_marker_may_be_two_things(dictionary, words):
    detector = open_detector("marker")
    frame = np.ascontiguousarray(255 - marker(dictionary)[:, ::-1])
    found = hint(frame, detector) or ""
    assert words in found and "camera.mirror = true" in found and "black on white" in found
    mirrored = hint(np.ascontiguousarray(marker(dictionary)[:, ::-1]), detector) or ""
    assert words in mirrored and "black on white" not in mirrored


def test_a_picture_that_shows_nothing_is_said():
    for detector in (open_detector("color"), open_detector("marker"), open_detector("slices")):
        finger = np.clip(RNG.normal((90, 80, 190), 3, (120, 160, 3)), 0, 255).astype(np.uint8)
        if not isinstance(detector, type(open_detector("color"))):  # which sees a red wall
            assert "lens is covered" in (hint(finger, detector) or "")
        assert "almost white" in (hint(255 - finger // 20, detector) or "")
    small = np.full((240, 320, 3), 250, np.uint8)
    small[100:116, 100:116] = 20
    assert "almost white" not in (hint(small, open_detector("marker")) or "")


@pytest.mark.parametrize(
    "gains", [(1.0, 0.6, 0.9), (0.3, 1.0, 0.3), (0.6, 0.85, 1.0)], ids=["pink", "green", "brown"]
)
@pytest.mark.parametrize("kind", ["color", "slices"])
def test_the_picture_of_a_night_mode_has_no_colours(gains, kind):
    grey = np.repeat(cv2.cvtColor(scene(), cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2)
    assert "has no colours" in (hint((grey * gains).astype(np.uint8), open_detector(kind)) or "")


def test_pictures_without_any_marker_get_no_advice():
    from skimage import data

    detector = open_detector("marker")
    for name in ("coffee", "chelsea", "astronaut", "rocket"):
        frame = np.ascontiguousarray(getattr(data, name)()[..., ::-1])
        assert hint(frame, detector) is None, name
    assert hint(RNG.integers(0, 256, (240, 320, 3), np.uint8), detector) is None


@pytest.mark.parametrize("tint", [(0, 0, 0), (8, 0, -8), (0, 20, 0)], ids=["grey", "warm", "green"])
def test_a_camera_without_colours_is_said(tint):
    grey = np.repeat(cv2.cvtColor(scene(), cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2)
    frame = np.clip(grey.astype(int) + tint, 0, 255).astype(np.uint8)
    assert "has no colours" in (hint(frame, open_detector("color")) or "")


def test_colours_are_not_called_grey():
    from skimage import data

    detector = open_detector("color", hue_degrees=(100, 101))
    for name in ("coffee", "chelsea", "astronaut"):
        frame = np.ascontiguousarray(getattr(data, name)()[..., ::-1])
        assert "no colours" not in (hint(frame, detector) or ""), name


def test_a_grey_room_with_one_small_coloured_thing_has_colours():
    frame = np.full((240, 320, 3), 128, np.uint8)
    frame[100:120, 150:170] = (60, 200, 60)
    assert hint(frame, open_detector("color")) is None


def test_red_and_blue_exchanged_are_said():
    frame = np.ascontiguousarray(scene()[..., ::-1])
    detector = open_detector("color")
    assert detector.detect(frame) is None
    assert "red and blue are exchanged" in (hint(frame, detector) or "")


def test_a_dark_picture_is_said_and_an_empty_room_gets_no_advice():
    assert "very dark" in (hint(scene((100, 100, 100)) // 12, open_detector("marker")) or "")
    assert hint(scene((110, 100, 90), seed=4), open_detector("color")) is None


def test_a_network_that_sees_only_upright_things_says_so(tmp_path):
    """The model finds red in the upper half only, as others find only things that stand."""
    import graphs

    graph = graphs.Graph(64, 64)
    logits = graph.reshape(graph.scores(16, [graphs.RED, graphs.BLUE]), (1, 16, 2))
    upper = np.zeros((1, 16, 2), np.float32)
    upper[:, :8] = 1
    both = [graph.logistic(logits), graph.constant(upper)]
    scores = graph.op(graphs.Op.MUL, both, (1, 16, 2), graphs.s.MulOptionsT())
    boxes = graphs.grid_boxes(64, 64, (16,))
    ends = np.concatenate([boxes[:, :2] - 8, boxes[:, :2] + 8], axis=1) / 64
    (tmp_path / "model.tflite").write_bytes(graph.file(graph.constant(ends[None]), scores))
    detector = open_detector("objects", model=tmp_path / "model.tflite")
    frame = np.zeros((128, 128, 3), np.uint8)
    frame[96:128, 32:64] = (0, 0, 255)
    assert detector.detect(frame) is None
    assert "set camera.rotate = 180" in (hint(frame, detector) or "")
