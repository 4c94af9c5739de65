"""Backpropagation by hand in NumPy, in one import: networks, losses, optimisers, and checks of your own code.

    from robot_agent.backprop import check_gradient

    for finding in check_gradient(lambda: loss(params), params, gradients(params)):
        print(finding.seen, finding.cure)

`check_gradient` compares gradients with differences of the loss. A `Watch` records each step of a training,
and `findings` says what is wrong with that training. Both work with any network: a dictionary of arrays is
enough.
"""

from typing import Any

from robot_agent.health.finding import Finding
from robot_agent.health.gradients import check, check_gradient
from robot_agent.health.network import findings
from robot_agent.health.watch import Watch
from robot_agent.learning.losses import binary_cross_entropy, cross_entropy, squared_error
from robot_agent.learning.mlp import ACTIVATIONS, MLP, Activation, first_parameters, relu, sigmoid, softmax
from robot_agent.learning.optimisers import SGD, Adam, clip_gradients

__all__ = [
    "ACTIVATIONS",
    "MLP",
    "SGD",
    "Activation",
    "Adam",
    "Finding",
    "Perceptron",
    "Watch",
    "binary_cross_entropy",
    "check",
    "check_gradient",
    "clip_gradients",
    "cross_entropy",
    "findings",
    "first_parameters",
    "relu",
    "sigmoid",
    "softmax",
    "squared_error",
]


def Perceptron(sizes: list[int], **options: Any) -> MLP:  # noqa: N802 - it was a class; scripts still call it
    """Build an `MLP` with fresh weights; the same as `MLP.create`."""
    return MLP.create(sizes, **options)
