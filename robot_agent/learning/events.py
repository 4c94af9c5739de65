"""The events of a training, which `Trainer.run` yields; `robot_agent.envs.rollout` has further events."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.rollout import Move, Paused, Resumed, Round, Waiting
from robot_agent.envs.task import GOING, Ending, Floats
from robot_agent.learning.evaluation import Evaluation
from robot_agent.learning.learner import Rollout, UpdateReport

Steps = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode from its start to its ending."""

    number: int
    """Number in the run, from 1."""
    moves: int
    ending: Ending
    total_reward: float
    steps: Steps = field(repr=False)
    """The environment's info of each move, arrays of shape (moves,), by name. Also: `start_x1`, `start_x2`,
    shape (1,), the first sight; `observation`, shape (moves, D); `action`, shape (moves, A);
    `final_observation`, shape (1, D), after the last move; `log_prob` of each move by the policy, and
    `advantage` by the learner, both before the update."""


@dataclass(frozen=True, slots=True)
class Update:
    """One update of the policy by the learner."""

    number: int
    """Number in the run, from 1."""
    moves: int
    """Moves made so far in the run."""
    episodes: int
    """Episodes ended so far in the run."""
    seconds: float
    """CPU seconds of acting, simulating and learning so far, without evaluating and storing."""
    success_rate: float
    """Share of the episodes ended since the last update that reached the goal, exploring; 0 if none ended."""
    episode_moves: float
    """Mean length of the episodes ended since the last update; 0 if none ended."""
    endings: dict[str, int]
    """Number of these episodes by their ending."""
    report: UpdateReport


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The greedy policy was evaluated on held-out starts."""

    moves: int
    seconds: float
    result: Evaluation


@dataclass(frozen=True, slots=True)
class Finished:
    """The training has made all its moves, or was halted."""

    moves: int
    seconds: float
    halted: bool = False


Event = Move | Episode | Update | Evaluated | Paused | Waiting | Resumed | Finished


def steps_of(robot: int, played: Round, rollout: Rollout, log_probs: Floats, advantages: Floats) -> Steps:
    """Return the steps of one robot in a round, see `Episode.steps`.

    Args:
        robot: number of the robot in the fleet.
        played: the round.
        rollout: the round as arrays.
        log_probs: log-probabilities of the moves of the first robots, shape (T, robots).
        advantages: advantages of the same moves.
    """
    length = int(rollout.alive[:, robot].sum())
    steps: Steps = {
        name: np.array([info[name][robot] for info in played.infos[:length]])
        for name, values in played.infos[0].items()
        if not name.startswith("_") and isinstance(values, np.ndarray)
    }
    if played.began[robot]:
        first = {name: played.start[name] for name in ("x1", "x2") if name in played.start}
        steps |= {f"start_{name}": values[robot : robot + 1] for name, values in first.items()}
    made = {"observation": rollout.observations, "action": rollout.actions, "reward": rollout.rewards}
    steps |= {name: values[:length, robot] for name, values in made.items()}
    if played.endings[robot] != GOING:
        steps["final_observation"] = rollout.final_observations[robot : robot + 1]
    return steps | {"log_prob": log_probs[:length, robot], "advantage": advantages[:length, robot]}


def update_event(
    number: int,
    moves: int,
    episodes: int,
    seconds: float,
    endings: list[int],
    ended_moves: int,
    report: UpdateReport,
) -> Update:
    """Return the event of an update.

    Args:
        number: number of the update.
        moves: number of moves made so far in the run.
        episodes: number of episodes ended so far in the run.
        seconds: CPU seconds of the training so far.
        endings: endings of the episodes since the last update, values of `Ending`.
        ended_moves: number of moves of these episodes.
        report: the learner's report.
    """
    counts = np.bincount(np.array(endings, np.intp), minlength=len(Ending)).tolist()
    return Update(
        number=number,
        moves=moves,
        episodes=episodes,
        seconds=seconds,
        success_rate=counts[Ending.REACHED] / max(len(endings), 1),
        episode_moves=ended_moves / max(len(endings), 1),
        endings={ending.name.lower(): counts[ending] for ending in Ending if counts[ending]},
        report=report,
    )
