"""A colour learned from a click: where it is clicked, in what light, and what is kept of it."""

import json

import cv2
import numpy as np
import pytest

from tests.vision.detectors.test_color import BLUE, RED, bgr, near, scene
from vision.detectors.color import ColorDetector
from vision.detectors.color_light import reduce
from vision.detectors.color_model import COMPAND, ColorModel
from vision.detectors.color_pieces import likely, packed, table_of
from vision.hints import hint

ORANGE = (22, 0.95, 0.95)
GREEN = (130, 0.75, 0.7)


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


def cup(picture, color, x1, x2, y1, y2, stripe=None):
    """Draw a glossy upright thing into a picture, in place: a broad highlight parts it, or a stripe."""
    across = np.linspace(-1, 1, x2 - x1 + 1)
    light = 0.45 + 0.5 * np.sqrt(np.clip(1 - across**2, 0, 1))
    sheen = np.exp(-((across / 0.17) ** 2))[:, None]
    own = bgr(*color) * light[:, None]
    picture[y1 : y2 + 1, x1 : x2 + 1] = np.clip(own + sheen * (225 - own) * 0.75, 0, 255).astype(np.uint8)
    if stripe:
        picture[stripe[0] : stripe[1] + 1, x1 : x2 + 1] = 235
    return picture


@pytest.mark.parametrize("across", [0.08, 0.25, 0.5, 0.75, 0.92])
@pytest.mark.parametrize("color", [RED, ORANGE, BLUE])
def test_both_sides_of_a_highlight_are_the_thing(across, color):
    detector = ColorDetector.learn(cup(scene(seed=8), color, 130, 199, 70, 160), at=(130 + 69 * across, 110))
    for x1, x2, y1, y2 in ((40, 79, 80, 132), (180, 299, 40, 196)):
        assert near(detector.detect(cup(scene(seed=9), color, x1, x2, y1, y2)), x1, x2)
    assert detector.detect(scene(seed=10)) is None


@pytest.mark.parametrize("across", [0.1, 0.5, 0.9])
def test_a_click_on_a_stripe_as_pale_as_the_sky_learns_the_thing(across):
    shown = scene(seed=11)
    shown[:150] = np.clip(np.random.default_rng(3).normal(232, 3, (150, 320, 3)), 0, 255)
    cup(shown, RED, 130, 189, 40, 140, stripe=(78, 100))
    detector = ColorDetector.learn(shown, at=(130 + 59 * across, 89))
    frame = cup(scene(seed=12), RED, 60, 109, 60, 144, stripe=(92, 110))
    assert near(detector.detect(frame), 60, 109)


def fish(picture, x, y, half):
    """Draw a thing of four stripes of two colours into a picture, in place."""
    for stripe, color in enumerate((GREEN, BLUE, GREEN, BLUE)):
        left = x - half + stripe * half // 2
        picture[y - half : y + half, left : left + half // 2] = bgr(*color)
    return picture


@pytest.mark.parametrize("across", [-0.7, -0.2, 0.3])
def test_a_thing_of_two_colours_is_learned_whole(across):
    detector = ColorDetector.learn(fish(scene(seed=13), 160, 120, 40), at=(160 + 40 * across, 120))
    assert near(detector.detect(fish(scene(seed=14), 90, 120, 24)), 66, 113)


@pytest.mark.parametrize("across", [-0.6, 0.6])
def test_both_sides_of_an_upright_band_are_the_thing(across):
    def banded(seed, x, radius):
        frame = ball(scene(seed=seed), GREEN, x, 120, radius, highlight=False)
        band = slice(x - radius // 5, x + radius // 5)
        v, u = np.mgrid[0:240, band.start : band.stop]
        own = (u - x) ** 2 + (v - 120) ** 2 < radius**2
        frame[:, band][own] = 175
        return frame

    detector = ColorDetector.learn(banded(21, 160, 50), at=(160 + 50 * across, 120))
    assert near(detector.detect(banded(22, 90, 26)), 64, 115)


def test_a_click_that_may_not_hold_is_said():
    shown = ball(scene(seed=23), RED, 160, 120, 30)
    assert ColorDetector.learn(shown, at=(165, 130)).doubt == ""
    for x in (40, 90, 240, 285):
        ball(shown, RED, x, 120, 18)
    assert "beside the target has that colour" in ColorDetector.learn(shown, at=(165, 130)).doubt


def test_a_near_ball_partly_in_shade_is_not_refused_as_a_background():
    shown = ball(scene(seed=17), BLUE, 150, 120, 104)
    shown[:, 150:] = (0.55 * shown[:, 150:]).astype(np.uint8)
    detector = ColorDetector.learn(shown, at=(100, 110))
    assert near(detector.detect(ball(scene(seed=18), BLUE, 150, 120, 40)), 110, 189)


@pytest.mark.parametrize("at", [(150, 190), (190, 170), (150, 70)])
def test_any_place_on_a_near_ball_will_do_also_below_the_edge_of_a_shade(at):
    shown = ball(scene(seed=17), ORANGE, 150, 120, 95)
    shown[130:] = (0.5 * shown[130:]).astype(np.uint8)
    detector = ColorDetector.learn(shown, at=at)
    assert near(detector.detect(ball(scene(seed=18), ORANGE, 150, 120, 40)), 110, 189)


@pytest.mark.parametrize(("color", "mark"), [(ORANGE, BLUE), (GREEN, RED)])
def test_a_click_on_a_print_of_another_colour_learns_the_thing(color, mark):
    def printed(seed, x, radius):
        frame = ball(scene(seed=seed), color, x, 120, radius)
        frame[120 - radius // 10 : 120 + radius // 8, x - radius // 6 : x + radius // 4] = bgr(*mark)
        return frame

    detector = ColorDetector.learn(printed(31, 160, 95), at=(161, 120))
    assert near(detector.detect(printed(32, 110, 30)), 80, 139)


@pytest.mark.parametrize("width", [84, 85])  # two bytes are looked up at once where rows are even
def test_a_colour_is_looked_up_in_the_very_bin_of_the_table(width):
    rng = np.random.default_rng(0)
    table = rng.integers(0, 256, (32, 32, 32), np.uint8)
    picture = rng.integers(0, 256, (60, width, 3), np.uint8)
    blue, green, red = np.moveaxis(COMPAND[picture].astype(int) // 8, -1, 0)
    assert np.array_equal(likely(packed(picture), table_of(table)), table[blue, green, red])


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


@pytest.mark.parametrize(
    "place, words",
    [
        ({"at": (500, 5)}, r"The place \(500, 5\) is outside of the 320 x 240 picture"),
        ({"rectangle": (100, 40, 60, 89)}, "ends before it begins"),
    ],
)
def test_a_place_that_is_none_is_said_as_it_was_given(place, words):
    with pytest.raises(ValueError, match=words):
        ColorDetector.learn(np.zeros((240, 320, 3), np.uint8), **place)
