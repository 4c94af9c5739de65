"""The Gaussian policy in PyTorch, and the value network that can serve as its baseline.

Both are trained by autograd. Their torch tensors share the memory of NumPy arrays, through which they
act and step: for networks of this size that is five times faster than torch.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

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

ACTIVATIONS: dict[str, type[nn.Module]] = {"tanh": nn.Tanh, "relu": nn.ReLU}
FUNCTIONS = {"tanh": torch.tanh, "relu": torch.relu}


def initialise(network: nn.Sequential, rng: np.random.Generator, *, output_gain: float) -> None:
    """Give a network weights as of `orthogonal`, and zero biases."""
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    shapes = [(layer.out_features, layer.in_features) for layer in layers]
    weights = orthogonal(shapes, rng, output_gain=output_gain)
    with torch.no_grad():
        for layer, weight in zip(layers, weights, strict=True):
            layer.weight.copy_(torch.from_numpy(weight))
            layer.bias.zero_()


class Perceptron(nn.Sequential):
    """Linear layers with an activation between each two."""

    def __init__(self, sizes: Sequence[int], activation: ActivationKind) -> None:
        """Build layers of the given sizes, with PyTorch's first weights."""
        linear = [nn.Linear(*shape) for shape in zip(sizes, sizes[1:], strict=False)]
        between = ACTIVATIONS[activation]
        super().__init__(*[part for layer in linear for part in (layer, between())][:-1])
        self._linear, self._activate = linear, FUNCTIONS[activation]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Inputs (M, in) to outputs (M, out)."""
        x = x.t()  # samples as columns: a matrix of few long rows is multiplied a quarter faster
        for number, layer in enumerate(self._linear):
            x = torch.addmm(layer.bias[:, None], layer.weight, self._activate(x) if number else x)
        return x.t()


def shared(module: nn.Module) -> Numbers:
    """Take a module's parameters out as `Numbers`; the module sees them where they are from now on."""
    parameters = dict(module.named_parameters())
    numbers = Numbers({name: parameter.detach().numpy() for name, parameter in parameters.items()})
    for name, place in numbers.places.items():
        parameters[name].data = torch.from_numpy(place)
    return numbers


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
            self.mean = Perceptron([observation_size, *hidden, len(log_std)], activation)
        if initialisation == "orthogonal":
            initialise(self.mean, rng, output_gain=0.01)
        self.log_std = nn.Parameter(torch.tensor(list(log_std), dtype=torch.float64))
        self.to(dtype)
        GaussianActor.__init__(
            self, shared(self), activation=activation, output=output, log_std_floor=log_std_floor
        )
        self._means = dict(self.mean.named_parameters(prefix="mean"))

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

    def gradients(
        self, observations: Floats, actions: Floats, weights: Weights, entropy_bonus: float = 0.0
    ) -> Tensors:
        """The gradients of `surrogate`, by name.

        Of a Gaussian they are known by mu and by log sigma; autograd carries the first back through the
        network, which is quicker than going back through all of `surrogate`.
        """
        dtype = self.log_sigma.dtype
        mu = self.mu(torch.from_numpy(np.asarray(observations, dtype)))
        u, mean = np.asarray(actions, dtype), mu.detach().numpy()
        dmu, dlog_std = self.by_mean_and_std(u, mean, weights, entropy_bonus)
        # A number, not mu with its derivatives: for those PyTorch first loads sympy, 0.4 s and 35 MB.
        along = (mu * torch.from_numpy(dmu)).sum()
        parts = torch.autograd.grad(along, tuple(self._means.values()))
        return {name: part.numpy() for name, part in zip(self._means, parts, strict=True)} | {
            "log_std": dlog_std
        }


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
        self.network = Perceptron([observation_size, *hidden, 1], activation)
        initialise(self.network, np.random.default_rng(seed), output_gain=1.0)
        self.to(dtype)
        self.numbers = shared(self)
        self._trained = dict(self.named_parameters())

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
        parts = torch.autograd.grad(loss, tuple(self._trained.values()))
        gradients = {name: part.numpy() for name, part in zip(self._trained, parts, strict=True)}
        self.numbers.descend(gradients, learning_rate, 1.0)
        return float(loss.detach())

    def tensors(self) -> Tensors:
        """All numbers needed to go on exactly: parameters and optimiser, by name."""
        return self.numbers.tensors()

    def load(self, tensors: Tensors) -> None:
        """Take them over; raises ValueError when they are of another network."""
        self.numbers.load(tensors)
