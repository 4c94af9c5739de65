"""A motion over its time: it begins at once, never exceeds what was asked, and is over at its end."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot_agent.guard.motion import Motion


def steps(motion, ring=0.0):
    """Every moment at which the powers change, with them; each timer rings `ring` seconds late."""
    moment = motion.start
    while moment < motion.end:
        yield moment, motion.at(moment)
        after = motion.next_change(moment)
        assert moment < after <= motion.end
        moment = after + ring
    yield moment, motion.at(moment)


def test_a_pulse_rises_holds_and_falls():
    pulse = Motion((1.0, -0.5), start=100.0, seconds=0.2, ramp=0.03)
    assert [
        (round(moment - 100, 3), round(left, 3), round(right, 3)) for moment, (left, right) in steps(pulse)
    ] == [
        (0.0, 0.167, -0.083),
        (0.01, 0.5, -0.25),
        (0.02, 0.833, -0.417),
        (0.03, 1.0, -0.5),
        (0.17, 0.833, -0.417),
        (0.18, 0.5, -0.25),
        (0.19, 0.167, -0.083),
        (0.2, 0.0, 0.0),
    ]


def test_without_a_ramp_it_is_all_or_nothing():
    assert [powers for _, powers in steps(Motion((0.3, 1.0), 5.0, 1.5))] == [(0.3, 1.0), (0.0, 0.0)]


def test_a_lease_goes_from_what_was_to_what_is_asked_and_does_not_slow_down():
    powers = [
        powers[0] for _, powers in steps(Motion((1.0, 0), 5.0, 0.4, ramp=0.03, before=(-1.0, 0), lease=True))
    ]
    assert powers == pytest.approx([-2 / 3, 0, 2 / 3, 1, 0])


@given(
    st.floats(-1, 1),
    st.floats(0, 1e6),
    st.floats(1e-3, 1.5),
    st.floats(0, 0.3),
    st.booleans(),
    st.floats(0, 0.02),
)
def test_no_motion_exceeds_what_was_asked_or_outlasts_its_end(power, start, seconds, ramp, lease, ring):
    motion = Motion((power, power), start, seconds, ramp=ramp, lease=lease)
    seen = list(itertools.islice(steps(motion, ring), 500))
    assert seen[-1][1] == (0, 0)
    assert seen[-1][0] >= motion.end
    assert all(abs(left) <= abs(power) and left * power >= 0 for _, (left, _) in seen)
    assert power == 0 or ramp > 0.2 or seen[0][1][0] != 0
