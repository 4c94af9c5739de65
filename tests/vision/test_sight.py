import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision import GOAL, SLICES, Sight, check_frame, draw_sight, slice_of

WIDTHS = st.integers(42, 4096)


@given(width=WIDTHS, data=st.data())
def test_a_slice_holds_the_columns_between_its_two_edges(width, data):
    x = data.draw(st.integers(0, width - 1))
    s = slice_of(x, width)
    assert 0 <= s < SLICES
    assert s * width / SLICES <= x < (s + 1) * width / SLICES


@given(width=WIDTHS)
def test_slices_come_in_order_and_none_is_empty(width):
    found = [slice_of(x, width) for x in range(width)]
    assert found == sorted(found)
    assert set(found) == set(range(SLICES))


@given(width=WIDTHS)
def test_slices_are_equal_within_one_column(width):
    counts = np.bincount([slice_of(x, width) for x in range(width)])
    assert counts.max() - counts.min() <= 1


@given(width=WIDTHS, data=st.data())
def test_a_column_between_two_pixels_is_in_the_slice_of_its_pixel_or_the_next(width, data):
    x = data.draw(st.floats(0, width - 1, allow_nan=False))
    assert slice_of(math.floor(x), width) <= slice_of(x, width) <= slice_of(math.ceil(x), width)


@pytest.mark.parametrize("x", [-1, -0.01, 320, 320.5, math.nan, math.inf])
def test_a_column_outside_of_the_picture_is_refused(x):
    with pytest.raises(ValueError, match="outside of a picture 320 pixels wide"):
        slice_of(x, 320)


@pytest.mark.parametrize(("x1", "x2"), [(-1, 3), (0, 42), (5, 4), (50, 60)])
def test_slices_that_no_frame_has_are_refused(x1, x2):
    with pytest.raises(ValueError, match="0 <= x1 <= x2 <= 41"):
        Sight(x1, x2)


@pytest.mark.parametrize("confidence", [-0.1, 1.1, math.nan])
def test_a_confidence_outside_of_0_to_1_is_refused(confidence):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Sight(1, 2, confidence)


def test_pixel_columns_become_slices():
    assert Sight.from_columns(0, 319, 320) == Sight(0, 41, 1.0)
    assert Sight.from_columns(80, 239, 320, 0.5) == Sight(10, 31, 0.5)
    assert Sight.from_columns(319, 319, 320) == Sight(41, 41)
    with pytest.raises(ValueError, match="outside"):
        Sight.from_columns(3, 320, 320)
    with pytest.raises(ValueError, match="x1 <= x2"):
        Sight.from_columns(100, 3, 320)


def test_the_goal_is_centred_and_half_the_picture_wide():
    assert (GOAL.x1, GOAL.x2) == (10, 31)
    assert GOAL.x1 + GOAL.x2 == SLICES - 1


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((240, 320), np.uint8),
        np.zeros((240, 320, 4), np.uint8),
        np.zeros((240, 320, 3), np.float32),
        np.zeros((0, 320, 3), np.uint8),
        np.zeros((240, 41, 3), np.uint8),
        [[1, 2, 3]],
    ],
)
def test_what_is_no_frame_is_refused(frame):
    with pytest.raises(ValueError, match=r"^A frame is .*\.$"):
        check_frame(frame)


@pytest.mark.parametrize("size", [(60, 42), (160, 120), (320, 240), (1280, 960)])
@pytest.mark.parametrize("sight", [None, Sight(0, 41), Sight(0, 0), Sight(41, 41), Sight(5, 20)])
def test_drawing_leaves_the_frame_as_it_was(size, sight):
    frame = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    before = frame.copy()
    drawn = draw_sight(frame, sight)
    assert np.array_equal(frame, before)
    assert (drawn.shape, drawn.dtype) == (frame.shape, frame.dtype)
    assert not np.array_equal(drawn, frame)


def _amber(drawn):
    """Columns in which the ruler, at the bottom of the picture, is mostly amber."""
    ruler = drawn[-3:].astype(int)
    amber = (ruler[..., 2] > 200) & (ruler[..., 0] < 60) & (ruler[..., 1] > 120)
    return np.flatnonzero(amber.any(axis=0))


@pytest.mark.parametrize("width", [160, 320, 640, 1280])
def test_the_ruler_is_filled_over_the_slices_of_the_sight_and_nowhere_else(width):
    frame = np.full((width * 3 // 4, width, 3), 128, np.uint8)
    filled = {slice_of(int(x), width) for x in _amber(draw_sight(frame, Sight(24, 36)))}
    assert filled == set(range(24, 37))
    assert _amber(draw_sight(frame, None)).size == 0


def test_the_goal_is_drawn_where_it_is():
    frame = np.full((240, 320, 3), 128, np.uint8)
    here, there = draw_sight(frame, None, Sight(0, 5)), draw_sight(frame, None, Sight(30, 35))
    changed = np.flatnonzero((here != there).any(axis=(0, 2)))
    assert changed.min() < 42 and changed.max() > 225
    assert not np.any((changed > 60) & (changed < 220))


def test_a_part_of_a_larger_array_can_be_drawn_on():
    frame = np.zeros((480, 640, 3), np.uint8)[::2, ::2]
    drawn = draw_sight(frame, Sight(3, 9))
    assert cv2.countNonZero(cv2.cvtColor(drawn, cv2.COLOR_BGR2GRAY)) > 0
    assert not frame.any()
