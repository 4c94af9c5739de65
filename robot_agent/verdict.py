"""Saying plainly that a training does not learn, and what most likely keeps it from learning."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from robot_agent.policy import GaussianPolicy
from robot_agent.task import Approach
from robot_agent.trainer import Evaluated, Update
from vision.sight import SLICES

NOT_LEARNING = 0.05
"""A success rate below this is none."""


def verdict(
    policy: Any, task: Approach, updates: Sequence[Update], evaluations: Sequence[Evaluated]
) -> str | None:
    """Return sentences on a training that does not learn, None for one that does.

    Args:
        policy: what is trained.
        task: what for.
        updates: so far.
        evaluations: so far; without any, the success of the last updates counts.
    """
    if not updates:
        return None
    if evaluations:
        success = evaluations[-1].result.success_rate
    else:
        success = float(np.mean([update.success_rate for update in updates[-10:]]))
    if success >= NOT_LEARNING:
        return None
    moves = updates[-1].moves
    seen = f"After {moves} moves {success:.1%} of the episodes reach the goal."
    if isinstance(policy, GaussianPolicy) and policy.output == "relu":
        dead = policy.dead_outputs(task.observe(np.array(np.triu_indices(SLICES))))
        return (
            f"{seen} The network ends in a ReLU, and {dead:.0%} of its outputs over all sights are 0: there "
            "it always answers the same, and no gradient flows back. Give the output no ReLU "
            "(network.output=linear), and scale the sights to about 1 (task.observation=centre)."
        )
    if all(update.report.gradient_norm == 0 for update in updates[-10:]):
        return (
            f"{seen} The gradient is exactly zero: every episode was rewarded alike, or the actions do not "
            "depend on the weights. Look at the reward, and that nothing is detached."
        )
    return f"{seen} Try another seed, more moves, or the default settings (robot-agent config shows them)."
