"""Training: events, wheels that stop, the same seed the same run, going on exactly."""

import itertools
import json

import numpy as np
import pytest
from own_robot import build

from robot_agent.build.training import make_trainer
from robot_agent.envs.fleet import FleetEnvironment
from robot_agent.envs.rollout import Move, Paused, Resumed
from robot_agent.envs.single import RobotEnvironment, SingleFleet
from robot_agent.envs.task import Ending
from robot_agent.errors import Halted, RobotFailedError, SettingsError
from robot_agent.learning.critic import Critic
from robot_agent.learning.evaluation import evaluate
from robot_agent.learning.events import Episode, Evaluated, Finished, Update
from robot_agent.learning.reinforce import Reinforce
from robot_agent.learning.torch_policy import GaussianPolicy, ValueNetwork
from robot_agent.learning.trainer import Trainer
from robot_agent.robot.robot import Robot
from robot_agent.runs.recorder import record
from robot_agent.runs.store import Store
from robot_agent.settings.config import load
from robot_agent.simulator import SimulatedRobot
from robot_agent.simulator.physics import Randomisation
from vision.cameras.camera import CameraFault
from vision.detectors.color import ColorDetector


def fleet_trainer(seed: int = 0, moves: int = 6000, n: int = 32, **options) -> Trainer:
    policy = GaussianPolicy(2, (-2.5, -1.5), seed=seed)
    randomisation = options.pop("randomisation", None)
    environment = FleetEnvironment(n, randomisation=randomisation, seed=seed, autoreset_mode="Disabled")
    return Trainer(
        environment, Reinforce(policy), total_moves=moves, episodes_per_update=n, seed=seed, **options
    )


def one_robot_trainer(body, seed: int = 0, moves: int = 60) -> Trainer:
    policy = GaussianPolicy(2, (-2.5, -1.5), seed=seed)
    learner = Reinforce(policy, critic=Critic(ValueNetwork(2, seed=seed)))
    environment = SingleFleet(RobotEnvironment(Robot(body, ColorDetector())))
    return Trainer(environment, learner, total_moves=moves, episodes_per_update=3, seed=seed)


def weights(trainer: Trainer) -> dict:
    return trainer.learner.get_state()


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def test_a_training_tells_what_happens():
    test = FleetEnvironment(50, seed=1, autoreset_mode="Disabled")
    trainer = fleet_trainer(
        evaluator=lambda policy: evaluate(test, policy.greedy, episodes=50), evaluate_every=2000
    )
    events = list(trainer.run())
    kinds = [type(event) for event in events]
    assert kinds[0] is Evaluated
    assert kinds[-2:] == [Evaluated, Finished]
    updates = [event for event in events if isinstance(event, Update)]
    assert [update.number for update in updates] == list(range(1, len(updates) + 1))
    assert updates[-1].moves >= 6000
    assert sum(updates[0].endings.values()) == 32
    episode = next(event for event in events if isinstance(event, Episode))
    assert len(episode.steps["x1"]) == episode.moves
    assert episode.steps["reward"].sum() == pytest.approx(episode.total_reward)
    assert {
        "start_x1",
        "left",
        "right",
        "seconds",
        "reward.progress",
        "action",
        "final_observation",
    } <= episode.steps.keys()


def test_the_same_seed_is_the_same_run():
    one, other, third = fleet_trainer(3), fleet_trainer(3), fleet_trainer(4)
    for trainer in (one, other, third):
        list(trainer.run())
    assert same(weights(one), weights(other))
    assert not same(weights(one), weights(third))


def test_looking_on_does_not_change_the_run():
    test = FleetEnvironment(20, seed=1, autoreset_mode="Disabled")
    quiet = fleet_trainer(5)
    watched = fleet_trainer(
        5, evaluator=lambda policy: evaluate(test, policy.greedy, episodes=20), evaluate_every=500
    )
    list(quiet.run()), list(watched.run())
    assert same(weights(quiet), weights(watched))


@pytest.mark.parametrize("stop_after", [1, 2, 7])
def test_going_on_is_exact(stop_after):
    whole = fleet_trainer(6)
    list(whole.run())
    first = fleet_trainer(6)
    events = first.run()
    count = 0
    for event in events:
        count += isinstance(event, Update)
        if count == stop_after:
            break
    events.close()
    state, tensors = first.get_state()
    second = fleet_trainer(99)  # another seed: all that matters is in the checkpoint
    second.set_state(json.loads(json.dumps(state)), tensors)
    second.total_moves = first.total_moves
    list(second.run())
    assert same(weights(whole), weights(second))


@pytest.mark.parametrize("stop_after", [1, 3, 10, 31])
def test_going_on_in_the_middle_of_episodes_is_exact_and_tells_the_same(stop_after):
    """Segments cut the episodes: where each robot stands, and what it is, is in the checkpoint."""

    def trainer(seed: int = 6) -> Trainer:
        return fleet_trainer(seed, rollout_moves=4, randomisation=Randomisation())

    def told(events) -> list[tuple]:
        return [
            (event.number, event.ending, event.total_reward, {k: v.tolist() for k, v in event.steps.items()})
            if isinstance(event, Episode)
            else (event.number, event.endings, event.episode_moves)
            for event in events
            if isinstance(event, Episode | Update)
        ]

    whole = trainer()
    every = list(whole.run())
    first = trainer()
    events, seen = first.run(), []
    for event in events:
        seen.append(event)
        if isinstance(event, Update) and event.number == stop_after:
            break
    events.close()
    state, tensors = first.get_state()
    assert not tensors["standing.over"].all()
    second = trainer(99)
    second.set_state(json.loads(json.dumps(state)), tensors)
    seen += second.run()
    assert same(weights(whole), weights(second))
    assert told(seen) == told(every)


def test_segments_go_on_where_the_robots_stand():
    trainer = fleet_trainer(2, n=9, rollout_moves=4)
    world, starts = trainer.environment.world, []
    reset = world.reset

    def counted(which: np.ndarray) -> None:
        starts.append(which.sum())
        reset(which)

    world.reset = counted
    events = list(trainer.run())
    updates = [event for event in events if isinstance(event, Update)]
    assert all(now.moves - then.moves <= 36 for then, now in itertools.pairwise(updates))
    # A robot begins anew when its episode is over, and only then.
    assert sum(starts) == 9 + trainer.episodes - sum(trainer._standing.over)
    assert trainer.episodes == sum(sum(update.endings.values()) for update in updates)
    # What has ended so far and what goes on are all moves there are.
    ended = sum(update.episode_moves * sum(update.endings.values()) for update in updates)
    assert ended + trainer._standing.ages.sum() == pytest.approx(trainer.moves)
    assert all(update.episode_moves <= 20 for update in updates)
    alone = [event for event in events if isinstance(event, Episode)]
    assert max(event.moves for event in alone) > 4, "an episode goes over several segments"
    for event in alone:
        assert {
            len(values) for name, values in event.steps.items() if name[:6] not in ("start_", "final_")
        } == {event.moves}
        assert len(event.steps["start_x1"]) == 1
        assert event.steps["reward"].sum() == pytest.approx(event.total_reward)
        assert event.moves <= 20


def test_segments_longer_than_every_episode_are_whole_episodes():
    whole, long = fleet_trainer(7), fleet_trainer(7, rollout_moves=20)
    list(whole.run()), list(long.run())
    assert same(weights(whole), weights(long))


def test_another_number_of_robots_starts_its_episodes_anew():
    first = fleet_trainer(1, rollout_moves=4)
    events = first.run()
    next(event for event in events if isinstance(event, Update))
    events.close()
    second = fleet_trainer(1, n=16, rollout_moves=4)
    second.set_state(*first.get_state())
    assert second._standing is None
    assert isinstance(list(second.run())[-1], Finished)


def test_a_single_robot_does_not_learn_from_segments():
    with pytest.raises(SettingsError, match="take the preset one"):
        fleet_trainer(n=1, rollout_moves=5)


@pytest.mark.parametrize("stop_after", [1, 2, 4, 5])
def test_one_robot_goes_on_exactly_between_two_of_its_episodes(stop_after):
    def body(seed: int = 3) -> SimulatedRobot:
        return SimulatedRobot(seed=seed, width=160, height=120)

    whole = one_robot_trainer(body())
    list(whole.run())
    first = one_robot_trainer(body())
    events = first.run()
    count = 0
    for event in events:
        count += isinstance(event, Episode)
        if count == stop_after:
            break
    next(events)  # and into the middle of the next episode
    events.close()
    state, tensors = first.get_state()
    second = one_robot_trainer(body(4), seed=8)
    second.set_state(json.loads(json.dumps(state)), tensors)
    list(second.run())
    assert same(weights(whole), weights(second))


def test_one_robot_tells_every_move():
    body = build()
    events = list(one_robot_trainer(body).run())
    moves = [event for event in events if isinstance(event, Move)]
    episodes = [event for event in events if isinstance(event, Episode)]
    assert len(moves) == sum(episode.moves for episode in episodes) == len(body.pulses)
    told = np.concatenate([e.steps["left"] for e in episodes])
    assert told == pytest.approx([left for left, _, _ in body.pulses])


def test_closing_a_training_stops_the_wheels():
    body = build()
    events = one_robot_trainer(body).run()
    next(events)
    stops = body.stops
    events.close()
    assert body.stops > stops


def test_an_error_while_training_stops_the_wheels():
    body = build()
    events = one_robot_trainer(body).run()
    next(events)
    body.fail = "read", OSError("unplugged")
    stops = body.stops
    with pytest.raises(RobotFailedError, match="unplugged"):
        list(events)
    assert body.stops > stops


def test_a_halt_ends_the_training_and_teaches_nothing():
    body = build()
    trainer = one_robot_trainer(body)
    before = weights(trainer)
    events = trainer.run()
    next(events)
    body.fail = "pulse", Halted("An emergency stop is latched.")
    rest = list(events)
    assert rest[-1] == Finished(trainer.moves, trainer.seconds, halted=True)
    assert any(isinstance(event, Episode) and event.ending is Ending.HALTED for event in rest)
    assert same(before, weights(trainer))


@pytest.mark.parametrize("preset", ["fleet", "quick", "original", "randomised"])
def test_every_preset_trains(preset):
    config = load(None, {"preset": preset, "seed": 1, "train": {"moves": 3000, "evaluation_episodes": 50}})
    events = list(make_trainer(config).run())
    assert isinstance(events[-1], Finished)


def fault(words: str = "The picture is frozen: reconnect the camera.") -> CameraFault:
    return CameraFault(words, kind="frozen")


@pytest.mark.parametrize("at", [2, 4, 9])
def test_a_failing_camera_pauses_the_training_and_teaches_nothing(at):
    """It fails three times, at a start or within an episode; wheels stopped, marked, not learned from."""
    body = build()
    trainer = one_robot_trainer(body)
    inside, reads, bad = body.read, [], []

    def read():
        reads.append(0)
        if at <= len(reads) < at + 3:
            bad.append(len(body.pulses))
            raise fault()
        return inside()

    body.read = read
    events, stops_at_pause = [], []
    for event in trainer.run():
        events.append(event)
        if isinstance(event, Paused):
            stops_at_pause.append(body.stops)
            assert body.stops > 0, "the wheels were stopped before a word was said"
    kinds = [type(event) for event in events]
    assert kinds.count(Paused) == kinds.count(Resumed) == 1
    assert kinds.index(Paused) < kinds.index(Resumed)
    assert "frozen" in next(event for event in events if isinstance(event, Paused)).reason
    assert len(set(bad)) == 1, "no wheel turned while it failed"
    episodes = [event for event in events if isinstance(event, Episode)]
    interrupted = [episode for episode in episodes if episode.ending is Ending.INTERRUPTED]
    assert len(interrupted) <= 1
    if interrupted:
        learned = sum(sum(event.endings.values()) for event in events if isinstance(event, Update))
        assert learned <= len(episodes) - 1
        assert all("interrupted" not in event.endings for event in events if isinstance(event, Update))


def test_an_interrupted_episode_is_kept_and_marked(tmp_path):
    body = build()
    trainer = one_robot_trainer(body)
    inside, reads = body.read, []

    def read():
        reads.append(0)
        if len(reads) == 3:
            raise fault()
        return inside()

    body.read = read
    with Store(tmp_path / "runs.db") as store:
        run = store.create_run({})
        for _ in record(trainer, store, run):
            pass
        endings = [row["ending"] for row in store.episodes(run)]
    assert endings[0] == "interrupted"
    assert "interrupted" not in endings[1:]


def test_an_interrupted_episode_is_played_again_in_an_evaluation():
    body = build()
    inside, reads, told = body.read, [], []

    def read():
        reads.append(0)
        if len(reads) in (3, 8):
            raise fault()
        return inside()

    body.read = read
    environment = SingleFleet(RobotEnvironment(Robot(body, ColorDetector())))
    policy = GaussianPolicy(2, (-2.5, -1.5), seed=1)
    result = evaluate(environment, policy.greedy, episodes=3, seed=None, report=told.append)
    assert result.episodes == 3
    assert "interrupted" not in result.endings


def test_a_picture_is_taken_after_the_robot_has_settled():
    body, slept = build(), []
    robot = Robot(body, ColorDetector(), settle_seconds=0.2, sleep=slept.append)
    robot.look()
    assert slept == [], "it has not moved"
    robot.act(0.5, 0.5, 0.1)
    robot.look()
    robot.look()
    assert slept == [0.2]
