"""The task: what is observed, what an action means, what is rewarded, how episodes end."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robot_agent.envs.environment import total
from robot_agent.envs.task import Approach, Ending
from robot_agent.errors import SettingsError
from vision.sight import Sight

ends = st.tuples(st.integers(0, 41), st.integers(0, 41)).map(sorted)


def sights(x1, x2):
    return np.array([[x1], [x2]])


def judge(task, before, after, seen=True, moves=1):
    reward, ending = task.judge(sights(*before), sights(*after), np.array([seen]), np.array([moves]))
    return reward, Ending(int(ending[0]))


def test_the_goal_is_observed_as_centred():
    centre, width = Approach().observe(sights(10, 31))[0]
    assert centre == 0
    assert width == pytest.approx(np.log(22 / 12))


@pytest.mark.parametrize(
    ("u", "left", "right", "seconds"),
    [
        ((0, 0), 0.505, 0.505, 0.5),  # straight
        ((-1, 1), 0.01, 1.0, 1.0),  # hard left
        ((1, -1), 1.0, 0.01, 0.0),  # hard right
        ((9, 9), 1.0, 0.01, 1.0),  # clipped
    ],
)
def test_curvature_is_the_original_robots_arithmetic(u, left, right, seconds):
    pulse = Approach().pulses(np.array([u], np.float32))
    assert (*pulse.wheels[:, 0], pulse.seconds[0]) == pytest.approx((left, right, seconds))


def test_wheels_are_a_pair_with_a_duration():
    pulse = Approach(action="wheels", max_seconds=0.8).pulses(np.array([[1, 0, 1]], np.float32))
    assert (*pulse.wheels[:, 0], pulse.seconds[0]) == pytest.approx((1.0, 0.5, 0.8))


def test_progress_is_the_decrease_of_the_distance_in_slices():
    terms, ending = judge(Approach(), (18, 23), (16, 25))
    assert total(terms)[0] == pytest.approx(0.4)
    assert ending is Ending.GOING


@pytest.mark.parametrize(("after", "reached"), [((10, 31), True), ((12, 29), True), ((8, 34), False)])
def test_the_goal_is_reached_within_the_tolerance(after, reached):
    terms, ending = judge(Approach(reached_bonus=3), (11, 27), after)
    assert (ending is Ending.REACHED) == reached
    assert terms["reached"][0] == 3 * reached


def test_losing_the_target_costs_and_ends():
    terms, ending = judge(Approach(), (0, 3), (0, 0), seen=False)
    assert ending is Ending.LOST
    assert total(terms)[0] == -1


def test_the_last_move_times_out_unless_it_reaches_the_goal():
    assert judge(Approach(), (5, 9), (5, 10), moves=20)[1] is Ending.TIMEOUT
    assert judge(Approach(), (5, 9), (10, 31), moves=20)[1] is Ending.REACHED


def test_another_goal_is_the_zero_of_the_observation_and_of_the_distance():
    task = Approach(goal=Sight(4, 19))
    assert task.observe(sights(4, 19))[0, 0] == 0
    assert task.distance(sights(4, 19))[0] == 0
    assert Approach(goal=Sight(4, 19), reward="log_width").distance(sights(4, 19))[0] == 0


@given(sight=ends, kind=st.sampled_from(["centre", "ends", "raw"]))
def test_a_mirrored_sight_is_observed_as_the_mirrored_observation(sight, kind):
    task = Approach(observation=kind)
    there = task.observe(sights(41 - sight[1], 41 - sight[0]))
    assert task.mirror_observations(task.observe(sights(*sight))) == pytest.approx(there, abs=1e-6)


@given(
    u=st.lists(st.floats(-1, 1, width=32), min_size=3, max_size=3),
    kind=st.sampled_from(["curvature", "wheels"]),
)
def test_a_mirrored_action_swaps_the_wheels(u, kind):
    task = Approach(action=kind)
    actions = np.array([u[: len(task.action_names)]], np.float32)
    here, there = task.pulses(actions), task.pulses(task.mirror_actions(actions))
    assert there.wheels == pytest.approx(here.wheels[::-1], abs=1e-6)
    assert there.seconds == pytest.approx(here.seconds)


def test_an_unknown_action_is_refused():
    with pytest.raises(SettingsError, match="curvature or wheels"):
        Approach(action="legs")
