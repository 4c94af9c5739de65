"""The Gaussian policy in PyTorch, and the value network that can serve as its baseline.

Both are trained by autograd. Their torch tensors share the memory of NumPy arrays, through which they
act and step: for networks of this size that is five times faster than torch.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from robot_agent.backend import (
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

ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "relu": nn.ReLU}


def initialise(network: nn.Sequential, rng: np.random.Generator, *, output_gain: float) -> None:
    """Give a network weights as of `orthogonal`, and zero biases."""
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    shapes = [(layer.out_features, layer.in_features) for layer in layers]
    weights = orthogonal(shapes, rng, output_gain=output_gain)
    with torch.no_grad():
        for layer, weight in zip(layers, weights, strict=True):
            layer.weight.copy_(torch.from_numpy(weight))
            layer.bias.zero_()


def perceptron(sizes: Sequence[int], activation: ActivationKind) -> nn.Sequential:
    """Build linear layers of the given sizes with an activation between each two."""
    layers: list[nn.Module] = []
    for inputs, outputs in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(inputs, outputs), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1])


def shared(module: nn.Module) -> Numbers:
    """Take a module's parameters out as `Numbers`; the module sees them where they are from now on."""
    parameters = dict(module.named_parameters())
    numbers = Numbers({name: parameter.detach().numpy() for name, parameter in parameters.items()})
    for name, place in numbers.places.items():
        parameters[name].data = torch.from_numpy(place)
    return numbers


def descend(
    module: nn.Module, numbers: Numbers, loss: torch.Tensor, learning_rate: float, max_norm: float
) -> float:
    """Take one step down a loss; return the gradient's norm before clipping."""
    names, parameters = zip(*module.named_parameters(), strict=True)
    gradients = torch.autograd.grad(loss, parameters)
    return numbers.descend(
        {name: part.numpy() for name, part in zip(names, gradients, strict=True)}, learning_rate, max_norm
    )


class GaussianPolicy(GaussianActor, nn.Module):
    """pi(u | s) = N(mu(s), diag(sigma^2)): mu a perceptron, sigma learned and the same everywhere.

    The actions u are unbounded; the task clips them (see `Approach`).
    """

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
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Build a policy.

        Args:
            observation_size: D, numbers in an observation.
            log_std: log sigma at the start, one per action; their count is A.
            hidden: sizes of the hidden layers.
            activation: of the hidden layers.
            output: `linear`; or `relu`: mu = 2 relu(z) - 1, as the original network had it, whose
                ReLU stood on the action itself.
            initialisation: `orthogonal` (0.01 on the last layer, so it starts by driving straight),
                or PyTorch's `default`.
            log_std_floor: log sigma never falls below this.
            seed: of the initial weights.
            dtype: of all tensors.
        """
        nn.Module.__init__(self)
        rng = np.random.default_rng(seed)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**62)))
            self.mean = perceptron([observation_size, *hidden, len(log_std)], activation)
        if initialisation == "orthogonal":
            initialise(self.mean, rng, output_gain=0.01)
        self.log_std = nn.Parameter(torch.tensor(list(log_std), dtype=torch.float64))
        self.to(dtype)
        GaussianActor.__init__(
            self, shared(self), activation=activation, output=output, log_std_floor=log_std_floor
        )

    def mu(self, observations: torch.Tensor) -> torch.Tensor:
        """mu(s) with gradients, for observations of shape (M, D): shape (M, A)."""
        mean: torch.Tensor = self.mean(observations)
        return 2 * torch.relu(mean) - 1 if self.output == "relu" else mean

    def _log_prob(self, observations: Floats, actions: Floats) -> torch.Tensor:
        """log N(u; mu, sigma^2) = -1/2 ((u - mu) / sigma)^2 - log sigma - 1/2 log(2 pi), summed over u."""
        dtype = self.log_std.dtype
        s, u = (torch.as_tensor(value, dtype=dtype) for value in (observations, actions))
        z = (u - self.mu(s)) / torch.exp(self.log_std)
        log_normaliser = self.log_std.sum() + 0.5 * math.log(2 * math.pi) * u.shape[-1]
        return -0.5 * (z * z).sum(-1) - log_normaliser

    def surrogate(
        self, observations: Floats, actions: Floats, weights: Weights, entropy_bonus: float = 0.0
    ) -> torch.Tensor:
        """sum_i w_i log pi(u_i | s_i) + entropy_bonus * H, whose gradient REINFORCE climbs."""
        log_prob = self._log_prob(observations, actions)
        w = weights(log_prob.detach().numpy()) if callable(weights) else weights
        value = torch.as_tensor(w, dtype=self.log_std.dtype) @ log_prob
        # The rest of H is constant.
        return value + entropy_bonus * self.log_std.sum() if entropy_bonus else value

    def ascend(
        self,
        observations: Floats,
        actions: Floats,
        weights: Weights,
        *,
        learning_rate: float,
        entropy_bonus: float = 0.0,
        max_gradient_norm: float = math.inf,
    ) -> float:
        """Take one Adam step up the surrogate; return the gradient's norm before clipping.

        A step whose gradient is not finite is not taken.
        """
        loss = -self.surrogate(observations, actions, weights, entropy_bonus)
        norm = descend(self, self.numbers, loss, learning_rate, max_gradient_norm)
        self.hold_floor()
        return norm


class ValueNetwork(nn.Module):
    """V(s), the expected return from s: the baseline that needs the fewest episodes."""

    def __init__(
        self,
        observation_size: int,
        *,
        hidden: Sequence[int] = (32, 32),
        activation: ActivationKind = "tanh",
        seed: int | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """Build a perceptron from D numbers to one; sizes and seed as for `GaussianPolicy`."""
        super().__init__()
        self.network = perceptron([observation_size, *hidden, 1], activation)
        initialise(self.network, np.random.default_rng(seed), output_gain=1.0)
        self.to(dtype)
        self.numbers = shared(self)

    def _values(self, observations: Floats) -> torch.Tensor:
        dtype = next(self.parameters()).dtype
        values: torch.Tensor = self.network(torch.as_tensor(observations, dtype=dtype)).squeeze(-1)
        return values

    @torch.no_grad()
    def predict(self, observations: Floats) -> Floats:
        """V(s) for observations of shape (M, D): shape (M,)."""
        return self._values(observations).numpy()

    def fit(self, observations: Floats, returns: Floats, *, learning_rate: float) -> float:
        """Take one Adam step down the mean squared error to the returns; answer that error."""
        targets = torch.as_tensor(returns, dtype=next(self.parameters()).dtype)
        loss = nn.functional.mse_loss(self._values(observations), targets)
        descend(self, self.numbers, loss, learning_rate, 1.0)
        return float(loss.detach())

    def tensors(self) -> Tensors:
        """All numbers needed to go on exactly: parameters and optimiser, by name."""
        return self.numbers.tensors()

    def load(self, tensors: Tensors) -> None:
        """Take them over; raises ValueError when they are of another network."""
        self.numbers.load(tensors)
