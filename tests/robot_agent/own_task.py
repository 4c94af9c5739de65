"""A task of one's own, in a module outside of the package: run with --task own_task:Smooth.

Its reward has a term of its own beside those of `Approach`, and its episodes end sooner.
"""

import numpy as np

from robot_agent.envs.task import GOING, LOST, REACHED, TIMEOUT, Approach, Pulses
from vision.sight import Sight


class Smooth(Approach):
    """As `Approach`, but where the target jumps far over the picture in a move, that costs."""

    def judge(self, before, after, seen, moves):
        """Add a term to the reward."""
        terms, endings = super().judge(before, after, seen, moves)
        jump = np.abs(after.sum(axis=0) - before.sum(axis=0)) / 82
        return terms | {"smooth": (-0.1 * jump * seen).astype(np.float32)}, endings


class Centre:
    """Nothing of `Approach`: turn until the target is in the middle, by one number that is seen."""

    action_names = ("turn", "duration")
    observation_size = 1

    def __init__(self, goal: Sight, max_moves: int) -> None:
        self.goal, self.max_moves = goal, max_moves

    def observe(self, sights):
        """The centre of the target, in [-1, 1]."""
        return ((sights.sum(axis=0) - 41) / 41).astype(np.float32)[:, None]

    def pulses(self, actions):
        """Turn on the spot."""
        turn = np.clip(actions[:, 0], -1, 1)
        seconds = 0.05 + 0.1 * np.clip(actions[:, 1] + 1, 0, 2) / 2
        return Pulses(np.stack([turn, -turn]), seconds)

    def judge(self, before, after, seen, moves):
        """Reward that the target comes to the middle."""
        off = np.abs(after.sum(axis=0) - 41)
        endings = np.where(moves >= self.max_moves, TIMEOUT, GOING)
        endings = np.where(off <= 2, REACHED, endings)
        came = (np.abs(before.sum(axis=0) - 41) - off) / 41 * seen
        return {"came_nearer": came, "is_there": 1.0 * (off <= 2) * seen}, np.where(seen, endings, LOST)


def endless():
    """Make a task whose episodes never end."""
    task = Approach()
    judge = task.judge
    task.judge = lambda before, after, seen, moves: judge(before, after, seen, np.zeros_like(moves))
    return task


def misshapen():
    """Make a task that rewards all robots with one number."""
    task = Approach()
    judge = task.judge
    task.judge = lambda *of: ({"progress": np.float32(1)}, judge(*of)[1])
    return task


def broken():
    """Make a task with a mistake in its code."""
    task = Approach()
    task.observe = lambda sights: sights.no_such_thing
    return task


def too_long():
    """Make a task whose pulses are longer than any may be."""
    return Approach(max_seconds=9.0)


def incomplete():
    """Make something that is no task."""
    return object()
