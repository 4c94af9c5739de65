"""Digits with pixels-200-10; the fault: backward uses class variables, which hold another batch."""

import numpy as np

from robot_agent.experiments.digits import accuracy, load
from robot_agent.experiments.digits_softmax import entropy, shortcut
from robot_agent.experiments.outcome import Form, Outcome, descend, scores
from robot_agent.health.network import findings
from robot_agent.health.watch import Watch
from robot_agent.learning.losses import cross_entropy
from robot_agent.learning.mlp import MLP, Array, Parameters, Pass
from robot_agent.learning.optimisers import SGD

QUESTION = "Why does the accuracy of my network not move at all?"


class Static:
    """The network of the question: weights and stored forward pass are variables of the class."""

    weights: Parameters = {}  # noqa: RUF012
    last: Pass | None = None

    def gradient(self, network: MLP, t: Array, through: Pass) -> Parameters:
        """Backpropagate through the forward pass stored in the class, which is that of the batch before."""
        kept, Static.last = Static.last or through, through
        gradients = network.backward(cross_entropy(kept.sums[-1], t)[1], kept, of_sums=True)[0]
        return gradients

    def step(self, parameters: Parameters, gradients: Parameters, learning_rate: float) -> None:
        """Change the weights of the class; the network in use has other weights."""
        if not Static.weights:
            Static.weights = {name: np.array(p) for name, p in parameters.items()}
        for name, g in gradients.items():
            Static.weights[name] -= learning_rate * g


def run(*, static: bool, steps: int) -> Outcome:
    """Train, and count the held-out digits that the network then recognises."""
    digits = load()
    network = MLP.create([digits.x.shape[1], 200, 10], hidden="sigmoid", output="softmax",
                         initialisation="glorot", seed=0)  # fmt: skip
    watch, asked = Watch(activations=network.activations), Static()
    Static.weights, Static.last = {}, None

    def score() -> float:
        return accuracy(network(digits.held_out_x), digits.held_out_t)

    descend(network, digits.x, digits.t, entropy, asked.gradient if static else shortcut,
            asked if static else SGD(0.9), rate=0.1, steps=steps, watch=watch, batch=32, score=score,
            score_every=20)  # fmt: skip
    right, curve = score(), scores(watch)
    return Outcome(
        f"{curve[0]:.1%} of {len(digits.held_out_x)} held-out digits are right before, {right:.1%} after.",
        right >= 0.95,
        {"accuracy": right, "accuracy_before": curve[0]},
        findings(watch),
        curve,
        "accuracy",
    )


FORMS: dict[str, Form] = {
    "broken: variables of the class": lambda: run(static=True, steps=200),
    "mended": lambda: run(static=False, steps=800),
}
