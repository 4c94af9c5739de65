"""Driving a learned policy in endless episodes, as a generator; a lost target is searched for."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from robot_agent.build import make_physics, make_task
from robot_agent.envs.environment import RobotEnvironment
from robot_agent.envs.task import Ending
from robot_agent.learning.trainer import Move
from robot_agent.pilot import build_policy
from robot_agent.robot.reset import TargetNotSeen
from robot_agent.robot.robot import Robot
from robot_agent.settings.config import Config
from server.protocol import Episode, Notice, Progress
from server.worker.events import EpisodeLooks, event_message
from server.worker.outbox import Outbox
from server.worker.training_job import Job
from vision.cameras.camera import CameraFault

SEARCHES = 3
"""Maximum number of searches for a lost target per episode."""


def drive(
    config: Config,
    outbox: Outbox,
    tensors: dict[str, Any],
    robot: Robot,
    looks: EpisodeLooks,
    progress: Progress,
    *,
    first: int = 1,
) -> Job:
    """Drive a learned policy in endless episodes.

    Args:
        config: the settings to drive with.
        outbox: gets the messages.
        tensors: of the policy.
        robot: drives.
        looks: what the robot has looked at.
        progress: names run and checkpoint.
        first: number of the first episode.
    """
    policy = build_policy(tensors, config, "the checkpoint")
    environment = RobotEnvironment(robot, task=make_task(config), physics=make_physics(config.simulator))
    number, reached, lengths = first - 1, 0, 0
    yield progress
    try:
        while True:
            number += 1
            looks.begin(number)
            try:
                observation, _ = environment.reset()
            except CameraFault as fault:
                outbox.send(Notice("warning", str(fault)))
                yield from _recover(environment, outbox, progress)
                continue
            ending, moves, searches, total = Ending.GOING, 0, 0, 0.0
            while ending is Ending.GOING:
                observation, reward, _, _, info = environment.step(policy.greedy(observation[None])[0])
                moves, ending, total = moves + 1, Ending(info["ending"]), total + reward
                if (message := event_message(Move(moves, info), 0)) is not None:
                    outbox.send(message)
                yield progress
                if ending is Ending.LOST and searches < SEARCHES:
                    searches += 1
                    found = environment.search()
                    if found is not None:
                        observation, ending = found, Ending.GOING
            if ending in (Ending.HALTED, Ending.INTERRUPTED):
                number -= 1  # such an episode does not count for the policy
            reached += ending is Ending.REACHED
            lengths += moves if ending is Ending.REACHED else 0
            outbox.send(
                Episode(
                    run=0,
                    number=looks.episode,
                    moves=moves,
                    ending=ending.name.lower(),
                    total_reward=round(total, 4),
                    path=looks.path,
                    sights=looks.sights,
                )
            )
            done = number - first + 1
            progress = replace(
                progress,
                episodes=number,
                success_rate=reached / done if done else None,
                moves_mean=lengths / reached if reached else None,
            )
            yield progress
            if ending is Ending.HALTED:
                return "halted"
            if ending is Ending.INTERRUPTED:
                yield from _recover(environment, outbox, progress)
    except TargetNotSeen as error:
        outbox.send(Notice("error", str(error)))
        return "lost"
    finally:
        robot.stop()


def _recover(
    environment: RobotEnvironment, outbox: Outbox, progress: Progress
) -> Generator[Progress, None, None]:
    for fault in environment.heal():
        outbox.send_newest(Notice("warning", fault))
        yield progress
