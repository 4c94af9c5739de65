"""Digits with two hidden sigmoid layers, momentum, a bias input of -1, and a softmax with squared error."""

import numpy as np

from robot_agent.experiments.digits import accuracy, load
from robot_agent.experiments.outcome import Form, Gradient, Loss, Outcome, descend, scores
from robot_agent.health.network import findings
from robot_agent.health.watch import Watch
from robot_agent.learning.losses import cross_entropy, squared_error
from robot_agent.learning.mlp import MLP, Array, Parameters, Pass
from robot_agent.learning.optimisers import SGD

QUESTION = "What is the derivative of the softmax, that my network gets more than 15 % of the digits right?"


def as_asked(network: MLP, t: Array, through: Pass) -> Parameters:
    """Return gradients with dz_i = -y_i sum_j dy_j y_j over j other than i; y_i (1 - y_i) is missing."""
    y = through.outputs[-1]
    each = squared_error(y, t)[1] * y
    dz = -y * (each.sum(axis=1, keepdims=True) - each)
    return network.backward(dz, through, of_sums=True)[0]


def jacobian(network: MLP, t: Array, through: Pass) -> Parameters:
    """Return gradients with dz_j = sum_i dy_i y_i ([i = j] - y_j): the whole Jacobian of softmax."""
    return network.backward(squared_error(through.outputs[-1], t)[1], through)[0]


def shortcut(network: MLP, t: Array, through: Pass) -> Parameters:
    """Return gradients of softmax with cross-entropy, whose derivatives together are y - t."""
    return network.backward(cross_entropy(through.sums[-1], t)[1], through, of_sums=True)[0]


def squared(through: Pass, t: Array) -> float:
    """Return the squared error of the outputs."""
    return squared_error(through.outputs[-1], t)[0]


def entropy(through: Pass, t: Array) -> float:
    """Return the cross-entropy, computed from the sums of the last layer."""
    return cross_entropy(through.sums[-1], t)[0]


def run(gradient: Gradient, loss: Loss, *, rate: float, steps: int = 2000) -> Outcome:
    """Train with a gradient, and count the held-out digits that the network then recognises."""
    digits = load()

    def with_bias(x: Array) -> Array:
        return np.hstack([x, np.full((len(x), 1), -1.0)])

    x, held_out = with_bias(digits.x), with_bias(digits.held_out_x)
    network = MLP.create([x.shape[1], 40, 30, 10], hidden="sigmoid", output="softmax", bias=False,
                         initialisation="glorot", hidden_gain=3.0, output_gain=2.0, seed=0)  # fmt: skip
    watch = Watch(activations=network.activations)
    descend(network, x, digits.t, loss, gradient, SGD(0.9), rate=rate, steps=steps, watch=watch, batch=32,
            score=lambda: accuracy(network(held_out), digits.held_out_t), score_every=50)  # fmt: skip
    right = accuracy(network(held_out), digits.held_out_t)
    return Outcome(
        f"{right:.1%} of {len(held_out)} held-out digits are right.",
        right >= 0.95,
        {"accuracy": right},
        findings(watch),
        scores(watch),
        "accuracy",
    )


FORMS: dict[str, Form] = {
    "broken: the derivative as asked": lambda: run(as_asked, squared, rate=0.003, steps=600),
    "mended: the whole Jacobian": lambda: run(jacobian, squared, rate=0.1),
    "mended: the cross-entropy shortcut": lambda: run(shortcut, entropy, rate=0.05),
}
