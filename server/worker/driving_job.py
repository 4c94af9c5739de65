"""Driving a learned policy in endless episodes, as a generator; a lost target is searched for."""

from dataclasses import replace
from typing import Any

from robot_agent.build.driving import make_single
from robot_agent.envs.rollout import SEARCHES, Move, Paused, Resumed, Round, play
from robot_agent.envs.task import Ending
from robot_agent.pilot import build_policy
from robot_agent.robot.reset import TargetNotSeen
from robot_agent.robot.robot import Robot
from robot_agent.settings.config import Config
from server.protocol.from_worker import Episode, Notice, Progress
from server.worker.events import EpisodeLooks, event_message
from server.worker.knowing import Knowing
from server.worker.outbox import Outbox
from server.worker.training_job import Job


def drive(
    config: Config,
    outbox: Outbox,
    policy: dict[str, Any] | Knowing,
    robot: Robot,
    looks: EpisodeLooks,
    progress: Progress,
    *,
    first: int = 1,
) -> Job:
    """Drive a learned policy in endless episodes.

    Args:
        config: the settings to drive with.
        outbox: sends the messages.
        policy: tensors of the policy; or what is known of the robot, for a policy that uses this.
        robot: the robot that is driven.
        looks: records what the robot sees in each episode.
        progress: the progress to begin with; it names the run and the checkpoint.
        first: number of the first episode.

    Yields:
        The progress, after each event.

    Returns:
        "halted", or "lost" if the target is not found any more.
    """
    knowing = policy if isinstance(policy, Knowing) else None
    if isinstance(policy, Knowing):
        environment, act = policy.driver(config, robot)
    else:
        environment, act = make_single(config, robot), build_policy(policy, config, "the checkpoint").greedy
    number, reached, lengths = first - 1, 0, 0
    yield progress
    try:
        while True:
            looks.begin(number + 1)
            for event in play(environment, act, searches=SEARCHES):
                if isinstance(event, Move | Paused | Resumed) and (message := event_message(event, 0)):
                    outbox.send(message)
                if isinstance(event, Resumed):
                    looks.begin(number + 1)
                if isinstance(event, Round):
                    ending, moves = event.ending, len(event.rewards)
                    # An episode that was halted or interrupted says nothing about the policy.
                    number += ending not in (Ending.HALTED, Ending.INTERRUPTED)
                    reached += ending is Ending.REACHED
                    if knowing is not None and ending not in (Ending.HALTED, Ending.INTERRUPTED):
                        knowing.keep(ending is Ending.REACHED)
                    lengths += moves if ending is Ending.REACHED else 0
                    outbox.send(
                        Episode(
                            run=0,
                            number=looks.episode,
                            moves=moves,
                            ending=ending.name.lower(),
                            total_reward=round(event.total_reward, 4),
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
    except TargetNotSeen as error:
        outbox.send(Notice("error", str(error)))
        return "lost"
    finally:
        robot.stop()
