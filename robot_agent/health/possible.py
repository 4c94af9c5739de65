"""Finds tasks that cannot be done at all: an oracle, which knows the true positions, tries the task."""

import math
from collections.abc import Callable

import numpy as np

from robot_agent.envs.fleet import FleetEnvironment
from robot_agent.envs.task import Approach
from robot_agent.health.finding import Finding
from robot_agent.health.history import FEWEST_UPDATES, LEARNING, History
from robot_agent.identification.estimate import Estimate
from robot_agent.identification.log import Log
from robot_agent.identification.model import angle_of_slice, apparent
from robot_agent.identification.parameters import FULL_SPEED, TARGET_WIDTH
from robot_agent.learning.evaluation import evaluate
from robot_agent.learning.oracle import Oracle
from robot_agent.simulator.physics import Physics

STARTS = 200
"""Number of held-out starts from which the oracle drives."""


def oracle_success(task: Approach, physics: Physics) -> float:
    """Return the share of starts from which an oracle that knows the dynamics reaches the goal."""
    fleet = FleetEnvironment(STARTS, task=task, physics=physics)
    return evaluate(fleet, Oracle(task, physics).drive(fleet.world), episodes=STARTS).success_rate


def examine(
    history: History, task: Approach, found: list[Finding], best: Callable[[], float]
) -> Finding | None:
    """Explain a run that has ended and reaches the goal in less than half of its episodes.

    Args:
        history: the record of the run.
        task: the task to learn.
        found: the findings so far.
        best: returns `oracle_success`; takes a second or two.
    """
    if not is_low(history):
        return None
    success = best()
    if (impossible := impossible_as_set(history, task, success)) is not None:
        return impossible
    if found:
        return None
    reached = _reached(history)
    if len(history.updates) < FEWEST_UPDATES:
        count = len(history.updates)
        return Finding(
            "too-short",
            f"{reached}; the policy was updated {'once' if count == 1 else f'{count} times'}.",
            "It has only begun to learn.",
            "Go on with 'robot-agent train --resume', with more --moves; or let fewer episodes make an "
            "update (train.episodes_per_update).",
            0.9,
        )
    return Finding(
        "not-learning",
        f"{reached}; an oracle that knows the dynamics reaches it in {success:.1%}.",
        "The task can be done, and nothing here says why it is not learned.",
        "Try another seed, more moves, or the default settings (robot-agent config shows them).",
        0.5,
    )


def is_low(history: History) -> bool:
    """Return whether a run reaches the goal in less than half of its episodes."""
    return bool(history.updates) and history.success < LEARNING


def impossible_as_set(history: History, task: Approach, best: float) -> Finding | None:
    """Return the finding that a run cannot succeed, if the oracle's success rate `best` is too low."""
    if best >= LEARNING:
        return None
    return Finding(
        "task-impossible",
        f"{_reached(history)}, and an oracle that knows the dynamics reaches it in {best:.1%}.",
        "The task cannot be done as it is set, so no policy can learn it.",
        f"Allow more or longer moves (task.max_moves={task.max_moves}, task.max_seconds="
        f"{task.max_seconds:g}), a wider task.tolerance, or nearer starts (simulator.start_distance); "
        "see that simulator.full_speed is that of the robot.",
        0.995,
    )


def _reached(history: History) -> str:
    moves = history.updates[-1]["moves"]
    return f"After {moves:,} moves {history.success:.1%} of the episodes reach the goal"


def explain(success_rate: float, task: Approach, estimate: Estimate, log: Log) -> Finding | None:
    """Explain why a robot reached the goal in less than half of its episodes, from an estimate of the robot.

    Args:
        success_rate: share of the episodes that reached the goal.
        task: the robot's task.
        estimate: the estimate of the robot from its moves.
        log: the robot's moves.
    """
    if success_rate >= LEARNING or not log.episodes:
        return None
    share = 1.0 if task.action == "wheels" else 0.505  # of full speed, straight ahead
    speed = FULL_SPEED * math.exp(estimate["speed"])
    each = speed * share * max(task.max_seconds - max(estimate["dead_time"], 0.0), 0.0)
    firsts = [episode.first for episode in log.episodes if episode.first is not None]
    goal = _distance((task.goal.x1, task.goal.x2), estimate)
    far = max((_distance(first, estimate) for first in firsts), default=goal) - goal
    reached = f"{success_rate:.0%} of the episodes reach the goal"
    if each * task.max_moves < far:
        enough = math.ceil(1.5 * far / max(each, 1e-3))
        more = " or more" if "speed" in estimate.at_border() else ""
        both = "" if task.action == "wheels" else ", or both wheels at full power (task.action=wheels)"
        return Finding(
            "task-impossible",
            f"{reached}: a move brings the robot at most {100 * each:.0f} cm nearer; its farthest start is "
            f"{100 * far:.0f} cm from the goal.",
            f"In {task.max_moves} moves it cannot come there, whatever decides.",
            "See that motors.pulse() lasts as long as it is told. Else begin nearer, or allow more moves "
            f"(task.max_moves={enough}{more}){both}.",
            0.9,
        )
    return Finding(
        "not-reached",
        f"{reached}, and nothing that its moves say of the robot explains why.",
        "What it sees as the target may be something else, or it is pushed, stuck, or beyond what the robot "
        "model knows.",
        "Watch some moves with 'robot-agent drive --episodes 3', and see with 'robot-agent look' that only "
        "the target is found.",
        0.5,
    )


def _distance(ends: tuple[int, int], estimate: Estimate) -> float:
    """Return the distance of a target that fills these slices, m."""
    zoom = np.exp(np.array(estimate["lens"]))
    left, right = (float(apparent(angle_of_slice(x), zoom)) for x in (ends[0], ends[1] + 1))
    return TARGET_WIDTH / 2 / math.sin(max((right - left) / 2, 0.005))
