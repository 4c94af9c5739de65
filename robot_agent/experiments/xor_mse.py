"""XOR with 2-5-1 sigmoids without biases; the fault: the sum of the error replaces its derivative."""

from robot_agent.experiments.outcome import Form, Gradient, Outcome
from robot_agent.experiments.xor_classic import by_the_output, learn
from robot_agent.learning.losses import squared_error
from robot_agent.learning.mlp import MLP, Array, Parameters, Pass, sigmoid_backward

QUESTION = "How do I use the mean squared error in backpropagation for XOR?"


def by_the_error(network: MLP, t: Array, through: Pass) -> Parameters:
    """Backpropagate the error itself, one number for all samples, instead of its derivative: the fault."""
    y1, y2 = through.outputs
    error = squared_error(y2, t)[0]
    dz2 = sigmoid_backward(error + 0 * y2, through.sums[1], y2)
    dz1 = sigmoid_backward(dz2 @ network.parameters["2.weight"], through.sums[0], y1)
    return {"0.weight": dz1.T @ through.inputs[0], "2.weight": dz2.T @ y1}


def run(gradient: Gradient, *, steps: int = 2000) -> Outcome:
    """Train 2-5-1 sigmoids without biases."""
    network = MLP.create(
        [2, 5, 1], hidden="sigmoid", output="sigmoid", initialisation="glorot", hidden_gain=3.0,
        output_gain=3.0, bias=False, seed=1,
    )  # fmt: skip
    return learn(network, gradient, steps=steps, rate=1.0)


FORMS: dict[str, Form] = {
    "broken: the error's sum": lambda: run(by_the_error, steps=300),
    "mended: the error's derivative": lambda: run(by_the_output),
}
