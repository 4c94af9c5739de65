"""The one loop that plays episodes: its events, the search, the camera, and wheels that stop."""

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from own_robot import build

from robot_agent.envs.environment import GymnasiumFleet
from robot_agent.envs.fleet import FleetEnvironment
from robot_agent.envs.rollout import (
    Began,
    Found,
    Move,
    Paused,
    Resumed,
    Round,
    Searching,
    Waiting,
    play,
)
from robot_agent.envs.single import RobotEnvironment, SingleFleet
from robot_agent.envs.task import GOING, Ending
from robot_agent.errors import Halted
from robot_agent.robot.robot import Robot
from vision.cameras.camera import CameraFault
from vision.detectors.color import ColorDetector

HARD_RIGHT = np.array([1.0, 1.0], np.float32)


def single(body) -> SingleFleet:
    return SingleFleet(RobotEnvironment(Robot(body, ColorDetector())))


def straight(observations):
    return np.zeros((len(observations), 2), np.float32)


def forward(observations):
    return np.tile(np.array([0.0, 1.0], np.float32), (len(observations), 1))


def away(observations):
    return np.tile(HARD_RIGHT, (len(observations), 1))


def kinds(events) -> list[type]:
    return [type(event) for event in events]


def test_an_episode_is_its_beginning_its_moves_and_a_round():
    body = build()
    events = list(play(single(body), straight))
    *before, played = events
    assert kinds(before) == [Began] + [Move] * len(body.pulses)
    assert [event.number for event in before[1:]] == list(range(1, len(body.pulses) + 1))
    assert played.ending is Ending(before[-1].of()["ending"])
    assert played.moves.tolist() == [len(body.pulses)]
    assert len(played.observations) == len(played.actions) + 1
    assert played.total_reward == pytest.approx(
        sum(value for event in before[1:] for name, value in event.of().items() if name.startswith("reward."))
    )


def test_a_fleet_plays_until_the_last_episode_is_over():
    fleet = FleetEnvironment(50, seed=3, autoreset_mode="Disabled")
    *_, played = play(fleet, straight, seed=3)
    assert (played.endings != GOING).all()
    assert len(played.rewards) == played.moves.max()
    assert played.began.all()


def test_a_round_that_is_cut_goes_on_where_the_robots_stand():
    fleet = FleetEnvironment(50, seed=3, autoreset_mode="Disabled")
    *_, whole = play(fleet, forward, seed=3)
    fleet = FleetEnvironment(50, seed=3, autoreset_mode="Disabled")
    *_, first = play(fleet, forward, seed=3, longest=5)
    over = first.endings != GOING
    assert len(first.rewards) == 5 and over.any() and not over.all()
    *_, second = play(fleet, forward, standing=(first.observations[-1], over), longest=1)
    assert np.array_equal(second.began, over)
    assert np.array_equal(second.observations[0][~over], whole.observations[5][~over])


def test_a_lost_target_is_searched_for_and_the_episode_goes_on():
    body = build()
    events = list(play(single(body), away, searches=2))
    names = kinds(events)
    assert names.count(Searching) == 2
    assert names.count(Found) == 2
    assert names.index(Searching) + 1 == names.index(Found)
    assert names[names.index(Searching) - 1] is Move
    assert events[-1].ending is Ending.LOST, "the third time it stays lost"
    moves = [event for event in events if isinstance(event, Move)]
    assert [event.number for event in moves] == list(range(1, len(moves) + 1))
    assert sum(event.of()["ending"] == Ending.LOST for event in moves) == 3
    assert len(events[-1].observations) == len(moves) + 1


def test_without_searches_the_episode_ends_where_the_target_is_lost():
    *_, played = play(single(build()), away)
    assert played.ending is Ending.LOST


def test_a_search_that_fails_ends_the_episode():
    body = build()
    events = []
    for event in play(single(body), away, searches=3):
        events.append(event)
        body.blind = body.blind or isinstance(event, Searching)
    assert kinds(events).count(Searching) == 1
    assert Found not in kinds(events)
    assert events[-1].ending is Ending.LOST


def failing(body, *moments: int, words=lambda number: "The picture is frozen."):
    inside, reads = body.read, []

    def read():
        reads.append(0)
        if len(reads) in moments:
            raise CameraFault(words(len(reads)), kind="frozen")
        return inside()

    body.read = read


def test_a_camera_that_fails_at_the_start_is_waited_for():
    body = build()
    failing(body, 1, 2, 3, 4, words=lambda number: "It is black." if number == 3 else "It is frozen.")
    events = list(play(single(body), straight))
    assert kinds(events)[:6] == [Paused, Waiting, Paused, Paused, Resumed, Began]
    assert [event.reason for event in events if isinstance(event, Paused)] == [
        "It is frozen.",
        "It is black.",
        "It is frozen.",
    ]


def test_after_an_interrupted_episode_the_next_waits_for_the_camera_before_anything_moves():
    body = build()
    environment = single(body)
    failing(body, 3, 4, 5)
    *_, played = play(environment, straight)
    assert played.ending is Ending.INTERRUPTED
    assert body.stops
    pulses = len(body.pulses)
    for event in play(environment, straight):
        if isinstance(event, Resumed):
            break
        assert len(body.pulses) == pulses
    assert environment.fault == ""


def test_a_halt_ends_the_round():
    body = build()
    body.fail = "pulse", Halted("An emergency stop is latched.")
    *_, played = play(single(body), straight)
    assert played.ending is Ending.HALTED


@pytest.mark.parametrize("until", [Began, Move, Searching, Found, Paused, Waiting, Resumed])
def test_closing_it_at_any_event_stops_the_wheels(until):
    body = build()
    failing(body, 1, 2)
    events = play(single(body), away, searches=1)
    for event in events:
        if isinstance(event, until):
            break
    stops = body.stops
    events.close()
    assert body.stops > stops


def test_an_exception_of_whoever_decides_stops_the_wheels():
    body = build()

    def broken(observations):
        raise ZeroDivisionError

    stops = body.stops
    with pytest.raises(ZeroDivisionError):
        list(play(single(body), broken))
    assert body.stops > stops


def test_anyones_gymnasium_environment_plays():
    environment = GymnasiumFleet(gymnasium.make_vec("CartPole-v1", num_envs=4, vectorization_mode="sync"))
    *_, played = play(environment, lambda s: np.ones(len(s), np.int64), seed=1)
    assert isinstance(played, Round)
    assert (played.endings == Ending.LOST).all(), (
        "a pole that falls ends it, and nothing says that this is good"
    )
    environment.close()


def test_an_environment_that_hides_its_last_observations_is_refused():
    mode = {"autoreset_mode": AutoresetMode.SAME_STEP}
    cart = gymnasium.make_vec("CartPole-v1", num_envs=4, vectorization_mode="sync", vector_kwargs=mode)
    with pytest.raises(ValueError, match="use NextStep"):
        GymnasiumFleet(cart)
