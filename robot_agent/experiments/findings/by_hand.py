"""Experiments with gradients written by hand in NumPy: a small network on XOR, and learned inputs."""

import numpy as np
from numpy.typing import NDArray

from robot_agent.experiments.findings.curves import Experiment, both

Array = NDArray[np.float64]
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
T = np.array([[0.0], [1.0], [1.0], [0.0]])


def _sigmoid(z: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.clip(z, -60, 60))))


def _xor(
    *,
    steps: int = 400,
    rate: float = 2.0,
    momentum: float = 0.0,
    of_the_sum: bool = False,
    times: float = 1.0,
    forgets: bool = False,
    bent: bool = True,
    units: int = 4,
    seed: int = 3,
    copies: int = 1,
) -> list[float]:
    """Learn XOR with one hidden layer; return the loss.

    Args:
        steps: number of steps.
        rate: the learning rate.
        momentum: the momentum of the steps.
        of_the_sum: whether the derivative of tanh wrongly gets the sum instead of the output.
        times: factor of the hidden layer's gradient.
        forgets: whether the momentum is wrongly reset in each step.
        bent: whether the hidden layer has an activation function.
        units: number of hidden units.
        seed: seed of the weights.
        copies: number of times that each sample is in the batch.
    """
    rng = np.random.default_rng(seed)
    w = [rng.normal(0, 1, (2, units)), np.zeros(units), rng.normal(0, 1, (units, 1)), np.zeros(1)]
    memory, curve = [np.zeros_like(each) for each in w], []
    x, t = np.tile(X, (copies, 1)), np.tile(T, (copies, 1))
    with np.errstate(all="ignore"):
        for _ in range(steps):
            if not all(np.isfinite(each).all() for each in w):
                break
            s = x @ w[0] + w[1]
            h = np.tanh(s) if bent else s
            y = _sigmoid(h @ w[2] + w[3])
            curve.append(float(((y - t) ** 2).mean()))
            back = 2 * (y - t) * y * (1 - y) / len(x)
            inner = back @ w[2].T * ((1 - (s if of_the_sum else h) ** 2) if bent else 1.0)
            gradients = [times * (x.T @ inner), times * inner.sum(0), h.T @ back, back.sum(0)]
            for index, gradient in enumerate(gradients):
                memory[index] = (0.0 if forgets else momentum) * memory[index] + gradient
                w[index] = w[index] - rate * memory[index]
    return curve


def _climb(fault: bool) -> list[float]:
    """Search for the best input of a model that was fitted in [-1, 1]; return the true value of each step."""
    known = np.linspace(-1, 1, 41)
    model = np.polyfit(known, 1 - np.abs(known - 1), 1)
    x, curve = 0.0, []
    for _ in range(40):
        curve.append(float(1 - abs(x - 1)))
        x += 0.06 * float(model[0])
        x = x if fault else min(max(x, -1.0), 1.0)
    return curve


EXPERIMENTS: dict[str, Experiment] = {
    "wrong-derivative": both(lambda fault: _xor(of_the_sum=fault, rate=0.4, steps=800)),
    "not-divided": both(lambda fault: _xor(copies=50, times=200.0 if fault else 1.0)),
    "layer-scaled": both(lambda fault: _xor(times=0.002 if fault else 1.0)),
    "wrong-step": both(lambda fault: _xor(rate=0.2, momentum=0.9, forgets=fault)),
    "linear": both(lambda fault: _xor(bent=not fault)),
    "not-learning": both(lambda fault: _xor(units=2, seed=1 if fault else 0)),
    "outside-bounds": both(_climb, "true value"),
}
