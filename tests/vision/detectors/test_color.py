import colorsys
import json

import cv2
import numpy as np
import pytest

from vision import Sight, open_detector
from vision.detectors.color import ColorDetector
from vision.detectors.color_learning import learn

RED, ORANGE, PINK = (355, 0.85, 0.8), (28, 0.95, 0.95), (335, 0.45, 1.0)
GREEN, BLUE, WOOD = (120, 0.7, 0.6), (215, 0.8, 0.7), (30, 0.6, 0.55)


def bgr(hue, saturation, value):
    r, g, b = colorsys.hsv_to_rgb(hue / 360, saturation, value)
    return np.array([b, g, r]) * 255


def scene(*boxes, light=1.0, noise=4.0, seed=0, width=320, height=240):
    """A grey wall over a brownish floor with cylinders: (color, x1, y1, x2, y2), inclusive.

    Each is lit from the left and darkens to a third at its right rim.
    """
    picture = np.empty((height, width, 3))
    picture[: height // 2] = bgr(210, 0.1, 0.75)
    picture[height // 2 :] = bgr(32, 0.35, 0.6)
    for color, x1, y1, x2, y2 in boxes:
        shade = np.linspace(1.0, 0.35, x2 - x1 + 1)[:, None]
        picture[y1 : y2 + 1, x1 : x2 + 1] = bgr(*color) * shade
    rng = np.random.default_rng(seed)
    picture = picture * light + rng.normal(0, noise, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def near(sight, first, last, width=320):
    label = Sight.from_columns(first, last, width)
    return sight is not None and abs(sight.x1 - label.x1) <= 1 and abs(sight.x2 - label.x2) <= 1


@pytest.mark.parametrize("light", [0.45, 0.7, 1.0, 1.25])
@pytest.mark.parametrize("noise", [1.0, 8.0])
@pytest.mark.parametrize(("x1", "x2"), [(0, 40), (150, 172), (80, 239), (290, 319), (20, 300)])
def test_a_red_cylinder_is_found_in_any_light(light, noise, x1, x2):
    frame = scene((RED, x1, 90, x2, 90 + (x2 - x1) // 2 + 20), light=light, noise=noise)
    assert near(ColorDetector().detect(frame), x1, x2)


def test_a_red_cylinder_is_found_among_larger_things_of_other_colors():
    others = [(ORANGE, 0, 60, 60, 200), (PINK, 70, 60, 120, 200), (BLUE, 240, 60, 319, 220)]
    others += [(GREEN, 125, 60, 150, 200), (WOOD, 200, 60, 230, 220)]
    assert near(ColorDetector().detect(scene(*others, (RED, 160, 90, 190, 130))), 160, 190)
    assert ColorDetector().detect(scene(*others)) is None


@pytest.mark.parametrize("size", [(160, 120), (320, 240), (640, 480), (1296, 972), (333, 251)])
def test_the_size_of_the_picture_does_not_matter(size):
    frame = cv2.resize(scene((RED, 100, 90, 180, 180)), size, interpolation=cv2.INTER_AREA)
    assert near(ColorDetector().detect(frame), 100, 180)


@pytest.mark.parametrize("hue", range(0, 360, 30))
def test_any_hue_can_be_chosen_also_those_around_red(hue):
    detector = ColorDetector(((hue - 15) % 360, (hue + 15) % 360))
    frame = scene(((hue, 0.9, 0.8), 100, 80, 160, 160), noise=1)
    assert near(detector.detect(frame), 100, 160)
    assert detector.detect(scene((((hue + 60) % 360, 0.9, 0.8), 100, 80, 160, 160))) is None


def test_the_largest_wins_and_a_rival_costs_confidence():
    alone = ColorDetector().detect(scene((RED, 40, 80, 100, 160)))
    rivals = ColorDetector().detect(scene((RED, 40, 80, 100, 160), (RED, 220, 80, 270, 140)))
    assert (alone.x1, alone.x2) == (rivals.x1, rivals.x2)
    assert alone.confidence > 0.95
    assert 0.5 < rivals.confidence < 0.75


@pytest.mark.parametrize(
    "box",
    [(0, 150, 319, 170), (150, 100, 151, 239), (100, 100, 104, 104)],
    ids=["a strip of floor", "a cable", "a speck"],
)
def test_what_is_not_shaped_like_a_target_is_not_one(box):
    assert ColorDetector().detect(scene((RED, *box))) is None


def test_the_rim_of_a_picture_frame_is_not_a_target():
    frame = scene((RED, 60, 60, 200, 200), noise=1)
    frame[68:193, 68:193] = 128
    assert ColorDetector().detect(frame) is None
    assert ColorDetector(min_fill=0.1).detect(frame) is not None


def test_a_cable_of_the_same_color_does_not_widen_the_target():
    frame = scene((RED, 140, 80, 200, 160), noise=1)
    frame[120:122] = bgr(*RED)
    assert near(ColorDetector().detect(frame), 140, 200)


def test_a_rectangle_may_hold_more_of_the_floor_than_of_the_target():
    frame = scene((BLUE, 140, 80, 180, 160))
    frame[100:, :140] = frame[100:, 181:] = frame[161:] = bgr(32, 0.7, 0.6)
    learned = ColorDetector.learn(frame, rectangle=(100, 90, 220, 200))
    assert near(learned.detect(frame), 140, 180)


def test_a_target_behind_a_pole_or_with_a_stripe_is_one():
    pole = scene((RED, 100, 80, 180, 180), (BLUE, 135, 0, 145, 239), noise=1)
    stripe = scene((RED, 100, 80, 180, 115), (RED, 100, 140, 180, 180), noise=1)
    two = scene((RED, 40, 80, 80, 140), (RED, 150, 80, 190, 140), noise=1)
    assert near(ColorDetector().detect(pole), 100, 180)
    assert ColorDetector().detect(stripe).confidence > 0.95
    assert near(ColorDetector(join=0).detect(pole), 100, 134)
    assert ColorDetector().detect(two).x2 - ColorDetector().detect(two).x1 < 8


@pytest.mark.parametrize("value", [0, 90, 255])
def test_nothing_is_seen_in_an_empty_picture(value):
    assert ColorDetector().detect(np.full((240, 320, 3), value, np.uint8)) is None


def test_what_is_no_frame_is_refused():
    with pytest.raises(ValueError, match="A frame is"):
        ColorDetector().detect(np.zeros((240, 320), np.uint8))


def test_the_frame_is_left_as_it_was():
    frame = scene((RED, 100, 80, 180, 180))
    before = frame.copy()
    ColorDetector().detect(frame)
    ColorDetector.learn(frame, at=(120, 100))
    assert np.array_equal(frame, before)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("hue_degrees", (0, 361)),
        ("hue_degrees", (5,)),
        ("saturation", (0.9, 0.1)),
        ("value", (-0.1, 0.5)),
        ("min_area", 2),
        ("join", -0.1),
        ("working_width", 20),
    ],
)
def test_a_value_amiss_is_refused_by_name(option, value):
    with pytest.raises(ValueError, match=f"{option} is"):
        ColorDetector(**{option: value})


@pytest.mark.parametrize("hue", range(0, 360, 20))
@pytest.mark.parametrize("where", [{"at": (112, 100)}, {"rectangle": (90, 70, 170, 170)}])
def test_a_color_is_learned_from_one_place(hue, where):
    color = (hue, 0.8, 0.8)
    detector = ColorDetector.learn(scene((color, 100, 80, 160, 160)), **where)
    low, high = detector.hue_degrees
    assert (hue - low) % 360 < 40 and (high - hue) % 360 < 40
    moved = scene((color, 200, 90, 230, 130), light=0.7, seed=1)
    assert near(detector.detect(moved), 200, 230)
    other = ((hue + 60) % 360, 0.8, 0.8)
    assert detector.detect(scene((other, 100, 80, 160, 160))) is None


def test_a_floor_with_a_tint_of_the_same_hue_is_told_apart():
    frame = scene(((210, 0.85, 0.6), 100, 80, 160, 180))
    frame[120:, :100] = frame[120:, 161:] = bgr(210, 0.38, 0.5)
    assert near(ColorDetector.learn(frame, at=(120, 100)).detect(frame), 100, 160)


def test_what_was_learned_can_be_stored():
    frame = scene((BLUE, 100, 80, 160, 160))
    learned = ColorDetector.learn(frame, at=(120, 100), join=0.1)
    stored = json.loads(json.dumps(learned.settings()))
    opened = open_detector("color", **stored)
    assert isinstance(opened, ColorDetector)
    assert opened.settings() == learned.settings()
    assert opened.join == 0.1
    assert opened.detect(frame) == learned.detect(frame)


@pytest.mark.parametrize(
    ("color", "word"),
    [((0, 0.0, 0.95), "white or grey"), ((0, 0.1, 0.5), "white or grey"), ((0, 0.9, 0.05), "dark")],
)
@pytest.mark.parametrize("where", [{"at": (120, 100)}, {"rectangle": (101, 81, 159, 159)}])
def test_a_place_without_a_color_is_refused_with_the_cure(color, word, where):
    with pytest.raises(ValueError, match=rf"too {word} .* marker, on the target\.$"):
        ColorDetector.learn(scene((color, 100, 80, 160, 160), noise=1), **where)


def test_the_floor_is_refused_as_a_target():
    frame = scene()
    frame[120:] = bgr(32, 0.6, 0.6)
    with pytest.raises(ValueError, match="as a floor or a wall does"):
        ColorDetector.learn(frame, at=(20, 200))


@pytest.mark.parametrize(
    ("where", "word"),
    [
        ({}, "either"),
        ({"at": (1, 1), "rectangle": (1, 1, 2, 2)}, "either"),
        ({"at": (320, 10)}, "outside"),
        ({"at": (-1, 10)}, "outside"),
        ({"rectangle": (20, 10, 10, 30)}, "ends before"),
        ({"rectangle": (20, 10)}, "x1, y1, x2, y2"),
    ],
)
def test_a_place_that_is_none_is_refused(where, word):
    with pytest.raises(ValueError, match=word):
        learn(scene(), **where)
