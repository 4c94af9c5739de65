"""A person takes the wheel in the middle of an episode: it goes on, and everyone's moves are kept apart."""

import numpy as np
import pytest

from robot_agent.build.training import make_trainer
from robot_agent.datasets.moves import kept_episodes
from robot_agent.envs.single import RobotEnvironment, SingleFleet
from robot_agent.envs.task import DEMONSTRATION, PERSON, POLICY, Approach, Ending
from robot_agent.learning.imitation import IMITATION_WEIGHT, follows, imitated
from robot_agent.learning.learner import Rollout
from robot_agent.learning.reinforce import rewards_to_go
from robot_agent.motors.motors import Pulse
from robot_agent.robot.robot import Robot, open_robot
from robot_agent.robot.takeover import HandMove, PulseCutter, TakenOver
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store
from robot_agent.settings.config import load


class Helped(Robot):
    """A simulated robot whose wheel is taken at given acts or looks; the person really drives it."""

    def help(self, **at):
        self.at, self.acts, self.looks = at, 0, 0
        return self

    def _drive(self, pulses):
        moves = []
        for pulse in pulses:
            super().act(pulse.left, pulse.right, pulse.seconds)
            moves.append(HandMove(pulse, super().look()))
        return tuple(moves)

    def act(self, left, right, seconds):
        self.acts += 1
        if self.acts == self.at.get("act"):
            raise TakenOver(None, self._drive(self.at["pulses"]))
        super().act(left, right, seconds)

    def look(self):
        self.looks += 1
        if self.looks == self.at.get("look"):
            before = super().look()
            raise TakenOver(before, self._drive(self.at["pulses"]))
        return super().look()


def helped(seed=4, **at):
    robot = open_robot(seed=seed)
    return Helped(robot.hardware, robot.detector).help(**at)


SLOW = np.array([0.0, -0.8], np.float32)
AHEAD = [Pulse(0.5, 0.5, 0.3), Pulse(0.6, 0.4, 0.2)]


def play(environment, moves):
    environment.reset(seed=4)
    return [environment.step(SLOW)[-1] for _ in range(moves)]


def test_the_persons_pulses_become_moves_and_the_policy_goes_on():
    environment = RobotEnvironment(helped(act=2, pulses=AHEAD))
    infos = play(environment, 5)
    assert [info["by_hand"] for info in infos] == [POLICY, DEMONSTRATION, DEMONSTRATION, POLICY, POLICY]
    assert [infos[i]["seconds"] for i in (1, 2)] == [0.3, 0.2] and infos[1]["ending"] == Ending.GOING
    assert environment.robot.acts == 4, (
        "the move that was interrupted is not made up for: the policy looks anew"
    )
    assert all("_carried_out" in info for info in infos[1:3]) and "_carried_out" not in infos[0]


def test_a_pulse_that_a_person_cut_short_is_not_the_policys():
    environment = RobotEnvironment(helped(look=3, pulses=AHEAD[:1]))  # the second look of a move
    infos = play(environment, 4)
    assert [info["by_hand"] for info in infos] == [POLICY, PERSON, DEMONSTRATION, POLICY]


class OnItsWay:
    """A start that looks on the way."""

    def begin(self, robot):
        robot.hardware.reset()
        robot.look()


def test_on_the_way_to_a_start_a_person_may_drive_and_it_starts_again():
    robot = helped(look=1, pulses=AHEAD)
    robot.start = OnItsWay()
    environment = RobotEnvironment(robot)
    _, info = environment.reset(seed=4)
    assert info["x1"] >= 0 and robot.looks == 3
    assert play(environment, 1)[0]["by_hand"] == POLICY


def test_what_a_person_drives_from_the_start_on_belongs_to_the_episode():
    environment = RobotEnvironment(helped(look=1, pulses=AHEAD))
    assert [info["by_hand"] for info in play(environment, 3)][: len(AHEAD)] == [DEMONSTRATION] * len(AHEAD)


def test_a_person_who_drives_on_after_an_ending_begins_the_next_episode():
    environment = RobotEnvironment(helped(act=2, pulses=[*AHEAD, *AHEAD]), task=Approach(max_moves=3))
    infos = play(environment, 3)
    assert [info["by_hand"] for info in infos] == [POLICY, DEMONSTRATION, DEMONSTRATION]
    assert infos[2]["ending"] == Ending.TIMEOUT
    _, start = environment.reset()
    assert (start["x1"], start["x2"]) == (infos[2]["x1"], infos[2]["x2"]), "the robot stands where it stood"
    infos = [environment.step(SLOW)[-1] for _ in range(3)]
    assert [info["by_hand"] for info in infos] == [DEMONSTRATION, DEMONSTRATION, POLICY]
    _, start = environment.reset()
    assert (start["x1"], start["x2"]) != (infos[2]["x1"], infos[2]["x2"]), "nobody drives: a new start"


def test_a_person_may_look_away_for_a_moment():
    away = [Pulse(-0.6, 0.6, 0.6), Pulse(0.6, -0.6, 0.6), Pulse(0.5, 0.5, 0.1)]
    environment = RobotEnvironment(helped(act=1, pulses=away))
    infos = play(environment, 3)
    assert infos[0]["ending"] == Ending.GOING and infos[0]["x1"] >= 0, "it stands for the sight before"
    assert {info["by_hand"] for info in infos} == {PERSON} | {infos[2]["by_hand"]}


@pytest.mark.parametrize("action", ["curvature", "wheels"])
def test_actions_do_what_the_pulses_did(action):
    task = Approach(action=action)
    rng = np.random.default_rng(0)
    u = rng.uniform(-1, 1, (50, len(task.action_names))).astype(np.float32)
    pulses = task.pulses(u)
    found, fits = task.actions_of(np.concatenate([pulses.wheels, pulses.seconds[None]]).T)
    assert fits.all() and np.abs(found - u).max() < 1e-3
    _, fits = task.actions_of(np.array([[-1, -1, 0.5], [1, -1, 0.5], [-0.3, 0.4, 0.2]], np.float32))
    assert not fits.any(), "backwards and on the spot: the policy cannot do that"


def test_the_same_way_at_another_speed_is_the_same_curvature():
    found, fits = Approach().actions_of(np.array([[1.0, 1.0, 0.4], [0.3, 0.3, 0.5]], np.float32))
    assert fits.all() and np.abs(found[:, 0]).max() < 1e-5
    assert (found[:, 1] + 1) / 2 == pytest.approx([0.4 / 0.505, 0.5 * 0.3 / 0.505], abs=1e-3)


def test_what_comes_after_a_takeover_is_not_the_policys_doing():
    by_hand = np.array([[0], [0], [1], [2], [0]], np.int8)
    rewards = np.ones((5, 1))
    G = rewards_to_go(rewards, 0.5, follows(by_hand))
    assert G[:, 0].tolist() == [1.5, 1.0, 1.75, 1.5, 1.0]


def test_a_person_pulls_only_where_they_did_better():
    A = np.array([-1.0, 2.0, -1.0, 2.0, 2.0])
    by_hand = np.array([0, 0, 1, 1, 2], np.int8)
    assert imitated(A, by_hand).tolist() == [-1.0, 2.0, 0.0, 2.0 * IMITATION_WEIGHT, 0.0]


ONE = {
    "seed": 3,
    "preset": "one",
    "simulator": {"rendered": True},
    "learner": {"backend": "numpy"},
    "train": {"moves": 40, "episodes_per_update": 2, "evaluation_episodes": 5},
}


def test_a_helped_training_is_kept_and_goes_on_exactly(tmp_path):
    """Who made each move is in the store; resumed after every event it learns the same weights."""

    def environment(seed):
        return SingleFleet(RobotEnvironment(helped(seed, act=9, pulses=AHEAD), task=Approach()))

    with Store(tmp_path / "runs.db") as store:
        config = load(None, ONE)
        trainer, run = make_trainer(config, environment), store.create_run(config.model_dump(mode="json"))
        seen = []
        learner, update = trainer.learner, trainer.learner.update
        learner.update = lambda rollout, progress: seen.append(rollout) or update(rollout, progress)
        for _ in record(trainer, store, run):
            pass
        trainer.environment.close()
        episodes = list(kept_episodes(store, run))
        authors = [author for episode in episodes for author in episode.authors]
        assert authors.count("person") == 2 and len(authors) == trainer.moves
        helped_episode = next(one for one in episodes if "person" in one.authors)
        first = helped_episode.authors.index("person")
        assert helped_episode.pulses[first].tolist() == pytest.approx([0.5, 0.5, 0.3])
        with_person = [rollout for rollout in seen if rollout.by_hand is not None]
        assert len(with_person) == 1 and (with_person[0].by_hand == DEMONSTRATION).sum() == 2
        assert all(rollout.by_hand is None for rollout in seen if rollout is not with_person[0])


def test_rollouts_with_and_without_a_person_stand_side_by_side():
    plain = Rollout(
        np.zeros((2, 1, 2)),
        np.zeros((2, 1, 2)),
        np.zeros((2, 1)),
        np.ones((2, 1), bool),
        np.zeros((1, 2)),
        np.zeros(1, bool),
    )
    other = Rollout(
        plain.observations,
        plain.actions,
        plain.rewards,
        plain.alive,
        plain.final_observations,
        plain.cut,
        np.array([[0], [1]], np.int8),
    )
    assert Rollout.join([plain, plain]).by_hand is None
    assert Rollout.join([plain, other]).by_hand.tolist() == [[0, 0], [0, 1]]


def test_driving_is_cut_into_pulses():
    cutter = PulseCutter(longest=1.0)
    assert cutter.command(0.5, 0.5, 10.0) is None
    assert cutter.command(0.52, 0.5, 10.1) is None, "the hand trembles"
    ended = cutter.command(0.9, 0.2, 10.4)
    assert (ended.left, ended.right, ended.seconds) == pytest.approx(((0.05 + 0.156) / 0.4, 0.5, 0.4))
    long = [cutter.command(0.9, 0.2, 10.4 + 0.1 * i) for i in range(1, 25)]
    assert [pulse.seconds for pulse in long if pulse] == pytest.approx([1.0, 1.0], abs=0.11)
    assert cutter.command(0, 0, 13.0).seconds == pytest.approx(0.6, abs=0.2)
    assert cutter.command(0, 0, 20.0) is None and cutter.command(0.5, 0.5, 30.0) is None
