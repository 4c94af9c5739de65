"""Judging frames, without a camera or a clock."""

import numpy as np
import pytest

from vision.cameras.watch import Watch, is_black

DARK = np.full((40, 40, 3), 3, np.uint8)


def grey(value):
    return np.full((40, 40, 3), value, np.uint8)


def watch(**limits):
    return Watch(**({"lost": 1.0, "frozen": 1.5, "black": 1.5} | limits), now=0.0)


def test_nothing_is_wrong_while_frames_differ():
    eye = watch()
    assert not eye.see(grey(100), 0.1), "the first one may be a frozen one"
    for n in range(1, 50):
        assert eye.see(grey(100 + n % 2), 0.1 + n)
        assert eye.fault(0.1 + n) is None and eye.is_well(0.1 + n)


def test_silence_is_lost():
    eye = watch()
    assert (eye.fault(0.9), eye.fault(1.0), eye.begun) == (None, "lost", False)
    eye.see(grey(100), 5.0)
    eye.see(grey(101), 5.1)
    assert eye.due() == pytest.approx(6.1)
    assert (eye.fault(6.0), eye.fault(6.2)) == (None, "lost")
    assert not eye.is_well(6.2)


@pytest.mark.parametrize(("frame", "kind"), [(grey(100), "frozen"), (DARK, "black")])
def test_what_is_not_good_is_a_fault_after_a_while_and_healed_by_one_good_frame(frame, kind):
    eye = watch()
    eye.see(grey(99), 0.0)
    if kind == "black":
        eye.see(grey(98), 0.0)
    assert eye.see(frame, 0.5) == (kind == "frozen")
    start = 0.5 if kind == "frozen" else 0.0
    for now in (0.6, 1.0, 1.4):
        assert not eye.see(frame, now) and not eye.is_well(now)
        assert eye.fault(now) is None
    assert not eye.see(frame, start + 1.5)
    assert eye.fault(start + 1.5) == kind
    assert eye.see(grey(102), 2.1) and eye.is_well(2.1)


def test_one_frame_is_not_always_the_same():
    """A camera that sends a picture every three seconds is slow, which has another cure than frozen."""
    eye = watch(lost=5.0, frozen=1.5)
    for number in range(4):
        assert eye.see(grey(100 + number), 3.0 * number) == (number > 0)
        assert eye.fault(3.0 * number + 2.9) is None
        assert eye.is_well(3.0 * number + 2.9) == (number > 0)
    assert not eye.see(grey(103), 12.0)
    assert eye.fault(12.0) == "frozen"


def test_the_time_until_the_first_frame_is_not_held_against_it():
    eye = watch()
    eye.see(DARK, 4.0)
    assert eye.fault(4.5) is None


def test_black_and_then_silence_is_told_no_later():
    eye = watch(lost=1.5)
    eye.see(grey(99), 0.0)
    eye.see(grey(98), 0.0)
    eye.see(DARK, 1.4)
    assert eye.fault(1.5) == "black"


def test_the_checks_can_be_switched_off():
    eye = watch(frozen=None, black=None)
    for n in range(9):
        assert eye.see(DARK, n) and eye.fault(n) is None


def test_a_hot_pixel_does_not_light_a_black_picture_and_a_lamp_does():
    frame = DARK.copy()
    frame[7, 7] = 255
    assert is_black(frame)
    frame[10:14, 10:14] = 255
    assert not is_black(frame)
