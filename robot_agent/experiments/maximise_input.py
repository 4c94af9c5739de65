"""The input with the largest output of a trained network; right is [0, 1], the only input it maps to 1."""

import numpy as np

from robot_agent.experiments.outcome import Form, Outcome, losses
from robot_agent.health.network import findings
from robot_agent.health.watch import Watch
from robot_agent.learning.losses import squared_error
from robot_agent.learning.mlp import MLP, Array
from robot_agent.learning.optimisers import Adam

QUESTION = "The weights are fixed: how do I find the input that maximises the output?"
X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
T = np.array([[0.0], [1], [0], [0]])
RATE = 0.05


def trained() -> MLP:
    """Return a network f with f([0, 1]) about 1, and about 0 at the three other corners."""
    network, optimiser = MLP.create([2, 8, 1], seed=0), Adam()
    for _ in range(500):
        y, through = network.forward(X)
        optimiser.step(network.parameters, network.backward(squared_error(y, T)[1], through)[0], 0.01)
    return network


def climb(network: MLP, *, bounded: bool, steps: int = 100) -> tuple[Array, Watch]:
    """Climb along dy/dx from the middle; `bounded` clips the input to [0, 1] after each step."""
    inputs = {"x": np.array([[0.5, 0.5]])}
    watch = Watch(bounds=(0.0, 1.0))
    for _ in range(steps):
        y, through = network.forward(inputs["x"])
        _, dx = network.backward(np.ones((1, 1)), through)
        watch(
            loss=-y.item(),
            parameters=inputs,
            gradients={"x": -dx},
            inputs=inputs["x"],
            loss_of=lambda: -network(inputs["x"]).item(),
        )
        inputs["x"] += RATE * dx
        if bounded:
            np.clip(inputs["x"], 0, 1, out=inputs["x"])
    return inputs["x"][0], watch


def run(*, bounded: bool) -> Outcome:
    """Train the network, and search for the input."""
    network = trained()
    (first, second), watch = climb(network, bounded=bounded)
    y = network(np.array([[first, second]])).item()
    return Outcome(
        f"[{first:.2f}, {second:.2f}] has the largest output, {y:.2f}; [0, 1] has {network(X)[1, 0]:.2f}.",
        bool(np.abs([first, second - 1]).max() < 0.01),
        {"first": float(first), "second": float(second), "output": y},
        findings(watch),
        [-loss for loss in losses(watch)],
        "output",
    )


FORMS: dict[str, Form] = {
    "broken: unbounded ascent": lambda: run(bounded=False),
    "mended: put back into bounds": lambda: run(bounded=True),
}
