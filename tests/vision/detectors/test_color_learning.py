"""A colour learned from a click: where it is clicked, in what light, and what is kept of it."""

import json

import cv2
import numpy as np
import pytest

from tests.vision.detectors.test_color import BLUE, RED, bgr, near, scene
from vision.detectors.color import ColorDetector
from vision.detectors.color_light import reduce
from vision.detectors.color_model import ColorModel
from vision.hints import hint

ORANGE = (22, 0.95, 0.95)


def ball(picture, color, x, y, radius, seam=False, highlight=True):
    """Draw a lit ball into a picture, in place."""
    height, width = picture.shape[:2]
    v, u = np.mgrid[0:height, 0:width].astype(float)
    u, v = (u - x) / radius, (v - y) / radius
    inside = u * u + v * v < 1
    depth = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    light = 0.45 + 0.55 * np.clip(-0.4 * u - 0.6 * v + 0.7 * depth, 0, 1)
    own = bgr(*color) * light[..., None]
    if seam:
        own[np.abs(u - 0.5 * v) < 0.05] = 200
    if highlight:
        own[(u + 0.35) ** 2 + (v + 0.4) ** 2 < 0.03] = 245
    picture[inside] = np.clip(own, 0, 255)[inside].astype(np.uint8)
    return picture


@pytest.mark.parametrize("across", [-0.6, -0.35, 0.0, 0.5])
@pytest.mark.parametrize("down", [-0.4, 0.0, 0.6])
@pytest.mark.parametrize("seam", [False, True])
def test_any_place_on_a_ball_will_do_also_a_highlight(across, down, seam):
    shown = ball(scene(seed=1), ORANGE, 160, 120, 40, seam=seam)
    detector = ColorDetector.learn(shown, at=(160 + 40 * across, 120 + 40 * down))
    for x, y, radius in ((80, 100, 15), (230, 140, 30), (160, 120, 60)):
        frame = ball(scene(seed=2), ORANGE, x, y, radius, seam=seam)
        assert near(detector.detect(frame), x - radius, x + radius - 1)
    assert detector.detect(scene(seed=3)) is None


@pytest.mark.parametrize("gains", [(0.6, 1.0, 1.3), (1.25, 1.0, 0.75), (0.45, 0.45, 0.45), (1.4, 1.4, 1.4)])
@pytest.mark.parametrize("color", [RED, ORANGE, BLUE])
def test_it_is_found_in_the_light_of_another_hour(color, gains):
    detector = ColorDetector.learn(ball(scene(), color, 160, 120, 40), at=(170, 130))
    frame = ball(scene(seed=4), color, 100, 130, 30)
    assert near(detector.detect(np.clip(frame * np.array(gains), 0, 255).astype(np.uint8)), 70, 129)
    empty = np.clip(scene(seed=5) * np.array(gains), 0, 255).astype(np.uint8)
    assert detector.detect(empty) is None


def test_of_two_that_touch_the_nearer_is_the_target():
    detector = ColorDetector.learn(ball(scene(), RED, 160, 120, 40), at=(160, 130))
    frame = ball(ball(scene(seed=6), RED, 130, 120, 40), RED, 196, 126, 26)
    sight = detector.detect(frame)
    assert sight is not None and near(sight, 90, 169)


def test_what_was_learned_is_a_small_file(tmp_path):
    frame = ball(scene(), ORANGE, 160, 120, 40)
    learned = ColorDetector.learn(frame, at=(160, 130))
    assert learned.model is not None
    learned.model.save(tmp_path / "ball.json")
    assert (tmp_path / "ball.json").stat().st_size < 40_000
    again = ColorDetector(learned=tmp_path / "ball.json")
    assert again.detect(frame) == learned.detect(frame)


@pytest.mark.parametrize(
    "damage",
    [
        {"format": 9},
        {"table": "AAAA"},
        {"table": "?"},
        {"levels": [1, 2]},
        {"look": [1, 0, 0, 0, 0]},
        {"light": None},
    ],
)
def test_a_damaged_file_is_refused_with_the_cure(damage):
    learned = ColorDetector.learn(ball(scene(), RED, 160, 120, 40), at=(160, 130))
    stored = json.loads(json.dumps(learned.settings()["learned"])) | damage
    with pytest.raises(ValueError, match="Learn the colour again"):
        ColorModel.from_settings(stored)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.json"):
        ColorDetector(learned=tmp_path / "none.json")


def test_a_click_on_the_background_is_said_to_be_one():
    frame = scene()
    frame[120:] = bgr(32, 0.6, 0.6)
    ball(frame, BLUE, 160, 120, 30)
    with pytest.raises(ValueError, match="% of it"):
        ColorDetector.learn(frame, at=(20, 200))


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (np.full((240, 320, 3), 130, np.uint8), "no colours"),
        (np.full((240, 320, 3), 8, np.uint8), "very dark"),
        (np.full((240, 320, 3), bgr(*BLUE), np.uint8), "covers 100%"),
        (ball(scene(), BLUE, 160, 120, 30), None),
    ],
)
def test_a_hint_says_why_nothing_can_be_found(frame, words):
    detector = ColorDetector.learn(ball(scene(), BLUE, 160, 120, 40), at=(160, 130))
    said = hint(frame, detector)
    assert said is None if words is None else words in said


@pytest.mark.parametrize(
    "size", [(320, 240), (333, 251), (640, 480), (1024, 768), (1640, 1232), (3280, 2464), (4000, 300)]
)
def test_a_reduced_picture_keeps_its_places(size):
    width, height = size
    frame = np.zeros((height, width, 3), np.uint8)
    frame[:, width // 2 :] = 255
    work, scale = reduce(frame, 160)
    assert 150 <= work.shape[1] <= 320
    edge = float(np.argmax(work[work.shape[0] // 2, :, 0] > 127)) * scale
    assert abs(edge - width // 2) <= 1.5 * scale


@pytest.mark.parametrize("size", [(640, 480), (1640, 1232)])
def test_the_size_of_the_picture_does_not_matter_to_what_was_learned(size):
    detector = ColorDetector.learn(ball(scene(), RED, 160, 120, 40), at=(160, 130))
    frame = cv2.resize(ball(scene(seed=7), RED, 100, 120, 30), size, interpolation=cv2.INTER_LINEAR)
    scale = size[0] / 320
    assert near(detector.detect(frame), int(70 * scale), int(130 * scale) - 1, size[0])
