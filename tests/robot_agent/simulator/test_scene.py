"""The rendered room: the target's edges, to the pixel, and that a colour detector sees it."""

import math

import cv2
import numpy as np
import pytest

from robot_agent.simulator.scene import Scene
from vision.sight import SLICES, Frame

FIELD_OF_VIEW = math.radians(62.2)
SPECK = 60  # pixels


def seeded(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def facing(distance: float, bearing: float, azimuth: float) -> tuple[float, float, float]:
    """Return the pose that has the target `distance` away, `bearing` to the right."""
    x, y = distance * math.cos(azimuth), distance * math.sin(azimuth)
    return x, y, math.atan2(-y, -x) + bearing


def silhouette(
    distance: float,
    bearing: float,
    width: int = 320,
    target: float = 0.2,
    view: float = FIELD_OF_VIEW,
) -> tuple[float, float]:
    """Return the columns between which the target is, by the formula, clipped to the picture."""
    half = math.asin(target / 2 / distance)

    def column(angle: float) -> float:
        angle = max(-view / 2, min(view / 2, angle))
        return width / 2 * (1 + math.tan(angle) / math.tan(view / 2))

    return column(bearing - half), column(bearing + half)


def red(frame: Frame) -> Frame:
    """Return where `frame` has the target's colour, 0 or 1, as the reference detector has it."""
    hsv = cv2.cvtColor(frame, cv2.COLOR_BGR2HSV_FULL)
    hue = hsv[:, :, 0] * (360 / 255)
    mask = ((hue >= 345) | (hue <= 15)) & (hsv[:, :, 1] >= 0.45 * 255) & (hsv[:, :, 2] >= 0.2 * 255)
    return mask.astype(np.uint8)


def extent(frame: Frame) -> tuple[int, int] | None:
    """Return the first and last red column of the largest piece and those a fifth of it.

    A band may cut the target in two. A few red pixels, where pink meets orange, are nothing.
    """
    pieces = cv2.connectedComponentsWithStats(red(frame))[2][1:]
    if len(pieces) == 0 or pieces[:, cv2.CC_STAT_AREA].max() < SPECK:
        return None
    kept = pieces[pieces[:, cv2.CC_STAT_AREA] >= max(SPECK, pieces[:, cv2.CC_STAT_AREA].max() // 5)]
    return int(kept[:, 0].min()), int((kept[:, 0] + kept[:, 2]).max()) - 1


def test_the_frame_is_a_picture_of_the_size_asked_for() -> None:
    scene = Scene(seeded(0))
    for width, height in ((320, 240), (640, 480), (161, 97), (64, 48)):
        frame = scene.draw(1.0, 0.0, math.pi, rng=seeded(0), width=width, height=height)
        assert frame.shape == (height, width, 3)
        assert frame.dtype == np.uint8
        assert frame.flags.c_contiguous
        assert red(frame)[:, width // 2].any()


def test_the_same_seeds_give_the_same_picture() -> None:
    first = Scene(seeded(3)).draw(-0.7, 0.4, -0.5, rng=seeded(4))
    scene = Scene(seeded(3))
    scene.draw(1.0, 1.0, 0.0, rng=seeded(9))  # what was drawn before does not matter
    assert np.array_equal(first, scene.draw(-0.7, 0.4, -0.5, rng=seeded(4)))
    assert not np.array_equal(first, scene.draw(-0.7, 0.4, -0.5, rng=seeded(5)))
    assert not np.array_equal(first, Scene(seeded(4)).draw(-0.7, 0.4, -0.5, rng=seeded(4)))


@pytest.mark.parametrize(
    ("distance", "bearing_degrees"),
    [
        (2.2, 0), (1.5, 12), (1.0, -20), (0.6, 18), (0.33, 0), (0.25, -6), (0.2, 3),  # in view
        (0.8, 30), (0.6, -34), (0.3, 25), (0.2, -30), (0.15, 12), (0.15, -30),  # clipped
    ],
)  # fmt: skip
def test_the_edges_are_where_the_formula_says(distance: float, bearing_degrees: float) -> None:
    bearing = math.radians(bearing_degrees)
    left, right = silhouette(distance, bearing)
    for seed in range(4):
        pose = facing(distance, bearing, azimuth=1.7 * seed)
        found = extent(Scene(seeded(seed)).draw(*pose, rng=seeded(seed)))
        assert found is not None
        assert found[0] == pytest.approx(left, abs=1.6)
        assert found[1] + 1 == pytest.approx(right, abs=1.6)


def test_the_edges_have_no_bias() -> None:
    off = []
    for seed in range(60):
        rng = seeded(seed)
        distance, bearing = rng.uniform(0.5, 1.5), rng.uniform(-0.2, 0.2)
        pose = facing(distance, bearing, rng.uniform(-4, 4))
        found = extent(Scene(rng).draw(*pose, rng=rng))
        assert found is not None
        left, right = silhouette(distance, bearing)
        off.append((found[0] - left, found[1] + 1 - right))
    assert np.abs(np.mean(off, axis=0)).max() < 0.4


def test_yaw_view_and_target_width_move_the_edges() -> None:
    pose = facing(0.8, 0.1, 2.0)
    # A camera turned to the right sees the target further to the left.
    found = extent(Scene(seeded(1)).draw(*pose, rng=seeded(1), camera_yaw=0.3))
    assert found is not None
    assert found[0] == pytest.approx(silhouette(0.8, -0.2)[0], abs=1.6)
    found = extent(
        Scene(seeded(1), target_width=0.12).draw(
            *pose, rng=seeded(1), field_of_view=0.9, width=640, height=480
        )
    )
    left, right = silhouette(0.8, 0.1, width=640, target=0.12, view=0.9)
    assert found is not None
    assert found[0] == pytest.approx(left, abs=1.6)
    assert found[1] + 1 == pytest.approx(right, abs=1.6)


def test_what_is_behind_or_beside_the_camera_is_not_drawn() -> None:
    for seed in range(12):
        scene = Scene(seeded(seed))
        for distance in (0.15, 0.5, 2.0):
            # The nearer the target, the further its edge is from its middle.
            clear = FIELD_OF_VIEW / 2 + math.asin(0.1 / distance) + 0.02
            for bearing in (math.pi, clear, -clear):
                frame = scene.draw(*facing(distance, bearing, seed), rng=seeded(seed))
                assert extent(frame) is None, (seed, distance, bearing)


def test_distractors_have_the_colour_of_the_target() -> None:
    scene = Scene(seeded(2), distractors=8)
    seen = [red(scene.draw(1.0, 0.0, angle, rng=seeded(0))).sum() for angle in (-1.2, 0.0, 1.2)]
    assert max(seen) > 200


def test_any_pose_gives_a_picture() -> None:
    scene = Scene(seeded(5), clutter=9)
    for x, y in ((0, 0), (0.05, 0), (2.64, 0), (9, 9), (-30, 2)):
        for heading in (0.0, math.pi / 2, math.pi, 4.0):
            assert scene.draw(x, y, heading, rng=seeded(0)).shape == (240, 320, 3)


def test_a_colour_detector_agrees_with_the_geometry() -> None:
    agreed = 0
    for seed in range(200):
        rng = seeded(seed)
        if seed % 10 == 0:
            scene = Scene(rng)
        distance, bearing = rng.uniform(0.3, 2.2), rng.uniform(-math.radians(25), math.radians(25))
        found = extent(scene.draw(*facing(distance, bearing, rng.uniform(-4, 4)), rng=rng))
        left, right = silhouette(distance, bearing)
        slices = int(left * SLICES / 320), math.ceil(right * SLICES / 320) - 1
        agreed += found is not None and all(
            abs(column * SLICES // 320 - truth) <= 1 for column, truth in zip(found, slices, strict=True)
        )
    assert agreed >= 198
