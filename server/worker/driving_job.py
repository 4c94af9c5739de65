"""Driving a learned policy in endless episodes, as a generator; a lost target is searched for."""

from dataclasses import replace
from typing import Any

from robot_agent.build.driving import make_single
from robot_agent.envs.rollout import SEARCHES, Move, Paused, Resumed, Round, play
from robot_agent.envs.task import CUT_SHORT, Ending
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
    tally = _Tally(first, progress)
    yield progress
    try:
        while True:
            looks.begin(tally.number + 1)
            for event in play(environment, act, searches=SEARCHES):
                if isinstance(event, Move | Paused | Resumed) and (message := event_message(event, 0)):
                    outbox.send(message)
                if isinstance(event, Resumed):
                    looks.begin(tally.number + 1)
                if isinstance(event, Round):
                    ending = event.ending
                    if knowing is not None and ending not in CUT_SHORT:
                        knowing.keep(ending is Ending.REACHED)
                    tally.add(event)
                    outbox.send(_episode(event, looks))
                yield tally.progress
            if ending is Ending.HALTED:
                return "halted"
    except TargetNotSeen as error:
        outbox.send(Notice("error", str(error)))
        return "lost"
    finally:
        robot.stop()


class _Tally:
    """Counts the episodes of a drive, and how many of them reached the goal."""

    def __init__(self, first: int, progress: Progress) -> None:
        """Count from episode `first` on; `progress` names the run and the checkpoint."""
        self.number = first - 1
        """Number of the last episode that counts."""
        self.progress = progress
        self._first, self._reached, self._moves = first, 0, 0

    def add(self, played: Round) -> None:
        """Count an episode that is over."""
        self.number += played.ending not in CUT_SHORT
        if played.ending is Ending.REACHED:
            self._reached += 1
            self._moves += len(played.rewards)
        done = self.number - self._first + 1
        self.progress = replace(
            self.progress,
            episodes=self.number,
            success_rate=self._reached / done if done else None,
            moves_mean=self._moves / self._reached if self._reached else None,
        )


def _episode(played: Round, looks: EpisodeLooks) -> Episode:
    """Return the message about an episode that is over."""
    return Episode(
        run=0,
        number=looks.episode,
        moves=len(played.rewards),
        ending=played.ending.name.lower(),
        total_reward=round(played.total_reward, 4),
        path=looks.path,
        sights=looks.sights,
    )
