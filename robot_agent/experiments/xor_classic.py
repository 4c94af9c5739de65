"""XOR with 2-3-1 sigmoids and biases; the fault: the derivative is computed from the sum, not the output."""

import numpy as np

from robot_agent.experiments.outcome import Form, Gradient, Outcome, descend, losses
from robot_agent.health.network import findings
from robot_agent.health.watch import Watch
from robot_agent.learning.losses import squared_error
from robot_agent.learning.mlp import MLP, Array, Parameters, Pass
from robot_agent.learning.optimisers import SGD

QUESTION = "Why does my 2-3-1 network of sigmoids not learn XOR?"
X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
T = np.array([[0.0], [1], [1], [0]])


def by_the_sum(network: MLP, t: Array, through: Pass) -> Parameters:
    """Backpropagate with s' = s (1 - s), with the sum in place of the output s: the fault."""
    z1, z2 = through.sums
    y1, y2 = through.outputs
    dz2 = 2 * (y2 - t) / len(t) * z2 * (1 - z2)
    dz1 = dz2 @ network.parameters["2.weight"] * z1 * (1 - z1)
    return {
        "0.weight": dz1.T @ through.inputs[0],
        "0.bias": dz1.sum(axis=0),
        "2.weight": dz2.T @ y1,
        "2.bias": dz2.sum(axis=0),
    }


def by_the_output(network: MLP, t: Array, through: Pass) -> Parameters:
    """Backpropagate with `MLP.backward`, which uses the output s in s' = s (1 - s)."""
    return network.backward(squared_error(through.outputs[-1], t)[1], through)[0]


def learn(network: MLP, gradient: Gradient, *, steps: int, rate: float) -> Outcome:
    """Train a network with a gradient on the four cases, and count the right answers."""
    watch = Watch(activations=network.activations, optimiser=SGD(0.9), rate=rate)
    descend(
        network, X, T, lambda through, t: squared_error(through.outputs[-1], t)[0], gradient, SGD(0.9),
        rate=rate, steps=steps, watch=watch,
    )  # fmt: skip
    right = int(((network(X) > 0.5) == T).sum())
    loss = watch.steps[-1].loss
    return Outcome(
        f"{right} of 4 right, with a loss of {loss:.3g}.",
        right == 4 and loss < 0.05,
        {"right": right, "loss": loss},
        findings(watch),
        losses(watch),
    )


def run(gradient: Gradient, *, steps: int = 1500, rate: float = 1.0) -> Outcome:
    """Train 2-3-1 sigmoids with biases."""
    network = MLP.create(
        [2, 3, 1], hidden="sigmoid", output="sigmoid", initialisation="glorot", hidden_gain=3.0,
        output_gain=3.0, seed=1,
    )  # fmt: skip
    return learn(network, gradient, steps=steps, rate=rate)


FORMS: dict[str, Form] = {
    "broken: the derivative of the sum": lambda: run(by_the_sum, steps=50, rate=0.005),
    "mended: the derivative of the output": lambda: run(by_the_output),
}
