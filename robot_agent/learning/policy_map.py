"""The map of a policy: its most probable move at each possible sight."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robot_agent.envs.task import Task
from robot_agent.learning.gaussian import ActivationKind, OutputKind, mean_actions
from robot_agent.learning.mlp import MLP
from robot_agent.learning.tensors import below
from vision.sight import SLICES


def most_probable_moves(
    tensors: Mapping[str, NDArray[Any]],
    task: Task,
    *,
    activation: ActivationKind = "tanh",
    output: OutputKind = "linear",
) -> NDArray[np.float64]:
    """Return the most probable move for each of the 903 sights, with NumPy alone.

    Args:
        tensors: the policy's tensors, `mean.0.weight`, ...
        task: the policy's task, which gives its numbers their meaning.
        activation: activation of the policy's network.
        output: output activation of the policy's network.

    Returns:
        Shape (903, 6): x1, x2, curvature in [0, 1], duration as a share of the longest pulse, left and
        right wheel as shares of full speed. For a policy that decides the wheels, the curvature
        is left / (left + right), or 1/2 when neither wheel turns.
    """
    sights = np.array(np.triu_indices(SLICES))
    network = MLP(below(tensors, "mean."), hidden=activation)
    observations = task.observe(sights).astype(tensors["mean.0.weight"].dtype)
    actions = mean_actions(network(observations), output)
    pulses = task.pulses(actions.astype(np.float32))
    left, right = pulses.wheels.astype(np.float64)
    if task.action_names[0] == "curvature":
        curvature = np.clip((actions[:, 0] + 1) / 2, 0, 1)
    else:
        both = left + right
        curvature = np.where(both > 0, left / np.where(both > 0, both, 1), 0.5)
    longest = task.pulses(np.ones((1, len(task.action_names)), np.float32)).seconds[0]
    return np.column_stack([*sights, curvature, pulses.seconds / longest, left, right])
