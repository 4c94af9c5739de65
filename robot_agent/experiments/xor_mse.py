"""XOR with 2-5-1 sigmoids without biases, where the error's sum stands for its derivative."""

from robot_agent.backprop import SGD, Array, Parameters, Pass, Perceptron, sigmoid_backward, squared_error
from robot_agent.experiments.outcome import Form, Gradient, Outcome, descend, losses
from robot_agent.experiments.xor_classic import T, X, by_the_output
from robot_agent.health.network import findings
from robot_agent.health.watch import Watch

QUESTION = "How do I use the mean squared error in backpropagation for XOR?"


def by_the_error(network: Perceptron, t: Array, through: Pass) -> Parameters:
    """Backpropagate the error itself, one number for all samples, where its derivative belongs."""
    y1, y2 = through.outputs
    error = squared_error(y2, t)[0]
    dz2 = sigmoid_backward(error + 0 * y2, through.sums[1], y2)
    dz1 = sigmoid_backward(dz2 @ network.parameters["2.weight"], through.sums[0], y1)
    return {"0.weight": dz1.T @ through.inputs[0], "2.weight": dz2.T @ y1}


def run(gradient: Gradient, *, steps: int = 2000) -> Outcome:
    """Train with a gradient and count the right answers."""
    network = Perceptron(
        [2, 5, 1], hidden="sigmoid", output="sigmoid", initialisation="glorot", hidden_gain=3.0,
        output_gain=3.0, bias=False, seed=1,
    )  # fmt: skip
    watch = Watch(activations=network.activations, optimiser=SGD(0.9), rate=1.0)
    descend(
        network, X, T, lambda through, t: squared_error(through.outputs[-1], t)[0], gradient, SGD(0.9),
        rate=1.0, steps=steps, watch=watch,
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


FORMS: dict[str, Form] = {
    "broken: the error's sum": lambda: run(by_the_error, steps=300),
    "mended: the error's derivative": lambda: run(by_the_output),
}
