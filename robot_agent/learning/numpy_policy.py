"""The Gaussian policy and the value network in NumPy, every derivative by hand: `--backend numpy`.

For boards on which PyTorch does not run or does not fit. From the same seed they begin with the same
weights as those of `policy`; parameters and optimiser are called the same, so a run begun with one
backend goes on with the other.
"""

import math
from collections.abc import Sequence

import numpy as np

from robot_agent.learning.backprop import Perceptron, squared_error
from robot_agent.learning.policy import (
    ActivationKind,
    Floats,
    GaussianActor,
    InitialisationKind,
    Numbers,
    OutputKind,
    Tensors,
    Weights,
    orthogonal,
)


def torch_default(shapes: Sequence[tuple[int, int]], seed: int) -> list[tuple[Floats, Floats]]:
    """Weights and biases that PyTorch gives linear layers of these shapes after `manual_seed(seed)`.

    They differ in the last bit at most.

    All are U(+-1 / sqrt(inputs)), drawn layer by layer in single precision: the lowest 24 bits of
    each number of a Mersenne Twister begun with the lowest 32 bits of the seed.
    """
    twister = np.random.RandomState(seed % 2**32)

    def uniform(limit: float, shape: tuple[int, ...]) -> Floats:
        bits = twister.randint(0, 2**32, shape, np.uint32) % 2**24
        single = float(np.float32(limit))  # in double precision from here, for PyTorch rounds only once
        return (bits / 2**23 * single - single).astype(np.float32)

    layers = []
    for outputs, inputs in shapes:
        limit = 1 / math.sqrt(inputs)
        layers.append((uniform(limit, (outputs, inputs)), uniform(limit, (outputs,))))
    return layers


def _named(prefix: str, layers: Sequence[tuple[Floats, Floats]], dtype: type[np.floating]) -> Tensors:
    """Call weights and biases as PyTorch does in a `Sequential` with an activation between each two."""
    return {
        f"{prefix}.{2 * index}.{name}": part.astype(dtype)
        for index, layer in enumerate(layers)
        for name, part in zip(("weight", "bias"), layer, strict=True)
    }


def _adopt(network: Perceptron, numbers: Numbers, prefix: str) -> None:
    """Let a network compute with the numbers of that prefix, where they are."""
    network.parameters = {
        name.removeprefix(prefix): place for name, place in numbers.places.items() if name.startswith(prefix)
    }


class GaussianPolicy(GaussianActor):
    """pi(u | s) = N(mu(s), diag(sigma^2)), as `policy.GaussianPolicy`, with gradients by hand."""

    def __init__(
        self,
        observation_size: int,
        log_std: Sequence[float],
        *,
        hidden: Sequence[int] = (16, 16),
        activation: ActivationKind = "tanh",
        output: OutputKind = "linear",
        initialisation: InitialisationKind = "orthogonal",
        log_std_floor: float = -3.0,
        seed: int | None = None,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        """Build a policy; the arguments are those of `policy.GaussianPolicy`."""
        sizes = [observation_size, *hidden, len(log_std)]
        self.network = Perceptron(sizes, hidden=activation, output=output)
        rng = np.random.default_rng(seed)
        shapes = list(zip(sizes[1:], sizes, strict=False))
        layers = torch_default(shapes, int(rng.integers(2**62)))
        if initialisation == "orthogonal":
            weights = orthogonal(shapes, rng, output_gain=0.01)
            layers = [(weight, np.zeros(len(weight))) for weight in weights]
        parameters = {"log_std": np.array(log_std, dtype)} | _named("mean", layers, dtype)
        super().__init__(
            Numbers(parameters), activation=activation, output=output, log_std_floor=log_std_floor
        )
        _adopt(self.network, self.numbers, "mean.")

    def gradients(
        self, observations: Floats, actions: Floats, weights: Weights, entropy_bonus: float = 0.0
    ) -> Tensors:
        """The gradients, by name, of sum_i w_i log pi(u_i | s_i) + entropy_bonus * H."""
        dtype = self.log_sigma.dtype
        y, through = self.network.forward(np.asarray(observations, dtype))
        mu = 2 * y - 1 if self.output == "relu" else y
        dy, dlog_std = self.by_mean_and_std(np.asarray(actions, dtype), mu, weights, entropy_bonus)
        if self.output == "relu":  # mu = 2 y - 1
            dy *= 2
        parts, _ = self.network.backward(dy, through)
        return {f"mean.{name}": part for name, part in parts.items()} | {"log_std": dlog_std}


class ValueNetwork:
    """V(s), the expected return from s, as `policy.ValueNetwork`, with gradients by hand."""

    def __init__(
        self,
        observation_size: int,
        *,
        hidden: Sequence[int] = (32, 32),
        activation: ActivationKind = "tanh",
        seed: int | None = None,
        dtype: type[np.floating] = np.float32,
    ) -> None:
        """Build a perceptron from D numbers to one; sizes and seed as for `GaussianPolicy`."""
        sizes = [observation_size, *hidden, 1]
        self.network = Perceptron(sizes, hidden=activation)
        shapes = list(zip(sizes[1:], sizes, strict=False))
        weights = orthogonal(shapes, np.random.default_rng(seed), output_gain=1.0)
        self.numbers = Numbers(_named("network", [(w, np.zeros(len(w))) for w in weights], dtype))
        self._dtype = dtype
        _adopt(self.network, self.numbers, "network.")

    def predict(self, observations: Floats) -> Floats:
        """V(s) for observations of shape (M, D): shape (M,)."""
        return self.network(np.asarray(observations, self._dtype))[:, 0]

    def fit(self, observations: Floats, returns: Floats, *, learning_rate: float) -> float:
        """Take one Adam step down the mean squared error to the returns; answer that error."""
        y, through = self.network.forward(np.asarray(observations, self._dtype))
        error, dy = squared_error(y, np.asarray(returns, self._dtype)[:, None])
        gradients, _ = self.network.backward(dy, through)
        down = {f"network.{name}": part for name, part in gradients.items()}
        self.numbers.descend(down, learning_rate, 1.0)
        return error

    def tensors(self) -> Tensors:
        """All numbers needed to go on exactly: parameters and optimiser, by name."""
        return self.numbers.tensors()

    def load(self, tensors: Tensors) -> None:
        """Take them over; raises ValueError when they are of another network."""
        self.numbers.load(tensors)
